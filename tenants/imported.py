"""What of ours a plugin imports, read from its files: the hooks, the rules and the way out, and nothing else."""

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from saas.hooks import Plugin

MAY_IMPORT = ("saas.hooks", "saas.rules", "saas.outgoing")
OURS = frozenset(("saas", "tenants", "workers"))


@dataclass(frozen=True, slots=True)
class Imported:
    """Something of ours that a file imports, and where."""

    name: str
    file: str
    line: int

    @property
    def where(self) -> str:
        """File and line, as an editor takes them."""
        return f"{self.file}:{self.line}"


def forbidden_imports(plugin: type[Plugin]) -> list[Imported]:
    """Every import of ours that plugins may not have, in the files of the plugin's package."""
    return [each for path, tree in sources_of(plugin).items() for each in _forbidden(path, tree)]


def sources_of(plugin: type[Plugin]) -> Mapping[Path, ast.Module]:
    """The files of the plugin's package; of one that is a single module, that file. Its tests are its own business."""
    main = Path(inspect.getfile(plugin))
    files = sorted(main.parent.rglob("*.py")) if main.name == "__init__.py" else _module_files(main, plugin)
    own = [file for file in files if "tests" not in file.relative_to(main.parent).parts]
    return {file: ast.parse(file.read_text(encoding="utf-8"), str(file)) for file in own}


def _module_files(main: Path, plugin: type[Plugin]) -> list[Path]:
    """Of a class in `package/module.py` the package's files, when the folder is a package of its own."""
    top = plugin.__module__.partition(".")[0]
    return sorted(main.parent.rglob("*.py")) if main.parent.name == top else [main]


def _forbidden(path: Path, tree: ast.Module) -> Iterator[Imported]:
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.stmt)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"{node.module}.{each.name}" for each in node.names]
        for name in names:
            if name.partition(".")[0] in OURS and not _may(name):
                yield Imported(name, str(path), node.lineno)


def _may(name: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in MAY_IMPORT)
