"""Stripe's errors as it writes them: `{"error": {"type", "code", "param", "message"}}` with a status."""

from typing import Any


class Refusal(Exception):
    """A request is refused. `status` is the HTTP status, the rest goes into the body."""

    def __init__(self, status: int, kind: str, code: str = "", param: str = "", message: str = "") -> None:
        super().__init__(f"{status} {kind} {code} {param}")
        self.status, self.kind, self.code, self.param, self.message = status, kind, code, param, message

    def body(self) -> dict[str, Any]:
        """What is sent."""
        told = {"type": self.kind, "code": self.code, "param": self.param, "message": self.message or self.code}
        return {"error": {name: value for name, value in told.items() if value}}


def invalid(code: str, param: str = "", message: str = "") -> Refusal:
    """400: the parameters are wrong."""
    return Refusal(400, "invalid_request_error", code, param, message)


def missing(what: str, which: str) -> Refusal:
    """404: no such object on this account."""
    return Refusal(404, "invalid_request_error", "resource_missing", what, f"No such {what}: '{which}'")


_FAULTS: dict[str, tuple[Any, ...]] = {
    "401": (401, "invalid_request_error", "", "", "Invalid API Key provided"),
    "402": (402, "card_error", "card_declined"),
    "404": (404, "invalid_request_error", "resource_missing"),
    "409": (409, "idempotency_error", "idempotency_key_in_use"),
    "429": (429, "invalid_request_error", "rate_limit", "", "Request rate limit exceeded"),
    "500": (500, "api_error"),
    "503": (503, "api_error"),
}


def refuse_as_asked(fault: str) -> None:
    """Raises the Refusal of this name, what can be asked to happen to the next call; another name does nothing."""
    if fault in _FAULTS:
        raise Refusal(*_FAULTS[fault])
