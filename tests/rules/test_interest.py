"""Worked examples W1 to W6 and W12's interest; C1-C8."""

from dataclasses import replace
from decimal import Decimal

import pytest

from saas.rules.facts import Pause
from saas.rules.interest import (
    daily_fee_interest,
    daily_interest,
    fee_interest,
    interest_on_claims,
    interest_on_fee,
    interest_per_day,
    interest_sum,
    late_interest,
)
from saas.rules.law import UnknownLaw
from saas.rules.money import Ore, ore_of_kroner
from tests.rules.builders import case, claim, collection_notice, day, demand, demanded


def lines_of(law, kroner, due_on, to_on, paid=(), basis="act/act"):
    moves = tuple((day(on), ore_of_kroner(amount)) for on, amount in paid)
    return late_interest(ore_of_kroner(kroner), moves, day(due_on), day(to_on), law, basis)


def amounts(lines):
    return [line.interest_ore for line in lines]


W1_PAID = (("2024-06-27", 2000), ("2025-03-10", 5000))


def test_w1_interest_with_part_payments_over_a_leap_year_matches_the_published_example(law):
    """C2, C3, C4, C5, C6, C8."""
    lines = lines_of(law, 10_000, "2024-06-15", "2025-11-21", W1_PAID)
    assert amounts(lines) == [4098, 51366, 18630, 11610, 14398]
    assert [line.days for line in lines] == [12, 188, 68, 113, 143]
    assert [line.year_days for line in lines] == [366, 366, 365, 365, 365]
    assert [line.balance_ore for line in lines] == [1_000_000, 800_000, 800_000, 300_000, 300_000]
    assert 51366 + 18630 == 69996  # the row the authority prints as one


def test_w1_a_second_claim_has_a_start_of_its_own(law):
    """C3."""
    assert amounts(lines_of(law, 3000, "2025-08-14", "2025-11-21")) == [9968]


def test_w1_fixed_365_gives_the_other_convention(law):
    """C5."""
    lines = lines_of(law, 10_000, "2024-06-15", "2025-11-21", W1_PAID, basis="fixed365")
    assert amounts(lines)[:2] == [4110, 70137]
    assert lines[1].days == 188 + 68


def test_w2_the_rate_drops_on_1_july_2025(law):
    """C2."""
    lines = lines_of(law, "12345.67", "2025-06-10", "2025-07-20")
    assert amounts(lines) == [8879, 7872]
    assert interest_sum(lines) == 16751


def test_w3_the_rate_rises_on_1_july_2026(law):
    """C2, C4."""
    lines = lines_of(law, 5000, "2026-06-15", "2026-08-01")
    assert [(line.days, str(line.rate_percent), line.interest_ore) for line in lines] == [
        (16, "12.00", 2630),
        (31, "12.25", 5202),
    ]


def test_w4_lines_are_rounded_one_by_one_into_a_leap_year(law):
    """C5, C8."""
    lines = lines_of(law, 8000, "2023-12-15", "2024-03-01")
    assert amounts(lines) == [4378, 16393]
    assert interest_sum(lines) == 20771
    assert interest_sum(lines_of(law, 8000, "2023-12-15", "2024-03-01", basis="fixed365")) == 20816


def test_w5_a_leap_year_with_two_changes(law):
    """C2, C5, C8."""
    assert amounts(lines_of(law, 10_000, "2019-12-20", "2020-07-10")) == [3041, 47240, 1967]
    assert interest_sum(lines_of(law, 10_000, "2019-12-20", "2020-07-10", basis="fixed365")) == 52384


def test_w5_the_whole_year_2024_is_one_line_at_the_whole_rate(law):
    """C5."""
    assert amounts(lines_of(law, 10_000, "2024-01-01", "2025-01-01")) == [125_000]
    assert amounts(lines_of(law, 10_000, "2024-01-01", "2025-01-01", basis="fixed365")) == [125_342]


