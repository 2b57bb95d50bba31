"""Bad input to the arithmetic of the law: a right value or a named error, never a wrong number."""

import csv
import random
from calendar import isleap
from datetime import date, timedelta
from fractions import Fraction

import pytest

from saas.rules import calculators
from saas.rules.allocation import DEFAULT_ORDER, ORDERS, Item, ItemKind, allocate
from saas.rules.facts import DebtorKind
from saas.rules.fees import agency_fee_cap, cost_cap, notice_fee_amount
from saas.rules.interest import interest_on_claims, interest_sum, late_interest
from saas.rules.law import UnknownLaw, read_law
from saas.rules.money import Ore
from saas.rules.rates import RATES
from tests.rules.builders import claim, day

TODAY = day("2026-10-01")
BEYOND_ANY_CLAIM = 10**12 + 1


def cap(law, *claims, consumer=True):
    return agency_fee_cap(claims, TODAY, heavy=False, consumer=consumer, vat_added=False, law=law)


# --- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("due_on", ["2026-10-01", "2026-10-02", "2031-01-01", "9999-12-31"])
def test_a_claim_due_today_or_later_has_borne_no_interest(law, due_on):
    """C3."""
    assert late_interest(100_000, (), day(due_on), TODAY, law) == ()
    assert calculators.interest(100_000, day(due_on), TODAY, law).total_ore == 0


@pytest.mark.parametrize("due_on", ["1993-12-31", "1976-01-01", "0001-01-01"])
def test_a_claim_from_before_the_tables_is_unknown_law_and_not_a_guess(law, due_on):
    """B29, C1."""
    for compute in (
        lambda: late_interest(100_000, (), day(due_on), TODAY, law),
        lambda: calculators.interest(100_000, day(due_on), TODAY, law),
        lambda: cap(law, claim(1000, due_on)),
        lambda: calculators.fees(100_000, day(due_on), TODAY, law),
    ):
        with pytest.raises(UnknownLaw):
            compute()


def test_a_claim_of_thirty_years_within_the_tables_is_what_the_file_says_day_by_day(law):
    """C1, C2, C5, C8: each line's rounding is the only difference."""
    due_on = day("1996-10-01")
    lines = late_interest(100_000, (), due_on, TODAY, law)
    assert sum(line.days for line in lines) == (TODAY - due_on).days
    with (RATES / "late_interest.csv").open(encoding="utf-8") as handle:
        rates = {row["valid_from"]: Fraction(row["rate_percent"]) for row in csv.DictReader(handle)}
    exact = Fraction(0)
    for n in range((TODAY - due_on).days):
        on = due_on + timedelta(days=n)
        rate = rates[max(start for start in rates if start <= on.isoformat())]
        exact += 1000 * rate / (366 if isleap(on.year) else 365)
    assert abs(interest_sum(lines) - exact) <= Fraction(len(lines), 2)
    assert exact > 300_000
    with pytest.raises(UnknownLaw, match="collection_fee_tier"):
        cap(law, claim(1000, "1996-10-01"))


@pytest.mark.parametrize("sent_on", ["2004-12-31", "2027-01-01", "9999-12-31"])
def test_a_fee_for_a_letter_outside_the_tables_is_unknown_law(law, sent_on):
    """C1."""
    with pytest.raises(UnknownLaw, match=f"collection_rate is not known on {sent_on}"):
        notice_fee_amount(day("2020-11-01"), day(sent_on), law)


def test_a_payment_before_the_due_date_lowers_the_balance_and_bears_no_interest_of_its_own(law):
    """C3, C4."""
    early = ((day("2025-01-01"), Ore(40_000)),)
    assert late_interest(100_000, early, day("2026-03-15"), TODAY, law) == late_interest(
        60_000, (), day("2026-03-15"), TODAY, law
    )
    paid_in_full = ((day("1990-01-01"), Ore(100_000)),)
    assert late_interest(100_000, paid_in_full, day("2026-03-15"), TODAY, law) == ()


def test_a_letter_of_the_last_day_there_is_has_no_deadline(law):
    with pytest.raises(UnknownLaw):
        calculators.deadlines("reminder", date.max, law)


# --- amounts --------------------------------------------------------------------------------------------------------


def test_a_claim_of_nothing_bears_no_interest_and_gives_no_room_for_costs(law):
    """B8."""
    assert late_interest(0, (), day("2026-03-15"), TODAY, law) == ()
    assert calculators.interest(0, day("2026-03-15"), TODAY, law).total_ore == 0
    answer = calculators.fees(0, day("2026-03-15"), TODAY, law)
    assert (answer.notice_fee_ore, answer.light_fee_ore, answer.heavy_fee_ore) == (0, 0, 0)


def test_a_claim_less_than_nothing_bears_no_interest_and_gives_no_room_for_costs(law):
    """B8."""
    assert late_interest(-100_000, (), day("2026-03-15"), TODAY, law) == ()
    assert cost_cap([claim("-1.00", "2026-03-15")], TODAY, heavy=True, consumer=True, vat_added=False, law=law)[0] == 0
    assert cap(law, claim("-1000", "2026-03-15"), claim(400, "2026-03-15")) == cap(law, claim(400, "2026-03-15"))


