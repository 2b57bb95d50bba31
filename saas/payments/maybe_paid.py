"""Money that may be meant for a case holds it (law N6): nothing happens to it until somebody has looked.

Unmatched money counts as paid on its value date until a case handler decides, so the hold begins on that day.
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.lifecycle import lift_hold, place_hold
from saas.cases.models import Case, CaseHold
from saas.kernel import clock
from saas.kernel.db import driver
from saas.payments.matching import INCOMING, Incoming
from saas.payments.suggestions import fitting
from saas.rules.facts import HoldReason, Stage
from tenants.resolve import Tenant, open_tenant

NOTE = "unmatched_payment"
NOT_OURS = "not_ours"  # a person has said that the money belongs to no case here

WAITING = f"""
select {INCOMING} from payment
where tenant_id = %s and state = 'unmatched' and amount_ore > gone_ore and why <> '{NOT_OURS}' order by value_on, id
"""  # noqa: S608 - constants of ours
_PAID_ELSEWHERE = """
with waiting as materialized (  -- a handful, however many cases there are
  select * from repayment
  where tenant_id = %s and state = 'due' and reason = 'may_be_another_case' and payment_id is null
)
select o.id, min(r.made_on)
from waiting r
join collection_case c on c.tenant_id = r.tenant_id and c.id = r.case_id
join collection_case o on o.tenant_id = c.tenant_id and o.debtor_id = c.debtor_id and o.creditor_id = c.creditor_id
  and o.id <> c.id and o.stage <> 90 and o.joined_into is null and o.case_key is not null
group by 1
"""


def waiting_money(tenant: Tenant) -> list[Incoming]:
    """Payments in that are on no case, the oldest first."""
    return [Incoming(*row) for row in driver(tenant.session).execute(WAITING, (tenant.id,))]


def hold_what_may_be_paid(tenant_id: UUID, now: datetime | None = None, actor: str = "night") -> tuple[int, int]:
    """Hold each open case that waiting money may be meant for, and release those it is not. Returns how many of each.

    Run after payments are placed and before any step; running it again changes nothing.
    """
    with open_tenant(tenant_id) as tenant:
        now = now or clock.now(tenant)
        standing = _standing(tenant)
        payments = waiting_money(tenant)
        wanted = _wanted(tenant, payments)
        cases = _locked(tenant, {*standing, *wanted})
        placed = lifted = 0
        for case_id, since in wanted.items():
            if case_id in cases and cases[case_id].stage != Stage.CLOSED and not _held_by_person(tenant, case_id):
                place_hold(tenant, cases[case_id], HoldReason.PERSON, since=since, note=NOTE, now=now, actor=actor)
                placed += 1
        for case_id in standing - wanted.keys():
            if case_id in cases:
                lift_hold(tenant, cases[case_id], HoldReason.PERSON, on=now.date(), now=now, actor=actor)
                lifted += 1
        return placed, lifted


def _wanted(tenant: Tenant, payments: list[Incoming]) -> dict[UUID, date]:
    """Case → the day from which it may have been paid."""
    wanted: dict[UUID, date] = {}
    by_id = {p.id: p for p in payments}
    for payment_id, cases in (fitting(tenant, payments) if payments else {}).items():
        for case_id in cases:
            on = by_id[payment_id].value_on
            wanted[case_id] = min(on, wanted.get(case_id, on))
    for case_id, on in driver(tenant.session).execute(_PAID_ELSEWHERE, (tenant.id,)):
        wanted[case_id] = min(on, wanted.get(case_id, on))
    return wanted


def _standing(tenant: Tenant) -> set[UUID]:
    query = sa.select(CaseHold.case_id).where(
        CaseHold.tenant_id == tenant.id,
        CaseHold.reason == HoldReason.PERSON,
        CaseHold.note == NOTE,
        CaseHold.lifted_on.is_(None),
    )
    return set(tenant.session.scalars(query))


def _locked(tenant: Tenant, case_ids: Iterable[UUID]) -> dict[UUID, Case]:
    ids = list(case_ids)
    if not ids:
        return {}
    query = sa.select(Case).where(Case.tenant_id == tenant.id, Case.id.in_(ids)).order_by(Case.id).with_for_update()
    return {case.id: case for case in tenant.session.scalars(query)}


def _held_by_person(tenant: Tenant, case_id: UUID) -> bool:
    held = sa.exists().where(
        CaseHold.tenant_id == tenant.id,
        CaseHold.case_id == case_id,
        CaseHold.reason == HoldReason.PERSON,
        CaseHold.lifted_on.is_(None),
    )
    return bool(tenant.session.scalar(sa.select(held)))
