"""A tenant in memory: the real host with the plugins you give it, and the real law. No database, no install.

What a plugin answers is judged here exactly as in the service: the same host asks it, the same rules dispose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from saas.cases.deciding import Decided, decide_with_plugins
from saas.cases.facts import Known
from saas.hooks import (
    AskPerson,
    ClaimOffer,
    CreditorFacts,
    DeferralRequest,
    Medium,
    Panel,
    Plugin,
    ProposedFee,
    Refusal,
)
from saas.rules.case import Decision
from saas.rules.facts import DEFAULT_POLICY, CaseFacts, Policy
from saas.rules.law import load_law
from saas.rules.money import Ore
from saas.rules.plan import DeferralDecision, decide_deferral
from saas.testing.facts import TODAY, a_creditor, a_request
from tenants.hooks import Chosen, FeeLimit, Hooks
from tenants.installed import checked
from tenants.notes import Trouble, gathered

LETTERS = ("reminder", "collection_notice", "payment_demand")
LANGUAGES = ("nb", "nn", "en")


@dataclass(slots=True)
class House:
    """`House(MyPlugin)` or `House((MyPlugin, {"days": 3}), AnotherPlugin)`.

    `troubles` gathers what the host found wrong with an answer. Raises ConfigurationError for a class the service would
    not start with.
    """

    hooks: Hooks
    policy: Policy
    troubles: list[Trouble] = field(default_factory=list)

    def __init__(
        self, *plugins: type[Plugin] | tuple[type[Plugin], Mapping[str, Any]], policy: Policy = DEFAULT_POLICY
    ) -> None:
        chosen = [each if isinstance(each, tuple) else (each, {}) for each in plugins]
        installed = {plugin.slug: checked(plugin) for plugin, _ in chosen}
        self.hooks = Hooks([Chosen(plugin.slug, settings) for plugin, settings in chosen], installed=installed)
        self.policy, self.troubles = policy, list(self.hooks.broken)

    def night(self, case: CaseFacts, today: date = TODAY) -> Decision:
        """What the night does with the case: a step with its costs, or why there is none."""
        return self.decided(case, today).decision

    def decided(self, case: CaseFacts, today: date = TODAY) -> Decided:
        """As `night`, with what the plugins answered as the certificate keeps it."""
        return self._noted(lambda: decide_with_plugins(Known(case, None), self.hooks, today, load_law(), self.policy))

    def more_time(self, case: CaseFacts, request: DeferralRequest | None = None) -> DeferralDecision:
        """The answer to a debtor who asks for more time (two weeks unless told otherwise)."""
        request = request or a_request()
        answers = self._noted(lambda: self.hooks.refuse_deferral(request, case))
        refusals = tuple(a.because for a in answers if isinstance(a, Refusal))
        asks = tuple(a.because for a in answers if isinstance(a, AskPerson))
        return decide_deferral(request.until, request.asked_on, case, refusals, asks, self.policy)

    def claim(self, offer: ClaimOffer, creditor: CreditorFacts | None = None) -> list[Refusal | AskPerson]:
        """What is said against taking a claim in; empty: it is registered."""
        return self._noted(lambda: self.hooks.refuse_claim(offer, creditor or a_creditor()))

    def fee(self, fee: ProposedFee, case: CaseFacts) -> Ore:
        """What is charged of a proposed cost."""
        limit: FeeLimit = self._noted(lambda: self.hooks.limit_fee(fee, case))
        return limit.amount_ore

    def channels(self, offer: tuple[Medium, ...], case: CaseFacts, letter_kind: str = "reminder") -> tuple[Medium, ...]:
        """The order in which the ways out are tried."""
        return self._noted(lambda: self.hooks.choose_channel(offer, letter_kind, case, TODAY)).media

    def letter(self, case: CaseFacts, kind: str = "reminder", language: str = "nb") -> tuple[str, ...]:
        """The paragraphs that are added to a letter."""
        return self._noted(lambda: self.hooks.extend_letter(kind, language, case))

    def panels(self, case: CaseFacts, language: str = "nb") -> Sequence[Panel]:
        """The panels on the debtor's page."""
        return self._noted(lambda: self.hooks.extend_portal(case, language))

    def _noted(self, ask: Any) -> Any:
        with gathered() as notes:
            answer = ask()
        self.troubles += notes.troubles
        return answer


def in_words(decision: Decision) -> str:
    """A decision in one line, for golden files: `payment_demand by 2026-12-14, collection_fee 350 kr`."""
    if decision.step is None:
        why = ", ".join(because.code for because in decision.why) or "nothing to do"
        again = f" until {decision.next_action_on.isoformat()}" if decision.next_action_on else ""
        return f"waits{again}: {why}"
    costs = ", ".join(f"{cost.kind} {cost.amount_ore} øre" for cost in decision.costs) or "free"
    by = f" by {decision.deadline_on.isoformat()}" if decision.deadline_on else ""
    return f"{decision.step}{by}, {costs}"
