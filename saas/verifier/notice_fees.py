"""The creditor's notice fees (purregebyr), INKF §§ 1-2 and 1-3: how much, when, and how many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from saas.verifier.days import plus_days, plus_months
from saas.verifier.figures import Figures
from saas.verifier.findings import Finding, Findings
from saas.verifier.record import (
    ACT_2026,
    COLLECTION_FEE,
    COMPENSATION,
    DEMAND,
    HEAVY,
    NOTICE,
    NOTICE_FEE,
    REMINDER,
    Claim,
    Notice,
    Record,
)

FEE_AFTER_DAYS = 14  # INKF § 1-2: sent at the earliest 14 days after the claim fell due
RESET_MONTHS = 6  # INKF § 1-3 second paragraph
ROUNDED_FROM = date(2026, 1, 1)  # FOR-2025-12-19-2709: to the nearest krone
STEP_ORDER = (REMINDER, NOTICE, DEMAND)


def who_may_charge(record: Record) -> Findings:
    """Reminder and notice carry a notice fee, an own demand too, a licensed one the agency's (B4, B9; INKL § 4)."""
    kinds = [cost.kind for cost in record.costs if cost.kind != COMPENSATION]
    if len(kinds) > 1:
        yield Finding("B2", "costs: one step charges one fee")
    if COLLECTION_FEE in kinds:
        heavy = record.step == HEAVY
        if not record.licence:
            yield Finding("B10" if heavy else "B9", "costs: an agency fee needs a licence")
        if record.step not in (DEMAND, HEAVY):
            yield Finding("B9", f"costs: no agency fee is owed for a {record.step}")
    if COLLECTION_FEE in kinds and record.lost_costs:
        yield Finding("B19", "costs: the right to the agency's fee was lost")
    if NOTICE_FEE in kinds and record.lost_costs == "all":
        yield Finding("B19", "costs: the right to costs was lost")
    if NOTICE_FEE in kinds and record.step == HEAVY:
        yield Finding("B2", "costs: a notice fee without a notice")
    if NOTICE_FEE in kinds and record.step == DEMAND and record.licence:
        yield Finding("B4", "costs: the creditor's own demand fee is not the agency's to charge")


def amount(record: Record, figures: Figures) -> Findings:
    """No more than the fraction of the rate on the day of sending allows, nor on the day of decision (INKF § 1-2)."""
    fee = record.charges(NOTICE_FEE)
    if not fee or record.step == HEAVY or record.act == ACT_2026:
        return
    for day in record.days:
        most = _most(record.claims, figures, record.step, day, kindest=True)
        if most is None:
            yield Finding("B13", f"costs: no notice fee is known for {day} and these due dates")
        elif fee > most:
            yield Finding("B2", f"costs: {fee} øre is more than the {most} øre a {record.step} may cost on {day}")
    latest_due = max(claim.due_on for claim in record.counted() or record.claims)
    if record.step != DEMAND and min(record.days) < plus_days(latest_due, FEE_AFTER_DAYS):
        yield Finding("B1", f"costs: the fee is less than 14 days after {latest_due}")


def earlier_amounts(record: Record, figures: Figures) -> Findings:
    """What letters already sent were charged with was allowed too, for one of the claims at least (B1, B2, B20)."""
    for notice in record.notices:
        if not notice.fee_ore:
            continue
        claims = _claims_of(record, notice)
        if notice.step == DEMAND and record.licence and not notice.by_creditor:
            yield Finding("B4", f"facts.notices: the agency's demand of {notice.sent_on} bears a notice fee")
        most = _most(claims, figures, notice.step, notice.sent_on, kindest=False)
        if most is None or notice.fee_ore > most:
            yield Finding("B2", f"facts.notices: {notice.fee_ore} øre on {notice.sent_on} is more than {most or 0} øre")
        first_due = min(claim.due_on for claim in claims)
        if notice.step != DEMAND and notice.sent_on < plus_days(first_due, FEE_AFTER_DAYS):
            yield Finding("B1", f"facts.notices: the fee of {notice.sent_on} is less than 14 days after any due date")
    with_fee = [notice.proof for notice in record.notices if notice.fee_ore]
    if len(set(with_fee)) < len(with_fee):
        yield Finding("B2", "facts.notices: one letter bears two fees")
    shown = sum(notice.fee_ore for notice in record.notices)
    if shown != record.charged_notice_fees_ore:
        yield Finding(
            "B23", f"facts.charged_notice_fees_ore: {record.charged_notice_fees_ore} øre, the letters show {shown}"
        )


