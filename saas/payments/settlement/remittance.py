"""Pay creditors what was collected for them (oppgjør), draw the agency's own fees, and give debtors back their surplus.

A payout is booked when it is ordered: from then on it is no longer the creditor's to be paid once more, and not yet
gone from the client account either (account `ordered`). What the bank answers moves it on (`answers.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from saas.kernel import history
from saas.kernel.db import driver
from saas.kernel.ids import NIL, new_id
from saas.ledger.models import COLLECTION_FEE, EARNED, MONEY, ORDERED, OWED_CREDITOR, OWED_DEBTOR, PRINCIPAL
from saas.ledger.post import Entry, Leg, post
from saas.payments.models import Payout, Repayment
from saas.payments.settlement.collected import (
    COMMISSION,
    COMMISSION_FROM,
    FEE_SHARE,
    PAID_OUT,
    earned_on_the_way,
)
from saas.payments.settlement.dues import CreditorDue, Held, creditor_dues, held_for_creditors
from saas.payments.settlement.mandates import Mandates, mandates_of
from saas.payments.settlement.orders import REPAYMENT, SETTLEMENT, make_order
from saas.payments.settlement.pain001 import Transfer
from saas.payments.settlement.repayments import repayments_to_order
from saas.rules.money import NO_MONEY, Ore
from tenants.resolve import Tenant, open_tenant

DRAWN, REPAID = "fee_drawn", "repaid"
LOCK = "select id from creditor where tenant_id = %s order by id for update"
# What is really the agency's: nothing that somebody else's pocket lacks.
_OWN = """
with sides as (
  select creditor_id, debit as account, -amount_ore as ore from transfer where tenant_id = %(tenant)s
  union all
  select creditor_id, credit, amount_ore from transfer where tenant_id = %(tenant)s
), pockets as (
  select account, case when account = 'owed_creditor' then creditor_id end as whose, sum(ore) as ore from sides
  where account in ('earned', 'owed_creditor', 'owed_debtor', 'unplaced') group by 1, 2
)
select coalesce(sum(ore) filter (where account = 'earned'), 0)::bigint,
       coalesce(-sum(ore) filter (where account <> 'earned' and ore < 0), 0)::bigint
