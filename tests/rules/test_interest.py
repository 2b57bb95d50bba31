"""Worked examples W1 to W6 and W12's interest; C1-C8."""

import pytest

from saas.rules.interest import daily_interest, interest_on_claims, interest_sum, late_interest
from saas.rules.law import UnknownLaw
from saas.rules.money import Ore, ore_of_kroner
from tests.rules.builders import claim, day


def lines_of(law, kroner, due_on, to_on, paid=(), basis="act/act"):
    moves = tuple((day(on), ore_of_kroner(amount)) for on, amount in paid)
    return late_interest(ore_of_kroner(kroner), moves, day(due_on), day(to_on), law, basis)


def amounts(lines):
    return [line.interest_ore for line in lines]


W1_PAID = (("2024-06-27", 2000), ("2025-03-10", 5000))


def test_w1_interest_with_part_payments_over_a_leap_year_matches_the_published_example(law):
    lines = lines_of(law, 10_000, "2024-06-15", "2025-11-21", W1_PAID)
    assert amounts(lines) == [4098, 51366, 18630, 11610, 14398]
    assert [line.days for line in lines] == [12, 188, 68, 113, 143]
    assert [line.year_days for line in lines] == [366, 366, 365, 365, 365]
    assert [line.balance_ore for line in lines] == [1_000_000, 800_000, 800_000, 300_000, 300_000]
    assert 51366 + 18630 == 69996  # the row the authority prints as one


def test_w1_a_second_claim_has_a_start_of_its_own(law):
    assert amounts(lines_of(law, 3000, "2025-08-14", "2025-11-21")) == [9968]


def test_w1_fixed_365_gives_the_other_convention(law):
    lines = lines_of(law, 10_000, "2024-06-15", "2025-11-21", W1_PAID, basis="fixed365")
    assert amounts(lines)[:2] == [4110, 70137]
    assert lines[1].days == 188 + 68


def test_w2_the_rate_drops_on_1_july_2025(law):
    lines = lines_of(law, "12345.67", "2025-06-10", "2025-07-20")
    assert amounts(lines) == [8879, 7872]
    assert interest_sum(lines) == 16751


def test_w3_the_rate_rises_on_1_july_2026(law):
    lines = lines_of(law, 5000, "2026-06-15", "2026-08-01")
    assert [(line.days, str(line.rate_percent), line.interest_ore) for line in lines] == [
        (16, "12.00", 2630),
        (31, "12.25", 5202),
    ]


def test_w4_lines_are_rounded_one_by_one_into_a_leap_year(law):
    lines = lines_of(law, 8000, "2023-12-15", "2024-03-01")
    assert amounts(lines) == [4378, 16393]
    assert interest_sum(lines) == 20771
    assert interest_sum(lines_of(law, 8000, "2023-12-15", "2024-03-01", basis="fixed365")) == 20816


def test_w5_a_leap_year_with_two_changes(law):
    assert amounts(lines_of(law, 10_000, "2019-12-20", "2020-07-10")) == [3041, 47240, 1967]
    assert interest_sum(lines_of(law, 10_000, "2019-12-20", "2020-07-10", basis="fixed365")) == 52384


def test_w5_the_whole_year_2024_is_one_line_at_the_whole_rate(law):
    assert amounts(lines_of(law, 10_000, "2024-01-01", "2025-01-01")) == [125_000]
    assert amounts(lines_of(law, 10_000, "2024-01-01", "2025-01-01", basis="fixed365")) == [125_342]


def test_w5_the_whole_year_2025_is_two_lines(law):
    assert amounts(lines_of(law, 10_000, "2025-01-01", "2026-01-01")) == [61986, 61753]


def test_w6_paid_on_the_due_date_bears_no_interest(law):
    assert lines_of(law, 1000, "2026-06-15", "2026-06-15") == ()


