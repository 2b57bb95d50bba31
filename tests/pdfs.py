"""Small PDFs that a print house would take, and some that it would not."""

from functools import cache
from io import BytesIO

from pypdf import PdfWriter

A4_POINTS = (595.28, 841.89)


@cache
def blank_pdf(
    about: str = "", pages: int = 1, size: tuple[float, float] = A4_POINTS, password: str | None = None
) -> bytes:
    """So many blank pages; `about` makes one differ from another."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(*size)
    writer.add_metadata({"/Title": about})
    if password is not None:
        writer.encrypt(password, "owner")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
