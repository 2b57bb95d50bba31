"""`frist account …`: a tenant's agreements with letter channels and payment providers."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from saas.cli_shared import with_tenant
from saas.hooks import ProviderTrouble
from saas.kernel import clock, config
from saas.kernel.errors import BadInput
from saas.payments.own_accounts import end
from saas.payments.providers import provider_named
from tenants.account_states import account_state
from tenants.accounts import account_of, accounts, change_account, set_account
from tenants.resolve import open_tenant


@click.group()
def account() -> None:
    """Agreements with outside parties: letter channels and payment providers."""


@account.command("set")
@click.argument("name")
@click.option(
    "--settings",
    "file",
    type=click.Path(exists=True, path_type=Path),
    help="A JSON object; left out, what is kept stays.",
)
@click.option("--on/--off", "enabled", default=True, help="Whether new letters or payments may be begun.")
@with_tenant
def account_set(name: str, file: Path | None, enabled: bool, tenant_id: UUID) -> None:
    """Keep the agreement with a party. Secrets are encrypted; the file can be deleted afterwards."""
    with open_tenant(tenant_id) as tenant:
        set_account(tenant, name, _settings(file), enabled=enabled, now=clock.now(tenant), actor="cli")
        switched_on = account_state(tenant, name).plugin_is_on
        path = f"/webhooks/{name}/{tenant.slug}"
    click.echo(f"{name}: {'on' if enabled else 'off'}; whatever it tells us comes to {path}")
    if not switched_on:
        click.echo(f"The plugin is off: frist plugin enable {name} switches it on.")


def _settings(file: Path | None) -> dict[str, Any] | None:
    if file is None:
        return None
    try:
        settings = json.loads(file.read_text())
    except ValueError:
        raise BadInput({"settings": "Not JSON."}) from None  # what is in it is not repeated
    if not isinstance(settings, dict):
        raise BadInput({"settings": "Must be a JSON object."})
    return settings


@account.command("listen")
@click.argument("name")
@click.option("--url", help="Where events come in; left out, this installation's own address.")
@with_tenant
def account_listen(name: str, url: str | None, tenant_id: UUID) -> None:
    """Have the provider send its events here. Run again, it takes the place of the last."""
    with open_tenant(tenant_id) as tenant:
        account = account_of(tenant, name)
        url = url or f"{config.settings().public_url}/webhooks/{name}/{tenant.slug}"
    try:
        told = provider_named(name).listen(account, url)
    except ProviderTrouble as trouble:
        raise click.ClickException(f"{name} would not: {trouble}") from None
    if not told:
        raise click.ClickException(f"{name}: enter {url} by hand at the provider, and keep the secret it shows.")
    with open_tenant(tenant_id) as tenant:
        change_account(tenant, name, told, now=clock.now(tenant), actor="cli")
    click.echo(f"{name}: events come to {url}")


@account.command("remove")
@click.argument("name")
@with_tenant
def account_remove(name: str, tenant_id: UUID) -> None:
    """Forget an agreement that is off, and its secrets; refused while something under way needs it."""
    with open_tenant(tenant_id) as tenant:
        end(tenant, name, now=clock.now(tenant), actor="cli")
    click.echo(f"{name}: removed")


@account.command("list")
@with_tenant
def account_list(tenant_id: UUID) -> None:
    """The agreements there are; no secrets."""
    with open_tenant(tenant_id) as tenant:
        for row in accounts(tenant):
            shown = json.dumps(row.settings, ensure_ascii=False, sort_keys=True)
            click.echo(f"{row.provider}\t{'on' if row.enabled else 'off'}\t{row.changed_at:%Y-%m-%d}\t{shown}")
