"""What a letter that is no step of the ladder is to tell: the few facts only its kind has.

Whoever queues the letter knows them on that day and keeps them as JSON with the dispatch; the rest of the letter is
composed when it leaves (`saas.cases.compose.compose_message`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, Self, cast, get_args, get_type_hints

from saas.rules.money import Ore

Plain = bool | int | str | None
_hints = cache(get_type_hints)


class Answer(StrEnum):
    """What became of an objection (innsigelse), as the debtor is told."""

    UPHELD = "upheld"  # medhold: the claim falls away
    PARTLY = "partly"  # delvis medhold: the claim is smaller
    REJECTED = "rejected"  # ikke medhold


@dataclass(frozen=True, slots=True)
class Particulars:
    """The facts of one kind. `kind` is the LetterKind it belongs to."""

    kind: ClassVar[str]

    def to_json(self) -> dict[str, Plain]:
        """Plain JSON values; `from_json` gives an equal one back."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """What `to_json` wrote. Raises TypeError when a fact is unknown or missing, ValueError when it is no such."""
        hints = _hints(cast(type, cls))
        names = {each.name for each in fields(cls)}
        if set(stored) != names:
            raise TypeError(f"{cls.__name__} has {sorted(names)}, not {sorted(stored)}")
        return cls(**{name: _typed(hints[name], stored[name]) for name in names})


@dataclass(frozen=True, slots=True)
class DeferralGranted(Particulars):
    """More time was given (betalingsutsettelse)."""

    kind = "deferral_granted"
    asked_on: date
    until: date  # the new last day to pay
    amount_ore: Ore  # to be paid by then


@dataclass(frozen=True, slots=True)
class DeferralRefused(Particulars):
    """More time was not given."""

    kind = "deferral_refused"
    asked_on: date
    because: str  # why, since when and from whom, in the debtor's words and language
    answer_by: date | None  # a person looks at it and answers by then; None when nobody has been asked to


@dataclass(frozen=True, slots=True)
class ObjectionReceived(Particulars):
    """The debtor disagrees, and the case waits (innsigelse mottatt)."""

    kind = "objection_received"
    received_on: date
    answer_by: date


@dataclass(frozen=True, slots=True)
class ObjectionAnswered(Particulars):
    """The answer to an objection, with its reasons."""

    kind = "objection_answered"
    outcome: Answer
    reasons: str  # as the debtor may read them
    new_deadline_on: date | None  # None when nothing is left to pay


@dataclass(frozen=True, slots=True)
class PaymentReceived(Particulars):
    """A payment came in and was placed."""

    kind = "payment_received"
    amount_ore: Ore
    received_on: date  # value date
    left_ore: Ore  # still owed after it; 0 when nothing is


@dataclass(frozen=True, slots=True)
class WrongAmount(Particulars):
    """Another sum came in than the letter asked for."""

    kind = "wrong_amount"
    amount_ore: Ore
    received_on: date
    expected_ore: Ore
    left_ore: Ore


@dataclass(frozen=True, slots=True)
class Overpayment(Particulars):
    """More came in than was owed; the rest goes back."""

    kind = "overpayment"
    amount_ore: Ore
    received_on: date
    surplus_ore: Ore
    back_by_on: date


@dataclass(frozen=True, slots=True)
class ClosingConfirmation(Particulars):
    """The case is closed (saken er avsluttet). `because` is the code on the case: `Case.closed_because`."""

    kind = "closing_confirmation"
    closed_on: date
    because: str
    paid_ore: Ore  # in all


@dataclass(frozen=True, slots=True)
class LoginCode(Particulars):
    """A new code to log in with; the code itself is made when the letter is written."""

    kind = "login_code"


@dataclass(frozen=True, slots=True)
class ContactLetter(Particulars):
    """We would like to talk with the debtor (kontaktbrev)."""

    kind = "contact_letter"


@dataclass(frozen=True, slots=True)
class LegalActionNotice(Particulars):
    """A notice of legal action (varsel om rettslig inndriving); the facts of a `LegalNotice`, and its deadline."""

    kind = "notice_of_legal_action"
    demand_sent_on: date | None  # the payment demand before it (INKL § 11)
    before_suit: bool  # a suit or forliksklage may follow, not only enforcement (TVL § 5-2)
    on_paper: bool  # or agreed otherwise, or usual between the parties
    deadline_on: date


@dataclass(frozen=True, slots=True)
class DisconnectionNotice(Particulars):
    """A notice of disconnection (varsel om stenging); the facts of a `Disconnection`, and its deadline."""

    kind = "disconnection_notice"
    consumer: bool
    by_grid_company: bool
    deadline_on: date


PARTICULARS: Mapping[str, type[Particulars]] = MappingProxyType(
    {
        of.kind: of
        for of in (
            DeferralGranted,
            DeferralRefused,
            ObjectionReceived,
            ObjectionAnswered,
            PaymentReceived,
            WrongAmount,
            Overpayment,
            ClosingConfirmation,
            LoginCode,
            ContactLetter,
            LegalActionNotice,
            DisconnectionNotice,
        )
    }
)
"""By the kind of letter: `PARTICULARS[kind].from_json(stored)`."""


def _plain(value: object) -> Plain:
    if isinstance(value, date):
        return value.isoformat()
    assert value is None or isinstance(value, bool | int | str), value
    return value.value if isinstance(value, StrEnum) else value


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        if type(None) not in get_args(hint):
            raise TypeError(f"{hint} cannot be nothing")
        return None
    wanted = next((each for each in get_args(hint) if each is not type(None)), hint)
    if wanted is date:
        return date.fromisoformat(value)
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        return wanted(value)
    plain = getattr(wanted, "__supertype__", wanted)  # Ore is an int by another name
    if type(value) is not plain:
        raise TypeError(f"{value!r} is not {wanted}")
    return value
