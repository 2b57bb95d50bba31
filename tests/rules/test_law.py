import csv
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from saas.rules.figures import court_fee_for
from saas.rules.law import LawFileError, UnknownLaw, figures_in_force, load_law, read_law
from saas.rules.rates import RATES
from tests.rules.builders import day


@pytest.mark.parametrize(
    ("find", "before", "first", "old", "new"),
    [
        ("late_interest", "2026-06-30", "2026-07-01", "12.00", "12.25"),
        ("late_interest", "2025-12-31", "2026-01-01", "12.25", "12.00"),
        ("collection_rate", "2025-12-31", "2026-01-01", "700", "750"),
        ("court_fee", "2025-12-31", "2026-01-01", "1314", "1345"),
        ("standard_compensation", "2026-06-30", "2026-07-01", "460", "430"),
        ("standard_compensation", "2020-12-31", "2021-01-01", "430", "420"),
    ],
)
def test_a_figure_changes_on_the_day_the_rate_file_says_and_not_the_day_before(law, find, before, first, old, new):
    look_up = getattr(law, find)
    assert look_up(day(before)).value == Decimal(old)
    assert look_up(day(first)).value == look_up(day(first).replace(day=2)).value == Decimal(new)


@pytest.mark.parametrize("find", ["late_interest", "collection_rate", "court_fee", "standard_compensation", "vat_rate"])
def test_the_last_known_day_is_known_and_the_day_after_is_an_error(law, find):
    assert getattr(law, find)(day("2026-12-31")).value > 0
    with pytest.raises(UnknownLaw) as caught:
        getattr(law, find)(day("2027-01-01"))
    assert caught.value.figure == find


@pytest.mark.parametrize(
    ("find", "on"),
    [("late_interest", "1993-12-31"), ("collection_rate", "2004-12-31"), ("standard_compensation", "2013-12-31")],
)
def test_a_date_before_the_first_row_is_an_error(law, find, on):
    with pytest.raises(UnknownLaw):
        getattr(law, find)(day(on))


def test_a_row_names_its_source_its_file_and_when_it_was_last_checked(law):
    row = law.collection_rate(day("2026-10-01"))
    assert (row.file, row.checked_on, row.confidence) == ("collection_rate.csv", day("2026-11-21"), "found")
    assert "FOR-2025-12-19-2709" in row.source


def test_the_only_figure_from_memory_says_so(law):
    assert law.collection_rate(day("2014-06-01")).confidence == "memory"


@pytest.mark.parametrize(("due_on", "light"), [("2020-09-30", "0.5"), ("2020-10-01", "0.25"), ("2020-10-02", "0.25")])
def test_the_fee_table_changes_with_the_due_date_of_1_october_2020(law, due_on, light):
    assert law.fee_tier(day(due_on), True, 50_000).value == Decimal(light)


def test_a_band_ends_at_its_upper_amount_inclusive(law):
    due_on = day("2026-01-15")
    assert law.fee_tier(due_on, True, 50_000).light_thousandths == 250
    assert law.fee_tier(due_on, True, 50_001).light_thousandths == 350
    assert law.fee_tier(due_on, False, 25_000_001).light_thousandths == 10_800


def test_a_claim_due_before_2010_is_left_to_people(law):
    """B29."""
    assert law.fee_tier(day("2010-01-01"), True, 100_000).light_thousandths == 500
    with pytest.raises(UnknownLaw):
        law.fee_tier(day("2009-12-31"), True, 100_000)


@pytest.mark.parametrize(
    ("item", "on", "kroner"),
    [
        ("utleggsbegjaering", "2024-12-31", 1545),
        ("utleggsbegjaering", "2025-01-01", 906),
        ("utleggsbegjaering", "2026-10-01", 928),
        ("forliksklage", "2024-06-30", 1404),
        ("forliksklage", "2024-07-01", 1966),
        ("forliksklage", "2026-10-01", 2071),
        ("konkursvarsel_forkynnelse", "2026-10-01", 672),
        ("konkursbo_aapnet", "2026-10-01", 5850),
    ],
)
def test_w20_court_fees_are_rounded_down_to_whole_kroner(law, item, on, kroner):
    assert court_fee_for(law, item, day(on)) == kroner


def test_an_unknown_item_has_no_court_fee(law):
    with pytest.raises(UnknownLaw):
        law.court_fee_multiplier("parkering", day("2026-10-01"))


def test_law_show_lists_every_figure_in_force_with_where_it_comes_from():
    figures = {f.name: f for f in figures_in_force(day("2026-10-01"))}
    values = {name: (str(f.value), f.unit) for name, f in figures.items()}
    assert values["late_interest"] == ("12.25", "percent")
    assert values["notice_fee"] == ("38", "kr")
    assert values["own_demand_fee"] == ("113", "kr")
    assert values["cap.consumer.up_to_500.light"] == ("187.5", "kr")
    assert values["cap.business.up_to_1000.heavy.with_vat"] == ("984.37", "kr")
    assert values["court_fee.utleggsbegjaering"] == ("928", "kr")
    assert figures["court_fee.drafting_cap_utlegg"].value == Decimal("672.5")
    assert len([name for name in figures if name.startswith("cap.")]) == 7 * 2 * 2 * 3
    assert all(
        f.source and f.confidence and f.valid_from <= day("2026-10-01") <= f.known_until for f in figures.values()
    )


