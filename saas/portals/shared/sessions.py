"""Who is signed in: a signed cookie that lasts 30 minutes from the last page, and never longer than a working day.

The cookie names ids only and is valid on its tenant's path only. Signing out makes a copy of it worthless too: its
number is noted in Redis for as long as the cookie could live.
"""

from typing import Any, cast
from uuid import UUID

import redis
import structlog
from flask import Flask, Response, current_app, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from saas.kernel import clock
from saas.kernel.ids import new_id
from saas.portals.shared.tenancy import tenant_here

IDLE_MINUTES = 30
_LONGEST_SECONDS = {"debtor": 2 * 3600, "desk": 12 * 3600}
_WITH_COOKIES = ("debtor", "creditor", "admin", "pay")
_log = structlog.get_logger("sessions")


class TenantCookies(SecureCookieSessionInterface):
    """The session cookie is bound to the tenant's path, so that two tenants on one host never meet."""

    def get_cookie_path(self, app: Flask) -> str:
        """The path prefix of the tenant, or the whole host when the host is the tenant's own."""
        return request.script_root or "/"

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Pages only: a stylesheet may be kept by a proxy for everybody, so no cookie may ride on it."""
        return request.blueprint in _WITH_COOKIES and super().should_set_cookie(app, session)


def sign_in(kind: str, subject: UUID, **more: str) -> None:
    """Start a new session of `kind` (debtor: the case's id, desk: the user's id); whatever was there is gone.

    `more` is remembered as long as the session.
    """
    session.clear()
    session.permanent = True
    session.update(
        kind=kind,
        subject=str(subject),
        tenant=str(tenant_here()),
        number=str(new_id()),
        since=int(clock.wall_now().timestamp()),
        **more,
    )


def signed_in(kind: str) -> UUID | None:
    """Whoever is signed in as `kind` with this tenant; None when nobody is, or no longer."""
    if session.get("kind") != kind or session.get("tenant") != str(tenant_here()):
        return None
    if clock.wall_now().timestamp() - session["since"] > _LONGEST_SECONDS[kind] or _is_out(session["number"]):
        session.clear()
        return None
    return UUID(session["subject"])


def sign_out() -> None:
    """End the session, also for copies of its cookie."""
    number = session.get("number")
    session.clear()
    if number:
        try:
            _redis().set(_key(number), 1, ex=IDLE_MINUTES * 60 + 60)
        except redis.RedisError:
            _log.warning("signed_out_not_noted")


def _is_out(number: str) -> bool:
    try:
        return bool(_redis().exists(_key(number)))
    except redis.RedisError:
        _log.warning("signed_out_not_read")
        return False


def _redis() -> redis.Redis:
    return cast("redis.Redis", current_app.extensions["frist_redis"])


def _key(number: str) -> str:
    return f"frist:signed-out:{number}"


def never_stored(response: Response) -> Response:
    """Pages about people are not kept by browsers or proxies."""
    response.headers["Cache-Control"] = "no-store"
    return response


def session_words() -> dict[str, Any]:
    """For the frame: what kind of session there is, if any."""
    return {"session_kind": session.get("kind")}
