"""What the calculators ask: one schema each for the API, the command line and the page's form.

A field's name in JSON ends in its unit (`principal_ore`); a form made with `typed=True` takes kroner and Norwegian
dates for the same fields. Nothing here is about a person, and nothing is kept.
"""

import re
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from saas.calculators.fields import Amount, Asked, Choice, Day, Digits, Whole
from saas.rules.allocation import ORDERS, ItemKind
from saas.rules.kid import MAX_POSITIONS, KidMethod
from saas.rules.law import ACT_ACT, FIXED_365
from saas.rules.words import BOKMAAL, LANGUAGES, Words, say

OLDEST_YEARS = 30  # between two days of a calculation
MAX_PARTS = 1000  # payments or items in one calculation
TYPED_KINDS = ("court_fee", "collection_fee", "notice_fee", "principal", "interest")  # what a form asks for


class Language(Schema):
    """The language of an answer's words and numbers."""

    language = fields.String(
        load_default=BOKMAAL,
        validate=validate.OneOf(
            LANGUAGES, error=say("Språket må være en av: {languages}.", languages=", ".join(LANGUAGES))
        ),
        metadata={"description": "nb (bokmål), nn (nynorsk) or en (English)."},
    )


class InterestPayment(Asked):
    """A payment on the principal."""

    on = Day(required=True, metadata={"label": say("Betalingsdagen"), "example": "2024-06-20"})
    amount_ore = Amount(required=True, metadata={"label": say("Beløpet"), "example": 200_000})


class InterestAsked(Asked):
    """Late interest (forsinkelsesrente) on one claim."""

    principal = Amount(
        required=True,
        data_key="principal_ore",
        metadata={
            "label": say("Beløpet"),
            "help": say("Det som ikke er betalt, uten renter og gebyrer."),
            "example": 1_000_000,
        },
    )
    from_on = Day(
        required=True,
        data_key="from",
        metadata={
            "label": say("Forfallsdatoen"),
            "help": say("Rentene løper fra denne dagen."),
            "example": "2024-06-15",
        },
    )
    to_on = Day(
        required=True,
        data_key="to",
        metadata={"label": say("Betalingsdagen"), "help": say("Denne dagen er uten renter."), "example": "2024-06-27"},
    )
    day_basis = Choice(
        {ACT_ACT: say("365 eller 366, som året har"), FIXED_365: say("365 alltid")},
        load_default=ACT_ACT,
        metadata={
            "label": say("Dager i året"),
            "help": say("Namsmyndighetene regner med dagene året har."),
            "input": "radio",
            "example": ACT_ACT,
        },
    )
    payments = fields.List(
        fields.Nested(InterestPayment),
        load_default=list,
        validate=validate.Length(max=MAX_PARTS, error=say("Send høyst {most} betalinger.", most=MAX_PARTS)),
        metadata={"description": "Payments on the principal in between.", "hidden_in_form": True},
    )

    @validates_schema(skip_on_field_errors=True)
    def _check_together(self, data: dict[str, Any], **_: Any) -> None:
        _in_order(data["from_on"], data["to_on"], "from", "to", say("Betalingsdagen er før forfallsdatoen."))
        paid_ore = 0
        for nth, payment in enumerate(data["payments"]):
            paid_ore += payment["amount_ore"]
            if not data["from_on"] <= payment["on"] <= data["to_on"]:
                raise ValidationError({"payments": {nth: {"on": [say("Betalingen er utenfor perioden.")]}}})
            if paid_ore > data["principal"]:
                raise ValidationError({"payments": {nth: {"amount_ore": [say("Det er betalt mer enn beløpet.")]}}})


