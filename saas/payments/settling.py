"""What one payment does to one case: pure, from the book as it stood on the payment's value date to the entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from saas.ledger.balances import WRITTEN_OFF, CaseBalance
from saas.ledger.models import (
    CLAIMS_HELD,
    COLLECTION_FEE,
    EARNED,
    INTEREST,
    MONEY,
    NOTICE_FEE,
    OWED_CREDITOR,
    OWED_DEBTOR,
    PRINCIPAL,
    RECEIVABLE,
    UNPLACED,
)
from saas.ledger.post import Entry, Leg
from saas.payments.matching import Incoming
from saas.rules.allocation import Allocation, Item, ItemKind, allocate
from saas.rules.explain import interest_words
from saas.rules.facts import Policy
from saas.rules.interest import InterestLine, interest_sum, late_interest
from saas.rules.law import Law
from saas.rules.money import Ore, kroner

_COMPONENT = {
    ItemKind.COLLECTION_FEE: COLLECTION_FEE,
    ItemKind.NOTICE_FEE: NOTICE_FEE,
    ItemKind.PRINCIPAL: PRINCIPAL,
    ItemKind.INTEREST: INTEREST,
}


@dataclass(frozen=True, slots=True)
class OwedClaim:
    """A claim of the case."""

    id: UUID
    invoice_number: str
    principal_ore: Ore
    due_on: date


@dataclass(frozen=True, slots=True)
class StepFee:
    """A fee one of our steps charged and nobody has taken back. `charged_on` None: its letter is not proven sent."""

    entry_id: UUID
    component: str
    amount_ore: Ore
    charged_on: date | None  # the letter's posted date; the day of the decision for the heavy fee, which has no letter
    dispatch_id: UUID | None = None

    def is_owed_on(self, day: date) -> bool:
        """Charged demonstrably before that day, so that who pays on the day owes it (law B9, B26, A4)."""
        return self.charged_on is not None and self.charged_on < day


@dataclass(frozen=True, slots=True)
class Debt:
    """A case as its book stood just before the payment."""

    case_id: UUID
    creditor_id: UUID
    claims: tuple[OwedClaim, ...]
    book: CaseBalance
    fees: tuple[StepFee, ...] = ()
    interest_entries: Mapping[UUID, UUID] = field(default_factory=dict)  # claim → the last entry that booked interest


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be booked, whether the case is covered by it, and the account of it for the case's history."""

    entries: tuple[Entry, ...]
    covered: bool
    told: dict[str, Any]


def settle(payment: Incoming, debt: Debt, law: Law, policy: Policy, *, again_for: UUID | None = None) -> Settled:
    """Place a payment on a case (dekningsrekkefølge): fees, then principal oldest first, then interest (law D3).

    Interest is booked up to the value date (D4). A fee charged on or after that day, or with a letter not proven sent,
    is not among what the payment covers; when all else is covered it is taken back (B9, B26, INKL § 17 third para.).
    A remainder within the tenant's limit is written off (D6); a surplus is owed to the debtor. `again_for` is the
    earlier-dated payment for whose sake this one is placed anew. Raises UnknownLaw.
    """
    tail = f"{payment.id}:{again_for}" if again_for else str(payment.id)
    accrued = _accrued(debt, payment.value_on, law, policy)
    booked = _book_interest(debt, accrued, payment, tail)
    late = [fee for fee in debt.fees if not fee.is_owed_on(payment.value_on)]
    items = _items(debt, accrued, late)
    spread = allocate(payment.amount_ore, items)
    placed = _entry(f"placed:{tail}", "payment_placed", debt, payment, _placing_legs(spread))
    rest = _rest(items, spread)
    covered = sum(item.amount_ore for item in rest) <= policy.write_off_below_ore
    taken_back = late if covered else []
    entries = [*booked, placed, *(_take_back(fee, debt, payment) for fee in taken_back)]
    if covered and rest:
        legs = tuple(Leg(CLAIMS_HELD, RECEIVABLE, _COMPONENT[i.kind], i.amount_ore, _claim_id(i)) for i in rest)
        entries.append(_entry(f"written_off:{tail}", WRITTEN_OFF, debt, payment, legs, "remainder_within_limit"))
    told = _told(payment, spread, accrued, debt)
    told |= {
        "fees_taken_back_ore": sum(fee.amount_ore for fee in taken_back),
        "written_off_ore": sum(item.amount_ore for item in rest) if covered else 0,
        "covered": covered,
    }
    if again_for:
        told["again_for"] = str(again_for)
    return Settled(tuple(entries), covered, told)


# --- what is owed on the value date ---------------------------------------------------------------------------------


def _accrued(debt: Debt, on: date, law: Law, policy: Policy) -> dict[UUID, tuple[InterestLine, ...]]:
    """Each claim's interest from its due date to `on`, line by line."""
    moves = debt.book.principal_moves
    return {
        c.id: late_interest(c.principal_ore, moves.get(c.id, ()), c.due_on, on, law, policy.day_basis, c.id)
        for c in debt.claims
    }


