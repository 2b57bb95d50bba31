"""`frist law … --jsonl`: a line in, a line out, whatever stands on the line."""

import json
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from saas.cli_law import MAX_LINE_BYTES, law

INTEREST = {"principal_ore": 1_000_000, "from": "2024-06-15", "to": "2024-06-27", "day_basis": "act/act"}
FRIST = [sys.executable, "-c", "from saas.cli_law import law; law()"]


def run(name: str, *lines: Any, options: tuple[str, ...] = ("--jsonl",)) -> tuple[Result, list[dict[str, Any]]]:
    sent = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    result = CliRunner().invoke(law, [name, *options], input=sent)
    return result, [json.loads(line) for line in result.stdout.splitlines()]


def test_interest_is_answered_line_by_line() -> None:
    result, answers = run("interest", INTEREST, INTEREST | {"day_basis": "fixed365"})
    assert result.exit_code == 0
    assert [answer["total_ore"] for answer in answers] == [4_098, 4_110]
    assert answers[0]["lines"][0]["rate_percent"] == "12.50"


@pytest.mark.parametrize(
    ("name", "asked", "expected"),
    [
        ("fees", {"principal_ore": 300_000, "due_on": "2026-09-15", "on": "2026-10-14"}, {"light_cap_ore": 60_000}),
        ("deadlines", {"letter": "reminder", "sent_on": "2026-03-20"}, {"deadline_on": "2026-04-07"}),
        ("kid", {"payload": "1234"}, {"kid": "12344"}),
        ("allocation", {"amount_ore": 5, "items": [{"kind": "principal", "amount_ore": 3}]}, {"left_ore": 2}),
    ],
)
def test_every_calculator_speaks_json_lines(name: str, asked: dict[str, Any], expected: dict[str, Any]) -> None:
    result, (answer,) = run(name, asked)
    assert result.exit_code == 0
    assert answer | expected == answer


def test_a_wrong_line_is_told_by_field_and_the_others_are_still_answered() -> None:
    result, answers = run(
        "interest",
        INTEREST,
        INTEREST | {"principal_ore": 0},
        "ikke json",
        "",
        INTEREST | {"to": "2027-06-01"},
        "[1]",
        INTEREST | {"payments": [{"on": "2024-06-20", "amount_ore": "1"}]},
        INTEREST,
    )
    assert result.exit_code == 1
    assert [(a.get("error"), a.get("field"), a.get("line")) for a in answers] == [
        (None, None, None),
        ("bad_input", "principal_ore", 2),
        ("not_json", "", 3),
        ("unknown_law", "to", 5),
        ("bad_input", "", 6),
        ("bad_input", "payments.0.amount_ore", 7),
        (None, None, None),
    ]
    assert answers[1]["detail"] == "Beløpet må være større enn null."
    assert answers[-1]["total_ore"] == 4_098


def test_every_wrong_field_of_a_line_is_told() -> None:
    _, (answer,) = run("interest", {"principal_ore": 0, "from": "2024-06-15", "to": "i går"})
    assert set(answer["errors"]) == {"principal_ore", "to"}


def test_a_line_of_any_length_takes_no_more_memory_than_the_longest_one_allowed() -> None:
    result, answers = run("kid", {"kid": "12344"}, "x" * (3 * MAX_LINE_BYTES), {"kid": "12344"})
    assert result.exit_code == 1
    assert [a.get("error") for a in answers] == [None, "line_too_long", None]


def test_the_last_line_needs_no_line_break() -> None:
    result = CliRunner().invoke(law, ["kid", "--jsonl"], input='{"kid":"12344"}')
    assert json.loads(result.stdout)["valid"] is True


def test_answers_come_while_questions_are_still_being_asked() -> None:
    with subprocess.Popen([*FRIST, "kid", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for payload in ("1234", "12345678"):
            process.stdin.write(json.dumps({"payload": payload}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["kid"].startswith(payload)
        process.stdin.close()
        assert process.wait(20) == 0


def test_a_reader_that_stops_reading_is_no_crash() -> None:
    lines = (json.dumps({"kid": "12344"}) + "\n") * 20_000
    with subprocess.Popen(
        [*FRIST, "kid", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, complaint = process.communicate(lines)
    assert process.returncode == 1
    assert complaint == ""


def test_one_object_can_be_given_on_the_command_line() -> None:
    result, (answer,) = run("kid", options=('{"payload":"1234"}',))
    assert result.exit_code == 0
    assert answer["kid"] == "12344"


def test_neither_an_object_nor_lines_is_a_question() -> None:
    result, _ = run("kid", options=())
    assert result.exit_code == 2
    assert "--jsonl" in result.stderr


def test_the_figures_of_a_day_are_still_shown() -> None:
    result = CliRunner().invoke(law, ["show", "2026-11-21"])
    assert "late_interest: 12.25 percent" in result.stdout
    assert "found, from 2026-07-01 to 2026-12-31" in result.stdout
