"""Each day: what is due leaves by itself, the client account is reconciled, and what is wrong is told."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from saas.hooks import ProviderPayoutTold
from saas.kernel.errors import BadInput, Refused
from saas.kernel.history import HistoryEvent
from saas.kernel.ids import NIL, new_id
from saas.ledger.models import CLIENT_BANK, EARNED, IN_TRANSIT, MONEY, UNPLACED
from saas.ledger.post import Entry, Leg, post
from saas.payments.models import Payment, Reconciliation
from saas.payments.provider_payouts import book_payout
from saas.payments.settlement.alerts import AlertKind, alerts, note_alerts
from saas.payments.settlement.balances import note_balance, type_balance
from saas.payments.settlement.daily import settle_day
from saas.payments.settlement.dues import CreditorDue, creditor_dues
from saas.payments.settlement.reconciling import deviates, last_reconciliation, reconcile, reconcile_days
from saas.payments.settlement.remittance import remit
from saas.rules.money import Ore
from tenants.resolve import open_tenant
from tests.builders import at, make_agency
from tests.payments.settlement.house import bank_of, carry_out, folder_of, let_money_out, payouts
from tests.payments.world import World

FRIDAY, THURSDAY = date(2026, 3, 6), date(2026, 3, 12)


def collect(world, ore=100_000, came=FRIDAY, creditor="nordlys-kraft"):
    case = world.case(amount="10 000,00", due_on="2026-03-05", invoiced_on="2026-02-10", on=came, creditor=creditor)
    world.pay(case, ore, came)
    return case


def day(world, on):
    return settle_day(world.tenant_id, on, folder_of(world.tenant_id), now=at(on))


def kinds(world, on):
    with open_tenant(world.tenant_id) as tenant:
        return [alert.kind for alert in alerts(tenant, on)]


def balance(world, on, ore):
    with open_tenant(world.tenant_id) as tenant:
        note_balance(tenant, on, Ore(ore), source="test", now=at(on + timedelta(days=1)))


def reconciled(world, on):
    with open_tenant(world.tenant_id) as tenant:
        reconcile(tenant, on, now=at(on + timedelta(days=1)))
        return last_reconciliation(tenant, on)


def what(row):
    return {one["what"]: (one["ore"], one["explained"]) for one in row.deviations}


# --- who is due -----------------------------------------------------------------------------------------------------


def test_money_leaves_weekly_with_no_person_needed(world):
    let_money_out(world.tenant_id)
    collect(world)
    for on in (FRIDAY + timedelta(days=n) for n in range(6)):
        assert day(world, on).remittance.order_path == ""
    settled = day(world, THURSDAY)
    assert [payout.payout_on for payout in payouts(world.tenant_id)] == [THURSDAY]
    assert len(settled.laid_out) == 1


@pytest.mark.parametrize("start", [date(2026, 1, 2) + timedelta(days=n) for n in range(0, 360, 11)])
def test_money_of_any_day_of_the_year_leaves_by_the_twelfth_day_also_at_easter_and_christmas(start):
    due = CreditorDue(NIL, "x", "X", "", Ore(1), Ore(0), Ore(1), oldest_on=start)
    leaves = due.next_on(start)
    assert leaves is not None
    assert leaves <= start + timedelta(days=12)


def test_a_holiday_thursday_is_made_up_for_before_the_twelfth_day(world):
    """Friday 27 March to Maundy Thursday 2 April and on to Thursday the ninth would be thirteen days."""
    came = date(2026, 3, 27)
    due = CreditorDue(NIL, "x", "X", "", Ore(1), Ore(0), Ore(1), oldest_on=came)
    assert due.next_on(came) == date(2026, 4, 8)
    assert not due.is_due(date(2026, 4, 2))


def test_the_oldest_ore_is_the_first_to_leave(world):
    let_money_out(world.tenant_id)
    collect(world, 10_000, FRIDAY)
    remit(world.tenant_id, FRIDAY, book=True, now=at(FRIDAY))
    collect(world, 10_000, FRIDAY + timedelta(days=3))
    collect(world, 10_000, FRIDAY + timedelta(days=5))
    with open_tenant(world.tenant_id) as tenant:
        assert creditor_dues(tenant, THURSDAY)[0].oldest_on == FRIDAY + timedelta(days=3)


def test_a_rejected_payout_is_as_old_as_it_was(world):
    let_money_out(world.tenant_id)
    collect(world)
    remit(world.tenant_id, THURSDAY, book=True, now=at(THURSDAY))
    carry_out(world.tenant_id, THURSDAY, closed=("99990200005",))
    with open_tenant(world.tenant_id) as tenant:
        (due, _) = creditor_dues(tenant, THURSDAY + timedelta(days=1))
        assert (due.oldest_on, due.latest_on) == (FRIDAY, FRIDAY + timedelta(days=12))
    assert AlertKind.PAYOUT_REJECTED in kinds(world, THURSDAY)
    assert day(world, date(2026, 3, 17)).remittance.order_path == ""
    assert day(world, date(2026, 3, 18)).remittance.order_path != ""


def test_lateness_never_blocks_a_payout(world):
    collect(world)
    late = FRIDAY + timedelta(days=40)
    let_money_out(world.tenant_id)
    assert day(world, late).remittance.order_path != ""


def test_money_by_card_is_paid_out_when_it_has_come_to_the_client_account(world):
    let_money_out(world.tenant_id)
    case = world.case(amount="10 000,00", due_on="2026-03-05", invoiced_on="2026-02-10", on=FRIDAY)
    world.pay(case, 30_000, FRIDAY)
    for ore, on in ((20_000, FRIDAY), (40_000, FRIDAY + timedelta(days=2))):
        by_card(world, case, ore, on)
    world.check()
    with open_tenant(world.tenant_id) as tenant:
        due = creditor_dues(tenant, THURSDAY)[0]
        assert (due.collected_ore, due.on_the_way_ore, due.commission_ore) == (30_000, 60_000, 1_500)
    arrives(world, 20_000, 500)
    remit(world.tenant_id, THURSDAY, book=True, now=at(THURSDAY))
    (payout,) = payouts(world.tenant_id)
    assert (payout.collected_ore, payout.paid_ore) == (50_000, 47_500)
    assert world.totals().client_account_ore == 50_000 - 500
    world.check()


def test_a_payment_by_card_placed_anew_is_still_on_its_way(world):
    """A bank payment dated before it comes late: what the card paid is taken back and placed again."""
    let_money_out(world.tenant_id)
    case = world.case(amount="10 000,00", due_on="2026-03-05", invoiced_on="2026-02-10", on=FRIDAY)
    by_card(world, case, 30_000, FRIDAY)
    arrives(world, 30_000, 500)
    by_card(world, case, 40_000, FRIDAY + timedelta(days=2))
    world.pay(case, 5_000, FRIDAY - timedelta(days=1), on=FRIDAY + timedelta(days=3))
    with open_tenant(world.tenant_id) as tenant:
        undone = tenant.session.scalars(sa.text("select count(*) from transfer where source like 'undone:%'")).one()
        due = creditor_dues(tenant, THURSDAY)[0]
    assert undone
    assert (due.collected_ore, due.on_the_way_ore) == (35_000, 40_000)
    world.check()


def by_card(world, case, ore, on):
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.add(
            Payment(
                tenant_id=world.tenant_id, id=new_id(), provider="stripe", key=f"stripe:{ore}", account="",
                kid=case.kid, amount_ore=ore, value_on=on, text="", debit_account="", state="new", case_id=case.id,
                matched_by="person",
            )
        )  # fmt: skip
    world.place(on)


def arrives(world, gross_ore, fee_ore):
    legs = (Leg(CLIENT_BANK, IN_TRANSIT, MONEY, Ore(gross_ore - fee_ore)), Leg(EARNED, IN_TRANSIT, MONEY, Ore(fee_ore)))
    with open_tenant(world.tenant_id) as tenant:
        entry = Entry(f"provider_payout:{new_id()}", "provider_payout", NIL, None, legs, THURSDAY)
        post(tenant.session, [entry], at(THURSDAY))


# --- alerts ---------------------------------------------------------------------------------------------------------


def test_ten_days_on_the_client_account_raise_an_alert_once(world):
    collect(world)
    ninth, tenth = FRIDAY + timedelta(days=9), FRIDAY + timedelta(days=10)
    assert kinds(world, ninth) == [AlertKind.NOTHING_LEAVES]
    assert kinds(world, tenth) == [AlertKind.HELD_LONG]
    with open_tenant(world.tenant_id) as tenant:
        (alert,) = note_alerts(tenant, tenth, now=at(tenth))
        assert "fullmakt" in alert.words
        assert "18.03.2026" in alert.words
    with open_tenant(world.tenant_id) as tenant:
        assert note_alerts(tenant, tenth, now=at(tenth)) == []
        told = tenant.session.scalars(sa.select(HistoryEvent).where(HistoryEvent.kind == "settlement.alert")).all()
        assert len(told) == 1


def test_an_alert_ends_with_what_it_was_about(world):
    collect(world)
    assert kinds(world, THURSDAY) == [AlertKind.NOTHING_LEAVES]
    let_money_out(world.tenant_id)
    day(world, THURSDAY)
    assert kinds(world, THURSDAY) == []


def test_a_bank_that_does_not_answer_is_told_of(world):
    let_money_out(world.tenant_id)
    collect(world)
    day(world, THURSDAY)
    assert kinds(world, date(2026, 3, 16)) == []
    assert kinds(world, date(2026, 3, 17)) == [AlertKind.BANK_SILENT]


# --- reconciliation -------------------------------------------------------------------------------------------------


def test_the_three_agree_before_during_and_after_a_payout(world):
    let_money_out(world.tenant_id)
    collect(world)
    bank = bank_of(world.tenant_id)
    for on in (FRIDAY + timedelta(days=n) for n in range(12)):
        day(world, on)
        if on == THURSDAY + timedelta(days=2):
            bank.work(on)
        bank.tell_balance(world.account, on)
        day(world, on + timedelta(days=1))
        row = reconciled(world, on)
        assert (row.bank_ore, deviates(row)) == (row.ledger_ore, False), (on, row.deviations)
        assert row.ledger_ore == row.owed_ore
    assert row.ledger_ore == 0


def test_what_the_bank_has_carried_out_and_not_said_explains_what_is_missing(world):
    let_money_out(world.tenant_id)
    collect(world)
    collect(world, 50_000, creditor="bygda-bredband")
    remit(world.tenant_id, THURSDAY, book=True, now=at(THURSDAY))
    first = payouts(world.tenant_id)[0]
    balance(world, THURSDAY, 150_000 - first.paid_ore)
    row = reconciled(world, THURSDAY)
    assert what(row)["bank_differs"] == (-first.paid_ore, True)
    assert row.deviations[0]["because"] == [str(first.id)]
    assert not deviates(row)


def test_money_the_book_does_not_know_is_a_deviation_and_an_alert(world):
    collect(world)
    balance(world, FRIDAY, 100_001)
    row = reconciled(world, FRIDAY)
    assert what(row)["bank_differs"] == (1, False)
    assert AlertKind.DEVIATES in kinds(world, FRIDAY + timedelta(days=1))


def test_what_comes_late_heals_the_day_and_both_words_are_kept(world):
    case = world.case(amount="1 000,00", due_on="2026-03-05", invoiced_on="2026-02-10", on=FRIDAY)
    balance(world, FRIDAY, 5_000)
    assert deviates(reconciled(world, FRIDAY))
    world.pay(case, 5_000, FRIDAY, on=date(2026, 3, 9))
    with open_tenant(world.tenant_id) as tenant:
        reconcile_days(tenant, date(2026, 3, 10), now=at(date(2026, 3, 10)))
    row = reconciled(world, FRIDAY)
    assert (deviates(row), row.bank_ore, row.ledger_ore) == (False, 5_000, 5_000)
    with open_tenant(world.tenant_id) as tenant:
        rows = tenant.session.scalars(sa.select(Reconciliation).where(Reconciliation.reconciled_on == FRIDAY)).all()
        assert len(rows) == 2


def test_many_days_at_once_come_out_as_each_by_itself(world, servers):
    """Days before all money, with none, and with money that leaves again; the bank has told of every other day."""
    days = [FRIDAY + timedelta(days=n) for n in range(-2, 8)]
    others = World(make_agency(servers))
    for one in (world, others):
        let_money_out(one.tenant_id)
        for came, ore in ((FRIDAY, 40_000), (FRIDAY + timedelta(days=3), 7_000)):
            collect(one, ore, came)
        day(one, THURSDAY)
        for told in days[::2]:
            balance(one, told, 40_000)
    for on in days:
        reconciled(world, on)
    with open_tenant(others.tenant_id) as tenant:
        reconcile_days(tenant, days[-1] + timedelta(days=1), now=at(days[-1] + timedelta(days=1)))
    with open_tenant(world.tenant_id) as tenant:
        singly = {on: figures(last_reconciliation(tenant, on)) for on in (*days[::2], days[-1])}
    with open_tenant(others.tenant_id) as tenant:
        assert {on: figures(last_reconciliation(tenant, on)) for on in singly} == singly
    assert [row[1:3] for row in singly.values()] == [(0, 0), (40_000, 40_000), (40_000, 40_000), (47_000, 47_000),
                                                     (47_000, 47_000), (47_000, 47_000)]  # fmt: skip


def figures(row):
    return row.bank_ore, row.ledger_ore, row.owed_ore, row.in_transit_ore, what(row)


def test_a_day_on_which_nothing_changed_is_reconciled_once(world):
    collect(world)
    balance(world, FRIDAY, 100_000)
    with open_tenant(world.tenant_id) as tenant:
        assert reconcile(tenant, FRIDAY, now=at(THURSDAY)) is not None
        assert reconcile(tenant, FRIDAY, now=at(THURSDAY)) is None


def test_a_payout_a_provider_has_told_of_and_the_bank_has_not_explains_what_is_missing(world):
    collect(world)
    with open_tenant(world.tenant_id) as tenant:
        told = ProviderPayoutTold("po_1", Ore(9_000), Ore(500), THURSDAY, complete=True)
        book_payout(tenant, "stripe", told, on=THURSDAY, now=at(THURSDAY), actor="worker")
    balance(world, THURSDAY, 100_000)
    row = reconciled(world, THURSDAY)
    assert what(row)["bank_differs"] == (-8_500, True)
    balance(world, THURSDAY, 100_001)
    assert what(reconciled(world, THURSDAY))["bank_differs"] == (-8_499, False)


def test_a_day_the_bank_has_not_told_of_is_held_against_the_book_alone(world):
    collect(world)
    row = reconciled(world, FRIDAY)
    assert (row.bank_ore, row.ledger_ore, row.owed_ore, row.deviations) == (None, 100_000, 100_000, [])


def test_a_book_that_does_not_hold_is_found(world):
    collect(world)
    with open_tenant(world.tenant_id) as tenant:
        leg = Leg(CLIENT_BANK, "claims_held", MONEY, Ore(700))
        post(tenant.session, [Entry("wrong:1", "wrong", NIL, None, (leg,), FRIDAY)], at(FRIDAY))
    assert what(reconciled(world, FRIDAY))["book_differs"] == (700, False)


def test_what_the_agency_owes_the_client_account_is_a_deviation_of_its_own(world):
    with open_tenant(world.tenant_id) as tenant:
        legs = (Leg(IN_TRANSIT, UNPLACED, MONEY, Ore(1_000)),)
        post(tenant.session, [Entry("payment:x", "payment_received", NIL, None, legs, FRIDAY)], at(FRIDAY))
        legs = (Leg(CLIENT_BANK, IN_TRANSIT, MONEY, Ore(970)), Leg(EARNED, IN_TRANSIT, MONEY, Ore(30)))
        post(tenant.session, [Entry("provider_payout:x", "provider_payout", NIL, None, legs, FRIDAY)], at(FRIDAY))
    balance(world, FRIDAY, 970)
    row = reconciled(world, FRIDAY)
    assert what(row) == {"top_up_due": (30, False)}
    assert AlertKind.TOP_UP_DUE in kinds(world, FRIDAY)


def test_who_collects_its_own_claims_has_no_client_account_to_reconcile(own):
    with open_tenant(own.tenant_id) as tenant:
        assert reconcile(tenant, FRIDAY, now=at(FRIDAY)) is None
        with pytest.raises(Refused):
            type_balance(tenant, FRIDAY, Ore(1), today=FRIDAY, now=at(FRIDAY), actor="cli")


def test_a_person_cannot_say_what_will_stand_there_tomorrow(world):
    with open_tenant(world.tenant_id) as tenant, pytest.raises(BadInput):
        type_balance(tenant, FRIDAY + timedelta(days=1), Ore(1), today=FRIDAY, now=at(FRIDAY), actor="cli")


def test_the_banks_newest_word_counts(world):
    for ore in (1, 2, 2, 1):
        balance(world, FRIDAY, ore)
    row = reconciled(world, FRIDAY)
    assert row.bank_ore == 1
