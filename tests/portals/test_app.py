"""What holds for every page: headers, errors in words, health, tenants by prefix."""

from flask import Flask

from saas.kernel.servers import Servers
from tenants.profile import read_profile
from tenants.provision import provision
from tests.builders import MONDAY, at
from tests.portals.conftest import Visitor, World


def test_no_page_runs_scripts_or_styles_from_anywhere_but_here(visitor: Visitor) -> None:
    response = visitor.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in visitor.last
    assert "style=" not in visitor.last
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"


def test_the_session_cookie_is_for_this_tenant_only_and_not_for_scripts(visitor: Visitor, world: World) -> None:
    cookie = visitor.get("/").headers["Set-Cookie"]
    assert f"Path=/t/{world.slug}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_stylesheet_that_anybody_may_keep_carries_no_cookie(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    page = visitor.get("/case").get_data(as_text=True)
    addresses = [part.split('"')[0] for part in page.split('href="')[1:] if ".css" in part.split('"')[0]]
    assert len(addresses) == 2
    for address in addresses:
        response = visitor.get(address)
        assert response.status_code == 200
        assert "immutable" in response.headers["Cache-Control"]
        assert "Set-Cookie" not in response.headers


def test_health_names_what_is_up(app: Flask) -> None:
    response = app.test_client().get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok", "down": []})


def test_an_unknown_tenant_is_an_unknown_page(app: Flask) -> None:
    response = app.test_client().get("/t/finnes-ikke/")
    assert response.status_code == 404
    assert "Vi finner ikke siden" in response.text


def test_without_a_tenant_there_is_nothing_to_see(app: Flask) -> None:
    assert app.test_client().get("/").status_code == 404


def test_a_form_without_its_token_is_not_taken(app: Flask, world: World) -> None:
    response = app.test_client().post(f"/t/{world.slug}/", data={"case_number": "1", "code": "ABCD"})
    assert response.status_code == 400
    assert "Last" in response.text or "lastes" in response.text


def test_the_api_answers_problems_and_not_pages(app: Flask) -> None:
    response = app.test_client().get("/api/v1/nope")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


def test_nobody_is_asked_for_a_cookie_or_token_by_the_api(app: Flask) -> None:
    response = app.test_client().post("/api/v1/claims", json={})
    assert response.status_code == 401
    assert "Set-Cookie" not in response.headers


def test_a_page_that_is_missing_is_told_in_the_tenants_frame(visitor: Visitor) -> None:
    response = visitor.get("/finnes-ikke")
    assert response.status_code == 404
    assert "Fjord Inkasso AS" in response.text


def test_a_tenant_with_a_host_of_its_own_is_found_by_it_and_needs_no_prefix(app: Flask, servers: Servers) -> None:
    profile = read_profile("agency")
    for creditor in profile["creditors"]:
        for agreement in creditor["agreements"]:
            agreement["valid_from"] = agreement["valid_from"].isoformat()
    profile["tenant"] |= {"host": "betal.fjord.example", "name": "Egen Adresse AS"}
    provision(profile, owner_dsn=servers.database_owner, slug="own-host", now=at(MONDAY), sandbox_on=MONDAY)
    answer = app.test_client().get("/", base_url="http://betal.fjord.example")
    assert answer.status_code == 200
    assert "Egen Adresse AS" in answer.text
    assert app.test_client().get("/", base_url="http://betal.annen.example").status_code == 404
