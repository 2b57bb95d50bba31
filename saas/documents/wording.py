"""What a letter says in fixed words: `wording/<kind>.toml`, with what all kinds share in `wording/common.toml`.

The languages of a sentence stand beside one another, so that they are read, changed and versioned together. A sentence
the law asks for has a `key`, under which `duties.csv` knows it; taken out in one language, no letter of that kind
leaves in that language.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from saas.documents.letter import Language, Letter, LetterKind
from saas.rules.words import BOKMAAL, LANGUAGES

WORDING = Path(__file__).parent / "wording"
COMMON = "common"
CONSEQUENCE = "nothing_done"  # the heading of a part that tells what may follow, and what stops it
_MARKUP = re.compile(r"\*(?P<bold>[^*]+)\*|\[(?P<language>nb|nn|en):(?P<foreign>[^\]]+)\]")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_OF_PARTS = {  # the sections of a kind's file or of the common one that each part of a letter says
    "owed": ("owed", "interest"),
}


class Piece(NamedTuple):
    """Some words of a sentence; `{name}` is a fact. `language` is another than the sentence's own, or empty."""

    words: str
    bold: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in each language it exists in."""

    key: str  # "" when no law asks for it
    when: tuple[tuple[str, bool], ...]  # facts that must be there, or must not
    joins: bool  # goes on in the same paragraph
    pieces: Mapping[str, tuple[Piece, ...]]

    def holds(self, facts: Iterable[str]) -> bool:
        """Whether it is said when these facts are there."""
        return all((name in facts) is wanted for name, wanted in self.when)

    def words(self, language: str) -> str:
        """The words without marks, with placeholders; "" when it is not said in that language."""
        return "".join(piece.words for piece in self.pieces.get(language, ()))


@dataclass(frozen=True, slots=True)
class Wording:
    """Everything a kind of letter can say, by section."""

    parts: tuple[str, ...]
    next_heading: str  # of the part that tells what comes
    disagree_heading: str
    sections: Mapping[str, tuple[Sentence, ...]]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages its heading is written in."""
        return tuple(name for name in LANGUAGES if any(name in each.pieces for each in self.sections["title"]))

    def sentences(self) -> Iterator[Sentence]:
        """All that can be said, in the order of the letter."""
        yield from self.sections["title"]
        for part in self.parts:
            for name in _OF_PARTS.get(part, (part,)):
                yield from self.sections.get(name, ())
            if part == "next" and self.next_heading == CONSEQUENCE:
                yield from self.sections["further_costs"]
                yield from self.sections["stops"]


class Said(NamedTuple):
    """All fixed words of a letter in its language, and those the law asks for by key; facts are placeholders."""

    by_key: Mapping[str, str]
    whole: str


def said_in(letter: Letter, folder: Path = WORDING) -> Said:
    """What the letter says in fixed words, and what its tenant and plugins have added."""
    fixed = _said_by(letter.kind, spoken(letter.kind, letter.language, folder), folder)
    added = [*(paragraph.text for paragraph in letter.paragraphs), *letter.extra_paragraphs]
    return Said(fixed.by_key, " ".join([fixed.whole, *added])) if added else fixed


def spoken(kind: LetterKind, language: str, folder: Path = WORDING) -> Language:
    """The language a reader of `language` gets that kind in: bokmål when it is not written in theirs."""
    return language if language in wording_of(kind, folder).languages else BOKMAAL  # type: ignore[return-value]


@cache
def _said_by(kind: LetterKind, language: str, folder: Path) -> Said:
    by_key: dict[str, str] = {}
    every = [(each.key, words) for each in wording_of(kind, folder).sentences() if (words := each.words(language))]
    for key, words in every:
        if key:
            by_key[key] = " ".join(filter(None, (by_key.get(key), words)))
    return Said(MappingProxyType(by_key), " ".join(words for _, words in every))


@cache
def wording_of(kind: LetterKind, folder: Path = WORDING) -> Wording:
    """The wording of a kind, read once. Raises FileNotFoundError, or ValueError for what is not written right."""
    own, common = _read(folder, kind.value), _read(folder, COMMON)
    sections = {name: _sentences(name, of) for name, of in (common | own).items() if isinstance(of, list) and of}
    return Wording(
        tuple(own["parts"]),
        own.get("next_heading", ""),
        own.get("disagree_heading", "disagree"),
        MappingProxyType({name: said for name, said in sections.items() if name != "parts"}),
    )


@cache
def label(table: str, name: str, language: str) -> str:
    """A fixed word of the letter's frame: `label("labels", "deadline", "nn")`."""
    return str(_read(WORDING, COMMON)[table][name][language])


@cache
def _read(folder: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))


def _sentences(section: str, rows: list[Any]) -> tuple[Sentence, ...]:
    return tuple(_sentence(section, row) for row in rows if isinstance(row, dict))


def _sentence(section: str, row: Mapping[str, Any]) -> Sentence:
    if unknown := set(row) - {"key", "when", "joins", *LANGUAGES}:
        raise ValueError(f"{section}: nobody knows what {sorted(unknown)} means")
    spoken_in = {language: str(row[language]) for language in LANGUAGES if language in row}
    facts = {frozenset(_PLACEHOLDER.findall(words)) for words in spoken_in.values()}
    if len(facts) != 1:
        raise ValueError(f"{section}: not the same facts in every language: {spoken_in}")
    pieces = {language: tuple(_pieces(words)) for language, words in spoken_in.items()}
    return Sentence(str(row.get("key", "")), _conditions(row.get("when", "")), bool(row.get("joins")), pieces)


def _conditions(when: str) -> tuple[tuple[str, bool], ...]:
    tokens = [token.split() for token in when.split(" and ")] if when else []
    return tuple((words[-1], words[0] != "not") for words in tokens)


def _pieces(words: str) -> Iterator[Piece]:
    at = 0
    for mark in _MARKUP.finditer(words):
        if mark.start() > at:
            yield Piece(words[at : mark.start()])
        yield Piece(mark["bold"] or mark["foreign"], bool(mark["bold"]), mark["language"] or "")
        at = mark.end()
    if at < len(words):
        yield Piece(words[at:])
