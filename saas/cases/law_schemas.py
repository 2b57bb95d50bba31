"""What the law's calculators take and give: ONE schema each for the API, the command line and the page's form.

A field's name in JSON ends in its unit (`principal_ore`); a form made with `typed=True` takes kroner and Norwegian
dates for the same fields. Nothing here is about a person, and nothing is kept.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_dump, validate, validates_schema

from saas.cases import reading
from saas.cases.reading import MAX_ORE, Unreadable
from saas.kernel.errors import BadInput
from saas.rules import calculators
from saas.rules.allocation import ORDERS, Item, ItemKind
from saas.rules.kid import MAX_POSITIONS, KidMethod
from saas.rules.law import ACT_ACT, FIXED_365, Law, load_law
from saas.rules.money import Ore, kroner
from saas.rules.rates import UnknownLaw
from saas.rules.words import day_text

OLDEST_YEARS = 30  # between two days of a calculation
MAX_PARTS = 1000  # payments or items in one calculation
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class NotCalculated(BadInput):
    """A calculation that cannot be made. `code`: bad_input, or unknown_law when a figure is not known for the day."""

    def __init__(self, errors: dict[str, object], message: str, code: str = "bad_input") -> None:
        super().__init__(errors, message)
        self.code = code


# --- fields ---------------------------------------------------------------------------------------------------------


class _Whole(fields.Integer):
    """A whole number; JSON's true, "5" and 5.0 are not numbers here."""

    def __init__(self, least: int, most: int, *, metadata: dict[str, Any], **more: Any) -> None:
        described = {"description": metadata.get("help") or metadata["label"], **metadata}
        super().__init__(validate=validate.Range(least, most), metadata=described, **more)
        self.least, self.most, self.label = least, most, str(metadata["label"])
        self.error_messages["required"] = self.error_messages["null"] = f"Fyll ut {_lower_first(self.label)}."

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if _is_typed(self):
            return self.read(str(value))
        if type(value) is not int:
            raise ValidationError(f"{self.label} må være {self.unit}, uten desimaler og uten anførselstegn.")
        return value

    unit = "et helt tall"

    def read(self, text: str) -> int:
        """The number a person typed."""
        digits = text.replace(" ", "").replace("\u00a0", "")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
            raise ValidationError(f"Skriv {_lower_first(self.label)} med hele tall.")
        return int(digits)

    def _validate(self, value: int) -> None:
        if value < self.least:
            raise ValidationError(self.too_small())
        if value > self.most:
            raise ValidationError(self.too_large())

    def too_small(self) -> str:
        return f"{self.label} må være minst {self.least}."

    def too_large(self) -> str:
        return f"{self.label} kan være høyst {self.most}."


class _Amount(_Whole):
    """Whole øre in JSON, kroner in a form; at most 10 milliarder kroner."""

    unit = "hele øre"

    def __init__(self, *, least: int = 1, metadata: dict[str, Any], **more: Any) -> None:
        super().__init__(least, MAX_ORE, metadata={"inputmode": "decimal", "width": 14, **metadata}, **more)

    def read(self, text: str) -> int:
        bare = text.strip()
        if bare.startswith(("-", "−")):
            raise ValidationError(self.too_small())
        try:
            return reading.read_amount(reading.clean_text(bare))
        except Unreadable as problem:
            raise ValidationError(f"{self.label} {problem}.") from None

    def too_small(self) -> str:
        return f"{self.label} må være større enn null." if self.least else f"{self.label} kan ikke være negativt."

    def too_large(self) -> str:
        return f"{self.label} er større enn {kroner(MAX_ORE)} kr. Sjekk beløpet."


class _Day(fields.Date):
    """A date: ISO in JSON, as people write it in a form."""

    def __init__(self, *, metadata: dict[str, Any], **more: Any) -> None:
        described = {"description": metadata.get("help") or metadata["label"], "width": 12, **metadata}
        super().__init__(metadata=described, **more)
        self.label = str(metadata["label"])
        self.error_messages["required"] = self.error_messages["null"] = f"Fyll ut {_lower_first(self.label)}."

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> date:
        typed = _is_typed(self)
        if type(value) is not str or not (typed or _ISO_DAY.fullmatch(value)):
            raise ValidationError(f"{self.label} må være en dato: åååå-mm-dd.")
        try:
            return reading.read_date(reading.clean_text(value))
        except Unreadable as problem:
            raise ValidationError(f"{self.label} {problem}.") from None


