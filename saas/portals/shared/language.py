"""The language of a page: asked for with `?language=nn`, and kept by every link and form on it.

Templates say `t("Fristen er {day}.", day=…)`; the bokmål sentence is the key of its translation in `portals/locale`.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date
from flask import request
from markupsafe import Markup

from saas.rules.words import BOKMAAL, ENGLISH, LANGUAGES, Kroner, add_translations, catalogue, in_language, say

add_translations(Path(__file__).parent.parent / "locale")
NAMES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
_BREAK_FREE = "\N{NO-BREAK SPACE}"


def language_asked() -> str:
    """The language of this request's page; bokmål when none of ours is asked for."""
    asked = request.args.get("language")
    return asked if asked in LANGUAGES else BOKMAAL


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
    }


def other_languages(language: str) -> list[tuple[str, str, str]]:
    """(code, name, address) of this page in the other languages, with all that was typed."""
    typed = [(name, value) for name, value in request.args.items(multi=True) if name != "language"]
    return [(code, name, _address(code, typed)) for code, name in NAMES.items() if code != language]


def _address(language: str, typed: Sequence[tuple[str, str]]) -> str:
    wanted = [*typed, ("language", language)] if language != BOKMAAL else typed
    return f"{request.script_root}{request.path}{'?' if wanted else ''}{urlencode(wanted)}"


def translated(language: str, template: str, /, **values: object) -> Markup:
    """The sentence with its values; a value may be markup, other text is escaped."""
    found = template if language == BOKMAAL else catalogue(language).get(template, template)
    return Markup(found).format(**values) if values else Markup(found)  # noqa: S704 - ours, never typed


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
