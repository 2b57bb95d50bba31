"""The whole book of a tenant, or of one creditor, in two sums that must come out (oppstilling)."""

from dataclasses import dataclass
from uuid import UUID

from saas.kernel.db import driver
from saas.rules.money import NO_MONEY, Ore
from tenants.resolve import Tenant


@dataclass(frozen=True, slots=True)
class TenantTotals:
    """What was charged and what became of it; what stands on the client account and whose it is. Øre."""

    claims_ore: Ore
    interest_ore: Ore
    notice_fees_ore: Ore
    collection_fees_ore: Ore
    compensation_ore: Ore
    fee_interest_ore: Ore
    paid_ore: Ore
    written_off_ore: Ore
    remaining_ore: Ore
    client_account_ore: Ore
    owed_to_creditors_ore: Ore
    owed_to_debtors_ore: Ore
    unplaced_ore: Ore
    earned_not_drawn_ore: Ore
    ordered_ore: Ore = NO_MONEY  # to be paid out, not yet carried out by the bank
    in_transit_ore: Ore = NO_MONEY  # paid by card or Vipps, not yet on the client account

    @property
    def charged_ore(self) -> Ore:
        """Claims, interest, fees and compensation together."""
        fees = self.notice_fees_ore + self.collection_fees_ore + self.compensation_ore
        return Ore(self.claims_ore + self.interest_ore + fees + self.fee_interest_ore)

    @property
    def claims_add_up(self) -> bool:
        """Claims + interest + fees = paid + remaining + written off."""
        return self.charged_ore == self.paid_ore + self.remaining_ore + self.written_off_ore

    @property
    def money_adds_up(self) -> bool:
        """Client account + in transit = owed to creditors and debtors + unplaced + earned and not drawn + ordered."""
        held = self.owed_to_creditors_ore + self.owed_to_debtors_ore + self.unplaced_ore + self.earned_not_drawn_ore
        return self.client_account_ore + self.in_transit_ore == held + self.ordered_ore


_TOTALS = """
with moved as (
  select debit, credit, component, kind, amount_ore from transfer
  where tenant_id = %(tenant)s and (%(creditor)s::uuid is null or creditor_id = %(creditor)s)
),
claims as (
  select component, kind, credit, case when debit = 'receivable' then amount_ore else -amount_ore end as ore,
         'unplaced' in (debit, credit) as by_payment
  from moved where 'receivable' in (debit, credit)
),
accounts as (
  select debit as account, amount_ore as ore from moved union all select credit, -amount_ore from moved
)
select
  (select array[
     coalesce(sum(ore) filter (where not by_payment and kind <> 'written_off' and component = 'principal'), 0),
     coalesce(sum(ore) filter (where not by_payment and kind <> 'written_off' and component = 'interest'), 0),
     coalesce(sum(ore) filter (where not by_payment and kind <> 'written_off' and component = 'notice_fee'), 0),
     coalesce(sum(ore) filter (where not by_payment and kind <> 'written_off' and component = 'collection_fee'), 0),
     coalesce(sum(ore) filter (where not by_payment and kind <> 'written_off' and component = 'compensation'), 0),
     coalesce(sum(ore) filter (where not by_payment and kind <> 'written_off' and component = 'fee_interest'), 0),
     coalesce(-sum(ore) filter (where by_payment), 0),
     coalesce(-sum(ore) filter (where kind = 'written_off'), 0)]::bigint[] from claims),
  (select array[
     coalesce(sum(ore) filter (where account = 'receivable'), 0),
     coalesce(sum(ore) filter (where account = 'client_bank'), 0),
     coalesce(-sum(ore) filter (where account = 'owed_creditor'), 0),
     coalesce(-sum(ore) filter (where account = 'owed_debtor'), 0),
     coalesce(-sum(ore) filter (where account = 'unplaced'), 0),
     coalesce(-sum(ore) filter (where account = 'earned'), 0),
     coalesce(-sum(ore) filter (where account = 'ordered'), 0),
     coalesce(sum(ore) filter (where account = 'in_transit'), 0)]::bigint[] from accounts)
"""


def tenant_totals(tenant: Tenant, creditor_id: UUID | None = None) -> TenantTotals:
    """The totals of everything booked, or of one creditor's cases.

    For one creditor only the claims add up: money comes in before anybody knows whose it is.
    """
    asked = {"tenant": tenant.id, "creditor": creditor_id}
    row = driver(tenant.session).execute(_TOTALS, asked).fetchone()
    if row is None:
        raise RuntimeError("a query of sums gives one row")
    return TenantTotals(*row[0], *row[1])
