"""Secret settings of plugins: sealed at rest, shown as a mask, kept when the mask comes back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
import structlog
from cryptography.exceptions import InvalidTag
from marshmallow import Schema
from sqlalchemy.orm import Session

from saas.kernel import crypto
from tenants.models import PluginSwitch, PluginTrial

MASK = "••••••••"
_PURPOSE = "plugin-settings"
log = structlog.get_logger()


def secret_fields(schema: type[Schema]) -> frozenset[str]:
    """The fields of a schema that are never shown."""
    return frozenset(name for name, field in schema().fields.items() if field.metadata.get("secret"))


def secrets_of(row: PluginSwitch | PluginTrial | None) -> dict[str, Any]:
    """A switch's secrets, opened; none when no master key opens them any more: the settings then miss them, visibly."""
    if row is None or row.secrets is None:
        return {}
    try:
        found: dict[str, Any] = orjson.loads(crypto.open_secret(_PURPOSE, bytes(row.secrets), row.id))
    except InvalidTag:
        log.error("plugin_secrets_unreadable", plugin=row.slug, hint="FRIST_OLD_MASTER_KEYS lacks the key they need")
        return {}
    return found


def seal(secrets: Mapping[str, Any], about: UUID) -> bytes | None:
    """Secrets as they are stored; None when there are none."""
    return crypto.seal_secret(_PURPOSE, orjson.dumps(dict(secrets)), about) if secrets else None


def unmasked(given: Mapping[str, Any], hidden: frozenset[str], kept: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, with the secret that is kept wherever only its mask came back. A mask of nothing is left out."""
    values = dict(given)
    for name in hidden & values.keys():
        if values[name] == MASK:
            values.pop(name)
            if name in kept:
                values[name] = kept[name]
    return values


def masked(row: PluginSwitch) -> dict[str, Any]:
    """A switch's settings as they are shown: each secret that is set as the mask."""
    return {**row.settings, **dict.fromkeys(sorted(secrets_of(row)), MASK)}


def rotate(session: Session, tenant_id: UUID) -> int:
    """Seal a tenant's plugin secrets with the master key of today. Returns how many were sealed anew."""
    rows = session.scalars(
        sa.select(PluginSwitch)
        .where(PluginSwitch.tenant_id == tenant_id, PluginSwitch.secrets.is_not(None))
        .with_for_update()
    )
    old = [row for row in rows if not crypto.is_sealed_today(_PURPOSE, bytes(row.secrets or b""))]
    for row in old:
        row.secrets = crypto.seal_secret(
            _PURPOSE, crypto.open_secret(_PURPOSE, bytes(row.secrets or b""), row.id), row.id
        )
    session.flush()
    return len(old)
