"""What happened, never changed: one hash-chained link a transaction, with the Merkle root of its events.

An event's body is encrypted with its case's key; the leaf is the hash of what is stored, so a destroyed key takes the
meaning and leaves the proof. The tenant's head is locked last before COMMIT: gap-free, and held for a moment only.
"""

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast
from uuid import UUID

import orjson
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import BigInteger, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from saas.kernel import clock, crypto
from saas.kernel.bulk import insert_rows
from saas.kernel.db import STAFF_WALL, Base, TenantRow, driver, tenant_of, utc
from saas.kernel.ids import new_id

_GENESIS = bytes(32)
_COLUMNS = ("tenant_id", "id", "link_id", "position", "case_id", "kind", "happened_at", "actor", "body", "leaf")


class HistoryEvent(TenantRow, Base):
    """One thing that happened (hendelse). `body` is ciphertext when it is about a case."""

    __tablename__ = "history_event"
    link_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)
    case_id: Mapped[UUID | None]
    kind: Mapped[str]  # dotted: case.registered, letter.sent …
    happened_at: Mapped[datetime]  # the tenant's clock
    actor: Mapped[str]  # night, worker, debtor, user:<id>, key:<id>, cli
    body: Mapped[bytes]
    leaf: Mapped[bytes]  # sha-256 of what stands in this row
    __table_args__ = (
        Index("history_event_case", "tenant_id", "case_id"),
        Index("history_event_link", "tenant_id", "link_id"),
        {"info": {"wall": STAFF_WALL, "insert_only": True}},
    )


class HistoryLink(TenantRow, Base):
    """One transaction's link in the tenant's chain."""

    __tablename__ = "history_link"
    seq: Mapped[int] = mapped_column(BigInteger)
    events: Mapped[int] = mapped_column(Integer)
    root: Mapped[bytes]
    previous: Mapped[bytes]
    sha: Mapped[bytes]
    sealed_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("tenant_id", "seq"), {"info": {"wall": STAFF_WALL, "insert_only": True}})


class HistoryHead(Base):
    """The newest link of a tenant's chain."""

    __tablename__ = "history_head"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    sha: Mapped[bytes]
    __table_args__ = ({"info": {"wall": STAFF_WALL}},)


class _Pending(NamedTuple):
    id: UUID
    case_id: UUID | None
    kind: str
    happened_at: datetime
    actor: str
    body: bytes


def record(
    session: Session,
    kind: str,
    *,
    at: datetime,
    actor: str,
    body: dict[str, Any],
    case_id: UUID | None = None,
    cipher: AESGCM | None = None,
) -> UUID:
    """Note that something happened; written and sealed when the transaction commits. Returns the event's id.

    `cipher` is the case's (saas.kernel.crypto.case_cipher) and must be given when `case_id` is.
    """
    if (case_id is None) != (cipher is None):
        raise ValueError("an event about a case is encrypted with that case's key")
    event_id, plain = new_id(), orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    stored = crypto.encrypt(cipher, plain, event_id) if cipher else plain
    session.info.setdefault("history", []).append(_Pending(event_id, case_id, kind, utc(at), actor, stored))
    return event_id


def seal(session: Session) -> None:
    """Write the pending events and their link. Called by `tenant_session` as the last thing before COMMIT."""
    pending: list[_Pending] = session.info.pop("history", [])
    if not pending:
        return
    session.flush()
    tenant_id, link_id, connection = tenant_of(session), new_id(), driver(session)
    leaves = [leaf_of(tenant_id, e.id, e.case_id, e.kind, e.happened_at, e.actor, e.body) for e in pending]
    insert_rows(connection, cast(sa.Table, HistoryEvent.__table__), _COLUMNS, [
        (tenant_id, e.id, link_id, position, e.case_id, e.kind, e.happened_at, e.actor, e.body, leaf)
        for position, (e, leaf) in enumerate(zip(pending, leaves, strict=True))
    ])  # fmt: skip
    with connection.cursor() as cursor:
        root, sealed_at = merkle_root(leaves), clock.wall_now()
        row = cursor.execute(
            "select seq, sha from history_head where tenant_id = %s for update", (tenant_id,)
        ).fetchone()
        seq, previous = (row[0] + 1, bytes(row[1])) if row else (1, _GENESIS)
        sha = link_hash(tenant_id, seq, len(leaves), root, previous)
        cursor.execute(
            "insert into history_link (tenant_id, id, seq, events, root, previous, sha, sealed_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)",
            (tenant_id, link_id, seq, len(leaves), root, previous, sha, sealed_at),
        )
        cursor.execute(
            "insert into history_head (tenant_id, seq, sha) values (%s, %s, %s)"
            " on conflict (tenant_id) do update set seq = excluded.seq, sha = excluded.sha",
            (tenant_id, seq, sha),
        )


def leaf_of(
    tenant_id: UUID, event_id: UUID, case_id: UUID | None, kind: str, at: datetime, actor: str, body: bytes
) -> bytes:
    """The hash of one event as stored."""
    head = f"{tenant_id!s}|{event_id!s}|{'' if case_id is None else str(case_id)}|{kind}|{_moment(utc(at))}|{actor}|"
    return hashlib.sha256(b"\x00" + head.encode() + body).digest()


@lru_cache(maxsize=256)
def _moment(at_utc: datetime) -> str:
    return at_utc.isoformat()


def merkle_root(leaves: list[bytes]) -> bytes:
    """Root over the leaves in order; an odd one moves up alone. Inner nodes are prefixed, so none passes for a leaf."""
    level = leaves
    while len(level) > 1:
        paired = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def link_hash(tenant_id: UUID, seq: int, events: int, root: bytes, previous: bytes) -> bytes:
    """The hash that the next link carries as `previous`."""
    return hashlib.sha256(tenant_id.bytes + f"|{seq}|{events}|".encode() + root + previous).digest()


def check_chain(session: Session) -> list[str]:
    """Recompute a tenant's whole chain. Returns what is broken, in words; an empty list means whole."""
    tenant_id, wrong, previous, expected = tenant_of(session), [], _GENESIS, 1
    for link in session.scalars(
        sa.select(HistoryLink).where(HistoryLink.tenant_id == tenant_id).order_by(HistoryLink.seq)
    ):
        events = session.scalars(
            sa.select(HistoryEvent)
            .where(HistoryEvent.tenant_id == tenant_id, HistoryEvent.link_id == link.id)
            .order_by(HistoryEvent.position)
        ).all()
        leaves = [leaf_of(tenant_id, e.id, e.case_id, e.kind, e.happened_at, e.actor, e.body) for e in events]
        if link.seq != expected:
            wrong.append(f"link {expected} is missing")
        if not leaves or len(leaves) != link.events or merkle_root(leaves) != link.root:
            wrong.append(f"link {link.seq}: events were altered, added or removed")
        if link.previous != previous or link.sha != link_hash(tenant_id, link.seq, link.events, link.root, previous):
            wrong.append(f"link {link.seq}: the chain is broken")
        previous, expected = link.sha, link.seq + 1
    head = session.get(HistoryHead, tenant_id)
    if (head.sha if head else _GENESIS) != previous:
        wrong.append("the head does not match the last link")
    return wrong
