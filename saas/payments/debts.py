"""Reads cases as settling wants them: their claims, fees, agreements. A few queries for any number of cases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from saas.cases.facts import pauses_on
from saas.kernel.db import driver
from saas.ledger.balances import CaseBalance
from saas.ledger.models import COMPENSATION, INTEREST
from saas.payments.debt import Debt, OwedClaim, PrintedSum, StepFee
from saas.rules.deadlines import earliest_next_step
from saas.rules.facts import DebtorKind, Step
from saas.rules.law import Law
from saas.rules.money import Ore
from saas.rules.rates import UnknownLaw
from saas.rules.repricing import CostBasis, cap_has_fallen
from tenants.agreements import agreed_orders
from tenants.resolve import Tenant

_CLAIMS = """
select case_id, id, invoice_number, due_on from claim
where tenant_id = %s and case_id = any(%s) order by due_on, id
"""
_FEES = """
select t.case_id, t.entry_id, t.corrects, t.component, t.credit = 'receivable' as is_off, t.amount_ore,
       case when d.id is null then t.value_on when d.state = 'sent' then d.sent_on end as charged_on, d.id, t.value_on
from transfer t
left join dispatch d on d.tenant_id = t.tenant_id and d.case_id = t.case_id and d.entry_id = t.entry_id
where t.tenant_id = %(tenant)s and t.case_id = any(%(family)s)
  and (t.kind = 'fee_charged' and t.source like 'step:%%'
       or t.corrects is not null and 'receivable' in (t.debit, t.credit))
