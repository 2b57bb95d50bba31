"""Ask for a job by its name, to be done soon by a worker (RQ on Redis).

The queue is a hurry-up, never a promise. What must be done stands in PostgreSQL before it is asked for here, and a
watchdog asks again for whatever was not done; so Redis may be down, or emptied, and nothing is lost but time. A job
may therefore run twice, and must be harmless when it does. Ask after the commit, never inside the transaction.
"""

import re
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as Reconnect
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

DEFAULT_QUEUE = "default"
JOB_SECONDS = 60  # also how long a killed worker's job is taken for running, so near what the longest job needs
RETRY_AFTER_SECONDS = [15, 60, 240]
FAILURE_SECONDS = 7 * 24 * 3600  # how long a job that failed for good can be looked at

log = structlog.get_logger(__name__)
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


def enqueue(
    redis_url: str,
    job_name: str,
    *args: Any,
    queue: str = DEFAULT_QUEUE,
    job_id: str | None = None,
    timeout_seconds: int = JOB_SECONDS,
) -> bool:
    """Ask a worker to call `workers.jobs.<job_name>(*args)`. Returns whether Redis took it; if not, that is logged.

    `args` are JSON values; UUIDs and dates are sent as text (ISO), and tuples arrive as lists. Send ids, and send many
    in one job: it is the jobs that cost, not the ids. With a `job_id` (letters, digits, `_`, `-`) nothing is added
    while a job of that id waits or runs, and True is returned; one that failed makes way for the new one.

    Raises ValueError for a malformed name or id, TypeError for an argument that is no JSON value.
    """
    if not _NAME.fullmatch(job_name):
        raise ValueError(f"not the name of a job: {job_name!r}")
    call = {
        "func": f"workers.jobs.{job_name}",
        "args": tuple(_as_json(value) for value in args),
        "timeout": timeout_seconds,
        "result_ttl": 0,
        "failure_ttl": FAILURE_SECONDS,
        "retry": Retry(max=len(RETRY_AFTER_SECONDS), interval=RETRY_AFTER_SECONDS),
        "description": job_name,
    }
    try:
        _put(rq_queue(redis_url, queue), call, job_id)
    except RedisError as error:
        log.warning("job not queued, the watchdog will ask again", job=job_name, queue=queue, error=str(error))
        return False
    return True


def rq_queue(redis_url: str, name: str = DEFAULT_QUEUE) -> Queue:
    """RQ's own queue object, for those who look into it (health page, tests)."""
    return Queue(name, connection=connection(redis_url), serializer=JSONSerializer)


@cache
def connection(redis_url: str) -> Redis:
    """This process's client of `redis_url`. It reconnects once and gives up within seconds: a person may be waiting."""
    return Redis.from_url(
        redis_url, socket_connect_timeout=2, socket_timeout=5, retry=Reconnect(NoBackoff(), 1), health_check_interval=30
    )


def _put(queue: Queue, call: dict[str, Any], job_id: str | None) -> None:
    if job_id is None:
        queue.enqueue_call(**call)
        return
    try:
        queue.enqueue_call(**call, job_id=job_id, unique=True)
    except DuplicateJobError:
        _replace_unless_pending(queue, call, job_id)


def _replace_unless_pending(queue: Queue, call: dict[str, Any], job_id: str) -> None:
    if _is_pending(queue, job_id):
        return
    earlier = queue.fetch_job(job_id)
    if earlier is not None:
        earlier.connection.delete(earlier.execution_registry.key)  # RQ trips over an execution that has expired
        earlier.delete()  # failed for good, or lost with the worker that took it off the queue
    queue.enqueue_call(**call, job_id=job_id)


def _is_pending(queue: Queue, job_id: str) -> bool:
    """Whether it waits, runs or will be tried again. Its status does not tell: a worker may die before changing it."""
    waits = queue.get_job_position(job_id) is not None
    return waits or job_id in queue.started_job_registry or job_id in queue.scheduled_job_registry


def _as_json(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _as_json(item) for key, item in value.items()}
    return value
