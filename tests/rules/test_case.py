"""The ladder: W11, A1-A4, B9, B10, B16, B17, B23, E1, E3, E6."""

from dataclasses import replace
from decimal import Decimal

import pytest

from saas.rules.case import Decision, Permitted, decide, legal_steps
from saas.rules.facts import (
    Because,
    CostKind,
    DebtorKind,
    HoldFacts,
    HoldReason,
    Outstanding,
    Policy,
    Stage,
    Step,
)
from saas.rules.money import Ore
from tests.rules.builders import (
    case,
    claim,
    collection_notice,
    day,
    demand,
    demanded,
    noticed,
    reminded,
    reminder,
    stated,
)

NO_GRACE = Policy(grace_banking_days=0, slack_days=0, send_reminder=False)


def outcome(decision: Decision):
    return decision.step, [because.code for because in decision.why]


def costs(decision: Decision):
    return [(cost.kind, cost.amount_ore) for cost in decision.costs]


# --- the first letter -----------------------------------------------------------------------------------------------


def test_nothing_is_sent_before_the_due_date_and_the_right_day_is_named(law):
    """S0, B1."""
    decision = decide(case(), day("2026-09-01"), law)
    assert outcome(decision) == (None, ["not_due"])
    assert decision.next_action_on == day("2026-09-29")
    assert decision.stage_after is Stage.REGISTERED
    assert decide(case(), day("2026-09-29"), law).step is Step.REMINDER


def test_nothing_is_sent_on_day_13_and_a_reminder_with_fee_on_day_14(law):
    """B1, B6, B28, A4."""
    assert outcome(decide(case(), day("2026-09-28"), law)) == (None, ["too_soon_after_due"])
    decision = decide(case(), day("2026-09-29"), law)
    assert outcome(decision) == (Step.REMINDER, [])
    assert costs(decision) == [(CostKind.NOTICE_FEE, 3800)]
    assert decision.stage_after is Stage.REMINDED
    assert decision.expected_sending_on == day("2026-09-30")
    assert decision.deadline_on == day("2026-10-19")  # 30 September + 14 + 3 is a Saturday
    assert decision.next_action_on == day("2026-10-23")


def test_a_tenant_may_skip_the_reminder(law):
    """S1, S2."""
    assert decide(case(), day("2026-09-29"), law).step is Step.REMINDER
    decision = decide(case(), day("2026-09-29"), law, Policy(send_reminder=False))
    assert decision.step is Step.COLLECTION_NOTICE
    assert costs(decision) == [(CostKind.NOTICE_FEE, 3800)]


def test_w11_the_shortest_lawful_timeline(law):
    """A1, B1, B9, B10, S2, S4."""
    first = decide(case(), day("2026-09-29"), law, NO_GRACE)
    assert first.step is Step.COLLECTION_NOTICE

    assert outcome(decide(noticed(), day("2026-10-13"), law, NO_GRACE)) == (None, ["deadline_running"])
    light = decide(noticed(), day("2026-10-14"), law, NO_GRACE)
    assert light.step is Step.PAYMENT_DEMAND
    assert costs(light) == [(CostKind.COLLECTION_FEE, 56_200)]  # 600 less the notice fee

    assert outcome(decide(demanded(), day("2026-11-25"), law, NO_GRACE)) == (None, ["deadline_running"])
    heavy = decide(demanded(), day("2026-11-26"), law, NO_GRACE)
    assert heavy.step is Step.HEAVY_FEE
    assert costs(heavy) == [(CostKind.COLLECTION_FEE, 60_000)]
    assert (heavy.expected_sending_on, heavy.deadline_on, heavy.is_letter) == (None, None, False)


def test_w11_with_three_banking_days_of_grace_the_demand_moves_to_19_october(law):
    """A1, A2."""
    for early in ("2026-10-13", "2026-10-14", "2026-10-16", "2026-10-18"):
        decision = decide(noticed(), day(early), law)
        assert decision.step is None
        assert decision.next_action_on == day("2026-10-19")
    assert decide(noticed(), day("2026-10-19"), law).step is Step.PAYMENT_DEMAND


