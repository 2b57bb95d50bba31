"""The bank takes a payment back: the negative row finds the payment it undoes, or waits for a person."""

from datetime import date

import pytest

from saas.kernel.errors import Refused
from saas.payments.bounced import take_back, take_back_bounced
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.world import World

PAID_ON, BACK_ON = date(2026, 5, 4), date(2026, 5, 8)
PAYER, OTHER = "86011117947", "99990100027"


def a_case(world: World):
    return world.case(amount="1 000,00", due_on="2026-03-02", invoiced_on="2026-02-02")


def bank_says(world: World, *payments: SimPayment):
    world.take_in(*payments, on=BACK_ON)
    return world.place(BACK_ON)


def states(world: World) -> list[tuple[int, str]]:
    return [(p.amount_ore, p.state) for p in world.payments()]


def test_a_payment_taken_back_with_its_kid_comes_off_the_case_and_the_case_opens_again(world):
    case = a_case(world)
    bank_says(world, SimPayment(case.kid, 150_000, PAID_ON, PAYER))
    assert world.again(case).closed_because == "paid"
    report = bank_says(world, SimPayment(case.kid, -150_000, BACK_ON, PAYER))
    assert report.taken_back == 1
    assert states(world) == [(150_000, "reversed"), (-150_000, "placed")]
    assert (world.book(case).paid_ore, world.again(case).closed_on) == (0, None)
    totals = world.totals()
    assert (totals.client_account_ore, totals.unplaced_ore, totals.owed_to_debtors_ore) == (0, 0, 0)
    world.check()


def test_both_in_one_file_come_to_nothing(world):
    case = a_case(world)
    report = bank_says(
        world, SimPayment(case.kid, -50_000, BACK_ON, PAYER), SimPayment(case.kid, 50_000, PAID_ON, PAYER)
    )
    assert (report.placed, report.taken_back) == (1, 1)
    assert world.book(case).paid_ore == 0
    world.check()


def test_run_again_or_told_again_it_undoes_nothing_more(world):
    case = a_case(world)
    payments = SimPayment(case.kid, 50_000, PAID_ON, PAYER), SimPayment(case.kid, -50_000, BACK_ON, PAYER)
    file = world.file(*payments, on=BACK_ON)
    from saas.payments.inbox import import_bank_file

    import_bank_file(world.tenant_id, file, "a.txt", at(BACK_ON))
    world.place(BACK_ON)
    before = world.transfers()
    import_bank_file(world.tenant_id, file, "a.txt", at(BACK_ON))
    world.place(BACK_ON)
    assert take_back_bounced(world.tenant_id, at(BACK_ON), "worker") == 0
    assert world.transfers() == before


def test_of_two_alike_one_is_undone(world):
    case = a_case(world)
    for _ in range(2):
        bank_says(world, SimPayment(case.kid, 30_000, PAID_ON, PAYER))
    bank_says(world, SimPayment(case.kid, -30_000, BACK_ON, PAYER))
    assert world.book(case).paid_ore == 30_000
    assert sorted(states(world)) == [(-30_000, "placed"), (30_000, "placed"), (30_000, "reversed")]
    world.check()


def test_without_a_kid_the_payer_and_the_sum_must_point_at_one_payment(world):
    case, other = a_case(world), a_case(world)
    bank_says(world, SimPayment(case.kid, 30_000, PAID_ON, PAYER), SimPayment(other.kid, 40_000, PAID_ON, PAYER))
    assert bank_says(world, SimPayment("", -30_000, BACK_ON, PAYER, type="20", text="retur")).taken_back == 1
    assert (world.book(case).paid_ore, world.book(other).paid_ore) == (0, 40_000)
    world.check()


def test_what_may_undo_several_or_none_waits_for_a_person(world):
    case, other = a_case(world), a_case(world)
    bank_says(world, SimPayment(case.kid, 30_000, PAID_ON, PAYER), SimPayment(other.kid, 30_000, PAID_ON, PAYER))
    report = bank_says(
        world,
        SimPayment("", -30_000, BACK_ON, PAYER, type="20", text="retur"),
        SimPayment(case.kid, -29_000, BACK_ON, PAYER),
        SimPayment(case.kid, -30_000, BACK_ON, OTHER),
    )
    assert (report.taken_back, report.why_unmatched) == (0, {"takes_money_back": 3})
    world.check()
    paid = world.payments()[0]
    negative = next(p for p in world.payments() if p.amount_ore == -30_000)
    with open_tenant(world.tenant_id) as tenant:
        take_back(tenant, paid.id, negative.id, now=at(BACK_ON), actor="user:1")
    world.check()
    with open_tenant(world.tenant_id) as tenant, pytest.raises(Refused):
        take_back(tenant, paid.id, negative.id, now=at(BACK_ON), actor="user:1")
    assert world.book(case).paid_ore == 0


def test_a_payment_that_waited_for_a_person_and_went_back_waits_no_more(world):
    bank_says(world, SimPayment("1234567897", 5_000, PAID_ON, PAYER))
    report = bank_says(world, SimPayment("1234567897", -5_000, BACK_ON, PAYER))
    assert report.taken_back == 1
    assert states(world) == [(5_000, "reversed"), (-5_000, "placed")]
    world.check()
