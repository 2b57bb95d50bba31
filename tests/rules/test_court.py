"""Worked example W20; B24, and law B.5."""

import pytest

from saas.rules.court import (
    CourtItem,
    bankruptcy_window,
    cap_with_bankruptcy_notice,
    court_fee,
    drafting_cap,
    legal_total,
)
from saas.rules.fees import total_cost_cap
from saas.rules.law import UnknownLaw
from saas.rules.money import ore_of_kroner
from tests.rules.builders import day, demanded

IN_2026 = day("2026-10-16")


@pytest.mark.parametrize(
    ("item", "filed_on", "kroner"),
    [
        (CourtItem.ATTACHMENT, "2026-10-16", 928),
        (CourtItem.CONCILIATION, "2026-10-16", 2071),
        (CourtItem.BANKRUPTCY_NOTICE, "2026-10-16", 672),
        (CourtItem.SALE_OF_PROPERTY_DECIDED, "2026-10-16", 8473),
        (CourtItem.SALE_OF_PROPERTY, "2026-10-16", 1479),
        (CourtItem.COVER_IN_RIGHTS, "2026-10-16", 2824),
        (CourtItem.COVER_IN_MONEY_CLAIM, "2026-10-16", 538),
        (CourtItem.SALE_OF_MOVABLES, "2026-10-16", 1681),
        (CourtItem.SALE_OF_MOVABLES_DECIDED, "2026-10-16", 2959),
        (CourtItem.BANKRUPTCY_OPENED, "2026-10-16", 5850),
        (CourtItem.SUIT, "2026-10-16", 6725),
        (CourtItem.CONCILIATION, "2024-06-30", 1404),
        (CourtItem.CONCILIATION, "2024-07-01", 1966),
        (CourtItem.CONCILIATION, "2024-07-02", 1966),
        (CourtItem.ATTACHMENT, "2024-12-31", 1545),
        (CourtItem.ATTACHMENT, "2025-01-01", 906),
        (CourtItem.ATTACHMENT, "2025-12-31", 906),
        (CourtItem.ATTACHMENT, "2026-01-01", 928),
    ],
)
def test_w20_a_court_fee_is_that_of_the_filing_day_rounded_down_to_a_krone(law, item, filed_on, kroner):
    """W20."""
    fee = court_fee(item, day(filed_on), law)
    assert fee.amount_ore == ore_of_kroner(kroner)


@pytest.mark.parametrize("item", CourtItem)
def test_every_item_has_a_fee_today_and_says_how_it_came_about(law, item):
    """W20."""
    fee = court_fee(item, IN_2026, law)
    assert fee.amount_ore > 0
    assert fee.amount_ore % 100 == 0
    assert "1\u00a0345,00 kr" in fee.explanation
    assert "16. oktober 2026" in fee.explanation


def test_w20_an_attachment_comes_to_1600_50_in_all(law):
    """W20."""
    total = legal_total(CourtItem.ATTACHMENT, IN_2026, law, vat_added=False)
    assert [line.amount_ore for line in total.lines] == [92_800, 67_250]
    assert total.total_ore == ore_of_kroner("1600.50")


def test_w20_drafting_with_vat_is_rounded_down_because_a_cap_is_never_exceeded(law):
    """W20, B12: 840.625, which the example prints as 840.63."""
    assert drafting_cap(CourtItem.ATTACHMENT, IN_2026, law, vat_added=True).amount_ore == ore_of_kroner("840.62")


def test_drafting_a_conciliation_complaint_has_the_lower_limit(law):
    """B12: TVL § 6-13 letter d."""
    assert drafting_cap(CourtItem.CONCILIATION, IN_2026, law, vat_added=False).amount_ore == ore_of_kroner("672.50")


@pytest.mark.parametrize("filed_on", ["2021-01-31", "2027-01-01"])
def test_drafting_outside_what_is_known_is_an_error(law, filed_on):
    """W20."""
    with pytest.raises(UnknownLaw):
        drafting_cap(CourtItem.ATTACHMENT, day(filed_on), law, vat_added=False)


def test_an_item_without_a_drafting_cap_is_an_error(law):
    """W20."""
    with pytest.raises(ValueError, match="drafting"):
        legal_total(CourtItem.SUIT, IN_2026, law, vat_added=False)


def test_a_served_bankruptcy_notice_raises_the_cap_by_its_fee(law):
    """B24."""
    cap = total_cost_cap(demanded(), IN_2026, law)
    assert cap_with_bankruptcy_notice(cap, IN_2026, law) == ore_of_kroner(600 + 672)
    before = total_cost_cap(demanded(), day("2024-06-30"), law)
    assert cap_with_bankruptcy_notice(before, day("2024-06-30"), law) == before.cap_ore + ore_of_kroner(510)


def test_a_bankruptcy_petition_has_two_weeks_after_the_served_calls_two_weeks():
    """B24: konkursloven § 63."""
    window = bankruptcy_window(day("2026-09-01"), day("2026-10-05"))
    assert (window.serve_from, window.pay_by) == (day("2026-09-29"), day("2026-10-19"))
    assert (window.petition_from, window.petition_by) == (day("2026-10-20"), day("2026-11-02"))
    assert bankruptcy_window(day("2026-09-01")).pay_by == day("2026-10-13")


def test_a_call_served_before_the_four_weeks_are_over_does_not_count():
    """B24."""
    with pytest.raises(ValueError, match="four weeks"):
        bankruptcy_window(day("2026-09-01"), day("2026-09-28"))
