"""Hvis jeg betaler X på dag Y: what a payment would cover, what would be left, and what could follow."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from saas.rules.allocation import DEFAULT_ORDER, Allocation, Item, ItemKind, Order, allocate
from saas.rules.case import decide
from saas.rules.explain import Statement, statement
from saas.rules.facts import DEFAULT_POLICY, Because, CaseFacts, Outstanding, Policy, Step
from saas.rules.interest import (
    claim_interest,
    interest_on_claims,
    interest_on_fee,
    interest_per_day,
    interest_sum,
)
from saas.rules.law import Law
from saas.rules.money import NO_MONEY, Ore
from saas.rules.rates import UnknownLaw
from saas.rules.steps import latest_due

SAVED_DAYS = 30  # interest saved is told for so many days after the payment
_TRIES = 12  # a deadline, its grace, a hold, a sibling: a case never waits for more things in a row


@dataclass(frozen=True, slots=True)
class WhatIfLine:
    """One thing owed on the day, what the payment covers of it and what is left."""

    kind: ItemKind
    ref: str  # the claim's id for principal and interest
    owed_ore: Ore
    paid_ore: Ore
    left_ore: Ore


@dataclass(frozen=True, slots=True)
class Coming:
    """The next step and the earliest day it may be taken; without a step, why none is planned."""

    step: Step | None
    earliest_on: date | None
    why: tuple[Because, ...] = ()


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer. Lines add up: `owed.total_ore` = covered + left; `pay_ore` = covered + overpaid."""

    on: date
    pay_ore: Ore
    owed: Statement  # that day, line by line
    lines: tuple[WhatIfLine, ...]
    allocation: Allocation
    left_ore: Ore  # 0 when the case is settled
    overpaid_ore: Ore  # the debtor's own (D6)
    written_off_ore: Ore  # a remainder the tenant lets go (D6)
    settles: bool  # nothing more is owed
    fee_under_way_ore: Ore  # part of what is owed; falls away when paid before its letter leaves (A4)
    next: Coming  # after the payment
    before: Coming | None  # what may come before the day of payment and change the sum; None when nothing can
    interest_per_day_ore: Ore  # that day, without the payment
    interest_per_day_after_ore: Ore
    interest_saved_ore: Ore | None  # over SAVED_DAYS days; None when a rate ahead is not known

    @property
    def covered_ore(self) -> Ore:
        """What the payment covers."""
        return Ore(sum(line.paid_ore for line in self.lines))


def what_if(
    facts: CaseFacts,
    pay_ore: int,
    on: date,
    law: Law,
    policy: Policy = DEFAULT_POLICY,
    payments: Sequence[tuple[date, Ore]] = (),
    order: Order = DEFAULT_ORDER,
) -> WhatIf:
    """What paying `pay_ore` with value date `on` would do (D1-D4, D6, C4), if nothing else happens until then.

    `payments` are all payments so far (value date, øre) whatever they covered, as `explain.statement` takes them;
    `order` is the agreement's on that day, or the one the debtor chooses (`payment_order`).
    Raises ValueError for a negative payment or a day before the newest payment, UnknownLaw past the known rates.
    """
    if pay_ore < 0:
        raise ValueError("a payment cannot be negative")
    if any(paid_on > on for paid_on, _ in payments):
        raise ValueError("a later payment is placed already")
    owed = statement(facts, on, law, policy.day_basis, payments)
    items = _items(facts, owed, law, policy)
    spread = allocate(pay_ore, items, order)
    lines = tuple(_line(item, spread) for item in items)
    rest_ore = sum(line.left_ore for line in lines)
    settles = rest_ore <= policy.write_off_below_ore
    after = _paid(facts, items, spread, on)
    before = _coming(facts, _first_day(facts), law, policy)
    return WhatIf(
        on=on,
        pay_ore=Ore(pay_ore),
        owed=owed,
        lines=lines,
        allocation=spread,
        left_ore=NO_MONEY if settles else Ore(rest_ore),
        overpaid_ore=spread.left_ore,
        written_off_ore=Ore(rest_ore) if settles else NO_MONEY,
        settles=settles,
        fee_under_way_ore=_fee_under_way(facts),
        next=Coming(None, None) if settles else _coming(after, on, law, policy),
        before=before if before.earliest_on is not None and before.earliest_on < on else None,
        interest_per_day_ore=interest_per_day(facts, on, law, policy.day_basis),
        interest_per_day_after_ore=interest_per_day(after, on, law, policy.day_basis),
        interest_saved_ore=_saved(facts, after, on, law, policy),
    )


# --- what is owed and what it covers --------------------------------------------------------------------------------


