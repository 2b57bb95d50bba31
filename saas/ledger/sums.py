"""Balances as of any day (saldo per dato) without reading the transfers: sums by day and by month stand beside them.

`saas.ledger.post` adds a few sums with each lot of transfers, in the same transaction, and only ever inserts, so that
no row is fought over. A balance is the months before the day's own, and the days of it up to the day.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection
from sqlalchemy.orm import Session

from saas.kernel.db import driver, tenant_of
from saas.kernel.ids import NIL
from saas.ledger.models import EARNED, EVERYBODY
from saas.rules.money import Ore
from tenants.resolve import Tenant

Moved = tuple[date, UUID, str, str, str, int]
"""A transfer as the sums see it: value date, creditor, debit, credit, component, øre."""

_ADD = """
insert into ledger_sum (tenant_id, id, period, period_on, creditor_id, account, component, ore)
select %s, gen_random_uuid(), * from unnest(%s::text[], %s::date[], %s::uuid[], %s::text[], %s::text[], %s::int8[])
"""
_BALANCES = """
select account, component, sum(ore)::bigint from (
  select account, component, ore from ledger_sum
  where tenant_id = %(tenant)s and creditor_id = %(whose)s and period = 'month' and period_on < %(month)s
  union all
  select account, component, ore from ledger_sum
  where tenant_id = %(tenant)s and creditor_id = %(whose)s and period = 'day' and period_on between %(month)s and %(on)s
) sums
group by 1, 2 having sum(ore) <> 0
"""
_BY_DAY = """
select period_on, sum(ore)::bigint from ledger_sum
where tenant_id = %(tenant)s and creditor_id = %(whose)s and period = 'day' and account = %(account)s
  and period_on > %(first)s and period_on <= %(last)s
group by 1
"""
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
_MERGE = """
with several as (
  select period, period_on, creditor_id, account, component from ledger_sum
  where tenant_id = %(tenant)s group by 1, 2, 3, 4, 5 having count(*) > 1
), gone as (
  delete from ledger_sum s using several m
  where s.tenant_id = %(tenant)s and s.creditor_id = m.creditor_id and s.period = m.period
    and s.period_on = m.period_on and s.account = m.account and s.component = m.component
  returning s.period, s.period_on, s.creditor_id, s.account, s.component, s.ore
), added as (
  insert into ledger_sum (tenant_id, id, period, period_on, creditor_id, account, component, ore)
  select %(tenant)s, gen_random_uuid(), period, period_on, creditor_id, account, component, sum(ore)
  from gone group by period, period_on, creditor_id, account, component having sum(ore) <> 0
  returning 1
)
select (select count(*) from gone) - (select count(*) from added)
"""
_REBUILD = f"""
with gone as (delete from ledger_sum where tenant_id = %(tenant)s)
insert into ledger_sum (tenant_id, id, period, period_on, creditor_id, account, component, ore)
select %(tenant)s, gen_random_uuid(), period, date_trunc(period, value_on)::date, whose, account, component, sum(ore)
from (
  select value_on, creditor_id, debit, credit, component, sum(amount_ore) as amount_ore
  from transfer where tenant_id = %(tenant)s group by 1, 2, 3, 4, 5
) moved
cross join lateral (values (debit, amount_ore), (credit, -amount_ore)) sides(account, ore)
cross join lateral (values (creditor_id), ('{EVERYBODY}'::uuid)) everybodys(whose)
cross join (values ('day'), ('month')) periods(period)
group by period, 4, whose, account, component having sum(ore) <> 0
"""  # noqa: S608 - a constant of ours


def account_balances(session: Session, on: date, creditor_id: UUID | None = None) -> dict[tuple[str, str], Ore]:
    """What stands on each (account, component) at the end of `on`, by value date: debit less credit, in øre.

    For one creditor (nil: money not yet anybody's), or for all that the session may see. What stands at nought is left
    out.
    """
    if creditor_id is None:
        walled_to: UUID = session.info["creditor_id"]
        creditor_id = EVERYBODY if walled_to == NIL else walled_to
    asked = {"tenant": tenant_of(session), "whose": creditor_id, "on": on, "month": on.replace(day=1)}
    return {(account, component): ore for account, component, ore in driver(session).execute(_BALANCES, asked)}


def account_by_day(session: Session, account: str, days: Sequence[date]) -> dict[date, Ore]:
    """What stands on one account at the end of each of these days, which stand in order; the tenant's whole book."""
    first, last = days[0], days[-1]
    asked = {"tenant": tenant_of(session), "whose": EVERYBODY, "account": account, "first": first, "last": last}
    moved = sorted(driver(session).execute(_BY_DAY, asked))
    running = of_accounts(account_balances(session, first, EVERYBODY)).get(account, 0)
    found = {}
    for on in days:
        while moved and moved[0][0] <= on:
            running += moved.pop(0)[1]
        found[on] = Ore(running)
    return found


def of_accounts(balances: dict[tuple[str, str], Ore]) -> dict[str, Ore]:
    """The balance of each account, its components together."""
    sums: Counter[str] = Counter()
    for (account, _), ore in balances.items():
        sums[account] += ore
    return {account: Ore(ore) for account, ore in sums.items()}


def top_up_due(session: Session, on: date) -> Ore:
    """What the agency owes the client account (etterfylling): its own money on it has gone below zero."""
    return Ore(max(0, of_accounts(account_balances(session, on)).get(EARNED, 0)))


def add_sums(connection: Connection[Any], tenant_id: UUID, moves: Iterable[Moved]) -> None:
    """Add what was moved to the sums, in the transaction that books it. Few rows, however many the transfers."""
    lots: Counter[tuple[date, UUID, str, str, str]] = Counter()
    for value_on, creditor_id, debit, credit, component, ore in moves:
        lots[value_on, creditor_id, debit, credit, component] += ore
    sums: Counter[tuple[str, date, UUID, str, str]] = Counter()
    for (value_on, creditor_id, debit, credit, component), ore in lots.items():
        for period, period_on in (("day", value_on), ("month", value_on.replace(day=1))):
            for whose in (creditor_id, EVERYBODY):
                sums[period, period_on, whose, debit, component] += ore
                sums[period, period_on, whose, credit, component] -= ore
    rows = [(*key, ore) for key, ore in sums.items() if ore]
    if rows:
        connection.execute(_ADD, (tenant_id, *map(list, zip(*rows, strict=True))))


def merge_sums(tenant: Tenant) -> int:
    """Make one row of the rows that say different parts of the same sum. Returns how many rows fewer there are.

    Safe while others book: it takes away what it sees, and puts back the same.
    """
    connection = driver(tenant.session)
    connection.execute(_ONE_AT_A_TIME, (f"sums:{tenant.id}",))
    row = connection.execute(_MERGE, {"tenant": tenant.id}).fetchone()
    return int(row[0]) if row else 0


def rebuild_sums(tenant: Tenant) -> int:
    """Make the sums anew from the transfers. Returns how many rows there are.

    Safe while others book: one statement sees transfers and their sums alike, or neither.
    """
    connection = driver(tenant.session)
    connection.execute(_ONE_AT_A_TIME, (f"sums:{tenant.id}",))  # a merge under way would hide from it what it moves
    return connection.execute(_REBUILD, {"tenant": tenant.id}).rowcount
