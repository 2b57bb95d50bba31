"""A print house (trykkeri): takes batches from the shared folder, prints, posts, and writes receipts.

It knows the folder's layout as `plugins/print_post/README.md` tells it, and nothing else of ours. Its memory is the
folder itself, so it may be killed and started again at any point. It checks what it is given the way a careful print
house would, and never prints a letter twice.
"""

import csv
import hashlib
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from saas.rules.days import is_banking_day

MANIFEST = "manifest.csv"
RECEIPT = "receipt.csv"  # in the batch's own folder, before it is published
PUBLISHED = "published"
HALF = "half"
RETURNED, TOLD = "returned.csv", "returned-told.csv"  # what has come back of it, and how far we have told so
COLUMNS = ("dispatch_id", "file", "sha256", "pages", "name", "country")
HEADER = ("dispatch_id", "state", "posted_on", "code")
RETURN_HEADER = ("dispatch_id", "returned_on", "reason")
A4_MM, UNDER_MM = (210, 297), 10


class PrintHouseError(Exception):
    """The print house stops and calls us: the batch stays where it is."""


class BadBatch(PrintHouseError):
    """A letter and the manifest do not agree."""


class DoublePrint(PrintHouseError):
    """A letter that was printed before has come again."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One letter dealt with: `posted` on a day, or `failed` with a code. `letter` is its line of the manifest."""

    batch_id: str
    dispatch_id: str
    state: str
    posted_on: date | None
    code: str
    letter: Mapping[str, str] = field(repr=False)


