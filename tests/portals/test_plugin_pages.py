"""What plugins bring to people: a panel on the debtor's page, paths of their own, fields in the creditor's form."""

import json
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask

from saas.cases.night import run_night
from tenants.models import Mode
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import at, creditor_of, register
from tests.portals.conftest import FRIDAY, Visitor, World
from tests.portals.world import add_people, slug_of
from tests.tenants.conftest import THROWS, Install, install  # noqa: F401 - the fixture

ROUTED = """
def _answer(self, request):
    if request.method == "GET":
        return RouteAnswer(heading="Om avtalen", paragraphs=("Tekst med <b>tegn</b>.",))
    return RouteAnswer(data={"got": len(request.body)})
@hookimpl
def provide_routes(self):
    return [Route("about", ("GET",), self._answer), Route("news/*", ("POST",), self._answer)]
@hookimpl
def extend_portal(self, case, language):
    return [Panel(f"Hei {language}", ("Første avsnitt.",), PanelLink("Les mer", "https://example.no/mer"))]
@hookimpl
def extend_claim_fields(self):
    return [ClaimField("meter_box", "Skap", "Hvor måleren står.", "A1")]
"""


@pytest.fixture
def on(world: World, install: Install) -> Iterator[None]:  # noqa: F811
    """A plugin of pages, on for Nordlys Kraft while the test runs."""
    install("paged", ROUTED)
    nordlys = creditor_of(world.tenant_id, "nordlys-kraft")
    for mode in (Mode.ON, Mode.OFF):
        with open_tenant(world.tenant_id) as tenant:
            switch_plugin(tenant, "paged", creditor_id=nordlys, mode=mode, now=at(FRIDAY), actor="cli")
        if mode is Mode.ON:
            yield


def test_a_panel_stands_on_the_page_of_a_case_where_the_plugin_is_on(visitor: Visitor, world: World, on: None) -> None:
    visitor.log_in(world, world.power)
    told = visitor.get("/case").get_data(as_text=True)
    assert ">Hei nb</h2>" in told
    assert '<a href="https://example.no/mer">Les mer</a>' in told
    visitor.post("/logout")
    visitor.log_in(world, world.fibre)
    assert "Hei nb" not in visitor.get("/case").get_data(as_text=True)


def test_a_plugins_own_page_is_in_our_frame_with_its_text_escaped(app: Flask, world: World, on: None) -> None:
    response = app.test_client().get(f"/x/{world.slug}/paged@nordlys-kraft/about")
    told = response.get_data(as_text=True)
    assert response.status_code == 200
    assert "<h1>Om avtalen</h1>" in told
    assert "Tekst med &lt;b&gt;tegn&lt;/b&gt;." in told
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]


def test_a_plugins_webhook_answers_without_a_token_and_only_to_its_own_methods(
    app: Flask, world: World, on: None
) -> None:
    client = app.test_client()
    answer = client.post(f"/x/{world.slug}/paged@nordlys-kraft/news/1", data=b"abc")
    assert (answer.status_code, json.loads(answer.data)) == (200, {"got": 3})
    assert client.get(f"/x/{world.slug}/paged@nordlys-kraft/news/1").status_code == 404


@pytest.mark.parametrize(
    "path", ["paged/about", "paged@bygda-bredband/about", "paged@ingen/about", "nothing/about", "PAGED@x/about"]
)
def test_where_the_plugin_is_off_nothing_answers(app: Flask, world: World, on: None, path: str) -> None:
    assert app.test_client().get(f"/x/{world.slug}/{path}").status_code == 404


def test_nothing_answers_once_it_is_off_everywhere(app: Flask, world: World, install: Install) -> None:  # noqa: F811
    install("paged", ROUTED)
    assert app.test_client().get(f"/x/{world.slug}/paged@nordlys-kraft/about").status_code == 404


def test_a_body_that_is_too_large_is_not_read(app: Flask, world: World, on: None) -> None:
    answer = app.test_client().post(f"/x/{world.slug}/paged@nordlys-kraft/news/1", data=b"x" * (256 * 1024 + 1))
    assert answer.status_code == 413


def test_the_creditors_form_has_the_field_and_the_others_has_not(visitor: Visitor, world: World, on: None) -> None:
    for who, there in (("nordlys-kraft", True), ("bygda-bredband", False)):
        visitor.sign_in(world, who)
        assert ('name="meter_box"' in visitor.get("/creditor/claims/new").get_data(as_text=True)) is there
        assert (b"meter_box" in visitor.get("/creditor/claims/template.csv").data) is there


def test_staff_read_the_trace_of_what_holds_a_case_and_its_creditor_does_not(
    app: Flask,
    agency: UUID,
    install: Install,  # noqa: F811
) -> None:
    install("thrower", THROWS)
    with open_tenant(agency) as tenant:
        switch_plugin(tenant, "thrower", mode=Mode.ON, now=at(FRIDAY), actor="cli")
    number = register(agency, creditor="nordlys-kraft").verdicts[0].case_number
    run_night(agency, hand_over=lambda *_: None)
    slug = slug_of(agency)
    fresh = World(agency, slug, add_people(agency, slug), 0, 0, 0, 0)
    visitor = Visitor(app.test_client(), slug)
    for who, sees in (("handler", True), ("nordlys-kraft", False)):
        visitor.sign_in(fresh, who)
        told = visitor.get(f"/creditor/cases/{number}").get_data(as_text=True)
        assert "feil hos oss" in told
        assert ("thrower: RuntimeError i hold_case" in told) is sees
        assert ("installed_thrower.py" in told) is sees
        assert "01010112345" not in told
