"""Runs of the story for the tests: two at a time, each in a home and processes of its own, all ended with the tests."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.simulation.commands import ROOT, end_all, environment

LIMIT_SECONDS = 400
_HOMES = "/var/tmp"  # open to the account PostgreSQL runs as


class Stories:
    """Told in the background in the order they were asked for; `told` waits."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=2)
        self._asked: dict[tuple[int, tuple[int, ...]], Future[dict[str, Any]]] = {}
        self._running: dict[Path, subprocess.Popen[bytes]] = {}

    def ask(self, claims: int, *seeds: int) -> None:
        """Have the story with these killings told (none: undisturbed), unless it is already."""
        if (claims, seeds) not in self._asked:
            self._asked[claims, seeds] = self._pool.submit(self._tell, claims, seeds)

    def told(self, claims: int, *seeds: int) -> dict[str, Any]:
        """What became of it. Raises AssertionError with the end of its logs when it did not come to its end."""
        self.ask(claims, *seeds)
        return self._asked[claims, seeds].result()

    def end(self) -> None:
        """End what still runs."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in list(self._running.values()):
            process.kill()
        self._pool.shutdown(wait=True)

    def _tell(self, claims: int, seeds: tuple[int, ...]) -> dict[str, Any]:
        home = Path(tempfile.mkdtemp(prefix="frist-simulation-", dir=_HOMES))
        home.chmod(0o755)
        command = [sys.executable, "-m", "tests.simulation.run", str(home), str(claims), *map(str, seeds)]
        with (home / "operator.log").open("wb") as log:
            process = self._running[home] = subprocess.Popen(
                command, cwd=ROOT, env=environment(home, "operator"), stdout=log, stderr=log
            )
        try:
            code = process.wait(timeout=LIMIT_SECONDS)
            assert code == 0, f"seeds {seeds}: exit code {code}\n{_logs(home)}"
            told: dict[str, Any] = json.loads((home / "ended.json").read_text())
            return told
        except subprocess.TimeoutExpired:
            raise AssertionError(f"seeds {seeds}: not at its end after {LIMIT_SECONDS} s\n{_logs(home)}") from None
        finally:
            process.kill()
            process.wait()
            end_all(home)
            del self._running[home]


def _logs(home: Path) -> str:
    ends = (f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}" for log in sorted(home.glob("*.log")))
    return os.linesep.join(ends)


def differences(calm: Any, disturbed: Any, where: str = "") -> Iterator[str]:
    """Every place in which two end states are not the same."""
    if isinstance(calm, dict) and isinstance(disturbed, dict):
        for name in sorted(calm.keys() | disturbed.keys()):
            yield from differences(calm.get(name), disturbed.get(name), f"{where}/{name}")
    elif calm != disturbed:
        yield f"{where}\n    undisturbed: {calm}\n    now:         {disturbed}"
