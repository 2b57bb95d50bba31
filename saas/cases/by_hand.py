"""What a person does with letters that stand on their list: send again, count as sent, stop, or put aside as seen."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.lifecycle import lift_hold_for_letter, lock_cases_of, record_on_case, withdraw
from saas.cases.messages import ask_soon, queue_again
from saas.cases.models import Case
from saas.cases.notices import tell_again
from saas.cases.proof import failed, proven_sent
from saas.dispatch.models import (
    FAILED,
    HANDED_OVER,
    MESSAGE,
    QUEUED,
    READY,
    SENDING,
    UNKNOWN,
    WITHDRAWN,
    Dispatch,
)
from saas.kernel import clock
from saas.kernel.errors import BadInput, NotFound, Refused
from saas.rules.facts import Stage
from saas.rules.words import say
from tenants.resolve import Tenant

SHORTEST_REASON, LONGEST_REASON = 3, 500


def send_again(tenant: Tenant, dispatch_id: UUID, reason: str, *, now: datetime, actor: str) -> None:
    """Have the same told in a new letter, with dates of its own.

    A step of the ladder that nobody knows about is first taken back with its fee. The night then decides it afresh, if
    it still may be; what the case waited for because of the letter is over. A notice is told by a way that is left,
    else the letter it tells of goes by its next rung.
    Raises NotFound, BadInput (`reason`), Refused when the letter is on its way or has arrived.
    """
    case, letter, reason = _locked(tenant, dispatch_id, reason)
    if letter.state not in (UNKNOWN, FAILED, WITHDRAWN):
        raise Refused("not_needed", say("Brevet er på vei eller framme. Det kan ikke sendes en gang til."))
    _note(tenant, case, letter, "letter.sent_again", reason, now=now, actor=actor)
    if letter.state == UNKNOWN:
        failed(tenant, case, letter, "sent_again", {"dispatch": str(letter.id)}, now=now)
    letter.attention = ""
    if letter.step != MESSAGE:
        if case.stage != Stage.CLOSED:
            case.next_action_on, case.waits_for = now.date(), ""
            lift_hold_for_letter(tenant, case, now=now, actor=actor)
        return
    if letter.notice_of is not None:
        tell_again(tenant, case, letter, now=now)
        return
    tenant.session.flush()
    ask_soon(tenant, [queue_again(tenant, letter, now.date(), now=now)])


def count_as_sent(tenant: Tenant, dispatch_id: UUID, on: date, reason: str, *, now: datetime, actor: str) -> None:
    """A person vouches that the letter was sent on that day, and says how they know.

    Raises NotFound, BadInput (`on`, `reason`), Refused when it is not theirs to say.
    """
    case, letter, reason = _locked(tenant, dispatch_id, reason)
    if not (letter.state in (UNKNOWN, HANDED_OVER) or (letter.state == READY and letter.attention)):
        raise Refused("not_yours", say("Dette brevet venter ikke på at noen sier når det ble sendt."))
    if not letter.decided_on <= on <= now.date():
        raise BadInput({"on": [say("Velg en dag fra brevet ble bestemt og til i dag.")]})
    letter.handed_over_on, letter.evidence = letter.handed_over_on or on, f"{actor}: {reason}"
    body = {"dispatch": str(letter.id), "kind": letter.kind, "sent_on": on.isoformat(), "reason": reason, "by": actor}
    proven_sent(tenant, case, letter, on, body, now=now)
    letter.sent_on = on


def stop(tenant: Tenant, dispatch_id: UUID, reason: str, *, now: datetime, actor: str) -> None:
    """Stop a letter that has not left, or give up one nobody knows about: its fee is taken back.

    Raises NotFound, BadInput (`reason`), Refused when it is being handed over or has left.
    """
    case, letter, reason = _locked(tenant, dispatch_id, reason)
    if letter.state in (QUEUED, READY):
        withdraw(tenant, case, letter, "by_hand", now=now, actor=actor)
        if letter.step != MESSAGE and case.stage != Stage.CLOSED:
            case.next_action_on, case.waits_for = None, "letter_stopped"
    elif letter.state == UNKNOWN:
        failed(tenant, case, letter, "by_hand", {"dispatch": str(letter.id)}, now=now)
    else:
        raise Refused("already_out", say("Brevet er alt levert til utsending."))
    letter.attention = ""
    _note(tenant, case, letter, "letter.stopped", reason, now=now, actor=actor)


def put_aside(tenant: Tenant, dispatch_id: UUID, reason: str, *, now: datetime, actor: str) -> None:
    """Off the list: a person has seen it and done what was to be done. Raises NotFound, BadInput, Refused."""
    case, letter, reason = _locked(tenant, dispatch_id, reason)
    if letter.state in (UNKNOWN, READY, QUEUED, SENDING):
        raise Refused("undecided", say("Si først hva som skal skje med brevet."))
    letter.attention = ""
    _note(tenant, case, letter, "letter.seen", reason, now=now, actor=actor)


def _locked(tenant: Tenant, dispatch_id: UUID, reason: str) -> tuple[Case, Dispatch, str]:
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise BadInput({"reason": [say("Skriv kort hvorfor. Det står i historikken.")]})
    cases = lock_cases_of(tenant, [dispatch_id])
    letter = tenant.session.scalar(
        sa.select(Dispatch)
        .where(Dispatch.tenant_id == tenant.id, Dispatch.id == dispatch_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if letter is None:
        raise NotFound(say("Vi finner ikke brevet."))
    letter.touched_at = clock.wall_now()
    return cases[letter.case_id], letter, reason


def _note(tenant: Tenant, case: Case, letter: Dispatch, event: str, reason: str, *, now: datetime, actor: str) -> None:
    body = {"dispatch": str(letter.id), "kind": letter.kind, "state": letter.state, "reason": reason}
    record_on_case(tenant, case, event, body, now=now, actor=actor)
