"""Plugins that took a worker with them are quarantined by whoever starts next, before any case is looked at."""

from pathlib import Path

import structlog

from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.errors import NotFound
from tenants import guard
from tenants.plugins import quarantine
from tenants.resolve import open_tenant

log = structlog.get_logger()


def calls_folder() -> Path:
    """Where worker processes of this machine note which pure hook they are in."""
    return settings().home / "plugin-calls"


def quarantine_fallen() -> list[str]:
    """Quarantine the plugins that were running when a process of this machine died. Returns their slugs."""
    fallen = []
    for running in guard.fallen(calls_folder()):
        log.critical("plugin_took_its_worker_with_it", plugin=running.slug, hook=running.hook)
        try:
            with open_tenant(running.tenant_id) as tenant:
                quarantine(tenant, running.slug, running.creditor_id, running.hook, now=clock.now(tenant))
        except NotFound:  # a tenant of another installation under the same folder
            continue
        fallen.append(running.slug)
    return fallen


def watch_this_process() -> None:
    """From now on this process notes its calls, and ends itself when a pure hook does not come back."""
    guard.watch(calls_folder())
