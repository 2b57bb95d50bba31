"""Batches overlap, one held while another is given: what that must never cost is a letter lost or given twice."""

from collections.abc import Iterator, Sequence
from datetime import time
from itertools import islice
from typing import Any
from uuid import UUID

import pytest

from saas.cases import sending
from saas.cases.hand_over import prepare
from saas.cases.lifecycle import get_case, place_hold
from saas.cases.sending import letters_to_do, send_batches
from saas.hooks import OutcomeKind
from saas.kernel import clock
from saas.kernel.servers import Servers
from saas.rules.facts import HoldReason
from saas.simulators.digipost.mailroom import Person
from tenants.resolve import open_tenant
from tests.builders import MONDAY, at
from tests.dispatch.storm import national_ids
from tests.dispatch.world import Post, claim, post

BATCHES = 3


@pytest.fixture
def world(servers: Servers) -> Iterator[Post]:
    """Reminders to three mailboxes, decided."""
    people = list(islice(national_ids(), BATCHES))
    with post(servers, *[claim(who) for who in people]) as world:
        world.digipost.mail.know(*(Person(who, "DIGIPOST") for who in people))
        world.night(hand_over=False)
        yield world


def batches_of_one(world: Post) -> list[UUID]:
    """Each letter written, in a batch of its own; in the order of the letters."""
    batches = []
    for letter in world.letters():
        with open_tenant(world.tenant_id) as tenant:
            batches += prepare(tenant, [letter.id], now=at(MONDAY)).batches
    return batches


def states(world: Post) -> list[str]:
    return [letter.state for letter in world.letters()]


def give(world: Post, batches: Sequence[UUID]) -> list[dict[OutcomeKind, int]]:
    return [dict(given.outcomes) for _, given in send_batches(world.tenant_id, batches)]


def die_before_noting(world: Post, batches: Sequence[UUID]) -> None:
    """The first of the batches is given, and what became of it is never noted."""

    def broken(*_: Any, **__: Any) -> list[UUID]:
        raise RuntimeError("the database went away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "note_outcomes", broken)
        with pytest.raises(RuntimeError):
            give(world, batches)


def test_every_batch_is_given_once_and_in_order(world: Post) -> None:
    batches = batches_of_one(world)
    assert [batch_id for batch_id, _ in send_batches(world.tenant_id, batches)] == batches
    assert give(world, batches) == [{}] * BATCHES
    assert states(world) == ["sent"] * BATCHES
    assert list(world.digipost.mail.takes.values()) == [1] * BATCHES


def test_when_the_channel_goes_down_what_is_held_is_let_go_of_and_given_later(world: Post) -> None:
    batches = batches_of_one(world)
    world.digipost.faults.down = True
    assert give(world, batches) == [{}] * BATCHES
    assert states(world) == ["ready"] * BATCHES
    assert not world.digipost.called("message")
    world.digipost.faults.down = False
    world.let_channels_be_tried()
    assert give(world, batches) == [{OutcomeKind.SENT: 1}] * BATCHES
    assert list(world.digipost.mail.takes.values()) == [1] * BATCHES


def test_when_noting_breaks_what_was_given_waits_for_its_lease_and_is_given_once_more(world: Post) -> None:
    batches = batches_of_one(world)
    die_before_noting(world, batches)
    assert states(world) == ["sending"] * BATCHES
    world.let_leases_end()
    assert give(world, batches) == [{OutcomeKind.SENT: 1}] * BATCHES
    assert list(world.digipost.mail.takes.values()) == [1] * BATCHES


@pytest.mark.parametrize("trouble", ["down", "throttled", "wrong keys"])
def test_what_another_began_is_not_let_go_of_because_it_is_not_taken_now(world: Post, trouble: str) -> None:
    """It may have been taken the first time: «not tried» is not ours to say, and the guard must not withdraw it."""
    batches = batches_of_one(world)
    die_before_noting(world, batches[1:2])
    world.let_leases_end()
    if trouble == "wrong keys":
        world.digipost.registered.clear()
    else:
        setattr(world.digipost.faults, trouble, True)
    give(world, batches)
    assert states(world)[1:] == ["sending", "ready"]
    world.let_leases_end()
    give(world, batches[1:2])
    case = next(case for case in world.cases() if case.id == world.letters()[1].case_id)
    with open_tenant(world.tenant_id) as tenant:
        place_hold(tenant, get_case(tenant, case.id, lock=True), HoldReason.PERSON, since=MONDAY, now=at(MONDAY),
                   actor="cli")  # fmt: skip
    assert states(world)[1] == "sending", "nobody can say that it was not sent"


def test_what_another_began_is_given_once_more_within_contact_hours_only(
    world: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = batches_of_one(world)
    die_before_noting(world, batches[:1])
    world.let_leases_end()
    asked = len(world.digipost.called("message"))
    monkeypatch.setattr(clock, "_SANDBOX_HOUR", time(7, 59))
    assert give(world, batches[:1]) == [{}]
    assert (states(world)[0], len(world.digipost.called("message"))) == ("sending", asked)
    with open_tenant(world.tenant_id) as tenant:
        assert batches[0] not in letters_to_do(tenant, limit=9).batches, "nobody tries again before eight"
    monkeypatch.setattr(clock, "_SANDBOX_HOUR", time(8))
    with open_tenant(world.tenant_id) as tenant:
        assert batches[0] in letters_to_do(tenant, limit=9).batches
    assert give(world, batches[:1]) == [{OutcomeKind.SENT: 1}]
    assert list(world.digipost.mail.takes.values()) == [1]
