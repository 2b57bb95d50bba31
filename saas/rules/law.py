"""The law's numbers as dated rows, and who is asked for which on what date.

Each rule says which date picks its row: interest the day itself (C2), a notice fee the day of sending (INKF § 1-2),
a cap the day the principal is covered (B11), a fee table the day the claim fell due (B13).
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from saas.rules.money import Ore
from saas.rules.rates import (
    RATES,
    FractionRow,
    LawFileError,
    LawRow,
    Line,
    MultiplierRow,
    RateRow,
    Series,
    TierRow,
    UnknownLaw,
    check_periods,
    read_lines,
)

if TYPE_CHECKING:
    from saas.rules.figures import Figure

__all__ = [
    "Law",
    "LawFileError",
    "LawRow",
    "RateRow",
    "TierRow",
    "UnknownLaw",
    "figures_in_force",
    "load_law",
    "read_law",
]

ACT_ACT, FIXED_365 = "act/act", "fixed365"


class InterestPeriods(NamedTuple):
    """Longest stretches with one rate and one year basis, as parallel tuples for a fast walk."""

    starts: tuple[int, ...]  # ordinals, ending with the first day not known
    hundredths: tuple[int, ...]  # rate in 1/100 percent
    rows: tuple[RateRow, ...]
    year_days: tuple[int, ...]


class Law:
    """All figures of law. Every look-up raises UnknownLaw outside what is known."""

    def __init__(
        self,
        late_interest: Series[RateRow],
        standard_compensation: Series[RateRow],
        collection_rate: Series[RateRow],
        court_fee: Series[RateRow],
        multipliers: dict[str, Series[MultiplierRow]],
        tiers: dict[bool, Sequence[tuple[date, Sequence[TierRow]]]],
        fractions: Series[FractionRow],
        vat: Series[RateRow],
    ) -> None:
        self.series_late_interest, self.series_compensation = late_interest, standard_compensation
        self.series_collection_rate, self.series_court_fee = collection_rate, court_fee
        self.multipliers, self.tiers = multipliers, tiers
        self.series_fractions, self.series_vat = fractions, vat
        self.late_interest, self.collection_rate = late_interest.on, collection_rate.on
        self.court_fee, self.standard_compensation = court_fee.on, standard_compensation.on
        self.notice_fraction, self.vat_rate = fractions.on, vat.on
        self._bands: dict[tuple[date, bool], tuple[list[int], Sequence[TierRow]]] = {}
        self._interest = {basis: _interest_periods(late_interest.rows, basis) for basis in (ACT_ACT, FIXED_365)}

    def court_fee_multiplier(self, item: str, on: date) -> MultiplierRow:
        """How many court fees (rettsgebyr) `item` costs when filed that day (B.5). Raises UnknownLaw."""
        series = self.multipliers.get(item)
        if series is None:
            raise UnknownLaw(f"court_fee_multiplier.{item}", on)
        return series.on(on)

    def fee_tier(self, due_on: date, debtor_is_consumer: bool, base_ore: int) -> TierRow:
        """The band of the agency fee table: the due date picks the table (B13), the principal the band (B8).

        A band's upper end is inclusive. Raises UnknownLaw, also for claims due before 2010 (B29).
        """
        known = self._bands.get((due_on, debtor_is_consumer))
        if known is None:
            known = self._bands[due_on, debtor_is_consumer] = self._find_bands(due_on, debtor_is_consumer)
        tops, bands = known
        return bands[bisect_left(tops, base_ore)]

    def bands(self, due_on: date, debtor_is_consumer: bool) -> Sequence[TierRow]:
        """Every band of the table in force for claims due that day. Raises UnknownLaw."""
        return self._find_bands(due_on, debtor_is_consumer)[1]

    def _find_bands(self, due_on: date, consumer: bool) -> tuple[list[int], Sequence[TierRow]]:
        for valid_from, bands in reversed(self.tiers[consumer]):
            if valid_from <= due_on <= bands[0].known_until:
                return [band.up_to_ore for band in bands if band.up_to_ore is not None], bands
        raise UnknownLaw("collection_fee_tier", due_on)

    def interest_periods(self, day_basis: str) -> InterestPeriods:
        """Rate and year basis by day, for `saas.rules.interest` (C2, C5). Raises ValueError for another basis."""
        try:
            return self._interest[day_basis]
        except KeyError:
            raise ValueError(f"unknown day basis {day_basis!r}") from None

    def figures_in_force(self, on: date) -> "list[Figure]":
        """Every figure known that day with its source, also the ones that follow from others."""
        from saas.rules.figures import figures_in_force  # fees need the law: the listing comes after both

        return figures_in_force(self, on)


@cache
def load_law() -> Law:
    """The law as shipped, read once. Raises LawFileError."""
    return read_law(RATES)


def figures_in_force(on: date) -> "list[Figure]":
    """`frist law show DATE`: every figure known that day (see `saas.rules.figures.Figure`)."""
    return load_law().figures_in_force(on)


def read_law(folder: Path) -> Law:
    """Read and check every rate file in `folder`. Raises LawFileError naming file and row."""
    interest = read_lines(folder, "late_interest.csv")
    compensated = [line for line in interest if (line.cells.get("standard_compensation_nok") or "").strip()]
    return Law(
        _rate_series(interest, "late_interest", "rate_percent"),
        _rate_series(compensated, "standard_compensation", "standard_compensation_nok"),
        _rate_series(read_lines(folder, "collection_rate.csv"), "collection_rate", "inkassosats_nok"),
        _rate_series(read_lines(folder, "court_fee.csv"), "court_fee", "rettsgebyr_nok"),
        _multipliers(read_lines(folder, "court_fee_multiplier.csv")),
        _tiers(read_lines(folder, "collection_fee_tiers.csv")),
        _fractions(read_lines(folder, "notice_fee_fraction.csv")),
        _rate_series(read_lines(folder, "vat_rate.csv"), "vat_rate", "vat_percent"),
    )


def _rate_series(lines: Sequence[Line], figure: str, column: str) -> Series[RateRow]:
    check_periods(lines)
    return Series(figure, [_rate_row(line, figure, column) for line in lines])


def _rate_row(line: Line, figure: str, column: str) -> RateRow:
    common: dict[str, Any] = line.common(figure, line.number_of(column))
    return RateRow(**common, hundredths=line.whole(column, 100))


_UNITS = {"rettsgebyr": False, "full fee": True}
_ROUNDINGS = {"down to whole krone (§ 6 a)": False, "cap; not a court fee": True}


def _multipliers(lines: Sequence[Line]) -> dict[str, Series[MultiplierRow]]:
    by_item: dict[str, list[Line]] = {}
    for line in lines:
        by_item.setdefault(line.text("item"), []).append(line)
    return {item: _multiplier_series(f"court_fee_multiplier.{item}", rows) for item, rows in by_item.items()}


def _multiplier_series(figure: str, lines: Sequence[Line]) -> Series[MultiplierRow]:
    check_periods(lines)
    return Series(figure, [_multiplier_row(line, figure) for line in lines])


def _multiplier_row(line: Line, figure: str) -> MultiplierRow:
    common: dict[str, Any] = line.common(figure, line.number_of("multiplier"))
    return MultiplierRow(
        **common,
        hundredths=line.whole("multiplier", 100),
        of_full_fee=line.one_of("multiplier_of", _UNITS),
        is_cap=line.one_of("rounding", _ROUNDINGS),
    )


def _fractions(lines: Sequence[Line]) -> Series[FractionRow]:
    check_periods(lines)
    return Series("notice_fee_fraction", [_fraction_row(line) for line in lines])


def _fraction_row(line: Line) -> FractionRow:
    numerator, denominator = line.whole("notice_numerator", 1), line.whole("notice_denominator", 1)
    if not denominator:
        raise line.wrong("notice_denominator is zero")
    value = line.number_of("notice_numerator") / denominator
    common: dict[str, Any] = line.common("notice_fee_fraction", value)
    return FractionRow(
        **common,
        numerator=numerator,
        own_demand_numerator=line.whole("own_demand_numerator", 1),
        denominator=denominator,
    )


def _tiers(lines: Sequence[Line]) -> dict[bool, Sequence[tuple[date, Sequence[TierRow]]]]:
    """Tables by consumer or not, each (valid_from, bands). Bands and tables must follow each other without a hole."""
    tables: dict[bool, dict[date, list[Line]]] = {True: {}, False: {}}
    for line in lines:
        kind = line.text("debtor_kind")
        if kind not in ("consumer", "business"):
            raise line.wrong(f"debtor_kind is neither consumer nor business: {kind!r}")
        tables[kind == "consumer"].setdefault(line.day("valid_from"), []).append(line)
    for table in tables.values():
        if not table:
            raise LawFileError(lines[0].file, 0, "lacks a table for consumers or for businesses")
        check_periods([bands[0] for bands in table.values()])
    return {
        consumer: [(valid_from, _bands(bands)) for valid_from, bands in table.items()]
        for consumer, table in tables.items()
    }


def _bands(lines: Sequence[Line]) -> list[TierRow]:
    bands: list[TierRow] = []
    top: Ore | None = Ore(0)
    for line in lines:
        row = _tier_row(line)
        if row.known_until != (bands or [row])[0].known_until:
            raise line.wrong("last_known_until differs from the band above it")
        if top is None or row.over_ore != top or (row.up_to_ore is not None and row.up_to_ore <= top):
            raise line.wrong("bands overlap, leave a hole or stand in disorder")
        top = row.up_to_ore
        bands.append(row)
    if top is not None:
        raise lines[-1].wrong("the last band must have no upper end")
    return bands


def _tier_row(line: Line) -> TierRow:
    common: dict[str, Any] = line.common("collection_fee_tier", line.number_of("light_fee_multiplier"))
    row = TierRow(
        **common,
        consumer=line.text("debtor_kind") == "consumer",
        over_ore=line.ore("principal_over_nok"),
        up_to_ore=line.ore("principal_up_to_nok") if (line.cells.get("principal_up_to_nok") or "").strip() else None,
        light_thousandths=line.whole("light_fee_multiplier", 1000),
        heavy_thousandths=line.whole("heavy_fee_multiplier", 1000),
    )
    if row.heavy_thousandths < row.light_thousandths:
        raise line.wrong("the heavy fee is lower than the light one")
    row.record["value"] = f"{line.text('light_fee_multiplier')}/{line.text('heavy_fee_multiplier')}"
    return row


def _interest_periods(rows: Sequence[RateRow], day_basis: str) -> InterestPeriods:
    """Merge rows of equal rate; with actual/actual split where a leap year begins or ends (C2, C5, C8)."""
    last_day = rows[-1].known_until
    cuts = {row.valid_from: row for row in rows}
    if day_basis == ACT_ACT:
        for year in range(rows[0].valid_from.year + 1, last_day.year + 1):
            new_year = date(year, 1, 1)
            cuts.setdefault(new_year, next(row for row in reversed(rows) if row.valid_from <= new_year))
    periods: list[tuple[int, RateRow, int]] = []
    for day, row in sorted(cuts.items(), key=lambda cut: cut[0]):
        year_days = days_in_year(day.year) if day_basis == ACT_ACT else 365
        if not periods or (periods[-1][1].hundredths, periods[-1][2]) != (row.hundredths, year_days):
            periods.append((day.toordinal(), row, year_days))
    return InterestPeriods(
        (*(start for start, _, _ in periods), last_day.toordinal() + 1),
        tuple(row.hundredths for _, row, _ in periods),
        tuple(row for _, row, _ in periods),
        tuple(year_days for _, _, year_days in periods),
    )


def days_in_year(year: int) -> int:
    """365, or 366 in a leap year."""
    return date(year, 12, 31).timetuple().tm_yday
