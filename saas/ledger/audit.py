"""The auditor (revisor): asks of one tenant's book, again and again, what must always hold of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from saas.kernel.db import driver, set_wise
from saas.ledger.invariants import INVARIANTS, Invariant
from saas.ledger.models import BookCheck
from saas.ledger.words import ACCOUNT_WORDS, COMPONENT_WORDS
from saas.rules.money import kroner
from tenants.profile import MOST_WRITTEN_OFF_ORE
from tenants.resolve import Tenant

EXAMPLES = 20  # of each invariant's breaches; a book gone wrong may have a million

_FIRST = "select count(*) over (), words from ({query}) found(words) limit %(examples)s"
_TOLD = re.compile(r"\{(-?\w+)\}")
_CODES = ACCOUNT_WORDS | COMPONENT_WORDS


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the book that cannot be right."""

    rule: str
    words: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.words}"


@dataclass(frozen=True, slots=True)
class Checked:
    """An invariant and how often it is broken; the first few breaches in words."""

    invariant: Invariant
    findings: int
    examples: tuple[str, ...]


def check_book(tenant: Tenant) -> Iterator[Checked]:
    """Recompute every invariant of one tenant's book, one after the other. Memory does not grow with the book."""
    connection = driver(tenant.session)
    asked = {"tenant": tenant.id, "examples": EXAMPLES, "most_written_off": MOST_WRITTEN_OFF_ORE}
    with set_wise(connection):
        for invariant in INVARIANTS:
            rows = connection.execute(_FIRST.format(query=invariant.statement), asked).fetchall()
            yield Checked(invariant, rows[0][0] if rows else 0, tuple(_said(words) for _, words in rows))


def audit(tenant: Tenant) -> list[Finding]:
    """What is wrong with one tenant's book, the first few of each kind. An empty list means that all holds."""
    return [Finding(each.invariant.name, words) for each in check_book(tenant) for words in each.examples]


def check_and_note(tenant: Tenant, now: datetime) -> list[Checked]:
    """Check the book and keep what came of it, one row an invariant."""
    checked = list(check_book(tenant))
    tenant.session.add_all(
        BookCheck(
            tenant_id=tenant.id,
            invariant=each.invariant.name,
            checked_at=now,
            findings=each.findings,
            examples=list(each.examples),
        )
        for each in checked
    )
    return checked


def last_checks(tenant: Tenant) -> dict[str, BookCheck]:
    """The newest check of each invariant, by its name."""
    rows: Sequence[BookCheck] = tenant.session.scalars(
        sa.select(BookCheck)
        .where(BookCheck.tenant_id == tenant.id)
        .ext(distinct_on(BookCheck.invariant))
        .order_by(BookCheck.invariant, BookCheck.checked_at.desc(), BookCheck.id.desc())
    ).all()
    return {row.invariant: row for row in rows}


def last_checked_at(tenant: Tenant) -> datetime | None:
    """When the book was last checked, all of it."""
    last = BookCheck.tenant_id == tenant.id, BookCheck.invariant == INVARIANTS[-1].name
    return tenant.session.scalar(sa.select(sa.func.max(BookCheck.checked_at)).where(*last))


def _said(words: str) -> str:
    """A breach as people read it: amounts in kroner, codes by their names."""

    def say(found: re.Match[str]) -> str:
        code = found[1]
        return kroner(int(code)) if code.lstrip("-").isdigit() else _CODES.get(code, code)

    return _TOLD.sub(say, words)
