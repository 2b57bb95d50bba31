"""A provider's payout arrives on the client account (oppgjør): what was on its way is now in the bank, less its fee.

The debtor was credited with all they paid, so the fee is the agency's cost. Own money below zero is what the agency
owes the client account at once.
"""

from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert

from saas.hooks import ProviderPayoutTold
from saas.kernel import history
from saas.kernel.ids import NIL, new_id
from saas.ledger.models import CLIENT_BANK, EARNED, IN_TRANSIT, MONEY
from saas.ledger.post import Entry, Leg, post
from saas.payments.models import ProviderPayout
from saas.rules.money import Ore
from tenants.resolve import Tenant


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
    legs = _legs(told)
    if legs:
        entry = Entry(f"provider_payout:{payout_id}", "provider_payout", NIL, None, legs, on)
        post(tenant.session, [entry], now)
    body = {"payout": str(payout_id), "provider": provider, "reference": told.reference,
            "gross_ore": told.gross_ore, "fee_ore": told.fee_ore, "on": on.isoformat()}  # fmt: skip
    history.record(tenant.session, "provider_payout.arrived", at=now, actor=actor, body=body)
    return True


def _legs(told: ProviderPayoutTold) -> tuple[Leg, ...]:
    """Net to the bank and the fee from own money; the other way round when a provider takes money back."""
    moved = ((CLIENT_BANK, told.gross_ore - told.fee_ore), (EARNED, told.fee_ore))
    return tuple(
        Leg(account, IN_TRANSIT, MONEY, Ore(ore)) if ore > 0 else Leg(IN_TRANSIT, account, MONEY, Ore(-ore))
        for account, ore in moved
        if ore
    )