def test_the_heavy_fee_has_the_same_grace_after_its_last_light_day(law):
    """A2, B10."""
    assert decide(demanded(), day("2026-11-30"), law).next_action_on == day("2026-12-01")
    assert decide(demanded(), day("2026-12-01"), law).step is Step.HEAVY_FEE


def test_days_on_hold_after_the_demand_move_the_heavy_fee(law):
    """B10, E6."""
    decision = decide(demanded(held_days_since_demand=10), day("2026-12-01"), law, NO_GRACE)
    assert outcome(decision) == (None, ["deadline_running"])
    assert decision.next_action_on == day("2026-12-07")  # 6 December is a Sunday
    held = demanded(held_days_since_demand=10)
    assert decide(held, day("2026-12-07"), law, NO_GRACE).step is Step.HEAVY_FEE


def test_after_the_demand_the_case_is_looked_at_again_when_the_fee_may_double(law):
    """A2, B10."""
    decision = decide(noticed(), day("2026-10-19"), law, NO_GRACE)
    assert decision.deadline_on == day("2026-11-03")
    assert decision.next_action_on == day("2026-12-02")


def test_after_the_heavy_fee_only_a_person_goes_on_even_when_the_rate_is_raised(law):
    """B10, B11."""
    done = demanded(charged_collection_fee_ore=Ore(116_200))
    assert outcome(decide(done, day("2026-12-15"), law)) == (None, ["ladder_done"])
    assert legal_steps(done, day("2026-12-15"), law)[Step.HEAVY_FEE].code == "already_taken"
    raised = demanded(
        claim(3000, "2025-09-15"),
        notices=(
            collection_notice("2025-10-01", "2025-10-15", 3500),
            demand("2025-10-20", "2025-11-03"),
        ),
        charged_collection_fee_ore=Ore(108_500),  # heavy at sats 700
    )
    assert outcome(decide(raised, day("2026-02-02"), law)) == (None, ["ladder_done"])
    light = replace(raised, charged_collection_fee_ore=Ore(52_500))
    assert costs(decide(light, day("2026-02-02"), law)) == [(CostKind.COLLECTION_FEE, 120_000 - 3500 - 52_500)]
    assert legal_steps(raised, day("2026-02-02"), law)[Step.HEAVY_FEE].code == "already_taken"


def test_each_reminder_deadline_is_waited_for_before_the_collection_notice(law):
    """A1, A2, B3, S1."""
    assert outcome(decide(reminded(), day("2026-10-21"), law)) == (None, ["deadline_running"])
    decision = decide(reminded(), day("2026-10-22"), law)
    assert decision.step is Step.COLLECTION_NOTICE
    assert costs(decision) == [(CostKind.NOTICE_FEE, 3800)]
    assert decision.stage_after is Stage.NOTICED


def test_the_printed_deadline_is_kept_even_when_it_is_longer_than_the_law_asks(law):
    long = case(stage=Stage.REMINDED, notices=(reminder("2026-09-30", "2026-12-01"),))
    assert decide(long, day("2026-12-04"), law).step is None
    assert decide(long, day("2026-12-07"), law).step is Step.COLLECTION_NOTICE


# --- the creditor's own letters -------------------------------------------------------------------------------------


def test_a_creditors_collection_notice_with_missed_deadline_leads_straight_to_the_demand(law):
    """S2, S4."""
    facts = case(notices=(collection_notice("2026-09-29", "2026-10-13", by_creditor=True),))
    decision = decide(facts, day("2026-10-19"), law)
    assert decision.step is Step.PAYMENT_DEMAND
    assert costs(decision) == [(CostKind.COLLECTION_FEE, 56_200)]


