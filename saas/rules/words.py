"""What the law says to a person: whole sentences, said in bokmål and kept so that they can be said in nynorsk and
English too.

A sentence is a template with named placeholders (`say`); its nynorsk and English stand in `locale/*/…/rules.po`. Dates,
amounts and numbers are put in as values, never as text, because each language writes them its own way.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from saas.rules.facts import Step
from saas.rules.money import kroner

BOKMAAL, NYNORSK, ENGLISH = "nb", "nn", "en"
LANGUAGES = (BOKMAAL, NYNORSK, ENGLISH)
_FOLDERS = [Path(__file__).parent / "locale"]
_NORWEGIAN_MONTHS = (
    "januar februar mars april mai juni juli august september oktober november desember".split()  # noqa: SIM905
)
_ENGLISH_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_WEEKDAYS = {
    BOKMAAL: "mandag tirsdag onsdag torsdag fredag lørdag søndag".split(),  # noqa: SIM905
    NYNORSK: "måndag tysdag onsdag torsdag fredag laurdag søndag".split(),  # noqa: SIM905
    ENGLISH: "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),  # noqa: SIM905
}
_PLACEHOLDER = re.compile(r"\{\w+\}")
_LETTER = re.compile(r"[^\W\d_]")


# --- values: each language writes them its own way ------------------------------------------------------------------


class Value:
    """Something each language writes its own way."""

    __slots__ = ()

    def said(self, language: str) -> str:
        """The value in that language."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Kroner(Value):
    """An amount with its unit: `1 568,72 kr`, in English `NOK 1,568.72`; no line breaks inside it."""

    ore: int

    def said(self, language: str) -> str:
        return _kroner_text(self.ore, language)


@dataclass(frozen=True, slots=True)
class Amount(Value):
    """An amount in kroner without its unit, for arithmetic: `1 568,72`, in English `1,568.72`."""

    ore: int

    def said(self, language: str) -> str:
        return amount_text(self.ore, language)


@dataclass(frozen=True, slots=True)
class Percent(Value):
    """A rate in per cent: `12,25 %`, in English `12.25 %`; the decimals are kept as they stand."""

    value: Decimal

    def said(self, language: str) -> str:
        return f"{decimal_text(self.value, language)}\u00a0%"


@dataclass(frozen=True, slots=True)
class Weekday(Value):
    """A day with its weekday: `tirsdag 8. desember 2026`; day and month are never parted by a line break."""

    on: date

    def said(self, language: str) -> str:
        return f"{_WEEKDAYS[language][self.on.weekday()]} {day_text(self.on, language).replace(' ', chr(0xA0), 1)}"


@dataclass(frozen=True, slots=True)
class Lowered(Value):
    """A name that stands inside a sentence: its first letter small, unless it is an abbreviation."""

    name: str

    def said(self, language: str) -> str:
        name = in_language(self.name, language)
        return name if name[:2].isupper() else name[:1].lower() + name[1:]


@lru_cache(maxsize=8192)
def day_text(day: date, language: str = BOKMAAL) -> str:
    """`13. oktober 2026`, in English `13 October 2026`."""
    if language == ENGLISH:
        return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day}. {_NORWEGIAN_MONTHS[day.month - 1]} {day.year}"


def decimal_text(value: Decimal, language: str = BOKMAAL) -> str:
    """`12,00`, `0,4`: the number as it stands, with a decimal comma; a point in English."""
    text = format(value, "f")
    return text if language == ENGLISH else text.replace(".", ",")


def amount_text(ore: int, language: str = BOKMAAL) -> str:
    """`156872` → `1 568,72`, in English `1,568.72`."""
    if language != ENGLISH:
        return kroner(ore)
    sign, ore = ("−" if ore < 0 else ""), abs(ore)
    return f"{sign}{ore // 100:,}.{ore % 100:02d}"


@lru_cache(maxsize=8192)
def _kroner_text(ore: int, language: str) -> str:
    amount = amount_text(ore, language)
    return f"NOK\u00a0{amount}" if language == ENGLISH else f"{amount}\u00a0kr"


# --- sentences ------------------------------------------------------------------------------------------------------


class Words(str):
    """Bokmål words that remember the template they were made from and the values put into it."""

    __slots__ = ("template", "values")
    template: str
    values: dict[str, object]

    def format(self, *_: object, **__: object) -> "Words":
        """Itself: it is filled already. A library that fills in its messages must not make plain text of it."""
        return self


def say(template: str, /, **values: object) -> Words:
    """The template with its values, in bokmål.

    A value is a date, a Decimal, a whole number, a Value as Kroner or Percent, plain text (a name, an invoice number)
    or other Words. Without values the template is the text as it stands.
    """
    words = Words(_in_bokmaal(template, values) if values else template)
    words.template, words.values = template, values
    return words


