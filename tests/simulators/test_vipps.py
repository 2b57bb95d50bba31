"""The simulated Vipps refuses what the real one refuses, and sends what the real one sends."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import httpx
import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from saas.kernel import clock
from saas.simulators.vipps import VippsSim

GOOD: dict[str, Any] = {
    "amount": {"currency": "NOK", "value": 123_450},
    "paymentMethod": {"type": "WALLET"},
    "reference": "case-4711-attempt-0001",
    "returnUrl": "https://portal.example/betaling/retur?ref=case-4711-attempt-0001",
    "userFlow": "WEB_REDIRECT",
    "paymentDescription": "Sak 4711",
    "metadata": {"caseId": "4711"},
}
REFERENCE = GOOD["reference"]


@pytest.fixture
def sim() -> Iterator[VippsSim]:
    with VippsSim(clock.wall_now) as started:
        yield started


def keys(sim: VippsSim) -> dict[str, str]:
    return {"Ocp-Apim-Subscription-Key": sim.keys.subscription_key, "Merchant-Serial-Number": sim.keys.msn}


def token(sim: VippsSim) -> str:
    secret = {"client_id": sim.keys.client_id, "client_secret": sim.keys.client_secret}
    told = httpx.post(f"{sim.base_url}/accesstoken/get", headers=keys(sim) | secret).json()
    assert isinstance(told["expires_in"], str), "as Vipps writes it"
    return str(told["access_token"])


def post(sim: VippsSim, path: str, body: Any = None, key: str = "k-1", **headers: str) -> httpx.Response:
    sent = keys(sim) | {"Authorization": f"Bearer {token(sim)}", "Idempotency-Key": key} | headers
    return httpx.post(f"{sim.base_url}{path}", json=body, headers=sent)


def get(sim: VippsSim, path: str = "") -> Any:
    at = f"{sim.base_url}/epayment/v1/payments/{REFERENCE}{path}"
    return httpx.get(at, headers=keys(sim) | {"Authorization": f"Bearer {token(sim)}"}).json()


def create(sim: VippsSim, key: str = "k-1", **changes: Any) -> httpx.Response:
    body = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return post(sim, "/epayment/v1/payments", body, key)


def modify(sim: VippsSim, verb: str, ore: int, key: str) -> httpx.Response:
    body = {"modificationAmount": {"currency": "NOK", "value": ore}} if verb != "cancel" else None
    return post(sim, f"/epayment/v1/payments/{REFERENCE}/{verb}", body, key)


def problem(response: httpx.Response) -> tuple[int, str, str]:
    told = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "detail", "status", "traceId"} <= set(told)
    name = told["extraDetails"][0]["name"] if "extraDetails" in told else ""
    return response.status_code, told["type"].rsplit("/", 1)[1], name


def test_a_payment_is_made_approved_taken_and_sent_back(sim: VippsSim) -> None:
    made = create(sim)
    assert (made.status_code, set(made.json())) == (201, {"redirectUrl", "reference"})
    assert get(sim)["state"] == "CREATED"
    sim.payments.approve(REFERENCE)
    assert modify(sim, "capture", 123_450, "k-2").json()["state"] == "AUTHORIZED"
    assert modify(sim, "refund", 23_450, "k-3").status_code == 200
    told = get(sim)
    assert told["state"] == "AUTHORIZED", "taking and sending back are no states"
    assert {name: each["value"] for name, each in told["aggregate"].items()} == {
        "authorizedAmount": 123_450, "capturedAmount": 123_450, "refundedAmount": 23_450, "cancelledAmount": 0,
    }  # fmt: skip
    assert "redirectUrl" not in told
    assert [each["name"] for each in get(sim, "/events")] == ["CREATED", "AUTHORIZED", "CAPTURED", "REFUNDED"]
    assert get(sim, "/events")[2]["idempotencyKey"] == "k-2"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"amount": None}, "amount"),
        ({"amount": {"currency": "NOK", "value": 99}}, "amount.value"),
        ({"amount": {"currency": "NOK", "value": 65_000_001}}, "amount.value"),
        ({"amount": {"currency": "NOK", "value": 100.0}}, "amount.value"),
        ({"amount": {"currency": "nok", "value": 100}}, "amount.currency"),
        ({"paymentMethod": {"type": "CASH"}}, "paymentMethod.type"),
        ({"reference": "kort"}, "reference"),
        ({"reference": "under_strek"}, "reference"),
        ({"returnUrl": None}, "returnUrl"),
        ({"returnUrl": "http://portal.example"}, "returnUrl"),
        ({"userFlow": "PUSH_MESSAGE"}, "userFlow"),
        ({"paymentDescription": "xx"}, "paymentDescription"),
        ({"paymentDescription": "x" * 101}, "paymentDescription"),
        ({"metadata": {str(n): "x" for n in range(6)}}, "metadata"),
        ({"expiresAt": "2026-12-01T00:00:00Z"}, "expiresAt"),
    ],
)
def test_a_wrong_field_is_named(sim: VippsSim, changes: dict[str, Any], name: str) -> None:
    assert problem(create(sim, **changes)) == (400, "validation-error", name)
    assert sim.payments.all == {}


def test_keys_token_and_idempotency_key_are_checked(sim: VippsSim) -> None:
    at = "/epayment/v1/payments"
    assert post(sim, at, GOOD, **{"Ocp-Apim-Subscription-Key": "x"}).status_code == 401
    assert post(sim, at, GOOD, Authorization="Bearer x").status_code == 401
    assert problem(post(sim, at, GOOD, **{"Merchant-Serial-Number": "654321"}))[0] == 403
    assert problem(post(sim, at, GOOD, key="k" * 51))[2] == "Idempotency-Key"
    assert problem(post(sim, at, GOOD, key=""))[2] == "Idempotency-Key"
    wrong = {"client_id": "sim", "client_secret": "x"}
    assert httpx.post(f"{sim.base_url}/accesstoken/get", headers=keys(sim) | wrong).status_code == 401
    bearer = {"Authorization": f"Bearer {token(sim)}"}
    sim.expire_tokens()
    assert post(sim, at, GOOD, **bearer).status_code == 401


def test_an_idempotency_key_replays_and_refuses_another_body(sim: VippsSim) -> None:
    assert create(sim).content == create(sim).content
    assert problem(create(sim, paymentDescription="Another"))[:2] == (409, "idempotency-key-reused")
    assert problem(create(sim, "k-2"))[:2] == (409, "reference-already-exists")
    sim.payments.approve(REFERENCE)
    for _ in range(2):
        assert modify(sim, "capture", 100, "k-3").json()["aggregate"]["capturedAmount"]["value"] == 100


def test_no_more_is_taken_than_reserved_nor_sent_back_than_taken(sim: VippsSim) -> None:
    create(sim)
    assert problem(modify(sim, "capture", 1, "k-2"))[:2] == (409, "wrong-state")
    sim.payments.approve(REFERENCE)
    assert problem(modify(sim, "capture", 123_451, "k-3"))[:2] == (409, "amount-too-high")
    assert modify(sim, "capture", 100_000, "k-4").status_code == 200
    assert modify(sim, "cancel", 0, "k-5").json()["aggregate"]["cancelledAmount"]["value"] == 23_450
    assert problem(modify(sim, "capture", 1, "k-6"))[:2] == (409, "amount-too-high")
    assert problem(modify(sim, "refund", 100_001, "k-7"))[:2] == (409, "amount-too-high")
    assert sim.payments.held_ore() == 100_000


def test_a_payment_nobody_approves_runs_out_and_one_that_is_cancelled_ends(sim: VippsSim) -> None:
    create(sim)
    sim.payments.all[REFERENCE]["_ends"] = 0
    assert get(sim)["state"] == "EXPIRED"
    other = GOOD["reference"].replace("1", "2")
    create(sim, "k-2", reference=other)
    assert post(sim, f"/epayment/v1/payments/{other}/cancel", None, "k-3").json()["state"] == "TERMINATED"
    assert [each.name.split(".")[2] for each in sim.sender.events] == ["created", "expired", "created", "terminated"]


def test_more_than_five_modifications_a_minute_are_too_many(sim: VippsSim) -> None:
    create(sim)
    sim.payments.approve(REFERENCE)
    statuses = [modify(sim, "capture", 100, f"c-{n}").status_code for n in range(6)]
    assert statuses == [200] * 5 + [429]
    sim.forget_rates()
    assert modify(sim, "capture", 100, "c-6").status_code == 200


@pytest.mark.parametrize("fault", ["400", "401", "403", "404", "409", "423", "429", "500", "503"])
def test_a_fault_is_what_was_asked_for_and_does_nothing(sim: VippsSim, fault: str) -> None:
    sim.faults.add(fault, on="create")
    assert create(sim).status_code == int(fault)
    assert sim.payments.all == {}
    assert create(sim).status_code == 201


def test_a_lost_answer_is_of_something_done(sim: VippsSim) -> None:
    sim.faults.add("lost", on="create")
    assert create(sim).status_code == 500
    assert len(sim.payments.all) == 1
    assert create(sim).status_code == 201, "the same key tells what came of it"


class Listener:
    """A web server that takes events, or does not."""

    def __init__(self, *refuses: int) -> None:
        self.refuses, self.taken = list(refuses), list[tuple[str, str]]()
        app = Flask("listener")
        app.add_url_rule("/hook", view_func=self._hook, methods=["POST"])
        self.server = make_server("127.0.0.1", 0, app)
        self.url = f"http://127.0.0.1:{self.server.port}/hook"
        self.thread = Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def _hook(self) -> tuple[str, int]:
        status = self.refuses.pop(0) if self.refuses else 200
        self.taken += [(request.get_json()["name"], request.headers["x-ms-date"])] if status == 200 else []
        return "", status

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()


def wait_for(sim: VippsSim) -> None:
    for _ in range(200):
        if not any(hook.waiting for hook in sim.sender.hooks.values()):
            return
        sim._stopping.wait(0.05)
    raise AssertionError("events are still waiting")


def test_an_event_that_is_not_taken_holds_back_those_behind_it_and_no_other_webhook(sim: VippsSim) -> None:
    listener, other = Listener(500, 400), Listener()
    sim.listen(listener.url, "s-1"), sim.listen(other.url, "s-2")
    create(sim)
    sim.payments.approve(REFERENCE)
    wait_for(sim)
    for each in (listener, other):
        each.stop()
    names = ["CREATED", "AUTHORIZED"]
    assert [name for name, _ in listener.taken] == [name for name, _ in other.taken] == names
    assert sorted(delivery.status for delivery in sim.sender.deliveries) == [200] * 4 + [400, 500]


def test_webhooks_are_registered_listed_and_removed(sim: VippsSim) -> None:
    at, events = "/webhooks/v1/webhooks", ["epayments.payment.captured.v1"]
    auth = keys(sim) | {"Authorization": f"Bearer {token(sim)}"}
    made = post(sim, at, {"url": "https://x.no/hook", "events": events})
    assert (made.status_code, set(made.json())) == (201, {"id", "secret"})
    listed = httpx.get(sim.base_url + at, headers=auth).json()
    assert listed == {"webhooks": [{"id": made.json()["id"], "url": "https://x.no/hook", "events": events}]}
    assert problem(post(sim, at, {"url": "http://x.no/hook", "events": events}))[2] == "url"
    assert problem(post(sim, at, {"url": "https://x.no/hook", "events": ["x"]}))[2] == "events"
    for _ in range(4):
        post(sim, at, {"url": "https://x.no/hook", "events": events})
    assert problem(post(sim, at, {"url": "https://x.no/hook", "events": events}))[2] == "events", "at most five"
    assert httpx.delete(f"{sim.base_url}{at}/{made.json()['id']}", headers=auth).status_code == 204


def test_the_payers_page_and_the_controls(sim: VippsSim) -> None:
    at = create(sim).json()["redirectUrl"]
    assert "1234,50" in httpx.get(at).text
    back = httpx.post(at, data={"action": "approve"})
    assert (back.status_code, back.headers["location"]) == (303, GOOD["returnUrl"])
    assert httpx.get(at).status_code == 410
    control = f"{sim.base_url}/_sim"
    taken = httpx.post(f"{control}/capture", json={"reference": REFERENCE, "ore": 100}).json()
    assert taken["aggregate"]["capturedAmount"]["value"] == 100
    assert httpx.post(f"{control}/abort", json={"reference": REFERENCE}).status_code == 409
    httpx.post(f"{control}/fault", json={"next": ["429"], "on": "get"})
    assert get(sim)["status"] == 429
    assert httpx.post(f"{control}/nothing").status_code == 404


def test_approval_can_be_forced_as_in_the_test_environment(sim: VippsSim) -> None:
    create(sim)
    assert post(sim, f"/epayment/v1/test/payments/{REFERENCE}/approve", {}).status_code == 200
    assert get(sim)["state"] == "AUTHORIZED"
