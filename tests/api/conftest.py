"""The whole application, and callers with keys."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from saas.access.api_keys import new_key
from saas.app import create_app
from saas.kernel.ids import NIL
from saas.kernel.servers import Servers
from tenants.resolve import open_tenant
from tests import builders

Caller = Callable[..., TestResponse]


@pytest.fixture(scope="session")
def app(servers: Servers) -> Flask:
    """The application as it is served."""
    return create_app(servers)


@pytest.fixture
def call(app: Flask) -> Callable[..., Caller]:
    """`call(tenant_id, role, creditor)` → a caller `(method, path, json, **more)` with a fresh key of that role."""

    def with_key(tenant_id: UUID, role: str = "admin", creditor: str | None = None) -> Caller:
        of_creditor = builders.creditor_of(tenant_id, creditor) if role == "creditor" else NIL
        with open_tenant(tenant_id) as tenant:
            token = new_key(tenant, "Fakturasystemet", role, of_creditor, builders.at(builders.MONDAY))

        def send(method: str, path: str, json: Any = None, *, key: str | None = None, **more: Any) -> TestResponse:
            headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key is not None else {})
            given = {"json": json} if json is not None else {}
            return app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **given, **more)

        return send

    return with_key
