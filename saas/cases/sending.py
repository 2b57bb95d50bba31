"""Hand-over, second half: written letters are given to their channel, and what became of each is noted.

ready → sending, committed before the channel is called; then each outcome as it becomes known. No transaction is open
while others work. A crash in between leaves letters *sending*: an idempotent channel gets the very same again, another
is asked what became of them, and what it cannot tell is a person's to say. So nothing is sent twice blindly.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from queue import Empty, SimpleQueue
from threading import Lock
from uuid import UUID

import sqlalchemy as sa
import structlog

from saas.cases.decide_again import decide_again, take_its_place
from saas.cases.facts import known_of
from saas.cases.hand_over import leaves_at
from saas.cases.lifecycle import lock_cases_of, withdraw
from saas.cases.messages import no_longer_true
from saas.cases.models import Case
from saas.cases.outcomes import note_outcomes
from saas.cases.outgoing import outgoing
from saas.cases.proof import nobody_knows
from saas.cases.ways import Ways
from saas.dispatch import outbox
from saas.dispatch.health import closed_channels, note_down
from saas.dispatch.models import MESSAGE, READY, SENDING, Dispatch
from saas.dispatch.outbox import batches_to_give, mark_not_tried, queued_letters
from saas.hooks import Account, Channel, ChannelDown, Outcome, OutcomeKind, OutgoingBatch
from saas.kernel import clock
from saas.kernel.ids import NIL
from tenants.resolve import Tenant, open_tenant

BATCHES_A_JOB = 5
GATHER_SECONDS = 0.25
"""So long outcomes of an idempotent channel are gathered to be noted together: one lost with us is asked for again."""

AT_A_TIME = 3
"""So many batches of a job are under way: one is taken hold of, one begins, one ends. How many calls are made at a
time, each channel's agreement says."""

MOST_TRIES = 10
"""After so many unknown outcomes of an idempotent channel a person looks."""

log = structlog.get_logger("dispatch")


@dataclass(frozen=True, slots=True)
class Given:
    """What became of a batch: letters that took others' place, to be handed over; and how many outcomes of a kind."""

    queued_anew: list[UUID] = field(default_factory=list)
    outcomes: Counter[OutcomeKind] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Claimed:
    """Letters that are ours to give. `begun_before`: somebody else began to, and was not heard of again."""

    channel: Channel
    account: Account
    batch: OutgoingBatch
    begun_before: bool = False

    @property
    def look_up(self) -> bool:
        """They may have been taken, and the channel does not forgive a repeat: it is asked."""
        return self.begun_before and not self.channel.idempotent

    @property
    def may_be_out(self) -> bool:
        """They may have been taken, and are given once more."""
        return self.begun_before and self.channel.idempotent


@dataclass(frozen=True, slots=True)
class _Turns:
    """Of a job's batches one is held and not begun, so that it is decided as late as can be, and one is being begun."""

    next: Lock = field(default_factory=Lock)
    begin: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True)
class LettersToDo:
    """What a tenant has promised and can do now: letters to prepare, batches to give."""

    queued: list[UUID]
    batches: list[UUID]

    @property
    def any(self) -> bool:
        """Whether there is anything."""
        return bool(self.queued or self.batches)


def letters_to_do(tenant: Tenant, *, lane: int = 0, lanes: int = 1, limit: int) -> LettersToDo:
    """The next letters and batches of a lane: not such as wait for their hour, or for a channel that is closed."""
    wall_now = clock.wall_now()
    closed = closed_channels(tenant, wall_now)
    usable = [channel.slug for channel in tenant.hooks_for(NIL).channels() if channel.slug not in closed]
    now = clock.now(tenant)
    return LettersToDo(
        queued_letters(tenant, now=now, usable=usable, lane=lane, lanes=lanes, limit=limit),
        batches_to_give(tenant, now=now, wall_now=wall_now, usable=usable, lane=lane, lanes=lanes, limit=BATCHES_A_JOB),
    )


def send_batches(tenant_id: UUID, batch_ids: Sequence[UUID], *, fresh: bool = False) -> Iterator[tuple[UUID, Given]]:
    """Give ready batches to their channels, or such as somebody left half given. Harmless when run twice.

    While one is given the next is taken hold of; it is begun when the one before it is done, or half done where the
    channel forgives a repeat, and let go of when its channel has gone down meanwhile.
    `fresh`: their letters were decided a moment ago, and are not once more.
    """
    turns = _Turns()
    with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="batch") as pool:
        under_way = [(batch_id, pool.submit(_send, tenant_id, batch_id, fresh, turns)) for batch_id in batch_ids]
        try:
            for batch_id, given in under_way:
                yield batch_id, given.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _send(tenant_id: UUID, batch_id: UUID, fresh: bool, turns: _Turns) -> Given:
    with ExitStack() as my_turn:
        with turns.next:
            claimed, queued_anew = _take_hold(tenant_id, batch_id, fresh)
            if claimed is None:
                return Given(queued_anew)
            my_turn.enter_context(turns.begin)
        if not _is_closed(tenant_id, claimed.channel):
            return _given(tenant_id, claimed, queued_anew, my_turn)
    _let_go(tenant_id, claimed, {letter.dispatch_id for letter in claimed.batch.letters})
    return Given(queued_anew)


