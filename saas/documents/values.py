"""Amounts, days and numbers as a letter writes them, never broken over a line; each language in its own way."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date

from saas.rules.words import BOKMAAL, ENGLISH, Kroner, Percent

NBSP = "\N{NO-BREAK SPACE}"


def kroner(ore: int, language: str = BOKMAAL) -> str:
    """`156872` → `1 568,72 kr`, in English `NOK 1,568.72`."""
    return Kroner(ore).said(language)


def percent(rate: Decimal, language: str = BOKMAAL) -> str:
    """`12.25` → `12,25 %`, in English `12.25 %`; no zeros at the end."""
    return Percent(_short(rate)).said(language)


def _short(rate: Decimal) -> Decimal:
    plain = rate.normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


@lru_cache(maxsize=4096)
def in_words(day: date, language: str = BOKMAAL) -> str:
    """`8. desember 2026`, in English `8 December 2026`."""
    return format_date(day, f"{_day(language)}{NBSP}MMMM{NBSP}y", locale=language)


@lru_cache(maxsize=4096)
def with_weekday(day: date, language: str = BOKMAAL) -> str:
    """`tirsdag 8. desember 2026`, `tysdag 8. desember 2026`, `Tuesday 8 December 2026`."""
    return f"{format_date(day, 'EEEE', locale=language)} {in_words(day, language)}"


@lru_cache(maxsize=4096)
def day_and_month(day: date, language: str = BOKMAAL) -> str:
    """`8. desember`, in English `8 December`."""
    return format_date(day, f"{_day(language)}{NBSP}MMMM", locale=language)


def _day(language: str) -> str:
    return "d" if language == ENGLISH else "d."


def in_groups(text: str, *sizes: int) -> str:
    """`12345678903`, 4, 2, 5 → `1234 56 78903` with no-break spaces; what is left over comes last."""
    parts, rest = [], text
    for size in sizes:
        parts.append(rest[:size])
        rest = rest[size:]
    return NBSP.join(part for part in [*parts, rest] if part)


def country_line(country: str) -> list[str]:
    """The last line of an address abroad, as Posten wants it; none at home."""
    return [] if country == "NO" else [Locale(BOKMAAL).territories.get(country, country)]
