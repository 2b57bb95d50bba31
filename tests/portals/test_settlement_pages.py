"""Settlement on pages: who may see and do what, four eyes by two sign-ins, files to keep, soundness in a browser."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from saas.kernel import clock
from saas.ledger.models import COLLECTION_FEE
from saas.payments.settlement.daily import settle_day
from saas.payments.settlement.mandates import end_mandate, mandates_of
from saas.portals.shared.limits import limiter
from tenants.resolve import open_tenant
from tenants.sandbox import move_clock
from tests.builders import at, creditor_of, make_agency, make_power
from tests.payments.settlement.house import PASSWORD, bank_of, folder_of, let_money_out, person, two_people
from tests.payments.world import World
from tests.portals.browsing import is_sound, picture, served
from tests.portals.conftest import Visitor

LAST = date(2026, 4, 14)


@pytest.fixture(scope="module")
def house(servers) -> World:
    """Six weeks of an agency: settlements, one payout the bank rejected, a deviation, money that waits."""
    world = World(make_agency(servers))
    let_money_out(world.tenant_id, but=("bygda-bredband",))
    cases = [
        world.case(amount="1 000,00", due_on="2026-02-10", creditor=slug)
        for slug in ("nordlys-kraft", "nordlys-kraft", "bygda-bredband")
    ]
    for case in cases:
        world.letter(case, "payment_demand", COLLECTION_FEE, 26_200, date(2026, 3, 3), date(2026, 3, 3))
    day = date(2026, 3, 4)
    while day <= LAST:
        with open_tenant(world.tenant_id) as tenant:
            move_clock(tenant, day, actor="cli")
        if day in (date(2026, 3, 9), date(2026, 3, 30)):
            world.pay(cases[day > date(2026, 3, 10)], 126_200, day)
        if day == date(2026, 4, 1):
            world.pay(cases[2], 126_200, day)
        settle_day(world.tenant_id, day, folder_of(world.tenant_id), now=at(day))
        bank = bank_of(world.tenant_id, closed=("99990200005",) if day == date(2026, 3, 12) else ())
        bank.work(day)
        bank.deposit(world.account, 100, note="nobody knows") if day == date(2026, 4, 13) else None
        bank.tell_balance(world.account, day)
        day += timedelta(days=1)
    with open_tenant(world.tenant_id) as tenant:
        person(tenant, "Hanne Handler", "handler")
        person(tenant, "Nina Nordlys", "creditor", creditor_of(world.tenant_id, "nordlys-kraft"))
    return world


@pytest.fixture
def own_money(servers) -> UUID:
    """A company that collects its own claims."""
    tenant_id = make_power(servers)
    with open_tenant(tenant_id) as tenant:
        two_people(tenant)
    return tenant_id


def visit(app: Flask, tenant_id: UUID, who: str) -> Visitor:
    """Somebody signed in: `astrid.admin` and so on."""
    with app.app_context():
        limiter.reset()
    with open_tenant(tenant_id) as tenant:
        slug = tenant.slug
    visitor = Visitor(app.test_client(), slug)
    visitor.get("/creditor/login")
    visitor.post("/creditor/login", email=f"{who}@{slug}.example", password=PASSWORD)
    return visitor


@pytest.fixture
def astrid(app, house) -> Visitor:
    return visit(app, house.tenant_id, "astrid.admin")


def test_the_page_tells_of_money_orders_reconciliation_and_alerts(astrid):
    text = astrid.get("/admin/settlement").get_data(as_text=True)
    for words in ("Bygda Bredbånd AS", "Fullmakt mangler", "av 2 avvist", "Utført", "Stemmer", "Avvik", "varsler"):
        assert words in text, words
    assert "har penger på klientkontoen som har stått der i 13 dager" in text


def test_many_warnings_of_one_kind_are_folded_and_none_is_left_out(astrid, monkeypatch):
    one_by_one = re.findall(r"<li>([^<]+)</li>", warnings_of(astrid))
    monkeypatch.setattr("saas.portals.admin.settlement.MANY", 0)
    folded = warnings_of(astrid)
    assert re.findall(r"<li>([^<]+)</li>", folded) == one_by_one
    [summary] = [text for text in re.findall(r"<summary>([^<]+)</summary>", folded) if "oppdragsgivere" in text]
    assert summary == "1 oppdragsgivere har penger som har stått lenge på klientkontoen"


def warnings_of(astrid: Visitor) -> str:
    [section] = re.findall(r'aria-labelledby="varsler">.*?</section>', astrid.get("/admin/settlement").text, re.DOTALL)
    return section


@pytest.mark.parametrize("path", ["/admin/settlement", "/admin/settlement/nordlys-kraft"])
def test_only_who_pays_out_sees_it(app, house, path):
    assert visit(app, house.tenant_id, "hanne.handler").get(path).status_code == 403
    assert visit(app, house.tenant_id, "nina.creditor").get(path).status_code == 403
    with app.app_context():
        limiter.reset()
    with open_tenant(house.tenant_id) as tenant:
        anybody = Visitor(app.test_client(), tenant.slug)
    assert anybody.get(path).status_code == 303


def test_a_mandate_takes_two_who_sign_in(app, house):
    first, second = (visit(app, house.tenant_id, who) for who in ("astrid.admin", "bjorn.admin"))
    path = "/admin/settlement/bygda-bredband"
    assert "En annen må godkjenne" not in first.get(path).get_data(as_text=True)
    assert first.post(f"{path}/mandate", account="9999 02 00013", kid="").status_code == 303
    with open_tenant(house.tenant_id) as tenant:
        proposed = mandates_of(tenant)[creditor_of(house.tenant_id, "bygda-bredband")].proposed.id
    assert "En annen må godkjenne" in first.get(path).get_data(as_text=True)
    assert first.post(f"{path}/mandate/{proposed}/approve").status_code == 409
    assert "Godkjenn fullmakten" in second.get(path).get_data(as_text=True)
    assert second.post(f"{path}/mandate/{proposed}/approve").status_code == 303
    with open_tenant(house.tenant_id) as tenant:
        standing = mandates_of(tenant)[creditor_of(house.tenant_id, "bygda-bredband")].standing
        assert standing.id == proposed
        end_mandate(tenant, standing.id, by=two_people(tenant)[0], now=clock.now(tenant))


def test_a_wrong_account_is_told_at_the_field(astrid):
    astrid.get("/admin/settlement/bygda-bredband")
    answer = astrid.post("/admin/settlement/bygda-bredband/mandate", account="1234", kid="")
    assert answer.status_code == 422
    assert "Kontrollsifferet stemmer ikke" in answer.get_data(as_text=True)


def test_without_the_hidden_token_nothing_is_done(astrid):
    astrid.get("/admin/settlement")
    astrid.last = ""
    for path in ("/admin/settlement/pay-out", "/admin/settlement/balance", "/admin/settlement/nordlys-kraft/mandate"):
        assert astrid.post(path, account="9999 02 00013").status_code == 400


def test_a_balance_typed_is_reconciled_at_once(astrid):
    astrid.get("/admin/settlement")
    assert astrid.post("/admin/settlement/balance", on="2026-03-03", amount="0,00").status_code == 303
    astrid.get("/admin/settlement")
    for typed in ({"on": "2026-03-03", "amount": "mye"}, {"on": "2027-03-03", "amount": "1"}, {"on": "", "amount": ""}):
        answer = astrid.post("/admin/settlement/balance", **typed)
        assert answer.status_code == 422
        assert "Rett opp dette" in answer.get_data(as_text=True)


def test_the_order_statements_and_invoices_are_there_to_keep(astrid):
    order = re.search(r'href="([^"]+/orders/[^"]+\.xml)"', astrid.get("/admin/settlement").get_data(as_text=True))
    assert order is not None
    assert astrid.get(order[1]).get_data().startswith(b"<?xml")
    shown = astrid.get("/admin/settlement/nordlys-kraft").get_data(as_text=True)
    links = re.findall(r'href="([^"]+/(?:statement|invoices)/[^"]+)"', shown)
    assert len(links) == 2 * 3 + 1
    for link in links:
        answer = astrid.client.get(link)
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
    assert astrid.get("/admin/settlement/nordlys-kraft/statement/x/y.pdf").status_code == 404
    assert astrid.get("/admin/settlement/nordlys-kraft/statement/2026-03-01/2026-03-31.exe").status_code == 404
    assert astrid.get("/admin/settlement/bygda-bredband/invoices/1.pdf").status_code == 404
    assert astrid.get("/admin/settlement/nobody").status_code == 404


def test_a_creditor_gets_its_own_papers_and_no_others(app, house):
    nina = visit(app, house.tenant_id, "nina.creditor")
    shown = nina.get("/creditor/settlement").get_data(as_text=True)
    assert "Oppgjør måned for måned" in shown
    assert "Bygda" not in shown
    links = re.findall(r'href="([^"]+/creditor/settlement/[^"]+)"', shown)
    assert len(links) == 2 * 3 + 1
    assert [nina.client.get(link).status_code for link in links] == [200] * len(links)
    assert nina.get("/creditor/settlement/invoices/2.pdf").status_code == 404


def test_staff_are_shown_their_own_page(astrid):
    assert astrid.get("/creditor/settlement").headers["Location"].endswith("/admin/settlement")


def test_who_collects_its_own_claims_is_told_there_is_nothing_to_settle(app, own_money):
    text = visit(app, own_money, "astrid.admin").get("/admin/settlement").get_data(as_text=True)
    assert "ingen klientkonto å avstemme" in text
    assert "Egne penger" in text


def test_paying_out_now_does_what_the_week_would_have_done(app, servers):
    world = World(make_agency(servers))
    let_money_out(world.tenant_id)
    case = world.case(amount="1 000,00", due_on="2026-02-10")
    world.pay(case, 100_000, date(2026, 3, 2))
    somebody = visit(app, world.tenant_id, "astrid.admin")
    assert "Betal ut nå" in somebody.get("/admin/settlement").get_data(as_text=True)
    assert somebody.post("/admin/settlement/pay-out").status_code == 303
    assert world.totals().ordered_ore == 100_000
    assert len(list(folder_of(world.tenant_id).glob("out/*.xml"))) == 1
    assert "Betal ut nå" not in somebody.get("/admin/settlement").get_data(as_text=True)


# --- in a browser ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(app: Flask, house: World) -> Iterator[str]:
    with open_tenant(house.tenant_id) as tenant:
        slug = tenant.slug
    with served(app) as base:
        yield f"{base}/t/{slug}"


def look(page: Page, name: str) -> None:
    is_sound(page)
    picture(page, name)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("who", "path", "name"),
    [
        ("astrid.admin", "/admin/settlement", "settlement"),
        ("astrid.admin", "/admin/settlement/nordlys-kraft", "creditor"),
        ("astrid.admin", "/admin/settlement/egne-gebyr", "own"),
        ("nina.creditor", "/creditor/settlement", "own_papers"),
    ],
)
def test_the_pages_are_sound(page: Page, address: str, house: World, who: str, path: str, name: str) -> None:
    slug = address.rpartition("/")[2]
    page.goto(f"{address}/creditor/login")
    page.get_by_label("E-post").fill(f"{who}@{slug}.example")
    page.get_by_label("Passord").fill(PASSWORD)
    page.get_by_role("button", name="Logg inn").click()
    page.goto(address + path)
    look(page, name)
    if name == "creditor":
        page.get_by_label("Konto pengene skal til").fill("1")
        page.get_by_role("button", name="Foreslå").click()
        expect(page).to_have_title(re.compile("^Feil: "))
        is_sound(page)
