"""The simulated gateway is as strict as the documented one, and as forgetful."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from werkzeug import Request, Response
from werkzeug.serving import make_server

from saas.kernel import clock
from saas.simulators.sms import Gate, SmsSim

MESSAGE = {"source": "Fjord", "destination": "+4799999999", "userData": "Hei", "platformId": "0",
           "platformPartnerId": "0", "useDeliveryReport": True, "deliveryReportGates": ["gate1"], "refId": "r1",
           "ignoreResponse": False}  # fmt: skip


class Listener:
    """A web server that keeps what is posted to it."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, Any], str | None]] = []
        self._server = make_server("127.0.0.1", 0, self._app, threaded=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.port}/reports"

    def _app(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        self.heard.append((request.get_json(), request.authorization.password if request.authorization else None))
        return Response("", 200)(environ, start)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.stop()


@pytest.fixture
def sim(listener: Listener) -> Iterator[SmsSim]:
    with SmsSim(clock.wall_now, gates={"gate1": Gate(listener.url, "frist", "s3cret")}) as started:
        yield started


def send(sim: SmsSim, password: str = "sim-password", **changes: Any) -> httpx.Response:
    given = {name: value for name, value in (MESSAGE | changes).items() if value is not None}
    return httpx.post(f"{sim.base_url}/sms/send", json=given, auth=("sim", password), timeout=10)


def test_a_message_is_taken_and_answered_as_documented(sim):
    answer = send(sim)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["resultCode"], told["description"], told["smsCount"]) == (1005, "Queued", 1)
    assert told["messageId"] == sim.message("r1").message_id


def test_the_same_reference_twice_is_two_messages(sim):
    assert send(sim).json()["messageId"] != send(sim).json()["messageId"]
    assert sim.copies("r1") == 2


def test_unless_it_is_asked_for_there_is_no_answer_in_words(sim):
    answer = send(sim, ignoreResponse=None)
    assert (answer.status_code, answer.content, len(sim.messages)) == (204, b"", 1)


@pytest.mark.parametrize(
    "changes",
    [{"source": "1Fjord"}, {"source": "F"}, {"source": "Fjord Inkasso"}, {"source": None}, {"sourceTON": "SHORTCODE"},
     {"sourceTON": "SHORTNUMBER"}, {"destination": "99999999"}, {"destination": None}, {"destinationTON": "EMAIL"},
     {"dcs": "UTF8"}, {"userData": ""}, {"userData": 5}, {"platformId": None}, {"platformPartnerId": None},
     {"relativeValidityTime": 172_800_001}, {"relativeValidityTime": 0}, {"relativeValidityTime": "48h"},
     {"unheardOf": 1},
     {"absoluteValidityTime": (clock.wall_now() + timedelta(minutes=14)).isoformat()},
     {"absoluteValidityTime": (clock.wall_now() + timedelta(hours=49)).isoformat()}, {"absoluteValidityTime": "soon"},
     {"customParameters": {"scheduledTime": (clock.wall_now() + timedelta(days=100)).isoformat()}}],
)  # fmt: skip
def test_a_field_that_is_wrong_is_refused(sim, changes):
    answer = send(sim, **changes)
    assert (answer.status_code, answer.json()["status"], sim.messages) == (400, 106000, [])


def test_a_report_needs_a_gate_that_is_there(sim):
    assert send(sim, deliveryReportGates=None).json()["status"] == 106300
    assert send(sim, deliveryReportGates=["other"]).json()["status"] == 106300
    sim.gates["gate1"].is_open = False
    assert send(sim).json()["status"] == 106301
    assert send(sim, useDeliveryReport=False, deliveryReportGates=None).status_code == 200


def test_wrong_keys_are_refused(sim):
    answer = send(sim, password="wrong")
    assert (answer.status_code, answer.json()["status"]) == (401, 106100)
    assert httpx.post(f"{sim.base_url}/sms/send", json=MESSAGE).status_code == 401


@pytest.mark.parametrize(
    ("text", "parts"), [("a" * 160, 1), ("a" * 161, 2), ("€" * 81, 2), ("š" * 70, 1), ("š" * 71, 2)]
)
def test_the_parts_are_counted(sim, text, parts):
    assert send(sim, userData=text).json()["smsCount"] == parts


def test_a_report_is_posted_to_the_gate_with_its_password_and_may_come_twice(sim, listener):
    send(sim)
    assert sim.reporter.report(sim.message("r1"), 1006, copies=2) == [200, 200]
    assert [(told["refId"], told["id"], told["resultCode"], secret) for told, secret in listener.heard] == [
        ("r1", sim.message("r1").message_id, 1006, "s3cret")
    ] * 2


def test_by_hand_a_number_is_given_its_end_and_a_report_is_sent(sim, listener):
    send(sim)
    httpx.post(f"{sim.base_url}/_sim/result", json={"number": "+4799999999", "code": 2104})
    assert httpx.post(f"{sim.base_url}/_sim/report", json={"refId": "r1"}).json() == {"answered": [200]}
    assert listener.heard[0][0]["resultCode"] == 2104
    httpx.post(f"{sim.base_url}/_sim/fault", json={"next": ["401"]})
    assert send(sim).status_code == 401
    assert httpx.post(f"{sim.base_url}/_sim/dance").status_code == 404


def test_told_to_it_reports_by_itself(sim, listener):
    sim.reporter.by_itself = True
    send(sim)
    for _ in range(200):
        if listener.heard:
            break
        threading.Event().wait(0.02)
    assert [told["resultCode"] for told, _ in listener.heard] == [1001]
