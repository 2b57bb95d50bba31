"""What a channel says when it is given a letter, and what we do next for each answer."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.decide_again import decide_again, held, take_its_place
from saas.cases.facts import known_of
from saas.cases.lifecycle import NOT_TAKEN, lock_cases_of, withdraw
from saas.cases.messages import queue_again
from saas.cases.models import Case
from saas.cases.notices import tell_by_next_way, tell_of
from saas.cases.proof import nobody_knows, proven_sent
from saas.cases.reach import note_nobody_there
from saas.cases.ways import REFUSED, UNREACHABLE
from saas.dispatch.health import count_outcomes, note_down, note_stopped, note_works
from saas.dispatch.models import HANDED_OVER, MESSAGE, READY, SENDING, Dispatch
from saas.hooks import Channel, Medium, Outcome, OutcomeKind
from saas.kernel import clock
from saas.rules.facts import HoldReason
from tenants.resolve import Tenant

_ANSWERED = (OutcomeKind.SENT, OutcomeKind.TAKEN, OutcomeKind.UNREACHABLE, OutcomeKind.REFUSED)


def note_outcomes(
    tenant: Tenant, channel: Channel, outcomes: Sequence[Outcome], *, may_be_out: bool = False, now: datetime
) -> list[UUID]:
    """Note what became of letters given to a channel, each once. Returns letters that took others' place.

    `may_be_out`: an earlier try may have been taken, so that this one was not says too little to let go of them.
    """
    if not outcomes:
        return []
    ids = [UUID(outcome.dispatch_id) for outcome in outcomes]
    cases = lock_cases_of(tenant, ids)
    rows = {
        row.id: row
        for row in tenant.session.scalars(
            sa.select(Dispatch)
            .where(Dispatch.tenant_id == tenant.id, Dispatch.id.in_(ids), Dispatch.state == SENDING)
            .order_by(Dispatch.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    if any(outcome.kind in _ANSWERED for outcome in outcomes):
        note_works(tenant, channel.slug, clock.wall_now())
    queued_anew: list[UUID] = []
    for outcome in outcomes:
        row = rows.pop(UUID(outcome.dispatch_id), None)
        if row is None:
            continue  # a receipt was quicker, or it has been noted
        row.touched_at, row.sending_since = clock.wall_now(), None
        row.evidence, row.external_id = outcome.evidence or row.evidence, outcome.external_id or row.external_id
        row.cost_ore = row.cost_ore + outcome.cost_ore
        queued_anew += _NEXT[outcome.kind](tenant, cases[row.case_id], row, channel, outcome, now)
        if may_be_out and row.state == READY:
            row.state, row.sending_since = SENDING, clock.wall_now()
    count_outcomes(tenant, channel.slug, Counter(outcome.kind for outcome in outcomes), clock.wall_now())
    return queued_anew


def _sent(tenant: Tenant, case: Case, row: Dispatch, channel: Channel, outcome: Outcome, now: datetime) -> list[UUID]:
    row.handed_over_on = now.date()
    body = {"dispatch": str(row.id), "kind": row.kind, "channel": channel.slug, "external_id": outcome.external_id}
    proven_sent(tenant, case, row, outcome.sent_on or now.date(), body, now=now)
    if channel.medium is Medium.PORTAL:
        tell_of(tenant, case, row, now=now)
    return []


def _taken(tenant: Tenant, case: Case, row: Dispatch, channel: Channel, outcome: Outcome, now: datetime) -> list[UUID]:
    row.state, row.handed_over_on = HANDED_OVER, now.date()
    return []


def _unreachable(
    tenant: Tenant, case: Case, row: Dispatch, channel: Channel, outcome: Outcome, now: datetime
) -> list[UUID]:
    """Confirmed: not by this medium. Remembered of the debtor, and the same decision goes out by the next rung."""
    note_nobody_there(tenant, case.debtor_id, channel.medium, on=now.date(), source=channel.slug)
    return _next_rung(tenant, case, row, f"{UNREACHABLE}{channel.slug}", outcome.code, now)


def _refused(
    tenant: Tenant, case: Case, row: Dispatch, channel: Channel, outcome: Outcome, now: datetime
) -> list[UUID]:
    """It will not take this letter: the next rung, and a person sees why."""
    anew = _next_rung(tenant, case, row, f"{REFUSED}{channel.slug}", outcome.code, now)
    row.attention = row.attention if row.notice_of else "refused"
    row.evidence = outcome.evidence or outcome.code
    return anew


def _next_rung(tenant: Tenant, case: Case, row: Dispatch, why: str, code: str, now: datetime) -> list[UUID]:
    """Withdraw it, and have the same told by the next way: a new letter with dates of its own."""
    if row.step == MESSAGE:
        withdraw(tenant, case, row, why, now=now, actor="worker", not_taken=True)
        if row.notice_of is None:
            return [queue_again(tenant, row, now.date(), now=now)]
        tell_by_next_way(tenant, case, row, now=now)
        return []
    known = known_of(tenant, [case.id], now.date())[case.id]
    again, _ = decide_again(tenant, row, known, now.date(), now.date())
    if row.medium == Medium.PAPER:  # the last rung: a person looks before anything is tried again
        note = f"{NOT_TAKEN}: {code}" if code else f"{NOT_TAKEN}."
        again = held(again, now.date(), HoldReason.PERSON, note)
    return take_its_place(tenant, case, row, why, again, now=now, not_taken=True)


def _stopped(
    tenant: Tenant, case: Case, row: Dispatch, channel: Channel, outcome: Outcome, now: datetime
) -> list[UUID]:
    row.state = READY
    note_stopped(tenant, channel.slug, outcome.code, wall_now=clock.wall_now(), now=now)
    return []


def _later(tenant: Tenant, case: Case, row: Dispatch, channel: Channel, outcome: Outcome, now: datetime) -> list[UUID]:
    row.state = READY
    note_down(tenant, channel.slug, outcome.code or "try_later", clock.wall_now())
    return []


def _unknown(
    tenant: Tenant, case: Case, row: Dispatch, channel: Channel, outcome: Outcome, now: datetime
) -> list[UUID]:
    """May have been taken. An idempotent channel is given the same again once the lease is over; else a person says."""
    if channel.idempotent:
        row.sending_since = clock.wall_now()
        note_down(tenant, channel.slug, outcome.code or "unknown", clock.wall_now())
    else:
        row.handed_over_on = now.date()
        nobody_knows(tenant, case, row, outcome.code, now=now)
    return []


_Next = Callable[[Tenant, Case, Dispatch, Channel, Outcome, datetime], list[UUID]]
_NEXT: dict[OutcomeKind, _Next] = {
    OutcomeKind.SENT: _sent,
    OutcomeKind.TAKEN: _taken,
    OutcomeKind.UNREACHABLE: _unreachable,
    OutcomeKind.REFUSED: _refused,
    OutcomeKind.STOPPED: _stopped,
    OutcomeKind.TRY_LATER: _later,
    OutcomeKind.UNKNOWN: _unknown,
}
