"""Pay creditors what was collected for them (oppgjør), less commission, and draw the agency's own fees."""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from psycopg.rows import namedtuple_row

from saas.kernel import files, history
from saas.kernel.db import driver
from saas.kernel.ids import NIL
from saas.ledger.models import CLIENT_BANK, EARNED, INTEREST, MONEY, OWED_CREDITOR, PRINCIPAL
from saas.ledger.post import Entry, Leg, post
from saas.payments.models import Payout
from saas.rules.money import NO_MONEY, Ore
from tenants.resolve import Tenant, open_tenant

HOME_CURRENCY = "NOK"
_COMMISSION_FROM = (PRINCIPAL, INTEREST)
_BP = 10_000

_LOCK = "select id from creditor where tenant_id = %s order by id for update"
_OWED = """
select c.id, c.slug, c.name, c.payout_account,
       coalesce((select a.commission_bp from creditor_agreement a
                 where a.tenant_id = c.tenant_id and a.creditor_id = c.id and a.valid_from <= %(on)s
                 order by a.valid_from desc limit 1), 0) as commission_bp,
       coalesce((select jsonb_object_agg(component, ore) from (
          select t.component, sum(case when t.credit = 'owed_creditor' then t.amount_ore else -t.amount_ore end) as ore
          from transfer t
          where t.tenant_id = c.tenant_id and t.creditor_id = c.id and 'owed_creditor' in (t.debit, t.credit)
          group by t.component) sums where ore <> 0), '{}') as owed,
       p.id as payout_id, p.collected_ore, p.commission_ore, p.paid_ore, p.order_path
from creditor c
left join payout p on p.tenant_id = c.tenant_id and p.creditor_id = c.id and p.payout_on = %(on)s
where c.tenant_id = %(tenant)s order by c.number
"""
_EARNED = """
select coalesce(sum(case when credit = 'earned' then amount_ore else -amount_ore end), 0)::bigint
from transfer where tenant_id = %s and 'earned' in (debit, credit)
"""


@dataclass(frozen=True, slots=True)
class CreditorDue:
    """One creditor's settlement of a day. `payable_ore` is what goes, or went, to its account."""

    creditor_id: UUID
    creditor_slug: str
    name: str
    account: str
    collected_ore: Ore
    commission_ore: Ore
    payable_ore: Ore
    paid_out: bool = False  # a payout of this day is booked
    own_money: bool = False  # already on the creditor's own account: nothing to move
    order_path: str = ""


@dataclass(frozen=True, slots=True)
class Remittance:
    """The settlement of a day. `order_path` is the payment order made now, '' when none was."""

    on: date
    dues: tuple[CreditorDue, ...]
    drawn_ore: Ore = NO_MONEY
    order_path: str = ""


def remit(tenant_id: UUID, on: date, *, book: bool, now: datetime, actor: str = "cli") -> Remittance:
    """What each creditor is owed on `on`; with `book`, pay it out and draw what the agency has earned.

    Commission is by the agreement in force that day, of the principal and interest collected, rounded down. A creditor
    is paid once a day and never more than is held for it (INKF § 4-1, law I8); one with nothing due is left out of the
    order. Who collects its own claims keeps its own money: no commission, no fee. Running it again books nothing twice.
    """
    with open_tenant(tenant_id) as tenant:
        if not book:
            return Remittance(on, tuple(_due(tenant, row)[0] for row in _owed(tenant, on)))
        driver(tenant.session).execute(_LOCK, (tenant.id,))  # one settlement at a time: else two days pay the same øre
        rows = [(row, *_due(tenant, row)) for row in _owed(tenant, on)]
        to_pay = [
            (due, owed) for row, due, owed in rows if due.payable_ore > 0 and not due.paid_out and not due.own_money
        ]
        path = _write_order(tenant, on, [due for due, _ in to_pay])
        for due, owed in to_pay:
            _book_payout(tenant, due, owed, on, path, now, actor)
        drawn_ore = _draw(tenant, on, now, actor)
        booked = {due.creditor_id for due, _ in to_pay}
        dues = (
            replace(due, paid_out=True, order_path=path) if due.creditor_id in booked else due for _, due, _ in rows
        )
        return Remittance(on, tuple(dues), drawn_ore, path)


def payout_id(creditor_id: UUID, on: date) -> UUID:
    """The id of a creditor's payout of a day; also the bank's message id, so that the bank refuses a second one."""
    return uuid5(creditor_id, f"payout:{on.isoformat()}")


# --- what is owed ---------------------------------------------------------------------------------------------------


def _owed(tenant: Tenant, on: date) -> list[Any]:
    with driver(tenant.session).cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(_OWED, {"tenant": tenant.id, "on": on}).fetchall()


def _due(tenant: Tenant, row: Any) -> tuple[CreditorDue, dict[str, int]]:
    """The settlement of one creditor, and what is held for it by component."""
    who = (row.id, row.slug, row.name, row.payout_account)
    if row.payout_id is not None:
        return CreditorDue(*who, row.collected_ore, row.commission_ore, row.paid_ore, True, False, row.order_path), {}
    owed: dict[str, int] = row.owed
    collected_ore = sum(owed.values())
    base_ore = sum(owed.get(component, 0) for component in _COMMISSION_FROM)
    commission_bp = row.commission_bp if tenant.has_licence else 0
    commission_ore = max(0, min(base_ore, collected_ore)) * commission_bp // _BP
    own_money = not tenant.has_licence and row.payout_account == tenant.settings.client_account
    due = CreditorDue(
        *who, Ore(collected_ore), Ore(commission_ore), Ore(collected_ore - commission_ore), own_money=own_money
    )
    return due, owed


