"""Ask a provider which payouts have arrived: what books one whose news was lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from saas.hooks import PaymentProvider, ProviderPayoutTold, ProviderSaysNo, ProviderTrouble
from saas.kernel.errors import ConfigurationError
from saas.payments.models import ProviderPayout
from saas.payments.provider_payouts import book_told
from saas.payments.providers import agreed
from tenants.accounts import account_of
from tenants.resolve import Tenant, open_tenant

BACK = timedelta(days=10)  # a week of silence, and the days a provider takes to say what is in a payout
ACTOR = "worker"

log = structlog.get_logger()


def look_for_payouts(tenant_id: UUID, *, wall_now: datetime) -> int:
    """Book the payouts of the last days that nobody has told of. Returns how many there were.

    A provider is asked outside any transaction. One that is down or says no is asked again tomorrow; harmless when run
    twice, or while the news comes after all.
    """
    with open_tenant(tenant_id) as tenant:
        asked = [one for one in agreed(tenant) if one.tells_payouts]
    found = 0
    for provider in asked:
        try:
            found += _look(tenant_id, provider, wall_now)
        except (ProviderTrouble, ConfigurationError) as trouble:  # the day's settlement goes on without
            log.error("payouts_not_told", provider=provider.slug, tenant=str(tenant_id), error=str(trouble))
    return found


def _look(tenant_id: UUID, provider: PaymentProvider, wall_now: datetime) -> int:
    with open_tenant(tenant_id) as tenant:
        account = account_of(tenant, provider.slug)
    arrived = provider.payouts(account, (wall_now - BACK).date())
    with open_tenant(tenant_id) as tenant:
        unknown = _unknown(tenant, provider.slug, arrived)
    booked = 0
    for reference in unknown:
        try:
            told = provider.payout(account, reference)
        except ProviderSaysNo as no:  # what does not add up must not hide the others
            log.error("payout_not_told", provider=provider.slug, tenant=str(tenant_id), payout=reference, error=str(no))
        else:
            booked += told.complete and _book(tenant_id, provider.slug, told)
    return booked


def _unknown(tenant: Tenant, provider: str, references: Sequence[str]) -> list[str]:
    known = set(
        tenant.session.scalars(
            sa.select(ProviderPayout.reference).where(
                ProviderPayout.tenant_id == tenant.id,
                ProviderPayout.provider == provider,
                ProviderPayout.reference.in_(references),
            )
        )
    )
    return [reference for reference in references if reference not in known]


def _book(tenant_id: UUID, provider: str, told: ProviderPayoutTold) -> bool:
    with open_tenant(tenant_id) as tenant:
        return book_told(tenant, provider, told, actor=ACTOR)