def test_w5_the_whole_year_2025_is_two_lines(law):
    assert amounts(lines_of(law, 10_000, "2025-01-01", "2026-01-01")) == [61986, 61753]


def test_w6_paid_on_the_due_date_bears_no_interest(law):
    """C3, C4."""
    assert lines_of(law, 1000, "2026-06-15", "2026-06-15") == ()


def test_w6_a_day_before_the_due_date_gives_nothing_and_never_less(law):
    """C3, C4."""
    assert lines_of(law, 1000, "2026-06-15", "2026-06-01") == ()


def test_w6_a_date_past_the_last_known_half_year_is_an_error_and_not_a_guess(law):
    """C1."""
    with pytest.raises(UnknownLaw) as caught:
        lines_of(law, 1000, "2026-06-15", "2027-01-02")
    assert (caught.value.figure, caught.value.on) == ("late_interest", day("2027-01-01"))


def test_the_last_known_day_can_still_be_computed(law):
    """C1, C4."""
    assert sum(line.days for line in lines_of(law, 1000, "2026-12-01", "2027-01-01")) == 31


def test_a_claim_paid_before_the_unknown_half_year_needs_no_unknown_rate(law):
    assert lines_of(law, 1000, "2026-06-15", "2027-03-01", paid=(("2026-06-20", 1000),))[-1].to_on == day("2026-06-20")


def test_a_due_date_before_the_first_known_rate_is_an_error(law):
    """C1."""
    with pytest.raises(UnknownLaw) as caught:
        lines_of(law, 1000, "1993-12-31", "2026-06-15")
    assert (caught.value.figure, caught.value.on) == ("late_interest", day("1993-12-31"))
    assert lines_of(law, 1000, "1994-01-01", "1994-01-02")[0].from_on == day("1994-01-01")


def test_a_payment_before_the_due_date_bears_interest_on_the_rest_only(law):
    assert [line.balance_ore for line in lines_of(law, 1000, "2026-03-15", "2026-04-15", (("2026-03-01", 400),))] == [
        60_000
    ]


def test_a_payment_after_the_day_asked_about_changes_nothing(law):
    paid = (("2026-04-20", 400),)
    assert lines_of(law, 1000, "2026-03-15", "2026-04-15", paid) == lines_of(law, 1000, "2026-03-15", "2026-04-15")


def test_two_payments_on_one_day_that_cancel_out_do_not_split_the_line(law):
    """C8."""
    paid = (("2026-03-20", 400), ("2026-03-20", -400))
    assert len(lines_of(law, 1000, "2026-03-15", "2026-04-15", paid)) == 1


def test_money_taken_back_by_the_bank_bears_interest_again_from_that_day(law):
    lines = lines_of(law, 1000, "2026-03-15", "2026-04-15", (("2026-03-20", 400), ("2026-03-25", -400)))
    assert [line.balance_ore for line in lines] == [100_000, 60_000, 100_000]


def test_two_common_years_at_one_rate_are_one_line(law):
    """C8."""
    assert len(lines_of(law, 1000, "2014-01-01", "2014-12-31")) == 1
    assert len(lines_of(law, 1000, "2018-01-01", "2018-12-31")) == 1  # 8.50 in both half years


@pytest.mark.parametrize(
    ("to_on", "rates"),
    [("2026-06-30", ["12.00"]), ("2026-07-01", ["12.00"]), ("2026-07-02", ["12.00", "12.25"])],
)
def test_the_new_rate_bears_from_the_day_the_file_says_and_not_the_day_before(law, to_on, rates):
    """C2."""
    assert [str(line.rate_percent) for line in lines_of(law, 1000, "2026-06-15", to_on)] == rates


