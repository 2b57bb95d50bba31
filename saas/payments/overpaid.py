"""What was paid too much on a case is the debtor's: it waits as a repayment until it is sent (law D6, I6)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg.rows import namedtuple_row

from saas.cases.books import family_of
from saas.cases.lifecycle import record_on_case
from saas.cases.models import Case
from saas.kernel.db import driver
from saas.kernel.ids import new_id
from saas.payments.models import Repayment
from saas.payments.telling import tell_of_surplus
from tenants.resolve import Tenant

DUE = "due"
OVERPAID, PAID_TWICE, MAY_BE_ANOTHER_CASE = "overpaid", "paid_twice", "may_be_another_case"

_OWED = """
select case_id, sum(case when credit = 'owed_debtor' then amount_ore else -amount_ore end)::bigint
from transfer where tenant_id = %(tenant)s and case_id = any(%(family)s) and 'owed_debtor' in (debit, credit)
group by 1
"""
_REPAID = """
select distinct case_id from repayment
where tenant_id = %(tenant)s and case_id = any(%(family)s) and state in ('ordered', 'paid')
"""
# Who is to have it: the payer of the newest payment on the case, since that is the one too many.
_NEWEST = """
select distinct on (coalesce(c.joined_into, c.id)) coalesce(c.joined_into, c.id) as head, p.debit_account,
  p.debit_account <> '' and exists (
    select from payment o where o.tenant_id = p.tenant_id and o.case_id = p.case_id and o.id <> p.id
      and o.state = 'placed' and o.debit_account = p.debit_account and o.amount_ore = p.amount_ore) as twice,
  exists (
    select from collection_case o where o.tenant_id = c.tenant_id and o.debtor_id = c.debtor_id
      and o.creditor_id = c.creditor_id and o.stage <> 90 and o.id <> coalesce(c.joined_into, c.id)) as has_another
from payment p join collection_case c on c.tenant_id = p.tenant_id and c.id = p.case_id
where p.tenant_id = %(tenant)s and p.case_id = any(%(family)s) and p.state = 'placed' and p.amount_ore > p.gone_ore
order by 1, p.value_on desc, p.id desc
"""


def note_overpaid(tenant: Tenant, cases: Sequence[Case], *, now: datetime, actor: str) -> None:
    """Let the repayments that wait for each locked case come to what the book owes its debtor, no more and no less.

    A repayment goes to the account the newest payment came from. It waits for a person when that is not known, and
    when the debtor has another open case with the creditor: then the money may have been meant for it (law N6).
    """
    if not cases:
        return
    tenant.session.flush()
    family = family_of(tenant, [case.id for case in cases])
    asked = {"tenant": tenant.id, "family": list(family)}
    connection = driver(tenant.session)
    owed: dict[UUID, int] = {}
    for case_id, ore in connection.execute(_OWED, asked):
        owed[family[case_id]] = owed.get(family[case_id], 0) + ore
    waiting = _waiting(tenant, family)
    if not owed and not waiting:
        return
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        rows: list[Any] = cursor.execute(_NEWEST, asked).fetchall()
    newest = {row.head: row for row in rows}
    for case in cases:
        _come_to(tenant, case, owed.get(case.id, 0), waiting.get(case.id, []), newest.get(case.id), now, actor)
    tenant.session.flush()


def repaid_beyond(tenant: Tenant, case_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Cases whose debtor has been paid back more than is left over now that payments were taken back, and how much."""
    family = family_of(tenant, case_ids)
    asked = {"tenant": tenant.id, "family": list(family)}
    connection = driver(tenant.session)
    repaid = {family[case_id] for (case_id,) in connection.execute(_REPAID, asked)}
    if not repaid:
        return {}
    owed: dict[UUID, int] = {}
    for case_id, ore in connection.execute(_OWED, asked):
        owed[family[case_id]] = owed.get(family[case_id], 0) + ore
    return {case_id: -ore for case_id, ore in owed.items() if ore < 0}


def _waiting(tenant: Tenant, family: Mapping[UUID, UUID]) -> dict[UUID, list[Repayment]]:
    """Repayments not ordered yet, by case. What is ordered is no longer on the debtor's account in the book."""
    found: dict[UUID, list[Repayment]] = {}
    rows = tenant.session.scalars(
        sa.select(Repayment)
        .where(Repayment.tenant_id == tenant.id, Repayment.case_id.in_(list(family)), Repayment.state == DUE)
        .order_by(Repayment.id)
        .with_for_update()
    )
    for row in rows:
        if row.case_id is not None:
            found.setdefault(family[row.case_id], []).append(row)
    return found


def _come_to(
    tenant: Tenant, case: Case, owed_ore: int, waiting: list[Repayment], newest: Any, now: datetime, actor: str
) -> None:
    """Only the one for what was paid too much follows the book; one for a payment sent back was decided by somebody."""
    own = [row for row in waiting if row.payment_id is None]
    wanted_ore = owed_ore - sum(row.amount_ore for row in waiting if row.payment_id is not None)
    for spare in own[1:]:
        tenant.session.delete(spare)
    row = own[0] if own else None
    if wanted_ore <= 0:
        if row is not None:
            tenant.session.delete(row)
            _tell(tenant, case, 0, "", now, actor)
        return
    reason, account = _whereto(newest)
    if row is None:
        row = Repayment(
            tenant_id=tenant.id,
            id=new_id(),
            creditor_id=case.creditor_id,
            case_id=case.id,
            payment_id=None,
            amount_ore=wanted_ore,
            account=account,
            state=DUE,
            reason=reason,
            made_on=now.date(),
            order_id=None,
        )
        tenant.session.add(row)
        _tell(tenant, case, wanted_ore, reason, now, actor)
        if reason != MAY_BE_ANOTHER_CASE and case.case_key is not None:
            tell_of_surplus(tenant, case, wanted_ore, now=now, actor=actor)
    elif row.amount_ore != wanted_ore:
        if wanted_ore > row.amount_ore:  # more has come: for another reason, or from another account
            row.reason, row.account = reason, account
        row.amount_ore = wanted_ore
        _tell(tenant, case, wanted_ore, row.reason, now, actor)


def _whereto(newest: Any) -> tuple[str, str]:
    """Why, and to which account; '' when a person must say."""
    if newest is None:
        return OVERPAID, ""
    if newest.has_another:
        return MAY_BE_ANOTHER_CASE, ""
    return PAID_TWICE if newest.twice else OVERPAID, newest.debit_account


def _tell(tenant: Tenant, case: Case, amount_ore: int, reason: str, now: datetime, actor: str) -> None:
    if case.case_key is not None:
        body = {"amount_ore": amount_ore, "reason": reason}
        record_on_case(tenant, case, "repayment.due", body, now=now, actor=actor)
