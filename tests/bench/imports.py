"""One process's import of a bulk file: bytes in, cases with claims, ledger and history out.

`python -m tests.bench.imports TENANT CREDITOR ROWS`; prints {"rows", "seconds"}.
"""

import json
import sys
from uuid import UUID

from saas.cases.csv_file import read_csv
from saas.cases.intake import register_claims
from saas.kernel import clock
from saas.kernel.servers import open_servers
from tenants.resolve import open_tenant
from tests.bench.seed import TONIGHT

_HEADING = ("debtor_kind;debtor_name;address;postcode;city;invoice_number;kind;description;invoiced_on;due_on;amount;"
            "active_contract")  # fmt: skip


def a_file(rows: int) -> bytes:
    """A creditor's file: every tenth debtor has two invoices, every fifth row is about a running contract."""
    lines = (
        f"person;Kari Prøve {n - (n % 10 == 1)};Storgata {n - (n % 10 == 1)};0155;Oslo;A{n};electricity;"
        f"Strøm januar 2026;2026-01-20;2026-02-{n % 5 + 6:02d};{n % 9000 + 300},50;{'ja' if n % 5 == 0 else ''}"
        for n in range(1, rows + 1)
    )
    return "\r\n".join((_HEADING, *lines)).encode()


def main() -> None:
    """Import it, and tell."""
    tenant_id, creditor_id, rows = UUID(sys.argv[1]), UUID(sys.argv[2]), int(sys.argv[3])
    servers = open_servers(migrated=False)
    content = a_file(rows)
    began = clock.monotonic()
    with open_tenant(tenant_id) as tenant:
        report = register_claims(
            tenant, read_csv(content), creditor_id=creditor_id, today=TONIGHT, now=clock.now(tenant), actor="cli"
        )
    seconds = clock.monotonic() - began
    servers.release()
    print(json.dumps({"rows": report.counts["accepted"], "seconds": seconds}))


if __name__ == "__main__":
    main()
