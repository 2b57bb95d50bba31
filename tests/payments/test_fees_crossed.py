"""Who pays before a fee was demonstrably charged does not owe it (law B9, B26, A4)."""

from datetime import date

import pytest

from saas.cases.receipts import take_receipts
from saas.dispatch.models import HANDED_OVER, QUEUED, READY, SENT, WITHDRAWN, Dispatch
from saas.hooks import DeliveryReceipt, ReceiptState
from saas.ledger.models import COLLECTION_FEE, NOTICE_FEE
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.world import DAY

DEMAND_ON, BEFORE, AFTER = date(2026, 4, 20), date(2026, 4, 19), date(2026, 4, 21)


@pytest.fixture
def case(world):
    """1 000 kr with no interest before 1 May, so that only the fees are in question."""
    return world.case(amount="1 000,00", due_on="2026-05-01", invoiced_on="2026-02-01")


def demand(world, case, state=SENT, ore=56_200):
    return world.letter(case, "payment_demand", COLLECTION_FEE, ore, DEMAND_ON, DEMAND_ON, state)


def dispatch(world, dispatch_id):
    with open_tenant(world.tenant_id) as tenant:
        return tenant.session.get(Dispatch, (world.tenant_id, dispatch_id))


@pytest.mark.parametrize(("value_on", "owed"), [(BEFORE, False), (DEMAND_ON, False), (AFTER, True)])
def test_the_claim_paid_on_the_day_a_demand_was_posted_owes_no_fee_and_the_day_after_it_does(
    world, case, value_on, owed
):
    demand(world, case)
    world.pay(case, 100_000, value_on, on=AFTER)
    assert (world.again(case).closed_because == "paid") is not owed
    assert world.totals().collection_fees_ore == (56_200 if owed else 0)
    assert world.book(case).left_ore == (56_200 if owed else 0)
    assert world.told(case)[0]["fees_taken_back_ore"] == (0 if owed else 56_200)
    world.check()


def test_who_pays_the_fee_too_though_it_was_not_owed_gets_it_back(world, case):
    demand(world, case)
    world.pay(case, 156_200, BEFORE, on=AFTER)
    totals = world.totals()
    assert (totals.collection_fees_ore, totals.earned_not_drawn_ore, totals.owed_to_debtors_ore) == (0, 0, 56_200)
    world.check()


def test_a_part_payment_in_time_neither_pays_nor_removes_the_fee(world, case):
    demand(world, case)
    world.pay(case, 99_999, BEFORE, on=AFTER)
    book = world.book(case)
    assert (sum(book.principal_left.values()), book.collection_fee_left_ore) == (1, 56_200)
    assert world.again(case).closed_on is None
    world.check()


def test_two_part_payments_in_time_together_remove_it(world, case):
    demand(world, case)
    world.pay(case, 60_000, BEFORE, on=AFTER)
    world.pay(case, 40_000, BEFORE, on=AFTER)
    assert (world.again(case).closed_because, world.totals().collection_fees_ore) == ("paid", 0)
    world.check()


def test_a_queued_letter_is_withdrawn_with_its_fee_when_the_rest_is_paid(world, case):
    letter = demand(world, case, QUEUED)
    world.pay(case, 100_000, AFTER)
    assert (dispatch(world, letter).state, world.totals().collection_fees_ore) == (WITHDRAWN, 0)
    assert world.again(case).closed_because == "paid"
    world.check()


@pytest.mark.parametrize(("state", "then"), [(READY, WITHDRAWN), (HANDED_OVER, HANDED_OVER)])
def test_a_letter_that_is_out_keeps_its_way_one_that_is_only_written_does_not_and_both_lose_their_fee(
    world, case, state, then
):
    letter = demand(world, case, state)
    world.pay(case, 100_000, AFTER)
    assert (dispatch(world, letter).state, world.totals().collection_fees_ore) == (then, 0)
    assert world.again(case).closed_because == "paid"
    world.check()


def test_the_receipt_of_a_letter_that_failed_does_not_take_its_fee_back_twice(world, case):
    letter = demand(world, case, HANDED_OVER)
    world.pay(case, 100_000, AFTER)
    with open_tenant(world.tenant_id) as tenant:
        receipt = DeliveryReceipt(str(letter), ReceiptState.FAILED, code="X")
        take_receipts(tenant, "print_post", "receipt", [receipt], now=at(AFTER))
    assert world.totals().collection_fees_ore == 0
    world.check()


@pytest.mark.parametrize("state", [QUEUED, READY, HANDED_OVER])
def test_a_fee_whose_letter_is_under_way_is_not_paid_by_a_part_payment(world, case, state):
    """It may yet be withdrawn, and then nothing must have been paid on it."""
    demand(world, case, state)
    world.pay(case, 30_000, AFTER)
    book = world.book(case)
    assert (sum(book.principal_left.values()), book.collection_fee_left_ore) == (70_000, 56_200)
    world.check()


def test_of_two_fees_only_the_later_one_is_taken_back(world, case):
    world.letter(case, "collection_notice", NOTICE_FEE, 3_800, DAY, DAY)
    demand(world, case)
    world.pay(case, 103_800, BEFORE, on=AFTER)
    totals = world.totals()
    assert (totals.notice_fees_ore, totals.collection_fees_ore, totals.remaining_ore) == (3_800, 0, 0)
    assert world.again(case).closed_because == "paid"
    world.check()


@pytest.mark.parametrize(("value_on", "fee"), [(BEFORE, 56_200), (DEMAND_ON, 56_200), (AFTER, 112_400)])
def test_the_heavy_fee_is_owed_from_the_day_after_it_was_charged(world, case, value_on, fee):
    world.letter(case, "payment_demand", COLLECTION_FEE, 56_200, DAY, DAY)
    world.heavy_fee(case, 56_200, DEMAND_ON)
    world.pay(case, 156_200, value_on, on=AFTER)
    assert world.totals().collection_fees_ore == fee
    assert (world.again(case).closed_because == "paid") is (fee == 56_200)
    world.check()


def test_a_fee_taken_back_is_answered_by_an_entry_that_names_it(world, case):
    letter = demand(world, case)
    world.pay(case, 100_000, BEFORE, on=AFTER)
    taken = [row for row in world.transfers() if row[2] == "fee_withdrawn"]
    assert [(row[0], row[6]) for row in taken] == [(f"withdrawn:{letter}", 56_200)]
