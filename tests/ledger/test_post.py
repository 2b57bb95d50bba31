"""What goes into the book goes in whole, once, and for good."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from saas.kernel.bulk import SET_WISE_ABOVE
from saas.kernel.ids import NIL
from saas.ledger.models import CLAIMS_HELD, MONEY, NOTICE_FEE, RECEIVABLE
from saas.ledger.post import Entry, Leg, WrongEntry, post
from saas.rules.facts import CostKind
from saas.rules.money import Ore
from tenants.resolve import open_tenant
from tests.builders import at
from tests.ledger.books import CREDITOR, DAY, booked, charge, rows

CASE = UUID(int=1)


@pytest.mark.parametrize(
    "leg",
    [
        (RECEIVABLE, CLAIMS_HELD, NOTICE_FEE, 0),
        (RECEIVABLE, CLAIMS_HELD, NOTICE_FEE, -1),
        (RECEIVABLE, CLAIMS_HELD, NOTICE_FEE, 38.0),
        (RECEIVABLE, CLAIMS_HELD, NOTICE_FEE, True),
        (RECEIVABLE, RECEIVABLE, NOTICE_FEE, 1),
        (RECEIVABLE, "petty_cash", NOTICE_FEE, 1),
        ("petty_cash", CLAIMS_HELD, NOTICE_FEE, 1),
        (RECEIVABLE, CLAIMS_HELD, "tip", 1),
    ],
    ids=str,
)
def test_what_is_no_transfer_is_refused_when_it_is_built(leg):
    with pytest.raises(WrongEntry):
        Leg(*leg)


def test_an_entry_without_transfers_is_refused():
    with pytest.raises(WrongEntry):
        Entry("claim:1", "claim_registered", CREDITOR, CASE, (), DAY)


def test_an_entry_is_booked_leg_by_leg(agency):
    entry = replace(charge(CASE, CostKind.NOTICE_FEE, 3_800), reason="reminder")
    with booked(agency, entry) as tenant:
        (row,) = rows(tenant)
    assert (row.tenant_id, row.entry_id, row.source, row.leg) == (agency, entry.entry_id, entry.source, 0)
    assert (row.debit, row.credit, row.component, row.amount_ore) == (RECEIVABLE, CLAIMS_HELD, NOTICE_FEE, 3_800)
    assert (row.creditor_id, row.case_id, row.claim_id, row.corrects) == (CREDITOR, CASE, None, None)
    assert (row.kind, row.value_on, row.reason, row.booked_at) == ("fee_charged", DAY, "reminder", at(DAY))


@pytest.mark.parametrize("more", [0, SET_WISE_ABOVE], ids=["few", "many"])
def test_posting_the_same_source_again_books_nothing(agency, more):
    entries = [charge(CASE, NOTICE_FEE, 3_800) for _ in range(more + 1)]
    with booked(agency, *entries):
        pass
    longer = replace(entries[0], legs=entries[0].legs * 2, entry_id=uuid4())
    with booked(agency, longer, *entries[1:]) as tenant:
        assert {row.entry_id for row in rows(tenant)} == {entry.entry_id for entry in entries}
        assert len(rows(tenant)) == len(entries)


def test_many_entries_come_out_as_few_do(agency, power):
    entries = [
        charge(UUID(int=n), NOTICE_FEE, n, claim_id=uuid4() if n % 2 else None) for n in range(1, SET_WISE_ABOVE + 5)
    ]
    with booked(agency, *entries) as tenant:
        at_once = [row[2:] for row in rows(tenant)]
    for entry in entries:
        with booked(power, entry):
            pass
    with open_tenant(power) as tenant:
        assert [row[2:] for row in rows(tenant)] == at_once


def test_two_entries_of_one_source_at_once_are_our_own_mistake(agency):
    entry = charge(CASE, NOTICE_FEE, 3_800)
    with open_tenant(agency) as tenant, pytest.raises(WrongEntry, match="same source"):
        post(tenant.session, [entry, replace(entry, entry_id=uuid4())], at(DAY))


def test_two_tenants_may_have_the_same_source_and_never_see_each_other(agency, power):
    entry = charge(CASE, NOTICE_FEE, 3_800)
    with booked(agency, entry) as tenant:
        assert len(rows(tenant)) == 1
    with booked(power, entry) as tenant:
        assert len(rows(tenant)) == 1


def test_an_entry_is_not_in_the_book_when_its_transaction_fails(agency):
    with pytest.raises(ZeroDivisionError), booked(agency, charge(CASE, NOTICE_FEE, 3_800)):
        raise ZeroDivisionError
    with open_tenant(agency) as tenant:
        assert rows(tenant) == []


@pytest.mark.parametrize("statement", ["update transfer set amount_ore = 1", "delete from transfer"])
def test_what_is_booked_can_be_neither_changed_nor_removed(agency, statement):
    with booked(agency, charge(CASE, NOTICE_FEE, 3_800)):
        pass
    with pytest.raises(DBAPIError, match="permission denied"), open_tenant(agency) as tenant:
        tenant.session.execute(sa.text(statement))


@pytest.mark.parametrize(
    "change",
    ["0, 'receivable', 'claims_held', 'notice_fee'", "1, 'receivable', 'receivable', 'notice_fee'",
     "1, 'petty_cash', 'claims_held', 'notice_fee'", "1, 'receivable', 'claims_held', 'tip'"],
)  # fmt: skip
def test_the_table_itself_refuses_what_is_no_transfer(agency, change):
    with pytest.raises(DBAPIError, match="check constraint"), open_tenant(agency) as tenant:
        tenant.session.execute(
            sa.text(
                "insert into transfer (tenant_id, id, entry_id, source, leg, kind, creditor_id, value_on, booked_at,"
                " reason, amount_ore, debit, credit, component) values"
                f" (:t, :id, :id, 'x', 0, 'x', :id, '2026-03-02', now(), '', {change})"
            ),
            {"t": agency, "id": NIL},
        )


def test_the_opposite_of_a_leg_takes_it_back():
    leg = Leg(RECEIVABLE, CLAIMS_HELD, MONEY, Ore(5), CASE)
    assert leg.opposite() == Leg(CLAIMS_HELD, RECEIVABLE, MONEY, Ore(5), CASE)
    assert leg.opposite().opposite() == leg
