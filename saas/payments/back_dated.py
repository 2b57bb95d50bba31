"""Payments taken back to be placed again: because one dated before them came late (law D4), or less was owed (E4)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import namedtuple_row

from saas.kernel.db import driver
from saas.ledger.post import Entry, Leg, post
from saas.payments.matching import INCOMING, Incoming
from saas.rules.money import Ore
from tenants.resolve import Tenant

_STANDING = """
select t.* from transfer t
where t.tenant_id = %(tenant)s and t.case_id = any(%(cases)s) and t.value_on > %(first)s
  and t.kind in ('payment_placed', 'interest_booked', 'interest_corrected', 'written_off', 'fee_repriced')
  and t.source not like 'undone:%%'
  and t.entry_id not in (
    select u.corrects from transfer u
    where u.tenant_id = %(tenant)s and u.case_id = any(%(cases)s) and u.source like 'undone:%%')
order by t.entry_id, t.leg
"""
_PAYMENTS = f"""
select {INCOMING} from payment
where tenant_id = %s and id = any(%s) and amount_ore > gone_ore order by value_on, id
"""  # noqa: S608 - constants of ours


def take_back_later(
    tenant: Tenant, cases: Mapping[UUID, Incoming], family: Mapping[UUID, UUID], now: datetime
) -> dict[UUID, list[Incoming]]:
    """Answer what was placed, booked or written off on each case after its payment's value date by the opposite.

    `cases` are the cases (heads of their families) with the payment that came late. Returns the payments to place
    again on each, in date order. Fees taken back stay so.
    """
    members = [member for member, head in family.items() if head in cases]
    asked = {"tenant": tenant.id, "cases": members, "first": min(p.value_on for p in cases.values())}
    rows = [row for row in _standing(tenant, asked) if row.value_on > cases[family[row.case_id]].value_on]
    reasons = {case_id: f"back_dated_payment:{payment.id}" for case_id, payment in cases.items()}
    _answer(tenant, rows, {member: reasons[family[member]] for member in members}, now)
    placed = {_payment_of(row.source): family[row.case_id] for row in rows if row.kind == "payment_placed"}
    again: dict[UUID, list[Incoming]] = {}
    for payment in _payments(tenant, list(placed)):
        again.setdefault(placed[payment.id], []).append(payment)
    return again


def take_back_all(tenant: Tenant, family: Mapping[UUID, UUID], reason: str, now: datetime) -> list[Incoming]:
    """Answer all that was placed, booked with it or written off on one case by the opposite.

    `family` is the case and those joined into it. Returns the payments to place again, in date order.
    """
    asked = {"tenant": tenant.id, "cases": list(family), "first": date.min}
    rows = _standing(tenant, asked)
    _answer(tenant, rows, dict.fromkeys(family, reason), now)
    return _payments(tenant, list({_payment_of(row.source): row for row in rows if row.kind == "payment_placed"}))


def _standing(tenant: Tenant, asked: dict[str, Any]) -> list[Any]:
    with driver(tenant.session).cursor(row_factory=namedtuple_row) as cursor:
        return [*cursor.execute(_STANDING, asked)]


def _answer(tenant: Tenant, rows: list[Any], reasons: Mapping[UUID, str], now: datetime) -> None:
    entries: dict[UUID, list[Any]] = {}
    for row in rows:
        entries.setdefault(row.entry_id, []).append(row)
    post(tenant.session, [_opposite(legs, reasons[legs[0].case_id]) for legs in entries.values()], now)


def _opposite(legs: list[Any], reason: str) -> Entry:
    first = legs[0]
    return Entry(
        source=f"undone:{first.entry_id}",
        kind=first.kind,
        creditor_id=first.creditor_id,
        case_id=first.case_id,
        legs=tuple(Leg(t.debit, t.credit, t.component, Ore(t.amount_ore), t.claim_id).opposite() for t in legs),
        value_on=first.value_on,
        corrects=first.entry_id,
        reason=reason,
    )


def _payment_of(source: str) -> UUID:
    """`placed:<payment>` or `placed:<payment>:<for whose sake>` → the payment."""
    return UUID(source.split(":")[1])


def _payments(tenant: Tenant, ids: list[UUID]) -> list[Incoming]:
    return [Incoming(*row) for row in driver(tenant.session).execute(_PAYMENTS, (tenant.id, ids))]
