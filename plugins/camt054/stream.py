"""XML from outside, element by element: no document type, no entities, no network, and never the whole tree."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from saas.hooks import BankFileError

ROOM_BYTES = 4_000_000
"""How much may be read between two elements we know: a payment takes a thousand bytes or two."""

VERSIONS = ("02", "04", "08")
STARTS = ("Ntry", "NtryDtls")
ENDS = ("GrpHdr", "Ntfctn", "Ntry", "NtryDtls", "TxDtls")
_PATHS = {  # an element counts where it belongs, and not inside some supplementary data
    "BkToCstmrDbtCdtNtfctn": "Document",
    "GrpHdr": "BkToCstmrDbtCdtNtfctn",
    "Ntfctn": "BkToCstmrDbtCdtNtfctn",
    "Ntry": "Ntfctn",
    "NtryDtls": "Ntry",
    "TxDtls": "NtryDtls",
}
_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.054\.001\.([0-9]{2})")

Element = Any  # lxml's, which has no types


class Stream:
    """The elements of a message as they begin and end. What has been read of the file is let go again."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._room, self.at_end = file, ROOM_BYTES, False
        self.namespace = ""  # in braces, known when the first element has come

    def read(self, size: int = -1) -> bytes:
        """The parser's way to more bytes. Raises BankFileError when they lead nowhere."""
        piece = self._file.read(size)
        self._room -= len(piece)
        self.at_end = not piece
        if self._room < 0:
            raise BankFileError(
                "Filen har et element som er for stort til å være et varsel fra banken.", 0, "too_large"
            )
        return piece

    def elements(self) -> Iterator[tuple[str, str, Element]]:
        """(`start` or `end`, name, element). Raises BankFileError for another document, lxml's error for bad XML."""
        events = etree.iterparse(
            self, events=("start", "end"), tag=tuple(f"{{*}}{name}" for name in ("Document", *ENDS)),
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        for event, element in events:
            name = element.tag.rpartition("}")[2]
            if not self.namespace:
                self._begin(element, name)
            if name == "Document" or element.tag != self.namespace + name or not self._belongs(element, name):
                continue
            if event == "end":
                yield event, name, element
                self._room = ROOM_BYTES
                _let_go(element)
            elif name in STARTS:
                yield event, name, element
        if not self.namespace:
            raise _unknown_document()

    def _begin(self, root: Element, name: str) -> None:
        """The outermost element says what the file is. Raises BankFileError."""
        if root.getroottree().docinfo.doctype:
            raise BankFileError(
                "Filen har en dokumenttype (DOCTYPE), som en fil fra banken ikke skal ha.", 0, "doctype"
            )
        namespace = _NAMESPACE.fullmatch(root.nsmap.get(root.prefix) or "")
        if name != "Document" or root.getparent() is not None or namespace is None:
            raise _unknown_document()
        if namespace[1] not in VERSIONS:
            known = ", ".join(VERSIONS)
            message = f"Filen er camt.054 versjon 001.{namespace[1]}. Vi leser versjonene {known}."
            raise BankFileError(message, 0, "unknown_version")
        self.namespace = f"{{{namespace[0]}}}"

    def _belongs(self, element: Element, name: str) -> bool:
        parent = element.getparent()
        while name in _PATHS:
            name = _PATHS[name]
            if parent is None or parent.tag != self.namespace + name:
                return False
            parent = parent.getparent()
        return True


def _let_go(element: Element) -> None:
    """Forget what an element held, and those before it."""
    element.clear(keep_tail=False)
    parent = element.getparent()
    if parent is not None and element.tag.rpartition("}")[2] != "NtryDtls":  # before it stands the entry's own head
        while element.getprevious() is not None:
            del parent[0]


def _unknown_document() -> BankFileError:
    return BankFileError("Filen er ikke et camt.054-varsel.", 0, "unknown_document")
