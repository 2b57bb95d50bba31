"""What has been done to a plugin's switches, read from the history; and the way back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from saas.kernel.errors import NotFound
from saas.kernel.history import HistoryEvent
from saas.kernel.ids import NIL
from tenants.models import Mode, PluginSwitch
from tenants.plugins import switch_plugin
from tenants.resolve import Tenant
from tenants.secrets import MASK

KINDS = ("plugin.switched", "plugin.quarantined")
MOST = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a switch, before and after. A secret is told by name only."""

    id: UUID
    kind: str
    at: datetime
    actor: str
    creditor_id: UUID  # nil: the tenant's own switch
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    secrets_changed: tuple[str, ...]


def changes_of(tenant: Tenant, slug: str) -> list[Change]:
    """The newest changes of a plugin, newest first."""
    query = (
        sa.select(HistoryEvent)
        .where(HistoryEvent.tenant_id == tenant.id, HistoryEvent.kind.in_(KINDS), HistoryEvent.case_id.is_(None))
        .order_by(HistoryEvent.id.desc())
    )
    told = ((event, orjson.loads(event.body)) for event in tenant.session.scalars(query))
    return [_change(event, body) for event, body in told if body["plugin"] == slug][:MOST]


def revert(tenant: Tenant, slug: str, change_id: UUID, *, now: datetime, actor: str) -> PluginSwitch:
    """Set a switch as it was before a change; secrets stay as they are now. Raises NotFound, BadInput, Refused."""
    change = next((one for one in changes_of(tenant, slug) if one.id == change_id and one.kind == KINDS[0]), None)
    if change is None:
        raise NotFound("Vi finner ikke endringen.")
    was = change.before or {"mode": Mode.OFF, "settings": {}}
    settings = {**was["settings"], **dict.fromkeys(was.get("secrets", ()), MASK)}
    return switch_plugin(
        tenant,
        slug,
        creditor_id=change.creditor_id,
        mode=Mode(was["mode"]),
        percent=was.get("percent", 100),
        settings=settings,
        now=now,
        actor=actor,
    )


def _change(event: HistoryEvent, body: dict[str, Any]) -> Change:
    return Change(
        event.id,
        event.kind,
        event.happened_at,
        event.actor,
        UUID(body["creditor"]) if body["creditor"] else NIL,
        body.get("before"),
        body.get("after"),
        tuple(body.get("secrets_changed", ())),
    )
