"""Plugins are told what happened in cases (`on_case_event`): from the history, in order, after it is committed.

How far each has been told is kept, so nothing is lost with a queue and everything is told at least once. One that
fails is told again later and later, and nothing overtakes what it has not taken.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa

from saas.cases.facts import facts_of
from saas.hooks import CaseEvent
from saas.kernel import clock, crypto
from saas.kernel.history import HistoryHead
from saas.rules.facts import CaseFacts
from tenants.asking import Asked, note_trouble
from tenants.models import Creditor, PluginReach
from tenants.reach import begin, is_open, reach_of, succeed
from tenants.resolve import Tenant, open_tenant

HOOK = "on_case_event"
LINKS_A_TIME = 200
_EVENTS = sa.text(
    """
select l.seq, e.id, e.kind, e.happened_at, e.body, e.case_id, c.case_key, c.number, r.slug
from (select seq, id, tenant_id from history_link where tenant_id = :tenant and seq > :seq order by seq limit :limit) l
left join history_event e on e.tenant_id = l.tenant_id and e.link_id = l.id and e.case_id is not null
left join collection_case c on c.tenant_id = e.tenant_id and c.id = e.case_id
left join creditor r on r.tenant_id = c.tenant_id and r.id = c.creditor_id and r.id = :creditor
order by l.seq, e.position
"""
)


class _Told(NamedTuple):
    """What is to be told of one link of the history."""

    seq: int
    events: list[tuple[CaseEvent, CaseFacts]]


def due(tenant: Tenant, wall_now: datetime) -> list[tuple[UUID, str]]:
    """(creditor, plugin) that have not been told all, and may be told now. One just switched on begins here."""
    head = _head(tenant)
    found = []
    for creditor_id in tenant.session.scalars(sa.select(Creditor.id).where(Creditor.tenant_id == tenant.id)):
        for slug in tenant.hooks_for(creditor_id).listeners():
            row = reach_of(tenant, creditor_id, slug, HOOK, begins_at=head)
            if row.seq < head and is_open(row, wall_now):
                found.append((creditor_id, slug))
    return found


def tell(tenant_id: UUID, creditor_id: UUID, slug: str) -> int:
    """Tell one plugin what it has not been told of a creditor's cases. Returns how many events it took."""
    taken = 0
    while True:
        with open_tenant(tenant_id) as tenant:
            listener = tenant.hooks_for(creditor_id).listeners().get(slug)
            row = reach_of(tenant, creditor_id, slug, HOOK, begins_at=_head(tenant))
            if listener is None or not is_open(row, clock.wall_now()):
                return taken
            waiting = _waiting(tenant, creditor_id, row.seq)
            if not waiting:
                return taken
            begin(row, clock.wall_now())
        done = _tell_all(tenant_id, slug, listener, waiting)
        with open_tenant(tenant_id) as tenant:
            if tenant.session.get(PluginReach, (tenant_id, creditor_id, slug, HOOK)) is None:
                return taken  # switched off meanwhile
            row = reach_of(tenant, creditor_id, slug, HOOK)
            row.seq = max([row.seq, *(link.seq for link in waiting[:done])])
            if done == len(waiting):
                succeed(row)
        taken += sum(len(link.events) for link in waiting[:done])
        if done < len(waiting):
            return taken


def _tell_all(
    tenant_id: UUID, slug: str, listener: Callable[[CaseEvent, CaseFacts], None], waiting: Sequence[_Told]
) -> int:
    """How many links the plugin took; what it throws ends it, and is noted."""
    for number, link in enumerate(waiting):
        for event, facts in link.events:
            try:
                listener(event, facts)
            except Exception as error:
                with open_tenant(tenant_id):
                    note_trouble(Asked(slug, HOOK, listener), error, facts)
                return number
    return len(waiting)


def _waiting(tenant: Tenant, creditor_id: UUID, seq: int) -> list[_Told]:
    rows = tenant.session.execute(
        _EVENTS, {"tenant": tenant.id, "seq": seq, "limit": LINKS_A_TIME, "creditor": creditor_id}
    ).all()
    own = [row for row in rows if row.slug is not None and row.case_key is not None]
    facts = facts_of(tenant, list({row.case_id for row in own}), clock.today(tenant)) if own else {}
    links: dict[int, _Told] = {}
    for row in rows:
        link = links.setdefault(row.seq, _Told(row.seq, []))
        if row in own and row.case_id in facts:
            link.events.append((_event(tenant, row), facts[row.case_id]))
    return list(links.values())


def _event(tenant: Tenant, row: Any) -> CaseEvent:
    cipher = crypto.case_cipher(row.case_id, bytes(row.case_key))
    return CaseEvent(
        id=row.id,
        kind=row.kind,
        at=row.happened_at,
        told_at=clock.wall_now(),
        tenant_slug=tenant.slug,
        creditor_slug=row.slug,
        case_number=row.number,
        body=orjson.loads(crypto.decrypt(cipher, bytes(row.body), row.id)),
    )


def _head(tenant: Tenant) -> int:
    head = tenant.session.get(HistoryHead, tenant.id)
    return head.seq if head else 0
