"""Tell a tenant, once for each threshold, of figures of the law that must be entered before they are needed (C1)."""

from datetime import date

import orjson
import sqlalchemy as sa

from saas.kernel import clock, history
from saas.rules.horizon import Missing, due_warnings
from saas.rules.law import Law
from tenants.resolve import Tenant

KIND = "law.figure_missing"


def note_missing_figures(tenant: Tenant, law: Law) -> list[Missing]:
    """Write into the tenant's history what is due on its day and not told of before. Returns what was written."""
    due = due_warnings(law, clock.today(tenant))
    if not due:
        return []
    told = _told_of(tenant)
    new = [each for each in due if _key(each.figure, each.needed_from, each.threshold) not in told]
    for each in new:
        body = {
            "figure": each.figure,
            "needed_from": each.needed_from.isoformat(),
            "threshold_days": each.threshold,
            "days_left": each.days_left,
        }
        history.record(tenant.session, KIND, at=clock.now(tenant), actor="worker", body=body)
    return new


_Key = tuple[str, str, int | None]


def _told_of(tenant: Tenant) -> set[_Key]:
    """What stands in the history. The head is locked first: of two checks at once the second sees the first's."""
    tenant.session.get(history.HistoryHead, tenant.id, with_for_update=True)
    bodies = tenant.session.scalars(
        sa.select(history.HistoryEvent.body).where(
            history.HistoryEvent.tenant_id == tenant.id,
            history.HistoryEvent.case_id.is_(None),
            history.HistoryEvent.kind == KIND,
        )
    )
    told = map(orjson.loads, bodies)
    return {(each["figure"], each["needed_from"], each["threshold_days"]) for each in told}


def _key(figure: str, needed_from: date, threshold: int | None) -> _Key:
    return figure, needed_from.isoformat(), threshold
