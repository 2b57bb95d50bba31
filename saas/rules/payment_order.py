"""Which order a payment is spread in: the creditor agreement's, and before it the debtor's own choice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from saas.rules.allocation import (
    DEFAULT_ORDER,
    ORDERS,
    Allocation,
    AllocationLine,
    Item,
    ItemKind,
    Order,
    allocate,
    allocation_words,
)
from saas.rules.facts import Because
from saas.rules.money import Ore
from saas.rules.words import joined, say


@dataclass(frozen=True, slots=True)
class AgreedOrder:
    """The order a creditor's agreement says from a day on (D3)."""

    valid_from: date
    order: Order
    source: str = ""  # the agreement


@dataclass(frozen=True, slots=True)
class DebtorChoice:
    """What the debtor asked a payment to cover, and when (D1). Refs are items' own keys, first one first."""

    said_at: datetime
    refs: tuple[str, ...] = ()
    order: Order | None = None  # e.g. principal first


@dataclass(frozen=True, slots=True)
class ChosenOrder:
    """The order in force for one payment, and why."""

    order: Order
    refs: tuple[str, ...]
    because: Because


@lru_cache
def check_order(order: Order) -> Order:
    """The order itself when it names every kind of item once (D3). Raises ValueError."""
    named = [kind for group in order for kind in group]
    if sorted(named) != sorted(ItemKind):
        raise ValueError("an order names every kind of item once")
    return order


def order_name(order: Order) -> str:
    """What the order is called where one is chosen; '' for one that has no name."""
    return next((name for name, known in ORDERS.items() if known == order), "")


def agreement_on(versions: Sequence[AgreedOrder], paid_on: date) -> AgreedOrder | None:
    """The agreement in force on the payment's value date (D4); None when there is none yet."""
    in_force = [v for v in versions if v.valid_from <= paid_on]
    return max(in_force, key=lambda v: v.valid_from) if in_force else None


def agreed_order(versions: Sequence[AgreedOrder], paid_on: date) -> Order:
    """The agreement's order on the payment's value date; the default order when none is in force yet (D2, D3, D4)."""
    in_force = agreement_on(versions, paid_on)
    return check_order(in_force.order) if in_force is not None else DEFAULT_ORDER


_AGREED = Because("agreed_order", say("Rekkefølgen følger avtalen."), ("D1", "D3"))
_DEFAULT = Because("default_order", say("Ingen annen rekkefølge er avtalt eller valgt."), ("D1", "D3"))


def choose_order(
    agreed: Order | None, choice: DebtorChoice | None, received_at: datetime, *, in_enforcement: bool = False
) -> ChosenOrder:
    """The debtor's choice when said before or with the payment, else the agreement's order, else the default (D1, D3).

    In enforcement the creditor chooses. Raises ValueError for an order that does not name every kind.
    """
    order = check_order(agreed) if agreed is not None else DEFAULT_ORDER
    if choice is None:
        return ChosenOrder(order, (), _AGREED if agreed is not None else _DEFAULT)
    if in_enforcement:
        message = say("Betalingen kom inn ved tvangsinndriving. Da velger den du skylder penger.")
        return ChosenOrder(order, (), Because("in_enforcement", message, ("D1",)))
    if choice.said_at > received_at:
        message = say("Ønsket kom etter betalingen, så rekkefølgen følger avtalen.")
        return ChosenOrder(order, (), Because("said_too_late", message, ("D1",)))
    message = say("Du valgte {day} hva betalingen skal dekke.", day=choice.said_at.date())
    wanted = check_order(choice.order) if choice.order is not None else order
    return ChosenOrder(wanted, choice.refs, Because("debtor_choice", message, ("D1",)))


def allocate_as_chosen(amount_ore: int, items: Sequence[Item], chosen: ChosenOrder) -> Allocation:
    """Spread a payment: first the items the debtor named, one after the other, then the rest in order (D1-D3).

    Raises ValueError as `allocate` does. A ref that names nothing is passed over.
    """
    if not chosen.refs:
        spread = allocate(amount_ore, items, chosen.order)
        if chosen.because is _DEFAULT:
            return spread
        return replace(spread, explanation=joined([chosen.because.message, spread.explanation]))
    named = [[item for item in items if item.ref == ref] for ref in dict.fromkeys(chosen.refs)]
    lines: list[AllocationLine] = []
    left = Ore(amount_ore)
    for group in (*named, [item for item in items if item.ref not in chosen.refs]):
        spread = allocate(left, group, chosen.order)
        lines.extend(spread.lines)
        left = spread.left_ore
    words = allocation_words(lines, left)
    return Allocation(tuple(lines), left, joined([chosen.because.message, words]))