class PrintHouse:
    """The print house of one shared folder.

    `fail` gives a code for each dispatch id that cannot be posted; `returns` a reason for each that is posted and comes
    back `return_days` later. With `slow_days` a batch is left that many days before it is taken. `twice` sends every
    receipt a second time under another name; `halves` writes receipts where they are to stand, half of each on one day
    of work and the rest on the next. `down` does nothing at all.
    """

    def __init__(
        self,
        folder: Path,
        *,
        fail: Mapping[str, str] | None = None,
        returns: Mapping[str, str] | None = None,
        return_days: int = 3,
        slow_days: int = 0,
        twice: bool = False,
        halves: bool = False,
        down: bool = False,
    ) -> None:
        self.folder, self.fail, self.slow_days = folder, dict(fail or {}), slow_days
        self.returns, self.return_days = dict(returns or {}), return_days
        self.twice, self.halves, self.down = twice, halves, down
        self._known: set[Path] = set()  # taken batches that were read and whose receipt is out
        self._printed: dict[str, dict[str, str]] = {}  # tenant → dispatch id → batch, from the taken folders

    def work(self, day: date, tenant_slug: str) -> list[Printed]:
        """Print and post all that is ripe; nothing on a day that is no banking day.

        Returns what was dealt with now. Raises DoublePrint or BadBatch after everything else is done; that batch stays.
        """
        if self.down or not is_banking_day(day):
            return []
        home, done, troubles = self.folder / tenant_slug, list[Printed](), list[PrintHouseError]()
        self._remember_and_publish(home)
        for batch in _folders(home / "outgoing"):
            try:
                if self._is_ripe(batch, day):
                    done += self._take(batch, day)
            except PrintHouseError as trouble:
                troubles.append(trouble)
        self._remember_and_publish(home)
        for batch in _folders(home / "taken") if self.returns else ():
            self._send_back(batch, day)
        if troubles:
            raise troubles[0]
        return done

    def _is_ripe(self, batch: Path, day: date) -> bool:
        if self.slow_days == 0:
            return True
        seen = batch.parent.parent / "seen" / batch.name
        if not seen.exists():
            _write(seen, f"{day}\n")
        return day >= date.fromisoformat(seen.read_text().strip()) + timedelta(days=self.slow_days)

    def _take(self, batch: Path, day: date) -> list[Printed]:
        """Check, print and move one batch. The move is what counts: before it nothing is printed, after it all is."""
        letters, printed = list(_letters(batch)), dict(self._printed[batch.parent.parent.name])
        for letter in letters:
            dispatch_id = letter["dispatch_id"]
            if dispatch_id in printed:
                raise DoublePrint(f"{dispatch_id} in {batch.name} was printed before, in {printed[dispatch_id]}")
            printed[dispatch_id] = batch.name
        done = [self._deal_with(batch.name, letter, day) for letter in letters]
        _write(batch / RECEIPT, _receipt(done))
        taken = batch.parent.parent / "taken" / batch.name
        taken.parent.mkdir(exist_ok=True)
        batch.rename(taken)
        self._remember(taken)
        return done

    def _deal_with(self, batch_id: str, letter: Mapping[str, str], day: date) -> Printed:
        code = self.fail.get(letter["dispatch_id"], "")
        state, posted_on = ("failed", None) if code else ("posted", day)
        return Printed(batch_id, letter["dispatch_id"], state, posted_on, code, letter)

    def _remember_and_publish(self, home: Path) -> None:
        """Bring memory and receipts up to the taken folder, also after a crash; each batch once."""
        self._printed.setdefault(home.name, {})
        for batch in _folders(home / "taken"):
            if batch not in self._known and (batch / RECEIPT).exists():
                self._remember(batch)
                if self._publish(batch):
                    self._known.add(batch)

    def _publish(self, batch: Path) -> bool:
        """Send the receipt, once; whether it is all out. Sent again only when we were killed just here."""
        if (batch / PUBLISHED).exists():
            return True
        text, target = (batch / RECEIPT).read_text(), batch.parent.parent / "receipts" / f"{batch.name}.csv"
        if self.halves and not (batch / HALF).exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text[: len(text) // 2])
            _write(batch / HALF, "")
            return False
        if self.halves:  # whoever reads may have moved the half away: the whole is what counts
            target.write_text(text)
        else:
            _write(target, text)
        if self.twice:
            _write(target.with_name(f"{batch.name}-again.csv"), text)
        _write(batch / PUBLISHED, "")
        return True

    def _send_back(self, batch: Path, day: date) -> None:
        """Tell of all that has come back of a batch, whenever there is more; noted here before it is told."""
        known = _rows(batch / RETURNED)
        back = set(known)
        for dispatch_id, on in _posted(batch).items():
            is_back = dispatch_id in self.returns and day >= on + timedelta(days=self.return_days)
            if is_back and not any(row.startswith(dispatch_id) for row in known):
                back.add(f"{dispatch_id};{day};{self.returns[dispatch_id]}")
        text = "".join(f"{line}\n" for line in (";".join(RETURN_HEADER), *sorted(back)))
        if back and _rows(batch / TOLD) != sorted(back):
            _write(batch / RETURNED, text)
            _write(batch.parent.parent / "returns" / f"{batch.name}.csv", text)
            _write(batch / TOLD, text)

    def _remember(self, taken: Path) -> None:
        self._printed[taken.parent.parent.name] |= dict.fromkeys(_posted(taken), taken.name)


def _letters(batch: Path) -> Iterator[dict[str, str]]:
    """The manifest's lines, each held against its file. Raises BadBatch."""
    try:
        rows = read_manifest((batch / MANIFEST).read_bytes())
    except (OSError, ValueError, csv.Error) as error:
        raise BadBatch(f"the manifest of {batch.name} cannot be read: {error}") from error
    for row in rows:
        name, file = f"{batch.name}/{row['file']}", batch / row["file"]
        if row["file"] != f"{row['dispatch_id']}.pdf" or not file.is_file():
            raise BadBatch(f"{name} is not in the batch")
        pdf = file.read_bytes()
        if not pdf.startswith(b"%PDF"):
            raise BadBatch(f"{name} is not a PDF")
        if hashlib.sha256(pdf).hexdigest() != row["sha256"]:
            raise BadBatch(f"{name} has another SHA-256 than the manifest says")
        _inspect(name, pdf, int(row["pages"]))
        yield row


def _inspect(name: str, pdf: bytes, pages: int) -> None:
    """What the machines need: pages as told, A4, nothing encrypted. Raises BadBatch."""
    try:
        reader = PdfReader(io.BytesIO(pdf))
        if reader.is_encrypted:
            raise BadBatch(f"{name} is encrypted")
        if pages < 1 or len(reader.pages) != pages:
            raise BadBatch(f"{name} has {len(reader.pages)} pages, the manifest says {pages}")
        for page in reader.pages:
            sides = sorted(round(float(side) / 72 * 25.4) for side in (page.cropbox.width, page.cropbox.height))
            if not all(wanted - UNDER_MM <= side <= wanted for side, wanted in zip(sides, A4_MM, strict=True)):
                raise BadBatch(f"{name} is {sides[0]} × {sides[1]} mm and not A4")
    except PyPdfError as error:
        raise BadBatch(f"{name} cannot be read: {error}") from error


def read_manifest(content: bytes) -> list[dict[str, str]]:
    """The lines of a manifest with their exact text: one leading `'` of a cell is a shield and is taken off.

    Raises ValueError when it is not a manifest.
    """
    header, *rows = list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=";")) or [[]]
    if not set(COLUMNS) <= set(header):
        raise ValueError(f"columns are missing: {sorted(set(COLUMNS) - set(header))}")
    letters = [dict(zip(header, (cell.removeprefix("'") for cell in row), strict=True)) for row in rows]
    if not all(letter["pages"].isdecimal() for letter in letters):
        raise ValueError("a number of pages is not a number")
    return letters


def _receipt(done: list[Printed]) -> str:
    lines = [";".join(HEADER)]
    lines += [f"{one.dispatch_id};{one.state};{one.posted_on or ''};{one.code}" for one in done]
    return "".join(f"{line}\n" for line in lines)


def _posted(batch: Path) -> dict[str, date]:
    """Dispatch id → the day it was posted."""
    if not (batch / RECEIPT).exists():
        return {}
    rows = csv.DictReader(io.StringIO((batch / RECEIPT).read_text()), delimiter=";")
    return {row["dispatch_id"]: date.fromisoformat(row["posted_on"]) for row in rows if row["state"] == "posted"}


def _rows(file: Path) -> list[str]:
    """The lines below the head of one of our own lists; none when there is no such list yet."""
    return file.read_text().splitlines()[1:] if file.exists() else []


def _folders(place: Path) -> list[Path]:
    if not place.is_dir():
        return []
    with os.scandir(place) as entries:
        return sorted(Path(entry.path) for entry in entries if entry.is_dir())


def _write(file: Path, text: str) -> None:
    """All of it or nothing: written beside, then renamed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.partial")
    with partial.open("w", encoding="utf-8", newline="\n") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(file)