def test_each_claim_needs_a_collection_notice_of_its_own_before_the_demand(law):
    """S2, S4."""
    old, new = claim(2000, "2026-08-14", nth=1), claim(3000, "2026-09-15", nth=2)
    only_old = replace(collection_notice("2026-09-29", "2026-10-13"), claim_ids=(old.id,))
    both = replace(only_old, claim_ids=(old.id, new.id))
    assert outcome(decide(noticed(old, new, notices=(both,)), day("2026-10-19"), law))[0] is Step.PAYMENT_DEMAND
    assert decide(noticed(old, new, notices=(only_old,)), day("2026-10-19"), law).step is None
    its_own = replace(collection_notice("2026-09-30", "2026-10-14"), claim_ids=(new.id,))
    joined = noticed(old, new, notices=(only_old, its_own))
    assert decide(joined, day("2026-10-20"), law).step is Step.PAYMENT_DEMAND


def test_the_heavy_fee_waits_when_the_demand_was_not_about_a_claim_still_unpaid(law):
    """B10."""
    old, new = claim(2000, "2026-08-14", nth=1), claim(3000, "2026-09-15", nth=2)
    whole = demanded(old, new, charged_collection_fee_ore=26_200)
    letter = replace(whole.notices[-1], claim_ids=(old.id,))
    assert decide(whole, day("2026-12-15"), law).step is Step.HEAVY_FEE
    part = replace(whole, notices=(*whole.notices[:-1], letter))
    assert outcome(decide(part, day("2026-12-15"), law)) == (None, ["no_missed_deadline"])


def test_a_creditors_reminder_counts_and_the_collection_notice_comes_next(law):
    facts = case(notices=(reminder("2026-09-29", "2026-10-13", by_creditor=True),))
    assert decide(facts, day("2026-10-19"), law).step is Step.COLLECTION_NOTICE


@pytest.mark.parametrize(
    ("sent_on", "deadline_on"),
    [("2026-09-29", "2026-10-12"), ("2026-09-15", "2026-10-13"), ("2026-09-01", "2026-10-13")],
)
def test_a_creditors_collection_notice_that_was_too_short_or_too_early_does_not_count(law, sent_on, deadline_on):
    """S2: INKL § 9."""
    facts = case(notices=(collection_notice(sent_on, deadline_on, fee_ore=0, by_creditor=True),))
    decision = decide(facts, day("2026-10-19"), law)
    assert decision.step is Step.COLLECTION_NOTICE


def test_the_agency_sends_its_own_demand_even_when_the_creditor_sent_one(law):
    """B23."""
    sent = (
        collection_notice("2026-09-29", "2026-10-13", by_creditor=True),
        demand("2026-10-14", "2026-10-28", 11_300, by_creditor=True),
    )
    decision = decide(case(notices=sent), day("2026-11-03"), law)
    assert decision.step is Step.PAYMENT_DEMAND
    assert costs(decision) == [(CostKind.COLLECTION_FEE, 60_000 - 3800 - 11_300)]


# --- who collects, for whom -----------------------------------------------------------------------------------------


def test_a_company_that_collects_its_own_claims_charges_113_for_its_demand_and_never_a_collection_fee(law):
    """B4."""
    decision = decide(noticed(agency_licence=False), day("2026-10-19"), law)
    assert decision.step is Step.PAYMENT_DEMAND
    assert costs(decision) == [(CostKind.NOTICE_FEE, 11_300)]
    assert decision.next_action_on is None
    done = demanded(agency_licence=False, charged_collection_fee_ore=Ore(0))
    assert outcome(decide(done, day("2026-12-15"), law)) == (None, ["ladder_done"])


def test_a_company_debtor_bears_the_business_fee_and_vat_is_added_when_the_creditor_cannot_deduct_it(law):
    """B12."""
    business = noticed(debtor_kind=DebtorKind.COMPANY, vat_deductible=False)
    assert costs(decide(business, day("2026-10-19"), law)) == [(CostKind.COLLECTION_FEE, 112_500 - 3800)]