order by t.value_on desc, t.entry_id desc, t.leg
"""
_INTEREST_ENTRIES = """
select component, claim_id, entry_id, sum(ore)::bigint
from (
  select t.component, t.claim_id,
         case when t.corrects is null then t.entry_id
              else (select coalesce(o.corrects, o.entry_id) from transfer o
                    where o.tenant_id = t.tenant_id and o.case_id = t.case_id and o.entry_id = t.corrects limit 1)
         end as entry_id,
         case when t.debit = 'receivable' then t.amount_ore else -t.amount_ore end as ore
  from transfer t
  where t.tenant_id = %(tenant)s and t.case_id = any(%(family)s) and t.kind in ('interest_booked', 'interest_corrected')
) booked
group by 1, 2, 3 having sum(ore) > 0 order by entry_id desc
"""
_DEMANDS = """
select case_id, sent_on from dispatch
where tenant_id = %s and case_id = any(%s) and step = %s and state = 'sent' order by sent_on
"""
_PRINTED = """
select case_id, coalesce(sent_on, handed_over_on), printed_ore, expected_sending_on, deadline_on, claim_ids
from dispatch
where tenant_id = %s and case_id = any(%s) and printed_ore is not null and state in ('sent', 'handed_over')
order by expected_sending_on, id
"""
_PARTIES = """
select c.id, d.kind, r.vat_deductible from collection_case c
join debtor d on d.tenant_id = c.tenant_id and d.id = c.debtor_id
join creditor r on r.tenant_id = c.tenant_id and r.id = c.creditor_id
where c.tenant_id = %s and c.id = any(%s)
"""


def debts_of(
    tenant: Tenant,
    creditors: Mapping[UUID, UUID],
    paid_on: Mapping[UUID, date],
    family: Mapping[UUID, UUID],
    books: Mapping[UUID, CaseBalance],
    law: Law,
) -> dict[UUID, Debt]:
    """Each case (head of its family, with its creditor) as its book stands, for a payment of a value date."""
    ids, asked = list(creditors), {"tenant": tenant.id, "family": list(family)}
    claims, fees = _claims(tenant, ids), _fees(tenant, family, asked)
    demands = _demands(tenant, family) if tenant.policy.fee_interest else {}
    agreed = agreed_orders(tenant, set(creditors.values()))
    fallen = [i for i in ids if _may_be_priced_anew(books[i], fees.get(i, ()), paid_on[i], law)]
    bases = _cost_bases(tenant, fallen, family, fees, paid_on) if fallen else {}
    printed = _printed(tenant, paid_on) if tenant.policy.waive_after_printed_sum else {}
    return {
        i: Debt(
            i,
            creditors[i],
            tuple(claims.get(i, ())),
            books[i],
            tuple(fees.get(i, ())),
            None,
            tuple(demands.get(i, ())),
            agreed.get(creditors[i], ()),
            bases.get(i),
            printed.get(i),
        )
        for i in ids
    }


def _claims(tenant: Tenant, case_ids: Sequence[UUID]) -> dict[UUID, list[OwedClaim]]:
    pauses = pauses_on(tenant, case_ids)
    claims: dict[UUID, list[OwedClaim]] = {}
    for case_id, claim_id, invoice, due_on in driver(tenant.session).execute(_CLAIMS, (tenant.id, list(case_ids))):
        claims.setdefault(case_id, []).append(OwedClaim(claim_id, invoice, due_on, pauses.get(claim_id, ())))
    return claims


def _fees(tenant: Tenant, family: Mapping[UUID, UUID], asked: dict[str, Any]) -> dict[UUID, list[StepFee]]:
    """What stands of each fee: less what was taken off it, with what was answered again, as a pricing anew may be."""
    rows = driver(tenant.session).execute(_FEES, asked).fetchall()
    corrects = {row[1]: row[2] for row in rows if row[2] is not None}
    off: dict[tuple[UUID, str], int] = {}
    for _, _, corrected, component, is_off, ore, *_ in rows if corrects else ():
        if corrected is not None:
            key = (corrects.get(corrected, corrected), component)
            off[key] = off.get(key, 0) + (ore if is_off else -ore)
    fees: dict[UUID, list[StepFee]] = {}
    for case_id, entry_id, corrected, component, _, ore, *told in rows:
        left_ore = ore - off.get((entry_id, component), 0) if off else ore
        if corrected is None and left_ore > 0:
            fees.setdefault(family[case_id], []).append(StepFee(entry_id, component, left_ore, *told))
    return fees


def with_interest_entries(tenant: Tenant, debt: Debt, family: Mapping[UUID, UUID]) -> Debt:
    """The debt with the entries that booked its interest: asked for only when one of them is to be corrected."""
    members = [member for member, head in family.items() if head == debt.case_id]
    asked = {"tenant": tenant.id, "family": members}
    found: dict[UUID | None, list[tuple[UUID, Ore]]] = {}
    for component, claim_id, entry_id, ore in driver(tenant.session).execute(_INTEREST_ENTRIES, asked):
        found.setdefault(claim_id if component == INTEREST else None, []).append((entry_id, ore))
    return replace(debt, interest_entries=found)


def _demands(tenant: Tenant, family: Mapping[UUID, UUID]) -> dict[UUID, list[date]]:
    """The days the payment demands of each case were sent."""
    asked = (tenant.id, list(family), Step.PAYMENT_DEMAND)
    found: dict[UUID, list[date]] = {}
    for case_id, sent_on in driver(tenant.session).execute(_DEMANDS, asked):
        found.setdefault(family[case_id], []).append(sent_on)
    return found


def _printed(tenant: Tenant, paid_on: Mapping[UUID, date]) -> dict[UUID, PrintedSum]:
    """What the newest letter of each case asks for, of those that were out by the value date."""
    found: dict[UUID, PrintedSum] = {}
    rows = driver(tenant.session).execute(_PRINTED, (tenant.id, list(paid_on)))
    for case_id, out_on, sum_ore, dated_on, deadline_on, claim_ids in rows:
        if out_on is not None and out_on <= paid_on[case_id]:
            too_late_on = earliest_next_step(deadline_on, tenant.policy.grace_banking_days)
            found[case_id] = PrintedSum(sum_ore, dated_on, too_late_on, tuple(claim_ids))
    return found


# --- the cap of the day the principal is covered ----------------------------------------------------------------------


def _may_be_priced_anew(book: CaseBalance, fees: Iterable[StepFee], on: date, law: Law) -> bool:
    """Whether the payment may cover a principal under a lower cap than the one its costs were charged under (B11)."""
    if not any(book.principal_left.values()):
        return False  # it was covered before
    charged_on = {day for f in fees if f.component != COMPENSATION for day in (f.booked_on, f.charged_on) if day}
    try:
        return bool(charged_on) and cap_has_fallen(charged_on, on, law)
    except UnknownLaw:
        return True  # settling says so, and a person sees it


def _cost_bases(
    tenant: Tenant,
    case_ids: Sequence[UUID],
    family: Mapping[UUID, UUID],
    fees: Mapping[UUID, list[StepFee]],
    paid_on: Mapping[UUID, date],
) -> dict[UUID, CostBasis]:
    demands, bases = _demands(tenant, family), {}
    for case_id, kind, vat_deductible in driver(tenant.session).execute(_PARTIES, (tenant.id, list(case_ids))):
        doubled = (f.booked_on for f in fees[case_id] if f.dispatch_id is None and f.is_owed_on(paid_on[case_id]))
        bases[case_id] = CostBasis(
            kind == DebtorKind.PERSON,
            not vat_deductible,
            max((day for day in demands.get(case_id, ())), default=None),
            max(doubled, default=None),
        )
    return bases
