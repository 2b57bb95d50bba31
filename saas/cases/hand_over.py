"""Hand-over: each letter is decided once more (crossing-letter guard), written, kept, and given to its channel.

Two transactions with nothing in doubt between them: *prepare* (queued → ready, rendered and stored), then the channel
itself (all or nothing, the same batch however often) with the letters locked until they are noted as handed over. A
letter whose case is paid in between is withdrawn. A crash at any point is made good by running the same thing again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import orjson
import sqlalchemy as sa

from saas.access.letter_login import VALID_DAYS, new_letter_code
from saas.cases.books import book_of
from saas.cases.compose import compose_letter
from saas.cases.deciding import Decided
from saas.cases.facts import Known, known_of
from saas.cases.lifecycle import cipher_of, lock_cases_of, record_on_case, withdraw
from saas.cases.models import Case
from saas.cases.steps import decide_cases, take_steps
from saas.dispatch.models import QUEUED, READY, Dispatch
from saas.dispatch.outbox import channel_of, mark_ready
from saas.documents.mandatory import IncompleteLetter, compose
from saas.documents.models import StoredLetter
from saas.documents.render import TEMPLATE_VERSION, page_count, render
from saas.kernel import clock, crypto, files
from saas.kernel.ids import new_id
from saas.ledger.models import COMPENSATION, Transfer
from saas.rules.deadlines import is_long_enough
from saas.rules.facts import CaseFacts, HoldFacts, HoldReason, Outstanding, Stage, stage_reached
from saas.rules.law import load_law
from saas.rules.money import Ore
from saas.rules.rates import UnknownLaw
from tenants.resolve import Tenant


@dataclass(slots=True)
class Prepared:
    """What became of the letters asked for."""

    batch_id: UUID | None = None
    ready: list[UUID] = field(default_factory=list)
    withdrawn: list[UUID] = field(default_factory=list)
    queued_anew: list[UUID] = field(default_factory=list)  # a new letter took a withdrawn one's place


def prepare(tenant: Tenant, dispatch_ids: Sequence[UUID], *, now: datetime) -> Prepared:
    """Decide each queued letter again; render and store those that still hold, withdraw the others.

    Letters no longer queued are passed over, so running it twice is harmless. A letter that would leave its reader
    fewer than 14 days from the day it will really be sent is withdrawn and decided afresh with a new deadline.
    """
    result, today = Prepared(), now.date()
    cases = lock_cases_of(tenant, dispatch_ids)
    waiting = tenant.session.scalars(
        sa.select(Dispatch)
        .where(Dispatch.tenant_id == tenant.id, Dispatch.id.in_(dispatch_ids), Dispatch.state == QUEUED)
        .order_by(Dispatch.case_id)
        .with_for_update(skip_locked=True)
    ).all()
    known = known_of(tenant, [d.case_id for d in waiting], today)
    for dispatch in waiting:
        _prepare_one(tenant, cases[dispatch.case_id], dispatch, known[dispatch.case_id], result, now=now)
    if result.ready:
        result.batch_id = new_id()
        mark_ready(tenant, result.ready, result.batch_id)
    return result


def _prepare_one(
    tenant: Tenant, case: Case, dispatch: Dispatch, known: Known, result: Prepared, *, now: datetime
) -> None:
    today = now.date()
    sending_on = channel_of(tenant, dispatch.channel).expected_sending(now)
    undone = _as_if_undecided(tenant, known.facts, dispatch)
    again = decide_cases(tenant, [Known(undone, known.case_key)], today)[0]
    compensation_ore = known.facts.charged_compensation_ore - undone.charged_compensation_ore
    why = _why_not(dispatch, again, compensation_ore, sending_on)
    if why is None:
        try:
            _write(tenant, case, dispatch, known.facts, sending_on, now=now)
        except UnknownLaw as unknown:
            why, again = "unknown_law", _held(again, today, HoldReason.UNKNOWN_LAW, str(unknown))
        except IncompleteLetter as incomplete:
            why, again = "incomplete", _held(again, today, HoldReason.PERSON, str(incomplete))
        else:
            result.ready.append(dispatch.id)
            return
    withdraw(tenant, case, dispatch, why, now=now, actor="worker")
    tenant.session.flush()
    result.withdrawn.append(dispatch.id)
    taken = take_steps(tenant, [again], today=today, now=now, actor="worker")
    result.queued_anew += taken.dispatch_ids


def _why_not(dispatch: Dispatch, again: Decided, compensation_ore: int, sending_on: date) -> str | None:
    """Why this letter may no longer leave, as a code; None when it may."""
    decision = again.decision
    if decision.step != dispatch.step:
        return decision.why[0].code if decision.why else "other_step"
    if sum(cost.amount_ore for cost in decision.costs) != dispatch.fee_ore + compensation_ore:
        return "other_fee"
    return None if is_long_enough(sending_on, dispatch.deadline_on) else "deadline_too_short"


def _held(again: Decided, today: date, reason: HoldReason, note: str) -> Decided:
    decision = replace(
        again.decision,
        step=None,
        costs=(),
        stage_after=again.known.facts.stage,
        next_action_on=None,
        holds_to_place=(HoldFacts(reason, today, None, note[:500]),),
    )
    return Decided(again.known, decision, again.answers)


def _as_if_undecided(tenant: Tenant, facts: CaseFacts, dispatch: Dispatch) -> CaseFacts:
    """The facts as they are now, had this letter not been queued: its fee and its stage taken out."""
    notice_ore, collection_ore = fee_parts(tenant, dispatch)
    compensation_ore = compensation_of(tenant, dispatch) if facts.charged_compensation_ore else 0
    owed = facts.outstanding
    return replace(
        facts,
        stage=facts.stage if facts.stage is Stage.CLOSED else stage_reached(n.step for n in facts.notices),
        letter_under_way=False,
        charged_notice_fees_ore=Ore(facts.charged_notice_fees_ore - notice_ore),
        charged_collection_fee_ore=Ore(facts.charged_collection_fee_ore - collection_ore),
        charged_compensation_ore=Ore(facts.charged_compensation_ore - compensation_ore),
        outstanding=Outstanding(
            owed.principal_ore,
            owed.interest_ore,
            Ore(max(0, owed.notice_fee_ore - notice_ore)),
            Ore(max(0, owed.collection_fee_ore - collection_ore)),
            Ore(max(0, owed.compensation_ore - compensation_ore)),
            owed.fee_interest_ore,
        ),
    )


def fee_parts(tenant: Tenant, dispatch: Dispatch) -> tuple[int, int]:
    """Notice fee and collection fee booked with a letter, in øre. A letter bears one or the other."""
    own_demand = dispatch.step == "payment_demand" and tenant.has_licence
    return (0, dispatch.fee_ore) if own_demand else (dispatch.fee_ore, 0)


def compensation_of(tenant: Tenant, dispatch: Dispatch) -> int:
    """Standard compensation booked with a letter, in øre; it stands beside the letter's own fee (law B15)."""
    return (
        tenant.session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(Transfer.amount_ore), 0)).where(
                Transfer.tenant_id == tenant.id,
                Transfer.case_id == dispatch.case_id,
                Transfer.entry_id == dispatch.entry_id,
                Transfer.component == COMPENSATION,
            )
        )
        or 0
    )