def test_w12_interest_stays_per_invoice(law):
    """B18, C3, C6, C8."""
    claims = (claim(900, "2026-04-15", nth=1), claim(1200, "2026-05-15", nth=2), claim(700, "2026-06-15", nth=3))
    lines = interest_on_claims(claims, day("2026-08-01"), law)
    assert amounts(lines) == [2278, 936, 1854, 1248, 368, 728]
    assert interest_sum(lines) == 7412
    assert [line.claim_id for line in lines[::2]] == [c.id for c in claims]


def test_one_more_day_costs_what_one_day_of_interest_costs(law):
    """C8."""
    claims = (claim(10_000, "2026-07-15", nth=1), claim(500, "2026-12-24", nth=2))
    assert daily_interest(claims, day("2026-08-01"), law) == Ore(336)  # 12.25 % of 10 000 / 365; the other is not due


def test_an_unknown_day_basis_is_refused(law):
    with pytest.raises(ValueError, match="day basis"):
        lines_of(law, 1000, "2026-03-15", "2026-04-15", basis="360")


def test_what_is_paid_by_the_due_date_needs_no_rate_even_where_none_is_known(law):
    """C1, C3."""
    assert lines_of(law, 1000, "2027-06-01", "2027-06-01") == ()
    assert lines_of(law, 1000, "2027-06-01", "2027-08-01", paid=(("2027-06-01", 1000),)) == ()


def test_while_nothing_is_owed_there_is_no_line_and_one_ore_is_something(law):
    """C8."""
    paid = (("2026-03-20", 1000), ("2026-03-25", "-0.01"))
    lines = lines_of(law, 1000, "2026-03-15", "2026-04-15", paid)
    assert [(line.from_on, line.to_on, line.balance_ore) for line in lines] == [
        (day("2026-03-15"), day("2026-03-20"), 100_000),
        (day("2026-03-25"), day("2026-04-15"), 1),
    ]
    back_again = (*paid, ("2026-04-01", "0.01"))
    assert lines_of(law, 1000, "2026-03-15", "2026-04-15", back_again)[-1].to_on == day("2026-04-01")


def test_a_payment_of_nothing_does_not_split_the_line(law):
    """C8."""
    assert len(lines_of(law, 1000, "2026-03-15", "2026-04-15", (("2026-03-20", 0),))) == 1


def test_every_line_says_whose_it_is_also_the_ones_before_a_payment(law):
    owed = claim(1000, "2026-03-15", paid=(("2026-03-20", 400),), nth=7)
    assert [line.claim_id for line in interest_on_claims([owed], day("2026-08-15"), law)] == [owed.id] * 3


@pytest.mark.parametrize(("kroner", "interest_ore"), [("14.59", 0), ("14.60", 1), ("43.79", 1), ("43.80", 2)])
def test_interest_rounds_half_an_ore_up(law, kroner, interest_ore):
    """C8."""
    (line,) = lines_of(law, kroner, "2024-06-15", "2024-06-16", basis="fixed365")  # 14,60 × 12,50 % / 365 = 0,005
    assert line.interest_ore == interest_ore


def test_one_more_day_is_counted_for_a_claim_due_today_and_not_for_what_is_paid(law):
    """C4."""
    claims = (
        claim(10_000, "2026-08-01", nth=1),
        claim(10_000, "2026-07-01", paid=(("2026-07-20", 10_000),), nth=2),
        claim(10_000, "2026-08-02", nth=3),
    )
    assert daily_interest(claims, day("2026-08-01"), law) == 336
    assert daily_interest(claims, day("2026-07-31"), law) == 0


@pytest.mark.parametrize("on", ["1993-12-31", "2027-01-01", "2030-01-01"])
def test_one_more_day_without_a_known_rate_is_an_error(law, on):
    """C1."""
    with pytest.raises(UnknownLaw) as caught:
        daily_interest((claim(1000, "1993-06-15"),), day(on), law)
    assert (caught.value.figure, caught.value.on) == ("late_interest", day(on))


