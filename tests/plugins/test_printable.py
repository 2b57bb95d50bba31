"""What the print house's machines refuse is found before it is handed over, under the validator's own names."""

import pytest
import typst

from plugins.print_post.printable import Limits, why_not
from saas.documents.render import page_count, render
from tests.documents import letters
from tests.pdfs import blank_pdf

LIMITS = Limits(20, 10_000_000)
A4 = '#set page(paper: "a4", margin: 0pt)\n'
LYING = '#set page(paper: "a4", flipped: true, margin: 0pt)\n'


def sheet(source: str, **how: object) -> bytes:
    pdf = typst.compile(source.encode(), **how)
    assert isinstance(pdf, bytes)
    return pdf


def by_hand(font: str = "Helvetica", page: str = "") -> bytes:
    """One page that names a font and brings none."""
    text = b"BT /F 12 Tf 100 700 Td (Hei) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>"
        + f"{page}>>".encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        f"<</Type/Font/Subtype/Type1/BaseFont/{font}>>".encode(),
    ]
    out, starts = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj%sendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(out),
    )


@pytest.mark.parametrize(
    "kind", ["reminder", "collection_notice", "payment_demand", "disconnection_notice", "contact_letter"]
)
def test_our_own_letters_can_be_printed(kind):
    pdf = render(getattr(letters, kind)())
    assert why_not(pdf, page_count(pdf), LIMITS) == ""


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (A4 + "#place(dx: 20mm, dy: 100mm)[Hei]", ""),
        (A4 + "#place(dx: 5mm, dy: 100mm)[Hei]", "INSUFFICIENT_MARGIN_FOR_PRINT"),
        (A4 + "#place(dx: 14mm, dy: 170mm)[Hei]", "INSUFFICIENT_MARGIN_FOR_PRINT"),
        (A4 + "#place(dx: 5mm, dy: 90mm)[Hei]", ""),
        (A4 + "#place(dx: 5mm, dy: 176mm)[Hei]", ""),
        (LYING + "#place(dx: 100mm, dy: 205mm)[Hei]", "INSUFFICIENT_MARGIN_FOR_PRINT"),
        (LYING + "#place(dx: 5mm, dy: 100mm)[Hei]", ""),
        ("#set page(width: 211mm, height: 297mm)\nHei", "UNSUPPORTED_DIMENSIONS"),
        ("#set page(width: 210mm, height: 298mm)\nHei", "UNSUPPORTED_DIMENSIONS"),
        ("#set page(width: 200mm, height: 287mm, margin: 20mm)\nHei", ""),
        ("#set page(width: 199mm, height: 287mm, margin: 20mm)\nHei", "UNSUPPORTED_DIMENSIONS"),
        ('#set page(paper: "us-letter")\nHei', "UNSUPPORTED_DIMENSIONS"),
        ('#set page(paper: "a5")\nHei', "UNSUPPORTED_DIMENSIONS"),
    ],
)
def test_size_and_the_strip_that_must_be_free(source, why):
    assert why_not(sheet(source), 1, LIMITS) == why


def test_the_strip_is_free_on_every_page():
    second = A4 + "#place(dx: 20mm, dy: 10mm)[a]#pagebreak()#place(dx: 5mm, dy: 100mm)[b]"
    assert why_not(sheet(second), 2, LIMITS) == "INSUFFICIENT_MARGIN_FOR_PRINT"


@pytest.mark.parametrize(
    ("pdf", "pages", "why"),
    [
        (b"", 1, "INVALID_PDF"),
        (b"PK\x03\x04", 1, "INVALID_PDF"),
        (b"%PDF-1.7\nnothing", 1, "PDF_PARSE_ERROR"),
        (blank_pdf()[:300], 1, "PDF_PARSE_ERROR"),
        (blank_pdf(pages=20), 20, ""),
        (blank_pdf(pages=21), 21, "TOO_MANY_PAGES_FOR_AUTOMATED_PRINT"),
        (blank_pdf(pages=2), 1, "OTHER_NUMBER_OF_PAGES"),
        (blank_pdf("locked", password="hemmelig"), 1, "PDF_IS_ENCRYPTED"),
        (blank_pdf("half locked", password=""), 1, "PDF_IS_ENCRYPTED"),
        (blank_pdf("big" * 4_000_000), 1, "DOCUMENT_TOO_LARGE"),
        (by_hand("Helvetica"), 1, ""),
        (by_hand("ArialMT"), 1, ""),
        (by_hand("TimesNewRomanPSMT"), 1, ""),
        (by_hand("ComicSansMS"), 1, "REFERENCES_INVALID_FONT"),
        (by_hand(page="/CropBox[0 0 400 400]"), 1, "UNSUPPORTED_DIMENSIONS"),
        (by_hand(page="/Rotate 90"), 1, "ROTATED_PAGE"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_everything_else_the_validator_looks_at(pdf, pages, why):
    assert why_not(pdf, pages, LIMITS) == why


def test_a_version_machines_do_not_know_is_refused():
    assert why_not(sheet(A4 + "Hei", pdf_standards="2.0"), 1, LIMITS) == "UNSUPPORTED_PDF_VERSION_FOR_PRINT"


@pytest.mark.parametrize("cut", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_letter_cut_off_anywhere_is_refused_and_nothing_crashes(cut):
    pdf = render(letters.payment_demand())
    assert why_not(pdf[: int(len(pdf) * cut)], 1, LIMITS) != ""