def _take_hold(tenant_id: UUID, batch_id: UUID, fresh: bool) -> tuple[_Claimed | None, list[UUID]]:
    with open_tenant(tenant_id) as tenant:
        now, queued_anew = clock.now(tenant), list[UUID]()
        claimed = _take_up(tenant, batch_id) or _claim(tenant, batch_id, now, queued_anew, fresh=fresh)
    return claimed, queued_anew


def _is_closed(tenant_id: UUID, channel: Channel) -> bool:
    """Whether the channel has gone down since the batch was taken hold of."""
    with open_tenant(tenant_id) as tenant:
        return channel.slug in closed_channels(tenant, clock.wall_now())


def _let_go(tenant_id: UUID, claimed: _Claimed, not_tried: Collection[str]) -> None:
    """Not given after all. Such as somebody else began to give may be out: they are taken up when the lease is over."""
    if not_tried and not claimed.begun_before:
        with open_tenant(tenant_id) as tenant:
            mark_not_tried(tenant, [UUID(dispatch_id) for dispatch_id in not_tried])


def _given(tenant_id: UUID, claimed: _Claimed, queued_anew: list[UUID], my_turn: ExitStack) -> Given:
    given, letters = Given(queued_anew), claimed.batch.letters
    left = {letter.dispatch_id for letter in letters}
    for outcomes, down in _look_up(claimed) if claimed.look_up else _give(claimed):
        left -= {outcome.dispatch_id for outcome in outcomes}
        given.outcomes.update(outcome.kind for outcome in outcomes)
        with open_tenant(tenant_id) as tenant:
            anew = note_outcomes(
                tenant, claimed.channel, outcomes, may_be_out=claimed.may_be_out, now=clock.now(tenant)
            )
            if down:
                note_down(tenant, claimed.channel.slug, down, clock.wall_now())
        given.queued_anew.extend(anew)
        if claimed.channel.idempotent and len(left) <= len(letters) // 2:
            my_turn.close()
    _let_go(tenant_id, claimed, left)
    return given


# --- taking hold of a batch ------------------------------------------------------------------------------------------


def _claim(tenant: Tenant, batch_id: UUID, now: datetime, queued_anew: list[UUID], *, fresh: bool) -> _Claimed | None:
    """ready → sending for those letters of the batch that may still leave."""
    cases, rows = _locked(tenant, batch_id, Dispatch.state == READY)
    if not rows:
        return None
    ways = Ways(tenant, list(cases.values()), now)
    channel = ways.channels.get(rows[0].channel)
    if channel is None or channel.slug in ways.closed:
        return None
    if _wait_for_their_hour(rows, channel, now):
        return None
    if not fresh:
        rows = _still_right(tenant, cases, rows, channel, now, queued_anew)
    return _begin(tenant, cases, rows, ways, channel, now.date()) if rows else None


def _take_up(tenant: Tenant, batch_id: UUID) -> _Claimed | None:
    """Letters somebody began to give and was not heard of again: their lease is over, and now it is ours."""
    wall_now = clock.wall_now()
    over = sa.and_(Dispatch.state == SENDING, Dispatch.sending_since < wall_now - outbox.LEASE)
    cases, rows = _locked(tenant, batch_id, over)
    if not rows:
        return None
    now = clock.now(tenant)
    ways = Ways(tenant, list(cases.values()), now)
    channel = ways.channels.get(rows[0].channel)
    if channel is None or channel.slug in ways.closed:
        return None
    if channel.idempotent and _wait_for_their_hour(rows, channel, now):  # to ask what became of them disturbs nobody
        return None
    for row in [row for row in rows if row.tries >= MOST_TRIES]:
        nobody_knows(tenant, cases[row.case_id], row, "too_many_tries", now=now)
    rows = [row for row in rows if row.state == SENDING]
    claimed = _begin(tenant, cases, rows, ways, channel, now.date()) if rows else None
    return claimed and replace(claimed, begun_before=True)


def _wait_for_their_hour(rows: Sequence[Dispatch], channel: Channel, now: datetime) -> bool:
    """Whether it is too late or too early to give them now; then they wait."""
    opens = leaves_at(channel.medium, now)
    if opens == now:
        return False
    for row in rows:
        row.not_before = opens
    return True


def _locked(
    tenant: Tenant, batch_id: UUID, which: sa.ColumnElement[bool]
) -> tuple[dict[UUID, Case], Sequence[Dispatch]]:
    """Cases before letters, as everybody locks them."""
    mine = sa.and_(Dispatch.tenant_id == tenant.id, Dispatch.batch_id == batch_id, which)
    cases = lock_cases_of(tenant, tenant.session.scalars(sa.select(Dispatch.id).where(mine)).all())
    rows = sa.select(Dispatch).where(mine, Dispatch.case_id.in_(cases)).order_by(Dispatch.id).with_for_update()
    return cases, tenant.session.scalars(rows.execution_options(populate_existing=True)).all()


