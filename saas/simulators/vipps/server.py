"""The HTTP of the simulator: token, payments and webhooks as documented, the payer's page, and controls under /_sim."""

import hashlib
import json
import secrets
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, Response, redirect, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Response as AnyResponse

from saas.simulators.vipps.payments import Payments, Thing, public
from saas.simulators.vipps.refusals import Refusal, Unauthorised, conflict, invalid, missing, refuse_as_asked
from saas.simulators.vipps.webhooks import NAMES, Hook, Sender

HANG_SECONDS = 30
MODIFICATIONS_A_MINUTE, LOOKS_A_MINUTE = 5, 120  # per reference and sales unit
_MODIFICATIONS = ("create", "capture", "cancel", "refund")
_OPTIONAL = ("Vipps-System-Name", "Vipps-System-Version", "Vipps-System-Plugin-Name", "Vipps-System-Plugin-Version")
_Reply = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Keys:
    """A merchant's keys."""

    client_id: str = "sim"
    client_secret: str = field(default="sim-client-secret", repr=False)
    subscription_key: str = field(default="sim-subscription-key", repr=False)
    msn: str = "123456"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API, as it came."""

    what: str  # token, create, get, events, capture, cancel, refund, webhooks
    path: str
    key: str  # idempotency key
    given: bytes
    status: int


@dataclass
class _Faults:
    """What is to happen to the next calls of each sort ('*': of any). 'timeout' and 'lost' do the work: one never
    answers, the other answers 500."""

    waiting: list[tuple[str, str]] = field(default_factory=list)

    def add(self, *faults: str, on: str = "*") -> None:
        """More faults, for the calls after those."""
        self.waiting += [(on, fault) for fault in faults]

    def next(self, what: str) -> str:
        for i, (on, fault) in enumerate(self.waiting):
            if on in ("*", what):
                del self.waiting[i]
                return fault
        return ""


class _Handler(WSGIRequestHandler):
    """Vipps' token call has underscores in the names of its headers, which web servers drop on the way in."""

    def make_environ(self) -> Thing:
        told = super().make_environ()
        return told | {name: self.headers.get(name, "") for name in ("client_id", "client_secret")}


