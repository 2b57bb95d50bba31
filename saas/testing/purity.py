"""Reads a plugin's source for what does not belong in it: imports of the service's own, and I/O in pure hooks.

Reading finds what a run may miss. It is a help to authors, no proof: the host watches every call besides.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from saas.hooks import Plugin
from tenants.imported import MAY_IMPORT, forbidden_imports, sources_of

PURE = ("refuse_", "limit_", "hold_", "choose_", "extend_")
_IO_MODULES = frozenset(
    ("socket", "ssl", "http", "urllib", "httpx", "requests", "aiohttp", "subprocess", "multiprocessing", "threading",
     "asyncio", "sqlite3", "psycopg", "sqlalchemy", "redis", "ftplib", "smtplib", "shutil", "tempfile", "ctypes")
)  # fmt: skip
_IO_CALLS = frozenset(
    ("open", "input", "print", "exec", "eval", "os.system", "os.popen", "os.fork", "os.remove", "os.environ",
     "os.getenv",      "time.sleep", "time.time", "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
     "random.random", "datetime.datetime.now", "datetime.date.today", "random.choice", "random.randint", "uuid.uuid4")
)  # fmt: skip
_IO_METHODS = frozenset(("read_text", "read_bytes", "write_text", "write_bytes"))


@dataclass(frozen=True, slots=True)
class Remark:
    """Something found in the source."""

    file: str
    line: int
    what: str


def remarks_on(plugin: type[Plugin]) -> list[Remark]:
    """What there is to say of the plugin's own source, in order of file and line."""
    sources = sources_of(plugin)
    may = ", ".join(MAY_IMPORT)
    found = [Remark(e.file, e.line, f"imports {e.name}: plugins may import {may}") for e in forbidden_imports(plugin)]
    found += [remark for path, tree in sources.items() for remark in _not_installed(path, tree)]
    main = Path(inspect.getfile(plugin))
    if main in sources:
        found += _impure(main, sources[main], plugin.__name__)
    return sorted(found, key=lambda remark: (remark.file, remark.line))


def _not_installed(path: Path, tree: ast.Module) -> Iterator[Remark]:
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.stmt)):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        for top in {name.partition(".")[0] for name in names}:
            if find_spec(top) is None:
                yield Remark(str(path), node.lineno, f"imports {top}, which is not installed")


def _impure(path: Path, tree: ast.Module, class_name: str) -> Iterator[Remark]:
    """Calls that reach outside from a pure hook, or from something in the same file that one calls."""
    named = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    io_names = _io_names(tree)
    owner = next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == class_name), None)
    hooks = [node for node in (owner.body if owner else ()) if isinstance(node, ast.FunctionDef) and _is_pure(node)]
    for hook in hooks:
        for function in _reached(hook, named):
            for node in ast.walk(function):
                what = _io_of(node, io_names)
                if what:
                    yield Remark(str(path), getattr(node, "lineno", 0), f"{hook.name} is a pure hook and uses {what}")


def _is_pure(node: ast.FunctionDef) -> bool:
    return node.name.startswith(PURE) and any("hookimpl" in ast.unparse(each) for each in node.decorator_list)


def _reached(hook: ast.FunctionDef, named: Mapping[str, ast.FunctionDef]) -> list[ast.FunctionDef]:
    reached, todo = [], [hook]
    while todo:
        function = todo.pop()
        if function in reached:
            continue
        reached.append(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                if name in named:
                    todo.append(named[name])
    return reached


def _io_names(tree: ast.Module) -> Mapping[str, str]:
    """Names in the file that stand for modules that reach outside, or for something of theirs."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {
                (a.asname or a.name).partition(".")[0]: a.name
                for a in node.names
                if a.name.partition(".")[0] in _IO_MODULES
            }
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in _IO_MODULES:
            names |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
        if isinstance(node, ast.ImportFrom) and node.module == "saas.outgoing":
            names |= {
                each.asname or each.name: f"saas.outgoing.{each.name}" for each in node.names if each.name == "call"
            }
    return names


def _io_of(node: ast.AST, io_names: Mapping[str, str]) -> str:
    if isinstance(node, ast.Import | ast.ImportFrom):
        module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        return str(module) if str(module).partition(".")[0] in _IO_MODULES else ""
    if not isinstance(node, ast.Call):
        return ""
    called = ast.unparse(node.func)
    if called in _IO_CALLS or called.rpartition(".")[2] in _IO_METHODS:
        return called
    return io_names.get(called.partition(".")[0], "")
