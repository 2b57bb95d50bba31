"""Bars for the desk: figures in, places on the drawing out. The page shows the same figures as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from saas.cases.dispatch_desk import Hour

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 180, 44, 28, 12
_GAP = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a bar. `kind` is its class, and so its colour and hatch."""

    kind: str
    x: int
    y: int
    width: int
    height: int
    value: int


@dataclass(frozen=True, slots=True)
class Plot:
    """A stack of bars by the hour, with its axis."""

    bars: list[Bar]
    ticks: list[tuple[int, int]]  # y, value
    hours: list[tuple[int, str]]  # x, words
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


def bars_of(hours: Sequence[Hour]) -> Plot:
    """Taken, turned away and in trouble, stacked from a zero baseline; at most four ticks."""
    most = max([h.taken + h.turned_away + h.in_trouble for h in hours], default=0)
    top = _round_up(most)
    room, base = HEIGHT - BOTTOM - TOP, HEIGHT - BOTTOM
    step = (WIDTH - LEFT) / max(1, len(hours))
    bars: list[Bar] = []
    for number, hour in enumerate(hours):
        x, y = round(LEFT + number * step), base
        for kind in ("taken", "turned_away", "in_trouble"):
            value = getattr(hour, kind)
            if value:
                height = max(2, round(room * value / top))
                y -= height
                bars.append(Bar(kind, x, y, round(step) - _GAP, height, value))
    ticks = [(round(base - room * part / 2), round(top * part / 2)) for part in range(3)]
    told = [(round(LEFT + n * step), f"{hour.at:%H}") for n, hour in enumerate(hours) if hour.at.hour % 6 == 0]
    return Plot(bars, ticks, told)


def _round_up(most: int) -> int:
    """The axis ends at an even, round figure."""
    for top in (2, 4, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000):
        if most <= top:
            return top
    return most + most % 2
