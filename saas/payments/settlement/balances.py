"""What the bank says stands on the client account (banksaldo): told by its statement, or typed by a person."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from saas.kernel import history
from saas.kernel.errors import BadInput, Refused
from saas.payments.models import BankBalance
from saas.rules.money import Ore
from tenants.resolve import Tenant


def note_balance(tenant: Tenant, on: date, ore: Ore, *, source: str, now: datetime) -> bool:
    """Keep what stood on the client account at the end of `on`; the newest word counts. False: the same is known."""
    known = balance_told(tenant, on)
    if known is not None and known.balance_ore == ore:
        return False
    row = BankBalance(
        tenant_id=tenant.id,
        account=tenant.settings.client_account,
        balance_on=on,
        balance_ore=ore,
        source=source,
        told_at=now,
    )
    tenant.session.add(row)
    tenant.session.flush()
    return True


def type_balance(tenant: Tenant, on: date, ore: Ore, *, today: date, now: datetime, actor: str) -> bool:
    """As `note_balance`, by a person who reads it off the bank. Raises BadInput (`on`); Refused: no client account."""
    if not tenant.has_licence:
        raise Refused("no_client_account", "Bare inkassoforetak har klientkonto. Her er pengene deres egne.")
    if on > today:
        raise BadInput({"on": ["Dagen er ikke omme."]})
    history.record(
        tenant.session,
        "bank_balance.typed",
        at=now,
        actor=actor,
        body={"on": on.isoformat(), "balance_ore": ore, "account": tenant.settings.client_account},
    )
    return note_balance(tenant, on, ore, source=actor, now=now)


def balance_told(tenant: Tenant, on: date) -> BankBalance | None:
    """What was last said of that day."""
    return balances_told(tenant, [on]).get(on)


def balances_told(tenant: Tenant, days: Sequence[date]) -> dict[date, BankBalance]:
    """What was last said of each of these days; of some it may be nothing."""
    rows = tenant.session.scalars(
        sa.select(BankBalance)
        .where(
            BankBalance.tenant_id == tenant.id,
            BankBalance.account == tenant.settings.client_account,
            BankBalance.balance_on.in_(days),
        )
        .ext(distinct_on(BankBalance.balance_on))
        .order_by(BankBalance.balance_on, BankBalance.told_at.desc(), BankBalance.id.desc())
    )
    return {row.balance_on: row for row in rows}
