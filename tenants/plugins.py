"""Plugins of a tenant: chosen (switches) and in force for one creditor (`Hooks`).

Each (tenant, creditor) has its own plugin manager, built from the switches and kept by settings revision.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from saas.hooks import Level, Plugin
from saas.kernel import history
from saas.kernel.errors import BadInput, NotFound, Refused
from saas.kernel.ids import NIL, new_id
from tenants.hooks import Chosen, Hooks
from tenants.installed import installed_plugins
from tenants.models import Creditor, Mode, PluginReach, PluginSwitch
from tenants.notes import Trouble, current
from tenants.secrets import seal, secret_fields, secrets_of, unmasked

if TYPE_CHECKING:
    from tenants.resolve import Tenant

__all__ = [
    "Hooks",
    "chosen_for",
    "hooks_for",
    "installed_plugins",
    "quarantine",
    "settings_of",
    "switch_plugin",
    "tried_for",
]

_KEPT = 4096  # plugin managers kept; one is a few kilobytes
_kept: OrderedDict[tuple[UUID, UUID, int], Hooks] = OrderedDict()
_keeping = Lock()


def hooks_for(session: Session, tenant_id: UUID, revision: int, creditor_id: UUID) -> Hooks:
    """The plugins in force for a creditor (nil: the tenant's own), built once per settings revision.

    Raises NotFound when the session is narrowed to another creditor.
    """
    if session.info["creditor_id"] not in (NIL, creditor_id) and creditor_id != NIL:
        raise NotFound("Vi finner ikke oppdragsgiveren.")
    if "plugins_changed" in session.info:  # not committed yet: another transaction may still get this revision
        return Hooks(chosen_for(session, tenant_id, creditor_id), tenant_id, creditor_id)
    key = (tenant_id, creditor_id, revision)
    with _keeping:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    built = Hooks(chosen_for(session, tenant_id, creditor_id), tenant_id, creditor_id)
    with _keeping:
        _kept[key] = built
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return built


def chosen_for(session: Session, tenant_id: UUID, creditor_id: UUID) -> list[Chosen]:
    """What is switched on for a creditor. Its own switch wins over the tenant's, its settings field by field."""
    rows = session.scalars(
        sa.select(PluginSwitch).where(
            PluginSwitch.tenant_id == tenant_id, PluginSwitch.creditor_id.in_({NIL, creditor_id})
        )
    ).all()
    return chosen_among(rows, creditor_id)


def chosen_among(rows: Sequence[PluginSwitch], creditor_id: UUID) -> list[Chosen]:
    """What is switched on for a creditor, among switches already read; in shadow and in quarantine too."""
    ours = {row.slug: row for row in rows if row.creditor_id == NIL and _may_stand(row.slug, NIL)}
    theirs = {row.slug: row for row in rows if row.creditor_id == creditor_id and _may_stand(row.slug, creditor_id)}
    chosen = []
    for slug in sorted(ours.keys() | theirs.keys()):
        general, special = ours.get(slug), theirs.get(slug)
        row: PluginSwitch = special or general  # type: ignore[assignment]  # one of them stands
        if row.mode != Mode.OFF:
            settings = {**settings_of(general), **settings_of(special)}
            chosen.append(Chosen(slug, settings, Mode(row.mode), row.percent, row.version))
    return chosen


def tried_for(
    session: Session, tenant_id: UUID, creditor_id: UUID, slug: str, scope: UUID, settings: Mapping[str, Any] | None
) -> tuple[Hooks, Hooks] | None:
    """The plugins of a creditor as they are now, and as they would be with one on with these settings at `scope`.

    `settings` None: as they would be with it off.

    None when the creditor has a switch of its own that wins over the tenant's, and says off.
    """
    own = _switch_of(session, tenant_id, slug, creditor_id)
    if scope == NIL and own is not None and own.mode == Mode.OFF:
        return None
    now = chosen_for(session, tenant_id, creditor_id)
    general = settings_of(_switch_of(session, tenant_id, slug, NIL)) if scope != NIL else {}
    special = settings_of(own) if scope == NIL else {}
    installed = installed_plugins().get(slug)
    version = installed.plugin.version if installed else ""
    tried = [one for one in now if one.slug != slug]
    if settings is not None:
        tried.append(Chosen(slug, {**general, **settings, **special}, Mode.ON, 100, version))
    return Hooks(now, tenant_id, creditor_id), Hooks(tried, tenant_id, creditor_id)


def settings_of(row: PluginSwitch | None) -> dict[str, Any]:
    """What is set at one level, secrets opened."""
    return {**row.settings, **secrets_of(row)} if row is not None else {}


def _may_stand(slug: str, creditor_id: UUID) -> bool:
    """Whether the plugin takes a switch at this level. One that is not installed is trouble wherever it stands."""
    installed = installed_plugins().get(slug)
    return installed is None or installed.plugin.level in (_level_of(creditor_id), Level.BOTH)


def _level_of(creditor_id: UUID) -> Level:
    return Level.TENANT if creditor_id == NIL else Level.CREDITOR


def switch_plugin(
    tenant: "Tenant",
    slug: str,
    *,
    creditor_id: UUID = NIL,
    enabled: bool | None = None,
    mode: Mode | None = None,
    percent: int = 100,
    settings: Mapping[str, Any] | None = None,
    now: datetime,
    actor: str,
) -> PluginSwitch:
    """Switch a plugin for the tenant, or for one creditor: to `mode`, or on or off by `enabled`; with neither only
    `settings` are changed.

    `settings` are the fields to set at this level; those left out fall back to the tenant's, then to the plugin's
    defaults. A secret given as its mask stays as it is. None leaves the stored ones as they are. The same switch twice
    changes nothing. Raises NotFound (no such plugin or creditor), Refused `wrong_level`, BadInput (field → messages).
    """
    if not 1 <= percent <= 100:
        raise BadInput({"percent": ["Velg et tall fra 1 til 100."]})
    installed = installed_plugins().get(slug)
    tenant.session.refresh(tenant.settings, with_for_update=True)  # one change at a time
    row = _switch_of(tenant.session, tenant.id, slug, creditor_id)
    if mode is None and enabled is None:
        mode, percent = (Mode(row.mode), row.percent) if row else (Mode.OFF, 100)
    mode = mode or (Mode.ON if enabled else Mode.OFF)
    percent = percent if mode is Mode.CANARY else 100
    _check_switch(tenant, slug, row, creditor_id, mode is not Mode.OFF)
    shown, secrets = (dict(row.settings), secrets_of(row)) if row else ({}, {})
    before = _told(row, secrets) if row else None
    if installed is not None and (settings is not None or row is None):
        shown, secrets = checked_settings(tenant, installed.plugin, creditor_id, settings or {})
    version = installed.plugin.version if installed else row.version if row else ""
    if settings is None and row is not None:
        version = row.version  # what is stored is still what that version stored
    if row is not None and (row.mode, row.percent, row.settings, secrets_of(row)) == (mode, percent, shown, secrets):
        return row
    if row is None:
        row = PluginSwitch(tenant_id=tenant.id, id=new_id(), creditor_id=creditor_id, slug=slug)
        tenant.session.add(row)
    changed = sorted(
        name for name in secrets.keys() | secrets_of(row).keys() if secrets.get(name) != secrets_of(row).get(name)
    )
    row.mode, row.percent, row.version, row.settings = mode, percent, version, shown
    if changed:
        row.secrets = seal(secrets, row.id)
    row.changed_at, row.changed_by = now, actor
    _changed(tenant)
    body = {
        "plugin": slug,
        "version": installed.plugin.version if installed else None,
        "creditor": None if creditor_id == NIL else str(creditor_id),
        "before": before,
        "after": _told(row, secrets),
        "secrets_changed": changed,
    }
    history.record(tenant.session, "plugin.switched", at=now, actor=actor, body=body)
    if mode is Mode.OFF:
        _forget_reach(tenant, slug, creditor_id)
    return row


def _forget_reach(tenant: "Tenant", slug: str, creditor_id: UUID) -> None:
    """What happens while it is off is not told of later: switched on again, it begins where the history stands then."""
    reach = sa.delete(PluginReach).where(PluginReach.tenant_id == tenant.id, PluginReach.slug == slug)
    tenant.session.execute(reach if creditor_id == NIL else reach.where(PluginReach.creditor_id == creditor_id))


def _told(row: PluginSwitch, secrets: Mapping[str, Any]) -> dict[str, Any]:
    """A switch as the history tells of it: which secrets are set, never what they are."""
    told = {"enabled": row.enabled, "mode": str(row.mode), "settings": dict(row.settings)}
    if row.mode == Mode.CANARY:
        told["percent"] = row.percent
    return {**told, "secrets": sorted(secrets)} if secrets else told


def quarantine(tenant: "Tenant", slug: str, creditor_id: UUID, hook: str, *, now: datetime) -> None:
    """A plugin has taken its process with it: what it concerns is held until an administrator has looked."""
    tenant.session.refresh(tenant.settings, with_for_update=True)
    special = _switch_of(tenant.session, tenant.id, slug, creditor_id)
    row = special or _switch_of(tenant.session, tenant.id, slug, NIL)
    if row is None or row.mode in (Mode.OFF, Mode.QUARANTINED):
        return
    row.mode, row.changed_at, row.changed_by = Mode.QUARANTINED, now, "guard"
    _changed(tenant)
    whose = None if row.creditor_id == NIL else str(row.creditor_id)
    body = {"plugin": slug, "creditor": whose, "hook": hook}
    history.record(tenant.session, "plugin.quarantined", at=now, actor="guard", body=body)
    notes = current()
    if notes is not None:
        notes.troubles.append(Trouble(slug, "WorkerLost", hook))


def _check_switch(tenant: "Tenant", slug: str, row: PluginSwitch | None, creditor_id: UUID, enabled: bool) -> None:
    if slug not in installed_plugins() and (row is None or enabled):  # one that is gone can still be switched off
        raise NotFound("Vi finner ikke tillegget.")
    if not _may_stand(slug, creditor_id):
        raise Refused("wrong_level", _WRONG_LEVEL[_level_of(creditor_id)])
    if creditor_id != NIL and tenant.session.get(Creditor, (tenant.id, creditor_id)) is None:
        raise NotFound("Vi finner ikke oppdragsgiveren.")


_WRONG_LEVEL = {
    Level.TENANT: "Dette tillegget slås på for én og én oppdragsgiver.",
    Level.CREDITOR: "Dette tillegget slås på for hele virksomheten, ikke for én oppdragsgiver.",
}


def _changed(tenant: "Tenant") -> None:
    """A new revision, so that no process goes on with the plugins of the old one."""
    tenant.settings.revision += 1
    tenant.session.info["plugins_changed"] = True
    tenant.session.flush()


def _switch_of(session: Session, tenant_id: UUID, slug: str, creditor_id: UUID) -> PluginSwitch | None:
    return session.scalar(
        sa.select(PluginSwitch).where(
            PluginSwitch.tenant_id == tenant_id, PluginSwitch.slug == slug, PluginSwitch.creditor_id == creditor_id
        )
    )


def checked_settings(
    tenant: "Tenant", plugin: type[Plugin], creditor_id: UUID, given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The given fields as they are stored: (shown, secret). Checked together with what they fall back to.

    Raises BadInput.
    """
    general = _switch_of(tenant.session, tenant.id, plugin.slug, NIL) if creditor_id != NIL else None
    hidden = secret_fields(plugin.Settings)
    standing = secrets_of(_switch_of(tenant.session, tenant.id, plugin.slug, creditor_id))
    values = unmasked(given, hidden, standing)
    schema = plugin.Settings()
    try:
        loaded = schema.load({**settings_of(general), **values})
    except ValidationError as error:
        raise BadInput(error.normalized_messages()) from error
    dumped = schema.dump(loaded)
    stored = {name: dumped[name] for name in dumped if name in values}
    return (
        {name: value for name, value in stored.items() if name not in hidden},
        {name: value for name, value in stored.items() if name in hidden},
    )
