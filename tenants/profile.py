"""What a profile may say: one schema per thing, used by files, forms and the API alike."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates, validates_schema
from stdnum.exceptions import ValidationError as BadNumber
from stdnum.no import kontonr
from stdnum.no import orgnr as orgnr_of

from saas.kernel.errors import BadInput
from saas.rules.allocation import ORDERS
from saas.rules.facts import Policy

PROFILES = Path(__file__).parent / "profiles"
LEAST_CONTRAST = 4.5
"""White text on the tenant's colour must be readable (WCAG 1.4.3)."""

_SLUG = r"[a-z][a-z0-9-]{1,39}\Z"
MOST_WRITTEN_OFF_ORE = 100_00
"""The largest remainder any tenant may let go by itself (law D6)."""
_DAY_BASES = ("act/act", "fixed365")
_HIGHEST = {  # above these a choice is a mistake, not a policy
    "grace_banking_days": 60,
    "slack_days": 60,
    "join_wait_days": 28,
    "write_off_below_ore": MOST_WRITTEN_OFF_ORE,
    "max_deferral_days": 366,
    "electronic_a_week": 7,
}
_LOWEST = {"grace_banking_days": 3, "slack_days": 3}  # what the debtor is promised may grow, not shrink


class Orgnr(fields.String):
    """Organisasjonsnummer: nine digits with a valid check digit; spaces are forgiven."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        try:
            return str(orgnr_of.validate(super()._deserialize(value, attr, data, **kwargs)))
        except BadNumber:
            raise ValidationError(
                "Skriv de ni sifrene i organisasjonsnummeret. Kontrollsifferet stemmer ikke."
            ) from None


class Account(fields.String):
    """Kontonummer: eleven digits with a valid check digit; spaces and dots are forgiven."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        digits = re.sub(r"[\s.]", "", super()._deserialize(value, attr, data, **kwargs))
        if len(digits) != 11 or not kontonr.is_valid(digits):
            raise ValidationError("Skriv de elleve sifrene i kontonummeret. Kontrollsifferet stemmer ikke.")
        return digits


def _line(label: str, example: str, longest: int = 100, **more: Any) -> fields.String:
    """One line of text that must be filled in."""
    check = [validate.Length(min=1, max=longest), validate.Predicate("isprintable", error="Skriv på én linje.")]
    return fields.String(required=True, validate=check, metadata={"label": label, "example": example, **more})


def _slug(label: str, example: str) -> fields.String:
    error = "Bruk små bokstaver, tall og bindestrek, 2 til 40 tegn."
    return fields.String(
        required=True, validate=validate.Regexp(_SLUG, error=error), metadata={"label": label, "example": example}
    )


def _address() -> fields.List:
    line = fields.String(validate=validate.Length(min=1, max=60))
    meta = {"label": "Adresse", "example": ["Havnegata 1", "5003 Bergen"]}
    return fields.List(line, required=True, validate=validate.Length(min=1, max=4), metadata=meta)


class SwitchSchema(Schema):
    """A plugin switched on or off, with its settings."""

    enabled = fields.Boolean(load_default=True, metadata={"label": "På"})
    settings = fields.Dict(keys=fields.String(), load_default=dict, metadata={"label": "Innstillinger"})


class AgreementSchema(Schema):
    """What the agency keeps of what it collects, and what a payment covers first, from a day on (oppdragsavtale)."""

    valid_from = fields.Date(required=True, metadata={"label": "Gjelder fra", "example": "2026-01-01"})
    commission_bp = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=0, max=10_000),
        metadata={"label": "Provisjon (hundredels prosent)", "example": 500},
    )
    fee_share_bp = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(min=0, max=10_000),
        metadata={"label": "Oppdragsgiverens andel av betalt salær (hundredels prosent)", "example": 2500},
    )
    vat_set_off = fields.Boolean(
        load_default=False,
        metadata={
            "label": "Merverdiavgiften trekkes også i oppgjøret",
            "help": "Ellers betaler oppdragsgiveren den etter faktura. Provisjonen trekkes uansett.",
        },
    )
    allocation_order = fields.String(
        load_default="",
        validate=validate.OneOf(("", *ORDERS)),
        metadata={
            "label": "Dekningsrekkefølge",
            "example": "default",
            "help": "default: kostnader, opprinnelig beløp, renter. customary: kostnader, renter, opprinnelig beløp. "
            "principal_first: opprinnelig beløp, kostnader, renter. Står det tomt, sier avtalen ingenting.",
        },
    )
    source = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"label": "Hvor det er avtalt", "example": "Oppdragsavtale 2026-01, punkt 4"},
    )


class CreditorSchema(Schema):
    """A creditor (oppdragsgiver)."""

    slug = _slug("Kortnavn", "nordlys-kraft")
    name = _line("Navn", "Nordlys Kraft AS")
    orgnr = Orgnr(required=True, metadata={"label": "Organisasjonsnummer", "example": "311 111 027"})
    number = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=1, max=999),
        metadata={"label": "Nummer", "help": "De tre første sifrene i KID. Står det tomt, velges det første ledige."},
    )
    address_lines = _address()
    email = fields.Email(required=True, metadata={"label": "E-post", "example": "kunde@nordlys-kraft.example"})
    payout_account = Account(required=True, metadata={"label": "Konto for utbetaling", "example": "9999 02 00005"})
    vat_deductible = fields.Boolean(
        required=True,
        metadata={
            "label": "Har fradrag for merverdiavgift",
            "help": "Da legges det ikke mva. på det skyldneren betaler.",
        },
    )
    agreements = fields.List(fields.Nested(AgreementSchema), load_default=list, metadata={"label": "Avtaler"})
    plugins = fields.Dict(keys=fields.String(), values=fields.Nested(SwitchSchema), load_default=dict)


