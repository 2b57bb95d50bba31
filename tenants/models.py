"""Tenants, the creditors they collect for, the plugins switched on, and agreements with outside parties."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKeyConstraint, Integer, SmallInteger, UniqueConstraint
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


class PluginSwitch(TenantRow, Base):
    """A plugin switched on or off for the tenant (`creditor_id` nil) or for one creditor, with its settings."""

    __tablename__ = "plugin_switch"
    creditor_id: Mapped[UUID]
    slug: Mapped[str]
    enabled: Mapped[bool]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    __table_args__ = (UniqueConstraint("tenant_id", "slug", "creditor_id"), {"info": {"wall": SHARED_WALL}})


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
