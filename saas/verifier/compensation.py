"""Standard compensation for late payment (standardkompensasjon, FRL § 3 a), set off against the costs (B15, C9)."""

from datetime import date

from saas.verifier.days import plus_days
from saas.verifier.figures import Figures
from saas.verifier.findings import Finding, Findings
from saas.verifier.record import COMPENSATION, Claim, Record

SINCE = date(2013, 3, 16)  # FRL § 3 a


def who_owes_it(record: Record) -> Findings:
    """Never a consumer (FRL § 4 letter d), and only a tenant that claims it charges it."""
    now = record.charges(COMPENSATION)
    if record.consumer and (now or record.charged_compensation_ore or record.compensation_left_ore):
        yield Finding("B15", "costs: a consumer owes no compensation (FRL § 4)")
    if now and not record.claim_compensation:
        yield Finding("B15", "costs: compensation is charged, and policy.claim_compensation says it is not claimed")
    if record.compensation_left_ore > record.charged_compensation_ore:
        yield Finding("B23", "facts.outstanding.compensation_ore: more than was charged")


def amount(record: Record, figures: Figures) -> Findings:
    """At most the amount of the half year for each claim that was late (C9)."""
    charged = record.charged_compensation_ore + record.charges(COMPENSATION)
    most = most_compensation(record, figures)
    if charged > most:
        yield Finding("C9", f"facts.charged_compensation_ore: {charged} øre with this step, the law gives {most}")


def most_compensation(record: Record, figures: Figures) -> int:
    """What compensation may come to in all, in øre; the law does not say whether the first day late or the day it is
    claimed picks the half year, so the higher of the two is the most (C9).
    """
    if record.consumer:
        return 0
    return sum(_of_claim(claim, record, figures) for claim in record.claims)


def _of_claim(claim: Claim, record: Record, figures: Figures) -> int:
    if claim.due_on >= record.decided_on or claim.due_on < SINCE or not claim.base_ore:
        return 0
    days = [claim.due_on, plus_days(claim.due_on, 1), record.decided_on, *(n.sent_on for n in record.notices)]
    known = [figures.compensation(day) for day in days]
    return max((int(row.values[0] * 100) for row in known if row and row.values), default=0)
