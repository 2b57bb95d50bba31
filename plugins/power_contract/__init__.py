"""No deferral while a power or grid contract is running: each month brings a new invoice (law K1)."""

from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from plugins.power_contract.words import CONTRACTS, active, contradictory, out_of_date, person_decides, unknown
from saas.hooks import AskPerson, DeferralRequest, Level, Refusal, hookimpl
from saas.rules.facts import CaseFacts, Fact


class PowerContract:
    """No deferral (betalingsutsettelse) while the creditor reports an active contract.

    It refuses only on a fresh, clear statement and to somebody who is not vulnerable; any doubt asks a person.
    """

    slug: ClassVar[str] = "power_contract"
    name: ClassVar[str] = "Aktiv strømavtale"
    description: ClassVar[str] = (
        "Avslår søknad om mer tid når kreditor har meldt at skyldneren har en aktiv strøm- eller nettleieavtale."
    )
    level: ClassVar[Level] = Level.BOTH
    version: ClassVar[str] = "1.0"

    class Settings(Schema):
        """How old a statement may be."""

        max_age_days = fields.Integer(
            load_default=35,
            strict=True,
            validate=validate.Range(min=1, max=366),
            metadata={
                "label": "Opplysningen må være nyere enn (dager)",
                "help": "Er den siste meldingen fra kreditor eldre enn dette, avgjør en saksbehandler.",
                "example": 35,
            },
        )

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @hookimpl
    def refuse_deferral(self, request: DeferralRequest, case: CaseFacts) -> Refusal | AskPerson | None:
        """Refuse when a contract is known to run; ask a person when it is not known either way."""
        doubts = []
        reported = [name for name in CONTRACTS if any(fact.name == name for fact in case.facts)]
        for name in reported:
            fact = case.fact(name)
            doubt = self._doubt(name, fact, request)
            if doubt is not None:
                doubts.append(doubt)
            elif fact is not None and fact.value:
                return AskPerson(person_decides(fact)) if case.vulnerable else Refusal(active(fact, request.asked_on))
        if not reported:
            return AskPerson(unknown())
        return doubts[0] if doubts else None

    def _doubt(self, name: str, fact: Fact | None, request: DeferralRequest) -> AskPerson | None:
        """Why this statement cannot be relied on, or None when it can."""
        if fact is None or not isinstance(fact.value, bool):
            return AskPerson(contradictory(name, fact))
        if not 0 <= fact.age_days(request.asked_on) <= self.settings["max_age_days"]:
            return AskPerson(out_of_date(fact, request.asked_on))
        return None


__all__ = ["PowerContract"]
