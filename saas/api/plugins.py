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
from saas.kernel import clock
from saas.kernel.ids import NIL
from tenants.plugin_states import plugin_states
from tenants.plugins import switch_plugin
from tenants.resolve import Tenant

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


def _switch(tenant: Tenant, slug: str, creditor_id: UUID, creditor: str | None, body: dict[str, Any]) -> dict[str, Any]:
    row = switch_plugin(
        tenant,
        slug,
        creditor_id=creditor_id,
        enabled=body["enabled"],
        settings=body["settings"],
        now=clock.now(tenant),
        actor=caller().actor,
    )
    return {"slug": slug, "creditor": creditor, "enabled": row.enabled, "settings": row.settings}