class _Choice(fields.String):
    """One of a few values; `labels` words them for a form."""

    def __init__(self, words: Mapping[str, str], *, metadata: dict[str, Any], **more: Any) -> None:
        message = f"{metadata['label']} må være en av: {', '.join(words)}."
        described = {"description": metadata.get("help") or metadata["label"], **metadata}
        super().__init__(
            validate=validate.OneOf(list(words), list(words.values()), error=message), metadata=described, **more
        )
        self.error_messages["required"] = self.error_messages["null"] = f"Velg {_lower_first(metadata['label'])}."
        self.error_messages["invalid"] = message


class _Digits(fields.String):
    """A number that identifies; spaces between its groups mean nothing."""

    def __init__(self, *, metadata: dict[str, Any], **more: Any) -> None:
        described = {"description": metadata.get("help") or metadata["label"], **metadata}
        super().__init__(metadata=described, **more)
        self.label = str(metadata["label"])
        self.error_messages["invalid"] = self.error_messages["null"] = f"{self.label} må være tekst."

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **more))
        return "".join(text.split())


def _is_typed(field: fields.Field) -> bool:
    return bool(getattr(field.root, "typed", False))


def _lower_first(label: str) -> str:
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


# --- what is asked --------------------------------------------------------------------------------------------------


class _Asked(Schema):
    """A calculation's input. `typed=True` reads what a person typed in a form."""

    error_messages = {  # noqa: RUF012 - marshmallow gathers it from every class above
        "unknown": "Feltet kjenner vi ikke. Ta det bort eller rett navnet.",
        "type": "Send ett objekt med felter.",
    }

    def __init__(self, *, typed: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.typed = typed
        for field in self.fields.values() if typed else ():
            if isinstance(field, _Amount) and "example" in field.metadata:
                field.metadata = {**field.metadata, "example": kroner(field.metadata["example"])}


class InterestPayment(_Asked):
    """A payment on the principal."""

    on = _Day(required=True, metadata={"label": "Betalingsdagen", "example": "2024-06-20"})
    amount_ore = _Amount(required=True, metadata={"label": "Beløpet", "example": 200_000})


class InterestAsked(_Asked):
    """Late interest (forsinkelsesrente) on one claim."""

    principal = _Amount(
        required=True,
        data_key="principal_ore",
        metadata={"label": "Beløpet", "help": "Det som ikke er betalt, uten renter og gebyrer.", "example": 1_000_000},
    )
    from_on = _Day(
        required=True,
        data_key="from",
        metadata={"label": "Forfallsdatoen", "help": "Rentene løper fra denne dagen.", "example": "2024-06-15"},
    )
    to_on = _Day(
        required=True,
        data_key="to",
        metadata={"label": "Betalingsdagen", "help": "Denne dagen er uten renter.", "example": "2024-06-27"},
    )
    day_basis = _Choice(
        {ACT_ACT: "365 eller 366, som året har", FIXED_365: "365 alltid"},
        load_default=ACT_ACT,
        metadata={
            "label": "Dager i året",
            "help": "Namsmyndighetene regner med dagene året har.",
            "input": "radio",
            "example": ACT_ACT,
        },
    )
    payments = fields.List(
        fields.Nested(InterestPayment),
        load_default=list,
        validate=validate.Length(max=MAX_PARTS, error=f"Send høyst {MAX_PARTS} betalinger."),
        metadata={"description": "Payments on the principal in between.", "hidden_in_form": True},
    )

    @validates_schema(skip_on_field_errors=True)
    def _check_together(self, data: dict[str, Any], **_: Any) -> None:
        _in_order(data["from_on"], data["to_on"], "from", "to", "Betalingsdagen er før forfallsdatoen.")
        paid_ore = 0
        for nth, payment in enumerate(data["payments"]):
            paid_ore += payment["amount_ore"]
            if not data["from_on"] <= payment["on"] <= data["to_on"]:
                raise ValidationError({"payments": {nth: {"on": ["Betalingen er utenfor perioden."]}}})
            if paid_ore > data["principal"]:
                raise ValidationError({"payments": {nth: {"amount_ore": ["Det er betalt mer enn beløpet."]}}})


class FeesAsked(_Asked):
    """Notice fees and agency fee (gebyr og inkassosalær) for one claim."""

    principal = _Amount(
        required=True,
        data_key="principal_ore",
        metadata={"label": "Beløpet", "help": "Det opprinnelige beløpet, uten renter og gebyrer.", "example": 300_000},
    )
    due_on = _Day(
        required=True,
        metadata={"label": "Forfallsdatoen", "help": "Den avgjør hvilken tabell som gjelder.", "example": "2026-09-15"},
    )
    on = _Day(
        required=True,
        metadata={
            "label": "Dagen det regnes for",
            "help": "Dagen brevet sendes, eller dagen beløpet blir betalt.",
            "example": "2026-10-14",
        },
    )
    debtor = _Choice(
        {"consumer": "En forbruker", "business": "En bedrift"},
        load_default="consumer",
        metadata={
            "label": "Hvem skylder",
            "help": "Gjeld en person har tatt på seg som forbruker, har lavere tak.",
            "input": "radio",
            "example": "consumer",
        },
    )
    charged = _Amount(
        least=0,
        load_default=0,
        data_key="charged_ore",
        metadata={"label": "Gebyrer som er krevd før", "help": "Purregebyrer i kravet fra før.", "example": 3_800},
    )
    vat_added = fields.Boolean(
        load_default=False,
        metadata={
            "label": "Den som krever pengene, får ikke trukket fra merverdiavgift",
            "description": "VAT is added to the caps when the creditor cannot deduct it.",
        },
        error_messages={"invalid": "Feltet må være true eller false."},
    )

    @validates_schema(skip_on_field_errors=True)
    def _check_together(self, data: dict[str, Any], **_: Any) -> None:
        _in_order(data["due_on"], data["on"], "due_on", "on", "Dagen det regnes for, er før forfallsdatoen.")


class AllocationItem(_Asked):
    """Something unpaid."""

    kind = _Choice(
        {kind.value: kind.value for kind in ItemKind},
        required=True,
        metadata={"label": "Typen", "example": "principal"},
    )
    amount_ore = _Amount(required=True, metadata={"label": "Beløpet", "example": 400_000})
    ref = fields.String(
        load_default="",
        validate=validate.Length(max=100, error="Referansen kan ha høyst 100 tegn."),
        metadata={"description": "Your own key; it comes back with the line.", "example": "F-1001"},
    )
    due_on = _Day(metadata={"label": "Forfallsdatoen", "help": "Orders principal, oldest first."})


class AllocationAsked(_Asked):
    """What a payment covers first (dekningsrekkefølge)."""

    amount_ore = _Amount(required=True, metadata={"label": "Betalingen", "example": 150_000})
    items = fields.List(
        fields.Nested(AllocationItem),
        required=True,
        validate=validate.Length(min=1, max=MAX_PARTS, error=f"Send fra én til {MAX_PARTS} poster."),
        error_messages={"required": "Send postene betalingen kan dekke.", "invalid": "Postene må være en liste."},
        metadata={"description": "What is unpaid."},
    )
    order = _Choice(
        {name: name for name in ORDERS},
        load_default="default",
        metadata={
            "label": "Rekkefølgen",
            "help": "default: costs, principal, interest. customary: costs, interest, principal. "
            "principal_first: the debtor's choice.",
        },
    )


class DeadlinesAsked(_Asked):
    """The days that follow from a letter (frister)."""

    letter = _Choice(
        {
            "reminder": "Purring",
            "collection_notice": "Inkassovarsel",
            "payment_demand": "Betalingsoppfordring",
        },
        required=True,
        metadata={"label": "Brevet", "example": "payment_demand"},
    )
    sent_on = _Day(
        required=True,
        metadata={"label": "Dagen brevet ble sendt", "help": "Denne dagen teller ikke med.", "example": "2026-09-01"},
    )
    slack_days = _Whole(
        0,
        60,
        load_default=0,
        metadata={
            "label": "Ekstra dager i fristen",
            "help": "Dager avsenderen gir utover de 14 i loven.",
            "inputmode": "numeric",
            "width": 4,
        },
    )
    grace_banking_days = _Whole(
        0,
        20,
        load_default=3,
        metadata={
            "label": "Bankdager til betalinger på vei",
            "help": "Så lenge ventes det etter fristen før neste steg.",
            "inputmode": "numeric",
            "width": 4,
        },
    )


class KidAsked(_Asked):
    """A KID to check, or digits to make one of. Exactly one of the two."""

    kid = _Digits(
        metadata={"label": "KID som skal kontrolleres", "width": 25, "example": "123456782"},
    )
    payload = _Digits(
        metadata={
            "label": "Tall som skal bli en KID",
            "help": "Tallene uten kontrolltegn.",
            "width": 25,
            "inputmode": "numeric",
            "example": "12345678",
        },
    )
    method = _Choice(
        {KidMethod.MOD10.value: "MOD10", KidMethod.MOD11.value: "MOD11"},
        metadata={
            "label": "Metoden",
            "help": "Uten valg kontrolleres begge, og en ny KID lages med MOD10.",
            "example": "mod10",
        },
    )

    @validates_schema(skip_on_field_errors=True)
    def _check_together(self, data: dict[str, Any], **_: Any) -> None:
        kid, payload = data.get("kid", ""), data.get("payload", "")
        if bool(kid) == bool(payload):
            raise ValidationError("Fyll ut ett av feltene: en KID, eller tall som skal bli en KID.", "kid")
        if payload and not (payload.isascii() and payload.isdigit() and len(payload) < MAX_POSITIONS):
            raise ValidationError(f"Skriv fra ett til {MAX_POSITIONS - 1} siffer.", "payload")
        if kid and not re.fullmatch(r"[0-9]{1,24}[0-9-]", kid):
            raise ValidationError(f"En KID er 2 til {MAX_POSITIONS} siffer, og det siste tegnet kan være en -.", "kid")


def _in_order(first: date, then: date, first_field: str, then_field: str, words: str) -> None:
    if then < first:
        raise ValidationError(words, then_field)
    if (then.year - OLDEST_YEARS, then.month, then.day) > (first.year, first.month, first.day):
        raise ValidationError(f"Det er mer enn {OLDEST_YEARS} år mellom dagene. Sjekk datoen.", first_field)


# --- what is answered -----------------------------------------------------------------------------------------------


class _Answer(Schema):
    """An answer; what a line has no use for is left out."""

    @post_dump
    def _leave_out_what_is_not(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value is not None}


def _rules() -> fields.List:
    return fields.List(fields.String(), metadata={"description": "Ids of the rules the line rests on."})


class InterestLine(_Answer):
    """A stretch with one balance, one rate and one year basis. `to` itself bears no interest."""

    from_on = fields.Date(data_key="from")
    to_on = fields.Date(data_key="to")
    balance_ore = fields.Integer()
    rate_percent = fields.Decimal(as_string=True, metadata={"example": "12.50"})
    days = fields.Integer()
    year_days = fields.Integer()
    amount_ore = fields.Integer()
    formula = fields.String()
    rule_ids = _rules()
    words = fields.String()


class InterestAnswer(_Answer):
    """The sum of the rounded lines."""

    total_ore = fields.Integer()
    lines = fields.List(fields.Nested(InterestLine))


class FeeLine(_Answer):
    """One fee or cap."""

    what = fields.String()
    amount_ore = fields.Integer()
    rule_ids = _rules()
    words = fields.String()


class FeesAnswer(_Answer):
    """The most that may be charged. The caps are for all out-of-court costs together."""

    collection_rate_ore = fields.Integer()
    notice_fee_ore = fields.Integer()
    own_demand_fee_ore = fields.Integer()
    light_cap_ore = fields.Integer()
    light_fee_ore = fields.Integer()
    heavy_cap_ore = fields.Integer()
    heavy_fee_ore = fields.Integer()
    lines = fields.List(fields.Nested(FeeLine))


class AllocationLine(_Answer):
    """What one item got."""

    kind = fields.String(attribute="item.kind.value")
    ref = fields.String(attribute="item.ref")
    owed_ore = fields.Integer(attribute="item.amount_ore")
    paid_ore = fields.Integer()


class AllocationAnswer(_Answer):
    """Lines and `left_ore` add up to the payment."""

    lines = fields.List(fields.Nested(AllocationLine))
    left_ore = fields.Integer(metadata={"description": "Overpaid: the debtor's own."})
    words = fields.String(attribute="explanation")


class DeadlineLine(_Answer):
    """One day."""

    what = fields.String()
    on = fields.Date()
    rule_ids = _rules()
    words = fields.String()


class DeadlinesAnswer(_Answer):
    """What follows from the day a letter was sent."""

    deadline_on = fields.Date()
    next_step_on = fields.Date()
    heavy_fee_from = fields.Date()
    legal_action_latest_on = fields.Date()
    lines = fields.List(fields.Nested(DeadlineLine))


class KidAnswer(_Answer):
    """A KID made or checked."""

    kid = fields.String()
    valid = fields.Boolean()
    methods = fields.List(fields.String(), metadata={"description": "Under which it is right."})
    rule_ids = _rules()
    words = fields.String()


# --- the calculators ------------------------------------------------------------------------------------------------

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Calculator:
    """One calculator: what it asks, what it answers, and the field to point at when a figure is not known."""

    asked: type[_Asked]
    answer: type[_Answer]
    compute: Callable[[Given, Law], Any]
    blame: Callable[[UnknownLaw, Given], str]

    def read(self, sent: Any) -> dict[str, Any]:
        """Check what was sent as JSON. Raises NotCalculated naming each wrong field."""
        try:
            return dict(_schema(self.asked).load(sent))
        except ValidationError as wrong:
            raise NotCalculated(dict(wrong.messages_dict), "Noe må rettes før vi kan regne.") from None

    def run(self, given: Given, law: Law | None = None) -> Any:
        """The answer to what was read, as its dataclass. Raises NotCalculated when a figure is not known."""
        try:
            return self.compute(given, law or load_law())
        except UnknownLaw as unknown:
            words = unknown_words(unknown)
            raise NotCalculated({self.blame(unknown, given): [words]}, words, "unknown_law") from None

    def answered(self, sent: Any) -> dict[str, Any]:
        """From JSON to JSON. Raises NotCalculated."""
        return dict(_schema(self.answer).dump(self.run(self.read(sent))))


@cache
def _schema(kind: type[Schema]) -> Schema:
    """One instance for all lines of a stream: making a schema costs more than a calculation."""
    return kind()


_FIGURES = {
    "late_interest": "Forsinkelsesrenten",
    "collection_rate": "Inkassosatsen",
    "collection_fee_tier": "Tabellen for inkassosalær",
    "notice_fee_fraction": "Gebyret for purring",
    "vat_rate": "Satsen for merverdiavgift",
}


def unknown_words(unknown: UnknownLaw) -> str:
    """What is not known, in a sentence."""
    figure = _FIGURES.get(unknown.figure, "En sats i loven")
    return f"{figure} er ikke kjent for {day_text(unknown.on)}, så vi regner ikke."


def _interest(given: Given, law: Law) -> calculators.InterestAnswer:
    paid = [(payment["on"], Ore(payment["amount_ore"])) for payment in given["payments"]]
    return calculators.interest(
        given["principal"], given["from_on"], given["to_on"], law, given["day_basis"], payments=paid
    )


def _fees(given: Given, law: Law) -> calculators.FeesAnswer:
    return calculators.fees(
        given["principal"],
        given["due_on"],
        given["on"],
        law,
        consumer=given["debtor"] == "consumer",
        vat_added=given["vat_added"],
        charged_ore=given["charged"],
    )


def _allocation(given: Given, law: Law) -> calculators.Allocation:
    items = [Item(ItemKind(i["kind"]), Ore(i["amount_ore"]), i["ref"], i.get("due_on")) for i in given["items"]]
    return calculators.allocation(given["amount_ore"], items, given["order"])


def _deadlines(given: Given, law: Law) -> calculators.DeadlinesAnswer:
    return calculators.deadlines(
        given["letter"],
        given["sent_on"],
        law,
        slack_days=given["slack_days"],
        grace_banking_days=given["grace_banking_days"],
    )


def _kid(given: Given, law: Law) -> calculators.KidAnswer:
    if given.get("kid"):
        return calculators.checked_kid(given["kid"], given.get("method"))
    return calculators.new_kid(given["payload"], given.get("method", KidMethod.MOD10.value))


def _blame_interest(unknown: UnknownLaw, given: Given) -> str:
    return "from" if unknown.on <= given["from_on"] else "to"


def _blame_fees(unknown: UnknownLaw, given: Given) -> str:
    return "on" if unknown.figure in ("collection_rate", "vat_rate") else "due_on"


def _blame_sending(unknown: UnknownLaw, given: Given) -> str:
    return "sent_on"


def _blame_nothing(unknown: UnknownLaw, given: Given) -> str:
    return ""


CALCULATORS = {
    "interest": Calculator(InterestAsked, InterestAnswer, _interest, _blame_interest),
    "fees": Calculator(FeesAsked, FeesAnswer, _fees, _blame_fees),
    "allocation": Calculator(AllocationAsked, AllocationAnswer, _allocation, _blame_nothing),
    "deadlines": Calculator(DeadlinesAsked, DeadlinesAnswer, _deadlines, _blame_sending),
    "kid": Calculator(KidAsked, KidAnswer, _kid, _blame_nothing),
}
