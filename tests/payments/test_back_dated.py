"""A payment dated before others gives the book it would have given had it come first (law D4)."""

from datetime import date

import pytest
import sqlalchemy as sa

from saas.ledger.models import COLLECTION_FEE
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant

EARLY, LATE, END = date(2026, 3, 10), date(2026, 4, 20), date(2026, 6, 1)


def a_case(world):
    return world.case(amount="10 000,00", due_on="2026-02-01", invoiced_on="2026-01-10")


def standing(world, case):
    """Everything the book says of a case that does not depend on the order things were learnt in."""
    book, totals = world.book(case), world.totals()
    return (
        sorted(book.principal_left.values()), list(book.principal_moves.values()), book.payments,
        book.booked_interest_ore, book.interest_left_ore, book.notice_fee_left_ore, book.collection_fee_left_ore,
        book.compensation_left_ore, book.fee_interest_booked_ore, book.fee_interest_left_ore,
        totals,
    )  # fmt: skip


def in_order(world, payments):
    case = a_case(world)
    for value_on, ore in sorted(payments):
        world.pay(case, ore, value_on, on=END)
    return case


@pytest.mark.parametrize(
    "payments",
    [
        [(LATE, 300_000), (EARLY, 200_000)],
        [(LATE, 1_000_000), (EARLY, 200_000)],
        [(LATE, 1_100_000), (EARLY, 1_100_000)],
        [(END, 100_000), (LATE, 100_000), (EARLY, 100_000)],
        [(LATE, 1_015_000), (EARLY, 5_000), (END, 20_000), (EARLY, 7)],
    ],
    ids=str,
)
def test_the_order_payments_come_in_makes_no_difference(world, own, payments):
    case = a_case(world)
    for value_on, ore in payments:
        world.pay(case, ore, value_on, on=END)
    world.check()
    assert standing(world, case) == standing(own, in_order(own, payments))


def test_interest_already_paid_on_money_that_had_come_is_given_back(world):
    case = a_case(world)
    world.pay(case, 1_030_000, LATE, on=END)
    before = world.totals()
    world.pay(case, 500_000, EARLY, on=END)
    after = world.totals()
    assert after.interest_ore < before.interest_ore
    assert after.owed_to_debtors_ore == before.owed_to_debtors_ore + 500_000 + before.interest_ore - after.interest_ore
    assert world.again(case).closed_because == "paid"
    world.check()


def test_what_is_taken_back_is_answered_by_entries_that_name_it_and_nothing_is_changed(world):
    case = a_case(world)
    world.pay(case, 300_000, LATE, on=END)
    before = world.transfers()
    world.pay(case, 200_000, EARLY, on=END)
    after = world.transfers()
    assert set(before) <= set(after)
    with open_tenant(world.tenant_id) as tenant:
        answered = tenant.session.execute(
            sa.text(
                "select u.reason from transfer u join transfer t on t.entry_id = u.corrects and t.leg = u.leg"
                " and (u.debit, u.credit, u.amount_ore) = (t.credit, t.debit, t.amount_ore)"
                " where u.source = 'undone:' || t.entry_id"
            )
        ).all()
    early = next(p for p in world.payments() if p.value_on == EARLY)
    assert {reason for (reason,) in answered} == {f"back_dated_payment:{early.id}"}
    assert len(answered) == sum(1 for row in after if row[0].startswith("undone:")) > 0


def test_history_tells_that_a_payment_was_placed_anew_and_for_whose_sake(world):
    case = a_case(world)
    world.pay(case, 300_000, LATE, on=END)
    world.pay(case, 200_000, EARLY, on=END)
    late, early = (str(p.id) for p in world.payments())
    assert [(told["payment"], told.get("again_for")) for told in world.told(case)] == [
        (late, None), (early, None), (late, early),
    ]  # fmt: skip


def test_a_remainder_written_off_is_taken_back_when_earlier_money_covers_it(world):
    world.policy(write_off_below_ore=1_000)
    case = world.case(amount="1 000,00", due_on="2026-04-20", invoiced_on="2026-01-10")
    world.pay(case, 99_500, LATE, on=END)
    assert world.totals().written_off_ore == 500
    world.pay(case, 400, EARLY, on=END)
    totals = world.totals()
    assert (totals.written_off_ore, totals.owed_to_debtors_ore, totals.paid_ore) == (100, 0, 99_900)
    world.check()


def test_a_fee_paid_by_a_later_payment_is_given_back_when_the_claim_had_been_paid_in_time(world):
    case = world.case(amount="1 000,00", due_on="2026-05-01", invoiced_on="2026-02-01")
    world.letter(case, "payment_demand", COLLECTION_FEE, 56_200, date(2026, 4, 1), date(2026, 4, 1))
    world.pay(case, 60_000, LATE, on=END)
    assert world.totals().earned_not_drawn_ore == 56_200
    world.pay(case, 100_000, EARLY, on=END)
    totals = world.totals()
    assert (totals.collection_fees_ore, totals.earned_not_drawn_ore) == (0, 0)
    assert (totals.owed_to_debtors_ore, totals.owed_to_creditors_ore) == (60_000, 100_000)
    assert world.again(case).closed_because == "paid"
    world.check()


def test_payments_of_one_file_are_taken_in_date_order_without_taking_anything_back(world):
    case = a_case(world)
    world.take_in(SimPayment(case.kid, 300_000, LATE), SimPayment(case.kid, 200_000, EARLY), on=END)
    world.place(END)
    assert not [row for row in world.transfers() if row[0].startswith("undone:")]
    world.check()
