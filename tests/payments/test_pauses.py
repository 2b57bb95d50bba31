"""A person stops interest because the creditor caused the delay; law C7."""

from datetime import date

import pytest

from saas.kernel.errors import BadInput
from saas.payments.pauses import pause_interest
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.world import World

DUE, PAID_ON, END = date(2026, 3, 15), date(2026, 6, 15), date(2026, 8, 1)


def a_case(world: World):
    return world.case(amount="4 000,00", due_on=DUE.isoformat(), invoiced_on="2026-02-15")


def pause(world: World, case, from_on=DUE, until_on=date(2026, 6, 1), note="Feil kontonummer på fakturaen.", **more):
    with open_tenant(world.tenant_id) as tenant:
        return len(
            pause_interest(
                tenant, case.id, from_on=from_on, until_on=until_on, note=note, today=END, now=at(END), actor="user:1",
                **more,
            )
        )  # fmt: skip


def test_what_was_paid_of_interest_that_pauses_now_goes_back_to_the_debtor(world):
    """4 000.00 with 92 days of interest was paid; only the 14 from 1 to 15 June were owed: 18.41."""
    case = a_case(world)
    world.pay(case, 412_000, PAID_ON, on=END)
    assert pause(world, case) == 1
    totals = world.totals()
    assert (totals.interest_ore, totals.owed_to_debtors_ore) == (1_841, 412_000 - 401_841)
    assert pause(world, case) == 0  # the same again changes nothing
    assert world.totals() == totals
    world.check()


def test_a_pause_without_end_stops_what_runs_from_then_on(world):
    case = a_case(world)
    assert pause(world, case, from_on=date(2026, 4, 1), until_on=None) == 1
    world.pay(case, 402_236, PAID_ON, on=END)  # 17 days of 12.00 %
    assert world.again(case).closed_because == "paid"
    world.check()


def test_one_invoice_of_several_can_be_chosen_and_a_wrong_one_is_named(world):
    case = a_case(world)
    [claim] = world.claims(case)
    with pytest.raises(BadInput) as caught:
        pause(world, case, invoice_number="F-ukjent")
    assert list(caught.value.errors) == ["invoice_number"]
    assert pause(world, case, invoice_number=claim.invoice_number) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"from_on": date(2026, 8, 2), "until_on": None}, "from_on"),
        ({"until_on": DUE}, "until_on"),
        ({"note": " "}, "note"),
    ],
)
def test_what_cannot_be_right_is_named_and_changes_nothing(world, wrong, field):
    case = a_case(world)
    with pytest.raises(BadInput) as caught:
        pause(world, case, **wrong)
    assert list(caught.value.errors) == [field]
    world.pay(case, 410_000, PAID_ON, on=END)
    assert world.totals().interest_ore > 0
