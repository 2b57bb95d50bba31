"""One worker's lane: its letters written first, then given to the tenant's Digipost and noted, as workers do it.

`python -m tests.bench.hand_over TENANT LANE LETTERS`. Waits for a line before it begins to give, so that the lanes
begin at once, and prints a line of JSON: {"letters", "began", "ended", "peak_mb"}. LETTERS is how many are queued for
all lanes together. What has no hurry any more is asked for again only when its lease is over: never, in this run.
"""

import sys
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from saas.cases.hand_over import prepare
from saas.dispatch import ask, outbox
from saas.dispatch.models import SENT, Dispatch
from saas.dispatch.outbox import queued_letters
from saas.kernel import clock
from saas.kernel.servers import open_servers
from tenants.resolve import open_tenant
from tests.bench.letters import a_round
from workers.jobs import finish_batches

WARM_UP = 4  # letters of a lane given before the clock starts


def written(tenant_id: UUID, lane: int, letters: int) -> list[UUID]:
    """Every other letter, so that the lanes have as many each, written and ready; a small batch first."""
    with open_tenant(tenant_id) as tenant:
        every = queued_letters(tenant, now=clock.now(tenant), usable=["digipost"], limit=letters)
        queued = every[lane :: ask.LANES]
    batches = []
    for start in (0, *range(WARM_UP, len(queued), ask.LETTERS_A_JOB)):
        with open_tenant(tenant_id) as tenant:
            some = queued[start : start + ask.LETTERS_A_JOB if start else WARM_UP]
            batches += prepare(tenant, some, now=clock.now(tenant)).batches
    return batches


def given(tenant_id: UUID, batches: list[UUID]) -> int:
    """Give each batch; how many letters were taken as sent."""
    finish_batches(str(tenant_id), batches, fresh=True)
    with open_tenant(tenant_id) as tenant:
        sent = sa.select(sa.func.count()).where(
            Dispatch.tenant_id == tenant_id, Dispatch.batch_id.in_(batches), Dispatch.state == SENT
        )
        return tenant.session.scalar(sent) or 0


def main() -> None:
    """Write, wait, give, tell."""
    tenant_id, lane, letters = UUID(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    servers = open_servers(migrated=False)
    outbox.LEASE = timedelta(hours=9)
    small, *batches = written(tenant_id, lane, letters)
    finish_batches(str(tenant_id), [small], fresh=True)  # once a process: the key opened, the entry point fetched
    print("ready", flush=True)
    a_round(lambda: given(tenant_id, batches))
    servers.release()


if __name__ == "__main__":
    main()
