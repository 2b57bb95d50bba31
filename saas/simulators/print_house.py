"""A print house (trykkeri): takes batches from the shared folder, prints, posts, and writes receipts.

It knows the folder's layout as `plugins/print_post/README.md` tells it, and nothing else of ours. Its memory is the
folder itself, so it may be killed and started again at any point. It checks what it is given the way a careful print
house would, and never prints a letter twice.
"""

import csv
import hashlib
import io
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from saas.rules.days import is_banking_day

MANIFEST = "manifest.csv"
RECEIPT = "receipt.csv"  # in the batch's own folder, before it is published
PUBLISHED = "published"
COLUMNS = ("dispatch_id", "file", "sha256", "pages", "name", "country")
HEADER = ("dispatch_id", "state", "posted_on", "code")
_PAGE_TREE = re.compile(rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)|/Count\s+(\d+)[^>]*?/Type\s*/Pages\b", re.DOTALL)


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

    `fail` gives a code for each dispatch id that cannot be posted. With `slow_days` a batch is left that many days
    before it is taken.
    """

    def __init__(self, folder: Path, *, fail: Mapping[str, str] | None = None, slow_days: int = 0) -> None:
        self.folder, self.fail, self.slow_days = folder, dict(fail or {}), slow_days
        self._known: set[Path] = set()  # taken batches that were read and whose receipt is out
        self._printed: dict[str, dict[str, str]] = {}  # tenant → dispatch id → batch, from the taken folders

    def work(self, day: date, tenant_slug: str) -> list[Printed]:
        """Print and post all that is ripe; nothing on a day that is no banking day.

        Returns what was dealt with now. Raises DoublePrint or BadBatch after everything else is done; that batch stays.
        """
        if not is_banking_day(day):
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
                _publish(batch)
                self._known.add(batch)

    def _remember(self, taken: Path) -> None:
        self._printed[taken.parent.parent.name] |= dict.fromkeys(_posted_ids(taken), taken.name)


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
        pages = pages_of(pdf)
        if int(row["pages"]) < 1 or (pages is not None and pages != int(row["pages"])):
            raise BadBatch(f"{name} has {pages} pages, the manifest says {row['pages']}")
        yield row


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


def pages_of(pdf: bytes) -> int | None:
    """How many pages the PDF's page tree tells of; None when the tree is packed away and cannot be read plainly."""
    return max((int(before or after) for before, after in _PAGE_TREE.findall(pdf)), default=None)


def _receipt(done: list[Printed]) -> str:
    lines = [";".join(HEADER)]
    lines += [f"{one.dispatch_id};{one.state};{one.posted_on or ''};{one.code}" for one in done]
    return "".join(f"{line}\n" for line in lines)


def _posted_ids(batch: Path) -> set[str]:
    rows = csv.DictReader(io.StringIO((batch / RECEIPT).read_text()), delimiter=";")
    return {row["dispatch_id"] for row in rows if row["state"] == "posted"}


def _publish(batch: Path) -> None:
    """Send the receipt, once. Sent again only when we were killed just here; reading one twice does no harm."""
    if (batch / PUBLISHED).exists() or not (batch / RECEIPT).exists():
        return
    _write(batch.parent.parent / "receipts" / f"{batch.name}.csv", (batch / RECEIPT).read_text())
    _write(batch / PUBLISHED, "")


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
