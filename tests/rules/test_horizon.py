import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from saas.rules.horizon import due_warnings, missing_figures, next_half_year, warnings_by_day
from saas.rules.law import Law, read_law
from saas.rules.rates import RATES
from saas.rules.words import ENGLISH, in_language
from tests.rules.builders import day

EVERY_FIGURE = {
    "late_interest",
    "standard_compensation",
    "collection_rate",
    "notice_fee_fraction",
    "vat_rate",
    "court_fee",
    "collection_fee_tier",
    "court_fee_multiplier",
}


@pytest.fixture
def known(tmp_path) -> Callable[..., Law]:
    """The law with the last rows of some files known until another day."""
    folder = tmp_path / "rates"
    shutil.copytree(RATES, folder)

    def until(last_day: str, *files: str, item: str = "") -> Law:
        for file in files:
            path = Path(folder / f"{file}.csv")
            with path.open(encoding="utf-8", newline="") as handle:
                rows = list(csv.DictReader(handle))
            for row in rows:
                if row["last_known_until"] == "2026-12-31" and item in ("", row.get("item")):
                    row["last_known_until"] = last_day
            with path.open("w", encoding="utf-8", newline="") as handle:
                writer = csv.DictWriter(handle, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        return read_law(folder)

    return until


def names(missing) -> set[str]:
    return {each.figure for each in missing}


def test_today_the_figures_of_2027_are_missing_with_41_days_left_and_the_first_warning_is_due(law):
    """C1."""
    due = due_warnings(law, day("2026-11-21"))
    assert names(due) == EVERY_FIGURE
    assert {(each.needed_from, each.days_left, each.threshold) for each in due} == {(day("2027-01-01"), 41, 45)}


@pytest.mark.parametrize(
    ("on", "threshold"),
    [
        ("2026-11-16", None),
        ("2026-11-17", 45),
        ("2026-12-10", 45),
        ("2026-12-11", 21),
        ("2026-12-24", 21),
        ("2026-12-25", 7),
        ("2026-12-31", 7),
        ("2027-01-01", 0),
        ("2027-03-01", 0),
    ],
)
def test_a_warning_is_due_at_45_21_and_7_days_and_every_day_once_past(law, on, threshold):
    """C1."""
    missing = {each.figure: each for each in missing_figures(law, day(on))}["late_interest"]
    assert missing.threshold == threshold
    assert (missing in due_warnings(law, day(on))) == (threshold is not None)


def test_a_check_that_did_not_run_on_the_very_day_still_warns_at_the_lowest_threshold_reached(law):
    assert {each.threshold for each in due_warnings(law, day("2026-12-13"))} == {21}
    assert {each.threshold for each in due_warnings(law, day("2026-12-29"))} == {7}


def test_what_is_missing_is_listed_before_anybody_is_warned(law):
    assert names(missing_figures(law, day("2026-08-01"))) == EVERY_FIGURE
    assert due_warnings(law, day("2026-08-01")) == ()
    assert missing_figures(law, day("2026-06-30")) == ()


def test_a_half_years_figures_are_missing_although_the_years_are_known(known):
    law = known("2027-12-31", "collection_rate", "court_fee", "court_fee_multiplier", "collection_fee_tiers")
    law = known("2027-12-31", "vat_rate", "notice_fee_fraction")
    assert names(due_warnings(law, day("2026-12-01"))) == {"late_interest", "standard_compensation"}
    law = known("2027-06-30", "late_interest")
    assert missing_figures(law, day("2026-12-31")) == ()
    later = due_warnings(law, day("2027-05-20"))
    assert {(each.figure, each.days_left) for each in later} == {("late_interest", 42), ("standard_compensation", 42)}


def test_a_figure_that_ends_on_an_odd_day_is_warned_of_45_days_before(known):
    law = known("2027-01-20", "vat_rate")
    assert "vat_rate" not in names(missing_figures(law, day("2026-12-06")))
    (vat,) = (each for each in due_warnings(law, day("2026-12-07")) if each.figure == "vat_rate")
    assert (vat.needed_from, vat.days_left) == (day("2027-01-21"), 45)


def test_the_soonest_comes_first(known):
    law = known("2027-01-05", "late_interest")
    assert [each.figure for each in missing_figures(law, day("2026-12-01"))][-2:] == [
        "late_interest",
        "standard_compensation",
    ]


def test_court_fees_are_one_figure_until_some_of_them_are_known_longer(known):
    law = known("2027-12-31", "court_fee_multiplier", item="utleggsbegjaering")
    left = {name for name in names(missing_figures(law, day("2026-12-01"))) if "multiplier" in name}
    assert "court_fee_multiplier.forliksklage" in left
    assert "court_fee_multiplier.utleggsbegjaering" not in left
    assert "court_fee_multiplier" not in left
    (one,) = (m for m in missing_figures(law, day("2026-12-01")) if m.figure.endswith(".forliksklage"))
    assert "(forliksklage)" in one.words


def test_a_warning_is_said_in_whole_sentences_and_says_where_to_look(law):
    (interest,) = (each for each in due_warnings(law, day("2026-12-31")) if each.figure == "late_interest")
    assert interest.words == "Vi mangler forsinkelsesrenten fra 1. januar 2027. Det er 1 dag igjen til tallet trengs."
    assert in_language(interest.words, ENGLISH).startswith("We lack the late-payment interest rate from 1 January 2027")
    assert "Finanstilsynet" in interest.source_hint
    (late,) = (each for each in due_warnings(law, day("2027-01-02")) if each.figure == "late_interest")
    assert late.days_left == -1
    assert "står på vent" in late.words


@pytest.mark.parametrize(
    ("on", "begins"), [("2026-01-01", "2026-07-01"), ("2026-06-30", "2026-07-01"), ("2026-07-01", "2027-01-01")]
)
def test_a_half_year_begins_in_january_and_july(on, begins):
    """C2."""
    assert next_half_year(day(on)) == day(begins)


def test_what_is_missing_from_one_day_is_told_in_one_sentence(known):
    """C1: what ends on a day of its own has its own."""
    law = known("2026-12-20", "vat_rate")
    vat, rest = warnings_by_day(due_warnings(law, day("2026-12-15")))
    assert vat == "Vi mangler satsen for merverdiavgift fra 21. desember 2026. Det er 6 dager igjen til tallet trengs."
    assert rest.startswith("Fra 1. januar 2027 mangler vi: forsinkelsesrenten; standardkompensasjonen; inkassosatsen; ")
    assert rest.endswith(". Det er 17 dager igjen til tallene trengs.")
    assert in_language(rest, ENGLISH).endswith(". They are needed in 17 days.")
    (_, past) = warnings_by_day(due_warnings(law, day("2027-01-03")))
    assert past.endswith(". Saker som trenger tallene, står på vent.")
    assert warnings_by_day(()) == ()
