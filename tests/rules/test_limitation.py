"""Worked example W19; H1-H10."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.rules.case import decide, legal_steps
from saas.rules.days import add_months, is_banking_day
from saas.rules.facts import Fact, HoldReason, Step
from saas.rules.limitation import (
    Debt,
    Event,
    LimitationEvent,
    earliest_end,
    is_in_time,
    limitation,
    oldest_interest,
    stated_events,
    why_case_time_barred,
    why_time_barred,
)
from tests.rules.builders import case, claim, day, demanded, reminder, stated

DUE = "2023-11-30"


def event(kind, on, payable_on=None, until=None):
    return LimitationEvent(Event(kind), day(on), day(payable_on) if payable_on else None, day(until) if until else None)


def last_day(*events, due_on=DUE, debt=Debt.ORDINARY):
    return limitation(day(due_on), events, debt).last_day_on


@pytest.mark.parametrize(
    ("due_on", "last"),
    [
        ("2023-11-30", "2026-11-30"),
        ("2024-02-29", "2027-03-01"),  # 28 February 2027 is a Sunday
        ("2024-05-17", "2027-05-18"),  # a public holiday
        ("2023-03-25", "2026-03-25"),
        ("2024-03-25", "2027-03-30"),  # Maundy Thursday: after Easter Monday
        ("2023-10-24", "2026-10-26"),  # a Saturday
    ],
)
def test_w19_the_last_day_is_three_years_after_the_due_date_and_a_working_day(due_on, last):
    """W19, H1, H8: foreldelsesloven §§ 2, 3, 29."""
    assert last_day(due_on=due_on) == day(last)


@pytest.mark.parametrize(("on", "in_time"), [("2026-11-29", True), ("2026-11-30", True), ("2026-12-01", False)])
def test_w19_a_complaint_posted_on_the_last_day_interrupts_and_the_day_after_is_too_late(on, in_time):
    """W19, H3, H8."""
    assert is_in_time(day(on), limitation(day(DUE))) is in_time
    assert (last_day(event("sued", on)) is None) is in_time


def test_w19_an_acknowledgement_starts_three_new_years():
    """W19, H3, H5."""
    assert last_day(event("acknowledged", "2026-06-01")) == day("2029-06-01")


def test_w19_a_judgment_gives_ten_years():
    """W19, H4."""
    sued, decided = event("sued", "2026-11-30"), event("decided", "2027-02-10")
    assert last_day(sued, decided) == last_day(decided, sued) == day("2037-02-10")


def test_w19_an_instalment_of_a_plan_counts_from_its_own_due_date():
    """W19, H5: § 20."""
    agreed = event("plan_agreed", "2026-06-01", payable_on="2026-07-01")
    assert limitation(day(DUE), [agreed]).ends_on == day("2029-07-01")
    assert last_day(agreed) == day("2029-07-02")  # 1 July 2029 is a Sunday


def test_w19_an_attachment_without_cover_gives_ten_years_from_its_end():
    """W19, H4: § 21 no. 3."""
    assert last_day(event("enforcement_sought", "2025-11-03"), event("enforcement_ended", "2026-03-10")) == day(
        "2036-03-10"
    )


def test_w19_alerts_go_twelve_six_and_one_months_before_the_unextended_end():
    """W19, H6, H8."""
    assert limitation(day(DUE)).alerts_on == (day("2025-11-30"), day("2026-05-30"), day("2026-10-30"))
    leap = limitation(day("2024-02-29"))
    assert (leap.ends_on, leap.alerts_on[-1]) == (day("2027-02-28"), day("2027-01-28"))


@pytest.mark.parametrize(("today", "barred"), [("2026-11-30", False), ("2026-12-01", True)])
def test_a_time_barred_claim_can_no_longer_be_demanded(today, barred):
    """H7."""
    because = why_time_barred(limitation(day(DUE)), day(today))
    assert (because is not None) is barred
    assert because is None or ("heller ikke renter" in because.message and because.rule_ids == ("H7",))


@pytest.mark.parametrize("kind", ["acknowledged", "extended", "learned", "sued", "enforcement_sought"])
def test_nothing_but_a_judgment_revives_what_is_time_barred(kind):
    """H7."""
    assert last_day(event(kind, "2026-12-01")) == day("2026-11-30")
    assert last_day(event("decided", "2026-12-01")) == day("2036-12-01")


def test_a_bare_part_payment_is_not_an_acknowledgement_but_paying_interest_is():
    """H3: part payment [memory], left out."""
    assert last_day(event("principal_paid", "2026-06-01")) == day("2026-11-30")
    assert last_day(event("interest_paid", "2026-06-01")) == day("2029-06-01")


def test_no_limitation_runs_while_a_case_is_pending():
    """H5: § 21 no. 1."""
    pending = limitation(day(DUE), [event("sued", "2026-11-30")])
    assert (pending.ends_on, pending.last_day_on, pending.alerts_on) == (None, None, ())
    assert not pending.is_barred(day("2040-01-01"))
    assert why_time_barred(pending, day("2040-01-01")) is None


@pytest.mark.parametrize(
    ("ended", "last"),
    [("2026-12-15", "2027-12-15"), ("2025-06-02", "2026-11-30"), ("2025-11-30", "2026-11-30")],
)
def test_a_case_without_a_decision_keeps_its_effect_for_one_year(ended, last):
    """H5: § 22 no. 1. Never shorter than the period that ran."""
    assert last_day(event("sued", "2025-05-02"), event("dismissed", ended)) == day(last)


def test_a_case_the_creditor_withdrew_interrupted_nothing():
    """H5: § 22 no. 1."""
    assert last_day(event("sued", "2026-11-02"), event("withdrawn", "2026-12-15")) == day("2026-11-30")


@pytest.mark.parametrize("kind", ["enforcement_ended", "estate_closed", "dismissed", "earnings_released"])
def test_an_end_without_a_beginning_changes_nothing(kind):
    """H4, H5."""
    assert last_day(event(kind, "2026-06-01")) == day("2026-11-30")


def test_a_claim_recognised_in_an_estate_has_ten_years_from_its_closing():
    """H4: §§ 18, 21 no. 3."""
    assert last_day(event("bankruptcy_sought", "2026-01-05"), event("estate_closed", "2027-01-05")) == day("2037-01-05")


def test_attached_earnings_stop_limitation_until_ten_years_after_the_last_confirmation():
    """H5: § 21 no. 1, § 22 no. 4."""
    sought, first = event("enforcement_sought", "2026-03-02"), event("earnings_attached", "2026-05-04")
    again = event("earnings_attached", "2028-05-04")
    assert last_day(sought, first) == day("2036-05-05")  # 4 May 2036 is a Sunday
    assert last_day(sought, first, again) == day("2038-05-04")
    assert last_day(sought, first, event("earnings_released", "2029-02-01")) == day("2030-02-01")
    assert last_day(sought, first, event("enforcement_ended", "2029-02-01")) == day("2039-02-01")


@pytest.mark.parametrize(
    ("on", "until", "last"),
    [
        ("2026-06-01", None, "2029-06-01"),  # three years from the agreement, not from the old end
        ("2026-06-01", "2027-06-01", "2027-06-01"),
        ("2026-06-01", "2032-06-01", "2029-06-01"),
        ("2024-01-02", "2025-01-02", "2026-11-30"),
    ],
)
def test_the_debtor_may_agree_to_three_years_at_a_time(on, until, last):
    """H9: § 28."""
    assert last_day(event("extended", on, until=until)) == day(last)


def test_extensions_never_reach_beyond_ten_years_after_the_normal_end():
    """H9."""
    years = [f"{year}-11-02" for year in (2026, 2029, 2032, 2035)]
    assert last_day(*(event("extended", on) for on in years)) == day("2036-12-01")  # 30 November 2036 is a Sunday


@pytest.mark.parametrize(("learned", "last"), [("2026-06-01", "2027-06-01"), ("2025-06-02", "2026-11-30")])
def test_a_creditor_who_did_not_know_has_a_year_from_knowing(learned, last):
    """H2: § 10."""
    assert last_day(event("learned", learned)) == day(last)


def test_not_knowing_never_adds_more_than_ten_years():
    """H2: § 10 no. 4."""
    years = [event("extended", f"{year}-11-02") for year in (2026, 2029, 2032, 2035)]
    assert last_day(*years, event("learned", "2036-06-02")) == day("2036-12-01")


def test_a_loan_has_ten_years_also_after_an_acknowledgement():
    """H4: § 5."""
    assert last_day(debt=Debt.LOAN) == day("2033-11-30")
    assert last_day(event("acknowledged", "2026-06-01"), debt=Debt.LOAN) == day("2036-06-03")  # after Whit Monday


def test_an_acknowledgement_after_judgment_never_shortens_the_ten_years():
    """H5, H4."""
    decided = event("decided", "2026-02-10")
    assert last_day(decided, event("acknowledged", "2027-06-01")) == last_day(decided) == day("2036-02-11")


def test_a_board_case_interrupts_the_cost_claim_and_not_the_principal():
    """H10, E14: INKL § 26."""
    complaint = event("board_case", "2026-06-01")
    assert last_day(complaint) == day("2026-11-30")
    assert last_day(complaint, debt=Debt.COST) is None
    decided = event("board_decided", "2027-02-01")
    assert last_day(complaint, decided, debt=Debt.COST) == day("2030-02-01")
    assert last_day(event("board_decided", "2026-02-02"), debt=Debt.COST) == day("2026-11-30")


@pytest.mark.parametrize(
    ("interrupted", "first"),
    [(None, "2025-03-02"), ("2025-12-31", "2025-03-02"), ("2026-01-01", "2023-01-01"), ("2026-04-01", "2023-04-01")],
)
def test_interest_older_than_three_years_is_gone_unless_legal_action_from_2026_saved_it(interrupted, first):
    """H4: § 21 no. 5, in force 2026-01-01."""
    assert oldest_interest(day("2028-03-02"), day(interrupted) if interrupted else None) == day(first)


def test_the_claim_that_ends_first_is_the_one_to_watch():
    """H6, B18."""
    pending = limitation(day(DUE), [event("sued", "2026-11-02")])
    later, sooner = limitation(day("2024-01-15")), limitation(day(DUE))
    assert earliest_end([pending, later, sooner]) is sooner
    assert earliest_end([pending]) is None


def test_the_standing_tells_how_it_came_about():
    """H1, H5, H8."""
    found = limitation(day(DUE), [event("acknowledged", "2026-06-01")])
    assert [c.rule_id for c in found.conclusions] == ["H1", "H5", "H8"]
    assert "30. november 2026" in found.conclusions[0].text


dues = st.dates(date(2015, 1, 1), date(2026, 12, 31))
kinds = st.sampled_from([k for k in Event if k not in (Event.DECIDED, Event.WITHDRAWN)])
histories = st.lists(
    st.tuples(kinds, st.dates(date(2015, 1, 1), date(2035, 1, 1))).map(lambda e: LimitationEvent(*e)), max_size=6
)


@given(dues, histories, st.sampled_from(Debt))
def test_no_history_ends_limitation_before_the_normal_day_and_it_ends_on_a_working_day(due_on, history, debt):
    """H1, H8."""
    found = limitation(due_on, history, debt)
    if found.ends_on is None or found.last_day_on is None:
        return
    years = 10 if debt is Debt.LOAN else 3
    assert found.ends_on >= add_months(due_on, years * 12)
    assert is_banking_day(found.last_day_on)
    assert found.last_day_on >= found.ends_on
    assert list(found.alerts_on) == sorted(found.alerts_on)
    assert found.alerts_on[-1] < found.ends_on


# --- a case ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "step"),
    [
        ("2026-11-26", Step.REMINDER),  # leaves on Friday 27 November
        ("2026-11-27", Step.REMINDER),  # leaves on Monday 30 November, the last day
        ("2026-11-28", Step.REMINDER),
        ("2026-11-30", None),  # would leave the day after
        ("2026-12-01", None),
    ],
)
def test_a_case_is_taken_up_until_its_letter_would_leave_after_the_last_day(law, today, step):
    """H1, H7, A4: due 30 November 2023."""
    assert decide(case(claim(3000, DUE)), day(today), law).step is step


def test_a_time_barred_case_is_for_a_person_and_every_step_says_why(law):
    """H1, H7."""
    facts = case(claim(3000, DUE))
    decision = decide(facts, day("2026-12-01"), law)
    assert [(b.code, b.rule_ids) for b in decision.why] == [("time_barred", ("H1", "H7"))]
    assert [(h.reason, h.note) for h in decision.holds_to_place] == [(HoldReason.PERSON, "time_barred")]
    assert decision.next_action_on is None
    in_time, too_late = (legal_steps(facts, day(on), law) for on in ("2026-11-27", "2026-12-01"))
    assert in_time[Step.REMINDER].step is Step.REMINDER
    assert {because.code for because in too_late.values()} == {"time_barred"}
    assert why_case_time_barred(facts, day("2026-11-27")) is None


def test_one_time_barred_invoice_stops_the_case_and_a_paid_one_does_not(law):
    """H7, B18: limitation is counted for each invoice."""
    old, new = claim(3000, "2023-06-01", nth=1), claim(900, "2026-09-15", nth=2)
    paid = claim(3000, "2023-06-01", paid=(("2026-01-05", 3000),), nth=1)
    assert decide(case(old, new), day("2026-10-19"), law).step is None
    assert decide(case(paid, new), day("2026-10-19"), law).step is Step.REMINDER


def test_the_fee_does_not_rise_on_a_claim_that_became_time_barred_after_the_demand(law):
    """H7, B10."""
    facts = demanded(claim(3000, "2023-11-20"))
    assert decide(facts, day("2026-12-07"), law).why[0].code == "time_barred"
    acknowledged = demanded(claim(3000, "2023-11-20"), facts=(stated("acknowledged_on", "2025-03-01"),))
    assert decide(acknowledged, day("2026-12-07"), law).step is Step.HEAVY_FEE


@pytest.mark.parametrize(
    ("due_on", "what", "days", "why"),
    [
        ("2022-06-01", "acknowledged_on", "2024-06-01", None),
        ("2022-06-01", "acknowledged_on", "2023-09-25", "time_barred"),  # its three years are over too
        ("2022-06-01", "acknowledged_on", "2025-06-03", "time_barred"),  # too late: nothing revives what is barred
        ("2022-06-01", "acknowledged_on", "2026-10-20", "time_barred"),  # tomorrow
        ("2022-06-01", "acknowledged_on", "i fjor", "time_barred"),
        ("2022-06-01", "acknowledged_on", "1924-06-01", "time_barred"),
        ("2018-06-01", "acknowledged_on", "2023-12-20", "time_barred"),
        ("2018-06-01", "acknowledged_on", "2021-01-01 2023-12-20", None),  # one in time after the other
        ("2018-06-01", "acknowledged_on", "2023-12-20 2021-01-01", None),  # in whatever order they are told
        ("2018-06-01", "judged_on", "2025-06-02", None),
        ("2018-06-01", "judged_on", "2019-06-03", "interest_time_barred"),
        ("2012-06-01", "judged_on", "2014-06-03", "time_barred"),
    ],
)
def test_what_is_stated_to_have_interrupted_counts_when_it_was_in_time(due_on, what, days, why):
    """H3, H4, H5, H7: on 19 October 2026."""
    because = why_case_time_barred(case(claim(3000, due_on), facts=(stated(what, days),)), day("2026-10-19"))
    assert (because and because.code) == why


def test_two_statements_of_one_day_that_contradict_each_other_count_for_nothing():
    """H3: a fact that is contradictory interrupts nothing; the newest one counts."""
    said = [Fact("limitation.acknowledged_on", days, "oppdragsgiver", day("2026-01-02")) for days in ("2024-06-01", "")]
    assert stated_events(case(facts=tuple(said))) == ()
    later = Fact("limitation.acknowledged_on", "2025-02-01", "saksbehandler", day("2026-01-03"))
    assert [event.on for event in stated_events(case(facts=(*said, later)))] == [day("2025-02-01")]


def test_a_case_far_beyond_any_calendar_is_time_barred_and_no_crash(law):
    """H7: also thirty years and more back."""
    for due_on in ("1996-10-01", "1980-01-01"):
        facts = case(claim(3000, due_on), notices=(reminder("2026-09-30", "2026-10-16"),))
        decision = decide(facts, day("2026-10-26"), law)
        assert decision.step is None
        assert decision.holds_to_place[0].reason is HoldReason.PERSON
