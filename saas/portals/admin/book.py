"""The book (boken) for staff: what must always hold of it, what stands on each account, and whether the bank agrees."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask import request
from marshmallow import Schema, ValidationError, fields

from saas.access.roles import Action
from saas.access.users import Signed
from saas.kernel import clock
from saas.ledger.audit import last_checks
from saas.ledger.invariants import INVARIANTS
from saas.ledger.models import (
    CLIENT_BANK,
    COMPONENTS,
    EARNED,
    IN_TRANSIT,
    ORDERED,
    OWED_CREDITOR,
    OWED_DEBTOR,
    RECEIVABLE,
    UNPLACED,
    BookCheck,
)
from saas.ledger.sums import account_balances, of_accounts, top_up_due
from saas.ledger.words import ACCOUNT_WORDS, COMPONENT_WORDS
from saas.payments.models import Reconciliation
from saas.portals.admin.pages import pages
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared.forms import form_of, read_form
from saas.portals.shared.tenancy import open_here, page
from saas.rules.money import Ore
from tenants.resolve import Tenant

HELD, OWED = (CLIENT_BANK, IN_TRANSIT), (OWED_CREDITOR, OWED_DEBTOR, ORDERED, UNPLACED, EARNED)

Balances = dict[tuple[str, str], Ore]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table of balances: what it is, and what stands there on each of the days."""

    words: str
    ore: tuple[Ore, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """An invariant in words, and when and with what its last check ended; None: never looked at."""

    words: str
    checked_at: datetime | None  # Oslo time
    findings: int = 0
    examples: tuple[str, ...] = ()


@pages.get("/book")
@at_desk(Action.SEE_BOOK)
def book(user: Signed) -> Answer:
    """The book today, and as of the day asked for."""
    with open_here() as tenant:
        today = clock.today(tenant)
        schema = _as_of(today)
        typed, errors = read_form(schema, request.args) if request.args else ({}, {})
        days = (today, typed["on"]) if typed.get("on") not in (None, today) and not errors else (today,)
        balances = [account_balances(tenant.session, day) for day in days]
        rules = _rules(tenant)
        shown = page(
            "admin/book.html",
            failed=bool(errors),
            form=form_of(schema, request.args or {"on": today.isoformat()}, errors),
            days=days,
            money=_of_accounts(HELD, balances, sign=1),
            owners=_of_accounts(OWED, balances, sign=-1),
            receivables=_receivables(balances),
            top_up_ore=top_up_due(tenant.session, today),
            rules=rules,
            checked_at=_oldest(rules),
            broken=[rule for rule in rules if rule.findings],
            reconciliation=_last_reconciliation(tenant),
        )
    return (shown, 422) if errors else shown


def _as_of(today: date) -> Schema:
    def not_ahead(on: date) -> None:
        if on > today:
            raise ValidationError("Velg en dag som har vært.")

    on = fields.Date(
        required=True,
        validate=not_ahead,
        error_messages={"required": "Velg en dag."},
        metadata={
            "label": "Se saldoene ved slutten av en annen dag",
            "help": "Etter valuteringsdag.",
            "width": 16,
            "input": "date",
        },
    )
    return Schema.from_dict({"on": on}, name="AsOfSchema")()


def _of_accounts(accounts: tuple[str, ...], balances: list[Balances], *, sign: int) -> list[Row]:
    """A row an account and their sum last. Accounts of what we owe are shown as what is owed."""
    sums = [of_accounts(each) for each in balances]
    rows = [Row(ACCOUNT_WORDS[a], tuple(Ore(sign * each.get(a, 0)) for each in sums)) for a in accounts]
    return [*rows, _sum(rows, len(balances))]


def _receivables(balances: list[Balances]) -> list[Row]:
    named = (
        (COMPONENT_WORDS[c].capitalize(), [each.get((RECEIVABLE, c), Ore(0)) for each in balances]) for c in COMPONENTS
    )
    rows = [Row(words, tuple(ore)) for words, ore in named if any(ore)]
    return [*rows, _sum(rows, len(balances))]


def _sum(rows: list[Row], days: int) -> Row:
    return Row("Til sammen", tuple(Ore(sum(row.ore[n] for row in rows)) for n in range(days)))


def _rules(tenant: Tenant) -> list[Rule]:
    checks: Mapping[str, BookCheck] = last_checks(tenant)
    rules = [_rule(invariant.words, checks.get(invariant.name)) for invariant in INVARIANTS]
    return sorted(rules, key=lambda rule: not rule.findings)  # what is broken stands first


def _rule(words: str, check: BookCheck | None) -> Rule:
    if check is None:
        return Rule(words, None)
    return Rule(words, check.checked_at.astimezone(clock.OSLO), check.findings, tuple(check.examples))


def _oldest(rules: list[Rule]) -> datetime | None:
    """When all of the book had been checked; None when something never was."""
    times = [rule.checked_at for rule in rules]
    return None if None in times else min(time for time in times if time)


def _last_reconciliation(tenant: Tenant) -> Reconciliation | None:
    return tenant.session.scalars(
        sa.select(Reconciliation)
        .where(Reconciliation.tenant_id == tenant.id)
        .order_by(Reconciliation.reconciled_on.desc(), Reconciliation.checked_at.desc())
        .limit(1)
    ).first()
