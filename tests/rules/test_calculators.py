"""The calculators against the worked examples."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.rules.allocation import Item, ItemKind
from saas.rules.calculators import allocation, checked_kid, deadlines, fees, interest, new_kid
from saas.rules.law import UnknownLaw, load_law
from saas.rules.money import Ore, ore_of_kroner
from tests.rules.builders import day


def plain(text):
    return text.replace("\u00a0", " ")


def test_interest_with_payments_over_a_leap_year_and_a_rate_change_is_the_published_one(law):
    """C2, C3, C4, C5, C6, C8."""
    paid = [(day("2025-03-10"), Ore(500_000)), (day("2024-06-27"), Ore(200_000))]
    answer = interest(1_000_000, day("2024-06-15"), day("2025-11-21"), law, payments=paid)
    assert [line.amount_ore for line in answer.lines] == [4_098, 51_366, 18_630, 11_610, 14_398]
    assert answer.total_ore == 100_102


def test_interest_on_fixed_days_is_the_other_published_one(law):
    """C3, C4, C5, C6."""
    assert interest(1_000_000, day("2024-06-15"), day("2024-06-27"), law, "fixed365").total_ore == 4_110


@given(principal=st.integers(1, 10**12), days=st.integers(0, 365 * 20))
def test_lines_of_interest_follow_each_other_and_add_up(principal, days):
    """C4, C8."""
    start = day("2005-02-01")
    end = start.fromordinal(start.toordinal() + days)
    answer = interest(principal, start, end, load_law())
    assert answer.total_ore == sum(line.amount_ore for line in answer.lines)
    assert sum(line.days for line in answer.lines) == days
    assert all(a.to_on == b.from_on for a, b in pairwise(answer.lines))


@pytest.mark.parametrize(
    ("principal", "light", "heavy"),
    [("500", "187.50", "375"), ("500.01", "262.50", "525"), ("2500", "300", "600"), ("250000.01", "5400", "10800")],
)
def test_caps_are_those_of_the_table_to_the_ore(law, principal, light, heavy):
    """B8, B10, B11."""
    answer = fees(ore_of_kroner(principal), day("2026-02-01"), day("2026-06-01"), law)
    assert (answer.light_cap_ore, answer.heavy_cap_ore) == (ore_of_kroner(light), ore_of_kroner(heavy))


def test_caps_with_vat_for_a_business_round_down(law):
    """B11, B12."""
    answer = fees(ore_of_kroner(500), day("2026-02-01"), day("2026-06-01"), law, consumer=False, vat_added=True)
    assert (answer.light_cap_ore, answer.heavy_cap_ore) == (35_156, 70_312)


def test_a_fee_begins_fourteen_days_after_the_due_date_and_not_the_day_before(law):
    """B1, B28."""
    early = fees(300_000, day("2026-09-15"), day("2026-09-28"), law)
    assert (early.notice_fee_ore, early.own_demand_fee_ore) == (0, 0)
    assert "29. september 2026" in early.lines[0].words
    on_the_day = fees(300_000, day("2026-09-15"), day("2026-09-29"), law)
    assert (on_the_day.notice_fee_ore, on_the_day.own_demand_fee_ore) == (3_800, 11_300)


def test_fees_charged_before_take_of_the_cap_and_never_below_zero(law):
    """B23."""
    assert fees(300_000, day("2026-09-15"), day("2026-10-29"), law, charged_ore=18_900).light_fee_ore == 41_100
    small = fees(40_000, day("2026-09-15"), day("2026-10-29"), law, charged_ore=18_900)
    assert (small.light_fee_ore, small.notice_fee_ore) == (0, 0)
    assert "Taket" in small.lines[0].words


def test_a_claim_due_before_the_table_is_no_guess(law):
    """B29."""
    with pytest.raises(UnknownLaw):
        fees(300_000, day("2009-12-31"), day("2026-09-29"), law)


def test_a_payment_is_spread_by_the_order_asked_for(law):
    """D1, D2, D3."""
    items = [
        Item(ItemKind.PRINCIPAL, Ore(400_000)),
        Item(ItemKind.INTEREST, Ore(12_099)),
        Item(ItemKind.NOTICE_FEE, Ore(60_000)),
    ]
    principal = {
        order: allocation(150_000, items, order).paid_ore(ItemKind.PRINCIPAL)
        for order in ("default", "customary", "principal_first")
    }
    assert principal == {"default": 90_000, "customary": 77_901, "principal_first": 150_000}


@pytest.mark.parametrize(
    ("sent_on", "slack", "deadline_on", "heavy_on"),
    [
        ("2026-09-01", 0, "2026-09-15", "2026-10-14"),
        ("2026-09-01", 7, "2026-09-22", "2026-10-21"),
        ("2026-03-20", 0, "2026-04-07", "2026-05-06"),
    ],
)
def test_the_heavy_fee_follows_the_printed_deadline(law, sent_on, slack, deadline_on, heavy_on):
    """A1, A3, B10."""
    answer = deadlines("payment_demand", day(sent_on), law, slack_days=slack)
    assert (answer.deadline_on, answer.heavy_fee_from) == (day(deadline_on), day(heavy_on))


def test_the_next_step_waits_for_payments_under_way(law):
    """A1, A2."""
    assert deadlines("collection_notice", day("2026-09-29"), law).next_step_on == day("2026-10-19")
    without = deadlines("collection_notice", day("2026-09-29"), law, grace_banking_days=0)
    assert without.next_step_on == day("2026-10-14")


def test_only_a_demand_has_a_heavy_fee_and_a_last_day_for_legal_action(law):
    """B10, S6."""
    notice = deadlines("collection_notice", day("2026-09-29"), law)
    assert (notice.heavy_fee_from, notice.legal_action_latest_on) == (None, None)
    assert deadlines("payment_demand", day("2026-10-14"), law).legal_action_latest_on == day("2027-04-14")


def test_a_letter_on_a_day_whose_figures_are_not_known_has_no_deadline(law):
    """C1."""
    assert deadlines("reminder", day("2026-12-31"), law).deadline_on == day("2027-01-14")
    with pytest.raises(UnknownLaw):
        deadlines("reminder", day("2027-01-01"), law)


def test_a_kid_is_checked_under_either_method_and_made_under_the_one_asked_for():
    """D7."""
    assert checked_kid("123456782").methods == ("mod10",)
    assert checked_kid("123403-").methods == ("mod11",)
    assert checked_kid("123403-", "mod10").valid is False
    assert checked_kid("1234030").valid is False
    assert new_kid("12345678").kid == "123456782"
    assert new_kid("123403", "mod11").kid == "123403-"


def test_every_line_of_an_answer_names_its_rules_and_says_how(law):
    answered = (
        *interest(1_000_000, day("2024-06-15"), day("2024-06-27"), law).lines,
        *fees(300_000, day("2026-09-15"), day("2026-10-14"), law).lines,
        *deadlines("payment_demand", day("2026-09-01"), law).lines,
    )
    assert all(line.rule_ids and line.words.endswith(".") for line in answered)
    assert plain(answered[0].formula) == "10 000,00 × 12,50 % × 12 / 366 = 40,98"


@pytest.mark.parametrize(("due_on", "kroner"), [("2020-09-30", "350"), ("2020-10-01", "175")])
def test_the_due_date_picks_the_table_of_the_caps(law, due_on, kroner):
    """B13."""
    answer = fees(ore_of_kroner(400), day(due_on), day("2025-12-31"), law)
    assert answer.light_cap_ore == ore_of_kroner(kroner)


def test_interest_up_to_the_last_known_day_is_told_and_past_it_is_an_error(law):
    """C1, C2."""
    assert interest(1_000_000, day("2026-12-01"), day("2027-01-01"), law).total_ore == 10_404
    with pytest.raises(UnknownLaw):
        interest(1_000_000, day("2026-12-01"), day("2027-01-02"), law)
