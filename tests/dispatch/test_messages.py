"""Messages: told where the debtor looks, never more often than agreed, and only while they are true."""

from collections.abc import Iterator
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from saas.cases.lifecycle import get_case, lift_hold, place_hold
from saas.documents.letter import LetterKind
from saas.documents.particulars import Answer as Upheld
from saas.documents.particulars import (
    ClosingConfirmation,
    DeferralGranted,
    LegalActionNotice,
    LoginCode,
    ObjectionAnswered,
    PaymentReceived,
)
from saas.kernel.servers import Servers
from saas.rules.facts import HoldReason
from saas.rules.money import Ore
from tenants.resolve import open_tenant
from tests.builders import MONDAY, at
from tests.dispatch.world import KARI, Post, claim, post

ANSWER = ObjectionAnswered(Upheld.REJECTED, "Fakturaen gjelder strømmen du brukte i januar.", date(2026, 3, 20))


@pytest.fixture
def kari(servers: Servers) -> Iterator[Post]:
    """A case of somebody who looks in the portal and has an e-mail address and a mobile; no Digipost."""
    with post(servers, claim(KARI, email="kari@example.no", phone="+47 999 99 999"), digipost=False) as world:
        world.choose("portal", "consents")
        yield world


def payment(number: int) -> PaymentReceived:
    """One of several payments, told apart by its sum."""
    return PaymentReceived(Ore(10_000 + number), MONDAY, Ore(50_000))


def test_a_message_lies_in_the_portal_and_an_e_mail_says_so_and_no_more(kari: Post) -> None:
    told = kari.tell(LetterKind.OBJECTION_ANSWERED, ANSWER)
    kari.work_off()
    message, notice = kari.letters()
    assert (message.id, message.channel, message.state) == (told, "portal_mailbox", "sent")
    assert (notice.channel, notice.notice_of, notice.fee_ore) == ("email", told, 0)
    [mail] = kari.email.mails
    words = str(message_from_bytes(mail.raw, policy=default).get_body(("plain",))).casefold()
    assert "brev fra fjord" in words
    for revealing in ("inkasso", "januar", "nordlys", "1240", "faktura", str(kari.cases()[0].number)):
        assert revealing not in words


def test_who_has_no_e_mail_is_told_by_sms(kari: Post) -> None:
    kari.debtors(email="")
    kari.tell(LetterKind.OBJECTION_ANSWERED, ANSWER)
    kari.work_off()
    assert [x.channel for x in kari.letters()] == ["portal_mailbox", "sms"]
    assert len(kari.sms.messages) == 1


def test_two_notices_a_week_and_then_the_portal_only(kari: Post) -> None:
    for number in range(4):
        kari.tell(LetterKind.PAYMENT_RECEIVED, payment(number))
        kari.work_off()
    notices = [x for x in kari.letters() if x.notice_of]
    assert [x.state for x in notices] == ["sent", "sent", "withdrawn", "withdrawn"]
    assert notices[-1].why == "contact_cap"
    assert len([x for x in kari.letters() if x.channel == "portal_mailbox" and x.state == "sent"]) == 4
    assert len(kari.email.mails) == 2
    for _ in range(8):
        kari.next_day()
    kari.tell(LetterKind.PAYMENT_RECEIVED, payment(9))
    kari.work_off()
    assert len(kari.email.mails) == 3


def test_an_sms_nobody_knows_the_fate_of_is_a_persons_and_never_sent_again(kari: Post) -> None:
    kari.debtors(email="")
    kari.sms.faults.append("lost")
    kari.tell(LetterKind.OBJECTION_ANSWERED, ANSWER)
    kari.work_off()
    kari.let_leases_end()
    kari.let_channels_be_tried()
    kari.work_off()
    notice = kari.letters()[-1]
    assert (notice.channel, notice.state, notice.attention) == ("sms", "unknown", "unknown")
    assert len(kari.sms.messages) == 1


def test_an_sms_whose_worker_died_is_not_sent_again_but_left_to_a_person(kari: Post) -> None:
    kari.debtors(email="")
    kari.tell(LetterKind.OBJECTION_ANSWERED, ANSWER)
    kari.work_off()
    [notice] = [x for x in kari.letters() if x.channel == "sms"]
    with open_tenant(kari.tenant_id) as tenant:  # as if it had died right after the gateway took it
        row = tenant.session.get(type(notice), (tenant.id, notice.id))
        assert row is not None
        row.state, row.sending_since, row.handed_over_on = "sending", at(MONDAY), None
    kari.work_off()
    assert kari.letter(notice.id).state == "unknown"
    assert len(kari.sms.messages) == 1


