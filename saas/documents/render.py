"""Letter → PDF (PDF/A-2a and PDF/UA-1), the same bytes every time.

Words come from `paper.py`; looks stand in `templates/`. The paper goes in as JSON, never as Typst code.
"""

import re
import tempfile
from datetime import UTC, date, datetime, time
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

import orjson
import typst

from saas.documents.glyphs import FONT_FILES, printable
from saas.documents.letter import Letter
from saas.documents.logos import Logo, logo_of
from saas.documents.paper import Paper, paper_of
from saas.documents.qr import QR_LIBRARY, qr_png
from saas.documents.wording import WORDING

TEMPLATES = Path(__file__).parent / "templates"
SHEET = TEMPLATES / "letter.typ"
REVISION = 3  # raised when code changes what a letter looks like; tests/documents/golden.csv notices


def _template_version() -> str:
    files = sorted([*TEMPLATES.glob("*.typ"), *WORDING.glob("*.toml")])
    made_by = " ".join([str(REVISION), *(f"{name} {version(name)}" for name in ("typst", QR_LIBRARY))]).encode()
    return sha256(
        b"\0".join([made_by, *(each for p in files for each in (p.name.encode(), p.read_bytes()))])
    ).hexdigest()


TEMPLATE_VERSION = _template_version()
"""Changes when wording, looks, Typst, who draws the QR code or REVISION do; kept with each stored letter."""

_one_at_a_time = Lock()  # a typst.Compiler is not for several threads at once


def render(letter: Letter) -> bytes:
    """The letter as PDF. Says nothing about whether it may be sent: `mandatory.compose` does.

    Raises NotFound when the logo it was made with is gone.
    """
    return compiled(sheet_inputs(paper_of(letter)), letter.dated_on)


def render_pages(letter: Letter, *, dots_per_inch: float = 100) -> list[bytes]:
    """The letter as one PNG a page, to look at."""
    pages = _typst(sheet_inputs(paper_of(letter)), letter.dated_on, format="png", ppi=dots_per_inch)
    return pages if isinstance(pages, list) else [pages]


def compiled(inputs: dict[str, str], dated_on: date) -> bytes:
    """The sheet laid out by Typst, as PDF: the limit of what `render` can do."""
    pdf = _typst(inputs, dated_on, format="pdf", pdf_standards=["a-2a", "ua-1"])
    assert isinstance(pdf, bytes)
    return pdf


def _typst(inputs: dict[str, str], dated_on: date, **how: Any) -> Any:
    day = int(datetime.combine(dated_on, time(), UTC).timestamp())
    with _one_at_a_time:
        return _compiler().compile(input=str(SHEET), sys_inputs=inputs, timestamp=day, **how)


def sheet_inputs(paper: Paper) -> dict[str, str]:
    """What the sheet is handed: the paper as JSON, its QR code and logo as bytes in JSON."""
    logo = logo_of(paper.logo) if paper.logo else None
    return {
        "paper": orjson.dumps(printable(_sheet_facts(paper, logo))).decode(),
        "qr": _bytes_in_json(qr_png(paper.pay_link)) if paper.pay_link else "[]",
        "logo": _bytes_in_json(logo.png) if logo else "[]",
    }


def _sheet_facts(paper: Paper, logo: Logo | None) -> dict[str, Any]:
    facts: dict[str, Any] = orjson.loads(orjson.dumps(paper, default=tuple))
    facts["logo_pixels"] = [logo.width, logo.height] if logo else None
    return facts


def _bytes_in_json(content: bytes) -> str:
    return f"[{','.join(map(str, content))}]"


def page_count(pdf: bytes) -> int:
    """Pages of a PDF made by `render`."""
    tree = re.search(rb"/Type/Pages/Count (\d+)", pdf)
    assert tree is not None, "not a PDF of ours"
    return int(tree[1])


# --- Typst --------------------------------------------------------------------------------------------------------


@cache
def _compiler() -> typst.Compiler:
    """One per process, made at first use: fonts are read and templates parsed once."""
    return typst.Compiler(root=str(TEMPLATES), font_paths=_fonts())


def _fonts() -> typst.Fonts:
    """Just our files, no others: the package holds each face twice, and which one Typst took would be chance.

    Typst takes folders only, so it is shown one with links; it notes where they lead and needs the folder no more.
    """
    with tempfile.TemporaryDirectory(prefix="frist-fonts-") as folder:
        for path in FONT_FILES:
            (Path(folder) / path.name).symlink_to(path)
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
