"""Payment orders (betalingsoppdrag): made in the transaction that books them, laid out for the bank after it.

Killed in between nothing is lost and nothing is paid twice: a file of a transaction that never came about has an
order nobody knows, and is never laid out; one that was laid out twice has the same message id, which the bank refuses.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from saas.kernel import files, history
from saas.kernel.ids import new_id
from saas.payments.models import PaymentOrder
from saas.payments.settlement.pain001 import OTHER, SUPPLIERS, Message, Transfer, write_pain001
from saas.rules.days import next_banking_day
from tenants.resolve import Tenant, open_tenant

SETTLEMENT, REPAYMENT = "settlement", "repayment"
MADE, ACCEPTED, REJECTED, SETTLED = "made", "accepted", "rejected", "settled"
OUT = "out"
_PURPOSE = {SETTLEMENT: SUPPLIERS, REPAYMENT: OTHER}


def make_order(
    tenant: Tenant, kind: str, transfers: Sequence[Transfer], on: date, *, now: datetime, actor: str
) -> PaymentOrder:
    """Write and keep one file of payments from the client account, on the first banking day from `on`.

    `kind` is settlement or repayment. Raises NotAnOrder.
    """
    order_id = new_id()
    message = Message(
        message_id=order_id.hex,
        made_at=now,
        execute_on=next_banking_day(on),
        payer=tenant.settings.name,
        orgnr=tenant.settings.orgnr,
        account=tenant.settings.client_account,
        purpose=_PURPOSE[kind],
        transfers=transfers,
    )
    content = write_pain001(message)
    path = f"tenants/{tenant.id}/payment_orders/{message.message_id}.xml"
    files.put_once(path, content)
    order = PaymentOrder(
        tenant_id=tenant.id,
        id=order_id,
        message_id=message.message_id,
        kind=kind,
        order_on=on,
        path=path,
        sha256=hashlib.sha256(content).digest(),
        payments=len(transfers),
        sum_ore=message.sum_ore,
        made_at=now,
        state=MADE,
    )
    tenant.session.add(order)
    tenant.session.flush()
    body = {"order": str(order_id), "kind": kind, "payments": len(transfers), "sum_ore": message.sum_ore}
    history.record(tenant.session, "payment_order.made", at=now, actor=actor, body=body)
    return order


def lay_out(tenant_id: UUID, folder: Path, *, now: datetime) -> list[str]:
    """Lay the orders that are not laid out yet in the tenant's folder `out`, where the bank takes them. Their names."""
    laid = []
    with open_tenant(tenant_id) as tenant:
        waiting = tenant.session.scalars(
            sa.select(PaymentOrder)
            .where(
                PaymentOrder.tenant_id == tenant.id,
                PaymentOrder.state == MADE,
                PaymentOrder.handed_over_at.is_(None),
            )
            .order_by(PaymentOrder.id)
            .with_for_update()
        ).all()
        for order in waiting:
            target = folder / OUT / f"{order.message_id}.xml"
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_suffix(".partial")
            partial.write_bytes(order_file(order))
            partial.replace(target)
            order.handed_over_at = now
            laid.append(target.name)
    return laid


def order_file(order: PaymentOrder) -> bytes:
    """The file as it was made. Raises ValueError when it is not that any longer."""
    content = files.get(order.path)
    if hashlib.sha256(content).digest() != order.sha256:
        raise ValueError(f"{order.path} is not what was ordered")
    return content


def orders_of(tenant: Tenant, most: int = 50) -> Sequence[PaymentOrder]:
    """The newest orders first."""
    query = sa.select(PaymentOrder).where(PaymentOrder.tenant_id == tenant.id)
    return tenant.session.scalars(query.order_by(PaymentOrder.id.desc()).limit(most)).all()
