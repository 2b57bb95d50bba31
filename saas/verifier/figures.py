"""The dated figures (satser), read here anew from their files."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

INTEREST = "late_interest.csv"
RATE = "collection_rate.csv"
TIERS = "collection_fee_tiers.csv"
FRACTION = "notice_fee_fraction.csv"
VAT = "vat_rate.csv"
FILES = (INTEREST, RATE, TIERS, FRACTION, VAT)
COMPENSATION = "standard_compensation"  # a column of INTEREST, and a figure of its own
FIGURE_FILES = {
    "late_interest": INTEREST,
    "collection_rate": RATE,
    "collection_fee_tier": TIERS,
    "notice_fee_fraction": FRACTION,
    "vat_rate": VAT,
    "standard_compensation": COMPENSATION,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure from the day it began until the day somebody last knew it to hold."""

    file: str
    valid_from: date
    known_until: date
    confidence: str
    values: tuple[Fraction, ...]  # the tiers: light, heavy; the fractions: a notice, the creditor's own demand
    kind: str = ""  # the tiers only: consumer or business
    over_ore: int = 0  # the tiers only: the band is over this …
    up_to_ore: int | None = None  # … up to and including this; None has no top

    def holds(self, base_ore: int) -> bool:
        """Whether a claim of `base_ore` is in the band. The top is inclusive (B8)."""
        return self.over_ore < base_ore and (self.up_to_ore is None or base_ore <= self.up_to_ore)


@dataclass(frozen=True, slots=True)
class Figures:
    """Every row of every file the certificates use."""

    rows: tuple[Row, ...]

    def of(self, file: str) -> tuple[Row, ...]:
        """The rows of one file, oldest first."""
        return tuple(row for row in self.rows if row.file == file)

    def known(self, file: str, on: date, only: Callable[[Row], bool] = lambda row: True) -> Row | None:
        """The row in force on `on`, or None when no row holds then or nobody knows it yet (C1)."""
        begun = [row for row in self.of(file) if row.valid_from <= on and only(row)]
        if not begun:
            return None
        newest = max(begun, key=lambda row: row.valid_from)
        return newest if on <= newest.known_until else None

    def interest(self, on: date) -> Row | None:
        """Forsinkelsesrente in percent a year on `on` (FRL § 3)."""
        return self.known(INTEREST, on)

    def compensation(self, on: date) -> Row | None:
        """Standardkompensasjon in kroner for a claim on `on` (FRL § 3 a); without values before there was an amount."""
        return self.known(COMPENSATION, on)

    def rate(self, on: date) -> Row | None:
        """Inkassosatsen in kroner on `on`."""
        return self.known(RATE, on)

    def fraction(self, due_on: date) -> Row | None:
        """What part of the rate a notice costs, for a claim that fell due on `due_on` (INKF § 1-2)."""
        return self.known(FRACTION, due_on)

    def tier(self, due_on: date, kind: str, base_ore: int) -> Row | None:
        """The band of a claim of `base_ore` due on `due_on`; `kind` is consumer or business (B8, B13)."""
        return self.known(TIERS, due_on, lambda row: row.kind == kind and row.holds(base_ore))

    def vat(self, on: date) -> Row | None:
        """The general VAT rate in percent on `on` (B12)."""
        return self.known(VAT, on)


@lru_cache(maxsize=8)
def read_figures(folder: Path) -> Figures:
    """Read the files in `folder`. Raises OSError, KeyError or ValueError when a file is missing or unreadable."""
    readers: dict[str, Callable[[dict[str, str]], Row]] = {
        INTEREST: lambda line: _row(INTEREST, line, ["rate_percent"]),
        RATE: lambda line: _row(RATE, line, ["inkassosats_nok"]),
        VAT: lambda line: _row(VAT, line, ["vat_percent"]),
        FRACTION: _fraction_row,
        TIERS: _tier_row,
    }
    rows = [row for file, read in readers.items() for row in _lines(folder / file, read)]
    return Figures((*rows, *_lines(folder / INTEREST, _compensation_row)))


def _lines(path: Path, read: Callable[[dict[str, str]], Row]) -> Iterable[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return sorted((read(line) for line in csv.DictReader(file)), key=lambda row: row.valid_from)


def _row(file: str, line: dict[str, str], columns: list[str]) -> Row:
    values = tuple(Fraction(line[column]) for column in columns)
    days = date.fromisoformat(line["valid_from"]), date.fromisoformat(line["last_known_until"])
    return Row(file, *days, line["confidence"], values)


def _compensation_row(line: dict[str, str]) -> Row:
    column = "standard_compensation_nok"
    return _row(COMPENSATION, line, [column] if line[column] else [])


def _fraction_row(line: dict[str, str]) -> Row:
    parts = [
        Fraction(int(line[name]), int(line["notice_denominator"]))
        for name in ("notice_numerator", "own_demand_numerator")
    ]
    row = _row(FRACTION, line, [])
    return Row(FRACTION, row.valid_from, row.known_until, row.confidence, tuple(parts))


def _tier_row(line: dict[str, str]) -> Row:
    row = _row(TIERS, line, ["light_fee_multiplier", "heavy_fee_multiplier"])
    top = line["principal_up_to_nok"]
    return Row(
        TIERS,
        row.valid_from,
        row.known_until,
        row.confidence,
        row.values,
        kind=line["debtor_kind"],
        over_ore=int(Fraction(line["principal_over_nok"]) * 100),
        up_to_ore=int(Fraction(top) * 100) if top else None,
    )
