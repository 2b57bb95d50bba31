"""What the debtor disagrees with (innsigelse): raised, and the case stands still at once; shown; waiting for an answer.

The answer is `saas.payments.objection_answers`: what it takes off may have been paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from saas.cases.addresses import last_letter_was_anothers
from saas.cases.answers import answer_day
from saas.cases.lifecycle import get_case, head_of, lift_hold, place_hold, record_on_case
from saas.cases.messages import queue_message
from saas.cases.models import Case, CaseHold, Claim, ObjectionRow
from saas.cases.reach import looks_in_the_portal
from saas.documents.letter import LetterKind
from saas.documents.particulars import ObjectionReceived
from saas.kernel.errors import BadInput, NotFound, Refused
from saas.kernel.ids import new_id
from saas.rules.facts import HoldReason, Policy, Stage
from saas.rules.money import Ore
from saas.rules.objections import ObjectionFacts, ObjectionKind, Outcome, Standing, resumes_on, split, standing
from saas.rules.words import say
from tenants.resolve import Tenant

LONGEST_TEXT = 4000
_ANSWERED = (Outcome.ADJUSTED, Outcome.MAINTAINED, Outcome.GROUNDLESS)


@dataclass(frozen=True, slots=True)
class ObjectionView:
    """An objection with its answer, as the debtor, the creditor and the staff may all see it."""

    id: UUID
    case_id: UUID
    case_number: int
    kind: ObjectionKind
    text: str
    invoice_number: str  # '': the whole case
    disputed_ore: Ore | None
    raised_on: date
    answer_by: date  # a person has answered by then (law G8)
    standing: Standing
    outcome: Outcome | None
    answer: str
    answered_on: date | None
    deadline_on: date | None  # the new one (law E4)
    taken_off_ore: Ore

    @property
    def waits(self) -> bool:
        """Nobody has answered yet."""
        return self.outcome is None and self.standing is not Standing.CLOSED


def raise_objection(
    tenant: Tenant,
    case_id: UUID,
    *,
    kind: ObjectionKind,
    text: str,
    today: date,
    now: datetime,
    actor: str,
    claim_id: UUID | None = None,
    disputed_ore: Ore | None = None,
) -> ObjectionRow:
    """The debtor disagrees (law E1-E9). The whole case stands still from this moment, also when a part is disputed.

    Letters not yet handed over are withdrawn and their fees taken back, and the creditor is asked. An objection after
    an answer means that the debtor still disagrees. The same again on the same day gives the first one.
    Raises BadInput (`text`, `invoice_number`, `disputed`), NotFound, Refused when the case is closed.
    """
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        raise BadInput({"text": [say("Skriv høyst {most} tegn. Du kan sende mer senere.", most=LONGEST_TEXT)]})
    case = head_of(tenant, case_id)
    if case.stage == Stage.CLOSED:
        raise Refused("closed", say("Saken er avsluttet. Ring eller skriv til oss, så ser vi på det."))
    earlier = objections_on(tenant, case)
    _check_part(tenant, case, claim_id, disputed_ore)
    for row in earlier:
        if (row.raised_on, row.kind, row.text, row.claim_id, row.disputed_ore) == (
            today, kind, text, claim_id, disputed_ore,
        ) and row.outcome is None and row.closed_on is None:  # fmt: skip
            return row
    still_disputes = _hold_on_to(earlier, today)
    objection = ObjectionRow(
        tenant_id=tenant.id,
        id=new_id(),
        creditor_id=case.creditor_id,
        case_id=case.id,
        claim_id=claim_id,
        kind=kind,
        disputed_ore=disputed_ore,
        text=text,
        raised_on=today,
        raised_by=actor,
        asked_creditor_on=today,
        disputed_on=today if still_disputes else None,
    )
    tenant.session.add(objection)
    tenant.session.flush()
    body = {
        "objection": str(objection.id),
        "kind": kind,
        "text": text,
        "claim": claim_id and str(claim_id),
        "disputed_ore": disputed_ore,
        "after_an_answer": still_disputes,
    }
    record_on_case(tenant, case, "objection.raised", body, now=now, actor=actor)
    hold_as_needed(tenant, case, today=today, now=now, actor=actor)
    if actor == "debtor":
        looks_in_the_portal(tenant, case, on=today)
    if kind is ObjectionKind.WRONG_RECIPIENT:
        last_letter_was_anothers(tenant, case)
        return objection  # whoever wrote is not the debtor: the page they stand on is their receipt (law G3)
    received = ObjectionReceived(today, answer_day(today))
    queue_message(tenant, case, LetterKind.OBJECTION_RECEIVED, received, now=now, actor=actor)
    return objection


def take_back_objection(
    tenant: Tenant, case_id: UUID, objection_id: UUID, *, today: date, now: datetime, actor: str
) -> ObjectionRow:
    """The debtor lets an objection go. The case goes on when nothing else holds it. Taking it back again does nothing.

    Raises NotFound.
    """
    case = head_of(tenant, case_id)
    objection = objection_of(tenant, case, objection_id)
    if objection.closed_on is not None and objection.closed_on <= today:
        return objection
    objection.closed_on, objection.disputed_on = today, None
    record_on_case(tenant, case, "objection.taken_back", {"objection": str(objection.id)}, now=now, actor=actor)
    tenant.session.flush()
    hold_as_needed(tenant, case, today=today, now=now, actor=actor)
    return objection


def _check_part(tenant: Tenant, case: Case, claim_id: UUID | None, disputed_ore: Ore | None) -> None:
    claims = claims_of(tenant, case)
    if claim_id is not None and claim_id not in claims:
        raise BadInput({"invoice_number": [say("Velg en av fakturaene i saken.")]})
    if disputed_ore is None:
        return
    about = [claims[claim_id]] if claim_id else list(claims.values())
    asked = ObjectionFacts(ObjectionKind.OTHER, case.registered_on, Ore(sum(c.principal_ore for c in about)))
    try:
        split(ObjectionFacts(asked.kind, asked.received_on, asked.claim_ore, disputed_ore))
    except ValueError:
        raise BadInput({"disputed": [say("Beløpet kan ikke være større enn fakturaen.")]}) from None
    if disputed_ore <= 0:
        raise BadInput({"disputed": [say("Skriv beløpet du er uenig i, eller la feltet stå tomt.")]})


def _hold_on_to(earlier: Sequence[ObjectionRow], today: date) -> bool:
    """Mark what was answered as still disputed. Whether anything was."""
    found = [row for row in earlier if row.outcome in _ANSWERED]
    for row in found:
        if row.disputed_on is None:
            row.disputed_on, row.closed_on = today, None
    return bool(found)


# --- what holds the case --------------------------------------------------------------------------------------------


def hold_as_needed(tenant: Tenant, case: Case, *, today: date, now: datetime, actor: str) -> None:
    """Hold the case as long as its objections call for, and no longer (law E2-E6)."""
    if case.stage == Stage.CLOSED:
        return
    free = [_free_on(facts_of_row(tenant, row), today, tenant.policy) for row in objections_on(tenant, case)]
    held = [day for day in free if day is None or day > today]
    standing_hold = tenant.session.scalar(
        sa.select(CaseHold).where(
            CaseHold.tenant_id == tenant.id,
            CaseHold.case_id == case.id,
            CaseHold.reason == HoldReason.OBJECTION,
            CaseHold.lifted_on.is_(None),
        )
    )
    if not held:
        if standing_hold is not None:
            lift_hold(tenant, case, HoldReason.OBJECTION, on=today, now=now, actor=actor)
        return
    ends = [day for day in held if day is not None]
    until = max(ends) - timedelta(days=1) if len(ends) == len(held) else None
    hold = place_hold(tenant, case, HoldReason.OBJECTION, since=today, until=until, now=now, actor=actor)
    if hold.until != until:
        hold.until = until
        body = {"reason": HoldReason.OBJECTION, "until": until and until.isoformat()}
        record_on_case(tenant, case, "hold.changed", body, now=now, actor=actor)
    tenant.session.flush()
    _look_when_free(tenant, case)


def _look_when_free(tenant: Tenant, case: Case) -> None:
    """The night looks again the day after the last hold ends; not before a person when one has no end."""
    ends = tenant.session.scalars(
        sa.select(CaseHold.until).where(
            CaseHold.tenant_id == tenant.id, CaseHold.case_id == case.id, CaseHold.lifted_on.is_(None)
        )
    ).all()
    known = [day for day in ends if day is not None]
    case.next_action_on = max(known) + timedelta(days=1) if known and len(known) == len(ends) else None
    case.waits_for = HoldReason.OBJECTION


def _free_on(objection: ObjectionFacts, today: date, policy: Policy) -> date | None:
    """The first day this objection no longer holds the case; None while only a person or the debtor can say."""
    day = resumes_on(objection, policy)
    if standing(objection, today, policy) is Standing.CLOSED:
        # the rest of a case of which one claim was given up has the new deadline, too
        return max(today, day) if objection.outcome is Outcome.WITHDRAWN and day else today
    if day is None or day <= today:
        return None
    return day if standing(objection, day, policy) is Standing.CLOSED else None


def facts_of_row(tenant: Tenant, row: ObjectionRow) -> ObjectionFacts:
    """An objection as the rules see it. An answer counts as sent the day it was given: it stands on the case's page."""
    return ObjectionFacts(
        kind=ObjectionKind(row.kind),
        received_on=row.raised_on,
        claim_ore=Ore(0),
        outcome=Outcome(row.outcome) if row.outcome else None,
        reason=row.answer,
        decided_by=row.answered_by,
        answer_sent_on=row.answered_on,
        answer_deadline_on=row.deadline_on,
        still_disputed=row.disputed_on is not None,
        taken_back_on=row.closed_on if row.outcome is None else None,
        by_agency=tenant.has_licence,
    )


