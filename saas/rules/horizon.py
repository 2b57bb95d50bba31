"""Figures that somebody must enter before they are needed: what the law lacks from a coming day, and when to say so.

Late interest and standard compensation are set each half year, the inkassosats and the court fee as a rule each year;
every row of law ends on the day it was last known to hold. Past it nothing is reckoned and cases wait (C1).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from saas.rules.law import Law
from saas.rules.words import Words, joined, say

WARN_DAYS = (45, 21, 7)
PAST = 0  # the threshold of a figure that is needed already
_ONE_DAY = timedelta(days=1)
_MULTIPLIERS = "court_fee_multiplier"


class Missing(NamedTuple):
    """A figure that is not known from `needed_from` on."""

    figure: str
    needed_from: date
    days_left: int  # below zero once the day is past
    source_hint: Words  # where the new figure is to be found

    @property
    def threshold(self) -> int | None:
        """The lowest of 45, 21, 7 and 0 days that has been reached; None while there is time."""
        if self.days_left <= PAST:
            return PAST
        return min((days for days in WARN_DAYS if self.days_left <= days), default=None)

    @property
    def name(self) -> Words:
        """What the figure is called, as it stands inside a sentence."""
        return _NAMES.get(self.figure) or say("{court_fee} ({item})", court_fee=_NAMES[_MULTIPLIERS], item=_item(self))

    @property
    def words(self) -> Words:
        """The warning in a sentence or two."""
        name, day = self.name, self.needed_from
        if self.days_left <= PAST:
            return say("Vi mangler {figure} fra {day}. Saker som trenger tallet, står på vent.", figure=name, day=day)
        left = say("1 dag") if self.days_left == 1 else say("{days} dager", days=self.days_left)
        return say(
            "Vi mangler {figure} fra {day}. Det er {left} igjen til tallet trengs.", figure=name, day=day, left=left
        )


_NAMES = {
    "late_interest": say("forsinkelsesrenten"),
    "standard_compensation": say("standardkompensasjonen"),
    "collection_rate": say("inkassosatsen"),
    "court_fee": say("rettsgebyret"),
    _MULTIPLIERS: say("gebyrtabellen for rettslige skritt"),
    "collection_fee_tier": say("tabellen for inkassosalær"),
    "notice_fee_fraction": say("hvor stor del av inkassosatsen et purregebyr er"),
    "vat_rate": say("satsen for merverdiavgift"),
}
_HALF_YEARLY = say("Finanstilsynet fastsetter tallet hvert halvår, vanligvis i andre halvdel av desember og juni.")
_COLLECTION = say("Se inkassoforskriften hos Lovdata; den blir som regel endret i desember.")
_COURT = say("Se rettsgebyrloven og forskriften til den hos Lovdata; de blir som regel endret fra nyttår.")
_HINTS = {
    "late_interest": _HALF_YEARLY,
    "standard_compensation": _HALF_YEARLY,
    "collection_rate": _COLLECTION,
    "collection_fee_tier": _COLLECTION,
    "notice_fee_fraction": _COLLECTION,
    "court_fee": _COURT,
    "vat_rate": say("Se Stortingets vedtak om merverdiavgift; det kommer hver høst for året etter."),
}


def missing_figures(law: Law, on: date) -> tuple[Missing, ...]:
    """What the law lacks at the coming half-year or new year, or within 45 days, or lacks already; soonest first (C1).

    The court's fees count as one while they all end on one day. Empty when everything needed is known.
    """
    needed_by = max(next_half_year(on), on + timedelta(days=WARN_DAYS[0]))
    missing = [
        Missing(figure, known_until + _ONE_DAY, (known_until + _ONE_DAY - on).days, _HINTS.get(figure, _COURT))
        for figure, known_until in _known_until(law)
        if known_until < needed_by
    ]
    return tuple(sorted(missing, key=lambda each: each.needed_from))


def due_warnings(law: Law, on: date) -> tuple[Missing, ...]:
    """Those whose warning day has been reached: 45, 21 or 7 days before, and every day once past.

    `Missing.threshold` says which, so that a day without a check is made good on the next: a warning is new when its
    threshold was not told of before.
    """
    return tuple(each for each in missing_figures(law, on) if each.threshold is not None)


def warnings_by_day(missing: Iterable[Missing]) -> tuple[Words, ...]:
    """One sentence for each day, however many figures are missing from it, in the order given."""
    by_day: dict[date, list[Missing]] = {}
    for each in missing:
        by_day.setdefault(each.needed_from, []).append(each)
    return tuple(some[0].words if len(some) == 1 else _several(some) for some in by_day.values())


def _several(missing: Sequence[Missing]) -> Words:
    first, names = missing[0], joined([each.name for each in missing], "; ")
    if first.days_left <= PAST:
        return say(
            "Fra {day} mangler vi: {figures}. Saker som trenger tallene, står på vent.",
            day=first.needed_from,
            figures=names,
        )
    left = say("1 dag") if first.days_left == 1 else say("{days} dager", days=first.days_left)
    return say(
        "Fra {day} mangler vi: {figures}. Det er {left} igjen til tallene trengs.",
        day=first.needed_from,
        figures=names,
        left=left,
    )


def next_half_year(on: date) -> date:
    """The next 1 January or 1 July after `on`, when new rates begin (FRL § 3; C2)."""
    return date(on.year, 7, 1) if on.month < 7 else date(on.year + 1, 1, 1)


def _known_until(law: Law) -> Iterator[tuple[str, date]]:
    """Every figure, in the order of the rate files, with the last day it is known."""
    series = (
        law.series_late_interest,
        law.series_compensation,
        law.series_collection_rate,
        law.series_fractions,
        law.series_vat,
        law.series_court_fee,
    )
    yield from ((each.figure, each.rows[-1].known_until) for each in series)
    yield "collection_fee_tier", min(tables[-1][1][0].known_until for tables in law.tiers.values())
    yield from _multipliers({item: each.rows[-1].known_until for item, each in law.multipliers.items()})


def _multipliers(ends: dict[str, date]) -> Iterable[tuple[str, date]]:
    days = set(ends.values())
    if len(days) == 1:
        return [(_MULTIPLIERS, days.pop())]
    return [(f"{_MULTIPLIERS}.{item}", known_until) for item, known_until in ends.items()]


def _item(missing: Missing) -> str:
    return missing.figure.partition(".")[2]
