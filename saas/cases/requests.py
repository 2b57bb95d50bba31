"""What a debtor asks for: more time (betalingsutsettelse).

Nothing is granted or refused in silence: every answer is a row with its reasons, and stands in the case's history.
"""

from dataclasses import astuple
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.answers import answer_day, answer_promised, granted_until_day, stored, told
from saas.cases.facts import facts_of
from saas.cases.lifecycle import get_case, lift_hold, place_hold, record_on_case
from saas.cases.messages import queue_message
from saas.cases.models import Case, CaseHold, Debtor, DebtorRequest
from saas.cases.reach import looks_in_the_portal
from saas.cases.reported import report_facts
from saas.documents.letter import LetterKind
from saas.documents.particulars import DeferralGranted, DeferralRefused
from saas.hooks import DeferralRequest, Refusal
from saas.kernel.errors import BadInput, NotFound, Refused
from saas.kernel.ids import new_id
from saas.rules import plan
from saas.rules.days import add_months, next_banking_day
from saas.rules.facts import Because, HoldReason, Stage
from saas.rules.money import Ore
from saas.rules.plan import DeferralOutcome
from saas.rules.words import say
from tenants.resolve import Tenant

__all__ = ["answer_day", "answer_request", "ask_for_person", "report_facts", "request_deferral"]

DEFERRAL = "deferral"
LONGEST_MONTHS = 12

# --- more time ----------------------------------------------------------------------------------------------------


def request_deferral(
    tenant: Tenant, case_id: UUID, *, until: date, today: date, now: datetime, actor: str
) -> DebtorRequest:
    """A debtor asks for more time (betalingsutsettelse). Returns the request with its answer and reasons.

    Granted: the case stands still to the end of it. In doubt: it stands still until a person has answered, since time
    that runs out while we think would be a refusal nobody has given. Refused: with fact, source and date, and the
    offer of a person. The same request on the same day gets the first answer.
    Raises BadInput (`until`), NotFound, Refused when the case is closed.
    """
    _check_until(until, today)
    case = get_case(tenant, case_id, lock=True)
    if earlier := _same_request(tenant, case, until, today):
        return earlier
    _must_be_open(case)
    facts = facts_of(tenant, [case.id], today)[case.id]
    answers = tenant.hooks_for(case.creditor_id).refuse_deferral(DeferralRequest(asked_on=today, until=until), facts)
    refusals = tuple(a.because for a in answers if isinstance(a, Refusal))
    asks = tuple(a.because for a in answers if not isinstance(a, Refusal))
    granted_before = _granted_before(tenant, case)
    decision = plan.decide_deferral(until, today, facts, refusals, asks, tenant.policy, granted_before)
    request = DebtorRequest(
        tenant_id=tenant.id,
        id=new_id(),
        creditor_id=case.creditor_id,
        case_id=case.id,
        kind=DEFERRAL,
        asked_on=today,
        until=until,
        outcome=decision.outcome.value,
        because=told(decision, refusals, today),
        answer_by=answer_day(today) if decision.outcome is DeferralOutcome.ASK_PERSON else None,
        asked_by=actor,
    )
    tenant.session.add(request)
    body = {
        "request": str(request.id),
        "until": until.isoformat(),
        "granted_until": decision.until and decision.until.isoformat(),
        "because": [stored(because) for because in decision.because],
        "plugins": list(tenant.hooks_for(case.creditor_id).slugs),
    }
    record_on_case(tenant, case, f"deferral.{decision.outcome}", body, now=now, actor=actor)
    if actor == "debtor":
        looks_in_the_portal(tenant, case, on=today)
    if decision.outcome is DeferralOutcome.GRANTED:
        place_hold(tenant, case, HoldReason.DEFERRED, since=today, until=decision.until, now=now, actor=actor)
        _tell(tenant, case, request, granted_until=decision.until, now=now, actor=actor)
    elif decision.outcome is DeferralOutcome.REFUSED:
        _tell(tenant, case, request, granted_until=None, now=now, actor=actor)
    elif decision.outcome is DeferralOutcome.ASK_PERSON:
        _wait_for_person(tenant, case, request, today=today, now=now, actor=actor)
    return request


def ask_for_person(
    tenant: Tenant, case_id: UUID, request_id: UUID, *, today: date, now: datetime, actor: str
) -> DebtorRequest:
    """The debtor takes up the offer: a case handler looks at a refused request. The case stands still meanwhile.

    Asking again changes nothing. Raises NotFound, Refused when it was granted or the case is closed.
    """
    case = get_case(tenant, case_id, lock=True)
    request = _request_of(tenant, case, request_id)
    if request.outcome == DeferralOutcome.ASK_PERSON:
        return request
    _must_be_open(case)
    if request.outcome == DeferralOutcome.GRANTED:
        raise Refused("granted", say("Du har alt fått mer tid."))
    if any(reason["code"] == "person_decided" for reason in request.because):
        raise Refused("person_decided", say("En saksbehandler har alt svart på dette."))
    request.outcome, request.answer_by = DeferralOutcome.ASK_PERSON.value, answer_day(today)
    kept = [{**reason, "shown": False} for reason in request.because if reason["code"] != "person_offered"]
    request.because = [*kept, stored(answer_promised(today))]
    record_on_case(tenant, case, "deferral.person_asked", {"request": str(request.id)}, now=now, actor=actor)
    _wait_for_person(tenant, case, request, today=today, now=now, actor=actor)
    return request


