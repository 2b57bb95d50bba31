from datetime import date, timedelta

import pytest

from saas.rules.days import (
    add_banking_days,
    add_months,
    after,
    is_banking_day,
    is_public_holiday,
    next_banking_day,
)
from saas.rules.rates import UnknownLaw
from tests.rules.builders import day

HOLIDAYS_2026 = (
    "01-01",
    "04-02",
    "04-03",
    "04-05",
    "04-06",
    "05-01",
    "05-14",
    "05-17",
    "05-24",
    "05-25",
    "12-25",
    "12-26",
)


def test_every_norwegian_public_holiday_of_2026_is_no_banking_day_and_no_other_weekday_is_one():
    """A3."""
    closed = {day(f"2026-{text}") for text in HOLIDAYS_2026}
    for n in range(365):
        on = date(2026, 1, 1) + timedelta(days=n)
        assert is_banking_day(on) == (on.weekday() < 5 and on not in closed), on


def test_a_sunday_is_a_public_holiday_only_when_it_is_one_by_name():
    """A3, G2."""
    closed = {day(f"2026-{text}") for text in HOLIDAYS_2026}
    for n in range(365):
        on = date(2026, 1, 1) + timedelta(days=n)
        assert is_public_holiday(on) == (on in closed), on


@pytest.mark.parametrize("year", [1900, 2300])
def test_a_year_outside_the_calendar_is_an_error_and_not_a_year_without_holidays(year):
    with pytest.raises(UnknownLaw, match=f"^public_holidays is not known on {year}-01-01$"):
        is_public_holiday(date(year, 6, 1))
    with pytest.raises(UnknownLaw):
        next_banking_day(date(year, 6, 1))


def test_saturday_and_sunday_roll_to_monday():
    """A3."""
    assert next_banking_day(day("2026-10-17")) == next_banking_day(day("2026-10-18")) == day("2026-10-19")


def test_a_banking_day_stays_where_it_is():
    """A3."""
    assert next_banking_day(day("2026-10-16")) == day("2026-10-16")


def test_the_day_after_wednesday_before_easter_is_tuesday_after_it():
    assert after(day("2026-04-01")) == day("2026-04-07")


def test_three_banking_days_after_a_tuesday_is_friday():
    assert add_banking_days(day("2026-10-13"), 3) == day("2026-10-16")


def test_no_banking_days_after_a_saturday_is_monday():
    assert add_banking_days(day("2026-10-17"), 0) == day("2026-10-19")


def test_banking_days_are_not_counted_backwards():
    with pytest.raises(ValueError, match=r"^banking days are only counted forward$"):
        add_banking_days(day("2026-10-13"), -1)


def test_six_months_after_the_last_of_march_is_the_last_of_september():
    assert add_months(day("2026-03-31"), 6) == day("2026-09-30")


def test_six_months_after_august_31_is_the_last_of_february():
    assert add_months(day("2026-08-31"), 6) == day("2027-02-28")


def test_months_are_counted_over_the_turn_of_the_year_and_backwards():
    assert add_months(day("2026-11-30"), 1) == day("2026-12-30")
    assert add_months(day("2026-12-31"), 2) == day("2027-02-28")
    assert add_months(day("2028-02-29"), 12) == day("2029-02-28")
    assert add_months(day("2026-01-31"), -1) == day("2025-12-31")


def test_no_months_later_is_the_same_day():
    assert add_months(day("2026-12-31"), 0) == day("2026-12-31")
