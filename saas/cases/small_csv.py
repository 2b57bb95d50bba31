"""A small file from a creditor (CSV): rows of text under the headings people write; what they mean, a schema says."""

import csv
from collections.abc import Collection, Mapping
from io import StringIO

from saas.kernel.errors import BadInput

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 5_000
CUT_OFF = "Raden har et annet antall kolonner enn overskriften. Er den kuttet?"


def read_small_csv(
    content: bytes,
    fields: Collection[str],
    synonyms: Mapping[str, str],
    needed: Collection[Collection[str]],
    needed_in_words: str,
) -> list[tuple[int, dict[str, str]]]:
    """The rows with the line each stands on; a row that does not fit the heading comes empty.

    UTF-8 with or without mark, else Windows-1252; `;`, `,` or tab, told from the heading. Of each group in `needed`
    one column must be there. Raises BadInput (`file`) when it cannot be read as such a file.
    """
    if len(content) > MOST_BYTES:
        raise BadInput({"file": [f"Filen er større enn {MOST_BYTES // 1024**2} MB. Del den i flere."]})
    if b"\x00" in content:
        raise BadInput({"file": ["Filen er ikke ren tekst. Lagre den som «CSV UTF-8» og last opp på nytt."]})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    lines = text.lstrip("\r\n").splitlines()
    if not lines:
        raise BadInput({"file": ["Filen er tom."]})
    reader = csv.reader(StringIO(text, newline=""), delimiter=max(";,\t", key=lines[0].count), strict=True)
    try:
        columns = _columns(next((cells for cells in reader if any(cells)), []), fields, synonyms)
        if not all(set(group) & set(columns) for group in needed) or len(set(columns)) < len(columns):
            raise BadInput({"file": [needed_in_words]})
        rows = [
            (reader.line_num, dict(zip(columns, cells, strict=False) if len(cells) == len(columns) else ()))
            for cells in reader
            if any(cells)
        ]
    except csv.Error:
        raise BadInput({"file": [f"Linje {reader.line_num}: et anførselstegn mangler sin make."]}) from None
    if not 0 < len(rows) <= MOST_ROWS:
        raise BadInput({"file": [f"Filen må ha minst én rad, og høyst {MOST_ROWS}."]})
    return rows


def _columns(heading: list[str], fields: Collection[str], synonyms: Mapping[str, str]) -> list[str]:
    while heading and not heading[-1].strip():
        heading = heading[:-1]
    names = ["_".join(cell.strip().lower().replace("-", " ").replace("_", " ").split()) for cell in heading]
    columns = [synonyms.get(name, name) for name in names]
    unknown = [cell for cell, column in zip(heading, columns, strict=True) if column not in fields]
    if unknown:
        told = ", ".join(f"«{cell[:40]}»" for cell in unknown[:5])
        raise BadInput({"file": [f"Disse kolonnene kjenner vi ikke: {told}."]})
    return columns
