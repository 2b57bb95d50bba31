"""The case and what belongs to it."""

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
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from saas.kernel.db import CREDITOR_WALL, STAFF_WALL, Base, TenantRow

CASE_KEY = ["collection_case.tenant_id", "collection_case.id"]


class Debtor(TenantRow, Base):
    """Who owes (skyldner). Creditor users never read these rows; what they may see stands on case and claim."""

    __tablename__ = "debtor"
    identity: Mapped[str]  # what tells debtors apart: fnr:…, orgnr:…, or name and postcode
    kind: Mapped[str]
    name: Mapped[str]
    national_id: Mapped[str | None]  # fødselsnummer; masked wherever it is shown or logged
    orgnr: Mapped[str | None]
    address_lines: Mapped[list[str]] = mapped_column(JSONB)
    postcode: Mapped[str]
    city: Mapped[str]
    country: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    language: Mapped[str]
    vulnerable: Mapped[bool] = mapped_column(default=False)
    protected_address: Mapped[bool] = mapped_column(default=False)
    deceased_on: Mapped[date | None] = mapped_column(Date)  # law G7
    bankrupt_on: Mapped[date | None] = mapped_column(Date)  # the opening of the bankruptcy
    __table_args__ = (
        UniqueConstraint("tenant_id", "identity"),
        CheckConstraint("kind in ('person', 'sole_trader', 'company')", name="known_kind"),
        {"info": {"wall": STAFF_WALL}},
    )


class Case(TenantRow, Base):
    """A case (sak): one debtor, one creditor, one or more claims; one stage, any number of holds."""

    __tablename__ = "collection_case"
    number: Mapped[int] = mapped_column(BigInteger)  # what people say on the phone; unique in the tenant
    creditor_id: Mapped[UUID]
    debtor_id: Mapped[UUID]
    debtor_name: Mapped[str]  # copied for creditor users
    kid: Mapped[str]
    stage: Mapped[int] = mapped_column(SmallInteger)  # saas.rules.facts.Stage
    stage_since: Mapped[date] = mapped_column(Date)
    next_action_on: Mapped[date | None] = mapped_column(Date)  # the night looks again on this day; None = it does not
    waits_for: Mapped[str]  # why nothing happens now, as a code; '' when something is planned
    case_key: Mapped[bytes | None]  # wrapped; None = destroyed, the rest is anonymous
    link_token: Mapped[str]  # opaque, in the QR
    registered_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    closed_because: Mapped[str] = mapped_column(default="")
    joined_into: Mapped[UUID | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "link_token"),
        ForeignKeyConstraint(["tenant_id", "creditor_id"], ["creditor.tenant_id", "creditor.id"]),
        ForeignKeyConstraint(["tenant_id", "debtor_id"], ["debtor.tenant_id", "debtor.id"]),
        CheckConstraint("stage in (10, 20, 30, 40, 90)", name="known_stage"),
        Index("case_due", "tenant_id", "next_action_on", "id", postgresql_where=sql_text("next_action_on is not null")),
        Index("case_of_pair", "tenant_id", "debtor_id", "creditor_id"),
        Index("case_joined", "tenant_id", "joined_into", postgresql_where=sql_text("joined_into is not null")),
        {"info": {"wall": CREDITOR_WALL}},
    )


class CaseCounter(Base):
    """The next human case number of a tenant."""

    __tablename__ = "case_counter"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    next_number: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = ({"info": {"wall": STAFF_WALL}},)


class Claim(TenantRow, Base):
    """One unpaid invoice (krav). Interest and limitation belong here."""

    __tablename__ = "claim"
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    debtor_id: Mapped[UUID]
    debtor_name: Mapped[str]
    invoice_number: Mapped[str]
    kind: Mapped[str]
    description: Mapped[str]
    principal_ore: Mapped[int] = mapped_column(BigInteger)
    invoiced_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    extra: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")  # fields plugins added
    __table_args__ = (
        UniqueConstraint("tenant_id", "creditor_id", "invoice_number", "debtor_id"),
        Index("claim_of_case", "tenant_id", "case_id"),
        ForeignKeyConstraint(["tenant_id", "case_id"], CASE_KEY),
        CheckConstraint("principal_ore > 0", name="principal_is_positive"),
        CheckConstraint("kind in ('electricity', 'grid', 'other')", name="known_kind"),
        {"info": {"wall": CREDITOR_WALL}},
    )


