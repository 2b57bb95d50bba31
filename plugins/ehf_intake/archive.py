"""The documents in a file: the one it is, or those packed in a zip file. A zip file can lie about all it holds."""

import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from saas.hooks import IntakeFileError

LARGEST_DOCUMENT = 20_000_000  # an invoice with its PDF copies
LARGEST_IN_ALL = 200_000_000
MOST_DOCUMENTS = 10_000
_ZIP = b"PK\x03\x04"


def is_archive(head: bytes) -> bool:
    """Whether these first bytes are a zip file whose first part is an XML document; a spreadsheet is none."""
    if not head.startswith(_ZIP) or len(head) < 30:
        return False
    name = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    return name.lower().endswith(b".xml") and b"[Content_Types]" not in name


def documents(file: BinaryIO) -> Iterator[tuple[bytes, str]]:
    """(content, problem) of each document; one that cannot be unpacked has a problem. Raises IntakeFileError."""
    head = file.read(30 + 1_000)
    file.seek(0)
    if not head.startswith(_ZIP):
        yield _limited(file.read(LARGEST_DOCUMENT + 1))
        return
    try:
        with zipfile.ZipFile(file) as archive:
            parts = [part for part in archive.infolist() if _is_document(part)]
            if len(parts) > MOST_DOCUMENTS:
                raise IntakeFileError(f"Zip-filen har mer enn {MOST_DOCUMENTS} fakturaer. Del den i flere.")
            yield from _unpacked(archive, parts)
    except zipfile.BadZipFile:
        raise IntakeFileError("Zip-filen er skadet. Lag den på nytt.") from None


def _unpacked(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> Iterator[tuple[bytes, str]]:
    room = LARGEST_IN_ALL
    for part in parts:
        try:
            with archive.open(part) as document:
                content, problem = _limited(document.read(LARGEST_DOCUMENT + 1))
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
            content, problem = b"", "Dokumentet i zip-filen er skadet eller låst med passord."
        room -= len(content)
        if room < 0:
            raise IntakeFileError("Zip-filen er for stor når den pakkes ut. Del den i flere.")
        yield content, problem


def _limited(content: bytes) -> tuple[bytes, str]:
    if len(content) > LARGEST_DOCUMENT:
        return b"", f"Dokumentet er større enn {LARGEST_DOCUMENT // 10**6} MB."
    return content, ""


def _is_document(part: zipfile.ZipInfo) -> bool:
    name = part.filename.rpartition("/")[2]
    return name.lower().endswith(".xml") and not name.startswith(".") and "__MACOSX" not in part.filename
