"""What a creditor chooses about its contracts."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates, validates_schema

from plugins.power_contract.words import CONTRACTS
from saas.outgoing import NotCalled, check_url

_WORDS = {"power.active_contract": "Strømavtale", "grid.active_contract": "Nettleieavtale"}


class Settings(Schema):
    """Which statements count, how long, and when a person looks instead."""

    contracts = fields.List(
        fields.String(validate=validate.OneOf(list(CONTRACTS), labels=list(_WORDS.values()))),
        load_default=lambda: list(CONTRACTS),
        validate=validate.Length(min=1),
        metadata={
            "label": "Avtaler som teller",
            "help": "Navnene på opplysningene kreditor melder: power.active_contract, grid.active_contract.",
            "example": ["power.active_contract"],
        },
    )
    sources = fields.List(
        fields.String(validate=validate.Length(min=1, max=200)),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={
            "label": "Hvem som kan melde",
            "help": "Navn slik de står på opplysningene. Tomt: alle.",
            "example": ["Nordlys Kraft"],
        },
    )
    max_age_days = fields.Integer(
        load_default=35,
        strict=True,
        validate=validate.Range(min=1, max=366),
        metadata={
            "label": "Opplysningen må være nyere enn (dager)",
            "help": "Er den siste meldingen fra kreditor eldre enn dette, avgjør en saksbehandler.",
            "example": 35,
        },
    )
    grace_days = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(min=0, max=60),
        metadata={
            "label": "Så mange dager kan gis likevel",
            "help": "Ber noen om kortere tid enn dette, sier ikke regelen nei. 0 gir ingen slike dager.",
            "example": 5,
        },
    )
    ask_below_kroner = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(min=0, max=100_000),
        metadata={
            "label": "Spør en saksbehandler når kravet er under (kroner)",
            "help": "Det som står igjen av fakturaene, uten renter. 0 gir ingen slik grense.",
            "example": 300,
        },
    )
    ask_when_ends_within_days = fields.Integer(
        load_default=30,
        strict=True,
        validate=validate.Range(min=0, max=366),
        metadata={
            "label": "Spør en saksbehandler når avtalen slutter innen (dager)",
            "help": "Når kreditor har meldt sluttdagen som power.contract_ends_on. 0 spør aldri.",
            "example": 30,
        },
    )
    ask_url = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={
            "label": "Adresse vi kan spørre",
            "help": "Kreditors eget system, der vi spør hvilke avtaler som løper. Tomt: vi spør ikke.",
            "example": "https://kunde.nordlys.example/avtaler",
        },
    )
    ask_token = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={
            "label": "Nøkkel til adressen",
            "help": "Sendes som «Authorization: Bearer …».",
            "example": "en-hemmelig-nøkkel",
            "secret": True,
        },
    )
    ask_source = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={
            "label": "Hvem svaret kommer fra",
            "help": "Navnet skyldneren leser når svaret blir brukt.",
            "example": "Nordlys Kraft",
        },
    )
    push_secret = fields.String(
        load_default="",
        validate=validate.Regexp(r"(whsec_[A-Za-z0-9+/=]{24,200})?\Z", error="En nøkkel begynner med «whsec_»."),
        metadata={
            "label": "Nøkkel til meldinger fra kreditors system",
            "help": "Da kan systemet selv melde, signert etter Standard Webhooks. Tomt: ingen kan melde slik.",
            "example": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "secret": True,
        },
    )
    push_source = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={
            "label": "Hvem meldingene kommer fra",
            "help": "Navnet skyldneren leser når meldingen blir brukt.",
            "example": "Nordlys Kraft",
        },
    )

    @validates("ask_url")
    def _can_be_called(self, value: str, data_key: str) -> None:
        try:
            if value:
                check_url(value)
        except NotCalled as wrong:
            raise ValidationError(str(wrong)) from None

    @validates_schema(skip_on_field_errors=True)
    def _who_and_with_what(self, data: dict[str, Any], **_: Any) -> None:
        if data["ask_url"] and not (data["ask_token"] and data["ask_source"]):
            missing = "ask_token" if not data["ask_token"] else "ask_source"
            raise ValidationError("Fyll ut nøkkel og hvem svaret kommer fra.", missing)
        if data["push_secret"] and not data["push_source"]:
            raise ValidationError("Skriv hvem meldingene kommer fra.", "push_source")
