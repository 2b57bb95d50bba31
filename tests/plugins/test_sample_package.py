"""A plugin from elsewhere: its own distribution, installed by its maker's tools into a clean environment of its own.

It is never imported here. The service runs in that environment, over this test's own database.
"""

import filecmp
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from saas.cases.night import plan_night
from saas.kernel.errors import BadInput
from saas.kernel.servers import Servers
from saas.testing.new_plugin import make_plugin
from tests.builders import MONDAY, make_agency, register

ROOT = Path(__file__).parent.parent.parent
SAMPLE = Path(__file__).parent / "sample_package"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`clean("frist", …)`: a command of an environment with the service and the sample in it, and nothing by path."""
    folder = tmp_path_factory.mktemp("clean")
    uv = shutil.which("uv") or str(ROOT / ".tools/bin/uv")
    environment = folder / "env"

    def run(*command: str, cwd: Path = folder) -> subprocess.CompletedProcess[str]:
        own = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
        own["UV_PROJECT_ENVIRONMENT"] = str(environment)
        return subprocess.run(command, cwd=cwd, env=own, capture_output=True, text=True, timeout=300, check=False)

    def must(*command: str, cwd: Path = folder) -> None:
        ended = run(*command, cwd=cwd)
        assert ended.returncode == 0, ended.stderr[-2000:]

    offline = ("--quiet", "--offline")  # what the lock file names is in uv's cache: this test runs in what it installed
    must(uv, "sync", *offline, "--frozen", "--no-install-project", "--python", sys.executable, cwd=ROOT)
    install = (uv, "pip", "install", *offline, "--no-deps", "--no-build-isolation")
    for package in (ROOT, SAMPLE):
        must(*install, "--python", str(environment / "bin/python"), str(package))

    def in_environment(command: str, *arguments: str, cwd: Path = folder) -> subprocess.CompletedProcess[str]:
        return run(str(environment / "bin" / command), *arguments, cwd=cwd)

    return in_environment


def test_the_sample_is_what_plugin_new_makes(tmp_path: Path) -> None:
    made = make_plugin("quiet-fridays", tmp_path)
    written = {path.relative_to(made) for path in made.rglob("*") if path.is_file()}
    stands = {p.relative_to(SAMPLE) for p in SAMPLE.rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    assert written == stands
    assert [path for path in sorted(written) if not filecmp.cmp(made / path, SAMPLE / path, shallow=False)] == []


@pytest.mark.parametrize("name", ["", "1x", "æ", "x!", "../x", "a" * 41, "x/y"])
def test_a_name_that_is_none_makes_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput):
        make_plugin(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_not_written_over(tmp_path: Path) -> None:
    make_plugin("mine", tmp_path)
    with pytest.raises(BadInput):
        make_plugin("mine", tmp_path)


def test_its_own_tests_pass_and_the_check_finds_no_harm(clean: Run, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE / "tests", tmp_path / "tests")
    tests = clean("pytest", "-q", "-p", "no:cacheprovider", "tests", cwd=tmp_path)
    assert "5 passed" in tests.stdout, tests.stdout
    checked = clean("frist", "plugin", "check", "frist-quiet-fridays", "--cases", "60")
    assert (checked.returncode, checked.stdout) == (0, "quiet_fridays: answers hold_case; no harm in 60 cases\n")


_MANY = """
import json, sys
from click.testing import CliRunner
from saas.cli import frist
ended = [CliRunner().invoke(frist, command) for command in json.loads(sys.argv[1])]
print("ENDED" + json.dumps([[each.exit_code, each.stdout, repr(each.exception)] for each in ended]))
"""


def said_to(clean: Run, *commands: str) -> list[str]:
    """What each command of `frist` says, all in one process of the clean environment."""
    ended = clean("python", "-c", _MANY, json.dumps([shlex.split(command) for command in commands]))
    assert "ENDED" in ended.stdout, ended.stderr[-2000:]
    told = json.loads(ended.stdout.rpartition("ENDED")[2])
    assert [each for each in told if each[0] != 0] == []
    return [stdout for _, stdout, _ in told]


def test_on_for_one_tenant_it_holds_there_and_its_neighbour_sees_nothing_of_it(servers: Servers, clean: Run) -> None:
    """Monday 2 March 2026, and the Friday after it: both tenants have an invoice due for a reminder."""
    ours, neighbour = make_agency(servers, "fredag-ja"), make_agency(servers, "fredag-nei")
    number, other = (register(each).verdicts[0].case_number for each in (ours, neighbour))
    friday = "night --dry-run --date 2026-03-06 --tenant"
    said = said_to(
        clean,
        f"{friday} fredag-ja",
        "plugin enable quiet_fridays --tenant fredag-ja",
        "plugin list --tenant fredag-ja",
        "plugin list --tenant fredag-nei",
        f"{friday} fredag-ja",
        f"{friday} fredag-nei",
        "plugin configure quiet_fridays '{\"weekdays\": [1, 5]}' --tenant fredag-ja",
        f"plugin explain {number} --tenant fredag-ja",
        f"plugin explain {other} --tenant fredag-nei",
        "plugin disable quiet_fridays --tenant fredag-ja",
        f"{friday} fredag-ja",
        "plugin enable quiet_fridays --tenant fredag-ja",
    )
    assert said[0].startswith(f"{number}: reminder")
    assert said[1] == "quiet_fridays: on\n"
    assert "quiet_fridays\tpå\t" in said[2]
    assert "quiet_fridays\tav\t" in said[3]
    assert said[4].startswith(f"{number}: waits: hold.quiet")
    assert said[5].startswith(f"{other}: reminder")
    assert said[6] == "quiet_fridays: configured\n"
    assert "quiet_fridays\thold_case\treason quiet, until 2026-03-03\n" in said[7]
    assert "quiet_fridays" not in said[8]
    assert said[10].startswith(f"{number}: reminder")
    # this process has no such plugin: what it concerns waits, visibly, and the neighbour goes its way
    (planned,) = plan_night(ours, on=MONDAY)
    assert (planned.case_number, planned.step, planned.why) == (number, None, "hold.plugin_trouble")
    (planned,) = plan_night(neighbour, on=MONDAY)
    assert planned.step == "reminder"
