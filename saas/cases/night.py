"""The night: everything due on a day is looked at once, in chunks that may crash and run again.

`frist night` runs it for one tenant; several processes may share a tenant, since each takes what no other holds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from saas.cases.facts import known_of
from saas.cases.joining import join_ready_cases
from saas.cases.models import NightRun
from saas.cases.steps import Taken, decide_cases, take_steps
from saas.kernel import clock, history
from saas.kernel.bulk import many_objects
from saas.kernel.db import driver
from saas.kernel.ids import new_id
from saas.rules.deadlines import earliest_next_step
from saas.rules.facts import Policy
from tenants.notes import gathered
from tenants.resolve import Tenant, open_tenant

CHUNK = 1_000

_DUE = """
select id, next_action_on from collection_case
where tenant_id = %(tenant)s and next_action_on <= %(today)s and (next_action_on, id) > (%(day)s, %(id)s)
order by next_action_on, id limit %(limit)s
"""
_START = (date(1900, 1, 1), UUID(int=0))

_LIFT_EXPIRED = """
with ended as (
  update case_hold set lifted_on = %(today)s, lifted_by = 'night'
  where tenant_id = %(tenant)s and lifted_on is null
    and until < case reason when 'deferred' then %(deferred)s else %(today)s end
  returning case_id
)
update collection_case set next_action_on = %(today)s, waits_for = ''
where tenant_id = %(tenant)s and stage <> 90 and id in (select case_id from ended)
"""

Enqueue = Callable[[UUID, list[UUID]], object]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One line of a dry run."""

    case_number: int
    step: str | None
    fee_ore: int
    deadline_on: date | None
    why: str


def run_night(
    tenant_id: UUID, *, on: date | None = None, hand_over: Enqueue, progress: Callable[[Taken], object] | None = None
) -> Taken:
    """Run one tenant's night for the day `on` (its own today by default). Running it again finds nothing left to do.

    `hand_over(tenant_id, dispatch_ids)` is called after each commit with the letters that commit queued.
    """
    today, now = _begin(tenant_id, on)
    total, restarted, after = Taken(), False, _START
    while True:
        with many_objects(), open_tenant(tenant_id) as tenant:
            rows, taken = _take_due(tenant, today, after), Taken()
            if rows:
                known = known_of(tenant, [row[0] for row in rows], today)
                decided = decide_cases(tenant, list(known.values()), today)
                taken = take_steps(tenant, decided, today=today, now=now, actor="night")
        if not rows:
            if restarted or after == _START:
                break
            restarted, after = True, _START  # once more from the front: what others held may be free again
            continue
        after = (rows[-1][1], rows[-1][0])
        if taken.dispatch_ids:
            hand_over(tenant_id, taken.dispatch_ids)
        total.add(taken)
        if progress:
            progress(total)
    _finish(tenant_id, today, total)
    return total


def plan_night(tenant_id: UUID, *, on: date | None = None) -> Iterator[PlannedStep]:
    """What the night would do, without writing; read in short transactions. Joining is not foreseen here."""
    after = _START
    while True:
        with gathered(trial=True), open_tenant(tenant_id) as tenant:
            today = on or clock.today(tenant)
            rows = driver(tenant.session).execute(_DUE, _asked(tenant, today, after)).fetchall()
            if not rows:
                return
            decided = decide_cases(tenant, list(known_of(tenant, [row[0] for row in rows], today).values()), today)
        after = (rows[-1][1], rows[-1][0])
        for each in decided:
            decision = each.decision
            yield PlannedStep(
                each.known.facts.case_number,
                str(decision.step) if decision.step else None,
                sum(cost.amount_ore for cost in decision.costs),
                decision.deadline_on,
                decision.why[0].code if decision.why else "",
            )


def _begin(tenant_id: UUID, on: date | None) -> tuple[date, datetime]:
    with open_tenant(tenant_id) as tenant:
        today, now = on or clock.today(tenant), clock.now(tenant)
        row = {
            "tenant_id": tenant_id,
            "id": new_id(),
            "night_on": today,
            "started_at": clock.wall_now(),
            "looked_at": 0,
            "steps": {},
        }
        tenant.session.execute(insert(NightRun).values(row).on_conflict_do_nothing())
        deferred = _deferrals_over_before(today, tenant.policy)
        driver(tenant.session).execute(_LIFT_EXPIRED, {"tenant": tenant_id, "today": today, "deferred": deferred})
    with open_tenant(tenant_id) as tenant:
        join_ready_cases(tenant, today=today, now=now, actor="night")
    return today, now


def _deferrals_over_before(today: date, policy: Policy) -> date:
    """More time that ended before this day is over, the grace for payments under way included (law A2)."""
    day = today
    while earliest_next_step(day - timedelta(days=1), policy.grace_banking_days) > today:
        day -= timedelta(days=1)
    return day


def _finish(tenant_id: UUID, today: date, total: Taken) -> None:
    with open_tenant(tenant_id) as tenant:
        run = tenant.session.scalars(
            sa.select(NightRun).where(NightRun.tenant_id == tenant_id, NightRun.night_on == today).with_for_update()
        ).one()
        run.finished_at = clock.wall_now()
        run.looked_at += total.looked_at
        counted = dict(run.steps)
        for name, number in total.steps.items():
            counted[name] = counted.get(name, 0) + number
        run.steps = counted
        if total.looked_at:
            body = {"night": today.isoformat(), "looked_at": total.looked_at, "steps": total.steps}
            history.record(tenant.session, "night.finished", at=clock.now(tenant), actor="night", body=body)


def _take_due(tenant: Tenant, today: date, after: tuple[date, UUID]) -> list[Any]:
    query = _DUE + " for update skip locked"
    return driver(tenant.session).execute(query, _asked(tenant, today, after)).fetchall()


def _asked(tenant: Tenant, today: date, after: tuple[date, UUID]) -> dict[str, Any]:
    return {"tenant": tenant.id, "today": today, "day": after[0], "id": after[1], "limit": CHUNK}
