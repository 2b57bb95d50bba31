"""What can happen to one case whatever its stage: found, held, released, its letters withdrawn, closed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from saas.cases.models import Case, CaseHold, EarlierNotice
from saas.dispatch.models import QUEUED, READY, WITHDRAWN, Dispatch
from saas.kernel import clock, crypto, history
from saas.kernel.errors import NotFound, Refused
from saas.ledger.models import CLAIMS_HELD, COLLECTION_FEE, NOTICE_FEE, RECEIVABLE, Transfer
from saas.ledger.post import Entry, Leg, post
from saas.rules.facts import HoldReason, Stage, stage_reached
from saas.rules.money import Ore
from tenants.resolve import Tenant

LASTING_HOLDS = (HoldReason.OBJECTION, HoldReason.DEFERRED, HoldReason.VULNERABLE, HoldReason.PERSON)
"""Holds placed by people or requests; the others are placed by the night and looked at again by it."""


def get_case(tenant: Tenant, case_id: UUID | None = None, *, number: int | None = None, lock: bool = False) -> Case:
    """The case with this id or number. Raises NotFound, also for another tenant's or creditor's."""
    query = sa.select(Case).where(Case.tenant_id == tenant.id)
    query = query.where(Case.id == case_id) if case_id is not None else query.where(Case.number == number)
    case = tenant.session.scalar(query.with_for_update() if lock else query)
    if case is None:
        raise NotFound("Vi finner ikke saken.")
    return case


def lock_cases_of(tenant: Tenant, dispatch_ids: Sequence[UUID]) -> dict[UUID, Case]:
    """Lock the cases of these letters, in order of id. Everybody locks cases before letters, so nobody deadlocks."""
    letters = sa.select(Dispatch.case_id).where(Dispatch.tenant_id == tenant.id, Dispatch.id.in_(dispatch_ids))
    cases = tenant.session.scalars(
        sa.select(Case).where(Case.tenant_id == tenant.id, Case.id.in_(letters)).order_by(Case.id).with_for_update()
    )
    return {case.id: case for case in cases}


def cipher_of(case: Case) -> AESGCM:
    """The cipher of a case. Raises Refused when its key has been destroyed."""
    if case.case_key is None:
        raise Refused("anonymised", "Saken er anonymisert.")
    return crypto.case_cipher(case.id, case.case_key)


def record_on_case(tenant: Tenant, case: Case, kind: str, body: dict[str, Any], *, now: datetime, actor: str) -> None:
    """Add to the case's history; encrypted with its key."""
    history.record(tenant.session, kind, at=now, actor=actor, body=body, case_id=case.id, cipher=cipher_of(case))


def place_hold(
    tenant: Tenant,
    case: Case,
    reason: HoldReason,
    *,
    since: date,
    until: date | None = None,
    note: str = "",
    now: datetime,
    actor: str,
) -> CaseHold:
    """Put a case on hold (på vent); letters not yet handed over are withdrawn. The same hold twice is one hold."""
    standing = tenant.session.scalar(
        sa.select(CaseHold).where(
            CaseHold.tenant_id == tenant.id,
            CaseHold.case_id == case.id,
            CaseHold.reason == reason,
            CaseHold.lifted_on.is_(None),
        )
    )
    if standing is not None:
        if standing.until is not None and (until is None or until > standing.until):
            standing.until = until
        return standing
    hold = CaseHold(
        tenant_id=tenant.id,
        creditor_id=case.creditor_id,
        case_id=case.id,
        reason=reason,
        since=since,
        until=until,
        note=note,
        placed_by=actor,
    )
    tenant.session.add(hold)
    withdraw_letters(tenant, case, f"hold:{reason}", now=now, actor=actor)
    case.waits_for = reason
    case.next_action_on = _day_after(until)
    body = {"reason": reason, "since": since.isoformat(), "until": until and until.isoformat(), "note": note}
    record_on_case(tenant, case, "hold.placed", body, now=now, actor=actor)
    return hold


def lift_hold(tenant: Tenant, case: Case, reason: HoldReason, *, on: date, now: datetime, actor: str) -> None:
    """End a hold; the night looks at the case again. Raises NotFound when there is none."""
    hold = tenant.session.scalar(
        sa.select(CaseHold).where(
            CaseHold.tenant_id == tenant.id,
            CaseHold.case_id == case.id,
            CaseHold.reason == reason,
            CaseHold.lifted_on.is_(None),
        )
    )
    if hold is None:
        raise NotFound("Saken har ingen slik sperre.")
    hold.lifted_on, hold.lifted_by = on, actor
    if case.stage != Stage.CLOSED:
        case.next_action_on, case.waits_for = on, ""
    record_on_case(tenant, case, "hold.lifted", {"reason": reason}, now=now, actor=actor)


