"""Every job there is: ids in, one use case called, harmless when run twice.

`saas` asks for these by name (saas.kernel.queue) and never imports them.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

import structlog

from saas.cases import night as nights
from saas.cases.hand_over import prepare
from saas.cases.receipts import take_receipts
from saas.dispatch.ask import enqueue_hand_over
from saas.dispatch.outbox import batch_of, channel_of, mark_handed_over
from saas.hooks import AlreadySent, Channel
from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.ids import NIL
from saas.kernel.servers import ensure_open
from saas.payments.placing import place_payments as place
from tenants.resolve import open_tenant

log = structlog.get_logger()
P = ParamSpec("P")
R = TypeVar("R")


def job(work: Callable[P, R]) -> Callable[P, R]:
    """A job opens the servers if its process has not: RQ imports and calls it, nothing else prepares it."""

    @wraps(work)
    def ready(*args: P.args, **kwargs: P.kwargs) -> R:
        ensure_open()
        return work(*args, **kwargs)

    return ready


@job
def hand_over(tenant_id: str, dispatch_ids: list[str]) -> None:
    """Decide, write and hand over a chunk of queued letters."""
    tenant_uuid = UUID(tenant_id)
    with open_tenant(tenant_uuid) as tenant:
        prepared = prepare(tenant, [UUID(i) for i in dispatch_ids], now=clock.now(tenant))
    if prepared.batch_id is not None:
        finish_batch(tenant_id, str(prepared.batch_id))
    if prepared.queued_anew:
        enqueue_hand_over(tenant_uuid, prepared.queued_anew)


@job
def finish_batch(tenant_id: str, batch_id: str) -> None:
    """Give a ready batch to its channel and note it; the channel takes it once, however often it is given."""
    with open_tenant(UUID(tenant_id)) as tenant:
        today = clock.today(tenant)
        found = batch_of(tenant, UUID(batch_id), made_on=today)
        channel = channel_of(tenant, found[0]) if found else None
    if found is None or channel is None:
        return
    try:
        channel.hand_over(found[1], settings().print_folder)
    except AlreadySent:
        log.info("batch_was_out_already", batch=batch_id)
    with open_tenant(UUID(tenant_id)) as tenant:
        mark_handed_over(tenant, UUID(batch_id), on=today)


@job
def collect_receipts(tenant_id: str) -> int:
    """Read what the channels say of letters handed over. Returns how many letters were moved."""
    with open_tenant(UUID(tenant_id)) as tenant:
        channels: list[Channel] = list(tenant.hooks_for(NIL).channels())
        slug = tenant.slug
    moved = 0
    for channel in channels:
        for name, receipts in channel.receipts(slug, settings().print_folder):
            with open_tenant(UUID(tenant_id)) as tenant:
                moved += take_receipts(tenant, channel.slug, name, list(receipts), now=clock.now(tenant))
            channel.take_receipts(slug, name, settings().print_folder)
        for problem in channel.receipt_problems(slug, settings().print_folder):
            log.error("receipt_file_unreadable", channel=channel.slug, problem=str(problem))
    return moved


@job
def place_payments(tenant_id: str) -> None:
    """Place payments that are in and not yet on a case."""
    with open_tenant(UUID(tenant_id)) as tenant:
        now = clock.now(tenant)
    place(UUID(tenant_id), now)


@job
def run_night(tenant_id: str, on: str | None = None) -> None:
    """One tenant's night."""

    day = date.fromisoformat(on) if on else None
    nights.run_night(UUID(tenant_id), on=day, hand_over=enqueue_hand_over)
