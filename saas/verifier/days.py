"""Red-letter days and banking days (helligdager, bankdager), written here so that no mistake is shared."""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

SATURDAY = 5


def easter_sunday(year: int) -> date:
    """First Sunday after the first ecclesiastical full moon from 21 March (Gregorian computus, step by step)."""
    golden = year % 19  # the moon repeats every 19 years
    century = year // 100
    skipped_leap_days = century - century // 4
    moon_correction = (8 * century + 13) // 25
    epact = (skipped_leap_days - moon_correction + 19 * golden + 15) % 30
    if epact == 29 or (epact == 28 and golden > 10):
        epact -= 1  # the full moon never falls after 18 April
    full_moon = date(year, 3, 21) + timedelta(days=epact)
    return full_moon + timedelta(days=7 - (full_moon.weekday() + 1) % 7)


@lru_cache(maxsize=256)
def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of A3 in `year`."""
    easter = easter_sunday(year)
    moving = (easter + timedelta(days=offset) for offset in (-3, -2, 0, 1, 39, 49, 50))
    fixed = (date(year, month, day) for month, day in ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26)))
    return frozenset((*moving, *fixed))


def is_banking_day(day: date) -> bool:
    """Neither a weekend nor a public holiday."""
    return day.weekday() < SATURDAY and day not in public_holidays(day.year)


def next_banking_day(day: date) -> date:
    """`day`, or the first working day after it (foreldelsesloven § 29 no. 2)."""
    while not is_banking_day(day):
        day += timedelta(days=1)
    return day


def after_banking_days(day: date, count: int) -> date:
    """The `count`th banking day after `day`; `day` itself when `count` is 0."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_banking_day(day)
    return day


def plus_days(day: date, count: int) -> date:
    """`count` calendar days later, the starting day not counted (A1)."""
    return day + timedelta(days=count)


def plus_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
