"""`/x/<tenant>/<plugin>/…`: pages and webhooks of plugins, in our own frame or as JSON. Silent when the plugin is off.

With `@<creditor>` after the plugin it is the plugin as it is on for that creditor. No cookie is read and no CSRF token
asked for: the plugin says who may call.
"""

import re

import orjson
from flask import Blueprint, Response, g, request

from saas.cases.plugin_routes import answer_route
from saas.hooks import RouteAnswer, RouteRequest
from saas.kernel import clock
from saas.kernel.errors import BadInput, NotFound
from saas.kernel.ids import NIL
from saas.portals.shared.tenancy import open_here, page
from saas.rules.words import BOKMAAL
from tenants.resolve import creditor_named, find_tenant

MAX_BYTES = 256 * 1024
_PLUGIN = re.compile(r"([a-z0-9_]+)(?:@([a-z0-9-]+))?")
plugin_routes = Blueprint("plugin_routes", __name__, url_prefix="/x")


@plugin_routes.route("/<tenant_slug>/<plugin>/<path:path>", methods=["GET", "POST"])
def own_path(tenant_slug: str, plugin: str, path: str) -> Response:
    """Whatever the plugin answers. 404 for anything that is not there now, 422 when a fact may not be kept."""
    named = _PLUGIN.fullmatch(plugin)
    if named is None:
        raise NotFound("Vi finner ikke siden.")
    request.max_content_length = MAX_BYTES
    raw = request.get_data(cache=False)
    g.tenant_id = find_tenant(slug=tenant_slug)
    try:
        with open_here() as tenant:
            creditor_id = creditor_named(tenant, named[2]).id if named[2] else NIL
            asked = RouteRequest(
                method=request.method,
                path=path,
                query=dict(request.args.items()),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=raw,
                today=clock.today(tenant),
                wall_now=clock.wall_now(),
            )
            answer = answer_route(tenant, named[1], creditor_id, asked, today=asked.today, now=clock.now(tenant))
            return _response(answer)
    except BadInput as wrong:
        return Response(orjson.dumps({"errors": wrong.errors}), 422, content_type="application/json")


def _response(answer: RouteAnswer) -> Response:
    if answer.data is not None or not answer.heading:
        return Response(orjson.dumps(dict(answer.data or {})), answer.status, content_type="application/json")
    return Response(page("shared/plugin_page.html", answer=answer, language=BOKMAAL), answer.status)
