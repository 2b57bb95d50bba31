"""Every figure of law in force on a day, also those that follow from others: `frist law show DATE`."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from saas.rules.fees import cap_of, fraction_of
from saas.rules.law import Law
from saas.rules.rates import LawRow, TierRow, UnknownLaw

_CONFIDENCE = ("memory", "reading", "found")  # weakest first


class Figure(NamedTuple):
    """One figure with where it comes from. A derived one carries the sources of all it follows from."""

    name: str
    value: Decimal
    unit: str  # "percent", "kr", "x inkassosats", "x rettsgebyr", "x full fee"
    valid_from: date
    known_until: date
    source: str
    checked_on: date
    confidence: str


def figures_in_force(law: Law, on: date) -> list[Figure]:
    """The figures known that day, for a claim falling due or a letter sent that day. Unknown ones are left out."""
    return [*_given(law, on), *_notice_fees(law, on), *_caps(law, on), *_court_fees(law, on)]


def _given(law: Law, on: date) -> Iterator[Figure]:
    wanted: tuple[tuple[str, str, Callable[[date], LawRow]], ...] = (
        ("late_interest", "percent", law.late_interest),
        ("standard_compensation", "kr", law.standard_compensation),
        ("collection_rate", "kr", law.collection_rate),
        ("court_fee", "kr", law.court_fee),
        ("vat_rate", "percent", law.vat_rate),
        ("notice_fee_fraction", "x inkassosats", law.notice_fraction),
    )
    for name, unit, find in wanted:
        if row := _known(find, on):
            yield _figure(name, row.value, unit, row)


def _notice_fees(law: Law, on: date) -> Iterator[Figure]:
    try:
        rate, fraction = law.collection_rate(on), law.notice_fraction(on)
    except UnknownLaw:
        return
    for name, own_demand in (("notice_fee", False), ("own_demand_fee", True)):
        yield _figure(name, _kroner(fraction_of(rate, fraction, own_demand)), "kr", rate, fraction)


def _caps(law: Law, on: date) -> Iterator[Figure]:
    """Caps in kroner per band, light and heavy, without and with VAT (W7)."""
    try:
        rate, vat = law.collection_rate(on), law.vat_rate(on)
        bands = [*law.bands(on, True), *law.bands(on, False)]
    except UnknownLaw:
        return
    for tier in bands:
        for weight, thousandths in (("light", tier.light_thousandths), ("heavy", tier.heavy_thousandths)):
            name = f"cap.{'consumer' if tier.consumer else 'business'}.{_band_name(tier)}.{weight}"
            yield _figure(f"{name}.multiplier", Decimal(thousandths) / 1000, "x inkassosats", tier)
            yield _figure(name, _kroner(cap_of(rate.hundredths, thousandths, 0)), "kr", tier, rate)
            with_vat = cap_of(rate.hundredths, thousandths, vat.hundredths)
            yield _figure(f"{name}.with_vat", _kroner(with_vat), "kr", tier, rate, vat)


def _court_fees(law: Law, on: date) -> Iterator[Figure]:
    """Court fees by item, rounded DOWN to kroner (rettsgebyrloven § 6 a); caps keep their øre, a share has none."""
    base = _known(law.court_fee, on)
    for item in law.multipliers:
        try:
            row = law.court_fee_multiplier(item, on)
        except UnknownLaw:
            continue
        unit = "x full fee" if row.of_full_fee else "x rettsgebyr"
        yield _figure(f"court_fee_multiplier.{item}", row.value, unit, row)
        if base is not None and not row.of_full_fee:
            exact = row.value * base.value
            amount = exact if row.is_cap else Decimal(int(exact))
            yield _figure(f"court_fee.{item}", amount, "kr", row, base)


def court_fee_for(law: Law, item: str, on: date) -> Decimal:
    """The court fee in whole kroner, rounded DOWN, for `item` filed that day (B.5, W20). Raises UnknownLaw."""
    return Decimal(int(law.court_fee_multiplier(item, on).value * law.court_fee(on).value))


def _known(find: Callable[[date], LawRow], on: date) -> LawRow | None:
    try:
        return find(on)
    except UnknownLaw:
        return None


def _figure(name: str, value: Decimal, unit: str, *rows: LawRow) -> Figure:
    return Figure(
        name,
        value,
        unit,
        max(row.valid_from for row in rows),
        min(row.known_until for row in rows),
        "; ".join(row.source for row in rows),
        min(row.checked_on for row in rows),
        min((row.confidence for row in rows), key=_weight),
    )


def _weight(confidence: str) -> int:
    return _CONFIDENCE.index(confidence) if confidence in _CONFIDENCE else 0


def _band_name(tier: TierRow) -> str:
    return f"over_{tier.over_ore // 100}" if tier.up_to_ore is None else f"up_to_{tier.up_to_ore // 100}"


def _kroner(ore: int) -> Decimal:
    return Decimal(ore) / 100
