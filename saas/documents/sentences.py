"""What a letter says in fixed words: the sentences of its template, under the keys `duties.csv` knows them by.

A template marks a sentence the law asks for with `#said("key")[…]`. It is read from the source, so a sentence that is
taken out, or out of a part the kind uses, is missed before a letter leaves.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from saas.documents.letter import Letter, LetterKind

TEMPLATES = Path(__file__).parent / "templates"
LIBRARY = "frist.typ"
_COMMENT = re.compile(r"(^|\s)//.*$", re.M)
_PART = re.compile(r"^#let (?P<name>[\w-]+)", re.M)
_MARK = re.compile(r'said\("(?P<key>\w+)"(?P<end>[,)])')


class Said(NamedTuple):
    """All fixed words of a letter, and those the law asks for by key. Of a template: its source, without facts."""

    by_key: Mapping[str, str]
    whole: str


def said_in(letter: Letter, templates: Path = TEMPLATES) -> Said:
    """What the letter says: its template's words, or those it brings itself when its kind has no template."""
    if template_of(letter.kind, templates) is not None:
        return _said_by_template(letter.kind, templates)
    words = [" ".join(sentence.words.split()) for sentence in letter.sentences]
    return Said(dict(zip([sentence.key for sentence in letter.sentences], words, strict=True)), " ".join(words))


def template_of(kind: LetterKind, templates: Path = TEMPLATES) -> Path | None:
    """The file of that kind; None when there is none yet."""
    path = templates / f"{kind.value}.typ"
    return path if path.is_file() else None


@cache
def _said_by_template(kind: LetterKind, templates: Path) -> Said:
    own = _source(templates / f"{kind.value}.typ")
    parts = _parts(_source(templates / LIBRARY))
    used, seen = own, set[str]()
    while found := {name for name in parts if name not in seen and re.search(rf"(?<![\w-]){name}[(.]", used)}:
        seen |= found
        used += "".join(parts[name] for name in sorted(found))
    return Said({mark["key"]: _body(used, mark) for mark in _MARK.finditer(used)}, " ".join(used.split()))


def _source(path: Path) -> str:
    return _COMMENT.sub(r"\1", path.read_text(encoding="utf-8"))


def _parts(library: str) -> dict[str, str]:
    """What each definition of the library says, by name."""
    starts = [*_PART.finditer(library)]
    ends = [start.start() for start in starts[1:]] + [len(library)]
    return {start["name"]: library[start.end() : end] for start, end in zip(starts, ends, strict=True)}


def _body(source: str, mark: re.Match[str]) -> str:
    """From the mark to the bracket that closes it: `said("key")[…]`, or `said("key", …)` for a text."""
    opening, closing = ("[", "]") if mark["end"] == ")" else ("(", ")")
    at = source.index("[", mark.end()) + 1 if opening == "[" else mark.end()
    depth, end = 1, at
    while depth:
        depth += {opening: 1, closing: -1}.get(source[end], 0)
        end += 1
    return " ".join(source[at : end - 1].split())