def test_a_share_of_a_fee_has_no_amount_of_its_own_and_a_liability_keeps_its_name():
    figures = {f.name: f for f in figures_in_force(day("2026-10-01"))}
    half = figures["court_fee_multiplier.stevning_tingrett_halvt_gebyr"]
    assert (half.value, half.unit) == (Decimal("0.5"), "x full fee")
    assert "court_fee.stevning_tingrett_halvt_gebyr" not in figures
    assert figures["court_fee.konkurs_rekvirentansvar"].value == 67_250
    assert figures["court_fee.stevning_tingrett_smaakrav"].value == 4707


def test_the_regulation_of_2026_has_the_number_it_was_repealed_under(law):
    """The footnote of FRL § 3 prints 2568; FOR-2026-06-25-1372 § 3 repeals no. 2658."""
    assert "FOR-2025-12-18-2658" in law.late_interest(day("2026-01-01")).source


def test_a_derived_figure_is_no_surer_than_its_weakest_source():
    fees = {f.name: f for f in figures_in_force(day("2014-06-01"))}
    assert fees["notice_fee"].confidence == "memory"
    assert fees["notice_fee"].value == 64


def test_law_show_leaves_out_what_is_not_known():
    assert figures_in_force(day("2027-01-01")) == []


def test_the_law_is_read_once():
    assert load_law() is load_law()


# --- files that are wrong -------------------------------------------------------------------------------------------


@pytest.fixture
def edit(tmp_path) -> Callable[..., Path]:
    """A copy of the rate files with one of them changed row by row (row 2 is the first below the heading)."""
    folder = tmp_path / "rates"
    shutil.copytree(RATES, folder)

    def change(file: str, row: int, **cells: str) -> Path:
        with (folder / file).open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        rows[row - 2].update(cells)
        with (folder / file).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return folder

    return change


@pytest.mark.parametrize(
    ("file", "row", "cells", "problem"),
    [
        ("collection_rate.csv", 4, {"valid_from": "2007-01-02"}, "hole"),
        ("collection_rate.csv", 4, {"valid_from": "2006-12-31"}, "overlaps"),
        ("collection_rate.csv", 4, {"valid_from": "2004-01-01"}, "out of order"),
        ("collection_rate.csv", 4, {"last_known_until": "2006-12-31"}, "before valid_from"),
        ("collection_rate.csv", 5, {"inkassosats_nok": "570 kr"}, "not a number"),
        ("collection_rate.csv", 5, {"inkassosats_nok": "570.005"}, "too many decimals"),
        ("collection_rate.csv", 5, {"inkassosats_nok": ""}, "missing"),
        ("late_interest.csv", 3, {"valid_from": "1.1.2004"}, "not a date"),
        ("late_interest.csv", 3, {"source": ""}, "source is missing"),
        ("court_fee_multiplier.csv", 4, {"valid_from": "2022-01-02"}, "hole"),
        ("court_fee_multiplier.csv", 4, {"valid_from": "2021-12-31"}, "overlaps"),
        ("court_fee_multiplier.csv", 4, {"valid_from": "2018-12-31"}, "out of order"),
        ("court_fee_multiplier.csv", 6, {"multiplier_of": "inkassosats"}, "multiplier_of is none of rettsgebyr"),
        ("court_fee_multiplier.csv", 6, {"multiplier_of": ""}, "multiplier_of is missing"),
        ("court_fee_multiplier.csv", 6, {"rounding": "up"}, "rounding is none of"),
        ("court_fee_multiplier.csv", 6, {"multiplier": "1.705"}, "too many decimals"),
        ("vat_rate.csv", 2, {"vat_percent": "25 %"}, "not a number"),
        ("collection_fee_tiers.csv", 13, {"principal_over_nok": "501"}, "bands"),
        ("collection_fee_tiers.csv", 13, {"debtor_kind": "person"}, "debtor_kind"),
        ("collection_fee_tiers.csv", 12, {"light_fee_multiplier": "9"}, "heavy fee is lower"),
    ],
)
def test_a_faulty_rate_file_is_refused_naming_file_and_row(edit, file, row, cells, problem):
    with pytest.raises(LawFileError, match=problem) as caught:
        read_law(edit(file, row, **cells))
    assert caught.value.file == file
    assert caught.value.row in (row, row + 1)
    assert f"{file} row" in str(caught.value)


def test_a_missing_rate_file_is_named(tmp_path):
    with pytest.raises(LawFileError, match=r"late_interest\.csv"):
        read_law(tmp_path)


def test_an_overlap_is_found_when_the_row_above_claims_to_last_longer(edit):
    with pytest.raises(LawFileError, match="overlaps row 3"):
        read_law(edit("collection_rate.csv", 3, last_known_until="2007-06-30"))


def test_stretches_of_interest_are_cut_where_the_rate_or_the_length_of_the_year_changes():
    """C2, C5, C8: read anew; 2014 and 2015 are common years, 8.50 percent held through 2018."""
    fresh = read_law(RATES)
    actual, fixed = (fresh.interest_periods(basis) for basis in ("act/act", "fixed365"))
    new_years = {day(f"{year}-01-01").toordinal() for year in range(1995, 2027)}
    assert {days for days in actual.year_days} == {365, 366}
    assert set(fixed.year_days) == {365}
    assert len(actual.starts) == len(actual.hundredths) + 1 > len(fixed.starts)
    assert day("2018-07-01").toordinal() not in fixed.starts
    assert {day("2024-01-01").toordinal(), day("2025-01-01").toordinal()} < {*actual.starts, *new_years}
    assert day("2025-01-01").toordinal() in actual.starts
    assert day("2025-01-01").toordinal() not in fixed.starts
    assert fresh.interest_periods("act/act").starts[-1] == day("2027-01-01").toordinal()