def test_one_more_day_is_known_from_the_first_day_of_the_tables_to_the_last(law):
    """C1, C2."""
    first, last = (daily_interest((claim(10_000, "1993-06-15"),), day(on), law) for on in ("1994-01-01", "2026-12-31"))
    assert (first, last) == (329, 336)  # 12 % and 12.25 %


# --- pauses ---------------------------------------------------------------------------------------------------------

UPHELD, DELAY = "objection_upheld", "creditor_delay"


def paused(claim, *pauses):
    dated = tuple(Pause(day(start), day(end) if end else None, reason) for start, end, reason in pauses)
    return replace(claim, interest_pauses=dated)


def stretches(law, claim, to_on):
    """(from, to, why paused or '', øre) of each line."""
    lines = interest_on_claims([claim], day(to_on), law)
    assert all(line.claim_id == claim.id and line.days == (line.to_on - line.from_on).days for line in lines)
    return [(str(line.from_on), str(line.to_on), line.paused, line.interest_ore) for line in lines]


OWED = claim(10_000, "2026-03-15", nth=7)  # 12.00 percent until July: 328.77 øre a day


def test_interest_does_not_run_in_a_pause_and_the_pause_is_a_line_that_says_why(law):
    """C7: the first day it runs again bears interest."""
    held = paused(OWED, ("2026-03-20", "2026-04-01", UPHELD))
    assert stretches(law, held, "2026-04-11") == [
        ("2026-03-15", "2026-03-20", "", 1_644),
        ("2026-03-20", "2026-04-01", UPHELD, 0),
        ("2026-04-01", "2026-04-11", "", 3_288),
    ]
    (_, pause, _) = interest_on_claims([held], day("2026-04-11"), law)
    assert (pause.balance_ore, pause.rate_percent, pause.year_days) == (1_000_000, Decimal(0), 0)


def test_a_pause_before_the_due_date_or_after_the_day_asked_about_changes_nothing(law):
    """C7."""
    running = stretches(law, OWED, "2026-04-11")
    for pause in (
        ("2026-03-01", "2026-03-15", UPHELD),
        ("2026-04-11", None, DELAY),
        ("2026-03-20", "2026-03-20", DELAY),
    ):
        assert stretches(law, paused(OWED, pause), "2026-04-11") == running


def test_a_pause_over_both_ends_leaves_no_interest_and_one_without_end_goes_on(law):
    """C7."""
    whole = paused(OWED, ("2026-03-01", None, DELAY))
    assert stretches(law, whole, "2026-04-11") == [("2026-03-15", "2026-04-11", DELAY, 0)]
    first_days = paused(OWED, ("2026-03-15", "2026-04-01", DELAY))
    assert stretches(law, first_days, "2026-04-11") == [
        ("2026-03-15", "2026-04-01", DELAY, 0),
        ("2026-04-01", "2026-04-11", "", 3_288),
    ]


def test_of_pauses_that_overlap_the_earlier_one_explains_the_days_both_have(law):
    """C7: in whatever order they are noted."""
    pauses = (
        ("2026-03-25", "2026-04-05", DELAY),
        ("2026-03-20", "2026-04-01", UPHELD),
        ("2026-03-22", "2026-03-30", DELAY),
        ("2026-04-08", "2026-04-10", UPHELD),
    )
    told = [
        ("2026-03-15", "2026-03-20", "", 1_644),
        ("2026-03-20", "2026-04-01", UPHELD, 0),
        ("2026-04-01", "2026-04-05", DELAY, 0),
        ("2026-04-05", "2026-04-08", "", 986),
        ("2026-04-08", "2026-04-10", UPHELD, 0),
        ("2026-04-10", "2026-04-11", "", 329),
    ]
    assert stretches(law, paused(OWED, *pauses), "2026-04-11") == told
    assert stretches(law, paused(OWED, *reversed(pauses)), "2026-04-11") == told


