"""How far plugins that work in the background have come, and when one that fails is asked again."""

from datetime import datetime, timedelta
from uuid import UUID

from tenants.models import PluginReach
from tenants.resolve import Tenant

AGAIN_AFTER_MINUTES = (1, 5, 30, 60)
"""After the first failure, the second …; after the last of these, always as long."""


def reach_of(tenant: Tenant, creditor_id: UUID, slug: str, hook: str, *, begins_at: int = 0) -> PluginReach:
    """The row, locked; a new one begins at `begins_at`."""
    key = (tenant.id, creditor_id, slug, hook)
    row = tenant.session.get(PluginReach, key, with_for_update=True)
    if row is None:
        row = PluginReach(tenant_id=tenant.id, creditor_id=creditor_id, slug=slug, hook=hook, seq=begins_at, failures=0)
        tenant.session.add(row)
        tenant.session.flush()
    return row


def is_open(row: PluginReach | None, wall_now: datetime) -> bool:
    """Whether the plugin may be called now: it has not failed, or waited long enough since."""
    return row is None or row.again_at is None or row.again_at <= wall_now


def begin(row: PluginReach, wall_now: datetime) -> None:
    """It is about to be called. Counted as a failure until it has answered: a call may take the worker with it."""
    row.again_at = wall_now + timedelta(minutes=AGAIN_AFTER_MINUTES[min(row.failures, len(AGAIN_AFTER_MINUTES) - 1)])
    row.failures += 1


def succeed(row: PluginReach) -> None:
    """It has answered."""
    row.failures, row.again_at = 0, None
