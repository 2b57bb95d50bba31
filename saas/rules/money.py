"""Money (penger) is a whole number of øre; no float comes near it."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import NewType

Ore = NewType("Ore", int)
"""An amount in øre, 1/100 krone."""

NO_MONEY = Ore(0)


def ore_of_kroner(kroner: str | int | Decimal) -> Ore:
    """Whole øre of an exact amount in kroner. Raises ValueError when the amount has a fraction of an øre."""
    exact = Decimal(str(kroner)) * 100
    if exact != exact.to_integral_value():
        raise ValueError(f"{kroner} kr is not a whole number of øre")
    return Ore(int(exact))


def round_half_up(exact_ore: Decimal) -> Ore:
    """Nearest øre, half up: interest lines (law C8)."""
    return Ore(int(exact_ore.quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def round_down(exact_ore: Decimal) -> Ore:
    """Down to the øre: a cap may never be exceeded (law B11)."""
    return Ore(int(exact_ore.quantize(Decimal(1), rounding=ROUND_DOWN)))


def round_half_up_to_krone(exact_ore: Decimal) -> Ore:
    """Nearest whole krone, half up, in øre: notice fees (INKF § 1-2 fourth para.)."""
    return Ore(int((exact_ore / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)) * 100)


def kroner(ore: int, *, space: str = "\u00a0") -> str:
    """`156872` → `1 568,72` with no-break spaces, the way Norwegian letters print an amount."""
    sign, ore = ("−" if ore < 0 else ""), abs(ore)
    whole = f"{ore // 100:,}".replace(",", space)
    return f"{sign}{whole},{ore % 100:02d}"
