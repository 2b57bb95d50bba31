"""What the commands share: the servers opened, the tenant found, days."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from saas.kernel.servers import open_servers
from tenants.resolve import find_tenant

DAY = click.DateTime(formats=["%Y-%m-%d"])


def with_servers(command: Callable[..., Any]) -> Callable[..., Any]:
    """Open the servers first; the command gets them as `servers`."""

    @wraps(command)
    def opened(*args: Any, **kwargs: Any) -> Any:
        return command(*args, servers=open_servers(), **kwargs)

    return opened


def with_tenant(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--tenant SLUG`, found; the command gets `tenant_id`. Raises NotFound."""

    @click.option("--tenant", "slug", required=True, help="The tenant's slug.")
    @wraps(command)
    def found(*args: Any, slug: str, **kwargs: Any) -> Any:
        open_servers()
        return command(*args, tenant_id=find_tenant(slug=slug), **kwargs)

    return found
