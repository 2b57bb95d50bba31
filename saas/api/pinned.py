"""What a call may touch: a creditor's key its own creditor's, found before anything is written."""

from uuid import UUID

import sqlalchemy as sa

from saas.api.auth import caller
from saas.cases.lifecycle import get_case
from saas.cases.models import Case
from saas.kernel.errors import BadInput, NotFound
from saas.kernel.ids import NIL
from tenants.models import Creditor
from tenants.resolve import Tenant


def creditor_to_write(tenant: Tenant, slug: str | None) -> UUID:
    """The creditor claims are registered for: the key's own, else the one named, else the only one.

    Raises NotFound, also when a creditor's key names another; BadInput when it is not clear which.
    """
    found = {c.slug: c.id for c in tenant.session.scalars(sa.select(Creditor).where(Creditor.tenant_id == tenant.id))}
    if caller().creditor_id != NIL:
        found = {s: creditor_id for s, creditor_id in found.items() if creditor_id == caller().creditor_id}
    if slug is None and len(found) != 1:
        raise BadInput({"creditor": ["Si hvilken oppdragsgiver kravene gjelder: ?creditor=…"]})
    if slug is not None and slug not in found:
        raise NotFound("Vi finner ikke oppdragsgiveren.")
    return found[slug] if slug is not None else next(iter(found.values()))


def creditor_named(tenant: Tenant, slug: str) -> Creditor:
    """The creditor with this slug. Raises NotFound."""
    creditor = tenant.session.scalar(
        sa.select(Creditor).where(Creditor.tenant_id == tenant.id, Creditor.slug == slug.replace("\x00", ""))
    )
    if creditor is None:
        raise NotFound("Vi finner ikke oppdragsgiveren.")
    return creditor


def case_to_write(tenant: Tenant, number: int) -> Case:
    """The case, locked. Raises NotFound, also for another tenant's and, for a creditor's key, another creditor's."""
    case = get_case(tenant, number=number, lock=True)
    if caller().creditor_id not in (NIL, case.creditor_id):
        raise NotFound("Vi finner ikke saken.")
    return case
