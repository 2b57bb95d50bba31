"""Notes of what plugins did, kept: trouble for staff to see, and what those in shadow would have said."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from saas.kernel import clock
from saas.kernel.ids import NIL, new_id
from tenants.models import PluginShadow, PluginTrouble
from tenants.notes import Notes, Trouble

_TROUBLE, _SHADOW = cast(sa.Table, PluginTrouble.__table__), cast(sa.Table, PluginShadow.__table__)
_CREDITORS = sa.text("select id, creditor_id from collection_case where tenant_id = :tenant and id = any(:ids)")


def keep(session: Session, tenant_id: UUID, notes: Notes, today: date) -> None:
    """Write the notes of one transaction. The same trouble again is counted, the same shadow again is one."""
    if not notes.troubles and not notes.shadows:
        return
    ids = {one.case_id for one in notes.troubles if one.case_id} | {one.case_id for one in notes.shadows}
    found = session.execute(_CREDITORS, {"tenant": tenant_id, "ids": list(ids)})
    creditors: dict[UUID, UUID] = {row.id: row.creditor_id for row in found}
    wall = clock.wall_now()
    counted: dict[tuple[str, str, str, UUID], tuple[Trouble, int]] = {}
    for trouble in notes.troubles:
        whose = creditors.get(trouble.case_id, NIL) if trouble.case_id else NIL
        key = (trouble.slug, trouble.hook, trouble.error, whose)
        counted[key] = (trouble, counted[key][1] + 1 if key in counted else 1)
    for key, (trouble, times) in sorted(counted.items(), key=lambda item: item[0]):  # in order: nights side by side
        _note(session, tenant_id, key[3], trouble, times, wall)
    rows = [
        {"tenant_id": tenant_id, "id": new_id(), "creditor_id": creditors.get(one.case_id, NIL), "case_id": one.case_id,
         "slug": one.slug, "hook": one.hook, "answer": one.answer, "asked_on": today}
        for one in notes.shadows
    ]  # fmt: skip
    for first in range(0, len(rows), _MOST):
        session.execute(insert(_SHADOW).values(rows[first : first + _MOST]).on_conflict_do_nothing())


_MOST = 1_000


def _note(session: Session, tenant_id: UUID, creditor_id: UUID, trouble: Trouble, times: int, wall: datetime) -> None:
    new = insert(_TROUBLE).values(
        tenant_id=tenant_id, id=new_id(), creditor_id=creditor_id, slug=trouble.slug, hook=trouble.hook,
        error=trouble.error, trace=trouble.trace, case_id=trouble.case_id, first_at=wall, last_at=wall, times=times,
    )  # fmt: skip
    again = {
        "trace": new.excluded.trace,
        "case_id": new.excluded.case_id,
        "last_at": wall,
        "times": _TROUBLE.c.times + 1,
    }
    keys = ["tenant_id", "slug", "hook", "error", "creditor_id"]
    session.execute(new.on_conflict_do_update(index_elements=keys, set_=again))


def newest_troubles(session: Session, tenant_id: UUID, creditor_id: UUID) -> Sequence[PluginTrouble]:
    """What plugins did wrong over a creditor's cases, or over the tenant's as a whole; newest first, a few."""
    query = sa.select(PluginTrouble).where(
        PluginTrouble.tenant_id == tenant_id, PluginTrouble.creditor_id.in_((creditor_id, NIL))
    )
    return session.scalars(query.order_by(PluginTrouble.last_at.desc()).limit(5)).all()