def test_w10_small_claims_get_no_agency_fee_when_the_notice_fees_have_filled_the_cap(law):
    """B9, B23."""
    facts = noticed(claim(400, "2026-09-15"), charged_notice_fees_ore=18_900)
    decision = decide(facts, day("2026-10-19"), law)
    assert outcome(decision) == (Step.PAYMENT_DEMAND, [])
    assert decision.costs == ()


def test_w10_the_own_demand_fee_stops_where_the_cap_is_full(law):
    """B4, B23."""
    facts = noticed(claim(400, "2026-09-15"), agency_licence=False, charged_notice_fees_ore=7600)
    decision = decide(facts, day("2026-10-19"), law)
    assert costs(decision) == [(CostKind.NOTICE_FEE, 11_150)]
    assert "Taket" in decision.costs[0].explanation


def test_joined_claims_bear_one_fee(law):
    """B16."""
    invoices = [
        claim(900, "2026-04-15", nth=1),
        claim(1200, "2026-05-15", nth=2),
        claim(700, "2026-06-15", nth=3),
    ]
    assert costs(decide(noticed(*invoices), day("2026-10-19"), law)) == [(CostKind.COLLECTION_FEE, 56_200)]


def test_a_claim_paid_before_the_demand_does_not_raise_the_fee(law):
    """B8."""
    paid = claim(2000, "2026-09-01", paid=(("2026-10-05", 2000),), nth=2)
    decision = decide(noticed(claim(900, "2026-09-15"), paid), day("2026-10-19"), law)
    assert costs(decision) == [(CostKind.COLLECTION_FEE, 26_250 - 3800)]


def test_w15_the_heavy_band_is_still_that_of_the_whole_principal_after_a_part_payment(law):
    """B8, B10."""
    facts = demanded(claim(4000, "2026-09-15", paid=(("2026-11-20", 3900),)))
    assert costs(decide(facts, day("2026-12-01"), law)) == [(CostKind.COLLECTION_FEE, 60_000)]


def test_a_claim_paid_in_full_after_the_demand_no_longer_counts_when_the_fee_doubles(law):
    """B23, B8, B10."""
    claims = (
        claim(1300, "2026-09-15", nth=1),
        claim("1200.01", "2026-09-10", paid=(("2026-11-02", "1200.01"),), nth=2),
    )
    decision = decide(demanded(*claims), day("2026-12-01"), law)  # 600.00 is charged: the heavy fee of 1 300.00 alone
    assert [b.code for b in decision.why] == ["no_room"]
    unpaid = tuple(replace(c, principal_left_ore=c.principal_ore, principal_moves=()) for c in claims)
    assert costs(decide(demanded(*unpaid), day("2026-12-01"), law)) == [(CostKind.COLLECTION_FEE, 60_000)]


# --- waiting for another claim --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ready_on", "step"),
    [
        ("2026-10-19", Step.PAYMENT_DEMAND),
        ("2026-10-20", None),
        ("2026-11-02", None),
        ("2026-11-03", Step.PAYMENT_DEMAND),
    ],
)
def test_the_demand_waits_for_another_claim_that_is_ready_within_fourteen_days(law, ready_on, step):
    """B16, B17."""
    decision = decide(noticed(sibling_ready_on=day(ready_on)), day("2026-10-19"), law)
    assert decision.step is step
    if step is None:
        assert [b.code for b in decision.why] == ["join_wait"]
        assert decision.next_action_on == day(ready_on)


# --- the turn of the year, and law that is not known ----------------------------------------------------------------


def test_a_fee_around_new_year_is_the_lower_of_both_years(law):
    """A4, B11."""
    facts = case(claim(3000, "2025-12-17"))
    decision = decide(facts, day("2025-12-31"), law)
    assert decision.expected_sending_on == day("2026-01-02")
    assert costs(decision) == [(CostKind.NOTICE_FEE, 3500)]
    assert costs(decide(facts, day("2026-01-02"), law)) == [(CostKind.NOTICE_FEE, 3800)]


