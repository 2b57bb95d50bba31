"""Money on its way back to debtors (tilbakebetaling), as far as it can be ordered."""

from collections.abc import Sequence

import sqlalchemy as sa
from stdnum.no import kontonr

from saas.cases.models import Case
from saas.kernel.db import driver
from saas.payments.models import Repayment
from tenants.resolve import Tenant

_OWED = """
with heads as (
  select id, coalesce(joined_into, id) as head from collection_case where tenant_id = %(tenant)s and (
    coalesce(joined_into, id) in (
      select coalesce(joined_into, id) from collection_case where tenant_id = %(tenant)s and id = any(%(cases)s)))
), owed as (
  select h.head, sum(case when t.credit = 'owed_debtor' then t.amount_ore else -t.amount_ore end) as ore
  from transfer t join heads h on h.id = t.case_id
  where t.tenant_id = %(tenant)s and 'owed_debtor' in (t.debit, t.credit) group by 1
)
select h.id, h.head, coalesce(o.ore, 0)::bigint from heads h left join owed o on o.head = h.head
"""
_PAYER = "Innbetaler"  # of a payment that was never on a case: the bank knows them by the account


def repayments_to_order(tenant: Tenant) -> Sequence[tuple[Repayment, str]]:
    """Repayments that are due, have an account, and are covered by what the debtor has to their credit; locked.

    Each with the debtor's name. One that is not covered any longer waits for a person.
    """
    rows = tenant.session.execute(
        sa.select(Repayment, Case.debtor_name)
        .outerjoin(Case, sa.and_(Case.tenant_id == Repayment.tenant_id, Case.id == Repayment.case_id))
        .where(Repayment.tenant_id == tenant.id, Repayment.state == "due", Repayment.account != "")
        .order_by(Repayment.id)
        .with_for_update(of=Repayment)
    ).all()
    if not rows:
        return []
    asked = {"tenant": tenant.id, "cases": [row.case_id for row, _ in rows if row.case_id]}
    heads, left = {}, {}
    for case_id, head, ore in driver(tenant.session).execute(_OWED, asked):
        heads[case_id], left[head] = head, ore
    covered = []
    for row, name in rows:
        if not kontonr.is_valid(row.account):
            continue
        if row.case_id is not None:
            head = heads[row.case_id]
            if row.amount_ore > left[head]:
                continue
            left[head] -= row.amount_ore
        covered.append((row, name or _PAYER))
    return covered
