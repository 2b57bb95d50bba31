"""An administrator puts a plugin in force for one creditor, in a browser; two debtors ask for more time."""

from collections.abc import Iterator
from datetime import date

import orjson
import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page

from saas.access.users import add_user
from saas.cases.lifecycle import cipher_of, get_case
from saas.cases.models import CaseHold
from saas.cases.reported import report_facts
from saas.cases.trying import run_trial
from saas.kernel import clock, crypto
from saas.kernel.history import HistoryEvent
from saas.kernel.ids import NIL
from saas.kernel.servers import Servers
from saas.rules.facts import Fact
from tenants.models import PluginTrial
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import a_claim, at, creditor_of, make_agency, register
from tests.portals.browsing import is_sound, log_in, picture, served
from tests.portals.conftest import FRIDAY, World
from tests.portals.world import PASSWORD, add_people, slug_of, walk

pytestmark = pytest.mark.browser
UNTIL = "13.03.2026"


@pytest.fixture(scope="module")
def house(servers: Servers) -> World:
    """Three cases with a reminder: two of Nordlys Kraft, one of another creditor, contracts reported; no rule on."""
    tenant_id = make_agency(servers)
    nordlys = creditor_of(tenant_id, "nordlys-kraft")
    with open_tenant(tenant_id) as tenant:
        switch_plugin(tenant, "power_contract", creditor_id=nordlys, enabled=False, now=at(FRIDAY), actor="cli")
    numbers = [
        register(tenant_id, a_claim(), creditor=creditor).verdicts[0].case_number
        for creditor in ("nordlys-kraft", "nordlys-kraft", "bygda-bredband")
    ]
    walk(tenant_id, FRIDAY)
    with open_tenant(tenant_id) as tenant:
        for number in numbers:
            fact = Fact("power.active_contract", True, "Nordlys Kraft AS", date(2026, 3, 3))
            case = get_case(tenant, number=number)
            report_facts(tenant, case, [fact], today=FRIDAY, now=clock.now(tenant), actor="cli")
    slug = slug_of(tenant_id)
    people = add_people(tenant_id, slug) | {"admin": f"anne@{slug}.no"}
    with open_tenant(tenant_id) as tenant:
        add_user(tenant, email=people["admin"], name="Anne Admin", password=PASSWORD, role="admin",
                 creditor_id=NIL, now=at(FRIDAY), actor="cli")  # fmt: skip
    first, second, other = (number or 0 for number in numbers)
    return World(tenant_id, slug, people, first, other, second, 0)


@pytest.fixture(scope="module")
def address(app: Flask, house: World) -> Iterator[str]:
    with served(app) as base:
        yield f"{base}/t/{house.slug}"


def _work(house: World) -> None:
    """What a worker does when it gets to it."""
    with open_tenant(house.tenant_id) as tenant:
        waiting = tenant.session.scalars(
            sa.select(PluginTrial.id).where(PluginTrial.tenant_id == house.tenant_id, PluginTrial.state == "waiting")
        ).all()
    for trial_id in waiting:
        run_trial(house.tenant_id, trial_id)


def _ask_for_more_time(page: Page, address: str, house: World, number: int) -> str:
    page.context.clear_cookies()
    log_in(page, address, house.tenant_id, number)
    page.goto(f"{address}/case/more-time")
    page.get_by_role("textbox").first.fill("2026-03-13")
    page.get_by_role("main").get_by_role("button").first.click()
    return page.get_by_role("main").inner_text()


def _sign_in(page: Page, address: str, house: World) -> None:
    page.context.clear_cookies()
    page.goto(f"{address}/creditor/login")
    page.get_by_label("E-post").fill(house.people["admin"])
    page.get_by_label("Passord").fill(PASSWORD)
    page.get_by_role("button", name="Logg inn").click()


def _to_power_contract_of_nordlys(page: Page, address: str) -> None:
    page.goto(f"{address}/admin/plugins")
    page.get_by_role("link", name="Aktiv strømavtale").click()
    page.get_by_role("link", name="Nordlys Kraft AS").click()


def _choose(page: Page, words: str, house: World, confirm: str) -> None:
    page.get_by_label(words).check()
    page.get_by_role("button", name="Forhåndsvis").click()
    assert "Venter på en arbeider" in page.get_by_role("main").inner_text()
    _work(house)
    page.get_by_role("link", name="Se hvor langt den er kommet").click()
    assert "Endrer 2 av 2 avgjørelser." in page.get_by_role("main").inner_text()
    is_sound(page)
    picture(page, f"plugins-preview-{confirm.split()[0].lower()}")
    page.get_by_role("button", name=confirm).click()
    assert "Endret." in page.get_by_role("main").inner_text()


