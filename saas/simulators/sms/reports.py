"""Delivery reports: posted to a gate's address, not signed, the same sometimes more than once."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from saas.simulators.sms.gateway import Taken

DELIVERED = 1001


@dataclass(slots=True)
class Gate:
    """Where reports are posted, and the user and password it was given to show there."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try: what was answered; 0 when nobody did."""

    message_id: str
    result_code: int
    status: int


class Reporter:
    """Posts reports. With `by_itself` every message taken is reported as `results` says, else delivered."""

    def __init__(self, wall_now: Callable[[], datetime], gates: dict[str, Gate]) -> None:
        self._wall_now, self.gates = wall_now, gates
        self.results: dict[str, int] = {}  # number → the code its messages end with
        self.by_itself = False
        self.deliveries: list[Delivery] = []

    def after(self, message: Taken) -> None:
        """A message was taken."""
        if self.by_itself:
            code = self.results.get(message.destination, DELIVERED)
            threading.Thread(target=self.report, args=(message, code), daemon=True).start()

    def report(self, message: Taken, code: int | None = None, *, copies: int = 1, **changes: Any) -> list[int]:
        """Post a report of one message so many times. Returns what was answered. `changes` replace fields of it."""
        code = self.results.get(message.destination, DELIVERED) if code is None else code
        body = json.dumps(self._body(message, code) | changes).encode()
        return [self._post(self.gates[gate], message, code, body) for _ in range(copies) for gate in message.gates]

    def _body(self, message: Taken, code: int) -> dict[str, Any]:
        return {
            "refId": message.ref_id,
            "id": message.message_id,
            "operator": "no.telenor",
            "sentTimestamp": _text(message.taken_at),
            "timestamp": _text(self._wall_now()),
            "resultCode": code,
            "operatorResultCode": "2",
            "segments": message.parts,
            "gateCustomParameters": {},
            "customParameters": {},
        }

    def _post(self, gate: Gate, message: Taken, code: int, body: bytes) -> int:
        auth = (gate.user, gate.password) if gate.user else None
        headers = {"Content-Type": "application/json"}
        try:
            status = httpx.post(gate.url, content=body, headers=headers, auth=auth, timeout=30).status_code
        except httpx.HTTPError:
            status = 0
        self.deliveries.append(Delivery(message.message_id, code, status))
        return status


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