def test_who_does_not_look_in_the_portal_gets_what_matters_on_paper_and_the_rest_not_at_all(servers: Servers) -> None:
    with post(servers, claim(KARI, email="kari@example.no"), digipost=False) as world:
        answer = world.tell(LetterKind.OBJECTION_ANSWERED, ANSWER)
        paid = world.tell(LetterKind.PAYMENT_RECEIVED, payment(1))
        world.work_off()
        assert (world.letter(answer).channel, world.letter(answer).state) == ("print_post", "handed_over")
        assert (world.letter(paid).state, world.letter(paid).why, world.letter(paid).attention) == (
            "withdrawn", "no_way", "",
        )  # fmt: skip
        assert world.email.mails == []  # an e-mail alone is no letter


def test_a_message_that_is_no_longer_true_is_not_told(kari: Post) -> None:
    [case] = kari.cases()
    with open_tenant(kari.tenant_id) as tenant:
        row = get_case(tenant, case.id, lock=True)
        place_hold(tenant, row, HoldReason.DEFERRED, since=MONDAY, until=date(2026, 3, 16), now=at(MONDAY), actor="cli")
    told = kari.tell(LetterKind.DEFERRAL_GRANTED, DeferralGranted(MONDAY, date(2026, 3, 16), Ore(124_000)))
    with open_tenant(kari.tenant_id) as tenant:
        row = get_case(tenant, case.id, lock=True)
        lift_hold(tenant, row, HoldReason.DEFERRED, on=MONDAY, now=at(MONDAY), actor="cli")
    kari.work_off()
    assert (kari.letter(told).state, kari.letter(told).why) == ("withdrawn", "deferral_ended")


def test_a_confirmation_of_an_open_case_is_not_told(kari: Post) -> None:
    told = kari.tell(LetterKind.CLOSING_CONFIRMATION, ClosingConfirmation(MONDAY, "paid", Ore(124_000)))
    kari.work_off()
    assert (kari.letter(told).state, kari.letter(told).why) == ("withdrawn", "reopened")


def test_a_code_to_log_in_with_never_goes_where_others_read(kari: Post) -> None:
    told = kari.tell(LetterKind.LOGIN_CODE, LoginCode())
    kari.work_off()
    assert (kari.letter(told).channel, kari.letter(told).state) == ("print_post", "handed_over")
    assert kari.email.mails == []


def test_a_notice_before_a_suit_goes_on_paper_to_a_private_person(servers: Servers) -> None:
    with post(servers, claim(KARI)) as world:
        told = world.tell(
            LetterKind.NOTICE_OF_LEGAL_ACTION,
            LegalActionNotice(date(2026, 2, 12), True, True, MONDAY + timedelta(days=20)),
        )
        world.work_off()
        assert (world.letter(told).channel, world.letter(told).state) == ("print_post", "handed_over")


def test_a_message_with_a_deadline_too_near_is_told_with_a_new_one(servers: Servers) -> None:
    with post(servers, claim(KARI)) as world:
        told = world.tell(
            LetterKind.NOTICE_OF_LEGAL_ACTION,
            LegalActionNotice(date(2026, 2, 12), True, True, MONDAY + timedelta(days=10)),
        )
        world.work_off()
        fresh = next(x for x in world.letters() if x.replaces == told)
        assert world.letter(told).why == "deadline_too_short"
        assert fresh.deadline_on >= fresh.expected_sending_on + timedelta(days=14)
        assert fresh.state == "handed_over"


def test_a_message_to_a_protected_address_is_written_and_left_to_a_person(servers: Servers) -> None:
    with post(servers, claim(None), digipost=False) as world:
        world.debtors(protected_address=True)
        told = world.tell(LetterKind.OBJECTION_ANSWERED, ANSWER)
        world.work_off()
        letter = world.letter(told)
        assert (letter.state, letter.channel, letter.attention) == ("ready", "by_hand", "protected")


def test_a_message_does_not_keep_a_step_of_the_ladder_waiting(kari: Post) -> None:
    kari.tell(LetterKind.OBJECTION_ANSWERED, ANSWER)
    assert kari.night(hand_over=False).steps == {"reminder": 1}
    kari.work_off()
    assert {x.kind: x.state for x in kari.letters() if not x.notice_of} == {
        "objection_answered": "sent",
        "reminder": "handed_over",
    }


def test_the_same_message_asked_for_twice_is_one(kari: Post) -> None:
    assert kari.tell(LetterKind.OBJECTION_ANSWERED, ANSWER) == kari.tell(LetterKind.OBJECTION_ANSWERED, ANSWER)


def test_a_message_of_another_kind_than_its_facts_is_a_mistake(kari: Post) -> None:
    with pytest.raises(ValueError, match="is not told by"):
        kari.tell(LetterKind.CONTACT_LETTER, LoginCode())