from pockets
"""


@dataclass(frozen=True, slots=True)
class Remittance:
    """The settlement of a day. `order_path` is the payment order made now, '' when none was."""

    on: date
    dues: tuple[CreditorDue, ...]
    drawn_ore: Ore = NO_MONEY
    repaid_ore: Ore = NO_MONEY  # ordered back to debtors
    order_path: str = ""
    repayment_path: str = ""


class _Ordered(NamedTuple):
    payouts: list[Payout]
    transfers: list[Transfer]


def remit(
    tenant_id: UUID, on: date, *, book: bool, now: datetime, actor: str = "cli", only_due: bool = False
) -> Remittance:
    """What each creditor is owed on `on`; with `book`, order it paid out, and draw what the agency has earned.

    Commission and the creditor's share of fees are by the agreement in force on the value day of the money. A creditor
    is paid once a day, by an approved mandate only, never more than is held for it on the client account (INKF § 4-1,
    law I8). With `only_due` those whose day it is (law I6). Who collects its own claims keeps its own money. Running it
    again orders nothing twice; neither do two at once.
    """
    with open_tenant(tenant_id) as tenant:
        if not book:
            return Remittance(on, tuple(creditor_dues(tenant, on)))
        driver(tenant.session).execute(LOCK, (tenant.id,))  # one settlement at a time: else two days pay the same øre
        found = held_for_creditors(tenant, on)
        leave = [held for held in found if held.due.leaves and (held.due.is_due(on) or not only_due)]
        ordered = _Ordered([], [])
        for held in leave:
            _pay_out(tenant, held, on, ordered, now, actor)
        drawn_ore = NO_MONEY
        if leave or not only_due:
            drawn_ore = _draw(tenant, on, ordered, now, actor)
        path = _order(tenant, on, ordered, now, actor)
        booked = {held.due.creditor_id for held in leave}
        dues = tuple(
            replace(held.due, paid_out=True, order_path=path) if held.due.creditor_id in booked else held.due
            for held in found
        )
        repaid_ore, repayment_path = _repay(tenant, on, now, actor)
        return Remittance(on, dues, drawn_ore, repaid_ore, path, repayment_path)


# --- a creditor's payout --------------------------------------------------------------------------------------------


def _pay_out(tenant: Tenant, held: Held, on: date, ordered: _Ordered, now: datetime, actor: str) -> None:
    """Empty what is held for a creditor: its share of fees in, the commission to the agency, the rest to the bank."""
    due, owed = held.due, held.owed
    if (due.commission_ore or due.fee_share_ore) and not tenant.has_licence:
        raise AssertionError("who collects its own claims pays no commission")
    payout_id = new_id()
    share, commission = _share_legs(due.fee_share_ore), _commission_legs(owed, due)
    rest = _moved(owed, (*share, *commission))
    if sum(rest.values()) != due.payable_ore or due.payable_ore <= 0:
        raise AssertionError(f"{due.creditor_slug}: {due.payable_ore} øre to pay of {owed}")
    entries = [
        Entry(f"{kind}:{payout_id}", kind, due.creditor_id, None, legs, on)
        for kind, legs in ((FEE_SHARE, share), (COMMISSION, commission))
        if legs
    ]
    entries.append(Entry(f"payout:{payout_id}", PAID_OUT, due.creditor_id, None, _payout_legs(rest), on))
    post(tenant.session, entries, now)
    payout = _new_payout(tenant, payout_id, due.creditor_id, on, due.payable_ore, due.account, now)
    payout.collected_ore, payout.commission_ore = due.collected_ore, due.commission_ore
    payout.fee_share_ore = due.fee_share_ore
    ordered.payouts.append(payout)
    text = f"Oppgjør {on:%d.%m.%Y} {tenant.settings.name}"
    ordered.transfers.append(Transfer(payout_id.hex, due.payable_ore, due.name, due.account, text, due.kid))
    body = {
        "creditor": str(due.creditor_id),
        "payout": str(payout_id),
        "collected_ore": due.collected_ore,
        "commission_ore": due.commission_ore,
        "fee_share_ore": due.fee_share_ore,
        "paid_ore": due.payable_ore,
        "account": due.account,
    }
    history.record(tenant.session, "payout.booked", at=now, actor=actor, body=body)


def _share_legs(share_ore: int) -> tuple[Leg, ...]:
    """The creditor's of the collection fees paid; what was given too much goes back."""
    if not share_ore:
        return ()
    leg = Leg(EARNED, OWED_CREDITOR, COLLECTION_FEE, Ore(abs(share_ore)))
    return (leg if share_ore > 0 else leg.opposite(),)


def _commission_legs(owed: Mapping[str, int], due: CreditorDue) -> tuple[Leg, ...]:
    """The commission out of what is held, principal first; given back when what it was taken of was taken back."""
    if due.commission_ore <= 0:
        back_ore = Ore(-due.commission_ore)
        return (Leg(EARNED, OWED_CREDITOR, PRINCIPAL, back_ore),) if back_ore else ()
    legs, left_ore = [], int(due.commission_ore)
    available = dict(owed) | {COLLECTION_FEE: owed.get(COLLECTION_FEE, 0) + due.fee_share_ore}
    for component in sorted(available, key=lambda name: (name not in COMMISSION_FROM, name)):
        ore = min(left_ore, max(0, available[component]))
        if ore:
            legs.append(Leg(OWED_CREDITOR, EARNED, component, Ore(ore)))
            left_ore -= ore
    return tuple(legs)


def _moved(owed: Mapping[str, int], legs: Sequence[Leg]) -> dict[str, int]:
    """What is held of each component after `legs`."""
    rest = dict(owed)
    for leg in legs:
        sign = 1 if leg.credit == OWED_CREDITOR else -1
        rest[leg.component] = rest.get(leg.component, 0) + sign * leg.amount_ore
    return {component: ore for component, ore in rest.items() if ore}


def _payout_legs(rest: Mapping[str, int]) -> tuple[Leg, ...]:
    """Each component ends at nothing held. One below zero, refunded after an earlier payout, is made up by the rest."""
    legs = (Leg(OWED_CREDITOR, ORDERED, component, Ore(abs(ore))) for component, ore in sorted(rest.items()))
    return tuple(leg if rest[leg.component] > 0 else leg.opposite() for leg in legs)


