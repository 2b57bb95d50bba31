"""Ask for the hand-over of what is queued, so that one tenant's backlog delays nobody else's letters (P12).

A job carries no letters: it takes the tenant's next hundred from PostgreSQL, and asks for another like it, at the end
of the queue, when there are more. So a tenant has at most `LANES` jobs among everybody's, whatever it has queued.
"""

from collections.abc import Sequence
from uuid import UUID

from saas.kernel.queue import enqueue
from saas.kernel.servers import redis_url

LETTERS_A_JOB = 100
LANES = 2
"""How many of a tenant's jobs may be worked on at a time; each has its own part of the cases."""

SECONDS = 600


def enqueue_hand_over(tenant_id: UUID, dispatch_ids: Sequence[UUID]) -> None:
    """Ask for the hand-over of what the tenant has queued, these letters among it. Nothing is asked for none."""
    if dispatch_ids:
        for lane in range(LANES):
            ask_lane(tenant_id, lane, 0)


def ask_lane(tenant_id: UUID, lane: int, turn: int) -> None:
    """Ask for the next hundred of a lane. Jobs of a lane take turns (0, 1): one that runs can ask for the other."""
    job_id = f"letters-{tenant_id}-{lane}-{turn}"
    enqueue(redis_url(), "work_off_letters", str(tenant_id), lane, turn, job_id=job_id, timeout_seconds=SECONDS)
