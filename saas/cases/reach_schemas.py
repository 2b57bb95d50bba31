"""How somebody is to be reached, as it comes in: ONE schema for the debtor's form and the desk's."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from saas.cases import reading
from saas.cases.reach import Reach
from saas.hooks import Medium
from saas.rules.words import LANGUAGES, say

LABELS = {
    Medium.PORTAL: say("Brev på sidene her"),
    Medium.DIGITAL_POST: say("Brev i Digipost"),
    Medium.EMAIL: say("E-post om at det ligger et brev her"),
    Medium.SMS: say("SMS om at det ligger et brev her"),
}
HELP = {
    Medium.PORTAL: say("Bare brev som loven lar oss legge her. De andre går fortsatt i Digipost eller i posten."),
    Medium.DIGITAL_POST: say("Uten Digipost går brevene på papir i posten."),
}
NOBODY_THERE = say("Det vi sendte sist, kom ikke fram. Kryss av hvis vi skal prøve igjen.")


class _Address(fields.String):
    """An e-mail address or a telephone number as people write it; '' when there is none."""

    def __init__(self, read: Callable[[str], str], wrong: str, label: str, **about: Any) -> None:
        super().__init__(load_default="", validate=validate.Length(max=254), metadata={"label": label, **about})
        self._read, self._wrong = read, wrong

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> Any:
        try:
            text = reading.clean_text(super()._deserialize(value, attr, data, **more))
            return self._read(text) if text else ""
        except reading.Unreadable:
            raise ValidationError(self._wrong) from None


def reach_schema(reach: Reach, *, staff: bool) -> Schema:
    """The language of the letters and a yes or no to each medium; `staff` may also put the addresses right."""
    choose = say("Velg et språk.")
    asked: dict[str, fields.Field] = {
        "language": fields.String(
            required=True,
            validate=validate.OneOf(LANGUAGES, ("Bokmål", "Nynorsk", "English"), error=choose),
            error_messages={"required": choose},
            metadata={"label": say("Språket i brevene"), "input": "select", "width": 16},
        )
    }
    if staff:
        wrong = say("Skriv e-postadressen som navn@firma.no.")
        asked["email_address"] = _Address(reading.read_email, wrong, say("E-post"), inputmode="email")
        wrong = say("Skriv telefonnummeret med sifre.")
        asked["phone_number"] = _Address(reading.read_phone, wrong, say("Telefon"), inputmode="tel", width=16)
    for medium in reach.offered:
        asked[medium.value] = fields.Boolean(
            load_default=False, metadata={"label": LABELS[medium], "help": _help(medium, reach)}
        )
    return Schema.from_dict(asked, name="ReachSchema")()


def as_typed(reach: Reach) -> dict[str, str]:
    """What is so now, as the form would have been filled in."""
    ticked = {medium.value: "on" for medium in reach.used}
    return {"language": reach.language, "email_address": reach.email, "phone_number": reach.phone} | ticked


def shown_of(reach: Reach) -> str:
    """What the form shows ticked (+) and not (-). It comes back with the form: silence about it is no answer."""
    return " ".join(f"{medium.value}{'+' if medium in reach.used else '-'}" for medium in reach.offered)


def said_of(shown: str, data: Mapping[str, Any]) -> dict[Medium, bool]:
    """Yes or no to each medium whose box differs from what was shown, of the schema's data: what is offered still."""
    was = {part[:-1]: part.endswith("+") for part in shown.split()}
    asked = [medium for medium in LABELS if medium.value in was and medium.value in data]
    return {medium: data[medium.value] for medium in asked if data[medium.value] != was[medium.value]}


def _help(medium: Medium, reach: Reach) -> str:
    if medium in reach.nobody_there:
        return NOBODY_THERE
    address = {Medium.EMAIL: _half_hidden_email(reach.email), Medium.SMS: _half_hidden_phone(reach.phone)}.get(medium)
    if address is None:
        return HELP[medium]
    return say("Til {address}. Det står ikke noe om saken i den.", address=address)


def _half_hidden_email(email: str) -> str:
    """`k…@example.no`: who knows it knows it again, and whoever found the letter has not got it."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}…@{domain}"


def _half_hidden_phone(phone: str) -> str:
    return f"… {phone[-3:]}"
