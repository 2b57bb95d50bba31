"""`/cases`: what has become of the claims, and what creditors report about them."""

from dataclasses import fields
from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from saas.access.roles import Action
from saas.api import schemas
from saas.api.auth import caller, reading, writing
from saas.api.idempotency import answer_once
from saas.api.pinned import case_to_write
from saas.cases.models import Case
from saas.cases.queries import CaseFilter, CasePage, case_list, case_status, case_view
from saas.cases.reported import report_facts
from saas.cases.reported_rows import report_fact_rows, source_of
from saas.cases.requests import request_deferral
from saas.kernel import clock
from saas.kernel.errors import BadInput
from saas.kernel.ids import NIL
from saas.rules.facts import Fact
from tenants.resolve import Tenant

blueprint = Blueprint(
    "api_cases", __name__, description="Cases: stage, sums, letters, and what is reported about them."
)
_NUMBER = "<int(max=9223372036854775807):number>"


@blueprint.route("/cases")
class Cases(MethodView):
    """Many cases."""

    @blueprint.arguments(schemas.CaseQuery, location="query")
    @blueprint.response(200, schemas.CasePage)
    def get(self, asked: dict[str, Any]) -> CasePage:
        """A page of the cases the key may see, newest first."""
        stage = schemas.STAGES[asked["stage"]] if "stage" in asked else None
        with reading(Action.SEE_CASES) as tenant:
            chosen = CaseFilter(asked["words"], stage, asked["held"])
            return case_list(tenant, chosen, clock.today(tenant), asked["page"])


@blueprint.route(f"/cases/{_NUMBER}")
class OneCase(MethodView):
    """A case by its number."""

    @blueprint.response(200, schemas.CaseStatus)
    def get(self, number: int) -> dict[str, Any]:
        """Where a case stands: stage, sums with interest to today, letters, holds."""
        with reading(Action.SEE_CASES) as tenant:
            today = clock.today(tenant)
            status = case_status(tenant, number, today)
            owed = case_view(tenant, status.case_id, today).owed if caller().creditor_id == NIL else None
            told = {each.name: getattr(status, each.name) for each in fields(status)}
            return told | {"lines": owed.lines if owed else None}


@blueprint.route(f"/cases/{_NUMBER}/facts")
class Facts(MethodView):
    """What others report about a case."""

    @blueprint.arguments(schemas.FactsBody)
    @blueprint.response(200, schemas.FactsAnswer)
    def post(self, body: dict[str, Any], number: int) -> Response:
        """Report dated facts, e.g. that a power contract runs. The creditor stands as the source."""
        with writing(Action.REPORT_FACTS) as tenant:
            case = case_to_write(tenant, number)
            return answer_once(
                tenant, caller().actor, clock.now(tenant), lambda: _report(tenant, case, body["facts"]), case_id=case.id
            )


@blueprint.route("/facts")
class ManyFacts(MethodView):
    """What others report about many cases."""

    @blueprint.arguments(schemas.FactRowsBody)
    @blueprint.response(200, schemas.FactReport)
    def post(self, body: dict[str, Any]) -> Response:
        """Report facts about many cases, each named by its number or by an invoice. One wrong and none is stored."""
        with writing(Action.REPORT_FACTS) as tenant:
            return answer_once(tenant, caller().actor, clock.now(tenant), lambda: _report_many(tenant, body))


@blueprint.route(f"/cases/{_NUMBER}/deferrals")
class Deferrals(MethodView):
    """More time."""

    @blueprint.arguments(schemas.DeferralBody)
    @blueprint.response(200, schemas.DeferralAnswer)
    def post(self, body: dict[str, Any], number: int) -> Response:
        """Ask for more time on the debtor's behalf. A refusal is an answer with its reasons, not an error."""
        with writing(Action.REQUEST_DEFERRAL) as tenant:
            case = case_to_write(tenant, number)
            return answer_once(
                tenant, caller().actor, clock.now(tenant), lambda: _defer(tenant, case, body), case_id=case.id
            )


def _report(tenant: Tenant, case: Case, stated: list[dict[str, Any]]) -> dict[str, Any]:
    source, today = source_of(tenant, caller().creditor_id), clock.today(tenant)
    facts = [Fact(each["name"], each["value"], source, each["reported_on"] or today) for each in stated]
    added = report_facts(tenant, case, facts, today=today, now=clock.now(tenant), actor=caller().actor)
    return {"added": len(added)}


def _report_many(tenant: Tenant, body: dict[str, Any]) -> dict[str, Any]:
    report = report_fact_rows(
        tenant,
        enumerate(body["facts"], start=1),
        creditor_id=caller().creditor_id,
        today=clock.today(tenant),
        now=clock.now(tenant),
        actor=caller().actor,
        dry_run=body["dry_run"],
    )
    if report.has_errors and not body["dry_run"]:
        wrong: dict[str, object] = {str(each.row): each.errors for each in report.verdicts if each.errors}
        raise BadInput(wrong, "Ingen opplysninger er lagret. Rett radene og send alt på nytt.")
    return dict(schemas.FactReport().dump(report))


def _defer(tenant: Tenant, case: Case, body: dict[str, Any]) -> dict[str, Any]:
    answer = request_deferral(
        tenant,
        case.id,
        until=body["until"],
        today=clock.today(tenant),
        now=clock.now(tenant),
        actor=caller().actor,
    )
    return dict(schemas.DeferralAnswer().dump(answer))
