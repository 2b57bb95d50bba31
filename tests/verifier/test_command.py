"""`python -m saas.verifier`, run as anybody would."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from saas.verifier import verify
from saas.verifier.__main__ import main
from saas.verifier.verify import RATES
from tests.verifier.certificates import NAMES, SAMPLES, sample


def test_lawful_files_end_with_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path) for path in sorted(SAMPLES.glob("*.json"))]) == 0
    assert capsys.readouterr().out == f"{len(NAMES)} certificates, 0 of them unlawful or unreadable\n"


def test_a_file_with_one_certificate_on_each_line_names_the_line_of_the_unlawful_one(tmp_path: Path) -> None:
    file = tmp_path / "certificates.jsonl"
    lines = [sample("person_reminder"), sample("person_reminder", deadline_on="2026-03-21"), sample("person_heavy_fee")]
    file.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "saas.verifier", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith(f"{file}:2: A3: deadline_on: 2026-03-21")


def test_a_file_that_is_not_there_ends_with_status_2(tmp_path: Path) -> None:
    assert main([str(tmp_path / "nothing.json")]) == 2


def test_the_figures_are_read_from_the_folder_it_is_given(tmp_path: Path) -> None:
    rates = tmp_path / "rates"
    shutil.copytree(RATES, rates)
    file = rates / "collection_rate.csv"
    file.chmod(0o644)
    file.write_text(file.read_text(encoding="utf-8").replace("2026-01-01,750", "2026-01-01,740"), encoding="utf-8")
    found = {finding.rule_id for finding in verify(sample("person_payment_demand"), rates).findings}
    assert {"B11", "B23"} <= found


def test_it_imports_nothing_of_ours_and_no_library() -> None:
    code = "import sys; b = set(sys.modules); import saas.verifier.__main__; print(*sorted(set(sys.modules) - b))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    names = {name.split(".")[0] for name in loaded}
    assert names - {"saas"} <= set(sys.stdlib_module_names)
    assert not [name for name in loaded if name.startswith("saas.") and not name.startswith("saas.verifier")]
