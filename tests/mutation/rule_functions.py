"""Which functions keep a rule, and which tests are about it: both say so by naming its id.

A function names an id in its docstring. A test names it in its docstring, or as a string of its own that is nothing
but an id (an expected `rule_ids`, a parameter). The docstring of a whole test file does not count: it names many.
"""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

from tests.house.test_rule_ids import _ID, RULES, WIDEST_RANGE, _ids, _listed


def implemented() -> list[str]:
    """The ids we say we keep, in the order of the list."""
    return [rule for rule, status in _listed().items() if status == "implemented"]


@dataclass(frozen=True, order=True)
class RuleFunction:
    """A function or method of saas.rules, e.g. `fees.cost_cap` or `law.Law.fee_tier`, and the ids it names."""

    module: str
    name: str
    rules: frozenset[str]
    returns: str  # the annotation, as written

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"

    def function(self) -> FunctionType:
        """The function itself, below cache, property and class or static method."""
        found: Any = import_module(f"saas.rules.{self.module}")
        for part in self.name.split("."):
            found = inspect.getattr_static(found, part)
        found = getattr(found, "fget", found)
        found = getattr(found, "__wrapped__", found)
        found = getattr(found, "__func__", found)
        assert isinstance(found, FunctionType), self
        return found


@cache
def rule_functions() -> tuple[RuleFunction, ...]:
    """Every function and method of saas.rules whose docstring names a rule we keep."""
    return tuple(sorted(found for path in RULES.glob("*.py") for found in _functions(path)))


def _functions(path: Path) -> Iterator[RuleFunction]:
    kept = set(implemented())
    for prefix, node in _defined(ast.parse(path.read_text(encoding="utf-8")), ""):
        rules = kept.intersection(_ids(ast.get_docstring(node) or "", WIDEST_RANGE))
        if rules:
            returns = ast.unparse(node.returns) if node.returns else ""
            yield RuleFunction(path.stem, prefix + node.name, frozenset(rules), returns)


def _defined(parent: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in parent.body:
        if isinstance(node, ast.FunctionDef):
            yield prefix, node
        elif isinstance(node, ast.ClassDef):
            yield from _defined(node, f"{prefix}{node.name}.")


@cache
def rules_named_by_tests(path: Path) -> dict[str, frozenset[str]]:
    """Test function of that file → the ids it names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name: frozenset(_named(node))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def _named(test: ast.FunctionDef) -> Iterator[str]:
    yield from _ids(ast.get_docstring(test) or "", WIDEST_RANGE)
    for node in ast.walk(test):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _ID.fullmatch(node.value):
            yield from _ids(node.value, WIDEST_RANGE)
