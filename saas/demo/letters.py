"""Reading printed letters as whoever opens the envelope does: from the PDF on the print house's floor alone."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from io import StringIO
from pathlib import Path

from pypdf import PdfReader

from saas.simulators.print_house import MANIFEST, RECEIPT, read_manifest

REMINDER, NOTICE, DEMAND = "reminder", "collection_notice", "payment_demand"
_MONTHS = ("januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november",
           "desember")  # fmt: skip
_DAY = r"\d{1,2}\.\xa0[a-z]+\xa0\d{4}"
_KR = r"([−-]?\d[\d\xa0]*,\d\d)\xa0kr"
_LABELS = r"Opprinnelig beløp \(hovedkrav\)|Forsinkelsesrenter|Gebyr|Inkassosalær|Betalt"
_LINE = re.compile(rf"^({_LABELS}) .*?{_KR}(?=\n(?:{_LABELS}) |\s*\Z)", re.S | re.M)  # its last sum is what it comes to
_KINDS = {"Purring": REMINDER, "Inkassovarsel": NOTICE, "Betalingsoppfordring": DEMAND}
_HEADING = re.compile(rf"^({'|'.join(_KINDS)})\b", re.M)
_INVOICE_HEAD = "Faktura Gjelder Dato Forfalt Beløp"


class UnreadableLetter(Exception):
    """A letter that a reader cannot make sense of."""


@dataclass(frozen=True, slots=True)
class Posted:
    """An envelope: who it is to and when it was posted."""

    pdf: Path
    name: str
    posted_on: date


@dataclass(frozen=True)
class PrintedLetter:
    """What a letter says. Amounts in øre; `lines` are the rows of the sum, label and amount, payments negative."""

    name: str
    posted_on: date
    kind: str
    total_ore: int
    deadline_on: date
    kid: str
    account: str
    case_number: int
    dated_on: date
    login_code: str
    login_until: date
    interest_per_day_ore: int
    lines: tuple[tuple[str, int], ...]
    invoices: tuple[str, ...]

    @cached_property
    def fees_ore(self) -> int:
        """Notice fees and collection fee asked for, paid or not."""
        return sum(ore for label, ore in self.lines if label in ("Gebyr", "Inkassosalær"))

    def sum_on(self, day: date) -> int:
        """What is to be paid on a later day, with the interest the letter tells of."""
        return self.total_ore + max(0, (day - self.dated_on).days) * self.interest_per_day_ore


def posted_letters(taken: Path, known: set[str]) -> Iterator[Posted]:
    """The letters of each batch below `taken` that is not in `known`, which is added to."""
    if not taken.is_dir():
        return
    for batch in sorted(taken.iterdir()):
        if batch.name in known or not (batch / RECEIPT).exists():
            continue
        known.add(batch.name)
        names = {row["dispatch_id"]: row["name"] for row in read_manifest((batch / MANIFEST).read_bytes())}
        for row in csv.DictReader(StringIO((batch / RECEIPT).read_text()), delimiter=";"):
            if row["state"] == "posted":
                pdf = batch / f"{row['dispatch_id']}.pdf"
                yield Posted(pdf, names[row["dispatch_id"]], date.fromisoformat(row["posted_on"]))


def asks_for_money(posted: Posted) -> bool:
    """Whether the letter is a step of the ladder, by its heading; other letters answer or bring news."""
    return _HEADING.search(PdfReader(posted.pdf).pages[0].extract_text()) is not None


def read_letter(posted: Posted) -> PrintedLetter:
    """Open and read. Raises UnreadableLetter when something that must be there is not, or does not add up."""
    pages = PdfReader(posted.pdf).pages
    text = ""
    for page in pages:
        text += page.extract_text() + "\n"
        if (letter := _read(text, posted)) is not None:
            return letter
    raise UnreadableLetter(f"{posted.pdf.name}: {text[:400]!r}")


def _read(text: str, posted: Posted) -> PrintedLetter | None:
    """The letter, or None when it goes on over the page."""
    top, _, rest = text.partition("Dette skylder du\n")
    sums, found, _ = rest.partition("\nÅ betale ")
    lines = tuple((label, _ore(amount)) for label, amount in _LINE.findall(sums))
    box = re.search(
        rf"Å betale\n{_KR}\nFrist ({_DAY})\nKID ([\d\xa0-]+)\nKonto ([\d\xa0]+)\nSaksnummer (\d+)\nDato ({_DAY})", top
    )
    login = re.search(rf"saksnummeret\s+og\s+koden\s+(\S+)\s+\(gjelder\s+til\s+({_DAY})\)", top)
    kind = _HEADING.search(top)
    if not (found and box and login and kind) or sum(ore for _, ore in lines) != _ore(box[1]):
        return None
    per_day = re.search(rf"\({_KR} per\s+dag\)", text)
    return PrintedLetter(
        name=posted.name,
        posted_on=posted.posted_on,
        kind=_KINDS[kind[1]],
        total_ore=_ore(box[1]),
        deadline_on=_day(box[2]),
        kid=box[3].replace("\xa0", ""),
        account=box[4].replace("\xa0", ""),
        case_number=int(box[5]),
        dated_on=_day(box[6]),
        login_code=login[1],
        login_until=_day(login[2]),
        interest_per_day_ore=_ore(per_day[1]) if per_day else 0,
        lines=lines,
        invoices=_invoices(sums),
    )


def _invoices(sums: str) -> tuple[str, ...]:
    if _INVOICE_HEAD in sums:
        table = sums.partition(_INVOICE_HEAD)[2].partition("Hva Slik regnet vi")[0]
        return tuple(re.findall(r"^([A-Z]{2}-\d+) ", table, re.M))
    return tuple(re.findall(r"faktura\s+([A-Z]{2}-\d+)\s+av", sums))


def _ore(text: str) -> int:
    return int(re.sub(r"[^\d]", "", text)) * (-1 if text[0] in "−-" else 1)


def _day(text: str) -> date:
    day, month, year = text.split("\xa0")
    return date(int(year), _MONTHS.index(month) + 1, int(day.removesuffix(".")))
