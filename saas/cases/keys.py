"""The keys of cases, wrapped anew when the master key has been changed."""

from uuid import UUID

import sqlalchemy as sa

from saas.cases.models import Case
from saas.kernel import crypto
from tenants.resolve import Tenant

_MANY = 5_000


def rotate_case_keys(tenant: Tenant) -> int:
    """Wrap the key of each of a tenant's cases with the master key of today. Returns how many were wrapped anew.

    Raises cryptography's InvalidTag when a case's key was wrapped with a master key that is not configured any more.
    """
    rotated, after = 0, UUID(int=0)
    while rows := tenant.session.execute(
        sa.select(Case.id, Case.case_key)
        .where(Case.tenant_id == tenant.id, Case.case_key.is_not(None), Case.id > after)
        .order_by(Case.id)
        .limit(_MANY)
        .with_for_update()
    ).all():
        for case_id, wrapped in rows:
            anew = crypto.rewrap_case_key(case_id, bytes(wrapped or b""))
            if anew is not None:
                tenant.session.execute(
                    sa.update(Case).where(Case.tenant_id == tenant.id, Case.id == case_id).values(case_key=anew)
                )
                rotated += 1
        after = rows[-1][0]
    return rotated