def test_w6_a_day_before_the_due_date_gives_nothing_and_never_less(law):
    assert lines_of(law, 1000, "2026-06-15", "2026-06-01") == ()


def test_w6_a_date_past_the_last_known_half_year_is_an_error_and_not_a_guess(law):
    with pytest.raises(UnknownLaw) as caught:
        lines_of(law, 1000, "2026-06-15", "2027-01-02")
    assert (caught.value.figure, caught.value.on) == ("late_interest", day("2027-01-01"))


def test_the_last_known_day_can_still_be_computed(law):
    assert sum(line.days for line in lines_of(law, 1000, "2026-12-01", "2027-01-01")) == 31


def test_a_claim_paid_before_the_unknown_half_year_needs_no_unknown_rate(law):
    assert lines_of(law, 1000, "2026-06-15", "2027-03-01", paid=(("2026-06-20", 1000),))[-1].to_on == day("2026-06-20")


def test_a_due_date_before_the_first_known_rate_is_an_error(law):
    with pytest.raises(UnknownLaw):
        lines_of(law, 1000, "1990-06-15", "2026-06-15")


def test_a_payment_before_the_due_date_bears_interest_on_the_rest_only(law):
    assert [line.balance_ore for line in lines_of(law, 1000, "2026-03-15", "2026-04-15", (("2026-03-01", 400),))] == [
        60_000
    ]


def test_a_payment_after_the_day_asked_about_changes_nothing(law):
    paid = (("2026-04-20", 400),)
    assert lines_of(law, 1000, "2026-03-15", "2026-04-15", paid) == lines_of(law, 1000, "2026-03-15", "2026-04-15")


def test_two_payments_on_one_day_that_cancel_out_do_not_split_the_line(law):
    paid = (("2026-03-20", 400), ("2026-03-20", -400))
    assert len(lines_of(law, 1000, "2026-03-15", "2026-04-15", paid)) == 1


def test_money_taken_back_by_the_bank_bears_interest_again_from_that_day(law):
    lines = lines_of(law, 1000, "2026-03-15", "2026-04-15", (("2026-03-20", 400), ("2026-03-25", -400)))
    assert [line.balance_ore for line in lines] == [100_000, 60_000, 100_000]


def test_two_common_years_at_one_rate_are_one_line(law):
    assert len(lines_of(law, 1000, "2014-01-01", "2014-12-31")) == 1
    assert len(lines_of(law, 1000, "2018-01-01", "2018-12-31")) == 1  # 8.50 in both half years


@pytest.mark.parametrize(
    ("to_on", "rates"),
    [("2026-06-30", ["12.00"]), ("2026-07-01", ["12.00"]), ("2026-07-02", ["12.00", "12.25"])],
)
def test_the_new_rate_bears_from_the_day_the_file_says_and_not_the_day_before(law, to_on, rates):
    assert [str(line.rate_percent) for line in lines_of(law, 1000, "2026-06-15", to_on)] == rates


def test_w12_interest_stays_per_invoice(law):
    claims = (claim(900, "2026-04-15", nth=1), claim(1200, "2026-05-15", nth=2), claim(700, "2026-06-15", nth=3))
    lines = interest_on_claims(claims, day("2026-08-01"), law)
    assert amounts(lines) == [2278, 936, 1854, 1248, 368, 728]
    assert interest_sum(lines) == 7412
    assert [line.claim_id for line in lines[::2]] == [c.id for c in claims]


def test_one_more_day_costs_what_one_day_of_interest_costs(law):
    claims = (claim(10_000, "2026-07-15", nth=1), claim(500, "2026-12-24", nth=2))
    assert daily_interest(claims, day("2026-08-01"), law) == Ore(336)  # 12.25 % of 10 000 / 365; the other is not due


def test_an_unknown_day_basis_is_refused(law):
    with pytest.raises(ValueError, match="day basis"):
        lines_of(law, 1000, "2026-03-15", "2026-04-15", basis="360")
