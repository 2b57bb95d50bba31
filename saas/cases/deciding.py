"""One case decided: holds of plugins, the law, what plugins choose among the lawful, what they let be charged.

After each answer the law is asked again, or holds what was answered against what it permits. Writes nothing.
"""

from datetime import date
from typing import Any, NamedTuple

from saas.cases.facts import Known
from saas.hooks import LawfulStep, PlaceHold, ProposedFee, SoftContact, Wait
from saas.kernel import clock
from saas.rules import days
from saas.rules.case import Decision, decide, take
from saas.rules.facts import CaseFacts, CostKind, HoldFacts, HoldReason, Policy, Step
from saas.rules.law import Law
from saas.rules.money import Ore
from saas.rules.softer import CONTACTED, limited, offered, waiting
from tenants.hooks import Hooks

CONTACT = "contact"
SLOW_CASE_SECONDS = 1.0
"""What all plugins together may take over one case, twice in a row."""


class Decided(NamedTuple):
    """One case's decision with what the plugins answered, as the certificate keeps it."""

    known: Known
    decision: Decision
    answers: tuple[dict[str, Any], ...] = ()
    contact: bool = False  # a soft contact is made instead of the step: a letter that costs nothing


def decide_with_plugins(
    known: Known, hooks: Hooks, today: date, law: Law, policy: Policy, *, contacted: bool = False
) -> Decided:
    """What is to be done with the case today. Plugins that take too long over it, twice, hold it.

    `contacted`: the debtor has had a soft contact since the last letter of the ladder, and gets no second one.
    """
    for _ in range(2):
        started = clock.monotonic()
        decided = _decided(known, hooks, today, law, policy, contacted)
        if clock.monotonic() - started <= SLOW_CASE_SECONDS:
            return decided
    slow = PlaceHold(HoldReason.PLUGIN_TROUBLE, days.after(today), "SlowPlugin")
    return _held(known, (slow,), today, law, policy)


def _decided(known: Known, hooks: Hooks, today: date, law: Law, policy: Policy, contacted: bool) -> Decided:
    holds = tuple(hooks.hold_case(known.facts, today))
    decided = _held(known, holds, today, law, policy)
    if decided.decision.step is None:
        return decided
    decision, answers, trouble = _chosen(decided, hooks, today, law, policy, contacted)
    if decision.step is not None and not trouble:
        decision, limits, trouble = _within_limits(decision, hooks, known.facts, today, law)
        answers += limits
    if trouble:  # nothing is done on the word of a plugin that is out of order, nor in spite of it
        return _held(known, (*holds, *trouble), today, law, policy)
    contact = bool(answers) and answers[0].get("chosen") == CONTACT
    return Decided(known, decision, (*decided.answers, *answers), contact)


def _held(known: Known, holds: tuple[PlaceHold, ...], today: date, law: Law, policy: Policy) -> Decided:
    placed = tuple(HoldFacts(h.reason, today, h.until, h.note) for h in holds)
    answers = tuple({"hook": "hold_case", "reason": h.reason, "until": h.look_again_on.isoformat()} for h in holds)
    return Decided(known, decide(known.facts, today, law, policy, placed), answers)


_Answers = tuple[dict[str, Any], ...]


def _chosen(
    decided: Decided, hooks: Hooks, today: date, law: Law, policy: Policy, contacted: bool
) -> tuple[Decision, _Answers, tuple[PlaceHold, ...]]:
    """The decision as plugins would have it: a softer step, or later."""
    decision, facts = decided.decision, decided.known.facts
    if not hooks.answers("choose_step") or decision.step is None:
        return decision, (), ()
    softer = offered(decision, facts, today, law, policy)
    offer = (*(LawfulStep(p.step, _cost(p.costs), p.deadline_on) for p in softer),
             LawfulStep(decision.step, _cost(decision.costs), decision.deadline_on))  # fmt: skip
    found = hooks.choose_step(offer, facts, today, contacted=contacted)
    answer = {"hook": "choose_step", "plugin": found.by, "offered": [each.step for each in offer]}
    if isinstance(found.choice, Step) and found.choice is not decision.step:
        permitted = next(p for p in softer if p.step is found.choice)
        return take(permitted, facts, policy), ({**answer, "chosen": found.choice},), found.holds
    if isinstance(found.choice, SoftContact):
        until = found.choice.look_again_on
        chosen = {**answer, "chosen": CONTACT, "until": until.isoformat()}
        return waiting(CONTACTED, until, facts), (chosen,), found.holds
    if isinstance(found.choice, Wait):
        wait = found.choice
        chosen = {**answer, "chosen": "wait", "until": wait.look_again_on.isoformat()}
        return waiting(wait.because, wait.look_again_on, facts), (chosen,), found.holds
    return decision, (), found.holds


def _within_limits(
    decision: Decision, hooks: Hooks, facts: CaseFacts, today: date, law: Law
) -> tuple[Decision, _Answers, tuple[PlaceHold, ...]]:
    """The decision at no higher costs than plugins let be charged."""
    if not hooks.answers("limit_fee") or decision.step is None:
        return decision, (), ()
    limits: dict[CostKind, Ore] = {}
    answers: list[dict[str, Any]] = []
    holds: list[PlaceHold] = []
    for cost in decision.costs:
        found = hooks.limit_fee(ProposedFee(decision.step, cost.kind, cost.amount_ore, today), facts)
        holds += found.holds
        if found.by:
            limits[cost.kind] = found.amount_ore
            answers.append(
                {"hook": "limit_fee", "plugin": found.by, "cost": cost.kind, "lawful_ore": cost.amount_ore,
                 "amount_ore": found.amount_ore}
            )  # fmt: skip
    return limited(decision, limits, facts, law), tuple(answers), tuple(holds)


def _cost(costs: tuple[Any, ...]) -> Ore:
    return Ore(sum(cost.amount_ore for cost in costs))
