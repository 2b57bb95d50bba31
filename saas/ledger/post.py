"""Write to the book (bokføre): entries of one or more transfers, each balanced by construction, none ever changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from psycopg import Connection
from sqlalchemy.orm import Session

from saas.kernel.bulk import insert_rows
from saas.kernel.db import driver, tenant_of, utc
from saas.kernel.ids import new_id
from saas.ledger.models import ACCOUNTS, COMPONENTS, Transfer
from saas.ledger.sums import add_sums
from saas.rules.money import Ore

_COLUMNS = (
    "tenant_id", "id", "entry_id", "source", "leg", "kind", "creditor_id", "case_id", "claim_id", "debit", "credit",
    "component", "amount_ore", "value_on", "booked_at", "corrects", "reason",
)  # fmt: skip
_ACCOUNTS, _COMPONENTS = frozenset(ACCOUNTS), frozenset(COMPONENTS)

new_entry_id = new_id
"""A new entry's id, for who must know it before the entry is posted."""


class WrongEntry(ValueError):
    """Our own mistake: what was to be booked is not an entry."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One transfer: `amount_ore` is added to `debit` and taken from `credit`. Raises WrongEntry."""

    debit: str
    credit: str
    component: str
    amount_ore: Ore
    claim_id: UUID | None = None

    def __post_init__(self) -> None:
        if type(self.amount_ore) is not int or self.amount_ore <= 0:
            raise WrongEntry(f"an amount is a whole number of øre above zero: {self}")
        if self.debit == self.credit or not {self.debit, self.credit} <= _ACCOUNTS:
            raise WrongEntry(f"a transfer is between two known accounts: {self}")
        if self.component not in _COMPONENTS:
            raise WrongEntry(f"unknown component: {self}")

    def opposite(self) -> "Leg":
        """The transfer that takes this one back."""
        return Leg(self.credit, self.debit, self.component, self.amount_ore, self.claim_id)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one event does to the book. `source` names the event: the same event is booked once, however often posted.

    `creditor_id` is nil for money not yet placed. A correction is a new entry; `corrects` is the id of the one it
    answers and `reason` says why. Raises WrongEntry.
    """

    source: str
    kind: str
    creditor_id: UUID
    case_id: UUID | None
    legs: tuple[Leg, ...]
    value_on: date
    corrects: UUID | None = None
    reason: str = ""
    entry_id: UUID = field(default_factory=new_entry_id)

    def __post_init__(self) -> None:
        if not self.legs or not self.source or not self.kind:
            raise WrongEntry(f"an entry has a source, a kind and at least one transfer: {self}")


def post(session: Session, entries: Sequence[Entry], now: datetime) -> None:
    """Book `entries` in the open transaction. One whose source is booked already is left out whole.

    Raises WrongEntry when two of them have the same source: then one would silently be lost.
    """
    if not entries:
        return
    connection, tenant_id, booked_at = driver(session), tenant_of(session), utc(now)
    known = _known_sources(connection, tenant_id, entries)
    rows = [
        (
            tenant_id, new_id(), e.entry_id, e.source, nth, e.kind, e.creditor_id, e.case_id, leg.claim_id,
            leg.debit, leg.credit, str(leg.component), leg.amount_ore, e.value_on, booked_at, e.corrects, e.reason,
        )
        for e in entries
        if e.source not in known
        for nth, leg in enumerate(e.legs)
    ]  # fmt: skip
    insert_rows(connection, cast(sa.Table, Transfer.__table__), _COLUMNS, rows)
    add_sums(
        connection,
        tenant_id,
        (
            (e.value_on, e.creditor_id, leg.debit, leg.credit, str(leg.component), leg.amount_ore)
            for e in entries
            if e.source not in known
            for leg in e.legs
        ),
    )


def _known_sources(connection: Connection[Any], tenant_id: UUID, entries: Sequence[Entry]) -> set[str]:
    sources = [entry.source for entry in entries]
    if len(set(sources)) < len(sources):
        raise WrongEntry("two entries of the same source are posted at once")
    rows = connection.execute(
        "select source from transfer where tenant_id = %s and source = any(%s) and leg = 0", (tenant_id, sources)
    )
    return {row[0] for row in rows}