class KidAlias(Base):
    """Every KID that means this case: its own, its invoices', and those of cases joined into it. Unique per account."""

    __tablename__ = "kid_alias"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], CASE_KEY),
        {"info": {"wall": CREDITOR_WALL}},
    )


class CaseHold(TenantRow, Base):
    """Why a case stands still (på vent)."""

    __tablename__ = "case_hold"
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    reason: Mapped[str]
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)  # last day; None = until a person lifts it
    note: Mapped[str] = mapped_column(default="")
    placed_by: Mapped[str]
    lifted_on: Mapped[date | None] = mapped_column(Date)
    lifted_by: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        Index("hold_of_case", "tenant_id", "case_id"),
        Index(
            "hold_for_money",
            "tenant_id",
            "case_id",
            postgresql_where=sql_text("note = 'unmatched_payment' and lifted_on is null"),
        ),
        ForeignKeyConstraint(["tenant_id", "case_id"], CASE_KEY),
        {"info": {"wall": CREDITOR_WALL}},
    )


class EarlierNotice(TenantRow, Base):
    """A letter the creditor sent before the case came to us: it counts, since its dates and proof were handed in."""

    __tablename__ = "earlier_notice"
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    step: Mapped[str]
    sent_on: Mapped[date] = mapped_column(Date)
    deadline_on: Mapped[date] = mapped_column(Date)
    fee_ore: Mapped[int] = mapped_column(BigInteger)
    proof: Mapped[str]  # sha-256 (hex) of the document handed in
    __table_args__ = (
        Index("earlier_notice_case", "tenant_id", "case_id"),
        ForeignKeyConstraint(["tenant_id", "case_id"], CASE_KEY),
        CheckConstraint("step in ('reminder', 'collection_notice')", name="known_step"),
        CheckConstraint("fee_ore >= 0", name="fee_not_negative"),
        {"info": {"wall": CREDITOR_WALL}},
    )


class ReportedFact(TenantRow, Base):
    """A dated statement about a case, e.g. `power.active_contract`; never changed, the newest counts (M13)."""

    __tablename__ = "reported_fact"
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    name: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
    source: Mapped[str]
    reported_on: Mapped[date] = mapped_column(Date)
    good_until: Mapped[date | None] = mapped_column(Date)  # the last day it can be relied on, when its source says
    __table_args__ = (
        Index("reported_fact_case", "tenant_id", "case_id"),
        ForeignKeyConstraint(["tenant_id", "case_id"], CASE_KEY),
        {"info": {"wall": CREDITOR_WALL, "insert_only": True}},
    )


class DebtorRequest(TenantRow, Base):
    """What a debtor asked for, and the answer with its reasons."""

    __tablename__ = "debtor_request"
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    kind: Mapped[str]  # deferral
    asked_on: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    outcome: Mapped[str]  # granted, refused, ask_person
    because: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    answer_by: Mapped[date | None] = mapped_column(Date)  # when a person has answered at the latest
    asked_by: Mapped[str]
    __table_args__ = (
        Index("debtor_request_case", "tenant_id", "case_id"),
        ForeignKeyConstraint(["tenant_id", "case_id"], CASE_KEY),
        CheckConstraint("outcome in ('granted', 'refused', 'ask_person')", name="known_outcome"),
        {"info": {"wall": CREDITOR_WALL}},
    )


