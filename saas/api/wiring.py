"""The API joined to a Flask application."""

from typing import Any

from flask import Blueprint as PlainBlueprint
from flask import Flask, render_template
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from saas.api import accounts, cases, claims, direct_payments, disputes, law, plugins, problems
from saas.api.auth import check_caller
from saas.cases.schemas import ClaimSchema
from saas.kernel.errors import FristError

PREFIX = "/api/v1"
BLUEPRINTS = (
    claims.blueprint,
    cases.blueprint,
    disputes.blueprint,
    direct_payments.blueprint,
    plugins.blueprint,
    accounts.blueprint,
)
OPEN_BLUEPRINTS = (law.blueprint,)  # need no key
_CONFIG = {
    "API_TITLE": "Frist",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.0.3",
    "OPENAPI_URL_PREFIX": PREFIX,
    "OPENAPI_JSON_PATH": "openapi.json",
}


class _Api(Api):
    """Leaves the portals' error pages alone: errors are handled by our own blueprints."""

    def _register_error_handlers(self) -> None:
        pass


def wire(app: Flask) -> None:
    """Endpoints, errors and documentation under `/api/v1`. No session and no cookie, so no CSRF token either."""
    app.config.update(_CONFIG)
    api = _Api(app, spec_kwargs={"security": [{"key": []}]})
    api.spec.components.security_scheme("key", {"type": "http", "scheme": "bearer", "bearerFormat": "frist_…"})
    api.spec.components.schema("Claim", schema=ClaimSchema)
    for blueprint in (*BLUEPRINTS, *OPEN_BLUEPRINTS):
        if not blueprint._got_registered_once:
            _guard(blueprint, needs_key=blueprint in BLUEPRINTS)
        api.register_blueprint(blueprint, url_prefix=PREFIX)
        if "csrf" in app.extensions:
            app.extensions["csrf"].exempt(blueprint)
    app.register_blueprint(_docs(api), url_prefix=PREFIX)
    app.before_request_funcs.setdefault(None, []).insert(0, problems.answer_routing_error)


def _guard(blueprint: Any, *, needs_key: bool) -> None:
    if needs_key:
        blueprint.before_request(check_caller)
    blueprint.register_error_handler(FristError, problems.answer_frist_error)
    blueprint.register_error_handler(HTTPException, problems.answer_http_error)
    blueprint.register_error_handler(RecursionError, problems.answer_too_deep)


def _docs(api: Api) -> PlainBlueprint:
    """A page that lists every call, made from the same description; no scripts and nothing from elsewhere."""
    blueprint = PlainBlueprint("api_docs", __name__, template_folder="templates")

    @blueprint.get("/docs")
    def docs() -> str:
        return render_template("api/docs.html", spec=api.spec.to_dict(), prefix=PREFIX)

    return blueprint
