"""Messages: letters that are no step of the ladder. Asked for where things happen, true when they leave.

They cost the debtor nothing, need no certificate, and may be under way beside a letter of the ladder. Each is asked
once more at hand-over whether it still is true; one that is not is withdrawn, with why.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from saas.cases.lifecycle import record_on_case
from saas.cases.models import Case, ObjectionRow
from saas.dispatch.ask import enqueue_hand_over
from saas.dispatch.models import MESSAGE, QUEUED, UNDER_WAY, Dispatch
from saas.documents.letter import LetterKind
from saas.documents.particulars import PARTICULARS, DisconnectionNotice, LegalActionNotice, Particulars
from saas.kernel import clock
from saas.kernel.db import after_commit
from saas.kernel.ids import new_id
from saas.rules.deadlines import printed_deadline
from saas.rules.facts import CaseFacts, HoldReason, Stage
from tenants.resolve import Tenant

_STANDS_STILL = (HoldReason.OBJECTION, HoldReason.DEFERRED, HoldReason.DECEASED, HoldReason.BANKRUPT)


def queue_message(
    tenant: Tenant, case: Case, kind: LetterKind, particulars: Particulars, *, now: datetime, actor: str
) -> Dispatch:
    """Have a letter of this kind written and sent as soon as it may be. The case must be locked.

    The same message with the same particulars, still under way, is one. Raises ValueError for a step of the ladder or
    another kind's particulars.
    """
    if particulars.kind != kind or kind not in PARTICULARS:
        raise ValueError(f"{kind} is not told by {type(particulars).__name__}")
    told = particulars.to_json()
    standing = tenant.session.scalar(
        sa.select(Dispatch).where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.case_id == case.id,
            Dispatch.kind == kind,
            Dispatch.particulars == told,
            Dispatch.notice_of.is_(None),
            Dispatch.state.in_(UNDER_WAY),
        )
    )
    if standing is not None:
        return standing
    dispatch = _row(case, kind, told, now.date())
    if isinstance(particulars, LegalActionNotice | DisconnectionNotice):
        dispatch.deadline_on = particulars.deadline_on
    tenant.session.add(dispatch)
    tenant.session.flush()
    record_on_case(tenant, case, "message.queued", {"dispatch": str(dispatch.id), "kind": kind}, now=now, actor=actor)
    ask_soon(tenant, [dispatch.id])
    return dispatch


def queue_notice(tenant: Tenant, case: Case, about: Dispatch, channel: str, medium: str, *, now: datetime) -> Dispatch:
    """Tell the debtor (e-mail, SMS) that a letter lies in the portal; the notice says no more than that."""
    notice = _row(case, about.kind, {}, now.date())
    notice.notice_of, notice.channel, notice.medium = about.id, channel, medium
    tenant.session.add(notice)
    tenant.session.flush()
    ask_soon(tenant, [notice.id])
    return notice


def queue_again(tenant: Tenant, old: Dispatch, sending_on: date, *, now: datetime) -> UUID:
    """The same message in a new letter, its deadline counted anew. Returns the new one."""
    told = PARTICULARS[old.kind].from_json(old.particulars)
    deadline_on = None
    if isinstance(told, LegalActionNotice | DisconnectionNotice):
        deadline_on = printed_deadline(sending_on, tenant.policy.slack_days)
        told = replace(told, deadline_on=deadline_on)
    new = Dispatch(
        tenant_id=tenant.id,
        id=new_id(),
        creditor_id=old.creditor_id,
        case_id=old.case_id,
        step=MESSAGE,
        kind=old.kind,
        particulars=told.to_json(),
        channel="",
        state=QUEUED,
        decided_on=now.date(),
        expected_sending_on=sending_on,
        deadline_on=deadline_on,
        fee_ore=0,
        replaces=old.id,
        touched_at=clock.wall_now(),
        claim_ids=[],
    )
    tenant.session.add(new)
    tenant.session.flush()
    return new.id


def ask_soon(tenant: Tenant, dispatch_ids: list[UUID]) -> None:
    """Ask for their hand-over once this transaction is committed."""
    after_commit(tenant.session, lambda: enqueue_hand_over(tenant.id, dispatch_ids))


def _row(case: Case, kind: str, told: dict[str, Any], on: date) -> Dispatch:
    return Dispatch(
        tenant_id=case.tenant_id,
        id=new_id(),
        creditor_id=case.creditor_id,
        case_id=case.id,
        step=MESSAGE,
        kind=kind,
        particulars=told,
        channel="",
        state=QUEUED,
        decided_on=on,
        expected_sending_on=on,
        fee_ore=0,
        touched_at=clock.wall_now(),
        claim_ids=[],
    )


# --- still true? -----------------------------------------------------------------------------------------------------


def no_longer_true(tenant: Tenant, case: Case, dispatch: Dispatch, facts: CaseFacts) -> str | None:
    """Why this message should not be told any more, as a code; None when it is as true as when it was asked for."""
    kind, closed = dispatch.kind, facts.stage is Stage.CLOSED
    held = {hold.reason for hold in facts.holds}
    if HoldReason.DECEASED in held:
        return "debtor_dead"  # all contact stops; a person writes to the estate (law G7)
    if kind == LetterKind.CLOSING_CONFIRMATION:
        return None if closed else "reopened"
    if kind in (LetterKind.OBJECTION_ANSWERED, LetterKind.OVERPAYMENT):
        return None  # an answer is an answer, and money that goes back goes back
    if kind in (LetterKind.PAYMENT_RECEIVED, LetterKind.WRONG_AMOUNT):
        return "paid_since" if closed and dispatch.particulars["left_ore"] > 0 else None
    if closed:
        return "closed"
    if kind == LetterKind.OBJECTION_RECEIVED:
        return None if _an_objection_waits(tenant, case) else "answered"
    if kind == LetterKind.DEFERRAL_GRANTED:
        return None if HoldReason.DEFERRED in held else "deferral_ended"
    if kind == LetterKind.DEFERRAL_REFUSED:
        return "deferred_since" if HoldReason.DEFERRED in held else None
    if kind in (LetterKind.NOTICE_OF_LEGAL_ACTION, LetterKind.DISCONNECTION_NOTICE, LetterKind.CONTACT_LETTER):
        standing = next((reason for reason in _STANDS_STILL if reason in held), None)
        return f"hold:{standing}" if standing else None
    return None


def _an_objection_waits(tenant: Tenant, case: Case) -> bool:
    waiting = sa.exists().where(
        ObjectionRow.tenant_id == tenant.id,
        ObjectionRow.case_id == case.id,
        ObjectionRow.outcome.is_(None),
        ObjectionRow.closed_on.is_(None),
    )
    return bool(tenant.session.scalar(sa.select(waiting)))
