"""The auditor finds each thing that can be wrong with a book, and nothing when nothing is."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from saas.ledger import audit as auditor
from saas.ledger.audit import audit
from saas.ledger.models import (
    CLAIMS_HELD,
    CLIENT_BANK,
    COLLECTION_FEE,
    EARNED,
    MONEY,
    NOTICE_FEE,
    OWED_CREDITOR,
    OWED_DEBTOR,
    PRINCIPAL,
    RECEIVABLE,
    UNPLACED,
)
from saas.ledger.post import Entry, Leg, post
from saas.payments.models import Payout
from saas.rules.money import Ore
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.builders import at
from tests.ledger.books import CREDITOR, DAY, booked, charge
from tests.payments.world import World

CASE = UUID(int=1)


def entry(*legs, kind="test", case_id=CASE, **more):
    return Entry(f"test:{uuid4()}", kind, CREDITOR, case_id, tuple(Leg(*leg) for leg in legs), DAY, **more)


def found(tenant_id, *entries):
    with booked(tenant_id, *entries) as tenant:
        return {finding.rule for finding in audit(tenant)}


def test_a_book_with_everything_in_it_has_no_findings(agency):
    world = World(agency)
    case = world.case(amount="5 000,00", due_on="2026-02-01")
    world.letter(case, "reminder", NOTICE_FEE, 3_800, date(2026, 3, 2), date(2026, 3, 3))
    world.pay(case, 300_000, date(2026, 4, 1))
    world.pay(case, 300_000, date(2026, 5, 1))
    world.pay(case, 1_000, date(2026, 3, 15), on=date(2026, 5, 2))
    world.take_in(SimPayment("", 500, DAY), SimPayment(case.kid, -200, DAY), on=date(2026, 5, 2))
    world.place(date(2026, 5, 2))
    world.check()
    assert world.totals().unplaced_ore == 300


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("claims_mirror_receivables", [(RECEIVABLE, OWED_CREDITOR, PRINCIPAL, 100)]),
        ("nobody_owes_less_than_nothing", [(CLAIMS_HELD, RECEIVABLE, NOTICE_FEE, 100)]),
        ("client_account_is_somebodys", [(CLIENT_BANK, CLAIMS_HELD, MONEY, 100)]),
        ("unplaced_waits_for_a_person", [(CLIENT_BANK, UNPLACED, MONEY, 100)]),
        ("no_creditor_is_overpaid", [(OWED_CREDITOR, CLIENT_BANK, MONEY, 100)]),
        ("no_more_drawn_than_earned", [(EARNED, CLIENT_BANK, MONEY, 100)]),
        ("no_more_drawn_than_earned", [(OWED_DEBTOR, CLIENT_BANK, MONEY, 100)]),
        ("receivables_belong_to_a_case", [(RECEIVABLE, CLAIMS_HELD, MONEY, 100)]),
    ],
)
def test_a_wrong_transfer_is_found(agency, rule, wrong):
    assert rule in found(agency, entry(*wrong))


def test_one_claim_below_zero_is_not_hidden_by_another_on_the_case(agency):
    old, new = uuid4(), uuid4()
    wrong = [
        charge(CASE, PRINCIPAL, 1_000, claim_id=old),
        entry((CLAIMS_HELD, RECEIVABLE, PRINCIPAL, Ore(400), new)),
    ]
    assert found(agency, *wrong) == {"nobody_owes_less_than_nothing"}


def test_a_receivable_of_no_case_is_found(agency):
    assert "receivables_belong_to_a_case" in found(agency, replace(charge(CASE, NOTICE_FEE, 1), case_id=None))


@pytest.mark.parametrize(
    "second",
    ["'a', 1, '2026-03-02', :other", "'b', 1, '2026-03-02', :entry", "'a', 1, '2026-03-03', :entry",
     "'a', 2, '2026-03-02', :entry"],
    ids=["two entries of one source", "two sources of one entry", "two value dates", "a transfer is missing"],
)  # fmt: skip
def test_an_entry_torn_apart_is_found(agency, second):
    with open_tenant(agency) as tenant:
        for given in ("'a', 0, '2026-03-02', :entry", second):
            tenant.session.execute(
                sa.text(
                    "insert into transfer (tenant_id, id, kind, creditor_id, case_id, booked_at, reason, amount_ore,"
                    " debit, credit, component, source, leg, value_on, entry_id) values"
                    " (:t, gen_random_uuid(), 'x', :e, :e, now(), '', 1, 'receivable', 'claims_held', 'notice_fee',"
                    f" {given})"
                ),
                {"t": agency, "e": CASE, "entry": CASE, "other": CREDITOR},
            )
        assert {finding.rule for finding in audit(tenant)} == {"one_source_one_entry"}


def test_a_claim_booked_with_another_amount_is_found(agency):
    world = World(agency)
    (claim,) = world.claims(world.case(amount="100,00"))
    with open_tenant(agency) as tenant:
        tenant.session.execute(sa.text("update claim set principal_ore = 9999 where id = :c"), {"c": claim.id})
        assert [str(finding) for finding in audit(tenant)] == [
            f"claims_are_booked_once: claim {claim.id} is 9999 øre and booked with 10000"
        ]


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("payments_are_booked_once", "amount_ore = 49999"),
        ("payments_are_booked_once", "state = 'new'"),
        ("placed_means_all_of_it", "state = 'unmatched'"),
    ],
)
def test_a_payment_that_does_not_agree_with_the_book_is_found(agency, rule, change):
    world = World(agency)
    world.pay(world.case(amount="1 000,00"), 50_000, DAY)
    with open_tenant(agency) as tenant:
        tenant.session.execute(sa.text(f"update payment set {change}"))
        assert rule in {finding.rule for finding in audit(tenant)}


def test_a_payout_that_was_not_booked_is_found(agency):
    with open_tenant(agency) as tenant:
        tenant.session.add(
            Payout(
                tenant_id=agency, creditor_id=CREDITOR, payout_on=DAY, collected_ore=100, commission_ore=5, paid_ore=95,
                account="", order_path="", booked_at=at(DAY),
            )
        )  # fmt: skip
        tenant.session.flush()
        assert {finding.rule for finding in audit(tenant)} == {"payouts_are_booked_as_ordered"}


def test_a_correction_of_nothing_is_found(agency):
    fee = charge(CASE, NOTICE_FEE, 100)
    assert found(agency, replace(fee, corrects=uuid4())) == {"corrections_answer_something"}


def test_taking_back_more_than_there_was_is_found(agency):
    fee = charge(CASE, NOTICE_FEE, 100)
    twice = [entry((CLAIMS_HELD, RECEIVABLE, NOTICE_FEE, 60), corrects=fee.entry_id) for _ in range(2)]
    assert found(agency, fee, charge(CASE, NOTICE_FEE, 100), *twice) == {"corrections_answer_something"}


def test_a_correction_that_is_itself_taken_back_does_not_count(agency):
    fee = charge(CASE, NOTICE_FEE, 100)
    back = entry((CLAIMS_HELD, RECEIVABLE, NOTICE_FEE, 100), corrects=fee.entry_id)
    undone = entry((RECEIVABLE, CLAIMS_HELD, NOTICE_FEE, 100), corrects=back.entry_id)
    again = entry((CLAIMS_HELD, RECEIVABLE, NOTICE_FEE, 100), corrects=fee.entry_id)
    assert found(agency, fee, back, undone, again) == set()


def test_an_agency_fee_is_a_finding_for_who_has_no_licence(power, agency):
    fee = charge(CASE, COLLECTION_FEE, 100)
    assert found(power, fee) == {"own_collection_costs_no_agency_fee"}
    assert found(agency, fee) == set()


def test_a_finding_says_which_rule_in_which_words(agency):
    with booked(agency, entry((CLIENT_BANK, CLAIMS_HELD, MONEY, 100))) as tenant:
        told = [str(finding) for finding in audit(tenant)]
    assert "client_account_is_somebodys: the client account has 100 øre, of which 0 øre are accounted for" in told


def test_the_auditor_shares_no_code_with_what_it_audits():
    names = set(vars(auditor))
    assert not names & {"post", "balances", "Entry", "Leg", "book_of"}


def test_another_tenants_breach_is_not_ours(agency, power):
    assert found(power, entry((CLIENT_BANK, CLAIMS_HELD, MONEY, 100)))
    assert found(agency) == set()


def test_posting_nothing_is_nothing(agency):
    with open_tenant(agency) as tenant:
        post(tenant.session, [], at(DAY))
        assert audit(tenant) == []