class ObjectionRow(TenantRow, Base):
    """What the debtor disagrees with (innsigelse), and the answer. What was asked and answered is never changed."""

    __tablename__ = "objection"
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    claim_id: Mapped[UUID | None]  # None: every claim of the case
    kind: Mapped[str]  # saas.rules.objections.ObjectionKind
    disputed_ore: Mapped[int | None] = mapped_column(BigInteger)  # None: all of it (law E7)
    text: Mapped[str]
    raised_on: Mapped[date] = mapped_column(Date)
    raised_by: Mapped[str]
    asked_creditor_on: Mapped[date | None] = mapped_column(Date)
    answer: Mapped[str] = mapped_column(default="")  # the reasons, in writing, shown to the debtor
    outcome: Mapped[str | None]  # saas.rules.objections.Outcome; None: not answered
    answered_on: Mapped[date | None] = mapped_column(Date)
    answered_by: Mapped[str] = mapped_column(default="")
    deadline_on: Mapped[date | None] = mapped_column(Date)  # the new one, as the answer tells it (law E4)
    taken_off_ore: Mapped[int] = mapped_column(BigInteger, default=0)  # of the principal, by the answer
    disputed_on: Mapped[date | None] = mapped_column(Date)  # still disagreed after the answer
    closed_on: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        Index("objection_case", "tenant_id", "case_id"),
        Index("objection_open", "tenant_id", "creditor_id", postgresql_where=sql_text("outcome is null")),
        ForeignKeyConstraint(["tenant_id", "case_id"], CASE_KEY),
        CheckConstraint(
            "kind in ('wrong_recipient', 'already_paid', 'no_invoice', 'wrong_amount', 'not_agreed', 'faulty_delivery',"
            " 'cancelled', 'time_barred', 'other')",
            name="known_kind",
        ),
        CheckConstraint("outcome in ('withdrawn', 'adjusted', 'maintained', 'groundless')", name="known_outcome"),
        CheckConstraint("disputed_ore > 0 and taken_off_ore >= 0", name="amounts_not_negative"),
        CheckConstraint("(outcome is null) = (answered_on is null)", name="answered_when"),
        {"info": {"wall": CREDITOR_WALL}},
    )


class InterestPause(TenantRow, Base):
    """Interest does not run on a claim for a time (rentestans, law C7)."""

    __tablename__ = "interest_pause"
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    claim_id: Mapped[UUID]
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)  # the first day it runs again
    reason: Mapped[str]  # objection_upheld, creditor_delay
    placed_by: Mapped[str]
    __table_args__ = (
        Index("interest_pause_case", "tenant_id", "case_id"),
        ForeignKeyConstraint(["tenant_id", "case_id"], CASE_KEY),
        ForeignKeyConstraint(["tenant_id", "claim_id"], ["claim.tenant_id", "claim.id"]),
        CheckConstraint("until_on > from_on", name="ends_after_it_begins"),
        {"info": {"wall": CREDITOR_WALL}},
    )


class CostLoss(TenantRow, Base):
    """The right to costs was lost in a case (law B19): why, how much was taken off, and what was paid of it."""

    __tablename__ = "cost_loss"
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    reason: Mapped[str]  # saas.rules.lost_costs.LostCostReason
    scope: Mapped[str]  # saas.rules.lost_costs.Scope
    amount_ore: Mapped[int] = mapped_column(BigInteger)  # taken off
    refund_ore: Mapped[int] = mapped_column(BigInteger)  # of it, what the debtor had paid
    restarts: Mapped[bool]  # the ladder begins anew at the collection notice, and new costs with it (law N9)
    note: Mapped[str]
    decided_on: Mapped[date] = mapped_column(Date)
    decided_by: Mapped[str]
    __table_args__ = (
        Index("cost_loss_case", "tenant_id", "case_id"),
        ForeignKeyConstraint(["tenant_id", "case_id"], CASE_KEY),
        CheckConstraint("scope in ('all', 'agency_fee', 'above_lawful')", name="known_scope"),
        CheckConstraint("amount_ore >= 0 and refund_ore between 0 and amount_ore", name="refund_within"),
        {"info": {"wall": CREDITOR_WALL, "insert_only": True}},
    )


class CertificateRow(TenantRow, Base):
    """Why a step was lawful: the exact bytes, encrypted with the case's key, and their hash."""

    __tablename__ = "certificate"
    case_id: Mapped[UUID]
    step: Mapped[str]
    decided_on: Mapped[date] = mapped_column(Date)
    body: Mapped[bytes]  # ciphertext of the JSON record
    sha256: Mapped[bytes]  # of `body`
    __table_args__ = (
        Index("certificate_case", "tenant_id", "case_id"),
        {"info": {"wall": STAFF_WALL, "insert_only": True}},
    )


class NightRun(TenantRow, Base):
    """One night of one tenant: begun, and finished when nothing due was left."""

    __tablename__ = "night_run"
    night_on: Mapped[date] = mapped_column(Date)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    looked_at: Mapped[int] = mapped_column(Integer, default=0)
    steps: Mapped[dict[str, int]] = mapped_column(JSONB)
    __table_args__ = (UniqueConstraint("tenant_id", "night_on"), {"info": {"wall": STAFF_WALL}})
