"""A payment goes to fees, then principal, then interest; what it covers is closed, and every øre is explained."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from saas.cases.lifecycle import close_case, get_case, place_hold
from saas.cases.models import Case
from saas.kernel.history import HistoryEvent, check_chain
from saas.ledger.models import COLLECTION_FEE, NOTICE_FEE
from saas.rules.facts import HoldReason
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.builders import a_claim, at
from tests.payments.world import DAY

JUNE = date(2026, 6, 15)


def w15(world):
    """Worked example W15: 4 000 due 2026-03-15, notice fee 38, agency fee 562."""
    case = world.case(amount="4 000,00", due_on="2026-03-15", invoiced_on="2026-03-01", on=date(2026, 3, 16))
    world.letter(case, "collection_notice", NOTICE_FEE, 3_800, date(2026, 3, 30), date(2026, 3, 31))
    world.letter(case, "payment_demand", COLLECTION_FEE, 56_200, date(2026, 5, 4), date(2026, 5, 4))
    return case


def test_a_part_payment_covers_fees_then_principal_then_interest(world):
    case = w15(world)
    world.pay(case, 150_000, JUNE)
    book = world.book(case)
    assert (book.collection_fee_left_ore, book.notice_fee_left_ore) == (0, 0)
    assert list(book.principal_left.values()) == [310_000]
    assert (book.booked_interest_ore, book.interest_left_ore) == (12_099, 12_099)
    assert (world.again(case).stage, world.again(case).next_action_on) == (case.stage, case.next_action_on)
    world.check()


def test_the_whole_debt_to_the_ore_covers_the_case_and_closes_it(world):
    case = w15(world)
    report = world.pay(case, 472_099, JUNE)
    assert (report.closed, world.book(case).left_ore) == (1, 0)
    after = world.again(case)
    assert (after.closed_because, after.closed_on, after.next_action_on) == ("paid", JUNE, None)
    totals = world.totals()
    assert (totals.owed_to_creditors_ore, totals.earned_not_drawn_ore) == (415_899, 56_200)
    assert (totals.owed_to_debtors_ore, totals.interest_ore) == (0, 12_099)
    world.check()


def test_one_ore_less_leaves_the_case_open_and_owing_one_ore(world):
    case = w15(world)
    assert world.pay(case, 472_098, JUNE).closed == 0
    assert world.book(case).left_ore == 1
    assert world.again(case).closed_on is None
    world.check()


def test_interest_runs_on_what_a_part_payment_left(world):
    """W15 A: 3 869.55 on 2026-08-01 with the heavy step of 600."""
    case = w15(world)
    world.heavy_fee(case, 60_000, date(2026, 6, 16))
    world.pay(case, 150_000, JUNE)
    world.pay(case, 386_955, date(2026, 8, 1))
    assert world.again(case).closed_because == "paid"
    assert world.totals().interest_ore == 12_099 + 4_856
    assert world.totals().owed_to_debtors_ore == 0
    world.check()


def test_the_settlement_of_w20_comes_out(world):
    case = world.case(amount="5 000,00", due_on="2026-06-15", invoiced_on="2026-06-01", on=date(2026, 6, 29))
    world.letter(case, "collection_notice", NOTICE_FEE, 3_800, date(2026, 6, 29), date(2026, 6, 29))
    world.letter(case, "payment_demand", COLLECTION_FEE, 56_200, date(2026, 7, 14), date(2026, 7, 14))
    world.pay(case, 567_832, date(2026, 8, 1), on=date(2026, 8, 3))
    totals = world.totals()
    assert (totals.interest_ore, totals.remaining_ore) == (7_832, 0)
    assert (totals.owed_to_creditors_ore, totals.earned_not_drawn_ore) == (511_632, 56_200)
    assert world.again(case).closed_because == "paid"
    world.check()


def test_the_oldest_claim_is_paid_first(world):
    same = {"debtor_name": "Ola Prøve", "address": "Torget 1"}
    case = world.case(
        a_claim(**same, amount="100,00", due_on="2026-02-20"), a_claim(**same, amount="200,00", due_on="2026-02-01")
    )
    old, new = world.claims(case)
    world.pay(case, 25_000, DAY)
    assert world.book(case).principal_left == {old.id: 0, new.id: 5_000}
    world.check()


def test_a_surplus_is_owed_to_the_debtor(world):
    case = world.case(amount="1 000,00", due_on="2026-03-02")
    world.pay(case, 100_300, DAY)
    totals = world.totals()
    assert (totals.owed_to_debtors_ore, totals.owed_to_creditors_ore, totals.paid_ore) == (300, 100_000, 100_000)
    assert world.told(case)[0]["overpaid_ore"] == 300
    world.check()


def test_a_payment_on_a_case_already_paid_goes_back_whole(world):
    case = world.case(amount="1 000,00", due_on="2026-03-02")
    world.pay(case, 100_000, DAY)
    closed = world.again(case)
    report = world.pay(case, 100_000, date(2026, 4, 1))
    assert (report.placed, report.closed) == (1, 0)
    assert (world.totals().owed_to_debtors_ore, world.totals().interest_ore) == (100_000, 0)
    assert world.again(case).closed_on == closed.closed_on
    world.check()


def test_money_for_a_case_closed_otherwise_still_counts(world):
    case = world.case(amount="1 000,00", due_on="2026-03-02")
    with open_tenant(world.tenant_id) as tenant:
        close_case(tenant, get_case(tenant, case.id), "withdrawn", on=DAY, now=at(DAY), actor="cli")
    world.pay(case, 100_000, DAY)
    assert world.again(case).closed_because == "withdrawn"
    assert (world.book(case).left_ore, world.totals().owed_to_debtors_ore) == (0, 0)
    world.check()


@pytest.mark.parametrize(("limit", "closed", "written_off"), [(499, 0, 0), (500, 1, 500), (501, 1, 500)])
def test_a_remainder_up_to_the_limit_is_written_off(world, limit, closed, written_off):
    world.policy(write_off_below_ore=limit)
    case = world.case(amount="1 000,00", due_on="2026-03-02")
    assert world.pay(case, 99_500, DAY).closed == closed
    totals = world.totals()
    assert (totals.written_off_ore, totals.remaining_ore) == (written_off, 500 - written_off)
    world.check()


def test_nothing_is_written_off_unless_the_tenant_says_so(world):
    case = world.case(amount="1 000,00", due_on="2026-03-02")
    assert world.pay(case, 99_999, DAY).closed == 0
    assert world.totals().written_off_ore == 0


@pytest.mark.parametrize(("basis", "ore"), [("act/act", 20_771), ("fixed365", 20_816)])
def test_interest_into_a_leap_year_is_by_the_tenants_day_basis(world, basis, ore):
    """Worked example W4."""
    world.policy(day_basis=basis)
    case = world.case(amount="8 000,00", due_on="2023-12-15", invoiced_on="2023-12-01")
    world.pay(case, 100_000, date(2024, 3, 1), on=DAY)
    assert world.book(case).booked_interest_ore == ore


def test_a_held_case_that_is_paid_is_closed_and_its_hold_lifted(world):
    case = world.case(amount="1 000,00", due_on="2026-03-02")
    with open_tenant(world.tenant_id) as tenant:
        place_hold(tenant, get_case(tenant, case.id), HoldReason.OBJECTION, since=DAY, now=at(DAY), actor="debtor")
    world.pay(case, 100_000, DAY)
    assert world.again(case).closed_because == "paid"


def test_money_taken_back_is_booked_out_and_waits_for_a_person(world):
    """When it is not plain which payment it was; what is plain is in test_bounced."""
    case = world.case(amount="1 000,00", due_on="2026-03-02")
    world.pay(case, 100_000, DAY)
    world.take_in(SimPayment(case.kid, -99_900, DAY))
    report = world.place()
    assert (report.why_unmatched, report.taken_back) == ({"takes_money_back": 1}, 0)
    assert world.totals().client_account_ore == 100
    assert world.totals().unplaced_ore == -99_900
    world.check()


def test_a_payment_of_nothing_waits_for_a_person(world):
    case = world.case(amount="1 000,00")
    world.take_in(SimPayment(case.kid, 0, DAY))
    assert world.place().why_unmatched == {"no_money": 1}
    world.check()


def test_past_the_known_interest_rates_a_payment_waits_for_a_person(world):
    case = world.case(amount="1 000,00", due_on="2026-03-02")
    report = world.pay(case, 50_000, date(2027, 6, 1))
    assert (report.placed, report.why_unmatched) == (0, {"unknown_law": 1})
    (payment,) = world.payments()
    assert (payment.state, payment.case_id) == ("unmatched", case.id)
    assert world.book(case).left_ore == 100_000
    world.check()


def test_money_for_an_anonymised_case_waits_for_a_person(world):
    case = world.case(amount="1 000,00")
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.update(Case).where(Case.id == case.id).values(case_key=None))
    assert world.pay(case, 50_000, DAY).why_unmatched == {"case_anonymised": 1}
    world.check()


def test_history_says_why_a_payment_is_left_to_a_person(world):
    world.take_in(SimPayment("", 100, DAY))
    world.place()
    (payment,) = world.payments()
    with open_tenant(world.tenant_id) as tenant:
        event = tenant.session.scalars(sa.select(HistoryEvent).where(HistoryEvent.kind == "payment.unmatched")).one()
    assert event.body == f'{{"payment":"{payment.id}","why":"no_case_found"}}'.encode()


def test_history_explains_each_line_of_a_placement(world):
    case = w15(world)
    world.pay(case, 472_099, JUNE)
    (told,) = world.told(case)
    invoice = world.claims(case)[0].invoice_number
    assert told["lines"] == [
        {"component": "collection_fee", "of_ore": 56_200, "paid_ore": 56_200},
        {"component": "notice_fee", "of_ore": 3_800, "paid_ore": 3_800},
        {"component": "principal", "of_ore": 400_000, "paid_ore": 400_000, "invoice_number": invoice},
        {
            "component": "interest",
            "of_ore": 12_099,
            "paid_ore": 12_099,
            "invoice_number": invoice,
            "how": ["12,00\u00a0% av 4\u00a0000,00\u00a0kr i 92 dager av 365 = 120,99\u00a0kr"],
        },
    ]
    assert "Betalingen dekker 562,00\u00a0kr på inkassosalær" in told["explanation"]
    assert (told["covered"], told["value_on"], told["amount_ore"]) == (True, "2026-06-15", 472_099)
    with open_tenant(world.tenant_id) as tenant:
        assert check_chain(tenant.session) == []


def test_several_payments_of_one_day_are_placed_one_after_the_other(world):
    case = world.case(amount="1 000,00", due_on="2026-03-02")
    world.take_in(*(SimPayment(case.kid, 40_000, DAY) for _ in range(3)))
    assert (world.place().placed, world.totals().owed_to_debtors_ore) == (3, 20_000)
    assert world.again(case).closed_because == "paid"
    assert not [row for row in world.transfers() if row[0].startswith("undone:")], "they are in order as they are"
    world.check()


def test_who_collects_its_own_claims_is_owed_all_of_it(own):
    case = own.case(amount="1 000,00", due_on="2026-02-02")
    own.letter(case, "reminder", NOTICE_FEE, 3_800, date(2026, 3, 2), date(2026, 3, 3))
    own.pay(case, 200_000, date(2026, 4, 2))
    totals = own.totals()
    assert totals.earned_not_drawn_ore == 0
    assert totals.owed_to_creditors_ore == 103_800 + totals.interest_ore
    own.check()


def test_placing_again_finds_nothing_to_do(world):
    case = world.case(amount="1 000,00")
    world.pay(case, 50_000, DAY)
    before = world.transfers()
    assert world.place(DAY + timedelta(days=1)).placed == 0
    assert world.transfers() == before


@pytest.mark.parametrize("chunk", [1, 3, 500])
def test_the_size_of_a_chunk_makes_no_difference(world, chunk):
    cases = [world.case(amount="1 000,00", due_on="2026-03-02") for _ in range(4)]
    paid = [SimPayment(case.kid, ore, DAY) for case in cases for ore in (30_000, 80_000)]
    world.take_in(*paid, SimPayment("", 5, DAY))
    report = world.place(chunk=chunk)
    assert (report.placed, report.unmatched, report.closed, report.placed_ore) == (8, 1, 4, 440_000)
    totals = world.totals()
    assert (totals.paid_ore, totals.owed_to_debtors_ore, totals.unplaced_ore) == (400_000, 40_000, 5)
    world.check()
