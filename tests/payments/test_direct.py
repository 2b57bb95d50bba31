"""Paid straight to the creditor: principal first, costs and interest remain due, our account is not touched."""

from datetime import date

import pytest

from saas.kernel.errors import BadInput, Refused
from saas.payments.direct import (
    Told,
    read_direct_csv,
    report_direct_payment,
    report_direct_payments,
)
from saas.payments.reversals import move_payment, withdraw_report
from saas.rules.facts import Stage
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.world import World

PAID_ON, TODAY = date(2026, 5, 4), date(2026, 6, 1)


def a_case(world: World, **claim):
    row = {"amount": "1 000,00", "due_on": "2026-03-02", "invoiced_on": "2026-02-02"}
    case = world.case(**row | claim)
    world.letter(case, "collection_notice", "notice_fee", 3_800, date(2026, 4, 1), date(2026, 4, 1))
    world.letter(case, "payment_demand", "collection_fee", 26_200, date(2026, 4, 20), date(2026, 4, 20))
    return case


def report(world: World, case, ore: int, on: date = PAID_ON, reference: str = "", today: date = TODAY):
    with open_tenant(world.tenant_id) as tenant:
        return report_direct_payment(
            tenant, case.id, amount_ore=ore, paid_on=on, reference=reference, today=today, now=at(today), actor="user:1"
        )


def test_the_invoice_paid_to_the_creditor_leaves_costs_and_interest_due(world):
    """D5."""
    case = a_case(world)
    report(world, case, 100_000)
    book = world.book(case)
    assert sum(book.principal_left.values()) == 0
    assert (book.notice_fee_left_ore, book.collection_fee_left_ore) == (3_800, 26_200)
    assert book.interest_left_ore > 0
    assert world.again(case).stage != Stage.CLOSED
    (told,) = world.told(case)
    assert (told["paid_to"], told["order_because"]) == ("creditor", "paid_to_creditor")
    world.check()


def test_it_touches_no_account_of_ours(world):
    report(world, a_case(world), 120_000)
    totals = world.totals()
    money = (totals.client_account_ore, totals.unplaced_ore, totals.in_transit_ore, totals.owed_to_debtors_ore)
    assert money == (0, 0, 0, 0)
    assert totals.owed_to_creditors_ore == -totals.earned_not_drawn_ore  # our fee, paid to it, is made up later
    assert not [row for row in world.transfers() if "client_bank" in row]


def test_paid_on_the_day_the_demand_left_the_fee_is_not_owed_when_all_else_is_paid(world):
    """B9, B26, F35."""
    case = world.case(amount="1 000,00", due_on="2026-05-01", invoiced_on="2026-02-20")
    world.letter(case, "payment_demand", "collection_fee", 26_200, PAID_ON, PAID_ON)
    with open_tenant(world.tenant_id) as tenant:
        from saas.payments.suggestions import owed_on

        owed = owed_on(tenant, [case.id], PAID_ON)[case.id] - 26_200
    report(world, case, owed)
    assert world.again(case).closed_because == "paid"
    assert world.book(case).collection_fee_charged_ore == 0
    world.check()


def test_dated_in_the_past_it_comes_before_what_was_placed_since(world):
    case, other = a_case(world), a_case(world)
    world.pay(case, 20_000, date(2026, 5, 20), on=TODAY)
    report(world, case, 40_000)
    report(world, other, 40_000)
    world.pay(other, 20_000, date(2026, 5, 20), on=TODAY)
    for part in ("interest_left_ore", "collection_fee_left_ore", "notice_fee_left_ore", "paid_ore", "payments"):
        assert getattr(world.book(case), part) == getattr(world.book(other), part), part
    world.check()


def test_told_again_it_counts_once(world):
    case = a_case(world)
    first, is_new = report(world, case, 40_000, reference="Bilag 7")
    before = world.transfers()
    again, is_new_again = report(world, case, 40_000, reference="Bilag 7")
    assert (is_new, is_new_again, again.id) == (True, False, first.id)
    _, without = report(world, case, 10_000)
    _, without_again = report(world, case, 10_000)
    assert (without, without_again) == (True, False)
    assert world.transfers()[: len(before)] or before
    assert world.book(case).paid_ore == 50_000
    with pytest.raises(BadInput) as wrong:
        report(world, case, 41_000, reference="Bilag 7")
    assert list(wrong.value.errors) == ["reference"]
    world.check()


@pytest.mark.parametrize(
    ("ore", "on", "field"),
    [(500_000, PAID_ON, "amount"), (10_000, date(2026, 6, 2), "paid_on"), (10_000, date(2026, 1, 5), "paid_on")],
)
def test_what_cannot_be_is_refused_by_field(world, ore, on, field):
    case = a_case(world)
    with pytest.raises(BadInput) as wrong:
        report(world, case, ore, on)
    assert list(wrong.value.errors) == [field]
    assert world.payments() == []


def test_a_closed_case_takes_no_report(world):
    case = a_case(world)
    world.pay(case, 500_000, TODAY)
    with pytest.raises(Refused):
        report(world, case, 1_000)


