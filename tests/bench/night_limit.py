"""Runs `night_limit.sql` over whole tenants, one session each: the limit the night is held against."""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import psycopg

from saas.kernel import clock
from saas.kernel.ids import NIL
from tests.bench.seed import TONIGHT

CHUNK = 5_000
_STATEMENT = (Path(__file__).parent / "night_limit.sql").read_text()
_NOISE = secrets.token_bytes(1_000_000)  # ciphertext cannot be compressed, so neither may its stand-in


class Widths(NamedTuple):
    """How many bytes a row of the night carries."""

    certificate_bytes: int
    event_bytes: int


def run_limit(dsn: str, tenant_ids: Sequence[UUID], widths: Widths) -> float:
    """Seconds from the first session's start to the last one's end, as the application role."""
    began = clock.monotonic()
    with ThreadPoolExecutor(len(tenant_ids)) as sessions:
        for done in [sessions.submit(_whole_tenant, dsn, tenant_id, widths) for tenant_id in tenant_ids]:
            done.result()
    return clock.monotonic() - began


def _whole_tenant(dsn: str, tenant_id: UUID, widths: Widths) -> None:
    asked = {"tenant": tenant_id, "today": TONIGHT, "again": TONIGHT + timedelta(days=50), "chunk": CHUNK}
    asked |= {"noise": _NOISE, **widths._asdict()}
    with psycopg.connect(dsn, autocommit=True) as connection:
        taken = CHUNK
        while taken == CHUNK:
            with connection.transaction():
                connection.execute(
                    "select set_config('app.tenant_id', %s, true), set_config('app.creditor_id', %s, true)",
                    (str(tenant_id), str(NIL)),
                )
                row = connection.execute(_STATEMENT, asked).fetchone()
                taken = row[0] if row else 0
