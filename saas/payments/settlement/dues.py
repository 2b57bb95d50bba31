"""What each creditor is to be paid (til utbetaling), whether it may leave, and how long it has waited."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg.rows import namedtuple_row

from saas.kernel.db import driver
from saas.payments.settlement.collected import Collected, collected
from saas.payments.settlement.mandates import Mandates, mandates_of
from saas.payments.settlement.terms import agreed_terms, commission_to_date, fee_share_to_date
from saas.rules.days import after, is_banking_day
from saas.rules.money import NO_MONEY, Ore
from tenants.resolve import Tenant

PAYOUT_WEEKDAY = 3  # Thursday
LATEST_DAYS, ALERT_DAYS = 12, 10
"""From the day money reached the client account. The coming act says 14 at the most (law I6)."""

_CREDITORS = """
select c.id, c.slug, c.name, c.payout_account, p.id as payout_id, p.collected_ore, p.commission_ore, p.fee_share_ore,
       p.paid_ore, p.order_path
from creditor c
left join payout p on p.tenant_id = c.tenant_id and p.creditor_id = c.id and p.payout_on = %(on)s
  and p.state <> 'rejected'
where c.tenant_id = %(tenant)s order by c.number
"""


class Hindrance(StrEnum):
    """Why money does not leave, though there is some."""

    NO_MANDATE = "no_mandate"  # nobody has set one up
    NOT_APPROVED = "not_approved"  # a second person has not approved it
    ACCOUNT_CHANGED = "account_changed"  # the creditor's account is another than the mandate's


@dataclass(frozen=True, slots=True)
class CreditorDue:
    """One creditor's settlement of a day. `payable_ore` is what goes, or went, to `account`."""

    creditor_id: UUID
    creditor_slug: str
    name: str
    account: str
    collected_ore: Ore  # held, before commission and share
    commission_ore: Ore
    payable_ore: Ore
    fee_share_ore: Ore = NO_MONEY  # the creditor's of collection fees paid
    paid_out: bool = False  # a payout of this day is ordered
    own_money: bool = False  # already on the creditor's own account: nothing to move
    hindrance: Hindrance | None = None
    kid: str = ""
    oldest_on: date | None = None  # since when the oldest øre is held
    on_the_way_ore: Ore = NO_MONEY  # paid by card, not on the client account yet
    order_path: str = ""

    @property
    def leaves(self) -> bool:
        """Whether it can be ordered now."""
        return self.payable_ore > 0 and not (self.paid_out or self.own_money or self.hindrance)

    @property
    def latest_on(self) -> date | None:
        """The day it must have left at the latest."""
        return self.oldest_on + timedelta(days=LATEST_DAYS) if self.oldest_on else None

    def days_held(self, on: date) -> int:
        """How long the oldest øre has stood there."""
        return (on - self.oldest_on).days if self.oldest_on else 0

    def is_due(self, on: date) -> bool:
        """Whether it should leave on `on`: on the weekly day, and before the next banking day would be too late."""
        if not is_banking_day(on) or not self.latest_on:
            return False
        return on.weekday() == PAYOUT_WEEKDAY or after(on) > self.latest_on

    def next_on(self, on: date) -> date | None:
        """The first day from `on` on which it leaves, as far as it is known now."""
        if not self.latest_on or self.payable_ore <= 0:
            return None
        day = on
        while not self.is_due(day):
            day += timedelta(days=1)
        return day


@dataclass(frozen=True, slots=True)
class Held:
    """A creditor's due with what it is made of: component → øre held."""

    due: CreditorDue
    owed: dict[str, int]


def creditor_dues(tenant: Tenant, on: date) -> list[CreditorDue]:
    """What each creditor is owed on `on`, in the order of their numbers."""
    return [held.due for held in held_for_creditors(tenant, on)]


def held_for_creditors(tenant: Tenant, on: date) -> list[Held]:
    """As `creditor_dues`, with the components."""
    money, mandates, agreed = collected(tenant), mandates_of(tenant), agreed_terms(tenant)
    found = []
    for row in _creditors(tenant, on):
        mine, mandate = money.get(row.id, Collected()), mandates.get(row.id, Mandates())
        due = _new_due(tenant, row, mine, mandate)
        terms = agreed.get(row.id, ())
        owed_ore = commission_to_date(terms, mine.commission_base) - mine.commission_ore
        share_ore = fee_share_to_date(terms, mine.fees) - mine.fee_share_ore
        commission_ore = min(owed_ore, max(0, due.collected_ore + share_ore))
        if row.payout_id is None:
            due = replace(
                due,
                commission_ore=Ore(commission_ore),
                fee_share_ore=Ore(share_ore),
                payable_ore=Ore(due.collected_ore + share_ore - commission_ore),
            )
        found.append(Held(due, {} if row.payout_id else {name: ore for name, ore in mine.owed.items() if ore}))
    return found


def _new_due(tenant: Tenant, row: Any, mine: Collected, mandate: Mandates) -> CreditorDue:
    own_money = not tenant.has_licence and row.payout_account == tenant.settings.client_account
    due = CreditorDue(
        row.id,
        row.slug,
        row.name,
        mandate.standing.account if mandate.standing else row.payout_account,
        mine.held_ore,
        NO_MONEY,
        mine.held_ore,
        own_money=own_money,
        hindrance=None if own_money else _hindrance(row.payout_account, mandate),
        kid=mandate.standing.kid if mandate.standing else "",
        oldest_on=None if own_money else mine.oldest_on,
        on_the_way_ore=Ore(mine.on_the_way_ore),
    )
    if row.payout_id is None:
        return due
    return replace(
        due,
        collected_ore=row.collected_ore,
        commission_ore=row.commission_ore,
        fee_share_ore=row.fee_share_ore,
        payable_ore=row.paid_ore,
        paid_out=True,
        order_path=row.order_path,
    )


def _hindrance(payout_account: str, mandate: Mandates) -> Hindrance | None:
    if mandate.standing is None:
        return Hindrance.NOT_APPROVED if mandate.proposed else Hindrance.NO_MANDATE
    return Hindrance.ACCOUNT_CHANGED if mandate.standing.account != payout_account else None


def _creditors(tenant: Tenant, on: date) -> list[Any]:
    with driver(tenant.session).cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(_CREDITORS, {"tenant": tenant.id, "on": on}).fetchall()
