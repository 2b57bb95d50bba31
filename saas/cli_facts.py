"""`frist import facts`: what a creditor reports about its cases, from a file."""

import sys
from pathlib import Path
from uuid import UUID

import click

from saas.cases.reported_rows import FactOutcome, read_facts_csv, report_fact_rows
from saas.cli_shared import with_tenant
from saas.kernel import clock
from saas.kernel.ids import NIL
from tenants.resolve import creditor_named, open_tenant


@click.command("facts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--creditor", help="Slug: it stands as the source, and only its cases may be named.")
@click.option("--dry-run", is_flag=True)
@with_tenant
def import_facts(file: Path, creditor: str | None, dry_run: bool, tenant_id: UUID) -> None:
    """Dated facts from a CSV file, e.g. which power contracts run; one wrong row and none is stored."""
    rows = read_facts_csv(file.read_bytes())
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        report = report_fact_rows(
            tenant, rows, creditor_id=creditor_named(tenant, creditor).id if creditor else NIL, today=now.date(),
            now=now, actor="cli", dry_run=dry_run,
        )  # fmt: skip
    for verdict in report.verdicts:
        if verdict.outcome is FactOutcome.WRONG:
            told = "; ".join(f"{name}: {' '.join(map(str, texts))}" for name, texts in verdict.errors.items())
            click.echo(f"line {verdict.row}: {told}")
    stored = report.count(FactOutcome.STORED) if report.stored else 0
    click.echo(f"{stored} stored, {report.count(FactOutcome.KNOWN)} known{'' if report.stored else '; nothing stored'}")
    if report.has_errors:
        sys.exit(1)
