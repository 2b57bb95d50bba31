"""Balances as of a day come from sums; whatever is booked, merged or made anew, they are the transfers added up."""

import threading
from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.kernel.bulk import SET_WISE_ABOVE
from saas.kernel.ids import NIL
from saas.ledger.audit import audit
from saas.ledger.models import (
    ACCOUNTS,
    CLAIMS_HELD,
    CLIENT_BANK,
    COMPONENTS,
    EARNED,
    EVERYBODY,
    MONEY,
    NOTICE_FEE,
    RECEIVABLE,
    UNPLACED,
)
from saas.ledger.post import Entry, Leg, post
from saas.ledger.sums import account_balances, account_by_day, merge_sums, of_accounts, rebuild_sums
from saas.rules.money import Ore
from tenants.resolve import Tenant, open_tenant
from tests.builders import at, creditor_of
from tests.ledger.books import CREDITOR, DAY, booked, charge, money_in

CASE = UUID(int=1)
OTHER = UUID(int=8)
DAYS = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), DAY]


def added_up(tenant: Tenant, on: date, creditor_id: UUID | None = None) -> dict[tuple[str, str], int]:
    """The balances from the transfers, row by row."""
    found: dict[tuple[str, str], int] = {}
    for t in tenant.session.execute(sa.text("select * from transfer")):
        if t.value_on <= on and creditor_id in (None, t.creditor_id):
            for account, ore in ((t.debit, t.amount_ore), (t.credit, -t.amount_ore)):
                found[account, t.component] = found.get((account, t.component), 0) + ore
    return {key: ore for key, ore in found.items() if ore}


def rows(tenant: Tenant) -> int:
    return tenant.session.scalar(sa.text("select count(*) from ledger_sum"))


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(DAYS),
        st.sampled_from([NIL, CREDITOR, OTHER]),
        st.lists(st.sampled_from(ACCOUNTS), min_size=2, max_size=2, unique=True),
        st.sampled_from(COMPONENTS),
        st.integers(1, 10**9),
    ),
    min_size=1,
    max_size=2 * SET_WISE_ABOVE,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lots=st.lists(ENTRIES, max_size=3))
def test_whatever_is_booked_a_balance_is_the_transfers_added_up(agency, lots):
    with open_tenant(agency) as tenant:
        nested = tenant.session.begin_nested()
        for lot in lots:
            entries = [
                Entry(f"test:{uuid4()}", "test", creditor, CASE, (Leg(*pair, component, Ore(ore)),), on)
                for on, creditor, pair, component, ore in lot
            ]
            post(tenant.session, entries, at(DAY))
        for _ in range(2):
            for on in DAYS:
                for creditor in (None, NIL, CREDITOR, OTHER):
                    assert account_balances(tenant.session, on, creditor) == added_up(tenant, on, creditor)
            for account in (CLIENT_BANK, EARNED):
                by_day = {on: of_accounts(account_balances(tenant.session, on)).get(account, 0) for on in DAYS}
                assert account_by_day(tenant.session, account, DAYS) == by_day
            merge_sums(tenant)
        nested.rollback()


def test_a_balance_counts_value_dates_up_to_the_day_and_no_further(agency):
    entries = [charge(CASE, NOTICE_FEE, 10**n, on=day) for n, day in enumerate(DAYS)]
    with booked(agency, *entries) as tenant:
        told = [account_balances(tenant.session, day)[RECEIVABLE, NOTICE_FEE] for day in DAYS]
        assert told == [1, 11, 111, 1_111, 11_111, 111_111]
        assert account_balances(tenant.session, date(2025, 12, 30)) == {}
        assert account_balances(tenant.session, date(2026, 2, 15))[CLAIMS_HELD, NOTICE_FEE] == -1_111


