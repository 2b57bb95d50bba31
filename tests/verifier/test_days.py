"""Easter, holidays, banking days, months and limitation, against days looked up."""

from datetime import date

import pytest

from saas.verifier.days import (
    after_banking_days,
    easter_sunday,
    is_banking_day,
    next_banking_day,
    plus_months,
    public_holidays,
)
from saas.verifier.limitation import last_day

EASTERS = [
    "1954-04-18",
    "1981-04-19",
    "2000-04-23",
    "2008-03-23",
    "2011-04-24",
    "2019-04-21",
    "2024-03-31",
    "2025-04-20",
    "2026-04-05",
    "2027-03-28",
    "2038-04-25",
    "2049-04-18",
    "2076-04-19",
    "2285-03-22",
]


@pytest.mark.parametrize("day", EASTERS)
def test_easter_falls_on(day: str) -> None:
    assert str(easter_sunday(int(day[:4]))) == day


def test_the_holidays_of_2026_are_the_twelve_of_the_almanac() -> None:
    days = ["01-01", "04-02", "04-03", "04-05", "04-06", "05-01", "05-14", "05-17", "05-24", "05-25", "12-25", "12-26"]
    assert sorted(f"{day:%m-%d}" for day in public_holidays(2026)) == days


def test_a_year_in_which_two_holidays_meet_has_one_less() -> None:
    assert len(public_holidays(2008)) == 11  # Ascension on 1 May


def test_banks_are_closed_from_maundy_thursday_to_easter_monday() -> None:
    assert after_banking_days(date(2026, 4, 1), 1) == date(2026, 4, 7)
    assert not is_banking_day(date(2026, 4, 4))


def test_three_banking_days_after_a_tuesday_is_friday_and_none_is_the_day_itself() -> None:
    assert after_banking_days(date(2026, 10, 13), 3) == date(2026, 10, 16)
    assert after_banking_days(date(2026, 10, 13), 0) == date(2026, 10, 13)


@pytest.mark.parametrize(
    ("day", "later"),
    [
        ("2026-03-31", "2026-09-30"),
        ("2026-08-31", "2027-02-28"),
        ("2027-08-31", "2028-02-29"),
        ("2026-07-15", "2027-01-15"),
    ],
)
def test_six_months_later_is_the_same_day_or_the_last_of_its_month(day: str, later: str) -> None:
    assert plus_months(date.fromisoformat(day), 6) == date.fromisoformat(later)


@pytest.mark.parametrize(
    ("due_on", "acknowledged_on", "judged_on", "last"),
    [
        ("2023-11-30", (), (), "2026-11-30"),
        ("2024-02-29", (), (), "2027-03-01"),  # the last day of February is a Sunday
        ("2024-05-17", (), (), "2027-05-18"),  # a holiday
        ("2023-11-30", ("2026-06-01",), (), "2029-06-01"),
        ("2023-11-30", ("2026-12-01",), (), "2026-11-30"),
        ("2023-11-30", (), ("2027-02-10",), "2037-02-10"),
        ("2023-11-30", ("2026-06-01",), ("2024-02-10",), "2034-02-10"),
    ],
)
def test_the_last_day_of_limitation_is_that_of_the_worked_example(due_on, acknowledged_on, judged_on, last):
    """W19; H1, H3, H4, H8. A judgment's ten years are never shortened by an acknowledgement."""
    acknowledged, judged = ([date.fromisoformat(on) for on in days] for days in (acknowledged_on, judged_on))
    found = last_day(date.fromisoformat(due_on), acknowledged, judged, date(2030, 1, 1))
    assert found == next_banking_day(date.fromisoformat(last))
