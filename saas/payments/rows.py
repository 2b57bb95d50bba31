"""A payment's row, as it stands now."""

from uuid import UUID

import sqlalchemy as sa

from saas.kernel.errors import NotFound
from saas.payments.models import Payment
from tenants.resolve import Tenant


def payment_of(tenant: Tenant, payment_id: UUID, *, lock: bool = False) -> Payment:
    """A payment; locked, it is read anew. Raises NotFound."""
    query = sa.select(Payment).where(Payment.tenant_id == tenant.id, Payment.id == payment_id)
    query = query.with_for_update().execution_options(populate_existing=True) if lock else query
    payment = tenant.session.scalar(query)
    if payment is None:
        raise NotFound("Vi finner ikke betalingen.")
    return payment