def test_the_collection_fee_around_new_year_is_the_lower_of_both_years(law):
    """A4, B11."""
    facts = noticed(claim(3000, "2025-11-15"), notices=(collection_notice("2025-12-01", "2025-12-15", 3500),))
    assert costs(decide(facts, day("2025-12-31"), law)) == [(CostKind.COLLECTION_FEE, 56_000 - 3500)]
    assert costs(decide(facts, day("2026-01-02"), law)) == [(CostKind.COLLECTION_FEE, 60_000 - 3500)]


def test_a_letter_across_1_july_rests_on_both_interest_rates(law):
    """A4, C1, C2."""
    decision = decide(case(claim(3000, "2026-06-16")), day("2026-06-30"), law)
    assert [row.value for row in decision.law_rows if row.figure == "late_interest"] == [
        Decimal("12.00"),
        Decimal("12.25"),
    ]
    later = decide(case(claim(3000, "2026-06-16")), day("2026-07-01"), law)
    assert [row.value for row in later.law_rows if row.figure == "late_interest"] == [Decimal("12.25")]


def test_a_letter_expected_to_leave_in_a_year_with_unknown_rates_is_held(law):
    """A4, C1."""
    facts = case(claim(3000, "2026-12-10"))
    assert decide(facts, day("2026-12-30"), law).step is Step.REMINDER
    decision = decide(facts, day("2026-12-31"), law)
    assert outcome(decision) == (None, ["unknown_law"])
    assert [hold.reason for hold in decision.holds_to_place] == [HoldReason.UNKNOWN_LAW]
    assert decision.next_action_on is None


def test_a_claim_due_before_2010_is_held_for_want_of_a_known_table(law):
    """B29."""
    judged = case(claim(3000, "2009-06-01"), facts=(stated("judged_on", "2024-02-01"),))
    decision = decide(judged, day("2026-10-19"), law)
    assert [hold.reason for hold in decision.holds_to_place] == [HoldReason.UNKNOWN_LAW]


# --- what stops a case ----------------------------------------------------------------------------------------------


def test_an_objection_stops_everything_until_a_person_lifts_it(law):
    """E1, E3."""
    held = noticed(holds=(HoldFacts(HoldReason.OBJECTION, day("2026-10-10")),))
    decision = decide(held, day("2026-10-19"), law)
    assert outcome(decision) == (None, ["hold.objection"])
    assert decision.next_action_on is None
    assert decision.holds_to_place == ()


def test_more_time_lasts_through_its_last_day_and_the_grace_after_it(law):
    """A2, E3, E10."""
    held = noticed(holds=(HoldFacts(HoldReason.DEFERRED, day("2026-10-10"), day("2026-10-30")),))
    for early in ("2026-10-30", "2026-11-04"):
        decision = decide(held, day(early), law)
        assert outcome(decision) == (None, ["hold.deferred"])
        assert decision.next_action_on == day("2026-11-05")
    assert decide(held, day("2026-11-05"), law).step is Step.PAYMENT_DEMAND


def test_a_hold_with_an_end_is_over_the_day_after(law):
    """A2, E3."""
    held = noticed(holds=(HoldFacts(HoldReason.PERSON, day("2026-10-10"), day("2026-10-25")),))
    assert decide(held, day("2026-10-25"), law).next_action_on == day("2026-10-26")
    assert decide(held, day("2026-10-26"), law).step is Step.PAYMENT_DEMAND


def test_an_open_hold_beside_one_that_ends_leaves_the_case_to_a_person(law):
    holds = (
        HoldFacts(HoldReason.PERSON, day("2026-10-10"), day("2026-10-25")),
        HoldFacts(HoldReason.OBJECTION, day("2026-10-10")),
    )
    decision = decide(noticed(holds=holds), day("2026-10-19"), law)
    assert len(decision.why) == 2
    assert decision.next_action_on is None


