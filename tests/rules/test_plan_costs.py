"""Worked example W16; B14, B23."""

import pytest

from saas.rules.facts import DebtorKind, Policy
from saas.rules.money import Ore, ore_of_kroner
from saas.rules.plan_costs import PlanFacts, plan_cost_cap
from saas.rules.plan_default import Instalment
from tests.rules.builders import case, claim, collection_notice, day, demand

NO_GRACE = Policy(grace_banking_days=0)
LETTERS = (collection_notice("2026-08-17", "2026-08-31"), demand("2026-09-01", "2026-09-15"))
AGREED_ON = "2026-09-10"


def facts(**changes):
    """Principal 12 000, demand 2026-09-01 with 14 days, heavy from 2026-10-14."""
    return case(claim(12_000, "2026-07-15"), notices=LETTERS, **changes)


def plan(*due_on, told=True, brought_on=None, agreed_on=AGREED_ON):
    parts = tuple(Instalment(day(on), Ore(1_200_000 // len(due_on))) for on in due_on)
    return PlanFacts(day(agreed_on), parts, told, day(brought_on) if brought_on else None)


SHORT = plan("2026-09-15", "2026-09-22", "2026-10-01", "2026-10-10")
FOUR = plan("2026-09-15", "2026-10-15", "2026-11-16", "2026-12-15")
FIVE_DAYS = ("2026-09-15", "2026-10-15", "2026-11-16", "2026-12-15", "2027-01-15")


def total(law, agreed, on="2026-12-01", policy=NO_GRACE, **changes):
    return plan_cost_cap(facts(**changes), agreed, day(on), law, policy).total_ore


def test_w16_four_instalments_within_the_light_days_keep_the_light_cap(law):
    """W16, B14."""
    assert total(law, SHORT) == ore_of_kroner(1200)


def test_w16_four_instalments_past_the_heavy_date_may_carry_the_heavy_fee(law):
    """W16, B14, B10."""
    assert total(law, FOUR) == ore_of_kroner(2400)


def test_w16_five_instalments_raise_the_cap_by_one_and_a_half_inkassosats(law):
    """W16, B14."""
    assert total(law, plan(*FIVE_DAYS)) == ore_of_kroner(3525)


@pytest.mark.parametrize(
    ("brought_on", "kroner"), [("2026-11-30", 2400), ("2026-12-01", 2400), ("2026-12-02", 3525), ("2026-08-20", 2400)]
)
def test_w16_the_surcharge_falls_away_when_the_case_is_brought_before_a_court(law, brought_on, kroner):
    """W16, B14: also when it was brought before the plan was agreed."""
    assert total(law, plan(*FIVE_DAYS, brought_on=brought_on)) == ore_of_kroner(kroner)


def test_w16_vat_stands_on_the_cap_and_not_on_the_surcharge(law):
    """W16, B14, B12: 4 406.25 would be with VAT on both."""
    assert total(law, plan(*FIVE_DAYS), vat_deductible=False) == ore_of_kroner(4125)


def test_w16_a_business_pays_the_uplift_on_the_cap_and_not_on_the_surcharge(law):
    """W16, B14: INKF § 2-1 multiplies §§ 2-2 and 2-3 only."""
    assert total(law, plan(*FIVE_DAYS), debtor_kind=DebtorKind.COMPANY) == ore_of_kroner(4725)


@pytest.mark.parametrize("due_on", [FIVE_DAYS, FIVE_DAYS[:4]], ids=["five", "four"])
def test_w16_a_debtor_who_was_not_told_owes_the_light_cap_at_most(law, due_on):
    """W16, B14, B19."""
    found = plan_cost_cap(facts(), plan(*due_on, told=False), day("2026-12-01"), law, NO_GRACE)
    assert (found.total_ore, found.surcharge_ore) == (ore_of_kroner(1200), 0)
    assert found.lost.code == "plan_costs_not_told"


def test_nothing_is_lost_by_silence_when_nothing_extra_was_at_stake(law):
    """B14."""
    silent = PlanFacts(SHORT.agreed_on, SHORT.instalments, told_before_acceptance=False)
    assert plan_cost_cap(facts(), silent, day("2026-12-01"), law, NO_GRACE).lost is None


def test_a_heavy_fee_reached_before_the_plan_stands_though_nothing_was_told(law):
    """B14, B10."""
    late = plan("2026-11-02", "2026-12-01", told=False, agreed_on="2026-10-14")
    found = plan_cost_cap(facts(), late, day("2026-12-01"), law, NO_GRACE)
    assert (found.total_ore, found.lost) == (ore_of_kroner(2400), None)
    day_before = plan("2026-11-02", "2026-12-01", told=False, agreed_on="2026-10-13")
    assert total(law, day_before) == ore_of_kroner(1200)


@pytest.mark.parametrize(("last", "kroner"), [("2026-10-13", 1200), ("2026-10-14", 2400), ("2026-10-15", 2400)])
def test_a_plan_runs_past_the_heavy_date_from_that_day_on(law, last, kroner):
    """B14, B10."""
    assert total(law, plan("2026-09-15", last)) == ore_of_kroner(kroner)


def test_days_for_payments_under_way_move_the_heavy_date(law):
    """B14, A2: 13 October is the last light day, then three banking days."""
    assert total(law, plan("2026-09-15", "2026-10-18"), policy=Policy()) == ore_of_kroner(1200)
    assert total(law, plan("2026-09-15", "2026-10-19"), policy=Policy()) == ore_of_kroner(2400)


def test_a_plan_before_any_demand_has_the_light_cap(law):
    """B14, B10."""
    early = case(claim(12_000, "2026-07-15"), notices=LETTERS[:1])
    assert plan_cost_cap(early, FOUR, day("2026-12-01"), law).total_ore == ore_of_kroner(1200)


def test_a_demand_without_a_missed_deadline_before_it_never_grows_heavy(law):
    """B14, B10."""
    bare = case(claim(12_000, "2026-07-15"), notices=LETTERS[1:])
    assert plan_cost_cap(bare, FOUR, day("2026-12-01"), law).total_ore == ore_of_kroner(1200)


@pytest.mark.parametrize(("on", "kroner"), [("2019-06-01", 1050), ("2025-12-31", 1050), ("2026-01-01", 1125)])
def test_the_surcharge_follows_the_inkassosats(law, on, kroner):
    """B14, B11."""
    owed = case(claim(12_000, "2018-07-15"), notices=LETTERS[:0])
    assert plan_cost_cap(owed, plan(*FIVE_DAYS), day(on), law).surcharge_ore == ore_of_kroner(kroner)


def test_the_cap_explains_itself(law):
    """B14, B23."""
    four = plan_cost_cap(facts(), plan(*FIVE_DAYS[:4]), day("2026-12-01"), law, NO_GRACE)
    assert not any("avdrag" in c.text and "1\u00a0125,00\u00a0kr" in c.text for c in four.conclusions)
    words = [c.text for c in plan_cost_cap(facts(), plan(*FIVE_DAYS), day("2026-12-01"), law, NO_GRACE).conclusions]
    assert any("5 avdrag" in text and "1\u00a0125,00\u00a0kr" in text for text in words)
    assert any("Purregebyrer regnes med" in text for text in words)
