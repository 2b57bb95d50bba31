"""A letter (brev) as frozen facts: everything that will stand on the paper, and nothing that is worked out later.

The facts are what is stored. Rendering them again with the same template, font and Typst versions gives the same bytes.
What each kind must contain by law stands in `duties.csv`; words and looks stand in `templates/`.
"""

import re
import types
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from saas.rules.facts import Step
from saas.rules.money import Ore
from saas.rules.regime import Regime

COLOUR = re.compile("#[0-9A-Fa-f]{6}")


class LetterKind(StrEnum):
    """What a letter is. The first three are steps of the ladder and bear the same names."""

    REMINDER = "reminder"  # purring
    COLLECTION_NOTICE = "collection_notice"  # inkassovarsel
    PAYMENT_DEMAND = "payment_demand"  # betalingsoppfordring
    NOTICE_OF_LEGAL_ACTION = "notice_of_legal_action"  # varsel om rettslig inndriving
    DISCONNECTION_NOTICE = "disconnection_notice"  # varsel om stenging
    DEFERRAL_OR_PLAN_CONFIRMATION = "deferral_or_plan_confirmation"  # bekreftelse på mer tid eller avdrag
    DEFERRAL_GRANTED = "deferral_granted"  # mer tid er gitt
    DEFERRAL_REFUSED = "deferral_refused"  # mer tid er ikke gitt
    OBJECTION_RECEIVED = "objection_received"  # vi har fått innsigelsen
    OBJECTION_ANSWERED = "objection_answered"  # svar på innsigelsen
    PAYMENT_RECEIVED = "payment_received"  # vi har fått betalingen, og noe gjenstår
    WRONG_AMOUNT = "wrong_amount"  # det kom et annet beløp enn vi ba om
    OVERPAYMENT = "overpayment"  # for mye betalt, pengene kommer tilbake
    CLOSING_CONFIRMATION = "closing_confirmation"  # saken er avsluttet
    LOGIN_CODE = "login_code"  # ny kode til å logge inn med
    CONTACT_LETTER = "contact_letter"  # vi vil gjerne snakke med deg


class SumKind(StrEnum):
    """What a line of the sum is, so that principal and additions are told apart (INKL § 10 second para. c)."""

    PRINCIPAL = "principal"  # hovedkrav
    INTEREST = "interest"  # forsinkelsesrente
    NOTICE_FEE = "notice_fee"  # purregebyr, also for the notice and a creditor's own demand
    COLLECTION_FEE = "collection_fee"  # inkassosalær
    COMPENSATION = "compensation"  # standardkompensasjon, FRL § 3 a
    FEE_INTEREST = "fee_interest"  # interest on the collection fee
    PAYMENT = "payment"  # paid since; a negative amount


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends the letter (avsender): the tenant, as printed. Raises ValueError when the colour is none."""

    name: str
    orgnr: str  # 9 digits
    address_lines: tuple[str, ...]
    phone: str
    hours: str  # «hverdager 9–15»
    email: str
    web: str
    licence_number: str | None = None  # inkassobevilling; None for a company collecting its own claims
    brand_colour: str = "#0F5C63"

    def __post_init__(self) -> None:
        if not COLOUR.fullmatch(self.brand_colour):
            raise ValueError(f"{self.brand_colour!r} is not a colour like #0F5C63")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the letter (mottaker). Name, lines and a foreign country fill at most six lines of the window."""

    name: str
    address_lines: tuple[str, ...]
    country: str = "NO"  # ISO 3166-1 alpha-2; printed when it is not Norway


@dataclass(frozen=True, slots=True)
class SumLine:
    """One row of the sum (beløp). `detail` says date, rate and period in words."""

    label: str
    amount_ore: Ore
    detail: str
    kind: SumKind


@dataclass(frozen=True, slots=True)
class LetterClaim:
    """One invoice (faktura) behind the sum: what the claim concerns."""

    invoice_number: str
    invoiced_on: date
    due_on: date
    description: str
    principal_ore: Ore  # as invoiced


@dataclass(frozen=True, slots=True)
class NextStep:
    """What may happen if nothing is done, at the earliest when, and what it may add at most."""

    earliest_on: date
    what: Step
    extra_cost_ore: Ore  # 0 when it adds nothing


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a letter without a template of its own says, under the key `duties.csv` knows it by."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class LegalNotice:
    """What a notice of legal action (varsel om rettslig inndriving) rests on."""

    demand_sent_on: date | None  # the payment demand before it (INKL § 11)
    before_suit: bool  # a suit or forliksklage may follow, not only enforcement (TVL § 5-2)
    on_paper: bool  # or agreed otherwise, or usual between the parties


@dataclass(frozen=True, slots=True)
class Disconnection:
    """Whose supply may be cut, and by whom (forbrukerkjøpsloven § 48 a)."""

    consumer: bool
    by_grid_company: bool


@dataclass(frozen=True, slots=True)
class Instalment:
    """One new due date (forfall) of a deferral or plan, and what is to be paid then."""

    due_on: date
    amount_ore: Ore


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter of any kind. Facts that only some kinds have stand last and may be absent."""

    kind: LetterKind
    language: Literal["nb"] = "nb"
    tenant: Sender
    creditor_name: str
    recipient: Recipient
    case_number: int
    kid: str
    account: str  # 11 digits
    dated_on: date  # the expected day of sending; deadlines count from it
    deadline_on: date  # the last day that still belongs to the debtor
    lines: tuple[SumLine, ...]
    total_ore: Ore
    claims: tuple[LetterClaim, ...]
    interest_rate_percent: Decimal | None  # the rate now; None when no interest is charged
    interest_from_on: date | None  # the first day interest is counted for
    interest_per_day_ore: Ore
    login_address: str  # as a person types it, no scheme
    login_code: str
    login_code_valid_until: date
    link: str  # opaque address behind the QR code
    next_step: NextStep | None
    own_collection: bool  # the creditor collects its own claim
    board: bool  # the debtor may take the case to Finansklagenemnda (INKL § 22)
    regime: Regime = Regime.ACT_1988  # the act of the expected day of sending (law m1)
    assigned: bool = False  # the claim was another's before (overdratt)
    original_creditor_name: str | None = None  # whose, when it was
    further_costs_ore: Ore | None = None  # estimated further out-of-court costs; None when nobody knows
    sentences: tuple[Sentence, ...] = ()  # of a kind without a template
    legal_notice: LegalNotice | None = None
    disconnection: Disconnection | None = None
    instalments: tuple[Instalment, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The facts as plain JSON values; `from_json` gives an equal letter back."""
        plain = _plain(self)
        assert isinstance(plain, dict)
        return plain

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Letter":
        """The letter that `to_json` wrote. Raises TypeError or KeyError when a fact is unknown or missing."""
        letter = _typed(cls, stored)
        assert isinstance(letter, cls)
        return letter


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value.value if isinstance(value, StrEnum) else value


def _typed(kind: Any, value: Any) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        return None if value is None else _typed(get_args(kind)[0], value)
    if get_origin(kind) is tuple:
        return tuple(_typed(get_args(kind)[0], item) for item in value)
    if is_dataclass(kind):
        if set(value) != {f.name for f in fields(kind)}:
            raise TypeError(f"{kind} does not have exactly the facts {sorted(value)}")
        return kind(**{name: _typed(hint, value[name]) for name, hint in get_type_hints(kind).items()})  # type: ignore[operator]
    if kind is date:
        return date.fromisoformat(value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, Decimal | StrEnum) else value
