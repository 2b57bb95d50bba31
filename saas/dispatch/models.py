"""The outbox: letters on their way out of the house, how the channels are, and what debtors have chosen."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from saas.kernel.db import CREDITOR_WALL, STAFF_WALL, Base, TenantRow

QUEUED, READY, SENDING, HANDED_OVER = "queued", "ready", "sending", "handed_over"
SENT, FAILED, WITHDRAWN, UNKNOWN = "sent", "failed", "withdrawn", "unknown"
UNDER_WAY = (QUEUED, READY, SENDING, HANDED_OVER, UNKNOWN)
MESSAGE = ""
"""`Dispatch.step` of a letter that is no step of the ladder."""

_UNDER_WAY = "state in ('queued', 'ready', 'sending', 'handed_over', 'unknown')"
_KNOWN_STATE = "state in ('queued', 'ready', 'sending', 'handed_over', 'sent', 'failed', 'withdrawn', 'unknown')"


class Dispatch(TenantRow, Base):
    """One letter's way out.

    queued → ready (written) → sending (about to be given to the channel, committed before) → handed_over → sent |
    failed. `unknown`: nobody knows whether it left; a person says. `withdrawn`: it never left, and why.
    A message (`step` is MESSAGE) has particulars instead of a step, and neither fee nor certificate.
    """

    __tablename__ = "dispatch"
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    step: Mapped[str]
    kind: Mapped[str] = mapped_column(default="", server_default="")  # LetterKind
    particulars: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    channel: Mapped[str]  # '' until one is chosen
    medium: Mapped[str] = mapped_column(default="", server_default="")  # what kind of way that is
    state: Mapped[str]
    decided_on: Mapped[date] = mapped_column(Date)
    expected_sending_on: Mapped[date] = mapped_column(Date)
    deadline_on: Mapped[date] = mapped_column(Date, nullable=True)  # as printed; a promise. A step always has one
    fee_ore: Mapped[int] = mapped_column(BigInteger)  # booked with it
    printed_ore: Mapped[int | None] = mapped_column(BigInteger)  # the sum the letter asks for; None until it is written
    entry_id: Mapped[UUID | None]  # the ledger entry of that fee
    certificate_id: Mapped[UUID] = mapped_column(nullable=True)  # of a step
    batch_id: Mapped[UUID | None]
    not_before: Mapped[datetime | None]  # tenant's clock: contact hours, or the cap on approaches
    sending_since: Mapped[datetime | None]  # wall clock: the lease of whoever is giving it to the channel
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    handed_over_on: Mapped[date | None] = mapped_column(Date)
    sent_on: Mapped[date | None] = mapped_column(Date)  # as proven (print: the posted date): what the law counts from
    opened_on: Mapped[date | None] = mapped_column(Date)
    external_id: Mapped[str] = mapped_column(default="", server_default="")  # theirs
    cost_ore: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # what sending it costs us
    evidence: Mapped[str] = mapped_column(default="")  # the other side's own words
    why: Mapped[str] = mapped_column(default="")  # withdrawn, failed or unknown because
    attention: Mapped[str] = mapped_column(default="", server_default="")  # why it stands on a person's list; '' = not
    notice_of: Mapped[UUID | None]  # a notice (e-mail, SMS) that this letter lies in the portal
    replaces: Mapped[UUID | None]  # the letter whose place it took
    touched_at: Mapped[datetime]  # wall clock, for the watchdog
    claim_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")  # what it was about
    __table_args__ = (
        Index("dispatch_of_case", "tenant_id", "case_id"),
        Index("dispatch_waiting", "tenant_id", "state", "id", postgresql_where=text(_UNDER_WAY)),
        Index("dispatch_of_day", "tenant_id", "decided_on", "id"),
        Index("dispatch_for_a_person", "tenant_id", "id", postgresql_where=text("attention <> ''")),
        Index(
            "one_letter_under_way",
            "tenant_id",
            "case_id",
            unique=True,
            postgresql_where=text(f"{_UNDER_WAY} and step <> ''"),
        ),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["collection_case.tenant_id", "collection_case.id"]),
        CheckConstraint(_KNOWN_STATE, name="known_state"),
        CheckConstraint(
            "step = '' or (deadline_on is not null and certificate_id is not null)", name="a_step_has_its_promise"
        ),
        CheckConstraint("step <> '' or (fee_ore = 0 and entry_id is null)", name="a_message_costs_nothing"),
        {"info": {"wall": CREDITOR_WALL}},
    )


class TakenReceipt(TenantRow, Base):
    """A receipt file that has been read, so that reading it again does nothing."""

    __tablename__ = "taken_receipt"
    channel: Mapped[str]
    name: Mapped[str]
    taken_at: Mapped[datetime]
    letters: Mapped[int]
    __table_args__ = (UniqueConstraint("tenant_id", "channel", "name"), {"info": {"wall": STAFF_WALL}})


class ChannelReport(TenantRow, Base):
    """Receipts a channel has pushed to us, verified, kept once, worked off by a job."""

    __tablename__ = "channel_report"
    channel: Mapped[str]
    name: Mapped[str]  # the hash of its bytes: the same report twice is one
    receipts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    received_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "channel", "name"),
        Index("channel_report_waiting", "tenant_id", "id", postgresql_where=text("taken_at is null")),
        {"info": {"wall": STAFF_WALL}},
    )


class ChannelHealth(TenantRow, Base):
    """Whether a channel works for a tenant. Down: it is tried again at `try_again_at`. Stopped: a person must look."""

    __tablename__ = "channel_health"
    channel: Mapped[str]
    state: Mapped[str]
    since: Mapped[datetime]
    why: Mapped[str] = mapped_column(default="")
    last_ok_at: Mapped[datetime | None]
    try_again_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(Integer, default=0)  # in a row
    __table_args__ = (
        UniqueConstraint("tenant_id", "channel"),
        CheckConstraint("state in ('ok', 'down', 'stopped')", name="known_state"),
        {"info": {"wall": STAFF_WALL}},
    )


class ChannelHour(TenantRow, Base):
    """How many letters a channel took, and would not take, in an hour of wall-clock time."""

    __tablename__ = "channel_hour"
    channel: Mapped[str]
    hour: Mapped[datetime]  # its beginning, UTC
    taken: Mapped[int] = mapped_column(Integer, default=0)
    turned_away: Mapped[int] = mapped_column(Integer, default=0)  # unreachable or refused
    in_trouble: Mapped[int] = mapped_column(Integer, default=0)  # down, try later, unknown, stopped
    __table_args__ = (UniqueConstraint("tenant_id", "channel", "hour"), {"info": {"wall": STAFF_WALL}})


class DebtorContactChoice(TenantRow, Base):
    """What is known of a debtor and a medium: reserved against it, consents to it, or cannot be reached by it."""

    __tablename__ = "debtor_contact_choice"
    debtor_id: Mapped[UUID]
    channel: Mapped[str]  # a medium: a reservation is against e-mail, not against a supplier of e-mail
    choice: Mapped[str]
    since: Mapped[date] = mapped_column(Date)
    source: Mapped[str]  # who said so: portal, phone, the channel itself
    __table_args__ = (
        UniqueConstraint("tenant_id", "debtor_id", "channel"),
        ForeignKeyConstraint(["tenant_id", "debtor_id"], ["debtor.tenant_id", "debtor.id"]),
        CheckConstraint("choice in ('consents', 'reserved', 'unreachable')", name="known_choice"),
        {"info": {"wall": STAFF_WALL}},
    )
