"""The HTTP of the simulator: the API under /v1, the page where a payer pays, and a few controls under /_sim."""

import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from flask import Flask, Response, redirect, request
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Response as AnyResponse

from saas.simulators.stripe import params
from saas.simulators.stripe.books import Books, Thing, public
from saas.simulators.stripe.refusals import Refusal, invalid, missing, refuse_as_asked
from saas.simulators.stripe.webhooks import VERSION, Endpoint, Sender

HANG_SECONDS = 30
_Reply = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API, as it came."""

    method: str
    path: str
    account: str
    key: str  # idempotency key
    given: bytes
    status: int


@dataclass
class _Faults:
    """What is to happen to the next calls, in order; 'timeout' does the work and never answers."""

    waiting: list[str] = field(default_factory=list)

    def add(self, *, next: list[str]) -> Thing:
        """More faults, for the calls after those."""
        self.waiting += next
        return {"waiting": self.waiting}

    def next(self) -> str:
        return self.waiting.pop(0) if self.waiting else ""


class StripeSim:
    """A Stripe with accounts `keys` (secret key → account) and `connected` accounts of each of them.

    `wall_now` is the real clock. Use as a context manager, or `start` and `stop`; `base_url` is where it listens.
    """

    def __init__(
        self,
        wall_now: Callable[[], datetime],
        *,
        keys: dict[str, str] | None = None,
        connected: dict[str, str] | None = None,
        port: int = 0,
    ) -> None:
        self._wall_now, self._port = wall_now, port
        self.keys = keys or {"sk_test_sim": "acct_sim"}
        self.connected = connected or {}  # connected account → its platform
        self.sender = Sender(self._moment)
        self.books = {account: self._new_books(account) for account in (*self.keys.values(), *self.connected)}
        self.calls: list[Call] = []
        self.faults = _Faults()
        self._lock = threading.RLock()
        self._known: dict[tuple[str, str], tuple[bytes, _Reply | None]] = {}  # idempotency: what was asked, answered
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    # life

    def start(self) -> "StripeSim":
        """Listen on loopback."""
        self._server = make_server("127.0.0.1", self._port, self._app(), threaded=True)
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

    def __enter__(self) -> "StripeSim":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """Where it listens."""
        assert self._server is not None, "start comes first"
        return f"http://127.0.0.1:{self._server.port}"

    def listen(self, url: str, secret: str, account: str = "", *, connect: bool = False) -> None:
        """Register an endpoint for webhooks."""
        whose = account or ("" if connect else next(iter(self.keys.values())))
        self.sender.endpoints.append(Endpoint(url, secret, whose, connect))

    @property
    def own(self) -> Books:
        """The books of the first account."""
        return self.books[next(iter(self.keys.values()))]

    def _moment(self) -> int:
        return int(self._wall_now().timestamp())

    def _new_books(self, account: str) -> Books:
        def tell(name: str, thing: Thing) -> object:
            event_id = f"evt_{secrets.token_hex(12)}"
            return self.sender.happened(event_id, name, thing, account, account in self.connected)

        return Books(self._moment, lambda: self.base_url, tell)

    # the API

    def _app(self) -> Flask:
        app = Flask("stripe-simulator", static_folder=None)
        app.add_url_rule("/v1/<path:path>", view_func=self._api, methods=["GET", "POST"])
        app.add_url_rule("/c/pay/<session_id>", view_func=self._page, methods=["GET", "POST"])
        app.add_url_rule("/_sim/<verb>", view_func=self._control, methods=["POST"])
        return app

    def _api(self, path: str) -> Response:
        fault = self.faults.next()
        account, key = "", request.headers.get("Idempotency-Key", "")
        given = request.get_data() if request.method == "POST" else request.query_string
        try:
            refuse_as_asked(fault)
            account = self._account()
            status, body = self._once(account, key, path, given) if key else self._do(account, path, given)
        except Refusal as refusal:
            status, body = refusal.status, json.dumps(refusal.body()).encode()
        self.calls.append(Call(request.method, f"/v1/{path}", account, key, given, status))
        if fault == "timeout":
            self._stopping.wait(HANG_SECONDS)
        elif fault.startswith("slow:"):
            self._stopping.wait(float(fault.removeprefix("slow:")))
        response = Response(body, status, content_type="application/json")
        response.headers["Request-Id"] = f"req_{len(self.calls)}"
        response.headers["Stripe-Version"] = VERSION
        return response

    def _account(self) -> str:
        """Whose books a call is about. Raises Refusal."""
        kind, _, key = request.headers.get("Authorization", "").partition(" ")
        own = self.keys.get(key)
        if kind != "Bearer" or own is None:
            raise Refusal(401, "invalid_request_error", "", "", "Invalid API Key provided")
        asked = request.headers.get("Stripe-Account", own)
        if asked != own and self.connected.get(asked) != own:
            raise Refusal(403, "invalid_request_error", "account_invalid", "", "The key has no access to the account.")
        return asked

    def _once(self, account: str, key: str, path: str, given: bytes) -> _Reply:
        """The same key again replays the first answer; with other parameters it is an error. Raises Refusal."""
        if len(key) > 255:
            raise invalid("parameter_invalid", "idempotency_key")
        asked = hashlib.sha256(path.encode() + b"\0" + given).digest()
        with self._lock:
            known = self._known.get((account, key))
            if known is None:
                self._known[account, key] = (asked, None)
        if known is not None:
            if known[0] != asked:
                text = (
                    "Keys for idempotent requests can only be used with the same parameters they were first used with."
                )
                raise Refusal(400, "idempotency_error", "", "", text)
            if known[1] is None:
                raise Refusal(409, "idempotency_error", "idempotency_key_in_use")
            return known[1]
        try:
            reply = self._do(account, path, given)
        except Refusal:
            self._known.pop((account, key))  # what failed in validation is not kept
            raise
        self._known[account, key] = (asked, reply)
        return reply

    def _do(self, account: str, path: str, given: bytes) -> _Reply:
        with self._lock:
            found = self._route(self.books[account], request.method, path.split("/"), given)
        return 200, json.dumps(found).encode()

    def _route(self, books: Books, method: str, path: list[str], given: bytes) -> Thing:
        match method, path:
            case "POST", ["checkout", "sessions"]:
                asked = params.read(given, params.SESSION)
                return books.expanded(books.create_session(asked), asked.get("expand", []))
            case "GET", ["checkout", "sessions", session_id]:
                asked = params.read(given, params.EXPAND)
                return books.expanded(books.session(session_id), asked.get("expand", []))
            case "POST", ["checkout", "sessions", session_id, "expire"]:
                return public(books.expire_session(session_id))
            case "GET", ["payment_intents", intent_id] if intent_id in books.intents:
                asked = params.read(given, params.EXPAND)
                return books.expanded(books.intents[intent_id], asked.get("expand", []))
            case "POST", ["refunds"]:
                return public(books.create_refund(params.read(given, params.REFUND)))
            case "GET", ["payouts", payout_id] if payout_id in books.payouts:
                return public(books.payouts[payout_id])
            case "GET", ["payouts"]:
                return books.payouts_page(params.read(given, params.PAYOUTS))
            case "GET", ["balance_transactions"]:
                return books.moves_page(params.read(given, params.LIST))
        raise missing(path[0].rstrip("s"), path[-1])

    # the page where a payer pays

    def _page(self, session_id: str) -> AnyResponse:
        books = next((books for books in self.books.values() if session_id in books.sessions), None)
        if books is None:
            return Response("No such session", 404)
        session, action = books.session(session_id), request.form.get("action", "")
        if session["status"] != "open":
            return Response(f"The session is {session['status']}.", 410)
        acts: dict[str, Callable[[str], Thing]] = {
            "pay": books.pay,
            "later": books.pay_later,
            "decline": books.decline,
        }
        with self._lock:
            if action in acts:
                acts[action](session_id)
        if action in ("pay", "later"):
            return redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id), 303)
        return Response(_PAGE.format(
            amount=f"{session['amount_total'] // 100},{session['amount_total'] % 100:02d}",
            cancel=escape(session["cancel_url"] or "", quote=True),
            declined="<p role=alert>The card was declined.</p>" if action == "decline" else "",
        ), content_type="text/html; charset=utf-8")  # fmt: skip

    # by hand

    def _control(self, verb: str) -> Response:
        """`POST /_sim/<verb>` with JSON: {"account"?, …}; what the other side of Stripe does."""
        asked: dict[str, Any] = request.get_json(silent=True) or {}
        books = self.books[asked.pop("account", next(iter(self.keys.values())))]
        verbs: dict[str, Callable[..., Any]] = {
            "pay": books.pay, "decline": books.decline, "pay_later": books.pay_later, "settle": books.settle,
            "expire": books.expire_session, "refund": lambda **given: books.create_refund(given),
            "dispute": books.dispute, "close_dispute": books.close_dispute, "pay_out": books.pay_out,
            "reconcile": books.reconcile, "fault": self.faults.add,
        }  # fmt: skip
        if verb not in verbs:
            return Response("No such verb", 404)
        try:
            with self._lock:
                done = verbs[verb](**asked)
        except Refusal as refusal:
            return Response(json.dumps(refusal.body()), refusal.status, content_type="application/json")
        return Response(json.dumps(public(done)), content_type="application/json")


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Simulated Stripe</title><h1>Simulated Stripe</h1><p>To pay: NOK <b>{amount}</b></p>{declined}
<form method="post"><button name="action" value="pay">Pay</button>
<button name="action" value="decline">Let the card be declined</button>
<button name="action" value="later">Pay in a way that takes time</button></form>
<p><a href="{cancel}">Back</a></p></html>"""
