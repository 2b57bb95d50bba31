"""Each creditor gets what was collected for it, less commission, once; the agency its fees."""

import csv
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from saas.kernel import files
from saas.kernel.history import HistoryEvent
from saas.ledger.models import CLAIMS_HELD, COLLECTION_FEE, NOTICE_FEE, OWED_CREDITOR, OWED_DEBTOR, RECEIVABLE
from saas.ledger.post import Entry, Leg, post
from saas.payments.models import Payout
from saas.payments.remit import payout_id, remit
from saas.rules.money import Ore
from tenants.models import Creditor, CreditorAgreement
from tenants.resolve import open_tenant
from tests.builders import at, creditor_of
from tests.payments.world import DAY

ON = date(2026, 8, 3)
OWN_ACCOUNT = "99990300018"


def settled(world, on=ON, book=True):
    return remit(world.tenant_id, on, book=book, now=at(on))


def of(remittance, slug="nordlys-kraft"):
    return next(due for due in remittance.dues if due.creditor_slug == slug)


def payouts(world):
    with open_tenant(world.tenant_id) as tenant:
        return list(tenant.session.scalars(sa.select(Payout).order_by(Payout.payout_on, Payout.paid_ore)))


def agree(world, commission_bp, valid_from, slug="nordlys-kraft"):
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.delete(CreditorAgreement).where(CreditorAgreement.valid_from == valid_from))
        tenant.session.add(
            CreditorAgreement(
                tenant_id=world.tenant_id, creditor_id=creditor_of(world.tenant_id, slug), valid_from=valid_from,
                commission_bp=commission_bp,
            )
        )  # fmt: skip


@pytest.fixture
def w20(world):
    """Worked example W20: 5 000 + 78.32 interest + 38 notice fee + 562 agency fee, paid on 2026-08-01."""
    case = world.case(amount="5 000,00", due_on="2026-06-15", invoiced_on="2026-06-01", on=date(2026, 6, 29))
    world.letter(case, "collection_notice", NOTICE_FEE, 3_800, date(2026, 6, 29), date(2026, 6, 29))
    world.letter(case, "payment_demand", COLLECTION_FEE, 56_200, date(2026, 7, 14), date(2026, 7, 14))
    world.pay(case, 567_832, date(2026, 8, 1), on=ON)
    return case


def test_the_settlement_of_w20_leaves_the_client_account_empty(world, w20):
    agree(world, 0, date(2026, 1, 1))
    due = of(settled(world))
    assert (due.collected_ore, due.commission_ore, due.payable_ore) == (511_632, 0, 511_632)
    totals = world.totals()
    assert (totals.client_account_ore, totals.owed_to_creditors_ore, totals.earned_not_drawn_ore) == (0, 0, 0)
    world.check()


def test_commission_is_of_principal_and_interest_and_rounds_down(world, w20):
    """5 % of 5 078.32 is 253.916: the notice fee bears none, and the fraction stays with the creditor."""
    remittance = settled(world)
    due = of(remittance)
    assert (due.commission_ore, due.payable_ore) == (25_391, 511_632 - 25_391)
    assert remittance.drawn_ore == 56_200 + 25_391
    assert world.totals().client_account_ore == 0
    world.check()


def test_looking_books_nothing(world, w20):
    before = world.transfers()
    remittance = settled(world, book=False)
    assert (of(remittance).payable_ore, of(remittance).paid_out, remittance.order_path) == (486_241, False, "")
    assert world.transfers() == before
    assert payouts(world) == []


@pytest.mark.parametrize(("on", "commission_ore"), [(date(2026, 8, 9), 25_391), (date(2026, 8, 10), 50_783)])
def test_the_agreement_in_force_on_the_day_decides(world, w20, on, commission_ore):
    agree(world, 1_000, date(2026, 8, 10))
    assert of(settled(world, on)).commission_ore == commission_ore


def test_without_an_agreement_there_is_no_commission(world, w20):
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.delete(CreditorAgreement))
    assert of(settled(world)).commission_ore == 0


def test_the_same_day_again_pays_nothing_and_says_what_was_paid(world, w20):
    first = settled(world)
    before = world.transfers()
    again = settled(world)
    assert of(again) == of(first)
    assert (again.order_path, again.drawn_ore) == ("", 0)
    assert world.transfers() == before
    assert len(payouts(world)) == 1


def test_another_day_pays_only_what_came_since(world, w20):
    settled(world)
    assert of(settled(world, ON + timedelta(days=1))).payable_ore == 0
    other = world.case(amount="100,00", due_on="2026-08-01", on=ON)
    world.pay(other, 10_000, date(2026, 8, 1), on=ON)
    assert of(settled(world, ON + timedelta(days=7))).payable_ore == 9_500
    assert [payout.paid_ore for payout in payouts(world)] == [486_241, 9_500]
    world.check()


def test_by_several_at_once_on_several_days_each_ore_is_paid_once(world, w20):
    days = [ON, ON, ON + timedelta(days=1), ON + timedelta(days=2)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda on: settled(world, on), days))
    assert [payout.paid_ore for payout in payouts(world)] == [486_241]
    assert world.totals().client_account_ore == 0
    world.check()


def test_a_creditor_with_nothing_due_gets_no_payout(world, w20):
    remittance = settled(world)
    assert (of(remittance, "bygda-bredband").payable_ore, of(remittance, "bygda-bredband").paid_out) == (0, False)
    assert [payout.creditor_id for payout in payouts(world)] == [w20.creditor_id]


def test_a_day_with_nothing_due_has_no_order(world):
    remittance = settled(world)
    assert (remittance.order_path, remittance.drawn_ore, payouts(world)) == ("", 0, [])


