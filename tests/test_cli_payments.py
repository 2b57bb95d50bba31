"""`frist payments check` and `frist payments import`, as a person at a terminal runs them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from saas import cli
from saas.payments import bank_files
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.payments.world import DAY, World

Run = Callable[..., Result]


@pytest.fixture
def world(agency) -> World:
    return World(agency)


@pytest.fixture
def run(world) -> Run:
    with open_tenant(world.tenant_id) as tenant:
        slug = tenant.slug

    def run_command(*arguments: str) -> Result:
        return CliRunner().invoke(cli.frist, ["payments", *arguments, "--tenant", slug])

    return run_command


@pytest.fixture
def good(world, tmp_path) -> Path:
    path = tmp_path / "good.txt"
    path.write_bytes(world.file(SimPayment("11", 500, DAY), SimPayment("22", -200, DAY)))
    return path


@pytest.fixture
def bad(good, tmp_path) -> Path:
    path = tmp_path / "bad.txt"
    path.write_bytes(good.read_bytes().replace(b"00000000000000700", b"00000000000000701"))
    return path


def test_a_check_tells_what_is_in_a_file_and_takes_nothing_in(world, run, good):
    told = run("check", str(good), "--json")
    assert told.exit_code == 0
    found = json.loads(told.stdout)
    assert (found["format"], found["payments"], found["sum_ore"]) == ("ocr_giro", 2, 300)
    assert found["verdicts"][-1] == {
        "record": 8, "level": "warning", "code": "sum_without_signs",
        "message": "Kontrollsummen i forsendelsen er regnet uten fortegn.",
    }  # fmt: skip
    assert "2 payments, 3,00 kr" in run("check", str(good)).stdout
    assert world.payments() == []


def test_a_check_of_a_bad_file_names_the_record_and_ends_with_status_1(world, run, bad):
    told = run("check", str(bad), "--json")
    assert told.exit_code == 1
    (verdict,) = json.loads(told.stdout)["verdicts"]
    assert (verdict["record"], verdict["level"], verdict["code"]) == (7, "error", "wrong_sum")
    assert run("check", str(bad)).exit_code == 1
    assert world.payments() == []


def test_a_check_of_a_file_nobody_knows_ends_with_status_1(world, run, tmp_path):
    (tmp_path / "x").write_text("hei")
    told = run("check", str(tmp_path / "x"), "--json")
    assert told.exit_code == 1
    found = json.loads(told.stdout)
    assert (found["format"], found["payments"], found["verdicts"][0]["code"]) == (None, 0, "unknown_format")
    assert world.payments() == []


def test_an_import_takes_the_file_in_and_tells_its_warnings(world, run, good):
    told = run("import", str(good))
    assert told.exit_code == 0
    assert "warning: Kontrollsummen i forsendelsen er regnet uten fortegn." in told.stdout
    assert "2 payments, 3,00 kr; placed 0, unmatched 2" in told.stdout
    assert "taken in before" in run("import", str(good)).stdout
    assert [(p.kid, p.amount_ore, p.why) for p in world.payments()] == [
        ("11", 500, "no_case_found"), ("22", -200, "takes_money_back"),
    ]  # fmt: skip


def test_an_import_of_a_bad_file_takes_nothing_in(world, run, bad):
    refused = run("import", str(bad))
    assert refused.exit_code != 0
    assert list(refused.exception.errors) == ["record 7"]
    assert world.payments() == []


def test_an_import_of_a_long_file_says_how_far_it_has_come(world, run, tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "LONG_FILE_BYTES", 10_000)
    monkeypatch.setattr(bank_files, "PIECE_BYTES", 8_192)
    (tmp_path / "long").write_bytes(world.file(*(SimPayment("", 1, DAY) for _ in range(300))))
    told = run("import", str(tmp_path / "long"))
    assert told.exit_code == 0
    progress = [line for line in told.stderr.splitlines() if "% read" in line]
    assert len(progress) >= 3
    assert progress[-1].startswith("100 % read, ")
    assert len(world.payments()) == 300
