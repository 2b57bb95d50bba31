"""Rules of the house that a program can hold."""

import ast
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from saas.kernel.db import engine_of
from saas.kernel.servers import Servers
from saas.tables import metadata

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted(p for folder in ("saas", "tenants", "plugins", "workers") for p in (ROOT / folder).rglob("*.py"))
CLOCK = ROOT / "saas" / "kernel" / "clock.py"
TIME_CALLS = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time"), ("datetime", "today")}


def _calls(path: Path) -> set[tuple[str, str]]:
    tree = ast.parse(path.read_text())
    return {
        (node.func.value.id, node.func.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    }


def test_only_the_clock_knows_what_time_it_is() -> None:
    offenders = {str(p.relative_to(ROOT)) for p in SOURCES if p != CLOCK and _calls(p) & TIME_CALLS}
    assert offenders == set()
    assert _calls(CLOCK) & TIME_CALLS


def test_no_float_comes_near_money() -> None:
    offenders = [
        f"{p.relative_to(ROOT)}:{node.lineno}"
        for p in SOURCES
        if p.parts[-2] in ("rules", "ledger", "payments")
        for node in ast.walk(ast.parse(p.read_text()))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]
    assert offenders == []


_AS_SQL = re.compile(r"\b(insert\s+into|update|delete\s+from|copy)\s+(transfer|ledger_sum)\b")
_AS_ROWS = r"\b(insert|update|delete|insert_rows|copy_rows)\([^)]*\b{0}\b|(?<!class )\b{0}\("


def _writes_to_the_book(path: Path) -> bool:
    source = path.read_text()
    imported = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module == "saas.ledger.models"
        for alias in node.names
        if alias.name in ("Transfer", "LedgerSum")
    }
    as_rows = any(re.search(_AS_ROWS.format(name), source) for name in imported)
    return as_rows or bool(_AS_SQL.search(source))


def test_the_book_is_written_in_one_place_and_its_sums_beside_it() -> None:
    written = {str(p.relative_to(ROOT)) for p in SOURCES if _writes_to_the_book(p) and p.parent.name != "versions"}
    assert written == {"saas/ledger/post.py", "saas/ledger/sums.py"}


def test_every_public_function_of_the_rules_says_what_it_does() -> None:
    silent = [
        f"{p.name}:{node.name}"
        for p in SOURCES
        if p.parent.name == "rules"
        for node in ast.parse(p.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_the_migrations_build_what_the_models_say(servers: Servers) -> None:
    engine = engine_of(servers.database_owner)
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert difference == []


@pytest.mark.parametrize("name", ["README.md", "saas/README.md", "plugins/HOOKS.md", "CHANGELOG.md"])
def test_the_public_documents_are_there(name: str) -> None:
    assert (ROOT / name).read_text().strip()


def test_the_number_in_a_migrations_file_name_is_its_revision() -> None:
    for path in (ROOT / "saas" / "kernel" / "migrations" / "versions").glob("*.py"):
        assigned = {
            node.targets[0].id: node.value.value
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        assert path.name.split("_", 1)[0] == assigned["revision"], path.name
