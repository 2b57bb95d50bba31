"""Keys for machines. The token names its tenant, so no row is read before it is known whose rows they are."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from saas.access.models import ApiKey
from saas.access.roles import Role
from saas.kernel import crypto, history
from saas.kernel.db import tenant_session
from saas.kernel.errors import BadInput, NotFound
from saas.kernel.ids import NIL, new_id
from tenants.models import Creditor
from tenants.resolve import Tenant, find_tenant

PREFIX = "frist_"
_SECRET_BYTES, _MAX_TOKEN = 24, 200


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The machine behind a key. `creditor_id` nil is the tenant's own."""

    tenant_id: UUID
    key_id: UUID
    creditor_id: UUID
    role: Role

    @property
    def actor(self) -> str:
        """How history names it."""
        return f"key:{self.key_id}"


def new_key(tenant: Tenant, name: str, role: str, creditor_id: UUID, now: datetime, *, actor: str = "cli") -> str:
    """Make a key and return its token, which is shown this once. Raises BadInput."""
    if role not in set(Role) or (role == Role.CREDITOR) != (creditor_id != NIL):
        raise BadInput({"role": ["Rollen «creditor» hører til én oppdragsgiver, de andre rollene til ingen."]})
    if creditor_id != NIL and tenant.session.get(Creditor, (tenant.id, creditor_id)) is None:
        raise BadInput({"creditor_id": ["Vi finner ikke oppdragsgiveren."]})
    if not name.strip() or not name.isprintable() or len(name) > 200:
        raise BadInput({"name": ["Gi nøkkelen et navn, for eksempel systemet som bruker den."]})
    token = f"{PREFIX}{tenant.slug}_{secrets.token_hex(_SECRET_BYTES)}"
    key = ApiKey(
        tenant_id=tenant.id,
        id=new_id(),
        creditor_id=creditor_id,
        name=name.strip(),
        secret_hash=_hash(token),
        role=role,
        created_at=now,
    )
    tenant.session.add(key)
    tenant.session.flush()
    body = {"key": str(key.id), "role": role, "creditor": str(creditor_id)}
    history.record(tenant.session, "key.made", at=now, actor=actor, body=body)
    return token


def check_key(token: str) -> KeyHolder | None:
    """Who holds this key, or None when it is unknown or revoked. Opens short transactions of its own."""
    if len(token) > _MAX_TOKEN or not token.isascii() or not token.isprintable():
        return None
    slug, _, secret = token.removeprefix(PREFIX).rpartition("_")
    if not token.startswith(PREFIX) or not slug or not secret:
        return None
    try:
        tenant_id = find_tenant(slug=slug)
    except NotFound:
        return None
    with tenant_session(tenant_id) as session:
        key = session.scalar(
            sa.select(ApiKey).where(
                ApiKey.tenant_id == tenant_id,
                ApiKey.secret_hash.in_(crypto.keyed_hashes(_PURPOSE, token)),
                ApiKey.revoked_at.is_(None),
            )
        )
    return KeyHolder(tenant_id, key.id, key.creditor_id, Role(key.role)) if key is not None else None


def revoke_key(tenant: Tenant, key_id: UUID, *, now: datetime, actor: str) -> None:
    """Shut a key from the next call on. Raises NotFound."""
    key = tenant.session.get(ApiKey, (tenant.id, key_id))
    if key is None:
        raise NotFound("Vi finner ikke nøkkelen.")
    if key.revoked_at is None:
        key.revoked_at = now
        history.record(tenant.session, "key.revoked", at=now, actor=actor, body={"key": str(key_id)})


_PURPOSE = "api-key"


def _hash(token: str) -> bytes:
    return crypto.keyed_hash(_PURPOSE, token)
