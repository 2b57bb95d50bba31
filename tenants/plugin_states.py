"""The list of plugins a tenant sees: what each does, and where it is on, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from saas.hooks import Level, Plugin, Purpose
from saas.kernel.ids import NIL
from tenants.hooks import Chosen, InvalidSettings, load_settings
from tenants.installed import Installed, installed_plugins
from tenants.models import Creditor, Mode, PluginSwitch, PluginTrouble
from tenants.plugins import chosen_among
from tenants.secrets import masked

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
    purpose: Purpose
    state: str  # in words: på, av, skygge, prøve 10 %, på for 3 av 12 kreditorer
    mode: Mode  # of the tenant's own switch
    enabled: bool  # the tenant's own switch
    settings: Mapping[str, Any]  # set at tenant level, secrets masked; the rest stands at the plugin's default
    creditors: Mapping[UUID, bool] = field(default_factory=dict)  # creditor → in force
    trouble: str = ""  # what must be put right, in words
    last_trouble: str = ""  # the newest the host has noted: a class name
    last_trouble_at: datetime | None = None


def plugin_states(tenant: "Tenant") -> list[PluginState]:
    """Every installed plugin, and those switched on that are no longer installed, in order of name."""
    rows = tenant.session.scalars(sa.select(PluginSwitch).where(PluginSwitch.tenant_id == tenant.id)).all()
    creditors = tenant.session.scalars(sa.select(Creditor.id).where(Creditor.tenant_id == tenant.id)).all()
    chosen = {
        creditor_id: {one.slug: one for one in chosen_among(rows, creditor_id)} for creditor_id in (NIL, *creditors)
    }
    missing = {row.slug for row in rows if row.mode != Mode.OFF} - installed_plugins().keys()
    newest = _newest_troubles(tenant)
    states = [_state(slug, rows, chosen, newest.get(slug)) for slug in (*installed_plugins(), *missing)]
    return sorted(states, key=lambda state: state.name.casefold())


def purpose_of(installed: Installed) -> Purpose:
    """Where the list shows a plugin: where it says itself, else by the hooks it answers."""
    said = getattr(installed.plugin, "purpose", None)
    if isinstance(said, Purpose):
        return said
    return next((purpose for purpose, hooks in _PURPOSES if installed.hooks & hooks), Purpose.RULES)


_PURPOSES = (
    (Purpose.RULES, frozenset(("refuse_deferral", "limit_fee", "hold_case", "choose_step", "refuse_claim"))),
    (Purpose.CHANNELS, frozenset(("provide_channels", "choose_channel"))),
    (Purpose.MONEY, frozenset(("provide_payment_methods", "provide_bank_files"))),
    (Purpose.CLAIMS, frozenset(("provide_intake_formats", "extend_claim_fields"))),
    (Purpose.LETTERS, frozenset(("extend_letter", "extend_portal"))),
    (Purpose.FACTS, frozenset(("collect_facts", "on_case_event", "provide_routes"))),
)


def _newest_troubles(tenant: "Tenant") -> dict[str, PluginTrouble]:
    rows = tenant.session.scalars(
        sa.select(PluginTrouble).where(PluginTrouble.tenant_id == tenant.id).order_by(PluginTrouble.last_at)
    )
    return {row.slug: row for row in rows}


def _state(
    slug: str,
    rows: Sequence[PluginSwitch],
    chosen: Mapping[UUID, Mapping[str, Chosen]],
    newest: PluginTrouble | None,
) -> PluginState:
    own = next((row for row in rows if row.slug == slug and row.creditor_id == NIL), None)
    installed = installed_plugins().get(slug)
    is_tenants = installed is not None and installed.plugin.level is Level.TENANT
    modes = {who: of[slug].mode for who, of in chosen.items() if slug in of}
    creditors = {who: modes.get(who) in _IN_FORCE for who in chosen if who != NIL}
    here = modes.get(NIL)
    words = state_words(here, chosen[NIL].get(slug), [] if is_tenants else [modes.get(who) for who in creditors])
    told = (newest.error, newest.last_at) if newest else ("", None)
    if installed is None:
        return PluginState(
            slug,
            slug,
            "Tillegget er slått på, men ikke installert. Saker det gjelder for, står på vent.",
            Level.BOTH,
            "",
            Purpose.RULES,
            words,
            here or Mode.OFF,
            here in _IN_FORCE,
            masked(own) if own else {},
            creditors,
            "Ikke installert",
            *told,
        )
    plugin = installed.plugin
    return PluginState(
        slug,
        plugin.name,
        plugin.description,
        plugin.level,
        plugin.version,
        purpose_of(installed),
        words,
        here or Mode.OFF,
        here in _IN_FORCE,
        masked(own) if own else {},
        creditors,
        _trouble_in(plugin, [of[slug] for of in chosen.values() if slug in of]),
        *told,
    )


_IN_FORCE = (Mode.ON, Mode.CANARY)


def _trouble_in(plugin: type[Plugin], chosen: Sequence[Chosen]) -> str:
    if any(one.mode is Mode.QUARANTINED for one in chosen):
        return "Stanset: tillegget tok med seg en arbeider. Saker det gjelder for, står på vent"
    try:
        for one in chosen:
            load_settings(plugin, one.settings, one.version)
    except InvalidSettings:
        return "Innstillingene må rettes. Saker det gjelder for, står på vent"
    return ""


def state_words(here: Mode | None, own: Chosen | None, creditors: Sequence[Mode | None]) -> str:
    """Where a plugin is on: `på`, `skygge`, `prøve 10 %`, `på for 3 av 12 kreditorer`, `av`."""
    if Mode.QUARANTINED in (here, *creditors):
        return "stanset"
    on = sum(mode in _IN_FORCE for mode in creditors)
    if not creditors or on in (0, len(creditors)):
        if here is Mode.CANARY and own is not None:
            return f"prøve {own.percent} %"
        if on or (here in _IN_FORCE and not creditors):
            return "på"
        return "skygge" if Mode.SHADOW in (here, *creditors) else "av"
    return f"på for {on} av {len(creditors)} kreditorer"
