"""A kind letter before a step (SoftContact): once at each stage, free, and the case rests meanwhile."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

import workers.jobs
from saas.cases.lifecycle import get_case, place_hold
from saas.dispatch.models import Dispatch
from saas.rules.facts import HoldReason
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import MONDAY, at, register
from tests.cases.world import World


def switch_on(tenant_id: UUID, slug: str, **settings: Any) -> None:
    with open_tenant(tenant_id) as tenant:
        switch_plugin(tenant, slug, enabled=True, settings=settings, now=at(MONDAY), actor="cli")


def all_letters(world: World) -> list[Dispatch]:
    """Steps of the ladder and messages alike, in the order they were decided."""
    with open_tenant(world.tenant_id) as tenant:
        query = sa.select(Dispatch).where(Dispatch.tenant_id == tenant.id).order_by(Dispatch.id)
        return list(tenant.session.scalars(query))


def told(world: World) -> list[tuple[str, str, date, int]]:
    """(kind, state, decided, fee) of each letter that was not taken back."""
    return [(l.kind, l.state, l.decided_on, l.fee_ore) for l in all_letters(world) if l.state != "withdrawn"]  # noqa: E741


def test_choose_step_sends_one_kind_letter_before_the_notice_and_one_before_the_demand(agency: UUID) -> None:
    switch_on(agency, "extra_reminder", wait_days=10)
    switch_on(agency, "kind_first", wait_days=7)
    register(agency)
    world = World(agency)
    world.until(date(2026, 6, 5))
    kinds = [kind for kind, *_ in told(world)]
    assert kinds[:5] == ["reminder", "contact_letter", "collection_notice", "contact_letter", "payment_demand"]
    assert kinds.count("contact_letter") == 2
    letters = {(kind, n): (on, fee) for n, (kind, _, on, fee) in enumerate(told(world))}
    for place in (1, 3):
        sent_on, fee_ore = letters["contact_letter", place]
        step = kinds[place + 1]
        assert fee_ore == 0
        assert (letters[step, place + 1][0] - sent_on).days >= {1: 10, 3: 7}[place]
    assert world.unlawful() == []


def test_the_kind_letter_leaves_the_house_and_is_proven_sent_like_any_other(agency: UUID) -> None:
    switch_on(agency, "extra_reminder")
    register(agency)
    world = World(agency)
    world.until(date(2026, 4, 17))
    (letter,) = [each for each in all_letters(world) if each.kind == "contact_letter"]
    assert (letter.state, letter.step, letter.fee_ore, letter.deadline_on) == ("sent", "", 0, None)
    assert letter.sent_on is not None


def test_the_night_run_twice_sends_one_kind_letter(agency: UUID) -> None:
    switch_on(agency, "extra_reminder")
    register(agency)
    world = World(agency)
    while world.today < date(2026, 5, 1) and not any(each.kind == "contact_letter" for each in all_letters(world)):
        world.night()
        world.night()
        world.next_day()
    assert [each.kind for each in all_letters(world)].count("contact_letter") == 1


def test_a_debtor_who_disagrees_meanwhile_gets_no_kind_letter(agency: UUID) -> None:
    switch_on(agency, "extra_reminder")
    number = register(agency).verdicts[0].case_number
    world = World(agency)
    while world.today < date(2026, 5, 1) and not any(each.kind == "contact_letter" for each in all_letters(world)):
        world.next_day()
        world.night(hand_over=not any(each.kind == "reminder" and each.state == "sent" for each in all_letters(world)))
    with open_tenant(agency) as tenant:
        case = get_case(tenant, number=number, lock=True)
        place_hold(tenant, case, HoldReason.OBJECTION, since=world.today, now=at(world.today), actor="cli")
    for _ in range(2):
        (letter,) = [each for each in all_letters(world) if each.kind == "contact_letter"]
        workers.jobs.hand_over(str(agency), [str(letter.id)])
    assert (letter.state, letter.why) == ("withdrawn", "hold:objection")
