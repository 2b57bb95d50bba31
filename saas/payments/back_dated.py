"""A payment dated before others already placed: theirs are taken back and placed again after it (law D4)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import namedtuple_row

from saas.kernel.db import driver
from saas.ledger.post import Entry, Leg, post
from saas.payments.matching import Incoming
from saas.rules.money import Ore
from tenants.resolve import Tenant

_STANDING = """
select t.* from transfer t
where t.tenant_id = %(tenant)s and t.case_id = any(%(cases)s) and t.value_on > %(first)s
  and t.kind in ('payment_placed', 'interest_booked', 'interest_corrected', 'written_off')
  and t.source not like 'undone:%%'
  and t.entry_id not in (
    select u.corrects from transfer u
    where u.tenant_id = %(tenant)s and u.case_id = any(%(cases)s) and u.source like 'undone:%%')
order by t.entry_id, t.leg
"""
_PAYMENTS = """
select id, account, kid, amount_ore, value_on, text, matched_by from payment
where tenant_id = %s and id = any(%s) order by value_on, id
"""


def take_back_later(
    tenant: Tenant, cases: Mapping[UUID, Incoming], family: Mapping[UUID, UUID], now: datetime
) -> dict[UUID, list[Incoming]]:
    """Answer what was placed, booked or written off on each case after its payment's value date by the opposite.

    `cases` are the cases (heads of their families) with the payment that came late. Returns the payments to place
    again on each, in date order. Fees taken back stay so.
    """
    members = [member for member, head in family.items() if head in cases]
    asked = {"tenant": tenant.id, "cases": members, "first": min(p.value_on for p in cases.values())}
    with driver(tenant.session).cursor(row_factory=namedtuple_row) as cursor:
        standing: list[Any] = [*cursor.execute(_STANDING, asked)]
    rows = [row for row in standing if row.value_on > cases[family[row.case_id]].value_on]
    entries: dict[UUID, list[Any]] = {}
    for row in rows:
        entries.setdefault(row.entry_id, []).append(row)
    post(tenant.session, [_opposite(legs, cases[family[legs[0].case_id]]) for legs in entries.values()], now)
    placed = {_payment_of(row.source): family[row.case_id] for row in rows if row.kind == "payment_placed"}
    again: dict[UUID, list[Incoming]] = {}
    for payment in _payments(tenant, list(placed)):
        again.setdefault(placed[payment.id], []).append(payment)
    return again


def _opposite(legs: list[Any], because: Incoming) -> Entry:
    first = legs[0]
    return Entry(
        source=f"undone:{first.entry_id}",
        kind=first.kind,
        creditor_id=first.creditor_id,
        case_id=first.case_id,
        legs=tuple(Leg(t.debit, t.credit, t.component, Ore(t.amount_ore), t.claim_id).opposite() for t in legs),
        value_on=first.value_on,
        corrects=first.entry_id,
        reason=f"back_dated_payment:{because.id}",
    )


def _payment_of(source: str) -> UUID:
    """`placed:<payment>` or `placed:<payment>:<for whose sake>` → the payment."""
    return UUID(source.split(":")[1])


def _payments(tenant: Tenant, ids: list[UUID]) -> list[Incoming]:
    return [Incoming(*row) for row in driver(tenant.session).execute(_PAYMENTS, (tenant.id, ids))]
