"""G2, N10 and G7."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.rules.contact import (
    Approach,
    DeathFacts,
    contact_hours,
    estate_standing,
    may_approach,
    next_contact_slot,
    why_no_fee_after_death,
)
from saas.rules.days import is_public_holiday
from tests.rules.builders import day

OSLO = ZoneInfo("Europe/Oslo")


def oslo(text):
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@pytest.mark.parametrize(
    ("moment", "slot"),
    [
        ("2026-10-19T07:59:59", "2026-10-19T08:00"),  # Monday
        ("2026-10-19T08:00", "2026-10-19T08:00"),
        ("2026-10-19T20:59:59", "2026-10-19T20:59:59"),
        ("2026-10-19T21:00", "2026-10-20T08:00"),
        ("2026-10-24T08:59", "2026-10-24T09:00"),  # Saturday
        ("2026-10-24T14:59:59", "2026-10-24T14:59:59"),
        ("2026-10-24T15:00", "2026-10-26T08:00"),
        ("2026-10-25T12:00", "2026-10-26T08:00"),  # Sunday
        ("2026-05-17T12:00", "2026-05-18T08:00"),  # a Sunday and Constitution Day
        ("2026-05-01T12:00", "2026-05-02T09:00"),  # Labour Day, a Friday
        ("2026-04-01T22:00", "2026-04-04T09:00"),  # Wednesday before Maundy Thursday
        ("2026-12-24T21:30", "2026-12-28T08:00"),  # over Christmas and a Sunday
        ("2026-12-26T12:00", "2026-12-28T08:00"),  # Saturday, second day of Christmas
    ],
)
def test_the_next_slot_is_within_the_hours_and_never_on_a_sunday_or_holiday(moment, slot):
    """G2, N10."""
    assert next_contact_slot(oslo(moment)) == oslo(slot)


@pytest.mark.parametrize(
    ("utc", "slot_utc"),
    [
        ("2026-10-24T12:59", "2026-10-24T12:59"),  # 14.59 summer time
        ("2026-10-24T13:00", "2026-10-26T07:00"),  # the clock goes back on the Sunday: 08.00 is 07 UTC
        ("2026-03-28T14:00", "2026-03-30T06:00"),  # and forward: 08.00 is 06 UTC
        ("2026-03-27T20:00", "2026-03-28T08:00"),  # Friday 21.00 winter time
        ("2026-10-23T19:00", "2026-10-24T07:00"),  # Friday 21.00 summer time
    ],
)
def test_the_hours_are_oslo_hours_also_when_the_clock_is_moved(utc, slot_utc):
    """G2."""
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert next_contact_slot(moment).astimezone(UTC) == datetime.fromisoformat(slot_utc).replace(tzinfo=UTC)


def test_a_moment_without_its_time_zone_is_an_error():
    """G2."""
    with pytest.raises(ValueError, match="time zone"):
        next_contact_slot(datetime(2026, 10, 19, 12))  # noqa: DTZ001


@pytest.mark.parametrize("approach", [a for a in Approach if a is not Approach.PAPER])
def test_everything_oral_or_electronic_keeps_the_hours_and_paper_need_not(approach):
    """G2, N10: NYINKL § 15 covers each electronic or oral approach."""
    late = oslo("2026-10-24T15:00")
    because = may_approach(approach, late)
    assert (because.code, because.from_day) == ("outside_contact_hours", day("2026-10-26"))
    assert "08.00" in because.message
    assert may_approach(approach, oslo("2026-10-24T14:00")) is None
    assert may_approach(Approach.PAPER, late) is None


@given(st.integers(0, 11 * 366 * 24 * 60))
def test_a_slot_is_never_before_the_moment_always_open_and_its_own_next_slot(minutes):
    """G2."""
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    slot = next_contact_slot(moment)
    hours = contact_hours(slot.date())
    assert slot >= moment
    assert hours is not None
    assert hours[0] <= slot.time() < hours[1]
    assert slot.weekday() < 6
    assert not is_public_holiday(slot.date())
    assert next_contact_slot(slot) == slot
    assert slot - moment < timedelta(days=6)


DEAD = DeathFacts(date(2026, 9, 1), date(2026, 9, 10), proclamation_on=date(2026, 10, 1))


@pytest.mark.parametrize(("today", "lapsed"), [("2026-11-12", False), ("2026-11-13", True)])
def test_a_claim_lapses_when_it_is_not_filed_within_six_weeks_of_the_proclamation(today, lapsed):
    """G7."""
    found = estate_standing(DEAD, day(today))
    assert (found.file_by, found.lapsed) == (day("2026-11-12"), lapsed)


@pytest.mark.parametrize(("filed", "lapsed"), [("2026-11-12", False), ("2026-11-13", True)])
def test_a_claim_filed_in_time_stands(filed, lapsed):
    """G7."""
    facts = DeathFacts(DEAD.died_on, DEAD.verified_on, DEAD.proclamation_on, day(filed))
    assert estate_standing(facts, day("2027-01-04")).lapsed is lapsed


def test_all_contact_stops_and_the_heirs_have_sixty_days():
    """G7."""
    found = estate_standing(DeathFacts(DEAD.died_on, DEAD.verified_on), day("2026-09-10"))
    assert (found.why_no_contact.code, found.estate_from) == ("debtor_dead", day("2026-10-31"))
    assert (found.file_by, found.lapsed) == (None, False)


@pytest.mark.parametrize(("sent", "free"), [("2026-08-31", False), ("2026-09-01", True), ("2026-09-02", True)])
def test_a_letter_sent_after_the_death_costs_nothing(sent, free):
    """G7."""
    assert (why_no_fee_after_death(DEAD, day(sent)) is not None) is free
