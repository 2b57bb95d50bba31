"""What a letter says may come next, and what it says nothing about (A1, m1)."""

from datetime import timedelta

import pytest

from saas.cases.compose import what_may_follow
from saas.rules.deadlines import earliest_next_step
from saas.rules.facts import Policy, Step
from saas.rules.law import load_law
from tests.rules.builders import day, noticed, reminded

DEADLINE = day("2026-11-10")


@pytest.mark.parametrize("step", [Step.REMINDER, Step.COLLECTION_NOTICE])
def test_a_step_that_would_come_under_the_new_act_is_not_promised_at_a_price(step: Step) -> None:
    facts = reminded() if step is Step.REMINDER else noticed()
    next_on = earliest_next_step(DEADLINE, Policy().grace_banking_days)
    just_before = Policy(new_act_from=next_on + timedelta(days=1))
    told = what_may_follow(step, facts, DEADLINE, just_before, load_law())
    assert told == what_may_follow(step, facts, DEADLINE, Policy(), load_law())
    assert told is not None
    assert told.extra_cost_ore > 0
    assert what_may_follow(step, facts, DEADLINE, Policy(new_act_from=next_on), load_law()) is None


def test_a_heavy_fee_that_would_come_under_the_new_act_is_not_told_of() -> None:
    demand = what_may_follow(Step.PAYMENT_DEMAND, noticed(), DEADLINE, Policy(), load_law())
    assert demand is not None
    ahead = Policy(new_act_from=demand.earliest_on)
    assert what_may_follow(Step.PAYMENT_DEMAND, noticed(), DEADLINE, ahead, load_law()) is None
