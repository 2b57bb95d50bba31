"""Find a tenant, and open it: one transaction in which everything belongs to that tenant."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.db import directory_session, tenant_session
from saas.kernel.errors import BadInput, NotFound
from saas.kernel.ids import NIL
from saas.rules.facts import Policy
from tenants.keeping import keep
from tenants.models import Creditor, TenantEntry, TenantSettings
from tenants.notes import gathered
from tenants.plugins import Hooks, hooks_for


@dataclass(frozen=True)
class Tenant:
    """A tenant with its transaction: what every use case is handed first."""

    id: UUID
    slug: str
    settings: TenantSettings
    session: Session
    creditor_id: UUID = NIL  # the creditor whose rows are in sight; nil = all

    @property
    def sandbox_on(self) -> date | None:
        """Where a sandbox clock stands (saas.kernel.clock); None = the real clock."""
        return self.settings.sandbox_on

    @property
    def has_licence(self) -> bool:
        """Whether it may collect for others and take an agency fee (INKL § 4)."""
        return bool(self.settings.licence_number)

    @cached_property
    def policy(self) -> Policy:
        """What it has chosen within the law; what it has not chosen stands at the default."""
        known = {f.name for f in fields(Policy)}
        chosen = {name: value for name, value in self.settings.policy.items() if name in known}
        if "media_order" in chosen:
            chosen["media_order"] = tuple(chosen["media_order"])  # JSON knows lists only
        return Policy(**chosen | {"new_act_from": settings().new_act_from})

    def hooks_for(self, creditor_id: UUID) -> Hooks:
        """The plugins in force for one creditor of this tenant (nil: the tenant's own only)."""
        return hooks_for(self.session, self.id, self.settings.revision, creditor_id)


@contextmanager
def open_tenant(tenant_id: UUID, creditor_id: UUID = NIL) -> Iterator[Tenant]:
    """One transaction of a tenant, committed at the end. Raises NotFound when there is no such tenant."""
    with tenant_session(tenant_id, creditor_id) as session:
        row = session.execute(
            sa.select(TenantEntry.slug, TenantSettings)
            .join(TenantSettings, TenantSettings.tenant_id == TenantEntry.id)
            .where(TenantEntry.id == tenant_id)
        ).one_or_none()
        if row is None:
            raise NotFound("Det finnes ingen slik leietaker.")
        tenant = Tenant(tenant_id, row[0], row[1], session, creditor_id)
        with gathered() as notes:
            yield tenant
        if creditor_id == NIL and not notes.trial:
            keep(session, tenant_id, notes, clock.today(tenant))


def find_tenant(*, slug: str | None = None, host: str | None = None) -> UUID:
    """The id of the tenant with this slug or host name. Raises NotFound."""
    condition = TenantEntry.slug == slug if slug is not None else TenantEntry.host == host
    with directory_session() as session:
        tenant_id = session.scalar(sa.select(TenantEntry.id).where(condition))
    if tenant_id is None:
        raise NotFound("Det finnes ingen slik leietaker.")
    return tenant_id


def all_tenants() -> list[tuple[UUID, str]]:
    """Id and slug of every tenant, oldest first."""
    with directory_session() as session:
        rows = session.execute(sa.select(TenantEntry.id, TenantEntry.slug).order_by(TenantEntry.created_at))
        return [(row.id, row.slug) for row in rows]


def creditor_named(tenant: Tenant, slug: str | None) -> Creditor:
    """The tenant's creditor with this slug; its only one when none is named. Raises NotFound or BadInput."""
    query = sa.select(Creditor).where(Creditor.tenant_id == tenant.id)
    found = tenant.session.scalars(query.where(Creditor.slug == slug) if slug else query).all()
    if not found:
        raise NotFound("Det finnes ingen slik kreditor.")
    if len(found) > 1:
        raise BadInput({"creditor": "Si hvilken kreditor: " + ", ".join(sorted(c.slug for c in found))})
    return found[0]
