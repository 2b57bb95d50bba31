"""The cost lines a step brings: which letter bears what, and how much of it the cap has room for."""

import pytest

from saas.rules.case import decide
from saas.rules.certificate import certificate
from saas.rules.costs import charged_in_all, collection_fee_line, compensation_line, lower_cap, notice_fee_line
from saas.rules.facts import DebtorKind, Policy, Step
from saas.rules.fees import total_cost_cap
from saas.rules.lost_costs import Scope
from saas.rules.money import ore_of_kroner
from tests.rules.builders import case, claim, collection_notice, day, demand, demanded, noticed, reminder

REMINDED = reminder("2026-09-29", "2026-10-13")
NOTICED = collection_notice("2026-10-14", "2026-10-28")
OWN_DEMAND = demand("2026-10-29", "2026-11-12", 11_300)


def fee(law, step, on, *notices, sending_on=None, **changes):
    facts = case(notices=notices, **changes)
    cap = total_cost_cap(facts, day(on), law)
    line, _ = notice_fee_line(step, facts, day(on), day(sending_on or on), law, cap)
    return 0 if line is None else line.amount_ore


@pytest.mark.parametrize(
    ("step", "notices", "on", "fee_ore"),
    [
        (Step.REMINDER, (), "2026-09-28", 0),
        (Step.REMINDER, (), "2026-09-29", 3_800),
        (Step.COLLECTION_NOTICE, (REMINDED,), "2026-10-14", 3_800),
        (Step.REMINDER, (REMINDED, NOTICED), "2026-11-10", 0),
        (Step.COLLECTION_NOTICE, (REMINDED,), "2026-10-13", 0),
        (Step.COLLECTION_NOTICE, (NOTICED,), "2026-11-20", 0),
        (Step.PAYMENT_DEMAND, (REMINDED, NOTICED), "2026-10-29", 11_300),
        (Step.PAYMENT_DEMAND, (NOTICED,), "2026-10-28", 0),
        (Step.PAYMENT_DEMAND, (REMINDED, NOTICED, OWN_DEMAND), "2026-11-20", 0),
    ],
)
def test_a_letter_bears_the_fee_the_regulation_gives_it_and_no_other(law, step, notices, on, fee_ore):
    """B1, B2, B3, B4, B6."""
    assert fee(law, step, on, *notices) == fee_ore


@pytest.mark.parametrize(("on", "fee_ore"), [("2026-09-30", 0), ("2026-10-01", 3_800)])
def test_after_more_than_six_months_a_letter_bears_a_fee_again(law, on, fee_ore):
    """B5."""
    sent = (reminder("2026-02-28", "2026-03-14"), reminder("2026-03-31", "2026-04-14"))
    assert fee(law, Step.REMINDER, on, *sent, claims=(claim(3000, "2026-01-15"),)) == fee_ore


def test_a_fee_must_be_lawful_on_both_days_and_of_two_amounts_the_lower_counts(law):
    """A4, B1, B11."""
    assert fee(law, Step.REMINDER, "2026-09-28", sending_on="2026-09-29") == 0
    old = (claim(3000, "2025-12-01"),)
    assert fee(law, Step.REMINDER, "2025-12-31", sending_on="2026-01-02", claims=old) == 3_500
    assert fee(law, Step.REMINDER, "2026-01-02", sending_on="2026-01-05", claims=old) == 3_800


def test_a_notice_fee_stops_where_the_cap_is_full(law):
    """B23."""
    small = (claim(400, "2026-09-15"),)
    assert fee(law, Step.REMINDER, "2026-09-29", claims=small, charged_notice_fees_ore=18_000) == 750
    assert fee(law, Step.REMINDER, "2026-09-29", claims=small, charged_notice_fees_ore=18_750) == 0


@pytest.mark.parametrize(
    ("lost", "fee_ore", "salary_ore"), [("", 3_800, 56_200), (Scope.AGENCY_FEE, 3_800, 0), (Scope.ALL, 0, 0)]
)
def test_what_is_lost_is_not_charged_again_in_the_same_round(law, lost, fee_ore, salary_ore):
    """B19, N9."""
    assert fee(law, Step.REMINDER, "2026-09-29", lost_costs=lost) == fee_ore
    facts = noticed(lost_costs=lost)
    line = collection_fee_line(facts, total_cost_cap(facts, day("2026-10-14"), law))
    assert (0 if line is None else line.amount_ore) == salary_ore


