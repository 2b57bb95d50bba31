"""A letter (brev) as frozen facts: everything that will stand on the paper, and nothing that is worked out later.

The facts are what is stored. Rendering them again with the same template, font and Typst versions gives the same bytes.
What each kind must contain by law stands in `mandatory.py`; words and looks stand in `templates/`.
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

COLOUR = re.compile("#[0-9A-Fa-f]{6}")


class SumKind(StrEnum):
    """What a line of the sum is, so that principal and additions are told apart (INKL § 10 second para. c)."""

    PRINCIPAL = "principal"  # hovedkrav
    INTEREST = "interest"  # forsinkelsesrente
    NOTICE_FEE = "notice_fee"  # purregebyr, also for the notice and a creditor's own demand
    COLLECTION_FEE = "collection_fee"  # inkassosalær
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Reminder (purring), collection notice (inkassovarsel) or payment demand (betalingsoppfordring)."""

    kind: Step
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
