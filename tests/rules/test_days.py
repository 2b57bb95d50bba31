from datetime import date, timedelta

import pytest

from saas.rules.days import add_banking_days, add_months, after, is_banking_day, next_banking_day
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
    closed = {day(f"2026-{text}") for text in HOLIDAYS_2026}
    for n in range(365):
        on = date(2026, 1, 1) + timedelta(days=n)
        assert is_banking_day(on) == (on.weekday() < 5 and on not in closed), on


def test_saturday_and_sunday_roll_to_monday():
    assert next_banking_day(day("2026-10-17")) == next_banking_day(day("2026-10-18")) == day("2026-10-19")


def test_a_banking_day_stays_where_it_is():
    assert next_banking_day(day("2026-10-16")) == day("2026-10-16")


def test_the_day_after_wednesday_before_easter_is_tuesday_after_it():
    assert after(day("2026-04-01")) == day("2026-04-07")


def test_three_banking_days_after_a_tuesday_is_friday():
    assert add_banking_days(day("2026-10-13"), 3) == day("2026-10-16")


def test_no_banking_days_after_a_saturday_is_monday():
    assert add_banking_days(day("2026-10-17"), 0) == day("2026-10-19")


def test_banking_days_are_not_counted_backwards():
    with pytest.raises(ValueError, match="forward"):
        add_banking_days(day("2026-10-13"), -1)


def test_six_months_after_the_last_of_march_is_the_last_of_september():
    assert add_months(day("2026-03-31"), 6) == day("2026-09-30")


def test_six_months_after_august_31_is_the_last_of_february():
    assert add_months(day("2026-08-31"), 6) == day("2027-02-28")
