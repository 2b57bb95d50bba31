"""What is true of every plugin in the house, and of the page that tells about hooks."""

import ast
import re
import tomllib
from collections import defaultdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pluggy
import pytest
from marshmallow import Schema, ValidationError

import saas.hooks
from saas.hooks import PROJECT, Account, ForgedEvent, Level, Medium, Party

ROOT = Path(saas.hooks.__file__).parent.parent
FOLDERS = sorted(folder for folder in (ROOT / "plugins").iterdir() if (folder / "__init__.py").exists())
ENTRY_POINTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["frist.plugins"]


def hookspecs() -> dict[str, str]:
    """Name → signature as it stands in hooks.py."""
    tree = ast.parse(Path(saas.hooks.__file__).read_text())
    return {
        node.name: f"def {node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}"
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and any(ast.unparse(d).startswith("hookspec") for d in node.decorator_list)
    }


@pytest.fixture(params=sorted(ENTRY_POINTS))
def plugin(request: pytest.FixtureRequest) -> Any:
    module, name = ENTRY_POINTS[request.param].split(":")
    return getattr(import_module(module), name)


def test_every_folder_is_an_entry_point_and_the_other_way_round():
    assert sorted(ENTRY_POINTS) == [folder.name for folder in FOLDERS]


def test_a_plugin_says_who_it_is(plugin):
    assert ENTRY_POINTS[plugin.slug].endswith(f":{plugin.__name__}")
    assert plugin.name
    assert plugin.description.endswith(".")
    assert not re.search(r"\. [A-ZÆØÅ]", plugin.description), "one sentence"
    assert isinstance(plugin.level, Level)
    assert plugin.version


def test_a_plugin_works_with_the_settings_nobody_touched_and_misspells_no_hook(plugin):
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(saas.hooks)
    manager.register(plugin(plugin.Settings().load({})))
    manager.check_pending()
    assert any(caller.get_hookimpls() for caller in vars(manager.hook).values()), "answers no hook"


def test_every_setting_can_be_shown_as_a_form(plugin):
    assert issubclass(plugin.Settings, Schema)
    for name, field in plugin.Settings().fields.items():
        assert {"label", "help", "example"} <= set(field.metadata), name
    examples = {name: field.metadata["example"] for name, field in plugin.Settings().fields.items()}
    assert plugin.Settings().load(examples) == examples


def test_a_setting_nobody_knows_is_refused(plugin):
    with pytest.raises(ValidationError):
        plugin.Settings().load({"unheard_of": 1})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_plugin_imports_the_hooks_the_rules_and_the_way_out_of_the_service_and_nothing_else(folder):
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                top = name.split(".")[0]
                assert top not in ("tenants", "workers", "tests"), f"{file}: {name}"
                assert top != "saas" or name.startswith(("saas.hooks", "saas.rules", "saas.outgoing")), (
                    f"{file}: {name}"
                )
                assert top != "plugins" or name.startswith(f"plugins.{folder.name}"), f"{file}: {name}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_plugin_has_a_page_and_stands_in_the_list(folder):
    assert (folder / "README.md").read_text().startswith(f"# {folder.name}\n")
    assert f"| `{folder.name}` |" in (ROOT / "plugins/README.md").read_text()


def test_the_page_about_hooks_tells_of_each_with_its_exact_signature():
    page = (ROOT / "plugins/HOOKS.md").read_text()
    assert re.findall(r"^def .*$", page, re.MULTILINE) == list(hookspecs().values())


def test_no_hook_stands_without_a_plugin_that_uses_it():
    source = "".join(file.read_text() for folder in FOLDERS for file in folder.rglob("*.py"))
    assert [name for name in hookspecs() if f"    def {name}(self" not in source] == []


def test_each_hook_has_a_test_named_after_it():
    tests = "".join((ROOT / "tests/tenants" / name).read_text() for name in ("test_each_hook.py", "test_hooks.py"))
    assert [name for name in hookspecs() if f"test_{name}" not in tests] == []


# --- channels -------------------------------------------------------------------------------------------------------

NOBODY = Party("", ())


def channels() -> list[Any]:
    """Every channel a plugin gives, as nobody has set it up."""
    classes = [getattr(import_module(path.partition(":")[0]), path.partition(":")[2]) for path in ENTRY_POINTS.values()]
    given = [one(one.Settings().load({})) for one in classes if hasattr(one, "provide_channels")]
    return [channel for plugin in given for channel in plugin.provide_channels()]


@pytest.mark.parametrize("channel", channels(), ids=lambda channel: channel.slug)
def test_a_channel_says_what_it_is_and_cannot_reach_somebody_of_whom_nothing_is_known(channel):
    assert channel.slug in ENTRY_POINTS
    assert channel.name
    assert isinstance(channel.medium, Medium)
    assert not channel.can_try(NOBODY)
    handed_over_at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert channel.expected_sending(handed_over_at) >= handed_over_at.date()


@pytest.mark.parametrize("channel", channels(), ids=lambda channel: channel.slug)
def test_the_agreement_of_a_channel_can_be_shown_as_a_form_and_tells_which_of_it_is_secret(channel):
    for name, field in channel.settings_schema().fields.items():
        assert {"label", "help", "example"} <= set(field.metadata), name
        telling = any(word in name for word in ("password", "secret", "private"))
        assert not telling or field.metadata.get("secret"), f"{name} would be shown"
        leads_out = name == "base_url" or name == "host" or name.endswith("_host")
        assert leads_out == bool(field.metadata.get("called")), f"nobody looks where {name} leads"


@pytest.mark.parametrize("channel", channels(), ids=lambda channel: channel.slug)
def test_nobody_reports_to_a_channel_with_an_empty_secret(channel):
    hidden = [name for name, field in channel.settings_schema().fields.items() if field.metadata.get("secret")]
    account = Account(defaultdict(str), dict.fromkeys(hidden, ""))
    for headers in ({}, {"authorization": "Basic Og=="}, {"authorization": ""}):
        with pytest.raises(ForgedEvent):
            channel.read_report(account, b"{}", headers)
