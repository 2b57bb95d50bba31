"""What embedded PostgreSQL and Redis have in common: start, find again, bring back, stop.

A home's `postgres/` or `redis/` holds `lock` (one process at a time changes anything), `leases/` (one file per living
holder), `log`, `data` and `run` (the socket). `data` and `run` may be links: `run` to a short temporary folder where
the home's path is too long for a socket, either of them where root's home is closed to the user PostgreSQL runs as.

Nothing but a connection that answers is believed. A pid file may be torn, name a zombie, or name a process that got
the number later; a server that is still recovering answers no one, and must not be started twice.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, ClassVar, Self

import psutil
import structlog

from saas.kernel.embedded.account import Account
from saas.kernel.embedded.errors import EmbeddedServerError
from saas.kernel.embedded.lease import Lease, exclusively, living

START_SECONDS = (
    120  # recovery of a full write-ahead log takes tens of seconds, a busy orphan of a killed server several
)
RELAUNCH_SECONDS = 0.5
UNREACHABLE_SECONDS = 10  # a process whose socket file is gone for so long can never be reached again
LONGEST_SOCKET_PATH = 99  # beyond about 104 bytes Redis cuts the name without a word
LOG_BYTES = 10_000_000

log = structlog.get_logger(__name__)
_launched: list[subprocess.Popen[bytes]] = []


def package_folder(package: str) -> Path:
    """The folder of an installed package, without the cost and side effects of importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(f"the Python package `{package}` is not installed")
    return Path(spec.submodule_search_locations[0])