def test_the_payment_order_has_a_line_for_each_creditor_paid(world, w20):
    other = world.case(amount="1 000,50", due_on="2026-08-01", on=ON, creditor="bygda-bredband")
    world.pay(other, 100_050, date(2026, 8, 1), on=ON)
    remittance = settled(world)
    content = files.get(remittance.order_path)
    lines = list(csv.DictReader(content.decode().splitlines(), delimiter=";"))
    assert [(line["To"], line["Amount"], line["Currency"], line["Date"]) for line in lines] == [
        ("99990200005", "4862.41", "NOK", "2026-08-03"),
        ("99990200013", "925.47", "NOK", "2026-08-03"),
    ]
    assert [line["MsgId"] for line in lines] == [payout_id(due.creditor_id, ON).hex for due in remittance.dues]
    assert {line["From"] for line in lines} == {world.account}
    assert all(len(line["MsgId"]) <= 35 for line in lines)
    assert lines[0]["Message"].startswith("Oppgjør 03.08.2026")
    assert {payout.order_path for payout in payouts(world)} == {remittance.order_path}


def test_a_name_cannot_become_a_formula_in_the_order(world, w20):
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.update(Creditor).values(name='=HYPERLINK("x")'))
    lines = list(csv.reader(files.get(settled(world).order_path).decode().splitlines(), delimiter=";"))
    assert lines[1][3] == '\'=HYPERLINK("x")'


def test_unplaced_money_and_surplus_are_never_paid_to_a_creditor(world):
    case = world.case(amount="100,00", due_on="2026-08-01", on=ON)
    world.pay(case, 15_000, date(2026, 8, 1), on=ON)
    assert of(settled(world)).payable_ore == 9_500
    assert world.totals().client_account_ore == world.totals().owed_to_debtors_ore == 5_000


def repay(world, case, ore):
    """A notice fee that was paid, and paid out, is given back to the debtor."""
    legs = (
        Leg(CLAIMS_HELD, RECEIVABLE, NOTICE_FEE, Ore(ore)),
        Leg(RECEIVABLE, CLAIMS_HELD, NOTICE_FEE, Ore(ore)),
        Leg(OWED_CREDITOR, OWED_DEBTOR, NOTICE_FEE, Ore(ore)),
    )
    with open_tenant(world.tenant_id) as tenant:
        post(tenant.session, [Entry("repaid:1", "fee_repaid", case.creditor_id, case.id, legs, ON)], at(ON))


def test_what_a_creditor_was_paid_too_much_is_kept_from_its_next_payout(world, w20):
    settled(world)
    repay(world, w20, 3_800)
    assert of(settled(world, ON + timedelta(days=1))).payable_ore == -3_800
    assert len(payouts(world)) == 1
    other = world.case(amount="100,00", due_on="2026-08-01", on=ON)
    world.pay(other, 10_000, date(2026, 8, 1), on=ON)
    due = of(settled(world, ON + timedelta(days=2)))
    assert (due.collected_ore, due.commission_ore, due.payable_ore) == (6_200, 310, 5_890)
    world.check()


def test_who_collects_its_own_claims_keeps_its_own_money(own):
    case = own.case(amount="1 000,00", due_on="2026-08-01", on=ON)
    own.pay(case, 100_000, date(2026, 8, 1), on=ON)
    before = own.transfers()
    remittance = settled(own)
    (due,) = remittance.dues
    assert (due.collected_ore, due.commission_ore, due.payable_ore, due.own_money) == (100_000, 0, 100_000, True)
    assert (due.paid_out, remittance.drawn_ore, remittance.order_path) == (False, 0, "")
    assert own.transfers() == before
    own.check()


def test_who_collects_its_own_claims_pays_no_commission_whatever_the_agreement_says(own):
    agree(own, 500, date(2026, 1, 1), slug=None)
    with open_tenant(own.tenant_id) as tenant:
        tenant.session.execute(sa.update(Creditor).values(payout_account="99990200005"))
    case = own.case(amount="1 000,00", due_on="2026-08-01", on=ON)
    own.pay(case, 100_000, date(2026, 8, 1), on=ON)
    (due,) = settled(own).dues
    assert (due.commission_ore, due.payable_ore, due.paid_out) == (0, 100_000, True)
    assert own.totals().client_account_ore == 0
    own.check()


def test_an_agency_fee_in_the_book_of_who_has_no_licence_stops_the_settlement(own):
    leg = Leg(OWED_DEBTOR, "earned", COLLECTION_FEE, Ore(100))
    with open_tenant(own.tenant_id) as tenant:
        entry = Entry("wrong:1", "wrong", creditor_of(own.tenant_id), None, (leg,), DAY)
        post(tenant.session, [entry], at(DAY))
    with pytest.raises(AssertionError, match="earns no fee"):
        settled(own)


def test_history_tells_of_each_payout_and_draw(world, w20):
    settled(world)
    with open_tenant(world.tenant_id) as tenant:
        kinds = tenant.session.scalars(
            sa.select(HistoryEvent.kind).where(HistoryEvent.kind.in_(("payout.booked", "fee.drawn")))
        ).all()
    assert sorted(kinds) == ["fee.drawn", "payout.booked"]


def test_a_creditor_user_sees_its_own_payouts_only(world, w20):
    settled(world)
    for slug, seen in (("nordlys-kraft", 1), ("bygda-bredband", 0)):
        with open_tenant(world.tenant_id, creditor_of(world.tenant_id, slug)) as tenant:
            assert len(tenant.session.scalars(sa.select(Payout)).all()) == seen
