"""create_app(): the one place where the parts are joined."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import redis
import sqlalchemy as sa
import structlog
from flask import Flask, Response, current_app, g, jsonify, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

from saas.api import register_api
from saas.api.webhooks import webhooks
from saas.api.wiring import BLUEPRINTS, OPEN_BLUEPRINTS
from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.crypto import derived_key
from saas.kernel.db import directory_session
from saas.kernel.errors import BadInput, Forbidden, FristError, NotFound, Refused
from saas.kernel.problem import CONTENT_TYPE, Problem, problem_of
from saas.kernel.servers import Servers, open_servers
from saas.portals.admin import (  # noqa: F401 - hang their routes on the staff's pages
    accounts,
    book,
    dispatch,
    letter_texts,
    payments,
    plugins,
    settlement,
)
from saas.portals.admin.pages import pages as admin_pages
from saas.portals.creditor import (  # noqa: F401 - hang their routes on the creditor's pages
    claims,
    direct,
    objections,
    reported,
)
from saas.portals.creditor import settlement as creditor_settlement  # noqa: F401 - as they do
from saas.portals.creditor.pages import pages as creditor_pages
from saas.portals.debtor import asked, disagree, letters, reach, what_if  # noqa: F401 - hang their routes on the debtor's pages
from saas.portals.debtor.pages import pages as debtor_pages
from saas.portals.law.pages import pages as law_pages
from saas.portals.pay.pages import pages as pay_pages
from saas.portals.plugin_routes import plugin_routes
from saas.portals.shared.frame import furnish
from saas.portals.shared.limits import address_and_path, limiter
from saas.portals.shared.sessions import IDLE_MINUTES, TenantCookies
from saas.portals.shared.tenancy import by_path_prefix, page
from saas.rules.words import say

MAX_FORM_BYTES = 20 * 1024 * 1024
API = "/api/"
WEBHOOKS = "/webhooks/"  # signed by whoever sends them
PLUGINS = "/x/"  # plugins' own paths: each says who may call
WRONG_KEYS = "30 per 15 minutes"  # per address; only calls with a key that does not fit count
OPEN_CALLS = "120 per minute"  # per address, for what needs no key
FORGED_CALLS = "120 per minute"  # per address and path; only calls that are not the provider's own count
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "X-Robots-Tag": "noindex",
}
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; "
    "form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
)
_HEADINGS: dict[type[FristError], str] = {
    Refused: say("Det går ikke nå"),
    NotFound: say("Vi finner ikke siden"),
    Forbidden: say("Du har ikke tilgang"),
    BadInput: say("Noe må rettes"),
}
_WORDS = {
    400: (say("Vi forsto ikke forespørselen"), say("Gå tilbake, last siden på nytt og prøv igjen.")),
    403: (say("Du har ikke tilgang"), say("Logg inn på nytt, eller spør en administrator hos dere.")),
    404: (say("Vi finner ikke siden"), say("Sjekk at adressen er skrevet riktig. Du finner den i brevet du har fått.")),
    405: (say("Vi finner ikke siden"), say("Sjekk at adressen er skrevet riktig.")),
    413: (
        say("Filen er for stor"),
        say("Filen kan være høyst {most} MB. Del den i flere.", most=MAX_FORM_BYTES // 1024**2),
    ),
    429: (say("Du har prøvd mange ganger"), say("Vent litt og prøv igjen.")),
}
_log = structlog.get_logger("web")


# Once a process: the limiter is one for all, and a second application would halve what the first lets through.
for _blueprint in BLUEPRINTS:
    limiter.limit(WRONG_KEYS, deduct_when=lambda response: response.status_code == 401)(_blueprint)
for _blueprint in (*OPEN_BLUEPRINTS, law_pages, plugin_routes):
    limiter.limit(OPEN_CALLS)(_blueprint)
limiter.limit(
    FORGED_CALLS, key_func=address_and_path, deduct_when=lambda response: response.status_code in (400, 404, 413)
)(webhooks)


def create_app(servers: Servers | None = None) -> Flask:
    """The web service: portals, API and health. Opens the configured servers unless given some already open."""
    servers = servers or open_servers()
    _configure_logging()
    app = Flask("frist", static_folder=None)
    app.config.update(
        SECRET_KEY=derived_key("flask"),
        SESSION_COOKIE_NAME="frist",
        SESSION_COOKIE_SECURE=settings().https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=IDLE_MINUTES),
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_PARTS=200,
        WTF_CSRF_CHECK_DEFAULT=False,  # checked below, for everything but the API, which carries keys and no cookies
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        RATELIMIT_STORAGE_URI=_limits_uri(servers.redis),
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,  # Redis away: each process still counts for itself
    )
    app.session_interface = TenantCookies()
    app.extensions["frist_redis"] = redis.Redis.from_url(servers.redis, socket_timeout=2)
    csrf = CSRFProtect(app)
    limiter.init_app(app)
    _log_requests(app)

    @app.before_request
    def check_csrf() -> None:
        if not request.path.startswith((API, WEBHOOKS, PLUGINS)):
            csrf.protect()

    furnish(app)
    app.register_blueprint(debtor_pages)
    app.register_blueprint(creditor_pages)
    app.register_blueprint(admin_pages)
    app.register_blueprint(law_pages)
    app.register_blueprint(pay_pages)
    app.register_blueprint(webhooks)
    app.register_blueprint(plugin_routes)
    register_api(app)
    app.add_url_rule("/healthz", "healthz", _health)
    app.after_request(_secure)
    _answer_errors(app)
    app.wsgi_app = by_path_prefix(app.wsgi_app)  # type: ignore[method-assign,assignment]
    if proxies := settings().proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    return app


def _limits_uri(redis_url: str) -> str:
    return f"redis+{redis_url}" if redis_url.startswith("unix://") else redis_url


def _secure(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    forms = " ".join(("'self'", *g.get("pay_origins", ())))  # a browser holds a form's redirect to it too
    response.headers.setdefault("Content-Security-Policy", _POLICY.format(forms=forms))
    if settings().https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def _health() -> tuple[Response, int]:
    """Whether the database and Redis answer; names what does not."""
    down = [name for name, ask in (("database", _ask_database), ("redis", _ask_redis)) if not _answers(ask)]
    return jsonify(status="down" if down else "ok", down=down), 503 if down else 200


def _ask_database() -> None:
    with directory_session() as session:
        session.execute(sa.text("select 1"))


def _ask_redis() -> None:
    current_app.extensions["frist_redis"].ping()


def _answers(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except (sa.exc.SQLAlchemyError, redis.RedisError, OSError):
        return False
    return True


# --- requests in the log --------------------------------------------------------------------------------------------


def _configure_logging() -> None:
    """JSON lines; a traceback never shows local values, which hold names and numbers of people."""
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )


def _log_requests(app: Flask) -> None:
    """One line a request: the route, never the address typed, so that no token, name or number is kept."""

    @app.before_request
    def begin() -> None:
        g.began, g.reference = clock.monotonic(), secrets.token_hex(4)

    @app.after_request
    def end(response: Response) -> Response:
        _log.info(
            "request",
            reference=g.get("reference"),
            method=request.method,
            route=request.url_rule.rule if request.url_rule else None,
            tenant=str(g.get("tenant_id") or ""),
            status=response.status_code,
            ms=round((clock.monotonic() - g.began) * 1000) if "began" in g else None,
        )
        return response


# --- errors, as a page with the same words the API gives ------------------------------------------------------------


def _answer_errors(app: Flask) -> None:
    app.register_error_handler(FristError, _said_no)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _our_fault)


def _said_no(error: FristError) -> Response | tuple[str, int]:
    heading = next((words for kind, words in _HEADINGS.items() if isinstance(error, kind)), None)
    if heading is None:
        return _our_fault(error)
    problem = problem_of(error)
    if _is_api():
        return _problem_response(problem)
    details = [text for found in getattr(error, "errors", {}).values() for text in _texts(found)]
    return _page(heading, problem.detail, details), problem.status


def _texts(found: object) -> list[object]:
    return list(found) if isinstance(found, list | tuple) else [found]


def _form_too_old(error: CSRFError) -> tuple[str, int]:
    text = say("Siden har stått åpen for lenge. Gå tilbake, last den på nytt og prøv igjen. Ingenting er sendt.")
    return _page(say("Siden må lastes på nytt"), text), 400


def _http_error(error: HTTPException) -> AnyResponse | tuple[str, int]:
    if error.code is None or error.code < 400:
        return error.get_response()
    heading, text = _WORDS.get(error.code, _WORDS[400])
    return _page(heading, text), error.code


def _our_fault(error: Exception) -> Response | tuple[str, int]:
    _log.error("failed", reference=g.get("reference"), exc_info=error)
    if _is_api():
        return _problem_response(problem_of(FristError()))
    text = say("Ingen penger er trukket, og ingenting er sendt. Prøv igjen om litt, eller ring oss.")
    return _page(say("Noe gikk galt hos oss"), text, reference=g.get("reference")), 500


def _problem_response(problem: Problem) -> Response:
    return Response(problem.to_json(), problem.status, content_type=CONTENT_TYPE)


def _is_api() -> bool:
    return request.path.startswith(API)


def _page(heading: str, text: str, details: list[Any] | None = None, reference: str | None = None) -> str:
    kind = "desk" if request.path.startswith("/creditor") else "debtor"
    return page(
        "shared/error.html", heading=heading, message=text, details=details or [], reference=reference, kind=kind
    )
