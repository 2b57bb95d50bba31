"""What every process of a simulation carries: shorter waits, smaller chunks, and one trap at a named place.

The code under test knows nothing of it. A module is changed right after Python has read it, from our side: functions
that stand at a boundary are wrapped, and when the armed one is passed for the n-th time its victim gets SIGKILL.
"""

import functools
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

HOME, ROLE = "SIMULATION_HOME", "SIMULATION_ROLE"
NIGHT, WORKER, WEB = "night", "worker", "web"

ITSELF, SUPERVISOR, POSTGRES, REDIS, WIPED, ALL_WEB = "itself", "supervisor", "postgres", "redis", "wiped", "all_web"


@dataclass(frozen=True, slots=True)
class Place:
    """A boundary: before or after a call of `function` in a process of `role`, which passes it `most` times a night."""

    role: str
    module: str
    function: str
    when: str
    most: int = 1


PLACES = {
    "the night has begun": Place(NIGHT, "saas.cases.night", "_begin", "after"),
    "a chunk is decided, nothing written": Place(NIGHT, "saas.cases.steps", "decide_cases", "after", 2),
    "a chunk is written, not committed": Place(NIGHT, "saas.kernel.history", "link_hash", "after", 3),
    "a chunk is committed, its letters not asked for": Place(
        NIGHT, "saas.dispatch.ask", "enqueue_hand_over", "before", 2
    ),
    "half of a chunk's letters are asked for": Place(NIGHT, "saas.kernel.queue", "enqueue", "after", 3),
    "the night is about to be called finished": Place(NIGHT, "saas.cases.night", "_finish", "before"),
    "a letter is kept, its row is not": Place(WORKER, "saas.kernel.files", "put_once", "after", 15),
    "letters are bound to a batch, not committed": Place(WORKER, "saas.dispatch.outbox", "mark_ready", "after", 2),
    "a batch is ready, its channel not asked": Place(WORKER, "workers.jobs", "finish_batches", "before", 2),
    "a batch is half written": Place(WORKER, "plugins.print_post.batch", "_sync", "before", 14),
    "a batch is about to be put in place": Place(WORKER, "plugins.print_post.batch", "_write", "before", 2),
    "a batch is with the print house, not noted": Place(WORKER, "plugins.print_post.batch", "_write", "after", 2),
    "the hand-over is noted, not committed": Place(WORKER, "saas.cases.outcomes", "note_outcomes", "after", 2),
    "the hand-over is done, its job is not": Place(WORKER, "workers.jobs", "finish_batches", "after", 2),
    "a receipt is taken, not committed": Place(WORKER, "saas.cases.receipts", "take_receipts", "after", 2),
    "a receipt is taken, its file still lies there": Place(
        WORKER, "plugins.print_post.channel", "PrintPostChannel.take_receipts", "before", 2
    ),
    "any history is sealed, not committed": Place(WORKER, "saas.kernel.history", "link_hash", "after", 4),
    "claims are written, not committed": Place(WEB, "saas.cases.intake_write", "write_cases", "after"),
    "claims are committed, not answered": Place(WEB, "flask.app", "Flask.finalize_request", "before"),
}


# --- the trap -------------------------------------------------------------------------------------------------------


def _home() -> Path:
    return Path(os.environ[HOME])


def arm(home: Path, place: str, nth: int, victim: str) -> None:
    """Set the trap: it goes off once, when all processes together pass `place` for the n-th time from now."""
    (home / "trap.count").unlink(missing_ok=True)
    partial = home / "trap.partial"
    partial.write_text(json.dumps({"place": place, "nth": nth, "victim": victim}))
    partial.rename(home / "trap")


def is_armed(home: Path) -> bool:
    """Whether a trap waits for its victim."""
    return (home / "trap").exists()


def _pass(name: str) -> None:
    try:
        trap = json.loads((_home() / "trap").read_text())
    except FileNotFoundError:
        return
    if trap["place"] != name:
        return
    with (_home() / "trap.count").open("ab") as count:
        count.write(b".")
        count.flush()
        if count.tell() < trap["nth"]:
            return
    try:
        (_home() / "trap").rename(_home() / "trap.sprung")
    except FileNotFoundError:
        return  # another process was a moment faster
    _VICTIMS[trap["victim"]]()


