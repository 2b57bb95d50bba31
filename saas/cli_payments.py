"""`frist payments move|send-back|reverse|payout|top-up|suggest|direct…`: what a person decides about money."""

import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from saas.cases.lifecycle import get_case
from saas.cli_shared import DAY, with_tenant
from saas.kernel import clock
from saas.kernel.ids import NIL
from saas.ledger.models import CLIENT_BANK
from saas.payments.bank_payouts import is_payout, is_payout_of, payouts_it_may_be
from saas.payments.bounced import take_back
from saas.payments.by_hand import belongs_nowhere
from saas.payments.direct import Told, read_direct_csv, report_direct_payment, report_direct_payments
from saas.payments.maybe_paid import hold_what_may_be_paid, waiting_money
from saas.payments.reversals import left_of, money_went_back, move_payment, send_back, withdraw_report
from saas.payments.rows import payment_of
from saas.payments.suggestions import suggest
from saas.payments.top_ups import is_top_up
from saas.rules.money import kroner
from tenants.resolve import creditor_named, open_tenant


@click.command("suggest")
@with_tenant
def payments_suggest(tenant_id: UUID) -> None:
    """Which cases the waiting payments may belong to, the likeliest first, and why."""
    with open_tenant(tenant_id) as tenant:
        waiting = waiting_money(tenant)
        found = suggest(tenant, waiting)
    for payment in waiting:
        click.echo(f"{payment.id}\t{payment.value_on}\t{kroner(payment.amount_ore, space=' ')}")
        for each in found[payment.id]:
            click.echo(f"  {each.number}\t{', '.join(each.why)}")


@click.command("move")
@click.argument("payment", type=click.UUID)
@click.argument("case_number", type=int)
@with_tenant
def payments_move(payment: UUID, case_number: int, tenant_id: UUID) -> None:
    """A placed payment belongs to another case."""
    with open_tenant(tenant_id) as tenant:
        target = get_case(tenant, number=case_number)
        moved_to = move_payment(tenant, payment, target.id, now=clock.now(tenant), actor="cli")
        click.echo(f"moved to {moved_to.number}")


@click.command("send-back")
@click.argument("payment", type=click.UUID)
@click.option("--account", default="", help="Where to; the account it came from when left out.")
@with_tenant
def payments_send_back(payment: UUID, account: str, tenant_id: UUID) -> None:
    """Return a bank payment to its payer: a repayment that waits to be ordered."""
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        row = send_back(tenant, payment, account=account, today=now.date(), now=now, actor="cli")
        click.echo(f"{kroner(row.amount_ore, space=' ')} to {row.account}: {row.state}")
    hold_what_may_be_paid(tenant_id, now, "cli")


@click.command("reverse")
@click.argument("payment", type=click.UUID)
@click.option("--by", "taken", type=click.UUID, help="The negative row by which the bank took it back.")
@click.option("--amount", type=int, help="Øre; all that is left of it when left out.")
@click.option("--why", default="bounced", show_default=True)
@click.option("--on", type=DAY, help="The day the money left; the tenant's today when left out.")
@with_tenant
def payments_reverse(
    payment: UUID, taken: UUID | None, amount: int | None, why: str, on: datetime | None, tenant_id: UUID
) -> None:
    """A payment has gone back to its payer: off its case, which opens again when it was closed as paid."""
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        if taken is not None:
            take_back(tenant, payment, taken, now=now, actor="cli")
        else:
            day, ore = (on or now).date(), left_of(tenant, payment) if amount is None else amount
            money_went_back(tenant, payment, ore, why, left=CLIENT_BANK, on=day, now=now, actor="cli")
    hold_what_may_be_paid(tenant_id, now, "cli")
    click.echo("reversed")


@click.command("not-ours")
@click.argument("payment", type=click.UUID)
@with_tenant
def payments_not_ours(payment: UUID, tenant_id: UUID) -> None:
    """A waiting payment belongs to no case here: it holds none, and waits to be sent back."""
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        belongs_nowhere(tenant, payment, now=now, actor="cli")
    hold_what_may_be_paid(tenant_id, now, "cli")
    click.echo("noted")


