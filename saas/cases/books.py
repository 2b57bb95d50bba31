"""What the book says of a case, together with the cases joined into it."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from saas.kernel.bulk import id_list
from saas.kernel.db import driver
from saas.ledger.balances import CaseBalance, balances, merged
from tenants.resolve import Tenant


def family_of(tenant: Tenant, case_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Each case, and each case joined into one of them → the case it counts with."""
    rows = (
        driver(tenant.session)
        .execute(
            "select id, joined_into from collection_case where tenant_id = %s and joined_into = any(%s::uuid[])",
            (tenant.id, id_list(case_ids)),
        )
        .fetchall()
    )
    return {case_id: case_id for case_id in case_ids} | dict(rows)


def book_of(
    tenant: Tenant, case_ids: Sequence[UUID], family: dict[UUID, UUID] | None = None
) -> dict[UUID, CaseBalance]:
    """The balance of each case, counting what was booked on cases later joined into it (law B16).

    A case joined into one that is asked for too has nothing of its own any more.
    """
    family = family if family is not None else family_of(tenant, case_ids)
    each = balances(tenant.session, list(family))
    if all(case_id == primary for case_id, primary in family.items()):
        return each
    parts: dict[UUID, list[CaseBalance]] = defaultdict(list)
    for case_id, primary in family.items():
        if case_id in each:
            parts[primary].append(each[case_id])
    return {case_id: merged(parts[case_id]) for case_id in case_ids}
