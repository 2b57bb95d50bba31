"""How somebody wants to be written to: said in the portal or at the desk, and kept to from the next letter on."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page

from saas.cases.lifecycle import cipher_of, get_case
from saas.cases.models import Debtor
from saas.cases.reach import Reach, note_nobody_there, reach_of
from saas.documents.letter import LetterKind
from saas.documents.particulars import Answer, LoginCode, ObjectionAnswered
from saas.documents.store import open_letter
from saas.hooks import Medium
from saas.kernel import clock, crypto
from saas.kernel.history import HistoryEvent
from saas.kernel.servers import Servers
from saas.portals.shared.limits import limiter
from tenants.resolve import open_tenant
from tests.builders import MONDAY, creditor_of
from tests.dispatch.test_notices import SATURDAY, bounce
from tests.dispatch.world import KARI, Post, claim, post
from tests.payments.settlement.house import PASSWORD, person
from tests.portals.browsing import is_sound, picture, served
from tests.portals.conftest import Visitor
from tests.portals.world import slug_of

ANSWER = ObjectionAnswered(Answer.REJECTED, "Fakturaen gjelder strømmen du brukte i januar.", MONDAY + timedelta(22))
ALL = {"language": "nb", "portal": "on", "digital_post": "on", "email": "on", "sms": "on"}


@pytest.fixture
def kari(servers: Servers) -> Iterator[Post]:
    """A debtor who can be reached by everything there is, and has never said a word of it."""
    with post(servers, claim(KARI, email="kari@example.no", phone="+47 999 99 987")) as world:
        yield world


@pytest.fixture
def debtor(app: Flask, kari: Post) -> Visitor:
    """Kari, logged in with the code of a letter."""
    dispatch_id = kari.tell(LetterKind.LOGIN_CODE, LoginCode())
    kari.work_off()
    with open_tenant(kari.tenant_id) as tenant:
        code = open_letter(tenant, dispatch_id).letter.login_code
    visitor = Visitor(app.test_client(), slug_of(kari.tenant_id))
    visitor.get("/")
    assert visitor.post("/", case_number=str(kari.cases()[0].number), code=code).status_code == 303
    return visitor


@pytest.fixture
def desk(app: Flask, kari: Post) -> Visitor:
    """A case handler, logged in."""
    with app.app_context():
        limiter.reset()
    with open_tenant(kari.tenant_id) as tenant:
        person(tenant, "Hanne Handler", "handler")
        person(tenant, "Nina Nordlys", "creditor", creditor_of(kari.tenant_id, "nordlys-kraft"))
    return _staff(app, kari, "hanne.handler")


def _staff(app: Flask, world: Post, who: str) -> Visitor:
    visitor = Visitor(app.test_client(), slug_of(world.tenant_id))
    visitor.get("/creditor/login")
    visitor.post("/creditor/login", email=f"{who}@{visitor.base[3:]}.example", password=PASSWORD)
    return visitor


def reach(world: Post) -> Reach:
    with open_tenant(world.tenant_id) as tenant:
        return reach_of(tenant, world.cases()[0], now=clock.now(tenant))


def told(world: Post) -> list[tuple[str, str]]:
    """How the debtor is told of an answer that must reach them: channel and state of the letter and its notices."""
    known = {letter.id for letter in world.letters()}
    world.tell(LetterKind.OBJECTION_ANSWERED, ANSWER)
    world.work_off()
    return [(letter.channel, letter.state) for letter in world.letters() if letter.id not in known]


def say(debtor: Visitor, **ticked: str) -> None:
    """Fill in the debtor's form."""
    debtor.get("/case/reach")
    assert debtor.post("/case/reach", shown=shown(debtor), **ticked).status_code == 303


def shown(visitor: Visitor) -> str:
    """What the form on the page says that it shows."""
    [found] = re.findall(r'name="shown" value="([^"]*)"', visitor.last)
    return str(found)


def noted(world: Post) -> list[dict[str, str]]:
    with open_tenant(world.tenant_id) as tenant:
        case = get_case(tenant, world.cases()[0].id)
        events = tenant.session.scalars(
            sa.select(HistoryEvent).where(HistoryEvent.case_id == case.id, HistoryEvent.kind == "debtor.reach_changed")
        )
        return [json.loads(crypto.decrypt(cipher_of(case), event.body, event.id)) for event in events]


