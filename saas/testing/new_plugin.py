"""`frist plugin new NAME`: a working package for a plugin, with its test and its page."""

import re
from pathlib import Path
from string import Template

from saas.kernel.errors import BadInput
from saas.testing.golden import decisions
from saas.testing.house import House

_SKELETON = Path(__file__).parent / "skeleton"
_SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def make_plugin(name: str, folder: Path) -> Path:
    """Write the package of a plugin into a new folder below `folder`, and return that.

    Raises BadInput (`name`) for a name that is none, or a folder that is there already.
    """
    slug = name.strip().lower().replace("-", "_").replace(" ", "_")
    if not _SLUG.fullmatch(slug) or len(slug) > 40:
        raise BadInput({"name": ["Use small letters, digits and hyphens, beginning with a letter: quiet-fridays."]})
    words = {
        "slug": slug,
        "dashed": slug.replace("_", "-"),
        "package": f"frist_{slug}",
        "name": "".join(part.capitalize() for part in slug.split("_")),
        "words": slug.replace("_", " ").capitalize(),
    }
    target = folder / words["dashed"]
    if target.exists():
        raise BadInput({"name": [f"There is a {target} already."]})
    files = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        "plugin.py": f"{words['package']}/__init__.py",
        "test.py": f"tests/test_{slug}.py",
    }
    for source, path in files.items():
        written = target / path
        written.parent.mkdir(parents=True, exist_ok=True)
        text = Template((_SKELETON / f"{source}.txt").read_text(encoding="utf-8")).substitute(words)
        written.write_text(text, encoding="utf-8")
    (target / words["package"] / "py.typed").touch()
    # the example holds on Fridays, and the ordinary cases are looked at on a Monday: they go as without any plugin
    (target / "tests" / "golden.txt").write_text(decisions(House()), encoding="utf-8")
    return target
