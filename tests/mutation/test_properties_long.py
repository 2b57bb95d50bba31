"""The properties of the rules, with many more examples than a quick run tries."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.long
def test_the_properties_hold_for_thousands_of_examples(capsys: pytest.CaptureFixture[str]) -> None:
    seed = os.environ.get("FRIST_SEED") or str(random.randrange(10**9))
    with capsys.disabled():
        print(f"\nproperties of the rules, FRIST_SEED={seed}")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/rules/test_properties.py", f"--hypothesis-seed={seed}"],
        cwd=ROOT,
        env=os.environ | {"FRIST_HYPOTHESIS": "long"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, f"FRIST_SEED={seed}\n{ran.stdout[-20_000:]}"
