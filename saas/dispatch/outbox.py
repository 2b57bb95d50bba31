"""Batches of letters: from ready to handed over, and what comes back."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from saas.dispatch.models import HANDED_OVER, QUEUED, READY, Dispatch
from saas.hooks import Channel
from saas.kernel import clock
from saas.kernel.errors import Refused
from saas.kernel.ids import NIL
from tenants.resolve import Tenant


def channel_of(tenant: Tenant, slug: str) -> Channel:
    """The channel of this name that the tenant has switched on. Raises Refused when it has not."""
    for channel in tenant.hooks_for(NIL).channels():
        if channel.slug == slug:
            return channel
    raise Refused("no_channel", f"Kanalen {slug} er ikke slått på.")


def mark_ready(tenant: Tenant, dispatch_ids: Sequence[UUID], batch_id: UUID) -> None:
    """Bind rendered letters to their batch; from here it never grows."""
    tenant.session.flush()
    tenant.session.execute(
        sa.update(Dispatch)
        .where(Dispatch.tenant_id == tenant.id, Dispatch.id.in_(dispatch_ids))
        .values(state=READY, batch_id=batch_id, touched_at=clock.wall_now())
    )


def mark_handed_over(tenant: Tenant, dispatch_ids: Sequence[UUID], *, on: date) -> int:
    """Note that the channel has these letters. Returns how many that were; 0 when it was noted before."""
    result = tenant.session.execute(
        sa.update(Dispatch)
        .where(Dispatch.tenant_id == tenant.id, Dispatch.id.in_(dispatch_ids), Dispatch.state == READY)
        .values(state=HANDED_OVER, handed_over_on=on, touched_at=clock.wall_now())
        .returning(Dispatch.id)
    )
    return len(result.all())


def unfinished(tenant: Tenant, *, limit: int = 5_000) -> tuple[list[UUID], list[UUID]]:
    """What was promised and not done: queued letters, and batches that are ready. For the watchdog."""
    queued = tenant.session.scalars(
        sa.select(Dispatch.id)
        .where(Dispatch.tenant_id == tenant.id, Dispatch.state == QUEUED)
        .order_by(Dispatch.id)
        .limit(limit)
    ).all()
    batches = tenant.session.scalars(
        sa.select(Dispatch.batch_id).where(Dispatch.tenant_id == tenant.id, Dispatch.state == READY).distinct()
    ).all()
    return list(queued), [batch for batch in batches if batch is not None]


def out_without_proof(tenant: Tenant) -> bool:
    """Whether any letter is handed over and not yet proven sent."""
    return bool(
        tenant.session.scalar(
            sa.select(sa.exists().where(Dispatch.tenant_id == tenant.id, Dispatch.state == HANDED_OVER))
        )
    )
