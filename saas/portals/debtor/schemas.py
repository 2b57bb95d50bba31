"""What a debtor types."""

from datetime import date, timedelta

from marshmallow import Schema, fields, validate

from saas.rules.words import Weekday, say


class LoginSchema(Schema):
    """Case number and the code in the letter."""

    case_number = fields.String(
        required=True,
        validate=validate.Length(max=40),
        metadata={
            "label": say("Saksnummer"),
            "help": say("Står øverst til høyre i brevet."),
            "width": 12,
            "inputmode": "numeric",
        },
    )
    code = fields.String(
        required=True,
        validate=validate.Length(max=40),
        metadata={
            "label": say("Kode fra brevet"),
            "help": say("Åtte tegn. Store og små bokstaver og bindestrek spiller ingen rolle."),
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
        error_messages={"required": say("Velg dagen du kan betale.")},
        metadata={
            "label": say("Jeg kan betale innen"),
            "help": say(
                "Velger du en dag til og med {day}, svarer vi som regel med en gang. "
                "Senere dager ser en saksbehandler på.",
                day=Weekday(at_once),
            ),
            "width": 16,
            "input": "date",
        },
    )
    return Schema.from_dict({"until": until}, name="MoreTimeSchema")()
