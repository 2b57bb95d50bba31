"""Letters that are asked for, by a debtor or by what has happened."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from saas.cases.asked_for import ask_for_code, confirm_closing
from saas.cases.lifecycle import close_case, get_case
from saas.cases.objections import raise_objection
from saas.cases.requests import answer_request, request_deferral
from saas.kernel.errors import Refused
from saas.kernel.servers import Servers
from saas.payments.objection_answers import answer_objection
from saas.portals.shared.limits import limiter
from saas.rules.money import Ore
from saas.rules.objections import ObjectionKind, Outcome
from tenants.resolve import open_tenant
from tests.builders import MONDAY, at
from tests.dispatch.world import KARI, Post, claim, post
from tests.payments.world import World as Money
from tests.portals.conftest import Visitor


@pytest.fixture
def world(servers: Servers) -> Iterator[Post]:
    """A case whose reminder is on its way."""
    with post(servers, claim(KARI, amount="1 000,00"), digipost=False) as world:
        world.night(hand_over=False)
        world.work_off()
        yield world


def kinds(world: Post) -> list[tuple[str, str]]:
    """The messages, with their channel."""
    return [(x.kind, x.channel) for x in world.letters() if not x.step and not x.notice_of]


def test_an_answer_to_who_asked_in_the_portal_lies_there(world: Post) -> None:
    world.debtors(email="kari@example.no")
    [case] = world.cases()
    until = date(2026, 3, 12)
    with open_tenant(world.tenant_id) as tenant:
        asked = request_deferral(tenant, case.id, until=until, today=MONDAY, now=at(MONDAY), actor="debtor")
        answer_request(tenant, case.id, asked.id, granted_until=until, message="Det går fint.", today=MONDAY,
                       now=at(MONDAY), actor="anne")  # fmt: skip
    world.work_off()
    assert kinds(world) == [("deferral_granted", "portal_mailbox")]


def test_a_no_to_more_time_says_why(world: Post) -> None:
    [case] = world.cases()
    with open_tenant(world.tenant_id) as tenant:
        asked = request_deferral(tenant, case.id, until=date(2026, 3, 12), today=MONDAY, now=at(MONDAY), actor="anne")
        answer_request(tenant, case.id, asked.id, granted_until=None, message="Avtalen løper.", today=MONDAY,
                       now=at(MONDAY), actor="anne")  # fmt: skip
    world.work_off()
    assert kinds(world) == [("deferral_refused", "print_post")]
    assert "Avtalen løper." in next(x for x in world.letters() if not x.step).particulars["because"]


def test_an_objection_is_acknowledged_and_answered_by_letter(world: Post) -> None:
    [case] = world.cases()
    with open_tenant(world.tenant_id) as tenant:
        said = raise_objection(tenant, case.id, kind=ObjectionKind.OTHER, text="Feil", today=MONDAY, now=at(MONDAY),
                               actor="anne")  # fmt: skip
    world.work_off()
    with open_tenant(world.tenant_id) as tenant:
        answer_objection(tenant, case.id, said.id, outcome=Outcome.MAINTAINED, reason="Den stemmer.", today=MONDAY,
                         now=at(MONDAY), actor="anne")  # fmt: skip
    world.work_off()
    assert kinds(world) == [("objection_received", "print_post"), ("objection_answered", "print_post")]


def test_whoever_is_not_the_debtor_is_not_written_to_and_a_person_checks_the_address(world: Post) -> None:
    world.next_day()
    [case] = world.cases()
    with open_tenant(world.tenant_id) as tenant:
        raise_objection(tenant, case.id, kind=ObjectionKind.WRONG_RECIPIENT, text="", today=world.today,
                        now=at(world.today), actor="debtor")  # fmt: skip
    world.work_off()
    assert kinds(world) == []
    assert [x.attention for x in world.letters()] == ["wrong_person"]


def test_a_confirmation_comes_of_a_closed_case_and_once(world: Post) -> None:
    [case] = world.cases()
    with open_tenant(world.tenant_id) as tenant:
        with pytest.raises(Refused):
            confirm_closing(tenant, case.id, now=at(MONDAY), actor="debtor")
        close_case(tenant, get_case(tenant, case.id, lock=True), "paid", on=MONDAY, now=at(MONDAY), actor="cli")
        first = confirm_closing(tenant, case.id, now=at(MONDAY), actor="debtor")
        assert confirm_closing(tenant, case.id, now=at(MONDAY), actor="debtor").id == first.id
    world.work_off()
    assert kinds(world) == [("closing_confirmation", "print_post")]


def test_a_part_of_the_sum_is_told_of_and_nearly_all_of_it_is_a_slip(world: Post) -> None:
    world.next_day()
    [case] = world.cases()
    money = Money(world.tenant_id)
    world.choose("portal", "consents")
    money.pay(case, 30_000, world.today)
    world.work_off()
    assert kinds(world) == [("payment_received", "portal_mailbox")]
    [letter] = [x for x in world.letters() if x.kind == "payment_received" and not x.notice_of]
    assert letter.particulars["amount_ore"] == 30_000
    assert Ore(letter.particulars["left_ore"]) > 70_000


def test_a_new_code_goes_to_the_address_and_the_answer_tells_nothing(app: Flask, world: Post) -> None:
    [case] = world.cases()
    with app.app_context():
        limiter.reset()
    with open_tenant(world.tenant_id) as tenant:
        visitor = Visitor(app.test_client(), tenant.slug)
    answers = []
    for number, postcode in ((case.number, "0155"), (case.number, "9999"), (7, "0155"), ("x", "0155")):
        visitor.get("/new-code")
        answer = visitor.post("/new-code", case_number=str(number), postcode=postcode)
        answers.append((answer.status_code, re.sub(r"csrf[^>]*>", "", answer.get_data(as_text=True))))
    assert len(set(answers)) == 1
    assert answers[0][0] == 200
    assert kinds(world) == [("login_code", "")]
    world.work_off()
    assert kinds(world) == [("login_code", "print_post")]


def test_a_new_code_is_sent_once_a_week(world: Post) -> None:
    [case] = world.cases()
    for day in (0, 1, 8):
        with open_tenant(world.tenant_id) as tenant:
            ask_for_code(tenant, case.number, "0155", now=at(MONDAY + timedelta(days=day)))
        world.work_off()
        world.next_day()  # posted, and proven
    assert [x.decided_on for x in world.letters() if x.kind == "login_code"] == [MONDAY, MONDAY + timedelta(days=8)]


def test_too_much_paid_is_told_with_the_day_it_is_back(world: Post) -> None:
    world.next_day()
    [case] = world.cases()
    Money(world.tenant_id).pay(case, 500_000, world.today)
    world.work_off()
    [(kind, channel)] = kinds(world)
    assert (kind, channel) == ("overpayment", "print_post")