class FeesAsked(Asked):
    """Notice fees and agency fee (gebyr og inkassosalær) for one claim."""

    principal = Amount(
        required=True,
        data_key="principal_ore",
        metadata={
            "label": say("Beløpet"),
            "help": say("Det opprinnelige beløpet, uten renter og gebyrer."),
            "example": 300_000,
        },
    )
    due_on = Day(
        required=True,
        metadata={
            "label": say("Forfallsdatoen"),
            "help": say("Den avgjør hvilken tabell som gjelder."),
            "example": "2026-09-15",
        },
    )
    on = Day(
        required=True,
        metadata={
            "label": say("Dagen det regnes for"),
            "help": say("Dagen brevet sendes, eller dagen beløpet blir betalt."),
            "example": "2026-10-14",
        },
    )
    debtor = Choice(
        {"consumer": say("En forbruker"), "business": say("En bedrift")},
        load_default="consumer",
        metadata={
            "label": say("Hvem skylder"),
            "help": say("Gjeld en person har tatt på seg som forbruker, har lavere tak."),
            "input": "radio",
            "example": "consumer",
        },
    )
    charged = Amount(
        least=0,
        load_default=0,
        data_key="charged_ore",
        metadata={
            "label": say("Gebyrer som er krevd før"),
            "help": say("Purregebyrer i kravet fra før."),
            "example": 3_800,
        },
    )
    vat_added = fields.Boolean(
        load_default=False,
        metadata={
            "label": say("Den som krever pengene, får ikke trukket fra merverdiavgift"),
            "description": "VAT is added to the caps when the creditor cannot deduct it.",
        },
        error_messages={"invalid": say("Feltet må være true eller false.")},
    )

    @validates_schema(skip_on_field_errors=True)
    def _check_together(self, data: dict[str, Any], **_: Any) -> None:
        _in_order(data["due_on"], data["on"], "due_on", "on", say("Dagen det regnes for, er før forfallsdatoen."))


def _unpaid(label: Words, example_ore: int) -> Amount:
    metadata: dict[str, Any] = {"label": label, "help": say("Det som ikke er betalt.")}
    return Amount(least=0, load_default=0, metadata=metadata | ({"example": example_ore} if example_ore else {}))


class AllocationItem(Asked):
    """Something unpaid."""

    kind = Choice(
        {kind.value: kind.value for kind in ItemKind},
        required=True,
        metadata={"label": say("Typen"), "example": "principal"},
    )
    amount_ore = Amount(required=True, metadata={"label": say("Beløpet"), "example": 400_000})
    ref = fields.String(
        load_default="",
        validate=validate.Length(max=100, error=say("Referansen kan ha høyst 100 tegn.")),
        metadata={"description": "Your own key; it comes back with the line.", "example": "F-1001"},
    )
    due_on = Day(metadata={"label": say("Forfallsdatoen"), "help": "Orders principal, oldest first."})


class AllocationAsked(Asked):
    """What a payment covers first (dekningsrekkefølge)."""

    amount_ore = Amount(required=True, metadata={"label": say("Betalingen"), "example": 150_000})
    items = fields.List(
        fields.Nested(AllocationItem),
        required=True,
        validate=validate.Length(min=1, max=MAX_PARTS, error=say("Send fra én til {most} poster.", most=MAX_PARTS)),
        error_messages={
            "required": say("Send postene betalingen kan dekke."),
            "invalid": say("Postene må være en liste."),
        },
        metadata={"description": "What is unpaid."},
    )
    order = Choice(
        {name: name for name in ORDERS},
        load_default="default",
        metadata={
            "label": say("Rekkefølgen"),
            "help": "default: costs, principal, interest. customary: costs, interest, principal. "
            "principal_first: the debtor's choice.",
        },
    )


