"""What a tenant must tell of its agreement with Digipost."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from plugins.digipost.keys import WrongKey, open_key
from saas.hooks import Account

API = "https://api.digipost.no"
NATIONAL_ID, ORGNR, NAME_AND_ADDRESS = "national_id", "orgnr", "name_and_address"
_IDENTIFIERS = {NATIONAL_ID: "Fødselsnummer", ORGNR: "Organisasjonsnummer", NAME_AND_ADDRESS: "Navn og adresse"}
_ORIGIN = r"^(https://[^/\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?)?$"
_ACCOUNT = validate.Regexp(r"^[1-9][0-9]{0,17}$", error="Nummeret har bare sifre. Det er ikke organisasjonsnummeret.")


def _certificate(value: str) -> None:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValidationError("Sertifikatet må være en PKCS#12-fil skrevet som Base64.") from None


class Agreement(Schema):
    """Who sends, the enterprise certificate, and how letters are sent."""

    broker_id = fields.String(
        required=True,
        validate=_ACCOUNT,
        metadata={
            "label": "Virksomhetens nummer hos Digipost",
            "help": "Kontoen som sertifikatet er lagt inn på (broker-id).",
            "example": "800001",
        },
    )
    sender_id = fields.String(
        load_default="",
        validate=validate.And(validate.Regexp(r"^[0-9]*$"), validate.Length(max=18)),
        metadata={
            "label": "Avsenderens nummer hos Digipost",
            "help": "Når brevene sendes på vegne av en annen. Den må ha gitt kontoen lov til det. Ellers tom.",
            "example": "900001",
        },
    )
    base_url = fields.String(
        load_default=API,
        validate=validate.Regexp(
            _ORIGIN, error="Skriv en adresse som begynner med https://, uten noe etter vertsnavnet."
        ),
        metadata={
            "label": "Adresse til API",
            "help": "Testmiljøet er https://api.test.digipost.no.",
            "example": API,
            "called": True,
        },
    )
    certificate = fields.String(
        required=True,
        validate=_certificate,
        metadata={
            "label": "Virksomhetssertifikat",
            "help": "PKCS#12-filen (.p12) med den private nøkkelen i seg. I API og på kommandolinjen som Base64.",
            "example": "MIIKYAIBAzCCCgwGCSqGSIb3DQEHAaCC…",
            "secret": True,
            "input": "upload",
        },
    )
    password = fields.String(
        required=True,
        metadata={"label": "Passord til sertifikatet", "help": "", "example": "hemmelig", "secret": True},
    )
    identify_by = fields.List(
        fields.String(validate=validate.OneOf(list(_IDENTIFIERS), labels=list(_IDENTIFIERS.values()))),
        load_default=[NATIONAL_ID, ORGNR],
        validate=validate.Length(min=1),
        metadata={
            "label": "Mottakeren finnes med",
            "help": "Det første mottakeren har. Navn og adresse kan treffe feil person.",
            "example": [NATIONAL_ID, ORGNR],
        },
    )
    print_fallback = fields.Boolean(
        load_default=False,
        metadata={
            "label": "Digipost skriver ut",
            "help": "Digipost poster brev til den som ikke har postkasse, på papir. Ellers går brevet neste vei.",
            "example": False,
        },
    )
    notification_hours = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=0, max=720),
        metadata={
            "label": "Varsel på SMS når brevet er ulest (timer)",
            "help": "Koster ekstra. Flyttes til et tidspunkt da det er lov å ta kontakt. Tom: ikke noe varsel.",
            "example": 24,
        },
    )
    concurrency = fields.Integer(
        load_default=4,
        strict=True,
        validate=validate.Range(min=1, max=32),
        metadata={
            "label": "Brev om gangen",
            "help": "Digipost har ikke offentliggjort noen grense. Avtal før det økes.",
            "example": 4,
        },
    )
    batch = fields.Boolean(
        load_default=False,
        metadata={
            "label": "Send som forsendelse",
            "help": "Ingen brev leveres før alle i bunken er tatt imot. Krever at virksomheten gir ett brev om gangen.",
            "example": False,
        },
    )

    @validates_schema
    def _opens(self, data: dict[str, Any], **_: object) -> None:
        """Certificate and password belong together; said when they are kept, and not when the first letter leaves."""
        if "certificate" in data and "password" in data:
            try:
                open_key(data["certificate"], data["password"])
            except WrongKey:
                raise ValidationError(
                    {"certificate": ["Sertifikatet kan ikke åpnes med passordet, eller har ingen RSA-nøkkel."]}
                ) from None


@dataclass(frozen=True, slots=True)
class Terms:
    """What of the agreement may be shown, with its types."""

    broker_id: str
    sender_id: str  # '' when the broker itself is the sender
    identify_by: tuple[str, ...]
    print_fallback: bool
    notification_hours: int | None
    concurrency: int
    batch: bool

    @property
    def sender(self) -> str:
        """Whose letters they are at Digipost."""
        return self.sender_id or self.broker_id


def terms_of(account: Account) -> Terms:
    """The terms in an agreement that was checked when it was kept."""
    told = account.public
    return Terms(
        told["broker_id"],
        told["sender_id"],
        tuple(told["identify_by"]),
        told["print_fallback"],
        told["notification_hours"],
        told["concurrency"],
        told["batch"],
    )
