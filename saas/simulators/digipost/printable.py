"""Whether a PDF can be printed, and whether it can be delivered at all: the checks of Digipost's own validator."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

MM = 72 / 25.4  # points
MOST_PAGES = 20
SHORT, LONG, OVER, UNDER = 210, 297, 0, 10  # mm
STRIP = ((0, 15), (95, 175))  # mm from the left and from the top, where the bar code is put
VERSIONS = tuple(f"1.{minor}" for minor in range(8))
FREE_FONTS = ("Times", "Courier", "Helvetica", "Symbol", "ZapfDingbats", "Arial")
OK_FOR_WEB = frozenset({
    "PDF_IS_ENCRYPTED", "TOO_MANY_PAGES_FOR_AUTOMATED_PRINT", "UNSUPPORTED_PDF_VERSION_FOR_PRINT",
    "INSUFFICIENT_MARGIN_FOR_PRINT", "UNSUPPORTED_DIMENSIONS", "PDF_PARSE_PAGE_ERROR",
})  # fmt: skip
_LEAST_BYTES = 100  # ours: the real limit is not known


def flaws(content: bytes) -> list[str]:
    """Everything wrong with it, by the validator's own names; nothing when it can be printed."""
    if len(content) < _LEAST_BYTES:
        return ["DOCUMENT_TOO_SMALL"]
    if not content.startswith(b"%PDF-"):
        return ["INVALID_PDF"]
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted:
            return ["PDF_IS_ENCRYPTED"]
        pages = list(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ["PDF_PARSE_ERROR"]
    found = [] if reader.pdf_header.removeprefix("%PDF-") in VERSIONS else ["UNSUPPORTED_PDF_VERSION_FOR_PRINT"]
    if not pages:
        return [*found, "DOCUMENT_HAS_NO_PAGES"]
    if len(pages) > MOST_PAGES:
        found.append("TOO_MANY_PAGES_FOR_AUTOMATED_PRINT")
    for page in pages:
        found += [flaw for flaw in _flaws_of(page) if flaw not in found]
    return found


def _flaws_of(page: PageObject) -> Iterator[str]:
    try:
        width, height = (round(float(side) / MM) for side in (page.cropbox.width, page.cropbox.height))
        if page.rotation % 180:
            width, height = height, width
        if not _is_a4(width, height):
            yield "UNSUPPORTED_DIMENSIONS"
        if _has_text_in_strip(page, landscape=width > height):
            yield "INSUFFICIENT_MARGIN_FOR_PRINT"
        if not all(_can_print_with(font) for font in _fonts(page)):
            yield "REFERENCES_INVALID_FONT"
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        yield "PDF_PARSE_PAGE_ERROR"


def _is_a4(width: int, height: int) -> bool:
    sides = sorted((width, height))
    return all(want - UNDER <= side <= want + OVER for side, want in zip(sides, (SHORT, LONG), strict=True))


def _has_text_in_strip(page: PageObject, *, landscape: bool) -> bool:
    """Where each piece of text begins; in landscape the strip lies along the lower edge."""
    tall, found = float(page.cropbox.height), []
    (left, right), (above, below) = STRIP

    def look(text: str, user: list[float], matrix: list[float], font: Any, size: float) -> None:
        x = (matrix[4] * user[0] + matrix[5] * user[2] + user[4] - float(page.cropbox.left)) / MM
        y = (matrix[4] * user[1] + matrix[5] * user[3] + user[5] - float(page.cropbox.bottom)) / MM
        from_top = tall / MM - y
        inside = (
            (above <= x <= below and 0 <= y <= right)
            if landscape
            else (left <= x < right and above <= from_top <= below)
        )
        if text.strip() and inside:
            found.append(text)

    page.extract_text(visitor_text=look)
    return bool(found)


def _fonts(page: PageObject) -> Iterator[Any]:
    resources = page.get("/Resources", {}).get_object()
    for font in resources.get("/Font", {}).get_object().values() if "/Font" in resources else ():
        yield font.get_object()


def _can_print_with(font: Any) -> bool:
    """Embedded, or one of those every printer has."""
    name = str(font.get("/BaseFont", ""))
    if any(free in name for free in FREE_FONTS) or font.get("/Subtype") == "/Type3":
        return True
    descendants = [one.get_object() for one in font.get("/DescendantFonts", [])] or [font]
    descriptors = [one["/FontDescriptor"].get_object() for one in descendants if "/FontDescriptor" in one]
    return bool(descriptors) and all(
        any(f"/FontFile{which}" in descriptor for which in ("", "2", "3")) for descriptor in descriptors
    )
