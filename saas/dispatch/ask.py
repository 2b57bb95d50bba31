"""Ask for jobs in the sizes that cost least: ids travel by the hundred."""

from uuid import UUID

from saas.kernel.queue import enqueue
from saas.kernel.servers import redis_url

LETTERS_A_JOB = 100


def enqueue_hand_over(tenant_id: UUID, dispatch_ids: list[UUID]) -> None:
    """Ask for the hand-over of these letters, in jobs of a hundred."""
    for start in range(0, len(dispatch_ids), LETTERS_A_JOB):
        ids = [str(i) for i in dispatch_ids[start : start + LETTERS_A_JOB]]
        enqueue(redis_url(), "hand_over", str(tenant_id), ids)
