"""`/law`: the law's calculators. No key, nothing about a person, nothing kept; only how often is limited."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from saas.cases.law_schemas import CALCULATORS, NotCalculated
from saas.kernel.problem import CONTENT_TYPE, Problem

blueprint = Blueprint("api_law", __name__, description="The law's calculators; they need no key.")
_OPEN: dict[str, Any] = {"security": []}


def _answer_not_calculated(error: NotCalculated) -> Response:
    problem = Problem(422, error.code, error.message, {"errors": error.errors})
    return Response(problem.to_json(), problem.status, content_type=CONTENT_TYPE)


blueprint.register_error_handler(NotCalculated, _answer_not_calculated)


@blueprint.route("/law/interest", methods=["POST"])
@blueprint.doc(**_OPEN)
@blueprint.arguments(CALCULATORS["interest"].asked)
@blueprint.response(200, CALCULATORS["interest"].answer)
def interest(given: dict[str, Any]) -> Any:
    """Late interest (forsinkelsesrente) from the due date to the day of payment, line by line."""
    return CALCULATORS["interest"].run(given)


@blueprint.route("/law/fees", methods=["POST"])
@blueprint.doc(**_OPEN)
@blueprint.arguments(CALCULATORS["fees"].asked)
@blueprint.response(200, CALCULATORS["fees"].answer)
def fees(given: dict[str, Any]) -> Any:
    """The most that may be charged in notice fees and agency fee (gebyr og inkassosalær)."""
    return CALCULATORS["fees"].run(given)


@blueprint.route("/law/allocation", methods=["POST"])
@blueprint.doc(**_OPEN)
@blueprint.arguments(CALCULATORS["allocation"].asked)
@blueprint.response(200, CALCULATORS["allocation"].answer)
def allocation(given: dict[str, Any]) -> Any:
    """What a payment covers first (dekningsrekkefølge)."""
    return CALCULATORS["allocation"].run(given)


@blueprint.route("/law/deadlines", methods=["POST"])
@blueprint.doc(**_OPEN)
@blueprint.arguments(CALCULATORS["deadlines"].asked)
@blueprint.response(200, CALCULATORS["deadlines"].answer)
def deadlines(given: dict[str, Any]) -> Any:
    """The deadline a letter prints, and the earliest and latest days that follow from it."""
    return CALCULATORS["deadlines"].run(given)


@blueprint.route("/law/kid", methods=["POST"])
@blueprint.doc(**_OPEN)
@blueprint.arguments(CALCULATORS["kid"].asked)
@blueprint.response(200, CALCULATORS["kid"].answer)
def kid(given: dict[str, Any]) -> Any:
    """Check a KID, or make one of digits."""
    return CALCULATORS["kid"].run(given)
