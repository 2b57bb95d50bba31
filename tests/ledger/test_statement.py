"""Two sums that must come out for a tenant, and what they are made of."""

from datetime import date

from saas.ledger.statement import TenantTotals
from saas.simulators.bank import SimPayment
from tests.builders import creditor_of
from tests.payments.world import DAY, World


def test_a_tenant_with_nothing_booked_has_nothing_anywhere(agency):
    assert World(agency).totals() == TenantTotals(*[0] * 14)


def test_everything_charged_is_paid_or_remains_or_is_written_off(agency):
    world = World(agency)
    case = world.case(amount="5 000,00", due_on="2026-02-01")
    world.letter(case, "payment_demand", "collection_fee", 60_000, date(2026, 3, 2), date(2026, 3, 3))
    world.pay(case, 100_000, date(2026, 4, 1))
    world.take_in(SimPayment("", 700, DAY))
    world.place()
    totals = world.totals()
    interest = totals.interest_ore
    assert interest > 0
    assert (totals.claims_ore, totals.notice_fees_ore, totals.collection_fees_ore) == (500_000, 0, 60_000)
    assert (totals.paid_ore, totals.written_off_ore, totals.remaining_ore) == (100_000, 0, 460_000 + interest)
    assert totals.charged_ore == 560_000 + interest
    assert totals.claims_add_up
    assert (totals.client_account_ore, totals.unplaced_ore, totals.owed_to_debtors_ore) == (100_700, 700, 0)
    assert (totals.owed_to_creditors_ore, totals.earned_not_drawn_ore) == (40_000, 60_000)
    assert totals.money_adds_up


def test_one_creditors_totals_are_its_own(agency):
    world = World(agency)
    world.case(amount="100,00", creditor="nordlys-kraft")
    world.case(amount="30,00", creditor="bygda-bredband")
    claims = [world.totals(creditor_of(agency, slug)).claims_ore for slug in ("nordlys-kraft", "bygda-bredband", None)]
    assert claims == [10_000, 3_000, 10_000]
    assert world.totals().claims_ore == 13_000


def test_sums_that_do_not_come_out_say_so():
    wrong = TenantTotals(100, 0, 0, 0, 0, 0, 50, 0, 49, 10, 9, 0, 0, 0)
    assert not wrong.claims_add_up
    assert not wrong.money_adds_up
