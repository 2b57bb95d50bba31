"""A tenant's agreements with outside parties: payment providers and channels.

Their secrets are encrypted with the master key. One store for all of them: an agreement is known by the slug of the
plugin that speaks with the party.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import orjson
import sqlalchemy as sa
import structlog
from cryptography.exceptions import InvalidTag
from marshmallow import Schema, ValidationError

from saas.hooks import Account
from saas.kernel import crypto, history
from saas.kernel.config import settings as configured
from saas.kernel.errors import BadInput, ConfigurationError, NotFound, Refused
from saas.kernel.ids import new_id
from tenants.installed import installed_plugins
from tenants.models import ProviderAccount
from tenants.resolve import Tenant
from tenants.secrets import MASK, secret_fields, unmasked

PAYMENTS, CHANNELS = "provide_payment_methods", "provide_channels"
SET, REMOVED = "account.set", "account.removed"  # in the history
_PURPOSE = "payment-providers"  # of the key; the name is older than agreements with others
log = structlog.get_logger("accounts")
_NO_AGREEMENT = "Virksomheten har ingen avtale om denne betalingsmåten eller kanalen."


class OutsideParty(Protocol):
    """What payment providers and channels have in common: one can have an agreement with them."""

    slug: str
    name: str
    settings_schema: type[Schema]


@cache
def party_named(slug: str, hook: str = "") -> OutsideParty:
    """What an installed plugin gives under its own slug, whoever has switched it on. Raises NotFound.

    `hook`: PAYMENTS or CHANNELS, when only that will do.
    """
    installed = installed_plugins().get(slug)
    for name in (hook,) if hook else (PAYMENTS, CHANNELS):
        if installed is not None and name in installed.hooks:
            plugin = installed.plugin(installed.plugin.Settings().load({}))
            parties: Sequence[OutsideParty] = getattr(plugin, name)()
            return next(party for party in parties if party.slug == slug)
    raise NotFound("Vi finner ikke betalingsmåten eller kanalen.")


def set_account(
    tenant: Tenant, slug: str, settings: Mapping[str, Any] | None, *, enabled: bool, now: datetime, actor: str
) -> ProviderAccount:
    """Keep the tenant's agreement with a party; all of its settings, secrets too, are replaced.

    The mask of a secret keeps the secret. Without `settings` those kept stay, and only `enabled` changes. The history
    tells before and after, of secrets only which were changed. Raises NotFound, ConfigurationError,
    BadInput (field → messages, none of which repeats a value).
    """
    party = party_named(slug)
    row = account_row(tenant, slug, lock=True)
    if row is None and settings is None and asks_for_something(party.settings_schema):
        raise BadInput({"settings": "Avtalen har ingen innstillinger ennå."})
    hidden = secret_fields(party.settings_schema)
    kept = _readable(row) if row is not None and settings is not None else {}
    checked = _checked(party, unmasked(settings, hidden, kept)) if settings is not None else None
    before = _told(row)
    if row is None:
        row = ProviderAccount(tenant_id=tenant.id, id=new_id(), provider=slug, settings={}, secrets=b"")
        row.secrets = crypto.seal_secret(_PURPOSE, orjson.dumps({}), row.id)
        tenant.session.add(row)
    differing: list[str] = []
    if checked is not None:
        row.settings = {name: value for name, value in checked.items() if name not in hidden}
        secrets = {name: value for name, value in checked.items() if name in hidden}
        differing = sorted(name for name in hidden if (kept.get(name) or "") != (secrets.get(name) or ""))
        row.secrets = crypto.seal_secret(_PURPOSE, orjson.dumps(secrets), row.id)
    row.enabled, row.changed_at, row.changed_by = enabled, now, actor
    body = {"party": slug, "before": before, "after": _told(row), "secrets_changed": differing}
    history.record(tenant.session, SET, at=now, actor=actor, body=body)
    tenant.session.flush()
    return row


def change_account(tenant: Tenant, slug: str, changes: Mapping[str, str], *, now: datetime, actor: str) -> None:
    """Change some settings of an agreement and keep the rest. Raises NotFound, BadInput, ConfigurationError."""
    row, account = account_row(tenant, slug, lock=True), account_of(tenant, slug)
    assert row is not None, "account_of found it"
    settings = {**account.public, **account.secrets, **changes}
    set_account(tenant, slug, settings, enabled=row.enabled, now=now, actor=actor)


def remove_account(tenant: Tenant, slug: str, *, now: datetime, actor: str) -> None:
    """Forget an agreement that is switched off, its secrets with it. Raises NotFound, Refused.

    Whether something is still under way with the party is for whoever calls to know.
    """
    row = account_row(tenant, slug, lock=True)
    if row is None:
        raise NotFound(_NO_AGREEMENT)
    if row.enabled:
        raise Refused("agreement_in_force", "Slå av avtalen først, så ingenting nytt begynner.")
    body: dict[str, Any] = {"party": slug, "before": _told(row), "after": None, "secrets_changed": []}
    history.record(tenant.session, REMOVED, at=now, actor=actor, body=body)
    tenant.session.delete(row)
    tenant.session.flush()


def shown_account(row: ProviderAccount) -> dict[str, Any]:
    """An agreement's settings as they are shown: each secret that is set as the mask."""
    return {**row.settings, **{name: MASK for name, value in sorted(_readable(row).items()) if value}}


