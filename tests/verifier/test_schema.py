"""The published shape of a certificate, and the verifier's own reader: they accept and refuse the same."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from saas.cli_law import law
from saas.verifier import certificate_schema, verify
from tests.verifier.certificates import NAMES, sample
from tests.verifier.histories import Engine, a_policy, looks

SCHEMA = json.loads(certificate_schema())
SHAPE = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
Path = tuple[str | int, ...]
RETYPED: list[Any] = [None, True, "", "x", -1, 10**14, [], {}, ["x"], [None], {"x": 1}, "2026-02-30", "2200-01-01", 0.5]


def reader_accepts(record: Any) -> bool:
    """Whether the verifier could read it, lawful or not. A proof that is none is told apart from a wrong shape."""
    return not any(finding.rule_id in ("schema", "proof") for finding in verify(record).findings)


def places(part: Any, above: Path = ()) -> Iterator[Path]:
    """The path to every value in a record."""
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, value in inside:
        yield (*above, name)
        yield from places(value, (*above, name))


def whole_record() -> dict[str, Any]:
    """A record with something in every list, so that every field of the schema is in it."""
    record = sample("person_payment_demand")
    claim = record["facts"]["claims"][0]
    claim["principal_moves"] = [["2026-04-01", 100]]
    claim["interest_pauses"] = [
        ["2026-04-01", None, "objection_upheld"],
        ["2026-03-01", "2026-03-05", "creditor_delay"],
    ]
    record["facts"]["notices"][0]["claim_ids"] = [claim["id"]]
    record["facts"]["holds"] = [{"reason": "objection", "since": "2026-04-01", "until": "2026-04-02"}]
    record["why"] = [{"code": "held", "rules": ["E1"], "from_day": "2026-04-03"}]
    record["plugins"] = [{"hook": "hold_case", "reason": "quiet", "until": "2026-04-03"}]
    return record


def at(record: Any, path: Path) -> Any:
    for step in path:
        record = record[step]
    return record


WHOLE = whole_record()
PLACES = list(places(WHOLE))


def test_the_schema_is_one_and_closes_every_object() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    objects = [part for part in _parts(SCHEMA) if "properties" in part]
    assert len(objects) > 10
    for part in objects:
        assert part["additionalProperties"] is False
        assert sorted(part["required"]) == sorted(part["properties"])


def test_every_field_says_what_it_is() -> None:
    for part in _parts(SCHEMA):
        for name, field in part.get("properties", {}).items():
            said = [field, SCHEMA["$defs"].get(field.get("$ref", "").removeprefix("#/$defs/"), {})]
            assert any(each.get("title") for each in said), name


def _parts(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if not isinstance(part.get("properties", {}).get("type"), str):
            yield part
        for value in part.values():
            yield from _parts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _parts(value)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_the_published_shape(name: str) -> None:
    assert [error.message for error in SHAPE.iter_errors(sample(name))] == []


def test_every_certificate_the_engine_makes_has_the_published_shape() -> None:
    engine, dice, checked = Engine.loaded(), random.Random(20261121), 0
    for _ in range(60):
        for facts, today, policy, decision, _ in looks(dice, a_policy(dice), engine):
            if decision.step is not None:
                record = json.loads(engine.record(facts, decision, today, policy))
                assert [f"{error.json_path}: {error.message}" for error in SHAPE.iter_errors(record)] == []
                checked += 1
    assert checked > 100


def test_the_record_these_tests_change_has_every_field_of_the_schema() -> None:
    named = {str(path[-1]) for path in PLACES}
    assert {name for part in _parts(SCHEMA) for name in part.get("properties", {})} <= named
    assert SHAPE.is_valid(WHOLE)
    assert reader_accepts(WHOLE)


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_schema_and_reader_judge_a_changed_field_alike(path: Path) -> None:
    """The field left out, under another name, one too many beside it, and with values of every other kind."""
    for changed in _changed(path):
        record = json.loads(changed)
        assert SHAPE.is_valid(record) == reader_accepts(record), at(record, path[:-1])


def _changed(path: Path) -> Iterator[str]:
    for value in RETYPED:
        record = json.loads(json.dumps(WHOLE))
        at(record, path[:-1])[path[-1]] = value
        yield json.dumps(record)
    if isinstance(path[-1], int):
        return
    for do in (lambda part, name: part.pop(name), lambda part, name: part.update({f"{name}_": part.pop(name)}),
               lambda part, name: part.update({f"{name}_": part[name]})):  # fmt: skip
        record = json.loads(json.dumps(WHOLE))
        do(at(record, path[:-1]), path[-1])
        yield json.dumps(record)


@pytest.mark.parametrize("path", [path for path in PLACES if isinstance(path[-1], str)], ids=str)
def test_a_field_left_out_or_renamed_is_refused_by_both(path: Path) -> None:
    for changed in list(_changed(path))[-3:]:
        record = json.loads(changed)
        if path[0] == "plugins" and len(path) > 1:  # what a plugin answered is its own to say
            assert SHAPE.is_valid(record)
        else:
            assert not SHAPE.is_valid(record)
            assert not reader_accepts(record)


def test_the_command_line_prints_it() -> None:
    asked = [sys.executable, "-m", "saas.verifier", "--schema"]
    printed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == SCHEMA
    assert json.loads(CliRunner().invoke(law, ["certificate-schema"]).output) == SCHEMA