def _still_right(
    tenant: Tenant,
    cases: dict[UUID, Case],
    rows: Sequence[Dispatch],
    channel: Channel,
    now: datetime,
    queued_anew: list[UUID],
) -> list[Dispatch]:
    """Decide once more what was written a while ago; what may no longer leave makes way."""
    known, sending_on, right = known_of(tenant, [row.case_id for row in rows], now.date()), None, []
    sending_on = channel.expected_sending(now)
    for row in rows:
        case = cases[row.case_id]
        if row.notice_of is not None:
            right.append(row)
        elif row.step == MESSAGE:
            why = no_longer_true(tenant, case, row, known[case.id].facts)
            if why is None:
                right.append(row)
            else:
                withdraw(tenant, case, row, why, now=now, actor="worker")
        else:
            again, why = decide_again(tenant, row, known[case.id], sending_on, now.date())
            if why is None:
                right.append(row)
            else:
                queued_anew += take_its_place(tenant, case, row, why, again, now=now)
    return right


def _begin(
    tenant: Tenant,
    cases: dict[UUID, Case],
    rows: Sequence[Dispatch],
    ways: Ways,
    channel: Channel,
    made_on: date,
) -> _Claimed:
    letters = tuple(outgoing(tenant, rows, lambda row: ways.party(cases[row.case_id])))
    for row in rows:
        row.state, row.sending_since, row.tries, row.not_before = SENDING, clock.wall_now(), row.tries + 1, None
        row.touched_at = row.sending_since
    batch = OutgoingBatch(str(rows[0].batch_id), tenant.slug, made_on, letters)
    return _Claimed(channel, ways.accounts[channel.slug], batch)


# --- the channel -----------------------------------------------------------------------------------------------------


def _give(claimed: _Claimed) -> Iterator[tuple[list[Outcome], str]]:
    """What becomes known, in the portions it does; beside it why the channel is down, or ''.

    The channel works in a thread of its own, so that noting one outcome does not keep the next letter waiting.
    """
    told: SimpleQueue[Outcome | str | None] = SimpleQueue()
    gather_seconds = GATHER_SECONDS if claimed.channel.idempotent else 0.0
    with ThreadPoolExecutor(1, thread_name_prefix=claimed.channel.slug) as pool:
        pool.submit(_pump, claimed, told)
        working = True
        while working:
            outcomes, down = list[Outcome](), ""
            for one in _portion(told, gather_seconds):
                if one is None:
                    working = False
                elif isinstance(one, str):
                    down = one
                else:
                    outcomes.append(one)
            if outcomes or down:
                yield [_settled(claimed, outcome) for outcome in outcomes], down


def _portion(told: "SimpleQueue[Outcome | str | None]", gather_seconds: float) -> Iterator[Outcome | str | None]:
    """What there is now, waiting for the first and, for a moment, for those that follow it."""
    one = told.get()
    until = clock.monotonic() + gather_seconds
    while True:
        yield one
        if one is None:
            return
        try:
            one = told.get(timeout=max(0.0, until - clock.monotonic()))
        except Empty:
            return


def _pump(claimed: _Claimed, told: "SimpleQueue[Outcome | str | None]") -> None:
    left = {letter.dispatch_id for letter in claimed.batch.letters}
    try:
        for outcome in claimed.channel.hand_over(claimed.account, claimed.batch, clock.wall_now()):
            if outcome.dispatch_id in left:
                left.discard(outcome.dispatch_id)
                told.put(outcome)
    except ChannelDown as down:
        told.put(str(down) or "down")
    except Exception as error:  # a mistake in the channel: what it was given may have left
        log.exception("channel_broke", channel=claimed.channel.slug)
        for dispatch_id in left:
            told.put(Outcome(dispatch_id, OutcomeKind.UNKNOWN, type(error).__name__))
        told.put(f"broke:{type(error).__name__}")
    finally:
        told.put(None)


def _settled(claimed: _Claimed, outcome: Outcome) -> Outcome:
    """An unknown outcome of a channel that does not forgive a repeat, looked up."""
    if outcome.kind is not OutcomeKind.UNKNOWN or claimed.channel.idempotent:
        return outcome
    letter = next(one for one in claimed.batch.letters if one.dispatch_id == outcome.dispatch_id)
    try:
        return claimed.channel.look_up(claimed.account, letter, clock.wall_now()) or outcome
    except ChannelDown:
        return outcome


def _look_up(claimed: _Claimed) -> Iterable[tuple[list[Outcome], str]]:
    """What became of letters somebody else gave. A channel that is down is asked when the lease is over again."""
    for letter in claimed.batch.letters:
        try:
            known = claimed.channel.look_up(claimed.account, letter, clock.wall_now())
        except ChannelDown as down:
            yield [], str(down) or "down"
            return
        yield [known or Outcome(letter.dispatch_id, OutcomeKind.UNKNOWN, "lost")], ""