def test_payments_within_and_around_a_pause_lower_the_balance_all_the_same(law):
    """C4, C7."""
    part_paid = claim(10_000, "2026-03-15", paid=(("2026-03-25", 4000), ("2026-04-03", 5000)), nth=7)
    held = paused(part_paid, ("2026-03-20", "2026-04-01", UPHELD))
    lines = interest_on_claims([held], day("2026-04-11"), law)
    assert [(line.balance_ore, line.days, line.interest_ore) for line in lines] == [
        (1_000_000, 5, 1_644),
        (1_000_000, 5, 0),
        (600_000, 7, 0),
        (600_000, 2, 395),
        (100_000, 8, 263),
    ]


def test_a_pause_in_days_without_a_known_rate_needs_none(law):
    """C1, C7."""
    held = paused(claim(1000, "2026-12-20"), ("2026-12-30", "2027-01-20", DELAY))
    assert interest_sum(interest_on_claims([held], day("2027-01-20"), law)) == 336
    with pytest.raises(UnknownLaw):
        interest_on_claims([held], day("2027-01-21"), law)


@pytest.mark.parametrize(
    ("on", "ore"), [("2026-03-19", 329), ("2026-03-20", 0), ("2026-03-31", 0), ("2026-04-01", 329), ("2026-05-01", 0)]
)
def test_a_day_within_a_pause_costs_nothing_more(law, on, ore):
    """C7."""
    held = paused(OWED, ("2026-03-20", "2026-04-01", UPHELD), ("2026-05-01", None, DELAY))
    assert daily_interest([held], day(on), law) == ore


# --- interest on the collection fee ---------------------------------------------------------------------------------


def on_fee(law, charged, to_on, paid=(), demanded_on=("2026-02-01",), **options):
    dated = [tuple((day(on), ore_of_kroner(kroner)) for on, kroner in moves) for moves in (charged, paid)]
    lines = fee_interest(*dated, [day(on) for on in demanded_on], day(to_on), law, **options)
    assert all(line.claim_id is None for line in lines)
    return [(str(line.from_on), str(line.to_on), line.balance_ore, line.interest_ore) for line in lines]


FEE = (("2026-02-01", 600),)


def test_an_unpaid_fee_bears_interest_from_thirty_days_after_the_demand_that_asked_for_it(law):
    """C6."""
    assert on_fee(law, FEE, "2026-03-03") == []
    assert on_fee(law, FEE, "2026-03-04") == [("2026-03-03", "2026-03-04", 60_000, 20)]
    assert on_fee(law, FEE, "2026-03-13") == [("2026-03-03", "2026-03-13", 60_000, 197)]
    demanded_twice = ("2026-03-01", "2026-02-01", "2026-01-01")
    assert on_fee(law, FEE, "2026-03-13", demanded_on=demanded_twice) == on_fee(law, FEE, "2026-03-13")


def test_a_fee_no_demand_asked_for_bears_none(law):
    """C6: what the doubling added has not been demanded in writing until a new demand is."""
    assert on_fee(law, FEE, "2026-06-01", demanded_on=()) == []
    assert on_fee(law, FEE, "2026-06-01", demanded_on=("2026-01-31",)) == []
    doubled = (*FEE, ("2026-03-16", 600))
    assert on_fee(law, doubled, "2026-06-01") == on_fee(law, FEE, "2026-06-01")
    again = on_fee(law, doubled, "2026-05-11", demanded_on=("2026-02-01", "2026-04-01"))
    assert again == [("2026-03-03", "2026-05-01", 60_000, 1_164), ("2026-05-01", "2026-05-11", 120_000, 395)]


def test_two_amounts_of_one_demand_bear_interest_together_and_one_ore_is_an_amount(law):
    """C6."""
    assert on_fee(law, (*FEE, ("2026-01-20", "0.01")), "2026-03-13")[0][2] == 60_001
    assert on_fee(law, (("2026-02-01", "0.01"),), "2026-03-13")[0][2] == 1


