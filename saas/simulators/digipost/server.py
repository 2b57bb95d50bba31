"""The HTTP of the simulator: requests verified, answers signed, troubles on demand, controls under /_sim.

Plain sockets under one thread per connection: the raw path is what was signed, and an answer can be lost, spoilt or
given twice as no framework would let us.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from saas.simulators.digipost import replies
from saas.simulators.digipost.faults import AFTER, Faults
from saas.simulators.digipost.keys import Keys, throwaway_keys
from saas.simulators.digipost.mailroom import Broker, Mailroom, Person
from saas.simulators.digipost.multipart import parts
from saas.simulators.digipost.refusals import Refusal, refuse_as_asked
from saas.simulators.digipost.schema import read
from saas.simulators.digipost.signatures import check, digest, sign_answer

HANG_SECONDS = 30
MOST_BYTES, MOST_EVENTS = 30_000_000, 1_000  # of a request, in a page of events: the real limits are not known
MEDIA = replies.MEDIA
_Reply = tuple[int, bytes, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as it came. Nothing of what was in it is kept."""

    what: str  # entry, message, identify, events, status, batch, sender
    method: str
    path: str
    status: int
    fault: str


class DigipostSim:
    """A Digipost with one broker, or more. `wall_now` is the real clock; `keys` are the broker's, made when not given.

    Use as a context manager, or `start` and `stop`; stopped and started again it has forgotten nothing.
    """

    def __init__(
        self,
        wall_now: Callable[[], datetime],
        *,
        brokers: list[Broker] | None = None,
        keys: Keys | None = None,
        unknown_are: str = "UNIDENTIFIED",
        port: int = 0,
    ) -> None:
        self._wall_now, self._port = wall_now, port
        brokers = brokers or [Broker("800001", {"900001"})]
        self.keys = keys or throwaway_keys("broker", wall_now())
        self.registered: dict[str, RSAPublicKey] = {broker.number: self.keys.public for broker in brokers}
        self.own = throwaway_keys("Digipost", wall_now())
        self.mail = Mailroom(wall_now, brokers, unknown_are)
        self.faults = Faults()
        self.calls: list[Call] = []
        self.stopping = threading.Event()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    # life

    def start(self) -> Self:
        """Listen on loopback; again where it listened before, when it did."""
        self.stopping.clear()
        self._server = _Server(("127.0.0.1", self._port), self)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening, and break what is under way."""
        self.stopping.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.break_off()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """Where it listens."""
        assert self._port, "start comes first"
        return f"http://127.0.0.1:{self._port}"

    def new_certificate(self) -> None:
        """From now on answers are signed with another key."""
        self.own = throwaway_keys("Digipost", self._wall_now())

    def called(self, what: str) -> list[Call]:
        """The calls of one sort, oldest first."""
        return [call for call in self.calls if call.what == what]

    # one call

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[bytes, str]:
        """(what is sent, the fault). Empty: the connection is dropped."""
        what = _what(target)
        fault = self.faults.next(what)
        if self.faults.latency_ms:
            time.sleep(self.faults.latency_ms / 1000)
        if fault.startswith("slow:"):
            self.stopping.wait(float(fault.removeprefix("slow:")))
        if self.faults.down or fault == "503":
            return self._note(what, method, target, _unsigned(503), fault)
        if self.faults.throttled or fault == "429":
            return self._note(what, method, target, _unsigned(429, "Retry-After: 1\r\n"), fault)
        if fault == "refuse_connection":
            return self._note(what, method, target, b"", fault)
        try:
            refuse_as_asked(fault)
            broker = self._caller(method, target, headers, body)
            status, told, more = self._do(method, target, headers, body, broker)
        except Refusal as refusal:
            status, told, more = refusal.status, refusal.body, {}
        sent = self._signed(status, target, told, more, fault)
        if fault == "timeout":
            self.stopping.wait(HANG_SECONDS)
        if fault in ("lost", "timeout"):
            sent = b""
        if fault.startswith("gateway_"):
            sent = _unsigned(int(fault.removeprefix("gateway_")))
        return self._note(what, method, target, sent * 2 if fault == "twice" else sent, fault)

    def _note(self, what: str, method: str, target: str, sent: bytes, fault: str) -> tuple[bytes, str]:
        status = int(sent[9:12]) if sent else 0
        self.calls.append(Call(what, method, target.partition("?")[0], status, fault))
        return sent, fault

    def _caller(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Broker:
        user = headers.get("x-digipost-userid", "")
        if not user.isdigit():
            raise Refusal("INVALID_USER_ID_HEADER")
        if user not in self.registered:
            raise Refusal("UNKNOWN_USER_ID")
        check(method, target, headers, body, self.registered[user], self._wall_now())
        return self.mail.brokers[user]

    def _do(self, method: str, target: str, headers: dict[str, str], body: bytes, broker: Broker) -> _Reply:
        path, _, query = target.partition("?")
        if headers.get("accept") != MEDIA:
            raise Refusal("PROBLEM_WITH_REQUEST", f"Accept must be {MEDIA}.", 406)
        match method, path.strip("/").split("/"):
            case "GET", [""]:
                return 200, replies.entry_point(self.base_url, self.own.pem), {}
            case "GET", [number] if number.isdigit():
                return 200, replies.entry_point(self.base_url, self.own.pem), {}
            case "POST", ["messages"]:
                return self._message(headers, body, broker)
            case "POST", ["identification"]:
                result, reason = self.mail.identify(read(_xml(headers, body), "identification"))
                return 200, replies.identified(result, reason), {}
            case "GET", ["documents", sender, uuid, "status"]:
                return 200, replies.document_status(self.mail.letter(broker, sender, uuid)), {}
            case "GET", ["events", "documents"]:
                return 200, self._events(query, broker), {}
            case "GET", ["sender-information", number]:
                return 200, replies.sender_information(number, number in broker.senders), {}
            case _, ["batch", *rest]:
                return self._batch(method, rest, headers, body, broker)
        raise Refusal("PROBLEM_WITH_REQUEST", "There is nothing here.", 404)

    def _message(self, headers: dict[str, str], body: bytes, broker: Broker) -> _Reply:
        if headers.get("mime-version") != "1.0" or "accept-encoding" in headers:
            raise Refusal("PROBLEM_WITH_REQUEST", "MIME-Version must be 1.0, and Accept-Encoding is not to be there.")
        if len(body) > MOST_BYTES:
            raise Refusal("REQUEST_TOO_LARGE")
        message, documents = parts(body, headers.get("content-type", ""))
        letter = self.mail.take(broker, read(message, "message"), documents)
        return 201, replies.delivery(letter), {"Location": f"{self.base_url}/messages/{letter.uuid}"}

    def _batch(self, method: str, rest: list[str], headers: dict[str, str], body: bytes, broker: Broker) -> _Reply:
        match method, [one for one in rest if one]:
            case "POST", []:
                number = read(_xml(headers, body), "batch")[0].text or ""
                return 201, replies.batch(self.mail.create_batch(number, broker), self.base_url), {}
            case "GET", [number]:
                return 200, replies.batch(self.mail.batch(number, broker), self.base_url), {}
            case "POST", [number, "complete"]:
                return 200, replies.batch(self.mail.complete_batch(number, broker), self.base_url), {}
            case "DELETE", [number]:
                self.mail.cancel_batch(number, broker)
                return 204, b"", {}
        raise Refusal("PROBLEM_WITH_REQUEST", "There is nothing here.", 404)

    def _events(self, query: str, broker: Broker) -> bytes:
        asked = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        if set(asked) - {"from", "to", "offset", "maxResults", "sender", "org", "part"}:
            raise Refusal("INVALID_QUERY_PARAMETER")
        since, until = _moment(asked.get("from", "")), _moment(asked.get("to", ""))
        if until < since:
            raise Refusal("INVALID_DATE_RANGE")
        try:
            offset, most = int(asked["offset"]), int(asked["maxResults"])
        except (KeyError, ValueError):
            raise Refusal("INVALID_QUERY_PARAMETER") from None
        if offset < 0 or not 0 < most <= MOST_EVENTS:
            raise Refusal("INVALID_QUERY_PARAMETER")
        found = self.mail.events_between(broker, since, until, asked.get("sender", ""))
        return replies.events(found[offset : offset + most])

    def _signed(self, status: int, target: str, body: bytes, more: dict[str, str], fault: str) -> bytes:
        at = self._wall_now() - (timedelta(minutes=6) if fault == "wrong_date" else timedelta())
        headers = {"Date": format_datetime(at, usegmt=True)} | more
        if fault == "garbage" and body:
            body = b"<html>not what was asked for</html>"
        if body:
            headers |= {"Content-Type": MEDIA, "X-Content-SHA256": digest(body)}
        if fault == "wrong_hash" and body:
            headers["X-Content-SHA256"] = digest(b"something else")
        headers["X-Digipost-Signature"] = sign_answer(self.own.private, status, target, headers)
        if fault == "wrong_signature":
            headers["X-Digipost-Signature"] = sign_answer(self.own.private, status + 1, target, headers)
        spoilt = {"no_hash": "X-Content-SHA256", "no_signature": "X-Digipost-Signature"}.get(fault, "")
        headers.pop(spoilt, None)
        if fault == "tampered" and body:
            body = body[:-20] + bytes([body[-20] ^ 1]) + body[-19:]
        return _raw(status, headers, body)

    # by hand

    def control(self, verb: str, asked: dict[str, Any]) -> bytes:
        """`POST /_sim/<verb>` with JSON: what people, print houses and troubles do. Raises KeyError, TypeError."""
        mail, faults = self.mail, self.faults
        verbs: dict[str, Callable[..., Any]] = {
            "know": lambda **told: mail.know(Person(**told)),
            "postmark": mail.postmark, "postmark_all": mail.postmark_all, "fail_print": mail.fail_print,
            "shred": mail.shred, "open": mail.open, "fail_notice": mail.fail_notice,
            "fault": lambda next, on="*": faults.add(*next, on=on), "at_random": faults.at_random,
            "set": self._set, "takes": lambda: dict(mail.takes), "tries": lambda: dict(mail.tries),
            "copies": lambda: dict(mail.copies()), "new_certificate": self.new_certificate,
        }  # fmt: skip
        return json.dumps({"done": verbs[verb](**asked)}).encode()

    def _set(self, **told: Any) -> None:
        """`down`, `throttled`, `latency_ms` of the troubles; `check_pdf`, `unknown_are` of the mailroom."""
        for name, value in told.items():
            setattr(self.mail if name in ("check_pdf", "unknown_are") else self.faults, name, value)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sim: DigipostSim) -> None:
        self.sim = sim
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def hold(self, connection: socket.socket, *, is_open: bool) -> None:
        with self._lock:
            (self._open.add if is_open else self._open.discard)(connection)

    def break_off(self) -> None:
        """Every connection ends, as when a process dies."""
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no news; anything else is a mistake of ours, and shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 256 * 1024

    def setup(self) -> None:
        super().setup()
        self.server.hold(self.connection, is_open=True)  # type: ignore[attr-defined]

    def finish(self) -> None:
        self.server.hold(self.connection, is_open=False)  # type: ignore[attr-defined]
        super().finish()

    def _handle(self) -> None:
        sim: DigipostSim = self.server.sim  # type: ignore[attr-defined]
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        if len(body) < size:
            self.close_connection = True  # it broke off midway: nothing was sent to us
            return
        if self.path.startswith("/_sim/"):
            self.wfile.write(self._controlled(sim, body))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        sent, _ = sim.answer(self.command, self.path, headers, body)
        if not sent or sim.stopping.is_set():
            self.close_connection = True
            return
        self.wfile.write(sent)

    def _controlled(self, sim: DigipostSim, body: bytes) -> bytes:
        try:
            done = sim.control(self.path.removeprefix("/_sim/"), json.loads(body or b"{}"))
        except (KeyError, TypeError, ValueError) as problem:
            return _raw(400, {"Content-Type": "text/plain"}, str(problem).encode())
        return _raw(200, {"Content-Type": "application/json"}, done)

    do_GET = do_POST = do_DELETE = do_PUT = _handle  # noqa: N815 - names the base class looks for

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: paths have numbers of documents in them."""


