"""Webhooks: registered, signed, and sent over HTTP in order; one nobody takes stands in the way of the rest."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from saas.simulators.vipps.refusals import Refusal, invalid

MOST_PER_EVENT = 5
RETRY_SECONDS = 0.3  # Vipps waits ever longer, for seven days; here is a taste of it
NAMES = tuple(
    f"epayments.payment.{name}.v1"
    for name in ("created", "aborted", "expired", "cancelled", "captured", "refunded", "authorized", "terminated")
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name and the bytes that are signed."""

    name: str
    body: bytes = field(repr=False)


@dataclass(slots=True)
class Hook:
    """One registered webhook with what waits to be sent to it, oldest first."""

    id: str
    url: str
    secret: str = field(repr=False)
    events: tuple[str, ...]
    waiting: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try: what was answered; 0 when nobody did."""

    name: str
    status: int


def sign(body: bytes, secret: str, url: str, date: str) -> dict[str, str]:
    """The headers of a delivery. The secret is used as its text."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    text = f"POST\n{path}\n{date};{parts.netloc};{digest}".encode()
    signature = base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()
    return {
        "x-ms-date": date,
        "x-ms-content-sha256": digest,
        "host": parts.netloc,
        "Authorization": f"HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}",
        "Content-Type": "application/json",
    }


class Sender:
    """Sends events in the background, unless `held`: then they wait until `send_waiting`."""

    def __init__(self, wall_now: Callable[[], datetime]) -> None:
        self._wall_now = wall_now
        self.hooks: dict[str, Hook] = {}
        self.events: list[Event] = []
        self.deliveries: list[Delivery] = []
        self.held = False
        self._http = httpx.Client(timeout=30)
        self._lock = threading.RLock()
        self._news = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        """Begin sending."""
        self._thread.start()

    def stop(self) -> None:
        """Send no more."""
        self._stopping = True
        self._news.set()
        self._thread.join()
        self._http.close()

    # registering

    def register(self, url: str, events: list[str], secret: str = "") -> Hook:
        """A new webhook; its secret is told once. Raises Refusal."""
        if unknown := [name for name in events if name not in NAMES]:
            raise invalid("events", f"Unknown: {unknown}")
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise invalid("url", "The URL must use HTTPS.")
        for name in events:
            if sum(name in hook.events for hook in self.hooks.values()) >= MOST_PER_EVENT:
                raise invalid("events", f"At most {MOST_PER_EVENT} webhooks can be registered per event.")
        hook = Hook(str(uuid4()), url, secret or base64.b64encode(secrets.token_bytes(64)).decode(), tuple(events))
        self.hooks[hook.id] = hook
        return hook

    def remove(self, hook_id: str) -> None:
        """Send it no more. Raises Refusal."""
        if self.hooks.pop(hook_id, None) is None:
            raise Refusal(400, "webhook-not-found")

    # sending

    def happened(self, told: dict[str, Any]) -> None:
        """Something happened: it is for every webhook that asked for it."""
        event = Event(f"epayments.payment.{told['name'].lower()}.v1", json.dumps(told).encode())
        with self._lock:
            self.events.append(event)
            for hook in self.hooks.values():
                if event.name in hook.events:
                    hook.waiting.append(event)
        self._news.set()

    def send_waiting(self) -> list[int]:
        """Send what waits, in order, each webhook up to the first that is not taken. Returns what was answered."""
        answered: list[int] = []
        with self._lock:
            for hook in list(self.hooks.values()):
                while hook.waiting:
                    status = self._post(hook, hook.waiting[0])
                    answered.append(status)
                    if not 200 <= status < 300:
                        break
                    hook.waiting.pop(0)
        return answered

    def send(self, event: Event, *, copies: int = 1, at: datetime | None = None, secret: str = "") -> list[int]:
        """Send an event now, out of order, so many times. `secret` signs with another one, `at` at another time."""
        return [self._post(hook, event, at, secret) for _ in range(copies) for hook in list(self.hooks.values())]

    def lose(self) -> None:
        """What waits is never sent."""
        with self._lock:
            for hook in self.hooks.values():
                hook.waiting.clear()

    def _work(self) -> None:
        while not self._stopping:
            if not self.held:
                self.send_waiting()
            stuck = any(hook.waiting for hook in self.hooks.values())
            self._news.wait(RETRY_SECONDS if stuck else None)
            self._news.clear()

    def _post(self, hook: Hook, event: Event, at: datetime | None = None, secret: str = "") -> int:
        date = format_datetime(at or self._wall_now(), usegmt=True)
        headers = sign(event.body, secret or hook.secret, hook.url, date)
        try:
            status = self._http.post(hook.url, content=event.body, headers=headers).status_code
        except httpx.HTTPError:
            status = 0
        self.deliveries.append(Delivery(event.name, status))
        return status
