"""What every page shares: stylesheets under hashed addresses, the tenant's colour, filters, and the frame's words."""

import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, url_for

from saas.portals.shared import words
from saas.portals.shared.brand import Stylesheet, stylesheet
from saas.portals.shared.language import spoken
from saas.portals.shared.sessions import session_words
from saas.portals.shared.tenancy import house
from saas.rules.words import BOKMAAL

shared = Blueprint("shared", __name__, template_folder="templates")
_STATIC = Path(__file__).parent / "static"
_FOR_EVER = "public, max-age=31536000, immutable"


@cache
def _asset(name: str) -> tuple[bytes, str]:
    content = (_STATIC / name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a static file; it changes when the file does."""
    return url_for("shared.static_file", digest=_asset(name)[1], name=name)


@shared.get("/assets/<digest>/<name>")
def static_file(digest: str, name: str) -> Response:
    """A static file, kept for ever by browsers."""
    if name not in {path.name for path in _STATIC.iterdir()}:
        abort(404)
    content, known = _asset(name)
    return _kept(content, mimetypes.guess_type(name)[0] or "application/octet-stream", fresh=digest == known)


@shared.get("/brand/<digest>.css")
def brand(digest: str) -> Response:
    """The tenant's colour."""
    sheet = _sheet()
    return _kept(sheet.css.encode(), "text/css", fresh=digest == sheet.digest)


def brand_url() -> str:
    """The address of the tenant's colour; it changes when the colour does."""
    return url_for("shared.brand", digest=_sheet().digest)


def _sheet() -> Stylesheet:
    settings = house()
    return stylesheet(settings.brand_colour if settings else "")


def _kept(content: bytes, mimetype: str, *, fresh: bool) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Cache-Control"] = _FOR_EVER if fresh else "no-cache"
    return response


def furnish(app: Flask) -> None:
    """Give every template the filters and the frame's words."""
    app.jinja_env.filters.update(words.FILTERS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(spoken(BOKMAAL))
    app.jinja_env.globals.update(
        asset=asset,
        brand_url=brand_url,
        CLOSED=words.CLOSED,
        LETTERS=words.LETTERS,
        LETTER_STATES=words.LETTER_STATES,
        STAGES=words.STAGES,
        STEPS=words.STEPS,
        HOLDS=words.HOLDS,
    )
    app.context_processor(lambda: {"house": house(), **session_words()})
    app.register_blueprint(shared)
