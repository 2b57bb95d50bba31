"""What the agreements with creditors say a payment covers first (dekningsrekkefølge; law D2, D3)."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from saas.rules.allocation import DEFAULT_ORDER, ORDERS
from saas.rules.payment_order import AgreedOrder
from tenants.models import CreditorAgreement
from tenants.resolve import Tenant


def agreed_orders(tenant: Tenant, creditor_ids: Collection[UUID]) -> dict[UUID, tuple[AgreedOrder, ...]]:
    """Each creditor's agreements that name an order, and those that go back to saying nothing of it.

    A creditor whose agreements never named one is left out.
    """
    found: dict[UUID, tuple[AgreedOrder, ...]] = {}
    rows = tenant.session.execute(
        sa.select(
            CreditorAgreement.creditor_id,
            CreditorAgreement.valid_from,
            CreditorAgreement.allocation_order,
            CreditorAgreement.source,
        )
        .where(CreditorAgreement.tenant_id == tenant.id, CreditorAgreement.creditor_id.in_(creditor_ids))
        .order_by(CreditorAgreement.valid_from)
    )
    for creditor_id, valid_from, name, source in rows:
        before = found.get(creditor_id, ())
        if name or before:
            found[creditor_id] = (*before, AgreedOrder(valid_from, ORDERS[name] if name else DEFAULT_ORDER, source))
    return found
