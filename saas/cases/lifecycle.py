"""What can happen to one case whatever its stage: found, held, released, its letters withdrawn, closed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm.attributes import set_committed_value

from saas.cases.models import Case, CaseHold, CostLoss, EarlierNotice
from saas.dispatch.models import MESSAGE, QUEUED, READY, SENDING, WITHDRAWN, Dispatch
from saas.kernel import clock, crypto, history
from saas.kernel.bulk import id_list
from saas.kernel.db import driver
from saas.kernel.errors import NotFound, Refused
from saas.ledger.models import CLAIMS_HELD, COLLECTION_FEE, COMPENSATION, NOTICE_FEE, RECEIVABLE, Transfer
from saas.ledger.post import Entry, Leg, post
from saas.rules.facts import HoldReason, Stage, Step, stage_reached
from saas.rules.money import Ore
from tenants.resolve import Tenant

NOT_ARRIVED, NOT_TAKEN, NOT_WRITTEN, NO_LAWFUL_WAY = LETTER_NOTES = (
    "Brevet kom ikke fram",
    "Brevet ble ikke tatt imot",
    "Brevet kunne ikke skrives",
    "Ingen lovlig kanal når skyldneren",
)
"""How the note begins of a hold that waits for a person because of a letter."""


def get_case(tenant: Tenant, case_id: UUID | None = None, *, number: int | None = None, lock: bool = False) -> Case:
    """The case with this id or number. Raises NotFound, also for another tenant's or creditor's."""
    query = sa.select(Case).where(Case.tenant_id == tenant.id)
    query = query.where(Case.id == case_id) if case_id is not None else query.where(Case.number == number)
    case = tenant.session.scalar(query.with_for_update() if lock else query)
    if case is None:
        raise NotFound("Vi finner ikke saken.")
    return case


def head_of(tenant: Tenant, case_id: UUID) -> Case:
    """The case, locked; of one joined into another, that other one. Raises NotFound."""
    case = get_case(tenant, case_id, lock=True)
    return head_of(tenant, case.joined_into) if case.joined_into else case


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
            standing.until, case.waits_for, case.next_action_on = until, reason, _day_after(until)
            withdraw_letters(tenant, case, f"hold:{reason}", now=now, actor=actor)
            body = {"reason": reason, "until": until and until.isoformat(), "note": note}
            record_on_case(tenant, case, "hold.extended", body, now=now, actor=actor)
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


def lift_hold_for_letter(tenant: Tenant, case: Case, *, now: datetime, actor: str) -> None:
    """End the hold that waits for a person because a letter did not arrive, was not taken or not written, if it stands.

    One that a person or anything else has placed is not lifted.
    """
    standing = sa.select(CaseHold.note).where(
        CaseHold.tenant_id == tenant.id,
        CaseHold.case_id == case.id,
        CaseHold.reason == HoldReason.PERSON,
        CaseHold.lifted_on.is_(None),
    )
    if any(note.startswith(LETTER_NOTES) for note in tenant.session.scalars(standing)):
        lift_hold(tenant, case, HoldReason.PERSON, on=now.date(), now=now, actor=actor)


def withdraw_letters(tenant: Tenant, case: Case, why: str, *, now: datetime, actor: str) -> Sequence[Dispatch]:
    """Stop letters that have not been handed over, written or not, and take back the fees booked with them.

    A letter already handed to the channel is left, and one being handed to it at this moment, which hand-over holds
    locked: what happens then follows from its receipt. The case, locked, steps back to the stage it had, so that the
    step is decided afresh.
    """
    waiting = _waiting_letters(tenant, [case.id])
    for dispatch in waiting:
        withdraw(tenant, case, dispatch, why, now=now, actor=actor)
    return waiting


def _waiting_letters(tenant: Tenant, case_ids: Iterable[UUID]) -> Sequence[Dispatch]:
    """The letters of these locked cases that have not been handed over, locked."""
    return tenant.session.scalars(
        sa.select(Dispatch)
        .where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.case_id == _any(case_ids),
            Dispatch.step != MESSAGE,  # a message is asked once more whether it is true before it leaves
            Dispatch.state.in_((QUEUED, READY)),
        )
        .order_by(Dispatch.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()


def _any(ids: Iterable[UUID]) -> sa.ColumnElement[Any]:
    """Any of these ids, as one value: a statement with a place for each would be taken apart word by word."""
    return sa.any_(sa.cast(list(ids), ARRAY(sa.Uuid)))


def withdraw(
    tenant: Tenant, case: Case, dispatch: Dispatch, why: str, *, now: datetime, actor: str, not_taken: bool = False
) -> None:
    """Withdraw one queued or rendered letter. Its fee is answered by a correcting entry (law A4).

    `not_taken`: the channel has said that it did not take the letter, which was being handed over.
    """
    if dispatch.state not in ((QUEUED, READY, SENDING) if not_taken else (QUEUED, READY)):
        raise Refused("already_out", "Brevet er alt levert til utsending.")
    dispatch.state, dispatch.why, dispatch.touched_at = WITHDRAWN, why, clock.wall_now()
    dispatch.attention = ""
    if dispatch.step != MESSAGE:
        take_back_fee(tenant, case, dispatch, why, now=now)
        if case.stage != Stage.CLOSED:
            case.stage, case.stage_since = stage_without(tenant, case, dispatch), now.date()
    record_on_case(
        tenant,
        case,
        "letter.withdrawn",
        {"dispatch": str(dispatch.id), "kind": dispatch.kind or dispatch.step, "why": why},
        now=now,
        actor=actor,
    )


def take_back_fee(tenant: Tenant, case: Case, dispatch: Dispatch, why: str, *, now: datetime) -> None:
    """Answer what stands of the fee booked with a letter by the opposite entry, which names what it corrects."""
    if dispatch.entry_id is None:
        return
    known = sa.or_(Transfer.entry_id == dispatch.entry_id, Transfer.corrects == dispatch.entry_id)
    standing: dict[str, int] = {}
    for t in tenant.session.scalars(sa.select(Transfer).where(Transfer.tenant_id == tenant.id, known)):
        ore = t.amount_ore if t.debit == RECEIVABLE else -t.amount_ore
        standing[t.component] = standing.get(t.component, 0) + ore
    legs = [
        Leg(CLAIMS_HELD, RECEIVABLE, component, Ore(ore))
        for component, ore in standing.items()
        if component in (NOTICE_FEE, COLLECTION_FEE, COMPENSATION) and ore > 0
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
    close_cases(tenant, [case], because, on=on, now=now, actor=actor)


def close_cases(
    tenant: Tenant, cases: Iterable[Case], because: str, *, on: date, now: datetime, actor: str
) -> Sequence[Case]:
    """Close these locked cases, for the same reason, in a few statements for any number. Returns those not closed
    before."""
    open_cases = {case.id: case for case in cases if case.stage != Stage.CLOSED}
    if not open_cases:
        return ()
    for dispatch in _waiting_letters(tenant, open_cases):
        withdraw(tenant, open_cases[dispatch.case_id], dispatch, f"closed:{because}", now=now, actor=actor)
    tenant.session.execute(
        sa.update(CaseHold)
        .where(CaseHold.tenant_id == tenant.id, CaseHold.case_id == _any(open_cases), CaseHold.lifted_on.is_(None))
        .values(lifted_on=on, lifted_by=actor)
    )
    driver(tenant.session).execute(_CLOSE, {"tenant": tenant.id, "cases": id_list(open_cases), **_closed(because, on)})
    body = {"because": because, "on": on.isoformat()}
    for case in open_cases.values():
        for name, value in _closed(because, on).items():
            set_committed_value(case, name, value)
        record_on_case(tenant, case, "case.closed", body, now=now, actor=actor)
    return tuple(open_cases.values())


_CLOSE = """
update collection_case
set stage = %(stage)s, stage_since = %(stage_since)s, closed_on = %(closed_on)s, closed_because = %(closed_because)s,
    next_action_on = %(next_action_on)s, waits_for = %(waits_for)s
