"""A letter (brev) as frozen facts: everything that will stand on the paper, and nothing that is worked out later.

The facts are what is stored. Rendering them again with the same template, font and Typst versions gives the same bytes.
What each kind must contain by law stands in `duties.csv`, its words in `wording/`, its looks in `templates/`.
"""

import re
import types
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from saas.documents.particulars import PARTICULARS, Particulars
from saas.rules.facts import Step
from saas.rules.money import Ore
from saas.rules.regime import Regime

COLOUR = re.compile("#[0-9A-Fa-f]{6}")
SHA256 = re.compile("[0-9a-f]{64}")
Language = Literal["nb", "nn", "en"]


class LetterKind(StrEnum):
    """What a letter is. The first three are steps of the ladder and bear the same names."""

    REMINDER = "reminder"  # purring
    COLLECTION_NOTICE = "collection_notice"  # inkassovarsel
    PAYMENT_DEMAND = "payment_demand"  # betalingsoppfordring
    NOTICE_OF_LEGAL_ACTION = "notice_of_legal_action"  # varsel om rettslig inndriving
    DISCONNECTION_NOTICE = "disconnection_notice"  # varsel om stenging
    DEFERRAL_GRANTED = "deferral_granted"  # mer tid er gitt, eller avdrag er avtalt
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
    """Who sends the letter (avsender): the tenant, as printed. Raises ValueError when colour or logo is none."""

    name: str
    orgnr: str  # 9 digits
    address_lines: tuple[str, ...]
    phone: str
    hours: str  # «hverdager 9–15»
    email: str
    web: str
    licence_number: str | None = None  # inkassobevilling; None for a company collecting its own claims
    brand_colour: str = "#0F5C63"
    logo: str | None = None  # sha-256 (hex) of its PNG, see logos.py

    def __post_init__(self) -> None:
        if not COLOUR.fullmatch(self.brand_colour):
            raise ValueError(f"{self.brand_colour!r} is not a colour like #0F5C63")
        if self.logo is not None and not SHA256.fullmatch(self.logo):
            raise ValueError(f"{self.logo!r} is not the hash of a logo")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the letter (mottaker). Name, lines and a foreign country fill at most six lines of the window."""

    name: str
    address_lines: tuple[str, ...]
    country: str = "NO"  # ISO 3166-1 alpha-2; printed when it is not Norway


@dataclass(frozen=True, slots=True)
class SumWords:
    """The words of a row of the sum in one more language."""

    language: Language
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class SumLine:
    """One row of the sum (beløp). `detail` says date, rate and period in words."""

    label: str
    amount_ore: Ore
    detail: str
    kind: SumKind
    also: tuple[SumWords, ...] = ()  # for who reads the letter in another language in the portal


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
class OwnParagraph:
    """A paragraph the tenant wrote itself (paragraphs.py), as it stood when the letter was made."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class LegalNotice:
    """What a notice of legal action (varsel om rettslig inndriving) rests on."""

    demand_sent_on: date | None  # the payment demand before it (INKL § 11)
    before_suit: bool  # a suit or forliksklage may follow, not only enforcement (TVL § 5-2)
    on_paper: bool  # or agreed otherwise, or usual between the parties
    earliest_on: date | None = None  # when anything can follow; None: the day after the deadline


@dataclass(frozen=True, slots=True)
class Disconnection:
    """Whose supply may be cut, and by whom (forbrukerkjøpsloven § 48 a)."""

    consumer: bool
    by_grid_company: bool
    earliest_on: date | None = None  # when the supply can be cut; None: the day after the deadline


