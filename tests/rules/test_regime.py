"""Two acts side by side, chosen by the date of each act (m1, A4)."""

import csv
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.rules import regime as regime_module
from saas.rules.case import decide, legal_steps
from saas.rules.certificate import certificate
from saas.rules.contact import answer_duty, contact_hours
from saas.rules.deadlines import expected_sending
from saas.rules.facts import DEFAULT_POLICY, Because, HoldReason, Policy, Stage, Step
from saas.rules.lost_costs import LOSSES, ChargedCosts, LostCostReason, Scope, refund_due, scope_of
from saas.rules.money import Ore
from saas.rules.objections import (
    Action,
    ObjectionFacts,
    ObjectionKind,
    Outcome,
    Standing,
    standing,
    why_no_cost,
    why_stopped,
)
from saas.rules.plan_costs import PlanFacts, plan_cost_cap
from saas.rules.plan_default import Instalment
from saas.rules.rates import UnknownLaw
from saas.rules.regime import NEW_COSTS, Regime, acts, need_known_costs, regime_on, strictest
from tests.rules.builders import case, claim, collection_notice, day, demand, demanded, noticed, reminder

STARTS = day("2026-11-02")  # a Monday, made up: no day is set
NEW = Policy(new_act_from=STARTS)
BEFORE, AFTER = STARTS - timedelta(days=1), STARTS


def own(facts_of, **changes):
    return facts_of(agency_licence=False, **changes)


def codes(decision):
    return decision.step, [b.code for b in decision.why], [b.rule_ids for b in decision.why]


# --- which act --------------------------------------------------------------------------------------------------------


def test_without_a_day_every_day_belongs_to_the_act_of_1988():
    """m1."""
    assert {regime_on(date(year, 1, 1), DEFAULT_POLICY) for year in range(1990, 2100)} == {Regime.ACT_1988}


def test_the_act_changes_on_the_day_the_policy_says_and_not_the_day_before():
    """m1."""
    assert [regime_on(d, NEW) for d in (BEFORE, STARTS, STARTS + timedelta(days=1))] == [
        Regime.ACT_1988,
        Regime.ACT_2026,
        Regime.ACT_2026,
    ]


def test_the_act_of_2026_is_listed_without_a_day_and_every_act_with_its_source():
    """m1."""
    listed = {act.regime: act for act in acts()}
    assert set(listed) == set(Regime)
    assert listed[Regime.ACT_2026].in_force_from is None
    assert listed[Regime.ACT_2026].lov == "LOV-2026-05-22-19"
    assert listed[Regime.ACT_1988].in_force_from == day("1989-10-01")
    assert all(act.source and act.checked_on and act.confidence == "found" for act in acts())


def test_a_row_with_a_day_is_read_as_one(tmp_path, monkeypatch):
    """m1."""
    rows = list(csv.reader(regime_module._FILE.read_text(encoding="utf-8").splitlines()))
    rows[2][3] = "2027-01-01"
    file = tmp_path / "regimes.csv"
    with file.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)
    monkeypatch.setattr(regime_module, "_FILE", file)
    assert acts.__wrapped__()[1].in_force_from == day("2027-01-01")


def test_of_two_days_the_stricter_act_counts():
    """A4, m1."""
    assert strictest((BEFORE, STARTS), NEW) is Regime.ACT_2026
    assert strictest((BEFORE, BEFORE), NEW) is Regime.ACT_1988


def test_costs_under_the_new_act_are_absent_and_the_day_is_named():
    """m1."""
    need_known_costs(NEW, BEFORE)
    with pytest.raises(UnknownLaw) as unknown:
        need_known_costs(NEW, BEFORE, AFTER)
    assert (unknown.value.figure, unknown.value.on) == (NEW_COSTS, AFTER)


# --- steps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(case(), id="a reminder"),
        pytest.param(case(stage=Stage.REMINDED, notices=(reminder("2026-09-30", "2026-10-16"),)), id="a notice"),
        pytest.param(noticed(), id="a demand"),
        pytest.param(own(case), id="a creditor's own reminder"),
    ],
)
def test_a_step_that_would_cost_something_under_the_new_act_waits_as_unknown_law(facts, law):
    """m1."""
    assert decide(facts, AFTER, law).step is not None
    decision = decide(facts, AFTER, law, NEW)
    assert codes(decision) == (None, ["unknown_law"], [("m1",)])
    assert [(h.reason, h.note) for h in decision.holds_to_place] == [
        (HoldReason.UNKNOWN_LAW, f"{NEW_COSTS} {AFTER.isoformat()}")
    ]


