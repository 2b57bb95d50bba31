"""The gateway over HTTP: one call, one answer, and what certainly happened.

Nothing is ever tried twice here: the gateway takes the same message as often as it is given it.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from saas.hooks import Account

CONNECT_SECONDS, SILENT_SECONDS, ALL_SECONDS = 2.0, 7.0, 9.0
MAX_BYTES = 65_536
Said = Mapping[str, Any]


class NotTaken(Exception):
    """No connection was made, so nothing left the house. The text is a code."""


class Unknown(Exception):
    """It was sent off, and no answer came that can be read. The text is a code."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway said: `told` is empty when there was no body."""

    status: int
    told: Said
    body: str


class SmsClient:
    """Use as a context manager."""

    def __init__(self, account: Account) -> None:
        self._http = httpx.Client(
            base_url=account.base_url,
            auth=(account.public["user"], account.secrets["password"]),
            headers={"Accept": "application/json"},
            timeout=httpx.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS),
            # A connection kept open may be closed by the other side just as it is used again, and nobody knows what
            # became of that message. A new one that cannot be made has certainly taken nothing.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def __enter__(self) -> "SmsClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(self, message: Said) -> Answer:
        """Hand over one message. Raises NotTaken or Unknown."""
        ends = time.monotonic() + ALL_SECONDS
        try:
            with self._http.stream("POST", "/sms/send", json=message) as response:
                body = _read(response, ends)
                return Answer(response.status_code, _object(body, response.status_code), body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotTaken(type(error).__name__) from None
        except httpx.HTTPError as error:
            raise Unknown(type(error).__name__) from None


def _read(response: httpx.Response, ends: float) -> str:
    """The body as text. One that never ends, or trickles, tells nothing. Raises Unknown."""
    body = b""
    for part in response.iter_bytes():
        body += part
        if len(body) > MAX_BYTES or time.monotonic() > ends:
            raise Unknown("endless_answer")
    return body.decode(errors="replace")


def _object(body: str, status: int) -> Said:
    """The JSON object of an answer. Raises Unknown when one that should have said it was taken cannot be read."""
    try:
        told = json.loads(body) if body.strip() else {}
    except ValueError:
        told = None
    if isinstance(told, dict):
        return told
    if status < 300:
        raise Unknown("unreadable_answer")
    return {}