def _what(target: str) -> str:
    first = target.partition("?")[0].strip("/").partition("/")[0]
    names = {"": "entry", "messages": "message", "identification": "identify", "documents": "status",
             "events": "events", "batch": "batch", "sender-information": "sender"}  # fmt: skip
    return names.get(first, "entry" if first.isdigit() else "unknown")


def _xml(headers: dict[str, str], body: bytes) -> bytes:
    if headers.get("content-type", "").partition(";")[0].strip() != MEDIA:
        raise Refusal("PROBLEM_WITH_REQUEST", f"The content type must be {MEDIA}.", 415)
    return body


def _moment(text: str) -> datetime:
    """`yyyy-MM-dd'T'HH:mm:ss.SSSxxx` and nothing else."""
    try:
        told = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        raise Refusal("INVALID_DATE") from None
    if len(text) != 29:
        raise Refusal("INVALID_DATE")
    return told


def _unsigned(status: int, more: str = "") -> bytes:
    """What something in front of the API says in its place."""
    body = b"<html>no</html>"
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: text/html\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _raw(status: int, headers: dict[str, str], body: bytes) -> bytes:
    """The whole answer in one piece: head and body apart would wait for each other on the way."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    if status != 204:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


__all__ = ["AFTER", "Call", "DigipostSim"]
