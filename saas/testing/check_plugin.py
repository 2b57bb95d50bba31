"""`frist plugin check PACKAGE`: everything that can be said of a plugin before anybody switches it on."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution, entry_points
from typing import Any

from marshmallow import ValidationError

from saas.hooks import Level, Plugin
from saas.kernel.errors import ConfigurationError, NotFound
from saas.testing.purity import remarks_on
from saas.testing.softening import soften
from tenants.installed import GROUP, checked


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to put right before the plugin is used."""

    plugin: str
    what: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, and what there is to put right."""

    plugin: str
    hooks: tuple[str, ...]
    cases: int
    findings: tuple[Finding, ...]


def check_package(package: str, *, cases: int = 300) -> list[Checked]:
    """Check each plugin of an installed distribution, or the plugin with this slug. Raises NotFound."""
    return [_check(entry, cases) for entry in _entries_of(package)]


def _entries_of(package: str) -> list[EntryPoint]:
    try:
        found = [entry for entry in distribution(package).entry_points if entry.group == GROUP]
    except (PackageNotFoundError, ValueError):
        found = [entry for entry in entry_points(group=GROUP) if entry.name == package]
    if not found:
        raise NotFound(f"No installed package or plugin is called {package}, or it has no entry point in {GROUP}.")
    return found


def _check(entry: EntryPoint, cases: int) -> Checked:
    try:
        plugin: type[Plugin] = entry.load()
        answers = checked(plugin).hooks
    except ConfigurationError as error:
        return Checked(entry.name, (), 0, (Finding(entry.name, str(error)),))
    except Exception as error:  # what an import may raise is anything
        return Checked(entry.name, (), 0, (Finding(entry.name, f"cannot be loaded: {type(error).__name__}: {error}"),))
    findings = [Finding(entry.name, what) for what in _wrong_with(entry, plugin)]
    findings += [Finding(entry.name, f"{each.file}:{each.line}: {each.what}") for each in remarks_on(plugin)]
    if not findings:
        findings += [Finding(entry.name, what) for what in _tried(plugin, cases)]
    return Checked(entry.name, tuple(sorted(answers)), cases if not findings else 0, tuple(findings))


def _tried(plugin: type[Plugin], cases: int) -> Iterator[str]:
    examples = {name: field.metadata["example"] for name, field in plugin.Settings().fields.items()}
    for settings in ({}, examples):
        found = soften(plugin, settings, cases=cases)
        for harm in dict.fromkeys((each.hook, each.what) for each in found.harms):
            yield f"{harm[0]}: {harm[1]}"
        for hook, error, trace in dict.fromkeys((each.hook, each.error, each.trace) for each in found.stopped):
            yield f"{hook or 'start'}: the host stopped it: {error}" + (f"\n{trace}" if trace else "")


def _wrong_with(entry: EntryPoint, plugin: type[Plugin]) -> Iterator[str]:
    if plugin.slug != entry.name:
        yield f"its slug is {plugin.slug} and its entry point {entry.name}: they must be the same"
    for name in ("name", "description", "version"):
        if not str(getattr(plugin, name, "")).strip():
            yield f"it has no {name}"
    if not plugin.description.endswith(".") or re.search(r"\. [A-ZÆØÅ]", plugin.description):
        yield "its description must be one sentence that ends with a full stop"
    if not isinstance(plugin.level, Level):
        yield "its level must be Level.TENANT, Level.CREDITOR or Level.BOTH"
    yield from _wrong_settings(plugin)


def _wrong_settings(plugin: type[Plugin]) -> Iterator[str]:
    schema, examples = plugin.Settings(), dict[str, Any]()
    for name, field in schema.fields.items():
        missing = [each for each in ("label", "help", "example") if each not in field.metadata]
        if missing:
            yield f"the setting {name} has no {' and no '.join(missing)} for the form"
        else:
            examples[name] = field.metadata["example"]
    cases: Mapping[str, Mapping[str, Any]] = {"nothing": {}, "its examples": examples}
    for what, given in cases.items():
        try:
            schema.load(given)
        except ValidationError as error:
            yield f"its settings do not load from {what}: {error.normalized_messages()}"
