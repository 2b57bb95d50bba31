"""The answer to an objection (svar på innsigelse): given up, put right, maintained with reasons, or found groundless.

What is given up or put right comes off the book as of the due date, the costs with it, and money paid for it is placed
again on what is still owed or goes back to the debtor.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from saas.cases.books import book_of, family_of
from saas.cases.lifecycle import close_case, head_of, record_on_case, withdraw_letters
from saas.cases.lost_costs import charged_costs, charged_fees
from saas.cases.messages import queue_message
from saas.cases.models import Case, Claim, InterestPause, ObjectionRow
from saas.cases.objections import LONGEST_TEXT, claims_of, hold_as_needed, objection_of, objections_on
from saas.documents.letter import LetterKind
from saas.documents.particulars import Answer, ObjectionAnswered
from saas.kernel.errors import BadInput, Forbidden, NotFound, Refused
from saas.kernel.ids import NIL, new_id
from saas.ledger.balances import ADJUSTED
from saas.ledger.models import CLAIMS_HELD, PRINCIPAL, RECEIVABLE, Transfer
from saas.ledger.post import Entry, Leg
from saas.payments.lost_costs import entries_of, note_loss
from saas.payments.replay import correct_and_replace
from saas.rules.facts import Stage
from saas.rules.lost_costs import LOSSES, LostCostReason, refund_due, scope_of
from saas.rules.money import Ore
from saas.rules.objections import ObjectionKind, Outcome, new_deadline
from saas.rules.regime import regime_on
from tenants.resolve import Tenant

_UPHELD = (Outcome.WITHDRAWN, Outcome.ADJUSTED)
_ANSWER = {
    Outcome.WITHDRAWN: Answer.UPHELD,
    Outcome.ADJUSTED: Answer.PARTLY,
    Outcome.MAINTAINED: Answer.REJECTED,
    Outcome.GROUNDLESS: Answer.REJECTED,
}


def answer_objection(
    tenant: Tenant,
    case_id: UUID,
    objection_id: UUID,
    *,
    outcome: Outcome,
    reason: str,
    today: date,
    now: datetime,
    actor: str,
    creditor_id: UUID = NIL,
    claim_id: UUID | None = None,
    taken_off_ore: Ore | None = None,
) -> ObjectionRow:
    """Answer an objection (law E2, E4, E6). `reason` is shown to the debtor, whatever the answer.

    Withdrawn: the claim, or every claim of the case, was never owed; the case is closed when nothing is left of it.
    Adjusted: `taken_off_ore` of the claim (`claim_id`, when the objection names none of several) was not. Both cost the
    right to costs (B19) and pause interest until the new deadline (C7). Maintained: a new deadline of 14 days runs.
    Groundless: the case goes on; only staff may find that. `creditor_id` is who answers for a creditor, nil for staff.
    The same answer twice changes nothing. Raises BadInput (`reason`, `invoice_number`, `taken_off`), NotFound,
    Forbidden, Refused when it is answered otherwise already, taken back, or the case is closed.
    """
    case = head_of(tenant, case_id)
    if creditor_id not in (NIL, case.creditor_id):
        raise NotFound("Vi finner ikke innsigelsen.")
    objection = objection_of(tenant, case, objection_id)
    if outcome is Outcome.GROUNDLESS and creditor_id != NIL:
        raise Forbidden("Bare en saksbehandler kan si at en innsigelse er åpenbart grunnløs.")
    reason = reason.strip()
    if objection.outcome is not None:
        if (objection.outcome, objection.answer) == (outcome, reason):
            return objection
        raise Refused("answered", "Denne innsigelsen er alt besvart.")
    _must_wait(case, objection)
    if not reason or len(reason) > LONGEST_TEXT:
        raise BadInput({"reason": ["Skriv en begrunnelse. Den som er uenig, får lese den."]})
    off = _taken_off(tenant, case, objection, outcome, claim_id, taken_off_ore) if outcome in _UPHELD else {}
    objection.outcome, objection.answer = outcome, reason
    objection.answered_on, objection.answered_by = today, actor
    if outcome is not Outcome.GROUNDLESS:
        objection.deadline_on = new_deadline(today, tenant.policy)
    objection.taken_off_ore = sum(off.values())
    objection.closed_on = today if outcome is Outcome.GROUNDLESS else None
    body = {
        "objection": str(objection.id),
        "outcome": outcome,
        "reason": reason,
        "taken_off_ore": objection.taken_off_ore,
        "deadline_on": objection.deadline_on and objection.deadline_on.isoformat(),
    }
    record_on_case(tenant, case, "objection.answered", body, now=now, actor=actor)
    tenant.session.flush()
    if outcome in _UPHELD:
        _uphold(tenant, case, objection, off, today=today, now=now, actor=actor)
    hold_as_needed(tenant, case, today=today, now=now, actor=actor)
    if objection.kind == ObjectionKind.WRONG_RECIPIENT and outcome in _UPHELD:
        return objection  # there is nobody at that address to tell of another's debt (law G3)
    deadline_on = None if case.stage == Stage.CLOSED else objection.deadline_on
    answered = ObjectionAnswered(_ANSWER[outcome], reason, deadline_on)
    queue_message(tenant, case, LetterKind.OBJECTION_ANSWERED, answered, now=now, actor=actor)
    return objection


def _must_wait(case: Case, objection: ObjectionRow) -> None:
    if objection.closed_on is not None:
        raise Refused("taken_back", "Innsigelsen er trukket tilbake.")
    if case.stage == Stage.CLOSED:
        raise Refused("closed", "Saken er avsluttet.")


# --- what comes off -------------------------------------------------------------------------------------------------


def _taken_off(
    tenant: Tenant,
    case: Case,
    objection: ObjectionRow,
    outcome: Outcome,
    claim_id: UUID | None,
    taken_off_ore: Ore | None,
) -> dict[UUID, int]:
    """Claim → øre of its principal that was never owed. Raises BadInput."""
    claims = claims_of(tenant, case)
    chosen = objection.claim_id or claim_id
    if chosen is not None and chosen not in claims:
        raise BadInput({"invoice_number": ["Velg en av fakturaene i saken."]})
    book = book_of(tenant, [case.id])[case.id]
    owed = {each: int(book.principal_of(each)) for each in ([chosen] if chosen else claims)}
    if outcome is Outcome.WITHDRAWN:
        return {each: ore for each, ore in owed.items() if ore}
    if len(owed) > 1:
        raise BadInput({"invoice_number": ["Velg hvilken faktura som er feil."]})
    (only,) = owed
    if taken_off_ore is None or not 0 < taken_off_ore < owed[only]:
        raise BadInput({"taken_off": ["Skriv hvor mye som trekkes fra: mer enn null, og mindre enn fakturaen."]})
    return {only: taken_off_ore}


def _uphold(
    tenant: Tenant,
    case: Case,
    objection: ObjectionRow,
    off: dict[UUID, int],
    *,
    today: date,
    now: datetime,
    actor: str,
) -> None:
    """Take it off, with the costs; pause interest; close the case when nothing was owed."""
    withdraw_letters(tenant, case, "objection_upheld", now=now, actor=actor)
    tenant.session.flush()
    claims = claims_of(tenant, case)
    book = book_of(tenant, [case.id])[case.id]
    if all(book.principal_of(each) == off.get(each, 0) for each in claims):
        close_case(tenant, case, "withdrawn", on=today, now=now, actor=actor)
    _pause_interest(tenant, case, objection, [claims[each] for each in off], actor)
    family = family_of(tenant, [case.id])
    fees = charged_fees(tenant, family)
    regime, lost = regime_on(today, tenant.policy), LostCostReason.OBJECTION_BEFORE
    refund = refund_due(charged_costs(tenant, family, fees, fees), lost, None, regime)
    scope = scope_of(lost, regime) or LOSSES[lost].scope
    loss = note_loss(tenant, case, refund, scope, f"innsigelse {objection.id}", today=today, now=now, actor=actor)
    entries = [*entries_of(fees, refund, loss, now), *_corrections(tenant, case, objection, claims, off)]
    correct_and_replace(tenant, case, entries, cause=objection.id, reason="objection_upheld", now=now, actor=actor)
    if case.stage == Stage.CLOSED:
        _close_the_others(tenant, case, today)


def _close_the_others(tenant: Tenant, case: Case, today: date) -> None:
    """What else the debtor disagreed with has nothing left to be about."""
    for row in objections_on(tenant, case):
        if row.closed_on is None:
            row.closed_on = today


def _corrections(
    tenant: Tenant, case: Case, objection: ObjectionRow, claims: dict[UUID, Claim], off: dict[UUID, int]
) -> list[Entry]:
    """What was never owed comes off as of the due date, so that it never bore interest and never counted for a fee."""
    sources = [f"claim:{each}" for each in off]
    booked = {
        row.claim_id: row
        for row in tenant.session.scalars(
            sa.select(Transfer).where(Transfer.tenant_id == tenant.id, Transfer.source.in_(sources))
        )
    }
    return [
        Entry(
            source=f"objection:{objection.id}:{each}",
            kind=ADJUSTED,
            creditor_id=case.creditor_id,
            case_id=booked[each].case_id,
            legs=(Leg(CLAIMS_HELD, RECEIVABLE, PRINCIPAL, Ore(ore), each),),
            value_on=claims[each].due_on,
            corrects=booked[each].entry_id,
            reason=f"objection_{objection.outcome}",
        )
        for each, ore in off.items()
    ]


def _pause_interest(tenant: Tenant, case: Case, objection: ObjectionRow, claims: Sequence[Claim], actor: str) -> None:
    """No interest while the debtor rightly disagreed, until the new deadline is over (law C7)."""
    deadline_on = objection.deadline_on or objection.raised_on
    for claim in claims:
        from_on = max(objection.raised_on, claim.due_on)
        if from_on > deadline_on:
            continue
        tenant.session.add(
            InterestPause(
                tenant_id=tenant.id,
                id=new_id(),
                creditor_id=case.creditor_id,
                case_id=case.id,
                claim_id=claim.id,
                from_on=from_on,
                until_on=deadline_on + timedelta(days=1),
                reason="objection_upheld",
                placed_by=actor,
            )
        )
    tenant.session.flush()