def _new_payout(
    tenant: Tenant, payout_id: UUID, creditor_id: UUID, on: date, paid_ore: int, account: str, now: datetime
) -> Payout:
    return Payout(
        tenant_id=tenant.id,
        id=payout_id,
        creditor_id=creditor_id,
        payout_on=on,
        collected_ore=paid_ore,
        commission_ore=0,
        fee_share_ore=0,
        paid_ore=paid_ore,
        account=account,
        state="ordered",
        booked_at=now,
    )


# --- the agency's own -----------------------------------------------------------------------------------------------


def _draw(tenant: Tenant, on: date, ordered: _Ordered, now: datetime, actor: str) -> Ore:
    """Order what the agency has earned to its own account, once a day, by a mandate as for everybody."""
    row = driver(tenant.session).execute(_OWN, {"tenant": tenant.id}).fetchone()
    earned_ore, lacking_ore = row if row else (0, 0)
    if earned_ore and not tenant.has_licence:
        raise AssertionError("who collects its own claims earns no fee")
    ore = Ore(earned_ore - earned_on_the_way(tenant) - lacking_ore)
    mandate = mandates_of(tenant).get(NIL, Mandates()).standing
    if ore <= 0 or mandate is None or _drawn_on(tenant, on):
        return NO_MONEY
    payout_id = new_id()
    leg = Leg(EARNED, ORDERED, MONEY, ore)
    post(tenant.session, [Entry(f"payout:{payout_id}", DRAWN, NIL, None, (leg,), on)], now)
    ordered.payouts.append(_new_payout(tenant, payout_id, NIL, on, ore, mandate.account, now))
    text = f"Salær og provisjon {on:%d.%m.%Y}"
    name = tenant.settings.name
    ordered.transfers.append(Transfer(payout_id.hex, ore, name, mandate.account, text, mandate.kid))
    body = {"on": on.isoformat(), "payout": str(payout_id), "drawn_ore": ore, "account": mandate.account}
    history.record(tenant.session, "fee.drawn", at=now, actor=actor, body=body)
    return ore


def _drawn_on(tenant: Tenant, on: date) -> bool:
    query = "select from payout where tenant_id = %s and creditor_id = %s and payout_on = %s and state <> 'rejected'"
    return driver(tenant.session).execute(query, (tenant.id, NIL, on)).fetchone() is not None


# --- the files ------------------------------------------------------------------------------------------------------


def _order(tenant: Tenant, on: date, ordered: _Ordered, now: datetime, actor: str) -> str:
    """One file of all that leaves; its path, or '' when nothing does."""
    if not ordered.payouts:
        return ""
    order = make_order(tenant, SETTLEMENT, ordered.transfers, on, now=now, actor=actor)
    for payout in ordered.payouts:
        payout.order_id, payout.order_path = order.id, order.path
    tenant.session.add_all(ordered.payouts)
    tenant.session.flush()
    return order.path


def _repay(tenant: Tenant, on: date, now: datetime, actor: str) -> tuple[Ore, str]:
    """Order what debtors are to have back, as far as an account is known."""
    due: Sequence[tuple[Repayment, str]] = repayments_to_order(tenant)
    if not due:
        return NO_MONEY, ""
    transfers = [
        Transfer(row.id.hex, Ore(row.amount_ore), name, row.account, f"Tilbakebetaling fra {tenant.settings.name}")
        for row, name in due
    ]
    order = make_order(tenant, REPAYMENT, transfers, on, now=now, actor=actor)
    for row, _ in due:
        row.order_id, row.state = order.id, "ordered"
    post(tenant.session, [_repayment_entry(row, order.id, on) for row, _ in due], now)
    tenant.session.flush()
    return Ore(order.sum_ore), order.path


def _repayment_entry(row: Repayment, order_id: UUID, on: date) -> Entry:
    """Off the debtor's account, and not gone yet; one the bank rejected may be ordered anew to another account."""
    leg = Leg(OWED_DEBTOR, ORDERED, MONEY, Ore(row.amount_ore))
    return Entry(f"repayment:{row.id}:{order_id}", REPAID, row.creditor_id, row.case_id, (leg,), on)
