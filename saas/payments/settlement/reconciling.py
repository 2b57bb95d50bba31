"""Bank, client ledger and what is owed, held against each other for a day (avstemming; law I3).

1. what the bank says stands on the client account; 2. what the book says stands there, from its kept sums; 3. what is
owed to each on that day, added up from the transfers. Payouts that are ordered and not carried out stand on the client
account still, on an account of their own, so that the three agree also in between.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from saas.kernel import history
from saas.kernel.db import driver
from saas.ledger.models import CLIENT_BANK, EARNED, IN_TRANSIT, ORDERED
from saas.ledger.sums import account_by_day
from saas.payments.bank_payouts import is_met
from saas.payments.models import BankBalance, Payout, ProviderPayout, Reconciliation, Repayment
from saas.payments.settlement.balances import balances_told
from tenants.resolve import Tenant

LOOK_BACK_DAYS = 31
PAYOUT_DAYS = 7  # a provider's payout is in the bank by then
_MOST_COMBINED = 12  # payments of which every combination is tried

# From the transfers, and pocket by pocket: nothing here is shared with how the sums are kept. What came up to the first
# of the days, from there to the second, and so on: the book is read once, however many the days.
_OWED = """
select nth, account, sum(ore)::bigint from (
  select width_bucket(value_on, %(mornings_after)s::date[]) as nth, debit, credit, amount_ore
  from transfer where tenant_id = %(tenant)s and value_on < %(mornings_after)s[cardinality(%(mornings_after)s)]
) t cross join lateral (values (credit, amount_ore), (debit, -amount_ore)) sides(account, ore)
where account in ('unplaced', 'owed_creditor', 'owed_debtor', 'earned', 'ordered', 'in_transit') group by 1, 2
"""


def reconcile(tenant: Tenant, on: date, *, now: datetime) -> Reconciliation | None:
    """Hold the three against each other as of the end of `on`, and keep what came out.

    Returns None when nothing is other than at the last time, and for who has no client account: the money of a company
    that collects its own claims is its own.
    """
    return next(iter(_reconcile(tenant, [on], now)), None)


def reconcile_days(tenant: Tenant, today: date, *, now: datetime) -> list[Reconciliation]:
    """Yesterday, and every day of the last month the bank has told of: what came late changes what was then."""
    told = tenant.session.scalars(
        sa.select(BankBalance.balance_on)
        .where(
            BankBalance.tenant_id == tenant.id,
            BankBalance.balance_on < today,
            BankBalance.balance_on >= today - timedelta(days=LOOK_BACK_DAYS),
        )
        .distinct()
    ).all()
    return _reconcile(tenant, sorted({*told, today - timedelta(days=1)}), now)


def _reconcile(tenant: Tenant, days: Sequence[date], now: datetime) -> list[Reconciliation]:
    """What came out of these days, in order, when it is other than at the last time."""
    if not tenant.has_licence:
        return []
    told, known = balances_told(tenant, days), _last(tenant, days)
    ledger, owed = account_by_day(tenant.session, CLIENT_BANK, days), _owed(tenant, days)
    changed = []
    for on in days:
        row = Reconciliation(
            tenant_id=tenant.id,
            reconciled_on=on,
            bank_ore=told[on].balance_ore if on in told else None,
            ledger_ore=ledger[on],
            owed_ore=sum(owed[on].values()),  # what is on its way to us counts below zero
            in_transit_ore=-owed[on].get(IN_TRANSIT, 0),
            deviations=[],
            checked_at=now,
        )
        row.deviations = list(_deviations(tenant, row, owed[on]))
        if on not in known or _figures(known[on]) != _figures(row):
            changed.append(row)
    tenant.session.add_all(changed)
    tenant.session.flush()
    for row in changed:
        body = {
            "on": row.reconciled_on.isoformat(),
            "bank_ore": row.bank_ore,
            "ledger_ore": row.ledger_ore,
            "owed_ore": row.owed_ore,
            "deviations": row.deviations,
        }
        history.record(tenant.session, "client_account.reconciled", at=now, actor="worker", body=body)
    return changed


def _owed(tenant: Tenant, days: Sequence[date]) -> dict[date, dict[str, int]]:
    """What each pocket holds at the end of each of these days, which stand in order; what is empty is left out."""
    asked = {"tenant": tenant.id, "mornings_after": [day + timedelta(days=1) for day in days]}
    moved: list[Counter[str]] = [Counter() for _ in days]
    for nth, account, ore in driver(tenant.session).execute(_OWED, asked):
        moved[nth][account] += ore
    found, held = {}, Counter[str]()
    for on, more in zip(days, moved, strict=True):
        for account, ore in more.items():
            held[account] += ore
        found[on] = {account: ore for account, ore in held.items() if ore}
    return found


def deviates(row: Reconciliation) -> bool:
    """Whether something in it is not explained."""
    return any(not one["explained"] for one in row.deviations)


def reconciliations(tenant: Tenant, most: int = 31) -> Sequence[Reconciliation]:
    """The newest of each day, the latest day first."""
    return tenant.session.scalars(_newest_of_each_day().where(Reconciliation.tenant_id == tenant.id).limit(most)).all()


def _newest_of_each_day() -> sa.Select[Reconciliation]:
    return (
        sa.select(Reconciliation)
        .ext(distinct_on(Reconciliation.reconciled_on))
        .order_by(Reconciliation.reconciled_on.desc(), Reconciliation.checked_at.desc(), Reconciliation.id.desc())
    )


def last_reconciliation(tenant: Tenant, on: date) -> Reconciliation | None:
    """The newest of a day."""
    return _last(tenant, [on]).get(on)


def _last(tenant: Tenant, days: Sequence[date]) -> dict[date, Reconciliation]:
    rows = tenant.session.scalars(
        _newest_of_each_day().where(Reconciliation.tenant_id == tenant.id, Reconciliation.reconciled_on.in_(days))
    )
    return {row.reconciled_on: row for row in rows}


def _figures(row: Reconciliation) -> tuple[Any, ...]:
    return row.bank_ore, row.ledger_ore, row.owed_ore, row.in_transit_ore, row.deviations


def _deviations(tenant: Tenant, row: Reconciliation, owed: dict[str, int]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if row.bank_ore is not None and (lacks_ore := row.bank_ore - row.ledger_ore):
        because = _carried_out_untold(tenant, row.reconciled_on, -lacks_ore)
        found.append(_one("bank_differs", lacks_ore, explained=bool(because), because=because))
    if row.ledger_ore != row.owed_ore:
        found.append(_one("book_differs", row.ledger_ore - row.owed_ore, explained=False))
    if top_up_ore := max(0, -owed.get(EARNED, 0)):
        found.append(_one("top_up_due", top_up_ore, explained=False))
    if ordered_ore := owed.get(ORDERED, 0):
        found.append(_one("orders_under_way", ordered_ore, explained=True))
    if in_transit_ore := -owed.get(IN_TRANSIT, 0):
        found.append(_one("card_on_the_way", in_transit_ore, explained=True))
    return found


def _one(what: str, ore: int, *, explained: bool, because: Sequence[str] = ()) -> dict[str, Any]:
    return {"what": what, "ore": ore, "explained": explained, "because": list(because)}


def _carried_out_untold(tenant: Tenant, on: date, ore: int) -> list[str]:
    """What comes to just what the bank has less: payments ordered by then, which it has carried out and not said so,
    and payouts a provider has told of, which have not reached it."""
    if ore <= 0:
        return []
    payouts = sa.select(Payout.id, Payout.paid_ore).where(
        Payout.tenant_id == tenant.id, Payout.state == "ordered", Payout.payout_on <= on
    )
    repayments = sa.select(Repayment.id, Repayment.amount_ore).where(
        Repayment.tenant_id == tenant.id, Repayment.state == "ordered"
    )
    told = sa.select(ProviderPayout.id, ProviderPayout.gross_ore - ProviderPayout.fee_ore).where(
        ProviderPayout.tenant_id == tenant.id,
        ProviderPayout.arrived_on <= on,
        ProviderPayout.arrived_on > on - timedelta(days=PAYOUT_DAYS),
        ProviderPayout.gross_ore > ProviderPayout.fee_ore,
        ~is_met(),
    )
    waiting: list[tuple[UUID, int]] = [
        (row[0], int(row[1])) for query in (payouts, repayments, told) for row in tenant.session.execute(query)
    ]
    if sum(amount for _, amount in waiting) == ore:
        return [str(row_id) for row_id, _ in waiting]
    for number in range(1, len(waiting) if len(waiting) <= _MOST_COMBINED else 2):
        for some in combinations(waiting, number):
            if sum(amount for _, amount in some) == ore:
                return [str(row_id) for row_id, _ in some]
    return []
