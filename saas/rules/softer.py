"""What plugins chose, made part of a decision: only ever a softer one. Pure; the law has decided before and after.

A plugin proposes values; here they are held against what the law permits today, and what is harder is left out.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from saas.rules.case import Decision
from saas.rules.costs import CostLine, charged_in_all
from saas.rules.facts import Because, CaseFacts, CostKind, Policy, Step
from saas.rules.fees import last_demand, total_cost_cap
from saas.rules.law import Law
from saas.rules.money import Ore
from saas.rules.rates import UnknownLaw
from saas.rules.steps import Conclusion, Permitted, inside_cap, permission
from saas.rules.words import Kroner, joined, say


def offered(decision: Decision, facts: CaseFacts, today: date, law: Law, policy: Policy) -> tuple[Permitted, ...]:
    """The steps lawful today that come before the one decided on, in the order of the ladder.

    One that rests on a figure nobody knows yet is not offered.
    """
    softer = []
    for step in Step:
        if step is decision.step:
            break
        try:
            verdict = permission(step, facts, today, law, policy)
        except UnknownLaw:
            continue
        if isinstance(verdict, Permitted):
            softer.append(verdict)
    return tuple(softer)


def waiting(because: Because, look_again_on: date, facts: CaseFacts) -> Decision:
    """No step now: the case is looked at again on a later day."""
    return Decision(None, (replace(because, from_day=look_again_on),), (), facts.stage, None, None, look_again_on)


def limited(decision: Decision, limits: Mapping[CostKind, Ore], facts: CaseFacts, law: Law) -> Decision:
    """The decision with costs no higher than `limits`, and never higher than the law lets them be (B23).

    A heavy fee that does not raise the costs above those of a light case is no step at all: it would be asked for
    again each night (B10).
    """
    is_lower = any(cost.amount_ore > limits.get(cost.kind, cost.amount_ore) for cost in decision.costs)
    if not is_lower or decision.cap is None:
        return decision
    costs = tuple(line for line in (_limited(cost, limits) for cost in decision.costs) if line.amount_ore > 0)
    if decision.step is Step.HEAVY_FEE and not _is_heavier(costs, facts, law):
        return Decision(None, (_NOT_RAISED,), (), facts.stage, None, None, None)
    kept = tuple(c for c in decision.conclusions if c.rule_id not in ("B15", "B23"))
    return replace(decision, costs=costs, conclusions=(*kept, *inside_cap(facts, costs, decision.cap), _LOWERED))


def _limited(cost: CostLine, limits: Mapping[CostKind, Ore]) -> CostLine:
    most_ore = limits.get(cost.kind)
    if most_ore is None or most_ore >= cost.amount_ore:
        return cost
    amount_ore = Ore(max(0, most_ore))
    lowered = say("Satt ned til {amount}: mindre enn loven tillater.", amount=Kroner(amount_ore))
    return replace(cost, amount_ore=amount_ore, explanation=joined([cost.explanation, lowered]))


def _is_heavier(costs: tuple[CostLine, ...], facts: CaseFacts, law: Law) -> bool:
    demand = last_demand(facts.notices)
    if demand is None:
        return False
    after_ore = charged_in_all(facts) + sum(cost.amount_ore for cost in costs)
    return after_ore > total_cost_cap(facts, demand.sent_on, law).cap_ore


CONTACTED = Because("soft_contact", say("Vi har skrevet til deg uten å kreve noe, og venter litt med neste steg."))
_NOT_RAISED = Because("fee_not_raised", say("Salæret økes ikke i denne saken."), ("B10",))
_LOWERED = Conclusion("B23", say("Virksomheten har valgt å kreve mindre enn loven tillater."))
