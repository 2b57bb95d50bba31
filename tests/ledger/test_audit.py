"""The auditor finds each thing that can be wrong with a book, and nothing when nothing is."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from saas.hooks import ProviderPayoutTold
from saas.ledger import audit as auditor
from saas.ledger.audit import audit, check_and_note, last_checks
from saas.ledger.invariants import INVARIANTS
from saas.ledger.models import (
    AT_CREDITOR,
    CLAIMS_HELD,
    CLIENT_BANK,
    COLLECTION_FEE,
    EARNED,
    IN_TRANSIT,
    MONEY,
    NOTICE_FEE,
    OWED_CREDITOR,
    OWED_DEBTOR,
    PRINCIPAL,
    RECEIVABLE,
    UNPLACED,
)
from saas.ledger.post import Entry, Leg, post
from saas.ledger.sums import rebuild_sums, top_up_due
from saas.payments.back_dated import take_back_all
from saas.payments.models import Payment, Payout, ProviderPayout, Repayment
from saas.payments.provider_payouts import book_payout
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
        ("no_more_repaid_than_overpaid", [(OWED_DEBTOR, CLIENT_BANK, MONEY, 100)]),
        ("receivables_belong_to_a_case", [(RECEIVABLE, CLAIMS_HELD, MONEY, 100)]),
        ("client_account_is_somebodys", [(IN_TRANSIT, CLAIMS_HELD, MONEY, 100)]),
        ("money_at_the_creditor_passes_through", [(AT_CREDITOR, UNPLACED, MONEY, 100)]),
        (
            "money_at_the_creditor_passes_through",
            [(AT_CREDITOR, UNPLACED, MONEY, 100), (CLIENT_BANK, AT_CREDITOR, MONEY, 100)],
        ),
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
        assert {finding.rule for finding in audit(tenant)} == {"entries_are_whole", "sums_are_the_transfers"}


def test_a_claim_booked_with_another_amount_is_found(agency):
    world = World(agency)
    (claim,) = world.claims(world.case(amount="100,00"))
    with open_tenant(agency) as tenant:
        tenant.session.execute(sa.text("update claim set principal_ore = 9999 where id = :c"), {"c": claim.id})
        assert [str(finding) for finding in audit(tenant)] == [
            f"claims_are_booked_once: Krav {claim.id} er på 99,99 kr og bokført med 100,00 kr."
        ]


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("payments_are_booked_once", "amount_ore = 49999"),
        ("placed_means_all_of_it", "state = 'new'"),
        ("placed_means_all_of_it", "state = 'unmatched'"),
        ("placed_means_all_of_it", "state = 'reversed'"),
        ("bank_files_are_booked", "file_id = null"),
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


def test_a_correction_on_another_case_than_what_it_corrects_is_found(agency):
    fee = charge(CASE, NOTICE_FEE, 100)
    other = UUID(int=2)
    wrong = entry((CLAIMS_HELD, RECEIVABLE, NOTICE_FEE, 100), case_id=other, corrects=fee.entry_id)
    assert found(agency, fee, charge(other, NOTICE_FEE, 100), wrong) == {"corrections_answer_something"}


def test_a_correction_that_moves_what_was_never_there_is_found(agency):
    fee = charge(CASE, NOTICE_FEE, 100)
    wrong = entry((CLAIMS_HELD, RECEIVABLE, COLLECTION_FEE, 100), corrects=fee.entry_id)
    assert found(agency, fee, charge(CASE, COLLECTION_FEE, 100), wrong) == {"corrections_answer_something"}


def test_a_partly_taken_back_correction_counts_for_what_stands_of_it(agency):
    fee = charge(CASE, NOTICE_FEE, 100)
    back = entry((CLAIMS_HELD, RECEIVABLE, NOTICE_FEE, 100), corrects=fee.entry_id)
    undone = entry((RECEIVABLE, CLAIMS_HELD, NOTICE_FEE, 40), corrects=back.entry_id)
    again = entry((CLAIMS_HELD, RECEIVABLE, NOTICE_FEE, 40), corrects=fee.entry_id)
    assert found(agency, fee, back, undone, again) == set()
    more = entry((CLAIMS_HELD, RECEIVABLE, NOTICE_FEE, 1), corrects=fee.entry_id)
    assert found(agency, charge(CASE, NOTICE_FEE, 1), more) == {"corrections_answer_something"}


@pytest.mark.parametrize(
    ("reason", "wrong"),
    [("remainder_within_limit:100", False), ("remainder_within_limit:99", True), ("remainder_within_limit", True),
     ("remainder_within_limit:10001", True), ("", True)],
)  # fmt: skip
def test_what_is_written_off_beyond_the_limit_it_names_is_found(agency, reason, wrong):
    off = entry((CLAIMS_HELD, RECEIVABLE, NOTICE_FEE, 100), kind="written_off", reason=reason)
    assert found(agency, charge(CASE, NOTICE_FEE, 100), off) == ({"written_off_within_policy"} if wrong else set())


def test_own_money_below_zero_is_a_top_up_and_no_finding(agency):
    world = World(agency)
    world.take_in(SimPayment("", 1_000, DAY))
    world.place()
    with booked(agency, entry((EARNED, IN_TRANSIT, MONEY, 30), case_id=None)) as tenant:
        assert {finding.rule for finding in audit(tenant)} == set()
        assert top_up_due(tenant.session, DAY) == 30
        assert top_up_due(tenant.session, DAY - timedelta(days=1)) == 0


def test_a_payment_straight_to_the_creditor_holds_when_it_leaves_the_book_at_once(agency):
    world = World(agency)
    case = world.case(amount="100,00")
    (claim,) = world.claims(case)
    with open_tenant(agency) as tenant:
        paid = Payment(
            tenant_id=agency, id=uuid4(), provider="creditor", key="x", account="", kid="", amount_ore=10_000,
            value_on=DAY, text="", debit_account="", state="placed", case_id=case.id,
        )  # fmt: skip
        tenant.session.add(paid)
        tenant.session.flush()
        legs = (
            Leg(AT_CREDITOR, UNPLACED, MONEY, Ore(10_000)),
            Leg(UNPLACED, RECEIVABLE, PRINCIPAL, Ore(10_000), claim.id),
            Leg(CLAIMS_HELD, OWED_CREDITOR, PRINCIPAL, Ore(10_000), claim.id),
            Leg(OWED_CREDITOR, AT_CREDITOR, PRINCIPAL, Ore(10_000)),
        )
        direct = Entry(f"direct:{paid.id}", "payment_placed", case.creditor_id, case.id, legs, DAY)
        post(tenant.session, [direct], at(DAY))
        assert audit(tenant) == []


def test_a_payment_that_went_back_holds_when_all_of_it_was_taken_back(agency):
    world = World(agency)
    case = world.case(amount="100,00")
    world.pay(case, 4_000, DAY)
    (payment,) = world.payments()
    with open_tenant(agency) as tenant:
        take_back_all(tenant, {case.id: case.id}, "bounced", at(DAY))
        out = replace(entry((UNPLACED, CLIENT_BANK, MONEY, 4_000), case_id=None), source=f"reversed:{payment.id}:1")
        post(tenant.session, [out], at(DAY))
        assert "placed_means_all_of_it" in {finding.rule for finding in audit(tenant)}
        tenant.session.execute(sa.text("update payment set state = 'reversed'"))
        assert audit(tenant) == []


@pytest.mark.parametrize("statement", ["delete from ledger_sum where account = 'receivable' and period = 'month'",
                                       "update ledger_sum set ore = ore + 1 where period = 'day'",
                                       "update ledger_sum set account = 'earned'"])  # fmt: skip
def test_sums_that_are_not_the_transfers_are_found_and_made_anew(agency, statement):
    with booked(agency, charge(CASE, NOTICE_FEE, 100)) as tenant:
        tenant.session.execute(sa.text(statement))
        assert {finding.rule for finding in audit(tenant)} == {"sums_are_the_transfers"}
        rebuild_sums(tenant)
        assert audit(tenant) == []


def test_a_repayment_counts_as_paid_when_the_bank_said_so_and_the_book_has_it(agency):
    world = World(agency)
    case = world.case(amount="100,00")
    world.pay(case, 15_000, DAY)
    ore = world.totals().owed_to_debtors_ore
    with open_tenant(agency) as tenant:
        due = Repayment(
            tenant_id=agency, id=uuid4(), creditor_id=case.creditor_id, case_id=case.id, amount_ore=ore,
            account="12345678903", state="paid", reason="overpaid", made_on=DAY,
        )  # fmt: skip
        tenant.session.add(due)
        tenant.session.flush()
        assert {finding.rule for finding in audit(tenant)} == {"repayments_are_booked"}
        out = entry((OWED_DEBTOR, CLIENT_BANK, MONEY, ore), case_id=case.id)
        post(tenant.session, [replace(out, source=f"repayment:{due.id}", creditor_id=case.creditor_id)], at(DAY))
        assert audit(tenant) == []


def test_a_providers_payout_is_booked_with_what_it_took(agency):
    with open_tenant(agency) as tenant:
        told = ProviderPayoutTold("po_1", Ore(1_000), Ore(20), DAY, complete=True)
        book_payout(tenant, "stripe", told, on=DAY, now=at(DAY), actor="worker")
        assert audit(tenant) == []
        tenant.session.flush()
        tenant.session.add(ProviderPayout(tenant_id=agency, provider="vipps", reference="po_2", gross_ore=1, fee_ore=0,
                                          arrived_on=DAY, booked_at=at(DAY)))  # fmt: skip
        tenant.session.flush()
        assert {finding.rule for finding in audit(tenant)} == {"provider_payouts_are_booked"}


def test_every_check_is_kept_with_its_number_and_the_first_breaches(agency):
    wrong = [charge(CASE, NOTICE_FEE, 1), *(replace(charge(CASE, NOTICE_FEE, 1), case_id=None) for _ in range(25))]
    with booked(agency, *wrong) as tenant:
        check_and_note(tenant, at(DAY))
        tenant.session.flush()
        kept = last_checks(tenant)
    assert set(kept) == {invariant.name for invariant in INVARIANTS}
    assert (kept["receivables_belong_to_a_case"].findings, len(kept["receivables_belong_to_a_case"].examples)) == (
        25,
        20,
    )
    assert kept["claims_mirror_receivables"].findings == 0
    assert kept["claims_mirror_receivables"].checked_at == at(DAY)


def test_an_agency_fee_is_a_finding_for_who_has_no_licence(power, agency):
    fee = charge(CASE, COLLECTION_FEE, 100)
    assert found(power, fee) == {"own_collection_costs_no_agency_fee"}
    assert found(agency, fee) == set()


def test_a_finding_says_which_rule_in_which_words(agency):
    with booked(agency, entry((CLIENT_BANK, CLAIMS_HELD, MONEY, 100))) as tenant:
        told = [str(finding) for finding in audit(tenant)]
    assert "client_account_is_somebodys: På klientkontoen og på vei er 1,00 kr. Av dem er 0,00 kr noens." in told


def test_the_auditor_shares_no_code_with_what_it_audits():
    names = set(vars(auditor))
    assert not names & {"post", "balances", "Entry", "Leg", "book_of", "add_sums", "account_balances"}


def test_another_tenants_breach_is_not_ours(agency, power):
    assert found(power, entry((CLIENT_BANK, CLAIMS_HELD, MONEY, 100)))
    assert found(agency) == set()


def test_posting_nothing_is_nothing(agency):
    with open_tenant(agency) as tenant:
        post(tenant.session, [], at(DAY))
        assert audit(tenant) == []