def test_a_letter_decided_the_day_before_and_posted_under_the_new_act_waits_too(law):
    """m1."""
    friday = day("2026-10-30")
    assert expected_sending(friday) == STARTS
    assert codes(decide(noticed(), friday, law, NEW))[:2] == (None, ["unknown_law"])
    assert decide(noticed(), friday - timedelta(days=1), law, NEW).step is Step.PAYMENT_DEMAND


def test_the_heavy_fee_rises_under_the_act_of_1988_and_not_under_the_new_one(law):
    """m1."""
    first_heavy = day("2026-12-01")
    assert decide(demanded(), first_heavy, law).step is Step.HEAVY_FEE
    later = Policy(new_act_from=first_heavy + timedelta(days=1))
    assert decide(demanded(), first_heavy, law, later).step is Step.HEAVY_FEE
    assert codes(decide(demanded(), first_heavy, law, Policy(new_act_from=first_heavy)))[1:] == (
        ["unknown_law"],
        [("m1",)],
    )


@pytest.mark.parametrize("facts_of", [noticed, lambda **x: case(notices=(reminder("2026-09-30", "2026-10-16"),), **x)])
def test_a_sender_without_licence_may_send_neither_notice_nor_demand(facts_of, law):
    """A4, m1."""
    decision = decide(own(facts_of), AFTER, law, NEW)
    assert codes(decision) == (None, ["agency_only"], [("m1",)])
    assert decision.holds_to_place == ()
    assert decide(own(facts_of), AFTER, law).step is not None


def test_a_sender_without_licence_stops_when_the_letter_would_be_posted_under_the_new_act(law):
    """A4, m1."""
    friday = day("2026-10-30")
    assert codes(decide(own(noticed), friday, law, NEW))[1] == ["agency_only"]
    assert decide(own(noticed), friday - timedelta(days=1), law, NEW).step is Step.PAYMENT_DEMAND


def test_no_step_of_a_case_is_permitted_at_a_cost_under_the_new_act(law):
    """m1."""
    for facts in (case(), noticed(), demanded(), own(case), own(noticed)):
        verdicts = legal_steps(facts, day("2026-12-28"), law, NEW)
        assert all(isinstance(verdict, Because) for verdict in verdicts.values())


@given(starts=st.dates(day("2026-10-01"), day("2026-12-31")), today=st.dates(day("2026-10-01"), day("2026-12-30")))
def test_a_step_is_the_same_as_ever_until_the_letter_would_leave_under_the_new_act(starts, today):
    """m1."""
    from saas.rules.law import load_law

    law, policy = load_law(), Policy(new_act_from=starts)
    for facts in (case(), noticed(), demanded(), own(noticed)):
        then = decide(facts, today, law, policy)
        if expected_sending(today) < starts:
            assert then == decide(facts, today, law)
        elif today >= starts:
            assert then.step is None


def test_a_notice_the_creditor_sent_under_the_new_act_does_not_carry_a_demand(law):
    """m1."""
    late = claim(3000, "2026-10-01")
    theirs = (collection_notice("2026-11-03", "2026-11-18", by_creditor=True),)
    facts = noticed(late, notices=theirs)
    decision = decide(facts, day("2026-12-01"), law, NEW)
    assert codes(decision) == (None, ["notice_by_creditor"], [("m1", "N9")])
    assert [hold.reason for hold in decision.holds_to_place] == [HoldReason.PERSON]
    assert decide(facts, day("2026-12-01"), law).step is Step.PAYMENT_DEMAND
    ours = noticed(late, notices=(collection_notice("2026-11-03", "2026-11-18"),))
    assert codes(decide(ours, day("2026-12-01"), law, NEW))[1] == ["unknown_law"]


def test_a_notice_the_creditor_sent_before_the_new_act_still_counts(law):
    """m1."""
    theirs = noticed(notices=(collection_notice("2026-09-29", "2026-10-13", by_creditor=True),))
    assert codes(decide(theirs, AFTER, law, NEW))[1] == ["unknown_law"]


