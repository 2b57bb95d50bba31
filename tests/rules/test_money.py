"""Whole øre, exact decimals, and how amounts are rounded and printed (C8, B11)."""

from decimal import Decimal

import pytest

from saas.rules.money import kroner, ore_of_kroner, round_down, round_half_up, round_half_up_to_krone


@pytest.mark.parametrize(
    ("text", "ore"),
    [("0", 0), ("0.01", 1), ("12345.67", 1_234_567), ("-2.50", -250), (38, 3_800), (Decimal("1E+3"), 100_000)],
)
def test_an_amount_in_kroner_is_whole_ore(text, ore):
    assert ore_of_kroner(text) == ore


def test_an_amount_far_beyond_any_claim_keeps_every_digit():
    assert ore_of_kroner("123456789012345678901234567890.12") == 12_345_678_901_234_567_890_123_456_789_012


@pytest.mark.parametrize("text", ["0.001", "12.345", "1E-3", "NaN", "Infinity", "-Infinity", "", "12,50", "12 kr"])
def test_what_is_no_whole_number_of_ore_is_refused_by_name(text):
    with pytest.raises(ValueError, match=f"^{text} kr is not a whole number of øre$"):
        ore_of_kroner(text)


@pytest.mark.parametrize(("exact", "nearest"), [("0.4999", 0), ("0.5", 1), ("1.49", 1), ("1.5", 2), ("2.5", 3)])
def test_an_interest_line_is_rounded_half_up_to_the_ore(exact, nearest):
    """C8."""
    assert round_half_up(Decimal(exact)) == nearest


@pytest.mark.parametrize(("exact", "down"), [("23437.5", 23_437), ("23437.99", 23_437), ("23437", 23_437)])
def test_a_cap_is_rounded_down_to_the_ore(exact, down):
    """B11."""
    assert round_down(Decimal(exact)) == down


@pytest.mark.parametrize(
    ("exact", "whole"), [("3750", 3_800), ("3749.99", 3_700), ("11250", 11_300), ("3500", 3_500), ("49.9", 0)]
)
def test_a_notice_fee_is_rounded_half_up_to_the_krone(exact, whole):
    assert round_half_up_to_krone(Decimal(exact)) == whole


@pytest.mark.parametrize(
    ("ore", "printed"),
    [
        (0, "0,00"),
        (5, "0,05"),
        (156_872, "1_568,72"),
        (100_000_000, "1_000_000,00"),
        (-156_872, "−1_568,72"),
        (-5, "−0,05"),
        (99_999, "999,99"),
    ],
)
def test_an_amount_is_printed_with_a_comma_and_groups_of_three(ore, printed):
    assert kroner(ore, space="_") == printed


def test_the_space_in_an_amount_does_not_break_a_line_unless_told_otherwise():
    assert kroner(156_872) == "1\u00a0568,72"
