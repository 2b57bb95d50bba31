"""Which payment providers can be used. Their agreements are kept in tenants/accounts.py.

A provider is offered to payers when its plugin is switched on and its agreement is enabled. News of payments already
begun is taken whatever the switches say: money under way must not be lost from sight.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import structlog

from saas.hooks import PaymentProvider
from saas.kernel.errors import ConfigurationError, NotFound
from tenants.accounts import PAYMENTS, account_of, accounts, agreements_in_force, party_named
from tenants.resolve import Tenant

log = structlog.get_logger("payments")


def provider_named(slug: str) -> PaymentProvider:
    """The provider an installed plugin gives, whoever has switched it on. Raises NotFound."""
    return cast(PaymentProvider, party_named(slug, PAYMENTS))


def agreed(tenant: Tenant) -> list[PaymentProvider]:
    """The providers the tenant has an agreement with, switched on or not, in order of slug."""
    found = []
    for row in accounts(tenant):
        with suppress(NotFound):  # an agreement outlives its plugin
            found.append(provider_named(row.provider))
    return found


def offered(tenant: Tenant, creditor_id: UUID) -> Sequence[PaymentProvider]:
    """The ways to pay a creditor's cases now, in order of slug: switched on, and the agreement enabled."""
    enabled = agreements_in_force(tenant)
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
