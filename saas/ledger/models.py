"""The book: insert-only double entry, one row a transfer."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from saas.kernel.db import CREDITOR_WALL, Base, TenantRow

RECEIVABLE = "receivable"  # what debtors owe
CLAIMS_HELD = "claims_held"  # its counterpart: claims held for creditors, not yet money
CLIENT_BANK = "client_bank"  # money on the client account (klientkonto)
UNPLACED = "unplaced"  # money that came in and is not yet placed on a case
OWED_CREDITOR = "owed_creditor"  # collected, not yet paid out
OWED_DEBTOR = "owed_debtor"  # overpaid, to be returned
EARNED = "earned"  # the agency's, not yet drawn from the client account
ACCOUNTS = (RECEIVABLE, CLAIMS_HELD, CLIENT_BANK, UNPLACED, OWED_CREDITOR, OWED_DEBTOR, EARNED)

PRINCIPAL, INTEREST, NOTICE_FEE, COLLECTION_FEE, MONEY = (
    "principal",
    "interest",
    "notice_fee",
    "collection_fee",
    "money",
)
COMPONENTS = (PRINCIPAL, INTEREST, NOTICE_FEE, COLLECTION_FEE, MONEY)


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
