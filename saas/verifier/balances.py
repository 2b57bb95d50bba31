"""What the record says is owed follows from what it says was owed and paid (saldo)."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

from saas.verifier.figures import INTEREST, Figures
from saas.verifier.findings import Finding, Findings
from saas.verifier.record import Claim, Record


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
    if record.collection_fee_left_ore > record.charged_collection_fee_ore:
        yield Finding("B23", "facts.outstanding.collection_fee_ore: more than was charged")


def interest(record: Record, figures: Figures) -> Findings:
    """Interest owed is at most simple statutory interest on what was left, from due date to decision (C1 to C6)."""
    most = sum(_most_interest(claim, record, figures) for claim in record.claims)
    if record.interest_left_ore > most:
        yield Finding("C4", f"facts.outstanding.interest_ore: {record.interest_left_ore} øre, the law gives {most}")


def _most_interest(claim: Claim, record: Record, figures: Figures) -> int:
    """In øre; each stretch of one balance, rate and year may be rounded up, and a payment may split one (C8)."""
    start, end = claim.due_on, record.decided_on
    if start >= end:
        return 0
    turns = {date(year, 1, 1) for year in range(start.year, end.year + 1)}
    turns |= {row.valid_from for row in figures.of(INTEREST)} | {on for on, _ in claim.moves}
    days = sorted({start, end} | {day for day in turns if start < day < end})
    total = Fraction(0)
    for begin, until in pairwise(days):
        rate = figures.interest(begin)
        percent = rate.values[0] if rate else Fraction(0)  # past what is known nothing is owed yet
        year_days = 366 if record.day_basis == "act/act" and _is_leap(begin.year) else 365
        total += claim.left_on(begin) * percent * (until - begin).days / (100 * year_days)
    return int(total) + len(days) + len(claim.moves)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
