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
from cryptography.exceptions import InvalidTag
from marshmallow import Schema, ValidationError

from saas.hooks import Account
from saas.kernel import crypto, history
from saas.kernel.config import settings as configured
from saas.kernel.errors import BadInput, ConfigurationError, NotFound
from saas.kernel.ids import new_id
from tenants.installed import installed_plugins
from tenants.models import ProviderAccount
from tenants.resolve import Tenant
from tenants.secrets import secret_fields

PAYMENTS, CHANNELS = "provide_payment_methods", "provide_channels"
_PURPOSE = "payment-providers"  # of the key; the name is older than agreements with others


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
    tenant: Tenant, slug: str, settings: Mapping[str, Any], *, enabled: bool, now: datetime, actor: str
) -> ProviderAccount:
    """Keep the tenant's agreement with a party; all of its settings, secrets too, are replaced.

    With empty `settings` those kept stay, and only `enabled` changes. The history tells what was set, never the
    secrets. Raises NotFound, BadInput (field → messages, none of which repeats a value).
    """
    party = party_named(slug)
    row = _row(tenant, slug, lock=True)
    if row is None and not settings and _asks_for_something(party.settings_schema):
        raise BadInput({"settings": "Avtalen har ingen innstillinger ennå."})
    if row is None:
        row = ProviderAccount(tenant_id=tenant.id, id=new_id(), provider=slug, settings={}, secrets=b"")
        row.secrets = crypto.seal_secret(_PURPOSE, orjson.dumps({}), row.id)
        tenant.session.add(row)
    names = sorted(settings)
    if settings:
        checked = _checked(party, settings)
        hidden = secret_fields(party.settings_schema)
        row.settings = {name: value for name, value in checked.items() if name not in hidden}
        secrets = {name: value for name, value in checked.items() if name in hidden}
        row.secrets = crypto.seal_secret(_PURPOSE, orjson.dumps(secrets), row.id)
    row.enabled, row.changed_at, row.changed_by = enabled, now, actor
    body = {"provider": slug, "enabled": enabled, "fields": names, "shown": row.settings}
    kind = "payment_provider.set" if gives(slug, PAYMENTS) else "channel.set"
    history.record(tenant.session, kind, at=now, actor=actor, body=body)
    tenant.session.flush()
    return row


def change_account(tenant: Tenant, slug: str, changes: Mapping[str, str], *, now: datetime, actor: str) -> None:
    """Change some settings of an agreement and keep the rest. Raises NotFound, BadInput, ConfigurationError."""
    row, account = _row(tenant, slug, lock=True), account_of(tenant, slug)
    assert row is not None, "account_of found it"
    settings = {**account.public, **account.secrets, **changes}
    set_account(tenant, slug, settings, enabled=row.enabled, now=now, actor=actor)


def account_of(tenant: Tenant, slug: str) -> Account:
    """The tenant's agreement, its secrets decrypted for the call at hand. Raises NotFound, ConfigurationError."""
    row = _row(tenant, slug)
    if row is None:
        raise NotFound("Virksomheten har ingen avtale om denne betalingsmåten eller kanalen.")
    try:
        secrets = orjson.loads(crypto.open_secret(_PURPOSE, bytes(row.secrets), row.id))
    except InvalidTag:
        raise ConfigurationError(f"The secrets of {slug} were encrypted with another FRIST_MASTER_KEY.") from None
    return Account(row.settings, secrets, row.settings.get("base_url", ""), _folder(tenant))


def channel_account(tenant: Tenant, slug: str) -> Account | None:
    """The agreement to hand letters over with; None when there is none, or it is switched off.

    A channel that asks for no settings needs no agreement: its plugin being on is enough. Raises ConfigurationError.
    """
    row = _row(tenant, slug)
    if row is not None:
        return account_of(tenant, slug) if row.enabled else None
    schema = party_named(slug, CHANNELS).settings_schema
    return None if _asks_for_something(schema) else Account(dict(schema().load({})), {}, "", _folder(tenant))


def accounts(tenant: Tenant) -> Sequence[ProviderAccount]:
    """Every agreement there is, for people; their secrets stay closed."""
    return tenant.session.scalars(
        sa.select(ProviderAccount).where(ProviderAccount.tenant_id == tenant.id).order_by(ProviderAccount.provider)
    ).all()


def agreements_in_force(tenant: Tenant) -> set[str]:
    """The parties whose agreement is enabled."""
    enabled = sa.select(ProviderAccount.provider).where(ProviderAccount.tenant_id == tenant.id, ProviderAccount.enabled)
    return set(tenant.session.scalars(enabled))


def _row(tenant: Tenant, slug: str, *, lock: bool = False) -> ProviderAccount | None:
    query = sa.select(ProviderAccount).where(ProviderAccount.tenant_id == tenant.id, ProviderAccount.provider == slug)
    return tenant.session.scalar(query.with_for_update() if lock else query)


def gives(slug: str, hook: str) -> bool:
    """Whether an installed plugin of this slug provides PAYMENTS, or CHANNELS."""
    installed = installed_plugins().get(slug)
    return installed is not None and hook in installed.hooks


def _folder(tenant: Tenant) -> Path:
    """The tenant's own folder towards parties that speak by files."""
    return configured().print_folder / tenant.slug


def _asks_for_something(schema: type[Schema]) -> bool:
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
