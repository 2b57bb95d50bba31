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
from saas.kernel.ids import NIL
from tenants.hooks import Chosen, Hooks
from tenants.installed import installed_plugins
from tenants.models import Creditor, Mode, PluginSwitch

if TYPE_CHECKING:
    from tenants.resolve import Tenant

__all__ = ["Hooks", "chosen_for", "hooks_for", "installed_plugins", "switch_plugin"]

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
        return Hooks(chosen_for(session, tenant_id, creditor_id))
    key = (tenant_id, creditor_id, revision)
    with _keeping:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    built = Hooks(chosen_for(session, tenant_id, creditor_id))
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
    """What is switched on for a creditor, among switches already read."""
    ours = {row.slug: row for row in rows if row.creditor_id == NIL and _may_stand(row.slug, NIL)}
    theirs = {row.slug: row for row in rows if row.creditor_id == creditor_id and _may_stand(row.slug, creditor_id)}
    chosen = []
    for slug in sorted(ours.keys() | theirs.keys()):
        general, special = ours.get(slug), theirs.get(slug)
        if (special or general).enabled:  # type: ignore[union-attr]  # one of them stands
            chosen.append(
                Chosen(slug, {**(general.settings if general else {}), **(special.settings if special else {})})
            )
    return chosen


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
    enabled: bool,
    settings: Mapping[str, Any] | None = None,
    now: datetime,
    actor: str,
) -> PluginSwitch:
    """Switch a plugin on or off for the tenant, or for one creditor.

    `settings` are the fields to set at this level; those left out fall back to the tenant's, then to the plugin's
    defaults. None leaves the stored ones as they are. The same switch twice changes nothing. Raises NotFound (no such
    plugin or creditor), Refused `wrong_level`, BadInput (field → messages).
    """
    installed = installed_plugins().get(slug)
    tenant.session.refresh(tenant.settings, with_for_update=True)  # one change at a time
    row = _switch_of(tenant.session, tenant.id, slug, creditor_id)
    _check_switch(tenant, slug, row, creditor_id, enabled)
    stored = dict(row.settings) if row else {}
    wanted = stored
    if installed is not None and (settings is not None or row is None):
        wanted = _checked_settings(tenant, installed.plugin, creditor_id, settings or {})
    if row is not None and (row.enabled, stored) == (enabled, wanted):
        return row
    before = {"enabled": row.enabled, "settings": stored} if row else None
    if row is None:
        row = PluginSwitch(tenant_id=tenant.id, creditor_id=creditor_id, slug=slug)
        tenant.session.add(row)
    row.mode, row.settings, row.changed_at, row.changed_by = (Mode.ON if enabled else Mode.OFF), wanted, now, actor
    _changed(tenant)
    body = {
        "plugin": slug,
        "version": installed.plugin.version if installed else None,
        "creditor": None if creditor_id == NIL else str(creditor_id),
        "before": before,
        "after": {"enabled": enabled, "settings": wanted},
    }
    history.record(tenant.session, "plugin.switched", at=now, actor=actor, body=body)
    return row


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


def _checked_settings(
    tenant: "Tenant", plugin: type[Plugin], creditor_id: UUID, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The given fields as they are stored. Checked together with what they fall back to. Raises BadInput."""
    general = _switch_of(tenant.session, tenant.id, plugin.slug, NIL) if creditor_id != NIL else None
    schema = plugin.Settings()
    try:
        loaded = schema.load({**(general.settings if general else {}), **given})
    except ValidationError as error:
        raise BadInput(error.normalized_messages()) from error
    dumped = schema.dump(loaded)
    return {name: dumped[name] for name in dumped if name in given}
