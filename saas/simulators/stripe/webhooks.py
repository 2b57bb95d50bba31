"""Events, signed and sent over real HTTP: at least once, in any order asked for, again when nobody took them."""

import hashlib
import hmac
import json
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

VERSION = "2026-10-28.endive"
RETRY_SECONDS = (0.2, 0.5, 1, 2, 4)  # Stripe goes on for three days; here is a taste of it


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events are sent. With `connect` it hears of connected accounts instead of the platform's own."""

    url: str
    secret: str
    account: str  # whose events; '' with `connect`: every connected account's
    connect: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its id, name and whose it is, and the bytes that are signed."""

    id: str
    name: str
    account: str
    connected: bool  # a platform's, told to its Connect endpoints
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try: what was answered; 0 when nobody did."""

    event_id: str
    name: str
    status: int


def sign(body: bytes, secret: str, moment: int) -> str:
    """The header of a delivery: `t=…,v1=…`."""
    signature = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signature}"


class Sender:
    """Sends events in the background, unless `held`: then they pile up until they are sent by hand."""

    def __init__(self, moment: Callable[[], int]) -> None:
        self._moment = moment
        self.endpoints: list[Endpoint] = []
        self.events: list[Event] = []
        self.deliveries: list[Delivery] = []
        self.held = False
        self._http = httpx.Client(timeout=30)
        self._queue: queue.Queue[tuple[Event, int] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin sending."""
        self._thread.start()

    def stop(self) -> None:
        """Send no more."""
        self._stop.set()
        self._queue.put(None)
        self._thread.join()
        self._http.close()

    def happened(self, event_id: str, name: str, thing: dict[str, Any], account: str, connected: bool) -> Event:
        """Something happened on an account; it is told as the object stands now."""
        told = {
            "id": event_id,
            "object": "event",
            "api_version": VERSION,
            "created": self._moment(),
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": name,
            "data": {"object": thing},
        }
        if connected:
            told["account"] = account
        event = Event(event_id, name, account, connected, json.dumps(told).encode())
        self.events.append(event)
        if not self.held:
            self._queue.put((event, 0))
        return event

    def send(self, event: Event, *, copies: int = 1, moment: int | None = None, secret: str = "") -> list[int]:
        """Send an event now, so many times, and give back what was answered. `secret` signs with another one."""
        return [
            self._post(endpoint, event, moment, secret) for _ in range(copies) for endpoint in self._endpoints_of(event)
        ]

    def send_all(self, events: Sequence[Event] | None = None, *, copies: int = 1) -> list[int]:
        """Send these events, or all there are, in the order given."""
        return [status for event in list(events or self.events) for status in self.send(event, copies=copies)]

    def wait(self) -> None:
        """Until everything that was to be sent in the background is sent."""
        self._queue.join()

    def _endpoints_of(self, event: Event) -> list[Endpoint]:
        return [
            endpoint
            for endpoint in self.endpoints
            if endpoint.connect == event.connected and endpoint.account in ("", event.account)
        ]

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            event, tries = job
            statuses = [] if self._stop.is_set() else self.send(event)
            refused = any(not 200 <= status < 300 for status in statuses) and tries < len(RETRY_SECONDS)
            if refused and not self._stop.wait(RETRY_SECONDS[tries]):
                self._queue.put((event, tries + 1))
            self._queue.task_done()
        self._queue.task_done()

    def _post(self, endpoint: Endpoint, event: Event, moment: int | None, secret: str) -> int:
        header = sign(event.body, secret or endpoint.secret, self._moment() if moment is None else moment)
        headers = {"Stripe-Signature": header, "Content-Type": "application/json; charset=utf-8"}
        try:
            status = self._http.post(endpoint.url, content=event.body, headers=headers).status_code
        except httpx.HTTPError:
            status = 0
        self.deliveries.append(Delivery(event.id, event.name, status))
        return status
