"""Outside news about money, and payouts."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKeyConstraint, Index, Integer, UniqueConstraint
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column

from saas.kernel.db import CREDITOR_WALL, STAFF_WALL, Base, TenantRow


class BankFileRow(TenantRow, Base):
    """A bank file as it came, kept with its hash; the same file is never counted twice."""

    __tablename__ = "bank_file"
    format: Mapped[str]
    key: Mapped[str]
    name: Mapped[str]
    sha256: Mapped[bytes]
    path: Mapped[str]
    payments: Mapped[int] = mapped_column(Integer)
    sum_ore: Mapped[int] = mapped_column(BigInteger)
    imported_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("tenant_id", "format", "key"),
        {"info": {"wall": STAFF_WALL, "insert_only": True}},
    )


class Payment(TenantRow, Base):
    """A payment as the bank told it. new → placed (on a case) | unmatched (waits for a person)."""

    __tablename__ = "payment"
    file_id: Mapped[UUID]
    key: Mapped[str]
    account: Mapped[str]
    kid: Mapped[str]
    amount_ore: Mapped[int] = mapped_column(BigInteger)
    value_on: Mapped[date] = mapped_column(Date)
    text: Mapped[str]
    debit_account: Mapped[str]
    state: Mapped[str]
    case_id: Mapped[UUID | None]
    matched_by: Mapped[str] = mapped_column(default="")  # kid, case_number, person
    why: Mapped[str] = mapped_column(default="")  # why it waits for a person, as a code
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("payment_waiting", "tenant_id", "id", postgresql_where=sql_text("state in ('new', 'unmatched')")),
        Index("payment_case", "tenant_id", "case_id"),
        ForeignKeyConstraint(["tenant_id", "file_id"], ["bank_file.tenant_id", "bank_file.id"]),
        CheckConstraint("state in ('new', 'placed', 'unmatched')", name="known_state"),
        {"info": {"wall": STAFF_WALL}},
    )


class Payout(TenantRow, Base):
    """One creditor's money paid out on a day (utbetaling)."""

    __tablename__ = "payout"
    creditor_id: Mapped[UUID]
    payout_on: Mapped[date] = mapped_column(Date)
    collected_ore: Mapped[int] = mapped_column(BigInteger)
    commission_ore: Mapped[int] = mapped_column(BigInteger)
    paid_ore: Mapped[int] = mapped_column(BigInteger)
    account: Mapped[str]
    order_path: Mapped[str]
    booked_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("tenant_id", "creditor_id", "payout_on"), {"info": {"wall": CREDITOR_WALL}})
