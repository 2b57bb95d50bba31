"""Late interest (forsinkelsesrente), line by line, in whole øre.

Everything is integer arithmetic: a rate is hundredths of a percent, so a line is an exact fraction rounded once.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple
from uuid import UUID

from saas.rules.facts import CaseFacts, ClaimFacts, Pause, Step
from saas.rules.law import ACT_ACT, InterestPeriods, Law
from saas.rules.money import NO_MONEY, Ore
from saas.rules.rates import UnknownLaw

FEE_INTEREST_AFTER = timedelta(days=30)  # after the written demand: a cost has no due date of its own (FRL § 2; C6)
_HUNDREDTHS_OF_PERCENT = 10_000
_NO_RATE = Decimal(0)

Moves = tuple[tuple[date, Ore], ...]


class InterestLine(NamedTuple):
    """The longest stretch with one balance, one rate and one year basis (C8). `to_on` itself bears no interest.

    A stretch in which interest pauses has a line of its own: no rate, 0 øre, and why (C7).
    """

    claim_id: UUID | None
    from_on: date
    to_on: date
    balance_ore: Ore
    rate_percent: Decimal
    days: int
    year_days: int
    interest_ore: Ore
    paused: str = ""  # why interest does not run: the reason of the pause


def late_interest(
    principal_ore: int,
    moves: Moves,
    due_on: date,
    to_on: date,
    law: Law,
    day_basis: str = ACT_ACT,
    claim_id: UUID | None = None,
    pauses: Sequence[Pause] = (),
) -> tuple[InterestLine, ...]:
    """Forsinkelsesrente from `due_on` to `to_on` (FRL §§ 2, 3; C1-C8). The sum of the lines is the total.

    `moves` are (value date, +paid on principal) in date order; a payment on day X stops interest on its part at X.
    Simple interest, `days = to - from`; empty when `to_on` is not after `due_on`, never negative. It does not run in
    `pauses` (C7). Raises UnknownLaw when a day that bears interest has no known rate.
    """
    position, end = due_on.toordinal(), to_on.toordinal()
    if end <= position:
        return ()
    periods = law.interest_periods(day_basis)
    add_lines = partial(_add_around, _gaps(pauses)) if pauses else _add_lines
    lines: list[InterestLine] = []
    balance = principal_ore
    for on, paid_ore in _by_day(moves):
        stop = on.toordinal()
        if stop >= end:
            break
        if stop > position:
            if balance > 0:
                add_lines(lines, claim_id, balance, position, stop, periods)
            position = stop
        balance -= paid_ore
    if balance > 0:
        add_lines(lines, claim_id, balance, position, end, periods)
    return tuple(lines)


def interest_on_claims(
    claims: Iterable[ClaimFacts], to_on: date, law: Law, day_basis: str = ACT_ACT
) -> tuple[InterestLine, ...]:
    """The lines of every claim, each from its own due date (B18). Raises UnknownLaw."""
    lines: tuple[InterestLine, ...] = ()
    for c in claims:
        lines += claim_interest(c, to_on, law, day_basis)
    return lines


def claim_interest(claim: ClaimFacts, to_on: date, law: Law, day_basis: str = ACT_ACT) -> tuple[InterestLine, ...]:
    """The lines of one claim, its pauses among them (C2-C8). Raises UnknownLaw."""
    moves, pauses = claim.principal_moves, claim.interest_pauses
    return late_interest(claim.principal_ore, moves, claim.due_on, to_on, law, day_basis, claim.id, pauses)


def fee_interest(
    charged: Moves,
    paid: Moves,
    demanded_on: Sequence[date],
    to_on: date,
    law: Law,
    day_basis: str = ACT_ACT,
    pauses: Sequence[Pause] = (),
) -> tuple[InterestLine, ...]:
    """Interest on the unpaid collection fee (renter av salær), never on interest (FRL § 2; C6).

    `charged` are (day, +charged or -taken back), `paid` (value date, +paid), `demanded_on` the days the payment
    demands were sent. What a demand asked for bears interest from 30 days after it; what was charged later has not
    been demanded in writing and bears none, and what was taken back never bore any. Raises UnknownLaw.
    """
    bearing: dict[date, int] = {}
    for on, ore in charged:
        demanded = min((day for day in demanded_on if day >= on), default=None)
        if ore > 0 and demanded is not None:
            from_on = demanded + FEE_INTEREST_AFTER
            bearing[from_on] = bearing.get(from_on, 0) + ore
    if not bearing:
        return ()
    first_on = min(bearing)
    taken_back_ore = sum(ore for _, ore in charged if ore < 0)
    later = tuple((on, Ore(-ore)) for on, ore in bearing.items() if on != first_on)
    moves = tuple(sorted((*later, *paid)))
    return late_interest(bearing[first_on] + taken_back_ore, moves, first_on, to_on, law, day_basis, None, pauses)


def interest_on_fee(facts: CaseFacts, to_on: date, law: Law, day_basis: str = ACT_ACT) -> tuple[InterestLine, ...]:
    """The lines of interest on the collection fee; none when the tenant does not claim it (C6). Raises UnknownLaw.

    It pauses whenever interest on a claim of the case does: a reading, the one that costs the debtor least.
    """
    if not facts.fee_charges:
        return ()
    demanded_on = [n.sent_on for n in facts.notices if n.step is Step.PAYMENT_DEMAND and not n.by_creditor]
    pauses = [pause for c in facts.claims for pause in c.interest_pauses]
    return fee_interest(facts.fee_charges, facts.fee_payments, demanded_on, to_on, law, day_basis, pauses)


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
    left = (c.principal_left_ore for c in claims if c.due_on <= on and c.principal_left_ore > 0 and not _pauses(c, on))
    return Ore(sum(_share(ore, periods.hundredths[i], 1, periods.year_days[i]) for ore in left))


def daily_fee_interest(facts: CaseFacts, on: date, law: Law, day_basis: str = ACT_ACT) -> Ore:
    """What one more day from `on` costs in interest on the collection fee (C6). Raises UnknownLaw."""
    lines = interest_on_fee(facts, on + timedelta(days=1), law, day_basis)
    if not lines or lines[-1].to_on <= on or lines[-1].paused:
        return NO_MONEY
    periods = law.interest_periods(day_basis)
    i = bisect_right(periods.starts, on.toordinal()) - 1
    return Ore(_share(lines[-1].balance_ore, periods.hundredths[i], 1, periods.year_days[i]))


def interest_per_day(facts: CaseFacts, on: date, law: Law, day_basis: str = ACT_ACT) -> Ore:
    """What one more day from `on` costs in all: on the claims, and on the fee when claimed. Raises UnknownLaw."""
    return Ore(daily_interest(facts.claims, on, law, day_basis) + daily_fee_interest(facts, on, law, day_basis))


def _pauses(claim: ClaimFacts, on: date) -> bool:
    return any(p.from_on <= on and (p.until_on is None or on < p.until_on) for p in claim.interest_pauses)


class _Gap(NamedTuple):
    """A pause in ordinals: [start, end)."""

    start: int
    end: int
    reason: str


def _gaps(pauses: Sequence[Pause]) -> tuple[_Gap, ...]:
    """Pauses in date order without overlap: where two meet the same days, the earlier one explains them."""
    gaps: list[_Gap] = []
    for pause in sorted(pauses, key=lambda p: p.from_on):
        start = max(pause.from_on.toordinal(), gaps[-1].end if gaps else 0)
        end = pause.until_on.toordinal() if pause.until_on is not None else date.max.toordinal()
        if end > start:
            gaps.append(_Gap(start, end, pause.reason))
    return tuple(gaps)


def _add_around(
    gaps: Sequence[_Gap],
    lines: list[InterestLine],
    claim_id: UUID | None,
    balance: int,
    start: int,
    end: int,
    periods: InterestPeriods,
) -> None:
    """Add the lines of [start, end), those of the pauses in it among them."""
    for gap in gaps:
        first, last = max(start, gap.start), min(end, gap.end)
        if first >= last:
            continue
        if first > start:
            _add_lines(lines, claim_id, balance, start, first, periods)
        days = (date.fromordinal(first), date.fromordinal(last))
        lines.append(InterestLine(claim_id, *days, Ore(balance), _NO_RATE, last - first, 0, NO_MONEY, gap.reason))
        start = last
    if start < end:
        _add_lines(lines, claim_id, balance, start, end, periods)


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
    if not moves:
        return []
    days: dict[date, int] = {}
    for on, paid_ore in moves:
        days[on] = days.get(on, 0) + paid_ore
    return [(on, Ore(paid)) for on, paid in sorted(days.items()) if paid]
