"""Whether what the step asks for can still be demanded (foreldelse)."""

from collections.abc import Iterable
from datetime import date

from saas.verifier.days import next_banking_day, plus_months
from saas.verifier.findings import Finding, Findings
from saas.verifier.record import Record

ORDINARY_MONTHS = 36  # foreldelsesloven §§ 2 and 3 no. 1: from the day performance could be demanded
JUDGED_MONTHS = 120  # § 21 no. 2


def not_time_barred(record: Record) -> Findings:
    """No claim the step asks anything for is time-barred on any day of the step (foreldelsesloven §§ 2, 24; H1, H7)."""
    for claim in record.counted():
        last_on = last_day(claim.due_on, record.acknowledged_on, record.judged_on, record.decided_on)
        if max(record.days) > last_on:
            yield Finding("H7", f"facts.claims: the claim due {claim.due_on} is time-barred after {last_on}")
        elif max(record.days) > _interest_until(claim.due_on, record):
            yield Finding("H4", f"facts.claims: interest on the claim due {claim.due_on} is time-barred in part")


def _interest_until(due_on: date, record: Record) -> date:
    """Interest is barred three years after it fell due, also when a judgment keeps the claim (§§ 2, 21 no. 2)."""
    happened = [on for on in (*record.acknowledged_on, *record.judged_on) if on <= record.decided_on]
    return next_banking_day(plus_months(max(happened, default=due_on), ORDINARY_MONTHS))


def last_day(due_on: date, acknowledged_on: Iterable[date], judged_on: Iterable[date], decided_on: date) -> date:
    """The last day of the period, lengthened to a working day (§ 29 no. 2), with what happened until the decision.

    An acknowledgement begins a new period, but only of a claim that still stands (§§ 14, 20); a judgment binds.
    """
    end = plus_months(due_on, ORDINARY_MONTHS)
    happened = [(on, False) for on in acknowledged_on] + [(on, True) for on in judged_on]
    for on, is_judgment in sorted(happened):
        if on > decided_on or (not is_judgment and on > next_banking_day(end)):
            continue
        end = max(end, plus_months(on, JUDGED_MONTHS if is_judgment else ORDINARY_MONTHS))
    return next_banking_day(end)
