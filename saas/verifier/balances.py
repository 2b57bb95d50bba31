"""What the record says is owed follows from what it says was owed and paid (saldo)."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import pairwise

from saas.verifier.days import plus_days
from saas.verifier.figures import INTEREST, Figures
from saas.verifier.findings import Finding, Findings
from saas.verifier.record import DEMAND, Claim, Record

FEE_INTEREST_AFTER_DAYS = 30


def sums(record: Record) -> Findings:
    """Claims stand once, and what is left is what was owed less what was paid (A9, D4)."""
    if len({claim.id for claim in record.claims}) < len(record.claims):
        yield Finding("B8", "facts.claims: a claim stands twice")
    for claim in record.claims:
        if any(on > record.decided_on for on, _ in claim.moves):
            yield Finding("D4", "facts.claims.principal_moves: a payment after the day of decision")
        if not all(0 <= claim.left_on(on) <= claim.principal_ore for on, _ in claim.moves):
            yield Finding("D4", "facts.claims.principal_moves: more was paid, or paid back, than was owed")
        if claim.left_ore != claim.principal_ore - sum(ore for _, ore in claim.moves):
            yield Finding("D4", f"facts.claims: {claim.left_ore} øre left is not the principal less the payments")
    if record.principal_left_ore != sum(claim.left_ore for claim in record.claims):
        yield Finding("D4", "facts.outstanding.principal_ore: not the sum of what is left of the claims")
    if record.notice_fee_left_ore > record.charged_notice_fees_ore:
        yield Finding("B23", "facts.outstanding.notice_fee_ore: more than was charged")
    if record.debtor_kind == "person" and not record.consumer:
        yield Finding("B8", "facts.consumer: a private person is a consumer until shown otherwise (INKF § 2-1)")
    if record.collection_fee_left_ore > record.charged_collection_fee_ore:
        yield Finding("B23", "facts.outstanding.collection_fee_ore: more than was charged")


def interest(record: Record, figures: Figures) -> Findings:
    """Interest owed is at most simple statutory interest on what was left, from due date to decision (C1 to C6).

    While interest is paused none is counted: the debtor was right, or the creditor caused the delay (C7; FRL § 2).
    """
    most = sum(_most_interest(claim, record, figures) for claim in record.claims)
    if record.interest_left_ore > most:
        yield Finding("C4", f"facts.outstanding.interest_ore: {record.interest_left_ore} øre, the law gives {most}")
    yield from _fee_interest(record, figures)


def _fee_interest(record: Record, figures: Figures) -> Findings:
    """On the agency's fee only where it is claimed, and from 30 days after the demand, its written claim (C6; § 2)."""
    left = record.fee_interest_left_ore
    if left and not record.fee_interest:
        yield Finding("C6", "facts.outstanding.fee_interest_ore: policy.fee_interest says none is claimed")
        return
    demands = record.sent(DEMAND)
    start = plus_days(demands[0].sent_on, FEE_INTEREST_AFTER_DAYS) if demands else record.decided_on
    most = _simple(lambda day: record.charged_collection_fee_ore, set(), start, record, figures)
    if left > most:
        yield Finding("C6", f"facts.outstanding.fee_interest_ore: {left} øre, the law gives {most}")


def _most_interest(claim: Claim, record: Record, figures: Figures) -> int:
    """In øre; a payment may split a stretch (C8)."""
    turns = {on for on, _ in claim.moves}
    turns |= {day for pause in claim.pauses for day in (pause.from_on, pause.until_on) if day is not None}

    def bears(day: date) -> int:
        return 0 if any(pause.holds(day) for pause in claim.pauses) else claim.left_on(day)

    return _simple(bears, turns, claim.due_on, record, figures) + len(claim.moves)


def _simple(bears: Callable[[date], int], turns: set[date], start: date, record: Record, figures: Figures) -> int:
    """Simple interest in øre from `start` to the decision on what `bears` it each day, which may change on `turns`.

    Each stretch of one balance, rate and year may be rounded up.
    """
    end = record.decided_on
    if start >= end:
        return 0
    turns = turns | {date(year, 1, 1) for year in range(start.year, end.year + 1)}
    turns |= {row.valid_from for row in figures.of(INTEREST)}
    days = sorted({start, end} | {day for day in turns if start < day < end})
    total = Fraction(0)
    for begin, until in pairwise(days):
        rate = figures.interest(begin)
        percent = rate.values[0] if rate else Fraction(0)  # past what is known nothing is owed yet
        year_days = 366 if record.day_basis == "act/act" and _is_leap(begin.year) else 365
        total += bears(begin) * percent * (until - begin).days / (100 * year_days)
    return int(total) + len(days)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
