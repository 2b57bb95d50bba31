"""Dated rows of law read from `rates/*.csv`, checked row by row when read.

Every row says from when to when it is known to hold, who says so, and when somebody last looked.
"""

import csv
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Generic, TypeVar

from saas.rules.money import NO_MONEY, Ore, ore_of_kroner

RATES = Path(__file__).parent / "rates"


class UnknownLaw(Exception):
    """The figure is not known for that date: before its first row or past its known horizon. Never guess (C1)."""

    def __init__(self, figure: str, on: date) -> None:
        super().__init__(f"{figure} is not known on {on.isoformat()}")
        self.figure, self.on = figure, on


class LawFileError(ValueError):
    """A rate file has a hole, an overlap, disorder or an unreadable value. Names the file and the row."""

    def __init__(self, file: str, row: int, problem: str) -> None:
        super().__init__(f"{file} row {row}: {problem}")
        self.file, self.row, self.problem = file, row, problem


@dataclass(frozen=True, eq=False)
class LawRow:
    """One figure of law with the period it holds. `value` is in the unit of its file (percent, kroner, multiplier).

    Compared by identity: a row is read once, and caches keyed on it stay fast.
    """

    value: Decimal
    valid_from: date
    source: str
    checked_on: date
    confidence: str  # found, reading or memory
    file: str
    figure: str = ""
    known_until: date = date.max
    record: dict[str, str] = field(default_factory=dict, init=False, repr=False)  # for certificates

    def __post_init__(self) -> None:
        self.record.update(
            file=self.file,
            figure=self.figure,
            valid_from=self.valid_from.isoformat(),
            known_until=self.known_until.isoformat(),
            value=str(self.value),
            confidence=self.confidence,
        )


@dataclass(frozen=True, eq=False)
class RateRow(LawRow):
    """A rate or amount with its exact integer: hundredths of a percent, or øre."""

    hundredths: int = 0


@dataclass(frozen=True, eq=False)
class MultiplierRow(RateRow):
    """What a court charges, as a multiple of the rettsgebyr; a few are a share of another fee. Hundredths of it."""

    of_full_fee: bool = False  # half of the full fee: a share of the fee, not of the rettsgebyr
    is_cap: bool = False  # the most that may be claimed: keeps its øre; a fee is rounded down to a krone (§ 6 a)


@dataclass(frozen=True, eq=False)
class FractionRow(LawRow):
    """The part of the inkassosats a notice may cost: `numerator / denominator`, own demand `own_demand_numerator`."""

    numerator: int = 1
    own_demand_numerator: int = 3
    denominator: int = 20


@dataclass(frozen=True, eq=False)
class TierRow(LawRow):
    """One band of the agency fee table; multipliers of the inkassosats in thousandths."""

    consumer: bool = True
    over_ore: Ore = NO_MONEY
    up_to_ore: Ore | None = None  # inclusive; None = no upper end
    light_thousandths: int = 0
    heavy_thousandths: int = 0

    def multiplier_thousandths(self, heavy: bool) -> int:
        return self.heavy_thousandths if heavy else self.light_thousandths


Row = TypeVar("Row", bound=LawRow)
T = TypeVar("T")


class Series(Generic[Row]):
    """Rows of one figure, in date order without a hole. Looking one up is a dictionary hit after the first time."""

    def __init__(self, figure: str, rows: Sequence[Row]) -> None:
        self.figure, self.rows = figure, tuple(rows)
        self._starts = [row.valid_from for row in self.rows]
        self._found: dict[date, Row] = {}

    def on(self, day: date) -> Row:
        """The row in force that day. Raises UnknownLaw."""
        found = self._found.get(day)
        if found is None:
            index = bisect_right(self._starts, day) - 1
            if index < 0 or day > self.rows[index].known_until:
                raise UnknownLaw(self.figure, day)
            found = self._found[day] = self.rows[index]
        return found


@dataclass(frozen=True)
class Line:
    """One line of a rate file, with its number for messages (the heading is row 1)."""

    file: str
    number: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """The cell, stripped. Raises LawFileError when the column is missing or empty."""
        value = (self.cells.get(column) or "").strip()
        if not value:
            raise self.wrong(f"{column} is missing")
        return value

    def day(self, column: str) -> date:
        try:
            return date.fromisoformat(self.text(column))
        except ValueError as error:
            raise self.wrong(f"{column} is not a date: {self.cells.get(column)!r}") from error

    def one_of(self, column: str, known: Mapping[str, T]) -> T:
        """What the cell's word stands for. Raises LawFileError when it is none of the known ones."""
        try:
            return known[self.text(column)]
        except KeyError as error:
            allowed = ", ".join(known)
            raise self.wrong(f"{column} is none of {allowed}: {self.cells.get(column)!r}") from error

    def number_of(self, column: str) -> Decimal:
        try:
            value = Decimal(self.text(column))
        except InvalidOperation as error:
            raise self.wrong(f"{column} is not a number: {self.cells.get(column)!r}") from error
        if not value.is_finite() or value < 0:
            raise self.wrong(f"{column} is not a number of law: {value}")
        return value

    def whole(self, column: str, times: int) -> int:
        """The number times `times`, which must come out whole: more decimals than the unit has is an error."""
        exact = self.number_of(column) * times
        if exact != exact.to_integral_value():
            raise self.wrong(f"{column} has too many decimals: {self.cells.get(column)!r}")
        return int(exact)

    def ore(self, column: str) -> Ore:
        try:
            return ore_of_kroner(self.number_of(column))
        except LawFileError:
            raise
        except ValueError as error:
            raise self.wrong(f"{column}: {error}") from error

    def common(self, figure: str, value: Decimal) -> dict[str, object]:
        """What every row of law carries."""
        return {
            "value": value,
            "valid_from": self.day("valid_from"),
            "source": self.text("source"),
            "checked_on": self.day("checked_on"),
            "confidence": self.text("confidence"),
            "file": self.file,
            "figure": figure,
            "known_until": self.day("last_known_until"),
        }

    def wrong(self, problem: str) -> LawFileError:
        return LawFileError(self.file, self.number, problem)


def read_lines(folder: Path, file: str) -> list[Line]:
    """All lines of one rate file. Raises LawFileError when it is missing or empty."""
    try:
        with (folder / file).open(encoding="utf-8", newline="") as handle:
            lines = [Line(file, number, cells) for number, cells in enumerate(csv.DictReader(handle), start=2)]
    except OSError as error:
        raise LawFileError(file, 0, "cannot be read") from error
    if not lines:
        raise LawFileError(file, 0, "has no rows")
    return lines


def check_periods(lines: Sequence[Line]) -> None:
    """Each row must end the day before the next begins. Raises LawFileError naming disorder, overlap or hole."""
    before: Line | None = None
    for line in lines:
        start, end = line.day("valid_from"), line.day("last_known_until")
        if end < start:
            raise line.wrong("last_known_until is before valid_from")
        if before is not None:
            _check_follows(before, line)
        before = line


def _check_follows(before: Line, line: Line) -> None:
    start, expected = line.day("valid_from"), before.day("last_known_until") + timedelta(days=1)
    if start <= before.day("valid_from"):
        raise line.wrong(f"out of order: {start} does not come after {before.day('valid_from')}")
    if start < expected:
        raise line.wrong(f"overlaps row {before.number}, which is known until {before.day('last_known_until')}")
    if start > expected:
        raise line.wrong(f"leaves a hole: row {before.number} is known until {before.day('last_known_until')}")
