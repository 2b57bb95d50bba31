"""Worked example W13; C9, B15."""

import pytest

from saas.rules.compensation import (
    compensation_after,
    cost_room_after,
    owed_in_all,
    standard_compensation,
)
from saas.rules.facts import Because, DebtorKind
from saas.rules.fees import agency_fee_cap
from saas.rules.law import UnknownLaw
from saas.rules.money import ore_of_kroner
from tests.rules.builders import case, claim, day

COMPANY = DebtorKind.COMPANY


@pytest.mark.parametrize(
    ("principal", "heavy", "fee", "room", "total"),
    [
        (20_000, False, "1800", "1370", "1800"),
        (400, False, "281.25", "0", "430"),
        (400, True, "562.50", "132.50", "562.50"),
    ],
    ids=["B15 large", "B15 small", "B15 small heavy"],
)
def test_w13_a_business_owes_the_larger_of_compensation_and_costs(law, principal, heavy, fee, room, total):
    """W13, B15, C9."""
    owed = claim(principal, "2026-08-01")
    cap = agency_fee_cap([owed], day("2026-10-01"), heavy=heavy, consumer=False, vat_added=False, law=law)
    compensation = standard_compensation(case(owed, debtor_kind=COMPANY), day("2026-10-01"), law)
    netted = cost_room_after(compensation.total_ore, cap)
    assert cap == ore_of_kroner(fee)
    assert compensation.total_ore == ore_of_kroner(430)
    assert (netted.cost_room_ore, netted.total_ore) == (ore_of_kroner(room), ore_of_kroner(total))


def test_w13_two_reminder_fees_and_the_compensation_come_to_the_compensation_not_the_sum():
    """W13, B15: whichever was claimed first."""
    assert owed_in_all(43_000, [3_800, 3_800]) == ore_of_kroner(430)
    assert owed_in_all(43_000, [3_800, 60_000]) == ore_of_kroner(638)
    netted = compensation_after(7_600, 43_000)
    assert (netted.compensation_ore, netted.total_ore) == (ore_of_kroner(354), ore_of_kroner(430))


def test_costs_above_the_compensation_leave_nothing_of_it():
    """B15."""
    netted = compensation_after(180_000, 43_000)
    assert (netted.compensation_ore, netted.total_ore) == (0, 180_000)


def test_a_consumer_never_owes_compensation(law):
    """C9, B15: FRL § 4 letter d."""
    refused = standard_compensation(case(claim(400, "2026-08-01")), day("2026-10-01"), law)
    assert isinstance(refused, Because)
    assert refused.code == "consumer"


def test_a_sole_trader_does_for_business_debt(law):
    """C9: law 0.1, table."""
    facts = case(claim(400, "2026-08-01"), debtor_kind=DebtorKind.SOLE_TRADER)
    assert standard_compensation(facts, day("2026-10-01"), law).total_ore == 43_000


@pytest.mark.parametrize(("on", "late"), [("2026-07-31", False), ("2026-08-01", False), ("2026-08-02", True)])
def test_it_is_due_from_the_first_day_of_delay_and_not_on_the_due_date(law, on, late):
    """C9."""
    found = standard_compensation(case(claim(400, "2026-08-01"), debtor_kind=COMPANY), day(on), law)
    assert isinstance(found, Because) is not late


@pytest.mark.parametrize(
    ("due_on", "on", "kroner"),
    [
        ("2026-06-15", "2026-06-30", 460),
        ("2026-06-15", "2026-07-01", 430),  # the lower one of the two half years
        ("2020-06-30", "2020-07-02", 400),
        ("2020-07-01", "2020-07-02", 430),
        ("2020-06-15", "2020-07-01", 400),  # 430 from July: the older one is lower
        ("2020-12-15", "2021-01-04", 420),
    ],
)
def test_of_two_half_years_the_lower_amount_counts(law, due_on, on, kroner):
    """C9: which one applies is unsettled."""
    found = standard_compensation(case(claim(400, due_on), debtor_kind=COMPANY), day(on), law)
    assert found.total_ore == ore_of_kroner(kroner)


def test_each_late_invoice_gives_one_and_a_paid_or_coming_one_none(law):
    """C9: per invoice."""
    claims = (
        claim(400, "2026-08-01", nth=1),
        claim(900, "2026-08-15", nth=2),
        claim(500, "2026-08-01", paid=(("2026-09-01", 500),), nth=3),
        claim(500, "2026-10-01", nth=4),
    )
    found = standard_compensation(case(*claims, debtor_kind=COMPANY), day("2026-10-01"), law)
    assert [line.invoice_number for line in found.lines] == ["10040001", "10040002"]
    assert found.total_ore == ore_of_kroner(860)
    assert "430,00\u00a0kr" in found.lines[0].explanation


def test_before_2014_no_amount_in_kroner_is_known(law):
    """C9: EUR 40 is not converted by guess."""
    with pytest.raises(UnknownLaw):
        standard_compensation(case(claim(400, "2013-12-01"), debtor_kind=COMPANY), day("2014-02-01"), law)
