"""Standard compensation among the costs of a step: W13, B15, B23, C9."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.rules.case import decide
from saas.rules.certificate import certificate
from saas.rules.explain import statement
from saas.rules.facts import CostKind, DebtorKind, Outstanding, Policy, Step
from saas.rules.law import load_law
from saas.rules.money import Ore, ore_of_kroner
from saas.rules.what_if import what_if
from tests.rules.builders import case, claim, collection_notice, day, demand, demanded, noticed, reminder, stated

CLAIMS_IT = Policy(claim_compensation=True)
COMPANY = DebtorKind.COMPANY
COMPENSATION, NOTICE_FEE, COLLECTION_FEE = CostKind.COMPENSATION, CostKind.NOTICE_FEE, CostKind.COLLECTION_FEE
DUE = "2026-09-15"


def business(facts, **changes):
    return replace(facts, debtor_kind=COMPANY, **changes)


def charged(facts, decision):
    """The facts once a decision is booked."""
    more = {kind: sum(c.amount_ore for c in decision.costs if c.kind is kind) for kind in CostKind}
    left = facts.outstanding
    return replace(
        facts,
        charged_notice_fees_ore=Ore(facts.charged_notice_fees_ore + more[NOTICE_FEE]),
        charged_collection_fee_ore=Ore(facts.charged_collection_fee_ore + more[COLLECTION_FEE]),
        charged_compensation_ore=Ore(facts.charged_compensation_ore + more[COMPENSATION]),
        outstanding=Outstanding(
            left.principal_ore,
            left.interest_ore,
            Ore(left.notice_fee_ore + more[NOTICE_FEE]),
            Ore(left.collection_fee_ore + more[COLLECTION_FEE]),
            Ore(left.compensation_ore + more[COMPENSATION]),
        ),
    )


def total(facts):
    return facts.charged_notice_fees_ore + facts.charged_collection_fee_ore + facts.charged_compensation_ore


def costs(decision):
    return {cost.kind: cost.amount_ore for cost in decision.costs}


def test_the_first_letter_charges_it_and_the_reminder_fee_is_set_off_against_it(law):
    """B15, C9: 430 kr, not 430 and 38."""
    decision = decide(business(case()), day("2026-09-29"), law, CLAIMS_IT)
    assert (decision.step, costs(decision)) == (Step.REMINDER, {COMPENSATION: 43_000})
    assert "430,00" in decision.costs[0].explanation
    assert {"C9", "B15", "B23"} <= set(decision.costs[0].rule_ids)
    assert [(x.rule_id, "430,00" in x.text) for x in decision.conclusions if x.rule_id == "B15"] == [("B15", True)]
    assert [row.figure for row in decision.law_rows].count("standard_compensation") == 1


@pytest.mark.parametrize(
    ("kind", "policy"), [(DebtorKind.PERSON, CLAIMS_IT), (COMPANY, Policy())], ids=["C9 consumer", "B15 not claimed"]
)
def test_a_consumer_never_and_nobody_unless_the_tenant_claims_it(law, kind, policy):
    """B15, C9."""
    decision = decide(replace(case(), debtor_kind=kind), day("2026-09-29"), law, policy)
    assert costs(decision) == {NOTICE_FEE: 3_800}


def test_the_letters_after_the_first_charge_it_no_second_time_and_no_notice_fee_beside_it(law):
    """B15."""
    reminded = business(case(notices=(reminder("2026-09-30", "2026-10-16", 0),)), charged_compensation_ore=Ore(43_000))
    decision = decide(reminded, day("2026-10-23"), law, CLAIMS_IT)
    assert (decision.step, costs(decision)) == (Step.COLLECTION_NOTICE, {})


@pytest.mark.parametrize(
    ("kroner", "light", "heavy", "in_all"),
    [(20_000, 137_000, 180_000, 360_000), (400, 0, 13_250, 56_250)],
    ids=["W13 large", "W13 small"],
)
def test_w13_the_collection_fee_is_what_the_cap_leaves_beside_it(law, kroner, light, heavy, in_all):
    """W13, B15, B23: the debtor owes the larger of the two, light and heavy."""
    owed = claim(kroner, DUE)
    notices = (collection_notice("2026-09-29", "2026-10-13", 0),)
    facts = business(noticed(owed, notices=notices), charged_compensation_ore=Ore(43_000))
    decision = decide(facts, day("2026-10-19"), law, CLAIMS_IT)
    assert (decision.step, costs(decision).get(COLLECTION_FEE, 0)) == (Step.PAYMENT_DEMAND, light)
    after = charged(facts, decision)
    assert total(after) == max(43_000, light + 43_000)
    sent = business(
        demanded(owed, notices=(*notices, demand("2026-10-14", "2026-10-28")), charged_collection_fee_ore=Ore(light)),
        charged_compensation_ore=Ore(43_000),
    )
    doubled = decide(sent, day("2026-12-11"), law, CLAIMS_IT)
    assert (doubled.step, costs(doubled)) == (Step.HEAVY_FEE, {COLLECTION_FEE: heavy})
    assert total(charged(sent, doubled)) == in_all
    settled = charged(sent, doubled)
    assert decide(settled, day("2026-12-14"), law, CLAIMS_IT).step is None  # it doubles once


def test_claimed_only_with_the_demand_both_lines_come_to_the_cap_together(law):
    """W13, B15: the creditor sent the notice, without a fee."""
    facts = business(noticed(claim(20_000, DUE), notices=(collection_notice("2026-09-29", "2026-10-13", 0),)))
    decision = decide(facts, day("2026-10-19"), law, CLAIMS_IT)
    assert costs(decision) == {COMPENSATION: 43_000, COLLECTION_FEE: 137_000}
    record = certificate(facts, decision, day("2026-10-19"), law, CLAIMS_IT)
    assert record["cap"]["charged_after_ore"] == record["cap"]["cap_ore"] == 180_000
    assert {cost["kind"] for cost in record["costs"]} == {"compensation", "collection_fee"}


def test_fees_charged_before_it_are_taken_off_it(law):
    """B15: INKF § 2-6 second para."""
    facts = business(noticed(claim(400, DUE)))
    decision = decide(facts, day("2026-10-19"), law, CLAIMS_IT)
    assert costs(decision) == {COMPENSATION: 39_200}
    assert total(charged(facts, decision)) == 43_000
    assert "392,00" in decision.costs[0].explanation


def test_costs_that_come_to_as_much_leave_nothing_of_it(law):
    """B15."""
    facts = business(noticed(claim(400, DUE), charged_notice_fees_ore=7_600, charged_collection_fee_ore=43_000))
    assert COMPENSATION not in costs(decide(facts, day("2026-10-19"), law, CLAIMS_IT))


def test_it_is_paid_for_each_late_invoice_at_the_lower_of_two_half_years(law):
    """C9: 460 before July, 430 after."""
    claims = (claim(400, "2026-06-15", nth=1), claim(900, "2026-06-20", nth=2))
    decision = decide(business(case(*claims)), day("2026-07-13"), law, CLAIMS_IT)
    assert costs(decision) == {COMPENSATION: 86_000}


def test_a_claim_due_before_an_amount_in_kroner_was_set_gives_none(law):
    """C9: EUR 40 is not converted by guess, and the case is not stopped for it."""
    claims = (claim(400, "2012-06-15", nth=1), claim(900, "2026-09-10", nth=2))
    judged = {"facts": (stated("judged_on", "2024-02-01"),)}
    decision = decide(business(case(*claims, **judged)), day("2026-09-29"), law, CLAIMS_IT)
    assert costs(decision) == {COMPENSATION: 43_000}
    alone = business(case(claims[0], **judged))
    assert costs(decide(alone, day("2026-09-29"), law, CLAIMS_IT)) == {NOTICE_FEE: 7_500}


def test_it_is_not_charged_once_the_right_to_costs_is_lost(law):
    """B19."""
    facts = business(noticed(claim(20_000, DUE)), lost_costs="all")
    assert costs(decide(facts, day("2026-10-19"), law, CLAIMS_IT)) == {}


def test_the_statement_and_what_if_show_it_for_itself(law):
    """B15, D3: covered with the costs."""
    facts = charged(business(case()), decide(business(case()), day("2026-09-29"), law, CLAIMS_IT))
    sheet = statement(facts, day("2026-10-01"), law)
    assert (sheet.sum_ore("compensation"), sheet.sum_ore("notice_fee")) == (43_000, 0)
    assert sheet.total_ore == sum(line.amount_ore for line in sheet.lines)
    answer = what_if(facts, ore_of_kroner(500), day("2026-10-01"), law)
    paid = {line.kind: line.paid_ore for line in answer.lines}
    assert paid == {"compensation": 43_000, "principal": 7_000, "interest": 0}
    assert answer.covered_ore + answer.left_ore == sheet.total_ore
    under_way = what_if(replace(facts, letter_under_way=True), 0, day("2026-10-01"), law)
    assert under_way.fee_under_way_ore == 43_000


@given(
    st.integers(1, 400_000_00),
    st.lists(st.sampled_from([3_800, 11_300]), max_size=2),
    st.sampled_from(["2026-09-15", "2026-06-20", "2026-01-10"]),
)
def test_whatever_came_first_a_business_owes_the_larger_of_compensation_and_cap_and_never_more(ore, earlier, due_on):
    """B15, B23: over the whole ladder."""
    law = load_law()
    owed = replace(claim(1, due_on), principal_ore=Ore(ore), principal_left_ore=Ore(ore))
    notices = (collection_notice("2026-09-29", "2026-10-13", 0, by_creditor=True),)
    fees = Ore(min(sum(earlier), 18_750))  # what intake lets through, at most the lowest cap
    facts = business(noticed(owed, notices=notices, charged_notice_fees_ore=fees))
    decision = decide(facts, day("2026-10-19"), law, CLAIMS_IT)
    after = charged(facts, decision)
    assert total(after) == max(total(facts), decision.cap.cap_ore, 43_000)
    assert after.charged_compensation_ore <= 43_000
