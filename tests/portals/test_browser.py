"""The pages in a real browser: no accessibility violation, no sideways scroll, everything done without JavaScript."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from saas.cases.lifecycle import get_case
from saas.kernel.ids import new_id
from saas.ledger.audit import check_and_note
from saas.portals.shared.limits import limiter
from tenants.resolve import open_tenant
from tests.builders import a_claim, at, new_letter_code, register
from tests.portals.browsing import is_sound, log_in, log_in_with, picture
from tests.portals.conftest import FRIDAY, World
from tests.portals.world import PASSWORD, letter_of

pytestmark = pytest.mark.browser


def test_the_log_in_page_is_sound_also_with_errors(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    is_sound(page)
    page.get_by_role("button", name="Logg inn").click()
    expect(page).to_have_title(re.compile("^Feil: "))
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    is_sound(page)


def test_the_case_pages_are_sound(page: Page, address: str, world: World) -> None:
    for number in (world.power, world.disputed, world.closed):
        log_in(page, address, world.tenant_id, number)
        for summary in page.locator("details > summary").all():
            summary.click()
        is_sound(page)
    page.goto(f"{address}/case/disagree")
    is_sound(page)


def test_the_pages_are_sound_in_nynorsk_and_english(browser: Browser, app: Flask, address: str, world: World) -> None:
    with app.app_context():
        limiter.reset()
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(f"{address}/")
    expect(page).to_have_title(re.compile("^Log in to your case"))
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title(re.compile("^Error: "))
    is_sound(page)
    page.get_by_role("textbox", name="Case number").fill(str(world.power))
    page.get_by_label("Code from the letter").fill(letter_of(world.tenant_id, world.power).code)
    page.get_by_role("button", name="Log in").click()
    for language, link in (("en", "Nynorsk"), ("nn", "English")):
        for summary in page.locator("details > summary").all():
            summary.click()
        is_sound(page)
        picture(page, f"case-{language}")
        page.goto(f"{address}/case/letters")
        page.get_by_role("main").get_by_role("link").nth(1).click()
        is_sound(page)
        picture(page, f"letter-{language}")
        page.goto(f"{address}/case/disagree")
        is_sound(page)
        picture(page, f"disagree-{language}")
        page.goto(f"{address}/case")
        page.get_by_role("link", name=link, exact=True).click()
    page.goto(f"{address}/betal")
    is_sound(page)
    page.context.close()


def test_asking_what_a_payment_would_do_is_sound(page: Page, address: str, world: World) -> None:
    log_in(page, address, world.tenant_id, world.power)
    page.get_by_role("link", name="Se hva som skjer").click()
    is_sound(page)
    page.get_by_label("Beløp i kroner").fill("500")
    page.get_by_label("Dagen jeg betaler").fill("2026-03-13")
    page.get_by_role("button", name="Regn ut").click()
    assert "fredag 13." in page.locator("#svar").inner_text()
    is_sound(page)
    picture(page, "what-if")


def test_more_time_is_sound_from_question_to_answer(page: Page, address: str, world: World) -> None:
    log_in(page, address, world.tenant_id, world.power)
    page.get_by_role("link", name="Be om mer tid").click()
    is_sound(page)
    page.get_by_label("Jeg kan betale innen").fill("2026-03-13")
    page.get_by_role("button", name="Be om mer tid").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Vi kan ikke gi mer tid nå"
    is_sound(page)


def test_disagreeing_is_sound_from_form_to_answer(page: Page, address: str, app: Flask, world: World) -> None:
    number = register(world.tenant_id, a_claim(), creditor="nordlys-kraft", on=FRIDAY).verdicts[0].case_number
    with open_tenant(world.tenant_id) as tenant:
        case = get_case(tenant, number=number)
        code = new_letter_code(tenant, case.id, new_id(), valid_until=FRIDAY)
    log_in_with(page, address, number, code)
    page.get_by_role("link", name="Jeg er uenig").click()
    is_sound(page)
    page.get_by_role("button", name="Send innsigelsen").click()
    expect(page).to_have_title(re.compile("^Feil: "))
    is_sound(page)
    page.get_by_role("radio", name="Beløpet er feil").check()
    page.get_by_label("Fortell hva som er feil").fill("Jeg betaler 99 øre, ikke 2 kroner. " * 20)
    page.get_by_role("button", name="Send innsigelsen").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Saken står på vent fra nå"
    is_sound(page)
    told = page.url
    page.get_by_role("link", name="Tilbake til saken").click()
    is_sound(page)
    page.goto(f"{address}/creditor/login")
    page.get_by_label("E-post").fill(world.people["nordlys-kraft"])
    page.get_by_label("Passord").fill(PASSWORD)
    page.get_by_role("button", name="Logg inn").click()
    is_sound(page)
    page.get_by_role("link", name=f"Svar i sak {number}").click()
    is_sound(page)
    page.get_by_role("button", name="Send svaret").click()
    expect(page).to_have_title(re.compile("^Feil: "))
    is_sound(page)
    page.get_by_role("radio", name="Kravet holdes fast").check()
    page.get_by_role("textbox", name="Begrunnelse").fill("Prisen er den som står i avtalen.")
    page.get_by_role("button", name="Send svaret").click()
    assert "Kravet holdes fast" in page.inner_text("main")
    is_sound(page)
    log_in_with(page, address, number, code)
    page.goto(told)
    assert page.get_by_role("heading", level=1).inner_text() == "Kravet er ikke endret"
    is_sound(page)


def test_the_desk_is_sound_from_sign_in_to_form(page: Page, address: str, world: World) -> None:
    page.goto(f"{address}/creditor/login")
    is_sound(page)
    page.get_by_label("E-post").fill(world.people["nordlys-kraft"])
    page.get_by_label("Passord").fill(PASSWORD)
    page.get_by_role("button", name="Logg inn").click()
    is_sound(page)
    page.get_by_role("link", name=str(world.power)).click()
    is_sound(page)
    page.get_by_role("navigation").get_by_role("link", name="Registrer krav").click()
    is_sound(page)
    page.get_by_role("button", name="Se over kravet").click()
    is_sound(page)
    page.goto(f"{address}/creditor/claims/file")
    is_sound(page)


def test_the_book_is_sound_checked_or_not_and_on_another_day(page: Page, address: str, world: World) -> None:
    page.goto(f"{address}/creditor/login")
    page.get_by_label("E-post").fill(world.people["handler"])
    page.get_by_label("Passord").fill(PASSWORD)
    page.get_by_role("button", name="Logg inn").click()
    page.goto(f"{address}/admin/book")
    is_sound(page)
    with open_tenant(world.tenant_id) as tenant:
        check_and_note(tenant, at(FRIDAY))
    for on in ("2026-03-03", "2030-01-01"):
        page.get_by_label("Se saldoene ved slutten av en annen dag").fill(on)
        page.get_by_role("button", name="Vis").click()
        is_sound(page)
    expect(page).to_have_title(re.compile("^Feil: "))


def test_the_laws_pages_are_sound_with_answers_and_errors(page: Page, address: str) -> None:
    for path in (
        "",
        "?on=01.02.2027",
        "?on=i dag",
        "/interest",
        "/interest?principal=10 000&from_on=15.6.2024&to_on=21.11.2025&day_basis=act/act",
        "/fees?principal=3000&due_on=15.9.2026&on=14.10.2026&debtor=consumer&charged=38",
        "/fees?principal=0",
        "/allocation?amount=1500&principal=4000&interest=120,99&notice_fee=38",
        "/deadlines?letter=payment_demand&sent_on=20.3.2026",
        "/kid?kid=123403-",
        "?language=nn",
        "/interest?language=en&principal=0",
    ):
        page.goto(f"{address}/law{path}")
        for summary in page.locator("details > summary").all():
            summary.click()
        is_sound(page)


def test_the_whole_way_can_be_walked_by_keyboard_with_scripts_off(browser: Browser, address: str, world: World) -> None:
    context = browser.new_context(java_script_enabled=False, locale="nb-NO")
    page = context.new_page()
    page.goto(f"{address}/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Hopp til innholdet"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(str(world.power))
    page.keyboard.press("Tab")
    page.keyboard.type(letter_of(world.tenant_id, world.power).code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/case")
    assert "Du skylder Nordlys Kraft AS" in page.get_by_role("heading", level=1).inner_text()
    context.close()
