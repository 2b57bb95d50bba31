"""D1-D3: the agreement's order, and the debtor's own choice before it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.rules.allocation import CUSTOMARY_ORDER, DEFAULT_ORDER, PRINCIPAL_FIRST_ORDER, Item, ItemKind, allocate
from saas.rules.money import Ore
from saas.rules.payment_order import (
    AgreedOrder,
    DebtorChoice,
    agreed_order,
    allocate_as_chosen,
    check_order,
    choose_order,
)
from tests.rules.builders import day

PAID_AT = datetime(2026, 6, 15, 12, tzinfo=UTC)
ITEMS = (
    Item(ItemKind.COLLECTION_FEE, Ore(56_200), "fee"),
    Item(ItemKind.PRINCIPAL, Ore(100_000), "first", day("2026-03-15")),
    Item(ItemKind.INTEREST, Ore(2_000), "first", day("2026-03-15")),
    Item(ItemKind.PRINCIPAL, Ore(200_000), "second", day("2026-04-15")),
    Item(ItemKind.INTEREST, Ore(3_000), "second", day("2026-04-15")),
)
VERSIONS = (
    AgreedOrder(day("2026-06-15"), CUSTOMARY_ORDER, "avtale 2"),
    AgreedOrder(day("2026-01-01"), PRINCIPAL_FIRST_ORDER, "avtale 1"),
)


@pytest.mark.parametrize(
    ("paid_on", "order"),
    [
        ("2025-12-31", DEFAULT_ORDER),
        ("2026-01-01", PRINCIPAL_FIRST_ORDER),
        ("2026-06-14", PRINCIPAL_FIRST_ORDER),
        ("2026-06-15", CUSTOMARY_ORDER),
        ("2026-06-16", CUSTOMARY_ORDER),
    ],
)
def test_the_agreement_of_the_value_date_decides_the_order(paid_on, order):
    """D2, D3, D4."""
    assert agreed_order(VERSIONS, day(paid_on)) == order


@pytest.mark.parametrize(
    "order",
    [DEFAULT_ORDER[:-1], (*DEFAULT_ORDER, (ItemKind.PRINCIPAL,)), ()],
    ids=["D3 missing", "D3 twice", "D3 none"],
)
def test_an_order_must_name_every_kind_once(order):
    """D3."""
    with pytest.raises(ValueError, match="every kind"):
        check_order(order)
    with pytest.raises(ValueError, match="every kind"):
        agreed_order([AgreedOrder(day("2026-01-01"), order)], day("2026-06-15"))


def choose(minutes_after=0, **choice):
    said_at = PAID_AT.replace(minute=30 + minutes_after)
    return choose_order(DEFAULT_ORDER, DebtorChoice(said_at, **choice), PAID_AT.replace(minute=30))


def test_the_debtors_choice_prevails_when_said_before_or_with_the_payment():
    """D3, D1."""
    for minutes in (-1, 0):
        chosen = choose(minutes, order=PRINCIPAL_FIRST_ORDER)
        assert (chosen.order, chosen.because.code) == (PRINCIPAL_FIRST_ORDER, "debtor_choice")


def test_a_choice_said_after_the_payment_or_in_enforcement_is_the_creditors_to_make():
    """D3, D1."""
    assert choose(1, order=PRINCIPAL_FIRST_ORDER).because.code == "said_too_late"
    asked = DebtorChoice(PAID_AT, order=PRINCIPAL_FIRST_ORDER)
    enforced = choose_order(DEFAULT_ORDER, asked, PAID_AT, in_enforcement=True)
    assert (enforced.order, enforced.because.code) == (DEFAULT_ORDER, "in_enforcement")
    assert choose_order(CUSTOMARY_ORDER, None, PAID_AT).order == CUSTOMARY_ORDER


def test_a_debtor_may_name_the_invoice_a_payment_is_for():
    """D1: the second invoice first, its own parts by the agreement's order, then the rest."""
    spread = allocate_as_chosen(250_000, ITEMS, choose(refs=("second",)))
    assert [(line.item.ref, line.item.kind, line.paid_ore) for line in spread.lines] == [
        ("second", ItemKind.PRINCIPAL, 200_000),
        ("second", ItemKind.INTEREST, 3_000),
        ("fee", ItemKind.COLLECTION_FEE, 47_000),
    ]
    assert spread.explanation.startswith("Du valgte 15. juni 2026")


def test_named_invoices_are_paid_in_the_order_the_debtor_named_them():
    """D1."""
    spread = allocate_as_chosen(203_000, ITEMS, choose(refs=("second", "first")))
    assert {line.item.ref for line in spread.lines} == {"second"}


def test_a_name_that_means_nothing_changes_nothing():
    """D1."""
    spread = allocate_as_chosen(60_000, ITEMS, choose(refs=("unknown",)))
    assert spread.lines == allocate(60_000, ITEMS).lines


@given(st.integers(0, 500_000), st.lists(st.sampled_from(["fee", "first", "second", "none"]), max_size=5))
def test_a_chosen_order_never_creates_or_loses_an_ore_nor_pays_an_item_twice(amount, refs):
    """D1, D6."""
    spread = allocate_as_chosen(amount, ITEMS, choose(refs=tuple(refs)))
    assert sum(line.paid_ore for line in spread.lines) + spread.left_ore == amount
    assert len({id(line.item) for line in spread.lines}) == len(spread.lines)
    assert all(line.paid_ore <= line.item.amount_ore for line in spread.lines)
    assert spread.left_ore == max(0, amount - sum(item.amount_ore for item in ITEMS))


def test_without_a_choice_the_agreements_order_decides_what_is_covered():
    """D2, D3."""
    by_order = {
        name: allocate_as_chosen(160_000, ITEMS, choose_order(order, None, PAID_AT)).paid_ore(ItemKind.PRINCIPAL)
        for name, order in (("default", DEFAULT_ORDER), ("customary", CUSTOMARY_ORDER), ("none", None))
    }
    assert by_order == {"default": 103_800, "customary": 98_800, "none": 103_800}
