"""What comes back of a letter, in whatever order, and what a person then does with it."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from saas.cases.addresses import enter_address
from saas.cases.books import book_of
from saas.cases.by_hand import count_as_sent, put_aside, send_again, stop
from saas.cases.lifecycle import get_case, place_hold
from saas.cases.receipts import keep_report, take_receipts, take_reports
from saas.documents.letter import LetterKind
from saas.documents.particulars import Answer, ObjectionAnswered
from saas.hooks import DeliveryReceipt, ReceiptState
from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.errors import BadInput, Refused
from saas.kernel.servers import Servers
from saas.ledger.audit import audit
from saas.rules.facts import HoldReason, Stage
from saas.simulators.print_house import PrintHouse
from tenants.resolve import open_tenant
from tests.builders import MONDAY, at
from tests.dispatch.world import KARI, Post, claim, post

TUESDAY = MONDAY + timedelta(days=1)
ANSWER = ObjectionAnswered(Answer.REJECTED, "Fakturaen gjelder strømmen du brukte i januar.", date(2026, 3, 20))


@pytest.fixture
def world(servers: Servers) -> Iterator[Post]:
    """A reminder is with the print house."""
    with post(servers, claim(KARI), digipost=False) as world:
        world.night(hand_over=False)
        world.work_off()
        yield world


def told(world: Post, state: ReceiptState, on: date | None = None, *, name: str = "a", code: str = "") -> int:
    """The print house says this of the first letter."""
    receipt = DeliveryReceipt(str(world.letters()[0].id), state, on, code, f"line {name}")
    with open_tenant(world.tenant_id) as tenant:
        return take_receipts(tenant, "print_post", name, [receipt], now=at(world.today))


def fees_ore(world: Post) -> int:
    [case] = world.cases()
    with open_tenant(world.tenant_id) as tenant:
        assert audit(tenant) == []
        return book_of(tenant, [case.id])[case.id].notice_fee_charged_ore


def test_a_letter_that_comes_back_waits_for_an_address_and_is_then_decided_anew(world: Post) -> None:
    told(world, ReceiptState.SENT, TUESDAY)
    assert told(world, ReceiptState.RETURNED, TUESDAY + timedelta(days=6), name="b", code="moved") == 1
    [letter], [case] = world.letters(), world.cases()
    assert (letter.state, letter.why, letter.attention) == ("failed", "returned:moved", "returned")
    assert (case.stage, world.holds(case), fees_ore(world)) == (Stage.REGISTERED, ["no_address"], 0)
    assert world.night(hand_over=False).steps.get("reminder") is None
    with open_tenant(world.tenant_id) as tenant:
        enter_address(tenant, get_case(tenant, case.id, lock=True), lines=["Nygata 2"], postcode="5003", city="Bergen",
                      now=at(MONDAY), actor="anne")  # fmt: skip
    assert world.letters()[0].attention == ""
    world.next_day()
    assert world.night(hand_over=False).steps == {"reminder": 1}
    world.work_off()
    assert (world.letters()[-1].state, fees_ore(world)) == ("handed_over", 3_800)


def test_a_message_that_comes_back_is_told_again_at_the_new_address(servers: Servers) -> None:
    with post(servers, claim(KARI), digipost=False) as world:
        world.tell(LetterKind.OBJECTION_ANSWERED, ANSWER)
        world.work_off()
        told(world, ReceiptState.SENT, TUESDAY)
        told(world, ReceiptState.RETURNED, TUESDAY, name="b")
        [case] = world.cases()
        with open_tenant(world.tenant_id) as tenant:
            enter_address(tenant, get_case(tenant, case.id, lock=True), lines=["Nygata 2"], postcode="5003",
                          city="Bergen", now=at(MONDAY), actor="anne")  # fmt: skip
        world.work_off()
        assert [x.state for x in world.letters()] == ["failed", "handed_over"]


@pytest.mark.parametrize(
    "order", ["sent opened", "opened sent", "sent sent opened opened", "sent failed", "sent unknown"]
)
def test_receipts_in_any_order_and_twice_come_to_the_same(world: Post, order: str) -> None:
    for number, state in enumerate(order.split()):
        told(world, ReceiptState(state), TUESDAY, name=str(number))
    [letter] = world.letters()
    assert (letter.state, letter.sent_on) == ("sent", TUESDAY)
    assert letter.opened_on == (TUESDAY if "opened" in order else None)


def test_a_page_taken_before_does_nothing_and_strangers_in_it_are_passed_over(world: Post) -> None:
    assert told(world, ReceiptState.SENT, TUESDAY) == 1
    assert told(world, ReceiptState.FAILED) == 0  # the same name
    strangers = [DeliveryReceipt(each, ReceiptState.SENT, TUESDAY) for each in (str(UUID(int=7)), "not an id")]
    with open_tenant(world.tenant_id) as tenant:
        assert take_receipts(tenant, "print_post", "c", strangers, now=at(MONDAY)) == 0


def test_no_step_rests_on_a_letter_proven_sent_after_its_deadline_less_14_days(world: Post) -> None:
    [letter] = world.letters()
    told(world, ReceiptState.SENT, letter.deadline_on - timedelta(days=13))
    [letter], [case] = world.letters(), world.cases()
    assert (letter.state, letter.why) == ("failed", "posted_too_late")
    assert (case.stage, fees_ore(world)) == (Stage.REGISTERED, 0)


def test_a_report_pushed_to_us_is_kept_once_and_worked_off_once(world: Post) -> None:
    receipt = DeliveryReceipt(str(world.letters()[0].id), ReceiptState.SENT, TUESDAY, "", "{}")
    with open_tenant(world.tenant_id) as tenant:
        assert keep_report(tenant, "sms", "hash", [receipt])
        assert not keep_report(tenant, "sms", "hash", [receipt])
    with open_tenant(world.tenant_id) as tenant:
        assert take_reports(tenant, now=at(MONDAY)) == 1
    with open_tenant(world.tenant_id) as tenant:
        assert take_reports(tenant, now=at(MONDAY)) == 0
    assert world.letters()[0].state == "sent"


# --- a person ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def nobody_knows(world: Post) -> Post:
    """Nobody knows whether the reminder left."""
    told(world, ReceiptState.UNKNOWN, code="lost")
    assert (world.letters()[0].state, world.letters()[0].attention) == ("unknown", "unknown")
    return world


def test_while_nobody_knows_no_step_is_taken(nobody_knows: Post) -> None:
    asleep = PrintHouse(settings().print_folder, slow_days=99)
    for _ in range(30):
        nobody_knows.next_day(print_house=asleep)
        assert "collection_notice" not in nobody_knows.night(hand_over=False).steps
    assert len(nobody_knows.letters()) == 1


def test_a_person_vouches_for_the_day_it_was_sent(nobody_knows: Post) -> None:
    [letter] = nobody_knows.letters()
    with open_tenant(nobody_knows.tenant_id) as tenant:
        with pytest.raises(BadInput):
            count_as_sent(tenant, letter.id, TUESDAY, "trykkeriet bekreftet", now=at(MONDAY), actor="anne")
        with pytest.raises(BadInput):
            count_as_sent(tenant, letter.id, MONDAY, " ", now=at(MONDAY), actor="anne")
        count_as_sent(tenant, letter.id, MONDAY, "trykkeriet bekreftet", now=at(MONDAY), actor="anne")
    [letter] = nobody_knows.letters()
    assert (letter.state, letter.sent_on, letter.attention) == ("sent", MONDAY, "")
    assert "trykkeriet bekreftet" in letter.evidence


def send_it_again(world: Post) -> None:
    with open_tenant(world.tenant_id) as tenant:
        send_again(tenant, world.letters()[0].id, "kom ikke fram", now=clock.now(tenant), actor="anne")


def test_a_person_has_it_sent_again_and_the_fee_is_charged_once(nobody_knows: Post) -> None:
    send_it_again(nobody_knows)
    assert fees_ore(nobody_knows) == 0
    nobody_knows.next_day()
    assert nobody_knows.night(hand_over=False).steps == {"reminder": 1}
    assert [x.state for x in nobody_knows.letters()] == ["failed", "queued"]
    assert fees_ore(nobody_knows) == 3_800


def test_a_case_that_waits_because_its_letter_was_lost_goes_on_when_a_person_sends_it_again(world: Post) -> None:
    told(world, ReceiptState.FAILED, code="lost")
    [case] = world.cases()
    assert list(world.holds(case)) == [HoldReason.PERSON]
    world.next_day()
    assert world.night(hand_over=False).steps == {}
    send_it_again(world)
    assert list(world.holds(case)) == []
    world.next_day()
    assert world.night(hand_over=False).steps == {"reminder": 1}


def test_what_else_a_case_waits_for_stands_when_a_letter_is_sent_again(world: Post) -> None:
    [case], because = world.cases(), "unmatched_payment"
    with open_tenant(world.tenant_id) as tenant:
        locked = get_case(tenant, case.id, lock=True)
        place_hold(tenant, locked, HoldReason.PERSON, since=MONDAY, note=because, now=at(MONDAY), actor="anne")
    told(world, ReceiptState.FAILED, code="lost")
    send_it_again(world)
    world.next_day()
    assert list(world.holds(case)) == [HoldReason.PERSON]
    assert "reminder" not in world.night(hand_over=False).steps


def test_a_person_gives_it_up(nobody_knows: Post) -> None:
    [letter] = nobody_knows.letters()
    with open_tenant(nobody_knows.tenant_id) as tenant:
        stop(tenant, letter.id, "skal ikke sendes", now=at(MONDAY), actor="anne")
    assert (nobody_knows.letters()[0].state, fees_ore(nobody_knows)) == ("failed", 0)


def test_what_is_sent_cannot_be_stopped_or_sent_again(world: Post) -> None:
    told(world, ReceiptState.SENT, TUESDAY)
    [letter] = world.letters()
    with open_tenant(world.tenant_id) as tenant:
        with pytest.raises(Refused):
            stop(tenant, letter.id, "angret", now=at(MONDAY), actor="anne")
        with pytest.raises(Refused):
            send_again(tenant, letter.id, "angret", now=at(MONDAY), actor="anne")
        put_aside(tenant, letter.id, "alt i orden", now=at(MONDAY), actor="anne")


def test_a_letter_that_waits_can_be_stopped_with_its_fee(servers: Servers) -> None:
    with post(servers, claim(KARI)) as world:
        world.night(hand_over=False)
        [letter] = world.letters()
        with open_tenant(world.tenant_id) as tenant:
            stop(tenant, letter.id, "ringte skyldneren", now=at(MONDAY), actor="anne")
        assert (world.letters()[0].state, world.letters()[0].why, fees_ore(world)) == ("withdrawn", "by_hand", 0)
        world.work_off()
        assert world.digipost.mail.takes == {}
