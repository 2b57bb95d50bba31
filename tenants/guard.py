"""Watches over calls to pure hooks: no I/O inside one, memory and time bounded, and a note of which one is running.

The note is a file of its own for each worker process, mapped into memory: written in a microsecond, and still there
when the process was killed. Whoever starts next reads what the dead have left (`fallen`), and the plugin that was
running is quarantined. Where nobody has called `watch` (the web) only I/O is refused, and overruns are measured.

It guards against mistakes. A plugin is code somebody has installed: nothing here stops one written to break out.
"""

import fcntl
import mmap
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import structlog

log = structlog.get_logger()

STUCK_SECONDS = 5.0
"""A pure hook that has not answered by then takes its process with it: there is no other way out of it."""
MEMORY_BYTES = 512 * 1024**2
"""What a pure hook may allocate beside what its process held when it was called."""


class NotPure(Exception):
    """A rule hook opened a file or a socket, started a program, or the like. The text names what it tried."""


class Running(NamedTuple):
    """A call that was under way when its process died."""

    tenant_id: UUID
    creditor_id: UUID
    slug: str
    hook: str


def mark_of(tenant_id: UUID, creditor_id: UUID, slug: str, hook: str) -> bytes:
    """What `enter` writes; made once for each plugin and hook, since it is written at each call."""
    text = f"{slug}\n{hook}".encode()[: _SIZE - 33]
    return (tenant_id.bytes + creditor_id.bytes + text).ljust(_SIZE - 1, b"\x00")


_SIZE = 256
_inside = threading.local()
_note: mmap.mmap | None = None
_calls = 0
_limit = 0


def enter(mark: bytes) -> None:
    """A pure hook is about to be called in this thread."""
    if _note is not None:
        global _calls
        _calls += 1
        _note[1 : 1 + len(mark)] = mark
        _note[0] = 1
        if _limit:
            resource.setrlimit(resource.RLIMIT_DATA, (_limit, resource.RLIM_INFINITY))
    _inside.pure = True


def leave() -> None:
    """It has answered, or thrown."""
    _inside.pure = False
    if _note is not None:
        if _limit:
            resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        _note[0] = 0


# --- no I/O ---------------------------------------------------------------------------------------------------------

_REFUSED = frozenset(
    ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
     "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.kill",
     "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link", "os.symlink", "os.truncate",
     "os.putenv", "os.unsetenv", "shutil.rmtree", "shutil.copyfile", "shutil.move", "sqlite3.connect", "ctypes.dlopen",
     "gc.get_objects", "gc.get_referrers", "gc.get_referents", "sys.settrace", "sys.setprofile", "signal.pthread_kill",
     "_thread.start_new_thread", "webbrowser.open", "http.client.connect", "urllib.Request")
)  # fmt: skip


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not getattr(_inside, "pure", False):
        return
    if event in _REFUSED or (event == "open" and not _is_own_data(arguments)):
        _inside.pure = False  # whoever tells of it may read files
        raise NotPure(event)


def _is_own_data(arguments: tuple[Any, ...]) -> bool:
    """Reading what is installed (code, and the data of libraries read when first needed) is no I/O of a plugin's."""
    path, _, flags = arguments
    if not isinstance(path, str | bytes) or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        return False
    return os.path.realpath(os.fsdecode(path)).startswith(_INSTALLED)


def _installed() -> tuple[str, ...]:
    roots = {sys.prefix, sys.base_prefix + "/lib", "/usr/share/zoneinfo", *filter(None, sys.path)}
    return tuple(f"{os.path.realpath(root)}/" for root in roots if root not in ("", "/"))


_INSTALLED = _installed()
sys.addaudithook(_hook)

# --- time and memory ------------------------------------------------------------------------------------------------


def watch(folder: Path) -> None:
    """From now on this process notes its calls in `folder`, and ends itself when a pure hook does not come back.

    For worker processes, once each, before the first case. Calling it again does nothing.
    """
    global _note
    if _note is not None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{os.getpid()}-{os.urandom(4).hex()}.call"
    file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)  # the kernel lets go of it when we die, however we die
    os.ftruncate(file, _SIZE)
    _note = mmap.mmap(file, _SIZE)
    _measure()
    threading.Thread(target=_keep_watch, name="plugin-watch", daemon=True).start()


def _keep_watch() -> None:
    seen, since = -1, 0.0
    while True:
        time.sleep(0.2)
        note = _note
        if note is None or not note[0]:
            seen = -1
            _measure()
        elif _calls != seen:
            seen, since = _calls, time.monotonic()
        elif time.monotonic() - since > STUCK_SECONDS:
            running = _read(bytes(note))
            log.critical("plugin_stuck", plugin=running.slug if running else "", hook=running.hook if running else "")
            os.kill(os.getpid(), signal.SIGKILL)


def _measure() -> None:
    """The limit moves with what the process itself has come to hold."""
    global _limit
    try:
        with open("/proc/self/statm") as file:
            data_pages = int(file.read().split()[5])
    except OSError:  # no such thing on this system: overuse is not refused there
        return
    _limit = data_pages * mmap.PAGESIZE + MEMORY_BYTES


def fallen(folder: Path) -> Iterator[Running]:
    """The calls that were under way when their process died. Each is told once, and forgotten afterwards."""
    for path in sorted(folder.glob("*.call")):
        try:
            file = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            running = _read(os.read(file, _SIZE))
            if running is not None:
                yield running
            path.unlink(missing_ok=True)
        except BlockingIOError:  # its process lives
            continue
        finally:
            os.close(file)


def _read(raw: bytes) -> Running | None:
    if len(raw) < _SIZE or not raw[0]:
        return None
    slug, _, hook = raw[33:].rstrip(b"\x00").decode(errors="replace").partition("\n")
    return Running(UUID(bytes=raw[1:17]), UUID(bytes=raw[17:33]), slug, hook)
