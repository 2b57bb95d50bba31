"""The limit of a decision (baseline; changing it needs a decision record): the same interest, cap and fee in integers.

No facts, no dates, no words, no certificate, no checks: day numbers and øre in, three sums out.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from saas.rules.law import ACT_ACT, Law

_DUE_ON = date(2026, 1, 1)  # any day of the table in force for claims due from 1 October 2020
_ON = date(2026, 10, 20)


class Bare(NamedTuple):
    """A case's numbers: each claim its principal, its payments and its due day."""

    claims: Sequence[tuple[int, Sequence[tuple[int, int]], int]]
    today: int
    consumer: bool
    vat_added: bool
    heavy: bool
    is_notice: bool
    notice_fees_ore: int
    collection_fee_ore: int


class BareAnswer(NamedTuple):
    """Interest to the day, the cap, and what the step charges."""

    interest_ore: int
    cap_ore: int
    fee_ore: int


class BareLaw:
    """The law's figures of one day as plain lists."""

    def __init__(self, law: Law) -> None:
        periods = law.interest_periods(ACT_ACT)
        self.starts, self.rates, self.year_days = periods.starts, periods.hundredths, periods.year_days
        self.sats_ore, self.vat = law.collection_rate(_ON).hundredths, law.vat_rate(_ON).hundredths
        self.bands = {}
        for consumer in (True, False):
            bands = law.bands(_DUE_ON, consumer)
            tops = [band.up_to_ore for band in bands if band.up_to_ore is not None]
            self.bands[consumer] = tops, [(band.light_thousandths, band.heavy_thousandths) for band in bands]

    def answer(self, case: Bare) -> BareAnswer:
        """Interest, cap and fee."""
        interest = 0
        for principal, payments, due in case.claims:
            interest += self._interest(principal, payments, due, case.today)
        cap = self._cap(case, case.heavy)
        room = cap - case.notice_fees_ore - case.collection_fee_ore
        if case.is_notice:
            fee = (self.sats_ore * 2 // 20 + 100) // 200 * 100
            return BareAnswer(interest, cap, min(fee, room))
        return BareAnswer(interest, cap, room)

    def light_fee(self, case: Bare) -> int:
        """What the demand charged."""
        return self._cap(case, False) - case.notice_fees_ore

    def _cap(self, case: Bare, heavy: bool) -> int:
        tops, multipliers = self.bands[case.consumer]
        percent = 10_000 + (self.vat if case.vat_added else 0)
        total = singles = 0
        for principal, _, _ in case.claims:
            total += principal
            singles += self.sats_ore * multipliers[bisect_left(tops, principal)][heavy] * percent // 10_000_000
        return min(singles, self.sats_ore * multipliers[bisect_left(tops, total)][heavy] * percent // 10_000_000)

    def _interest(self, balance: int, payments: Sequence[tuple[int, int]], start: int, today: int) -> int:
        total = 0
        for paid_on, paid in payments:
            total += self._stretch(balance, start, paid_on)
            start, balance = paid_on, balance - paid
        return total + self._stretch(balance, start, today)

    def _stretch(self, balance: int, start: int, end: int) -> int:
        total, i = 0, bisect_right(self.starts, start) - 1
        while start < end:
            stop = min(end, self.starts[i + 1])
            divisor = 10_000 * self.year_days[i]
            total += (2 * balance * self.rates[i] * (stop - start) + divisor) // (2 * divisor)
            start, i = stop, i + 1
        return total


@cache
def bare_law(law: Law) -> BareLaw:
    """The bare figures of a law, made once."""
    return BareLaw(law)
