"""Who still uses a server: one file per holder, locked for as long as the holder lives.

The kernel drops the lock when the process dies, however it dies, so a dead holder never counts. A list of process
ids would: nobody takes a killed process off it, and ids are used again.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Let one process (and one thread) at a time through, and wait for the turn."""
    lock = os.open(path, os.O_CREAT | os.O_RDONLY, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)  # closing is not enough: a child forked meanwhile has the file open too
        os.close(lock)


class Lease:
    """One holder's word that it uses the server. Taken, dropped and counted only inside `exclusively`.

    A forked child shares its parent's lock without owning it: it cannot drop the lease, but keeps it alive should the
    parent be killed. That is what it should be, for the child uses the server.
    """

    def __init__(self, folder: Path) -> None:
        """Take a lease in `folder`, which exists."""
        self._owner = os.getpid()
        self._path = folder / f"{self._owner}-{secrets.token_hex(4)}"
        self._file = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o644)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._dropped = False

    @property
    def is_mine(self) -> bool:
        """Whether this very process took the lease and still has it."""
        return self._owner == os.getpid() and not self._dropped

    def drop(self) -> None:
        """Give the lease up; harmless the second time, and in a forked child."""
        if self.is_mine:
            self._dropped = True
            self._path.unlink(missing_ok=True)
            os.close(self._file)


def living(folder: Path) -> int:
    """Count the leases in `folder` whose holders live, and clear the others away."""
    return sum(_is_held(path) for path in folder.iterdir())


def _is_held(path: Path) -> bool:
    file = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    path.unlink(missing_ok=True)
    return False