def test_plugin_holds_are_all_placed_and_nothing_is_sent(law):
    asked = (
        HoldFacts(HoldReason.QUIET, day("2026-10-19"), day("2026-10-25"), "rolig uke"),
        HoldFacts(HoldReason.QUIET, day("2026-10-19"), day("2026-10-27"), "ferie"),
    )
    decision = decide(noticed(), day("2026-10-19"), law, plugin_holds=asked)
    assert decision.step is None
    assert decision.holds_to_place == asked
    assert decision.next_action_on == day("2026-10-28")


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"vulnerable": True}, HoldReason.VULNERABLE), ({"postable": False}, HoldReason.NO_ADDRESS)],
)
def test_a_vulnerable_debtor_and_one_without_address_are_left_to_a_person(law, change, reason):
    """G6."""
    decision = decide(noticed(**change), day("2026-10-19"), law)
    assert decision.step is None
    assert [hold.reason for hold in decision.holds_to_place] == [reason]
    assert decision.next_action_on is None


def test_nothing_happens_while_a_letter_is_under_way(law):
    assert outcome(decide(noticed(letter_under_way=True), day("2026-10-19"), law)) == (None, ["letter_under_way"])


def test_a_case_with_nothing_owed_is_left_alone(law):
    paid = noticed(outstanding=Outstanding(Ore(0), Ore(0), Ore(0), Ore(0)))
    assert outcome(decide(paid, day("2026-10-19"), law)) == (None, ["nothing_owed"])


def test_a_case_with_only_costs_left_goes_to_a_person(law):
    paid = noticed(outstanding=Outstanding(Ore(0), Ore(1200), Ore(3800), Ore(0)))
    decision = decide(paid, day("2026-10-19"), law)
    assert outcome(decision) == (None, ["only_costs_left"])
    assert [hold.reason for hold in decision.holds_to_place] == [HoldReason.PERSON]


def test_a_closed_case_is_left_alone(law):
    assert outcome(decide(noticed(stage=Stage.CLOSED), day("2026-10-19"), law)) == (None, ["closed"])


@pytest.mark.parametrize("stage", [Stage.REMINDED, Stage.NOTICED, Stage.DEMANDED])
def test_a_stage_without_a_proven_letter_is_held(law, stage):
    """A4."""
    decision = decide(case(stage=stage), day("2026-10-19"), law)
    assert [hold.reason for hold in decision.holds_to_place] == [HoldReason.NO_PROOF]


@pytest.mark.parametrize(
    ("stage", "notices"),
    [
        (Stage.NOTICED, (collection_notice("2026-09-30", "2026-10-13"),)),
        (Stage.DEMANDED, (collection_notice("2026-09-29", "2026-10-13"), demand("2026-10-15", "2026-10-28"))),
    ],
)
def test_a_letter_posted_too_late_for_its_printed_deadline_goes_to_a_person(law, stage, notices):
    """A1, A4."""
    decision = decide(case(stage=stage, notices=notices), day("2026-12-15"), law)
    assert outcome(decision) == (None, ["deadline_too_short"])
    assert [hold.reason for hold in decision.holds_to_place] == [HoldReason.PERSON]


def test_the_heavy_fee_needs_a_deadline_missed_before_the_demand(law):
    """B10."""
    facts = demanded(
        notices=(collection_notice("2026-09-30", "2026-10-14"), demand("2026-10-14", "2026-10-28")),
    )
    assert outcome(decide(facts, day("2026-12-15"), law)) == (None, ["no_missed_deadline"])


# --- what is permitted, for people ----------------------------------------------------------------------------------


