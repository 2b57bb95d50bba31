"""The watch: every half minute PostgreSQL is asked what was promised and not done, and it is asked for again.

Redis may be wiped at any time; this is what brings its jobs back. Nights begin here too.
"""

from datetime import date, time
from uuid import UUID

import sqlalchemy as sa
import structlog

from saas.cases.models import NightRun
from saas.dispatch.ask import enqueue_hand_over
from saas.dispatch.outbox import out_without_proof, unfinished
from saas.kernel import clock
from saas.kernel.queue import enqueue
from saas.kernel.servers import Servers
from saas.payments.models import Payment
from tenants.resolve import Tenant, all_tenants, open_tenant

WATCH_SECONDS = 30
NIGHT_BEGINS = time(4, 0)  # Oslo
NIGHT_SECONDS = 3_600

log = structlog.get_logger()


class Watch:
    """Tends the servers every few seconds and looks for what was left undone every `WATCH_SECONDS`."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._next = clock.monotonic()

    def tend(self) -> None:
        """Called often by the supervisor of the workers, who go on whatever happens here: a database comes back."""
        try:
            self._servers.tend()
            if clock.monotonic() >= self._next:
                self._next = clock.monotonic() + WATCH_SECONDS
                self._look_after_all()
        except Exception:
            log.exception("watch_failed")

    def _look_after_all(self) -> None:
        for tenant_id, slug in all_tenants():
            try:
                look_after(tenant_id, self._servers.redis)
            except Exception:
                log.exception("watch_failed", tenant=slug)  # one tenant's trouble must not stop the others' watch


def look_after(tenant_id: UUID, redis_url: str) -> None:
    """Ask again for whatever one tenant has waiting: letters, batches, receipts, payments, the night."""
    with open_tenant(tenant_id) as tenant:
        queued, batches = unfinished(tenant)
        without_proof, payments = out_without_proof(tenant), _payments_waiting(tenant)
        night_on = _night_due(tenant)
    enqueue_hand_over(tenant_id, queued)
    for batch_id in batches:
        enqueue(redis_url, "finish_batch", tenant_id, batch_id, job_id=f"batch-{batch_id}")
    if without_proof:
        enqueue(redis_url, "collect_receipts", tenant_id, job_id=f"receipts-{tenant_id}")
    if payments:
        enqueue(redis_url, "place_payments", tenant_id, job_id=f"payments-{tenant_id}")
    if night_on is not None:
        enqueue(redis_url, "run_night", tenant_id, night_on, job_id=f"night-{tenant_id}", timeout_seconds=NIGHT_SECONDS)


def _payments_waiting(tenant: Tenant) -> bool:
    waiting = sa.exists().where(Payment.tenant_id == tenant.id, Payment.state == "new")
    return bool(tenant.session.scalar(sa.select(waiting)))


def _night_due(tenant: Tenant) -> date | None:
    """The night that should have begun and is not finished. A sandbox's nights are run when its clock is moved."""
    now = clock.now(tenant)
    if tenant.sandbox_on is not None or now.time() < NIGHT_BEGINS:
        return None
    finished = sa.exists().where(
        NightRun.tenant_id == tenant.id, NightRun.night_on == now.date(), NightRun.finished_at.is_not(None)
    )
    return None if tenant.session.scalar(sa.select(finished)) else now.date()
