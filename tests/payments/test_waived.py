"""Who pays in time what the letter asks for owes nothing more: the interest of those days is let go (law D6)."""

from datetime import date

import pytest

from saas.dispatch.models import Dispatch
from tenants.resolve import open_tenant
from tests.payments.world import World

DATED, DEADLINE, LAST_IN_TIME = date(2026, 4, 1), date(2026, 4, 20), date(2026, 4, 23)  # a Monday, and 3 banking days


def a_case(world: World, amount: str = "10 000,00"):
    """A reminder of 1 April that asks for everything as of that day."""
    case = world.case(amount=amount, due_on="2026-03-02", invoiced_on="2026-02-02")
    dispatch_id = world.letter(case, "reminder", "notice_fee", 3_800, DATED, DATED)
    with open_tenant(world.tenant_id) as tenant:
        from saas.payments.suggestions import owed_on

        letter = tenant.session.get_one(Dispatch, (tenant.id, dispatch_id))
        letter.printed_ore, letter.deadline_on = owed_on(tenant, [case.id], DATED)[case.id], DEADLINE
        return case, letter.printed_ore


@pytest.mark.parametrize("on", [date(2026, 4, 2), DEADLINE, LAST_IN_TIME])
def test_the_printed_sum_paid_in_time_closes_the_case_and_the_interest_of_those_days_is_let_go(world, on):
    case, printed_ore = a_case(world)
    world.pay(case, printed_ore, on)
    assert world.again(case).closed_because == "paid"
    (told,) = world.told(case)
    assert told["paid_as_printed"] is True
    assert told["written_off_ore"] == world.totals().written_off_ore > 0
    assert world.totals().owed_to_debtors_ore == 0
    world.check()


def test_a_day_late_it_does_not(world):
    case, printed_ore = a_case(world)
    world.pay(case, printed_ore, date(2026, 4, 24))
    assert world.again(case).closed_on is None
    assert world.book(case).left_ore > 0
    world.check()


def test_an_ore_less_than_the_printed_sum_does_not(world):
    case, printed_ore = a_case(world)
    world.pay(case, printed_ore - 1, DEADLINE)
    assert world.again(case).closed_on is None


def test_in_two_payments_both_in_time_it_does(world):
    case, printed_ore = a_case(world)
    world.pay(case, 300_000, date(2026, 4, 10))
    world.pay(case, printed_ore - 300_000, DEADLINE)
    assert world.again(case).closed_because == "paid"
    world.check()


def test_a_tenant_may_choose_otherwise(world):
    world.policy(waive_after_printed_sum=False)
    case, printed_ore = a_case(world)
    world.pay(case, printed_ore, DEADLINE)
    assert world.again(case).closed_on is None


def test_what_has_come_onto_the_case_since_the_letter_is_not_let_go(world):
    case, printed_ore = a_case(world)
    world.letter(case, "payment_demand", "collection_fee", 52_500, date(2026, 4, 15), date(2026, 4, 15))
    world.pay(case, printed_ore, DEADLINE)
    assert world.again(case).closed_on is None  # more than the interest of a few days
    world.check()


def test_the_remainder_let_go_comes_back_when_the_payment_does(world):
    from saas.payments.reversals import money_went_back
    from tests.builders import at

    case, printed_ore = a_case(world)
    world.pay(case, printed_ore, DEADLINE)
    (payment,) = world.payments()
    with open_tenant(world.tenant_id) as tenant:
        money_went_back(tenant, payment.id, printed_ore, "bounced", on=DEADLINE, now=at(DEADLINE), actor="cli")
    assert world.totals().written_off_ore == 0
    assert world.again(case).closed_on is None
    world.check()