# --- paying it ------------------------------------------------------------------------------------------------------


def _book_payout(
    tenant: Tenant, due: CreditorDue, owed: dict[str, int], on: date, path: str, now: datetime, actor: str
) -> None:
    """Empty what is held for a creditor, component by component: the commission to the agency, the rest to the bank."""
    held = sum(owed.values())
    if due.payable_ore + due.commission_ore != held or due.payable_ore <= 0:
        raise AssertionError(f"{due.creditor_slug}: {due.payable_ore} + {due.commission_ore} of {held} øre held")
    if due.commission_ore and not tenant.has_licence:
        raise AssertionError("who collects its own claims pays no commission")
    new = payout_id(due.creditor_id, on)
    tenant.session.add(
        Payout(
            tenant_id=tenant.id,
            id=new,
            creditor_id=due.creditor_id,
            payout_on=on,
            collected_ore=due.collected_ore,
            commission_ore=due.commission_ore,
            paid_ore=due.payable_ore,
            account=due.account,
            order_path=path,
            booked_at=now,
        )
    )
    tenant.session.flush()
    entry = Entry(f"payout:{new}", "paid_out", due.creditor_id, None, _payout_legs(due, owed), on)
    post(tenant.session, [entry], now)
    body = {
        "creditor": str(due.creditor_id),
        "payout": str(new),
        "collected_ore": due.collected_ore,
        "commission_ore": due.commission_ore,
        "paid_ore": due.payable_ore,
        "order": path,
    }
    history.record(tenant.session, "payout.booked", at=now, actor=actor, body=body)


def _payout_legs(due: CreditorDue, owed: dict[str, int]) -> tuple[Leg, ...]:
    """Each component ends at nothing held. One below zero, refunded after an earlier payout, is made up by the rest."""
    legs, commission_ore = [], int(due.commission_ore)
    for component in sorted(owed, key=lambda name: (name not in _COMMISSION_FROM, name)):
        ore = owed[component]
        kept = min(commission_ore, max(ore, 0)) if component in _COMMISSION_FROM else 0
        commission_ore -= kept
        if kept:
            legs.append(Leg(OWED_CREDITOR, EARNED, component, Ore(kept)))
        if ore - kept > 0:
            legs.append(Leg(OWED_CREDITOR, CLIENT_BANK, component, Ore(ore - kept)))
        elif ore < 0:
            legs.append(Leg(CLIENT_BANK, OWED_CREDITOR, component, Ore(-ore)))
    return tuple(legs)


def _draw(tenant: Tenant, on: date, now: datetime, actor: str) -> Ore:
    """Draw what the agency has earned from the client account, once a day. Returns what was drawn now."""
    earned = driver(tenant.session).execute(_EARNED, (tenant.id,)).fetchone()
    earned_ore = Ore(earned[0] if earned else 0)
    if earned_ore and not tenant.has_licence:
        raise AssertionError("who collects its own claims earns no fee")
    source = f"draw:{on.isoformat()}"
    if earned_ore <= 0 or _is_booked(tenant, source):
        return NO_MONEY
    post(
        tenant.session, [Entry(source, "fee_drawn", NIL, None, (Leg(EARNED, CLIENT_BANK, MONEY, earned_ore),), on)], now
    )
    body = {"on": on.isoformat(), "drawn_ore": earned_ore}
    history.record(tenant.session, "fee.drawn", at=now, actor=actor, body=body)
    return earned_ore


def _is_booked(tenant: Tenant, source: str) -> bool:
    query = "select from transfer where tenant_id = %s and source = %s and leg = 0"
    return driver(tenant.session).execute(query, (tenant.id, source)).fetchone() is not None


# --- the payment order ----------------------------------------------------------------------------------------------


def _write_order(tenant: Tenant, on: date, dues: Sequence[CreditorDue]) -> str:
    """Keep the payment order (betalingsoppdrag) as CSV; its path, or '' when nobody is to be paid.

    The name holds the content's hash: an order that was never booked is never taken for the one that was.
    """
    if not dues:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(("MsgId", "From", "To", "Name", "Amount", "Currency", "Date", "Message"))
    for due in dues:
        kroner, ore = divmod(due.payable_ore, 100)
        message = f"Oppgjør {on:%d.%m.%Y} {tenant.settings.name}"
        writer.writerow(
            (
                payout_id(due.creditor_id, on).hex,
                tenant.settings.client_account,
                due.account,
                _plain(due.name),
                f"{kroner}.{ore:02d}",
                HOME_CURRENCY,
                on.isoformat(),
                _plain(message),
            )
        )
    content = text.getvalue().encode()
    path = f"tenants/{tenant.id}/payment_orders/{on.isoformat()}-{hashlib.sha256(content).hexdigest()[:16]}.csv"
    files.put_once(path, content)
    return path


def _plain(text: str) -> str:
    """`text` as a spreadsheet will not take it for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
