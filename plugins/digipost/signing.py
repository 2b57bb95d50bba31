"""Signatures of requests and answers: SHA-256 with RSA (PKCS#1 v1.5) over a canonical text."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

TOLERANCE = timedelta(minutes=5)
USER_ID, HASH, SIGNATURE = "X-Digipost-UserId", "X-Content-SHA256", "X-Digipost-Signature"
_SIGNED = ("content-md5", "date", "x-content-sha256", "x-digipost-userid")


class Unverified(Exception):
    """An answer that cannot be shown to be Digipost's own. The text is a code."""


def content_hash(body: bytes) -> str:
    """What stands in `X-Content-SHA256`."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def canonical_request(method: str, path: str, query: str, headers: Mapping[str, str]) -> str:
    """What is signed of a request. Path and query are as sent, already encoded; the last line may be empty.

    Of `headers` (names in any letters) those that count are the date, the hash, the user and an old content-md5.
    """
    given = {name.lower(): value for name, value in headers.items()}
    lines = [method.upper(), path.lower(), *(f"{name}: {given[name]}" for name in _SIGNED if name in given)]
    return "\n".join([*lines, query.lower()]) + "\n"


def canonical_response(status: int, path: str, headers: Mapping[str, str]) -> str:
    """What is signed of an answer: no method, no query; the hash only when there is a body."""
    given = {name.lower(): value for name, value in headers.items()}
    told = [f"{name}: {given[name]}" for name in ("date", "x-content-sha256") if name in given]
    return "\n".join([str(status), path.lower(), *told]) + "\n"


def sign(key: RSAPrivateKey, text: str) -> str:
    """What stands in `X-Digipost-Signature`."""
    return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


def http_date(moment: datetime) -> str:
    """RFC 1123, in GMT."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def signed_headers(
    key: RSAPrivateKey, user_id: str, method: str, path: str, query: str, body: bytes, now: datetime
) -> dict[str, str]:
    """The headers that make a request Digipost's own to answer. No hash when there is no body."""
    headers = {"Date": http_date(now), USER_ID: user_id} | ({HASH: content_hash(body)} if body else {})
    return headers | {SIGNATURE: sign(key, canonical_request(method, path, query, headers))}


def verify_answer(
    key: RSAPublicKey, status: int, path: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> None:
    """Raises Unverified unless the answer is signed with `key`, whole, and of the last five minutes."""
    given = {name.lower(): value for name, value in headers.items()}
    if body and not given.get("x-content-sha256"):
        raise Unverified("NO_HASH")
    if body and given["x-content-sha256"] != content_hash(body):
        raise Unverified("WRONG_HASH")
    if not body:
        given.pop("x-content-sha256", None)
    try:
        moment = parsedate_to_datetime(given.get("date", ""))
        moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    except ValueError:
        raise Unverified("NO_DATE") from None
    if abs(now - moment) > TOLERANCE:
        raise Unverified("WRONG_DATE")
    try:
        signature = base64.b64decode(given.get("x-digipost-signature", ""), validate=True)
        text = canonical_response(status, path, given).encode()
        key.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error):
        raise Unverified("WRONG_SIGNATURE") from None
