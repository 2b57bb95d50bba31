"""Who owes what in the story, and what happens on which day: the same in every run."""

from datetime import date
from typing import Any

FIRST, LAST = date(2026, 3, 2), date(2026, 4, 20)
CREDITORS = ("nordlys-kraft", "bygda-bredband")
REGISTRATION_DAYS = (FIRST, date(2026, 3, 9))
LETTER_DAYS = (FIRST, date(2026, 3, 9), date(2026, 3, 26), date(2026, 4, 17))
"""The nights on which letters are decided: reminders, reminders of the later half, collection notices, demands."""

PAYING = {date(2026, 3, 24): range(3), date(2026, 3, 27): range(3, 8), date(2026, 4, 16): range(8, 12)}
"""Day → which of the first claims' debtors pay all they owe: before, just after and between letters."""


def rows_of(day: date, creditor: str, claims: int) -> list[dict[str, Any]]:
    """The claims a creditor registers on a day: two thirds of all at once, the rest a week later and due later."""
    if day not in REGISTRATION_DAYS:
        return []
    early = claims * 2 // 3
    numbers = range(early) if day == FIRST else range(early, claims)
    return [_claim(n, late=day != FIRST) for n in numbers if CREDITORS[n % 2] == creditor]


def invoice_number(n: int) -> str:
    """What tells claim `n` from the others."""
    return f"S{n:04d}"


def _claim(n: int, *, late: bool) -> dict[str, Any]:
    debtor = n - 2 if n % 11 == 10 else n  # some owe two invoices, which share a case
    return {
        "debtor_kind": "person",
        "debtor_name": f"Ola Prøve {debtor}",
        "address": f"Storgata {debtor + 1}",
        "postcode": "0155",
        "city": "Oslo",
        "invoice_number": invoice_number(n),
        "kind": "electricity" if n % 2 == 0 else "other",
        "description": "Strøm januar 2026" if n % 2 == 0 else "Bredbånd januar 2026",
        "invoiced_on": "2026-02-02" if late else "2026-01-20",
        "due_on": "2026-02-23" if late else "2026-02-10",
        "amount": f"{400 + n * 137},{n % 100:02d}",
    }
