"""The list of agreements a tenant's administrators see, and what has been done to each, read from the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from saas.kernel.errors import NotFound
from saas.kernel.history import HistoryEvent
from tenants.accounts import CHANNELS, PAYMENTS, REMOVED, SET, accounts, asks_for_something, party_named, shown_account
from tenants.installed import installed_plugins
from tenants.models import ProviderAccount
from tenants.plugin_states import plugin_states
from tenants.resolve import Tenant

MOST = 50


@dataclass(frozen=True, slots=True)
class AccountState:
    """An outside party there can be an agreement with, and the agreement as it is."""

    slug: str
    name: str  # the plugin's: a provider's own is what stands on its button
    takes_payments: bool  # else a channel
    asks: bool  # whether there is something to agree on before it can be used
    kept: bool
    enabled: bool
    settings: dict[str, Any]  # secrets that are set as their mask; empty when there is no agreement
    changed_at: datetime | None
    changed_by: str
    plugin_is_on: bool  # for anybody; without it the agreement is not used


@dataclass(frozen=True, slots=True)
class AccountChange:
    """One change of an agreement. A secret is told by name only."""

    id: UUID
    at: datetime
    actor: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None  # None: removed
    secrets_changed: tuple[str, ...]


def account_states(tenant: Tenant) -> list[AccountState]:
    """Every party an installed plugin speaks with, in order of name."""
    rows = {row.provider: row for row in accounts(tenant)}
    plugins = {state.slug: state for state in plugin_states(tenant)}
    on = {slug for slug, state in plugins.items() if state.enabled or any(state.creditors.values())}
    parties = [(slug, hook) for slug, hook in _parties() if party_named(slug, hook).settings_schema().fields]
    states = [_state(plugins[slug].name, slug, hook, rows.get(slug), plugin_is_on=slug in on) for slug, hook in parties]
    return sorted(states, key=lambda state: state.name.casefold())


def account_state(tenant: Tenant, slug: str) -> AccountState:
    """One of them. Raises NotFound."""
    found = next((state for state in account_states(tenant) if state.slug == slug), None)
    if found is None:
        raise NotFound("Vi finner ikke avtalen.")
    return found


def account_changes(tenant: Tenant, slug: str) -> list[AccountChange]:
    """The newest changes of an agreement, newest first."""
    query = (
        sa.select(HistoryEvent)
        .where(HistoryEvent.tenant_id == tenant.id, HistoryEvent.kind.in_((SET, REMOVED)))
        .order_by(HistoryEvent.id.desc())
    )
    told = ((event, orjson.loads(event.body)) for event in tenant.session.scalars(query))
    return [_change(event, body) for event, body in told if body["party"] == slug][:MOST]


def _parties() -> Sequence[tuple[str, str]]:
    return [(slug, hook) for slug, each in installed_plugins().items() for hook in (PAYMENTS, CHANNELS)
            if hook in each.hooks]  # fmt: skip


def _state(name: str, slug: str, hook: str, row: ProviderAccount | None, *, plugin_is_on: bool) -> AccountState:
    party = party_named(slug, hook)
    return AccountState(
        slug,
        name,
        hook == PAYMENTS,
        asks_for_something(party.settings_schema),
        row is not None,
        row is not None and row.enabled,
        shown_account(row) if row is not None else {},
        row.changed_at if row is not None else None,
        row.changed_by if row is not None else "",
        plugin_is_on,
    )


def _change(event: HistoryEvent, body: dict[str, Any]) -> AccountChange:
    changed = tuple(body["secrets_changed"])
    return AccountChange(event.id, event.happened_at, event.actor, body["before"], body["after"], changed)
