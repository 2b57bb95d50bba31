"""Every kind of letter in every language it is written in, to look at: PDFs in one folder, and a contact sheet."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from saas.documents.glyphs import FONT_FILES
from saas.documents.letter import Letter, LetterKind, Sender
from saas.documents.mandatory import compose
from saas.documents.render import render, render_pages
from saas.documents.samples import combined_demand, plan_confirmation, sample
from saas.documents.wording import wording_of

CONTACT_SHEET = "contact-sheet.png"
PAGE_WIDE, PAGE_HIGH, CAPTION_HIGH, GAP = 300, 424, 22, 12  # pixels on the sheet
ACROSS = 8
GREYS = 16


def every_letter() -> Iterator[tuple[str, Letter]]:
    """Name and letter: each kind in its languages, then the two that are made of a kind and something more."""
    for kind in LetterKind:
        for language in wording_of(kind).languages:
            yield f"{kind.value}.{language}", sample(kind, language)  # type: ignore[arg-type]
    yield "payment_demand_with_notice.nb", combined_demand()
    yield "plan.nb", plan_confirmation()


def write_previews(folder: Path, sender: Sender | None = None) -> list[Path]:
    """A PDF of every letter into `folder`, from `sender` when one is given, and the contact sheet. Returns them."""
    folder.mkdir(parents=True, exist_ok=True)
    written, pages = [], []
    for name, letter in every_letter():
        shown = compose(letter if sender is None else from_sender(letter, sender))
        written.append(folder / f"{name}.pdf")
        written[-1].write_bytes(render(shown))
        pages += [(name, page) for page in render_pages(shown, dots_per_inch=PAGE_WIDE / 8.27)]
    sheet = folder / CONTACT_SHEET
    sheet.write_bytes(contact_sheet(pages))
    return [*written, sheet]


def from_sender(letter: Letter, sender: Sender) -> Letter:
    """The letter as that sender would send it; one without a licence collects its own claims."""
    own = sender.licence_number is None or letter.own_collection
    licence = None if own else sender.licence_number
    return replace(letter, tenant=replace(sender, licence_number=licence), own_collection=own, board=not own)


def contact_sheet(pages: Sequence[tuple[str, bytes]]) -> bytes:
    """One PNG in a few greys with every page small, its name under it."""
    down = -(-len(pages) // ACROSS)
    size = (GAP + ACROSS * (PAGE_WIDE + GAP), GAP + down * (PAGE_HIGH + CAPTION_HIGH + GAP))
    sheet = Image.new("L", size, 200)
    draw, face = ImageDraw.Draw(sheet), ImageFont.truetype(FONT_FILES[0], 15)
    for at, (name, page) in enumerate(pages):
        x = GAP + at % ACROSS * (PAGE_WIDE + GAP)
        y = GAP + at // ACROSS * (PAGE_HIGH + CAPTION_HIGH + GAP)
        picture = Image.open(BytesIO(page)).convert("L")
        sheet.paste(picture.crop((0, 0, PAGE_WIDE, PAGE_HIGH)), (x, y))
        draw.text((x, y + PAGE_HIGH + 1), name, fill=40, font=face)
    out = BytesIO()
    sheet.quantize(GREYS).save(out, "PNG", optimize=True)
    return out.getvalue()
