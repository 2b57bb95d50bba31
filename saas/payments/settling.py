"""What one payment does to one case: pure, from the book as it stood on the payment's value date to the entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from saas.kernel.clock import OSLO
from saas.ledger.balances import WRITTEN_OFF
from saas.ledger.models import CLAIMS_HELD, COLLECTION_FEE, NOTICE_FEE, RECEIVABLE
from saas.ledger.post import Entry, Leg
from saas.payments.debt import Debt, StepFee
from saas.payments.entries import (
    COMPONENT,
    at_the_creditor,
    book_interest,
    claim_of,
    entry,
    placing_legs,
    price_anew,
    take_back,
)
from saas.payments.matching import CREDITOR, Incoming
from saas.rules.allocation import Allocation, Item, ItemKind, Order
from saas.rules.explain import interest_words
from saas.rules.facts import Because, Policy
from saas.rules.interest import InterestLine, fee_interest, interest_sum, late_interest
from saas.rules.law import Law
from saas.rules.money import Ore
from saas.rules.payment_order import ChosenOrder, agreement_on, allocate_as_chosen, choose_order, order_name
from saas.rules.repricing import above_cap, cap_when_covered
from saas.rules.words import BOKMAAL, Kroner, say

Accrued = Mapping[UUID | None, tuple[InterestLine, ...]]
"""Interest by claim, line by line; None: on the collection fee."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be booked, whether the case is covered by it, and the account of it for the case's history."""

    entries: tuple[Entry, ...]
    covered: bool
    told: dict[str, Any]


def settle(payment: Incoming, debt: Debt, law: Law, policy: Policy, *, again_for: UUID | None = None) -> Settled:
    """Place a payment on a case (dekningsrekkefølge), in the order the debtor chose for it, else the creditor's
    agreement's of that day, else costs, principal oldest first, interest (law D1-D4).

    Interest is booked up to the value date (D4). A fee charged on or after that day, or with a letter not proven sent,
    is not among what the payment covers; when all else is covered it is taken back (B9, B26, INKL § 17 third para.).
    When the principal is covered, costs above the cap of that day are taken back too (B11). A remainder within the
    tenant's limit is written off (D6), and what is left when all a letter asked for was paid by its deadline; a surplus
    is owed to the debtor. `again_for` is what this payment is placed anew for. Raises UnknownLaw, and InterestNotRead
    when booked interest is to be corrected and its entries were not read.
    """
    on, tail = payment.value_on, f"{payment.id}:{again_for}" if again_for else str(payment.id)
    accrued = _accrued(debt, on, law, policy)
    changes = {claim_id: _interest_change(debt, claim_id, interest_sum(lines)) for claim_id, lines in accrued.items()}
    late = [fee for fee in debt.fees if not fee.is_owed_on(on)]
    chosen = _order(payment, debt)
    items = _items(debt, changes, late)
    placed = _placed(payment, debt, items, chosen, law)
    rest = _rest(placed.items, placed.spread)
    rest_ore = sum(item.amount_ore for item in rest)
    waived = rest_ore > policy.write_off_below_ore and _paid_as_printed(payment, debt, rest_ore)
    covered = waived or rest_ore <= policy.write_off_below_ore
    taken_back = late if covered else []
    entries = [
        *book_interest(debt, changes, on, tail),
        *price_anew(placed.off, debt, on, tail),
        _placing(payment, placed, debt, tail),
        *take_back(taken_back, debt, on),
    ]
    if covered and rest:
        legs = [Leg(CLAIMS_HELD, RECEIVABLE, COMPONENT[i.kind], i.amount_ore, claim_of(i)) for i in rest]
        printed_ore = debt.printed.sum_ore if debt.printed else 0
        why = f"printed_sum_paid:{printed_ore}" if waived else f"remainder_within_limit:{policy.write_off_below_ore}"
        entries.append(entry(f"written_off:{tail}", WRITTEN_OFF, debt, on, legs, why))
    told = _told(payment, placed.spread, accrued, debt) | _told_order(payment, chosen, debt)
    told |= {
        "fees_taken_back_ore": sum(fee.amount_ore for fee in taken_back),
        "written_off_ore": sum(item.amount_ore for item in rest) if covered else 0,
        "covered": covered,
    }
    if waived:
        told["paid_as_printed"] = True
    if payment.provider == CREDITOR:
        told["paid_to"] = CREDITOR
    if placed.off:
        told["above_cap_ore"] = sum(ore for _, ore in placed.off)
    if again_for:
        told["again_for"] = str(again_for)
    return Settled(tuple(entries), covered, told)


# --- what is owed on the value date ---------------------------------------------------------------------------------


