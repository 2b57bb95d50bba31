"""Builders: the smallest real world a test needs, made through the use cases a person would go through."""

from datetime import date, datetime, time
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from saas.access.letter_login import LetterCodes
from saas.cases.intake import IntakeReport, register_claims
from saas.kernel.clock import OSLO
from saas.kernel.servers import Servers
from tenants.models import Creditor
from tenants.provision import provision
from tenants.resolve import Tenant, open_tenant

MONDAY = date(2026, 3, 2)
_PROFILES = Path(__file__).parent.parent / "tenants" / "profiles"
_serial = count(1)


def at(day: date) -> datetime:
    """A working moment on that day, Oslo time."""
    return datetime.combine(day, time(9), OSLO)


def make_agency(servers: Servers, slug: str | None = None, sandbox_on: date = MONDAY) -> UUID:
    """A licensed agency of its own, from the shipped profile."""
    return _make(servers, "agency.toml", slug or f"fjord{next(_serial)}", sandbox_on)


def make_power(servers: Servers, slug: str | None = None, sandbox_on: date = MONDAY) -> UUID:
    """A power company that collects its own claims, from the shipped profile."""
    return _make(servers, "power.toml", slug or f"vestlys{next(_serial)}", sandbox_on)


def _make(servers: Servers, profile: str, slug: str, sandbox_on: date) -> UUID:
    made = provision(
        _PROFILES / profile, owner_dsn=servers.database_owner, slug=slug, now=at(sandbox_on), sandbox_on=sandbox_on
    )
    return made.tenant_id


def creditor_of(tenant_id: UUID, slug: str | None = None) -> UUID:
    """The id of a tenant's creditor: the first one, or the one with this slug."""
    with open_tenant(tenant_id) as tenant:
        query = sa.select(Creditor.id).where(Creditor.tenant_id == tenant_id).order_by(Creditor.number)
        return tenant.session.scalars(query.where(Creditor.slug == slug) if slug else query.limit(1)).one()


def a_claim(**changes: Any) -> dict[str, Any]:
    """One row as a creditor hands it in: a person's overdue electricity invoice."""
    serial = next(_serial)
    row = {
        "debtor_kind": "person",
        "debtor_name": f"Kari Prøve {serial}",
        "address": f"Storgata {serial}",
        "postcode": "0155",
        "city": "Oslo",
        "invoice_number": f"F{serial:06d}",
        "kind": "electricity",
        "description": "Strøm januar 2026",
        "invoiced_on": "2026-01-20",
        "due_on": "2026-02-10",
        "amount": "1 240,00",
    }
    return row | changes


def register(
    tenant_id: UUID, *rows: dict[str, Any], on: date = MONDAY, creditor: str | None = None, **options: Any
) -> IntakeReport:
    """Register claims as the creditor would. Returns the verdicts."""
    creditor_id = creditor_of(tenant_id, creditor)
    with open_tenant(tenant_id) as tenant:
        return register_claims(
            tenant, rows or (a_claim(),), creditor_id=creditor_id, today=on, now=at(on), actor="cli", **options
        )


def new_letter_code(tenant: Tenant, case_id: UUID, dispatch_id: UUID, *, valid_until: date) -> str:
    """A code that works at once."""
    codes = LetterCodes(tenant)
    code = codes.new(case_id, dispatch_id, valid_until=valid_until)
    codes.keep()
    return code