def test_what_is_paid_or_taken_back_of_a_fee_bears_none(law):
    """C6: paid from the day it is paid, taken back never."""
    assert on_fee(law, FEE, "2026-03-13", paid=(("2026-03-08", 200),)) == [
        ("2026-03-03", "2026-03-08", 60_000, 99),
        ("2026-03-08", "2026-03-13", 40_000, 66),
    ]
    assert on_fee(law, (*FEE, ("2026-03-10", -100)), "2026-03-13") == [("2026-03-03", "2026-03-13", 50_000, 164)]
    assert on_fee(law, (*FEE, ("2026-03-10", -600)), "2026-03-13") == []


def test_interest_on_a_fee_follows_the_day_basis_and_pauses(law):
    """C5, C6, C7."""
    fee, asked = (("2024-02-01", 600),), ("2024-02-01",)
    assert on_fee(law, fee, "2024-03-12", demanded_on=asked)[0][3] == 205  # 12.50 percent, 366 days
    assert on_fee(law, fee, "2024-03-12", demanded_on=asked, day_basis="fixed365")[0][3] == 205
    assert on_fee(law, fee, "2024-06-01", demanded_on=asked)[0][3] == 1_865
    assert on_fee(law, fee, "2024-06-01", demanded_on=asked, day_basis="fixed365")[0][3] == 1_870
    pause = Pause(day("2026-03-05"), day("2026-03-10"), UPHELD)
    assert [ore for *_, ore in on_fee(law, FEE, "2026-03-13", pauses=[pause])] == [39, 0, 59]


def with_fee(**changes):
    """Demanded 14 October 2026, so interest on the fee from 13 November."""
    charges = ((day("2026-10-14"), Ore(56_200)),)
    return demanded(**({"fee_charges": charges, "charged_collection_fee_ore": Ore(56_200)} | changes))


def test_a_cases_fee_bears_interest_only_when_the_tenant_claims_it(law):
    """C6: the tenant's claim is what fills `fee_charges`."""
    assert interest_on_fee(demanded(), day("2026-12-01"), law) == ()
    (line,) = interest_on_fee(with_fee(), day("2026-12-01"), law)
    assert (line.from_on, line.days, line.interest_ore) == (day("2026-11-13"), 18, 340)
    paid = with_fee(fee_payments=((day("2026-11-20"), Ore(56_200)),))
    assert [x.days for x in interest_on_fee(paid, day("2026-12-01"), law)] == [7]
    assert interest_on_fee(with_fee(), day("2024-12-01"), law) == ()


def test_only_our_own_demand_starts_interest_on_our_fee(law):
    """C6."""
    ours, theirs = demand("2026-10-20", "2026-11-03"), demand("2026-10-14", "2026-10-28", by_creditor=True)
    both = with_fee(notices=(collection_notice("2026-10-14", "2026-10-28"), theirs, ours))
    assert interest_on_fee(both, day("2026-12-01"), law)[0].from_on == day("2026-11-19")
    assert interest_on_fee(with_fee(notices=(theirs,)), day("2026-12-01"), law) == ()


def test_a_cases_interest_on_the_fee_pauses_with_that_on_any_claim_and_keeps_the_day_basis(law):
    """C5, C6, C7."""
    held = with_fee(claims=(claim(900, "2026-09-15"), paused(OWED, ("2026-11-20", None, UPHELD))))
    assert [line.paused for line in interest_on_fee(held, day("2026-12-01"), law)] == ["", UPHELD]
    old = case(notices=(demand("2024-02-01", "2024-02-15"),), fee_charges=((day("2024-02-01"), Ore(60_000)),))
    amounts = [interest_sum(interest_on_fee(old, day("2024-06-01"), law, basis)) for basis in ("act/act", "fixed365")]
    assert amounts == [1_865, 1_870]


@pytest.mark.parametrize(("on", "ore"), [("2026-11-12", 0), ("2026-11-13", 19), ("2026-12-31", 19)])
def test_one_more_day_of_interest_on_the_fee_from_the_day_it_begins(law, on, ore):
    """C6."""
    assert daily_fee_interest(with_fee(), day(on), law) == ore


