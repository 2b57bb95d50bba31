"""Money nobody's machine could place: a person says which case it belongs to, and the choice is in the history."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.lifecycle import get_case, record_on_case
from saas.kernel.errors import NotFound, Refused
from saas.payments.matching import BY_PERSON
from saas.payments.models import Payment
from tenants.resolve import Tenant


def waiting_payments(tenant: Tenant) -> Sequence[Payment]:
    """Payments that wait for a person, the oldest first; `why` says what stopped each."""
    query = sa.select(Payment).where(Payment.tenant_id == tenant.id, Payment.state == "unmatched")
    return tenant.session.scalars(query.order_by(Payment.value_on, Payment.id)).all()


def assign_payment(tenant: Tenant, payment_id: UUID, case_number: int, *, now: datetime, actor: str) -> None:
    """Say which case a waiting payment belongs to; `place_payments` then places it as of its own value date.

    Raises NotFound for an unknown payment or case, Refused when the payment is placed already or takes money back.
    """
    payment = tenant.session.scalar(
        sa.select(Payment).where(Payment.tenant_id == tenant.id, Payment.id == payment_id).with_for_update()
    )
    if payment is None:
        raise NotFound("Vi finner ikke betalingen.")
    if payment.state != "unmatched":
        raise Refused("already_placed", "Betalingen er plassert, eller blir det snart.")
    if payment.amount_ore <= 0:
        raise Refused("takes_money_back", "Bare innbetalinger kan plasseres på en sak.")
    case = get_case(tenant, number=case_number)
    payment.state, payment.case_id, payment.matched_by, payment.why = "new", case.id, BY_PERSON, ""
    body = {"payment": str(payment.id), "amount_ore": payment.amount_ore, "value_on": payment.value_on.isoformat()}
    record_on_case(tenant, case, "payment.assigned", body, now=now, actor=actor)
