"""The entries one payment brings: interest booked, money placed, fees taken back or priced anew, a remainder let go."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from saas.ledger.models import (
    AT_CREDITOR,
    CLAIMS_HELD,
    COLLECTION_FEE,
    COMPENSATION,
    EARNED,
    FEE_INTEREST,
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
from saas.payments.debt import Debt, InterestNotRead, StepFee
from saas.rules.allocation import Allocation, Item, ItemKind
from saas.rules.money import Ore

COMPONENT = {
    ItemKind.COLLECTION_FEE: COLLECTION_FEE,
    ItemKind.NOTICE_FEE: NOTICE_FEE,
    ItemKind.COMPENSATION: COMPENSATION,
    ItemKind.PRINCIPAL: PRINCIPAL,
    ItemKind.INTEREST: INTEREST,
    ItemKind.FEE_INTEREST: FEE_INTEREST,
}
_THE_AGENCYS = (COLLECTION_FEE, FEE_INTEREST)  # what it earns (law D2); all else is the creditor's


def entry(
    source: str,
    kind: str,
    debt: Debt,
    value_on: date,
    legs: Sequence[Leg],
    reason: str = "",
    corrects: UUID | None = None,
) -> Entry:
    """An entry on the case of `debt`."""
    return Entry(
        source=source,
        kind=kind,
        creditor_id=debt.creditor_id,
        case_id=debt.case_id,
        legs=tuple(legs),
        value_on=value_on,
        corrects=corrects,
        reason=reason,
    )


def book_interest(debt: Debt, changes: Mapping[UUID | None, int], value_on: date, tail: str) -> list[Entry]:
    """Interest not booked yet, by claim (None: on the collection fee); what is booked too much is answered.

    A correction names the entries that booked it, the newest first, each for no more than stands of it. Raises
    InterestNotRead.
    """
    entries, more = [], []
    for claim_id, change_ore in changes.items():
        component = INTEREST if claim_id else FEE_INTEREST
        if change_ore > 0:
            more.append(Leg(RECEIVABLE, CLAIMS_HELD, component, Ore(change_ore), claim_id))
        if change_ore >= 0:
            continue
        if debt.interest_entries is None:
            raise InterestNotRead
        left_ore = -change_ore
        for booked_by, standing_ore in debt.interest_entries.get(claim_id, ()):
            ore = min(left_ore, standing_ore)
            if ore <= 0:
                break
            left_ore -= ore
            less = Leg(CLAIMS_HELD, RECEIVABLE, component, Ore(ore), claim_id)
            source = f"interest_corrected:{claim_id or component}:{booked_by}:{tail}"
            entries.append(entry(source, "interest_corrected", debt, value_on, [less], "less_has_accrued", booked_by))
    if more:
        entries.append(entry(f"interest:{tail}", "interest_booked", debt, value_on, more))
    return entries


def placing_legs(spread: Allocation, given_back: Mapping[str, int]) -> list[Leg]:
    """The money to what it covers; `given_back` (component → øre) was paid before on costs that are taken back now."""
    legs = []
    for component, ore in given_back.items():
        legs.append(Leg(RECEIVABLE, UNPLACED, component, Ore(ore)))
        legs.append(Leg(_owner(component), CLAIMS_HELD, component, Ore(ore)))
    for line in spread.lines:
        component, claim_id = COMPONENT[line.item.kind], claim_of(line.item)
        legs.append(Leg(UNPLACED, RECEIVABLE, component, line.paid_ore, claim_id))
        legs.append(Leg(CLAIMS_HELD, _owner(component), component, line.paid_ore, claim_id))
    if spread.left_ore:
        legs.append(Leg(UNPLACED, OWED_DEBTOR, MONEY, spread.left_ore))
    return legs


def at_the_creditor(amount_ore: int, placed: Sequence[Leg]) -> Iterator[Leg]:
    """A payment made straight to the creditor: it comes to no account of ours and leaves it again at once.

    What it covers of the creditor's leaves what it is owed, component by component; so does the rest, since it has
    that money too: our fee, or what was paid too much, is made up from what comes in next.
    """
    yield Leg(AT_CREDITOR, UNPLACED, MONEY, Ore(amount_ore))
    yield from placed
    theirs: dict[str, int] = {}
    for leg in placed:
        if OWED_CREDITOR in (leg.debit, leg.credit):
            ore = leg.amount_ore if leg.credit == OWED_CREDITOR else -leg.amount_ore
            theirs[leg.component] = theirs.get(leg.component, 0) + ore
    theirs[MONEY] = amount_ore - sum(theirs.values())
    for component, ore in theirs.items():
        leaves = Leg(OWED_CREDITOR, AT_CREDITOR, component, Ore(abs(ore))) if ore else None
        if leaves:
            yield leaves if ore > 0 else leaves.opposite()


def take_back(fees: Iterable[StepFee], debt: Debt, value_on: date) -> list[Entry]:
    """The opposite of what letters charged, by the source a withdrawn or failed letter has too: it is done once."""
    by_entry: dict[UUID, list[StepFee]] = {}
    for fee in fees:
        by_entry.setdefault(fee.entry_id, []).append(fee)
    return [
        entry(
            f"withdrawn:{parts[0].dispatch_id}" if parts[0].dispatch_id else f"crossed:{entry_id}",
            "fee_withdrawn",
            debt,
            value_on,
            [Leg(CLAIMS_HELD, RECEIVABLE, fee.component, fee.amount_ore) for fee in parts],
            "paid_before_it_was_charged",
            entry_id,
        )
        for entry_id, parts in by_entry.items()
    ]


def price_anew(off: Iterable[tuple[StepFee, Ore]], debt: Debt, value_on: date, tail: str) -> list[Entry]:
    """What is above the cap of the day the principal is covered, off the fees that charged it (law B11)."""
    return [
        entry(
            f"repriced:{fee.entry_id}:{fee.component}:{tail}",
            REPRICED,
            debt,
            value_on,
            [Leg(CLAIMS_HELD, RECEIVABLE, fee.component, ore)],
            "cap_when_covered",
            fee.entry_id,
        )
        for fee, ore in off
    ]


REPRICED = "fee_repriced"
"""The kind of an entry that takes costs down to the cap of the day the principal is covered (law B11)."""


def claim_of(item: Item) -> UUID | None:
    """The claim an item belongs to; None for what belongs to the case."""
    return UUID(item.ref) if item.ref else None


def _owner(component: str) -> str:
    return EARNED if component in _THE_AGENCYS else OWED_CREDITOR