# --- reads ----------------------------------------------------------------------------------------------------------


def claims_of(tenant: Tenant, case: Case) -> dict[UUID, Claim]:
    """The claims of a case by id, the first due first."""
    rows = tenant.session.scalars(
        sa.select(Claim).where(Claim.tenant_id == tenant.id, Claim.case_id == case.id).order_by(Claim.due_on, Claim.id)
    )
    return {row.id: row for row in rows}


def claim_named(tenant: Tenant, case: Case, invoice_number: str) -> UUID | None:
    """The claim with this invoice number in the case; None for ''. Raises BadInput (`invoice_number`)."""
    if not invoice_number:
        return None
    found = [each for each, claim in claims_of(tenant, case).items() if claim.invoice_number == invoice_number]
    if len(found) != 1:
        raise BadInput({"invoice_number": [say("Velg en av fakturaene i saken.")]})
    return found[0]


def objections_on(tenant: Tenant, case: Case) -> Sequence[ObjectionRow]:
    """A case's objections, the oldest first; also those raised on cases joined into it later."""
    family = sa.select(Case.id).where(
        Case.tenant_id == tenant.id, sa.or_(Case.id == case.id, Case.joined_into == case.id)
    )
    return tenant.session.scalars(
        sa.select(ObjectionRow)
        .where(ObjectionRow.tenant_id == tenant.id, ObjectionRow.case_id.in_(family))
        .order_by(ObjectionRow.id)
    ).all()


