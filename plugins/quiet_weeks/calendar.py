"""The quiet days of a year, worked out once: the night asks the same day for every case."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from saas.hooks import PlaceHold
from saas.rules import days as banking
from saas.rules.facts import HoldReason

_DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def quiet_days(year: int, weeks: frozenset[int], christmas: bool) -> Mapping[date, PlaceHold]:
    """Each quiet day of the calendar year with its hold. `weeks` are ISO week numbers, at most a part of the year."""

    def is_quiet(day: date) -> bool:
        return day.isocalendar().week in weeks or (christmas and _is_christmas(day))

    def first_banking_day_after(day: date) -> date:
        while is_quiet(day):
            day = banking.after(day)
        return day

    days = (date(year, 1, 1) + number * _DAY for number in range(366))
    return {
        day: PlaceHold(HoldReason.QUIET, look_again_on=first_banking_day_after(day))
        for day in days
        if day.year == year and is_quiet(day)
    }


def _is_christmas(day: date) -> bool:
    """23 December to 2 January, both included."""
    return (day.month, day.day) >= (12, 23) or (day.month, day.day) <= (1, 2)
