"""The case a row of a file means: by its number, or by the number of one of its invoices."""

from uuid import UUID

import sqlalchemy as sa

from saas.cases.lifecycle import get_case
from saas.cases.models import Case, Claim
from saas.kernel.errors import BadInput, NotFound
from saas.kernel.ids import NIL
from tenants.resolve import Tenant


def case_named(tenant: Tenant, case_number: int | None, invoice_number: str, creditor_id: UUID = NIL) -> Case:
    """The case; of one joined into another, that other one. `creditor_id` pins a creditor to its own.

    Raises NotFound, and BadInput when neither number leads to a case, or the invoice's is several.
    """
    if case_number is not None:
        found = get_case(tenant, number=case_number)
        if creditor_id not in (NIL, found.creditor_id):
            raise NotFound("Vi finner ikke saken.")
        return get_case(tenant, found.joined_into) if found.joined_into else found
    if not invoice_number.strip():
        raise BadInput({"case_number": ["Skriv saksnummeret eller fakturanummeret."]})
    query = sa.select(Claim.case_id).where(Claim.tenant_id == tenant.id, Claim.invoice_number == invoice_number.strip())
    cases = set(tenant.session.scalars(query.where(Claim.creditor_id == creditor_id) if creditor_id != NIL else query))
    if not cases:
        raise BadInput({"invoice_number": ["Vi har ingen sak med denne fakturaen."]})
    if len(cases) > 1:
        raise BadInput({"invoice_number": ["Flere saker har en faktura med dette nummeret. Skriv saksnummeret."]})
    return get_case(tenant, cases.pop())
