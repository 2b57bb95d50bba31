"""The auditor (revisor): what must always hold of the book, written from the definition in plain SQL.

It shares no code with what posts or reads balances, so that the same mistake is not made on both sides.
"""

from dataclasses import dataclass

from saas.kernel.db import driver
from tenants.resolve import Tenant


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the book that cannot be right."""

    rule: str
    words: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.words}"


_FAMILY = """
with family as (select id, coalesce(joined_into, id) as head from collection_case where tenant_id = %(tenant)s),
moved as (
  select t.*, f.head from transfer t left join family f on f.id = t.case_id where t.tenant_id = %(tenant)s
)
"""

# Every rule reads whole tables. Right after much was booked PostgreSQL thinks them small and would go row by row.
_WHOLE_TABLES, _AS_BEFORE = "set local enable_nestloop = off", "set local enable_nestloop = on"

# Each rule gives one row of words per breach, and no row when all is well.
_RULES = {
    "one_source_one_entry": """
select 'source ' || source || ' has ' || count(distinct entry_id) || ' entries'
from transfer where tenant_id = %(tenant)s group by source having count(distinct entry_id) > 1
union all
select 'entry ' || entry_id || ' has several sources, cases or value dates' from transfer
where tenant_id = %(tenant)s group by entry_id
having count(distinct (source, kind, creditor_id, case_id, value_on, corrects, reason)) > 1
union all
select 'entry ' || entry_id || ' lacks a transfer in between' from transfer
where tenant_id = %(tenant)s group by entry_id having max(leg) + 1 <> count(*) or min(leg) <> 0
""",
    "claims_mirror_receivables": _FAMILY  # noqa: S608 - constants of ours
    + """
select 'case ' || coalesce(head::text, 'none') || ', ' || component || ': receivable ' || receivable
       || ' øre, claims held ' || held || ' øre'
from (
  select head, component,
         coalesce(sum(amount_ore) filter (where debit = 'receivable'), 0)
           - coalesce(sum(amount_ore) filter (where credit = 'receivable'), 0) as receivable,
         coalesce(sum(amount_ore) filter (where credit = 'claims_held'), 0)
           - coalesce(sum(amount_ore) filter (where debit = 'claims_held'), 0) as held
  from moved group by head, component
) sums where receivable <> held
""",
    "nobody_owes_less_than_nothing": _FAMILY  # noqa: S608 - constants of ours
    + """
select 'case ' || coalesce(head::text, 'none') || ', ' || component || coalesce(' of claim ' || claim_id, '')
       || ': ' || left_ore || ' øre are left'
from (
  select head, component, case when component in ('principal', 'interest') then claim_id end as claim_id,
         sum(case when debit = 'receivable' then amount_ore else -amount_ore end) as left_ore
  from moved where 'receivable' in (debit, credit) group by 1, 2, 3
) sums where left_ore < 0
""",
    "receivables_belong_to_a_case": """
select 'entry ' || entry_id || ' moves a receivable of no case or of money' from transfer
where tenant_id = %(tenant)s and 'receivable' in (debit, credit) and (case_id is null or component = 'money')
""",
    "client_account_is_somebodys": """
select 'the client account has ' || bank || ' øre, of which ' || owned || ' øre are accounted for'
from (
  select coalesce(sum(amount_ore) filter (where debit = 'client_bank'), 0)
           - coalesce(sum(amount_ore) filter (where credit = 'client_bank'), 0) as bank,
         coalesce(sum(amount_ore) filter (where credit in ('unplaced', 'owed_creditor', 'owed_debtor', 'earned')), 0)
           - coalesce(sum(amount_ore) filter (where debit in ('unplaced', 'owed_creditor', 'owed_debtor', 'earned')), 0)
           as owned
  from transfer where tenant_id = %(tenant)s
) sums where bank <> owned
""",
    "claims_are_booked_once": """
select 'claim ' || c.id || ' is ' || c.principal_ore || ' øre and booked with ' || coalesce(sum(t.amount_ore), 0)
from claim c left join transfer t on t.tenant_id = c.tenant_id and t.claim_id = c.id and t.component = 'principal'
  and t.kind = 'claim_registered' and t.debit = 'receivable' and t.credit = 'claims_held'
where c.tenant_id = %(tenant)s group by c.id, c.principal_ore having c.principal_ore <> coalesce(sum(t.amount_ore), 0)
""",
    "payments_are_booked_once": """
select 'payment ' || p.id || ' is ' || p.amount_ore || ' øre and booked with ' || coalesce(t.ore, 0)
from payment p left join (
  select source, sum(case when debit = 'client_bank' then amount_ore else -amount_ore end) as ore
  from transfer where tenant_id = %(tenant)s and kind = 'payment_received' group by source
) t on t.source = 'payment:' || p.id
where p.tenant_id = %(tenant)s and coalesce(t.ore, 0) <> case when p.state = 'new' then 0 else p.amount_ore end
""",
    "placed_means_all_of_it": """
