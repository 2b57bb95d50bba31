"""What a payer types: how much, or which case."""

from marshmallow import Schema, fields, validate

from saas.portals.shared.fields import Kroner
from saas.rules.words import say

ALL, PART = "all", "part"


class PaySchema(Schema):
    """All or part of what is left."""

    choice = fields.String(
        required=True,
        validate=validate.OneOf([ALL, PART]),
        metadata={"label": say("Hvor mye vil du betale?"), "input": "radio"},
    )
    amount = Kroner(
        metadata={
            "label": say("Beløp i kroner"),
            "help": say("Fyll ut når du betaler en del."),
            "width": 12,
            "inputmode": "decimal",
        },
    )


class QuickPaySchema(Schema):
    """Which case, and one thing more that only its letter or its owner tells."""

    reference = fields.String(
        required=True,
        validate=validate.Length(max=40),
        metadata={
            "label": say("Saksnummer eller KID"),
            "help": say("Står øverst til høyre i brevet."),
            "width": 24,
        },
    )
    proof = fields.String(
        required=True,
        validate=validate.Length(max=40),
        metadata={
            "label": say("Postnummer"),
            "help": say(
                "Slik det står i adressen på brevet. Du kan også skrive fødselsdatoen din (ddmmåå) "
                "eller organisasjonsnummeret."
            ),
            "width": 12,
        },
    )