class AllocationTyped(Asked):
    """The same question as a form asks it: one amount of each kind."""

    amount = Amount(
        required=True,
        metadata={"label": say("Betalingen"), "help": say("Det som er betalt."), "example": 150_000},
    )
    court_fee = _unpaid(say("Rettslige gebyrer"), 0)
    collection_fee = _unpaid(say("Inkassosalær"), 56_200)
    notice_fee = _unpaid(say("Purregebyrer"), 3_800)
    principal = _unpaid(say("Det opprinnelige beløpet"), 400_000)
    interest = _unpaid(say("Rentene"), 12_099)
    order = Choice(
        {
            "default": say("Kostnader, så beløpet, så rentene"),
            "customary": say("Kostnader, så rentene, så beløpet"),
            "principal_first": say("Beløpet først, så kostnader og renter"),
        },
        load_default="default",
        metadata={
            "label": say("Rekkefølgen"),
            "help": say("Den som skylder, kan velge før eller samtidig med betalingen. Ellers gjelder avtalen."),
            "input": "radio",
            "example": "default",
        },
    )

    @validates_schema(skip_on_field_errors=True)
    def _check_together(self, data: dict[str, Any], **_: Any) -> None:
        if not any(data[kind] for kind in TYPED_KINDS):
            raise ValidationError(say("Fyll ut minst ett beløp som ikke er betalt."), "principal")

    @post_load
    def _as_sent(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """What `AllocationAsked` reads from JSON."""
        items = [{"kind": kind, "amount_ore": data[kind], "ref": ""} for kind in TYPED_KINDS if data[kind]]
        return {"amount_ore": data["amount"], "items": items, "order": data["order"]}


class DeadlinesAsked(Asked):
    """The days that follow from a letter (frister)."""

    letter = Choice(
        {
            "reminder": say("Purring"),
            "collection_notice": say("Inkassovarsel"),
            "payment_demand": say("Betalingsoppfordring"),
        },
        required=True,
        metadata={"label": say("Brevet"), "example": "payment_demand"},
    )
    sent_on = Day(
        required=True,
        metadata={
            "label": say("Dagen brevet ble sendt"),
            "help": say("Denne dagen teller ikke med."),
            "example": "2026-09-01",
        },
    )
    slack_days = Whole(
        0,
        60,
        load_default=0,
        metadata={
            "label": say("Ekstra dager i fristen"),
            "help": say("Dager avsenderen gir utover de 14 i loven."),
            "inputmode": "numeric",
            "width": 4,
        },
    )
    grace_banking_days = Whole(
        0,
        20,
        load_default=3,
        metadata={
            "label": say("Bankdager til betalinger på vei"),
            "help": say("Så lenge ventes det etter fristen før neste steg."),
            "inputmode": "numeric",
            "width": 4,
        },
    )


class KidAsked(Asked):
    """A KID to check, or digits to make one of. Exactly one of the two."""

    kid = Digits(
        metadata={"label": say("KID som skal kontrolleres"), "width": 25, "example": "123456782"},
    )
    payload = Digits(
        metadata={
            "label": say("Tall som skal bli en KID"),
            "help": say("Tallene uten kontrolltegn."),
            "width": 25,
            "inputmode": "numeric",
            "example": "12345678",
        },
    )
    method = Choice(
        {KidMethod.MOD10.value: "MOD10", KidMethod.MOD11.value: "MOD11"},
        metadata={
            "label": say("Metoden"),
            "help": say("Uten valg kontrolleres begge, og en ny KID lages med MOD10."),
            "example": "mod10",
        },
    )

    @validates_schema(skip_on_field_errors=True)
    def _check_together(self, data: dict[str, Any], **_: Any) -> None:
        kid, payload = data.get("kid", ""), data.get("payload", "")
        if bool(kid) == bool(payload):
            raise ValidationError(say("Fyll ut ett av feltene: en KID, eller tall som skal bli en KID."), "kid")
        if payload and not (payload.isascii() and payload.isdigit() and len(payload) < MAX_POSITIONS):
            raise ValidationError(say("Skriv fra ett til {most} siffer.", most=MAX_POSITIONS - 1), "payload")
        if kid and not re.fullmatch(r"[0-9]{1,24}[0-9-]", kid):
            words = say("En KID er 2 til {most} siffer, og det siste tegnet kan være en -.", most=MAX_POSITIONS)
            raise ValidationError(words, "kid")


def _in_order(first: date, then: date, first_field: str, then_field: str, words: Words) -> None:
    if then < first:
        raise ValidationError(words, then_field)
    if (then.year - OLDEST_YEARS, then.month, then.day) > (first.year, first.month, first.day):
        too_far = say("Det er mer enn {years} år mellom dagene. Sjekk datoen.", years=OLDEST_YEARS)
        raise ValidationError(too_far, first_field)