def _write(
    tenant: Tenant, case: Case, dispatch: Dispatch, facts: CaseFacts, sending_on: date, *, now: datetime
) -> None:
    """Compose, render, encrypt and keep one letter. Raises IncompleteLetter or UnknownLaw with nothing kept."""
    valid_until = max(sending_on + timedelta(days=VALID_DAYS), dispatch.deadline_on)
    code = new_letter_code(tenant, case.id, dispatch.id, valid_until=valid_until)
    payments = book_of(tenant, [case.id])[case.id].payments
    letter = compose_letter(
        tenant, case, dispatch, facts, payments,
        dated_on=sending_on, code=code, code_valid_until=valid_until, law=load_law(),
    )  # fmt: skip
    pdf = render(compose(letter))
    cipher, letter_id = cipher_of(case), new_id()
    sealed = crypto.encrypt(cipher, pdf, letter_id)
    path = f"tenants/{tenant.id}/letters/{letter_id}.pdf.sealed"
    files.put_once(path, sealed)
    tenant.session.add(
        StoredLetter(
            tenant_id=tenant.id,
            id=letter_id,
            case_id=case.id,
            dispatch_id=dispatch.id,
            kind=dispatch.step,
            path=path,
            sha256=hashlib.sha256(sealed).digest(),
            pdf_sha256=hashlib.sha256(pdf).digest(),
            pages=page_count(pdf),
            template_version=TEMPLATE_VERSION,
            facts=crypto.encrypt(cipher, orjson.dumps(letter.to_json()), letter_id),
            made_at=clock.wall_now(),
        )
    )
    dispatch.state, dispatch.expected_sending_on, dispatch.printed_ore = READY, sending_on, letter.total_ore
    body = {"dispatch": str(dispatch.id), "step": dispatch.step, "pdf_sha256": hashlib.sha256(pdf).hexdigest()}
    record_on_case(tenant, case, "letter.written", body, now=now, actor="worker")
