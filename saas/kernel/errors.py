"""The few ways the service says no. Edges turn them into problem+json or a page with the same words."""


class FristError(Exception):
    """Base of everything the service says no with."""


class Refused(FristError):
    """A lawful, expected no (409): well-formed, understood, not permitted now."""

    def __init__(self, code: str, message: str, because: dict[str, object] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.because = code, message, because or {}


class NotFound(FristError):
    """There is no such thing, or it is another tenant's (404). The two are never told apart."""

    def __init__(self, what: str = "Vi finner ikke det du ser etter.") -> None:
        super().__init__(what)
        self.message = what


class Forbidden(FristError):
    """Known, but this role may not (403)."""

    def __init__(self, message: str = "Du har ikke tilgang til dette.") -> None:
        super().__init__(message)
        self.message = message


class BadInput(FristError):
    """What came in is wrong (422). `errors`: field or row → what to do about it."""

    def __init__(self, errors: dict[str, object], message: str = "Noe må rettes før vi kan gå videre.") -> None:
        super().__init__(message)
        self.errors, self.message = errors, message


class NoTenantInForce(FristError):
    """Our own mistake: tenant data was asked for outside `tenant_session`."""


class ConfigurationError(FristError):
    """A setting is missing or wrong; the message names it."""