@pytest.mark.parametrize(
    "compute",
    [
        lambda law: calculators.interest(-1, day("2026-03-15"), TODAY, law),
        lambda law: calculators.interest(100, day("2026-03-15"), TODAY, law, payments=[(TODAY, Ore(-1))]),
        lambda law: calculators.fees(-1, day("2026-03-15"), TODAY, law),
        lambda law: calculators.fees(100, day("2026-03-15"), TODAY, law, charged_ore=-1),
        lambda law: calculators.allocation(-1, [Item(ItemKind.PRINCIPAL, Ore(1))]),
        lambda law: calculators.allocation(1, [Item(ItemKind.PRINCIPAL, Ore(-1))]),
    ],
    ids=["principal", "payment", "fee principal", "charged", "paid", "owed"],
)
def test_the_calculators_refuse_a_negative_amount_by_name(law, compute):
    with pytest.raises(ValueError, match="negative"):
        compute(law)


@pytest.mark.parametrize("ore", [BEYOND_ANY_CLAIM, 10**18, 10**30])
def test_amounts_beyond_any_claim_are_still_exact(law, ore):
    """C8."""
    (line,) = late_interest(ore, (), day("2024-01-01"), day("2025-01-01"), law)  # a whole leap year at 12.50
    assert line.interest_ore == (ore * 125 + 500) // 1000
    assert cap(law, claim(ore // 100, "2026-03-15")) == 540_000
    allocation = allocate(ore, [Item(ItemKind.PRINCIPAL, Ore(ore - 1))])
    assert (allocation.lines[0].paid_ore, allocation.left_ore) == (ore - 1, 1)


def test_more_paid_than_owed_never_bears_negative_interest_and_what_is_over_is_the_debtors(law):
    """C4, D6."""
    paid = ((day("2026-03-20"), Ore(150_000)),)
    lines = late_interest(100_000, paid, day("2026-03-15"), TODAY, law)
    assert [line.to_on for line in lines] == [day("2026-03-20")]
    assert calculators.interest(100_000, day("2026-03-15"), TODAY, law, payments=paid).total_ore == interest_sum(lines)
    for order in ORDERS.values():
        spread = allocate(150_000, [Item(ItemKind.PRINCIPAL, Ore(100_000)), Item(ItemKind.INTEREST, Ore(164))], order)
        assert spread.left_ore == 49_836


# --- words that are none of ours -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["", "consumer", "PERSON", "estate", None])
def test_an_unknown_debtor_kind_is_refused_and_not_taken_for_a_business(kind):
    with pytest.raises(ValueError, match="is not a valid DebtorKind"):
        DebtorKind(kind)


@pytest.mark.parametrize(
    "compute",
    [
        lambda law: calculators.interest(100, day("2026-03-15"), TODAY, law, "30/360"),
        lambda law: calculators.deadlines("poem", TODAY, law),
        lambda law: calculators.deadlines("reminder", TODAY, law, slack_days=-1),
        lambda law: calculators.deadlines("reminder", TODAY, law, grace_banking_days=-1),
        lambda law: calculators.new_kid("12a"),
        lambda law: calculators.checked_kid("12344", "mod97"),
        lambda law: allocate(1, [Item(ItemKind.PRINCIPAL, Ore(1))], DEFAULT_ORDER[:1]),
    ],
    ids=["day basis", "letter", "slack", "grace", "payload", "method", "order"],
)
def test_what_no_rule_knows_is_a_named_error(law, compute):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        compute(law)


# --- many of everything ----------------------------------------------------------------------------------------------


def test_four_hundred_payments_are_four_hundred_stretches_and_the_total_is_the_sum_of_lines(law):
    """C4, C8: one krone of principal a day, given in disorder."""
    due_on = day("2025-03-01")
    paid = [(due_on + timedelta(days=n), Ore(100)) for n in range(1, 401)]
    shuffled = random.Random(400).sample(paid, len(paid))
    lines = late_interest(100_000, tuple(shuffled), due_on, due_on + timedelta(days=500), law)
    assert sum(line.days for line in lines) == 500
    assert [line.balance_ore for line in lines if line.days > 50] == [60_000]
    by_hand = sum(
        (2 * line.balance_ore * int(line.rate_percent * 100) * line.days + 10_000 * line.year_days)
        // (20_000 * line.year_days)
        for line in lines
    )
    assert interest_sum(lines) == by_hand
    assert calculators.interest(100_000, due_on, due_on + timedelta(days=500), law, payments=shuffled).lines == tuple(
        calculators.explained_interest(line) for line in lines
    )


def test_four_hundred_payments_cover_what_one_of_the_same_sum_covers():
    """D3, D6."""
    items = [
        Item(ItemKind.PRINCIPAL, Ore(20_011), "1", day("2026-01-01")),
        Item(ItemKind.COLLECTION_FEE, Ore(7_003), "2"),
        Item(ItemKind.INTEREST, Ore(1_999), "3"),
    ]
    for order in ORDERS.values():
        left, back, covered = {item.ref: item.amount_ore for item in items}, 0, 0
        for _ in range(400):
            spread = allocate(101, [Item(i.kind, Ore(left[i.ref]), i.ref, i.due_on) for i in items], order)
            for line in spread.lines:
                left[line.item.ref] -= line.paid_ore
                covered += line.paid_ore
            back += spread.left_ore
        assert set(left.values()) == {0}
        assert (covered, back) == (29_013, 400 * 101 - 29_013)


def test_four_hundred_claims_bear_one_fee_and_interest_each_of_its_own(law):
    """B16, B18."""
    claims = [claim("25.01", "2026-03-15", nth=n) for n in range(1, 401)]
    assert cap(law, *claims) == 120_000  # 10 004.00 together
    assert interest_sum(interest_on_claims(claims, TODAY, law)) == 400 * interest_sum(
        interest_on_claims(claims[:1], TODAY, law)
    )


def test_the_shipped_rate_files_have_no_fault():
    """C1: holes, overlaps and disorder are refused in test_law.py."""
    assert read_law(RATES).late_interest(TODAY).value
