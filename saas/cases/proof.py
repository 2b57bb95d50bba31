"""What becomes of a letter after it was handed over, and what that does to the case.

Proven sent in time: the law counts from that day. Anything else: its fee is taken back and a new letter is decided,
never the same one with its dates shifted.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from saas.cases.lifecycle import NOT_ARRIVED, place_hold, record_on_case, stage_without, take_back_fee
from saas.cases.models import Case
from saas.cases.notices import tell_by_next_way
from saas.cases.reach import note_nobody_there
from saas.cases.ways import NOT_SENT
from saas.dispatch.models import FAILED, HANDED_OVER, MESSAGE, READY, SENDING, SENT, UNKNOWN, Dispatch
from saas.hooks import DeliveryReceipt, Medium, ReceiptState
from saas.kernel import clock
from saas.rules.deadlines import is_long_enough
from saas.rules.facts import HoldReason, Stage
from tenants.resolve import Tenant

UNPROVEN = (READY, SENDING, HANDED_OVER, UNKNOWN)
"""States in which proof is waited for; a receipt may overtake our own note of the hand-over."""

RETURNED, NOBODY_KNOWS = "returned", "unknown"
TOO_LATE = "posted_too_late"


def take_receipt(tenant: Tenant, case: Case, dispatch: Dispatch, receipt: DeliveryReceipt, *, now: datetime) -> bool:
    """Note what the other side says of one letter, locked with its case. Whether it moved anything.

    Receipts come twice, late and in any order: each state says for itself from which it may be reached.
    """
    take = _TAKE.get(receipt.state)
    if take is None or not take(tenant, case, dispatch, receipt, now):
        return False
    dispatch.touched_at = clock.wall_now()
    dispatch.evidence = receipt.evidence or dispatch.evidence
    dispatch.sending_since = None
    return True


def _sent(tenant: Tenant, case: Case, dispatch: Dispatch, receipt: DeliveryReceipt, now: datetime) -> bool:
    if dispatch.state not in UNPROVEN:
        return False
    dispatch.handed_over_on = dispatch.handed_over_on or now.date()
    proven_sent(tenant, case, dispatch, receipt.on or now.date(), _told(dispatch, receipt), now=now)
    return True


def _failed(tenant: Tenant, case: Case, dispatch: Dispatch, receipt: DeliveryReceipt, now: datetime) -> bool:
    """Proof of sending stands, but by e-mail: it is sent when our own server has it, and may come back after that."""
    came_back = dispatch.state == SENT and dispatch.medium == Medium.EMAIL
    if dispatch.state not in UNPROVEN and not came_back:
        return False
    if receipt.state is ReceiptState.UNREACHABLE:  # before the next way is chosen
        note_nobody_there(tenant, case.debtor_id, Medium(dispatch.medium), on=now.date(), source=dispatch.channel)
    dispatch.handed_over_on = dispatch.handed_over_on or now.date()
    failed(tenant, case, dispatch, f"{NOT_SENT}{receipt.code}", _told(dispatch, receipt), now=now)
    return True


def _returned(tenant: Tenant, case: Case, dispatch: Dispatch, receipt: DeliveryReceipt, now: datetime) -> bool:
    """It came back: the debtor has not had it. The case waits for an address, and then a new letter is decided."""
    if dispatch.state not in (*UNPROVEN, SENT):
        return False
    why = f"{RETURNED}:{receipt.code}" if receipt.code else RETURNED
    failed(tenant, case, dispatch, why, _told(dispatch, receipt), now=now, hold=HoldReason.NO_ADDRESS)
    dispatch.attention = RETURNED
    return True


def _opened(tenant: Tenant, case: Case, dispatch: Dispatch, receipt: DeliveryReceipt, now: datetime) -> bool:
    if dispatch.opened_on is not None:
        return False
    dispatch.opened_on = receipt.on or now.date()
    return True


def _unknown(tenant: Tenant, case: Case, dispatch: Dispatch, receipt: DeliveryReceipt, now: datetime) -> bool:
    if dispatch.state not in (READY, SENDING, HANDED_OVER):
        return False
    nobody_knows(tenant, case, dispatch, receipt.code, now=now)
    return True


_Take = Callable[[Tenant, Case, Dispatch, DeliveryReceipt, datetime], bool]
_TAKE: dict[ReceiptState, _Take] = {
    ReceiptState.SENT: _sent,
    ReceiptState.FAILED: _failed,
    ReceiptState.UNREACHABLE: _failed,
    ReceiptState.RETURNED: _returned,
    ReceiptState.OPENED: _opened,
    ReceiptState.UNKNOWN: _unknown,
}


def proven_sent(
    tenant: Tenant, case: Case, dispatch: Dispatch, on: date, body: dict[str, Any], *, now: datetime
) -> None:
    """The letter was sent on that day. One whose deadline then gave fewer than 14 days does not count (law A1)."""
    if tenant.sandbox_on is not None and dispatch.medium != Medium.PAPER:
        on = now.date()  # what happens at once happens on the day of a clock that is moved by hand
    dispatch.sent_on, dispatch.attention = on, ""
    if dispatch.deadline_on is not None and not is_long_enough(on, dispatch.deadline_on):
        failed(tenant, case, dispatch, TOO_LATE, body, now=now)
        return
    dispatch.state, dispatch.why = SENT, ""
    record_on_case(tenant, case, "letter.sent", body, now=now, actor="worker")
    if dispatch.step != MESSAGE and case.stage != Stage.CLOSED and case.next_action_on is None:
        case.next_action_on, case.waits_for = now.date(), ""


def failed(
    tenant: Tenant,
    case: Case,
    dispatch: Dispatch,
    why: str,
    body: dict[str, Any],
    *,
    now: datetime,
    hold: HoldReason | None = None,
) -> None:
    """The letter did not reach anybody. A step steps back with its fee, and is decided afresh: the next rung.

    On paper there is no next rung: the case waits for a person, or (`hold`) for what that reason says.
    """
    dispatch.state, dispatch.why = FAILED, why
    record_on_case(tenant, case, "letter.failed", body | {"why": why}, now=now, actor="worker")
    if dispatch.step == MESSAGE:
        dispatch.attention = "" if dispatch.notice_of else "failed"
        if dispatch.notice_of and why.startswith(NOT_SENT):
            tell_by_next_way(tenant, case, dispatch, now=now)
        if hold is None or case.stage == Stage.CLOSED:
            return
    else:
        take_back_fee(tenant, case, dispatch, why, now=now)
        if case.stage == Stage.CLOSED:
            return
        case.stage, case.stage_since = stage_without(tenant, case, dispatch), now.date()
        case.next_action_on, case.waits_for = now.date(), ""
    if hold is None and why != TOO_LATE and dispatch.medium == Medium.PAPER:
        hold = HoldReason.PERSON
    if hold is not None:
        note = f"{NOT_ARRIVED}: {why.partition(':')[2] or why}"
        place_hold(tenant, case, hold, since=now.date(), note=note, now=now, actor="worker")


def nobody_knows(tenant: Tenant, case: Case, dispatch: Dispatch, code: str, *, now: datetime) -> None:
    """Whether it left is not known, and asking has not helped: never sent again blindly; a person says."""
    dispatch.state, dispatch.why, dispatch.attention = UNKNOWN, f"unknown:{code}", NOBODY_KNOWS
    dispatch.sending_since, dispatch.touched_at = None, clock.wall_now()
    body = {"dispatch": str(dispatch.id), "kind": dispatch.kind, "code": code}
    record_on_case(tenant, case, "letter.unknown", body, now=now, actor="worker")


def _told(dispatch: Dispatch, receipt: DeliveryReceipt) -> dict[str, Any]:
    return {
        "dispatch": str(dispatch.id),
        "kind": dispatch.kind,
        "sent_on": receipt.on and receipt.on.isoformat(),
        "code": receipt.code,
    }
