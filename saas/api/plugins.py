"""`/plugins`: what is installed, and switching it on for the tenant or for one creditor."""

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from saas.access.roles import Action
from saas.api import schemas
from saas.api.auth import caller, reading, writing
from saas.api.idempotency import answer_once
from saas.api.pinned import creditor_named
from saas.cases.trials import ask_trial, trial_of
from saas.kernel import clock
from saas.kernel.ids import NIL
from tenants.changes import changes_of, revert
from tenants.models import Creditor, Mode, PluginSwitch, PluginTrial
from tenants.plugin_states import plugin_states
from tenants.plugins import switch_plugin
from tenants.resolve import Tenant
from tenants.secrets import masked

blueprint = Blueprint("api_plugins", __name__, description="Plugins, for the tenant's administrators.")


@blueprint.route("/plugins")
class Plugins(MethodView):
    """All plugins."""

    @blueprint.response(200, schemas.PluginList)
    def get(self) -> dict[str, Any]:
        """Every installed plugin, and where it is on."""
        with reading(Action.SEE_PLUGINS) as tenant:
            return {"plugins": plugin_states(tenant)}


@blueprint.route("/plugins/<string:slug>")
class TenantPlugin(MethodView):
    """A plugin for the whole tenant."""

    @blueprint.arguments(schemas.PluginSwitchBody)
    @blueprint.response(200, schemas.PluginSwitchAnswer)
    def put(self, body: dict[str, Any], slug: str) -> Response:
        """Switch a plugin on or off for the tenant."""
        with writing(Action.SWITCH_PLUGINS) as tenant:
            return answer_once(
                tenant, caller().actor, clock.now(tenant), lambda: _switch(tenant, slug, NIL, None, body)
            )


@blueprint.route("/creditors/<string:creditor>/plugins/<string:slug>")
class CreditorPlugin(MethodView):
    """A plugin for one creditor."""

    @blueprint.arguments(schemas.PluginSwitchBody)
    @blueprint.response(200, schemas.PluginSwitchAnswer)
    def put(self, body: dict[str, Any], creditor: str, slug: str) -> Response:
        """Switch a plugin on or off for one creditor."""
        with writing(Action.SWITCH_PLUGINS) as tenant:
            creditor_id = creditor_named(tenant, creditor).id
            return answer_once(
                tenant, caller().actor, clock.now(tenant), lambda: _switch(tenant, slug, creditor_id, creditor, body)
            )


@blueprint.route("/plugins/<string:slug>/changes")
class PluginChanges(MethodView):
    """What has been done to a plugin's switches."""

    @blueprint.response(200, schemas.PluginChanges)
    def get(self, slug: str) -> dict[str, Any]:
        """The newest changes, with before and after."""
        with reading(Action.SWITCH_PLUGINS) as tenant:
            return {"changes": changes_of(tenant, slug)}


@blueprint.route("/plugins/<string:slug>/changes/<uuid:change_id>/revert")
class PluginRevert(MethodView):
    """The way back."""

    @blueprint.response(200, schemas.PluginSwitchAnswer)
    def post(self, slug: str, change_id: UUID) -> Response:
        """Set the switch as it was before a change; secrets stay as they are now."""
        with writing(Action.SWITCH_PLUGINS) as tenant:
            return answer_once(tenant, caller().actor, clock.now(tenant), lambda: _revert(tenant, slug, change_id))


@blueprint.route("/plugins/<string:slug>/trials")
class PluginTrials(MethodView):
    """Try a plugin without effect."""

    @blueprint.arguments(schemas.PluginTrialBody)
    @blueprint.response(200, schemas.PluginTrial)
    def post(self, body: dict[str, Any], slug: str) -> Response:
        """Have it tried on the open cases, or on months that have been; a worker does it."""
        with writing(Action.SWITCH_PLUGINS) as tenant:
            return answer_once(tenant, caller().actor, clock.now(tenant), lambda: _try(tenant, slug, body))


@blueprint.route("/plugins/<string:slug>/trials/<uuid:trial_id>")
class OnePluginTrial(MethodView):
    """One trial."""

    @blueprint.response(200, schemas.PluginTrial)
    def get(self, slug: str, trial_id: UUID) -> PluginTrial:
        """How far it is, and what it found."""
        with reading(Action.SWITCH_PLUGINS) as tenant:
            return trial_of(tenant, trial_id)


def _revert(tenant: Tenant, slug: str, change_id: UUID) -> dict[str, Any]:
    row = revert(tenant, slug, change_id, now=clock.now(tenant), actor=caller().actor)
    creditor = tenant.session.get(Creditor, (tenant.id, row.creditor_id))
    return _told(row, creditor.slug if creditor else None)


def _try(tenant: Tenant, slug: str, body: dict[str, Any]) -> dict[str, Any]:
    creditor = body.pop("creditor")
    creditor_id = creditor_named(tenant, creditor).id if creditor else NIL
    now, actor = clock.now(tenant), caller().actor
    trial = ask_trial(tenant, slug, body.pop("kind"), creditor_id=creditor_id, now=now, actor=actor, **body)
    return dict(schemas.PluginTrial().dump(trial))


def _switch(tenant: Tenant, slug: str, creditor_id: UUID, creditor: str | None, body: dict[str, Any]) -> dict[str, Any]:
    row = switch_plugin(
        tenant,
        slug,
        creditor_id=creditor_id,
        enabled=body["enabled"],
        mode=Mode(body["mode"]) if body["mode"] else None,
        percent=body["percent"],
        settings=body["settings"],
        now=clock.now(tenant),
        actor=caller().actor,
    )
    return _told(row, creditor)


def _told(row: PluginSwitch, creditor: str | None) -> dict[str, Any]:
    return {"slug": row.slug, "creditor": creditor, "enabled": row.enabled, "mode": str(row.mode),
            "percent": row.percent, "settings": masked(row)}  # fmt: skip
