"""What the debtor may be charged beside principal and interest: notice fees and the collection fee, under one cap.

All out-of-court costs share the cap of INKF §§ 2-2 and 2-3 (B23). `cost_cap` computes it, `within_cap` is the one
gate every cost line passes.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from saas.rules.days import add_months
from saas.rules.deadlines import is_long_enough
from saas.rules.facts import CaseFacts, ClaimFacts, NoticeFacts, Step
from saas.rules.law import Law
from saas.rules.money import NO_MONEY, Ore
from saas.rules.rates import FractionRow, RateRow, TierRow

DAYS_BEFORE_FEE = 14  # a notice bears a fee when sent at the earliest so many days after the due date (B1)
DAYS_TO_HEAVY = 29  # the demand's deadline must be exceeded by more than 28 days (B10)
FEE_ROUND_MONTHS = 6  # more than six months after the last fee-bearing letter the counter starts anew (B5)


class CapPart(NamedTuple):
    """The cap of one principal: all claims joined, or one claim on its own."""

    base_ore: Ore
    tier: TierRow
    cap_ore: Ore


class CostCap(NamedTuple):
    """The highest total of out-of-court costs, and how it came about: the sum of its parts."""

    cap_ore: Ore
    on: date
    heavy: bool
    joined: bool
    parts: tuple[CapPart, ...]
    rate: RateRow  # inkassosats
    vat: RateRow | None


# --- notice fees ----------------------------------------------------------------------------------------------------


def notice_fee_amount(due_on: date, sent_on: date, law: Law, *, by_creditor_own_demand: bool = False) -> Ore:
    """1/20 of the inkassosats on the day of sending, 3/20 for a creditor's own demand (INKF § 1-2).

    1/10 and 3/10 for claims due before 2020-10-01. Rounded half up to a whole krone. Raises UnknownLaw.
    """
    return fraction_of(law.collection_rate(sent_on), law.notice_fraction(due_on), by_creditor_own_demand)


def fraction_of(rate: RateRow, fraction: FractionRow, own_demand: bool) -> Ore:
    """The fraction of the inkassosats in whole kroner, half up (INKF § 1-2 fourth para.)."""
    numerator = fraction.own_demand_numerator if own_demand else fraction.numerator
    krone = 100 * fraction.denominator
    return Ore((2 * rate.hundredths * numerator + krone) // (2 * krone) * 100)


def notice_fee(
    step: Step,
    notices: Sequence[NoticeFacts],
    claims: Sequence[ClaimFacts],
    sent_on: date,
    law: Law,
    by_creditor_own_demand: bool = False,
) -> Ore:
    """The fee a letter sent on `sent_on` may bear, before the cap; 0 when none (INKF §§ 1-2, 1-3; B1-B6).

    `notices` are the letters sent before, ours and the creditor's. A demand bears one only when the creditor sends
    it itself (`by_creditor_own_demand`). With several claims the latest due date and the lower fraction count.
    Raises UnknownLaw.
    """
    latest_due_on = max(c.due_on for c in claims)
    if not _bears_fee(step, notices, sent_on, claims, by_creditor_own_demand):
        return NO_MONEY
    return notice_fee_amount(latest_due_on, sent_on, law, by_creditor_own_demand=by_creditor_own_demand)


def _bears_fee(
    step: Step, notices: Sequence[NoticeFacts], sent_on: date, claims: Sequence[ClaimFacts], own_demand: bool
) -> bool:
    charged = fee_round(notices, sent_on)
    if any(n.step is Step.PAYMENT_DEMAND for n in charged):
        return False  # the demand comes last, and once (B2)
    if step is Step.PAYMENT_DEMAND:
        return own_demand and missed_deadline(notices, sent_on, claims)  # B4
    if sent_on < max(c.due_on for c in claims) + timedelta(days=DAYS_BEFORE_FEE):
        return False  # B1
    if not charged:
        return True
    first = charged[0]
    return len(charged) == 1 and first.step is Step.REMINDER and _was_missed(first, sent_on)  # B2, B3


def fee_round(notices: Sequence[NoticeFacts], on: date) -> list[NoticeFacts]:
    """Fee-bearing letters of the round running on that day; a pause of more than six months ends a round (B5)."""
    running: list[NoticeFacts] = []
    for n in notices:
        if n.fee_ore > 0:
            running = [*running, n] if not running or not _starts_anew(running[-1], n.sent_on) else [n]
    return [] if running and _starts_anew(running[-1], on) else running


def _starts_anew(last: NoticeFacts, on: date) -> bool:
    return on > add_months(last.sent_on, FEE_ROUND_MONTHS)


def missed_deadline(notices: Sequence[NoticeFacts], on: date, claims: Sequence[ClaimFacts]) -> bool:
    """For each claim a deadline of 14 days or more ran out before `on`, set in a reminder or notice sent after its due.

    INKF §§ 1-2 third para. and 2-3 second para. (B4, B10).
    """
    missed = [n for n in notices if n.step is not Step.PAYMENT_DEMAND and _was_missed(n, on)]
    return all(any(n.sent_on > c.due_on and n.is_about(c) for n in missed) for c in claims)


def _was_missed(notice: NoticeFacts, on: date) -> bool:
    return notice.deadline_on < on and is_long_enough(notice.sent_on, notice.deadline_on)


# --- the cap --------------------------------------------------------------------------------------------------------


def cap_of(rate_ore: int, multiplier_thousandths: int, vat_hundredths: int) -> Ore:
    """Inkassosats × multiplier, with VAT (hundredths of a percent) when added, rounded DOWN to øre (B11, B12)."""
    return Ore(rate_ore * multiplier_thousandths * (10_000 + vat_hundredths) // 10_000_000)


def cost_cap(
    claims: Sequence[ClaimFacts], on: date, *, heavy: bool, consumer: bool, vat_added: bool, law: Law
) -> CostCap:
    """The most all out-of-court costs may come to (INKF §§ 2-1 to 2-3; B8, B10-B13, B23, B26, N14).

    `on` is the day the principal is covered, or today for a running case: it picks the inkassosats (B11). The due
    date picks the table (B13). Joined claims bear one fee on their sum (B16), or the sum of their single fees when
    that is lower (W12). Claims without principal give no room. Raises UnknownLaw.
    """
    rate, vat = law.collection_rate(on), law.vat_rate(on) if vat_added else None
    vat_hundredths = vat.hundredths if vat is not None else 0

    def part(due_on: date, base_ore: int) -> CapPart:
        tier = law.fee_tier(due_on, consumer, base_ore)
        cap_ore = cap_of(rate.hundredths, tier.multiplier_thousandths(heavy), vat_hundredths)
        return CapPart(Ore(base_ore), tier, cap_ore)

    owed = [(c.due_on, base_ore) for c in claims if (base_ore := principal_at_due(c)) > 0]
    if not owed:
        return CostCap(NO_MONEY, on, heavy, True, (), rate, vat)
    if len(owed) == 1:
        only = part(*owed[0])
        return CostCap(only.cap_ore, on, heavy, True, (only,), rate, vat)
    total = sum(base_ore for _, base_ore in owed)
    joined = min((part(due_on, total) for due_on in {due_on for due_on, _ in owed}), key=lambda p: p.cap_ore)
    singles = tuple(part(due_on, base_ore) for due_on, base_ore in owed)
    sum_of_singles = sum(p.cap_ore for p in singles)
    if sum_of_singles < joined.cap_ore:
        return CostCap(Ore(sum_of_singles), on, heavy, False, singles, rate, vat)
    return CostCap(joined.cap_ore, on, heavy, True, (joined,), rate, vat)


def principal_at_due(claim: ClaimFacts) -> int:
    """The band base (B8): the principal at the due date, so less what was paid up to and on that day."""
    if not claim.principal_moves:
        return claim.principal_ore
    return claim.principal_ore - sum(paid for on, paid in claim.principal_moves if on <= claim.due_on)


def agency_fee_cap(
    claims: Sequence[ClaimFacts], on: date, *, heavy: bool, consumer: bool, vat_added: bool, law: Law
) -> Ore:
    """The table's amount for these claims (B8-B13, B16): a total, so notice fees count inside it (B23)."""
    return cost_cap(claims, on, heavy=heavy, consumer=consumer, vat_added=vat_added, law=law).cap_ore


