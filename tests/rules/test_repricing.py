"""The cap is that of the day the principal is covered; B11, B23, W8."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.rules.law import Law, read_law
from saas.rules.rates import RATES
from saas.rules.repricing import CostBasis, above_cap, cap_has_fallen, cap_when_covered
from tests.rules.builders import claim, day

FALLEN_FROM = date(2026, 6, 1)
CONSUMER = CostBasis(consumer=True, vat_added=False, demanded_on=day("2026-05-04"))


def law_with_a_fallen_rate(folder: Path) -> Law:
    """The law as shipped, had the inkassosats fallen to 600 on 1 June 2026."""
    copytree(RATES, folder, dirs_exist_ok=True)
    file = folder / "collection_rate.csv"
    *rows, last = file.read_text().rstrip().splitlines()
    before, after = last.replace("2026-12-31", "2026-05-31"), last.replace("2026-01-01,750", "2026-06-01,600")
    file.write_text("\n".join((*rows, before, after)) + "\n")
    return read_law(folder)


@pytest.fixture(scope="module")
def fallen(tmp_path_factory) -> Law:
    return law_with_a_fallen_rate(tmp_path_factory.mktemp("rates"))


def test_w8_the_rate_of_the_day_of_payment_makes_the_cap(law):
    """B23, W8, B11: sats 700 in 2025, 750 from 2026."""
    owed = [claim(3000, "2025-10-01")]
    light = CostBasis(True, False, day("2025-11-20"))
    caps = [cap_when_covered(owed, day(on), light, law).cap_ore for on in ("2025-12-30", "2026-01-01")]
    heavy = replace(light, heavy_on=day("2026-01-02"))
    assert [*caps, cap_when_covered(owed, day("2026-01-02"), heavy, law).cap_ore] == [56_000, 60_000, 120_000]


def test_the_cap_falls_only_with_the_rate(law, fallen):
    """B11: the day before, of and after."""
    charged = [day("2026-05-04")]
    assert [cap_has_fallen(charged, day(on), fallen) for on in ("2026-05-31", "2026-06-01", "2026-06-02")] == [
        False, True, True,
    ]  # fmt: skip
    assert not cap_has_fallen([day("2025-12-01")], day("2026-01-02"), law)  # it has risen
    assert cap_when_covered([claim(3000, "2026-03-15")], day("2026-06-01"), CONSUMER, fallen).cap_ore == 48_000


def test_claims_paid_before_the_demand_or_before_the_doubling_give_no_room(law):
    """B23, B8, B10, B11: as when the costs were charged."""
    claims = [
        claim(3000, "2026-03-15", nth=1),
        claim(3000, "2026-03-15", paid=(("2026-05-03", 3000),), nth=2),
        claim(60_000, "2026-03-15", paid=(("2026-06-01", 60_000),), nth=3),
    ]
    light = cap_when_covered(claims, day("2026-07-01"), CONSUMER, law)
    assert [part.base_ore for part in light.parts] == [6_300_000]
    heavy = cap_when_covered(claims, day("2026-07-01"), replace(CONSUMER, heavy_on=day("2026-06-20")), law)
    assert (heavy.cap_ore, [part.base_ore for part in heavy.parts]) == (120_000, [300_000])


@pytest.mark.parametrize(
    ("cap", "fee", "notices", "compensation", "off"),
    [
        (48_000, 56_200, 3_800, 0, (12_000, 0)),
        (60_000, 56_200, 3_800, 0, (0, 0)),
        (90_000, 56_200, 3_800, 0, (0, 0)),  # a cap that has risen charges nothing more
        (3_000, 56_200, 3_800, 0, (56_200, 800)),
        (150_000, 137_000, 0, 43_000, (30_000, 0)),
        (15_000, 13_250, 0, 43_000, (13_250, 0)),  # compensation is no cost
        (15_000, 0, 3_800, 39_200, (0, 0)),  # and stands at the larger of the two
    ],
)
def test_what_is_above_the_cap_comes_off_the_collection_fee_first_and_never_off_the_compensation(
    cap, fee, notices, compensation, off
):
    """B11, B15, B23."""
    assert above_cap(cap, fee, notices, compensation) == off


@given(*[st.integers(0, 200_000)] * 3)
def test_without_compensation_exactly_what_exceeds_the_cap_is_taken_off(cap, fee, notices):
    """B23."""
    off = above_cap(cap, fee, notices)
    assert fee + notices - sum(off) == min(cap, fee + notices)
    assert 0 <= off.collection_fee_ore <= fee
    assert 0 <= off.notice_fees_ore <= notices