with placed as (
  select split_part(coalesce(o.source, t.source), ':', 2) as payment,
         sum(case when t.debit = 'unplaced' then t.amount_ore else -t.amount_ore end) as ore
  from transfer t
  left join (select distinct entry_id, source from transfer where tenant_id = %(tenant)s) o on o.entry_id = t.corrects
  where t.tenant_id = %(tenant)s and t.kind = 'payment_placed' and 'unplaced' in (t.debit, t.credit) group by 1
)
select 'payment ' || p.id || ' of ' || p.amount_ore || ' øre is ' || p.state || ', and ' || coalesce(a.ore, 0)
       || ' øre of it are placed'
from payment p left join placed a on a.payment = p.id::text
where p.tenant_id = %(tenant)s and coalesce(a.ore, 0) <> case when p.state = 'placed' then p.amount_ore else 0 end
""",
    "unplaced_waits_for_a_person": """
select 'unplaced money is ' || coalesce(booked, 0) || ' øre, payments that wait are ' || coalesce(waiting, 0) || ' øre'
from (
  select (select sum(case when credit = 'unplaced' then amount_ore else -amount_ore end) from transfer
          where tenant_id = %(tenant)s and 'unplaced' in (debit, credit)) as booked,
         (select sum(amount_ore) from payment where tenant_id = %(tenant)s and state = 'unmatched') as waiting
) sums where coalesce(booked, 0) <> coalesce(waiting, 0)
""",
    "no_creditor_is_overpaid": """
select 'creditor ' || creditor_id || ' has been paid ' || -ore || ' øre more than was collected'
from (
  select creditor_id, sum(case when credit = 'owed_creditor' then amount_ore else -amount_ore end) as ore
  from transfer where tenant_id = %(tenant)s and 'owed_creditor' in (debit, credit) group by creditor_id
) sums where ore < 0
""",
    "no_more_drawn_than_earned": """
select account || ' is ' || ore || ' øre'
from (
  select a.account, sum(case when t.credit = a.account then t.amount_ore else -t.amount_ore end) as ore
  from transfer t join (values ('earned'), ('owed_debtor')) a(account) on a.account in (t.debit, t.credit)
  where t.tenant_id = %(tenant)s group by a.account
) sums where ore < 0
""",
    "payouts_are_booked_as_ordered": """
select 'payout ' || p.id || ' of ' || p.paid_ore || ' øre is booked with ' || coalesce(t.paid, 0)
       || ' øre, commission ' || p.commission_ore || ' øre with ' || coalesce(t.commission, 0) || ' øre'
from payout p left join (
  select source,
         sum(case when credit = 'client_bank' then amount_ore when debit = 'client_bank' then -amount_ore end) as paid,
         sum(case when credit = 'earned' then amount_ore end) as commission
  from transfer where tenant_id = %(tenant)s group by source
) t on t.source = 'payout:' || p.id
where p.tenant_id = %(tenant)s
  and (coalesce(t.paid, 0), coalesce(t.commission, 0), p.collected_ore)
      <> (p.paid_ore, p.commission_ore, p.paid_ore + p.commission_ore)
""",
    "corrections_answer_something": """
select 'entry ' || t.entry_id || ' corrects ' || t.corrects || ', which is not in the book'
from transfer t where t.tenant_id = %(tenant)s and t.corrects is not null
  and t.corrects not in (select entry_id from transfer where tenant_id = %(tenant)s)
union all
select 'entry ' || o.entry_id || ' of ' || o.ore || ' øre in ' || o.debit || ' is taken back with ' || c.ore || ' øre'
from (
  select entry_id, component, debit, credit, sum(amount_ore) as ore from transfer
  where tenant_id = %(tenant)s group by 1, 2, 3, 4
) o join (
  select t.corrects, t.component, t.debit, t.credit, sum(t.amount_ore) as ore from transfer t
  where t.tenant_id = %(tenant)s and t.corrects is not null
    and t.entry_id not in (
      select corrects from transfer where tenant_id = %(tenant)s and corrects is not null)
  group by 1, 2, 3, 4
) c on c.corrects = o.entry_id and c.component = o.component and c.debit = o.credit and c.credit = o.debit
where c.ore > o.ore
""",
    "own_collection_costs_no_agency_fee": """
select 'entry ' || t.entry_id || ' charges an agency fee or earns a commission without a licence'
from transfer t join tenant_settings s on s.tenant_id = t.tenant_id
where t.tenant_id = %(tenant)s and coalesce(s.licence_number, '') = ''
  and (t.component = 'collection_fee' or 'earned' in (t.debit, t.credit))
""",
}  # fmt: skip


def audit(tenant: Tenant) -> list[Finding]:
    """Recompute every invariant of one tenant's book. An empty list means that all of them hold."""
    connection, asked = driver(tenant.session), {"tenant": tenant.id}
    connection.execute(_WHOLE_TABLES)
    found = [Finding(rule, str(row[0])) for rule, query in _RULES.items() for row in connection.execute(query, asked)]
    connection.execute(_AS_BEFORE)
    return found
