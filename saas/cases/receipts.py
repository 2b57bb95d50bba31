"""What the channels say of the letters they got, page by page, each taken once."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from saas.cases.lifecycle import lock_cases_of
from saas.cases.proof import take_receipt
from saas.dispatch.models import ChannelReport, Dispatch, TakenReceipt
from saas.hooks import DeliveryReceipt, ReceiptState
from saas.kernel import clock
from saas.kernel.ids import new_id
from tenants.resolve import Tenant


def take_receipts(
    tenant: Tenant, channel: str, name: str, receipts: Sequence[DeliveryReceipt], *, now: datetime
) -> int:
    """Note what a page of receipts says, once. Returns how many letters it moved; 0 when it was taken before.

    A receipt of a letter we do not know, or with an id that is none, is passed over: the page is others' work.
    """
    row = {
        "tenant_id": tenant.id,
        "id": new_id(),
        "channel": channel,
        "name": name,
        "taken_at": clock.wall_now(),
        "letters": len(receipts),
    }
    first = tenant.session.execute(
        insert(TakenReceipt).values(row).on_conflict_do_nothing().returning(TakenReceipt.id)
    ).one_or_none()
    if first is None:
        return 0
    told = [(dispatch_id, receipt) for receipt in receipts if (dispatch_id := _id_of(receipt)) is not None]
    cases = lock_cases_of(tenant, [dispatch_id for dispatch_id, _ in told])
    letters = {
        letter.id: letter
        for letter in tenant.session.scalars(
            sa.select(Dispatch)
            .where(Dispatch.tenant_id == tenant.id, Dispatch.id.in_([dispatch_id for dispatch_id, _ in told]))
            .order_by(Dispatch.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    moved = 0
    for dispatch_id, receipt in told:
        letter = letters.get(dispatch_id)
        if letter is not None and take_receipt(tenant, cases[letter.case_id], letter, receipt, now=now):
            tenant.session.flush()  # what the next one finds (a hold, a stage) stands in the database
            moved += 1
    return moved


def _id_of(receipt: DeliveryReceipt) -> UUID | None:
    try:
        return UUID(receipt.dispatch_id)
    except ValueError:
        return None


# --- reports pushed to us -------------------------------------------------------------------------------------------


def keep_report(tenant: Tenant, channel: str, name: str, receipts: Sequence[DeliveryReceipt]) -> bool:
    """Keep a verified report as a row; a job takes what it says. False when it was kept before."""
    row = insert(ChannelReport).values(
        tenant_id=tenant.id,
        id=new_id(),
        channel=channel,
        name=name,
        receipts=[_plain(receipt) for receipt in receipts],
        received_at=clock.wall_now(),
    )
    kept = tenant.session.execute(row.on_conflict_do_nothing().returning(ChannelReport.id)).one_or_none()
    return kept is not None


def take_reports(tenant: Tenant, *, now: datetime, limit: int = 200) -> int:
    """Take what kept reports say. Returns how many reports that were; 0 when none waits."""
    waiting = tenant.session.scalars(
        sa.select(ChannelReport)
        .where(ChannelReport.tenant_id == tenant.id, ChannelReport.taken_at.is_(None))
        .order_by(ChannelReport.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for report in waiting:
        take_receipts(tenant, report.channel, report.name, [_read(each) for each in report.receipts], now=now)
        report.taken_at = clock.wall_now()
    return len(waiting)


def reports_wait(tenant: Tenant) -> bool:
    """Whether any report is kept and not yet taken."""
    waiting = sa.exists().where(ChannelReport.tenant_id == tenant.id, ChannelReport.taken_at.is_(None))
    return bool(tenant.session.scalar(sa.select(waiting)))


def _plain(receipt: DeliveryReceipt) -> dict[str, Any]:
    return {
        "dispatch_id": receipt.dispatch_id,
        "state": receipt.state.value,
        "on": receipt.on and receipt.on.isoformat(),
        "code": receipt.code,
        "evidence": receipt.evidence,
    }


def _read(kept: dict[str, Any]) -> DeliveryReceipt:
    on = kept["on"]
    return DeliveryReceipt(
        kept["dispatch_id"],
        ReceiptState(kept["state"]),
        date.fromisoformat(on) if on else None,
        kept["code"],
        kept["evidence"],
    )