@dataclass(frozen=True, slots=True)
class Instalment:
    """One new due date (forfall) of a deferral or plan, and what is to be paid then."""

    due_on: date
    amount_ore: Ore


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter of any kind. Facts that only some kinds have stand last and may be absent."""

    kind: LetterKind
    language: Language = "nb"
    tenant: Sender
    creditor_name: str
    recipient: Recipient
    case_number: int
    kid: str
    account: str  # 11 digits
    dated_on: date  # the expected day of sending; deadlines count from it
    deadline_on: date | None  # the last day that still belongs to the debtor; None in a letter without a deadline
    lines: tuple[SumLine, ...]
    total_ore: Ore  # 0 when nothing is left to pay
    claims: tuple[LetterClaim, ...]
    interest_rate_percent: Decimal | None  # the rate now; None when no interest is charged
    interest_from_on: date | None  # the first day interest is counted for
    interest_per_day_ore: Ore
    login_address: str  # as a person types it, no scheme
    login_code: str | None  # None in a letter that brings no code
    login_code_valid_until: date | None
    link: str  # opaque address behind the QR code
    next_step: NextStep | None
    own_collection: bool  # the creditor collects its own claim
    board: bool  # the debtor may take the case to Finansklagenemnda (INKL § 22)
    regime: Regime = Regime.ACT_1988  # the act of the expected day of sending (law m1)
    assigned: bool = False  # the claim was another's before (overdratt)
    original_creditor_name: str | None = None  # whose, when it was
    further_costs_ore: Ore | None = None  # estimated further out-of-court costs; None when nobody knows
    legal_notice: LegalNotice | None = None  # a payment demand with one is the notice of legal action too
    disconnection: Disconnection | None = None
    instalments: tuple[Instalment, ...] = ()
    particulars: Particulars | None = None  # of the letter's kind
    paragraphs: tuple[OwnParagraph, ...] = ()
    extra_paragraphs: tuple[str, ...] = ()  # plain text, printed before «Er du uenig?»

    def __post_init__(self) -> None:
        if self.particulars is not None and self.particulars.kind != self.kind:
            raise ValueError(f"particulars of {self.particulars.kind} in a letter that is {self.kind.value}")

    def to_json(self) -> dict[str, Any]:
        """The facts as plain JSON values; `from_json` gives an equal letter back."""
        plain = _plain(self)
        assert isinstance(plain, dict)
        return plain

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Letter":
        """The letter that `to_json` wrote, also before a fact with a default came to be.

        Raises TypeError or KeyError when a fact is unknown or missing.
        """
        told = stored.get("particulars")
        letter = _reader(cast(type, cls))({name: value for name, value in stored.items() if name != "particulars"})
        assert isinstance(letter, cls)
        return letter if told is None else replace(letter, particulars=PARTICULARS[letter.kind].from_json(told))


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


_Reader = Callable[[Any], Any]


@cache
def _reader(kind: Any) -> _Reader:
    """How a stored value of that type is read: worked out once, for a hand-over reads letters by the thousand."""
    if get_origin(kind) in (Union, types.UnionType):
        return _optional(_reader(get_args(kind)[0]))
    if get_origin(kind) is tuple:
        return _tuple_of(_reader(get_args(kind)[0]))
    if get_origin(kind) is Literal:
        return _one_of(get_args(kind))
    if is_dataclass(kind):
        return _facts(cast(type, kind))
    if kind is date:
        return date.fromisoformat
    return kind if isinstance(kind, type) and issubclass(kind, Decimal | StrEnum) else _as_it_is


def _facts(kind: type) -> _Reader:
    hints, needed = get_type_hints(kind), {f.name for f in fields(kind) if f.default is MISSING}
    readers = {f.name: _reader(hints[f.name]) for f in fields(kind)}

    def read(stored: Any) -> Any:
        if not needed <= stored.keys() <= readers.keys():
            raise TypeError(f"{kind} does not have exactly the facts {sorted(stored)}")
        return kind(**{name: readers[name](given) for name, given in stored.items()})

    return read


def _optional(reader: _Reader) -> _Reader:
    return lambda given: None if given is None else reader(given)


def _tuple_of(reader: _Reader) -> _Reader:
    return lambda given: tuple([reader(each) for each in given])


def _one_of(known: tuple[Any, ...]) -> _Reader:
    def read(given: Any) -> Any:
        if given not in known:
            raise TypeError(f"{given!r} is none of {known}")
        return given

    return read


def _as_it_is(given: Any) -> Any:
    return given
