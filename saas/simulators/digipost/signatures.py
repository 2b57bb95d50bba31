"""What a request must be signed with, and what answers are signed with. Written apart from every client of it."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from saas.simulators.digipost.refusals import Refusal

MOST_APART = timedelta(minutes=5)


def digest(body: bytes) -> str:
    """Base64 of SHA-256."""
    return b64encode(hashlib.sha256(body).digest()).decode()


def expected_text(method: str, target: str, headers: Mapping[str, str]) -> str:
    """What the caller should have signed. `target` is path and query as they came; `headers` in small letters."""
    path, _, query = target.partition("?")
    text = f"{method.upper()}\n{path.lower()}\n"
    for name in sorted(("content-md5", "date", "x-content-sha256", "x-digipost-userid")):
        if name in headers:
            text += f"{name}: {headers[name]}\n"
    return text + f"{query.lower()}\n"


def check(method: str, target: str, headers: Mapping[str, str], body: bytes, key: RSAPublicKey, now: datetime) -> None:
    """Raises Refusal unless the request is whole, of the last five minutes and signed with the registered key."""
    _check_date(headers, now)
    if body and "x-content-sha256" not in headers:
        raise Refusal("MISSING_SHA256")
    if body and headers["x-content-sha256"] != digest(body):
        raise Refusal("INVALID_SHA256")
    if not body and "x-content-sha256" in headers:
        raise Refusal("INVALID_SHA256", "There is no body to hash.")
    if not headers.get("x-digipost-signature"):
        raise Refusal("MISSING_SIGNATURE")
    text = expected_text(method, target, headers)
    try:
        signature = b64decode(headers["x-digipost-signature"], validate=True)
        key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        raise Refusal("INVALID_SIGNATURE", f"===START==={text}===SLUTT===") from None


def _check_date(headers: Mapping[str, str], now: datetime) -> None:
    if not headers.get("date"):
        raise Refusal("MISSING_DATE_HEADER")
    try:
        moment = parsedate_to_datetime(headers["date"])
    except ValueError:
        raise Refusal("INVALID_DATE_HEADER") from None
    if not headers["date"].endswith(" GMT"):
        raise Refusal("INVALID_DATE_HEADER")
    if abs(now - moment.replace(tzinfo=UTC)) > MOST_APART:
        raise Refusal("DATE_HEADER_OUTSIDE_ACCEPTED_INTERVAL")


def sign_answer(key: RSAPrivateKey, status: int, target: str, headers: Mapping[str, str]) -> str:
    """The signature of an answer with these headers."""
    text = f"{status}\n{target.partition('?')[0].lower()}\ndate: {headers['Date']}\n"
    if "X-Content-SHA256" in headers:
        text += f"x-content-sha256: {headers['X-Content-SHA256']}\n"
    return b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