def _readable(row: ProviderAccount) -> dict[str, Any]:
    """The secrets, opened; none when no master key opens them any more: they miss, visibly, and are set anew."""
    try:
        return _opened(row)
    except ConfigurationError as error:
        log.error("account_secrets_unreadable", party=row.provider, error=str(error))
        return {}


def _told(row: ProviderAccount | None) -> dict[str, Any] | None:
    return None if row is None else {"enabled": bool(row.enabled), "settings": row.settings}


def account_of(tenant: Tenant, slug: str) -> Account:
    """The tenant's agreement, its secrets decrypted for the call at hand. Raises NotFound, ConfigurationError."""
    row = account_row(tenant, slug)
    if row is None:
        raise NotFound(_NO_AGREEMENT)
    return Account(row.settings, _opened(row), row.settings.get("base_url", ""), _folder(tenant))


def _opened(row: ProviderAccount) -> dict[str, Any]:
    try:
        secrets: dict[str, Any] = orjson.loads(crypto.open_secret(_PURPOSE, bytes(row.secrets), row.id))
    except InvalidTag:
        told = f"The secrets of {row.provider} were encrypted with another FRIST_MASTER_KEY."
        raise ConfigurationError(told) from None
    return secrets


def channel_account(tenant: Tenant, slug: str) -> Account | None:
    """The agreement to hand letters over with; None when there is none, or it is switched off.

    A channel that asks for no settings needs no agreement: its plugin being on is enough. Raises ConfigurationError.
    """
    row = account_row(tenant, slug)
    if row is not None:
        return account_of(tenant, slug) if row.enabled else None
    schema = party_named(slug, CHANNELS).settings_schema
    return None if asks_for_something(schema) else Account(dict(schema().load({})), {}, "", _folder(tenant))


def accounts(tenant: Tenant) -> Sequence[ProviderAccount]:
    """Every agreement there is, for people; their secrets stay closed."""
    return tenant.session.scalars(
        sa.select(ProviderAccount).where(ProviderAccount.tenant_id == tenant.id).order_by(ProviderAccount.provider)
    ).all()


def agreements_in_force(tenant: Tenant) -> set[str]:
    """The parties whose agreement is enabled."""
    enabled = sa.select(ProviderAccount.provider).where(ProviderAccount.tenant_id == tenant.id, ProviderAccount.enabled)
    return set(tenant.session.scalars(enabled))


def account_row(tenant: Tenant, slug: str, *, lock: bool = False) -> ProviderAccount | None:
    """One agreement; its secrets stay closed."""
    query = sa.select(ProviderAccount).where(ProviderAccount.tenant_id == tenant.id, ProviderAccount.provider == slug)
    return tenant.session.scalar(query.with_for_update() if lock else query)


def gives(slug: str, hook: str) -> bool:
    """Whether an installed plugin of this slug provides PAYMENTS, or CHANNELS."""
    installed = installed_plugins().get(slug)
    return installed is not None and hook in installed.hooks


def _folder(tenant: Tenant) -> Path:
    """The tenant's own folder towards parties that speak by files."""
    return configured().print_folder / tenant.slug


def asks_for_something(schema: type[Schema]) -> bool:
    return any(field.required for field in schema().fields.values())


def _checked(party: OutsideParty, settings: Mapping[str, Any]) -> dict[str, Any]:
    schema = party.settings_schema()
    try:
        return dict(schema.dump(schema.load(dict(settings))))
    except ValidationError as error:
        raise BadInput(error.normalized_messages()) from None


def rotate_accounts(tenant: Tenant) -> int:
    """Seal the secrets of all agreements with the master key of today. Returns how many were sealed anew."""
    rows = tenant.session.scalars(
        sa.select(ProviderAccount).where(ProviderAccount.tenant_id == tenant.id).with_for_update()
    )
    sealed_anew = 0
    for row in rows:
        if not crypto.is_sealed_today(_PURPOSE, bytes(row.secrets)):
            row.secrets = crypto.seal_secret(_PURPOSE, crypto.open_secret(_PURPOSE, bytes(row.secrets), row.id), row.id)
            sealed_anew += 1
    return sealed_anew
