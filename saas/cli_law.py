"""`frist law …`: the figures of the law and its calculators, without servers, also as a stream of JSON lines."""

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

import click
import orjson

from saas.cases.law_schemas import CALCULATORS, Calculator, NotCalculated
from saas.rules.figures import figures_in_force
from saas.rules.law import load_law

MAX_LINE_BYTES = 1024 * 1024
_ABOUT = {
    "interest": "Late interest (forsinkelsesrente), line by line.",
    "fees": "Notice fees and agency fee (gebyr og inkassosalær).",
    "allocation": "What a payment covers first (dekningsrekkefølge).",
    "deadlines": "The days that follow from a letter (frister).",
    "kid": "Check a KID, or make one.",
}


@click.group()
def law() -> None:
    """The figures of the law, and its calculators."""


@law.command("show")
@click.argument("on", type=click.DateTime(formats=["%Y-%m-%d"]))
def law_show(on: datetime) -> None:
    """Every figure in force on a day, with source, date checked and confidence."""
    for figure in figures_in_force(load_law(), on.date()):
        click.echo(f"{figure.name}: {figure.value} {figure.unit}")
        known = f"from {figure.valid_from} to {figure.known_until}"
        click.echo(f"    {figure.confidence}, {known}, checked {figure.checked_on}; {figure.source}")


def _command(name: str, calculator: Calculator) -> click.Command:
    def run(asked: str | None, jsonl: bool) -> None:
        if jsonl == (asked is not None):
            raise click.UsageError("Give one JSON object, or --jsonl and one a line on standard input.")
        lines = _lines(sys.stdin.buffer) if jsonl else [str(asked).encode()]
        sys.exit(_answer_all(calculator, lines))

    return click.Command(
        name,
        callback=run,
        params=[
            click.Argument(["asked"], required=False),
            click.Option(
                ["--jsonl"], is_flag=True, help="JSON lines: one object a line in on standard input, one out."
            ),
        ],
        help=f"{_ABOUT[name]}\n\nASKED is one JSON object, as for POST /api/v1/law/{name}.",
    )


for _name, _calculator in CALCULATORS.items():
    law.add_command(_command(_name, _calculator))


def _answer_all(calculator: Calculator, lines: Iterable[bytes | None]) -> int:
    """Answer line by line as they come. Returns 1 when any was wrong."""
    failed, out = 0, sys.stdout.buffer
    try:
        for number, line in enumerate(lines, start=1):
            if line is not None and not line.strip():
                continue
            answer = _answer(calculator, line, number)
            failed |= "error" in answer
            out.write(orjson.dumps(answer) + b"\n")
            out.flush()
    except BrokenPipeError:  # the reader has seen enough; Python must not try to flush again on the way out
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return failed


def _answer(calculator: Calculator, line: bytes | None, number: int) -> dict[str, Any]:
    """The answer to one line, or what is wrong with it: code, first wrong field, words, and all wrong fields."""
    if line is None:
        return _wrong("line_too_long", "", f"Linjen er lengre enn {MAX_LINE_BYTES} byte.", number)
    try:
        return calculator.answered(orjson.loads(line))
    except orjson.JSONDecodeError:
        return _wrong("not_json", "", "Linjen er ikke gyldig JSON.", number)
    except NotCalculated as error:
        found = dict(_flat(error.errors))
        field = next(iter(found))
        return _wrong(error.code, field, found[field], number) | ({"errors": found} if len(found) > 1 else {})


def _wrong(code: str, field: str, detail: str, number: int) -> dict[str, Any]:
    return {"error": code, "field": field, "detail": detail, "line": number}


def _flat(errors: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """`{"items": {0: {"kind": ["…"]}}}` as `items.0.kind`; what concerns the whole object has no field."""
    if isinstance(errors, dict):
        for name, found in errors.items():
            deeper = "" if name == "_schema" else str(name)
            yield from _flat(found, ".".join(filter(None, (path, deeper))))
    else:
        yield path, " ".join(map(str, errors)) if isinstance(errors, list | tuple) else str(errors)


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Lines as they come, never more than one in memory; None for one that is too long."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        if len(line) <= MAX_LINE_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while (rest := stream.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
            pass
        yield None
