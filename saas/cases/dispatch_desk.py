"""What the desk reads of dispatch: a day's letters, a person's list, how the channels are, and letters that crossed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from saas.cases.models import Case
from saas.dispatch.models import ChannelHealth, ChannelHour
from saas.kernel.clock import OSLO
from saas.kernel.db import driver
from saas.kernel.ids import NIL
from saas.rules.days import add_months
from saas.rules.money import Ore
from tenants.resolve import Tenant

PAGE = 50
HOURS = 24


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter with its proof, as the desk shows it."""

    id: UUID
    case_number: int
    debtor_name: str
    kind: str
    is_step: bool
    is_notice: bool
    channel: str
    state: str
    why: str
    attention: str
    decided_on: date
    deadline_on: date | None
    handed_over_on: date | None
    sent_on: date | None
    opened_on: date | None
    external_id: str
    evidence: str
    cost_ore: Ore
    waits_until: datetime | None  # Oslo time
    tries: int

    @property
    def can_stop(self) -> bool:
        """It has not left, or nobody knows."""
        return self.state in ("queued", "ready", "unknown")

    @property
    def can_send_again(self) -> bool:
        """Nobody has it, as far as we know."""
        return self.state in ("unknown", "failed", "withdrawn")

    @property
    def can_count(self) -> bool:
        """A person may say that it was sent, and when."""
        return self.state in ("unknown", "handed_over") or (self.state == "ready" and bool(self.attention))

    @property
    def can_put_aside(self) -> bool:
        """There is nothing left to decide of it."""
        return bool(self.attention) and self.state in ("failed", "withdrawn", "sent", "handed_over")


@dataclass(frozen=True, slots=True)
class Day:
    """A day's letters, by channel and state, and a page of them."""

    on: date
    counts: dict[str, dict[str, int]]  # channel → state → letters
    cost_ore: Ore
    letters: list[LetterRow]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Hour:
    """What a channel did in one hour."""

    at: datetime  # Oslo time
    taken: int
    turned_away: int
    in_trouble: int


@dataclass(frozen=True, slots=True)
class ChannelView:
    """How a channel is, and its last day hour by hour."""

    slug: str
    name: str
    state: str  # ok, down, stopped
    why: str
    since: datetime | None
    last_ok_at: datetime | None
    try_again_at: datetime | None
    hours: list[Hour] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Letters it took in the last day."""
        return sum(hour.taken for hour in self.hours)

    @property
    def asked(self) -> int:
        """Letters it was given, whatever it said."""
        return sum(hour.taken + hour.turned_away + hour.in_trouble for hour in self.hours)


@dataclass(frozen=True, slots=True)
class Crossings:
    """A month's letters that met a payment, an objection or a deferral on the way (M09)."""

    month: date  # its first day
    sent: int
    stopped: int  # withdrawn before they left
    crossed: int  # left, and something had happened by the day they were sent

    @property
    def per_thousand(self) -> float:
        """Of a thousand letters sent."""
        return round(1_000 * self.crossed / self.sent, 1) if self.sent else 0.0


_ROW = """
select x.id, c.number, c.debtor_name, x.kind, x.step <> '' as is_step, x.notice_of is not null as is_notice, x.channel,
       x.state, x.why, x.attention, x.decided_on, x.deadline_on, x.handed_over_on, x.sent_on, x.opened_on,
       x.external_id, x.evidence, x.cost_ore, x.not_before, x.tries
from dispatch x join collection_case c on c.tenant_id = x.tenant_id and c.id = x.case_id
where x.tenant_id = %(tenant)s
"""


def day_of(tenant: Tenant, on: date, *, state: str = "", channel: str = "", page: int = 1) -> Day:
    """The letters decided, handed over or sent on a day."""
    asked = {"tenant": tenant.id, "on": on, "state": state, "channel": channel}
    connection = driver(tenant.session)
    that_day = " and %(on)s in (x.decided_on, x.handed_over_on, x.sent_on)"
    counts: dict[str, dict[str, int]] = {}
    total, cost_ore = 0, 0
    query = _COUNTS + that_day + " group by x.channel, x.state order by x.channel, x.state"
    for slug, of_state, number, ore in connection.execute(query, asked):
        counts.setdefault(slug, {})[of_state] = number
        cost_ore += ore
        if (not state or of_state == state) and (not channel or slug == channel):
            total += number
    chosen = that_day
    chosen += " and x.state = %(state)s" if state else ""
    chosen += " and x.channel = %(channel)s" if channel else ""
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    chosen += f" order by x.id limit {PAGE} offset {PAGE * (page - 1)}"
    return Day(on, counts, Ore(cost_ore), _rows(tenant, chosen, asked), page, pages)


