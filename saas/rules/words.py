"""Dates, rates and steps in the words a person reads (bokmål)."""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from saas.rules.facts import Step

_MONTHS = (
    "januar februar mars april mai juni juli august september oktober november desember".split()  # noqa: SIM905
)

LETTER_NAMES = {
    Step.REMINDER: "purringen",
    Step.COLLECTION_NOTICE: "inkassovarselet",
    Step.PAYMENT_DEMAND: "betalingsoppfordringen",
}


@lru_cache(maxsize=4096)
def day_text(day: date) -> str:
    """`13. oktober 2026`."""
    return f"{day.day}. {_MONTHS[day.month - 1]} {day.year}"


def decimal_text(value: Decimal) -> str:
    """`12,00`, `0,4`: the number as it stands, with a decimal comma."""
    return format(value, "f").replace(".", ",")
