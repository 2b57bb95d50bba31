"""`frist ledger …`: the book audited, its sums made anew, the general ledger handed out."""

import sys
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import click

from saas.cli_shared import DAY, with_tenant
from saas.kernel import clock
from saas.kernel.errors import BadInput
from saas.ledger.audit import check_and_note
from saas.ledger.export import general_ledger
from saas.ledger.sums import rebuild_sums, top_up_due
from saas.rules.money import kroner
from tenants.resolve import open_tenant


@click.group()
def ledger() -> None:
    """The book."""


@ledger.command("audit")
@with_tenant
def ledger_audit(tenant_id: UUID) -> None:
    """Check every invariant of the book, from the definition; status 1 when any is broken. The answers are kept."""
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        checked = check_and_note(tenant, now)
        due_ore = top_up_due(tenant.session, now.date())
    for each in checked:
        click.echo(f"{'ok' if not each.findings else each.findings:>6}  {each.invariant.name}")
        for words in each.examples:
            click.echo(f"        {words}")
    if due_ore:
        click.echo(
            f"Top-up due: {kroner(due_ore, space=' ')} kr of the agency's own money is to go to the client account."
        )
    findings = sum(each.findings for each in checked)
    click.echo("The book balances." if not findings else f"{findings} findings.")
    sys.exit(1 if findings else 0)


@ledger.command("rebuild")
@with_tenant
def ledger_rebuild(tenant_id: UUID) -> None:
    """Make the sums that balances are read from anew, from the transfers. Others may go on booking."""
    with open_tenant(tenant_id) as tenant:
        click.echo(f"{rebuild_sums(tenant)} sums made anew.")


@ledger.command("export")
@click.option("--from", "from_on", type=DAY, required=True, help="The first value date.")
@click.option("--to", "to_on", type=DAY, required=True, help="The last value date.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output when left out.")
@with_tenant
def ledger_export(from_on: datetime, to_on: datetime, out: Path | None, tenant_id: UUID) -> None:
    """Hand out the general ledger of a period as CSV, one row a transfer."""
    if to_on < from_on:
        raise BadInput({"to": ["The last day is before the first."]})
    target: BinaryIO = out.open("wb") if out else sys.stdout.buffer
    with open_tenant(tenant_id) as tenant:
        for piece in general_ledger(tenant, from_on.date(), to_on.date()):
            target.write(piece)
    target.flush()
    if out:
        target.close()
