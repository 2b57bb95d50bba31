"""A provider's payout arrives on the client account (oppgjør): what was on its way is now in the bank, less its fee.

The debtor was credited with all they paid, so the fee is the agency's cost; own money below zero is what it owes the
client account at once. Who collects its own claims bears the fee itself, out of what was collected.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from saas.hooks import ProviderPayoutTold
from saas.kernel import clock, history
from saas.kernel.ids import NIL, new_id
from saas.ledger.models import CLIENT_BANK, EARNED, IN_TRANSIT, MONEY, OWED_CREDITOR
from saas.ledger.post import Entry, Leg, post
from saas.payments.models import ProviderPayout
from saas.rules.money import Ore
from tenants.models import Creditor
from tenants.resolve import Tenant

PROVIDER_FEE = "provider_fee"
"""The kind of the entry by which who collects its own claims bears a provider's fee."""


def book_payout(
    tenant: Tenant, provider: str, told: ProviderPayoutTold, *, on: date, now: datetime, actor: str
) -> bool:
    """Book a payout that has arrived. Returns False, and books nothing, when it is known."""
    row = {"tenant_id": tenant.id, "id": new_id(), "provider": provider, "reference": told.reference,
           "gross_ore": told.gross_ore, "fee_ore": told.fee_ore, "arrived_on": on, "booked_at": now}  # fmt: skip
    payout_id = tenant.session.scalar(
        insert(ProviderPayout).values(row).on_conflict_do_nothing().returning(ProviderPayout.id)
    )
    if payout_id is None:
        return False
    post(tenant.session, _entries(tenant, payout_id, told, on), now)
    body = {"payout": str(payout_id), "provider": provider, "reference": told.reference,
            "gross_ore": told.gross_ore, "fee_ore": told.fee_ore, "on": on.isoformat()}  # fmt: skip
    history.record(tenant.session, "provider_payout.arrived", at=now, actor=actor, body=body)
    return True


def book_told(tenant: Tenant, provider: str, told: ProviderPayoutTold, *, actor: str) -> bool:
    """Book a payout on the day the provider names; in a sandbox, whose days are not theirs, today."""
    now = clock.now(tenant)
    on = now.date() if tenant.sandbox_on else told.arrived_on
    return book_payout(tenant, provider, told, on=on, now=now, actor=actor)


def _entries(tenant: Tenant, payout_id: UUID, told: ProviderPayoutTold, on: date) -> list[Entry]:
    """Net to the bank, and the fee from whose it is; the other way round when a provider takes money back."""
    net, fee = _leg(CLIENT_BANK, told.gross_ore - told.fee_ore), _leg(EARNED, told.fee_ore)
    source = f"provider_payout:{payout_id}"
    if tenant.has_licence:
        legs = (*net, *fee)
        return [Entry(source, "provider_payout", NIL, None, legs, on)] if legs else []
    entries = [Entry(source, "provider_payout", NIL, None, net, on)] if net else []
    if fee:
        own = _leg(OWED_CREDITOR, told.fee_ore)
        entries.append(Entry(f"provider_fee:{payout_id}", PROVIDER_FEE, _itself(tenant), None, own, on))
    return entries


def _leg(account: str, ore: int) -> tuple[Leg, ...]:
    leg = Leg(account, IN_TRANSIT, MONEY, Ore(abs(ore))) if ore else None
    return () if leg is None else (leg if ore > 0 else leg.opposite(),)


def _itself(tenant: Tenant) -> UUID:
    """The creditor a company is that collects its own claims."""
    query = sa.select(Creditor.id).where(Creditor.tenant_id == tenant.id).order_by(Creditor.number).limit(1)
    return tenant.session.scalars(query).one()
