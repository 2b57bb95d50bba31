"""What a debtor types."""

from datetime import date, timedelta

from marshmallow import Schema, fields, validate

from saas.portals.shared.words import day


class LoginSchema(Schema):
    """Case number and the code in the letter."""

    case_number = fields.String(
        required=True,
        validate=validate.Length(max=40),
        metadata={
            "label": "Saksnummer",
            "help": "Står øverst til høyre i brevet.",
            "width": 12,
            "inputmode": "numeric",
        },
    )
    code = fields.String(
        required=True,
        validate=validate.Length(max=40),
        metadata={
            "label": "Kode fra brevet",
            "help": "Åtte tegn. Store og små bokstaver og bindestrek spiller ingen rolle.",
            "width": 12,
            "autocomplete": "one-time-code",
            "input": "code",
        },
    )


def more_time_schema(today: date, longest_days: int) -> Schema:
    """The day a debtor can pay. The help says how far the answer comes at once."""
    at_once = today + timedelta(days=longest_days)
    until = fields.Date(
        required=True,
        error_messages={"required": "Velg dagen du kan betale."},
        metadata={
            "label": "Jeg kan betale innen",
            "help": f"Velger du en dag til og med {day(at_once)}, svarer vi som regel med en gang. "
            "Senere dager ser en saksbehandler på.",
            "width": 16,
            "input": "date",
        },
    )
    return Schema.from_dict({"until": until}, name="MoreTimeSchema")()
