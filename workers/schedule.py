"""The watch: every half minute PostgreSQL is asked what was promised and not done, and it is asked for again.

Redis may be wiped at any time; this is what brings its jobs back. Nights begin here too, and the nightly look at the
figures of the law.
"""

from datetime import date, time
from uuid import UUID

import sqlalchemy as sa
import structlog

from saas.cases import collecting, telling, trials
from saas.cases.models import NightRun
from saas.cases.receipts import reports_wait
from saas.cases.sending import letters_to_do
from saas.dispatch.ask import enqueue_hand_over
from saas.dispatch.outbox import out_without_proof
from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.queue import enqueue
from saas.kernel.servers import Servers
from saas.ledger.audit import last_checked_at
from saas.payments import look_ups, provider_news
from saas.payments.folder import waiting
from saas.payments.models import Payment
from saas.payments.settlement.answers import waiting_answers
from tenants.resolve import Tenant, all_tenants, open_tenant

WATCH_SECONDS = 30
NIGHT_BEGINS = time(4, 0)  # Oslo
SETTLEMENT_BEGINS = time(8, 0)  # Oslo; the bank has told of the day before
NIGHT_SECONDS = 3_600
BANK_FILES_SECONDS = 3_600
BOOK_SECONDS = 3_600
NEWS_SECONDS = 600
PLUGIN_SECONDS = 900  # a plugin's I/O in a worker, a hundred cases at a time

log = structlog.get_logger()


class Watch:
    """Tends the servers every few seconds and looks for what was left undone every `WATCH_SECONDS`."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._next = clock.monotonic()
        self._figures_asked_on: date | None = None
        self._settled_on: dict[UUID, date] = {}

    def tend(self) -> None:
        """Called often by the supervisor of the workers, who go on whatever happens here: a database comes back."""
        try:
            self._servers.tend()
            if clock.monotonic() >= self._next:
                self._next = clock.monotonic() + WATCH_SECONDS
                self._look_at_figures()
                self._look_after_all()
        except Exception:
            log.exception("watch_failed")

    def _look_at_figures(self) -> None:
        """Once a night, and again when the watch has begun anew: the job tells of nothing twice."""
        now = clock.wall_now().astimezone(clock.OSLO)
        if now.time() < NIGHT_BEGINS or self._figures_asked_on == now.date():
            return
        if enqueue(self._servers.redis, "check_figures", job_id=f"figures-{now.date()}"):
            self._figures_asked_on = now.date()

    def _look_after_all(self) -> None:
        for tenant_id, slug in all_tenants():
            try:
                look_after(tenant_id, self._servers.redis)
                self._settle(tenant_id)
            except Exception:
                log.exception("watch_failed", tenant=slug)  # one tenant's trouble must not stop the others' watch

    def _settle(self, tenant_id: UUID) -> None:
        """Once a day, also when the watch has begun anew: the job does nothing twice. Not by a clock moved by hand."""
        with open_tenant(tenant_id) as tenant:
            now, by_hand = clock.now(tenant), tenant.sandbox_on is not None
        if by_hand or now.time() < SETTLEMENT_BEGINS or self._settled_on.get(tenant_id) == now.date():
            return
        job_id = f"settle-{tenant_id}"
        if enqueue(self._servers.redis, "settle", tenant_id, job_id=job_id, timeout_seconds=NEWS_SECONDS):
            self._settled_on[tenant_id] = now.date()


def look_after(tenant_id: UUID, redis_url: str) -> None:
    """Ask again for whatever one tenant has waiting: letters, batches, receipts, payments, the night, and
    what providers have told or must be asked."""
    with open_tenant(tenant_id) as tenant:
        letters, reports = letters_to_do(tenant, limit=1), reports_wait(tenant)
        without_proof, payments = out_without_proof(tenant), _payments_waiting(tenant)
        night_on, inbox = _night_due(tenant), settings().inbox_folder / tenant.slug
        book_due = _book_due(tenant)
        answers = waiting_answers(settings().order_folder / tenant.slug)
        silent_trials = trials.unfinished(tenant, clock.wall_now())
        facts, events = collecting.due(tenant, clock.wall_now()), telling.due(tenant, clock.wall_now())
        news, attempts = provider_news.has_waiting(tenant), look_ups.due(tenant, clock.wall_now())
    if letters.any:
        enqueue_hand_over(tenant_id, [*letters.queued, *letters.batches])
    if reports:
        enqueue(redis_url, "work_off_reports", tenant_id, job_id=f"reports-{tenant_id}")
    if without_proof:
        enqueue(redis_url, "collect_receipts", tenant_id, job_id=f"receipts-{tenant_id}")
    if payments:
        enqueue(redis_url, "place_payments", tenant_id, job_id=f"payments-{tenant_id}")
    if answers:
        enqueue(redis_url, "settle", tenant_id, job_id=f"settle-{tenant_id}", timeout_seconds=NEWS_SECONDS)
    if news:
        job_id = f"news-{tenant_id}"
        enqueue(redis_url, "work_off_provider_news", tenant_id, job_id=job_id, timeout_seconds=NEWS_SECONDS)
    if attempts:
        job_id = f"attempts-{tenant_id}"
        enqueue(redis_url, "look_up_attempts", tenant_id, attempts, job_id=job_id, timeout_seconds=NEWS_SECONDS)
    if waiting(inbox, clock.wall_now()):
        enqueue(
            redis_url, "take_bank_files", tenant_id, job_id=f"inbox-{tenant_id}", timeout_seconds=BANK_FILES_SECONDS
        )
    for trial_id in silent_trials:
        trials.ask_worker(tenant_id, trial_id)
    for name, waits in (("collect_facts", facts), ("tell_plugin", events)):
        for creditor_id, slug in waits:
            job_id = f"{name}-{creditor_id}-{slug}"
            enqueue(redis_url, name, tenant_id, creditor_id, slug, job_id=job_id, timeout_seconds=PLUGIN_SECONDS)
    if book_due:
        enqueue(redis_url, "check_book", tenant_id, job_id=f"book-{tenant_id}", timeout_seconds=BOOK_SECONDS)
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


def _book_due(tenant: Tenant) -> bool:
    """Whether the book has not been checked on the tenant's day, from when nights begin."""
    now = clock.now(tenant)
    if now.time() < NIGHT_BEGINS:
        return False
    return (checked := last_checked_at(tenant)) is None or checked.astimezone(clock.OSLO).date() < now.date()
