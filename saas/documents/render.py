"""Letter → PDF (PDF/A-2a and PDF/UA-1), the same bytes every time.

Words and looks stand in `templates/`: one file per kind, one library. Facts go in as JSON, never as Typst code.
"""

import json
import re
import struct
import tempfile
import unicodedata
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import font_source_sans_pro
import segno
import typst
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from saas.documents.letter import Letter, LetterClaim, LetterKind
from saas.documents.sentences import TEMPLATES, template_of
from saas.rules import money

FONT_FILES = tuple(
    Path(font_source_sans_pro.font_directory) / f"SourceSansPro-{weight}.otf" for weight in ("Regular", "Bold")
)
TEMPLATE_VERSION = sha256(
    b"".join(p.name.encode() + p.read_bytes() for p in sorted(TEMPLATES.glob("*.typ")))
).hexdigest()
"""Changes when any template does; kept with each stored letter."""

NO_GLYPH = "\N{BALLOT BOX}"  # in the font, and looks like what it stands for
NBSP = "\N{NO-BREAK SPACE}"
LONG_WORD = re.compile(r"\S{30}(?=\S)")
FORMAT_CHARACTERS = {"Cc", "Cf", "Cs"}  # control, invisible (those that turn the writing direction too), half of one

_one_at_a_time = Lock()  # a typst.Compiler is not for several threads at once


class NoTemplate(Exception):
    """This kind of letter has no template: it can be checked (`mandatory.compose`), not made."""

    def __init__(self, kind: LetterKind) -> None:
        super().__init__(f"there is no template for {kind.value}")
        self.kind = kind


def render(letter: Letter) -> bytes:
    """The letter as PDF. Says nothing about whether it may be sent: `mandatory.compose` does. Raises NoTemplate."""
    template = template_of(letter.kind, TEMPLATES)
    if template is None:
        raise NoTemplate(letter.kind)
    day = int(datetime.combine(letter.dated_on, time(), UTC).timestamp())
    inputs = {
        "letter": json.dumps(printable(page_facts(letter)), ensure_ascii=False),
        "qr": json.dumps([*qr_png(letter.link)]),
    }
    with _one_at_a_time:
        pdf = _compiler().compile(
            input=str(template),
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=["a-2a", "ua-1"],
            timestamp=day,
        )
    assert isinstance(pdf, bytes)
    return pdf


def page_count(pdf: bytes) -> int:
    """Pages of a PDF made by `render`."""
    tree = re.search(rb"/Type/Pages/Count (\d+)", pdf)
    assert tree is not None, "not a PDF of ours"
    return int(tree[1])


def page_facts(letter: Letter) -> dict[str, Any]:
    """The letter's facts with every amount, date and number written the way bokmål prints it."""
    facts = letter.to_json()
    facts["lines"] = [{"label": x.label, "detail": x.detail, "amount": kroner(x.amount_ore)} for x in letter.lines]
    facts["claims"] = [_claim_facts(claim) for claim in letter.claims]
    facts["recipient"]["lines"] = [*letter.recipient.address_lines, *_country_line(letter.recipient.country)]
    facts["tenant"]["orgnr"] = in_groups(letter.tenant.orgnr, 3, 3, 3)
    facts["tenant"]["phone"] = letter.tenant.phone.replace(" ", NBSP)
    facts["kid"] = in_groups(letter.kid, *[4] * 7)
    facts["account"] = in_groups(letter.account, 4, 2, 5)
    facts["case_number"] = str(letter.case_number)
    facts["total"] = kroner(letter.total_ore)
    facts["principal_total"] = kroner(sum(claim.principal_ore for claim in letter.claims))
    facts["dated"] = in_words(letter.dated_on)
    facts["deadline"] = in_words(letter.deadline_on)
    facts["deadline_short"] = format_date(letter.deadline_on, f"d.{NBSP}MMMM", locale="nb")
    facts["deadline_weekday"] = with_weekday(letter.deadline_on)
    facts["login_until"] = in_words(letter.login_code_valid_until)
    facts["interest"] = _interest_facts(letter)
    facts["further_costs"] = kroner(letter.further_costs_ore) if letter.further_costs_ore is not None else None
    facts["next_step"] = letter.next_step and {
        "earliest": with_weekday(letter.next_step.earliest_on),
        "cost": kroner(letter.next_step.extra_cost_ore) if letter.next_step.extra_cost_ore else None,
    }
    return facts


