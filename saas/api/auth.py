"""Who calls, and the one transaction a call runs in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import g, request
from werkzeug.exceptions import Unauthorized

from saas.access.api_keys import KeyHolder, check_key
from saas.access.roles import Action, allow
from tenants.resolve import Tenant, open_tenant


def check_caller() -> None:
    """Before every call: the key must be good (401)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    holder = check_key(token.strip()) if scheme.lower() == "bearer" else None
    if holder is None:
        raise Unauthorized
    g.holder = holder


def caller() -> KeyHolder:
    """Who calls."""
    return cast(KeyHolder, g.holder)


@contextmanager
def reading(action: Action) -> Iterator[Tenant]:
    """The caller's tenant for reading; a creditor's key sees that creditor's rows only. Raises Forbidden."""
    allow(caller().role, action)
    with open_tenant(caller().tenant_id, caller().creditor_id) as tenant:
        yield tenant


@contextmanager
def writing(action: Action) -> Iterator[Tenant]:
    """The caller's tenant for writing, as its staff. Raises Forbidden.

    A creditor's key is held to its creditor by `saas.api.pinned`, from who it is and never from what it sends.
    """
    allow(caller().role, action)
    with open_tenant(caller().tenant_id) as tenant:
        yield tenant
