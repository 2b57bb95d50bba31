"""One process's part in a bank file: it may take the file in, and it places what is in.

`python -m tests.bench.ocr TENANT [FILE [PROFILE]]` prints "ready", waits for a line, takes FILE in and prints "in"; and
after another line it places and prints {"placed", "closed", "began", "ended", "import_seconds", "peak_mb"}.
"""

import cProfile
import json
import pstats
import sys
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from saas.kernel import clock
from saas.kernel.bulk import copy_rows
from saas.kernel.db import driver
from saas.kernel.servers import open_servers
from saas.payments.inbox import import_bank_file
from saas.payments.placing import place_payments
from saas.payments.suggestions import owed_on
from saas.rules.kid import make_kid
from saas.simulators.bank import SimPayment, write_ocr
from tenants.resolve import open_tenant
from tests.bench.night import peak_mb
from tests.bench.seed import TONIGHT

PART_PAID = 10  # every tenth pays something only
PAID_ON = TONIGHT - timedelta(days=1)

_CASES = "select number, id, account from collection_case, (select client_account as account from tenant_settings) s"
_KIDS = (("kid", "text"), ("case_id", "uuid"), ("account", "text"))
_KEEP = (
    "update collection_case c set kid = k.kid from seed_kids k where c.tenant_id = %(tenant)s and c.id = k.case_id",
    "insert into kid_alias (tenant_id, account, kid, creditor_id, case_id) select %(tenant)s, k.account, k.kid,"
    " c.creditor_id, c.id from seed_kids k join collection_case c on c.tenant_id = %(tenant)s and c.id = k.case_id",
)


def a_file(tenant_id: UUID) -> bytes:
    """A file with a payment for each case of the tenant, by KID and of yesterday: most pay what is owed to the øre."""
    with open_tenant(tenant_id) as tenant:
        connection = driver(tenant.session)
        cases = connection.execute(_CASES).fetchall()
        kids = {case_id: make_kid(f"{number:011}") for number, case_id, _ in cases}
        account = cases[0][2]
        copy_rows(connection, "seed_kids", _KIDS, [(kid, case_id, account) for case_id, kid in kids.items()])
        for statement in _KEEP:
            connection.execute(statement, {"tenant": tenant_id})
        owed: dict[UUID, int] = {}
        for begin in range(0, len(cases), 5_000):
            owed |= owed_on(tenant, [case_id for _, case_id, _ in cases[begin : begin + 5_000]], PAID_ON)
    payments = [
        SimPayment(kids[case_id], 25_000 if n % PART_PAID == 0 else ore, PAID_ON)
        for n, (case_id, ore) in enumerate(owed.items())
    ]
    return write_ocr(payments, account, "123456789", 1, "12345678", date(2026, 3, 2))


def main() -> None:
    """Do it, and tell."""
    tenant_id, file = UUID(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None
    servers = open_servers(migrated=False)
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
    print("ready", flush=True)
    sys.stdin.readline()
    began = clock.monotonic()
    if file is not None:
        import_bank_file(tenant_id, file, file.name, now)
        print("in", flush=True)
        import_seconds = clock.monotonic() - began
        sys.stdin.readline()
    else:
        import_seconds = 0.0
    began = clock.monotonic()
    if len(sys.argv) > 3:
        profiler = cProfile.Profile()
        report = profiler.runcall(place_payments, tenant_id, now)
        for order in ("tottime", "cumtime"):
            pstats.Stats(profiler, stream=sys.stderr).sort_stats(order).print_stats(60)
    else:
        report = place_payments(tenant_id, now)
    ended = clock.monotonic()
    servers.release()
    told = {"placed": report.placed, "closed": report.closed, "began": began, "ended": ended,
            "import_seconds": import_seconds, "peak_mb": peak_mb()}  # fmt: skip
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
