"""What a tenant must tell of its agreement with Vipps."""

from marshmallow import Schema, fields, validate

API = "https://api.vipps.no"
LANDING_ORIGINS = ("https://landing.vipps.no", "https://pay.vipps.no")
_ORIGIN = r"(https://[^/\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?)"
_NOT_ORIGIN = "Skriv en adresse som begynner med https://, uten noe etter vertsnavnet."
_HEADER_VALUE = validate.Regexp(r"^[\x21-\x7e]{1,200}$", error="Skriv verdien uten mellomrom.")


class Agreement(Schema):
    """Keys and sales unit (salgssted) from the Vipps portal, and where events are sent."""

    client_id = fields.String(
        required=True,
        validate=_HEADER_VALUE,
        metadata={
            "label": "Client ID",
            "help": "Fra Vipps-portalen, under utvikler.",
            "example": "fb492b5e-7907-4d83-ba20-c7fb60ca35de",
        },
    )
    client_secret = fields.String(
        required=True,
        validate=_HEADER_VALUE,
        metadata={
            "label": "Client secret",
            "help": "Fra Vipps-portalen, under utvikler.",
            "example": "Y8Kteew6GE2ZmeycEt6egg==",
            "secret": True,
        },
    )
    subscription_key = fields.String(
        required=True,
        validate=_HEADER_VALUE,
        metadata={
            "label": "Subscription key",
            "help": "Fra Vipps-portalen. Heter også Ocp-Apim-Subscription-Key.",
            "example": "0f14ebcab0ec4b29ae0cb90d91b4a84a",
            "secret": True,
        },
    )
    msn = fields.String(
        required=True,
        validate=validate.Regexp(r"^[0-9]{4,6}$", error="Nummeret har fire til seks sifre."),
        metadata={
            "label": "Salgsstedets nummer (MSN)",
            "help": "Salgsstedet må betale ut til klientkontoen.",
            "example": "123456",
        },
    )
    webhook_secret = fields.String(
        load_default="",
        validate=validate.Regexp(r"^\S*$", error="Skriv hemmeligheten uten mellomrom."),
        metadata={
            "label": "Hemmelighet for hendelser",
            "help": "Settes av «frist account listen vipps». Er den tom, tas ingen hendelser imot.",
            "example": "090a478d-37ff-4e77-970e-d457aeb26a3a",
            "secret": True,
        },
    )
    webhook_url = fields.String(
        load_default="",
        validate=validate.Regexp(rf"^({_ORIGIN}/\S*)?$", error="Skriv adressen, fra og med https://."),
        metadata={
            "label": "Adresse for hendelser",
            "help": "Slik den er registrert hos Vipps: den er en del av det som er signert.",
            "example": "https://frist.example/webhooks/vipps/fjord",
        },
    )
    landing_origins = fields.List(
        fields.String(validate=validate.Regexp(f"^{_ORIGIN}$", error=_NOT_ORIGIN)),
        load_default=list(LANDING_ORIGINS),
        metadata={
            "label": "Betalingssidens adresser",
            "help": "Vipps sine egne. Testmiljøet har andre.",
            "example": list(LANDING_ORIGINS),
        },
    )
    base_url = fields.String(
        load_default="",
        validate=validate.Regexp(f"^{_ORIGIN}?$", error=_NOT_ORIGIN),
        metadata={
            "label": "Adresse til API",
            "help": "Tom for Vipps sin egen. Testmiljøet og en simulator har sine.",
            "example": "https://apitest.vipps.no",
            "called": True,
        },
    )
