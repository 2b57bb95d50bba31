"""Crossings per thousand letters (M09): a known small history gives known figures."""

from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

import workers.jobs
from saas.cases.dispatch_desk import Crossings, crossings
from saas.cases.lifecycle import close_case, get_case, lift_hold, place_hold
from saas.dispatch.models import Dispatch
from saas.payments.models import Payment
from saas.rules.facts import HoldReason, Stage
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, at, register
from tests.cases.world import World
from tests.payments.world import World as Money

TUESDAY, WEDNESDAY, THURSDAY = date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5)


@pytest.fixture
def ten(agency: UUID) -> World:
    """Ten reminders: nine handed over on Monday and posted on Tuesday, the tenth stopped before it left."""
    register(agency, *(a_claim(kind="other", description="Fiber") for _ in range(10)), creditor="bygda-bredband")
    world = World(agency)
    world.night(hand_over=False)
    hold(world, 9, HoldReason.OBJECTION, MONDAY)
    waiting = [str(x.id) for x in world.letters() if x.state == "queued"]
    workers.jobs.hand_over(str(agency), waiting)
    world.next_day()
    assert [x.state for x in world.letters()] == ["sent"] * 9 + ["withdrawn"]
    assert {(x.handed_over_on, x.sent_on) for x in world.letters() if x.state == "sent"} == {(MONDAY, TUESDAY)}
    return world


def hold(world: World, case: int, reason: HoldReason, since: date) -> None:
    with open_tenant(world.tenant_id) as tenant:
        row = get_case(tenant, world.cases()[case].id, lock=True)
        place_hold(tenant, row, reason, since=since, now=at(since), actor="debtor")


def figures(world: World, today: date = THURSDAY) -> list[Crossings]:
    with open_tenant(world.tenant_id) as tenant:
        return crossings(tenant, today)


def test_letters_that_met_nothing_have_not_crossed(ten: World) -> None:
    [month] = figures(ten)
    assert month == Crossings(date(2026, 3, 1), sent=9, stopped=1, crossed=0)
    assert month.per_thousand == 0.0


def test_each_kind_of_news_on_the_way_counts_once_and_what_came_later_does_not(ten: World) -> None:
    money = Money(ten.tenant_id)
    cases = ten.cases()
    money.pay(cases[0], 10_000, TUESDAY)  # paid on the day it was posted: crossed
    money.pay(cases[1], 10_000, WEDNESDAY)  # the day after: not
    hold(ten, 2, HoldReason.OBJECTION, TUESDAY)  # crossed
    hold(ten, 3, HoldReason.DEFERRED, MONDAY)  # crossed
    hold(ten, 4, HoldReason.OBJECTION, WEDNESDAY)  # not
    hold(ten, 5, HoldReason.NO_ADDRESS, TUESDAY)  # no news from the debtor: not
    money.pay(cases[2], 5_000, TUESDAY)  # the third crossed already, and counts once
    with open_tenant(ten.tenant_id) as tenant:
        for nth, because in ((6, "withdrawn"), (7, "joined")):  # closed by the creditor: crossed; joined is no news
            row = get_case(tenant, cases[nth].id, lock=True)
            close_case(tenant, row, because, on=TUESDAY, now=at(TUESDAY), actor="cli")
        placed = tenant.session.scalars(sa.select(Payment.state).where(Payment.tenant_id == tenant.id)).all()
    assert placed == ["placed"] * 3
    [month] = figures(ten)
    assert (month.sent, month.stopped, month.crossed) == (9, 1, 4)
    assert month.per_thousand == 444.4


def test_a_hold_that_is_lifted_again_has_still_crossed(ten: World) -> None:
    hold(ten, 0, HoldReason.OBJECTION, MONDAY)
    with open_tenant(ten.tenant_id) as tenant:
        row = get_case(tenant, ten.cases()[0].id, lock=True)
        lift_hold(tenant, row, HoldReason.OBJECTION, on=WEDNESDAY, now=at(WEDNESDAY), actor="cli")
    assert [month.crossed for month in figures(ten)] == [1]


def test_months_are_told_apart_the_newest_first_and_old_ones_are_left_out(ten: World) -> None:
    with open_tenant(ten.tenant_id) as tenant:
        first = ten.letters()[0].id
        tenant.session.execute(
            sa.update(Dispatch)
            .where(Dispatch.id == first)
            .values(decided_on=date(2026, 2, 27), handed_over_on=date(2026, 2, 27), sent_on=MONDAY)
        )
    hold(ten, 0, HoldReason.OBJECTION, MONDAY)
    assert [(m.month, m.sent, m.crossed, m.per_thousand) for m in figures(ten)] == [
        (date(2026, 3, 1), 8, 0, 0.0),
        (date(2026, 2, 1), 1, 1, 1000.0),
    ]
    assert [m.month for m in figures(ten, date(2026, 8, 1))] == [date(2026, 3, 1)]
    assert figures(ten, date(2026, 9, 1)) == []
    assert all(case.stage != Stage.CLOSED for case in ten.cases())


def test_nothing_sent_is_no_figure(agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        assert crossings(tenant, THURSDAY) == []
    assert Crossings(MONDAY, 0, 3, 0).per_thousand == 0.0