def test_a_plugin_is_found_previewed_shadowed_configured_and_in_force_for_one_creditor(
    page: Page, address: str, house: World
) -> None:
    _sign_in(page, address, house)
    page.goto(f"{address}/admin/plugins")
    is_sound(page)
    picture(page, "plugins-list")
    _to_power_contract_of_nordlys(page, address)
    is_sound(page)
    picture(page, "plugins-settings")

    _choose(page, "Skygge: spør tillegget", house, "Sett i skygge")
    assert "mer tid" in _ask_for_more_time(page, address, house, house.disputed).lower()
    _sign_in(page, address, house)
    _to_power_contract_of_nordlys(page, address)
    page.get_by_role("link", name="Ett svar i skygge").click()
    assert f"{house.disputed}" in page.get_by_role("main").inner_text()
    assert "avslag (power_contract_active)" in page.get_by_role("main").inner_text()
    is_sound(page)
    picture(page, "plugins-shadow")

    _to_power_contract_of_nordlys(page, address)
    page.get_by_label("Opplysningen må være nyere enn").fill("30")
    _choose(page, "Slå på", house, "Slå på")
    is_sound(page)
    picture(page, "plugins-history")

    refused = _ask_for_more_time(page, address, house, house.power)
    assert "Nordlys Kraft AS meldte 3. mars at du har en aktiv strømavtale" in refused
    assert page.get_by_role("button", name="saksbehandler").count() == 1  # a person is offered
    is_sound(page)
    picture(page, "plugins-refused")
    granted = _ask_for_more_time(page, address, house, house.fibre)
    assert "saksbehandler se på saken" not in granted

    assert _holds(house, house.fibre) == ["deferred"]
    assert _holds(house, house.disputed) == ["deferred"]
    assert _holds(house, house.power) == []
    assert ("deferral.refused", ["power_contract_active"]) in _events(house, house.power)
    assert "deferral.granted" in [kind for kind, _ in _events(house, house.fibre)]
    assert "deferral.refused" not in [kind for kind, _ in _events(house, house.fibre)]
    assert [mode for _, mode in _switches(house)][-2:] == ["shadow", "on"]


def test_a_year_is_played_through_with_the_plugin(page: Page, address: str, house: World) -> None:
    _sign_in(page, address, house)
    _to_power_contract_of_nordlys(page, address)
    page.get_by_role("button", name="Spill av").click()
    is_sound(page)
    _work(house)
    page.get_by_role("link", name="Se hvor langt den er kommet").click()
    told = page.get_by_role("main").inner_text()
    assert "06.03.2025 til 06.03.2026" in told
    assert "Ulovlige steg: 0." in told
    assert "Endrer 1 av " in told
    assert "mer tid gis → avslag" in told  # what was granted while it stood in shadow
    is_sound(page)
    picture(page, "plugins-backtest")


def test_an_agreement_is_set_corrected_and_changed(page: Page, address: str, house: World) -> None:
    _sign_in(page, address, house)
    page.goto(f"{address}/admin/")
    page.get_by_role("link", name="Avtaler").click()
    is_sound(page)
    picture(page, "plugins-accounts")
    page.get_by_role("link", name="SMS").click()
    page.get_by_label("Adresse til tjenesten").fill("https://sms.example")
    page.get_by_label("Brukernavn (").fill("fjord")
    page.get_by_label("Passord (").fill("hemmelig")
    page.get_by_role("button", name="Lagre avtalen").click()
    assert page.title().startswith("Feil: ")
    is_sound(page)
    picture(page, "plugins-account-wrong")
    page.get_by_label("Passord (").fill("hemmelig")
    page.get_by_role("textbox", name="Avsender (").fill("Fjord")
    page.get_by_label("Port for leveringsmeldinger").fill("gate1")
    page.get_by_role("button", name="Lagre avtalen").click()
    assert "Lagret." in page.get_by_role("main").inner_text()
    page.get_by_label("Pris for én del").fill("49")
    page.get_by_role("button", name="Lagre avtalen").click()
    assert "Pris for én del (øre): 0 → 49" in page.get_by_role("main").inner_text()
    assert page.get_by_label("Passord (").input_value() == "••••••••"
    is_sound(page)
    picture(page, "plugins-account-set")
    for name in ("Digipost", "E-post", "Brev på papir"):
        page.get_by_role("link", name="Alle avtaler").click()
        page.get_by_role("main").get_by_role("link", name=name).click()
        is_sound(page)
        picture(page, f"plugins-account-{name.lower()}")


def _holds(house: World, number: int) -> list[str]:
    with open_tenant(house.tenant_id) as tenant:
        case = get_case(tenant, number=number)
        return list(
            tenant.session.scalars(
                sa.select(CaseHold.reason).where(
                    CaseHold.tenant_id == house.tenant_id, CaseHold.case_id == case.id, CaseHold.lifted_on.is_(None)
                )
            )
        )


def _events(house: World, number: int) -> list[tuple[str, list[str]]]:
    """What happened in a case, and why."""
    with open_tenant(house.tenant_id) as tenant:
        case = get_case(tenant, number=number)
        events = tenant.session.scalars(
            sa.select(HistoryEvent)
            .where(HistoryEvent.tenant_id == house.tenant_id, HistoryEvent.case_id == case.id)
            .order_by(HistoryEvent.id)
        ).all()
        told = [(e.kind, orjson.loads(crypto.decrypt(cipher_of(case), bytes(e.body), e.id))) for e in events]
    return [(kind, [each["code"] for each in body.get("because", [])]) for kind, body in told]


def _switches(house: World) -> list[tuple[str, str]]:
    with open_tenant(house.tenant_id) as tenant:
        events = tenant.session.scalars(
            sa.select(HistoryEvent)
            .where(HistoryEvent.tenant_id == house.tenant_id, HistoryEvent.kind == "plugin.switched")
            .order_by(HistoryEvent.id)
        ).all()
    bodies = [orjson.loads(event.body) for event in events]
    return [(body["plugin"], body["after"]["mode"]) for body in bodies if body["plugin"] == "power_contract"]
