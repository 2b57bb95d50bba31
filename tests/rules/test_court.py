"""Worked example W20; B24, and law B.5."""

import pytest

from saas.rules.court import (
    CourtItem,
    LegalCostKind,
    SuitEnd,
    attendance_cap,
    bankruptcy_liability,
    bankruptcy_window,
    cap_with_bankruptcy_notice,
    court_fee,
    drafting_cap,
    legal_total,
    suit_end,
    suit_fee,
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
        (CourtItem.BANKRUPTCY_REFUSED, "2026-10-16", 2017),
        (CourtItem.SUIT, "2026-10-16", 6725),
        (CourtItem.SMALL_CLAIMS_SUIT, "2026-10-16", 4707),
        (CourtItem.REOPENING, "2026-10-16", 672),
        (CourtItem.COMPLAINT, "2026-10-16", 1345),
        (CourtItem.SUIT, "2025-12-31", 6570),
        (CourtItem.SMALL_CLAIMS_SUIT, "2025-12-31", 4599),
        (CourtItem.REOPENING, "2024-07-01", 638),
        (CourtItem.BANKRUPTCY_REFUSED, "2019-01-01", 1725),
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
    assert "1\u00a0345,00\u00a0kr" in fee.explanation
    assert "16. oktober 2026" in fee.explanation


def test_w20_an_attachment_comes_to_1600_50_in_all(law):
    """W20, B12."""
    total = legal_total(CourtItem.ATTACHMENT, IN_2026, law, vat_added=False)
    assert [line.amount_ore for line in total.lines] == [92_800, 67_250]
    assert total.total_ore == ore_of_kroner("1600.50")
    with_vat = legal_total(CourtItem.ATTACHMENT, IN_2026, law, vat_added=True)
    assert [line.amount_ore for line in with_vat.lines] == [92_800, 84_062]


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


@pytest.mark.parametrize(
    ("how", "kroner"),
    [
        ({}, 6725),
        ({"after_conciliation": True}, 5380),
        ({"hearing_days": 2}, 10_760),
        ({"hearing_days": 5}, 22_865),
        ({"hearing_days": 6}, 28_245),
        ({"hearing_days": 7, "after_conciliation": True}, 32_280),
        ({"end": SuitEnd.ENDED_EARLY}, 2690),
        ({"end": SuitEnd.REJECTED, "after_conciliation": True}, 2690),
        ({"end": SuitEnd.ENDED_LATE}, 3362),
        ({"end": SuitEnd.DEFAULT_JUDGMENT}, 3362),
        ({"end": SuitEnd.DEFAULT_JUDGMENT, "after_conciliation": True}, 2690),
        ({"end": SuitEnd.ENDED_LATE, "hearing_days": 2}, 5380),
        ({"small_claims": True}, 4707),
        ({"small_claims": True, "after_conciliation": True}, 3362),
        ({"small_claims": True, "hearing_days": 3}, 4707),
        ({"small_claims": True, "end": SuitEnd.DEFAULT_JUDGMENT}, 2353),
    ],
)
def test_the_fee_of_a_suit_follows_from_its_track_its_days_and_its_end(law, how, kroner):
    """B.5: rettsgebyrloven § 8."""
    fee = suit_fee(IN_2026, law, **how)
    assert fee.amount_ore == ore_of_kroner(kroner)
    assert fee.rows[-1] is law.court_fee(IN_2026)


def test_the_fee_of_a_suit_tells_every_part_of_it(law):
    fee = suit_fee(IN_2026, law, after_conciliation=True, hearing_days=6, end=SuitEnd.DEFAULT_JUDGMENT)
    assert "10 × rettsgebyret" in fee.explanation
    for part in ("Inngangsgebyret er 5", "forliksrådet, og det gir 1 mindre", "4, med 3", "1, med 4", "halvparten"):
        assert part in fee.explanation
    assert len(fee.rows) == 6


def test_a_suit_is_ended_early_until_four_weeks_before_its_hearing():
    hearing_on = day("2026-11-30")
    assert suit_end(day("2026-11-01"), hearing_on) is SuitEnd.ENDED_EARLY
    assert suit_end(day("2026-11-02"), hearing_on) is SuitEnd.ENDED_EARLY
    assert suit_end(day("2026-11-03"), hearing_on) is SuitEnd.ENDED_LATE


def test_a_hearing_of_no_days_is_an_error(law):
    with pytest.raises(ValueError, match="at least one day"):
        suit_fee(IN_2026, law, hearing_days=0)


@pytest.mark.parametrize(
    ("item", "vat_added", "kroner"),
    [
        (CourtItem.SALE_OF_MOVABLES, False, "672.50"),
        (CourtItem.COVER_IN_MONEY_CLAIM, True, "840.62"),
        (CourtItem.SALE_OF_PROPERTY, False, "1345"),
        (CourtItem.SALE_OF_PROPERTY, True, "1681.25"),
        (CourtItem.SALE_OF_PROPERTY_DECIDED, True, "840.62"),
        (CourtItem.CONCILIATION, True, "840.62"),
    ],
)
def test_a_drafting_cap_with_vat_is_rounded_down_to_the_ore(law, item, vat_added, kroner):
    """B11, B12."""
    assert drafting_cap(item, IN_2026, law, vat_added=vat_added).amount_ore == ore_of_kroner(kroner)


def test_help_in_the_conciliation_board_may_cost_more_when_no_collection_costs_are_claimed(law):
    """B12: TVL § 6-13 letter d."""
    alone = drafting_cap(CourtItem.CONCILIATION, IN_2026, law, vat_added=False, with_collection_costs=False)
    assert alone.amount_ore == ore_of_kroner(5380)
    attending = attendance_cap(IN_2026, law, vat_added=False)
    assert (attending.kind, attending.amount_ore) == (LegalCostKind.ATTENDANCE, ore_of_kroner("672.50"))


def test_a_petitioner_for_bankruptcy_is_liable_for_fifty_court_fees_of_the_filing_day(law):
    """B.5: FOR-2005-01-27-70 § 1."""
    assert bankruptcy_liability(IN_2026, law).amount_ore == ore_of_kroner(67_250)
    assert bankruptcy_liability(day("2025-12-31"), law).amount_ore == ore_of_kroner(65_700)
    assert bankruptcy_liability(IN_2026, law).kind is LegalCostKind.LIABILITY


def test_a_fee_before_its_first_row_is_an_error(law):
    with pytest.raises(UnknownLaw):
        suit_fee(day("2007-12-31"), law)
