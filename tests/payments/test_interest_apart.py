"""Interest that pauses, and interest on the collection fee, in the book (law C6, C7)."""

from datetime import date

import pytest

from saas.cases.lifecycle import head_of
from saas.cases.models import InterestPause
from saas.cases.queries import case_status, case_view
from saas.kernel.ids import new_id
from saas.payments.replay import place_anew
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.world import World

DUE, PAID_ON, END = date(2026, 3, 15), date(2026, 6, 15), date(2026, 8, 1)


def paused(world: World, case, from_on: date, until_on: date | None, reason: str = "objection_upheld") -> None:
    [claim] = world.claims(case)
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.add(
            InterestPause(
                tenant_id=world.tenant_id, id=new_id(), creditor_id=case.creditor_id, case_id=case.id,
                claim_id=claim.id, from_on=from_on, until_on=until_on, reason=reason, placed_by="user:1",
            )
        )  # fmt: skip


def a_case(world: World):
    return world.case(amount="4 000,00", due_on=DUE.isoformat(), invoiced_on="2026-02-15")


# --- pauses ---------------------------------------------------------------------------------------------------------


def test_no_interest_is_booked_for_the_days_of_a_pause_and_the_placement_says_why(world):
    """92 days less 31: 61 days at 12.00 % of 4 000.00."""
    case = a_case(world)
    paused(world, case, date(2026, 4, 1), date(2026, 5, 2))
    world.pay(case, 410_000, PAID_ON, on=END)
    assert world.totals().interest_ore == 2_236 + 5_786
    how = next(line for line in world.told(case)[0]["lines"] if line["component"] == "interest")["how"]
    assert how[1].startswith("Ingen rente fra 1. april 2026 til 2. mai 2026: innsigelsen din ble tatt til følge.")
    assert world.again(case).closed_because == "paid"
    world.check()


def test_the_statement_of_the_debtor_and_of_the_creditor_leave_the_pause_out(world):
    case = a_case(world)
    paused(world, case, DUE, None, "creditor_delay")
    with open_tenant(world.tenant_id) as tenant:
        view = case_view(tenant, case.id, PAID_ON)
        assert (view.owed.sum_ore("interest"), view.interest_per_day_ore) == (0, 0)
        assert case_status(tenant, case.number, PAID_ON).sums.interest_ore == 0


def test_a_pause_placed_after_interest_was_booked_answers_every_entry_that_booked_too_much(world):
    """Three entries booked it: each is corrected by no more than it booked."""
    case = a_case(world)
    for value_on in (date(2026, 4, 15), date(2026, 5, 15), PAID_ON):
        world.pay(case, 10_000, value_on, on=END)
    booked = world.book(case).interest_left_ore
    assert booked > 0
    paused(world, case, DUE, None)
    world.pay(case, 10_000, date(2026, 7, 1), on=END)
    assert (world.book(case).interest_left_ore, world.book(case).booked_interest_ore) == (0, 0)
    corrected = [row for row in world.transfers() if row[2] == "interest_corrected"]
    assert (len(corrected), sum(row[6] for row in corrected)) == (3, booked)
    world.check()


def test_interest_paid_for_days_that_pause_now_goes_to_the_rest_when_payments_are_placed_anew(world):
    case = a_case(world)
    world.pay(case, 412_000, PAID_ON, on=END)
    paused(world, case, DUE, date(2026, 6, 1))
    with open_tenant(world.tenant_id) as tenant:
        head = head_of(tenant, case.id)
        place_anew(tenant, head, (), cause=new_id(), reason="interest_paused", now=at(END), actor="user:1")
    totals = world.totals()
    assert (totals.interest_ore, totals.owed_to_debtors_ore) == (1_841, 412_000 - 401_841)
    world.check()


def test_a_correction_taken_back_leaves_the_booking_it_corrected_standing(world):
    """A back-dated payment undoes the correction; the next one finds what stands."""
    case = a_case(world)
    world.pay(case, 10_000, date(2026, 5, 15), on=END)
    paused(world, case, date(2026, 4, 1), date(2026, 5, 10))
    world.pay(case, 10_000, PAID_ON, on=END)
    world.pay(case, 10_000, date(2026, 5, 1), on=END)
    world.pay(case, 10_000, date(2026, 7, 1), on=END)
    world.check()


