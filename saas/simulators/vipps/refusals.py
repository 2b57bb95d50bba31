"""Vipps' errors: problem+json with a `type`, and the gateway's own shape for wrong keys."""

from typing import Any

_TYPES = "https://developer.vippsmobilepay.com/epayment/v1"


class Refusal(Exception):
    """A request is refused. `body` is what is sent."""

    def __init__(self, status: int, kind: str, detail: str = "", fields: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {kind} {detail} {fields or ''}")
        self.status = status
        self.content_type = "application/problem+json"
        self.body: dict[str, Any] = {
            "type": f"{_TYPES}/{kind}",
            "title": kind.replace("-", " ").capitalize(),
            "detail": detail,
            "status": status,
        }
        if fields:
            self.body["extraDetails"] = [{"name": name, "reason": reason} for name, reason in fields.items()]


class Unauthorised(Refusal):
    """401, as the gateway in front of the API says it."""

    def __init__(self, message: str) -> None:
        super().__init__(401, "unauthorized")
        self.content_type, self.body = "application/json", {"statusCode": 401, "message": message}


def invalid(name: str, reason: str) -> Refusal:
    """400: a field is wrong."""
    return Refusal(400, "validation-error", "The request contains one or more validation errors.", {name: reason})


def conflict(kind: str, detail: str) -> Refusal:
    """409: in the way of what was done before."""
    return Refusal(409, kind, detail)


def missing(reference: str) -> Refusal:
    """404."""
    return Refusal(404, "payment-not-found", f"No payment {reference}")


_FAULTS = {
    "400": (400, "validation-error"),
    "403": (403, "forbidden"),
    "404": (404, "payment-not-found"),
    "409": (409, "conflict"),
    "423": (423, "locked"),
    "429": (429, "too-many-requests"),
    "500": (500, "internal-error"),
    "503": (503, "unavailable"),
}


def refuse_as_asked(fault: str) -> None:
    """Raises the Refusal of this name, before anything is done; another name does nothing."""
    if fault == "401":
        raise Unauthorised("Access denied due to invalid access token.")
    if fault in _FAULTS:
        raise Refusal(*_FAULTS[fault])
