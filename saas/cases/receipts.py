"""What the channel says of the letters it got: sent on a day, or not. The law counts from that day."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from saas.cases.lifecycle import lock_cases_of, place_hold, record_on_case, stage_without, take_back_fee
from saas.cases.models import Case
from saas.dispatch.models import FAILED, HANDED_OVER, READY, SENT, Dispatch, TakenReceipt
from saas.hooks import DeliveryReceipt, ReceiptState
from saas.kernel import clock
from saas.kernel.ids import new_id
from saas.rules.deadlines import is_long_enough
from saas.rules.facts import HoldReason, Stage
from tenants.resolve import Tenant


def take_receipts(tenant: Tenant, channel: str, name: str, receipts: list[DeliveryReceipt], *, now: datetime) -> int:
    """Note what a receipt file says, once. Returns how many letters it moved; 0 when it was taken before."""
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
    cases = lock_cases_of(tenant, [UUID(receipt.dispatch_id) for receipt in receipts])
    return sum(_take(tenant, cases, receipt, now=now) for receipt in receipts)


def _take(tenant: Tenant, cases: dict[UUID, Case], receipt: DeliveryReceipt, *, now: datetime) -> bool:
    dispatch = tenant.session.scalar(
        sa.select(Dispatch)
        .where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.id == UUID(receipt.dispatch_id),
            Dispatch.state.in_((READY, HANDED_OVER)),  # a receipt may overtake our own note of the hand-over
        )
        .with_for_update()
    )
    if dispatch is None:
        return False
    case = cases[dispatch.case_id]
    dispatch.touched_at, dispatch.evidence = clock.wall_now(), receipt.evidence
    dispatch.handed_over_on = dispatch.handed_over_on or now.date()
    body = {
        "dispatch": str(dispatch.id),
        "step": dispatch.step,
        "sent_on": str(receipt.on),
        "code": receipt.code,
    }
    if receipt.state is ReceiptState.SENT and receipt.on is not None:
        dispatch.sent_on = receipt.on
        if is_long_enough(receipt.on, dispatch.deadline_on):
            dispatch.state = SENT
            record_on_case(tenant, case, "letter.sent", body, now=now, actor="worker")
            if case.stage != Stage.CLOSED and case.next_action_on is None:
                case.next_action_on, case.waits_for = now.date(), ""
            return True
        # Posted so late that its deadline gave fewer than 14 days: it does not count, and a new letter is decided.
        dispatch.state, dispatch.why = FAILED, "posted_too_late"
    else:
        dispatch.state, dispatch.why = FAILED, f"print:{receipt.code}"
    take_back_fee(tenant, case, dispatch, dispatch.why, now=now)
    record_on_case(tenant, case, "letter.failed", body | {"why": dispatch.why}, now=now, actor="worker")
    if case.stage == Stage.CLOSED:
        return True
    case.stage, case.stage_since = stage_without(tenant, case, dispatch), now.date()
    case.next_action_on, case.waits_for = now.date(), ""
    if receipt.state is not ReceiptState.SENT:
        note = f"Brevet kom ikke fram: {receipt.code}"
        place_hold(tenant, case, HoldReason.PERSON, since=now.date(), note=note, now=now, actor="worker")
    return True
