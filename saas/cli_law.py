"""`frist law …`: the figures of the law and its calculators, without servers, also as a stream of JSON lines."""

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

import click
import orjson

from saas.calculators.run import CALCULATORS, Calculator, NotCalculated
from saas.kernel import clock
from saas.rules.coming_act import changes
from saas.rules.figures import figures_in_force
from saas.rules.horizon import due_warnings
from saas.rules.law import load_law
from saas.rules.words import BOKMAAL, ENGLISH, LANGUAGES, all_in_language, in_language, joined, say
from saas.verifier import certificate_schema

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


@law.command("coming")
def law_coming() -> None:
    """What the act of 2026 changes, paragraph by paragraph; no day is set for it yet."""
    for change in changes():
        click.echo(f"{change.topic} ({change.paragraph})\n    nå: {change.now}\n    ny: {change.then}")


@law.command("check")
@click.option("--on", type=click.DateTime(formats=["%Y-%m-%d"]), help="Another day than today.")
def law_check(on: datetime | None) -> None:
    """Figures that must be entered before they are needed.

    A line for each that is missing and needed within 45 days, and exit status 1; nothing and 0 when there is none.
    """
    today = on.date() if on else clock.wall_now().astimezone(clock.OSLO).date()
    missing = due_warnings(load_law(), today)
    for each in missing:
        hint = in_language(each.source_hint, ENGLISH)
        click.echo(f"{each.figure}: needed from {each.needed_from}, days left: {each.days_left}. {hint}")
    sys.exit(1 if missing else 0)


@law.command("certificate-schema")
def law_certificate_schema() -> None:
    """The published shape of a certificate (JSON Schema)."""
    click.echo(certificate_schema().rstrip())


def _command(name: str, calculator: Calculator) -> click.Command:
    def run(asked: str | None, jsonl: bool, language: str) -> None:
        if jsonl == (asked is not None):
            raise click.UsageError("Give one JSON object, or --jsonl and one a line on standard input.")
        lines = _lines(sys.stdin.buffer) if jsonl else [str(asked).encode()]
        sys.exit(_answer_all(calculator, lines, language))

    return click.Command(
        name,
        callback=run,
        params=[
            click.Argument(["asked"], required=False),
            click.Option(
                ["--jsonl"], is_flag=True, help="JSON lines: one object a line in on standard input, one out."
            ),
            click.Option(
                ["--language"], type=click.Choice(LANGUAGES), default=BOKMAAL, help="The language of words and numbers."
            ),
        ],
        help=f"{_ABOUT[name]}\n\nASKED is one JSON object, as for POST /api/v1/law/{name}.",
    )


for _name, _calculator in CALCULATORS.items():
    law.add_command(_command(_name, _calculator))


def _answer_all(calculator: Calculator, lines: Iterable[bytes | None], language: str) -> int:
    """Answer line by line as they come. Returns 1 when any was wrong."""
    failed, out = 0, sys.stdout.buffer
    try:
        for number, line in enumerate(lines, start=1):
            if line is not None and not line.strip():
                continue
            answer = all_in_language(_answer(calculator, line, number, language), language)
            failed |= "error" in answer
            out.write(orjson.dumps(answer) + b"\n")
            out.flush()
    except BrokenPipeError:  # the reader has seen enough; Python must not try to flush again on the way out
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return failed


def _answer(calculator: Calculator, line: bytes | None, number: int, language: str) -> dict[str, Any]:
    """The answer to one line, or what is wrong with it: code, first wrong field, words, and all wrong fields."""
    if line is None:
        return _wrong("line_too_long", "", say("Linjen er lengre enn {most} byte.", most=MAX_LINE_BYTES), number)
    try:
        return calculator.answered(orjson.loads(line), language)
    except orjson.JSONDecodeError:
        return _wrong("not_json", "", say("Linjen er ikke gyldig JSON."), number)
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
        yield path, joined(errors) if isinstance(errors, list | tuple) else errors


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Lines as they come, never more than one in memory; None for one that is too long."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        if len(line) <= MAX_LINE_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while (rest := stream.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
            pass
        yield None