def _accrued(debt: Debt, on: date, law: Law, policy: Policy) -> dict[UUID | None, tuple[InterestLine, ...]]:
    """Each claim's interest from its due date to `on`, line by line, and that on the collection fee when claimed."""
    book, basis = debt.book, policy.day_basis
    accrued: dict[UUID | None, tuple[InterestLine, ...]] = {}
    for c in debt.claims:
        moves = book.principal_moves.get(c.id, ())
        accrued[c.id] = late_interest(book.principal_of(c.id), moves, c.due_on, on, law, basis, c.id, c.pauses)
    if policy.fee_interest:
        charged, paid = book.collection_fee_charges, book.collection_fee_payments
        pauses = [pause for c in debt.claims for pause in c.pauses]
        accrued[None] = fee_interest(charged, paid, debt.demanded_on, on, law, basis, pauses)
    elif book.fee_interest_booked_ore:
        accrued[None] = ()  # no longer claimed: what is unpaid of it falls away
    return accrued


def _interest_change(debt: Debt, claim_id: UUID | None, accrued_ore: int) -> int:
    """Øre of interest to book; below zero when too much is booked, never more than what is unpaid of it."""
    book = debt.book
    if claim_id is None:
        booked_ore, left_ore = book.fee_interest_booked_ore, book.fee_interest_left_ore
    else:
        booked_ore, left_ore = book.interest_booked.get(claim_id, Ore(0)), book.interest_left.get(claim_id, Ore(0))
    return max(accrued_ore - booked_ore, -left_ore)


def _items(debt: Debt, changes: Mapping[UUID | None, int], late: Sequence[StepFee]) -> list[Item]:
    book = debt.book
    items = []
    for kind, left_ore in (
        (ItemKind.COLLECTION_FEE, book.collection_fee_left_ore),
        (ItemKind.NOTICE_FEE, book.notice_fee_left_ore),
        (ItemKind.COMPENSATION, book.compensation_left_ore),
    ):
        if left_ore:
            not_yet_owed_ore = sum(fee.amount_ore for fee in late if fee.component == COMPONENT[kind])
            items.append(Item(kind, Ore(max(0, left_ore - not_yet_owed_ore))))
    for c in debt.claims:
        items.append(Item(ItemKind.PRINCIPAL, book.principal_left.get(c.id, Ore(0)), str(c.id), c.due_on))
    for c in debt.claims:
        left_ore = Ore(book.interest_left.get(c.id, 0) + changes[c.id])
        items.append(Item(ItemKind.INTEREST, left_ore, str(c.id), c.due_on))
    items.append(Item(ItemKind.FEE_INTEREST, Ore(book.fee_interest_left_ore + changes.get(None, 0))))
    return [item for item in items if item.amount_ore]


# --- what the payment covers ----------------------------------------------------------------------------------------


class _Placed(NamedTuple):
    items: list[Item]
    spread: Allocation
    off: Sequence[tuple[StepFee, Ore]] = ()  # costs above the cap, and what each is taken down by
    given_back: Mapping[str, int] = {}  # component → øre paid before on what is taken off


_TO_CREDITOR_ORDER: Order = (
    (ItemKind.PRINCIPAL,),
    (ItemKind.INTEREST,),
    (ItemKind.NOTICE_FEE, ItemKind.COMPENSATION, ItemKind.COURT_FEE),
    (ItemKind.COLLECTION_FEE,),
    (ItemKind.FEE_INTEREST,),
)
_TO_CREDITOR = Because(
    "paid_to_creditor", say("Betalingen gikk rett til den du skylder penger, så den dekker fakturaen først."), ("D5",)
)


def _order(payment: Incoming, debt: Debt) -> ChosenOrder:
    """The order of this payment: a choice said on its value date was said with it (law D1)."""
    if payment.provider == CREDITOR:
        return ChosenOrder(_TO_CREDITOR_ORDER, (), _TO_CREDITOR)
    agreement = agreement_on(debt.agreed, payment.value_on)
    received_at = datetime.combine(payment.value_on, time.max, OSLO)
    return choose_order(agreement.order if agreement else None, payment.choice, received_at)


def _placed(payment: Incoming, debt: Debt, items: list[Item], chosen: ChosenOrder, law: Law) -> _Placed:
    """The payment spread over what is owed; over less of it when it then covers the principal (B11)."""
    off = _above_cap(debt, payment.value_on, law)
    repaid_ore = payment.repaid_ore
    free_ore = payment.amount_ore - repaid_ore
    if off:
        left, given_back = _without(items, off)
        spread = allocate_as_chosen(free_ore + sum(given_back.values()), left, chosen)
        owed = sum(item.amount_ore for item in left if item.kind is ItemKind.PRINCIPAL)
        if spread.paid_ore(ItemKind.PRINCIPAL) == owed:
            return _Placed(left, replace(spread, left_ore=Ore(spread.left_ore + repaid_ore)), off, given_back)
    spread = allocate_as_chosen(free_ore, items, chosen)
    return _Placed(items, replace(spread, left_ore=Ore(spread.left_ore + repaid_ore)) if repaid_ore else spread)


def _placing(payment: Incoming, placed: _Placed, debt: Debt, tail: str) -> Entry:
    legs = placing_legs(placed.spread, placed.given_back)
    if payment.provider == CREDITOR:
        legs = [*at_the_creditor(payment.amount_ore, legs)]
        return entry(f"direct:{tail}", "payment_placed", debt, payment.value_on, legs)
    return entry(f"placed:{tail}", "payment_placed", debt, payment.value_on, legs)


