"""Balances as of random days in a book of five million transfers.

`python -m tests.bench.book TENANT DSN`; DSN is the superuser's, who fills the book. Prints {"median_ms", "worst_ms",
"transfers"}.
"""

import json
import random
import statistics
import sys
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import psycopg

from saas.kernel import clock
from saas.kernel.servers import open_servers
from saas.ledger.sums import account_balances, rebuild_sums
from tenants.resolve import open_tenant

TRANSFERS = 5_000_000
LEGS = 12
ASKED = 200
FIRST, DAYS = date(2023, 3, 1), 1_050
_FILL = (Path(__file__).parent / "book.sql").read_text()
_NO_INDEXES = "alter table transfer drop constraint transfer_tenant_id_source_leg_key; drop index transfer_case"
"""No balance is read by them, and the servers go away: filling takes half as long."""
_ADD_UP = """
select account, component, sum(ore)::bigint
from transfer cross join lateral (values (debit, amount_ore), (credit, -amount_ore)) sides(account, ore)
where tenant_id = %s and value_on <= %s group by 1, 2 having sum(ore) <> 0
"""


def main() -> None:
    """Fill it, ask, and tell."""
    tenant_id, dsn = UUID(sys.argv[1]), sys.argv[2]
    servers = open_servers(migrated=False)
    with psycopg.connect(dsn) as connection:
        connection.execute("set local synchronous_commit = off")
        connection.execute(_NO_INDEXES)
        connection.execute(_FILL, {"tenant": tenant_id, "entries": TRANSFERS // LEGS})
    with open_tenant(tenant_id) as tenant:
        rebuild_sums(tenant)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum analyze ledger_sum")
        _check(connection, tenant_id)
    days = random.Random(1814)
    times = [_ask(tenant_id, FIRST + timedelta(days=days.randrange(DAYS))) for _ in range(ASKED)]
    servers.release()
    told = {"median_ms": statistics.median(times), "worst_ms": max(times), "transfers": TRANSFERS // LEGS * LEGS}
    print(json.dumps(told))


def _ask(tenant_id: UUID, on: date) -> float:
    with open_tenant(tenant_id) as tenant:
        began = clock.monotonic()
        assert account_balances(tenant.session, on)
        return 1_000 * (clock.monotonic() - began)


def _check(connection: psycopg.Connection, tenant_id: UUID) -> None:
    """A balance that came quickly and is wrong would be none."""
    on = FIRST + timedelta(days=DAYS // 2)
    with open_tenant(tenant_id) as tenant:
        quick = account_balances(tenant.session, on)
    slow = {(account, component): ore for account, component, ore in connection.execute(_ADD_UP, (tenant_id, on))}
    assert quick == slow, "the sums are not the transfers"


if __name__ == "__main__":
    main()