def answer_request(
    tenant: Tenant,
    case_id: UUID,
    request_id: UUID,
    *,
    granted_until: date | None,
    message: str,
    today: date,
    now: datetime,
    actor: str,
) -> DebtorRequest:
    """A case handler answers: `granted_until` a day, or None for no. `message` is shown to the debtor.

    Raises NotFound, BadInput (`granted_until`, `message`), Refused when nobody waits for an answer.
    """
    if granted_until is not None:
        _check_until(granted_until, today, "granted_until")
    if not message.strip():
        raise BadInput({"message": ["Skriv noen ord til den som spurte."]})
    case = get_case(tenant, case_id, lock=True)
    _must_be_open(case)
    request = _request_of(tenant, case, request_id)
    if request.outcome != DeferralOutcome.ASK_PERSON:
        raise Refused("answered", "Denne søknaden er alt besvart.")
    outcome = DeferralOutcome.REFUSED if granted_until is None else DeferralOutcome.GRANTED
    until = None if granted_until is None else next_banking_day(granted_until)
    request.outcome = outcome.value
    kept = [{**reason, "shown": False} for reason in request.because]
    told = [Because("person_decided", message.strip()), *([granted_until_day(until)] if until else [])]
    request.because = [*kept, *map(stored, told)]
    body = {"request": str(request.id), "granted_until": until and until.isoformat(), "message": message.strip()}
    record_on_case(tenant, case, f"deferral.{outcome}", body, now=now, actor=actor)
    tenant.session.flush()
    _stop_waiting(tenant, case, today=today, now=now, actor=actor)
    if until:
        place_hold(tenant, case, HoldReason.DEFERRED, since=today, until=until, now=now, actor=actor)
    _tell(tenant, case, request, granted_until=until, now=now, actor=actor)
    return request


def _check_until(until: date, today: date, name: str = "until") -> None:
    if until <= today:
        raise BadInput({name: [say("Velg en dag etter i dag.")]})
    if until > add_months(today, LONGEST_MONTHS):
        raise BadInput({name: [say("Velg en dag innen ett år.")]})


def _must_be_open(case: Case) -> None:
    if case.stage == Stage.CLOSED:
        raise Refused("closed", say("Saken er avsluttet."))


def _same_request(tenant: Tenant, case: Case, until: date, today: date) -> DebtorRequest | None:
    return tenant.session.scalar(
        _requests_of(tenant, case)
        .where(DebtorRequest.asked_on == today, DebtorRequest.until == until)
        .order_by(DebtorRequest.id)
        .limit(1)
    )


def _tell(
    tenant: Tenant, case: Case, request: DebtorRequest, *, granted_until: date | None, now: datetime, actor: str
) -> None:
    """The answer as a letter too: what was shown on a page can be forgotten."""
    if granted_until is not None:
        owed_ore = sum(astuple(facts_of(tenant, [case.id], now.date())[case.id].outstanding))
        granted = DeferralGranted(request.asked_on, granted_until, Ore(owed_ore))
        queue_message(tenant, case, LetterKind.DEFERRAL_GRANTED, granted, now=now, actor=actor)
        return
    language = tenant.session.get_one(Debtor, (tenant.id, case.debtor_id)).language
    shown = (each for each in request.because if each.get("shown", True) and each["message"])
    because = " ".join(each.get("said", {}).get(language, each["message"]) for each in shown)
    refused = DeferralRefused(request.asked_on, because, request.answer_by)
    queue_message(tenant, case, LetterKind.DEFERRAL_REFUSED, refused, now=now, actor=actor)


def _granted_before(tenant: Tenant, case: Case) -> int:
    granted = _requests_of(tenant, case).where(DebtorRequest.outcome == DeferralOutcome.GRANTED.value)
    return len(tenant.session.scalars(granted).all())


def _request_of(tenant: Tenant, case: Case, request_id: UUID) -> DebtorRequest:
    request = tenant.session.scalar(_requests_of(tenant, case).where(DebtorRequest.id == request_id))
    if request is None:
        raise NotFound("Vi finner ikke søknaden.")
    return request


def requests_of(tenant: Tenant, case_id: UUID) -> list[DebtorRequest]:
    """What the debtor of a case has asked for and been answered, the newest first."""
    query = _requests_of(tenant, get_case(tenant, case_id)).order_by(
        DebtorRequest.asked_on.desc(), DebtorRequest.id.desc()
    )
    return list(tenant.session.scalars(query))


def _requests_of(tenant: Tenant, case: Case) -> sa.Select[DebtorRequest]:
    return sa.select(DebtorRequest).where(
        DebtorRequest.tenant_id == tenant.id, DebtorRequest.case_id == case.id, DebtorRequest.kind == DEFERRAL
    )


# --- waiting for a person -----------------------------------------------------------------------------------------

_REQUEST_NOTE = "deferral"
"""Note of the hold that waits for an answer; a hold that a case handler has placed is not ours to lift."""


def _wait_for_person(
    tenant: Tenant, case: Case, request: DebtorRequest, *, today: date, now: datetime, actor: str
) -> None:
    """Stand still until somebody has answered. No end date: a promise we break must not cost the debtor anything."""
    place_hold(tenant, case, HoldReason.PERSON, since=today, note=_REQUEST_NOTE, now=now, actor=actor)


def _stop_waiting(tenant: Tenant, case: Case, *, today: date, now: datetime, actor: str) -> None:
    waiting = _requests_of(tenant, case).where(DebtorRequest.outcome == DeferralOutcome.ASK_PERSON.value)
    if tenant.session.scalars(waiting).first() is not None:
        return
    ours = tenant.session.scalar(
        sa.select(CaseHold).where(
            CaseHold.tenant_id == tenant.id,
            CaseHold.case_id == case.id,
            CaseHold.reason == HoldReason.PERSON,
            CaseHold.note == _REQUEST_NOTE,
            CaseHold.lifted_on.is_(None),
        )
    )
    if ours is not None:
        lift_hold(tenant, case, HoldReason.PERSON, on=today, now=now, actor=actor)
