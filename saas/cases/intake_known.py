"""What is already there when claims come in: claims, debtors, cases that can take one more, KIDs in use.

Each is one pass over `= any(list)` with look-ups by key in the select list, and no join: on tables that have grown by a
large file since they were last analysed, the planner takes a join for tiny and makes it quadratic.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.rows import namedtuple_row

from saas.kernel.db import driver
from tenants.resolve import Tenant


class OpenCase(NamedTuple):
    """A registered case that no letter has gone out on, and the span of its claims' due dates."""

    id: UUID
    number: int
    identity: str
    case_key: bytes
    first_due_on: date
    last_due_on: date


def lock_intake(tenant: Tenant, creditor_id: UUID) -> None:
    """One intake at a time for a creditor, until COMMIT: what is read below stays true."""
    key = f"intake:{tenant.id}:{creditor_id}"
    driver(tenant.session).execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (key,))


def known_claims(tenant: Tenant, creditor_id: UUID, invoice_numbers: Collection[str]) -> dict[str, dict[str, int]]:
    """Invoice number → debtor identity → case number, of the creditor's claims with these invoice numbers."""
    known: dict[str, dict[str, int]] = defaultdict(dict)
    query = """
        select k.invoice_number,
               (select d.identity from debtor d where d.tenant_id = k.tenant_id and d.id = k.debtor_id) as identity,
               (select c.number from collection_case c where c.tenant_id = k.tenant_id and c.id = k.case_id) as number
        from claim k
        where k.tenant_id = %(tenant)s and k.creditor_id = %(creditor)s and k.invoice_number = any(%(invoices)s)
    """
    asked = {"tenant": tenant.id, "creditor": creditor_id, "invoices": list(invoice_numbers)}
    for row in _rows(tenant, query, asked):
        known[row.invoice_number][row.identity] = row.number
    return known


def open_cases(tenant: Tenant, creditor_id: UUID, identities: Collection[str]) -> dict[str, list[OpenCase]]:
    """Cases new claims of these debtors may join, locked, by debtor identity, oldest first (law B16).

    Registered, no letter out or under way, and none the creditor sent before.
    """
    debtors = {
        row.id: row.identity
        for row in _rows(
            tenant,
            "select id, identity from debtor where tenant_id = %(tenant)s and identity = any(%(identities)s)",
            {"tenant": tenant.id, "identities": list(identities)},
        )
    }
    found: dict[str, list[OpenCase]] = defaultdict(list)
    for row in _rows(tenant, _OPEN, {"tenant": tenant.id, "creditor": creditor_id, "debtors": list(debtors)}):
        if not row.has_letter:
            identity = debtors[row.debtor_id]
            found[identity].append(
                OpenCase(row.id, row.number, identity, row.case_key, row.first_due_on, row.last_due_on)
            )
    return found


_OPEN = """
select c.id, c.number, c.debtor_id, c.case_key,
       (select min(due_on) from claim k where k.tenant_id = c.tenant_id and k.case_id = c.id) as first_due_on,
       (select max(due_on) from claim k where k.tenant_id = c.tenant_id and k.case_id = c.id) as last_due_on,
       (exists (select from dispatch x where x.tenant_id = c.tenant_id and x.case_id = c.id
                and x.step <> '' and x.state not in ('failed', 'withdrawn'))
        or exists (select from earlier_notice e where e.tenant_id = c.tenant_id and e.case_id = c.id)) as has_letter
from collection_case c
where c.tenant_id = %(tenant)s and c.debtor_id = any(%(debtors)s) and c.creditor_id = %(creditor)s
  and c.stage = 10 and c.case_key is not null
order by c.id for update
"""


def kids_in_use(tenant: Tenant, kids: Collection[str]) -> dict[str, tuple[UUID, str]]:
    """KID → (case, debtor identity) of those that already mean a case on the tenant's account."""
    query = """
        select a.kid, a.case_id,
               (select d.identity from debtor d where d.tenant_id = a.tenant_id and d.id = (
                  select c.debtor_id from collection_case c where c.tenant_id = a.tenant_id and c.id = a.case_id
               )) as identity
        from kid_alias a
        where a.tenant_id = %(tenant)s and a.account = %(account)s and a.kid = any(%(kids)s)
    """
    asked = {"tenant": tenant.id, "account": tenant.settings.client_account, "kids": list(kids)}
    return {row.kid: (row.case_id, row.identity) for row in _rows(tenant, query, asked)}


def _rows(tenant: Tenant, query: str, asked: dict[str, Any]) -> list[Any]:
    with driver(tenant.session).cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(query, asked).fetchall()
