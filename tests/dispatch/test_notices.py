"""A notice that does not arrive is told by the next way, in hours and under the cap; else a person is asked."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

import workers.jobs
from saas.cases.by_hand import send_again
from saas.cases.notices import note_read
from saas.cases.receipts import take_receipts
from saas.dispatch.models import Dispatch
from saas.documents.letter import LetterKind
from saas.documents.particulars import Answer, ObjectionAnswered, PaymentReceived
from saas.documents.store import open_letter
from saas.hooks import DeliveryReceipt, ReceiptState
from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.servers import Servers
from saas.rules.money import Ore
from saas.simulators.email import write_bounce
from tenants.resolve import open_tenant
from tests.builders import MONDAY, at
from tests.dispatch.world import KARI, Post, claim, post
from tests.portals.conftest import Visitor
from tests.portals.world import slug_of

ANSWER = ObjectionAnswered(Answer.REJECTED, "Fakturaen gjelder strømmen du brukte i januar.", date(2026, 3, 20))
SATURDAY = date(2026, 3, 7)


@pytest.fixture
def kari(servers: Servers) -> Iterator[Post]:
    """A debtor who looks in the portal, with an e-mail address and a mobile; no Digipost."""
    with post(servers, claim(KARI, email="kari@example.no", phone="+47 999 99 999"), digipost=False) as world:
        world.choose("portal", "consents")
        yield world


def tell(world: Post, left_ore: int | None = None) -> None:
    """Tell of an answer, which must reach the debtor; or (`left_ore`) of a payment, which need not."""
    if left_ore is None:
        world.tell(LetterKind.OBJECTION_ANSWERED, ANSWER)
    else:
        world.tell(LetterKind.PAYMENT_RECEIVED, PaymentReceived(Ore(10_000), MONDAY, Ore(left_ore)))
    world.work_off()


def bounce(world: Post, mail: int = -1, status: str = "5.1.1") -> None:
    """An e-mail that was sent comes back, and what came is read."""
    bounces = settings().print_folder / slug_of(world.tenant_id) / "bounces"
    raw = world.email.mails[mail].raw
    write_bounce(bounces, raw, "kari@example.no", action="failed", status=status, at=at(world.today))
    workers.jobs.collect_receipts(str(world.tenant_id))


def notices(world: Post) -> list[tuple[str, str, str]]:
    """Channel, state and attention of each notice."""
    return [(x.channel, x.state, x.attention) for x in world.letters() if x.notice_of]


def test_an_e_mail_that_comes_back_is_told_by_sms_once(kari: Post) -> None:
    tell(kari)
    assert notices(kari) == [("email", "sent", "")]
    for _ in range(2):
        bounce(kari)
        kari.work_off()
    assert notices(kari) == [("email", "failed", ""), ("sms", "handed_over", "")]
    letter, first, second = kari.letters()
    assert (letter.state, second.notice_of, second.replaces) == ("sent", letter.id, first.id)
    assert (first.why, len(kari.sms.messages), len(kari.email.mails)) == ("failed:failed 5.1.1", 1, 1)


def test_a_mailbox_that_is_not_there_is_not_written_to_again_for_a_while(kari: Post) -> None:
    tell(kari)
    bounce(kari)
    kari.work_off()
    for _ in range(8):
        kari.next_day()
    tell(kari, 90_000)
    assert notices(kari)[-1] == ("sms", "handed_over", ""), "at once: no second e-mail into nothing"
    assert len(kari.email.mails) == 1


def test_a_mailbox_that_is_full_is_tried_again_with_the_next_letter(kari: Post) -> None:
    tell(kari)
    bounce(kari, status="5.2.2")
    kari.work_off()
    for _ in range(8):
        kari.next_day()
    tell(kari, 90_000)
    assert notices(kari)[-1] == ("email", "sent", "")


def test_an_address_the_server_knows_nobody_at_is_told_by_sms_too(kari: Post) -> None:
    kari.email.faults.append("nobody")
    tell(kari)
    assert notices(kari) == [("email", "withdrawn", ""), ("sms", "handed_over", "")]


def test_an_sms_that_does_not_arrive_is_told_by_e_mail_when_there_is_one_by_then(kari: Post) -> None:
    kari.debtors(email="")
    tell(kari)
    kari.debtors(email="kari@example.no")
    told = str(kari.letters()[-1].id)
    with open_tenant(kari.tenant_id) as tenant:
        receipt = DeliveryReceipt(told, ReceiptState.FAILED, MONDAY, "2104 bad_number_unknown", "")
        take_receipts(tenant, "sms", "r1", [receipt], now=clock.now(tenant))
    kari.work_off()
    assert notices(kari) == [("sms", "failed", ""), ("email", "sent", "")]


def test_the_next_notice_waits_for_contact_hours(kari: Post) -> None:
    while kari.today < SATURDAY:
        kari.next_day()
    tell(kari)
    assert notices(kari) == [("email", "sent", "")], "Saturday morning is allowed"
    kari.next_day()
    bounce(kari)
    kari.work_off()
    assert notices(kari)[-1] == ("sms", "queued", ""), "not on a Sunday"
    assert kari.sms.messages == []
    kari.next_day()
    kari.work_off()
    assert notices(kari)[-1] == ("sms", "handed_over", "")


def test_what_came_back_has_disturbed_nobody_and_does_not_count(kari: Post) -> None:
    for left in (90_000, 80_000):
        tell(kari, left)
    bounce(kari, 0)
    kari.work_off()
    assert notices(kari)[-1] == ("sms", "handed_over", ""), "one has arrived this week, and two may"
    tell(kari)
    assert kari.letters()[-1].why == "contact_cap"


def test_a_notice_in_anothers_place_waits_until_the_week_lets_it(kari: Post) -> None:
    tell(kari)
    for _ in range(8):
        kari.next_day()
    for left in (90_000, 80_000):
        tell(kari, left)
    bounce(kari, 0)
    kari.work_off()
    assert notices(kari)[-1] == ("sms", "queued", ""), "two have arrived this week"
    assert kari.letters()[-1].not_before is not None
    for _ in range(7):
        kari.next_day()
    kari.work_off()
    assert notices(kari)[-1] == ("sms", "handed_over", "")


def test_when_no_way_is_left_a_person_is_asked_and_can_send_the_letter_itself(kari: Post) -> None:
    kari.debtors(phone="")
    tell(kari)
    bounce(kari)
    kari.work_off()
    assert notices(kari) == [("email", "failed", "not_told")]
    letter, notice = kari.letters()
    with open_tenant(kari.tenant_id) as tenant:
        send_again(tenant, notice.id, "Ringte, ingen svarte.", now=clock.now(tenant), actor="user:1")
    kari.work_off()
    assert notices(kari) == [("email", "failed", "")]
    again = kari.letters()[-1]
    assert (again.kind, again.channel, again.state) == (letter.kind, "print_post", "handed_over")
    assert kari.letter(letter.id).why == "failed:not_told"


def test_a_person_can_have_it_told_again_by_a_way_found_since(kari: Post) -> None:
    kari.debtors(phone="")
    tell(kari)
    bounce(kari)
    kari.debtors(phone="+47 999 99 999")
    with open_tenant(kari.tenant_id) as tenant:
        send_again(tenant, kari.letters()[-1].id, "Fikk nummeret.", now=clock.now(tenant), actor="user:1")
    kari.work_off()
    assert notices(kari) == [("email", "failed", ""), ("sms", "handed_over", "")]


def test_nobody_is_asked_about_what_is_not_worth_a_letter(kari: Post) -> None:
    kari.debtors(phone="")
    tell(kari, 90_000)
    bounce(kari)
    assert notices(kari) == [("email", "failed", "")]


def test_what_has_been_read_meanwhile_needs_no_other_notice(kari: Post, app: Flask) -> None:
    tell(kari)
    letter = kari.letters()[0]
    with open_tenant(kari.tenant_id) as tenant:
        code = open_letter(tenant, letter.id).letter.login_code
    visitor = Visitor(app.test_client(), slug_of(kari.tenant_id))
    visitor.get("/")
    visitor.post("/", case_number=str(kari.cases()[0].number), code=code)
    assert visitor.get(f"/case/letters/{letter.id}").status_code == 200
    assert kari.letter(letter.id).opened_on == MONDAY
    bounce(kari)
    kari.work_off()
    assert notices(kari) == [("email", "failed", "")]


def test_what_is_read_while_its_notice_waits_is_not_told(kari: Post) -> None:
    while kari.today < SATURDAY:
        kari.next_day()
    tell(kari)
    kari.next_day()
    bounce(kari)
    kari.work_off()
    letter: Dispatch = kari.letters()[0]
    with open_tenant(kari.tenant_id) as tenant:
        note_read(tenant, letter.id, clock.today(tenant))
    kari.next_day()
    kari.work_off()
    assert notices(kari)[-1] == ("sms", "withdrawn", "")
    assert kari.letters()[-1].why == "opened"
    assert kari.sms.messages == []


def test_what_must_arrive_lies_in_the_portal_only_when_the_debtor_can_be_told_of_it(kari: Post) -> None:
    kari.debtors(email="", phone="")
    tell(kari)
    [letter] = kari.letters()
    assert (letter.channel, letter.state) == ("print_post", "handed_over")
    tell(kari, 90_000)
    receipt = kari.letters()[-1]
    assert (receipt.channel, receipt.state, notices(kari)) == ("portal_mailbox", "sent", []), "it is there to be found"


def test_a_notice_the_debtor_has_said_no_to_is_no_way_to_be_told(kari: Post) -> None:
    kari.choose("email", "reserved")
    kari.choose("sms", "reserved")
    tell(kari)
    assert kari.letters()[0].channel == "print_post"