# --- interest on the fee --------------------------------------------------------------------------------------------


@pytest.fixture
def claims_it(world):
    """An agency that claims interest on its fee."""
    world.policy(fee_interest=True)
    return world


def demanded(world: World, sent_on: date = date(2026, 5, 4)):
    """A demand with 562 kr sent 4 May: interest on it from 3 June."""
    case = a_case(world)
    world.letter(case, "payment_demand", "collection_fee", 56_200, sent_on, sent_on)
    return case


def test_it_is_booked_on_its_own_covered_last_and_earned_by_the_agency(claims_it):
    """12 days at 12.00 % of 562.00 = 2.22; W15's interest of 120.99 on the claim."""
    case = demanded(claims_it)
    claims_it.pay(case, 400_000 + 56_200 + 12_099 + 222, PAID_ON, on=END)
    lines = claims_it.told(case)[0]["lines"]
    assert [(x["component"], x["paid_ore"]) for x in lines] == [
        ("collection_fee", 56_200), ("principal", 400_000), ("interest", 12_099), ("fee_interest", 222),
    ]  # fmt: skip
    assert lines[-1]["how"] == ["12,00\u00a0% av 562,00\u00a0kr i 12 dager av 365 = 2,22\u00a0kr"]
    totals = claims_it.totals()
    assert (totals.fee_interest_ore, totals.earned_not_drawn_ore) == (222, 56_422)
    assert claims_it.again(case).closed_because == "paid"
    claims_it.check()


def test_off_by_default_and_nothing_before_thirty_days(world, claims_it):
    case = demanded(claims_it)
    claims_it.pay(case, 1_000, date(2026, 6, 3), on=END)
    assert claims_it.totals().fee_interest_ore == 0
    claims_it.policy(fee_interest=False)
    case = demanded(claims_it)
    claims_it.pay(case, 500_000, PAID_ON, on=END)
    assert claims_it.totals().fee_interest_ore == 0
    claims_it.check()


def test_the_debtor_and_the_creditor_are_shown_the_same_sum_that_is_booked(claims_it):
    case = demanded(claims_it)
    with open_tenant(claims_it.tenant_id) as tenant:
        view = case_view(tenant, case.id, PAID_ON)
        assert view.owed.sum_ore("fee_interest") == 222
        assert view.interest_per_day_ore == 132 + 18
        assert case_status(tenant, case.number, PAID_ON).sums.total_ore == view.total_ore
    claims_it.pay(case, view.total_ore, PAID_ON, on=END)
    assert claims_it.again(case).closed_because == "paid"
    assert claims_it.totals().owed_to_debtors_ore == 0
    claims_it.check()


def test_a_part_payment_of_the_fee_lowers_what_bears_interest_and_interest_bears_none(claims_it):
    case = demanded(claims_it)
    claims_it.pay(case, 26_200, PAID_ON, on=END)  # on the fee: 300.00 are left
    claims_it.pay(case, 1, date(2026, 7, 1), on=END)
    book = claims_it.book(case)
    assert book.fee_interest_booked_ore == 222 + 158  # 16 days of 300.00
    claims_it.check()


def test_a_tenant_that_stops_claiming_it_lets_what_is_unpaid_fall_away(claims_it):
    case = demanded(claims_it)
    claims_it.pay(case, 26_200, PAID_ON, on=END)
    claims_it.policy(fee_interest=False)
    claims_it.pay(case, 1, date(2026, 7, 1), on=END)
    assert claims_it.book(case).fee_interest_left_ore == claims_it.book(case).fee_interest_booked_ore == 0
    claims_it.check()


def test_who_collects_its_own_claims_has_no_fee_to_claim_interest_on(own):
    own.policy(fee_interest=True)
    case = a_case(own)
    own.letter(case, "payment_demand", "notice_fee", 11_300, date(2026, 5, 4), date(2026, 5, 4))
    own.pay(case, 500_000, PAID_ON, on=END)
    assert own.totals().fee_interest_ore == 0
    own.check()
