"""Worked example W17; E12."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.rules.days import is_banking_day
from saas.rules.money import Ore
from saas.rules.plan_default import Instalment, PlanState, default_calendar, plan_standing
from tests.rules.builders import day

MISSED = day("2026-10-15")
PLAN = tuple(Instalment(day(on), Ore(100_000)) for on in ("2026-09-15", "2026-10-15", "2026-11-16", "2026-12-15"))
FIRST_PAID = ((day("2026-09-15"), Ore(100_000)),)


def standing(today, paid=FIRST_PAID, reminded=None):
    return plan_standing(PLAN, paid, day(today), day(reminded) if reminded else None)


def test_w17_reminder_breach_and_remark_follow_the_missed_instalment():
    """W17, A2, E12, PR1."""
    calendar = default_calendar(MISSED)
    assert (calendar.reminder_on, calendar.cure_by) == (day("2026-10-21"), day("2026-11-04"))
    assert (calendar.broken_on, calendar.remark_from) == (day("2026-11-05"), day("2026-11-16"))


def test_a_late_reminder_moves_breach_and_remark():
    """W17, A2, E12: sent 20 November."""
    calendar = default_calendar(MISSED, day("2026-11-20"))
    assert (calendar.cure_by, calendar.broken_on) == (day("2026-12-04"), day("2026-12-07"))
    assert calendar.remark_from == day("2026-12-07")


@pytest.mark.parametrize(
    ("today", "reminded", "state"),
    [
        ("2026-10-15", None, PlanState.ON_TRACK),
        ("2026-10-16", None, PlanState.LATE),
        ("2026-10-20", None, PlanState.LATE),
        ("2026-10-21", None, PlanState.REMIND),
        ("2027-03-01", None, PlanState.REMIND),
        ("2026-11-04", "2026-10-21", PlanState.REMINDED),
        ("2026-11-05", "2026-10-21", PlanState.BROKEN),
        ("2026-11-05", "2026-10-26", PlanState.REMINDED),
        ("2026-11-10", "2026-10-26", PlanState.BROKEN),
    ],
)
def test_w17_a_plan_is_broken_only_after_a_reminder_and_its_fourteen_days(today, reminded, state):
    """W17, E12."""
    assert standing(today, reminded=reminded).state is state


def test_a_debtor_who_catches_up_is_on_track_again_whatever_happened():
    """E12, PR1: a resumed plan is no breach."""
    caught_up = (*FIRST_PAID, (day("2026-11-10"), Ore(100_000)))
    assert standing("2026-11-12", caught_up, reminded="2026-10-21").state is PlanState.ON_TRACK
    assert standing("2026-11-09", caught_up, reminded="2026-10-21").state is PlanState.BROKEN


def test_what_is_missing_is_all_that_has_fallen_due():
    """E12."""
    found = standing("2026-11-17", (*FIRST_PAID, (day("2026-10-15"), Ore(40_000))))
    assert (found.short_ore, found.calendar.missed_on) == (160_000, MISSED)
    assert "15. oktober 2026" in found.because.message


def test_a_reminder_of_an_earlier_instalment_does_not_count_for_a_later_one():
    """E12."""
    two_paid = (*FIRST_PAID, (day("2026-10-30"), Ore(100_000)))
    assert standing("2026-11-23", two_paid, reminded="2026-10-21").state is PlanState.REMIND


def test_an_early_payment_covers_what_comes():
    """E10: early settlement is always allowed."""
    assert standing("2026-12-31", ((day("2026-09-11"), Ore(400_000)),)).state is PlanState.ON_TRACK
    assert standing("2026-12-16", ((day("2026-09-11"), Ore(399_999)),)).state is PlanState.LATE


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_nothing_of_a_default_happens_on_a_holiday_and_each_day_comes_after_the_last(missed_on):
    """E12, A1, A3."""
    calendar = default_calendar(missed_on)
    days = (calendar.reminder_on, calendar.cure_by, calendar.broken_on, calendar.remark_from)
    assert all(is_banking_day(on) for on in days)
    assert missed_on < calendar.reminder_on < calendar.cure_by < calendar.broken_on <= calendar.remark_from
    assert calendar.cure_by - calendar.reminder_on >= timedelta(days=14)
    assert calendar.remark_from - missed_on >= timedelta(days=30)
