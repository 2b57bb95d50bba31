"""Tenants full of cases that are due tonight: what a night meets, made set by set in a few seconds."""

from datetime import date
from itertools import count
from pathlib import Path
from uuid import UUID

from psycopg import Connection

from saas.kernel import crypto
from saas.kernel.bulk import copy_rows
from saas.kernel.db import driver
from saas.kernel.ids import new_id
from saas.kernel.servers import Servers
from saas.ledger.sums import rebuild_sums
from tenants.resolve import open_tenant
from tests.builders import creditor_of, make_agency

TONIGHT = date(2026, 3, 2)
_STATEMENTS = (Path(__file__).parent / "seed.sql").read_text().split(";\n\n")
_NUMBER = count(1)


def a_tenant(servers: Servers, cases: int = 0) -> UUID:
    """A fresh agency, its sandbox clock at TONIGHT, with this many cases due for their payment demand."""
    tenant_id = make_agency(servers, slug=f"bench{next(_NUMBER)}", sandbox_on=TONIGHT)
    creditors = [creditor_of(tenant_id, slug) for slug in ("nordlys-kraft", "bygda-bredband")]
    with open_tenant(tenant_id) as tenant:
        connection = driver(tenant.session)
        _stage_keys(connection, cases)
        for statement in _STATEMENTS:
            connection.execute(statement, {"tenant": tenant_id, "creditors": creditors, "today": TONIGHT})
        if cases:
            rebuild_sums(tenant)
    return tenant_id


def _stage_keys(connection: Connection, cases: int) -> None:
    ids = [new_id() for _ in range(cases)]
    rows = ((n, case_id, crypto.new_case_key(case_id)) for n, case_id in enumerate(ids, start=1))
    copy_rows(connection, "seed_case", [("n", "int4"), ("case_id", "uuid"), ("case_key", "bytea")], rows)
