"""A real browser on a real port: what is checked of every page, and pictures of it when they are wanted."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from saas.portals.shared.limits import limiter
from tests.portals.world import letter_of

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TOO_WIDE = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? []
    : [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth)
        .map(e => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 60)}`)"""
CONTRAST = {"runOnly": ["color-contrast"]}
PHONE, NARROW, DESKTOP = (390, 844), (320, 640), (1280, 900)
PICTURES = os.environ.get("FRIST_PICTURES")
"""A folder for pictures of the pages the tests go through; none are taken when it is not set."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a port of its own: `http://127.0.0.1:…`."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def a_page(browser: Browser, app: Flask, locale: str = "nb-NO") -> Iterator[Page]:
    """An empty page of somebody who has not been here before; earlier attempts to log in are forgotten."""
    with app.app_context():
        limiter.reset()
    context = browser.new_context(locale=locale)
    yield context.new_page()
    context.close()


def is_sound(page: Page) -> None:
    """Every rule in light and, in the dark, what the dark can change: whether it can be read."""
    page.wait_for_load_state()  # a click may have come back before the page it led to
    for width, height in (NARROW, PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(TOO_WIDE) == [], width
        if (width, height) != NARROW:
            for scheme, rules in (("dark", CONTRAST), ("light", None)):
                page.emulate_media(color_scheme=scheme)
                found = Axe().run(page, options=rules)
                assert found.violations_count == 0, (scheme, found.generate_report())


def picture(page: Page, name: str) -> None:
    """On a phone and on a desk, as `NAME-WIDTH.png`."""
    if PICTURES:
        for width, height in (PHONE, DESKTOP):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)


def log_in(page: Page, address: str, tenant_id: UUID, number: int) -> None:
    """The debtor of that case, with the code of their newest letter."""
    log_in_with(page, address, number, letter_of(tenant_id, number).code)


def log_in_with(page: Page, address: str, number: int | None, code: str) -> None:
    """Whoever holds a code."""
    page.goto(f"{address}/")
    page.get_by_role("textbox", name="Saksnummer").fill(str(number))
    page.get_by_label("Kode fra brevet").fill(code)
    page.get_by_role("button", name="Logg inn").click()
