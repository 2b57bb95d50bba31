"""Dispatch at the desk: what waits for a person is shown and done there; figures as plot and table."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page

from saas.cases.receipts import take_receipts
from saas.documents.letter import LetterKind
from saas.documents.particulars import Answer, LoginCode, ObjectionAnswered
from saas.hooks import DeliveryReceipt, ReceiptState
from saas.kernel.servers import Servers
from saas.portals.shared.limits import limiter
from tenants.resolve import open_tenant
from tests.builders import MONDAY, at, creditor_of
from tests.dispatch.world import KARI, OLA, Post, claim, post
from tests.payments.settlement.house import PASSWORD, person
from tests.portals.browsing import is_sound, picture, served
from tests.portals.conftest import Visitor

ANSWER = ObjectionAnswered(Answer.REJECTED, "Fakturaen gjelder strømmen du brukte i januar.", MONDAY + timedelta(20))


@pytest.fixture(scope="module")
def world(servers: Servers) -> Iterator[Post]:
    """Letters in every state a person may meet, and a channel that has stopped."""
    claims = [claim(KARI), claim(OLA), claim(None), claim(None), claim(None, phone="+47 999 99 999")]
    with post(servers, *claims) as world:
        world.night(hand_over=False)
        world.work_off()
        printed = [x for x in world.letters() if x.channel == "print_post"]
        states = [ReceiptState.SENT, ReceiptState.UNKNOWN, ReceiptState.SENT]
        told = [
            DeliveryReceipt(str(x.id), state, MONDAY + timedelta(1), "lost", "posted;2026-03-03")
            for x, state in zip(printed, states, strict=False)
        ]
        with open_tenant(world.tenant_id) as tenant:
            take_receipts(tenant, "print_post", "a", told, now=at(MONDAY))
            back = DeliveryReceipt(told[2].dispatch_id, ReceiptState.RETURNED, MONDAY, "moved")
            take_receipts(tenant, "print_post", "b", [back], now=at(MONDAY))
            person(tenant, "Hanne Handler", "handler")
            person(tenant, "Astrid Admin", "admin")
            person(tenant, "Nina Nordlys", "creditor", creditor_of(world.tenant_id, "nordlys-kraft"))
        world.choose("portal", "consents")
        world.digipost.registered.clear()
        world.tell(LetterKind.LOGIN_CODE, LoginCode(), world.cases()[0])
        world.tell(LetterKind.OBJECTION_ANSWERED, ANSWER, world.cases()[4])
        world.work_off()
        yield world


def visit(app: Flask, world: Post, who: str) -> Visitor:
    with app.app_context():
        limiter.reset()
    with open_tenant(world.tenant_id) as tenant:
        slug = tenant.slug
    visitor = Visitor(app.test_client(), slug)
    visitor.get("/creditor/login")
    visitor.post("/creditor/login", email=f"{who}@{slug}.example", password=PASSWORD)
    return visitor


def test_the_page_tells_what_waits_what_was_sent_and_how_the_channels_are(app: Flask, world: Post) -> None:
    text = visit(app, world, "hanne.handler").get("/admin/dispatch").get_data(as_text=True)
    for words in ("Venter på en saksbehandler", "Brevet kom i retur", "Ingen vet om brevet gikk ut", "Bevist sendt",
                  "Digipost er stoppet", "Brev som krysset", "per time gjennom Digipost"):  # fmt: skip
        assert words in text, words


def test_plot_and_table_show_the_same_figures(app: Flask, world: Post) -> None:
    text = visit(app, world, "hanne.handler").get("/admin/dispatch").get_data(as_text=True)
    [figure] = re.findall(r"<figure>(?:(?!</figure>).)*per time gjennom Digipost.*?</figure>", text, re.DOTALL)
    drawn = sum(map(int, re.findall(r'data-v="(\d+)"', figure)))
    shown = sum(map(int, re.findall(r'<td class="num">(\d+)</td>', figure)))
    assert drawn == shown > 0
    assert "style=" not in figure


def test_only_staff_sees_it_and_only_an_admin_opens_a_channel(app: Flask, world: Post) -> None:
    assert visit(app, world, "nina.creditor").get("/admin/dispatch").status_code == 403
    hanne = visit(app, world, "hanne.handler")
    hanne.get("/admin/dispatch")
    assert hanne.post("/admin/dispatch/channels/digipost/open").status_code == 403


def test_a_letter_is_acted_on_with_a_reason_that_stands_in_the_history(app: Flask, world: Post) -> None:
    hanne = visit(app, world, "hanne.handler")
    [unknown] = [x for x in world.letters() if x.state == "unknown" and x.step]
    hanne.get("/admin/dispatch")
    without = hanne.post(f"/admin/dispatch/{unknown.id}/counted", on=MONDAY.isoformat(), reason="")
    assert without.status_code == 422
    assert "Skriv kort hvorfor" in without.get_data(as_text=True)
    done = hanne.post(f"/admin/dispatch/{unknown.id}/counted", on=MONDAY.isoformat(), reason="Trykkeriet bekreftet")
    assert done.status_code == 303
    assert (world.letter(unknown.id).state, world.letter(unknown.id).sent_on) == ("sent", MONDAY)
    hanne.get("/admin/dispatch")
    again = hanne.post(f"/admin/dispatch/{unknown.id}/stopped", reason="For sikkerhets skyld")
    assert again.status_code == 409


def test_a_new_address_is_entered_on_the_case(app: Flask, world: Post) -> None:
    hanne = visit(app, world, "hanne.handler")
    [back] = [x for x in world.letters() if x.attention == "returned"]
    number = next(case.number for case in world.cases() if case.id == back.case_id)
    hanne.get(f"/admin/dispatch/case/{number}")
    wrong = hanne.post(f"/admin/dispatch/case/{number}/address", line_1="", postcode="", city="")
    assert wrong.status_code == 422
    right = hanne.post(f"/admin/dispatch/case/{number}/address", line_1="Nygata 2", postcode="5003", city="Bergen")
    assert right.status_code == 303
    assert world.letter(back.id).attention == ""


def test_the_desk_of_dispatch_speaks_what_is_chosen_and_the_others_bokmaal(app: Flask, world: Post) -> None:
    hanne = visit(app, world, "hanne.handler")
    number = world.cases()[0].number
    in_norwegian = hanne.get("/admin/dispatch", headers={"Accept-Language": "en"}).text
    assert '<html lang="nb">' in in_norwegian, "a browser is no choice at a desk"
    for language, told in (("en", "Waiting for a case handler"), ("nn", "Ventar på ein saksbehandlar")):
        pages = [hanne.get(f"/admin/dispatch{path}").text for path in (f"?language={language}", f"/case/{number}")]
        assert told in pages[0]
        for page_shown in pages:
            assert f'<html lang="{language}">' in page_shown
            left = re.findall(r"\b(?:ikke|brevet er|hvorfor|fra|eller nøklene|saken)\b", _shown(page_shown))
            assert left == []
    assert '<html lang="nb">' in hanne.get("/admin/payments").text


def _shown(page_shown: str) -> str:
    """The words of a page in small letters, without what the other side answered and what is marked as bokmål."""
    body = re.sub(
        r'<span lang="nb">.*?</span>|<p class="typed small">.*?</p>|<footer.*', " ", page_shown, flags=re.DOTALL
    )
    return " ".join(re.sub(r"<[^>]+>", " ", body[body.index("<body") :]).split()).lower()


@pytest.mark.browser
def test_the_pages_are_sound(app: Flask, world: Post, page: Page) -> None:
    with open_tenant(world.tenant_id) as tenant:
        slug = tenant.slug
    with served(app) as address:
        base = f"{address}/t/{slug}"
        page.goto(f"{base}/creditor/login")
        page.get_by_label("E-post").fill(f"astrid.admin@{slug}.example")
        page.get_by_label("Passord").fill(PASSWORD)
        page.get_by_role("button", name="Logg inn").click()
        case = f"/case/{world.cases()[0].number}"
        for name, path in (("day", ""), ("case", case), ("day-en", "?language=en")):
            page.goto(f"{base}/admin/dispatch{path}")
            for summary in page.locator("details > summary").all():
                summary.click()
            is_sound(page)
            picture(page, f"dispatch-{name}")
