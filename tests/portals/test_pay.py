"""Paying without logging in: what the page shows, what it never shows, and who finds it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect
from stdnum.no import fodselsnummer

from saas.cases.lifecycle import close_case, get_case, place_hold
from saas.cases.models import Case, Debtor
from saas.kernel import clock
from saas.kernel.servers import Servers
from saas.portals.shared.limits import limiter
from saas.rules.facts import HoldReason
from saas.simulators.stripe import StripeSim
from tenants.resolve import open_tenant
from tests.builders import a_claim, make_agency
from tests.payments.card import SECRET, Shop, install_stripe, web
from tests.portals.browsing import PHONE, is_sound
from tests.portals.conftest import Visitor

NAME, ADDRESS, SUBJECT = "Kari Østby Nordmann", "Storgata 7", "Strøm januar 2026"
_people = (n for i in range(90_000) if fodselsnummer.is_valid(n := f"010280{i:05d}"))


@pytest.fixture(scope="module")
def sim() -> Iterator[StripeSim]:
    with StripeSim(clock.wall_now) as started:
        yield started


@pytest.fixture(scope="module")
def shop(app: Flask, servers: Servers, sim: StripeSim) -> Iterator[Shop]:
    """An agency that takes cards."""
    install_stripe()
    with web(app) as address:
        made = Shop(make_agency(servers), servers, sim, address)
        made.agree()
        sim.listen(made.webhook, SECRET)
        yield made


@pytest.fixture
def case(shop: Shop) -> Case:
    return shop.world.case(
        a_claim(debtor_name=NAME, address=ADDRESS, postcode="0155", national_id=next(_people), description=SUBJECT)
    )


@pytest.fixture
def visitor(app: Flask, shop: Shop) -> Visitor:
    with app.app_context():
        limiter.reset()
    return Visitor(app.test_client(), shop.slug)


@contextmanager
def changed(shop: Shop, case: Case) -> Iterator[tuple[object, Case]]:
    with open_tenant(shop.tenant_id) as tenant:
        yield tenant, get_case(tenant, case.id, lock=True)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\N{NO-BREAK SPACE}", " "))


# --- the link ---------------------------------------------------------------------------------------------------------


def test_the_letters_link_leads_to_the_sum_the_creditor_and_the_ways_to_pay(visitor: Visitor, case: Case) -> None:
    on = visitor.get(f"/l/{case.link_token}")
    assert on.status_code == 303
    shown = plain(visitor.get(on.headers["location"]).get_data(as_text=True))
    assert "til Nordlys Kraft AS" in shown
    assert "Betal med kort" in shown
    assert case.kid in shown.replace(" ", "")


def test_nothing_personal_is_shown_without_logging_in(visitor: Visitor, case: Case) -> None:
    shown = visitor.get(f"/b/{case.link_token}").get_data(as_text=True)
    for word in (NAME, "Nordmann", ADDRESS, "0155", SUBJECT, "faktura", "F0", str(case.number), "010280"):
        assert word not in shown, word


@pytest.mark.parametrize("token", ["x", "a" * 22, "a" * 3000, "%00", "å"])
def test_a_link_that_leads_nowhere_says_so_and_how_to_go_on(visitor: Visitor, token: str) -> None:
    answer = visitor.get(f"/b/{token}")
    assert answer.status_code == 404
    assert "Lenken virker ikke" in answer.get_data(as_text=True)
    assert "/betal" in answer.get_data(as_text=True)


def test_another_tenants_link_leads_nowhere_here(visitor: Visitor, servers: Servers, case: Case) -> None:
    with open_tenant(make_agency(servers)) as other:
        slug = other.slug
    assert visitor.get(f"/t/{slug}/b/{case.link_token}").status_code == 404


def test_wrong_links_are_counted(visitor: Visitor, case: Case) -> None:
    for _ in range(30):
        assert visitor.get("/b/wrong").status_code == 404
    assert visitor.get("/b/wrong").status_code == 429


def test_a_case_on_hold_is_not_pressed_for_money(visitor: Visitor, shop: Shop, case: Case) -> None:
    with changed(shop, case) as (tenant, row):
        now = clock.now(tenant)
        place_hold(tenant, row, HoldReason.OBJECTION, since=now.date(), now=now, actor="debtor")
    shown = visitor.get(f"/b/{case.link_token}").get_data(as_text=True)
    assert "Du trenger ikke å betale nå" in shown
    assert "Fristen" not in shown
    assert "innsigelse" not in shown, "why is nobody's business here"
    assert "Betal med kort" in shown, "the right to pay stays"


def test_a_closed_case_asks_for_nothing_and_takes_nothing(visitor: Visitor, shop: Shop, case: Case) -> None:
    visitor.get(f"/b/{case.link_token}")
    form = dict(re.findall(r'name="(attempt)" value="([^"]+)"', visitor.last))
    with changed(shop, case) as (tenant, row):
        now = clock.now(tenant)
        close_case(tenant, row, "withdrawn", on=now.date(), now=now, actor="cli")
    assert visitor.post(f"/b/{case.link_token}", choice="all", provider="stripe", **form).status_code in (303, 404)
    shown = visitor.get(f"/b/{case.link_token}").get_data(as_text=True)
    assert "Du trenger ikke å betale" in shown
    assert "KID" not in shown
    assert shop.attempts() == []


def test_only_the_pay_page_lets_the_browser_go_to_the_provider(visitor: Visitor, shop: Shop, case: Case) -> None:
    def forms(path: str) -> str:
        policy = visitor.get(path).headers["Content-Security-Policy"]
        return next(part for part in policy.split("; ") if part.startswith("form-action"))

    assert forms(f"/b/{case.link_token}") == f"form-action 'self' {shop.sim.base_url}"
    assert forms("/betal") == forms("/") == "form-action 'self'"


def test_without_a_provider_the_page_gives_kid_and_account(visitor: Visitor, shop: Shop, case: Case) -> None:
    shop.agree(enabled=False)
    try:
        shown = visitor.get(f"/b/{case.link_token}").get_data(as_text=True)
    finally:
        shop.agree()
    assert "Betal med kort" not in shown
    assert "<form" not in shown
    assert case.kid in plain(shown).replace(" ", "")


def test_nobody_begins_a_payment_without_the_pages_own_token(visitor: Visitor, case: Case) -> None:
    visitor.get(f"/b/{case.link_token}")
    visitor.last = ""
    assert visitor.post(f"/b/{case.link_token}", choice="all", provider="stripe").status_code == 400


# --- QuickPay ---------------------------------------------------------------------------------------------------------


def quick(visitor: Visitor, reference: str, proof: str) -> tuple[int, str]:
    visitor.get("/betal")
    answer = visitor.post("/betal", reference=reference, proof=proof)
    return answer.status_code, answer.headers.get("location", "")


def test_case_number_or_kid_and_one_thing_more_find_the_case(visitor: Visitor, case: Case) -> None:
    for reference in (str(case.number), case.kid, f" {case.kid[:4]} {case.kid[4:]} "):
        for proof in ("0155", " 01 55", "010280", "01.02.80"):
            status, to = quick(visitor, reference, proof)
            assert status == 303, (reference, proof)
            assert to.endswith(f"/b/{case.link_token}")


def test_whatever_is_wrong_the_answer_is_the_same(visitor: Visitor, case: Case) -> None:
    answers = set()
    for reference, proof in ((str(case.number), "0156"), ("999999", "0155"), (case.kid, "020280"), ("x", "0155")):
        assert quick(visitor, reference, proof)[0] == 422
        answers.add(re.sub(r'value="[^"]*"', "", visitor.last))
    assert len(answers) == 1
    assert NAME not in visitor.last


def test_a_reference_is_not_tried_for_ever(visitor: Visitor, case: Case) -> None:
    for tried in range(10):
        assert quick(visitor, f" {case.number}", f"{1000 + tried}")[0] == 422
    assert quick(visitor, str(case.number), "0155")[0] == 429, "also the right answer, now"


def test_the_postcode_of_a_protected_address_proves_nothing(visitor: Visitor, shop: Shop, case: Case) -> None:
    with open_tenant(shop.tenant_id) as tenant:
        tenant.session.execute(sa.update(Debtor).where(Debtor.id == case.debtor_id).values(protected_address=True))
    assert quick(visitor, str(case.number), "0155")[0] == 422
    assert quick(visitor, str(case.number), "010280")[0] == 303


# --- in a browser -----------------------------------------------------------------------------------------------------


def begin(page: Page, shop: Shop, case: Case) -> None:
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(f"{shop.address}/t/{shop.slug}/b/{case.link_token}")


@pytest.mark.browser
def test_a_phone_pays_by_card_and_comes_back(page: Page, shop: Shop, case: Case) -> None:
    begin(page, shop, case)
    is_sound(page)
    page.get_by_role("button", name="Betal med kort").click()
    expect(page).to_have_title("Simulated Stripe")  # the browser lets the form's redirect through
    page.get_by_role("button", name="Pay", exact=True).click()
    assert page.get_by_role("heading", level=1).inner_text() == "Vi venter på bekreftelse"
    is_sound(page)
    shop.sim.sender.wait()
    shop.work()
    page.get_by_role("link", name="Se på nytt").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Vi har fått betalingen din"
    is_sound(page)
    begin(page, shop, case)
    assert page.get_by_role("heading", level=1).inner_text() == "Saken er avsluttet"
    is_sound(page)


@pytest.mark.browser
def test_the_other_pages_are_sound(page: Page, shop: Shop, case: Case, tmp_path: Path) -> None:
    begin(page, shop, case)
    page.get_by_label("En del av beløpet").check()
    page.get_by_role("button", name="Betal med kort").click()
    expect(page).to_have_title(re.compile("^Feil: "))
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    is_sound(page)
    shop.sim.faults.waiting += ["429"]
    page.get_by_label("Beløp i kroner").fill("500")
    page.get_by_role("button", name="Betal med kort").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Betalingstjenesten svarer ikke nå"
    is_sound(page)
    page.get_by_role("link", name="Prøv igjen").click()
    page.get_by_role("button", name="Betal med kort").click()
    page.get_by_role("link", name="Back").click()
    assert "Ingen penger er trukket" in page.get_by_role("status").inner_text()
    is_sound(page)
    page.goto(f"{shop.address}/t/{shop.slug}/betal")
    is_sound(page)
    page.get_by_label("Saksnummer eller KID").fill(str(case.number))
    page.get_by_label("Postnummer").fill("9999")
    page.get_by_role("button", name="Finn det jeg skal betale").click()
    is_sound(page)
    page.get_by_label("Postnummer").fill("0155")
    page.get_by_role("button", name="Finn det jeg skal betale").click()
    assert "Nordlys Kraft AS" in page.get_by_role("heading", level=1).inner_text()
    page.goto(f"{shop.address}/t/{shop.slug}/b/nowhere")
    is_sound(page)
