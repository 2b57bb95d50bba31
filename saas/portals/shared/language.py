"""The language of a page: what the person has chosen, else what we know of them, else what their browser asks for.

Chosen with `?language=nn`, which is remembered in a cookie; then the language their letters are in, when that is not
bokmål, which is only what we write when nobody has said anything; then the browser's. Desks are in bokmål, that of
dispatch also in what is chosen.

Templates say `t("Fristen er {day}.", day=…)`; the bokmål sentence is the key of its translation in `portals/locale`.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date
from flask import Response, g, has_request_context, request, session
from markupsafe import Markup

from saas.kernel.config import settings
from saas.rules.words import (
    BOKMAAL,
    ENGLISH,
    LANGUAGES,
    Kroner,
    add_translations,
    catalogue,
    in_language,
    say,
)

add_translations(Path(__file__).parent.parent / "locale")
NAMES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
COOKIE = "frist_language"
_DESKS, _SPEAKING_DESKS = ("/creditor", "/admin"), ("/admin/dispatch",)
_YEAR = 365 * 24 * 3600
_BREAK_FREE = "\N{NO-BREAK SPACE}"


def language_asked() -> str:
    """The language the address asks for; bokmål when it asks for none of ours."""
    asked = request.args.get("language")
    return asked if asked in LANGUAGES else BOKMAAL


def language_chosen() -> str | None:
    """The language this person has chosen, now or before; None when they never have."""
    chosen = (request.args.get("language"), request.cookies.get(COOKIE))
    return next((code for code in chosen if code in LANGUAGES), None)


def language_here() -> str:
    """The language of this request's page."""
    if not has_request_context() or (request.path.startswith(_DESKS) and not request.path.startswith(_SPEAKING_DESKS)):
        return BOKMAAL
    if chosen := language_chosen():
        return chosen
    if request.path.startswith(_DESKS):
        return BOKMAAL  # most desks speak nothing else, and whoever works there should not be met by two languages
    known = g.get("language_of_letters") or session.get("language")
    return known if known in LANGUAGES and known != BOKMAAL else _browsers_language()


def letters_are_in(language: str) -> None:
    """The language of the letters this person gets, as far as this request knows."""
    g.language_of_letters = language


def letters_are_now_in(language: str) -> None:
    """The person has just chosen the language of their letters: the rest of their visit is in it too."""
    session["language"] = language


def remember_language(response: Response) -> Response:
    """Keep what was chosen in the address, for this tenant's pages only."""
    if (asked := request.args.get("language")) in LANGUAGES:
        path = request.script_root or "/"
        response.set_cookie(
            COOKIE, asked, max_age=_YEAR, path=path, secure=settings().https, httponly=True, samesite="Lax"
        )
    return response


def _browsers_language() -> str:
    """The first of the browser's languages that we speak; `no` is bokmål."""
    for code, _ in request.accept_languages:
        spoken_code = {"no": BOKMAAL}.get(short := code.lower().partition("-")[0], short)
        if spoken_code in LANGUAGES:
            return spoken_code
    return BOKMAAL


def spoken(language: str) -> dict[str, Any]:
    """What a template needs to speak a language."""
    return {
        "language": language,
        "kept_language": None if language == BOKMAAL else language,
        "t": partial(translated, language),
        "money": partial(money, language),
        "day": partial(day, language),
        "short_day": partial(short_day, language),
        "listed": partial(listed, language),
        "said": partial(said, language),
    }


def other_languages(language: str) -> list[tuple[str, str, str]]:
    """(code, name, address) of this page in the other languages, with all that was typed."""
    typed = [(name, value) for name, value in request.args.items(multi=True) if name != "language"]
    return [(code, name, _address(code, typed)) for code, name in NAMES.items() if code != language]


def _address(language: str, typed: Sequence[tuple[str, str]]) -> str:
    return f"{request.script_root}{request.path}?{urlencode([*typed, ('language', language)])}"


def translated(language: str, template: str, /, **values: object) -> Markup:
    """The sentence with its values; a value may be markup, other text is escaped."""
    found = template if language == BOKMAAL else catalogue(language).get(template, template)
    return Markup(found).format(**values) if values else Markup(found)  # noqa: S704 - ours, never typed


def said(language: str, words: str) -> str:
    """Words from elsewhere in this language; plain text as it is."""
    return in_language(words, language)


def money(language: str, ore: int) -> str:
    """`1 568,72 kr`, in English `NOK 1,568.72`."""
    return Kroner(ore).said(language)


def day(language: str, value: date) -> str:
    """`tirsdag 8. desember 2026`, `tysdag 8. desember 2026`, `Tuesday 8 December 2026`."""
    return format_date(value, f"EEEE {_day_and_month(language)} y", locale=language)


def short_day(language: str, value: date) -> str:
    """`8. desember 2026`, `8 December 2026`."""
    return format_date(value, f"{_day_and_month(language)} y", locale=language)


def _day_and_month(language: str) -> str:
    """Day and month are never parted by a line break."""
    return f"{'d' if language == ENGLISH else 'd.'}{_BREAK_FREE}MMMM"


def listed(language: str, words: Sequence[str]) -> str:
    """`a, b og c`."""
    if len(words) < 2:
        return "".join(words)
    return in_language(say("{first} og {last}", first=", ".join(words[:-1]), last=words[-1]), language)
