"""Paid between the letter's writing and its hand-over: it does not leave. Paid while it leaves: it has left."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from plugins.print_post.channel import PrintPostChannel
from saas.cases.hand_over import prepare
from saas.cases.night import run_night
from saas.cases.sending import send_batches
from saas.dispatch.models import HANDED_OVER, MESSAGE, READY, WITHDRAWN, Dispatch
from saas.hooks import Outcome, OutcomeKind
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.world import World

DAY = date(2026, 3, 2)


def a_letter(world: World):
    """A case whose reminder is written and not handed over."""
    case = world.case(amount="1 000,00", due_on="2026-02-10", invoiced_on="2026-01-20")
    asked: list[UUID] = []
    run_night(world.tenant_id, on=DAY, hand_over=lambda _, ids: asked.extend(ids))
    with open_tenant(world.tenant_id) as tenant:
        [batch_id] = prepare(tenant, asked, now=at(DAY)).batches
    assert letter_of(world, case).state == READY
    return case, batch_id


def letter_of(world: World, case) -> Dispatch:
    with open_tenant(world.tenant_id) as tenant:
        query = sa.select(Dispatch).where(Dispatch.case_id == case.id, Dispatch.step != MESSAGE)
        return tenant.session.scalars(query).one()


def test_a_written_letter_of_a_case_that_is_paid_is_withdrawn_with_its_fee_and_the_batch_leaves_without_it(world):
    case, batch_id = a_letter(world)
    _, other_batch = a_letter(world)
    assert letter_of(world, case).printed_ore > 100_000
    world.pay(case, 200_000, DAY)
    assert letter_of(world, case).state == WITHDRAWN
    assert world.book(case).notice_fee_charged_ore == 0
    assert world.again(case).closed_because == "paid"
    given = dict(send_batches(world.tenant_id, [batch_id, other_batch]))
    assert (given[batch_id].outcomes, given[other_batch].outcomes) == ({}, {OutcomeKind.TAKEN: 1})
    world.check()


def test_a_letter_being_handed_over_at_this_very_moment_is_left_and_nobody_waits_for_anybody(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    case, batch_id = a_letter(world)
    given = PrintPostChannel.hand_over

    def paid_meanwhile(*args: Any) -> Iterator[Outcome]:
        world.take_in(SimPayment(case.kid, 200_000, DAY), on=DAY)
        assert world.place(DAY).closed == 1
        yield from given(*args)

    monkeypatch.setattr(PrintPostChannel, "hand_over", paid_meanwhile)
    given = dict(send_batches(world.tenant_id, [batch_id]))
    assert given[batch_id].outcomes == {OutcomeKind.TAKEN: 1}
    assert letter_of(world, case).state == HANDED_OVER
    assert world.again(case).closed_because == "paid"
    assert world.book(case).left_ore == 0  # its fee is not owed: it was not proven sent before the payment (B9, A4)
    world.check()
