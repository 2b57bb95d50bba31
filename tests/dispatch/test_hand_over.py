"""A letter finds its way, leaves once, and is proven to have done so."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from saas.cases.books import book_of
from saas.cases.lifecycle import close_case, get_case
from saas.dispatch.health import open_again
from saas.kernel import clock
from saas.kernel.servers import Servers
from saas.ledger.audit import audit
from saas.rules.facts import Stage
from tenants.resolve import open_tenant
from tests.builders import MONDAY, at
from tests.dispatch.world import KARI, OLA, Post, claim, post


@pytest.fixture
def kari(servers: Servers) -> Iterator[Post]:
    """A reminder to somebody with a mailbox is decided and waits."""
    with post(servers, claim(KARI)) as world:
        world.night(hand_over=False)
        yield world


@pytest.fixture
def ola(servers: Servers) -> Iterator[Post]:
    """A reminder to somebody without one is decided and waits."""
    with post(servers, claim(OLA)) as world:
        world.night(hand_over=False)
        yield world


def fees_ore(world: Post) -> int:
    """What the case has been charged in notice fees; the book must hold."""
    [case] = world.cases()
    with open_tenant(world.tenant_id) as tenant:
        assert audit(tenant) == []
        return book_of(tenant, [case.id])[case.id].notice_fee_charged_ore


def took(world: Post) -> list[int]:
    """How often each letter was taken at Digipost."""
    return list(world.digipost.mail.takes.values())


def test_whoever_has_a_mailbox_gets_digital_post_proven_sent_the_same_day(kari: Post) -> None:
    kari.work_off()
    [letter] = kari.letters()
    assert (letter.channel, letter.medium, letter.state, letter.sent_on) == ("digipost", "digital_post", "sent", MONDAY)
    assert letter.deadline_on >= MONDAY + timedelta(days=14)
    assert letter.external_id
    assert letter.evidence
    assert took(kari) == [1]


def test_a_confirmed_non_user_gets_the_same_on_paper_with_one_fee_and_is_remembered(ola: Post) -> None:
    ola.work_off()
    first, second = ola.letters()
    assert (first.state, first.why) == ("withdrawn", "unreachable:digipost")
    assert (second.channel, second.state, second.replaces) == ("print_post", "handed_over", first.id)
    assert second.deadline_on >= second.expected_sending_on + timedelta(days=14)
    assert fees_ore(ola) == 3_800
    assert took(ola) == []
    assert ola.unlawful() == []
    ola.until(second.deadline_on + timedelta(days=10))
    assert [x.channel for x in ola.of_kind("collection_notice")] == ["print_post"]  # not asked about once more


def test_a_digipost_that_is_down_makes_the_letter_wait_and_not_be_printed(kari: Post) -> None:
    kari.digipost.faults.down = True
    kari.work_off()
    [letter] = kari.letters()
    health = kari.health("digipost")
    assert (letter.state, letter.channel) == ("ready", "digipost")
    assert health is not None
    assert (health.state, health.failures) == ("down", 1)  # not asked again before its time
    kari.digipost.faults.down = False
    kari.work_off()
    assert kari.letters()[0].state == "ready"
    kari.let_channels_be_tried()
    kari.work_off()
    assert (kari.letters()[0].state, took(kari)) == ("sent", [1])
    health = kari.health("digipost")
    assert health is not None
    assert health.state == "ok"


def test_a_letter_whose_answer_was_lost_is_given_again_and_taken_once(kari: Post) -> None:
    kari.digipost.faults.add(*["lost"] * 4, on="message")
    kari.work_off()
    assert kari.letters()[0].state == "sending"
    kari.let_leases_end()
    kari.let_channels_be_tried()
    kari.digipost.faults.waiting.clear()
    kari.work_off()
    assert (kari.letters()[0].state, took(kari)) == ("sent", [1])


def test_a_payment_withdraws_what_waits_but_not_what_may_have_left(kari: Post) -> None:
    kari.digipost.faults.add(*["lost"] * 4, on="message")
    kari.work_off()
    with open_tenant(kari.tenant_id) as tenant:
        [case] = kari.cases()
        close_case(tenant, get_case(tenant, case.id, lock=True), "paid", on=MONDAY, now=at(MONDAY), actor="cli")
    assert kari.letters()[0].state == "sending"
    kari.let_leases_end()
    kari.let_channels_be_tried()
    kari.digipost.faults.waiting.clear()
    kari.work_off()
    assert (kari.letters()[0].state, took(kari)) == ("sent", [1])
    assert kari.cases()[0].stage == Stage.CLOSED


def test_with_keys_that_are_not_ours_the_channel_stops_and_a_person_opens_it_again(kari: Post) -> None:
    known = dict(kari.digipost.registered)
    kari.digipost.registered.clear()
    kari.work_off()
    health = kari.health("digipost")
    assert health is not None
    assert health.state == "stopped"
    assert kari.letters()[0].state == "ready"
    kari.digipost.registered.update(known)
    kari.let_channels_be_tried()
    kari.work_off()
    assert kari.letters()[0].state == "ready"  # nobody has looked
    with open_tenant(kari.tenant_id) as tenant:
        open_again(tenant, "digipost", wall_now=clock.wall_now(), now=at(MONDAY), actor="anne")
    kari.work_off()
    assert kari.letters()[0].state == "sent"


def test_what_was_written_days_ago_is_decided_again_before_it_leaves(kari: Post) -> None:
    kari.digipost.faults.down = True
    kari.work_off()
    for _ in range(7):
        kari.next_day()
    kari.digipost.faults.down = False
    kari.let_channels_be_tried()
    kari.work_off()
    stale, fresh = kari.letters()
    assert (stale.state, stale.why) == ("withdrawn", "deadline_too_short")
    assert (fresh.state, fresh.sent_on) == ("sent", kari.today)
    assert fresh.deadline_on >= kari.today + timedelta(days=14)
    assert (took(kari), fees_ore(kari)) == ([1], 3_800)


def test_on_a_sunday_digital_post_waits_for_monday_and_paper_does_not(servers: Servers) -> None:
    with post(servers, claim(KARI), claim(OLA)) as world:
        world.choose("digital_post", "reserved", of=OLA)
        for _ in range(6):
            world.next_day()
        assert world.today == date(2026, 3, 8)
        world.night(hand_over=False)
        world.work_off()
        states = {letter.medium: letter.state for letter in world.letters()}
        assert states == {"digital_post": "queued", "paper": "handed_over"}
        world.next_day()
        world.work_off()
        [digital] = [letter for letter in world.letters() if letter.medium == "digital_post"]
        assert (digital.state, digital.sent_on) == ("sent", date(2026, 3, 9))
        assert digital.deadline_on >= date(2026, 3, 9) + timedelta(days=14)


def test_a_reservation_is_respected(kari: Post) -> None:
    kari.choose("digital_post", "reserved")
    kari.work_off()
    assert [(x.channel, x.state) for x in kari.letters()] == [("print_post", "handed_over")]
    assert kari.digipost.calls == []


def test_a_tenant_may_put_paper_first_and_nothing_else(kari: Post) -> None:
    with open_tenant(kari.tenant_id) as tenant:
        policy = tenant.settings.policy | {"media_order": ["portal", "paper"]}
        tenant.session.execute(
            sa.text("update tenant_settings set policy = cast(:p as jsonb) where tenant_id = :t"),
            {"p": json.dumps(policy), "t": kari.tenant_id},
        )
    kari.work_off()
    assert [(x.channel, x.state) for x in kari.letters()] == [("print_post", "handed_over")]


def test_without_an_agreement_all_goes_on_paper(servers: Servers) -> None:
    with post(servers, claim(KARI), digipost=False) as world:
        world.night(hand_over=False)
        world.work_off()
        assert [(x.channel, x.state) for x in world.letters()] == [("print_post", "handed_over")]
