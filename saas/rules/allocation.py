"""What a payment covers first (dekningsrekkefølge)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from saas.rules.money import Ore
from saas.rules.words import Kroner, Words, joined, say


class ItemKind(StrEnum):
    """Kinds of things a payment can cover."""

    COURT_FEE = "court_fee"
    COLLECTION_FEE = "collection_fee"
    NOTICE_FEE = "notice_fee"
    COMPENSATION = "compensation"  # standard compensation, set off against the costs (B15)
    PRINCIPAL = "principal"
    INTEREST = "interest"  # on principal
    FEE_INTEREST = "fee_interest"


Order = tuple[tuple[ItemKind, ...], ...]

_COSTS: Order = ((ItemKind.COURT_FEE,), (ItemKind.COLLECTION_FEE, ItemKind.NOTICE_FEE, ItemKind.COMPENSATION))
_PRINCIPAL: Order = ((ItemKind.PRINCIPAL,),)
_INTEREST: Order = ((ItemKind.INTEREST,), (ItemKind.FEE_INTEREST,))

DEFAULT_ORDER: Order = _COSTS + _PRINCIPAL + _INTEREST  # D3
CUSTOMARY_ORDER: Order = _COSTS + _INTEREST + _PRINCIPAL  # D2
PRINCIPAL_FIRST_ORDER: Order = _PRINCIPAL + _COSTS + _INTEREST  # D1, the debtor's choice
ORDERS = {"default": DEFAULT_ORDER, "customary": CUSTOMARY_ORDER, "principal_first": PRINCIPAL_FIRST_ORDER}

_WORDS = {
    ItemKind.COURT_FEE: say("rettslige gebyrer"),
    ItemKind.COLLECTION_FEE: say("inkassosalær"),
    ItemKind.NOTICE_FEE: say("purregebyr"),
    ItemKind.COMPENSATION: say("standardkompensasjon"),
    ItemKind.PRINCIPAL: say("opprinnelig beløp"),
    ItemKind.INTEREST: say("renter"),
    ItemKind.FEE_INTEREST: say("renter av kostnader"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """Something unpaid. `ref` is the caller's own key, e.g. the claim's id; `due_on` orders principal, oldest first."""

    kind: ItemKind
    amount_ore: Ore
    ref: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class AllocationLine:
    """What one item got."""

    item: Item
    paid_ore: Ore


@dataclass(frozen=True, slots=True)
class Allocation:
    """A payment spread out. Lines and what is left add up to the payment; only items that got something have a line."""

    lines: tuple[AllocationLine, ...]
    left_ore: Ore  # overpaid: belongs to the debtor (D6)
    explanation: Words

    def paid_ore(self, *kinds: ItemKind) -> Ore:
        """What items of these kinds got together."""
        return Ore(sum(line.paid_ore for line in self.lines if line.item.kind in kinds))


def allocate(amount_ore: int, items: Sequence[Item], order: Order = DEFAULT_ORDER) -> Allocation:
    """Spread a payment over unpaid items (D1-D3): group by group, within one the oldest due first, then as given.

    Raises ValueError for a negative amount, a negative item or a kind the order does not name.
    """
    if amount_ore < 0 or any(item.amount_ore < 0 for item in items):
        raise ValueError("a payment and what it covers cannot be negative")
    place = {kind: (group, nth) for group, kinds in enumerate(order) for nth, kind in enumerate(kinds)}
    if not all(item.kind in place for item in items):
        raise ValueError("the order does not name every kind of item")
    lines, left = [], amount_ore
    for item in sorted(items, key=lambda item: (*place[item.kind], item.due_on or date.min)):
        paid = min(left, item.amount_ore)
        if paid > 0:
            lines.append(AllocationLine(item, Ore(paid)))
            left -= paid
    return Allocation(tuple(lines), Ore(left), allocation_words(lines, left))


def allocation_words(lines: Sequence[AllocationLine], left: int) -> Words:
    """What a payment covered, in one sentence (D3, D6)."""
    by_kind: dict[ItemKind, int] = {}
    for line in lines:
        by_kind[line.item.kind] = by_kind.get(line.item.kind, 0) + line.paid_ore
    parts = [say("{amount} på {what}", amount=Kroner(ore), what=_WORDS[kind]) for kind, ore in by_kind.items()]
    if left:
        parts.append(say("{amount} er betalt for mye og skal tilbake", amount=Kroner(left)))
    return (
        say("Betalingen dekker {parts}.", parts=joined(parts, ", ")) if parts else say("Betalingen dekker ingenting.")
    )
