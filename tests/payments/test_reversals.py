"""Money that goes away again: off the case as if it had never come, the case opened lawfully, the book in balance."""

from datetime import date

import pytest
import sqlalchemy as sa

from saas.cases.facts import facts_of
from saas.cases.models import CaseHold
from saas.kernel.errors import BadInput, Refused
from saas.ledger.models import IN_TRANSIT
from saas.payments.models import Payment, Repayment
from saas.payments.reversals import money_went_back, move_payment, send_back
from saas.rules.case import decide
from saas.rules.facts import HoldReason
from saas.rules.law import load_law
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.world import World

DUE, PAID_ON, LATER, END = date(2026, 3, 2), date(2026, 5, 4), date(2026, 5, 20), date(2026, 6, 1)
PAYER = "86011117947"


def a_case(world: World, **claim):
    return world.case(amount="1 000,00", due_on=DUE.isoformat(), invoiced_on="2026-02-02", **claim)


def went_back(world: World, payment: Payment, ore: int, why: str = "bounced", **more) -> None:
    with open_tenant(world.tenant_id) as tenant:
        money_went_back(tenant, payment.id, ore, why, on=LATER, now=at(END), actor="cli", **more)


def repayments(world: World) -> list[Repayment]:
    with open_tenant(world.tenant_id) as tenant:
        return list(tenant.session.scalars(sa.select(Repayment).order_by(Repayment.id)))


def holds(world: World, case) -> dict[str, CaseHold]:
    with open_tenant(world.tenant_id) as tenant:
        rows = tenant.session.scalars(
            sa.select(CaseHold).where(CaseHold.case_id == case.id, CaseHold.lifted_on.is_(None))
        )
        return {row.reason: row for row in rows}


def paid(world: World, case, ore: int, on: date = PAID_ON, payer: str = PAYER) -> Payment:
    world.take_in(SimPayment(case.kid, ore, on, payer), on=END)
    world.place(END)
    return world.payments()[-1]


def test_a_bounced_payment_leaves_the_case_as_if_it_had_never_come_and_opens_it_again(world):
    case = a_case(world)
    before = world.book(case)
    payment = paid(world, case, 200_000)
    assert world.again(case).closed_because == "paid"
    went_back(world, payment, 200_000)
    again = world.again(case)
    assert (again.closed_on, again.closed_because, again.stage) == (None, "", 10)
    book = world.book(case)
    assert (book.left_ore, book.paid_ore, book.payments) == (before.left_ore, 0, ())
    assert world.payments()[0].state == "reversed"
    assert repayments(world) == []
    totals = world.totals()
    assert (totals.client_account_ore, totals.owed_to_creditors_ore, totals.owed_to_debtors_ore) == (0, 0, 0)
    world.check()


def test_nothing_happens_to_a_case_opened_again_before_a_new_deadline_of_14_days_and_its_grace_are_over(world):
    case = a_case(world)
    went_back(world, paid(world, case, 200_000), 200_000)
    standing = holds(world, case)
    assert set(standing) == {HoldReason.DEFERRED, HoldReason.PERSON}
    assert standing[HoldReason.DEFERRED].until == date(2026, 6, 15)  # told on 1 June
    assert standing[HoldReason.PERSON].note == "reopened:bounced"
    with open_tenant(world.tenant_id) as tenant:
        facts = facts_of(tenant, [case.id], date(2026, 6, 18))[case.id]
        assert decide(facts, date(2026, 6, 18), load_law(), tenant.policy).step is None
    assert world.told(case, "case.reopened") == [{"because": "bounced", "deadline_on": "2026-06-15"}]
    told = world.told(case, "payment.went_back")
    assert [(t["amount_ore"], t["why"], t["on"]) for t in told] == [(200_000, "bounced", "2026-05-20")]


def test_part_of_a_payment_goes_back_and_the_rest_is_placed_again(world):
    case = a_case(world)
    payment = paid(world, case, 50_000)
    went_back(world, payment, 20_000, "refunded", left=IN_TRANSIT)
    assert world.book(case).paid_ore == 30_000
    (row,) = world.payments()
    assert (row.state, row.gone_ore) == ("placed", 20_000)
    totals = world.totals()
    assert (totals.client_account_ore, totals.in_transit_ore) == (50_000, -20_000)
    world.check()
    went_back(world, payment, 30_000, "refunded", left=IN_TRANSIT)
    assert world.payments()[0].state == "reversed"
    assert world.book(case).paid_ore == 0
    world.check()


