"""The tables an agency publishes and the dates of the worked examples, computed by the verifier's own figures."""

from datetime import date

import pytest

from saas.verifier.caps import times
from saas.verifier.days import after_banking_days, plus_days
from saas.verifier.figures import read_figures
from saas.verifier.verify import RATES

FIGURES = read_figures(RATES)
DUE, OLD_DUE = date(2026, 1, 15), date(2020, 9, 30)

CAPS_2026 = [  # principal; consumer, with VAT, business, with VAT: light and heavy
    (50_000, 18_750, 37_500, 23_437, 46_875, 28_125, 56_250, 35_156, 70_312),
    (50_001, 26_250, 52_500, 32_812, 65_625, 39_375, 78_750, 49_218, 98_437),
    (250_000, 30_000, 60_000, 37_500, 75_000, 45_000, 90_000, 56_250, 112_500),
    (1_000_000, 60_000, 120_000, 75_000, 150_000, 90_000, 180_000, 112_500, 225_000),
    (1_000_001, 120_000, 240_000, 150_000, 300_000, 180_000, 360_000, 225_000, 450_000),
    (25_000_000, 270_000, 540_000, 337_500, 675_000, 405_000, 810_000, 506_250, 1_012_500),
    (25_000_001, 540_000, 1_080_000, 675_000, 1_350_000, 810_000, 1_620_000, 1_012_500, 2_025_000),
]


def cap_of(base_ore: int, kind: str, *, heavy: bool, vat: bool, due_on: date = DUE, on: date = DUE) -> int:
    rate, tier, percent = FIGURES.rate(on), FIGURES.tier(due_on, kind, base_ore), FIGURES.vat(on)
    assert rate
    assert tier
    assert percent
    multiplier = int(tier.values[heavy] * 1_000)
    return times(int(rate.values[0]) * 100, multiplier, percent.values[0] if vat else None)


@pytest.mark.parametrize("row", CAPS_2026, ids=lambda row: f"{row[0]} øre")
def test_the_caps_of_2026_are_those_published(row: tuple[int, ...]) -> None:
    columns = [
        (kind, vat, heavy) for kind in ("consumer", "business") for vat in (False, True) for heavy in (False, True)
    ]
    assert [cap_of(row[0], kind, heavy=heavy, vat=vat) for kind, vat, heavy in columns] == list(row[1:])


@pytest.mark.parametrize(
    ("base_ore", "light", "heavy"),
    [
        (250_000, 35_000, 70_000),
        (1_000_000, 70_000, 140_000),
        (5_000_000, 140_000, 280_000),
        (25_000_001, 560_000, 1_120_000),
    ],
)
def test_the_old_caps_are_those_published(base_ore: int, light: int, heavy: int) -> None:
    priced = [
        cap_of(base_ore, "consumer", heavy=h, vat=False, due_on=OLD_DUE, on=date(2025, 12, 31)) for h in (False, True)
    ]
    assert priced == [light, heavy]


def test_past_the_last_known_half_year_there_is_no_rate() -> None:
    assert FIGURES.interest(date(2026, 12, 31))
    assert FIGURES.interest(date(2027, 1, 1)) is None
    assert FIGURES.rate(date(2027, 1, 1)) is None


def test_a_demand_of_1_september_2026_may_be_heavy_from_14_october() -> None:
    assert plus_days(date(2026, 9, 15), 28 + 1) == date(2026, 10, 14)


def test_with_three_days_grace_a_notice_until_13_october_2026_is_missed_after_the_16th() -> None:
    assert after_banking_days(date(2026, 10, 13), 3) == date(2026, 10, 16)
