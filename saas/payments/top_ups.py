"""The agency's own money onto the client account (etterfylling): what it owed there, paid in from its own account."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from saas.kernel import history
from saas.kernel.errors import Refused
from saas.kernel.ids import NIL
from saas.ledger.models import EARNED, MONEY, UNPLACED
from saas.ledger.post import Entry, Leg, post
from saas.payments.bank_payouts import BANK, PLACED, UNMATCHED
from saas.payments.matching import BY_TOP_UP
from saas.payments.models import Payment
from saas.payments.rows import payment_of
from saas.payments.settlement.mandates import Mandates, mandates_of
from saas.rules.money import Ore
from tenants.resolve import Tenant, open_tenant

TOPPED_UP = "topped_up"


def take_top_ups(tenant_id: UUID, now: datetime, actor: str) -> int:
    """Book what came without a KID from the agency's own approved account. Returns how many. Run again: none."""
    with open_tenant(tenant_id) as tenant:
        own = mandates_of(tenant).get(NIL, Mandates()).standing if tenant.has_licence else None
        if own is None:
            return 0
        waiting = tenant.session.scalars(
            sa.select(Payment)
            .where(
                Payment.tenant_id == tenant.id,
                Payment.state == UNMATCHED,
                Payment.provider == BANK,
                Payment.debit_account == own.account,
                Payment.kid == "",
                Payment.amount_ore > 0,
                Payment.gone_ore == 0,
            )
            .order_by(Payment.id)
            .with_for_update(skip_locked=True)
        ).all()
        for payment in waiting:
            _book(tenant, payment, now, actor)
        return len(waiting)


def is_top_up(tenant: Tenant, payment_id: UUID, *, now: datetime, actor: str) -> None:
    """A person says that a payment that waits is the agency's own money. Raises NotFound, Refused."""
    payment = payment_of(tenant, payment_id, lock=True)
    if not tenant.has_licence:
        raise Refused("no_client_account", "Bare inkassoforetak har klientkonto. Her er pengene deres egne.")
    if payment.state != UNMATCHED or payment.provider != BANK or payment.amount_ore <= 0 or payment.gone_ore:
        raise Refused("does_not_wait", "Betalingen venter ikke på noen.")
    _book(tenant, payment, now, actor)


def _book(tenant: Tenant, payment: Payment, now: datetime, actor: str) -> None:
    leg = Leg(UNPLACED, EARNED, MONEY, Ore(payment.amount_ore))
    post(tenant.session, [Entry(f"placed:{payment.id}", TOPPED_UP, NIL, None, (leg,), payment.value_on)], now)
    payment.state, payment.why, payment.matched_by, payment.case_id = PLACED, "", BY_TOP_UP, None
    body = {"payment": str(payment.id), "ore": payment.amount_ore, "on": payment.value_on.isoformat()}
    history.record(tenant.session, "client_account.topped_up", at=now, actor=actor, body=body)
