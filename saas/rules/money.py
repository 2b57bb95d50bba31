"""Money (penger) is a whole number of øre; no float comes near it."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import NewType

Ore = NewType("Ore", int)
"""An amount in øre, 1/100 krone."""

NO_MONEY = Ore(0)


def ore_of_kroner(kroner: str | int | Decimal) -> Ore:
    """Whole øre of an exact amount in kroner. Raises ValueError for a fraction of an øre and for what is no number."""
    try:
        whole, parts = Decimal(str(kroner)).as_integer_ratio()  # exact for any number of digits, unlike `* 100`
        ore, rest = divmod(100 * whole, parts)
    except (ArithmeticError, ValueError):
        rest = 1  # not a number, or not a finite one
    if rest:
        raise ValueError(f"{kroner} kr is not a whole number of øre")
    return Ore(ore)


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
