"""What a print house's machines refuse, found before it is handed over.

The limits are those of Digipost's printability validator, and the errors have its names: another print house's are
hardly wider. The strip it leaves free on each page is where machines print their own marks.
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

import pypdfium2
import pypdfium2.raw as pdfium

_POINTS_A_MM = 72 / 25.4
A4_MM = (210, 297)
_UNDER_MM = 10  # nothing over
STRIP_DEPTH_MM, STRIP_FROM_MM, STRIP_TO_MM = 15, 95, 175  # from the edge; along it, from the top left corner
VERSIONS = range(10, 18)  # 1.0 to 1.7
STANDARD_FONTS = ("Times", "Courier", "Helvetica", "Symbol", "ZapfDingbats", "Arial")  # every printer has them
_NAME_BYTES = 256
_one_at_a_time = Lock()  # PDFium is not for several threads at once


@dataclass(frozen=True, slots=True)
class Limits:
    """What a print house takes."""

    pages: int
    bytes: int


def why_not(pdf: bytes, pages: int, limits: Limits) -> str:
    """Why the letter cannot be printed, as the validator calls it; '' when it can. `pages` is what it says it has."""
    if not pdf.startswith(b"%PDF-"):
        return "INVALID_PDF"
    if len(pdf) > limits.bytes:
        return "DOCUMENT_TOO_LARGE"
    with _one_at_a_time:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            return "PDF_IS_ENCRYPTED" if error.err_code == pdfium.FPDF_ERR_PASSWORD else "PDF_PARSE_ERROR"
        try:
            return _why_not(document, pages, limits)
        except pypdfium2.PdfiumError:
            return "PDF_PARSE_PAGE_ERROR"
        finally:
            document.close()


def _why_not(document: pypdfium2.PdfDocument, pages: int, limits: Limits) -> str:
    """Raises PdfiumError."""
    if pdfium.FPDF_GetSecurityHandlerRevision(document) != -1:
        return "PDF_IS_ENCRYPTED"
    if len(document) == 0:
        return "DOCUMENT_HAS_NO_PAGES"
    if len(document) > limits.pages:
        return "TOO_MANY_PAGES_FOR_AUTOMATED_PRINT"
    if len(document) != pages:
        return "OTHER_NUMBER_OF_PAGES"
    if document.get_version() not in VERSIONS:
        return "UNSUPPORTED_PDF_VERSION_FOR_PRINT"
    for number in range(len(document)):
        page = document[number]
        try:
            if why := _why_not_page(page):
                return why
        finally:
            page.close()
    return ""


def _why_not_page(page: pypdfium2.PdfPage) -> str:
    """Raises PdfiumError."""
    left, bottom, right, top = page.get_cropbox()
    if not _is_a4(right - left, top - bottom):
        return "UNSUPPORTED_DIMENSIONS"
    if page.get_rotation():
        return "ROTATED_PAGE"  # ours: where its strip would be is anybody's guess, and no letter of ours has one
    text = page.get_textpage()
    try:
        if text.get_text_bounded(*_strip(left, bottom, right, top)).strip():
            return "INSUFFICIENT_MARGIN_FOR_PRINT"
    finally:
        text.close()
    return "" if all(_can_be_printed(font) for font in _fonts(page)) else "REFERENCES_INVALID_FONT"


def _strip(left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
    """What must be free of text: on a page that lies it is the lowest part instead of the left."""
    start, end, depth = (mm * _POINTS_A_MM for mm in (STRIP_FROM_MM, STRIP_TO_MM, STRIP_DEPTH_MM))
    if right - left > top - bottom:
        return left + start, bottom, left + end, bottom + depth
    return left, top - end, left + depth, top - start


def _is_a4(width: float, height: float) -> bool:
    """Upright or lying, in whole millimetres as the validator rounds them."""
    sides = sorted((round(width / _POINTS_A_MM), round(height / _POINTS_A_MM)))
    return all(wanted - _UNDER_MM <= side <= wanted for side, wanted in zip(sides, A4_MM, strict=True))


def _fonts(page: pypdfium2.PdfPage) -> Iterator[object]:
    """The font of each piece of text, each font once."""
    seen: set[int | None] = set()
    for piece in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=15):
        font = pdfium.FPDFTextObj_GetFont(piece)
        where = ctypes.cast(font, ctypes.c_void_p).value
        if where not in seen:
            seen.add(where)
            yield font


def _can_be_printed(font: object) -> bool:
    if pdfium.FPDFFont_GetIsEmbedded(font) == 1:
        return True
    name = ctypes.create_string_buffer(_NAME_BYTES)
    pdfium.FPDFFont_GetBaseFontName(font, name, _NAME_BYTES)
    return any(standard in name.value.decode(errors="replace") for standard in STANDARD_FONTS)
