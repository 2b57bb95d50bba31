"""`frist payments …` of the settlement: remit, bank-news, bank-balance, reconcile, statement, invoice, mandates."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from saas.cli_shared import DAY, with_tenant
from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.errors import BadInput
from saas.kernel.ids import NIL
from saas.payments.settlement.alerts import alerts
from saas.payments.settlement.answers import take_bank_news
from saas.payments.settlement.balances import type_balance
from saas.payments.settlement.daily import settle_day
from saas.payments.settlement.dues import Hindrance
from saas.payments.settlement.invoices import issue_invoices, to_pay_ore
from saas.payments.settlement.mandates import mandates_of
from saas.payments.settlement.orders import lay_out
from saas.payments.settlement.reconciling import reconcile
from saas.payments.settlement.remittance import remit
from saas.payments.settlement.statement_files import FORMATS, file_name, statement_file
from saas.payments.settlement.statements import statement_of
from saas.rules.money import Ore, kroner, ore_of_kroner
from tenants.models import Creditor
from tenants.resolve import creditor_named, open_tenant

_STAYS = {
    Hindrance.NO_MANDATE: "stays: no mandate",
    Hindrance.NOT_APPROVED: "stays: the mandate waits for a second person",
    Hindrance.ACCOUNT_CHANGED: "stays: another account than the mandate's",
}


def order_folder(slug: str) -> Path:
    """Where a tenant and its bank exchange files."""
    return settings().order_folder / slug


@click.command("remit")
@click.option("--date", "on", type=DAY)
@click.option("--book", is_flag=True, help="Order the payouts and lay out the file for the bank.")
@with_tenant
def remit_command(on: datetime | None, book: bool, tenant_id: UUID) -> None:
    """Show what each creditor is owed after commission; with --book, order it paid out."""
    with open_tenant(tenant_id) as tenant:
        now, slug = clock.now(tenant), tenant.slug
    report = remit(tenant_id, on.date() if on else now.date(), book=book, now=now)
    for due in report.dues:
        stays = f", {_STAYS[due.hindrance]}" if due.hindrance and due.payable_ore > 0 and not due.paid_out else ""
        click.echo(
            f"{due.creditor_slug}: collected {_kr(due.collected_ore)}, commission {_kr(due.commission_ore)}, "
            f"to pay {_kr(due.payable_ore)}{stays}"
        )
    for path in filter(None, (report.order_path, report.repayment_path)):
        click.echo(f"payment order: {path}")
    if book:
        for name in lay_out(tenant_id, order_folder(slug), now=now):
            click.echo(f"laid out for the bank: {name}")


@click.command("settle-day")
@with_tenant
def settle_day_command(tenant_id: UUID) -> None:
    """What the workers do each day: the bank's answers, payouts that are due, reconciliation, invoices, alerts."""
    with open_tenant(tenant_id) as tenant:
        now, folder = clock.now(tenant), order_folder(tenant.slug)
    done = settle_day(tenant_id, now.date(), folder, now=now, actor="cli")
    click.echo(
        f"{len(done.news)} files from the bank, {len(done.laid_out)} orders laid out, {done.reconciled} days "
        f"reconciled, {done.invoices} invoices"
    )
    for alert in done.alerts:
        click.echo(f"{alert.kind}: {alert.words}")


@click.command("bank-news")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_tenant
def bank_news_command(file: Path, tenant_id: UUID) -> None:
    """Take in the bank's answer to an order (pain.002) or its statement (camt.053, camt.054)."""
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
    report = take_bank_news(tenant_id, file.read_bytes(), file.name, now=now, actor="cli")
    click.echo(f"carried out {report.carried_out}, rejected {report.rejected}, balances {report.balances}")
    for words in report.odd:
        click.echo(words)


@click.command("bank-balance")
@click.argument("amount")
@click.option("--on", type=DAY, required=True, help="The day at whose end it stood there.")
@with_tenant
def bank_balance_command(amount: str, on: datetime, tenant_id: UUID) -> None:
    """Say what stood on the client account (kroner, with a point or a comma), and reconcile that day."""
    try:
        ore = ore_of_kroner(amount.replace(" ", "").replace(",", "."))
    except ValueError:
        raise BadInput({"amount": ["Skriv kroner og øre, for eksempel 12345,67."]}) from None
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        type_balance(tenant, on.date(), ore, today=now.date(), now=now, actor="cli")
        row = reconcile(tenant, on.date(), now=now)
    wrong = [one for one in row.deviations if not one["explained"]] if row else []
    for one in wrong:
        click.echo(f"{one['what']}: {_kr(one['ore'])}")
    click.echo("deviates" if wrong else "reconciled")


@click.command("statement")
@click.option("--creditor", help="Slug; may be left out when there is only one.")
@click.option("--from", "first", type=DAY, required=True)
@click.option("--to", "last", type=DAY, required=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@with_tenant
def statement_command(creditor: str | None, first: datetime, last: datetime, out: Path, tenant_id: UUID) -> None:
    """Write a creditor's statement of a period as PDF, CSV and XLSX."""
    out.mkdir(parents=True, exist_ok=True)
    with open_tenant(tenant_id) as tenant:
        creditor_id = creditor_named(tenant, creditor).id
        statement = statement_of(tenant, creditor_id, first.date(), last.date())
        for form in FORMATS:
            path = out / file_name(statement, form)
            path.write_bytes(statement_file(tenant, statement, form))
            click.echo(str(path))
    click.echo(f"opening {_kr(statement.opening_ore)}, closing {_kr(statement.closing_ore)}")


@click.command("invoice")
@click.option("--from", "first", type=DAY, required=True)
@click.option("--to", "last", type=DAY, required=True)
@with_tenant
def invoice_command(first: datetime, last: datetime, tenant_id: UUID) -> None:
    """Invoice each creditor for commission and fees of a period that is over, with VAT."""
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        issued = issue_invoices(tenant, first.date(), last.date(), today=now.date(), now=now, actor="cli")
        for one in issued:
            name = tenant.session.get_one(Creditor, (tenant.id, one.creditor_id)).slug
            told = f"net {_kr(one.net_ore)}, VAT {_kr(one.vat_ore)}, to pay {_kr(to_pay_ore(one))}"
            click.echo(f"{one.number}\t{name}\t{told}")


@click.command("mandates")
@with_tenant
def mandates_command(tenant_id: UUID) -> None:
    """The standing permissions to pay out. Two people set them up, each signed in, on /admin/settlement."""
    with open_tenant(tenant_id) as tenant:
        names = {one.id: one.slug for one in tenant.session.query(Creditor).filter_by(tenant_id=tenant.id)}
        for creditor_id, both in mandates_of(tenant).items():
            for state, one in (("approved", both.standing), ("waits for approval", both.proposed)):
                if one:
                    name = "(own fees)" if creditor_id == NIL else names.get(creditor_id, creditor_id)
                    click.echo(f"{name}\t{one.account}\t{state}")


@click.command("alerts")
@with_tenant
def alerts_command(tenant_id: UUID) -> None:
    """What a person must see to now."""
    with open_tenant(tenant_id) as tenant:
        for alert in alerts(tenant, clock.today(tenant)):
            click.echo(f"{alert.since}\t{alert.kind}\t{alert.words}")


COMMANDS = (
    remit_command,
    settle_day_command,
    bank_news_command,
    bank_balance_command,
    statement_command,
    invoice_command,
    mandates_command,
    alerts_command,
)


def _kr(ore: int) -> str:
    return kroner(Ore(ore), space=" ")
