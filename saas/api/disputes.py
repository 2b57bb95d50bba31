"""Objections, lost costs, and what stops a debtor's cases: under `/cases/<number>`."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from saas.access.roles import Action
from saas.api import dispute_schemas as schemas
from saas.api.auth import caller, reading, writing
from saas.api.idempotency import answer_once
from saas.api.pinned import case_to_write
from saas.cases.lifecycle import get_case, head_of
from saas.cases.models import Case, CostLoss
from saas.cases.objection_schemas import answer_schema, objection_schema
from saas.cases.objections import ObjectionView, claim_named, objections_of, raise_objection, take_back_objection
from saas.kernel import clock
from saas.payments.estates import report_bankruptcy, report_death
from saas.payments.lost_costs import lose_costs
from saas.payments.objection_answers import answer_objection
from saas.rules.lost_costs import LostCostReason
from saas.rules.objections import ObjectionKind, Outcome
from tenants.resolve import Tenant

blueprint = Blueprint("api_disputes", __name__, description="Objections, lost costs, estates.")
_CASE = "/cases/<int(max=9223372036854775807):number>"


@blueprint.route(f"{_CASE}/objections")
class Objections(MethodView):
    """What the debtor disagrees with."""

    @blueprint.response(200, schemas.ObjectionList)
    def get(self, number: int) -> dict[str, Any]:
        """The case's objections, the newest first, with their answers."""
        with reading(Action.SEE_CASES) as tenant:
            case = get_case(tenant, number=number)
            return {"objections": objections_of(tenant, case.joined_into or case.id, clock.today(tenant))}

    @blueprint.arguments(objection_schema())
    @blueprint.response(200, schemas.ObjectionAnswered)
    def post(self, body: dict[str, Any], number: int) -> Response:
        """The debtor has said that they disagree. The case stands still from now, until it is answered."""
        with writing(Action.RAISE_OBJECTIONS) as tenant:
            case = _case(tenant, number)
            return _once(tenant, case, lambda: _raise(tenant, case, body))


@blueprint.route(f"{_CASE}/objections/<uuid:objection_id>/answer")
class Answer(MethodView):
    """The answer to an objection."""

    @blueprint.arguments(answer_schema())
    @blueprint.response(200, schemas.ObjectionAnswered)
    def post(self, body: dict[str, Any], number: int, objection_id: UUID) -> Response:
        """Give the claim up, put it right, maintain it with reasons; only staff may find an objection groundless."""
        with writing(Action.ANSWER_OBJECTIONS) as tenant:
            case = _case(tenant, number)
            return _once(tenant, case, lambda: _answer(tenant, case, objection_id, body))


@blueprint.route(f"{_CASE}/objections/<uuid:objection_id>/withdrawal")
class Withdrawal(MethodView):
    """The debtor lets an objection go."""

    @blueprint.response(200, schemas.ObjectionAnswered)
    def post(self, number: int, objection_id: UUID) -> Response:
        """Take an objection back on the debtor's behalf."""
        with writing(Action.HANDLE_CASES) as tenant:
            case = _case(tenant, number)
            return _once(tenant, case, lambda: _take_back(tenant, case, objection_id))


@blueprint.route(f"{_CASE}/lost-costs")
class LostCosts(MethodView):
    """The right to costs is lost."""

    @blueprint.arguments(schemas.LostCostsBody)
    @blueprint.response(200, schemas.LostCosts)
    def post(self, body: dict[str, Any], number: int) -> Response:
        """Take costs off a case; what was paid of them goes to the rest of the debt or back to the debtor."""
        with writing(Action.HANDLE_CASES) as tenant:
            case = _case(tenant, number)
            return _once(tenant, case, lambda: _lose(tenant, case, body))


@blueprint.route(f"{_CASE}/death")
class Death(MethodView):
    """The debtor has died."""

    @blueprint.arguments(schemas.DeathBody)
    @blueprint.response(200, schemas.Stopped)
    def post(self, body: dict[str, Any], number: int) -> Response:
        """Stop all the debtor's cases; letters sent on the day of death or later cost nothing. null: a wrong report."""
        with writing(Action.HANDLE_CASES) as tenant:
            case = _case(tenant, number)
            return _once(tenant, case, lambda: _died(tenant, case, body["died_on"]))


@blueprint.route(f"{_CASE}/bankruptcy")
class Bankruptcy(MethodView):
    """Bankruptcy has been opened against the debtor."""

    @blueprint.arguments(schemas.BankruptcyBody)
    @blueprint.response(200, schemas.Stopped)
    def post(self, body: dict[str, Any], number: int) -> Response:
        """Stop all the debtor's cases until a person has filed the claims. null: a wrong report."""
        with writing(Action.HANDLE_CASES) as tenant:
            case = _case(tenant, number)
            return _once(tenant, case, lambda: _bankrupt(tenant, case, body["opened_on"]))


# --- parts ----------------------------------------------------------------------------------------------------------


def _case(tenant: Tenant, number: int) -> Case:
    """The case to write to, locked; of one joined into another, that other one."""
    return head_of(tenant, case_to_write(tenant, number).id)


def _once(tenant: Tenant, case: Case, do: Any) -> Response:
    return answer_once(tenant, caller().actor, clock.now(tenant), do, case_id=case.id)


def _by(tenant: Tenant) -> dict[str, Any]:
    return {"today": clock.today(tenant), "now": clock.now(tenant), "actor": caller().actor}


def _raise(tenant: Tenant, case: Case, body: dict[str, Any]) -> dict[str, Any]:
    row = raise_objection(
        tenant,
        case.id,
        kind=ObjectionKind(body["kind"]),
        text=body["text"],
        claim_id=claim_named(tenant, case, body["invoice_number"]),
        disputed_ore=body["disputed"],
        **_by(tenant),
    )
    return _told(tenant, case, row.id)


def _answer(tenant: Tenant, case: Case, objection_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    answer_objection(
        tenant,
        case.id,
        objection_id,
        outcome=Outcome(body["outcome"]),
        reason=body["reason"],
        claim_id=claim_named(tenant, case, body["invoice_number"]),
        taken_off_ore=body["taken_off"],
        creditor_id=caller().creditor_id,
        **_by(tenant),
    )
    return _told(tenant, case, objection_id)


def _take_back(tenant: Tenant, case: Case, objection_id: UUID) -> dict[str, Any]:
    take_back_objection(tenant, case.id, objection_id, **_by(tenant))
    return _told(tenant, case, objection_id)


def _told(tenant: Tenant, case: Case, objection_id: UUID) -> dict[str, Any]:
    found: Sequence[ObjectionView] = objections_of(tenant, case.id, clock.today(tenant))
    return dict(schemas.ObjectionAnswered().dump(next(each for each in found if each.id == objection_id)))


def _lose(tenant: Tenant, case: Case, body: dict[str, Any]) -> dict[str, Any]:
    loss: CostLoss = lose_costs(
        tenant,
        case.id,
        reason=LostCostReason(body["reason"]),
        note=body["note"],
        lawful_ore=body["lawful_ore"],
        restart=body["restart"],
        **_by(tenant),
    )
    return dict(schemas.LostCosts().dump(loss))


def _died(tenant: Tenant, case: Case, died_on: date | None) -> dict[str, Any]:
    return {"cases": [each.number for each in report_death(tenant, case.id, died_on=died_on, **_by(tenant))]}


def _bankrupt(tenant: Tenant, case: Case, opened_on: date | None) -> dict[str, Any]:
    return {"cases": [each.number for each in report_bankruptcy(tenant, case.id, opened_on=opened_on, **_by(tenant))]}
