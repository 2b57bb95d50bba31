"""No letters on some days of the week: what this plugin does. Change it into what your house wants."""

from datetime import date, timedelta
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from saas.hooks import Level, PlaceHold, hookimpl
from saas.rules.days import next_banking_day
from saas.rules.facts import CaseFacts, HoldReason


class QuietFridays:
    """Holds every case on the chosen weekdays."""

    slug: ClassVar[str] = "quiet_fridays"
    name: ClassVar[str] = "Quiet fridays"
    description: ClassVar[str] = "Sender ingen brev på ukedagene du velger."
    level: ClassVar[Level] = Level.BOTH
    version: ClassVar[str] = "0.1.0"

    class Settings(Schema):
        """The form, the check and the documentation of the settings, all in one."""

        weekdays = fields.List(
            fields.Integer(strict=True, validate=validate.Range(min=1, max=7)),
            load_default=lambda: [5],
            validate=validate.Length(max=6),
            metadata={
                "label": "Ukedager uten brev",
                "help": "1 er mandag, 7 er søndag.",
                "example": [5],
            },
        )

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def hold_case(self, case: CaseFacts, today: date) -> PlaceHold | None:
        """Asked each night for each case that is due: nothing to say, or a hold until a later day."""
        if today.isoweekday() not in self.settings["weekdays"]:
            return None
        day = today + timedelta(days=1)
        while day.isoweekday() in self.settings["weekdays"]:
            day += timedelta(days=1)
        return PlaceHold(HoldReason.QUIET, next_banking_day(day))
