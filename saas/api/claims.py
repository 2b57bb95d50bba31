"""`/claims`: register one claim or many."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.exceptions import UnsupportedMediaType

from saas.access.roles import Action
from saas.api import schemas
from saas.api.auth import caller, writing
from saas.api.idempotency import answer_once
from saas.api.pinned import creditor_to_write
from saas.cases.intake import IntakeReport, register_claims
from saas.kernel import clock
from saas.kernel.errors import BadInput
from tenants.resolve import Tenant

MAX_ROWS = 10_000
blueprint = Blueprint("api_claims", __name__, description="Claims handed in by creditors.")
_CLAIM = {"$ref": "#/components/schemas/Claim"}
_BODY = {
    "required": True,
    "content": {"application/json": {"schema": {"oneOf": [_CLAIM, {"type": "array", "items": _CLAIM}]}}},
}


@blueprint.route("/claims")
class Claims(MethodView):
    """Claims come in here."""

    @blueprint.doc(requestBody=_BODY)
    @blueprint.arguments(schemas.IntakeQuery, location="query")
    @blueprint.response(200, schemas.IntakeReport)
    def post(self, how: dict[str, Any]) -> Response:
        """Register one claim, or a list of up to 10 000, all or nothing.

        A claim known already is a duplicate and is never doubled. When a claim is wrong, nothing is registered (422,
        errors by row) unless `accept_valid` is given.
        """
        rows = _rows_sent()
        with writing(Action.REGISTER_CLAIMS) as tenant:
            return answer_once(tenant, caller().actor, clock.now(tenant), lambda: _register(tenant, rows, how))


def _rows_sent() -> list[Any]:
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        sent = orjson.loads(request.get_data(cache=True))
    except orjson.JSONDecodeError:
        raise BadInput({}, "Innholdet er ikke gyldig JSON.") from None
    rows = [sent] if isinstance(sent, Mapping) else sent
    if not isinstance(rows, list):
        raise BadInput({}, "Send ett krav som objekt, eller flere som liste.")
    if len(rows) > MAX_ROWS:
        raise BadInput({}, f"Send høyst {MAX_ROWS} krav om gangen.")
    return rows


def _register(tenant: Tenant, rows: list[Any], how: dict[str, Any]) -> dict[str, Any]:
    report = register_claims(
        tenant,
        rows,
        creditor_id=creditor_to_write(tenant, how.get("creditor")),
        today=clock.today(tenant),
        now=clock.now(tenant),
        actor=caller().actor,
        accept_valid=how["accept_valid"],
        dry_run=how["dry_run"],
    )
    if report.has_errors and not (how["accept_valid"] or how["dry_run"]):
        raise BadInput(_errors_by_row(report), "Ingen krav er registrert. Rett radene og send alt på nytt.")
    return dict(schemas.IntakeReport().dump(report))


def _errors_by_row(report: IntakeReport) -> dict[str, object]:
    return {str(v.row): v.errors for v in report.verdicts if v.errors}
