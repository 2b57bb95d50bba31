"""The processes of one run: started, found dead and started again, and all ended with it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

import psutil

from saas.kernel.embedded import PostgresServer, RedisServer
from tests.simulation.traps import HOME, NIGHT, ROLE, WEB, WORKER

ROOT = Path(__file__).parent.parent.parent
_STARTUP = Path(__file__).parent / "startup"
_FOREIGN = ("FRIST_DATABASE_URL", "FRIST_DATABASE_OWNER_URL", "FRIST_REDIS_URL", "FRIST_FILES_URL",
            "FRIST_PRINT_FOLDER", "FRIST_MASTER_KEY", "FRIST_PUBLIC_URL")  # fmt: skip


def environment(home: Path, role: str) -> dict[str, str]:
    """What a process of the run at `home` is started with."""
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    path = os.pathsep.join([str(_STARTUP), str(ROOT)])
    return kept | {"FRIST_HOME": str(home), "PYTHONPATH": path, HOME: str(home), ROLE: role}


class Commands:
    """The `frist` commands an operator of the run at `home` has going."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, _free_port()
        self.restarts = 0
        self._lasting = {WORKER: ["worker", "--count", "1"], WEB: ["serve", "--port", str(self.port), "--workers", "1"]}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def keep_up(self) -> None:
        """Start the worker and the web, or start again what died."""
        for role, command in self._lasting.items():
            process = self._running.get(role)
            if process is not None and process.poll() is None:
                continue
            self.restarts += process is not None
            self._running[role] = self._start(role, command)
            (self.home / f"{role}.pid").write_text(str(self._running[role].pid))

    def night(self, slug: str) -> int:
        """Run `frist night` to its end, whatever that is. Returns its exit code."""
        return self._start(NIGHT, ["night", "--tenant", slug]).wait()

    def stop(self) -> None:
        """Ask all that runs to stop, as at the end of a day."""
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            process.wait(timeout=60)

    def _start(self, role: str, command: list[str]) -> subprocess.Popen[bytes]:
        with self._log(role) as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.simulation.frist", *command],
                cwd=ROOT, env=environment(self.home, role), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def _log(self, role: str) -> BinaryIO:
        return (self.home / f"{role}.log").open("ab")


def end_all(home: Path) -> None:
    """End every process of the run at `home`, whatever became of it, and remove what it left."""
    while ours := [p for p in psutil.process_iter() if p.pid != os.getpid() and _belongs(p, home)]:
        for process in ours:  # what one of them started meanwhile is found in the next round
            process.kill()
        psutil.wait_procs(ours, timeout=2)
    for server in (PostgresServer(home), RedisServer(home)):
        server._data = (home / server.name / "data").resolve()
        if (running := server.process) is not None:
            running.kill()
            _wait_for(running)
        if (home / server.name / "run").is_symlink():
            shutil.rmtree((home / server.name / "run").readlink(), ignore_errors=True)
        if server.data.parent.parent != home.resolve():
            shutil.rmtree(server.data.parent, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def _belongs(process: psutil.Process, home: Path) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and process.environ().get(HOME) == str(home)
    except (psutil.Error, OSError):
        return False


def _wait_for(process: psutil.Process) -> None:
    patience = time.monotonic() + 5
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < patience:
        time.sleep(0.05)


def become_the_end_of(home: Path) -> None:
    """Replace this process, with all its threads, by one that ends the run at `home`."""
    os.execv(sys.executable, [sys.executable, "-m", "tests.simulation.commands", str(home)])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    end_all(Path(sys.argv[1]))
