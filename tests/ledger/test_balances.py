"""What a case owes, read back from its transfers."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from saas.ledger.balances import CaseBalance, balances, merged
from saas.ledger.models import (
    CLAIMS_HELD,
    COLLECTION_FEE,
    INTEREST,
    NOTICE_FEE,
    PRINCIPAL,
    RECEIVABLE,
    UNPLACED,
)
from saas.ledger.post import Entry, Leg
from saas.rules.money import Ore
from tests.ledger.books import CREDITOR, DAY, booked, charge, claim, pays

CASE, OTHER, OLD, NEW = (UUID(int=n) for n in (1, 2, 11, 12))
MARCH, APRIL = date(2026, 3, 20), date(2026, 4, 20)


def balance(agency, *entries, on=None):
    with booked(agency, *entries) as tenant:
        return balances(tenant.session, [CASE], on)[CASE]


def test_a_case_with_nothing_booked_owes_nothing(agency):
    assert balance(agency) == CaseBalance.empty()
    assert balance(agency).left_ore == 0


def test_principal_is_kept_apart_by_claim_and_the_rest_by_component(agency):
    found = balance(
        agency,
        claim(CASE, 100_000, OLD),
        claim(CASE, 50_000, NEW),
        charge(CASE, NOTICE_FEE, 3_800),
        charge(CASE, COLLECTION_FEE, 56_200),
        charge(CASE, INTEREST, 700, claim_id=OLD, kind="interest_booked"),
        claim(OTHER, 999, uuid4()),
    )
    assert found.principal_left == {OLD: 100_000, NEW: 50_000}
    assert found.principal_moves == {}
    assert (found.notice_fee_charged_ore, found.notice_fee_left_ore) == (3_800, 3_800)
    assert (found.collection_fee_charged_ore, found.collection_fee_left_ore) == (56_200, 56_200)
    assert (found.booked_interest_ore, found.interest_left_ore) == (700, 700)
    assert (found.interest_booked, found.interest_left) == ({OLD: 700}, {OLD: 700})
    assert (found.paid_ore, found.payments, found.left_ore) == (0, (), 210_700)


def test_payments_reduce_what_is_left_and_not_what_was_charged(agency):
    found = balance(
        agency,
        claim(CASE, 100_000, OLD),
        charge(CASE, NOTICE_FEE, 3_800),
        pays(CASE, PRINCIPAL, 30_000, APRIL, OLD),
        pays(CASE, NOTICE_FEE, 3_800, MARCH),
        pays(CASE, PRINCIPAL, 20_000, MARCH, OLD),
    )
    assert found.principal_left == {OLD: 50_000}
    assert found.principal_moves == {OLD: ((MARCH, 20_000), (APRIL, 30_000))}
    assert (found.notice_fee_charged_ore, found.notice_fee_left_ore) == (3_800, 0)
    assert found.payments == ((MARCH, 23_800), (APRIL, 30_000))
    assert found.paid_ore == 53_800


def test_the_balance_on_a_day_counts_value_dates_up_to_and_including_it(agency):
    with booked(agency, claim(CASE, 100_000, OLD), pays(CASE, PRINCIPAL, 30_000, MARCH, OLD)) as tenant:
        left = [
            balances(tenant.session, [CASE], on)[CASE].principal_left.get(OLD, 0)
            for on in (date(2026, 3, 1), DAY, date(2026, 3, 19), MARCH)
        ]
    assert left == [0, 100_000, 100_000, 70_000]


def test_a_fee_taken_back_was_never_charged(agency):
    fee = charge(CASE, NOTICE_FEE, 3_800)
    back = Entry("withdrawn:1", "fee_withdrawn", CREDITOR, CASE, (fee.legs[0].opposite(),), MARCH, fee.entry_id, "hold")
    found = balance(agency, fee, back)
    assert (found.notice_fee_charged_ore, found.notice_fee_left_ore) == (0, 0)


def test_a_remainder_written_off_was_charged_and_is_gone(agency):
    legs = (
        Leg(CLAIMS_HELD, RECEIVABLE, PRINCIPAL, Ore(100), OLD),
        Leg(CLAIMS_HELD, RECEIVABLE, NOTICE_FEE, Ore(3_800)),
        Leg(CLAIMS_HELD, RECEIVABLE, INTEREST, Ore(7), OLD),
    )
    found = balance(
        agency,
        claim(CASE, 100, OLD),
        charge(CASE, NOTICE_FEE, 3_800),
        charge(CASE, INTEREST, 7, claim_id=OLD),
        Entry("written_off:1", "written_off", CREDITOR, CASE, legs, MARCH),
    )
    assert (found.left_ore, found.paid_ore, found.payments) == (0, 0, ())
    assert (found.notice_fee_charged_ore, found.booked_interest_ore) == (3_800, 7)
    assert found.principal_moves == {OLD: ((MARCH, 100),)}, "interest stops on what is given up"


def test_a_payment_taken_back_leaves_no_trace_in_the_moves(agency):
    paid = pays(CASE, PRINCIPAL, 30_000, MARCH, OLD)
    legs = tuple(leg.opposite() for leg in paid.legs)
    back = Entry("undone:1", "payment_placed", CREDITOR, CASE, legs, MARCH, paid.entry_id)
    found = balance(agency, claim(CASE, 100_000, OLD), paid, back)
    assert (found.principal_left, found.principal_moves) == ({OLD: 100_000}, {})
    assert (found.paid_ore, found.payments) == (0, ())


def test_a_claim_reduced_by_its_creditor_bears_interest_on_less_from_that_day(agency):
    less = (Leg(CLAIMS_HELD, RECEIVABLE, PRINCIPAL, Ore(25_000), OLD),)
    found = balance(
        agency, claim(CASE, 100_000, OLD), Entry("credited:1", "claim_reduced", CREDITOR, CASE, less, MARCH)
    )
    assert found.principal_moves == {OLD: ((MARCH, 25_000),)}
    assert (found.principal_left, found.paid_ore) == ({OLD: 75_000}, 0)


def test_a_claim_booked_on_one_case_and_paid_on_another_is_one_when_they_are_joined(agency):
    entries = (
        claim(OTHER, 100_000, OLD),
        charge(OTHER, NOTICE_FEE, 3_800),
        claim(CASE, 50_000, NEW),
        pays(CASE, PRINCIPAL, 40_000, MARCH, OLD),
        pays(CASE, NOTICE_FEE, 3_800, MARCH),
        pays(OTHER, PRINCIPAL, 10_000, DAY, OLD),
    )
    with booked(agency, *entries) as tenant:
        found = merged(balances(tenant.session, [CASE, OTHER]).values())
    assert found.principal_left == {OLD: 50_000, NEW: 50_000}
    assert found.principal_moves == {OLD: ((DAY, 10_000), (MARCH, 40_000))}
    assert (found.notice_fee_charged_ore, found.notice_fee_left_ore) == (3_800, 0)
    assert found.payments == ((DAY, 10_000), (MARCH, 43_800))


@pytest.mark.parametrize("cases", [3, 2_000])
def test_any_number_of_cases_is_read_in_one_query(agency, cases):
    ids = [uuid4() for _ in range(cases)]
    entries = [claim(case_id, 1_000 + n, case_id) for n, case_id in enumerate(ids)]
    with booked(agency, *entries, *(charge(case_id, NOTICE_FEE, 3_800) for case_id in ids)) as tenant:
        statements = []
        connection = tenant.session.connection().connection.driver_connection
        execute = connection.execute
        connection.execute = lambda *given, **more: statements.append(given[0]) or execute(*given, **more)
        found = balances(tenant.session, ids)
        del connection.execute
    assert len(statements) == 1
    assert [found[case_id].left_ore for case_id in ids] == [4_800 + n for n in range(cases)]


def test_money_not_yet_placed_is_nobodys_payment(agency):
    unplaced = Leg("client_bank", UNPLACED, "money", Ore(5_000))
    found = balance(agency, Entry("payment:1", "payment_received", UUID(int=0), None, (unplaced,), DAY))
    assert found == CaseBalance.empty()