def test_one_more_day_costs_nothing_when_the_fee_is_paid_pauses_or_is_not_claimed(law):
    """C6, C7."""
    on = day("2026-11-20")
    assert daily_fee_interest(demanded(), on, law) == 0
    assert daily_fee_interest(with_fee(fee_payments=((on, Ore(56_200)),)), on, law) == 0
    assert daily_fee_interest(with_fee(fee_payments=((on, Ore(56_199)),)), on, law) == 0  # an øre bears no whole øre
    assert daily_fee_interest(with_fee(fee_payments=((on, Ore(28_100)),)), on, law) == 9
    held = with_fee(claims=(paused(OWED, ("2026-11-20", None, UPHELD)),))
    assert [daily_fee_interest(held, day(text), law) for text in ("2026-11-19", "2026-11-20")] == [19, 0]


def test_one_more_day_of_interest_on_a_fee_keeps_the_day_basis_and_stops_where_no_rate_is_known(law):
    """C1, C5, C6."""
    large = case(notices=(demand("2024-02-01", "2024-02-15"),), fee_charges=((day("2024-02-01"), Ore(1_080_000)),))
    amounts = [daily_fee_interest(large, day("2024-06-01"), law, basis) for basis in ("act/act", "fixed365")]
    assert amounts == [369, 370]
    assert daily_fee_interest(large, day("2025-01-01"), law) == 370
    with pytest.raises(UnknownLaw):
        daily_fee_interest(large, day("2027-01-01"), law)


def test_a_pause_that_is_over_before_the_claim_fell_due_does_not_hide_a_later_one(law):
    """C7."""
    held = paused(OWED, ("2026-03-01", "2026-03-10", DELAY), ("2026-04-01", "2026-04-05", UPHELD))
    assert [reason for _, _, reason, _ in stretches(law, held, "2026-04-11")] == ["", UPHELD, ""]


def test_of_pauses_that_begin_on_one_day_the_one_noted_first_explains_the_days_both_have(law):
    """C7."""
    pauses = (("2026-03-20", None, UPHELD), ("2026-03-20", "2026-04-01", DELAY))
    assert [line[2:] for line in stretches(law, paused(OWED, *pauses), "2026-04-11")] == [("", 1_644), (UPHELD, 0)]
    swapped = stretches(law, paused(OWED, *reversed(pauses)), "2026-04-11")
    assert [line[2:] for line in swapped] == [("", 1_644), (DELAY, 0), (UPHELD, 0)]


def test_a_claim_that_falls_due_within_a_pause_needs_no_rate_while_it_lasts(law):
    """C1, C7."""
    held = paused(claim(1000, "2027-01-05"), ("2027-01-01", None, DELAY))
    assert interest_sum(interest_on_claims([held], day("2027-02-01"), law)) == 0
    begins_there = paused(claim(1000, "2027-01-05"), ("2027-01-05", None, DELAY))
    assert interest_sum(interest_on_claims([begins_there], day("2027-02-01"), law)) == 0


def test_one_more_day_of_a_case_costs_the_interest_on_its_claims_and_on_its_fee(law):
    """C5, C6."""
    assert interest_per_day(with_fee(), day("2026-11-20"), law) == 101 + 19  # 3 000 kr and 562 kr at 12.25 percent
    assert interest_per_day(demanded(), day("2026-11-20"), law) == 101
    charges = ((day("2024-02-01"), Ore(1_080_000)),)
    large = case(claim(40_000, "2024-01-02"), notices=(demand("2024-02-01", "2024-02-15"),), fee_charges=charges)
    per_day = [interest_per_day(large, day("2024-06-01"), law, basis) for basis in ("act/act", "fixed365")]
    assert per_day == [1_366 + 369, 1_370 + 370]
