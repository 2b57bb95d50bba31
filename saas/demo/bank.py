"""The bank's other half in the demo: it carries out what is ordered, and says each morning what stands on the account.

Two people of the agency set up and approve where money may go; nobody touches a payout after that.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from saas.access.models import User
from saas.access.users import Signed, find_user
from saas.demo.stage import Player
from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.ids import NIL
from saas.payments.settlement.mandates import approve_mandate, mandates_of, propose_mandate
from saas.rules.days import is_banking_day
from saas.simulators.bank_orders import OrderBank
from tenants.models import Creditor
from tenants.resolve import Tenant, open_tenant

OWN_ACCOUNT = "99990100019"  # the agency's own; made up, as all of them


def order_folder(player: Player) -> Path:
    """Where the tenant and its bank exchange files."""
    return settings().order_folder / player.slug


def bank_of(player: Player) -> OrderBank:
    """The bank as it stands; it remembers by itself."""
    return OrderBank(order_folder(player))


def let_money_out(player: Player, proposer: str, approver: str) -> None:
    """One of the two (by e-mail) sets up each mandate, the other approves it. Those that stand are left alone."""
    with open_tenant(player.tenant_id) as tenant:
        now, known = clock.now(tenant), mandates_of(tenant)
        creditors = tenant.session.scalars(sa.select(Creditor).where(Creditor.tenant_id == tenant.id))
        accounts = {creditor.id: creditor.payout_account for creditor in creditors} | {NIL: OWN_ACCOUNT}
        first, second = _person(tenant, proposer), _person(tenant, approver)
        for creditor_id, account in accounts.items():
            if creditor_id not in known:
                mandate_id = propose_mandate(tenant, creditor_id, account, by=first, now=now)
                approve_mandate(tenant, mandate_id, by=second, now=now)


def _person(tenant: Tenant, email: str) -> Signed:
    user_id = tenant.session.scalars(sa.select(User.id).where(User.tenant_id == tenant.id, User.email == email)).one()
    found = find_user(tenant, user_id)
    assert found is not None, f"{email} may log in"
    return found


def morning(player: Player, day: date, file: Path | None, amounts: Iterable[int]) -> None:
    """What the file tells of came in; the bank says what stood there yesterday, then does what it was asked to.

    `file` is the bank's own file of the morning, `amounts` what is in it, in øre.
    """
    if not is_banking_day(day):
        return
    bank, account = bank_of(player), player.account
    if file is not None:
        bank.deposit(account, sum(amounts), note=file.name)
    bank.tell_balance(account, day - timedelta(days=1))
    bank.work(day)
