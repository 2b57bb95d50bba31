"""The right to costs lost in a case (tapte kostnader): what was charged, what comes off it, what can still be charged.

`saas.payments.lost_costs` does it, since money already paid for such costs is placed anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from saas.kernel.db import driver
from saas.ledger.models import CLAIMS_HELD, COLLECTION_FEE, NOTICE_FEE, RECEIVABLE
from saas.ledger.post import Entry, Leg
from saas.rules.lost_costs import ChargedCosts, Scope
from saas.rules.money import Ore
from tenants.resolve import Tenant

_FEES = """
select t.entry_id, t.case_id, t.creditor_id, t.claim_id, t.component,
       t.amount_ore - coalesce((
         select sum(c.amount_ore) from transfer c
         where c.tenant_id = t.tenant_id and c.corrects = t.entry_id and c.component = t.component
           and c.kind <> 'fee_repriced'  -- a payment's doing: answered with it when payments are placed anew
           and c.debit = t.credit and c.credit = t.debit), 0)::bigint as left_ore,
       case when d.id is not null then d.sent_on when n.id is not null then n.sent_on else t.value_on end as charged_on
from transfer t
left join dispatch d on d.tenant_id = t.tenant_id and d.case_id = t.case_id and d.entry_id = t.entry_id
left join earlier_notice n on n.tenant_id = t.tenant_id and n.case_id = any(%(family)s)
  and t.source = 'earlier:' || n.id
where t.tenant_id = %(tenant)s and t.case_id = any(%(family)s) and t.kind = 'fee_charged'
  and t.component in ('notice_fee', 'collection_fee') and t.debit = 'receivable'
order by t.value_on desc, t.id desc
"""
_PAID = """
select component, sum(case when credit = 'receivable' then amount_ore else -amount_ore end)::bigint
from transfer
where tenant_id = %(tenant)s and case_id = any(%(family)s) and component in ('notice_fee', 'collection_fee')
  and (debit, credit) in (('unplaced', 'receivable'), ('receivable', 'unplaced'))
group by component
"""


def lost_of(losses: Iterable[Sequence[Any]]) -> tuple[str, date | None]:
    """What can no longer be charged, and the day the ladder last began anew (law B19, N9).

    `losses` are (scope, restarts, decided on), oldest first. A new beginning lets costs be charged again.
    """
    lost, restarted_on = "", None
    for scope, restarts, decided_on in losses:
        if restarts:
            lost, restarted_on = "", decided_on
        elif scope == Scope.ALL or (scope == Scope.AGENCY_FEE and lost != Scope.ALL):
            lost = str(scope)
    return lost, restarted_on


@dataclass(frozen=True, slots=True)
class ChargedFee:
    """A fee in the book and what still stands of it. `charged_on` None: its letter is not proven sent."""

    entry_id: UUID
    case_id: UUID
    creditor_id: UUID
    claim_id: UUID | None
    component: str
    left_ore: int
    charged_on: date | None


def charged_fees(tenant: Tenant, family: Mapping[UUID, UUID]) -> list[ChargedFee]:
    """Every fee that stands on a case and those joined into it, the newest first."""
    with driver(tenant.session).cursor(row_factory=class_row(ChargedFee)) as cursor:
        rows = cursor.execute(_FEES, {"tenant": tenant.id, "family": list(family)}).fetchall()
    return [row for row in rows if row.left_ore > 0]


def charged_costs(
    tenant: Tenant, family: Mapping[UUID, UUID], fees: Sequence[ChargedFee], known: Sequence[ChargedFee]
) -> ChargedCosts:
    """The sums of these fees, and how much of them is paid: of all that is `known`, money covered the others first."""
    asked = {"tenant": tenant.id, "family": list(family)}
    paid: dict[str, int] = dict(driver(tenant.session).execute(_PAID, asked).fetchall())
    sums = []
    for component in (NOTICE_FEE, COLLECTION_FEE):
        chosen_ore, all_ore = (sum(f.left_ore for f in each if f.component == component) for each in (fees, known))
        paid_ore = max(0, min(paid.get(component, 0), all_ore) - (all_ore - chosen_ore))
        sums.append((Ore(chosen_ore), Ore(paid_ore)))
    (notice_ore, paid_notice_ore), (fee_ore, paid_fee_ore) = sums
    return ChargedCosts(notice_ore, fee_ore, paid_notice_ore, paid_fee_ore)


def taking_off(
    fees: Iterable[ChargedFee], wanted_ore: Mapping[str, int], *, loss_id: UUID, reason: str, now: datetime
) -> list[Entry]:
    """The entries that take so much of each component off, the newest fee first; each names the one it corrects."""
    left, entries = dict(wanted_ore), []
    for fee in fees:
        ore = min(fee.left_ore, left.get(fee.component, 0))
        if ore <= 0:
            continue
        left[fee.component] -= ore
        entries.append(
            Entry(
                source=f"lost:{loss_id}:{fee.entry_id}",
                kind="costs_lost",
                creditor_id=fee.creditor_id,
                case_id=fee.case_id,
                legs=(Leg(CLAIMS_HELD, RECEIVABLE, fee.component, Ore(ore), fee.claim_id),),
                value_on=now.date(),
                corrects=fee.entry_id,
                reason=reason,
            )
        )
    return entries
