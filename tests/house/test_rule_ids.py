"""Every rule of law we claim to keep is in the code and in a test, and nothing else is claimed."""

import ast
import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
RULES = ROOT / "saas" / "rules"
STATUSES = {"implemented", "letters", "process", "later"}
WIDEST_RANGE = 10  # "C1-C8" names eight rules; "B1-B23" is only a hint where to look

_ID = re.compile(r"(?<![\w/.-])(PR|[ABCDEGHIJKLNSm])(\d{1,2}b?)(?:-\1(\d{1,2}))?(?![\w/])")


@cache
def _listed() -> dict[str, str]:
    """Rule id → status."""
    with (RULES / "rule_ids.csv").open(encoding="utf-8", newline="") as handle:
        return {row["id"]: row["status"] for row in csv.DictReader(handle)}


def _ids(text: str, widest: int) -> Iterator[str]:
    for family, first, last in _ID.findall(text):
        if not last:
            yield family + first
        elif int(last) - int(first) < widest:
            yield from (f"{family}{n}" for n in range(int(first), int(last) + 1))
        else:
            yield from (family + first, family + last)


def _texts(path: Path) -> Iterator[str]:
    """Docstrings, and strings that are nothing but a rule id or begin a test's id with one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _ID.fullmatch(node.value):
            yield node.value


@cache
def _named_in(folder: str) -> frozenset[str]:
    texts = (text for path in sorted((ROOT / folder).rglob("*.py")) for text in _texts(path))
    return frozenset(rule for text in texts for rule in _ids(text, WIDEST_RANGE))


def test_the_list_has_each_rule_once_with_a_known_status() -> None:
    lines = (RULES / "rule_ids.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(lines) == len(_listed())
    assert set(_listed().values()) == STATUSES


@pytest.mark.parametrize("rule", [rule for rule, status in _listed().items() if status == "implemented"])
def test_a_rule_we_keep_is_named_in_the_rules_and_in_a_test(rule: str) -> None:
    assert rule in _named_in("saas/rules")
    assert rule in _named_in("tests")


def test_the_rules_claim_nothing_that_is_not_listed_or_that_waits() -> None:
    waiting = {rule for rule, status in _listed().items() if status == "later"}
    assert _named_in("saas/rules") - _listed().keys() == frozenset()
    assert _named_in("saas/rules") & waiting == frozenset()


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("INKL § 9 (A1, B10-B13; W7)", ["A1", "B10", "B11", "B12", "B13"]),
        ("B1-B23", ["B1", "B23"]),
        ("PR1, G5b and PDF/A-2", ["PR1", "G5b"]),
        ("(NYINKL § 20; m1)", ["m1"]),
        ("FOR-2025, 4-18, UTF8 and B.5", []),
    ],
)
def test_a_rule_id_is_recognised_alone_and_in_a_range(text: str, rules: list[str]) -> None:
    assert list(_ids(text, WIDEST_RANGE)) == rules
