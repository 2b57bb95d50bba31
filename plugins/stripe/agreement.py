"""What a tenant must tell of its agreement with Stripe."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

STRIPES_PAGE = "https://checkout.stripe.com"
_ADDRESS = validate.Regexp(
    r"^(https://[^/\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?)?$",
    error="Skriv en adresse som begynner med https://, uten noe etter vertsnavnet.",
)


class Agreement(Schema):
    """Own keys, or Connect: then the charge is made as the agency's own account, never as the platform's."""

    secret_key = fields.String(
        required=True,
        validate=validate.Regexp(r"^(sk|rk)_(test|live)_\w+$", error="Nøkkelen begynner med sk_ eller rk_."),
        metadata={
            "label": "Hemmelig nøkkel",
            "help": "Fra Stripe, under utviklere og API-nøkler. Med Connect er det plattformens nøkkel.",
            "example": "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
            "secret": True,
        },
    )
    webhook_secret = fields.String(
        required=True,
        validate=validate.Regexp(r"^whsec_\S+$", error="Hemmeligheten begynner med whsec_."),
        metadata={
            "label": "Hemmelighet for hendelser",
            "help": "Vises i Stripe når adressen for hendelser er lagt inn.",
            "example": "whsec_J8s2kq9",
            "secret": True,
        },
    )
    access = fields.String(
        load_default="own_keys",
        validate=validate.OneOf(["own_keys", "connect"]),
        metadata={
            "label": "Tilgang",
            "help": "Egne nøkler, eller Connect gjennom en plattform.",
            "example": "own_keys",
            "labels": {"own_keys": "Egne nøkler", "connect": "Connect"},
        },
    )
    account = fields.String(
        load_default="",
        validate=validate.Regexp(r"^(acct_\w+)?$", error="Kontoen begynner med acct_."),
        metadata={
            "label": "Stripe-konto",
            "help": "Virksomhetens egen konto. Må fylles ut med Connect.",
            "example": "acct_1Nordlys",
        },
    )
    checkout_origin = fields.String(
        load_default=STRIPES_PAGE,
        validate=_ADDRESS,
        metadata={
            "label": "Betalingssidens adresse",
            "help": "Stripes egen, eller virksomhetens eget domene hos Stripe.",
            "example": STRIPES_PAGE,
        },
    )
    base_url = fields.String(
        load_default="",
        validate=_ADDRESS,
        metadata={
            "label": "Adresse til API",
            "help": "Tom for Stripes egen. En simulator har sin egen.",
            "example": "http://127.0.0.1:8420",
            "called": True,
        },
    )

    @validates_schema
    def _connect_names_an_account(self, data: dict[str, Any], **_: Any) -> None:
        """Without it the money would come to the platform, and client money must never do that."""
        if data["access"] == "connect" and not data["account"]:
            raise ValidationError("Skriv virksomhetens egen Stripe-konto.", "account")
        if data["access"] == "own_keys" and data["account"]:
            raise ValidationError("Med egne nøkler er kontoen gitt. La feltet stå tomt.", "account")
