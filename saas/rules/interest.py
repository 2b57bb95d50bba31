"""Late interest (forsinkelsesrente), line by line, in whole øre.

Everything is integer arithmetic: a rate is hundredths of a percent, so a line is an exact fraction rounded once.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from saas.rules.facts import ClaimFacts
from saas.rules.law import ACT_ACT, InterestPeriods, Law
from saas.rules.money import Ore
from saas.rules.rates import UnknownLaw

_HUNDREDTHS_OF_PERCENT = 10_000


class InterestLine(NamedTuple):
    """The longest stretch with one balance, one rate and one year basis (C8). `to_on` itself bears no interest."""

    claim_id: UUID | None
    from_on: date
    to_on: date
    balance_ore: Ore
    rate_percent: Decimal
    days: int
    year_days: int
    interest_ore: Ore


def late_interest(
    principal_ore: int,
    moves: tuple[tuple[date, Ore], ...],
    due_on: date,
    to_on: date,
    law: Law,
    day_basis: str = ACT_ACT,
    claim_id: UUID | None = None,
) -> tuple[InterestLine, ...]:
    """Forsinkelsesrente from `due_on` to `to_on` (FRL §§ 2, 3; C1-C8). The sum of the lines is the total.

    `moves` are (value date, +paid on principal) in date order; a payment on day X stops interest on its part at X.
    Simple interest, `days = to - from`; empty when `to_on` is not after `due_on`, never negative.
    Raises UnknownLaw when a day with a balance has no known rate.
    """
    position, end = due_on.toordinal(), to_on.toordinal()
    if end <= position:
        return ()
    periods = law.interest_periods(day_basis)
    lines: list[InterestLine] = []
    balance = principal_ore
    for on, paid_ore in _by_day(moves) if len(moves) > 1 else moves:
        stop = on.toordinal()
        if stop >= end:
            break
        if stop > position:
            if balance > 0:
                _add_lines(lines, claim_id, balance, position, stop, periods)
            position = stop
        balance -= paid_ore
    if balance > 0:
        _add_lines(lines, claim_id, balance, position, end, periods)
    return tuple(lines)


def interest_on_claims(
    claims: Iterable[ClaimFacts], to_on: date, law: Law, day_basis: str = ACT_ACT
) -> tuple[InterestLine, ...]:
    """The lines of every claim, each from its own due date (B18). Raises UnknownLaw."""
    lines: tuple[InterestLine, ...] = ()
    for c in claims:
        lines += late_interest(c.principal_ore, c.principal_moves, c.due_on, to_on, law, day_basis, c.id)
    return lines


def interest_sum(lines: Iterable[InterestLine]) -> Ore:
    """Total of rounded lines (C8)."""
    return Ore(sum(line.interest_ore for line in lines))


def daily_interest(claims: Iterable[ClaimFacts], on: date, law: Law, day_basis: str = ACT_ACT) -> Ore:
    """What one more day from `on` costs now, each due claim rounded half up. Raises UnknownLaw."""
    periods = law.interest_periods(day_basis)
    day = on.toordinal()
    i = bisect_right(periods.starts, day) - 1
    if not 0 <= i < len(periods.rows):
        raise UnknownLaw("late_interest", on)
    left = (c.principal_left_ore for c in claims if c.due_on <= on and c.principal_left_ore > 0)
    return Ore(sum(_share(ore, periods.hundredths[i], 1, periods.year_days[i]) for ore in left))


def _add_lines(
    lines: list[InterestLine], claim_id: UUID | None, balance: int, start: int, end: int, periods: InterestPeriods
) -> None:
    """Add a line for each period that touches [start, end)."""
    starts, rates = periods.starts, periods.hundredths
    i = bisect_right(starts, start) - 1
    if i < 0:
        raise UnknownLaw("late_interest", date.fromordinal(start))
    if end > starts[-1]:
        raise UnknownLaw("late_interest", date.fromordinal(max(start, starts[-1])))
    while start < end:
        stop = min(end, starts[i + 1])
        days, year_days = stop - start, periods.year_days[i]
        lines.append(
            InterestLine(
                claim_id,
                date.fromordinal(start),
                date.fromordinal(stop),
                Ore(balance),
                periods.rows[i].value,
                days,
                year_days,
                Ore(_share(balance, rates[i], days, year_days)),
            )
        )
        start, i = stop, i + 1


def _share(balance: int, rate_hundredths: int, days: int, year_days: int) -> int:
    """`balance × rate × days / year`, rounded half up to øre (C8)."""
    divisor = _HUNDREDTHS_OF_PERCENT * year_days
    return (2 * balance * rate_hundredths * days + divisor) // (2 * divisor)


def _by_day(moves: tuple[tuple[date, Ore], ...]) -> list[tuple[date, Ore]]:
    """One move a day, in date order, without those that cancel out: a line is the *longest* stretch (C8)."""
    days: dict[date, int] = {}
    for on, paid_ore in moves:
        days[on] = days.get(on, 0) + paid_ore
    return [(on, Ore(paid)) for on, paid in sorted(days.items()) if paid]
