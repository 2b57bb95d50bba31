"""The outbox as a table: what is ready, what is being given, what was promised and not done."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from saas.dispatch.models import HANDED_OVER, QUEUED, READY, SENDING, UNKNOWN, Dispatch
from saas.kernel import clock
from tenants.resolve import Tenant

LEASE = timedelta(minutes=15)
"""So long whoever gives a letter to a channel is believed to be alive; longer than its job may last."""


def mark_ready(tenant: Tenant, dispatch_ids: Sequence[UUID], batch_id: UUID) -> None:
    """Bind rendered letters to their batch; from here it never grows."""
    tenant.session.flush()
    tenant.session.execute(
        sa.update(Dispatch)
        .where(Dispatch.tenant_id == tenant.id, Dispatch.id.in_(dispatch_ids))
        .values(state=READY, batch_id=batch_id, touched_at=clock.wall_now())
    )


def mark_not_tried(tenant: Tenant, dispatch_ids: Sequence[UUID]) -> None:
    """The channel certainly does not have these letters: they are ready again."""
    tenant.session.execute(
        sa.update(Dispatch)
        .where(Dispatch.tenant_id == tenant.id, Dispatch.id.in_(dispatch_ids), Dispatch.state == SENDING)
        .values(state=READY, sending_since=None, touched_at=clock.wall_now())
    )


# --- what waits ------------------------------------------------------------------------------------------------------


def queued_letters(
    tenant: Tenant, *, now: datetime, usable: Sequence[str], lane: int = 0, lanes: int = 1, limit: int = 100
) -> list[UUID]:
    """Letters that may be prepared now, the oldest first. `usable`: channels that may be tried now.

    `lane` of `lanes`: a part of the cases, so that two who work at once do not reach for the same.
    """
    query = (
        sa.select(Dispatch.id)
        .where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.state == QUEUED,
            Dispatch.attention == "",
            sa.or_(Dispatch.not_before.is_(None), Dispatch.not_before <= now),
            Dispatch.channel.in_(("", *usable)),
        )
        .order_by(Dispatch.id)
        .limit(limit)
    )
    return list(tenant.session.scalars(query.where(_is_lane(Dispatch.case_id, lane, lanes)) if lanes > 1 else query))


def batches_to_give(
    tenant: Tenant, *, now: datetime, wall_now: datetime, usable: Sequence[str],
    lane: int = 0, lanes: int = 1, limit: int = 20,
) -> list[UUID]:  # fmt: skip
    """Batches that are ready, and such as somebody began to give and was not heard of again."""
    left = sa.and_(Dispatch.state == SENDING, Dispatch.sending_since < wall_now - LEASE)
    query = (
        sa.select(Dispatch.batch_id)
        .where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.batch_id.is_not(None),
            sa.or_(Dispatch.state == READY, left),
            Dispatch.channel.in_(usable),
            sa.or_(Dispatch.not_before.is_(None), Dispatch.not_before <= now),
        )
        .group_by(Dispatch.batch_id)
        .order_by(Dispatch.batch_id)
        .limit(limit)
    )
    if lanes > 1:
        query = query.where(_is_lane(Dispatch.batch_id, lane, lanes))
    return [batch for batch in tenant.session.scalars(query) if batch is not None]


def _is_lane(column: sa.ColumnElement[Any] | InstrumentedAttribute[Any], lane: int, lanes: int) -> Any:
    return sa.func.hashtext(sa.cast(column, sa.Text)).op("&")(0x3FFF_FFFF) % lanes == lane


def out_without_proof(tenant: Tenant) -> bool:
    """Whether any letter is handed over and not yet proven sent, or may have been."""
    return bool(
        tenant.session.scalar(
            sa.select(
                sa.exists().where(Dispatch.tenant_id == tenant.id, Dispatch.state.in_((HANDED_OVER, SENDING, UNKNOWN)))
            )
        )
    )
