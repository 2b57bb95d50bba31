"""How a channel is for a tenant: it works, is down until some moment, or is stopped until a person has looked.

A channel that is down does not spin: each failure in a row doubles the wait. Counts by the hour are for people.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from saas.dispatch.models import ChannelHealth, ChannelHour
from saas.hooks import OutcomeKind
from saas.kernel import history
from saas.kernel.ids import new_id
from tenants.resolve import Tenant

OK, DOWN, STOPPED = "ok", "down", "stopped"
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)
_COLUMN = {
    OutcomeKind.SENT: "taken",
    OutcomeKind.TAKEN: "taken",
    OutcomeKind.UNREACHABLE: "turned_away",
    OutcomeKind.REFUSED: "turned_away",
}


def closed_channels(tenant: Tenant, wall_now: datetime) -> dict[str, ChannelHealth]:
    """The channels that are not to be tried now: stopped, or down and their time has not come."""
    rows = tenant.session.scalars(
        sa.select(ChannelHealth).where(ChannelHealth.tenant_id == tenant.id, ChannelHealth.state != OK)
    )
    return {row.channel: row for row in rows if not may_try(row, wall_now)}


def may_try(row: ChannelHealth, wall_now: datetime) -> bool:
    """Whether a channel may be tried at this moment."""
    if row.state == STOPPED:
        return False
    return row.state == OK or row.try_again_at is None or wall_now >= row.try_again_at


def note_works(tenant: Tenant, channel: str, wall_now: datetime) -> None:
    """The other side has answered: whatever was wrong has passed. A stopped channel is opened by a person only."""
    row = _row(tenant, channel, wall_now)
    row.last_ok_at = wall_now
    if row.state == DOWN:
        row.state, row.since, row.why, row.try_again_at, row.failures = OK, wall_now, "", None, 0


def note_down(tenant: Tenant, channel: str, code: str, wall_now: datetime) -> None:
    """Nothing can be tried now; later, and later each time it goes on. `code` says what was seen."""
    row = _row(tenant, channel, wall_now)
    if row.state == STOPPED or (row.state == DOWN and not may_try(row, wall_now)):
        return  # several at a time see the same failure: it counts once
    if row.state == OK:
        row.state, row.since, row.failures = DOWN, wall_now, 0
    row.why, row.failures = code[:200], row.failures + 1
    row.try_again_at = wall_now + min(FIRST_WAIT * 2 ** min(row.failures - 1, 20), LONGEST_WAIT)


def note_stopped(tenant: Tenant, channel: str, code: str, *, wall_now: datetime, now: datetime) -> None:
    """Our agreement or keys are wrong: nothing more is tried until a person has put it right."""
    row = _row(tenant, channel, wall_now)
    if row.state == STOPPED:
        return
    row.state, row.since, row.why, row.try_again_at = STOPPED, wall_now, code[:200], None
    body = {"channel": channel, "why": row.why}
    history.record(tenant.session, "channel.stopped", at=now, actor="worker", body=body)


def open_again(tenant: Tenant, channel: str, *, wall_now: datetime, now: datetime, actor: str) -> None:
    """A person says that the channel works again. Harmless when it does."""
    row = _row(tenant, channel, wall_now)
    if row.state == OK:
        return
    row.state, row.since, row.why, row.try_again_at, row.failures = OK, wall_now, "", None, 0
    history.record(tenant.session, "channel.opened", at=now, actor=actor, body={"channel": channel})


def count_outcomes(tenant: Tenant, channel: str, counts: Mapping[OutcomeKind, int], wall_now: datetime) -> None:
    """Add to the hour's figures."""
    row: dict[str, int] = {"taken": 0, "turned_away": 0, "in_trouble": 0}
    for kind, number in counts.items():
        row[_COLUMN.get(kind, "in_trouble")] += number
    hour = wall_now.replace(minute=0, second=0, microsecond=0)
    new = insert(ChannelHour).values(tenant_id=tenant.id, id=new_id(), channel=channel, hour=hour, **row)
    added = {name: getattr(ChannelHour, name) + getattr(new.excluded, name) for name in row}
    tenant.session.execute(new.on_conflict_do_update(index_elements=["tenant_id", "channel", "hour"], set_=added))


def _row(tenant: Tenant, channel: str, wall_now: datetime) -> ChannelHealth:
    """The channel's row, locked."""
    tenant.session.execute(
        insert(ChannelHealth)
        .values(tenant_id=tenant.id, id=new_id(), channel=channel, state=OK, since=wall_now, why="", failures=0)
        .on_conflict_do_nothing()
    )
    return tenant.session.scalars(
        sa.select(ChannelHealth)
        .where(ChannelHealth.tenant_id == tenant.id, ChannelHealth.channel == channel)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
