"""`Idempotency-Key`: a write sent again gets the first answer and does nothing.

The answer is kept in the transaction that did the work, so either both stand or neither. A call that failed did
nothing and is tried afresh.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from flask import Response, request

from saas.api.models import IdempotentCall
from saas.kernel.db import driver
from saas.kernel.errors import BadInput, Refused
from saas.kernel.ids import new_id
from tenants.resolve import Tenant

HEADER, _LONGEST = "Idempotency-Key", 255


def answer_once(
    tenant: Tenant, actor: str, now: datetime, do: Callable[[], Any], *, case_id: UUID | None = None
) -> Response:
    """Answer with what `do` returns (as JSON), or with the first answer when this key has been seen.

    Two calls with one key at the same time: the second waits for the first. Raises Refused (409) when the key was used
    for another body, BadInput when it is not 1 to 255 printable characters. Whatever `do` raises goes through.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return _json(orjson.dumps(do()))
    if not (0 < len(key) <= _LONGEST and key.isascii() and key.isprintable()):
        raise BadInput({HEADER: [f"Bruk 1 til {_LONGEST} vanlige tegn."]})
    asked = _fingerprint()
    driver(tenant.session).execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"call:{tenant.id}:{actor}:{key}",)
    )
    known = tenant.session.scalar(
        sa.select(IdempotentCall).where(
            IdempotentCall.tenant_id == tenant.id, IdempotentCall.actor == actor, IdempotentCall.key == key
        )
    )
    if known is not None:
        if bytes(known.request_sha256) != asked:
            raise Refused("key_reused", "Denne Idempotency-Key er alt brukt til noe annet. Bruk en ny.")
        return _json(known.body, known.status, replayed=True)
    body = orjson.dumps(do())
    tenant.session.add(
        IdempotentCall(
            tenant_id=tenant.id,
            id=new_id(),
            actor=actor,
            key=key,
            request_sha256=asked,
            status=200,
            body=body,
            answered_at=now,
            case_id=case_id,
        )
    )
    return _json(body)


def _fingerprint() -> bytes:
    """What tells one write from another: method, address with query, and body."""
    head = f"{request.method} {request.full_path}\n".encode()
    return hashlib.sha256(head + request.get_data(cache=True)).digest()


def _json(body: bytes, status: int = 200, *, replayed: bool = False) -> Response:
    headers = {"Idempotent-Replayed": "true"} if replayed else {}
    return Response(body, status, headers, content_type="application/json")