def test_accounts_are_their_components_together(agency):
    with booked(agency, charge(CASE, NOTICE_FEE, 1), charge(CASE, "collection_fee", 2), money_in(5)) as tenant:
        told = of_accounts(account_balances(tenant.session, DAY))
    assert told == {RECEIVABLE: 3, CLAIMS_HELD: -3, CLIENT_BANK: 5, UNPLACED: -5}


def test_what_is_known_already_adds_nothing(agency):
    entry = charge(CASE, NOTICE_FEE, 100)
    for _ in range(2):
        with booked(agency, entry) as tenant:
            assert account_balances(tenant.session, DAY) == added_up(tenant, DAY)


def test_what_fails_leaves_no_sum_behind(agency):
    with pytest.raises(ZeroDivisionError), booked(agency, charge(CASE, NOTICE_FEE, 100)):
        raise ZeroDivisionError
    with open_tenant(agency) as tenant:
        assert rows(tenant) == 0


def test_a_lot_of_many_transfers_is_few_sums(agency):
    with booked(agency, *(charge(CASE, NOTICE_FEE, n + 1) for n in range(500))) as tenant:
        assert rows(tenant) == 8  # two accounts, a day and a month, the creditor and everybody


def test_merging_makes_one_row_of_several_and_changes_no_balance(agency):
    for _ in range(5):
        with booked(agency, charge(CASE, NOTICE_FEE, 7)) as tenant:
            assert rows(tenant) <= 40
    with open_tenant(agency) as tenant:
        assert merge_sums(tenant) == 32
        assert merge_sums(tenant) == 0
        assert rows(tenant) == 8
        assert account_balances(tenant.session, DAY) == {(RECEIVABLE, NOTICE_FEE): 35, (CLAIMS_HELD, NOTICE_FEE): -35}


def test_what_comes_to_nothing_is_merged_away(agency):
    fee = charge(CASE, NOTICE_FEE, 7)
    with booked(agency, fee):
        pass
    back = Entry("back", "test", CREDITOR, CASE, (fee.legs[0].opposite(),), DAY, corrects=fee.entry_id)
    with booked(agency, back) as tenant:
        merge_sums(tenant)
        assert rows(tenant) == 0


def test_posting_merging_and_rebuilding_at_once_loses_and_doubles_nothing(agency):
    stop, failed = threading.Event(), []

    def until_stopped(work):
        try:
            while not stop.is_set():
                with open_tenant(agency) as tenant:
                    work(tenant)
        except Exception as error:
            failed.append(error)

    others = [threading.Thread(target=until_stopped, args=(work,)) for work in (merge_sums, rebuild_sums, merge_sums)]

    def book():
        for n in range(40):
            with booked(agency, charge(CASE, NOTICE_FEE, n + 1, on=DAYS[n % 6])):
                pass

    posters = [threading.Thread(target=book) for _ in range(2)]
    for thread in (*others, *posters):
        thread.start()
    for thread in posters:
        thread.join()
    stop.set()
    for thread in others:
        thread.join()
    assert failed == []
    with open_tenant(agency) as tenant:
        assert account_balances(tenant.session, DAY)[RECEIVABLE, NOTICE_FEE] == 2 * sum(range(1, 41))
        assert [f.rule for f in audit(tenant)] == []


def test_a_creditors_session_sees_the_sums_of_that_creditor_alone(agency):
    mine, other = creditor_of(agency, "nordlys-kraft"), creditor_of(agency, "bygda-bredband")
    leg = (Leg(EARNED, CLIENT_BANK, MONEY, Ore(5)),)
    with booked(agency, Entry("a", "t", mine, None, leg, DAY), Entry("b", "t", other, None, leg, DAY)) as tenant:
        assert account_balances(tenant.session, DAY)[EARNED, MONEY] == 10
    with open_tenant(agency, mine) as tenant:
        assert account_balances(tenant.session, DAY)[EARNED, MONEY] == 5
        assert account_balances(tenant.session, DAY, other) == account_balances(tenant.session, DAY, EVERYBODY) == {}
