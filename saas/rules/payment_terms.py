"""How long a payment term (betalingsfrist) may be between businesses and from public bodies."""

from datetime import date, timedelta
from enum import StrEnum


class Buyer(StrEnum):
    """Who is to pay. A consumer's term is whatever was agreed."""

    BUSINESS = "business"
    PUBLIC = "public"


_DAYS = {Buyer.BUSINESS: 60, Buyer.PUBLIC: 30}
_PUBLIC_MOST_DAYS = 60


def longest_due_on(
    received_on: date, buyer: Buyer, *, expressly_agreed: bool = False, justified: bool = False
) -> date | None:
    """The latest lawful due date of an invoice received that day (FRL §§ 2 a, 2 b; C10); None when there is no limit.

    Sixty days between businesses, unless something else was expressly agreed. Thirty for a public body, and up to sixty
    when that is expressly agreed and justified by the contract's circumstances.
    """
    if buyer is Buyer.BUSINESS:
        return None if expressly_agreed else received_on + timedelta(days=_DAYS[buyer])
    days = _PUBLIC_MOST_DAYS if expressly_agreed and justified else _DAYS[buyer]
    return received_on + timedelta(days=days)
