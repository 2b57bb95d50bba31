"""Quiet weeks: nothing is sent while people are on holiday (law G5b)."""

from datetime import date
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from plugins.quiet_weeks.calendar import quiet_days
from saas.hooks import Level, PlaceHold, hookimpl
from saas.rules.facts import CaseFacts

MOST_WEEKS = 10


class QuietWeeks:
    """Holds every case in the chosen ISO weeks, and over Christmas."""

    slug: ClassVar[str] = "quiet_weeks"
    name: ClassVar[str] = "Stille uker"
    description: ClassVar[str] = "Holder brev tilbake i ferieukene du velger, og fra 23. desember til 2. januar."
    level: ClassVar[Level] = Level.BOTH
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """Which days are quiet."""

        weeks = fields.List(
            fields.Integer(strict=True, validate=validate.Range(min=1, max=53)),
            load_default=lambda: [28, 29, 30],
            validate=validate.Length(max=MOST_WEEKS),
            metadata={
                "label": "Stille uker",
                "help": f"Ukenumre, høyst {MOST_WEEKS}. I disse ukene sendes ingen brev.",
                "example": [28, 29, 30],
            },
        )
        christmas = fields.Boolean(
            load_default=True,
            metadata={
                "label": "Stille i romjula",
                "help": "Ingen brev sendes fra 23. desember til og med 2. januar.",
                "example": True,
            },
        )

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self._weeks = frozenset(settings["weeks"])

    @hookimpl
    def hold_case(self, case: CaseFacts, today: date) -> PlaceHold | None:
        """Hold on a quiet day, until the first banking day after the quiet time."""
        return quiet_days(today.year, self._weeks, self.settings["christmas"]).get(today)


__all__ = ["QuietWeeks"]