class EmbeddedServer(ABC):
    """One holder's handle on a server that all processes of the same home share."""

    name: ClassVar[str]
    socket_name: ClassVar[str]
    stop_signals: ClassVar[Sequence[tuple[signal.Signals, int]]]  # signal, and the seconds to wait before the next

    def __init__(self, home: Path) -> None:
        self._folder = home.expanduser().resolve() / self.name
        self._data = self._folder / "data"
        self._run = self._folder / "run"
        self._account: Account | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._lease: Lease | None = None

    # What each server says of itself

    @abstractmethod
    def _account_for_data(self) -> Account | None:
        """The account to run as, None for our own."""

    @abstractmethod
    def _create_data(self) -> None:
        """Make the data folder, whole or not at all."""

    @abstractmethod
    def _command(self) -> list[str]:
        """The command line; a process can be told from it by `_is_server`."""

    @abstractmethod
    def _is_server(self, command: list[str]) -> bool:
        """Whether a process with this name and command line is the server of our data folder."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether a query comes back."""

    @abstractmethod
    def _clear_leftovers(self) -> None:
        """Remove what a dead server left behind that would keep a new one from starting."""

    # For its users

    @property
    def data(self) -> Path:
        """Where the data lies, links followed."""
        return self._data

    @property
    def process(self) -> psutil.Process | None:
        """The running server's main process."""
        return next(filter(self._runs_our_data, psutil.process_iter()), None)

    def start(self) -> Self:
        """Start the server, or join the one that runs. Raises EmbeddedServerError, naming what is missing."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "leases").mkdir(exist_ok=True)
        atexit.register(self.release)
        self.ensure()
        return self

    def ensure(self) -> None:
        """Bring the server back if it was killed; a few milliseconds when it runs.

        A forked child, or a handle that was released, takes a new lease by it. Raises EmbeddedServerError.
        """
        with exclusively(self._folder / "lock"):
            if self._lease is None or not self._lease.is_mine:
                self._lease = Lease(self._folder / "leases")
            try:
                self._bring_up()
            except BaseException:
                self._lease.drop()  # a server that needs more time goes on by itself, and the next holder finds it
                raise

    def release(self) -> None:
        """Stop using the server; the last living holder stops it. Harmless twice, and in a forked child."""
        if self._lease is None or not self._lease.is_mine:
            return
        if not self._folder.exists():  # somebody deleted the home: no one else can be using the server
            self._lease.drop()
            self._stop()
            return
        with exclusively(self._folder / "lock"):
            self._lease.drop()
            if not living(self._folder / "leases"):
                self._stop()

    # How

    def _bring_up(self) -> None:
        self._prepare()
        give_up, next_launch, reachable = (time.monotonic() + wait for wait in (START_SECONDS, 0, UNREACHABLE_SECONDS))
        while not self._answers():
            moment = time.monotonic()
            if moment > give_up:
                where = self._folder / "log"
                raise EmbeddedServerError(
                    f"{self.name} did not answer within {START_SECONDS} s; {where} ends:\n{self._log_tail()}"
                )
            if self._is_alive():
                if not self._socket.exists() and moment > reachable:
                    self._stop()
                    self._prepare()
            elif moment > next_launch:
                self._launch()
                next_launch, reachable = moment + RELAUNCH_SECONDS, moment + UNREACHABLE_SECONDS
            time.sleep(0.03)

    def _prepare(self) -> None:
        link = self._folder / "data"
        if link.is_symlink() and not link.exists():
            raise EmbeddedServerError(
                f"{link} points to {link.readlink()}, which is gone: bring it back, or remove the link to begin anew"
            )
        self._data = link.resolve()
        self._account = self._account_for_data()
        if not link.exists():
            self._stop()  # left over from a home of this name that was deleted under it
            self._create_data()
            self._data = link.resolve()
        self._run = self._run_folder()

    def _is_alive(self) -> bool:
        reap()
        if self._child is not None and self._child.returncode is None:
            return True
        return self.process is not None or _someone_listens(self._socket)

    def _launch(self) -> None:
        if self._child is not None:
            log.warning("embedded server ended, starting again", server=self.name, log_end=self._log_tail(lines=2))
        self._clear_leftovers()
        as_account = self._account.popen if self._account else {}
        with self._open_log() as output:
            self._child = subprocess.Popen(  # noqa: S603
                self._command(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C in the terminal is for us, not for the server others may use
                **as_account,
            )
        _launched.append(self._child)

    def _stop(self) -> None:
        if (process := self.process) is not None:
            stop_process(process, self.stop_signals)
        link = self._folder / "run"
        elsewhere = link.readlink() if link.is_symlink() else self._run
        if elsewhere != link:
            shutil.rmtree(elsewhere, ignore_errors=True)
            link.unlink(missing_ok=True)

    @property
    def _socket(self) -> Path:
        return self._run / self.socket_name

    def _run_folder(self) -> Path:
        """The socket's folder: beside the data if its name is short and the account gets there, else temporary."""
        folder = self._folder / "run"
        if folder.is_symlink():
            if folder.is_dir():
                return folder.readlink()
            folder.unlink()  # cleaned away with the temporary files
        within_reach = self._account is None or self._account.can_enter(self._folder)
        if within_reach and len(os.fsencode(folder / self.socket_name)) <= LONGEST_SOCKET_PATH:
            folder.mkdir(mode=0o700, exist_ok=True)
            return self._give(folder)
        shutil.rmtree(folder, ignore_errors=True)
        short = Path(tempfile.mkdtemp(prefix="frist-", dir=self._short_temporary_folder()))
        folder.symlink_to(short)
        return self._give(short)

    def _short_temporary_folder(self) -> Path:
        temporary = Path(tempfile.gettempdir()).resolve()
        short_enough = len(os.fsencode(temporary)) <= LONGEST_SOCKET_PATH - 40
        within_reach = self._account is None or self._account.can_enter(temporary)
        return temporary if short_enough and within_reach else Path("/tmp")  # noqa: S108

    def _give(self, folder: Path) -> Path:
        if self._account is not None:
            os.chown(folder, self._account.uid, self._account.gid)
        return folder

    def _runs_our_data(self, process: psutil.Process) -> bool:
        try:
            return self._is_server(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def _open_log(self) -> BinaryIO:
        path = self._folder / "log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_name("log.1"))
        return open(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600))

    def _log_tail(self, lines: int = 15) -> str:
        path = self._folder / "log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


def reap() -> None:
    """Take note of launched servers that ended, so that they do not stay behind as zombies while we live."""
    _launched[:] = [child for child in _launched if child.poll() is None]


def stop_process(process: psutil.Process, signals: Sequence[tuple[signal.Signals, int]]) -> None:
    """Ask ever less politely, and wait until the process is gone (a zombie is gone: it runs no more)."""
    for number, seconds in signals:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            return
        patience = time.monotonic() + seconds
        while time.monotonic() < patience:
            if _has_ended(process):
                return
            time.sleep(0.02)


def _has_ended(process: psutil.Process) -> bool:
    reap()
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _someone_listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
