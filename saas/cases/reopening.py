"""A case that was closed as paid opens again (gjenåpning), because the money went away."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from saas.cases.books import family_of
from saas.cases.lifecycle import place_hold, record_on_case, still_counts
from saas.cases.models import Case, CostLoss, EarlierNotice
from saas.dispatch.models import MESSAGE, SENT, Dispatch
from saas.rules.days import next_banking_day
from saas.rules.deadlines import MIN_DEADLINE_DAYS
from saas.rules.facts import HoldReason, Stage, stage_reached
from tenants.resolve import Tenant


def reopen_case(tenant: Tenant, case: Case, because: str, *, on: date, now: datetime, actor: str) -> date:
    """Open a locked case that was closed as paid, at the stage its letters had reached. Returns the new deadline.

    Nothing happens to it before that deadline, at least 14 days away, and its grace are over: the debtor's page tells
    both why and when. It also waits for a person, who makes sure that the debtor knows.
    """
    case.stage, case.stage_since = int(_stage(tenant, case)), on
    case.closed_on, case.closed_because = None, ""
    deadline_on = next_banking_day(on + timedelta(days=MIN_DEADLINE_DAYS))
    body = {"because": because, "deadline_on": deadline_on.isoformat()}
    record_on_case(tenant, case, "case.reopened", body, now=now, actor=actor)
    place_hold(
        tenant, case, HoldReason.DEFERRED, since=on, until=deadline_on, note=f"reopened:{because}", now=now, actor=actor
    )
    place_hold(tenant, case, HoldReason.PERSON, since=on, note=f"reopened:{because}", now=now, actor=actor)
    tenant.session.flush()
    return deadline_on


def _stage(tenant: Tenant, case: Case) -> Stage:
    """What letters proven sent, ours and the creditor's, have led to since the ladder began, or began anew."""
    family = list(family_of(tenant, [case.id]))
    sent = tenant.session.execute(
        sa.select(Dispatch.step, Dispatch.sent_on).where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.case_id.in_(family),
            Dispatch.step != MESSAGE,
            Dispatch.state == SENT,
        )
    )
    earlier = tenant.session.execute(
        sa.select(EarlierNotice.step, EarlierNotice.sent_on).where(
            EarlierNotice.tenant_id == tenant.id, EarlierNotice.case_id == case.id
        )
    )
    restarted_on = tenant.session.scalar(
        sa.select(sa.func.max(CostLoss.decided_on)).where(
            CostLoss.tenant_id == tenant.id, CostLoss.case_id == case.id, CostLoss.restarts
        )
    )
    return stage_reached(step for step, on in (*sent, *earlier) if still_counts(step, on, restarted_on))