@click.command("payout")
@click.argument("payment", type=click.UUID)
@click.option("--of", "told", type=click.UUID, help="The payout a provider has told of; they are listed without it.")
@click.option("--from", "provider", default="", help="A provider that tells nothing of its payouts.")
@click.option("--gross", type=int, help="Øre paid in all, by its report.")
@with_tenant
def payments_payout(payment: UUID, told: UUID | None, provider: str, gross: int | None, tenant_id: UUID) -> None:
    """A waiting payment is a provider's payout: money that was on its way."""
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        if told is not None:
            is_payout(tenant, payment, told, now=now, actor="cli")
        elif provider and gross is not None:
            is_payout_of(tenant, payment, provider, gross, now=now, actor="cli")
        else:
            for one in payouts_it_may_be(tenant, payment_of(tenant, payment)):
                click.echo(f"{one.id}\t{one.provider}\t{one.reference}\t{one.arrived_on}")
            return
    hold_what_may_be_paid(tenant_id, now, "cli")
    click.echo("met")


@click.command("top-up")
@click.argument("payment", type=click.UUID)
@with_tenant
def payments_top_up(payment: UUID, tenant_id: UUID) -> None:
    """A waiting payment is the agency's own money for the client account."""
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        is_top_up(tenant, payment, now=now, actor="cli")
    hold_what_may_be_paid(tenant_id, now, "cli")
    click.echo("topped up")


@click.command("direct")
@click.argument("case_number", type=int)
@click.argument("amount", type=int)
@click.option("--on", type=DAY, required=True, help="The day it came in at the creditor.")
@click.option("--reference", default="", help="The creditor's own; told again, it counts once.")
@with_tenant
def payments_direct(case_number: int, amount: int, on: datetime, reference: str, tenant_id: UUID) -> None:
    """The debtor has paid the creditor itself: AMOUNT in øre."""
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        case = get_case(tenant, number=case_number)
        payment, is_new = report_direct_payment(
            tenant, case.id, amount_ore=amount, paid_on=on.date(), reference=reference, today=now.date(), now=now,
            actor="cli",
        )  # fmt: skip
        click.echo(f"{payment.id}: {'booked' if is_new else 'told before'}")


@click.command("withdraw-report")
@click.argument("payment", type=click.UUID)
@with_tenant
def payments_withdraw_report(payment: UUID, tenant_id: UUID) -> None:
    """What a creditor reported as paid to it was not."""
    with open_tenant(tenant_id) as tenant:
        withdraw_report(tenant, payment, now=clock.now(tenant), actor="cli")
    click.echo("withdrawn")


@click.command("direct-payments")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--creditor", help="Slug: only this creditor's cases may be named.")
@click.option("--dry-run", is_flag=True)
@with_tenant
def import_direct_payments(file: Path, creditor: str | None, dry_run: bool, tenant_id: UUID) -> None:
    """Payments made straight to a creditor, from a CSV file; one wrong row and none is booked."""
    rows = read_direct_csv(file.read_bytes())
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        creditor_id = creditor_named(tenant, creditor).id if creditor else NIL
        report = report_direct_payments(
            tenant, rows, creditor_id=creditor_id, today=now.date(), now=now, actor="cli", dry_run=dry_run
        )
    for verdict in report.verdicts:
        if verdict.outcome is Told.WRONG:
            told = "; ".join(f"{name}: {' '.join(map(str, texts))}" for name, texts in verdict.errors.items())
            click.echo(f"line {verdict.row}: {told}")
    booked = sum(1 for verdict in report.verdicts if verdict.outcome is Told.BOOKED) if report.booked else 0
    known = sum(1 for verdict in report.verdicts if verdict.outcome is Told.KNOWN)
    click.echo(f"{booked} booked, {known} told before{'' if report.booked else '; nothing booked'}")
    if report.has_errors:
        sys.exit(1)


COMMANDS = (
    payments_suggest,
    payments_move,
    payments_send_back,
    payments_reverse,
    payments_not_ours,
    payments_payout,
    payments_top_up,
    payments_direct,
    payments_withdraw_report,
)
