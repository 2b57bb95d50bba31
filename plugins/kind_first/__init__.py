"""Kind first: a soft contact before the payment demand, and letters by the quickest way that reaches people."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from saas.hooks import LawfulStep, Level, Medium, SoftContact, hookimpl
from saas.rules.days import next_banking_day
from saas.rules.facts import CaseFacts, Step

ELECTRONIC = (Medium.DIGITAL_POST, Medium.PORTAL, Medium.EMAIL, Medium.SMS)


class KindFirst:
    """Before a demand with a fee the debtor gets a letter that offers help; electronic ways are tried before paper."""

    slug: ClassVar[str] = "kind_first"
    name: ClassVar[str] = "Vennlig først"
    description: ClassVar[str] = (
        "Sender et vennlig brev med tilbud om hjelp før betalingsoppfordringen, og prøver digital post før papir."
    )
    level: ClassVar[Level] = Level.BOTH
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """Whether a letter goes first, how long the case rests, and by which way letters go."""

        letter_before_demand = fields.Boolean(
            load_default=True,
            metadata={
                "label": "Vennlig brev før betalingsoppfordringen",
                "help": "Brevet koster ingenting. Det forteller hvem man kan snakke med.",
                "example": True,
            },
        )
        wait_days = fields.Integer(
            load_default=7,
            strict=True,
            validate=validate.Range(min=3, max=60),
            metadata={
                "label": "Dager før betalingsoppfordringen",
                "help": "Så lenge venter saken etter det vennlige brevet.",
                "example": 7,
            },
        )
        only_people = fields.Boolean(
            load_default=True,
            metadata={
                "label": "Bare privatpersoner",
                "help": "Firmaer får betalingsoppfordringen med en gang.",
                "example": True,
            },
        )
        electronic_first = fields.Boolean(
            load_default=True,
            metadata={
                "label": "Digital post først",
                "help": "Papir brukes når ingen digital vei når fram.",
                "example": True,
            },
        )

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def choose_step(self, offer: tuple[LawfulStep, ...], case: CaseFacts, today: date) -> SoftContact | None:
        """A soft contact instead of the demand, once: the host sends no second one at the same stage."""
        if offer[-1].step is not Step.PAYMENT_DEMAND or not self.settings["letter_before_demand"]:
            return None
        if self.settings["only_people"] and not case.is_consumer:
            return None
        return SoftContact(next_banking_day(today + timedelta(days=self.settings["wait_days"])))

    @hookimpl
    def choose_channel(self, offer: tuple[Medium, ...], letter_kind: str, case: CaseFacts) -> Sequence[Medium] | None:
        """The electronic ways among the lawful ones first, in our order; the rest as it was."""
        if not self.settings["electronic_first"]:
            return None
        return sorted(offer, key=lambda medium: ELECTRONIC.index(medium) if medium in ELECTRONIC else len(ELECTRONIC))


__all__ = ["KindFirst"]
