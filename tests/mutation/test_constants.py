"""A rule replaced by a constant must fail a test that names the rule."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
SEED = int(os.environ.get("FRIST_SEED", "10"))


def bite(tmp_path: Path, *options: str) -> dict[str, Any]:
    out = tmp_path / "report.json"
    command = [sys.executable, "-m", "tests.mutation.constants", "--out", str(out), *options]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return report


def test_ten_functions_that_keep_a_rule_cannot_be_constants(tmp_path: Path) -> None:
    report = bite(tmp_path, "--count", "10", "--seed", str(SEED))
    assert report["tried"] >= 20
    assert report["survived"] == [], f"FRIST_SEED={SEED}"


@pytest.mark.long
def test_no_function_that_keeps_a_rule_can_be_a_constant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = bite(tmp_path)
    with capsys.disabled():
        print(
            f"\nrules as constants: {report['tried']} tries in {report['seconds']} s", *report["survived"], sep="\n  "
        )
    assert report["survived"] == []