def how_many(record: Record) -> Findings:
    """Two reminders and a demand, or a reminder, a later notice and a demand, for each claim (B2 to B5).

    A letter that says which claims it was about belongs to one of them. The others must be possible to share out among
    all.
    """
    series = {claim.id: _Series() for claim in record.claims}
    for notice in sorted(record.notices, key=lambda n: (n.sent_on, STEP_ORDER.index(n.step))):
        if notice.fee_ore:
            own = [series[claim.id] for claim in _claims_of(record, notice)]
            why = _next(own, notice.step, notice.sent_on, notice, record)
            if why:
                yield Finding(why, f"facts.notices: the fee of the {notice.step} of {notice.sent_on} is not allowed")
    if record.charges(NOTICE_FEE) and record.step != HEAVY:
        why = _next(list(series.values()), record.step, min(record.days), None, record)
        if why:
            yield Finding(why, f"costs: the fee of this {record.step} is not allowed after the letters before it")


def most_in_all(record: Record, figures: Figures) -> int:
    """What the letters sent and this one may have cost in all, in øre, whatever of it was charged."""
    sent = [_most(_claims_of(record, n), figures, n.step, n.sent_on, kindest=False) for n in record.notices]
    now = [_most(record.claims, figures, record.step, day, kindest=True) for day in record.days]
    return sum(most or 0 for most in sent) + max(most or 0 for most in now)


def _claims_of(record: Record, notice: Notice) -> Sequence[Claim]:
    """The claims of the record a letter was about; all of them when it names none of these."""
    return [claim for claim in record.claims if notice.is_about(claim)] or record.claims


def _most(claims: Sequence[Claim], figures: Figures, step: str, day: date, *, kindest: bool) -> int | None:
    """The most one notice of this kind may cost, in øre; None when a figure is not known."""
    rate = figures.rate(day)
    rows = [figures.fraction(claim.due_on) for claim in claims]
    fractions = [row.values[step == DEMAND] for row in rows if row is not None]
    if rate is None or len(fractions) < len(rows):
        return None
    fraction = min(fractions) if kindest else max(fractions)
    kroner = rate.values[0] * fraction
    if day >= ROUNDED_FROM:
        return int(kroner + Fraction(1, 2)) * 100  # half a krone goes up: 37.50 is 38
    return int(kroner * 100)


@dataclass(slots=True)
class _Series:
    """The fee-bearing letters of one claim since the counter last began anew."""

    count: int = 0
    first_reminder: Notice | None = None
    last_on: date | None = None
    demanded: bool = False

    def begins_anew(self, day: date) -> bool:
        return self.last_on is None or day > plus_months(self.last_on, RESET_MONTHS)

    def allows_second(self, day: date) -> bool:
        return self.count == 1 and not self.demanded and self._missed(day)

    def _missed(self, day: date) -> bool:
        return self.first_reminder is not None and self.first_reminder.missed_on(day)

    def add(self, step: str, day: date, notice: Notice | None) -> None:
        if self.begins_anew(day):
            self.count, self.first_reminder, self.demanded = 0, notice if step == REMINDER else None, False
        self.count += step != DEMAND
        self.demanded = self.demanded or step == DEMAND
        self.last_on = day


def _next(series: Sequence[_Series], step: str, day: date, notice: Notice | None, record: Record) -> str | None:
    """Give the letter to the claim it fits, or say which rule it breaks. A new reminder rather opens a series, a notice
    rather follows a reminder: that leaves the most room for the letters after it.
    """
    if step == DEMAND:
        return _own_demand(series, day, notice, record)
    fresh = [s for s in series if s.begins_anew(day)]
    second = [s for s in series if not s.begins_anew(day) and s.allows_second(day)]
    order: Sequence[_Series] = fresh + second if step == REMINDER else second + fresh
    if order:
        order[0].add(step, day, notice)
        return None
    waiting = any(s.count == 1 and s.first_reminder is not None and not s.demanded for s in series)
    return "B3" if waiting else "B2"


def _own_demand(series: Sequence[_Series], day: date, notice: Notice | None, record: Record) -> str | None:
    earlier = [n for n in record.sent(REMINDER, NOTICE) if n.missed_on(day)]
    claims = _claims_of(record, notice) if notice else record.counted()
    if not all(any(n.warned(claim) for n in earlier) for claim in claims):
        return "B4"
    if any(s.demanded and not s.begins_anew(day) for s in series):
        return "B2"
    for one in series:  # claims are joined before the demand: it belongs to all of them
        one.add(DEMAND, day, notice)
    return None