def _kill_server(name: str) -> None:
    from saas.kernel.embedded import PostgresServer, RedisServer

    server = {"postgres": PostgresServer, "redis": RedisServer}[name](_home())
    server._data = (_home() / name / "data").resolve()
    process = server.process
    assert process is not None
    process.kill()


def _wipe() -> None:
    from saas.kernel.queue import connection
    from saas.kernel.servers import redis_url

    connection(redis_url()).flushall()


def _kill_all_web() -> None:
    import psutil

    master = psutil.Process(int((_home() / "web.pid").read_text()))
    for process in (master, *master.children()):  # the last of them may be ourselves
        process.kill()


_VICTIMS: dict[str, Callable[[], object]] = {
    ITSELF: lambda: os.kill(os.getpid(), signal.SIGKILL),
    SUPERVISOR: lambda: os.kill(os.getppid(), signal.SIGKILL),
    POSTGRES: lambda: _kill_server("postgres"),
    REDIS: lambda: _kill_server("redis"),
    WIPED: _wipe,
    ALL_WEB: _kill_all_web,
}


# --- modules, changed as they are read ------------------------------------------------------------------------------


def _wrapped(name: str, place: Place) -> Callable[[ModuleType], None]:
    def change(module: ModuleType) -> None:
        *path, last = place.function.split(".")
        owner = functools.reduce(getattr, path, module)
        plain = getattr(owner, last)

        @functools.wraps(plain)
        def passing(*args: Any, **kwargs: Any) -> Any:
            if place.when == "before":
                _pass(name)
            answer = plain(*args, **kwargs)
            if place.when == "after":
                _pass(name)
            return answer

        setattr(owner, last, passing)

    return change


def _set(**values: Any) -> Callable[[ModuleType], None]:
    return lambda module: vars(module).update(values)


def _hurry_worker(module: ModuleType) -> None:
    """A killed worker's job is found again after seconds; in earnest it takes RQ about two minutes."""
    plain = module.SimpleWorker.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        plain(self, *args, **kwargs | {"worker_ttl": 16, "maintenance_interval": 1})

    module.SimpleWorker.__init__ = init
    module.SimpleWorker.get_heartbeat_ttl = lambda self, job: 8


SHORTER: list[tuple[str, Callable[[ModuleType], None]]] = [
    ("saas.cases.night", _set(CHUNK=8)),
    ("saas.dispatch.ask", _set(LETTERS_A_JOB=5)),
    ("saas.dispatch.outbox", _set(LEASE=timedelta(seconds=3))),
    ("saas.dispatch.health", _set(FIRST_WAIT=timedelta(seconds=1))),
    ("saas.kernel.queue", _set(RETRY_AFTER_SECONDS=[1, 1, 1])),
    ("workers.schedule", _set(WATCH_SECONDS=1)),
    ("workers.run", _set(TEND_SECONDS=0.5)),
    ("rq.worker.worker_classes", _hurry_worker),
]


class _Changing(MetaPathFinder):
    """Finds the modules that are to be changed, as Python would, and changes them once they are read."""

    def __init__(self, changes: Sequence[tuple[str, Callable[[ModuleType], None]]]) -> None:
        self._changes = changes

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        changes = [change for module, change in self._changes if module == name]
        spec = PathFinder.find_spec(name, path, target) if changes else None
        if spec is not None and spec.loader is not None:
            _after_reading(spec.loader, changes)
        return spec


def _after_reading(loader: Loader, changes: Sequence[Callable[[ModuleType], None]]) -> None:
    read = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        read(module)
        for change in changes:
            change(module)

    loader.exec_module = exec_module  # type: ignore[method-assign]


def set_up() -> None:
    """Carry the shorter waits, and the traps of this process's role."""
    role = os.environ.get(ROLE, "")
    places = [(place.module, _wrapped(name, place)) for name, place in PLACES.items() if place.role == role]
    sys.meta_path.insert(0, _Changing([*SHORTER, *places]))
