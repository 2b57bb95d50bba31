"""What every call shares: one format of error, and a description that is true."""

import pytest
from flask import Flask

from saas.app import create_app
from saas.kernel.servers import Servers
from tests.api.test_claims import is_problem


@pytest.mark.parametrize("path", ["/api/v1/ingen", "/api/v1/", "/api/v2/claims", "/api/"])
def test_an_address_that_does_not_exist_is_a_problem_too(app: Flask, path: str) -> None:
    is_problem(app.test_client().get(path), 404, "not_found")


def test_a_method_an_address_does_not_take_is_a_problem_too(app: Flask) -> None:
    answer = app.test_client().delete("/api/v1/claims")
    is_problem(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_the_portals_keep_their_own_error_pages(app: Flask) -> None:
    answer = app.test_client().get("/finnes-ikke")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_the_description_names_every_call_and_every_field_of_a_claim(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/openapi.json")
    spec = answer.get_json()
    calls = {(path, method) for path, found in spec["paths"].items() for method in found if method != "parameters"}
    assert calls == {
        ("/api/v1/claims", "post"),
        ("/api/v1/cases", "get"),
        ("/api/v1/cases/{number}", "get"),
        ("/api/v1/cases/{number}/facts", "post"),
        ("/api/v1/facts", "post"),
        ("/api/v1/cases/{number}/deferrals", "post"),
        ("/api/v1/cases/{number}/objections", "get"),
        ("/api/v1/cases/{number}/objections", "post"),
        ("/api/v1/cases/{number}/objections/{objection_id}/answer", "post"),
        ("/api/v1/cases/{number}/objections/{objection_id}/withdrawal", "post"),
        ("/api/v1/cases/{number}/lost-costs", "post"),
        ("/api/v1/cases/{number}/death", "post"),
        ("/api/v1/cases/{number}/bankruptcy", "post"),
        ("/api/v1/cases/{number}/direct-payments", "post"),
        ("/api/v1/accounts", "get"),
        ("/api/v1/accounts/{slug}", "get"),
        ("/api/v1/accounts/{slug}", "put"),
        ("/api/v1/accounts/{slug}", "delete"),
        ("/api/v1/accounts/{slug}/changes", "get"),
        ("/api/v1/plugins", "get"),
        ("/api/v1/plugins/{slug}", "put"),
        ("/api/v1/plugins/{slug}/changes", "get"),
        ("/api/v1/plugins/{slug}/changes/{change_id}/revert", "post"),
        ("/api/v1/plugins/{slug}/trials", "post"),
        ("/api/v1/plugins/{slug}/trials/{trial_id}", "get"),
        ("/api/v1/creditors/{creditor}/plugins/{slug}", "put"),
        *((f"/api/v1/law/{name}", "post") for name in ("interest", "fees", "allocation", "deadlines", "kid")),
    }
    claim = spec["components"]["schemas"]["Claim"]
    assert {"amount", "due_on", "active_contract", "notice_proof"} <= set(claim["properties"])
    assert set(claim["required"]) == {
        "debtor_kind", "debtor_name", "invoice_number", "invoiced_on", "due_on", "amount",
    }  # fmt: skip
    assert spec["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_the_page_lists_the_calls_without_scripts_or_anything_from_elsewhere(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/docs")
    assert answer.status_code == 200
    assert "POST /api/v1/claims" in answer.text
    assert "<script" not in answer.text
    assert "http" not in answer.text.replace("http-equiv", "")


def test_keys_that_do_not_fit_are_tried_only_so_often(app: Flask, servers: Servers) -> None:
    create_app(servers)  # a second application in the process takes nothing from the first
    client, wrong = app.test_client(), {"Authorization": "Bearer frist_nobody_" + "0" * 48}
    statuses = [
        client.get("/api/v1/cases", headers=wrong, environ_base={"REMOTE_ADDR": "192.0.2.77"}).status_code
        for _ in range(31)
    ]
    assert statuses[:30] == [401] * 30
    assert statuses[30] == 429
    other = client.get("/api/v1/cases", headers=wrong, environ_base={"REMOTE_ADDR": "192.0.2.78"})
    assert other.status_code == 401
