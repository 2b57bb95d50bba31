"""Run workers: `run_workers(…)`, or one of them as `python -m workers.run` with FRIST_REDIS_URL set.

Workers do not fork for each job (a fork costs three times the job and cannot share a database connection), so one that
crashes takes its process with it; a supervisor starts another. Jobs and workers hold nothing worth keeping.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer

from saas.kernel.queue import DEFAULT_QUEUE, JOB_SECONDS
from tenants.fallen import watch_this_process

REDIS_VARIABLE = "FRIST_REDIS_URL"
TEND_SECONDS = 5
STOP_SECONDS = JOB_SECONDS + 10  # a worker asked to stop finishes its job first

log = structlog.get_logger(__name__)


class Worker(SimpleWorker):
    """RQ's non-forking worker, set so that a killed worker's job is found again after about two minutes, not thirteen.

    It also puts retries that are due back on the queue; RQ would fork a scheduler process for that.
    """

    max_connection_wait_time = 5.0  # seconds between attempts while Redis is away; RQ's own limit is a minute

    def __init__(self, redis_url: str, queues: Sequence[str], parent: int | None = None) -> None:
        """`parent`: stop when that process is no longer our parent, for nobody would ever stop us."""
        link = Redis.from_url(redis_url)
        super().__init__(queues, connection=link, serializer=JSONSerializer, worker_ttl=30, maintenance_interval=15)
        self._retries = RQScheduler(queues, connection=link, serializer=JSONSerializer, logging_level="WARNING")
        self._parent = parent

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Do a job, the first time or again.

        RQ keeps a killed worker's execution on the job's list a minute longer than the execution itself, and would
        call a job that was done again meanwhile a failed one.
        """
        self.connection.delete(job.execution_registry.key)
        super().execute_job(job, queue)

    def run_maintenance_tasks(self) -> None:
        """Every 15 seconds, and when the work begins."""
        if self._parent is not None and os.getppid() != self._parent:
            raise StopRequested
        super().run_maintenance_tasks()
        if self._retries.acquire_locks():
            try:
                self._retries.enqueue_scheduled_jobs()
            finally:
                self._retries.release_locks()


def run_workers(
    redis_url: str,
    count: int = 1,
    queues: Sequence[str] = (DEFAULT_QUEUE,),
    burst: bool = False,
    *,
    tend: Callable[[], object] | None = None,
) -> None:
    """Work until SIGTERM or SIGINT, which let running jobs finish; a second one does not. Main thread only.

    `burst`: return when the queues are empty; a single worker then runs in this very process (tests, the demo).
    Otherwise `count` processes are kept running, and `tend` is called every few seconds: pass what keeps the embedded
    servers up. Open no database connection before; each worker process opens its own.
    """
    if burst and count == 1:
        with _signals_restored():
            Worker(redis_url, queues).work(burst=True, logging_level="WARNING")
        return
    _Supervisor(redis_url, count, queues, burst).run(tend or (lambda: None))


class _Supervisor:
    """Keeps `count` worker processes running, until it is told to stop or (burst) they have drained the queues."""

    def __init__(self, redis_url: str, count: int, queues: Sequence[str], burst: bool) -> None:
        self._command = [
            sys.executable,
            "-m",
            "workers.run",
            "--queues",
            ",".join(queues),
            "--parent",
            str(os.getpid()),
        ]
        self._command += ["--burst"] if burst else []
        self._environment = os.environ | {
            REDIS_VARIABLE: redis_url
        }  # a URL may hold a password, command lines are public
        self._count, self._burst = count, burst
        self._workers: list[subprocess.Popen[bytes]] = []
        self._stop_signals = 0

    def run(self, tend: Callable[[], object]) -> None:
        with _signals_restored():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._note_signal)
            try:
                self._workers = [self._spawn() for _ in range(self._count)]
                self._watch(tend)
            finally:
                self._end()

    def _note_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop_signals += 1

    def _spawn(self) -> subprocess.Popen[bytes]:
        """In a session of its own: Ctrl-C reaches us, and we ask each worker to stop once."""
        return subprocess.Popen(self._command, env=self._environment, start_new_session=True)  # noqa: S603

    def _watch(self, tend: Callable[[], object]) -> None:
        next_tending = time.monotonic()
        while not self._stop_signals:
            if time.monotonic() >= next_tending:
                tend()
                next_tending = time.monotonic() + TEND_SECONDS
            ended = [worker for worker in self._workers if worker.poll() is not None]
            if self._burst and len(ended) == len(self._workers):
                return
            if ended and not self._burst:
                self._replace(ended)
            time.sleep(0.1)

    def _replace(self, ended: list[subprocess.Popen[bytes]]) -> None:
        log.warning("worker ended, starting another", exit_codes=[worker.returncode for worker in ended])
        time.sleep(1)  # what ended it, Redis being away say, may take a moment to pass
        if not self._stop_signals:
            self._workers = [worker for worker in self._workers if worker not in ended] + [self._spawn() for _ in ended]

    def _end(self) -> None:
        for worker in self._running():
            worker.terminate()
        patience = time.monotonic() + STOP_SECONDS
        while self._running() and time.monotonic() < patience and self._stop_signals < 2:
            time.sleep(0.05)
        for worker in self._running():
            worker.kill()
            worker.wait()

    def _running(self) -> list[subprocess.Popen[bytes]]:
        return [worker for worker in self._workers if worker.poll() is None]


@contextmanager
def _signals_restored() -> Iterator[None]:
    """RQ and the supervisor put in their own handlers; whoever called us wants theirs back."""
    before: list[tuple[signal.Signals, Any]] = [(n, signal.getsignal(n)) for n in (signal.SIGTERM, signal.SIGINT)]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def main() -> int:
    """One worker process. Exit code 1 when Redis cannot be reached: the supervisor tries again."""
    parser = argparse.ArgumentParser(description="Work on queued jobs; the queue is the Redis at FRIST_REDIS_URL.")
    parser.add_argument("--queues", default=DEFAULT_QUEUE, help="names, with commas between; the first goes first")
    parser.add_argument("--burst", action="store_true", help="return when the queues are empty")
    parser.add_argument("--parent", type=int, help="process id of the supervisor to outlive by seconds at most")
    asked = parser.parse_args()
    try:
        redis_url = os.environ[REDIS_VARIABLE]
    except KeyError:
        parser.error(f"{REDIS_VARIABLE} is not set")
    watch_this_process()
    try:
        Worker(redis_url, asked.queues.split(","), asked.parent).work(burst=asked.burst)
    except RedisError as error:
        log.warning("worker lost Redis", error=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
