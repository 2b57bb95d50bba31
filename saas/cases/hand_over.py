"""Hand-over, first half: each letter is decided once more (crossing-letter guard), finds its way, is written and kept.

queued → ready, in one transaction; a crash before its commit leaves nothing. The second half is `sending.py`.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa

from saas.cases.decide_again import TOO_SHORT, decide_again, held, take_its_place
from saas.cases.facts import Known, known_of
from saas.cases.lifecycle import NO_LAWFUL_WAY, NOT_WRITTEN, lock_cases_of, withdraw
from saas.cases.messages import no_longer_true, queue_again
from saas.cases.models import Case
from saas.cases.notices import needless, tell_by_next_way
from saas.cases.ways import Ways
from saas.cases.writing import Writing
from saas.dispatch import ask
from saas.dispatch.ladder import capped_kinds, media_for
from saas.dispatch.models import MESSAGE, QUEUED, READY, Dispatch
from saas.dispatch.outbox import mark_ready
from saas.documents.mandatory import IncompleteLetter
from saas.hooks import Channel, Medium
from saas.kernel import clock
from saas.kernel.bulk import many_objects
from saas.kernel.ids import new_id
from saas.rules.contact import next_contact_slot
from saas.rules.deadlines import is_long_enough
from saas.rules.facts import DebtorKind, HoldReason
from saas.rules.rates import UnknownLaw
from tenants.resolve import Tenant

A_BATCH_TAKES = timedelta(seconds=ask.SECONDS)
"""At the most: a job that lasts longer is ended."""

PROTECTED, NO_WAY, NOT_WANTED = "protected", "no_way", "not_wanted"
BY_HAND = "by_hand"
"""The channel of a letter a person carries out: one to a protected address."""


@dataclass(slots=True)
class Prepared:
    """What became of the letters asked for."""

    batches: list[UUID] = field(default_factory=list)  # one a channel
    ready: list[UUID] = field(default_factory=list)
    waiting: list[UUID] = field(default_factory=list)  # for contact hours, the cap, or a channel that is down
    withdrawn: list[UUID] = field(default_factory=list)
    queued_anew: list[UUID] = field(default_factory=list)  # a new letter took a withdrawn one's place


@many_objects()
def prepare(tenant: Tenant, dispatch_ids: Sequence[UUID], *, now: datetime) -> Prepared:
    """Decide each queued letter again; render and store those that still hold, withdraw the others.

    Letters no longer queued are passed over, so running it twice is harmless. A letter that would leave its reader
    fewer than 14 days from the day it will really be sent is withdrawn and decided afresh with a new deadline.
    Whatever is not paper waits for contact hours, unwritten, so that its dates are those of the day it leaves.
    """
    cases = lock_cases_of(tenant, dispatch_ids)
    waiting = tenant.session.scalars(
        sa.select(Dispatch)
        .where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.id.in_(dispatch_ids),
            Dispatch.state == QUEUED,
            sa.or_(Dispatch.not_before.is_(None), Dispatch.not_before <= now),
        )
        .order_by(Dispatch.case_id)
        .with_for_update(skip_locked=True)
    ).all()
    known = known_of(tenant, [d.case_id for d in waiting], now.date())
    work = _Work(tenant, now, list(cases.values()))
    for dispatch in waiting:
        work.prepare(cases[dispatch.case_id], dispatch, known[dispatch.case_id])
    work.writing.finish()
    for of_channel in work.ready.values():
        batch_id = new_id()
        mark_ready(tenant, of_channel, batch_id)
        work.result.batches.append(batch_id)
        work.result.ready += of_channel
    return work.result


class _Work:
    """One call's tenant, moment, ways and pen, and what has come of it so far."""

    def __init__(self, tenant: Tenant, now: datetime, cases: Sequence[Case]) -> None:
        self.tenant, self.now, self.today = tenant, now, now.date()
        self.ways, self.writing = Ways(tenant, cases, now), Writing(tenant, cases, now)
        self.result = Prepared()
        self.ready: defaultdict[str, list[UUID]] = defaultdict(list)

    def prepare(self, case: Case, dispatch: Dispatch, known: Known) -> None:
        if dispatch.notice_of is not None:
            self._notice(case, dispatch, known)
        elif dispatch.step == MESSAGE:
            self._message(case, dispatch, known)
        else:
            self._step(case, dispatch, known)

    def _step(self, case: Case, dispatch: Dispatch, known: Known) -> None:
        way = self.ways.choose(case, dispatch.kind, known.facts)
        channel = way.channel
        sending_on = self._goes_now(dispatch, channel) if channel else self.today
        if sending_on is None:
            return
        again, why = decide_again(self.tenant, dispatch, known, sending_on, self.today)
        if why is None and way.holds:
            [hold, *_] = way.holds
            why, again = "plugin_trouble", held(again, self.today, hold.reason, hold.note, hold.until)
        if why is None and channel is None:
            why, again = NO_WAY, held(again, self.today, HoldReason.PERSON, f"{NO_LAWFUL_WAY}.")
        if why is None and channel is not None:
            try:
                self.writing.write(case, dispatch, known.facts, sending_on)
            except UnknownLaw as unknown:
                why, again = "unknown_law", held(again, self.today, HoldReason.UNKNOWN_LAW, str(unknown))
            except IncompleteLetter as incomplete:
                why, again = "incomplete", held(again, self.today, HoldReason.PERSON, f"{NOT_WRITTEN}: {incomplete}")
            else:
                self._is_ready(dispatch, channel)
                return
        assert why is not None
        self.result.withdrawn.append(dispatch.id)
        self.result.queued_anew += take_its_place(self.tenant, case, dispatch, why, again, now=self.now)

    def _message(self, case: Case, dispatch: Dispatch, known: Known) -> None:
        why = no_longer_true(self.tenant, case, dispatch, known.facts)
        if why is not None:
            self._withdraw(case, dispatch, why)
            return
        channel = self.ways.choose(case, dispatch.kind, known.facts).channel  # what was asked for is never held back
        if channel is None:
            self._no_way(case, dispatch, known)
            return
        sending_on = self._goes_now(dispatch, channel)
        if sending_on is None or self._over_the_cap(case, dispatch, channel):
            return
        if dispatch.deadline_on is not None and not is_long_enough(sending_on, dispatch.deadline_on):
            self._withdraw(case, dispatch, TOO_SHORT)
            self.result.queued_anew.append(queue_again(self.tenant, dispatch, sending_on, now=self.now))
            return
        if self._written(case, dispatch, known, sending_on):
            self._is_ready(dispatch, channel)

    def _notice(self, case: Case, dispatch: Dispatch, known: Known) -> None:
        """That a letter lies in the portal: nothing is written, for it says no more than that."""
        channel, why = self.ways.channels.get(dispatch.channel), needless(self.tenant, case, dispatch, known.facts)
        until = self.ways.cap_lasts_until(case)
        if channel is None or why is not None:
            self._withdraw(case, dispatch, why or NO_WAY)
        elif not self.ways.is_open(case, channel.medium):
            self._withdraw(case, dispatch, NOT_WANTED)
            tell_by_next_way(self.tenant, case, dispatch, now=self.now)
        elif until is not None and dispatch.replaces is None:
            self._withdraw(case, dispatch, "contact_cap")
        elif until is not None:  # the last one did not arrive, so nothing has been said of this letter
            self._waits_until(dispatch, until)
        elif self._goes_now(dispatch, channel) is not None:
            self.ways.note_approach(case)
            dispatch.state = READY
            self._is_ready(dispatch, channel)

    # --- on the way ---

    def _goes_now(self, dispatch: Dispatch, channel: Channel) -> date | None:
        """The day it is expected to be sent when handed over now; None when it waits."""
        dispatch.channel, dispatch.medium = channel.slug, channel.medium
        dispatch.touched_at = clock.wall_now()
        slot = leaves_at(channel.medium, self.now)
        if slot > self.now:
            dispatch.not_before = slot
        if slot > self.now or channel.slug in self.ways.closed:
            self.result.waiting.append(dispatch.id)
            return None
        return channel.expected_sending(self.now)

    def _over_the_cap(self, case: Case, dispatch: Dispatch, channel: Channel) -> bool:
        """A message that would be one approach too many this week waits; in the portal it disturbs nobody."""
        if dispatch.kind not in capped_kinds() or channel.medium is not Medium.DIGITAL_POST:
            return False
        until = self.ways.cap_lasts_until(case)
        if until is None:
            self.ways.note_approach(case)
            return False
        self._waits_until(dispatch, until)
        return True

    def _waits_until(self, dispatch: Dispatch, day: date) -> None:
        dispatch.not_before = next_contact_slot(datetime.combine(day, time(), clock.OSLO))
        self.result.waiting.append(dispatch.id)

    def _no_way(self, case: Case, dispatch: Dispatch, known: Known) -> None:
        """A protected address is a person's, who gets the letter written; what only a portal would show is let go."""
        debtor = self.ways.debtors[case.debtor_id]
        if debtor.protected_address:
            if self._written(case, dispatch, known, self.today):
                dispatch.channel, dispatch.medium, dispatch.attention = BY_HAND, Medium.PAPER, PROTECTED
            return
        on_paper = Medium.PAPER in media_for(dispatch.kind, private=debtor.kind != DebtorKind.COMPANY)
        self._withdraw(case, dispatch, NO_WAY)
        dispatch.attention = NO_WAY if on_paper else ""

    def _written(self, case: Case, dispatch: Dispatch, known: Known, sending_on: date) -> bool:
        try:
            self.writing.write(case, dispatch, known.facts, sending_on)
        except (UnknownLaw, IncompleteLetter) as wrong:
            why = "unknown_law" if isinstance(wrong, UnknownLaw) else "incomplete"
            self._withdraw(case, dispatch, why)
            dispatch.attention = why
            return False
        return True

    def _is_ready(self, dispatch: Dispatch, channel: Channel) -> None:
        dispatch.channel, dispatch.medium, dispatch.not_before = channel.slug, channel.medium, None
        self.ready[channel.slug].append(dispatch.id)

    def _withdraw(self, case: Case, dispatch: Dispatch, why: str) -> None:
        withdraw(self.tenant, case, dispatch, why, now=self.now, actor="worker")
        self.result.withdrawn.append(dispatch.id)


def leaves_at(medium: str, now: datetime) -> datetime:
    """When what is begun now may leave by this medium: now, or from the next opening (law G2, N10).

    Everything but paper keeps the hours, and is not begun so late that the last of a batch would leave after closing.
    """
    if medium == Medium.PAPER:
        return now
    slot = next_contact_slot(now)
    ends = slot + A_BATCH_TAKES
    last = next_contact_slot(ends)
    return slot if last == ends else last
