"""Calls from payment providers and channels (webhooks): verified over their raw bytes, kept as a row, answered.

What the news does is a job's. No cookie, no key, no CSRF: the provider's signature is what counts.
"""

import re
from hashlib import sha256
from typing import cast
from uuid import UUID

import structlog
from flask import Blueprint, Response, request

from saas.cases.receipts import keep_report
from saas.hooks import Account, Channel, ForgedEvent
from saas.kernel import clock
from saas.kernel.db import after_commit
from saas.kernel.errors import NotFound
from saas.kernel.queue import enqueue
from saas.kernel.servers import redis_url
from saas.payments.provider_news import keep_news
from saas.payments.providers import provider_named
from tenants.accounts import CHANNELS, account_of, gives, party_named
from tenants.resolve import Tenant, find_tenant, open_tenant

MAX_BYTES = 256 * 1024
_SLUG = re.compile(r"[a-z0-9_-]+")
webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")
_log = structlog.get_logger("webhooks")


@webhooks.post("/<provider>/<slug>")
def take(provider: str, slug: str) -> Response:
    """200 when the news is kept or known (or about somebody else), 400 when it is not the provider's own."""
    if not _SLUG.fullmatch(slug):
        return _answer(404)
    request.max_content_length = MAX_BYTES
    raw = request.get_data(cache=False)
    try:
        with open_tenant(find_tenant(slug=slug)) as tenant:
            headers = {name.lower(): value for name, value in request.headers.items()}
            account, wall_now = account_of(tenant, provider), clock.wall_now()
            if gives(provider, CHANNELS):
                _keep_report(tenant, provider, account, raw, headers)
                return _answer(200)
            news = provider_named(provider).read_event(account, raw, headers, _called(), wall_now)
            kept = keep_news(tenant, provider, news, wall_now=wall_now) if news else None
            if kept:
                after_commit(tenant.session, lambda: _ask_for_work(tenant.id, kept))
    except NotFound:
        return _answer(404)
    except ForgedEvent as error:
        _log.warning("forged_event", provider=provider, tenant=slug, why=str(error))
        return _answer(400)
    return _answer(200)


def _keep_report(tenant: Tenant, slug: str, account: Account, raw: bytes, headers: dict[str, str]) -> None:
    """What a channel says of letters it was given: kept as a row, taken by a job. Raises ForgedEvent."""
    channel = cast(Channel, party_named(slug, CHANNELS))
    if keep_report(tenant, slug, sha256(raw).hexdigest(), channel.read_report(account, raw, headers)):
        job_id = f"reports-{tenant.id}"
        after_commit(tenant.session, lambda: enqueue(redis_url(), "work_off_reports", tenant.id, job_id=job_id))


def _ask_for_work(tenant_id: UUID, event_id: UUID) -> None:
    enqueue(redis_url(), "work_off_provider_news", tenant_id, job_id=f"news-{event_id}")


def _called() -> str:
    """`POST /path?query`, as the caller saw it."""
    query = request.query_string.decode("latin-1")
    return f"{request.method} {request.script_root}{request.path}{'?' if query else ''}{query}"


def _answer(status: int) -> Response:
    return Response(status=status, content_type="text/plain")
