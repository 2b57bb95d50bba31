"""A Digipost in a process of its own, and a tenant's agreement with it."""

import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from saas.kernel import clock
from tenants.accounts import set_account
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant

SLUG = "digipost"


@contextmanager
def a_digipost(tenant_id: UUID, latency_ms: int, at_a_time: int) -> Iterator[None]:
    """As `frist sim digipost` plays it, everybody with a mailbox; the tenant may make so many calls at a time."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "agreement.json"
        command = [
            sys.executable,
            "-c",
            "from saas.cli import main; main()",
            "sim",
            SLUG,
            "--port",
            "0",
            "--agreement",
            str(file),
        ]
        with subprocess.Popen(
            [*command, "--latency-ms", str(latency_ms)], stdout=subprocess.PIPE, text=True
        ) as playing:
            try:
                assert playing.stdout
                assert playing.stdout.readline().startswith("Digipost is played at ")
                agreement = json.loads(file.read_text())
                _set(agreement["base_url"], check_pdf=False)
                _agree(tenant_id, agreement | {"concurrency": at_a_time})
                yield
            finally:
                playing.terminate()


def _set(base_url: str, **told: object) -> None:
    asked = urllib.request.Request(f"{base_url}/_sim/set", json.dumps(told).encode(), method="POST")
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert answer.status == 200


def _agree(tenant_id: UUID, agreement: dict[str, object]) -> None:
    with open_tenant(tenant_id) as tenant:
        now = clock.now(tenant)
        switch_plugin(tenant, SLUG, enabled=True, now=now, actor="cli")
        set_account(tenant, SLUG, agreement, enabled=True, now=now, actor="cli")
        tenant.session.execute(
            sa.text("update debtor set national_id = lpad(substring(name from '[0-9]+'), 11, '0')"
                    " where tenant_id = :tenant"),
            {"tenant": tenant_id},
        )  # fmt: skip
