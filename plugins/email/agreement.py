"""What a tenant must tell of its mail server."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from plugins.email.addresses import plain
from saas.rules.discretion import what_it_reveals

NOTICE, FULL = "notice", "full"
STARTTLS, TLS, PLAIN = "starttls", "tls", "none"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_REVEALS = "Dette kan leses av andre og må ikke si hva det gjelder."


def _address(value: str) -> None:
    if value and not plain(value):
        raise ValidationError("Skriv en e-postadresse.")


class Agreement(Schema):
    """Server, keys, sender, and how much is written."""

    host = fields.String(
        required=True,
        validate=validate.Regexp(r"^[A-Za-z0-9.:-]{1,253}$", error="Skriv navnet på serveren."),
        metadata={
            "label": "Server",
            "help": "Serveren e-posten leveres til.",
            "example": "smtp.fjord.example",
            "called": True,
        },
    )
    port = fields.Integer(
        load_default=587,
        strict=True,
        validate=validate.Range(min=1, max=65_535),
        metadata={"label": "Port", "help": "587 med STARTTLS, 465 med TLS fra første tegn.", "example": 587},
    )
    security = fields.String(
        load_default=STARTTLS,
        validate=validate.OneOf([STARTTLS, TLS, PLAIN]),
        metadata={
            "label": "Kryptering",
            "help": "Uten kryptering går bare til en server på samme maskin.",
            "example": STARTTLS,
            "labels": {STARTTLS: "STARTTLS", TLS: "TLS fra første tegn", PLAIN: "Ingen"},
        },
    )
    user = fields.String(
        load_default="",
        validate=validate.Regexp(r"^[\x21-\x7e]{0,200}$", error="Skriv navnet uten mellomrom."),
        metadata={
            "label": "Brukernavn",
            "help": "Tomt når serveren ikke krever innlogging.",
            "example": "post@fjord.example",
        },
    )
    password = fields.String(
        load_default="",
        validate=validate.Regexp(r"^[\x20-\x7e]{0,200}$", error="Passordet har tegn som ikke kan sendes."),
        metadata={"label": "Passord", "help": "Til serveren.", "example": "x8Kq2-pR", "secret": True},
    )
    from_address = fields.String(
        required=True,
        validate=[validate.Length(min=3), _address],
        metadata={
            "label": "Avsenderadresse",
            "help": "Vises i innboksen, så den må ikke si hva det gjelder, heller ikke i domenet.",
            "example": "post@fjord.example",
        },
    )
    from_name = fields.String(
        required=True,
        validate=validate.Regexp(r"^[^\x00-\x1f\x7f\u2028\u2029]{1,78}$", error="Skriv et navn på én linje."),
        metadata={
            "label": "Avsendernavn",
            "help": "Vises på låst skjerm, så det må ikke si hva det gjelder.",
            "example": "Fjord",
        },
    )
    reply_to = fields.String(
        load_default="",
        validate=_address,
        metadata={
            "label": "Svar går til",
            "help": "Tom for virksomhetens egen adresse.",
            "example": "hjelp@fjord.example",
        },
    )
    bounce_address = fields.String(
        load_default="",
        validate=_address,
        metadata={
            "label": "Returadresse",
            "help": "Dit e-post som ikke kom fram, meldes. Den må legges i returpostkassen. Tom for avsenderadressen.",
            "example": "retur@fjord.example",
        },
    )
    mode = fields.String(
        load_default=NOTICE,
        validate=validate.OneOf([NOTICE, FULL]),
        metadata={
            "label": "Hva som står i e-posten",
            "help": "Et varsel sier bare at det er kommet et brev, og hvor det ligger.",
            "example": NOTICE,
            "labels": {NOTICE: "Et varsel", FULL: "Hele brevet"},
        },
    )
    attach_pdf = fields.Boolean(
        load_default=False,
        metadata={"label": "Legg ved brevet som PDF", "help": "Bare sammen med full.", "example": False},
    )

    @validates_schema
    def _fits_together(self, data: dict[str, Any], **_: Any) -> None:
        if data["security"] == PLAIN and data["host"] not in LOOPBACK:
            raise ValidationError("Uten kryptering må serveren stå på samme maskin.", "security")
        if bool(data["user"]) != bool(data["password"]):
            raise ValidationError("Brukernavn og passord hører sammen.", "password")
        if data["attach_pdf"] and data["mode"] != FULL:
            raise ValidationError("Et varsel har ikke vedlegg.", "attach_pdf")
        for name in ("from_name", "from_address"):
            if what_it_reveals(data[name]):
                raise ValidationError(_REVEALS, name)