def _items(debt: Debt, accrued: Mapping[UUID, tuple[InterestLine, ...]], late: list[StepFee]) -> list[Item]:
    book = debt.book
    items = []
    for kind, left_ore in (
        (ItemKind.COLLECTION_FEE, book.collection_fee_left_ore),
        (ItemKind.NOTICE_FEE, book.notice_fee_left_ore),
    ):
        not_yet_owed_ore = sum(fee.amount_ore for fee in late if fee.component == _COMPONENT[kind])
        items.append(Item(kind, Ore(max(0, left_ore - not_yet_owed_ore))))
    for c in debt.claims:
        items.append(Item(ItemKind.PRINCIPAL, book.principal_left.get(c.id, Ore(0)), str(c.id), c.due_on))
    for c in debt.claims:
        change_ore = _interest_change(debt, c.id, interest_sum(accrued[c.id]))
        left_ore = Ore(book.interest_left.get(c.id, 0) + change_ore)
        items.append(Item(ItemKind.INTEREST, left_ore, str(c.id), c.due_on))
    return [item for item in items if item.amount_ore]


def _interest_change(debt: Debt, claim_id: UUID, accrued_ore: int) -> int:
    """Øre of interest to book; below zero when too much is booked, never more than what is unpaid of it."""
    change_ore = accrued_ore - debt.book.interest_booked.get(claim_id, 0)
    return max(change_ore, -debt.book.interest_left.get(claim_id, 0))


# --- entries --------------------------------------------------------------------------------------------------------


def _entry(
    source: str,
    kind: str,
    debt: Debt,
    payment: Incoming,
    legs: tuple[Leg, ...],
    reason: str = "",
    corrects: UUID | None = None,
) -> Entry:
    return Entry(
        source=source,
        kind=kind,
        creditor_id=debt.creditor_id,
        case_id=debt.case_id,
        legs=legs,
        value_on=payment.value_on,
        corrects=corrects,
        reason=reason,
    )


def _book_interest(
    debt: Debt, accrued: Mapping[UUID, tuple[InterestLine, ...]], payment: Incoming, tail: str
) -> list[Entry]:
    """Interest up to the value date that is not booked yet; what is booked too much is answered by its opposite."""
    entries, more = [], []
    for claim_id, lines in accrued.items():
        change_ore = _interest_change(debt, claim_id, interest_sum(lines))
        if change_ore > 0:
            more.append(Leg(RECEIVABLE, CLAIMS_HELD, INTEREST, Ore(change_ore), claim_id))
        elif change_ore < 0:
            less = Leg(CLAIMS_HELD, RECEIVABLE, INTEREST, Ore(-change_ore), claim_id)
            source = f"interest_corrected:{claim_id}:{tail}"
            corrected = debt.interest_entries[claim_id]
            entries.append(_entry(source, "interest_corrected", debt, payment, (less,), "less_has_accrued", corrected))
    if more:
        entries.append(_entry(f"interest:{tail}", "interest_booked", debt, payment, tuple(more)))
    return entries


def _placing_legs(spread: Allocation) -> tuple[Leg, ...]:
    legs = []
    for line in spread.lines:
        component, claim_id = _COMPONENT[line.item.kind], _claim_id(line.item)
        owner = EARNED if component == COLLECTION_FEE else OWED_CREDITOR
        legs.append(Leg(UNPLACED, RECEIVABLE, component, line.paid_ore, claim_id))
        legs.append(Leg(CLAIMS_HELD, owner, component, line.paid_ore, claim_id))
    if spread.left_ore:
        legs.append(Leg(UNPLACED, OWED_DEBTOR, MONEY, spread.left_ore))
    return tuple(legs)


def _take_back(fee: StepFee, debt: Debt, payment: Incoming) -> Entry:
    """The opposite of a fee; the same source as when its letter is withdrawn or fails, so it is taken back once."""
    source = f"withdrawn:{fee.dispatch_id}" if fee.dispatch_id else f"crossed:{fee.entry_id}"
    legs = (Leg(CLAIMS_HELD, RECEIVABLE, fee.component, fee.amount_ore),)
    return _entry(source, "fee_withdrawn", debt, payment, legs, "paid_before_it_was_charged", fee.entry_id)


def _rest(items: list[Item], spread: Allocation) -> list[Item]:
    """What is still owed of each item."""
    paid = {(line.item.kind, line.item.ref): line.paid_ore for line in spread.lines}
    left = ((item, Ore(item.amount_ore - paid.get((item.kind, item.ref), 0))) for item in items)
    return [Item(item.kind, ore, item.ref, item.due_on) for item, ore in left if ore]


def _claim_id(item: Item) -> UUID | None:
    return UUID(item.ref) if item.ref else None


# --- the account of it ----------------------------------------------------------------------------------------------


def _told(
    payment: Incoming, spread: Allocation, accrued: Mapping[UUID, tuple[InterestLine, ...]], debt: Debt
) -> dict[str, Any]:
    invoices = {str(c.id): c.invoice_number for c in debt.claims}
    lines = []
    for line in spread.lines:
        told: dict[str, Any] = {
            "component": _COMPONENT[line.item.kind],
            "paid_ore": line.paid_ore,
            "of_ore": line.item.amount_ore,
        }
        if line.item.ref:
            told["invoice_number"] = invoices[line.item.ref]
        if line.item.kind is ItemKind.INTEREST:
            told["how"] = [f"{interest_words(i)} = {kroner(i.interest_ore)} kr" for i in accrued[UUID(line.item.ref)]]
        lines.append(told)
    return {
        "payment": str(payment.id),
        "amount_ore": payment.amount_ore,
        "value_on": payment.value_on.isoformat(),
        "lines": lines,
        "overpaid_ore": spread.left_ore,
        "explanation": spread.explanation,
    }