def objection_of(tenant: Tenant, case: Case, objection_id: UUID) -> ObjectionRow:
    """One objection of this very case. Raises NotFound."""
    found = next((row for row in objections_on(tenant, case) if row.id == objection_id), None)
    if found is None:
        raise NotFound("Vi finner ikke innsigelsen.")
    return found


def objections_of(tenant: Tenant, case_id: UUID, on: date) -> list[ObjectionView]:
    """A case's objections as they stand, the newest first. Raises NotFound."""
    case = get_case(tenant, case_id)
    rows = objections_on(tenant, case)
    return [_view(tenant, row, case.number, claims_of(tenant, case), on) for row in reversed(rows)]


def waiting_objections(tenant: Tenant, on: date, limit: int = 200) -> list[ObjectionView]:
    """Objections in sight that nobody has answered, the oldest first."""
    rows = tenant.session.execute(
        sa.select(ObjectionRow, Case)
        .join(Case, sa.and_(Case.tenant_id == ObjectionRow.tenant_id, Case.id == ObjectionRow.case_id))
        .where(
            ObjectionRow.tenant_id == tenant.id,
            ObjectionRow.outcome.is_(None),
            ObjectionRow.closed_on.is_(None),
            Case.stage != Stage.CLOSED,
        )
        .order_by(ObjectionRow.raised_on, ObjectionRow.id)
        .limit(limit)
    ).all()
    return [_view(tenant, row, case.number, claims_of(tenant, case), on) for row, case in rows]


def _view(tenant: Tenant, row: ObjectionRow, number: int, claims: dict[UUID, Claim], on: date) -> ObjectionView:
    claim = claims.get(row.claim_id) if row.claim_id else None
    facts = facts_of_row(tenant, row)
    return ObjectionView(
        id=row.id,
        case_id=row.case_id,
        case_number=number,
        kind=facts.kind,
        text=row.text,
        invoice_number=claim.invoice_number if claim else "",
        disputed_ore=Ore(row.disputed_ore) if row.disputed_ore is not None else None,
        raised_on=row.raised_on,
        answer_by=answer_day(row.raised_on),
        standing=standing(facts, on, tenant.policy),
        outcome=facts.outcome,
        answer=row.answer,
        answered_on=row.answered_on,
        deadline_on=row.deadline_on,
        taken_off_ore=Ore(row.taken_off_ore),
    )
