"""Dates, rates and steps in the words a person reads: said in bokmål, and kept so that they can be said in another
language."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from saas.rules.facts import Step

_MONTHS = (
    "januar februar mars april mai juni juli august september oktober november desember".split()  # noqa: SIM905
)


class Words(str):
    """Bokmål words that remember the template they were made from and the values put into it."""

    __slots__ = ("template", "values")
    template: str
    values: dict[str, object]


def say(template: str, /, **values: object) -> Words:
    """The template with its values in bokmål. A value is a date, a number, text, or other Words."""
    words = Words(template.format(**{name: _shown(value) for name, value in values.items()}) if values else template)
    words.template, words.values = template, values
    return words


def _shown(value: object) -> object:
    return day_text(value) if isinstance(value, date) else value


LETTER_NAMES = {
    Step.REMINDER: say("purringen"),
    Step.COLLECTION_NOTICE: say("inkassovarselet"),
    Step.PAYMENT_DEMAND: say("betalingsoppfordringen"),
}


@lru_cache(maxsize=4096)
def day_text(day: date) -> str:
    """`13. oktober 2026`."""
    return f"{day.day}. {_MONTHS[day.month - 1]} {day.year}"


def decimal_text(value: Decimal) -> str:
    """`12,00`, `0,4`: the number as it stands, with a decimal comma."""
    return format(value, "f").replace(".", ",")
