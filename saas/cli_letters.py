"""`frist letters …`: look at every letter, prove the kept ones, take in a logo."""

import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import click

from saas.cases.compose import sender_of
from saas.cli_shared import with_tenant
from saas.documents.logos import MOST_BYTES, take_logo
from saas.documents.preview import write_previews
from saas.documents.recheck import recheck
from saas.kernel import clock
from saas.kernel.servers import open_servers
from tenants.resolve import find_tenant, open_tenant


@click.group()
def letters() -> None:
    """Letters: previews, proof, looks."""


@letters.command("preview")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="A folder; made if new.")
@click.option("--tenant", "slug", help="With this tenant's name and colours; a made-up agency's when left out.")
def letters_preview(out: Path, slug: str | None) -> None:
    """Every kind of letter in every language as PDF, in one folder, and a contact sheet."""
    sender = None
    if slug is not None:
        open_servers()
        with open_tenant(find_tenant(slug=slug)) as tenant:
            sender = sender_of(tenant)
    written = write_previews(out, sender)
    click.echo(f"{len(written) - 1} letters and {written[-1]}")


@letters.command("recheck")
@with_tenant
def letters_recheck(tenant_id: UUID) -> None:
    """Prove every letter kept: unaltered, and the same bytes when rendered again; status 1 when one is not."""
    found: Counter[str] = Counter()
    wrong = 0
    with open_tenant(tenant_id) as tenant:
        for letter in recheck(tenant):
            found[letter.verdict] += 1
            if letter.verdict.is_wrong:
                wrong += 1
                click.echo(f"{letter.dispatch_id}: {letter.kind}: {letter.verdict}")
    told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(found.items()))
    click.echo(f"{found.total()} letters{': ' if told else ''}{told}")
    sys.exit(1 if wrong else 0)


@letters.command("logo")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_tenant
def letters_logo(file: Path, tenant_id: UUID) -> None:
    """Take in the tenant's logo, PNG or JPEG; letters made from now on carry it."""
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    with open_tenant(tenant_id) as tenant:
        take_logo(tenant, content, now=clock.now(tenant), actor="cli")
        click.echo(tenant.settings.logo)