def _items(facts: CaseFacts, owed: Statement, law: Law, policy: Policy) -> list[Item]:
    """What is unpaid that day: booked fees and principal, and the interest the statement leaves beside them."""
    left = facts.outstanding
    fees = [
        Item(ItemKind.COLLECTION_FEE, left.collection_fee_ore),
        Item(ItemKind.NOTICE_FEE, left.notice_fee_ore),
        Item(ItemKind.COMPENSATION, left.compensation_ore),
    ]
    principal = [Item(ItemKind.PRINCIPAL, c.principal_left_ore, str(c.id), c.due_on) for c in facts.claims]
    unpaid_ore = max(0, owed.total_ore - sum(item.amount_ore for item in (*fees, *principal)))
    on_fee_ore = min(owed.sum_ore("fee_interest"), unpaid_ore)  # covered last, so the last to be paid
    unpaid_ore -= on_fee_ore
    interest: list[Item] = []
    for c in sorted(facts.claims, key=lambda c: c.due_on, reverse=True):  # the oldest interest was paid first
        accrued_ore = interest_sum(claim_interest(c, owed.on, law, policy.day_basis))
        interest.append(Item(ItemKind.INTEREST, Ore(min(accrued_ore, unpaid_ore)), str(c.id), c.due_on))
        unpaid_ore -= interest[-1].amount_ore
    on_fee = Item(ItemKind.FEE_INTEREST, Ore(on_fee_ore))
    return [item for item in (*fees, *principal, *reversed(interest), on_fee) if item.amount_ore]


def _line(item: Item, spread: Allocation) -> WhatIfLine:
    paid_ore = Ore(sum(line.paid_ore for line in spread.lines if line.item is item))
    return WhatIfLine(item.kind, item.ref, item.amount_ore, paid_ore, Ore(item.amount_ore - paid_ore))


def _fee_under_way(facts: CaseFacts) -> Ore:
    """Fees booked beyond those of the letters proven sent (A4)."""
    if not facts.letter_under_way:
        return NO_MONEY
    by_agency = facts.agency_licence
    notices = [n for n in facts.notices if n.by_creditor or n.step is not Step.PAYMENT_DEMAND or not by_agency]
    proven_ore = sum(n.fee_ore for n in notices)
    demanded = any(n.step is Step.PAYMENT_DEMAND and not n.by_creditor for n in facts.notices)
    collection_ore = 0 if demanded else facts.charged_collection_fee_ore
    # compensation comes with our first letter, so with one of ours proven sent it is owed
    compensation_ore = 0 if any(not n.by_creditor for n in facts.notices) else facts.charged_compensation_ore
    return Ore(max(0, facts.charged_notice_fees_ore - proven_ore) + collection_ore + compensation_ore)


# --- the case after the payment -------------------------------------------------------------------------------------


def _paid(facts: CaseFacts, items: Sequence[Item], spread: Allocation, on: date) -> CaseFacts:
    """The facts as they would stand when the payment is placed; interest is booked to that day (D4)."""
    on_principal = {
        line.item.ref: line.paid_ore for line in spread.lines if line.item.kind is ItemKind.PRINCIPAL and line.paid_ore
    }
    claims = tuple(
        replace(
            c,
            principal_left_ore=Ore(c.principal_left_ore - on_principal[str(c.id)]),
            principal_moves=(*c.principal_moves, (on, on_principal[str(c.id)])),
        )
        if str(c.id) in on_principal
        else c
        for c in facts.claims
    )
    left = facts.outstanding
    interest_ore, on_fee_ore = (
        sum(item.amount_ore for item in items if item.kind is kind)
        for kind in (ItemKind.INTEREST, ItemKind.FEE_INTEREST)
    )
    outstanding = Outstanding(
        Ore(sum(c.principal_left_ore for c in claims)),
        Ore(interest_ore - spread.paid_ore(ItemKind.INTEREST)),
        Ore(left.notice_fee_ore - spread.paid_ore(ItemKind.NOTICE_FEE)),
        Ore(left.collection_fee_ore - spread.paid_ore(ItemKind.COLLECTION_FEE)),
        Ore(left.compensation_ore - spread.paid_ore(ItemKind.COMPENSATION)),
        Ore(on_fee_ore - spread.paid_ore(ItemKind.FEE_INTEREST)),
    )
    paid_fee_ore = spread.paid_ore(ItemKind.COLLECTION_FEE)
    fee_payments = (*facts.fee_payments, (on, paid_fee_ore)) if paid_fee_ore else facts.fee_payments
    return replace(facts, claims=claims, outstanding=outstanding, fee_payments=fee_payments)


def _first_day(facts: CaseFacts) -> date:
    """The day from which the next step is looked for: the newest letter's, else the due date."""
    return max((n.sent_on for n in facts.notices), default=latest_due(facts))


def _coming(facts: CaseFacts, start: date, law: Law, policy: Policy) -> Coming:
    """The next step from `start` on: asks on the day, then on each day the answer says to look again."""
    day = start
    for _ in range(_TRIES):
        decision = decide(facts, day, law, policy)
        if decision.step is not None:
            return Coming(decision.step, day)
        if decision.next_action_on is None or decision.next_action_on <= day:
            return Coming(None, None, decision.why)
        day = decision.next_action_on
    return Coming(None, None, decision.why)


def _saved(facts: CaseFacts, after: CaseFacts, on: date, law: Law, policy: Policy) -> Ore | None:
    until = on + timedelta(days=SAVED_DAYS)
    try:
        without, paid = (
            interest_sum(
                (
                    *interest_on_claims(case.claims, until, law, policy.day_basis),
                    *interest_on_fee(case, until, law, policy.day_basis),
                )
            )
            for case in (facts, after)
        )
    except UnknownLaw:
        return None
    return Ore(without - paid)
