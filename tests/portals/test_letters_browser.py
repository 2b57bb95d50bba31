"""The letters' pages in a real browser: sound for everybody, light and dark, on a phone and without JavaScript."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.portals.conftest import World
from tests.portals.test_browser import (  # noqa: F401 - the browser and its pages are fixtures
    _is_sound,
    _log_in,
    address,
    browser,
    page,
)
from tests.portals.test_letters import sign_in_admin
from tests.portals.world import PASSWORD

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("FRIST_PICTURES")


def _picture(page: Page, name: str, width: int = 390) -> None:  # noqa: F811
    if PICTURES:
        page.set_viewport_size({"width": width, "height": 844})
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def test_reading_a_letter_is_sound_from_the_list_to_another_language(
    page: Page,  # noqa: F811
    address: str,  # noqa: F811
    world: World,
) -> None:
    _log_in(page, address, world, world.power)
    page.get_by_role("link", name="Les brevene").click()
    _is_sound(page)
    _picture(page, "letters")
    page.get_by_role("link", name="Purring", exact=True).first.click()
    _is_sound(page)
    _picture(page, "letter")
    _picture(page, "letter-wide", 1000)
    page.locator("#innhold").get_by_role("link", name="English").click()
    assert "The letter was sent in Norwegian (bokmål)" in page.inner_text("main")
    _is_sound(page)


def test_writing_a_paragraph_is_sound_beside_the_letter(
    page: Page,  # noqa: F811
    address: str,  # noqa: F811
    world: World,
) -> None:
    email = sign_in_admin(world)
    page.goto(f"{address}/creditor/login")
    page.get_by_label("E-post").fill(email)
    page.get_by_label("Passord").fill(PASSWORD)
    page.get_by_role("button", name="Logg inn").click()
    page.goto(f"{address}/admin/letter-texts")
    _is_sound(page)
    _picture(page, "letter-texts", 1280)
    page.get_by_role("link", name="Nynorsk: Inkassovarsel").click()
    page.get_by_label("Avslutning").fill("Ring oss gjerne, så finn vi ut av det saman.")
    page.get_by_role("button", name="Vis i brevet").click()
    assert page.locator("article").inner_text().count("så finn vi ut av det saman") == 1
    _is_sound(page)
    _picture(page, "letter-text", 1280)
    page.get_by_label("Hilsen").fill("Hei. " * 30)
    page.get_by_role("button", name="Lagre tekstene").click()
    expect(page).to_have_title(re.compile("^Feil: "))
    _is_sound(page)
