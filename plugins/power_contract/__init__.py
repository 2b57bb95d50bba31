"""No deferral while a power or grid contract is running: each month brings a new invoice (law K1)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from plugins.power_contract import asking, pushing, words
from plugins.power_contract.meter import METERING_POINT
from plugins.power_contract.settings import Settings
from saas.hooks import (
    AskPerson,
    CaseToAsk,
    ClaimField,
    CollectedFact,
    DeferralRequest,
    Level,
    Panel,
    Refusal,
    Route,
    hookimpl,
)
from saas.rules.facts import CaseFacts, Fact
from saas.rules.money import ore_of_kroner

ENDS_ON = "power.contract_ends_on"


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
    version: ClassVar[str] = "2.0"

    Settings = Settings

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self._contracts = tuple(settings["contracts"])
        self._sources = frozenset(settings["sources"])
        self._small_ore = ore_of_kroner(settings["ask_below_kroner"])

    # --- more time ----------------------------------------------------------------------------------------------------

    @hookimpl
    def refuse_deferral(self, request: DeferralRequest, case: CaseFacts) -> Refusal | AskPerson | None:
        """Refuse when a contract is known to run; ask a person when it is not known either way."""
        if request.until <= request.asked_on + timedelta(days=self.settings["grace_days"]):
            return None
        doubts = []
        reported = [name for name in self._contracts if self._of(name, case)]
        for name in reported:
            fact = self._newest(name, case)
            doubt = self._doubt(name, fact, request)
            if doubt is not None:
                doubts.append(doubt)
            elif fact is not None and fact.value:
                return self._refused(fact, request, case)
        if not reported:
            return AskPerson(words.unknown())
        return doubts[0] if doubts else None

    def _refused(self, fact: Fact, request: DeferralRequest, case: CaseFacts) -> Refusal | AskPerson:
        """A contract runs: no, unless this is one of the exceptions a person is to look at."""
        if case.vulnerable:
            return AskPerson(words.person_decides(fact))
        if 0 < case.outstanding.principal_ore < self._small_ore:
            return AskPerson(words.small_sum(fact))
        ends = case.fact(ENDS_ON)
        within = self.settings["ask_when_ends_within_days"]
        if within and ends is not None and _day_in(ends) <= request.asked_on + timedelta(days=within):
            return AskPerson(words.ends_soon(fact))
        return Refusal(words.active(fact, request.asked_on))

    def _of(self, name: str, case: CaseFacts) -> list[Fact]:
        """The statements of this name that count here."""
        return [f for f in case.facts if f.name == name and (not self._sources or f.source in self._sources)]

    def _newest(self, name: str, case: CaseFacts) -> Fact | None:
        """The newest one that counts; None when two of the same day contradict each other."""
        known = self._of(name, case)
        latest = [f for f in known if f.reported_on == max(f.reported_on for f in known)]
        return latest[0] if len({f.value for f in latest}) == 1 else None

    def _doubt(self, name: str, fact: Fact | None, request: DeferralRequest) -> AskPerson | None:
        """Why this statement cannot be relied on, or None when it can."""
        if fact is None or not isinstance(fact.value, bool):
            return AskPerson(words.contradictory(name, fact))
        too_old = not 0 <= fact.age_days(request.asked_on) <= self.settings["max_age_days"]
        if too_old or fact.is_stale(request.asked_on):
            return AskPerson(words.out_of_date(fact, request.asked_on))
        return None

    # --- claims, letters, the debtor's page ---------------------------------------------------------------------------

    @hookimpl
    def extend_claim_fields(self) -> Sequence[ClaimField]:
        """The metering point (målepunkt) of the invoice."""
        return (METERING_POINT,)

    @hookimpl
    def extend_letter(self, kind: str, language: str, case: CaseFacts) -> Sequence[str]:
        """Which meter the claim is about, so that people know the invoice again."""
        meters = [each for claim in case.claims if (each := claim.value(METERING_POINT.name))]
        return words.meters_said(tuple(dict.fromkeys(map(str, meters))), language)

    @hookimpl
    def extend_portal(self, case: CaseFacts, language: str) -> Sequence[Panel]:
        """What has been reported about the contract, by whom and when, and what to do when it is wrong."""
        known = [
            fact for name in self._contracts if (fact := self._newest(name, case)) and isinstance(fact.value, bool)
        ]
        return tuple(words.panel(fact, language) for fact in known)

    # --- what the creditor knows --------------------------------------------------------------------------------------

    @hookimpl
    def collect_facts(self, cases: tuple[CaseToAsk, ...], today: date) -> Sequence[CollectedFact]:
        """Ask the creditor's own system, where the settings say how."""
        return asking.ask(self.settings, cases, today) if self.settings["ask_url"] else ()

    @hookimpl
    def provide_routes(self) -> Sequence[Route]:
        """A path where the creditor's own system can tell, signed, where the settings hold a secret for it."""
        return (pushing.route(self.settings),) if self.settings["push_secret"] else ()

    @classmethod
    def upgrade_settings(cls, old_version: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Version 1 had only `max_age_days`, which means the same; the rest stands at its default."""
        return dict(settings)


def _day_in(fact: Fact) -> date:
    """The day a statement names; the far future when it names none, so that nothing follows from it."""
    try:
        return date.fromisoformat(str(fact.value))
    except ValueError:
        return date.max


__all__ = ["PowerContract"]
