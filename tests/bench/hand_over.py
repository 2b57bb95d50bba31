"""Hand-over to a Digipost with 20 ms latency: letters a second through the core, beside the channel alone.

`python -m tests.bench.hand_over [LETTERS]` (20 000 when not said). The limit is the same channel given as many letters
of the same size straight from memory: what the core adds (claiming, opening what is kept, noting each outcome in outbox
and history) is the difference. Both are given in batches of a hundred, as the workers do it.
"""

import hashlib
import sys
import time
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from uuid import uuid4

import sqlalchemy as sa

from saas.cases.hand_over import prepare
from saas.cases.outgoing import outgoing
from saas.cases.sending import send_batch
from saas.cases.ways import Ways
from saas.dispatch import outbox
from saas.dispatch.models import SENT, Dispatch
from saas.hooks import OutcomeKind, OutgoingBatch
from saas.kernel import clock
from saas.kernel.servers import open_servers
from saas.simulators.digipost.mailroom import Person
from tenants.resolve import open_tenant
from tests.bench.__main__ import a_home

LATENCY_MS, A_JOB = 20, 100


def main(letters: int) -> None:
    """Print both figures and their ratio."""
    from tests.dispatch.storm import national_ids
    from tests.dispatch.world import MONDAY, at, claim, post

    ids = list(islice(national_ids(), letters))
    with post(open_servers(), *[claim(who) for who in ids]) as world:
        world.digipost.mail.check_pdf = False
        world.digipost.mail.know(*(Person(who, "DIGIPOST") for who in ids))
        world.digipost.faults.latency_ms = LATENCY_MS
        world.night(hand_over=False)
        queued = [letter.id for letter in world.letters()]
        batches = []
        for start in range(0, len(queued), A_JOB):
            with open_tenant(world.tenant_id) as tenant:
                batches += prepare(tenant, queued[start : start + A_JOB], now=at(MONDAY)).batches
        outbox.LEASE = timedelta(hours=9)
        with open_tenant(world.tenant_id) as tenant:
            row = tenant.session.scalars(sa.select(Dispatch).limit(1)).one()
            cases = [case for case in world.cases() if case.id == row.case_id]
            ways = Ways(tenant, cases, at(MONDAY))
            channel, account = ways.channels["digipost"], ways.accounts["digipost"]
            like = outgoing(tenant, row, ways.party(cases[0]))
        began = time.perf_counter()
        for batch_id in batches:
            send_batch(world.tenant_id, batch_id, fresh=True)
        core = len(queued) / (time.perf_counter() - began)
        assert {letter.state for letter in world.letters()} == {SENT}
        assert set(world.digipost.mail.takes.values()) == {1}
        began = time.perf_counter()
        for start in range(0, letters, A_JOB):
            some = []
            for _ in range(min(A_JOB, letters - start)):
                name = str(uuid4())
                pdf = like.pdf + f"\n% {name}".encode()
                some.append(replace(like, dispatch_id=name, pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest()))
            batch = OutgoingBatch(str(uuid4()), "bench", MONDAY, tuple(some))
            told = [outcome.kind for outcome in channel.hand_over(account, batch, clock.wall_now())]
            assert set(told) == {OutcomeKind.SENT}
        bare = letters / (time.perf_counter() - began)
    print(f"hand_over {core:12.1f} {bare:12.1f} {core / bare:8.2f}   [letters/s of {letters}, {LATENCY_MS} ms latency]")


if __name__ == "__main__":
    with a_home():
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