def test_legal_steps_answers_for_every_step_with_why_and_from_when(law):
    """A1, A2, S4."""
    steps = legal_steps(noticed(), day("2026-10-13"), law)
    assert set(steps) == set(Step)
    assert all(isinstance(answer, Because) and answer.message and answer.rule_ids for answer in steps.values())
    assert steps[Step.PAYMENT_DEMAND].from_day == day("2026-10-19")
    assert steps[Step.REMINDER].code == "already_taken"
    assert steps[Step.HEAVY_FEE].code == "no_demand"


def test_legal_steps_permits_a_collection_notice_without_a_reminder_first(law):
    """S1, S4."""
    steps = legal_steps(case(), day("2026-09-29"), law)
    assert isinstance(steps[Step.REMINDER], Permitted)
    assert isinstance(steps[Step.COLLECTION_NOTICE], Permitted)
    assert steps[Step.PAYMENT_DEMAND].code == "no_collection_notice"


def test_what_legal_steps_permits_for_the_next_rung_is_what_decide_does(law):
    """A2, S4."""
    decision = decide(noticed(), day("2026-10-19"), law)
    permitted = legal_steps(noticed(), day("2026-10-19"), law)[Step.PAYMENT_DEMAND]
    assert isinstance(permitted, Permitted)
    assert (permitted.costs, permitted.deadline_on) == (decision.costs, decision.deadline_on)


def test_a_hold_is_the_reason_for_every_step(law):
    """E1, E3."""
    held = noticed(holds=(HoldFacts(HoldReason.OBJECTION, day("2026-10-10")),))
    assert {b.code for b in legal_steps(held, day("2026-10-19"), law).values()} == {"hold.objection"}
    assert isinstance(legal_steps(noticed(), day("2026-10-19"), law)[Step.PAYMENT_DEMAND], Permitted)


def test_legal_steps_says_that_a_figure_is_unknown(law):
    """C1."""
    steps = legal_steps(case(claim(3000, "2026-12-10")), day("2026-12-31"), law)
    assert steps[Step.REMINDER].code == "unknown_law"


def test_legal_steps_keeps_the_fourteen_days_after_the_due_date_and_the_wait_for_another_claim(law):
    """B1, B17."""
    assert legal_steps(case(), day("2026-09-28"), law)[Step.REMINDER].from_day == day("2026-09-29")
    assert isinstance(legal_steps(case(), day("2026-09-29"), law)[Step.REMINDER], Permitted)
    waiting = noticed(sibling_ready_on=day("2026-10-26"))
    assert legal_steps(waiting, day("2026-10-19"), law)[Step.PAYMENT_DEMAND].code == "join_wait"
    assert isinstance(legal_steps(waiting, day("2026-10-26"), law)[Step.PAYMENT_DEMAND], Permitted)


@pytest.mark.parametrize(
    ("change", "reason"), [("deceased_on", HoldReason.DECEASED), ("bankrupt_on", HoldReason.BANKRUPT)]
)
def test_the_case_of_a_debtor_who_has_died_or_is_bankrupt_stands_still_for_a_person(law, change, reason):
    """G7."""
    decision = decide(noticed(**{change: day("2026-10-12")}), day("2026-10-19"), law)
    assert (decision.step, [hold.reason for hold in decision.holds_to_place]) == (None, [reason])
    assert decision.next_action_on is None
    assert decide(noticed(), day("2026-10-19"), law).step is Step.PAYMENT_DEMAND


def test_legal_steps_asks_for_the_day_of_sending_and_says_which_deadline_the_letter_would_print(law):
    """A1, A3, A4."""
    for today, sending_on, deadline_on in (
        ("2026-10-19", "2026-10-20", "2026-11-06"),
        ("2026-10-20", "2026-10-21", "2026-11-09"),  # 7 November is a Saturday
    ):
        demand_now = legal_steps(noticed(), day(today), law)[Step.PAYMENT_DEMAND]
        assert (demand_now.expected_sending_on, demand_now.deadline_on) == (day(sending_on), day(deadline_on))
    assert legal_steps(noticed(), day("2026-10-13"), law)[Step.PAYMENT_DEMAND].code == "deadline_running"