def test_a_yes_to_the_portal_moves_letters_there_and_a_no_moves_them_back(kari: Post, debtor: Visitor) -> None:
    assert told(kari) == [("digipost", "sent")]
    shown = debtor.get("/case/reach").text
    assert re.findall(r'type="checkbox" id="(\w+)"', shown) == ["portal", "digital_post", "email", "sms"]
    assert re.findall(r'id="(\w+)" name="\w+"[^>]* checked', shown) == ["digital_post", "email", "sms"]
    say(debtor, **ALL)
    assert told(kari) == [("portal_mailbox", "sent"), ("email", "sent")]
    for _ in range(8):
        kari.next_day()  # only so many notices a week
    say(debtor, language="nb", sms="on", portal="on")
    assert told(kari) == [("portal_mailbox", "sent"), ("sms", "handed_over")]
    say(debtor, language="nb")
    assert told(kari) == [("print_post", "handed_over")], "paper cannot be said no to"


def test_what_nobody_has_spoken_of_stays_unsaid(kari: Post, debtor: Visitor) -> None:
    say(debtor, **{key: value for key, value in ALL.items() if key != "portal"})
    with open_tenant(kari.tenant_id) as tenant:
        assert tenant.session.scalar(sa.text("select count(*) from debtor_contact_choice")) == 0
    say(debtor, language="nb", digital_post="on", email="on")
    with open_tenant(kari.tenant_id) as tenant:
        rows = tenant.session.execute(sa.text("select channel, choice, source from debtor_contact_choice"))
        assert [tuple(row) for row in rows] == [("sms", "reserved", "portal")]


def test_what_a_form_did_not_show_is_not_said_no_to_by_it(kari: Post, debtor: Visitor) -> None:
    """The page lay open while an e-mail address came, and a mailbox was found again."""
    kari.debtors(email="")
    debtor.get("/case/reach")
    as_shown = shown(debtor)
    assert as_shown == "portal- digital_post+ sms+"
    kari.debtors(email="kari@example.no")
    assert debtor.post("/case/reach", shown=as_shown, language="nb", digital_post="on").status_code == 303
    assert reach(kari).used == {Medium.DIGITAL_POST, Medium.EMAIL}
    debtor.get("/case/reach")
    assert debtor.post("/case/reach", shown="x+ -", language="nb").status_code == 303
    assert reach(kari).used == {Medium.DIGITAL_POST, Medium.EMAIL}, "a form that says nothing changes nothing"


def test_what_is_no_longer_offered_is_not_said_no_to_by_a_form_that_showed_it(kari: Post, debtor: Visitor) -> None:
    debtor.get("/case/reach")
    as_shown = shown(debtor)
    kari.debtors(email="")
    assert debtor.post("/case/reach", shown=as_shown, **ALL).status_code == 303
    kari.debtors(email="kari@example.no")
    assert Medium.EMAIL in reach(kari).used


def test_the_language_chosen_is_the_next_letters_and_the_pages(kari: Post, debtor: Visitor) -> None:
    say(debtor, **ALL | {"language": "en"})
    assert '<html lang="en">' in debtor.get("/case/reach?lagret=ja").text
    assert "How we reach you" in debtor.last
    assert told(kari)[0] == ("portal_mailbox", "sent")
    with open_tenant(kari.tenant_id) as tenant:
        letter = next(x for x in kari.letters() if x.channel == "portal_mailbox")
        assert open_letter(tenant, letter.id).letter.language == "en"


@pytest.mark.parametrize("language", ["", "sv", "nb\x00"])
def test_a_language_we_do_not_write_changes_nothing(kari: Post, debtor: Visitor, language: str) -> None:
    debtor.get("/case/reach")
    answer = debtor.post("/case/reach", language=language)
    assert answer.status_code == 422
    assert "Velg et språk." in answer.text
    assert reach(kari).used == {Medium.DIGITAL_POST, Medium.EMAIL, Medium.SMS}


def test_addresses_are_half_hidden_from_whoever_holds_the_letter_and_cannot_be_changed(
    kari: Post, debtor: Visitor
) -> None:
    shown = debtor.get("/case/reach").text
    assert "k…@example.no" in shown
    assert "… 987" in shown
    assert "kari@example.no" not in shown
    assert "99987" not in re.sub(r"\s", "", shown)
    say(debtor, **ALL | {"phone": "+4740000000"})
    assert reach(kari).phone == "+4799999987"


def test_what_cannot_be_used_for_this_debtor_is_not_offered(kari: Post, debtor: Visitor) -> None:
    kari.debtors(email="", phone="+47 22 00 00 00", national_id="")
    offered = re.findall(r'type="checkbox" id="(\w+)"', debtor.get("/case/reach").text)
    assert offered == ["portal", "digital_post"], "no e-mail, and no mobile"


def test_who_is_not_logged_in_is_asked_to(app: Flask, kari: Post) -> None:
    visitor = Visitor(app.test_client(), slug_of(kari.tenant_id))
    assert visitor.get("/case/reach").status_code == 303