_COUNTS = """
select x.channel, x.state, count(*), coalesce(sum(x.cost_ore), 0)::bigint from dispatch x where x.tenant_id = %(tenant)s
"""


def persons_list(tenant: Tenant, limit: int = 100) -> list[LetterRow]:
    """Letters a person must look at, the oldest first."""
    return _rows(tenant, f" and x.attention <> '' order by x.id limit {limit}", {"tenant": tenant.id})


def letters_of(tenant: Tenant, case: Case) -> list[LetterRow]:
    """Every letter of a case, the newest first."""
    return _rows(tenant, " and x.case_id = %(case)s order by x.id desc", {"tenant": tenant.id, "case": case.id})


def _rows(tenant: Tenant, more: str, asked: dict[str, Any]) -> list[LetterRow]:
    return [_row(row) for row in driver(tenant.session).execute(_ROW + more, asked)]


def _row(row: Sequence[Any]) -> LetterRow:
    letter = LetterRow(*row)
    return replace(letter, waits_until=letter.waits_until and letter.waits_until.astimezone(OSLO))


def channels_of(tenant: Tenant, wall_now: datetime) -> list[ChannelView]:
    """The tenant's channels, how each is, and what each did in the last day."""
    health = {
        row.channel: row
        for row in tenant.session.scalars(sa.select(ChannelHealth).where(ChannelHealth.tenant_id == tenant.id))
    }
    return [
        _channel(channel.slug, channel.name, health.get(channel.slug), _hours(tenant, channel.slug, wall_now))
        for channel in tenant.hooks_for(NIL).channels()
    ]


def _channel(slug: str, name: str, row: ChannelHealth | None, hours: list[Hour]) -> ChannelView:
    if row is None:
        return ChannelView(slug, name, "ok", "", None, None, None, hours)
    since, last_ok_at, try_again_at = (
        time and time.astimezone(OSLO) for time in (row.since, row.last_ok_at, row.try_again_at)
    )
    return ChannelView(slug, name, row.state, row.why, since, last_ok_at, try_again_at, hours)


def _hours(tenant: Tenant, channel: str, wall_now: datetime) -> list[Hour]:
    """The last day's hours, those without letters too."""
    last = wall_now.replace(minute=0, second=0, microsecond=0)
    first = last - timedelta(hours=HOURS - 1)
    rows = {
        row.hour: row
        for row in tenant.session.scalars(
            sa.select(ChannelHour).where(
                ChannelHour.tenant_id == tenant.id, ChannelHour.channel == channel, ChannelHour.hour >= first
            )
        )
    }
    hours = []
    for number in range(HOURS):
        at = first + timedelta(hours=number)
        row = rows.get(at)
        counted = (row.taken, row.turned_away, row.in_trouble) if row else (0, 0, 0)
        hours.append(Hour(at.astimezone(OSLO), *counted))
    return hours


_CROSSINGS = """
select date_trunc('month', x.decided_on)::date as month,
  count(*) filter (where x.state in ('handed_over', 'sent', 'unknown')) as sent,
  count(*) filter (where x.state = 'withdrawn' and x.why <> 'closed:joined' and (x.why like 'closed:%%'
    or x.why in ('hold:objection', 'hold.objection', 'hold:deferred', 'hold.deferred', 'closed', 'nothing_owed',
      'objection_upheld', 'other_fee'))) as stopped,
  count(*) filter (where x.state in ('handed_over', 'sent', 'unknown') and (
    (c.closed_because <> 'joined' and c.closed_on between x.handed_over_on and coalesce(x.sent_on, x.handed_over_on))
    or exists (select from case_hold h where h.tenant_id = x.tenant_id and h.case_id = x.case_id
      and h.reason in ('objection', 'deferred')
      and h.since between x.handed_over_on and coalesce(x.sent_on, x.handed_over_on))
    or exists (select from payment p where p.tenant_id = x.tenant_id and p.case_id = x.case_id and p.state = 'placed'
      and p.value_on between x.handed_over_on and coalesce(x.sent_on, x.handed_over_on)))) as crossed
from dispatch x join collection_case c on c.tenant_id = x.tenant_id and c.id = x.case_id
where x.tenant_id = %(tenant)s and x.step <> '' and x.decided_on >= %(from)s
group by 1 order by 1 desc
"""


def crossings(tenant: Tenant, today: date, months: int = 6) -> list[Crossings]:
    """Month by month, the newest first: letters that met news on the way, between hand-over and sending."""
    first = add_months(today.replace(day=1), 1 - months)
    asked = {"tenant": tenant.id, "from": first}
    return [Crossings(*row) for row in driver(tenant.session).execute(_CROSSINGS, asked)]
