"""A tenant's agreements with payment providers: the settings, their secrets encrypted with the master key.

A provider is offered to payers when its plugin is switched on and its agreement is enabled. News of payments already
begun is taken whatever the switches say: money under way must not be lost from sight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from marshmallow import Schema, ValidationError

from saas.hooks import Account, PaymentProvider
from saas.kernel import crypto, history
from saas.kernel.errors import BadInput, ConfigurationError, NotFound
from saas.kernel.ids import new_id
from saas.payments.models import ProviderAccount
from tenants.installed import installed_plugins
from tenants.resolve import Tenant

HOOK = "provide_payment_methods"
log = structlog.get_logger("payments")


@cache
def provider_named(slug: str) -> PaymentProvider:
    """The provider an installed plugin gives, whoever has switched it on. Raises NotFound."""
    installed = installed_plugins().get(slug)
    if installed is None or HOOK not in installed.hooks:
        raise NotFound("Vi finner ikke betalingsmåten.")
    plugin: Any = installed.plugin(installed.plugin.Settings().load({}))
    providers: Sequence[PaymentProvider] = plugin.provide_payment_methods()
    return next(provider for provider in providers if provider.slug == slug)


def set_account(
    tenant: Tenant, slug: str, settings: Mapping[str, Any], *, enabled: bool, now: datetime, actor: str
) -> ProviderAccount:
    """Keep the tenant's agreement with a provider; all of its settings, secrets too, are replaced.

    With empty `settings` those kept stay, and only `enabled` changes. The history tells what was set, never the
    secrets. Raises NotFound, BadInput (field → messages, none of which repeats a value).
    """
    provider = provider_named(slug)
    row = _row(tenant, slug, lock=True)
    if row is None and not settings:
        raise BadInput({"settings": "Avtalen har ingen innstillinger ennå."})
    if row is None:
        row = ProviderAccount(tenant_id=tenant.id, id=new_id(), provider=slug, settings={}, secrets=b"")
        tenant.session.add(row)
    names = sorted(settings)
    if settings:
        checked = _checked(provider, settings)
        hidden = secret_fields(provider.settings_schema)
        row.settings = {name: value for name, value in checked.items() if name not in hidden}
        secrets = {name: value for name, value in checked.items() if name in hidden}
        row.secrets = crypto.encrypt(_cipher(), orjson.dumps(secrets), row.id)
    row.enabled, row.changed_at, row.changed_by = enabled, now, actor
    body = {"provider": slug, "enabled": enabled, "fields": names, "shown": row.settings}
    history.record(tenant.session, "payment_provider.set", at=now, actor=actor, body=body)
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
        raise NotFound("Virksomheten har ingen avtale om denne betalingsmåten.")
    try:
        secrets = orjson.loads(crypto.decrypt(_cipher(), row.secrets, row.id))
    except InvalidTag:
        raise ConfigurationError(f"The secrets of {slug} were encrypted with another FRIST_MASTER_KEY.") from None
    return Account(row.settings, secrets, row.settings.get("base_url", ""))


def offered(tenant: Tenant, creditor_id: UUID) -> Sequence[PaymentProvider]:
    """The ways to pay a creditor's cases now, in order of slug: switched on, and the agreement enabled."""
    enabled = set(tenant.session.scalars(
        sa.select(ProviderAccount.provider).where(ProviderAccount.tenant_id == tenant.id, ProviderAccount.enabled)
    ))  # fmt: skip
    if not enabled:
        return ()
    return [provider for provider in tenant.hooks_for(creditor_id).payment_providers() if provider.slug in enabled]


@dataclass(frozen=True, slots=True)
class WayToPay:
    """One button: «Betal med {name}». `origins` are where the browser may be sent."""

    slug: str
    name: str
    origins: tuple[str, ...]


def ways_to_pay(tenant: Tenant, creditor_id: UUID) -> list[WayToPay]:
    """The buttons of a pay page, in order of slug. An agreement that cannot be read is left out, and logged."""
    ways = []
    for provider in offered(tenant, creditor_id):
        try:
            origins = tuple(provider.origins(account_of(tenant, provider.slug)))
        except ConfigurationError as error:
            log.error("payment_provider_unusable", provider=provider.slug, tenant=str(tenant.id), error=str(error))
        else:
            ways.append(WayToPay(provider.slug, provider.name, origins))
    return ways


def accounts(tenant: Tenant) -> Sequence[ProviderAccount]:
    """Every agreement there is, for people; their secrets stay closed."""
    return tenant.session.scalars(
        sa.select(ProviderAccount).where(ProviderAccount.tenant_id == tenant.id).order_by(ProviderAccount.provider)
    ).all()


def secret_fields(schema: type[Schema]) -> set[str]:
    """The fields of an agreement that are never shown."""
    return {name for name, field in schema().fields.items() if field.metadata.get("secret")}


def _row(tenant: Tenant, slug: str, *, lock: bool = False) -> ProviderAccount | None:
    query = sa.select(ProviderAccount).where(ProviderAccount.tenant_id == tenant.id, ProviderAccount.provider == slug)
    return tenant.session.scalar(query.with_for_update() if lock else query)


def _checked(provider: PaymentProvider, settings: Mapping[str, Any]) -> dict[str, Any]:
    schema = provider.settings_schema()
    try:
        return dict(schema.dump(schema.load(dict(settings))))
    except ValidationError as error:
        raise BadInput(error.normalized_messages()) from None


@cache
def _cipher() -> AESGCM:
    return AESGCM(crypto.derived_key("payment-providers"))
