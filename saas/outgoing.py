"""Calls to addresses that customers have typed in: https only, to public addresses only, short, never redirected.

Plugins use this for webhooks and for asking a creditor's own system. Whoever may write an address in a form could else
have us call our own machines (server-side request forgery). The name is looked up once, every address it has must be
public, and the connection goes to the very address that was checked. `check_host` is for what calls by itself.

On a developer's machine `FRIST_CALL_LOOPBACK=1` lets calls go to the machine itself, there also by plain http.
"""

import ipaddress
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

SECONDS = 10.0
LARGEST_ANSWER = 1_000_000
LOOPBACK_SETTING = "FRIST_CALL_LOOPBACK"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # leads to any IPv4 address, our own among them

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotCalled(Exception):
    """The address may not be called. A person must put it right; the text says how, in bokmål."""


class CallFailed(Exception):
    """Down, slow, or too much to say. It may be tried again; the text is a code and holds nothing of the answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    @property
    def is_ok(self) -> bool:
        """Whether the other side says it went well."""
        return 200 <= self.status < 300


def call(method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b"") -> Answer:
    """One call, at most ten seconds for each part of it. Raises NotCalled or CallFailed; a status is no error."""
    parts = urlsplit(check_url(url))
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _checked_address(host, port, plain=parts.scheme == "http")
    shown = f"[{address}]" if address.version == 6 else str(address)
    pinned = parts._replace(netloc=f"{shown}:{port}").geturl()
    sent = {"Host": parts.netloc.rpartition("@")[2], "User-Agent": "Frist", **(headers or {})}
    extensions: dict[str, Any] = {"sni_hostname": host}
    try:
        with (
            httpx.Client(timeout=SECONDS, trust_env=False) as client,
            client.stream(method, pinned, headers=sent, content=content, extensions=extensions) as response,
        ):
            return Answer(response.status_code, _body(response))
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise CallFailed(type(error).__name__) from None


def check_url(url: str) -> str:
    """The address as it is, when it is one that could be called. Raises NotCalled. Looks nothing up."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise NotCalled("Adressen er ikke skrevet riktig.") from None
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise NotCalled("Adressen er ikke skrevet riktig.")
    if parts.username or parts.password:
        raise NotCalled("Adressen kan ikke ha brukernavn eller passord i seg.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _calls_loopback()):
        raise NotCalled("Adressen må begynne med https://.")
    return url


def check_host(host: str) -> str:
    """The name as it is, unless it leads into our own net. Raises NotCalled. A name nobody knows yet is let through."""
    with suppress(CallFailed):
        _checked_address(host, 443, plain=False)
    return host


def _calls_loopback() -> bool:
    return os.environ.get(LOOPBACK_SETTING) == "1"


def _checked_address(host: str, port: int, *, plain: bool) -> Address:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CallFailed("unknown host") from None
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    if not addresses or not all(_may_be_called(address, plain=plain) for address in addresses):
        raise NotCalled("Adressen fører til et nett som ikke er åpent. Bruk en adresse som kan nås fra internett.")
    return addresses[0]


def _may_be_called(address: Address, *, plain: bool) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _may_be_called(address.ipv4_mapped, plain=plain)
        if address in _NAT64 or address.sixtofour is not None or address.teredo is not None:
            return False
    if address.is_loopback:
        return _calls_loopback()
    return address.is_global and not address.is_multicast and not plain


def _body(response: httpx.Response) -> bytes:
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise CallFailed("answer too large")
    return body
