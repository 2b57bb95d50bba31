"""Many cases are closed in a few statements, and each as if it had been closed alone."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from saas.cases.lifecycle import close_case, close_cases, get_case, place_hold
from saas.cases.models import Case, CaseHold
from saas.dispatch.models import QUEUED, READY, SENT, Dispatch
from saas.kernel.db import engine
from saas.ledger.models import NOTICE_FEE
from saas.rules.facts import HoldReason, Stage
from tenants.resolve import Tenant, open_tenant
from tests.builders import at
from tests.payments.world import DAY, World

ON = date(2026, 3, 20)


@pytest.fixture
def world(agency: UUID) -> World:
    return World(agency)


def three_cases(world: World) -> list[Case]:
    """One with a letter waiting, one on hold with a letter in the outbox and one sent, one with nothing."""
    plain, held, waits = (world.case() for _ in range(3))
    world.letter(waits, "reminder", NOTICE_FEE, 3_800, DAY, state=QUEUED)
    world.letter(held, "reminder", NOTICE_FEE, 3_800, DAY, date(2026, 3, 3), state=SENT)
    world.letter(held, "collection_notice", NOTICE_FEE, 3_800, date(2026, 3, 18), state=READY)
    with open_tenant(world.tenant_id) as tenant:
        case = get_case(tenant, held.id, lock=True)
        place_hold(tenant, case, HoldReason.PERSON, since=DAY, now=at(DAY), actor="cli")
    return [waits, held, plain]


def close(tenant: Tenant, cases: list[Case]) -> tuple[Case, ...]:
    locked = [get_case(tenant, case.id, lock=True) for case in cases]
    return tuple(close_cases(tenant, locked, "paid", on=ON, now=at(ON), actor="worker"))


def what_became(world: World, cases: list[Case]) -> list[Any]:
    """All that closing touches, of each case."""
    found = []
    for case in cases:
        with open_tenant(world.tenant_id) as tenant:
            again = get_case(tenant, case.id)
            letters = tenant.session.execute(
                sa.select(Dispatch.step, Dispatch.state, Dispatch.why).where(Dispatch.case_id == case.id)
            )
            holds = tenant.session.execute(
                sa.select(CaseHold.reason, CaseHold.lifted_on, CaseHold.lifted_by).where(CaseHold.case_id == case.id)
            )
            row = [getattr(again, c) for c in ("stage", "stage_since", "closed_on", "closed_because", "waits_for")]
            told = [{**body, "dispatch": None} for kind in ("letter.withdrawn", "case.closed")
                    for body in world.told(case, kind)]  # fmt: skip
            found.append((row, again.next_action_on, sorted(letters), sorted(holds), told, world.book(case)))
    return [(*map(str, each[:-1]), each[-1].notice_fee_left_ore) for each in found]


def test_cases_closed_together_end_as_cases_closed_alone(world: World) -> None:
    together, alone = three_cases(world), three_cases(world)
    with open_tenant(world.tenant_id) as tenant:
        assert [case.id for case in close(tenant, together)] == [case.id for case in together]
    for case in alone:
        with open_tenant(world.tenant_id) as tenant:
            locked = get_case(tenant, case.id, lock=True)
            close_case(tenant, locked, "paid", on=ON, now=at(ON), actor="worker")
    assert what_became(world, together) == what_became(world, alone)
    assert "withdrawn" in what_became(world, together)[0][2]
    world.check()


def test_the_rows_and_the_objects_say_the_same(world: World) -> None:
    cases = three_cases(world)
    with open_tenant(world.tenant_id) as tenant:
        closed = close(tenant, cases)
        assert {(c.stage, c.closed_on, c.closed_because, c.next_action_on) for c in closed} == {
            (Stage.CLOSED, ON, "paid", None)
        }
        assert not [case for case in closed if case in tenant.session.dirty]
    assert {world.again(case).stage for case in cases} == {Stage.CLOSED}


def test_closing_again_changes_and_tells_nothing(world: World) -> None:
    cases = three_cases(world)
    with open_tenant(world.tenant_id) as tenant:
        close(tenant, cases[:1])
    with open_tenant(world.tenant_id) as tenant:
        assert [case.id for case in close(tenant, cases)] == [case.id for case in cases[1:]]
        assert close(tenant, cases) == ()
    assert [len(world.told(case, "case.closed")) for case in cases] == [1, 1, 1]


def test_the_number_of_statements_does_not_grow_with_the_cases(world: World) -> None:
    def statements(cases: list[Case]) -> int:
        counted: list[str] = []
        with open_tenant(world.tenant_id) as tenant:
            locked = [get_case(tenant, case.id, lock=True) for case in cases]

            def count(*told: Any) -> None:
                counted.append(told[2])

            event.listen(engine(), "before_cursor_execute", count)
            try:
                close_cases(tenant, locked, "paid", on=ON, now=at(ON), actor="worker")
            finally:
                event.remove(engine(), "before_cursor_execute", count)
        return len(counted)

    assert statements([world.case() for _ in range(2)]) == statements([world.case() for _ in range(12)]) <= 3
