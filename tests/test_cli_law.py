"""`frist law … --jsonl`: a line in, a line out, whatever stands on the line."""

import json
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from saas.cli_law import MAX_LINE_BYTES, law
from saas.rules.coming_act import changes

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


def test_check_names_every_figure_that_is_needed_within_45_days_and_ends_with_1() -> None:
    """C1."""
    result = CliRunner().invoke(law, ["check", "--on", "2026-11-21"])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert len(lines) == 8
    assert lines[0].startswith("late_interest: needed from 2027-01-01, days left: 41. Finanstilsynet sets it")


def test_check_says_nothing_and_ends_with_0_while_there_is_time() -> None:
    result = CliRunner().invoke(law, ["check", "--on", "2026-11-16"])
    assert (result.exit_code, result.stdout) == (0, "")


def test_coming_lists_every_change_of_the_new_act_with_its_paragraph() -> None:
    result = CliRunner().invoke(law, ["coming"])
    assert result.exit_code == 0
    assert result.stdout.count("\n    nå: ") == result.stdout.count("\n    ny: ") == len(changes())
    assert "Hvem som sender brevene (§§ 20, 21)" in result.stdout


@pytest.mark.parametrize(
    ("language", "words", "formula"),
    [
        ("nb", "i 12 dager av 366, fra 15. juni 2024 til 27. juni 2024.", "10 000,00 × 12,50 % × 12 / 366 = 40,98"),
        ("nn", "i 12 dagar av 366, frå 15. juni 2024 til 27. juni 2024.", "10 000,00 × 12,50 % × 12 / 366 = 40,98"),
        ("en", "for 12 days out of 366, from 15 June 2024 to 27 June 2024.", "10,000.00 × 12.50 % × 12 / 366 = 40.98"),
    ],
)
def test_the_words_are_in_the_language_asked_for_and_the_figures_the_same(
    language: str, words: str, formula: str
) -> None:
    _, (answer,) = run("interest", INTEREST, options=("--jsonl", "--language", language))
    (line,) = answer["lines"]
    assert answer["total_ore"] == 4_098
    assert line["words"].replace("\u00a0", " ").endswith(words)
    assert line["formula"].replace("\u00a0", " ") == formula


def test_what_is_wrong_is_told_in_the_language_too() -> None:
    wrong = (INTEREST | {"principal_ore": 0}, "not json", INTEREST | {"to": "2027-06-01"}, {"principal_ore": "5"})
    _, answers = run("interest", *wrong, options=("--jsonl", "--language", "en"))
    assert [answer["detail"] for answer in answers] == [
        "The amount must be more than zero.",
        "The line is not valid JSON.",
        "The late-payment interest rate (forsinkelsesrenten) is not known for 1 January 2027, so we do not calculate.",
        "The amount must be whole øre, without decimals and without quotation marks.",
    ]
    assert answers[3]["errors"]["from"] == "Fill in the due date."


@pytest.mark.parametrize(
    ("name", "asked", "field"),
    [
        ("interest", INTEREST | {"principal_ore": -1}, "principal_ore"),
        ("interest", INTEREST | {"principal_ore": 10**12 + 1}, "principal_ore"),
        ("interest", INTEREST | {"from": "2024-06-28"}, "to"),
        ("interest", INTEREST | {"from": "1993-12-31"}, "from"),
        ("interest", INTEREST | {"from": "0001-01-01"}, "from"),
        ("interest", INTEREST | {"payments": [{"on": "2024-06-20", "amount_ore": 1_000_001}]}, "payments.0.amount_ore"),
        ("interest", INTEREST | {"payments": [{"on": "2024-06-20", "amount_ore": -1}]}, "payments.0.amount_ore"),
        ("fees", {"principal_ore": 300_000, "due_on": "1996-09-15", "on": "2026-10-14"}, "due_on"),
        ("fees", {"principal_ore": 0, "due_on": "2026-09-15", "on": "2026-10-14"}, "principal_ore"),
        ("fees", {"principal_ore": 1, "due_on": "2026-09-15", "on": "2026-10-14", "debtor": "estate"}, "debtor"),
        ("fees", {"principal_ore": 1, "due_on": "2026-09-15", "on": "2026-09-14"}, "on"),
        ("deadlines", {"letter": "reminder", "sent_on": "2026-03-20", "slack_days": -1}, "slack_days"),
        ("deadlines", {"letter": "reminder", "sent_on": "2026-03-20", "grace_banking_days": -1}, "grace_banking_days"),
        ("allocation", {"amount_ore": 5, "items": [{"kind": "principal", "amount_ore": -3}]}, "items.0.amount_ore"),
    ],
)
def test_a_bad_line_is_an_error_with_the_name_of_its_field_and_never_a_number(
    name: str, asked: dict[str, Any], field: str
) -> None:
    result, (answer,) = run(name, asked)
    assert result.exit_code == 1
    assert answer["field"] == field
    assert answer["error"] in ("bad_input", "unknown_law")
    assert not [key for key in answer if key.endswith("_ore")]


def test_a_line_with_four_hundred_payments_adds_up() -> None:
    paid = [{"on": str(date(2024, 12, 31) + timedelta(days=n)), "amount_ore": 100} for n in range(400)]
    asked = {"principal_ore": 100_000, "from": "2024-12-01", "to": "2026-03-01", "payments": paid}
    result, (answer,) = run("interest", asked)
    assert result.exit_code == 0
    assert answer["total_ore"] == sum(line["amount_ore"] for line in answer["lines"])
    assert sum(line["days"] for line in answer["lines"]) == 455
    assert answer["lines"][-1]["balance_ore"] == 60_000