def _claim_facts(claim: LetterClaim) -> dict[str, str]:
    return {
        "number": claim.invoice_number,
        "description": claim.description,
        "invoiced": in_words(claim.invoiced_on),
        "due": in_words(claim.due_on),
        "principal": kroner(claim.principal_ore),
    }


def _interest_facts(letter: Letter) -> dict[str, str | None] | None:
    if letter.interest_rate_percent is None or letter.interest_from_on is None:
        return None
    return {
        "rate": percent(letter.interest_rate_percent),
        "from": in_words(letter.interest_from_on),
        "per_day": kroner(letter.interest_per_day_ore) if letter.interest_per_day_ore else None,
    }


def _country_line(country: str) -> list[str]:
    return [] if country == "NO" else [Locale("nb").territories.get(country, country)]


def kroner(ore: int) -> str:
    """`156872` → `1 568,72 kr`, never broken over a line."""
    return f"{money.kroner(ore)}{NBSP}kr"


def percent(rate: Decimal) -> str:
    """`12.25` → `12,25 %`."""
    return f"{format_decimal(rate, locale='nb', decimal_quantization=False)}{NBSP}%"


def in_words(day: date) -> str:
    """`8. desember 2026`, never broken over a line."""
    return format_date(day, f"d.{NBSP}MMMM{NBSP}y", locale="nb")


def with_weekday(day: date) -> str:
    """`tirsdag 8. desember 2026`."""
    return f"{format_date(day, 'EEEE', locale='nb')} {in_words(day)}"


def in_groups(text: str, *sizes: int) -> str:
    """`12345678903`, 4, 2, 5 → `1234 56 78903` with no-break spaces; what is left over comes last."""
    parts, rest = [], text
    for size in sizes:
        parts.append(rest[:size])
        rest = rest[size:]
    return NBSP.join(part for part in [*parts, rest] if part)


def qr_png(link: str) -> bytes:
    """QR code, level M, four modules of quiet zone."""
    image = BytesIO()
    segno.make(link, error="m", boost_error=False, micro=False).save(image, kind="png", scale=4, border=4)
    return image.getvalue()


# --- characters ---------------------------------------------------------------------------------------------------


def printable(value: Any) -> Any:
    """The same structure with every text fit to print: no character without a glyph, none that cannot be seen."""
    if isinstance(value, dict):
        return {key: printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [printable(item) for item in value]
    return _printable_text(value) if isinstance(value, str) else value


def _printable_text(text: str) -> str:
    spaced = "".join(" " if char.isspace() and char != NBSP else char for char in unicodedata.normalize("NFC", text))
    seen = (char for char in spaced if unicodedata.category(char) not in FORMAT_CHARACTERS)
    return LONG_WORD.sub(
        "\\g<0>\N{ZERO WIDTH SPACE}", "".join(char if char in _characters() else NO_GLYPH for char in seen)
    )


@cache
def _characters() -> frozenset[str]:
    """What all our font files can print."""
    return frozenset.intersection(*(_characters_of(path.read_bytes()) for path in FONT_FILES))


def _characters_of(font: bytes) -> frozenset[str]:
    """Characters of an OpenType font: the segmented coverage (format 12) of its full Unicode cmap (3, 10)."""
    (table_count,) = struct.unpack_from(">H", font, 4)
    records = [struct.unpack_from(">4sIII", font, 12 + 16 * n) for n in range(table_count)]
    cmap = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    (map_count,) = struct.unpack_from(">H", font, cmap + 2)
    maps = [struct.unpack_from(">HHI", font, cmap + 4 + 8 * n) for n in range(map_count)]
    full = cmap + next(offset for platform, encoding, offset in maps if (platform, encoding) == (3, 10))
    (group_count,) = struct.unpack_from(">I", font, full + 12)
    groups = struct.iter_unpack(">III", font[full + 16 : full + 16 + 12 * group_count])
    return frozenset(chr(code) for first, last, _ in groups for code in range(first, last + 1))


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
