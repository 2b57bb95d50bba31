"""Deadlines (frister): counted from sending, printed as a promise, lengthened to a banking day."""

from datetime import date, timedelta
from functools import lru_cache

from saas.rules.days import add_banking_days, after, next_banking_day

MIN_DEADLINE_DAYS = 14  # INKL §§ 9 and 10, counted from the day of sending, which itself is not counted (A1)
_FOURTEEN_DAYS = timedelta(days=MIN_DEADLINE_DAYS)


def expected_sending(decided_on: date) -> date:
    """Expected posting day of a paper letter: the first banking day after the day it was decided (A4)."""
    return after(decided_on)


@lru_cache(maxsize=8192)
def printed_deadline(sent_on: date, slack_days: int = 0) -> date:
    """The deadline a letter prints: 14 days and `slack_days` after sending, never on a holiday (A1, A3).

    The slack is for a letter that is posted later than expected: the debtor still gets the 14 days. Raises
    ValueError when it is negative, which would take of them.
    """
    if slack_days < 0:
        raise ValueError("slack cannot shorten the 14 days")
    return next_banking_day(sent_on + timedelta(days=MIN_DEADLINE_DAYS + slack_days))


def is_long_enough(sent_on: date, deadline_on: date) -> bool:
    """The deadline gave at least 14 days from the day the letter was really sent (INKL §§ 9, 10; A1)."""
    return deadline_on >= sent_on + _FOURTEEN_DAYS


def earliest_next_step(deadline_on: date, grace_banking_days: int) -> date:
    """First banking day after the deadline plus the grace for payments under way (A1, A2).

    The deadline's last day belongs to the debtor, so with no grace it is the first banking day after it. Raises
    ValueError for a negative grace, which would take that day.
    """
    if grace_banking_days < 0:
        raise ValueError("grace cannot bring a step forward")
    return add_banking_days(deadline_on, grace_banking_days + 1)
