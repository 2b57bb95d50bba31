"""The simulated Stripe refuses what the real one refuses, and sends what the real one sends."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import httpx
import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from saas.kernel import clock
from saas.simulators.stripe import StripeSim

KEY = {"Authorization": "Bearer sk_test_sim"}
GOOD = {
    "mode": "payment",
    "success_url": "https://x.no/r",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "nok",
    "line_items[0][price_data][unit_amount]": "50000",
    "line_items[0][price_data][product_data][name]": "Sak 1",
}


@pytest.fixture
def sim() -> Iterator[StripeSim]:
    with StripeSim(clock.wall_now, connected={"acct_fjord": "acct_sim"}) as started:
        yield started


def create(sim: StripeSim, headers: dict[str, str] | None = None, **changes: str | None) -> httpx.Response:
    given = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return httpx.post(f"{sim.base_url}/v1/checkout/sessions", data=given, headers=KEY | (headers or {}))


def error(response: httpx.Response) -> tuple[int, str | None, str | None]:
    told = response.json()["error"]
    return response.status_code, told.get("code"), told.get("param")


def test_a_session_is_made_read_and_closed(sim: StripeSim) -> None:
    made = create(sim, **{"metadata[reference]": "r-1", "payment_intent_data[metadata][reference]": "r-1"}).json()
    assert (made["object"], made["status"], made["payment_status"]) == ("checkout.session", "open", "unpaid")
    assert (made["amount_total"], made["metadata"]) == (50_000, {"reference": "r-1"})
    at = f"{sim.base_url}/v1/checkout/sessions/{made['id']}"
    assert httpx.get(at, headers=KEY).json()["url"] == made["url"]
    closed = httpx.post(f"{at}/expire", headers=KEY).json()
    assert (closed["status"], closed["url"]) == ("expired", None)
    assert httpx.post(f"{at}/expire", headers=KEY).status_code == 400
    assert httpx.get(made["url"]).status_code == 410


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"mode": None}, "parameter_missing", "mode"),
        ({"success_url": None}, "parameter_missing", "success_url"),
        ({"line_items[0][quantity]": None}, "parameter_missing", "line_items[0][quantity]"),
        ({"line_items[0][price_data][currency]": "NOK"}, "parameter_invalid", "line_items[0][price_data][currency]"),
        ({"line_items[0][price_data][unit_amount]": "1.5"}, "parameter_invalid_integer",
         "line_items[0][price_data][unit_amount]"),
        ({"line_items[0][price_data][unit_amount]": "299"}, "amount_too_small", None),
        ({"line_items[0][price]": "p"}, "parameter_unknown", "line_items[0][price]"),
        ({"case": "1"}, "parameter_unknown", "case"),
        ({"success_url": "x"}, "url_invalid", "success_url"),
        ({"expires_at": "1"}, "parameter_invalid", "expires_at"),
        ({"locale": "nn"}, "parameter_invalid", "locale"),
        ({"metadata[" + "k" * 41 + "]": "v"}, "parameter_invalid", "metadata"),
        ({"metadata[k]": "v" * 501}, "parameter_invalid_string_length", "metadata[k]"),
        ({"client_reference_id": "r" * 201}, "parameter_invalid_string_length", "client_reference_id"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(sim: StripeSim, changes: dict[str, Any], code: str, param: str | None) -> None:
    assert error(create(sim, **changes)) == (400, code, param)


def test_keys_and_accounts_are_checked(sim: StripeSim) -> None:
    assert error(create(sim, {"Authorization": "Bearer sk_test_other"}))[0] == 401
    assert error(create(sim, {"Stripe-Account": "acct_other"}))[:2] == (403, "account_invalid")
    made = create(sim, {"Stripe-Account": "acct_fjord"}).json()
    at = f"{sim.base_url}/v1/checkout/sessions/{made['id']}"
    assert error(httpx.get(at, headers=KEY)) == (404, "resource_missing", "checkout.session")
    assert httpx.get(at, headers=KEY | {"Stripe-Account": "acct_fjord"}).status_code == 200


def test_an_idempotency_key_replays_and_refuses_other_parameters(sim: StripeSim) -> None:
    key = {"Idempotency-Key": "k-1"}
    assert create(sim, key).content == create(sim, key).content
    assert len(sim.own.sessions) == 1
    other = create(sim, key, client_reference_id="r-2")
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    assert error(create(sim, {"Idempotency-Key": "k-2"}, mode=None))[0] == 400
    assert create(sim, {"Idempotency-Key": "k-2"}).status_code == 200, "what failed in validation is not kept"


def test_a_key_in_use_is_a_conflict(sim: StripeSim) -> None:
    sim._known["acct_sim", "k-1"] = (b"", None)
    assert error(create(sim, {"Idempotency-Key": "k-1"}))[0] == 400, "with other parameters"
    sim.faults.waiting.append("409")
    assert error(create(sim))[:2] == (409, "idempotency_key_in_use")


def test_a_refund_is_at_most_what_was_paid(sim: StripeSim) -> None:
    sim.own.pay(create(sim).json()["id"])
    (intent_id,) = sim.own.intents

    def refund(ore: int) -> httpx.Response:
        given = {"payment_intent": intent_id, "amount": str(ore)}
        return httpx.post(f"{sim.base_url}/v1/refunds", data=given, headers=KEY)

    assert refund(30_000).json()["status"] == "succeeded"
    assert error(refund(20_001)) == (400, "parameter_invalid", "amount")
    assert refund(20_000).status_code == 200
    assert error(refund(1))[1] == "charge_already_refunded"
    assert [e.name for e in sim.sender.events][-2:] == ["refund.created", "charge.refunded"]


def test_events_are_sent_again_until_somebody_takes_them(sim: StripeSim) -> None:
    taken, app = [], Flask("listener")

    @app.post("/hook")
    def hook() -> tuple[str, int]:
        taken.append((request.headers["Stripe-Signature"], request.get_data()))
        return "", 500 if len(taken) < 3 else 200

    server = make_server("127.0.0.1", 0, app)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    sim.listen(f"http://127.0.0.1:{server.port}/hook", "whsec_x")
    sim.own.expire_session(create(sim).json()["id"])
    sim.sender.wait()
    server.shutdown()
    thread.join()
    assert [delivery.status for delivery in sim.sender.deliveries] == [500, 500, 200]
    assert len({body for _, body in taken}) == 1


def test_the_page_is_paid_on_by_hand_and_by_control(sim: StripeSim) -> None:
    made = create(sim, success_url="https://x.no/r?s={CHECKOUT_SESSION_ID}", cancel_url="https://x.no/c").json()
    assert "500,00" in httpx.get(made["url"]).text
    back = httpx.post(made["url"], data={"action": "pay"})
    assert (back.status_code, back.headers["location"]) == (303, f"https://x.no/r?s={made['id']}")
    paid_out = httpx.post(f"{sim.base_url}/_sim/pay_out", json={}).json()
    assert paid_out["amount"] == 50_000 - 1_400
    assert httpx.post(f"{sim.base_url}/_sim/fault", json={"next": ["429"]}).json() == {"waiting": ["429"]}
    assert error(create(sim))[:2] == (429, "rate_limit")
