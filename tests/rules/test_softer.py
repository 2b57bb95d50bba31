"""What plugins chose is held against the law: lower costs and gentler steps only; B10, B23."""

import json
from dataclasses import replace

import pytest

from saas.rules.case import decide
from saas.rules.certificate import certificate, encode
from saas.rules.facts import DEFAULT_POLICY, Because, CostKind, Step
from saas.rules.money import Ore
from saas.rules.softer import limited, offered, waiting
from saas.verifier import verify
from tests.rules.builders import case, claim, day, demanded, noticed

FEE = CostKind.COLLECTION_FEE
NOTICE = CostKind.NOTICE_FEE


def decided(facts, today, law):
    decision = decide(facts, day(today), law)
    assert decision.step is not None
    return decision


def charged(decision):
    return sum(cost.amount_ore for cost in decision.costs)


@pytest.mark.parametrize(
    ("most_ore", "amount_ore"),
    [(90_000, 56_200), (56_200, 56_200), (56_199, 56_199), (10_000, 10_000), (0, 0), (-5, 0)],
)
def test_a_fee_is_lowered_and_never_raised_above_what_the_law_gives(law, most_ore, amount_ore):
    """B23: the light cap of 600 leaves 562 beside the notice fee of 38."""
    softer = limited(decided(noticed(), "2026-10-19", law), {FEE: Ore(most_ore)}, noticed(), law)
    assert (softer.step, charged(softer)) == (Step.PAYMENT_DEMAND, amount_ore)
    told = [c.text for c in softer.conclusions if c.rule_id == "B23"]
    assert told[0].startswith("Kostnadene er " + {56_200: "600", 56_199: "599", 10_000: "138", 0: "38"}[amount_ore])
    assert ("Virksomheten har valgt å kreve mindre enn loven tillater." in told) == (amount_ore < 56_200)


def test_a_limit_on_another_kind_of_cost_changes_nothing(law):
    """B23."""
    decision = decided(noticed(), "2026-10-19", law)
    assert limited(decision, {NOTICE: Ore(0)}, noticed(), law) is decision
    reminder = decided(case(), "2026-09-29", law)
    assert charged(limited(reminder, {NOTICE: Ore(1_000)}, case(), law)) == 1_000


@pytest.mark.parametrize(("most_ore", "step"), [(60_000, Step.HEAVY_FEE), (1, Step.HEAVY_FEE), (0, None)])
def test_a_heavy_fee_that_raises_nothing_is_no_step(law, most_ore, step):
    """B10: it would be asked for again each night."""
    softer = limited(decided(demanded(), "2026-12-01", law), {FEE: Ore(most_ore)}, demanded(), law)
    assert softer.step is step
    assert charged(softer) == (most_ore if step else 0)
    assert step is not None or softer.why[0].code == "fee_not_raised"


def test_the_verifier_accepts_what_is_lower(law):
    """B23."""
    today = day("2026-10-19")
    softer = limited(decided(noticed(), "2026-10-19", law), {FEE: Ore(10_000)}, noticed(), law)
    record = encode(certificate(noticed(), softer, today, law, DEFAULT_POLICY))
    assert verify(record).findings == ()
    assert json.loads(record)["costs"][0]["amount_ore"] == 10_000


def test_only_lawful_steps_before_the_one_decided_on_are_offered(law):
    facts, today = case(claim(3000, "2026-09-15")), day("2026-09-29")
    no_reminder = replace(DEFAULT_POLICY, send_reminder=False)
    decision = decide(facts, today, law, no_reminder)
    assert decision.step is Step.COLLECTION_NOTICE
    assert [each.step for each in offered(decision, facts, today, law, no_reminder)] == [Step.REMINDER]
    assert offered(decide(facts, today, law), facts, today, law, DEFAULT_POLICY) == ()


def test_waiting_takes_no_step_and_says_until_when():
    facts, later = noticed(), day("2026-11-02")
    decision = waiting(Because("quiet", "Vi venter."), later, facts)
    assert (decision.step, decision.costs, decision.stage_after) == (None, (), facts.stage)
    assert (decision.next_action_on, decision.why[0].from_day) == (later, later)
