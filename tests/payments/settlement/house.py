"""A house that pays out: two people who approve mandates, and a bank that carries out its orders."""

from collections.abc import Collection
from datetime import date
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from saas.access.models import User
from saas.access.users import Signed, add_user, find_user
from saas.kernel.config import settings
from saas.kernel.ids import NIL
from saas.payments.models import Payment, Payout
from saas.payments.settlement.answers import NewsReport, take_answers
from saas.payments.settlement.mandates import approve_mandate, mandates_of, propose_mandate
from saas.payments.settlement.orders import lay_out
from saas.payments.settlement.remittance import Remittance, remit
from saas.simulators.bank_orders import OrderBank
from tenants.models import Creditor
from tenants.resolve import Tenant, open_tenant
from tests.builders import MONDAY, at

OWN_ACCOUNT = "99990100019"
PASSWORD = "en lang setning som passord"


def two_people(tenant: Tenant) -> tuple[Signed, Signed]:
    """Two administrators; added when they are not there."""
    return person(tenant, "Astrid Første"), person(tenant, "Bjørn Andre")


def person(tenant: Tenant, name: str, role: str = "admin", creditor_id: UUID = NIL) -> Signed:
    """Somebody with a user of their own."""
    email = f"{name.split()[0].lower().replace('ø', 'o')}.{role}@{tenant.slug}.example"
    user_id = tenant.session.scalar(sa.select(User.id).where(User.tenant_id == tenant.id, User.email == email))
    user_id = user_id or add_user(
        tenant, email=email, name=name, password=PASSWORD, role=role, creditor_id=creditor_id, now=at(MONDAY),
        actor="cli",
    )  # fmt: skip
    found = find_user(tenant, user_id)
    assert found is not None
    return found


def let_money_out(tenant_id: UUID, *, but: Collection[str] = (), own: str = OWN_ACCOUNT, on: date = MONDAY) -> None:
    """Approved mandates for every creditor except those named, and for the house's own fees."""
    with open_tenant(tenant_id) as tenant:
        first, second = two_people(tenant)
        known = mandates_of(tenant)
        accounts = {
            row.id: row.payout_account
            for row in tenant.session.scalars(sa.select(Creditor).where(Creditor.tenant_id == tenant_id))
            if row.slug not in but and row.payout_account != tenant.settings.client_account
        }
        if tenant.has_licence and own:
            accounts[NIL] = own
        for creditor_id, account in accounts.items():
            if creditor_id not in known:
                mandate = propose_mandate(tenant, creditor_id, account, by=first, now=at(on))
                approve_mandate(tenant, mandate, by=second, now=at(on))


def folder_of(tenant_id: UUID) -> Path:
    """Where the tenant and its bank exchange files."""
    with open_tenant(tenant_id) as tenant:
        return settings().order_folder / tenant.slug


def bank_of(tenant_id: UUID, closed: Collection[str] = ()) -> OrderBank:
    """The tenant's bank, with what its payments brought to the client account."""
    bank = OrderBank(folder_of(tenant_id), frozenset(closed))
    with open_tenant(tenant_id) as tenant:
        account = tenant.settings.client_account
        for payment in tenant.session.scalars(sa.select(Payment).where(Payment.provider == "bank")):
            bank.deposit(account, payment.amount_ore, note=str(payment.id))
    return bank


def carry_out(tenant_id: UUID, on: date, closed: Collection[str] = ()) -> list[NewsReport]:
    """The bank takes what is ordered, and we take its answers."""
    lay_out(tenant_id, folder_of(tenant_id), now=at(on))
    bank_of(tenant_id, closed).work(on)
    return take_answers(tenant_id, folder_of(tenant_id), now=at(on))


def pay_out(tenant_id: UUID, on: date) -> Remittance:
    """Everybody is paid, and the bank has carried it out."""
    let_money_out(tenant_id)
    remittance = remit(tenant_id, on, book=True, now=at(on))
    carry_out(tenant_id, on)
    return remittance


def payouts(tenant_id: UUID, creditor_id: UUID | None = None) -> list[Payout]:
    """Payouts to creditors in order; the house's own draws with creditor nil."""
    with open_tenant(tenant_id) as tenant:
        query = sa.select(Payout).where(Payout.tenant_id == tenant_id).order_by(Payout.id)
        query = query.where(Payout.creditor_id == creditor_id if creditor_id is not None else Payout.creditor_id != NIL)
        return list(tenant.session.scalars(query))
