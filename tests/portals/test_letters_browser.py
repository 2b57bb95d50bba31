"""The letters' pages in a real browser: sound for everybody, light and dark, on a phone and without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.portals.browsing import is_sound, log_in, picture
from tests.portals.conftest import World
from tests.portals.test_letters import sign_in_admin
from tests.portals.world import PASSWORD

pytestmark = pytest.mark.browser


def test_reading_a_letter_is_sound_from_the_list_to_another_language(
    page: Page,
    address: str,
    world: World,
) -> None:
    log_in(page, address, world.tenant_id, world.power)
    page.get_by_role("link", name="Les brevene").click()
    is_sound(page)
    picture(page, "letters")
    page.get_by_role("link", name="Purring", exact=True).first.click()
    is_sound(page)
    picture(page, "letter")
    page.locator("#innhold").get_by_role("link", name="English").click()
    assert "The letter was sent in Norwegian (bokmål)" in page.inner_text("main")
    is_sound(page)


def test_writing_a_paragraph_is_sound_beside_the_letter(
    page: Page,
    address: str,
    world: World,
) -> None:
    email = sign_in_admin(world)
    page.goto(f"{address}/creditor/login")
    page.get_by_label("E-post").fill(email)
    page.get_by_label("Passord").fill(PASSWORD)
    page.get_by_role("button", name="Logg inn").click()
    page.goto(f"{address}/admin/letter-texts")
    is_sound(page)
    picture(page, "letter-texts")
    page.get_by_role("link", name="Nynorsk: Inkassovarsel").click()
    page.get_by_label("Avslutning").fill("Ring oss gjerne, så finn vi ut av det saman.")
    page.get_by_role("button", name="Vis i brevet").click()
    assert page.locator("article").inner_text().count("så finn vi ut av det saman") == 1
    is_sound(page)
    picture(page, "letter-text")
    page.get_by_label("Hilsen").fill("Hei. " * 30)
    page.get_by_role("button", name="Lagre tekstene").click()
    expect(page).to_have_title(re.compile("^Feil: "))
    is_sound(page)