def withdraw_letters(tenant: Tenant, case: Case, why: str, *, now: datetime, actor: str) -> Sequence[Dispatch]:
    """Stop letters that have not been handed over, and take back the fees booked with them.

    A letter already handed to the channel (or being handed) is left: what happens then follows from its receipt.
    The case steps back to the stage it had, so that the step is decided afresh.
    """
    waiting = tenant.session.scalars(
        sa.select(Dispatch)
        .where(Dispatch.tenant_id == tenant.id, Dispatch.case_id == case.id, Dispatch.state == QUEUED)
        .with_for_update()
    ).all()
    for dispatch in waiting:
        withdraw(tenant, case, dispatch, why, now=now, actor=actor)
    return waiting


def withdraw(tenant: Tenant, case: Case, dispatch: Dispatch, why: str, *, now: datetime, actor: str) -> None:
    """Withdraw one queued or rendered letter. Its fee is answered by a correcting entry (law A4)."""
    if dispatch.state not in (QUEUED, READY):
        raise Refused("already_out", "Brevet er alt levert til utsending.")
    dispatch.state, dispatch.why, dispatch.touched_at = WITHDRAWN, why, clock.wall_now()
    take_back_fee(tenant, case, dispatch, why, now=now)
    case.stage = stage_without(tenant, case, dispatch)
    case.stage_since = now.date()
    record_on_case(
        tenant,
        case,
        "letter.withdrawn",
        {"dispatch": str(dispatch.id), "step": dispatch.step, "why": why},
        now=now,
        actor=actor,
    )


def take_back_fee(tenant: Tenant, case: Case, dispatch: Dispatch, why: str, *, now: datetime) -> None:
    """Answer the fee booked with a letter by the opposite entry, which names what it corrects."""
    if dispatch.entry_id is None:
        return
    booked = tenant.session.scalars(
        sa.select(Transfer).where(Transfer.tenant_id == tenant.id, Transfer.entry_id == dispatch.entry_id)
    ).all()
    legs = [
        Leg(CLAIMS_HELD, RECEIVABLE, t.component, Ore(t.amount_ore), t.claim_id)
        for t in booked
        if t.component in (NOTICE_FEE, COLLECTION_FEE)
    ]
    if legs:
        entry = Entry(
            source=f"withdrawn:{dispatch.id}",
            kind="fee_withdrawn",
            creditor_id=case.creditor_id,
            case_id=case.id,
            legs=tuple(legs),
            value_on=now.date(),
            corrects=dispatch.entry_id,
            reason=why,
        )
        post(tenant.session, [entry], now)


def close_case(tenant: Tenant, case: Case, because: str, *, on: date, now: datetime, actor: str) -> None:
    """Close a case (avslutte saken): nothing more is sent. Closing a closed case does nothing."""
    if case.stage == Stage.CLOSED:
        return
    withdraw_letters(tenant, case, f"closed:{because}", now=now, actor=actor)
    case.stage, case.stage_since = Stage.CLOSED, on
    case.closed_on, case.closed_because = on, because
    case.next_action_on, case.waits_for = None, ""
    tenant.session.execute(
        sa.update(CaseHold)
        .where(CaseHold.tenant_id == tenant.id, CaseHold.case_id == case.id, CaseHold.lifted_on.is_(None))
        .values(lifted_on=on, lifted_by=actor)
    )
    record_on_case(tenant, case, "case.closed", {"because": because, "on": on.isoformat()}, now=now, actor=actor)


def stage_without(tenant: Tenant, case: Case, dispatch: Dispatch) -> int:
    """The stage a case has without this letter: that of its other letters and of what the creditor sent."""

    sent = tenant.session.scalars(
        sa.select(Dispatch.step).where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.case_id == case.id,
            Dispatch.id != dispatch.id,
            Dispatch.state == "sent",
        )
    )
    earlier = tenant.session.scalars(
        sa.select(EarlierNotice.step).where(EarlierNotice.tenant_id == tenant.id, EarlierNotice.case_id == case.id)
    )
    return int(stage_reached((*sent, *earlier)))


def _day_after(until: date | None) -> date | None:

    return until + timedelta(days=1) if until is not None else None
