"""Vipps MobilePay over HTTP: the access token, the headers, and each call we make.

One client serves one question. All its calls together give up within ten seconds; one that stumbles is tried once more
with the same idempotency key.
"""

import ssl
import time
from functools import cache
from importlib.metadata import version
from typing import Any

import httpx

from plugins.vipps.agreement import API
from plugins.vipps.errors import check
from plugins.vipps.tokens import Tokens
from saas.hooks import Account, ProviderDown, ProviderSaysNo
from saas.rules.money import Ore

CONNECT_SECONDS, READ_SECONDS, ALL_SECONDS, PAUSE_SECONDS = 2.0, 3.5, 9.5, 0.2
CURRENCY = "NOK"
MAX_KEY = 50
Said = dict[str, Any]  # a JSON object
_PAYMENTS, _HOOKS = "/epayment/v1/payments", "/webhooks/v1/webhooks"


class VippsClient:
    """Use as a context manager. Every call raises ProviderTrouble; `Conflict` when only a look can tell what is so."""

    def __init__(self, account: Account, tokens: Tokens) -> None:
        self._account, self._tokens = account, tokens
        self._ends = time.monotonic() + ALL_SECONDS
        self._http = httpx.Client(base_url=account.base_url or API, headers=_headers(account), verify=_trusted())

    def __enter__(self) -> "VippsClient":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Whatever was read in between and is not as documented is for a person."""
        self._http.close()
        if isinstance(error, (KeyError, TypeError, ValueError, AttributeError)):
            raise ProviderSaysNo(f"unreadable answer: {type(error).__name__}") from error

    # payments

    def create(self, body: Said, key: str) -> Said:
        """`{"redirectUrl", "reference"}`."""
        return self._object("POST", _PAYMENTS, body, key)

    def payment(self, reference: str) -> Said:
        """How it stands."""
        return self._object("GET", f"{_PAYMENTS}/{reference}")

    def events(self, reference: str) -> list[Said]:
        """What has happened to it, oldest first."""
        told = self._call("GET", f"{_PAYMENTS}/{reference}/events")
        if not isinstance(told, list):
            raise ProviderDown("unreadable")
        return told

    def capture(self, reference: str, amount_ore: Ore, key: str) -> Said:
        """Take what was reserved."""
        return self._object("POST", f"{_PAYMENTS}/{reference}/capture", _modification(amount_ore), key)

    def cancel(self, reference: str, key: str) -> Said:
        """Let go of what was reserved and not taken."""
        return self._object("POST", f"{_PAYMENTS}/{reference}/cancel", None, key)

    def refund(self, reference: str, amount_ore: Ore, key: str) -> Said:
        """Send back what was taken."""
        return self._object("POST", f"{_PAYMENTS}/{reference}/refund", _modification(amount_ore), key)

    # webhooks

    def hooks(self) -> list[Said]:
        """The webhooks of the sales unit: `{"id", "url", "events"}`."""
        return list(self._object("GET", _HOOKS)["webhooks"])

    def add_hook(self, url: str, events: tuple[str, ...]) -> Said:
        """`{"id", "secret"}`; the secret is never told again, so this is not tried twice."""
        return self._object("POST", _HOOKS, {"url": url, "events": list(events)}, tries=1)

    def remove_hook(self, hook_id: str) -> None:
        """Send it no more."""
        self._call("DELETE", f"{_HOOKS}/{hook_id}")

    # how

    def _object(self, method: str, path: str, body: Said | None = None, key: str = "", tries: int = 2) -> Said:
        told = self._call(method, path, body, key, tries)
        if not isinstance(told, dict):
            raise ProviderDown("unreadable")
        return told

    def _call(self, method: str, path: str, body: Said | None = None, key: str = "", tries: int = 2) -> Any:
        """The answer's JSON. A token refused midway is replaced once, and the same asked again."""
        if len(key) > MAX_KEY:
            raise ProviderSaysNo("idempotency_key_too_long")
        for is_new in (False, True):
            token = self._tokens.of(self._account, self._fetch_token)
            headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
            response = self._send(method, path, headers, body, tries)
            if response.status_code != 401 or is_new:
                break
            self._tokens.forget(self._account)
        check(response)
        return _json(response) if response.content else {}

    def _fetch_token(self) -> tuple[str, int]:
        keys = {"client_id": self._account.public["client_id"], "client_secret": self._account.secrets["client_secret"]}
        response = self._send("POST", "/accesstoken/get", keys, None, 2)
        check(response)
        told = _json(response)
        try:
            return str(told["access_token"]), int(told.get("expires_in") or 0)
        except (KeyError, TypeError, ValueError):
            raise ProviderDown("unreadable token") from None

    def _send(self, method: str, path: str, headers: dict[str, str], body: Said | None, tries: int) -> httpx.Response:
        """One answer, whatever its status; of two tries the last. Raises ProviderDown when nobody answers in time."""
        problem = ProviderDown("timeout")
        for left in range(tries - 1, -1, -1):
            try:
                response = self._http.request(method, path, headers=headers, json=body, timeout=self._timeout())
            except httpx.TransportError as error:
                problem = ProviderDown(type(error).__name__)
            else:
                if response.status_code < 500 or not left:
                    return response
            if left:
                time.sleep(PAUSE_SECONDS)
        raise problem

    def _timeout(self) -> httpx.Timeout:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise ProviderDown("timeout")
        return httpx.Timeout(min(READ_SECONDS, left), connect=min(CONNECT_SECONDS, left))


def amount(ore: Ore) -> Said:
    """As Vipps writes it."""
    return {"currency": CURRENCY, "value": ore}


def ore_of(told: Said) -> Ore:
    """As we write it. Raises ProviderSaysNo when it is not kroner."""
    if told["value"] and told["currency"] != CURRENCY:
        raise ProviderSaysNo("wrong_currency")
    return Ore(told["value"])


def _modification(amount_ore: Ore) -> Said:
    return {"modificationAmount": amount(amount_ore)}


def _headers(account: Account) -> dict[str, str]:
    return {
        "Ocp-Apim-Subscription-Key": account.secrets["subscription_key"],
        "Merchant-Serial-Number": account.public["msn"],
        "Vipps-System-Name": "frist",
        "Vipps-System-Version": version("frist"),
        "Vipps-System-Plugin-Name": "frist-vipps",
        "Vipps-System-Plugin-Version": "1.0",
    }


@cache
def _trusted() -> ssl.SSLContext:
    """The roots we trust: reading them takes longer than a call does."""
    return httpx.create_ssl_context()


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        raise ProviderDown("unreadable") from None
