"""Banking days (bankdager) in Norway, and whole months."""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

import holidays

from saas.rules.rates import UnknownLaw

SATURDAY = 5
ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def _public_holidays(year: int) -> frozenset[date]:
    known = frozenset(holidays.country_holidays("NO", years=year))
    if not known:  # a year outside the calendar has no holidays there, and 1 January is always one
        raise UnknownLaw("public_holidays", date(year, 1, 1))
    return known


def is_public_holiday(day: date) -> bool:
    """A Norwegian public holiday or official day of celebration; Sundays as such are not (law A3, G2).

    Raises UnknownLaw for a year outside the calendar, as does every function here that asks for banking days.
    """
    return day in _public_holidays(day.year)


def is_banking_day(day: date) -> bool:
    """Monday to Friday and no public holiday (law A3)."""
    return day.weekday() < SATURDAY and day not in _public_holidays(day.year)


@lru_cache(maxsize=8192)
def next_banking_day(day: date) -> date:
    """`day` itself when it is a banking day, else the first one after it (law A3)."""
    while not is_banking_day(day):
        day += ONE_DAY
    return day


@lru_cache(maxsize=8192)
def after(day: date) -> date:
    """The first banking day strictly after `day`."""
    return next_banking_day(day + ONE_DAY)


@lru_cache(maxsize=8192)
def add_banking_days(day: date, n: int) -> date:
    """The n-th banking day after `day`; n = 0 gives `next_banking_day(day)`. Raises ValueError when n is negative."""
    if n < 0:
        raise ValueError("banking days are only counted forward")
    if n == 0:
        return next_banking_day(day)
    for _ in range(n):
        day = after(day)
    return day


@lru_cache(maxsize=8192)
def add_months(day: date, months: int) -> date:
    """Same day of the month, `months` later; a day the month lacks becomes its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
