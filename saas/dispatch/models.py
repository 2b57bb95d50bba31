"""The outbox: letters on their way out of the house."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKeyConstraint, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from saas.kernel.db import CREDITOR_WALL, STAFF_WALL, Base, TenantRow

QUEUED, READY, HANDED_OVER, SENT, FAILED, WITHDRAWN = "queued", "ready", "handed_over", "sent", "failed", "withdrawn"
UNDER_WAY = (QUEUED, READY, HANDED_OVER)
_UNDER_WAY = "state in ('queued', 'ready', 'handed_over')"


class Dispatch(TenantRow, Base):
    """One letter's way out. queued → ready (rendered) → handed_over → sent | failed; withdrawn before hand-over."""

    __tablename__ = "dispatch"
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    step: Mapped[str]
    channel: Mapped[str]
    state: Mapped[str]
    decided_on: Mapped[date] = mapped_column(Date)
    expected_sending_on: Mapped[date] = mapped_column(Date)
    deadline_on: Mapped[date] = mapped_column(Date)  # as printed; a promise
    fee_ore: Mapped[int] = mapped_column(BigInteger)  # booked with it
    printed_ore: Mapped[int | None] = mapped_column(BigInteger)  # the sum the letter asks for; None until it is written
    entry_id: Mapped[UUID | None]  # the ledger entry of that fee
    certificate_id: Mapped[UUID]
    batch_id: Mapped[UUID | None]
    handed_over_on: Mapped[date | None] = mapped_column(Date)
    sent_on: Mapped[date | None] = mapped_column(Date)  # the printer's posted date: what the law counts from
    evidence: Mapped[str] = mapped_column(default="")  # the receipt's own line
    why: Mapped[str] = mapped_column(default="")  # withdrawn or failed because
    touched_at: Mapped[datetime]  # wall clock, for the watchdog
    claim_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")  # what it was about
    __table_args__ = (
        Index("dispatch_of_case", "tenant_id", "case_id"),
        Index("dispatch_waiting", "tenant_id", "state", "id", postgresql_where=text(_UNDER_WAY)),
        Index("one_letter_under_way", "tenant_id", "case_id", unique=True, postgresql_where=text(_UNDER_WAY)),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["collection_case.tenant_id", "collection_case.id"]),
        CheckConstraint("state in ('queued','ready','handed_over','sent','failed','withdrawn')", name="known_state"),
        {"info": {"wall": CREDITOR_WALL}},
    )  # fmt: skip


class TakenReceipt(TenantRow, Base):
    """A receipt file that has been read, so that reading it again does nothing."""

    __tablename__ = "taken_receipt"
    channel: Mapped[str]
    name: Mapped[str]
    taken_at: Mapped[datetime]
    letters: Mapped[int]
    __table_args__ = (UniqueConstraint("tenant_id", "channel", "name"), {"info": {"wall": STAFF_WALL}})
