"""The pages about payments in a real browser: no accessibility violation and no sideways scroll, phone and desktop."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from saas.simulators.bank import SimPayment
from tests.builders import a_claim, make_agency
from tests.payments.world import World as Money
from tests.portals.browsing import a_page, is_sound, served
from tests.portals.world import PASSWORD, add_people, slug_of

pytestmark = pytest.mark.browser
DAY, PAID_ON = date(2026, 3, 2), date(2026, 2, 27)
PAYER = "86011117947"


@pytest.fixture(scope="module")
def money(servers) -> Money:
    """One payment of each kind that waits, and one case that was paid too much."""
    money = Money(make_agency(servers))
    kari = money.case(a_claim(debtor_name="Kari Nordmann", amount="1 240,00", invoice_number="10045521"))
    other, paid = money.case(amount="1 240,00"), money.case(amount="2 000,00")
    money.pay(paid, 500_000, DAY)
    for case in (kari, other):
        money.take_in(SimPayment(case.kid, 50_000, PAID_ON, PAYER))
        money.place()
    money.take_in(
        SimPayment("", 124_000, PAID_ON, "", type="21", text="Fra Kari Nordmann faktura 10045521"),
        SimPayment("9999", 777, PAID_ON),
        SimPayment("", -50_000, DAY, PAYER, type="20", text="retur"),
    )
    money.place()
    return money


@pytest.fixture(scope="module")
def address(app: Flask, money: Money) -> Iterator[str]:
    with served(app) as base:
        yield f"{base}/t/{slug_of(money.tenant_id)}"


@pytest.fixture(scope="module")
def handler(money: Money) -> str:
    """A case handler's e-mail."""
    return add_people(money.tenant_id, slug_of(money.tenant_id))["handler"]


@pytest.fixture
def page(browser: Browser, app: Flask, address: str, handler: str) -> Iterator[Page]:
    """The desk, signed in."""
    with a_page(browser, app) as page:
        page.goto(f"{address}/creditor/login")
        page.fill("[name=email]", handler)
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        yield page


def test_the_pages_are_sound(page: Page, address: str, money: Money) -> None:
    waiting = [p for p in money.payments() if p.state == "unmatched"]
    number = money.payments()[0].case_id and money.again(number=100003).number
    paths = [
        "/admin/payments",
        *(f"/admin/payments/{p.id}?q=kari" for p in waiting),
        f"/admin/cases/{number}/payments",
        "/creditor/cases/100001/direct-payments",
        "/creditor/direct-payments/file",
        "/creditor/cases/100001/facts",
        "/creditor/facts/file",
    ]
    for path in paths:
        page.goto(address + path)
        is_sound(page)


def test_a_wrong_form_is_sound_and_says_what_to_do(page: Page, address: str, money: Money) -> None:
    page.goto(f"{address}/creditor/cases/100001/direct-payments")
    page.click("text=Meld betalingen")
    assert page.locator(".summary").is_visible()
    is_sound(page)
    page.goto(f"{address}/admin/payments")
    page.click("text=Ta inn filen")
    assert page.locator(".summary").is_visible()
    is_sound(page)


def test_one_press_places_a_payment(page: Page, address: str, money: Money) -> None:
    page.goto(f"{address}/admin/payments")
    page.locator("button", has_text="Plasser på sak 100001").first.click()
    page.wait_for_url("**/admin/payments?done=placed*")
    assert "Betalingen er plassert" in page.locator("[role=status]").inner_text()
    is_sound(page)