@pytest.mark.parametrize(
    ("heavy", "charged", "amount", "rule"),
    [(False, 0, 56_200, "B9"), (False, 56_200, 0, ""), (True, 56_200, 60_000, "B10")],
)
def test_the_collection_fee_is_what_the_cap_leaves_and_heavy_replaces_light(law, heavy, charged, amount, rule):
    """B9, B10, B23."""
    facts = demanded(charged_collection_fee_ore=charged)
    line = collection_fee_line(facts, total_cost_cap(facts, day("2026-12-01"), law, heavy=heavy))
    assert (0 if line is None else line.amount_ore) == amount
    assert line is None or rule in line.rule_ids


@pytest.mark.parametrize(
    ("today", "sending_on", "kroner"),
    [("2025-12-31", "2026-01-02", 560), ("2026-01-02", "2026-01-05", 600), ("2025-12-30", "2025-12-31", 560)],
)
def test_of_two_caps_around_new_year_the_lower_one_counts(law, today, sending_on, kroner):
    """A4, B11."""
    facts = noticed(claim(3000, "2025-10-01"))
    assert lower_cap(facts, day(today), day(sending_on), law).cap_ore == ore_of_kroner(kroner)
    line = collection_fee_line(facts, lower_cap(facts, day(today), day(sending_on), law))
    assert line.amount_ore == ore_of_kroner(kroner) - 3_800


def test_compensation_takes_its_place_under_the_cap_beside_the_fees(law):
    """B15, B23."""
    facts = noticed(debtor_kind=DebtorKind.COMPANY, charged_compensation_ore=43_000)
    assert charged_in_all(facts) == 46_800
    assert charged_in_all(noticed()) == 3_800
    cap = total_cost_cap(facts, day("2026-10-19"), law)
    assert collection_fee_line(facts, cap).amount_ore == cap.cap_ore - 46_800
    assert fee(law, Step.REMINDER, "2026-09-29", charged_compensation_ore=43_000) == 0
    assert fee(law, Step.REMINDER, "2026-09-29", charged_compensation_ore=3_000) == 800


CLAIMING = Policy(claim_compensation=True)


def test_compensation_comes_with_the_first_letter_and_the_larger_of_the_two_is_owed(law):
    """A4, B15, C9."""
    on = (day("2026-10-19"),)
    company = case(debtor_kind=DebtorKind.COMPANY)
    assert compensation_line(company, on, law, CLAIMING)[0].amount_ore == 43_000
    charged = case(debtor_kind=DebtorKind.COMPANY, charged_notice_fees_ore=7_600)
    assert compensation_line(charged, on, law, CLAIMING)[0].amount_ore == 35_400
    assert compensation_line(case(), on, law, CLAIMING) is None
    assert compensation_line(company, on, law, Policy()) is None
    june = case(claim(3000, "2026-06-01"), debtor_kind=DebtorKind.COMPANY)
    days = [day("2026-06-30"), day("2026-07-01")]
    assert compensation_line(june, days[:1], law, CLAIMING)[0].amount_ore == 46_000
    assert compensation_line(june, days, law, CLAIMING)[0].amount_ore == 43_000


def test_a_letter_with_compensation_says_what_both_come_to_and_its_certificate_too(law):
    """B15, B23, C9."""
    today, company = day("2026-10-19"), noticed(debtor_kind=DebtorKind.COMPANY, charged_notice_fees_ore=3_800)
    for policy, amounts, grounds in (
        (CLAIMING, [39_200, 47_000], 1),
        (Policy(), [86_200], 0),
    ):
        decision = decide(company, today, law, policy)
        assert [cost.amount_ore for cost in decision.costs] == amounts
        assert len([c for c in decision.conclusions if c.rule_id == "B15"]) == grounds
        cap = certificate(company, decision, today, law, policy, ())["cap"]
        assert cap["cap_ore"] == cap["charged_before_ore"] + sum(amounts) == 90_000
    claimed = noticed(debtor_kind=DebtorKind.COMPANY, charged_compensation_ore=39_200)
    decision = decide(claimed, today, law, CLAIMING)
    assert certificate(claimed, decision, today, law, CLAIMING, ())["cap"]["charged_before_ore"] == 43_000
