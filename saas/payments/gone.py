"""Money that was on a case and is not any more, as its debtor is told (tilbakeført betaling)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from saas.cases.books import family_of
from saas.kernel.db import driver
from saas.rules.money import Ore
from tenants.resolve import Tenant

# What left a payment on the case, and what was taken off it to be placed on another.
_GONE = """
select r.value_on as on_day, r.amount_ore, r.reason as why, p.value_on as paid_on
from transfer r join payment p on p.tenant_id = r.tenant_id and p.id = split_part(r.source, ':', 2)::uuid
where r.tenant_id = %(tenant)s and r.case_id = any(%(family)s) and r.kind = 'money_went_back'
union all
select u.booked_at::date, sum(u.amount_ore)::bigint, 'moved', p.value_on
from transfer u join payment p on p.tenant_id = u.tenant_id and p.id = split_part(u.reason, ':', 2)::uuid
join transfer o on o.tenant_id = u.tenant_id and o.entry_id = u.corrects and o.leg = u.leg
where u.tenant_id = %(tenant)s and u.case_id = any(%(family)s) and u.reason like 'moved:%%'
  and u.kind = 'payment_placed' and u.credit = 'unplaced'
  and split_part(o.source, ':', 2) = split_part(u.reason, ':', 2)
  and not p.case_id = any(%(family)s)
group by u.booked_at::date, u.reason, p.value_on
order by 1 desc
"""


@dataclass(frozen=True, slots=True)
class Gone:
    """Money that went away again: when and how much, why as a code, and the day it had been paid."""

    on: date
    amount_ore: Ore
    why: str  # bounced, charged_back, refunded, sent_back, moved …
    paid_on: date


def gone_from(tenant: Tenant, case_id: UUID) -> list[Gone]:
    """What went away again from a case, the newest first."""
    asked = {"tenant": tenant.id, "family": list(family_of(tenant, [case_id]))}
    return [Gone(*row) for row in driver(tenant.session).execute(_GONE, asked)]
