"""Jobs through a real Redis and real workers."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import psutil
import pytest
import redis
from rq.executions import Execution

from saas.kernel.embedded import start_redis
from saas.kernel.queue import connection, enqueue, rq_queue
from workers.run import run_workers

JOBS = """
import sys, types, time, redis
jobs = types.ModuleType("workers.jobs")
def note(url, word):
    redis.Redis.from_url(url).sadd("notes", word)
def slow(url, word):
    client = redis.Redis.from_url(url)
    client.sadd("begun", word)
    time.sleep(1)
    client.sadd("notes", word)
jobs.note, jobs.slow = note, slow
sys.modules["workers.jobs"] = jobs
"""
TENANT = UUID("01890000-0000-7000-8000-000000000001")


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    home = Path(tempfile.mkdtemp(prefix="frist-test-"))
    server = start_redis(home)
    yield server.url
    server.release()
    shutil.rmtree(home)


@pytest.fixture
def client(redis_url: str) -> redis.Redis:
    client = connection(redis_url)
    client.flushall()
    return client


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """What the jobs `note` and `stumble` were called with, in a workers.jobs of the test's own."""
    made: list[tuple] = []
    jobs = types.ModuleType("workers.jobs")

    def note(*args: object) -> None:
        made.append(args)

    def stumble(*args: object) -> None:
        made.append(args)
        raise RuntimeError("stumbled")

    jobs.note, jobs.stumble = note, stumble
    monkeypatch.setitem(sys.modules, "workers.jobs", jobs)
    return made


@pytest.fixture
def worker_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let worker processes find jobs that write to Redis."""
    (tmp_path / "sitecustomize.py").write_text(JOBS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_a_burst_worker_does_what_was_asked_and_returns(redis_url, client, calls):
    assert enqueue(redis_url, "note", TENANT, [TENANT], date(2026, 1, 2), None, 3)
    run_workers(redis_url, burst=True)
    assert calls == [(str(TENANT), [str(TENANT)], "2026-01-02", None, 3)]
    run_workers(redis_url, burst=True)
    assert len(calls) == 1
    assert client.keys("rq:job:*") == []  # a job that is done leaves nothing behind


def test_a_worker_looks_only_at_the_queues_it_was_given(redis_url, client, calls):
    enqueue(redis_url, "note", "night", queue="night")
    run_workers(redis_url, burst=True)
    assert calls == []
    run_workers(redis_url, queues=("default", "night"), burst=True)
    assert calls == [("night",)]


def test_asking_twice_under_one_id_runs_once_while_the_first_waits(redis_url, client, calls):
    assert enqueue(redis_url, "note", 1, job_id="night-2026-01-02")
    assert enqueue(redis_url, "note", 1, job_id="night-2026-01-02")
    run_workers(redis_url, burst=True)
    assert calls == [(1,)]
    enqueue(redis_url, "note", 1, job_id="night-2026-01-02")
    run_workers(redis_url, burst=True)
    assert calls == [(1,), (1,)]


def test_a_job_that_fails_is_tried_again_when_its_time_comes_and_then_given_up(redis_url, client, calls, monkeypatch):
    monkeypatch.setattr("saas.kernel.queue.RETRY_AFTER_SECONDS", [1])
    enqueue(redis_url, "stumble", "x", job_id="stumbling")
    run_workers(redis_url, burst=True)
    assert len(calls) == 1
    assert enqueue(redis_url, "stumble", "x", job_id="stumbling")  # it waits for its second try: nothing is added
    time.sleep(1.1)
    run_workers(redis_url, burst=True)
    assert len(calls) == 2
    assert "stumbling" in rq_queue(redis_url).failed_job_registry


def test_an_id_whose_job_failed_for_good_or_was_lost_can_be_asked_for_again(redis_url, client, calls, monkeypatch):
    monkeypatch.setattr("saas.kernel.queue.RETRY_AFTER_SECONDS", [0])
    enqueue(redis_url, "stumble", job_id="again")
    run_workers(redis_url, burst=True)
    enqueue(redis_url, "note", "failed before", job_id="again")
    run_workers(redis_url, burst=True)
    enqueue(redis_url, "note", "lost before", job_id="again")
    client.delete(rq_queue(redis_url).key)  # as a worker leaves it that dies between taking a job and beginning it
    enqueue(redis_url, "note", "lost before", job_id="again")
    run_workers(redis_url, burst=True)
    assert calls[-2:] == [("failed before",), ("lost before",)]


def test_a_job_done_again_after_its_worker_was_killed_is_done_and_not_failed(redis_url, client, calls):
    enqueue(redis_url, "note", "again", job_id="orphan")
    with client.pipeline() as pipeline:  # as RQ leaves the killed worker's try: itself forgotten, still on the list
        Execution.create(rq_queue(redis_url).fetch_job("orphan"), ttl=1, pipeline=pipeline)
        pipeline.execute()
    time.sleep(1.1)
    run_workers(redis_url, burst=True)
    assert calls == [("again",)]
    assert client.keys("rq:job:*") == []


def test_the_callers_signal_handlers_are_his_again_after_a_burst(redis_url, client):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    run_workers(redis_url, burst=True)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_asking_while_redis_is_away_is_noted_and_the_work_goes_on(tmp_path):
    started = time.monotonic()
    assert enqueue(f"unix://{tmp_path}/nobody.sock", "note", 1) is False
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("name", ["", "os.system;", "../note", "Note", "note."])
def test_what_is_no_name_of_a_job_is_refused(name, redis_url):
    with pytest.raises(ValueError, match="not the name of a job"):
        enqueue(redis_url, name)


def test_what_json_cannot_carry_is_our_own_mistake_and_raises(redis_url):
    with pytest.raises(TypeError):
        enqueue(redis_url, "note", object())


def test_two_worker_processes_drain_the_queue_and_return(redis_url, client, worker_processes):
    for number in range(20):
        enqueue(redis_url, "note", redis_url, number)
    run_workers(redis_url, count=2, burst=True)
    assert client.scard("notes") == 20


def test_a_killed_worker_is_replaced_and_a_stopped_one_finishes_its_job(redis_url, client, worker_processes):
    program = "import sys; from workers.run import run_workers; run_workers(sys.argv[1], count=1)"
    supervisor = subprocess.Popen([sys.executable, "-c", program, redis_url], stdout=subprocess.DEVNULL)
    try:
        enqueue(redis_url, "note", redis_url, "first")
        wait_until(lambda: client.scard("notes") == 1)
        (first,) = psutil.Process(supervisor.pid).children()
        first.kill()
        wait_until(lambda: psutil.Process(supervisor.pid).children() not in ([], [first]))
        enqueue(redis_url, "slow", redis_url, "second")
        wait_until(lambda: client.scard("begun") == 1)
        supervisor.send_signal(signal.SIGTERM)
        assert supervisor.wait(timeout=10) == 0
        assert client.smembers("notes") == {b"first", b"second"}
    finally:
        supervisor.kill()
        supervisor.wait()


def wait_until(done: Callable[[], bool], seconds: float = 15) -> None:
    patience = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < patience, "waited in vain"
        time.sleep(0.05)


def test_the_worker_program_names_the_setting_it_misses():
    environment = {name: value for name, value in os.environ.items() if name != "FRIST_REDIS_URL"}
    done = subprocess.run([sys.executable, "-m", "workers.run"], env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "FRIST_REDIS_URL is not set" in done.stderr
