"""Whatever a record holds, the verifier answers; it never falls over."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saas.verifier import Verdict, verify
from tests.verifier.certificates import NAMES, sample

DAYS = ["9999-12-31", "0001-01-01", "2026-W10-1", "²026-01-01"]
TEXTS = ["\ud800", "1e9", "0.1/", "/"]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates().map(str)
NASTY = SCALARS | st.sampled_from([10**400, -1, *DAYS, *TEXTS, [], {}])
ANY_JSON = st.recursive(
    NASTY, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
)


@given(ANY_JSON)
def test_any_json_gets_a_no(value: Any) -> None:
    verdict = verify(value)
    assert isinstance(verdict, Verdict)
    assert not verdict.ok
    assert verdict.findings


@given(st.binary(max_size=60))
def test_any_bytes_get_a_no(content: bytes) -> None:
    assert not verify(content).ok


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_certificate_with_anything_planted_anywhere_gets_an_answer(data: st.DataObject) -> None:
    record = sample(data.draw(st.sampled_from(NAMES)))
    for _ in range(data.draw(st.integers(1, 3))):
        plant(record, data)
    verdict = verify(record)
    assert verdict.ok is not bool(verdict.findings)


def plant(part: Any, data: st.DataObject) -> None:
    """Put something else in the place of one value, near the top or deep down."""
    places = list(part) if isinstance(part, dict) else list(range(len(part)))
    if not places:
        return
    at = data.draw(st.sampled_from(places))
    if isinstance(part[at], dict | list) and data.draw(st.integers(0, 4)):
        plant(part[at], data)
    else:
        part[at] = data.draw(NASTY | st.integers(0, 10**6) | ANY_JSON)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"{", b"[]", b"1" * 5_000, b"[" * 100_000, b"NaN", b'{"step": Infinity}', b'"text"', b"null"],
    ids=["nothing", "no text", "half an object", "a list", "a number without end", "a pit of lists", "not a number",
         "infinity", "a text", "null"],
)  # fmt: skip
def test_it_survives(content: bytes) -> None:
    [finding] = verify(content).findings
    assert (finding.rule_id, finding.message.split(":")[0]) == ("schema", "record")


def test_a_name_that_stands_twice_is_not_read_at_all() -> None:
    content = json.dumps(sample("person_reminder")).encode()
    assert verify(content).ok
    assert not verify(content[:-1] + b', "step": "reminder"}').ok


def test_a_thousand_claims_are_too_many_to_judge_but_not_to_answer() -> None:
    record = sample("person_reminder")
    record["facts"]["claims"] *= 1_000
    assert verify(record).findings[0].message == "record.facts.claims: should have at most 100, has 1000"
