"""Errors of the API: always `application/problem+json`, also for an address or a method that does not exist."""

from http import HTTPStatus
from typing import Any

from flask import Response, request
from werkzeug.exceptions import BadRequest, HTTPException, Unauthorized

from saas.kernel.errors import FristError
from saas.kernel.problem import CONTENT_TYPE, Problem, problem_of

_WORDS = {
    401: "Send en gyldig API-nøkkel: «Authorization: Bearer frist_…».",
    404: "Vi finner ikke det du ser etter.",
    405: "Denne adressen tar ikke denne metoden.",
    413: "Det du sendte er for stort. Del det opp.",
    415: "Send JSON, med «Content-Type: application/json».",
    422: "Noe må rettes før vi kan gå videre.",
    429: "For mange forsøk. Vent litt og prøv igjen.",
}
_NOT_JSON = "Innholdet er ikke gyldig JSON."


def answer_frist_error(error: FristError) -> Response:
    """One of our own errors."""
    return _response(problem_of(error))


def answer_http_error(error: HTTPException) -> Response:
    """An error of the web framework; a body that is not JSON is a bad payload like any other (422)."""
    if isinstance(error, BadRequest):
        return _response(Problem(422, "bad_input", _NOT_JSON))
    status = error.code or 500
    extra = {"errors": field_errors(error)} if status == 422 else {}
    code = "bad_input" if status == 422 else HTTPStatus(status).phrase.lower().replace(" ", "_")
    detail = _WORDS.get(status, "Noe gikk galt. Prøv igjen, og si fra hvis det fortsetter.")
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="frist"'
    return _response(Problem(status, code, detail, extra), headers)


def answer_too_deep(_: RecursionError) -> Response:
    """JSON nested beyond reason."""
    return _response(Problem(422, "bad_input", _NOT_JSON))


def answer_routing_error() -> Response | None:
    """An address or method of the API that does not exist; None for everything else. Runs before each request."""
    error = request.routing_exception
    if request.path.startswith("/api/") and isinstance(error, HTTPException) and (error.code or 0) >= 400:
        return answer_http_error(error)
    return None


def field_errors(error: HTTPException) -> Any:
    """Field → messages, as the schema gave them; the place they came from (json, query) is left out."""
    messages = getattr(error, "data", {}).get("messages", {})
    return next(iter(messages.values())) if len(messages) == 1 else messages


def _response(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    return Response(problem.to_json(), problem.status, headers, content_type=CONTENT_TYPE)
