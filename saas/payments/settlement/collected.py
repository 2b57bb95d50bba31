"""What was collected for each creditor, and what has left again: read from the book, by value day."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from saas.kernel.db import driver, set_wise
from saas.ledger.models import (
    CLAIMS_HELD,
    CLIENT_BANK,
    COLLECTION_FEE,
    EARNED,
    IN_TRANSIT,
    INTEREST,
    ORDERED,
    OWED_CREDITOR,
    PRINCIPAL,
)
from saas.ledger.sums import account_balances, of_accounts
from saas.rules.money import Ore
from tenants.resolve import Tenant

COMMISSION_FROM = (PRINCIPAL, INTEREST)
COMMISSION, FEE_SHARE, VAT_SET_OFF, PAID_OUT = "commission", "fee_share", "vat_set_off", "paid_out"
_LEAVES_TO = (EARNED, ORDERED, CLIENT_BANK)  # where a creditor's money goes when it is settled

_FLOWS = """
select creditor_id, value_on, account, other, case when other = 'earned' then kind else '' end as kind, component,
       sum(ore)::bigint as ore
from (
  select creditor_id, value_on, kind, component, credit as account, debit as other, amount_ore as ore
  from transfer where tenant_id = %(tenant)s and credit in ('owed_creditor', 'earned')
  union all
  select creditor_id, value_on, kind, component, debit, credit, -amount_ore
  from transfer where tenant_id = %(tenant)s and debit in ('owed_creditor', 'earned')
) sides
group by 1, 2, 3, 4, 5, 6 having sum(ore) <> 0
"""
# The newest payments by card are those that have not come: as many as make up what is on its way. What covers a payment
# has the payment's value day, also when it was taken back and placed anew, so nothing older is looked at.
_ON_THE_WAY = """
with moved as materialized (
  select split_part(source, ':', 1) as did, split_part(source, ':', 2) as id, value_on,
         case when debit = 'in_transit' then amount_ore else -amount_ore end as ore
  from transfer where tenant_id = %(tenant)s and 'in_transit' in (debit, credit)
), paid as (
  select id, min(value_on) as value_on, sum(ore) as ore from moved where did in ('payment', 'reversed') group by id
), newest as (
  select id, value_on, sum(ore) over (order by value_on desc, id desc) - ore as newer_ore from paid where ore > 0
), waiting as materialized (
  select id, value_on from newest where newer_ore < (select sum(ore) from moved)
), recent as materialized (
  select entry_id, corrects, source, creditor_id, value_on, component,
         case when credit = 'claims_held' then debit else credit end as account,
         case when debit = 'claims_held' then amount_ore else -amount_ore end as ore
  from transfer
  where tenant_id = %(tenant)s and value_on >= (select min(value_on) from waiting)
    and 'claims_held' in (debit, credit) and ('owed_creditor' in (debit, credit) or 'earned' in (debit, credit))
), placed as (
  select coalesce(o.source, t.source) as source, t.creditor_id, t.value_on, t.account, t.component, t.ore
  from recent t left join (select distinct entry_id, source from recent) o
    on o.entry_id = t.corrects and t.source like 'undone:%%'
)
select creditor_id, value_on, account, 'claims_held' as other, '' as kind, component, sum(ore)::bigint as ore
from placed where split_part(source, ':', 1) = 'placed' and split_part(source, ':', 2) in (select id from waiting)
group by 1, 2, 3, 6 having sum(ore) <> 0
"""


class Flow(NamedTuple):
    """What came to `account` from `other` on a value day, in øre; below zero what went there."""

    creditor_id: UUID
    value_on: date
    account: str
    other: str
    kind: str
    component: str
    ore: int


@dataclass(slots=True)
class Collected:
    """One creditor's money: what came by day, what is held by component, and what was kept and shared so far. Øre."""

    came: Counter[date] = field(default_factory=Counter)
    commission_base: Counter[date] = field(default_factory=Counter)
    fees: Counter[date] = field(default_factory=Counter)  # collection fees debtors paid, the agency's
    owed: Counter[str] = field(default_factory=Counter)  # component → held
    left_ore: int = 0
    commission_ore: int = 0
    fee_share_ore: int = 0
    on_the_way_ore: int = 0  # paid by card, not yet on the client account: not counted in the rest

    @property
    def held_ore(self) -> Ore:
        """What stands on the client account for the creditor."""
        return Ore(sum(self.owed.values()))

    @property
    def oldest_on(self) -> date | None:
        """The value day of the oldest øre not paid out, the first in being the first out; None when nothing is held."""
        gone = max(0, self.left_ore) - sum(ore for ore in self.came.values() if ore < 0)
        for day in sorted(self.came):
            if self.came[day] > 0:
                gone -= self.came[day]
                if gone < 0:
                    return day
        return None

    def add(self, flow: Flow) -> None:
        """Count one flow in."""
        if flow.account == EARNED:
            if flow.component == COLLECTION_FEE and flow.other == CLAIMS_HELD:
                self.fees[flow.value_on] += flow.ore
            return
        self.owed[flow.component] += flow.ore
        if flow.other in _LEAVES_TO:
            self.left_ore -= flow.ore
        else:
            self.came[flow.value_on] += flow.ore
            if flow.component in COMMISSION_FROM:
                self.commission_base[flow.value_on] += flow.ore
        if flow.kind in (COMMISSION, PAID_OUT):
            self.commission_ore -= flow.ore
        elif flow.kind == FEE_SHARE:
            self.fee_share_ore += flow.ore

    def without(self, flow: Flow) -> None:
        """Leave out what is not on the client account yet."""
        if flow.account == OWED_CREDITOR:
            self.on_the_way_ore += flow.ore
        self.add(flow._replace(ore=-flow.ore))


def collected(tenant: Tenant) -> Mapping[UUID, Collected]:
    """What was collected for each creditor and has reached the client account (law I6: that day counts)."""
    found: defaultdict[UUID, Collected] = defaultdict(Collected)
    for flow in _flows(tenant, _FLOWS):
        found[flow.creditor_id].add(flow)
    for flow in _on_the_way(tenant):
        found[flow.creditor_id].without(flow)
    return found


def earned_on_the_way(tenant: Tenant) -> Ore:
    """What is the agency's of payments by card that are not on the client account yet."""
    return Ore(sum(flow.ore for flow in _on_the_way(tenant) if flow.account == EARNED))


def _on_the_way(tenant: Tenant) -> list[Flow]:
    """Read after all that came: what arrives or is placed in between is held back, never paid out too early."""
    in_transit = of_accounts(account_balances(tenant.session, date.max)).get(IN_TRANSIT, 0)
    return _flows(tenant, _ON_THE_WAY) if in_transit > 0 else []


def _flows(tenant: Tenant, query: str) -> list[Flow]:
    connection = driver(tenant.session)
    with set_wise(connection), connection.cursor(row_factory=class_row(Flow)) as cursor:
        return cursor.execute(query, {"tenant": tenant.id}).fetchall()
