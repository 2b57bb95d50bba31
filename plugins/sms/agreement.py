"""What a tenant must tell of its agreement with the gateway (LINK Mobility, «Common» REST)."""

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from saas.rules.discretion import what_it_reveals

_BASE = r"^(https://[^/\s?#@]+|http://(127\.0\.0\.1|localhost)(:\d+)?)$"
_PLAIN = validate.Regexp(r"^[\x21-\x7e]{1,200}$", error="Skriv verdien uten mellomrom.")
SOURCES = {  # sourceTON → what a source of that kind looks like
    "ALPHANUMERIC": r"[A-Za-z][A-Za-z0-9]{1,10}",
    "SHORTNUMBER": r"[0-9]{1,14}",
    "MSISDN": r"\+[1-9][0-9]{6,14}",
}


class Agreement(Schema):
    """Address, keys, sender, and what it costs. Addresses and codes are each account's own, so none is built in."""

    base_url = fields.String(
        required=True,
        validate=validate.Regexp(_BASE, error="Skriv adressen med https://, uten noe etter vertsnavnet."),
        metadata={
            "label": "Adresse til tjenesten",
            "help": "Den leverandøren har gitt dere. En simulator har sin egen.",
            "example": "https://no.linkmobility.io",
            "called": True,
        },
    )
    user = fields.String(
        required=True,
        validate=validate.Regexp(r"^[\x21-\x39\x3b-\x7e]{1,200}$", error="Skriv navnet uten mellomrom og kolon."),
        metadata={"label": "Brukernavn", "help": "Fra leverandøren.", "example": "fjord"},
    )
    password = fields.String(
        required=True,
        validate=_PLAIN,
        metadata={"label": "Passord", "help": "Fra leverandøren.", "example": "x8Kq2-pR", "secret": True},
    )
    source = fields.String(
        required=True,
        metadata={
            "label": "Avsender",
            "help": "Vises på låst skjerm, så det må ikke si hva det gjelder. 2–11 bokstaver og sifre uten æ, ø, å.",
            "example": "Fjord",
        },
    )
    source_ton = fields.String(
        load_default="ALPHANUMERIC",
        validate=validate.OneOf(list(SOURCES)),
        metadata={
            "label": "Hva slags avsender",
            "help": "Den må passe med avsenderen over.",
            "example": "ALPHANUMERIC",
            "labels": {"ALPHANUMERIC": "Et navn", "SHORTNUMBER": "Et kortnummer", "MSISDN": "Et nummer med +"},
        },
    )
    platform_id = fields.String(
        load_default="0",
        validate=_PLAIN,
        metadata={"label": "platformId", "help": "Fra leverandøren.", "example": "0"},
    )
    platform_partner_id = fields.String(
        load_default="0",
        validate=_PLAIN,
        metadata={"label": "platformPartnerId", "help": "Fra leverandøren.", "example": "0"},
    )
    gate = fields.String(
        required=True,
        validate=_PLAIN,
        metadata={
            "label": "Port for leveringsmeldinger (gate)",
            "help": "Opprettes hos leverandøren, med adressen /webhooks/sms/<virksomhet> hos oss.",
            "example": "gate1",
        },
    )
    report_user = fields.String(
        load_default="frist",
        validate=validate.Regexp(r"^[\x21-\x39\x3b-\x7e]{1,100}$", error="Skriv navnet uten mellomrom og kolon."),
        metadata={
            "label": "Brukernavn for leveringsmeldinger",
            "help": "Det leverandøren skal melde seg med hos oss (Basic auth).",
            "example": "frist",
        },
    )
    report_secret = fields.String(
        load_default="",
        validate=validate.Regexp(r"^([\x21-\x7e]{16,200})?$", error="Skriv minst 16 tegn uten mellomrom."),
        metadata={
            "label": "Passord for leveringsmeldinger",
            "help": "Det leverandøren skal melde seg med hos oss. Er det tomt, tas ingen meldinger imot.",
            "example": "Zk3v9Qp7Lr2Xw8Tb",
            "secret": True,
        },
    )
    validity_hours = fields.Integer(
        load_default=48,
        strict=True,
        validate=validate.Range(min=1, max=48),
        metadata={
            "label": "Hvor lenge det prøves (timer)",
            "help": "Er telefonen av lenger enn dette, kommer meldingen ikke fram.",
            "example": 48,
        },
    )
    max_segments = fields.Integer(
        load_default=2,
        strict=True,
        validate=validate.Range(min=1, max=6),
        metadata={
            "label": "Flest deler i en melding",
            "help": "En lengre tekst blir ikke sendt. 160 tegn i én del, 153 i hver av flere.",
            "example": 2,
        },
    )
    segment_cost_ore = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(min=0, max=10_000),
        metadata={"label": "Pris for én del (øre)", "help": "Etter avtalen. 0 når den ikke er kjent.", "example": 49},
    )

    @validates_schema
    def _source_fits(self, data: dict[str, Any], **_: Any) -> None:
        if not re.fullmatch(SOURCES[data["source_ton"]], data["source"]):
            raise ValidationError("En slik avsender kan ikke skrives slik.", "source")
        if what_it_reveals(data["source"]):
            raise ValidationError("Avsenderen vises på låst skjerm og må ikke si hva det gjelder.", "source")