def test_a_report_that_was_wrong_is_withdrawn_as_if_it_had_never_been_said(world):
    case = a_case(world)
    payment, _ = report(world, case, 40_000)
    world.pay(case, 10_000, date(2026, 5, 20), on=TODAY)
    with open_tenant(world.tenant_id) as tenant:
        withdraw_report(tenant, payment.id, now=at(TODAY), actor="user:1")
    assert world.book(case).payments == ((date(2026, 5, 20), 10_000),)
    world.check()
    with open_tenant(world.tenant_id) as tenant, pytest.raises(Refused):
        withdraw_report(tenant, payment.id, now=at(TODAY), actor="user:1")


def test_a_bank_payment_of_the_same_money_makes_the_debtor_owed_what_came_twice(world):
    case = world.case(amount="1 000,00", due_on="2026-05-04", invoiced_on="2026-02-20")
    report(world, case, 60_000, date(2026, 5, 4))
    world.pay(case, 100_000, date(2026, 5, 4), on=TODAY)
    totals = world.totals()
    assert (totals.owed_to_debtors_ore, totals.client_account_ore, totals.owed_to_creditors_ore) == (
        60_000, 100_000, 40_000,
    )  # fmt: skip
    world.check()


def test_a_report_moves_only_between_cases_of_the_creditor_that_has_the_money(world):
    case, own = a_case(world), a_case(world)
    other = a_case(world, creditor="bygda-bredband", kind="other")
    payment, _ = report(world, case, 40_000)
    with open_tenant(world.tenant_id) as tenant, pytest.raises(Refused):
        move_payment(tenant, payment.id, other.id, now=at(TODAY), actor="user:1")
    with open_tenant(world.tenant_id) as tenant:
        move_payment(tenant, payment.id, own.id, now=at(TODAY), actor="user:1")
    assert (world.book(case).paid_ore, world.book(own).paid_ore) == (0, 40_000)
    world.check()


def take_file(world: World, text: str, **more):
    with open_tenant(world.tenant_id) as tenant:
        return report_direct_payments(
            tenant, read_direct_csv(text.encode()), today=TODAY, now=at(TODAY), actor="user:1", **more
        )


def test_a_file_is_booked_whole_with_a_verdict_for_each_row(world):
    one, two = a_case(world), a_case(world)
    invoice = world.claims(two)[0].invoice_number
    text = (
        "Saksnummer;Fakturanummer;Beløp;Betalt dato;Referanse\r\n"
        f"{one.number};;500,00;04.05.2026;B1\r\n;{invoice};kr 250,-;2026-05-05;B2\r\n"
    )
    done = take_file(world, text)
    assert [(v.row, v.outcome, v.case_number) for v in done.verdicts] == [
        (2, Told.BOOKED, one.number), (3, Told.BOOKED, two.number),
    ]  # fmt: skip
    assert (world.book(one).paid_ore, world.book(two).paid_ore) == (50_000, 25_000)
    before = world.transfers()
    again = take_file(world, text)
    assert [v.outcome for v in again.verdicts] == [Told.KNOWN, Told.KNOWN]
    assert world.transfers() == before
    world.check()


def test_one_wrong_row_and_nothing_is_booked(world):
    one = a_case(world)
    text = (
        "sak,beløp,dato,referanse\n"
        f'{one.number},"500,00",04.05.2026,B1\n{one.number},mye,04.05.2026,B2\n999,"10,00",04.05.2026,B3\n'
        f'{one.number},"10,00",04.05.2036,B4\n{one.number},"10,00"\n{one.number},"500,00",04.05.2026,B1\n'
    )
    done = take_file(world, text)
    wrong = {v.row: list(v.errors) for v in done.verdicts if v.outcome is Told.WRONG}
    assert wrong == {3: ["amount"], 4: ["row"], 5: ["paid_on"], 6: ["row"], 7: ["reference"]}
    assert (done.booked, world.payments()) == (False, [])


@pytest.mark.parametrize("text", ["", "sak;tull\n1;2\n", "sak;dato\n1;2\n", 'sak;beløp;dato\n"1;2;3\n'])
def test_a_file_that_is_none_is_refused_whole(world, text):
    with pytest.raises(BadInput) as wrong:
        take_file(world, text)
    assert list(wrong.value.errors) == ["file"]


def test_another_creditors_case_cannot_be_named(world):
    case = a_case(world)
    from tests.builders import creditor_of

    other = creditor_of(world.tenant_id, "bygda-bredband")
    done = take_file(world, f"sak;beløp;dato\n{case.number};10,00;04.05.2026\n", creditor_id=other)
    assert [v.outcome for v in done.verdicts] == [Told.WRONG]


def test_a_direct_payment_is_never_bounced_by_the_bank(world):
    case = a_case(world)
    report(world, case, 40_000)
    world.take_in(SimPayment(case.kid, -40_000, TODAY), on=TODAY)
    assert world.place(TODAY).taken_back == 0
    world.check()
