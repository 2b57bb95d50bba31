"""`/law`: the law's calculators. No key, nothing about a person, nothing kept; only how often is limited."""

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from werkzeug.exceptions import HTTPException

from saas.api.problems import field_errors
from saas.calculators.questions import Language
from saas.calculators.run import CALCULATORS, NotCalculated
from saas.kernel.problem import CONTENT_TYPE, Problem
from saas.rules.words import BOKMAAL, LANGUAGES, all_in_language, in_language, say

blueprint = Blueprint("api_law", __name__, description="The law's calculators; they need no key.")
_OPEN: dict[str, Any] = {"security": []}


def _answer(name: str, given: dict[str, Any], wanted: dict[str, str]) -> Any:
    return all_in_language(CALCULATORS[name].run(given), wanted["language"])


def _answer_not_calculated(error: NotCalculated) -> Response:
    return _problem(error.code, error.message, error.errors)


def _answer_wrong_fields(error: HTTPException) -> Response:
    return _problem("bad_input", say("Noe må rettes før vi kan regne."), field_errors(error))


def _answer_not_json(_: HTTPException) -> Response:
    return _problem("bad_input", say("Innholdet er ikke gyldig JSON."))


def _problem(code: str, detail: str, errors: Any = None) -> Response:
    """An error in the language asked for; in bokmål when that is the error."""
    asked = request.args.get("language")
    language = asked if asked in LANGUAGES else BOKMAAL
    extra = {"errors": all_in_language(errors, language)} if errors is not None else {}
    problem = Problem(422, code, in_language(detail, language), extra)
    return Response(problem.to_json(), problem.status, content_type=CONTENT_TYPE)


blueprint.register_error_handler(NotCalculated, _answer_not_calculated)
blueprint.register_error_handler(422, _answer_wrong_fields)
blueprint.register_error_handler(400, _answer_not_json)


@blueprint.route("/law/interest", methods=["POST"])
@blueprint.doc(**_OPEN)
@blueprint.arguments(Language, location="query")
@blueprint.arguments(CALCULATORS["interest"].asked)
@blueprint.response(200, CALCULATORS["interest"].answer)
def interest(wanted: dict[str, str], given: dict[str, Any]) -> Any:
    """Late interest (forsinkelsesrente) from the due date to the day of payment, line by line."""
    return _answer("interest", given, wanted)


@blueprint.route("/law/fees", methods=["POST"])
@blueprint.doc(**_OPEN)
@blueprint.arguments(Language, location="query")
@blueprint.arguments(CALCULATORS["fees"].asked)
@blueprint.response(200, CALCULATORS["fees"].answer)
def fees(wanted: dict[str, str], given: dict[str, Any]) -> Any:
    """The most that may be charged in notice fees and agency fee (gebyr og inkassosalær)."""
    return _answer("fees", given, wanted)


@blueprint.route("/law/allocation", methods=["POST"])
@blueprint.doc(**_OPEN)
@blueprint.arguments(Language, location="query")
@blueprint.arguments(CALCULATORS["allocation"].asked)
@blueprint.response(200, CALCULATORS["allocation"].answer)
def allocation(wanted: dict[str, str], given: dict[str, Any]) -> Any:
    """What a payment covers first (dekningsrekkefølge)."""
    return _answer("allocation", given, wanted)


@blueprint.route("/law/deadlines", methods=["POST"])
@blueprint.doc(**_OPEN)
@blueprint.arguments(Language, location="query")
@blueprint.arguments(CALCULATORS["deadlines"].asked)
@blueprint.response(200, CALCULATORS["deadlines"].answer)
def deadlines(wanted: dict[str, str], given: dict[str, Any]) -> Any:
    """The deadline a letter prints, and the earliest and latest days that follow from it."""
    return _answer("deadlines", given, wanted)


@blueprint.route("/law/kid", methods=["POST"])
@blueprint.doc(**_OPEN)
@blueprint.arguments(Language, location="query")
@blueprint.arguments(CALCULATORS["kid"].asked)
@blueprint.response(200, CALCULATORS["kid"].answer)
def kid(wanted: dict[str, str], given: dict[str, Any]) -> Any:
    """Check a KID, or make one of digits."""
    return _answer("kid", given, wanted)