def joined(parts: Sequence[str], between: str = " ") -> Words:
    """Words after one another, with punctuation between: `joined([sentence, next_sentence])`."""
    names = [f"part{nth}" for nth in range(len(parts))]
    template = between.join(f"{{{name}}}" for name in names)
    return say(template, **{name: part for name, part in zip(names, parts, strict=True)})


def in_language(text: str, language: str) -> str:
    """`text` in nb, nn or en: Words are looked up with everything in them, other text comes back as it is.

    A sentence without a translation is said in bokmål from end to end. Raises ValueError for another language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"{language} is not one of {', '.join(LANGUAGES)}")
    if language == BOKMAAL or not isinstance(text, Words):
        return str(text)
    template = text.template if is_wordless(text.template) else catalogue(language).get(text.template)
    return str(text) if template is None else _filled(template, text.values, language)


def all_in_language(answer: Any, language: str) -> Any:
    """An answer with every Words in it said in that language: a dataclass, tuple, list or dictionary of them."""
    if isinstance(answer, Words):
        return in_language(answer, language)
    if language == BOKMAAL:
        return answer
    if is_dataclass(answer) and not isinstance(answer, type):
        said = {f.name: all_in_language(getattr(answer, f.name), language) for f in fields(answer) if f.init}
        return replace(answer, **said)
    if isinstance(answer, Mapping):
        return {key: all_in_language(each, language) for key, each in answer.items()}
    if isinstance(answer, tuple) and hasattr(answer, "_fields"):
        return type(answer)(*(all_in_language(each, language) for each in answer))
    if isinstance(answer, tuple | list):
        return type(answer)(all_in_language(each, language) for each in answer)
    return answer


def _filled(template: str, values: Mapping[str, object], language: str) -> str:
    if not values:
        return template
    if language == BOKMAAL:
        return _in_bokmaal(template, values)
    return template.format_map({name: _said(value, language) for name, value in values.items()})


def _in_bokmaal(template: str, values: Mapping[str, object]) -> str:
    """Filled the short way: a case is some twenty sentences, said in bokmål every night."""
    text, names = _printf(template)
    return text % tuple(
        [
            value
            if (kind := (value := values[name]).__class__) in _AS_IT_STANDS
            else _IN_BOKMAAL.get(kind, _said)(value)
            for name in names
        ]
    )


@lru_cache(maxsize=4096)
def _printf(template: str) -> tuple[str, tuple[str, ...]]:
    """`Betalt {day}.` as `Betalt %s.` and its names: twice as fast to fill."""
    names = tuple(found[1:-1] for found in _PLACEHOLDER.findall(template))
    return _PLACEHOLDER.sub("%s", template.replace("%", "%%")), names


def _said(value: object, language: str = BOKMAAL) -> object:
    if isinstance(value, Words):
        return in_language(value, language)
    if isinstance(value, Value):
        return value.said(language)
    if isinstance(value, date):
        return day_text(value, language)
    return decimal_text(value, language) if isinstance(value, Decimal) else value


def _kroner_in_bokmaal(value: Kroner) -> str:
    return f"{_amount(value.ore)}\u00a0kr"


def _amount_in_bokmaal(value: Amount) -> str:
    return _amount(value.ore)


def _percent_in_bokmaal(value: Percent) -> str:
    return _percent(value.value)


@lru_cache(maxsize=256)
def _percent(value: Decimal) -> str:
    return f"{decimal_text(value)}\u00a0%"


_amount = lru_cache(maxsize=1024)(kroner)  # a case says the same amount many times over


_AS_IT_STANDS = frozenset({str, int, Words})
_IN_BOKMAAL: dict[type, Callable[[Any], object]] = {
    date: day_text,
    Kroner: _kroner_in_bokmaal,
    Amount: _amount_in_bokmaal,
    Percent: _percent_in_bokmaal,
}


# --- the translations -----------------------------------------------------------------------------------------------


def add_translations(folder: Path) -> None:
    """Sentences said outside the rules: `folder` holds `nn/LC_MESSAGES/*.po` and `en/LC_MESSAGES/*.po`."""
    if folder not in _FOLDERS:
        _FOLDERS.append(folder)
        catalogue.cache_clear()


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every template with its translation, from the language's gettext files, read once."""
    files = [file for folder in _FOLDERS for file in sorted((folder / language / "LC_MESSAGES").glob("*.po"))]
    return {str(entry.id): str(entry.string) for file in files for entry in _entries(file) if entry.id and entry.string}


def _entries(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened, locale=file.parent.parent.name)


@lru_cache(maxsize=4096)
def is_wordless(template: str) -> bool:
    """Nothing but placeholders, figures and signs, so it is the same in every language."""
    return _LETTER.search(_PLACEHOLDER.sub("", template)) is None


LETTER_NAMES = {
    Step.REMINDER: say("purringen"),
    Step.COLLECTION_NOTICE: say("inkassovarselet"),
    Step.PAYMENT_DEMAND: say("betalingsoppfordringen"),
}
