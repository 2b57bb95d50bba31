"""One more friendly reminder before the collection notice, free of charge."""

from datetime import date, timedelta
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from saas.hooks import LawfulStep, Level, SoftContact, hookimpl
from saas.rules.days import next_banking_day
from saas.rules.facts import CaseFacts, Step


class ExtraReminder:
    """Where a collection notice would go out, a kind letter goes first: no fee, no deadline, time to pay."""

    slug: ClassVar[str] = "extra_reminder"
    name: ClassVar[str] = "Ekstra påminnelse"
    description: ClassVar[str] = (
        "Sender én vennlig påminnelse uten gebyr før inkassovarselet, og venter med varselet imens."
    )
    level: ClassVar[Level] = Level.BOTH
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """How long the debtor has, and who gets one."""

        wait_days = fields.Integer(
            load_default=10,
            strict=True,
            validate=validate.Range(min=5, max=60),
            metadata={
                "label": "Dager før inkassovarselet",
                "help": "Så lenge venter saken etter påminnelsen.",
                "example": 10,
            },
        )
        only_people = fields.Boolean(
            load_default=True,
            metadata={
                "label": "Bare privatpersoner",
                "help": "Firmaer får inkassovarselet med en gang.",
                "example": True,
            },
        )

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def choose_step(self, offer: tuple[LawfulStep, ...], case: CaseFacts, today: date) -> SoftContact | None:
        """A soft contact instead of the notice, once: the host sends no second one at the same stage."""
        if offer[-1].step is not Step.COLLECTION_NOTICE or (self.settings["only_people"] and not case.is_consumer):
            return None
        return SoftContact(next_banking_day(today + timedelta(days=self.settings["wait_days"])))


__all__ = ["ExtraReminder"]