def test_the_desk_enters_what_was_said_on_the_telephone(kari: Post, desk: Visitor) -> None:
    number = kari.cases()[0].number
    assert 'value="kari@example.no"' in desk.get(f"/admin/dispatch/case/{number}").text
    said = {"language": "nn", "digital_post": "on", "email": "on", "shown": shown(desk)}
    wrong = desk.post(
        f"/admin/dispatch/case/{number}/reach", **said | {"email_address": "kari", "phone_number": "tolv"}
    )
    assert wrong.status_code == 422
    assert "Skriv e-postadressen som navn@firma.no." in wrong.text
    assert "Skriv telefonnummeret med sifre." in wrong.text
    right = desk.post(
        f"/admin/dispatch/case/{number}/reach", **said | {"email_address": "", "phone_number": "40 00 00 01"}
    )
    assert right.status_code == 303
    now = reach(kari)
    assert (now.language, now.email, now.phone) == ("nn", "", "+4740000001")
    assert now.used == {Medium.DIGITAL_POST}
    expected = {"sms": "reserved", "language": "nn", "email_address": "changed", "phone_number": "changed"}
    assert noted(kari) == [expected | {"source": "desk"}], "that they were changed, not to what"


def test_a_creditor_does_not_say_how_a_debtor_is_reached(app: Flask, kari: Post, desk: Visitor) -> None:
    nina, number = _staff(app, kari, "nina.creditor"), kari.cases()[0].number
    nina.get("/creditor/claims/new")
    assert nina.post(f"/admin/dispatch/case/{number}/reach", language="en").status_code == 403


def test_nobody_there_is_shown_and_gone_with_a_yes_or_a_new_address(kari: Post, debtor: Visitor, desk: Visitor) -> None:
    def nobody_there() -> None:
        with open_tenant(kari.tenant_id) as tenant:
            debtor_id = tenant.session.scalars(sa.select(Debtor.id)).one()
            note_nobody_there(tenant, debtor_id, Medium.EMAIL, on=kari.today, source="email")

    nobody_there()
    assert reach(kari).nobody_there == {Medium.EMAIL}
    assert "Det vi sendte sist, kom ikke fram." in debtor.get("/case/reach").text
    say(debtor, **ALL)
    assert (reach(kari).nobody_there, Medium.EMAIL in reach(kari).used) == (frozenset(), True)
    nobody_there()
    number = kari.cases()[0].number
    desk.get(f"/admin/dispatch/case/{number}")
    desk.post(
        f"/admin/dispatch/case/{number}/reach", **ALL | {"email_address": "ny@example.no", "phone_number": "99999987"}
    )
    assert (reach(kari).nobody_there, Medium.EMAIL in reach(kari).used) == (frozenset(), True)
    with open_tenant(kari.tenant_id) as tenant:
        debtor_id = tenant.session.scalars(sa.select(Debtor.id)).one()
        note_nobody_there(tenant, debtor_id, Medium.PAPER, on=kari.today, source="print_post")
    assert Medium.PAPER not in reach(kari).nobody_there


def test_a_notice_that_waits_for_its_hour_is_not_sent_to_who_has_said_no_meanwhile(kari: Post, debtor: Visitor) -> None:
    say(debtor, **ALL)
    while kari.today < SATURDAY:
        kari.next_day()
    assert told(kari) == [("portal_mailbox", "sent"), ("email", "sent")]
    kari.next_day()
    bounce(kari)
    kari.work_off()
    assert kari.letters()[-1].channel == "sms", "it waits for Monday"
    say(debtor, language="nb", portal="on", digital_post="on")
    kari.next_day()
    kari.work_off()
    waited = kari.letters()[-1]
    assert (waited.state, waited.why, waited.attention) == ("withdrawn", "not_wanted", "not_told")
    assert kari.sms.messages == []


@pytest.mark.browser
def test_the_page_is_sound(app: Flask, kari: Post, debtor: Visitor, page: Page) -> None:
    cookies = (debtor.client._cookies or {}).values()
    with served(app) as base:
        page.context.add_cookies([{"name": c.key, "value": c.value, "url": base} for c in cookies])
        for language in ("nb", "en"):
            page.goto(f"{base}{debtor.base}/case/reach?language={language}")
            assert page.get_by_role("checkbox").count() == 4
            is_sound(page)
            picture(page, f"reach-{language}")
        page.get_by_label("Letters on these pages").check()
        page.get_by_role("button", name="Save").click()
        assert "Saved." in page.inner_text("main")
        assert Medium.PORTAL in reach(kari).used
        is_sound(page)
