"""A cap lower on the day the principal is covered takes back what was charged above it (law B11)."""

from datetime import date

import pytest

import saas.payments.placing
from saas.cases.lost_costs import charged_fees
from tenants.resolve import open_tenant
from tests.payments.test_choices import w15
from tests.rules.test_repricing import law_with_a_fallen_rate

MAY, JUNE, JULY, END = date(2026, 5, 20), date(2026, 6, 15), date(2026, 7, 10), date(2026, 8, 1)
INTEREST = 12_099  # of 4 000 kr, 15 March to 15 June


@pytest.fixture
def fallen(world, tmp_path, monkeypatch):
    """The inkassosats falls from 750 to 600 on 1 June 2026: the light cap of 4 000 kr from 600 to 480."""
    law = law_with_a_fallen_rate(tmp_path / "rates")
    monkeypatch.setattr(saas.payments.placing, "load_law", lambda: law)
    return world


def repriced(world):
    return [(row[4], row[6]) for row in world.transfers() if row[2] == "fee_repriced"]


def test_the_excess_is_taken_off_and_who_paid_it_too_gets_it_back(fallen):
    case = w15(fallen)
    fallen.pay(case, 400_000 + 60_000 + INTEREST, JUNE, on=END)
    totals = fallen.totals()
    assert (totals.collection_fees_ore, totals.notice_fees_ore) == (44_200, 3_800)  # 480 in all
    assert (totals.owed_to_debtors_ore, totals.earned_not_drawn_ore) == (12_000, 44_200)
    assert fallen.told(case)[0]["above_cap_ore"] == 12_000
    assert fallen.again(case).closed_because == "paid"
    fallen.check()


def test_the_entry_names_the_fee_it_corrects(fallen):
    case = w15(fallen)
    fallen.pay(case, 400_000 + 48_000 + INTEREST, JUNE, on=END)
    [(debit, ore)] = repriced(fallen)
    assert (debit, ore) == ("receivable", 12_000)
    assert fallen.again(case).closed_because == "paid"  # exactly the lower sum covers the case
    with open_tenant(fallen.tenant_id) as tenant:
        assert sum(fee.left_ore for fee in charged_fees(tenant, {case.id: case.id})) == 60_000
    fallen.check()


def test_while_principal_is_left_nothing_is_priced_anew(fallen):
    case = w15(fallen)
    fallen.pay(case, 400_000 + 47_999, JUNE, on=END)
    assert (repriced(fallen), fallen.totals().collection_fees_ore) == ([], 56_200)
    fallen.pay(case, 60_000, JULY, on=END)  # covers it now: what was paid above the cap goes to the interest
    totals = fallen.totals()
    assert (totals.collection_fees_ore, totals.remaining_ore) == (44_200, 0)
    assert totals.paid_ore + totals.owed_to_debtors_ore == 507_999
    fallen.check()


def test_a_principal_covered_before_the_rate_fell_is_not_priced_anew(fallen):
    case = w15(fallen)
    fallen.pay(case, 460_000, MAY, on=END)  # fees and principal; interest is left
    fallen.pay(case, 20_000, JUNE, on=END)
    assert (repriced(fallen), fallen.totals().collection_fees_ore) == ([], 56_200)
    fallen.check()


def test_a_rate_that_has_risen_charges_nothing_more(world):
    """W8: the demand of 2025 at 700; paid in 2026 at 750."""
    case = world.case(amount="3 000,00", due_on="2025-10-01", invoiced_on="2025-09-01")
    world.letter(case, "payment_demand", "collection_fee", 56_000, date(2025, 11, 20))
    world.pay(case, 400_000, date(2026, 1, 10), on=END)
    assert (repriced(world), world.totals().collection_fees_ore) == ([], 56_000)
    world.check()


def test_the_doubled_fee_is_held_to_the_doubled_cap(fallen):
    case = w15(fallen)
    fallen.heavy_fee(case, 60_000, date(2026, 6, 20))
    fallen.pay(case, 600_000, JULY, on=END)
    totals = fallen.totals()
    assert totals.collection_fees_ore + totals.notice_fees_ore == 96_000  # 1.6 × 600
    fallen.check()


def test_beside_compensation_only_the_fee_comes_down(fallen):
    """B15: 1.2 × 600 = 720 in all, of which 430 is compensation."""
    case = fallen.case(amount="4 000,00", due_on="2026-03-15", invoiced_on="2026-02-15", debtor_kind="company",
                       orgnr="923609016", debtor_name="Prøve AS")  # fmt: skip
    sent = date(2026, 5, 4)
    fallen.letter(case, "payment_demand", ("compensation", "collection_fee"), (43_000, 47_000), sent)
    fallen.pay(case, 600_000, JULY, on=END)
    totals = fallen.totals()
    assert (totals.compensation_ore, totals.collection_fees_ore) == (43_000, 29_000)
    fallen.check()


def test_a_payment_dated_before_takes_the_pricing_back_and_places_all_anew(fallen):
    """D4: in any order the same is left; the principal was covered before the rate fell."""
    case = w15(fallen)
    fallen.pay(case, 480_000, JUNE, on=END)
    assert sum(ore for _, ore in repriced(fallen)) == 12_000
    fallen.pay(case, 460_000, MAY, on=END)
    totals = fallen.totals()
    assert (totals.collection_fees_ore, totals.remaining_ore) == (56_200, 0)
    fallen.check()


def test_part_payments_in_any_order_leave_the_same_when_one_covers_under_the_lower_cap(fallen):
    """D4, B11."""
    results = set()
    for order in ((MAY, JUNE, JULY), (JULY, JUNE, MAY), (JUNE, JULY, MAY)):
        case = w15(fallen)
        ore = {MAY: 100_000, JUNE: 100_000, JULY: 300_000}
        for value_on in order:
            fallen.pay(case, ore[value_on], value_on, on=END)
        book = fallen.book(case)
        results.add((book.collection_fee_charged_ore, book.booked_interest_ore, book.left_ore, book.paid_ore))
    assert len(results) == 1
    fallen.check()
