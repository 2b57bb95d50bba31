"""The signature of a webhook: HMAC-SHA256 over path, date, host and the hash of the raw body."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from saas.hooks import ForgedEvent

TOLERANCE = timedelta(minutes=5)  # ours: Vipps states none
_SIGNED = "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="


def content_hash(raw: bytes) -> str:
    """What stands in `x-ms-content-sha256`."""
    return base64.b64encode(hashlib.sha256(raw).digest()).decode()


def authorization(secret: str, path_and_query: str, date: str, host: str, raw: bytes) -> str:
    """What stands in `Authorization`. The secret is its text, although it looks like Base64."""
    text = f"POST\n{path_and_query}\n{date};{host};{content_hash(raw)}"
    return _SIGNED + base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def verify(
    raw: bytes, headers: Mapping[str, str], method_path: str, *, secret: str, url: str, wall_now: datetime
) -> None:
    """Raises ForgedEvent unless the call is Vipps' own, and of the last five minutes.

    `url` is the address as registered at Vipps: what was signed, whatever a proxy made of it. Without it the call's own
    host and path count. An empty secret means that nothing is taken in.
    """
    date, host, path = headers.get("x-ms-date", ""), headers.get("host", ""), method_path.partition(" ")[2]
    if url:
        parts = urlsplit(url)
        host, path = parts.netloc, parts.path + (f"?{parts.query}" if parts.query else "")
    if not secret:
        raise ForgedEvent("no secret is set")
    if not _same(content_hash(raw), headers.get("x-ms-content-sha256", "")):
        raise ForgedEvent("another body")
    if not _same(authorization(secret, path, date, host, raw), headers.get("authorization", "")):
        raise ForgedEvent("wrong signature")
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        raise ForgedEvent("no date") from None
    if abs(wall_now - moment.astimezone(UTC)) > TOLERANCE:
        raise ForgedEvent("too old, or not yet")


def _same(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(ours.encode(), theirs.encode("utf-8", "surrogateescape"))
