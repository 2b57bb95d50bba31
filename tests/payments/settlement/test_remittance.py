"""Each creditor gets what was collected for it, less commission, once; the agency its fees; by mandates only."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.kernel.history import HistoryEvent
from saas.kernel.ids import NIL
from saas.ledger.models import CLAIMS_HELD, COLLECTION_FEE, NOTICE_FEE, OWED_CREDITOR, OWED_DEBTOR, RECEIVABLE
from saas.ledger.post import Entry, Leg, post
from saas.payments.models import PaymentOrder, Payout
from saas.payments.replay import place_anew
from saas.payments.settlement import remittance as remittances
from saas.payments.settlement.collected import collected
from saas.payments.settlement.remittance import remit
from saas.payments.settlement.terms import Terms, commission_to_date, fee_share_to_date
from saas.rules.money import Ore
from tenants.models import Creditor, CreditorAgreement
from tenants.resolve import open_tenant
from tests.builders import at, creditor_of
from tests.payments.settlement.house import OWN_ACCOUNT, carry_out, let_money_out, pay_out, payouts
from tests.payments.world import DAY, World

ON = date(2026, 8, 3)
CAME = date(2026, 8, 1)


def settled(world, on=ON, book=True):
    let_money_out(world.tenant_id)
    return remit(world.tenant_id, on, book=book, now=at(on))


def of(remittance, slug="nordlys-kraft"):
    return next(due for due in remittance.dues if due.creditor_slug == slug)


def agree(world, commission_bp, valid_from, slug="nordlys-kraft", **terms):
    with open_tenant(world.tenant_id) as tenant:
        creditor_id = creditor_of(world.tenant_id, slug)
        tenant.session.execute(
            sa.delete(CreditorAgreement).where(
                CreditorAgreement.valid_from == valid_from, CreditorAgreement.creditor_id == creditor_id
            )
        )
        given = {"valid_from": valid_from, "commission_bp": commission_bp, **terms}
        tenant.session.add(CreditorAgreement(tenant_id=world.tenant_id, creditor_id=creditor_id, **given))


@pytest.fixture
def w20(world):
    """Worked example W20: 5 000 + 78.32 interest + 38 notice fee + 562 agency fee, paid on 2026-08-01."""
    case = world.case(amount="5 000,00", due_on="2026-06-15", invoiced_on="2026-06-01", on=date(2026, 6, 29))
    world.letter(case, "collection_notice", NOTICE_FEE, 3_800, date(2026, 6, 29), date(2026, 6, 29))
    world.letter(case, "payment_demand", COLLECTION_FEE, 56_200, date(2026, 7, 14), date(2026, 7, 14))
    world.pay(case, 567_832, CAME, on=ON)
    return case


def test_the_settlement_of_w20_leaves_the_client_account_empty(world, w20):
    agree(world, 0, date(2026, 1, 1))
    due = of(pay_out(world.tenant_id, ON))
    assert (due.collected_ore, due.commission_ore, due.payable_ore) == (511_632, 0, 511_632)
    totals = world.totals()
    assert (totals.client_account_ore, totals.owed_to_creditors_ore, totals.earned_not_drawn_ore) == (0, 0, 0)
    world.check()


def test_money_ordered_stands_on_the_client_account_until_the_bank_has_carried_it_out(world, w20):
    settled(world)
    totals = world.totals()
    assert (totals.owed_to_creditors_ore, totals.ordered_ore, totals.client_account_ore) == (0, 567_832, 567_832)
    world.check()
    carry_out(world.tenant_id, ON + timedelta(days=1))
    totals = world.totals()
    assert (totals.ordered_ore, totals.client_account_ore) == (0, 0)
    assert [payout.state for payout in payouts(world.tenant_id)] == ["paid"]
    world.check()


def test_commission_is_of_principal_and_interest_and_rounds_down(world, w20):
    """5 % of 5 078.32 is 253.916: the notice fee bears none, and the fraction stays with the creditor."""
    remittance = settled(world)
    due = of(remittance)
    assert (due.commission_ore, due.payable_ore) == (25_391, 511_632 - 25_391)
    assert remittance.drawn_ore == 56_200 + 25_391
    world.check()


def test_the_creditors_share_of_collection_fees_is_rounded_down_and_leaves_with_its_money(world, w20):
    agree(world, 500, date(2026, 1, 1), fee_share_bp=3_333)
    remittance = settled(world)
    due = of(remittance)
    assert (due.fee_share_ore, due.payable_ore) == (18_731, 511_632 - 25_391 + 18_731)  # 562.00 × 33.33 % = 187.3146
    assert remittance.drawn_ore == 56_200 + 25_391 - 18_731
    (payout,) = payouts(world.tenant_id)
    assert (payout.collected_ore, payout.fee_share_ore, payout.commission_ore) == (511_632, 18_731, 25_391)
    world.check()


def test_looking_books_nothing(world, w20):
    before = world.transfers()
    remittance = settled(world, book=False)
    assert (of(remittance).payable_ore, of(remittance).paid_out, remittance.order_path) == (486_241, False, "")
    assert world.transfers() == before
    assert payouts(world.tenant_id) == []


@pytest.mark.parametrize(("valid_from", "commission_ore"), [(CAME + timedelta(days=1), 25_391), (CAME, 50_783)])
def test_the_agreement_in_force_on_the_value_day_decides_however_late_it_is_settled(
    world, w20, valid_from, commission_ore
):
    agree(world, 1_000, valid_from)
    assert of(settled(world, ON + timedelta(days=7))).commission_ore == commission_ore


def test_money_of_both_agreements_bears_the_commission_of_each(world, w20):
    agree(world, 1_000, date(2026, 8, 2))
    other = world.case(amount="100,00", due_on="2026-08-01", on=ON)
    world.pay(other, 10_000, date(2026, 8, 2), on=ON)
    assert of(settled(world)).commission_ore == 25_391 + 1_000
    world.check()


def test_without_an_agreement_there_is_no_commission(world, w20):
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.delete(CreditorAgreement))
    assert of(settled(world)).commission_ore == 0


def test_the_same_day_again_pays_nothing_and_says_what_was_paid(world, w20):
    first = settled(world)
    before = world.transfers()
    again = settled(world)
    assert (of(again).collected_ore, of(again).commission_ore, of(again).payable_ore, of(again).order_path) == (
        of(first).collected_ore, of(first).commission_ore, of(first).payable_ore, first.order_path,
    )  # fmt: skip
    assert (of(again).paid_out, again.order_path, again.drawn_ore) == (True, "", 0)
    assert world.transfers() == before
    assert len(payouts(world.tenant_id)) == 1


def test_another_day_pays_only_what_came_since(world, w20):
    settled(world)
    assert of(settled(world, ON + timedelta(days=1))).payable_ore == 0
    other = world.case(amount="100,00", due_on="2026-08-01", on=ON)
    world.pay(other, 10_000, CAME, on=ON)
    assert of(settled(world, ON + timedelta(days=7))).payable_ore == 9_500
    assert [payout.paid_ore for payout in payouts(world.tenant_id)] == [486_241, 9_500]
    world.check()


def test_by_several_at_once_on_several_days_each_ore_is_paid_once(world, w20):
    let_money_out(world.tenant_id)
    days = [ON, ON, ON + timedelta(days=1), ON + timedelta(days=2)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda on: remit(world.tenant_id, on, book=True, now=at(on)), days))
    assert [payout.paid_ore for payout in payouts(world.tenant_id)] == [486_241]
    assert [payout.paid_ore for payout in payouts(world.tenant_id, NIL)] == [56_200 + 25_391]
    world.check()


def test_killed_between_the_order_file_and_the_booking_nothing_is_paid_twice(world, w20, monkeypatch):
    """The file is written before the transaction ends; an order that never came about is known to nobody."""
    let_money_out(world.tenant_id)
    whole = remittances.make_order

    def written_then_killed(*arguments, **more):
        whole(*arguments, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(remittances, "make_order", written_then_killed)
    before = world.transfers()
    with pytest.raises(KeyboardInterrupt):
        remit(world.tenant_id, ON, book=True, now=at(ON))
    monkeypatch.undo()
    assert world.transfers() == before
    assert payouts(world.tenant_id) == []
    settled(world)
    carry_out(world.tenant_id, ON)
    with open_tenant(world.tenant_id) as tenant:
        (order,) = tenant.session.scalars(sa.select(PaymentOrder)).all()
        assert (order.state, order.sum_ore) == ("settled", 567_832)
    assert world.totals().client_account_ore == 0
    world.check()


def test_a_creditor_with_nothing_due_gets_no_payout(world, w20):
    remittance = settled(world)
    assert (of(remittance, "bygda-bredband").payable_ore, of(remittance, "bygda-bredband").paid_out) == (0, False)
    assert [payout.creditor_id for payout in payouts(world.tenant_id)] == [w20.creditor_id]


def test_a_day_with_nothing_due_has_no_order(world):
    remittance = settled(world)
    assert (remittance.order_path, remittance.drawn_ore, payouts(world.tenant_id)) == ("", 0, [])


def test_unplaced_money_and_surplus_are_never_paid_to_a_creditor(world):
    case = world.case(amount="100,00", due_on="2026-08-01", on=ON)
    world.pay(case, 15_000, CAME, on=ON)
    assert of(pay_out(world.tenant_id, ON)).payable_ore == 9_500
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
    assert len(payouts(world.tenant_id)) == 1
    other = world.case(amount="100,00", due_on="2026-08-01", on=ON)
    world.pay(other, 10_000, CAME, on=ON)
    due = of(settled(world, ON + timedelta(days=2)))
    assert (due.collected_ore, due.commission_ore, due.payable_ore) == (6_200, 500, 5_700)
    world.check()


def test_what_is_taken_back_takes_its_commission_with_it(world, w20):
    """Corrections between the settlement and the next one: the commission of what was never collected goes back."""
    settled(world)
    with open_tenant(world.tenant_id) as tenant:
        back = Leg(OWED_CREDITOR, OWED_DEBTOR, "principal", Ore(100_000))
        gone = (Leg(CLAIMS_HELD, RECEIVABLE, "principal", Ore(1)), Leg(RECEIVABLE, CLAIMS_HELD, "principal", Ore(1)))
        entry = Entry("lost:1", "refunded", w20.creditor_id, w20.id, (back, *gone), CAME)
        post(tenant.session, [entry], at(ON))
    due = of(settled(world, ON + timedelta(days=1), book=False))
    assert (due.collected_ore, due.commission_ore, due.payable_ore) == (-100_000, -5_000, -95_000)
    other = world.case(amount="2 000,00", due_on="2026-08-01", on=ON)
    world.pay(other, 200_000, CAME, on=ON)
    due = of(settled(world, ON + timedelta(days=2)))
    assert (due.collected_ore, due.commission_ore, due.payable_ore) == (100_000, 5_000, 95_000)
    world.check()


def test_placing_a_payment_anew_after_the_settlement_changes_nothing_of_what_is_due(world, w20):
    settled(world)
    with open_tenant(world.tenant_id) as tenant:
        case = tenant.session.merge(world.again(w20))
        place_anew(tenant, case, (), cause=case.id, reason="test", now=at(ON), actor="test")
    due = of(settled(world, ON + timedelta(days=1), book=False))
    assert (due.collected_ore, due.commission_ore, due.payable_ore) == (0, 0, 0)
    world.check()


def test_who_collects_its_own_claims_keeps_its_own_money(own):
    case = own.case(amount="1 000,00", due_on="2026-08-01", on=ON)
    own.pay(case, 100_000, CAME, on=ON)
    before = own.transfers()
    remittance = settled(own)
    (due,) = remittance.dues
    assert (due.collected_ore, due.commission_ore, due.payable_ore, due.own_money) == (100_000, 0, 100_000, True)
    assert (due.paid_out, due.hindrance, remittance.drawn_ore, remittance.order_path) == (False, None, 0, "")
    assert own.transfers() == before
    own.check()


def test_who_collects_its_own_claims_pays_no_commission_whatever_the_agreement_says(own):
    agree(own, 500, date(2026, 1, 1), slug=None, fee_share_bp=500)
    with open_tenant(own.tenant_id) as tenant:
        tenant.session.execute(sa.update(Creditor).values(payout_account="99990200005"))
    case = own.case(amount="1 000,00", due_on="2026-08-01", on=ON)
    own.pay(case, 100_000, CAME, on=ON)
    (due,) = pay_out(own.tenant_id, ON).dues
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


def test_the_agency_draws_nothing_that_another_pocket_lacks(world, w20):
    """A payment the bank took back, and nobody has placed, is missing from the account: not from the creditors."""
    from saas.simulators.bank import SimPayment

    world.take_in(SimPayment(w20.kid, -60_000, ON, type="18"), on=ON)
    world.place(ON)
    assert world.totals().unplaced_ore == -60_000
    assert settled(world).drawn_ore == 56_200 + 25_391 - 60_000
    world.check()


def test_history_tells_of_each_payout_and_draw(world, w20):
    settled(world)
    with open_tenant(world.tenant_id) as tenant:
        kinds = tenant.session.scalars(
            sa.select(HistoryEvent.kind).where(
                HistoryEvent.kind.in_(("payout.booked", "fee.drawn", "payment_order.made"))
            )
        ).all()
    assert sorted(kinds) == ["fee.drawn", "payment_order.made", "payout.booked"]


def test_a_creditor_user_sees_its_own_payouts_only(world, w20):
    settled(world)
    for slug, seen in (("nordlys-kraft", 1), ("bygda-bredband", 0)):
        with open_tenant(world.tenant_id, creditor_of(world.tenant_id, slug)) as tenant:
            assert len(tenant.session.scalars(sa.select(Payout)).all()) == seen


def test_the_agencys_own_money_goes_to_its_own_account_by_a_mandate_too(world, w20):
    let_money_out(world.tenant_id, own="")
    remittance = remit(world.tenant_id, ON, book=True, now=at(ON))
    assert (remittance.drawn_ore, of(remittance).paid_out) == (0, True)
    let_money_out(world.tenant_id)
    remit(world.tenant_id, ON, book=True, now=at(ON))
    (draw,) = payouts(world.tenant_id, NIL)
    assert (draw.paid_ore, draw.account) == (56_200 + 25_391, OWN_ACCOUNT)
    world.check()


@settings(deadline=None, max_examples=200)
@given(
    st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 6, 30)), st.integers(1, 10**9), max_size=12),
    st.lists(
        st.builds(Terms, st.dates(date(2026, 1, 1), date(2026, 6, 30)), st.integers(0, 10_000), st.integers(0, 10_000)),
        max_size=4, unique_by=lambda terms: terms.valid_from,
    ),
)  # fmt: skip
def test_commission_and_share_are_never_above_what_was_agreed_and_less_than_an_ore_an_agreement_below(by_day, agreed):
    def exact(name):
        found = 0
        for day, ore in by_day.items():
            in_force = [terms for terms in agreed if terms.valid_from <= day]
            found += ore * getattr(max(in_force, key=lambda terms: terms.valid_from), name) if in_force else 0
        return found

    for name, ours in (("commission_bp", commission_to_date), ("fee_share_bp", fee_share_to_date)):
        lacking = exact(name) - 10_000 * ours(agreed, by_day)
        assert 0 <= lacking < 10_000 * max(1, len(agreed))


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("pay", "remit", "carry_out", "reject", "agree")),
            st.integers(0, 3), st.integers(1, 300_000), st.integers(0, 5),
        ),
        min_size=3, max_size=14,
    )
)  # fmt: skip
def test_whatever_is_collected_is_paid_out_held_or_earned(servers, steps):
    from tests.builders import make_agency

    world = World(make_agency(servers))
    let_money_out(world.tenant_id)
    agree(world, 733, date(2026, 1, 1), fee_share_bp=1_234)
    cases = []
    for number in range(4):
        slug = ("nordlys-kraft", "bygda-bredband")[number % 2]
        case = world.case(amount="1 000,00", due_on="2026-02-10", creditor=slug)
        world.letter(case, "payment_demand", COLLECTION_FEE, 26_200, DAY, DAY)
        cases.append(case)
    day, came_ore = DAY, 0
    for what, which, ore, days in steps:
        day += timedelta(days=days)
        if what == "pay":
            world.pay(cases[which], ore, day)
            came_ore += ore
        elif what == "agree":
            agree(world, ore % 2_000, day, fee_share_bp=ore % 5_000)
        elif what == "remit":
            remit(world.tenant_id, day, book=True, now=at(day))
        else:
            closed = ("99990200005", OWN_ACCOUNT) if what == "reject" else ()
            carry_out(world.tenant_id, day, closed)
    world.check()
    totals = world.totals()
    gone = sum(p.paid_ore for p in (*payouts(world.tenant_id), *payouts(world.tenant_id, NIL)) if p.state == "paid")
    held = totals.owed_to_creditors_ore + totals.owed_to_debtors_ore + totals.ordered_ore
    assert came_ore == gone + held + totals.earned_not_drawn_ore
    assert totals.client_account_ore == came_ore - gone
    with open_tenant(world.tenant_id) as tenant:
        assert all(mine.held_ore >= 0 for mine in collected(tenant).values())