def test_the_same_news_twice_changes_nothing(world):
    case = a_case(world)
    payment = paid(world, case, 50_000)
    went_back(world, payment, 20_000, news="evt_1")
    before = world.transfers()
    went_back(world, payment, 20_000, news="evt_1")
    assert world.transfers() == before
    went_back(world, payment, 20_000, news="evt_2")
    assert world.book(case).paid_ore == 10_000
    world.check()


def test_no_more_goes_back_than_came(world):
    payment = paid(world, a_case(world), 50_000)
    for ore, wrong in ((50_001, Refused), (0, BadInput), (-1, BadInput)):
        with pytest.raises(wrong):
            went_back(world, payment, ore)
    went_back(world, payment, 50_000)
    with pytest.raises(Refused):
        went_back(world, payment, 1)
    world.check()


def test_later_payments_are_placed_again_without_the_one_that_went_back(world):
    case, other = a_case(world), a_case(world)
    first = paid(world, case, 60_000)
    paid(world, case, 30_000, LATER)
    went_back(world, first, 60_000)
    paid(world, other, 30_000, LATER)
    assert world.book(case).principal_left.popitem()[1] == world.book(other).principal_left.popitem()[1]
    assert world.book(case).interest_left_ore == world.book(other).interest_left_ore
    world.check()


def test_a_payment_moved_to_another_case_counts_there_as_of_its_own_day_and_both_histories_tell(world):
    wrong, right, alike = a_case(world), a_case(world), a_case(world)
    payment = paid(world, wrong, 200_000)
    assert world.again(wrong).closed_because == "paid"
    with open_tenant(world.tenant_id) as tenant:
        move_payment(tenant, payment.id, right.id, now=at(END), actor="user:1")
    paid(world, alike, 200_000)
    assert world.book(wrong).paid_ore == 0
    assert (world.again(wrong).closed_on, world.again(right).closed_because) == (None, "paid")
    assert world.book(right).paid_ore == world.book(alike).paid_ore
    moved = {"payment": str(payment.id), "amount_ore": 200_000, "from": wrong.number, "to": right.number}
    assert world.told(wrong, "payment.moved") == world.told(right, "payment.moved") == [moved]
    assert set(holds(world, wrong)) == {HoldReason.DEFERRED, HoldReason.PERSON}
    world.check()


def test_a_payment_can_be_moved_there_and_back_again_between_others(world):
    one, two = a_case(world), a_case(world)
    payment = paid(world, one, 30_000)
    paid(world, one, 10_000, LATER)
    paid(world, two, 20_000, LATER)
    before = [(b.principal_left, b.interest_left_ore, b.payments) for b in (world.book(one), world.book(two))]
    for target in (two, one, two, one):
        with open_tenant(world.tenant_id) as tenant:
            move_payment(tenant, payment.id, target.id, now=at(END), actor="user:1")
        world.check()
    assert [(b.principal_left, b.interest_left_ore, b.payments) for b in (world.book(one), world.book(two))] == before


def test_a_payment_is_not_moved_to_where_it_is_nor_when_it_is_on_no_case(world):
    case = a_case(world)
    payment = paid(world, case, 30_000)
    world.take_in(SimPayment("", 100, PAID_ON), on=END)
    world.place(END)
    for moved in (payment, world.payments()[-1]):
        with open_tenant(world.tenant_id) as tenant, pytest.raises(Refused):
            move_payment(tenant, moved.id, case.id, now=at(END), actor="user:1")


def test_what_is_paid_too_much_waits_to_go_back_to_the_account_it_came_from(world):
    case = a_case(world)
    paid(world, case, 300_000)
    (row,) = repayments(world)
    assert (row.state, row.account, row.reason, row.case_id) == ("due", PAYER, "overpaid", case.id)
    assert row.amount_ore == world.totals().owed_to_debtors_ore > 0


def test_what_is_paid_too_much_waits_for_a_person_when_nobody_knows_from_where(world):
    case = a_case(world)
    paid(world, case, 300_000, payer="")
    (row,) = repayments(world)
    assert (row.account, row.state) == ("", "due")


