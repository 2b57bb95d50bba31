"""An objection and its answer as they come in: ONE schema for the debtor's form, the creditor's form and the API."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate
from marshmallow import missing as UNSET  # noqa: N812

from saas.cases import reading
from saas.cases.objections import LONGEST_TEXT
from saas.rules.money import Ore
from saas.rules.objections import ObjectionKind, Outcome
from saas.rules.words import say

KINDS = {
    ObjectionKind.WRONG_RECIPIENT: say("Kravet gjelder ikke meg"),
    ObjectionKind.ALREADY_PAID: say("Jeg har betalt"),
    ObjectionKind.NO_INVOICE: say("Jeg har ikke fått fakturaen"),
    ObjectionKind.WRONG_AMOUNT: say("Beløpet er feil"),
    ObjectionKind.NOT_AGREED: say("Jeg har ikke bestilt eller avtalt dette"),
    ObjectionKind.FAULTY_DELIVERY: say("Det er noe galt med det jeg fikk"),
    ObjectionKind.CANCELLED: say("Jeg har sagt opp eller avbestilt"),
    ObjectionKind.TIME_BARRED: say("Kravet er for gammelt"),
    ObjectionKind.OTHER: say("Noe annet er feil"),
}
OUTCOMES = {
    Outcome.WITHDRAWN: "Kravet trekkes",
    Outcome.ADJUSTED: "Beløpet settes ned",
    Outcome.MAINTAINED: "Kravet holdes fast, med begrunnelse",
    Outcome.GROUNDLESS: "Innsigelsen er åpenbart grunnløs",
}


class Kroner(fields.String):
    """Kroner in, øre out."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        try:
            read = super()._deserialize(text, attr, data, **more)
            ore: Ore = reading.read_amount(reading.clean_text(str(read)))
        except reading.Unreadable:
            raise ValidationError(say("Skriv beløpet med tall, for eksempel 500,00.")) from None
        return ore


def _text(label: str, missing: str = "", **about: Any) -> fields.String:
    """A text of several lines; `missing` is what is said when it must be filled in and is not."""
    return fields.String(
        required=bool(missing),
        load_default=UNSET if missing else "",
        validate=[
            *([validate.Length(min=1, error=missing)] if missing else []),
            validate.Length(max=LONGEST_TEXT, error=say("Skriv høyst {most} tegn.", most=LONGEST_TEXT)),
            validate.ContainsNoneOf("\x00"),
        ],
        error_messages={"required": missing} if missing else {},
        metadata={"label": label, "input": "textarea", "description": about.get("help", label), **about},
    )


def _one_of(words: Mapping[Any, str], label: str, missing: str) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf([str(each) for each in words], list(words.values()), error=missing),
        error_messages={"required": missing, "null": missing},
        metadata={"label": label, "input": "radio", "description": label},
    )


def _invoice(invoices: Sequence[str] | None, label: str, help: str) -> fields.String:
    missing = say("Velg en av fakturaene i saken.")
    return fields.String(
        load_default="",
        validate=validate.OneOf(list(invoices), error=missing) if invoices is not None else None,
        metadata={
            "label": label,
            "help": help,
            "description": help,
            "input": "select",
            "labels": {each: each for each in invoices or ()},
            "width": 24,
        },
    )


def _sum(label: str, help: str) -> Kroner:
    about = {"label": label, "help": help, "description": help, "width": 12, "inputmode": "decimal", "input": "text"}
    return Kroner(load_default=None, allow_none=True, metadata=about)


def objection_schema(invoices: Sequence[str] | None = None) -> Schema:
    """What the debtor disagrees with. `invoices`: those of the case, for a form; with one only, it is not asked for."""
    asked: dict[str, fields.Field] = {
        "kind": _one_of(KINDS, say("Hva er du uenig i?"), say("Velg det som passer best.")),
        "text": _text(
            say("Fortell hva som er feil"),
            help=say(
                "Skriv med egne ord. Det gjør det lettere å finne ut av saken. Den du skylder penger, får lese det."
            ),
        ),
    }
    if invoices is None or len(invoices) > 1:
        asked["invoice_number"] = _invoice(
            invoices, say("Hvilken faktura gjelder det?"), say("La stå tomt hvis det er alle.")
        )
    asked["disputed"] = _sum(
        say("Hvor mye av beløpet er feil?"),
        say("La stå tomt hvis du er uenig i alt, eller ikke vet. For eksempel 500,00."),
    )
    return Schema.from_dict(asked, name="ObjectionSchema")()


def answer_schema(invoices: Sequence[str] | None = None, *, staff: bool = True) -> Schema:
    """The answer. Only `staff` may find an objection obviously groundless."""
    outcomes = {each: words for each, words in OUTCOMES.items() if staff or each is not Outcome.GROUNDLESS}
    asked: dict[str, fields.Field] = {
        "outcome": _one_of(outcomes, "Svaret", "Velg hva svaret er."),
        "reason": _text(
            "Begrunnelse",
            "Skriv en begrunnelse. Den som er uenig, får lese den.",
            help="Den som er uenig, får lese akkurat dette. Skriv kort og konkret, og si hva dere bygger på.",
        ),
    }
    if invoices is None or len(invoices) > 1:
        asked["invoice_number"] = _invoice(invoices, "Faktura", "Må velges når beløpet settes ned på én av flere.")
    asked["taken_off"] = _sum("Hvor mye trekkes fra?", "Bare når beløpet settes ned. For eksempel 500,00.")
    return Schema.from_dict(asked, name="ObjectionAnswerSchema")()
