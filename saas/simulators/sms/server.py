"""The HTTP of the simulator: `/sms/send` as documented, and controls under /_sim."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime

from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, make_server

from saas.simulators.sms.gateway import QUEUED, Refusal, Taken, Thing, check, invalid, taken
from saas.simulators.sms.reports import Gate, Reporter

HANG_SECONDS = 30
_REFUSED = {
    "400": Refusal(400, 106000, "Unknown error"),
    "401": Refusal(401, 106100, "Wrong user name or password"),
    "403": Refusal(403, 106101, "Access denied"),
    "partner": Refusal(400, 106201, "platformPartnerId is not valid"),
    "platform": Refusal(400, 106200, "platformId is not valid"),
    "gate_closed": Refusal(400, 106301, "The gate is not available"),
}
_UNDONE = {"404": 404, "429": 429, "500": 500, "503": 503}


class SmsSim:
    """A gateway with one account.

    `faults` happen to the next calls, in order. Nothing is taken with `400 401 403 404 429 500 503 platform partner
    gate_closed` and `drop` (the connection is closed unanswered); the work is done and not properly told with `lost`
    (closed unanswered), `late500`, `garbage`, `trickle` and `timeout`; `slow:2` answers late, `code:2104` answers with
    that result code and takes nothing, `no_body` answers 204.
    """

    def __init__(
        self,
        wall_now: Callable[[], datetime],
        *,
        user: str = "sim",
        password: str = "sim-password",  # noqa: S107 a simulator's own
        gates: dict[str, Gate] | None = None,
        port: int = 0,
    ) -> None:
        self._wall_now, self._port, self.user, self.password = wall_now, port, user, password
        self.gates = gates if gates is not None else {}
        self.reporter = Reporter(wall_now, self.gates)
        self.faults: list[str] = []
        self.asked: list[Thing] = []  # every body that could be read
        self.messages: list[Taken] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    # life

    def start(self) -> "SmsSim":
        """Listen on loopback."""
        self._server = make_server("127.0.0.1", self._port, self._app(), threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        self._stopping.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def __enter__(self) -> "SmsSim":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """Where it listens."""
        assert self._server is not None, "start comes first"
        return f"http://127.0.0.1:{self._server.port}"

    def copies(self, ref_id: str) -> int:
        """How many messages were taken under one reference; more than one reached the same person twice."""
        return sum(message.ref_id == ref_id for message in self.messages)

    def message(self, ref_id: str) -> Taken:
        """The last message under a reference."""
        return next(message for message in reversed(self.messages) if message.ref_id == ref_id)

    # the API

    def _app(self) -> Flask:
        app = Flask("sms-simulator", static_folder=None)
        app.add_url_rule("/sms/send", "send", view_func=self._send, methods=["POST"])
        app.add_url_rule("/_sim/<verb>", "control", view_func=self._control, methods=["POST"])
        return app

    def _send(self) -> Response:
        given = request.get_data()
        with self._lock:
            fault = self.faults.pop(0) if self.faults else ""
            try:
                reply = self._reply(given, fault)
            except Refusal as refusal:
                reply = _json({"status": refusal.status, "description": refusal.description}, refusal.http)
        return self._delivered(reply, fault)

    def _reply(self, given: bytes, fault: str) -> Response:
        """Raises Refusal."""
        if fault in _REFUSED:
            raise _REFUSED[fault]
        if fault in _UNDONE or fault == "drop":
            return Response("", _UNDONE.get(fault, 500))
        auth = request.authorization
        if auth is None or (auth.username, auth.password) != (self.user, self.password):
            raise _REFUSED["401"]
        asked = _object(given)
        self.asked.append(asked)
        check(asked, self.gates, self._wall_now())
        if fault.startswith("code:"):
            return _json(
                {"messageId": "", "resultCode": int(fault.removeprefix("code:")), "description": "", "smsCount": 0}
            )
        message = taken(asked, self._wall_now())
        self.messages.append(message)
        self.reporter.after(message)
        if asked.get("ignoreResponse", True) or fault == "no_body":
            return Response("", 204)
        told = {
            "messageId": message.message_id,
            "resultCode": QUEUED,
            "description": "Queued",
            "smsCount": message.parts,
        }
        return _json(told)

    def _delivered(self, reply: Response, fault: str) -> Response:
        """The reply as this fault lets it out."""
        if fault in ("drop", "lost"):
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        elif fault == "timeout":
            self._stopping.wait(HANG_SECONDS)
        elif fault.startswith("slow:"):
            self._stopping.wait(float(fault.removeprefix("slow:")))
        elif fault == "late500":
            return Response("", 500)
        elif fault == "garbage":
            return Response("<html>", 200)
        elif fault == "trickle":
            return Response(self._trickle(), 200, content_type="application/json")
        return reply

    def _trickle(self) -> Iterator[bytes]:
        while not self._stopping.wait(0.05):
            yield b" " * 2_000

    # by hand

    def _control(self, verb: str) -> Response:
        """`report` {"refId", "code", "copies"}, `fault` {"next": […]}, `result` {"number", "code"}."""
        asked = request.get_json(silent=True) or {}
        if verb == "report":
            message = self.message(asked["refId"])
            return _json({"answered": self.reporter.report(message, asked.get("code"), copies=asked.get("copies", 1))})
        if verb == "fault":
            self.faults += asked["next"]
        elif verb == "result":
            self.reporter.results[asked["number"]] = asked["code"]
        else:
            return Response("No such verb", 404)
        return _json({})


def _object(given: bytes) -> Thing:
    """Raises Refusal."""
    if request.mimetype != "application/json":
        raise invalid("Content-Type must be application/json")
    try:
        told = json.loads(given)
    except ValueError:
        raise invalid("The body is not JSON") from None
    if not isinstance(told, dict):
        raise invalid("The body must be an object")
    return told


def _json(told: object, status: int = 200) -> Response:
    return Response(json.dumps(told), status, content_type="application/json; charset=utf-8")
