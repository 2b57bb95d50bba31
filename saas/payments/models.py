"""Outside news about money, and payouts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
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
    """A payment as the bank told it. new → placed (on a case) | unmatched (waits for a person);
    placed → reversed when the money goes back where it came from."""

    __tablename__ = "payment"
    file_id: Mapped[UUID | None]  # None: not from a bank file
    provider: Mapped[str] = mapped_column(default="bank", server_default="bank")  # bank, stripe, vipps, creditor
    attempt_id: Mapped[UUID | None]  # the click behind a payment by card or Vipps
    gone_ore: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # back where it came from
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
    chosen_order: Mapped[str] = mapped_column(default="", server_default="")  # what the payer said it covers (law D2)
    chosen_claims: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")
    chosen_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("payment_waiting", "tenant_id", "id", postgresql_where=sql_text("state in ('new', 'unmatched')")),
        Index("payment_case", "tenant_id", "case_id"),
        Index("payment_payer", "tenant_id", "debit_account", postgresql_where=sql_text("debit_account <> ''")),
        ForeignKeyConstraint(["tenant_id", "file_id"], ["bank_file.tenant_id", "bank_file.id"]),
        CheckConstraint("state in ('new', 'placed', 'unmatched', 'reversed')", name="known_state"),
        {"info": {"wall": STAFF_WALL}},
    )


class Payout(TenantRow, Base):
    """One creditor's money paid out on a day (utbetaling), or what the agency draws of its own (`creditor_id` nil).

    Booked when it is ordered; ordered → paid | rejected, by what the bank answers.
    """

    __tablename__ = "payout"
    creditor_id: Mapped[UUID]
    payout_on: Mapped[date] = mapped_column(Date)
    collected_ore: Mapped[int] = mapped_column(BigInteger)
    commission_ore: Mapped[int] = mapped_column(BigInteger)
    paid_ore: Mapped[int] = mapped_column(BigInteger)
    fee_share_ore: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # its own of collection fees
    account: Mapped[str]
    order_path: Mapped[str]
    order_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(default="ordered", server_default="paid")
    why: Mapped[str] = mapped_column(default="", server_default="")  # what the bank rejected it for
    done_on: Mapped[date | None] = mapped_column(Date)  # the day the bank carried it out, or rejected it
    booked_at: Mapped[datetime]
    __table_args__ = (
        Index(
            "payout_once_a_day",
            "tenant_id",
            "creditor_id",
            "payout_on",
            unique=True,
            postgresql_where=sql_text("state <> 'rejected'"),
        ),
        Index("payout_under_way", "tenant_id", "id", postgresql_where=sql_text("state = 'ordered'")),
        CheckConstraint("state in ('ordered', 'paid', 'rejected')", name="known_state"),
        {"info": {"wall": CREDITOR_WALL}},
    )


class PayAttempt(TenantRow, Base):
    """One press on «Betal»: a payment by card or Vipps under way, and what became of it."""

    __tablename__ = "pay_attempt"
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    provider: Mapped[str]  # stripe, vipps
    reference: Mapped[str]  # ours towards the provider, unique for ever; also the idempotency key
    provider_reference: Mapped[str] = mapped_column(default="")  # theirs
    amount_ore: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    url: Mapped[str] = mapped_column(default="")  # where the debtor pays
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    looked_up_at: Mapped[datetime | None]  # when the provider was last asked how far it has come
    settled_at: Mapped[datetime | None]
    refunded_ore: Mapped[int] = mapped_column(BigInteger, default=0)  # refunded in all
    charged_back_ore: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # taken by disputes
    why: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        UniqueConstraint("tenant_id", "provider", "reference"),
        Index("pay_attempt_case", "tenant_id", "case_id"),
        Index("pay_attempt_open", "tenant_id", "id", postgresql_where=sql_text("state in ('created', 'pending')")),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["collection_case.tenant_id", "collection_case.id"]),
        CheckConstraint("state in ('created', 'pending', 'paid', 'failed', 'expired')", name="known_state"),
        CheckConstraint("amount_ore > 0 and refunded_ore >= 0", name="amounts"),
        {"info": {"wall": STAFF_WALL}},
    )


class ProviderEvent(TenantRow, Base):
    """Outside news from a payment provider (webhook), kept once, worked off by a job."""

    __tablename__ = "provider_event"
    provider: Mapped[str]
    event_id: Mapped[str]
    kind: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        UniqueConstraint("tenant_id", "provider", "event_id"),
        Index("provider_event_waiting", "tenant_id", "id", postgresql_where=sql_text("done_at is null")),
        {"info": {"wall": STAFF_WALL}},
    )


class ProviderPayout(TenantRow, Base):
    """Money a provider sent to the client account: gross less its fee, which the agency tops up."""

    __tablename__ = "provider_payout"
    provider: Mapped[str]
    reference: Mapped[str]
    gross_ore: Mapped[int] = mapped_column(BigInteger)
    fee_ore: Mapped[int] = mapped_column(BigInteger)
    arrived_on: Mapped[date] = mapped_column(Date)
    booked_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("tenant_id", "provider", "reference"),
        {"info": {"wall": STAFF_WALL, "insert_only": True}},
    )


class Repayment(TenantRow, Base):
    """Money on its way back to a debtor (tilbakebetaling): paid too much, or costs that were not owed."""

    __tablename__ = "repayment"
    creditor_id: Mapped[UUID]  # nil for money that belonged to no case
    case_id: Mapped[UUID | None]
    payment_id: Mapped[UUID | None]  # whose payer gets it; None: what was paid too much on the case
    amount_ore: Mapped[int] = mapped_column(BigInteger)
    account: Mapped[str]  # '' until somebody knows where to
    state: Mapped[str]
    reason: Mapped[str]
    made_on: Mapped[date] = mapped_column(Date)
    order_id: Mapped[UUID | None]
    __table_args__ = (
        Index("repayment_case", "tenant_id", "case_id"),
        Index("repayment_waiting", "tenant_id", "id", postgresql_where=sql_text("state = 'due'")),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["collection_case.tenant_id", "collection_case.id"]),
        CheckConstraint("state in ('due', 'ordered', 'paid', 'returned')", name="known_state"),
        CheckConstraint("amount_ore > 0", name="amount_is_positive"),
        {"info": {"wall": STAFF_WALL}},
    )


class PaymentOrder(TenantRow, Base):
    """A file of payments for the bank to carry out (betalingsoppdrag), and what the bank answered."""

    __tablename__ = "payment_order"
    message_id: Mapped[str]  # never repeated
    kind: Mapped[str]  # settlement, repayment
    order_on: Mapped[date] = mapped_column(Date)
    path: Mapped[str]
    sha256: Mapped[bytes]
    payments: Mapped[int] = mapped_column(Integer)
    sum_ore: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]  # laid where the bank takes it
    state: Mapped[str]
    why: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        UniqueConstraint("tenant_id", "message_id"),
        Index("payment_order_under_way", "tenant_id", "id", postgresql_where=sql_text("state in ('made', 'accepted')")),
        CheckConstraint("state in ('made', 'accepted', 'rejected', 'settled')", name="known_state"),
        {"info": {"wall": STAFF_WALL}},
    )


class PayoutMandate(TenantRow, Base):
    """A standing permission to pay a creditor out on an account (fullmakt): set up by one person, approved by another.

    `creditor_id` nil: the agency's own fees, to its own account.
    """

    __tablename__ = "payout_mandate"
    creditor_id: Mapped[UUID]
    account: Mapped[str]
    kid: Mapped[str] = mapped_column(default="")  # what the creditor wants on its payouts, when it wants one
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    approved_by: Mapped[str] = mapped_column(default="")
    approved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        Index("payout_mandate_creditor", "tenant_id", "creditor_id"),
        Index(
            "payout_mandate_standing",
            "tenant_id",
            "creditor_id",
            sql_text("(approved_at is null)"),
            unique=True,
            postgresql_where=sql_text("ended_at is null"),
        ),
        CheckConstraint("approved_by <> proposed_by", name="four_eyes"),
        CheckConstraint("(approved_at is null) = (approved_by = '')", name="approved_when"),
        {"info": {"wall": STAFF_WALL}},
    )


class BankBalance(TenantRow, Base):
    """What the bank says stands on an account at the end of a day."""

    __tablename__ = "bank_balance"
    account: Mapped[str]
    balance_on: Mapped[date] = mapped_column(Date)
    balance_ore: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str]  # the file, or who typed it
    told_at: Mapped[datetime]
    __table_args__ = (
        Index("bank_balance_day", "tenant_id", "account", "balance_on"),
        {"info": {"wall": STAFF_WALL, "insert_only": True}},
    )


class Reconciliation(TenantRow, Base):
    """Bank, client ledger and what is owed, held against each other for a day (avstemming); never changed."""

    __tablename__ = "reconciliation"
    reconciled_on: Mapped[date] = mapped_column(Date)
    bank_ore: Mapped[int | None] = mapped_column(BigInteger)  # None: the bank has not told
    ledger_ore: Mapped[int] = mapped_column(BigInteger)
    owed_ore: Mapped[int] = mapped_column(BigInteger)
    in_transit_ore: Mapped[int] = mapped_column(BigInteger)
    deviations: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    checked_at: Mapped[datetime]
    __table_args__ = (
        Index("reconciliation_day", "tenant_id", "reconciled_on"),
        {"info": {"wall": STAFF_WALL, "insert_only": True}},
    )


class InvoiceCounter(Base):
    """The next number in a tenant's own series of invoices."""

    __tablename__ = "invoice_counter"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    next_number: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = ({"info": {"wall": STAFF_WALL}},)


class AgencyInvoice(TenantRow, Base):
    """What the agency invoices a creditor for: its fees and commission of a period, with VAT (law B12)."""

    __tablename__ = "agency_invoice"
    creditor_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(BigInteger)
    issued_on: Mapped[date] = mapped_column(Date)
    period_from: Mapped[date] = mapped_column(Date)
    period_to: Mapped[date] = mapped_column(Date)
    net_ore: Mapped[int] = mapped_column(BigInteger)
    vat_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    vat_ore: Mapped[int] = mapped_column(BigInteger)
    set_off_ore: Mapped[int] = mapped_column(BigInteger)  # of the VAT: kept back from what is held for the creditor
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    path: Mapped[str]
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "creditor_id", "period_from", "period_to"),
        {"info": {"wall": CREDITOR_WALL, "insert_only": True}},
    )