def total_cost_cap(facts: CaseFacts, on: date, law: Law, *, heavy: bool = False) -> CostCap:
    """The case's cap for everything charged out of court (B23). Raises UnknownLaw.

    Claims whose principal was paid before the demand are left out: no agency fee was earned on them (INKL § 17). The
    heavy cap leaves out those paid since, too: their deadline was not exceeded by 28 days (INKF § 2-3; a reading, the
    one that costs the debtor least).
    """
    claims = claims_in_demand(facts)
    return cost_cap(
        [c for c in claims if c.principal_left_ore > 0] if heavy else claims,
        on,
        heavy=heavy,
        consumer=facts.is_consumer,
        vat_added=not facts.vat_deductible,
        law=law,
    )


def claims_in_demand(facts: CaseFacts) -> Sequence[ClaimFacts]:
    """The claims the demand was, or will be, about: their full principal is the band base (B8, W15)."""
    demand = last_demand(facts.notices)
    if demand is None:
        return [c for c in facts.claims if c.principal_left_ore > 0]
    return [c for c in facts.claims if demand.is_about(c) and c.principal_ore > _paid_before(c, demand.sent_on)]


def _paid_before(claim: ClaimFacts, day: date) -> int:
    return sum(paid for on, paid in claim.principal_moves if on < day)


def last_demand(notices: Sequence[NoticeFacts]) -> NoticeFacts | None:
    """The newest payment demand (betalingsoppfordring) the tenant itself sent."""
    return next((n for n in reversed(notices) if n.step is Step.PAYMENT_DEMAND and not n.by_creditor), None)


def within_cap(wanted_ore: int, cap_ore: int, charged_ore: int) -> Ore:
    """How much of a wanted cost line there is room for: the one gate every cost passes (B23, N11)."""
    return Ore(max(0, min(wanted_ore, cap_ore - charged_ore)))


def collection_fee_room(cap_ore: int, notice_fees_ore: int) -> Ore:
    """The agency fee left when the notice fees already charged are inside the cap; never below zero (B23)."""
    return within_cap(cap_ore, cap_ore, notice_fees_ore)


def heavy_from(demand_deadline_on: date, held_days: int = 0) -> date:
    """First day of the heavy fee: the printed deadline exceeded by more than 28 days (INKF § 2-3; B10, N13).

    Days the case was held after the deadline do not count (E6). Raises ValueError when they are negative.
    """
    if held_days < 0:
        raise ValueError("days on hold cannot bring the heavy fee forward")
    return demand_deadline_on + timedelta(days=DAYS_TO_HEAVY + held_days)
