"""A letter's whole way by Digipost: decided by the night, handed over, proven, and what happens later."""

import json
from collections.abc import Iterator
from datetime import UTC, timedelta
from uuid import UUID

import pytest

import workers.jobs
from saas.dispatch import ask
from saas.dispatch.models import Dispatch
from saas.kernel import clock
from saas.rules.facts import Stage
from saas.simulators.digipost import DigipostSim, Person
from tenants.accounts import set_account
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, at, register
from tests.cases.world import World
from tests.plugins.digipost.world import PASSWORD, certificate, sim_with_people

SINDRE, OLA = "20027520120", "20027520201"  # made up, with right check digits


@pytest.fixture
def sim(monkeypatch: pytest.MonkeyPatch) -> Iterator[DigipostSim]:
    """A Digipost whose clock, like the wall clock of the house, stands on the tenant's day."""
    began = clock.monotonic()
    monkeypatch.setattr(
        clock, "wall_now", lambda: at(MONDAY).astimezone(UTC) + timedelta(seconds=clock.monotonic() - began)
    )
    with sim_with_people() as started:
        started.mail._now = started._wall_now = lambda: clock.wall_now()
        started.mail.know(Person(SINDRE), Person(OLA, "IDENTIFIED"))
        yield started


@pytest.fixture
def world(agency: UUID, sim: DigipostSim) -> World:
    with open_tenant(agency) as tenant:
        now = clock.now(tenant)
        told = {"broker_id": "800001", "sender_id": "900001", "base_url": sim.base_url, "certificate": certificate(),
                "password": PASSWORD}  # fmt: skip
        set_account(tenant, "digipost", told, enabled=True, now=now, actor="cli")
        switch_plugin(tenant, "digipost", enabled=True, settings={}, now=now, actor="cli")
    return World(agency)


def the_letter(world: World) -> Dispatch:
    (letter,) = world.letters()
    return letter


def work_off(world: World) -> None:
    """What the watch does: whatever waits and can be done is done."""
    for lane in range(ask.LANES):
        workers.jobs.work_off_letters(str(world.tenant_id), lane, 0)


def test_a_reminder_to_a_mailbox_is_sent_the_day_it_is_decided_with_digiposts_own_words_as_proof(
    world: World, sim: DigipostSim
) -> None:
    register(world.tenant_id, a_claim(national_id=SINDRE))
    world.night()
    letter = the_letter(world)
    assert (letter.channel, letter.state, letter.sent_on) == ("digipost", "sent", MONDAY)
    assert json.loads(letter.evidence)["same_content"] is True
    kept = sim.mail.letters[str(letter.id)]
    assert (kept.data_type, kept.sensitivity) == ("invoice", "SENSITIVE")
    assert world.cases()[0].stage == Stage.REMINDED


def test_who_has_no_mailbox_gets_the_letter_on_paper(world: World, sim: DigipostSim) -> None:
    register(world.tenant_id, a_claim(national_id=OLA))
    world.night()
    work_off(world)
    world.next_day()
    by_digipost, on_paper = sorted(world.letters(), key=lambda letter: letter.channel)
    assert (by_digipost.channel, by_digipost.state) == ("digipost", "withdrawn")
    assert by_digipost.why.startswith("unreachable")
    assert (on_paper.channel, on_paper.state) == ("print_post", "sent")
    assert not sim.mail.letters


@pytest.mark.parametrize("fault", ["lost", "wrong_signature", "gateway_502"])
def test_a_letter_whose_answer_was_lost_is_taken_up_again_and_sent_once(
    world: World, sim: DigipostSim, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    register(world.tenant_id, a_claim(national_id=SINDRE))
    sim.faults.add(fault, on="message")
    world.night()
    assert the_letter(world).state == "sending"
    later = clock.wall_now
    monkeypatch.setattr(clock, "wall_now", lambda: later() + timedelta(hours=2))
    work_off(world)
    letter = the_letter(world)
    assert (letter.state, letter.sent_on) == ("sent", MONDAY)
    assert sim.mail.takes == {str(letter.id): 1}


def test_that_it_was_opened_is_noted_and_changes_nothing_else(world: World, sim: DigipostSim) -> None:
    register(world.tenant_id, a_claim(national_id=SINDRE))
    world.night()
    letter = the_letter(world)
    sim.mail.open(str(letter.id))
    workers.jobs.collect_receipts(str(world.tenant_id))
    again = the_letter(world)
    assert (again.state, again.sent_on, again.fee_ore) == (letter.state, letter.sent_on, letter.fee_ore)
    assert sim.called("events")