def test_under_the_new_act_the_common_demand_waits_for_every_deadline_however_far_off(law):
    """m1."""
    facts = noticed(sibling_ready_on=day("2026-12-20"))
    assert decide(facts, AFTER, law).step is Step.PAYMENT_DEMAND
    decision = decide(facts, AFTER, law, NEW)
    assert codes(decision)[1] == ["join_wait"]
    assert decision.next_action_on == day("2026-12-20")


def test_the_cap_of_an_instalment_plan_is_not_known_under_the_new_act(law):
    """m1."""
    plan = PlanFacts(day("2026-10-20"), (Instalment(day("2026-11-01"), Ore(100_000)),), told_before_acceptance=True)
    assert plan_cost_cap(demanded(), plan, BEFORE, law, NEW).total_ore
    with pytest.raises(UnknownLaw):
        plan_cost_cap(demanded(), plan, AFTER, law, NEW)


def test_a_certificate_names_the_act_of_the_day_it_decided(law):
    """m1."""
    for today, name in ((day("2026-10-29"), "inkassoloven-1988"), (AFTER, "inkassoloven-2026")):
        cert = certificate(noticed(), decide(noticed(), today, law, NEW), today, law, NEW)
        assert (cert["regime"], cert["policy"]["new_act_from"]) == (name, "2026-11-02")
    now = certificate(noticed(), decide(noticed(), AFTER, law), AFTER, law, DEFAULT_POLICY)
    assert (now["regime"], now["policy"]["new_act_from"]) == ("inkassoloven-1988", None)


# --- objections, costs, hours, answers ------------------------------------------------------------------------------


def objection(**changes) -> ObjectionFacts:
    known = {
        "kind": ObjectionKind.WRONG_AMOUNT,
        "received_on": day("2026-11-03"),
        "claim_ore": Ore(100_000),
        "outcome": Outcome.MAINTAINED,
        "reason": "Måleren er kontrollert.",
        "answer_sent_on": day("2026-11-05"),
    }
    return ObjectionFacts(**(known | changes))


@pytest.mark.parametrize("outcome", [Outcome.MAINTAINED, Outcome.ADJUSTED, Outcome.GROUNDLESS])
def test_silence_after_the_answer_frees_a_claim_now_and_not_under_the_new_act(outcome):
    """m1."""
    answered, later = objection(outcome=outcome, decided_by="A. Berg"), day("2026-12-20")
    assert standing(answered, later) is Standing.CLOSED
    assert standing(answered, later, NEW) is Standing.DISPUTED
    assert why_stopped(Action.PAYMENT_DEMAND, answered, later, NEW) is not None
    assert why_stopped(Action.CONCILIATION, answered, later, NEW) is None


@pytest.mark.parametrize(
    "settled",
    [
        {"taken_back_on": day("2026-12-01")},
        {"board_case_on": day("2026-11-10"), "board_decided_on": day("2026-12-01")},
        {"court_decided_on": day("2026-12-01")},
        {"by_agency": False},
    ],
    ids=lambda settled: next(iter(settled)),
)
def test_an_objection_decided_or_taken_back_or_not_an_agencys_is_closed(settled):
    """m1."""
    assert standing(objection(**settled), day("2026-12-20"), NEW) is Standing.CLOSED


def test_an_objection_taken_back_tomorrow_still_stands_today():
    """m1."""
    assert standing(objection(taken_back_on=day("2026-12-21")), day("2026-12-20"), NEW) is Standing.DISPUTED


def test_under_the_new_act_no_cost_accrues_while_an_objection_is_undecided():
    """m1."""
    accrued = day("2026-12-10")
    why = why_no_cost(objection(), accrued, Regime.ACT_2026)
    assert why is not None
    assert (why.code, why.rule_ids) == ("cost_after_objection", ("m1",))
    assert why_no_cost(objection(), accrued, Regime.ACT_1988) is None
    for spared in (
        objection(outcome=Outcome.GROUNDLESS, decided_by="A. Berg"),
        objection(court_decided_on=day("2026-12-09")),
        objection(board_decided_on=day("2026-12-09")),
        objection(taken_back_on=day("2026-12-09")),
    ):
        assert why_no_cost(spared, accrued, Regime.ACT_2026) is None
    for not_spared in (
        objection(outcome=Outcome.GROUNDLESS),
        objection(outcome=Outcome.WITHDRAWN, taken_back_on=day("2026-12-09")),
        objection(court_decided_on=accrued),
    ):
        assert why_no_cost(not_spared, accrued, Regime.ACT_2026) is not None


