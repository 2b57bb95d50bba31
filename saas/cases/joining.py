"""Joining cases (sammenslåing): claims of one creditor against one debtor share one demand and one fee (law B16)."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.lifecycle import record_on_case
from saas.cases.models import Case, CaseHold, Claim, EarlierNotice, KidAlias
from saas.dispatch.models import MESSAGE, UNDER_WAY, Dispatch
from saas.rules.facts import Stage
from tenants.resolve import Tenant


def join_ready_cases(tenant: Tenant, *, today: date, now: datetime, actor: str) -> int:
    """Join the cases of each pair that are ready for their demand today. Returns how many were joined into another.

    Ready: the collection notice's deadline is over, nothing holds the case, no letter is under way. The lowest case
    number stays; the other cases' claims, notices and KIDs move to it, and what was booked on them counts with it.
    """
    joined = 0
    for debtor_id, creditor_id in _pairs_ready(tenant, today):
        cases = tenant.session.scalars(
            _ready(tenant, today)
            .with_only_columns(Case)
            .where(Case.debtor_id == debtor_id, Case.creditor_id == creditor_id)
            .order_by(Case.number)
            .with_for_update(skip_locked=True)
        ).all()
        for other in cases[1:]:
            _join(tenant, cases[0], other, today=today, now=now, actor=actor)
            joined += 1
    return joined


def _ready(tenant: Tenant, today: date) -> sa.Select[UUID, UUID]:
    held = sa.exists().where(
        CaseHold.tenant_id == Case.tenant_id, CaseHold.case_id == Case.id, CaseHold.lifted_on.is_(None)
    )
    under_way = sa.exists().where(
        Dispatch.tenant_id == Case.tenant_id,
        Dispatch.case_id == Case.id,
        Dispatch.step != MESSAGE,
        Dispatch.state.in_(UNDER_WAY),
    )
    return sa.select(Case.debtor_id, Case.creditor_id).where(
        Case.tenant_id == tenant.id,
        Case.stage == Stage.NOTICED,
        Case.next_action_on <= today,
        ~held,
        ~under_way,
    )


def _pairs_ready(tenant: Tenant, today: date) -> list[tuple[UUID, UUID]]:
    query = _ready(tenant, today).group_by(Case.debtor_id, Case.creditor_id).having(sa.func.count() > 1)
    return [(row.debtor_id, row.creditor_id) for row in tenant.session.execute(query)]


def _join(tenant: Tenant, primary: Case, other: Case, *, today: date, now: datetime, actor: str) -> None:
    for table in (Claim, EarlierNotice, KidAlias):
        tenant.session.execute(
            sa.update(table).where(table.tenant_id == tenant.id, table.case_id == other.id).values(case_id=primary.id)
        )
    tenant.session.execute(
        sa.update(Case).where(Case.tenant_id == tenant.id, Case.joined_into == other.id).values(joined_into=primary.id)
    )
    other.joined_into, other.closed_on, other.closed_because = primary.id, today, "joined"
    other.stage, other.stage_since, other.next_action_on, other.waits_for = Stage.CLOSED, today, None, ""
    record_on_case(tenant, other, "case.joined", {"into": primary.number}, now=now, actor=actor)
    record_on_case(tenant, primary, "case.took_in", {"from": other.number}, now=now, actor=actor)