def test_paid_twice_goes_back_whole(world):
    case = a_case(world)
    owed = 100_000
    world.take_in(SimPayment(case.kid, owed, DUE, PAYER), on=DUE)
    world.place(DUE)
    assert world.again(case).closed_because == "paid"
    world.take_in(SimPayment(case.kid, owed, DUE, PAYER), on=DUE)
    world.place(DUE)
    (row,) = repayments(world)
    assert (row.amount_ore, row.account, row.reason) == (owed, PAYER, "paid_twice")
    world.check()


def test_a_repayment_that_waits_follows_the_book(world):
    case = a_case(world)
    first = paid(world, case, 300_000)
    (due,) = repayments(world)
    paid(world, case, 5_000)
    assert [r.amount_ore for r in repayments(world)] == [due.amount_ore + 5_000]
    went_back(world, first, 300_000)
    assert repayments(world) == []
    assert world.book(case).paid_ore == 5_000
    world.check()


def test_what_the_debtor_has_been_paid_back_covers_nothing_when_an_earlier_payment_bounces(world):
    case = a_case(world)
    first = paid(world, case, 100_000, DUE)
    second = paid(world, case, 100_000, DUE)
    repay(world)
    assert world.totals().client_account_ore == 100_000
    went_back(world, first, 100_000)
    assert world.book(case).left_ore == 100_000  # the second one was paid back, so nothing is paid
    assert world.again(case).closed_on is None
    assert world.totals().owed_to_debtors_ore == 0
    assert second.amount_ore == 100_000
    world.check()


def repay(world: World) -> None:
    """The bank has carried out the repayment that waits, as the settlement of it leaves the book."""
    from saas.ledger.models import CLIENT_BANK, MONEY, OWED_DEBTOR
    from saas.ledger.post import Entry, Leg, post
    from saas.rules.money import Ore

    with open_tenant(world.tenant_id) as tenant:
        for row in tenant.session.scalars(sa.select(Repayment).where(Repayment.state == "due")):
            leg = Leg(OWED_DEBTOR, CLIENT_BANK, MONEY, Ore(row.amount_ore))
            entry = Entry(f"repayment:{row.id}", "repaid", row.creditor_id, row.case_id, (leg,), END)
            post(tenant.session, [entry], at(END))
            row.state = "paid"


def test_an_unmatched_payment_sent_back_belongs_to_its_payer_from_then(world):
    world.take_in(SimPayment("", 12_300, PAID_ON, PAYER), on=END)
    world.place(END)
    (payment,) = world.payments()
    with open_tenant(world.tenant_id) as tenant:
        send_back(tenant, payment.id, today=END, now=at(END), actor="user:1")
    (row,) = repayments(world)
    assert (row.amount_ore, row.account, row.case_id, row.payment_id) == (12_300, PAYER, None, payment.id)
    totals = world.totals()
    assert (totals.unplaced_ore, totals.owed_to_debtors_ore, totals.client_account_ore) == (0, 12_300, 12_300)
    with open_tenant(world.tenant_id) as tenant, pytest.raises(Refused):
        send_back(tenant, payment.id, today=END, now=at(END), actor="user:1")
    world.check()
    repay(world)
    assert world.totals().client_account_ore == 0
    world.check()


def test_a_placed_payment_sent_back_comes_off_its_case_and_nothing_else_is_repaid(world):
    case = a_case(world)
    payment = paid(world, case, 200_000)
    with open_tenant(world.tenant_id) as tenant:
        send_back(tenant, payment.id, today=END, now=at(END), actor="user:1")
    assert [(r.amount_ore, r.payment_id) for r in repayments(world)] == [(200_000, payment.id)]
    assert world.again(case).closed_on is None
    world.check()


def test_money_without_a_known_account_is_not_sent_back_before_somebody_says_where(world):
    world.take_in(SimPayment("", 12_300, PAID_ON), on=END)
    world.place(END)
    (payment,) = world.payments()
    for account in ("", "12345678901", "tull"):
        with open_tenant(world.tenant_id) as tenant, pytest.raises(BadInput):
            send_back(tenant, payment.id, account=account, today=END, now=at(END), actor="user:1")
    with open_tenant(world.tenant_id) as tenant:
        assert (
            send_back(tenant, payment.id, account="8601 11 17947", today=END, now=at(END), actor="user:1").account
            == PAYER
        )
    world.check()
