"""Run mutmut over the arithmetic of the law and say which mutants no test noticed.

`python -m tests.mutation.mutants` prints the share and the diff of every survivor. mutmut works in a copy of the
project that goes away afterwards. In the copy `@lru_cache` is taken off, because mutmut leaves decorated functions
alone and a cache changes no result.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
COPIED = ("saas", "tenants", "plugins", "workers", "tests", "pyproject.toml")
MUTMUT = Path(sys.executable).with_name("mutmut")
CHILDREN = 2
SURVIVED, UNTESTED = 0, 33  # what mutmut notes for a mutant whose tests all passed, or that no test reaches
LONGEST_SECONDS = 30 * 60

_CACHE = re.compile(r"^@(?:lru_)?cache(?:\(.*\))?\n", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """One changed line. `name` changes with mutmut's count; `change` is the removed and the added line."""

    name: str
    function: str
    change: str
    noticed: bool


def mutants(say: Callable[[str], object] = print) -> list[Mutant]:
    """Every mutant of the files named in `[tool.mutmut]`, tried against the tests named there."""
    with _copy_of_the_project() as copy:
        # the tests' own processes must find the copy, and an examples' database would make runs differ
        env = os.environ | {"PYTHONPATH": "", "FRIST_HYPOTHESIS": "mutants", "PYTHONDONTWRITEBYTECODE": "1"}
        command = [str(MUTMUT), "run", "--max-children", str(CHILDREN)]
        ran = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, timeout=LONGEST_SECONDS)
        if ran.returncode:
            raise RuntimeError(f"mutmut stopped:\n{ran.stdout[-4000:]}\n{ran.stderr[-2000:]}")
        say(ran.stdout.replace("\r", "\n").strip().splitlines()[-2])
        return [mutant for file in _mutated_files() for mutant in _tried(copy, file)]


def _mutated_files() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(settings["tool"]["mutmut"]["only_mutate"])


@contextmanager
def _copy_of_the_project() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="frist-mutants-", dir="/var/tmp") as folder:
        copy = Path(folder)
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
            else:
                shutil.copy(ROOT / name, copy / name)
        for name in _mutated_files():
            code = (copy / name).read_text(encoding="utf-8")
            (copy / name).write_text(_CACHE.sub("", code), encoding="utf-8")
        yield copy


def _tried(copy: Path, file: str) -> Iterator[Mutant]:
    """What mutmut noted about each mutant of one file."""
    meta = json.loads((copy / "mutants" / f"{file}.meta").read_text(encoding="utf-8"))
    unnoticed = [name for name, exit_code in meta["exit_code_by_key"].items() if exit_code in (SURVIVED, UNTESTED)]
    changes = _changes(copy, unnoticed)
    for name in meta["exit_code_by_key"]:
        function = re.sub(r"^.*\.x_|__mutmut_\d+$", "", name)
        yield Mutant(name, f"{Path(file).stem}.{function}", changes.get(name, ""), name not in changes)


def _changes(copy: Path, names: list[str]) -> dict[str, str]:
    """What each mutant changed, as one or more `- old` and `+ new` lines."""
    if not names:
        return {}
    command = [sys.executable, "-c", _SHOW, *names]
    shown = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=True).stdout
    return {name: _only_what_changed(diff) for name, diff in json.loads(shown).items()}


_SHOW = """
import json, sys
from mutmut.mutation.diff_apply import find_mutant, get_diff_for_mutant
names = sys.argv[1:]
json.dump({name: get_diff_for_mutant(name, path=find_mutant(name).path) for name in names}, sys.stdout)
"""


def _only_what_changed(diff: str) -> str:
    lines = [line for line in diff.splitlines() if re.match(r"[+-](?![+-])", line)]
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in lines)


def main() -> int:
    """Print the share noticed and every survivor."""
    tried = mutants()
    survivors = [mutant for mutant in tried if not mutant.noticed]
    for mutant in survivors:
        print(f"\n{mutant.function}\n{mutant.change}")
    print(f"\n{len(tried) - len(survivors)} of {len(tried)} mutants noticed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
