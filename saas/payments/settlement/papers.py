"""Papers about money (oppgjør og faktura) as PDF: the letters' typeface and characters, templates of their own.

Facts reach Typst as JSON and are never evaluated.
"""

import json
import tempfile
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from saas.documents.glyphs import FONT_FILES, printable

TEMPLATES = Path(__file__).parent / "templates"
_one_at_a_time = Lock()  # a typst.Compiler is not for several threads at once


def paper(template: str, facts: dict[str, Any], dated_on: date) -> bytes:
    """The paper as PDF/A-2a and PDF/UA-1, the same bytes for the same facts."""
    with _one_at_a_time:
        pdf = _compiler().compile(
            input=str(TEMPLATES / f"{template}.typ"),
            format="pdf",
            sys_inputs={"facts": json.dumps(printable(facts), ensure_ascii=False)},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=int(datetime.combine(dated_on, time(), UTC).timestamp()),
        )
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _compiler() -> typst.Compiler:
    with tempfile.TemporaryDirectory(prefix="frist-fonts-") as folder:
        for path in FONT_FILES:
            (Path(folder) / path.name).symlink_to(path)
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
    return typst.Compiler(root=str(TEMPLATES), font_paths=fonts)
