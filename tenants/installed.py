"""Plugins installed on this machine: found by entry point, checked against the hooks before anything is served."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points

import pluggy
import structlog

from saas import hooks
from saas.hooks import Plugin
from saas.kernel.errors import ConfigurationError
from tenants.imported import forbidden_imports

GROUP = "frist.plugins"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Installed:
    """A plugin class found on this machine and checked against the hooks."""

    plugin: type[Plugin]
    hooks: frozenset[str]  # the hooks it answers


@cache
def installed_plugins() -> Mapping[str, Installed]:
    """Every installed plugin by slug, in order of slug.

    Raises ConfigurationError naming the plugin when one cannot be imported, misspells a hook or shares its slug.
    """
    found: dict[str, Installed] = {}
    for entry in sorted(set(entry_points(group=GROUP)), key=lambda entry: entry.name):
        try:
            plugin = entry.load()
        except Exception as error:
            raise ConfigurationError(f"The plugin {entry.name} cannot be loaded: {error}") from error
        if plugin.slug in found:
            raise ConfigurationError(f"Two plugins are called {entry.name}: uninstall one of them, or rename it.")
        if plugin.slug != entry.name:
            raise ConfigurationError(f"The plugin {entry.name} must have a slug of its own, the entry point's name.")
        found[plugin.slug] = checked(plugin)
    return found


def checked(plugin: type[Plugin]) -> Installed:
    """A class with the hooks it answers.

    One made for an older version of the hooks is warned of. Raises ConfigurationError for a hook there is not or one it
    wraps, for one made for hooks we do not have yet, and when it imports more of ours than it may.
    """
    made_for = getattr(plugin, "spec", 1)
    if made_for > hooks.SPEC_VERSION:
        raise ConfigurationError(
            f"The plugin {plugin.slug} is made for version {made_for} of the hooks; this is {hooks.SPEC_VERSION}."
        )
    for old in range(made_for, hooks.SPEC_VERSION):
        log.warning("plugin_made_for_older_hooks", plugin=plugin.slug, spec=made_for, change=hooks.CHANGED[old + 1])
    if wrong := forbidden_imports(plugin):
        raise ConfigurationError(f"The plugin {plugin.slug} may not import {wrong[0].name} ({wrong[0].where}).")
    return Installed(plugin, _hooks_of(plugin))


def _hooks_of(plugin: type[Plugin]) -> frozenset[str]:
    manager = empty_manager()
    try:
        manager.register(plugin)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise ConfigurationError(f"The plugin {plugin.slug} answers no such hook: {error}") from error
    callers = manager.get_hookcallers(plugin) or []
    if any(impl.hookwrapper or impl.wrapper for caller in callers for impl in caller.get_hookimpls()):
        raise ConfigurationError(f"The plugin {plugin.slug} wraps a hook: it may answer for itself only.")
    return frozenset(caller.name for caller in callers)


def empty_manager() -> pluggy.PluginManager:
    """A manager that knows every hook and no plugin."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    return manager
