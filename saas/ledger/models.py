"""The book: insert-only double entry, one row a transfer."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, Index, Integer, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from saas.kernel.db import CREDITOR_WALL, STAFF_WALL, Base, TenantRow

RECEIVABLE = "receivable"  # what debtors owe
CLAIMS_HELD = "claims_held"  # its counterpart: claims held for creditors, not yet money
CLIENT_BANK = "client_bank"  # money on the client account (klientkonto)
UNPLACED = "unplaced"  # money that came in and is not yet placed on a case
OWED_CREDITOR = "owed_creditor"  # collected, not yet paid out
OWED_DEBTOR = "owed_debtor"  # overpaid, to be returned
EARNED = "earned"  # the agency's, not yet drawn from the client account
IN_TRANSIT = "in_transit"  # paid by card or Vipps, not yet on the client account
ORDERED = "ordered"  # ordered from the bank to be paid out, not yet carried out
AT_CREDITOR = "at_creditor"  # paid straight to the creditor; every entry that names it leaves it at nought
ACCOUNTS = (
    RECEIVABLE,
    CLAIMS_HELD,
    CLIENT_BANK,
    UNPLACED,
    OWED_CREDITOR,
    OWED_DEBTOR,
    EARNED,
    IN_TRANSIT,
    AT_CREDITOR,
    ORDERED,
)

PRINCIPAL, INTEREST, NOTICE_FEE, COLLECTION_FEE, MONEY, COMPENSATION, FEE_INTEREST = (
    "principal",
    "interest",
    "notice_fee",
    "collection_fee",
    "money",
    "compensation",  # standard compensation for late payment (law C9)
    "fee_interest",  # interest on an unpaid collection fee (law C6)
)
COMPONENTS = (PRINCIPAL, INTEREST, NOTICE_FEE, COLLECTION_FEE, MONEY, COMPENSATION, FEE_INTEREST)

EVERYBODY = UUID(int=2**128 - 1)
"""Stands where a creditor's id could, for the sums of a tenant's whole book."""


class Transfer(TenantRow, Base):
    """One leg of an entry: `amount_ore` from credit to debit account. Balanced by construction, never changed."""

    __tablename__ = "transfer"
    entry_id: Mapped[UUID]
    source: Mapped[str]  # what caused it, e.g. claim:<id>, step:<certificate id>, payment:<id>
    leg: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str]  # claim_registered, fee_charged, interest_booked, payment_received, payment_placed, …
    creditor_id: Mapped[UUID]  # nil for money not yet placed
    case_id: Mapped[UUID | None]
    claim_id: Mapped[UUID | None]
    debit: Mapped[str]
    credit: Mapped[str]
    component: Mapped[str]
    amount_ore: Mapped[int] = mapped_column(BigInteger)
    value_on: Mapped[date] = mapped_column(Date)
    booked_at: Mapped[datetime]
    corrects: Mapped[UUID | None]  # the entry this one answers
    reason: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        UniqueConstraint("tenant_id", "source", "leg"),
        Index("transfer_case", "tenant_id", "case_id"),
        CheckConstraint("amount_ore > 0", name="amount_is_positive"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        CheckConstraint(f"debit in {ACCOUNTS} and credit in {ACCOUNTS}", name="known_account"),
        CheckConstraint(f"component in {COMPONENTS}", name="known_component"),
        {"info": {"wall": CREDITOR_WALL, "insert_only": True}},
    )


class LedgerSum(TenantRow, Base):
    """What was booked on an account for one day, or one month, in one go: written with the transfers themselves.

    Their sum is the balance; several rows for a day are merged now and then. Kept for each creditor and for the tenant
    as a whole. Never trusted without the transfers: the auditor adds those up and compares.
    """

    __tablename__ = "ledger_sum"
    period: Mapped[str]
    period_on: Mapped[date] = mapped_column(Date)  # the value day, or the first of its month
    creditor_id: Mapped[UUID]  # nil for money not yet placed; EVERYBODY for the tenant's whole book
    account: Mapped[str]
    component: Mapped[str]
    ore: Mapped[int] = mapped_column(BigInteger)  # debit less credit
    __table_args__ = (
        Index("ledger_sum_period", "tenant_id", "creditor_id", "period", "period_on"),
        CheckConstraint("period in ('day', 'month')", name="known_period"),
        {"info": {"wall": CREDITOR_WALL}},
    )


class BookCheck(TenantRow, Base):
    """One invariant of the book, checked by the auditor: when, and what it found."""

    __tablename__ = "book_check"
    invariant: Mapped[str]
    checked_at: Mapped[datetime]
    findings: Mapped[int] = mapped_column(Integer)
    examples: Mapped[list[str]] = mapped_column(JSONB)
    __table_args__ = (
        Index("book_check_newest", "tenant_id", "invariant", "checked_at"),
        {"info": {"wall": STAFF_WALL, "insert_only": True}},
    )
