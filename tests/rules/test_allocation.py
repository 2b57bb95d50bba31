"""W15 and D1-D4."""

import pytest

from saas.rules.allocation import (
    CUSTOMARY_ORDER,
    DEFAULT_ORDER,
    PRINCIPAL_FIRST_ORDER,
    Item,
    ItemKind,
    allocate,
)
from saas.rules.fees import agency_fee_cap, collection_fee_room, heavy_from
from saas.rules.interest import interest_sum, late_interest
from saas.rules.money import Ore, ore_of_kroner
from tests.rules.builders import claim, day

PAID_ON, LATER = day("2026-06-15"), day("2026-08-01")
CLAIM = claim(4000, "2026-03-15")
ORDERS = [
    (DEFAULT_ORDER, "600.00 0.00 900.00", "48.56", "3869.55"),
    (CUSTOMARY_ORDER, "600.00 120.99 779.01", "50.45", "3871.44"),
    (PRINCIPAL_FIRST_ORDER, "0.00 0.00 1500.00", "39.16", "3860.15"),
]


def item(kind: ItemKind, kroner, due_on=None, ref=""):
    return Item(kind, ore_of_kroner(kroner), ref, due_on)


def w15_items(law):
    interest = interest_sum(late_interest(CLAIM.principal_ore, (), CLAIM.due_on, PAID_ON, law))
    light = agency_fee_cap((CLAIM,), PAID_ON, heavy=False, consumer=True, vat_added=False, law=law)
    return [
        Item(ItemKind.INTEREST, interest),
        Item(ItemKind.PRINCIPAL, CLAIM.principal_ore, due_on=CLAIM.due_on),
        item(ItemKind.NOTICE_FEE, 38),
        Item(ItemKind.COLLECTION_FEE, collection_fee_room(light, 3800)),
    ]


def test_w15_interest_and_agency_fee_on_the_day_of_payment(law):
    """B10, B23."""
    amounts = {i.kind: i.amount_ore for i in w15_items(law)}
    assert amounts[ItemKind.INTEREST] == ore_of_kroner("120.99")
    assert amounts[ItemKind.COLLECTION_FEE] == ore_of_kroner(562)
    assert heavy_from(day("2026-05-18")) == day("2026-06-16")
    assert sum(amounts.values()) == ore_of_kroner("4720.99")  # all paid on day 42


@pytest.mark.parametrize(("order", "spread", "later_interest", "balance"), ORDERS)
def test_w15_one_payment_in_three_orders(law, order, spread, later_interest, balance):
    """D1, D2, D3."""
    items = w15_items(law)
    allocation = allocate(ore_of_kroner(1500), items, order)
    fees, interest, principal = (ore_of_kroner(kroner) for kroner in spread.split())
    assert allocation.paid_ore(ItemKind.COLLECTION_FEE, ItemKind.NOTICE_FEE) == fees
    assert allocation.paid_ore(ItemKind.INTEREST) == interest
    assert allocation.paid_ore(ItemKind.PRINCIPAL) == principal
    left = Ore(CLAIM.principal_ore - principal)
    more_interest = interest_sum(late_interest(left, (), PAID_ON, LATER, law))
    assert more_interest == ore_of_kroner(later_interest)
    unpaid = sum(i.amount_ore for i in items) - ore_of_kroner(1500)
    heavier = agency_fee_cap((CLAIM,), LATER, heavy=True, consumer=True, vat_added=False, law=law) - ore_of_kroner(600)
    assert unpaid + more_interest + heavier == ore_of_kroner(balance)


def test_the_oldest_principal_is_paid_first_whatever_order_it_is_given_in():
    """D3."""
    old, new = (
        item(ItemKind.PRINCIPAL, 100, day("2026-01-15"), "old"),
        item(ItemKind.PRINCIPAL, 100, day("2026-02-15"), "new"),
    )
    lines = allocate(ore_of_kroner(150), [new, old]).lines
    assert [(line.item.ref, line.paid_ore) for line in lines] == [("old", 10_000), ("new", 5_000)]


def test_court_fees_come_before_the_agencys_own_fee_and_interest_on_fees_last():
    """D3."""
    kinds = [ItemKind.FEE_INTEREST, ItemKind.INTEREST, ItemKind.COLLECTION_FEE, ItemKind.COURT_FEE]
    lines = allocate(ore_of_kroner(35), [item(kind, 10) for kind in kinds]).lines
    assert [line.item.kind for line in lines] == list(reversed(kinds))
    assert lines[-1].paid_ore == 500


def test_what_is_paid_too_much_is_left_over_and_said_so():
    """D6."""
    allocation = allocate(ore_of_kroner(120), [item(ItemKind.PRINCIPAL, 100)])
    assert allocation.left_ore == 2000
    assert "20,00 kr er betalt for mye" in allocation.explanation.replace("\u00a0", " ")


def test_the_explanation_names_what_each_part_covered():
    """D3, D6."""
    allocation = allocate(ore_of_kroner(50), [item(ItemKind.NOTICE_FEE, 38), item(ItemKind.PRINCIPAL, 100)])
    words = allocation.explanation.replace("\u00a0", " ")
    assert words == "Betalingen dekker 38,00 kr på purregebyr, 12,00 kr på opprinnelig beløp."


def test_a_negative_payment_and_an_item_outside_the_order_are_refused():
    with pytest.raises(ValueError, match="negative"):
        allocate(-1, [])
    with pytest.raises(ValueError, match="order"):
        allocate(1, [item(ItemKind.COURT_FEE, 1)], ((ItemKind.PRINCIPAL,),))
