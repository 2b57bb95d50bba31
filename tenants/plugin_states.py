"""The list of plugins a tenant sees: what each does, and where it is on, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from saas.hooks import Level, Plugin
from saas.kernel.ids import NIL
from tenants.hooks import Chosen, InvalidSettings, load_settings
from tenants.installed import installed_plugins
from tenants.models import Creditor, Mode, PluginSwitch
from tenants.plugins import chosen_among

if TYPE_CHECKING:
    from tenants.resolve import Tenant


@dataclass(frozen=True, slots=True)
class PluginState:
    """A plugin as the tenant's list of plugins shows it."""

    slug: str
    name: str
    description: str
    level: Level
    version: str
    state: str  # in words: på, av, på for 3 av 12 kreditorer
    enabled: bool  # the tenant's own switch
    settings: Mapping[str, Any]  # set at tenant level; what is left out stands at the plugin's default
    creditors: Mapping[UUID, bool] = field(default_factory=dict)  # creditor → in force
    trouble: str = ""  # what must be put right, in words


def plugin_states(tenant: "Tenant") -> list[PluginState]:
    """Every installed plugin, and those switched on that are no longer installed, in order of name."""
    rows = tenant.session.scalars(sa.select(PluginSwitch).where(PluginSwitch.tenant_id == tenant.id)).all()
    creditors = tenant.session.scalars(sa.select(Creditor.id).where(Creditor.tenant_id == tenant.id)).all()
    in_force = {
        creditor_id: {one.slug: one for one in chosen_among(rows, creditor_id)} for creditor_id in (NIL, *creditors)
    }
    missing = {row.slug for row in rows if row.mode != Mode.OFF} - installed_plugins().keys()
    states = [_state(slug, rows, in_force) for slug in (*installed_plugins(), *missing)]
    return sorted(states, key=lambda state: state.name.casefold())


def _state(slug: str, rows: Sequence[PluginSwitch], in_force: Mapping[UUID, Mapping[str, Chosen]]) -> PluginState:
    own = next((row for row in rows if row.slug == slug and row.creditor_id == NIL), None)
    creditors = {who: slug in chosen for who, chosen in in_force.items() if who != NIL}
    everywhere = slug in in_force[NIL]
    installed = installed_plugins().get(slug)
    if installed is None:
        return PluginState(
            slug,
            slug,
            "Tillegget er slått på, men ikke installert. Saker det gjelder for, står på vent.",
            Level.BOTH,
            "",
            _in_words(everywhere, creditors),
            everywhere,
            own.settings if own else {},
            creditors,
            trouble="Ikke installert",
        )
    plugin = installed.plugin
    return PluginState(
        slug,
        plugin.name,
        plugin.description,
        plugin.level,
        plugin.version,
        _in_words(everywhere, {} if plugin.level is Level.TENANT else creditors),
        everywhere,
        own.settings if own else {},
        creditors,
        trouble=_trouble_in(plugin, [chosen[slug] for chosen in in_force.values() if slug in chosen]),
    )


def _trouble_in(plugin: type[Plugin], chosen: Sequence[Chosen]) -> str:
    try:
        for one in chosen:
            load_settings(plugin, one.settings, one.version)
    except InvalidSettings:
        return "Innstillingene må rettes"
    return ""


def _in_words(everywhere: bool, creditors: Mapping[UUID, bool]) -> str:
    on = sum(creditors.values())
    if not creditors or on in (0, len(creditors)):
        return "på" if on or (everywhere and not creditors) else "av"
    return f"på for {on} av {len(creditors)} kreditorer"
