"""What a case that has ended came to (INKL § 15; law I5): demanded, paid, let go, and what the agency charged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from saas.kernel.db import driver
from saas.ledger.models import COLLECTION_FEE, FEE_INTEREST
from saas.payments.settlement.terms import agreed_terms, commission_to_date
from saas.rules.money import Ore
from tenants.resolve import Tenant

_ENDED = """
with ended as (
  select id, number, debtor_name, closed_on, closed_because from collection_case
  where tenant_id = %(tenant)s and creditor_id = %(creditor)s and closed_on between %(first)s and %(last)s
    and joined_into is null
), family as (
  select c.id, coalesce(c.joined_into, c.id) as head from collection_case c
  where c.tenant_id = %(tenant)s and coalesce(c.joined_into, c.id) in (select id from ended)
), moved as (
  select f.head, t.* from transfer t join family f on f.id = t.case_id where t.tenant_id = %(tenant)s
), sums as (
  select head, component,
         sum(case when debit = 'receivable' then amount_ore else -amount_ore end)
           filter (where 'claims_held' in (debit, credit) and 'receivable' in (debit, credit)
             and kind <> 'written_off') as demanded,
         sum(case when credit = 'receivable' then amount_ore else -amount_ore end)
           filter (where 'receivable' in (debit, credit) and 'unplaced' in (debit, credit)) as paid,
         sum(case when credit = 'receivable' then amount_ore else -amount_ore end)
           filter (where 'receivable' in (debit, credit) and kind = 'written_off') as let_go
  from moved group by 1, 2
)
select e.number, e.debtor_name, e.closed_on, coalesce(e.closed_because, ''),
       coalesce(jsonb_object_agg(s.component, s.demanded) filter (where s.demanded <> 0), '{}'),
       coalesce(jsonb_object_agg(s.component, s.paid) filter (where s.paid <> 0), '{}'),
       coalesce(jsonb_object_agg(s.component, s.let_go) filter (where s.let_go <> 0), '{}'),
       (select coalesce(jsonb_object_agg(value_on, ore), '{}') from (
          select m.value_on, sum(case when m.credit = 'owed_creditor' then m.amount_ore else -m.amount_ore end) as ore
          from moved m where m.head = e.id and 'owed_creditor' in (m.debit, m.credit)
            and m.component in ('principal', 'interest') group by 1) days)
from ended e left join sums s on s.head = e.id
group by e.id, e.number, e.debtor_name, e.closed_on, e.closed_because order by e.closed_on, e.number
"""


@dataclass(frozen=True, slots=True)
class Completion:
    """One case that ended. Øre, by component."""

    case_number: int
    debtor_name: str
    closed_on: date
    because: str
    demanded: Mapping[str, int]
    paid: Mapping[str, int]
    let_go: Mapping[str, int]
    commission_ore: Ore  # by the agreements of the days the money came; settled together with other cases'

    @property
    def charged_ore(self) -> Ore:
        """What the agency takes for it: the fee the debtor paid, interest on it, and its commission."""
        fees = sum(self.paid.get(component, 0) for component in (COLLECTION_FEE, FEE_INTEREST))
        return Ore(fees + self.commission_ore)


def completions(tenant: Tenant, creditor_id: UUID, first: date, last: date) -> Iterator[Completion]:
    """The creditor's cases that ended from `first` to `last`, in the order they did."""
    terms = agreed_terms(tenant).get(creditor_id, ())
    asked = {"tenant": tenant.id, "creditor": creditor_id, "first": first, "last": last}
    for number, name, closed_on, because, demanded, paid, let_go, base in driver(tenant.session).execute(_ENDED, asked):
        by_day = {date.fromisoformat(day): int(ore) for day, ore in base.items()}
        yield Completion(number, name, closed_on, because, demanded, paid, let_go, commission_to_date(terms, by_day))