def _paid_as_printed(payment: Incoming, debt: Debt, rest_ore: int) -> bool:
    """Whether all the newest letter asks for was paid in time, so that only the interest of those days is left.

    More than a fiftieth of the sum is no interest of a few days: then a person decides.
    """
    printed = debt.printed
    if printed is None or payment.value_on >= printed.in_time_before or rest_ore * 50 > printed.sum_ore:
        return False
    if printed.claim_ids and not {c.id for c in debt.claims} <= set(printed.claim_ids):
        return False  # more has come onto the case since
    since_ore = sum(ore for on, ore in debt.book.payments if on >= printed.dated_on)
    return since_ore + payment.amount_ore >= printed.sum_ore


def _above_cap(debt: Debt, on: date, law: Law) -> list[tuple[StepFee, Ore]]:
    """What each fee is above the cap on `on`, the newest fee first; nothing unless the cap has fallen (B11, B23)."""
    if debt.cost_basis is None:
        return []
    owed = [fee for fee in debt.fees if fee.is_owed_on(on)]
    late_ore = {name: sum(f.amount_ore for f in debt.fees if f.component == name and f not in owed) for name in _COSTS}
    too_much = above_cap(
        cap_when_covered(debt.claim_facts(), on, debt.cost_basis, law).cap_ore,
        debt.book.collection_fee_charged_ore - late_ore[COLLECTION_FEE],
        debt.book.notice_fee_charged_ore - late_ore[NOTICE_FEE],
        debt.book.compensation_charged_ore,
    )
    left_ore: dict[str, int] = {COLLECTION_FEE: too_much.collection_fee_ore, NOTICE_FEE: too_much.notice_fees_ore}
    off = []
    for fee in owed:
        ore = min(fee.amount_ore, left_ore.get(fee.component, 0))
        if ore:
            left_ore[fee.component] -= ore
            off.append((fee, Ore(ore)))
    return off


_COSTS = (COLLECTION_FEE, NOTICE_FEE)


def _without(items: list[Item], off: Sequence[tuple[StepFee, Ore]]) -> tuple[list[Item], dict[str, int]]:
    """The items less what is taken off; what was paid of that before is free again, by component."""
    off_ore: dict[str, int] = {name: sum(ore for fee, ore in off if fee.component == name) for name in _COSTS}
    left = []
    for item in items:
        taken_ore = min(item.amount_ore, off_ore.get(COMPONENT[item.kind], 0))
        if taken_ore:
            off_ore[COMPONENT[item.kind]] -= taken_ore
        if item.amount_ore > taken_ore:
            left.append(Item(item.kind, Ore(item.amount_ore - taken_ore), item.ref, item.due_on))
    return left, {name: ore for name, ore in off_ore.items() if ore}


def _rest(items: list[Item], spread: Allocation) -> list[Item]:
    """What is still owed of each item."""
    paid = {(line.item.kind, line.item.ref): line.paid_ore for line in spread.lines}
    left = ((item, Ore(item.amount_ore - paid.get((item.kind, item.ref), 0))) for item in items)
    return [Item(item.kind, ore, item.ref, item.due_on) for item, ore in left if ore]


# --- the account of it ----------------------------------------------------------------------------------------------


def _told(payment: Incoming, spread: Allocation, accrued: Accrued, debt: Debt) -> dict[str, Any]:
    invoices = {str(c.id): c.invoice_number for c in debt.claims}
    lines = []
    for line in spread.lines:
        told: dict[str, Any] = {
            "component": COMPONENT[line.item.kind],
            "paid_ore": line.paid_ore,
            "of_ore": line.item.amount_ore,
        }
        if line.item.ref:
            told["invoice_number"] = invoices[line.item.ref]
        if line.item.kind in (ItemKind.INTEREST, ItemKind.FEE_INTEREST):
            told["how"] = [
                f"{interest_words(i)} = {Kroner(i.interest_ore).said(BOKMAAL)}" for i in accrued[claim_of(line.item)]
            ]
        lines.append(told)
    return {
        "payment": str(payment.id),
        "amount_ore": payment.amount_ore,
        "value_on": payment.value_on.isoformat(),
        "lines": lines,
        "overpaid_ore": spread.left_ore,
        "explanation": spread.explanation,
    }


def _told_order(payment: Incoming, chosen: ChosenOrder, debt: Debt) -> dict[str, Any]:
    """Which order the payment was spread in and why, as anybody who asks may be told (D1-D3; NYINKL § 16)."""
    told: dict[str, Any] = {"order": order_name(chosen.order), "order_because": chosen.because.code}
    agreement = agreement_on(debt.agreed, payment.value_on)
    if agreement is not None:
        told["agreement"] = {"from": agreement.valid_from.isoformat(), "source": agreement.source}
    if chosen.refs:
        invoices = {str(c.id): c.invoice_number for c in debt.claims}
        told["chosen_invoices"] = [invoices[ref] for ref in chosen.refs if ref in invoices]
    if payment.choice is not None:
        told["said_at"] = payment.choice.said_at.isoformat()
    return told
