"""The web application over the real servers, and one small world that all portal tests read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.test import TestResponse

from saas.app import create_app
from saas.cases.lifecycle import close_case, get_case, place_hold
from saas.cases.reported import report_facts
from saas.kernel import clock
from saas.kernel.servers import Servers
from saas.portals.shared.limits import limiter
from saas.rules.facts import Fact, HoldReason
from tenants.resolve import open_tenant
from tests.builders import a_claim, make_agency, register
from tests.portals import browsing
from tests.portals.world import PASSWORD, add_people, letter_of, slug_of, walk

FRIDAY = date(2026, 3, 6)


@dataclass(frozen=True)
class World:
    """An agency on Friday 6 March 2026: each case has had its reminder on Tuesday."""

    tenant_id: UUID
    slug: str
    people: dict[str, str]
    power: int  # a power invoice; the creditor has reported an active contract
    fibre: int  # another creditor's; no such rule
    disputed: int
    closed: int


class Visitor:
    """A browser without JavaScript: keeps cookies, follows forms' hidden tokens."""

    def __init__(self, client: FlaskClient, slug: str) -> None:
        self.client, self.base, self.last = client, f"/t/{slug}", ""

    def get(self, path: str, **more: object) -> TestResponse:
        return self._keep(self.client.get(self._address(path), **more))

    def post(self, path: str, /, **typed: object) -> TestResponse:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.last)
        return self._keep(
            self.client.post(self._address(path), data={"csrf_token": token[1] if token else "", **typed})
        )

    def log_in(self, world: World, number: int) -> TestResponse:
        self.get("/")
        return self.post("/", case_number=str(number), code=letter_of(world.tenant_id, number).code)

    def sign_in(self, world: World, who: str) -> TestResponse:
        self.get("/creditor/login")
        return self.post("/creditor/login", email=world.people[who], password=PASSWORD)

    def _address(self, path: str) -> str:
        return path if path.startswith(("/t/", "http")) else self.base + path

    def _keep(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html":
            self.last = response.get_data(as_text=True)
        return response


@pytest.fixture(scope="session")
def app(servers: Servers) -> Flask:
    """The whole application."""
    return create_app(servers)


@pytest.fixture(scope="session")
def world(servers: Servers) -> World:
    """Four cases of two creditors, walked from Monday to Friday."""
    tenant_id = make_agency(servers)
    power, disputed, closed = (
        register(tenant_id, a_claim(**changes), creditor="nordlys-kraft").verdicts[0].case_number
        for changes in ({"debtor_name": "Kari Østby Nordmann"}, {}, {})
    )
    row = a_claim(kind="other", description="Fiber januar 2026", amount="899,00")
    fibre = register(tenant_id, row, creditor="bygda-bredband").verdicts[0].case_number
    walk(tenant_id, FRIDAY)
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        fact = Fact("power.active_contract", True, "Nordlys Kraft AS", date(2026, 3, 3))
        report_facts(tenant, get_case(tenant, number=power), [fact], today=FRIDAY, now=now, actor="cli")
        case = get_case(tenant, number=disputed)
        place_hold(tenant, case, HoldReason.OBJECTION, since=FRIDAY, note="intern merknad", now=now, actor="debtor")
        close_case(tenant, get_case(tenant, number=closed), "withdrawn", on=FRIDAY, now=now, actor="worker")
    slug = slug_of(tenant_id)
    return World(tenant_id, slug, add_people(tenant_id, slug), power, fibre, disputed, closed)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    if not browsing.CHROMIUM.exists():
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(browsing.CHROMIUM), args=browsing.FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def address(app: Flask, world: World) -> Iterator[str]:
    """The agency on a real port."""
    with browsing.served(app) as base:
        yield f"{base}/t/{world.slug}"


@pytest.fixture
def page(browser: Browser, app: Flask) -> Iterator[Page]:
    """A fresh page in it."""
    with browsing.a_page(browser, app) as opened:
        yield opened


@pytest.fixture
def visitor(app: Flask, world: World) -> Visitor:
    """A fresh browser at the agency; earlier attempts are forgotten."""
    with app.app_context():
        limiter.reset()
    return Visitor(app.test_client(), world.slug)
