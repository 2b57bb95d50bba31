"""Tenants, the creditors they collect for, the plugins switched on, and agreements with outside parties."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Integer,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from saas.kernel.db import CREDITOR_WALL, SHARED_WALL, STAFF_WALL, TENANT_WALL, Base, TenantRow


class TenantEntry(Base):
    """The directory of tenants: only what is needed to find one. The single table outside the wall."""

    __tablename__ = "tenant"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    host: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class TenantSettings(Base):
    """Who a tenant is, how its letters look, and what it has chosen within the law."""

    __tablename__ = "tenant_settings"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    orgnr: Mapped[str]
    licence_number: Mapped[str | None]  # inkassobevilling; without one only own claims
    address_lines: Mapped[list[str]] = mapped_column(JSONB)
    phone: Mapped[str]
    phone_hours: Mapped[str]
    email: Mapped[str]
    web: Mapped[str]
    brand_colour: Mapped[str]
    logo: Mapped[str | None]  # sha-256 (hex) of the PNG its letters carry
    client_account: Mapped[str]  # 11 digits; klientkonto for an agency, own account for own collection
    policy: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sandbox_on: Mapped[date | None] = mapped_column(Date)  # the sandbox clock; None = the real one
    revision: Mapped[int] = mapped_column(Integer, default=1)  # rises with every change of settings or plugins
    __table_args__ = ({"info": {"wall": TENANT_WALL}},)


class Creditor(TenantRow, Base):
    """Whose claims are collected (oppdragsgiver). `creditor_id` repeats `id`, for the wall."""

    __tablename__ = "creditor"
    creditor_id: Mapped[UUID]
    slug: Mapped[str]
    number: Mapped[int] = mapped_column(SmallInteger)  # the first three digits of its KIDs
    name: Mapped[str]
    orgnr: Mapped[str]
    address_lines: Mapped[list[str]] = mapped_column(JSONB)
    email: Mapped[str]
    payout_account: Mapped[str]
    vat_deductible: Mapped[bool]  # deducts VAT, so the debtor never bears it (law B12)
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug"),
        UniqueConstraint("tenant_id", "number"),
        CheckConstraint("creditor_id = id", name="creditor_is_itself"),
        {"info": {"wall": CREDITOR_WALL}},
    )


class CreditorAgreement(TenantRow, Base):
    """What the agency and a creditor have agreed, from a date on (oppdragsavtale)."""

    __tablename__ = "creditor_agreement"
    creditor_id: Mapped[UUID]
    valid_from: Mapped[date] = mapped_column(Date)
    commission_bp: Mapped[int] = mapped_column(Integer)  # hundredths of a percent of principal and interest collected
    fee_share_bp: Mapped[int] = mapped_column(
        Integer, default=0, server_default="0"
    )  # the creditor's of collection fees
    vat_set_off: Mapped[bool] = mapped_column(default=False, server_default="false")  # VAT of invoices kept back too
    allocation_order: Mapped[str] = mapped_column(default="", server_default="")  # '' = the law's
    source: Mapped[str] = mapped_column(default="", server_default="")  # where it is agreed, e.g. the contract's number
    __table_args__ = (
        UniqueConstraint("tenant_id", "creditor_id", "valid_from"),
        ForeignKeyConstraint(["tenant_id", "creditor_id"], ["creditor.tenant_id", "creditor.id"]),
        CheckConstraint("commission_bp between 0 and 10000", name="commission_is_a_share"),
        CheckConstraint("fee_share_bp between 0 and 10000", name="fee_share_is_a_share"),
        {"info": {"wall": CREDITOR_WALL}},
    )


class Mode(StrEnum):
    """How far a plugin has come on its way into force."""

    OFF = "off"
    SHADOW = "shadow"  # asked, without effect; what it would have said is kept
    CANARY = "canary"  # in force for a share of the cases, in shadow for the rest
    ON = "on"
    QUARANTINED = "quarantined"  # it has killed a worker: what it concerns is held until an administrator has looked


class PluginSwitch(TenantRow, Base):
    """A plugin switched on or off for the tenant (`creditor_id` nil) or for one creditor, with its settings."""

    __tablename__ = "plugin_switch"
    creditor_id: Mapped[UUID]
    slug: Mapped[str]
    mode: Mapped[str]  # Mode
    percent: Mapped[int] = mapped_column(SmallInteger, default=100, server_default="100")  # of cases, in canary
    version: Mapped[str] = mapped_column(default="", server_default="")  # of the plugin when it was switched
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)  # without secrets
    secrets: Mapped[bytes | None]  # sealed, with the name of its key (saas.kernel.secrets); None: there are none
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug", "creditor_id"),
        CheckConstraint("mode in ('off', 'shadow', 'canary', 'on', 'quarantined')", name="known_mode"),
        CheckConstraint("percent between 1 and 100", name="percent_is_a_share"),
        {"info": {"wall": SHARED_WALL}},
    )

    @property
    def enabled(self) -> bool:
        """Whether it has effect, for some cases at least."""
        return self.mode in (Mode.ON, Mode.CANARY)


class PluginTrouble(TenantRow, Base):
    """A plugin did what it may not: the newest of its kind, and how often."""

    __tablename__ = "plugin_trouble"
    creditor_id: Mapped[UUID]
    slug: Mapped[str]
    hook: Mapped[str]
    error: Mapped[str]  # class name
    trace: Mapped[str]  # files, lines, names; no values
    case_id: Mapped[UUID | None]  # the last case it was about
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug", "hook", "error", "creditor_id"),
        {"info": {"wall": STAFF_WALL}},
    )


class PluginShadow(TenantRow, Base):
    """What a plugin in shadow would have said of a case on a day."""

    __tablename__ = "plugin_shadow"
    creditor_id: Mapped[UUID]
    case_id: Mapped[UUID]
    slug: Mapped[str]
    hook: Mapped[str]
    answer: Mapped[str]  # a code; no words about people
    asked_on: Mapped[date] = mapped_column(Date)
    __table_args__ = (
        UniqueConstraint("tenant_id", "slug", "case_id", "hook", "asked_on"),
        {"info": {"wall": STAFF_WALL}},
    )


class PluginTrial(TenantRow, Base):
    """A preview or a backtest: what would be different with a plugin, worked out in the background."""

    __tablename__ = "plugin_trial"
    creditor_id: Mapped[UUID]  # nil: for every creditor
    slug: Mapped[str]
    kind: Mapped[str]  # preview, backtest
    mode: Mapped[str]  # what it is tried on the way to: Mode
    percent: Mapped[int] = mapped_column(SmallInteger)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)  # those tried; without secrets
    secrets: Mapped[bytes | None]  # sealed; gone when the trial has been put in force
    from_on: Mapped[date | None] = mapped_column(Date)  # backtest: the months replayed
    to_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str]  # waiting, running, done, failed
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    result: Mapped[dict[str, Any]] = mapped_column(JSONB)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    touched_at: Mapped[datetime]  # wall clock, for the watch
    __table_args__ = (
        CheckConstraint("kind in ('preview', 'backtest')", name="known_kind"),
        CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="known_state"),
        {"info": {"wall": STAFF_WALL}},
    )


class PluginReach(Base):
    """How far a plugin has been told of a tenant's history (`on_case_event`), and how often it has failed."""

    __tablename__ = "plugin_reach"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    creditor_id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(primary_key=True)
    hook: Mapped[str] = mapped_column(primary_key=True)  # on_case_event, collect_facts
    seq: Mapped[int] = mapped_column(BigInteger, default=0)  # the last link of the history told of
    done_on: Mapped[date | None] = mapped_column(Date)  # collect_facts: the last day it was asked
    failures: Mapped[int] = mapped_column(Integer, default=0)  # in a row
    again_at: Mapped[datetime | None]  # not before: the breaker is open
    __table_args__ = ({"info": {"wall": STAFF_WALL}},)


class ProviderAccount(TenantRow, Base):
    """A tenant's own agreement with an outside party; the secrets are encrypted with the master key."""

    __tablename__ = "provider_account"
    provider: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)  # what may be shown
    secrets: Mapped[bytes]
    enabled: Mapped[bool]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    __table_args__ = (UniqueConstraint("tenant_id", "provider"), {"info": {"wall": STAFF_WALL}})
