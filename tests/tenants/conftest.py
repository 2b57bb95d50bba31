"""Plugins that misbehave, installed the way any plugin is: a package with an entry point."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tenants.installed import installed_plugins

Install = Callable[[str, str], None]

_PLUGIN = """
import time
from datetime import date, timedelta
from marshmallow import Schema, fields, validate
from saas.hooks import *
from saas.rules.facts import Because, Fact, HoldReason

class Plugin:
    slug, name, description = "{slug}", "Prøve {slug}", "Bare til prøve."
    level, version = Level.BOTH, "1.0"
    class Settings(Schema):
        limit = fields.Integer(load_default=10, strict=True, validate=validate.Range(max=100))
        word = fields.String(load_default="standard")
    def __init__(self, settings):
        self.settings = settings
{body}
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a plugin: its slug, and the body of its class."""
    monkeypatch.syspath_prepend(str(tmp_path))
    installed_plugins.cache_clear()

    def install_one(slug: str, body: str) -> None:
        indented = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
        (tmp_path / f"installed_{slug}.py").write_text(_PLUGIN.format(slug=slug, body=indented))
        about = tmp_path / f"installed_{slug}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: installed-{slug}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[frist.plugins]\n{slug} = installed_{slug}:Plugin\n")
        installed_plugins.cache_clear()

    yield install_one
    installed_plugins.cache_clear()
    for name in [name for name in sys.modules if name.startswith("installed_")]:
        del sys.modules[name]


THROWS = """
@hookimpl
def hold_case(self, case, today):
    raise RuntimeError("Kari Nordmann, 01010112345")

@hookimpl
def refuse_deferral(self, request, case):
    return 1 / 0
"""
