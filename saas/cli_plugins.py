"""`frist plugin …`: see, switch and configure plugins, ask why one said what it said, make a new one and check it."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from saas.cases.explain_plugins import explain_plugins
from saas.cases.lifecycle import get_case, head_of
from saas.cli_shared import with_tenant
from saas.kernel import clock
from saas.kernel.errors import BadInput
from saas.kernel.ids import NIL
from saas.testing.check_plugin import check_package
from saas.testing.new_plugin import make_plugin
from tenants.plugin_states import plugin_states
from tenants.plugins import switch_plugin
from tenants.resolve import Tenant, creditor_named, open_tenant


@click.group()
def plugin() -> None:
    """See and switch plugins; make a new one."""


# --- for tenants ----------------------------------------------------------------------------------------------------

_creditor = click.option("--creditor", help="Slug; for the whole tenant when left out.")
_settings = click.option("--settings", default="", help='JSON object: {"weeks": [28]}. What is left out falls back.')


@plugin.command("list")
@with_tenant
def plugin_list(tenant_id: UUID) -> None:
    """Every plugin installed, and where it is on."""
    with open_tenant(tenant_id) as tenant:
        for state in plugin_states(tenant):
            trouble = f"\t{state.trouble}" if state.trouble else ""
            click.echo(f"{state.slug}\t{state.state}\t{state.description}{trouble}")


@plugin.command("enable")
@click.argument("name", metavar="SLUG")
@_creditor
@_settings
@with_tenant
def plugin_enable(name: str, creditor: str | None, settings: str, tenant_id: UUID) -> None:
    """Switch a plugin on for the tenant or one creditor."""
    with open_tenant(tenant_id) as tenant:
        _switch(tenant, name, creditor, enabled=True, settings=_read(settings) if settings else None)
    click.echo(f"{name}: on{f' for {creditor}' if creditor else ''}")


@plugin.command("disable")
@click.argument("name", metavar="SLUG")
@_creditor
@with_tenant
def plugin_disable(name: str, creditor: str | None, tenant_id: UUID) -> None:
    """Switch a plugin off for the tenant or one creditor; its settings are kept."""
    with open_tenant(tenant_id) as tenant:
        _switch(tenant, name, creditor, enabled=False, settings=None)
    click.echo(f"{name}: off{f' for {creditor}' if creditor else ''}")


@plugin.command("configure")
@click.argument("name", metavar="SLUG")
@click.argument("settings")
@_creditor
@with_tenant
def plugin_configure(name: str, settings: str, creditor: str | None, tenant_id: UUID) -> None:
    """Set a plugin's SETTINGS (a JSON object) for the tenant or one creditor; whether it is on stays as it is."""
    with open_tenant(tenant_id) as tenant:
        _switch(tenant, name, creditor, enabled=None, settings=_read(settings))
    click.echo(f"{name}: configured{f' for {creditor}' if creditor else ''}")


@plugin.command("explain")
@click.argument("case_number", type=int)
@with_tenant
def plugin_explain(case_number: int, tenant_id: UUID) -> None:
    """What each plugin in force says of a case today, and why; nothing is changed by asking."""
    with open_tenant(tenant_id) as tenant:
        case = head_of(tenant, get_case(tenant, number=case_number).id)
        said = explain_plugins(tenant, case.id, today=clock.today(tenant))
    for each in said:
        click.echo(f"{each.slug}\t{each.hook}\t{each.said}")
    if not said:
        click.echo("No plugin in force has anything to say of this case.")


def _read(text: str) -> Mapping[str, Any]:
    try:
        read = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput({"settings": f"Not JSON: {error}"}) from None
    if not isinstance(read, dict):
        raise BadInput({"settings": 'Give a JSON object, as {"weeks": [28]}.'})
    return read


def _switch(
    tenant: Tenant, slug: str, creditor: str | None, *, enabled: bool | None, settings: Mapping[str, Any] | None
) -> None:
    creditor_id = creditor_named(tenant, creditor).id if creditor else NIL
    switch_plugin(
        tenant, slug, creditor_id=creditor_id, enabled=enabled, settings=settings, now=clock.now(tenant), actor="cli"
    )


# --- for authors ----------------------------------------------------------------------------------------------------


@plugin.command("new")
@click.argument("name")
@click.option("--folder", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path), show_default=True)
def plugin_new(name: str, folder: Path) -> None:
    """Make a working package for a new plugin, with its test."""
    made = make_plugin(name, folder)
    click.echo(f"{made}: try it with pip install -e {made} and pytest {made}")


@plugin.command("check")
@click.argument("package")
@click.option("--cases", default=300, show_default=True, help="How many made-up cases it is tried on.")
def plugin_check(package: str, cases: int) -> None:
    """Try an installed plugin (its PACKAGE or slug) for harm, and read its source for what does not belong there."""
    found = check_package(package, cases=cases)
    for each in found:
        for finding in each.findings:
            click.echo(f"{finding.plugin}: {finding.what}")
        if not each.findings:
            click.echo(f"{each.plugin}: answers {', '.join(each.hooks)}; no harm in {each.cases} cases")
    if any(each.findings for each in found):
        sys.exit(1)