where tenant_id = %(tenant)s and id = any(%(cases)s::uuid[])
"""


def _closed(because: str, on: date) -> dict[str, Any]:
    """What a closed case's row says."""
    return {
        "stage": int(Stage.CLOSED),
        "stage_since": on,
        "closed_on": on,
        "closed_because": because,
        "next_action_on": None,
        "waits_for": "",
    }


def stage_without(tenant: Tenant, case: Case, dispatch: Dispatch) -> int:
    """The stage a case has without this letter: that of its other letters and of what the creditor sent.

    Collection notices and demands up to the day the ladder began anew do not count (law N9).
    """
    sent = tenant.session.execute(
        sa.select(Dispatch.step, Dispatch.sent_on).where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.case_id == case.id,
            Dispatch.id != dispatch.id,
            Dispatch.step != MESSAGE,
            Dispatch.state == "sent",
        )
    )
    earlier = tenant.session.execute(
        sa.select(EarlierNotice.step, EarlierNotice.sent_on).where(
            EarlierNotice.tenant_id == tenant.id, EarlierNotice.case_id == case.id
        )
    )
    restarted_on = tenant.session.scalar(
        sa.select(sa.func.max(CostLoss.decided_on)).where(
            CostLoss.tenant_id == tenant.id, CostLoss.case_id == case.id, CostLoss.restarts
        )
    )
    return int(stage_reached(step for step, on in (*sent, *earlier) if still_counts(step, on, restarted_on)))


def still_counts(step: str, sent_on: date | None, restarted_on: date | None) -> bool:
    """Whether a letter counts after the ladder began anew at the collection notice; a reminder always does (N9)."""
    return restarted_on is None or step == Step.REMINDER or (sent_on is not None and sent_on > restarted_on)


def _day_after(until: date | None) -> date | None:

    return until + timedelta(days=1) if until is not None else None