def test_costs_from_before_an_objection_that_came_too_late_may_be_claimed():
    """m1."""
    began, should, accrued = day("2026-10-20"), day("2026-10-25"), day("2026-10-30")
    late = {"began_on": began, "should_have_objected_on": should}
    assert why_no_cost(objection(), accrued, Regime.ACT_2026, **late) is None
    assert why_no_cost(objection(), should, Regime.ACT_2026, **late) is not None
    assert why_no_cost(objection(), accrued, Regime.ACT_2026, should_have_objected_on=should) is not None
    assert why_no_cost(objection(received_on=began), accrued, Regime.ACT_2026, **late) is not None


def test_a_broken_rule_costs_everything_under_the_new_act_unless_it_did_no_harm():
    """m1."""
    reason = LostCostReason.NOTICE_RULES_BROKEN
    assert scope_of(reason, Regime.ACT_1988) is Scope.AGENCY_FEE
    assert scope_of(reason, Regime.ACT_2026) is Scope.ALL
    assert scope_of(reason, Regime.ACT_2026, harmless=True) is None
    assert scope_of(LostCostReason.ORDER_IGNORED, Regime.ACT_2026, harmless=True) is Scope.ALL
    charged = ChargedCosts(Ore(3_800), Ore(56_200))
    assert refund_due(charged, reason).taken_off_ore == 56_200
    assert refund_due(charged, reason, regime=Regime.ACT_2026).taken_off_ore == 60_000


def test_no_reason_costs_less_under_the_new_act_than_under_the_old_one():
    """m1."""
    weight = [Scope.ABOVE_LAWFUL, Scope.AGENCY_FEE, Scope.ALL]
    for reason in LOSSES:
        new = scope_of(reason, Regime.ACT_2026)
        assert new is not None
        assert weight.index(new) >= weight.index(LOSSES[reason].scope)
    assert scope_of(LostCostReason.FIRST_BILL_FEE, Regime.ACT_2026) is Scope.ABOVE_LAWFUL


def test_an_agency_must_answer_within_a_week_and_others_should():
    """G8, m1."""
    must = answer_duty(day("2026-11-03"), Regime.ACT_2026, by_agency=True)
    should = answer_duty(day("2026-11-03"), Regime.ACT_2026, by_agency=False)
    assert must is not None
    assert should is not None
    assert (must.by, must.binding, should.by, should.binding) == (day("2026-11-10"), True, day("2026-11-10"), False)
    assert {content.value for content in must.provisional} == {"why", "when", "deadlines"}
    assert answer_duty(day("2026-11-03"), Regime.ACT_1988, by_agency=True) is None


def test_the_new_hours_lie_within_what_the_board_accepts_today_and_are_kept_already():
    """m1."""
    for offset in range(400):
        on = day("2026-01-01") + timedelta(days=offset)
        new, old = contact_hours(on, Regime.ACT_2026), contact_hours(on, Regime.ACT_1988)
        assert contact_hours(on) == new
        assert (new is None) == (old is None)
        if new is not None and old is not None:
            assert old[0] <= new[0] < new[1] <= old[1]
    assert contact_hours(day("2026-11-07"), Regime.ACT_2026) == (time(9), time(15))
    assert contact_hours(day("2026-11-05"), Regime.ACT_1988) == (time(0), time(21))


def test_a_demand_sent_under_the_act_of_1988_is_not_made_unlawful_by_the_new_one(law):
    """m1."""
    sent = case(
        notices=(collection_notice("2026-09-29", "2026-10-13"), demand("2026-10-14", "2026-10-28")),
        stage=Stage.DEMANDED,
        charged_collection_fee_ore=Ore(56_200),
    )
    decision = decide(sent, AFTER, law, NEW)
    assert codes(decision)[1] == ["deadline_running"]