class TenantSchema(Schema):
    """Who a tenant is, and how its letters look."""

    slug = _slug("Kortnavn", "fjord-inkasso")
    host = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=253))
    name = _line("Navn", "Fjord Inkasso AS")
    orgnr = Orgnr(required=True, metadata={"label": "Organisasjonsnummer", "example": "311 111 000"})
    licence_number = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=40),
        metadata={"label": "Inkassobevilling", "help": "Uten bevilling kan dere bare kreve inn egne krav."},
    )
    address_lines = _address()
    phone = _line("Telefon", "55 00 00 00", 20)
    phone_hours = _line("Telefontid", "hverdager 9–15")
    email = fields.Email(required=True, metadata={"label": "E-post", "example": "post@fjord-inkasso.example"})
    web = _line("Nettsted", "fjord-inkasso.example")
    brand_colour = fields.String(required=True, metadata={"label": "Farge", "example": "#0F5C63"})
    client_account = Account(
        required=True, metadata={"label": "Konto skyldnere betaler til", "example": "9999 01 00000"}
    )

    @validates("brand_colour")
    def _readable(self, value: str, data_key: str) -> None:
        if not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
            raise ValidationError("Skriv fargen som «#0F5C63».")
        if _contrast_with_white(value) < LEAST_CONTRAST:
            raise ValidationError("Velg en mørkere farge: hvit skrift på den er for vanskelig å lese.")


class PolicySchema(Schema):
    """What a tenant may choose within the law. What is left out stands at the default."""

    send_reminder = fields.Boolean()
    grace_banking_days = fields.Integer(strict=True)
    slack_days = fields.Integer(strict=True)
    join_wait_days = fields.Integer(strict=True)
    day_basis = fields.String(validate=validate.OneOf(_DAY_BASES))
    write_off_below_ore = fields.Integer(strict=True)
    max_deferral_days = fields.Integer(strict=True)
    fee_interest = fields.Boolean()
    claim_compensation = fields.Boolean()
    waive_after_printed_sum = fields.Boolean()
    media_order = fields.List(fields.String(validate=validate.OneOf(["digital_post", "paper", "portal"])))
    electronic_a_week = fields.Integer(strict=True)

    @validates(*_HIGHEST)
    def _within_reason(self, value: int, data_key: str) -> None:
        lowest, highest = _LOWEST.get(data_key, 0), _HIGHEST[data_key]
        if not lowest <= value <= highest:
            raise ValidationError(f"Velg et tall fra {lowest} til {highest}.")


_NOT_THEIRS = {"new_act_from"}  # when an act is in force is the installation's to say, not a tenant's
if PolicySchema().fields.keys() != {field.name for field in fields_of(Policy)} - _NOT_THEIRS:
    raise AssertionError("PolicySchema and saas.rules.facts.Policy must have the same fields")


class ProfileSchema(Schema):
    """A whole tenant, as a profile file describes it."""

    tenant = fields.Nested(TenantSchema, required=True)
    policy = fields.Nested(PolicySchema, load_default=dict)
    plugins = fields.Dict(keys=fields.String(), values=fields.Nested(SwitchSchema), load_default=dict)
    creditors = fields.List(fields.Nested(CreditorSchema), required=True, validate=validate.Length(min=1))

    @validates_schema(skip_on_field_errors=True)
    def _told_apart(self, data: dict[str, Any], **_: Any) -> None:
        for name in ("slug", "number"):
            given = [one[name] for one in data["creditors"] if one[name] is not None]
            if len(given) != len(set(given)):
                raise ValidationError("To oppdragsgivere har samme kortnavn eller nummer.", "creditors")


NO_LICENCE = "Uten inkassobevilling kan dere bare kreve inn egne krav, altså med dere selv som eneste oppdragsgiver."


def may_collect(licence_number: str | None, own_orgnr: str, creditor_orgnrs: Sequence[str]) -> bool:
    """Whether a tenant may collect for these creditors. Without a licence: only for itself (INKL § 4)."""
    return bool(licence_number) or tuple(creditor_orgnrs) in ((), (own_orgnr,))


def read_profile(profile: str | Path | Mapping[str, Any], *, slug: str | None = None) -> dict[str, Any]:
    """A checked profile: the name of one that comes with the service (`agency`), a TOML file, or its content.

    `slug` replaces the tenant's. Raises BadInput (path of the field → what to do).
    """
    raw = dict(profile) if isinstance(profile, Mapping) else _read_toml(profile)
    if slug is not None:
        raw["tenant"] = {**raw.get("tenant", {}), "slug": slug}
    checked = load(ProfileSchema(), raw)
    own, creditors = checked["tenant"], checked["creditors"]
    if not may_collect(own["licence_number"], own["orgnr"], [one["orgnr"] for one in creditors]):
        raise BadInput({"creditors": [NO_LICENCE]}, NO_LICENCE)
    return checked


def _read_toml(profile: str | Path) -> dict[str, Any]:
    path = PROFILES / f"{profile}.toml" if str(profile).isidentifier() else Path(profile)
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise BadInput({"profile": [f"Profilen «{profile}» finnes ikke eller kan ikke leses."]}) from None
    except ValueError as error:
        raise BadInput({"profile": [f"Profilen er ikke gyldig TOML: {error}"]}) from error


def load(schema: Schema, raw: Mapping[str, Any]) -> dict[str, Any]:
    """What a schema makes of `raw`. Raises BadInput with its messages."""
    try:
        loaded: dict[str, Any] = schema.load(dict(raw))
    except ValidationError as error:
        raise BadInput(error.normalized_messages()) from error
    return loaded


def _contrast_with_white(colour: str) -> float:
    """WCAG contrast ratio of `#rrggbb` and white."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