class VippsSim:
    """A Vipps with one sales unit. `wall_now` is the real clock; `token_seconds` how long an access token is good for.

    Use as a context manager, or `start` and `stop`; `base_url` is where it listens.
    """

    def __init__(
        self,
        wall_now: Callable[[], datetime],
        *,
        keys: Keys | None = None,
        token_seconds: int = 3_600,
        port: int = 0,
    ) -> None:
        self._wall_now, self._port, self.token_seconds = wall_now, port, token_seconds
        self.keys = keys or Keys()
        self.sender = Sender(wall_now)
        self.payments = Payments(self.keys.msn, self._seconds, self._timestamp, lambda: self.base_url, self._tell)
        self.calls: list[Call] = []
        self.faults = _Faults()
        self.tokens: dict[str, float] = {}  # access token → when it runs out
        self._lock = threading.RLock()
        self._known: dict[str, tuple[bytes, _Reply]] = {}  # idempotency key → what was asked, what was answered
        self._lately: dict[tuple[str, str], deque[float]] = {}
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    # life

    def start(self) -> "VippsSim":
        """Listen on loopback."""
        self._server = make_server("127.0.0.1", self._port, self._app(), threaded=True, request_handler=_Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.sender.start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        self._stopping.set()
        self.sender.stop()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def __enter__(self) -> "VippsSim":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """Where it listens."""
        assert self._server is not None, "start comes first"
        return f"http://127.0.0.1:{self._server.port}"

    def listen(self, url: str, secret: str) -> Hook:
        """Register a webhook for every event, with a secret of one's own choice."""
        return self.sender.register(url, list(NAMES), secret)

    def expire_tokens(self) -> None:
        """Every access token given out is good no more."""
        self.tokens.clear()

    def forget_rates(self) -> None:
        """As if a minute had passed since the last call."""
        self._lately.clear()

    def called(self, what: str) -> list[Call]:
        """The calls of one sort, oldest first."""
        return [call for call in self.calls if call.what == what]

    def _seconds(self) -> float:
        return self._wall_now().timestamp()

    def _timestamp(self) -> str:
        return self._wall_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _tell(self, told: Thing) -> None:
        self.sender.happened(told)

    # the API

    def _app(self) -> Flask:
        app = Flask("vipps-simulator", static_folder=None)
        methods = ["GET", "POST", "DELETE"]
        app.add_url_rule("/accesstoken/get", "token", view_func=lambda: self._api("token", []), methods=["POST"])
        app.add_url_rule("/epayment/v1/<path:path>", "payments", view_func=self._payments_api, methods=methods)
        app.add_url_rule("/webhooks/v1/<path:path>", "webhooks", view_func=self._webhooks_api, methods=methods)
        app.add_url_rule("/landing", "landing", view_func=self._landing, methods=["GET", "POST"])
        app.add_url_rule("/_sim/<verb>", "control", view_func=self._control, methods=["POST"])
        return app

    def _payments_api(self, path: str) -> Response:
        parts = path.split("/")
        names = {("POST", 1): "create", ("GET", 2): "get", ("GET", 3): "events", ("POST", 4): "approve"}
        what = names.get((request.method, len(parts)), parts[-1] if request.method == "POST" else "unknown")
        return self._api(what, parts)

    def _webhooks_api(self, path: str) -> Response:
        return self._api("webhooks", path.split("/"))

    def _api(self, what: str, path: list[str]) -> Response:
        given, key = request.get_data(), request.headers.get("Idempotency-Key", "")
        fault, kind = self.faults.next(what), "application/json"
        try:
            refuse_as_asked(fault)
            with self._lock:
                self._check_headers(what)
                self._check_rate(what, path, given)
                status, body = self._once(what, path, key, given)
        except Refusal as refusal:
            told = refusal.body | ({"traceId": secrets.token_hex(16)} if "type" in refusal.body else {})
            status, body, kind = refusal.status, json.dumps(told).encode(), refusal.content_type
        if fault == "lost":
            status, body, kind = 500, b"", "text/plain"
        self.calls.append(Call(what, request.path, key, given, status))
        if fault == "timeout":
            self._stopping.wait(HANG_SECONDS)
        elif fault.startswith("slow:"):
            self._stopping.wait(float(fault.removeprefix("slow:")))
        if fault == "garbage":
            body = b"<html>"
        return Response(body, status, content_type=kind)

    def _check_headers(self, what: str) -> None:
        headers = request.headers
        if headers.get("Ocp-Apim-Subscription-Key") != self.keys.subscription_key:
            raise Unauthorised("Access denied due to invalid subscription key.")
        if headers.get("Merchant-Serial-Number") != self.keys.msn:
            raise Refusal(403, "forbidden", "The keys do not belong to this sales unit.")
        if any(len(headers.get(name, "")) > 30 for name in _OPTIONAL):
            raise invalid("Vipps-System-Name", "At most 30 characters.")
        if what == "token":
            told = (request.environ["client_id"], request.environ["client_secret"])
            if told != (self.keys.client_id, self.keys.client_secret):
                raise Unauthorised("Wrong client_id or client_secret.")
            return
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or self.tokens.get(token, 0) <= self._seconds():
            raise Unauthorised("Access denied due to invalid access token.")
        key = headers.get("Idempotency-Key", "")
        if what in _MODIFICATIONS and not 0 < len(key) <= 50:
            raise invalid("Idempotency-Key", "Is needed, at most 50 characters.")

    def _check_rate(self, what: str, path: list[str], given: bytes) -> None:
        if what not in (*_MODIFICATIONS, "get", "events"):
            return
        reference = str(_object(given).get("reference", "")) if what == "create" else path[1]
        lately, now = self._lately.setdefault((reference, what), deque()), self._seconds()
        while lately and lately[0] <= now - 60:
            lately.popleft()
        if len(lately) >= (MODIFICATIONS_A_MINUTE if what in _MODIFICATIONS else LOOKS_A_MINUTE):
            raise Refusal(429, "too-many-requests")
        lately.append(now)

    def _once(self, what: str, path: list[str], key: str, given: bytes) -> _Reply:
        """The same key again replays the first answer; with another body it is an error. Raises Refusal."""
        if what not in _MODIFICATIONS:
            return self._do(what, path, key, given)
        asked = hashlib.sha256("/".join(path).encode() + b"\0" + given).digest()
        known = self._known.get(key)
        if known is not None:
            if known[0] != asked:
                raise conflict("idempotency-key-reused", "The key was used with another request.")
            return known[1]
        reply = self._do(what, path, key, given)
        self._known[key] = (asked, reply)
        return reply

    def _do(self, what: str, path: list[str], key: str, given: bytes) -> _Reply:
        match what, path:
            case "token", _:
                return _json(self._new_token())
            case "create", ["payments"]:
                return _json(self.payments.create(_object(given), key), 201)
            case "get", ["payments", reference]:
                return _json(public(self.payments.payment(reference)))
            case "events", ["payments", reference, "events"]:
                return _json(self.payments.payment(reference)["_events"])
            case "capture", ["payments", reference, _]:
                return _json(self.payments.capture(reference, _object(given), key))
            case "refund", ["payments", reference, _]:
                return _json(self.payments.refund(reference, _object(given), key))
            case "cancel", ["payments", reference, _]:
                return _json(self.payments.cancel(reference, key))
            case "approve", ["test", "payments", reference, "approve"]:
                return _json(public(self.payments.approve(reference)))
            case "webhooks", ["webhooks", *rest]:
                return self._hooks(rest, given)
        raise missing("/".join(path))

    def _new_token(self) -> Thing:
        token, now = secrets.token_urlsafe(40), int(self._seconds())
        self.tokens[token] = self._seconds() + self.token_seconds
        return {
            "token_type": "Bearer",
            "expires_in": str(self.token_seconds),
            "ext_expires_in": "0",
            "expires_on": str(now + self.token_seconds),
            "not_before": str(now),
            "resource": "00000002-0000-0000-c000-000000000000",
            "access_token": token,
        }

    def _hooks(self, path: list[str], given: bytes) -> _Reply:
        match request.method, path:
            case "GET", []:
                hooks = self.sender.hooks.values()
                return _json({"webhooks": [{"id": h.id, "url": h.url, "events": list(h.events)} for h in hooks]})
            case "POST", []:
                asked = _object(given)
                if set(asked) != {"url", "events"}:
                    raise invalid("url", "url and events are needed, and nothing else.")
                hook = self.sender.register(asked["url"], asked["events"])
                return _json({"id": hook.id, "secret": hook.secret}, 201)
            case "DELETE", [hook_id]:
                self.sender.remove(hook_id)
                return 204, b""
        raise missing("webhook")

    # the page where a payer approves, in place of the app

    def _landing(self) -> AnyResponse:
        reference = self.payments.tokens.get(request.args.get("token", ""))
        if reference is None:
            return Response("No such payment", 404)
        with self._lock:
            payment, action = self.payments.payment(reference), request.form.get("action", "")
            if payment["state"] != "CREATED":
                return Response(f"The payment is {payment['state']}.", 410)
            acts = {"approve": self.payments.approve, "abort": self.payments.abort}
            if action in acts:
                acts[action](reference)
                return redirect(payment["_given"]["returnUrl"], 303)
        ore = payment["amount"]["value"]
        page = _PAGE.format(amount=f"{ore // 100},{ore % 100:02d}")
        return Response(page, content_type="text/html; charset=utf-8")

    # by hand

    def _control(self, verb: str) -> Response:
        """`POST /_sim/<verb>` with JSON {"reference", …}: what payers, time and people in Vipps' portal do."""
        asked: dict[str, Any] = request.get_json(silent=True) or {}
        verbs: dict[str, Callable[..., Any]] = {
            "approve": self.payments.approve, "abort": self.payments.abort, "expire": self.payments.expire,
            "capture": self._by_hand(self.payments.capture), "refund": self._by_hand(self.payments.refund),
            "cancel": self.payments.cancel, "expire_tokens": self.expire_tokens,
            "fault": lambda next, on="*": self.faults.add(*next, on=on),
        }  # fmt: skip
        if verb not in verbs:
            return Response("No such verb", 404)
        try:
            with self._lock:
                done = verbs[verb](**asked)
        except Refusal as refusal:
            return Response(json.dumps(refusal.body), refusal.status, content_type=refusal.content_type)
        return Response(json.dumps(public(done or {})), content_type="application/json")

    def _by_hand(self, act: Callable[[str, Thing, str], Thing]) -> Callable[..., Thing]:
        def do(reference: str, ore: int) -> Thing:
            return act(reference, {"modificationAmount": {"currency": "NOK", "value": ore}}, "")

        return do


def _object(given: bytes) -> Thing:
    try:
        told = json.loads(given)
    except ValueError:
        raise invalid("body", "Is not JSON.") from None
    if not isinstance(told, dict):
        raise invalid("body", "Must be an object.")
    return told


def _json(told: object, status: int = 200) -> _Reply:
    return status, json.dumps(told).encode()


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Simulated Vipps</title><h1>Simulated Vipps</h1><p>To pay: NOK <b>{amount}</b></p>
<form method="post"><button name="action" value="approve">Approve</button>
<button name="action" value="abort">Abort</button></form></html>"""
