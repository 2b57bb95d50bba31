"""Every no of the service as `application/problem+json` (RFC 9457): one status, code and wording everywhere."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson

from saas.kernel.errors import BadInput, Forbidden, FristError, NotFound, Refused

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, for a machine and for the person behind it."""

    status: int
    code: str
    detail: str  # plain bokmål: what to do about it
    extra: dict[str, Any] = field(default_factory=dict)  # errors, because

    def to_json(self) -> bytes:
        """The body of the answer."""
        return orjson.dumps(
            {
                "type": f"urn:frist:problem:{self.code}",
                "title": HTTPStatus(self.status).phrase,
                "status": self.status,
                "code": self.code,
                "detail": self.detail,
                **self.extra,
            },
            default=str,
            option=orjson.OPT_NON_STR_KEYS,  # marshmallow counts the items of a list
        )


def problem_of(error: FristError) -> Problem:
    """The problem behind one of our own errors. What is our own mistake tells nothing but that it is (500)."""
    match error:
        case BadInput():
            return Problem(422, "bad_input", error.message, {"errors": error.errors})
        case Forbidden():
            return Problem(403, "forbidden", error.message)
        case NotFound():
            return Problem(404, "not_found", error.message)
        case Refused():
            return Problem(409, error.code, error.message, {"because": error.because} if error.because else {})
        case _:
            return Problem(500, "our_fault", "Noe gikk galt hos oss. Prøv igjen, og si fra hvis det fortsetter.")
