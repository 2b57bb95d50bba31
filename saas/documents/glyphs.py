"""What the letters' face can print, and text made fit for it: nothing is lost unseen."""

import re
import struct
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import font_source_sans_pro

from saas.documents.values import NBSP

FONT_FILES = tuple(
    Path(font_source_sans_pro.font_directory) / f"SourceSansPro-{weight}.otf" for weight in ("Regular", "Bold")
)
NO_GLYPH = "\N{BALLOT BOX}"  # in the font, and looks like what it stands for
LONGEST_WORD = 30  # a break is allowed after so many characters
_LONG_WORD = re.compile(f"[^ ]{{{LONGEST_WORD + 1}}}")
FORMAT_CHARACTERS = {"Cc", "Cf", "Cs"}  # control, invisible (those that turn the writing direction too), half of one


def printable(value: Any) -> Any:
    """The same structure with every text fit to print: no character without a glyph, none that cannot be seen."""
    if isinstance(value, dict):
        return {key: printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item) for item in value]
    return _printable_text(value) if isinstance(value, str) else value


def seen(text: str) -> str:
    """`text` in NFC, every kind of space but the no-break one a plain space, what cannot be seen left out."""
    if unicodedata.is_normalized("NFC", text) and text.replace(NBSP, " ").isprintable():
        return text  # nothing to do in nearly every text, and this asks it quickly
    spaced = "".join(" " if char.isspace() and char != NBSP else char for char in unicodedata.normalize("NFC", text))
    return "".join(char for char in spaced if unicodedata.category(char) not in FORMAT_CHARACTERS)


def _printable_text(text: str) -> str:
    known = _characters()
    clean = seen(text)
    if not known.issuperset(clean):
        clean = "".join(char if char in known else NO_GLYPH for char in clean)
    if not _LONG_WORD.search(clean):
        return clean
    return " ".join(_breakable(word) for word in clean.split(" "))


def _breakable(word: str) -> str:
    if len(word) <= LONGEST_WORD:
        return word
    return "\N{ZERO WIDTH SPACE}".join(word[i : i + LONGEST_WORD] for i in range(0, len(word), LONGEST_WORD))


@cache
def _characters() -> frozenset[str]:
    """What all our font files can print."""
    return frozenset.intersection(*(_characters_of(path.read_bytes()) for path in FONT_FILES))


def _characters_of(font: bytes) -> frozenset[str]:
    """Characters of an OpenType font: the segmented coverage (format 12) of its full Unicode cmap (3, 10)."""
    (table_count,) = struct.unpack_from(">H", font, 4)
    records = [struct.unpack_from(">4sIII", font, 12 + 16 * n) for n in range(table_count)]
    cmap = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    (map_count,) = struct.unpack_from(">H", font, cmap + 2)
    maps = [struct.unpack_from(">HHI", font, cmap + 4 + 8 * n) for n in range(map_count)]
    full = cmap + next(offset for platform, encoding, offset in maps if (platform, encoding) == (3, 10))
    (group_count,) = struct.unpack_from(">I", font, full + 12)
    groups = struct.iter_unpack(">III", font[full + 16 : full + 16 + 12 * group_count])
    return frozenset(chr(code) for first, last, _ in groups for code in range(first, last + 1))
