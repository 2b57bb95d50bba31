"""Reading the print house's receipts (kvitteringer): which letters were posted, and when."""

import re
from datetime import date
from pathlib import Path

from plugins.print_post.batch import is_dispatch_id
from saas.hooks import DeliveryReceipt, ReceiptPage, ReceiptState

MAX_BYTES = 50_000_000
HEADER = "dispatch_id;state;posted_on;code"
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class UnreadableReceipt(Exception):
    """The file is kept out; the text says why, in bokmål."""


def waiting(folder: Path) -> tuple[list[ReceiptPage], tuple[str, ...]]:
    """The files in `folder` that can be read, by name, and for each that cannot, the file and row that is wrong."""
    good: list[ReceiptPage] = []
    bad = []
    for file in sorted(folder.glob("[!.]*.csv")) if folder.is_dir() else ():
        try:
            good.append(ReceiptPage(file.name, read(file)))
        except UnreadableReceipt as error:
            bad.append(str(error))
    return good, tuple(bad)


def read(file: Path) -> tuple[DeliveryReceipt, ...]:
    """The receipts of one file. Raises UnreadableReceipt with the file's name and the row when any line is wrong."""
    found: dict[str, DeliveryReceipt] = {}
    for row, ended in enumerate(_text(file).split("\n"), 1):
        line = ended.removesuffix("\r")
        if not line.strip() or (row == 1 and line == HEADER):
            continue
        try:
            receipt = _receipt(line)
            if found.setdefault(receipt.dispatch_id, receipt) != receipt:
                raise ValueError("sier noe annet om det samme brevet enn en linje over")
        except ValueError as error:
            raise UnreadableReceipt(f"Kvitteringsfilen {file.name!r}, linje {row}: {error}.") from error
    return tuple(found.values())


def _text(file: Path) -> str:
    if file.is_symlink() or not file.is_file():  # the folder is written by others
        raise UnreadableReceipt(f"Kvitteringen {file.name!r} er ikke en vanlig fil.")
    try:
        if file.stat().st_size > MAX_BYTES:
            raise UnreadableReceipt(f"Kvitteringsfilen {file.name!r} er større enn {MAX_BYTES // 1_000_000} MB.")
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        raise UnreadableReceipt(f"Kvitteringsfilen {file.name!r}, linje {row}: teksten er ikke UTF-8.") from error
    except OSError as error:
        raise UnreadableReceipt(f"Kvitteringsfilen {file.name!r} kan ikke leses: {error.strerror}.") from error


def _receipt(line: str) -> DeliveryReceipt:
    """One line. Raises ValueError telling what is wrong with it, in bokmål, without repeating the line."""
    cells = [cell.strip() for cell in line.split(";")]
    if len(cells) != 4:
        raise ValueError(f"har {len(cells)} felt og skal ha 4 ({HEADER})")
    dispatch_id, state, posted_on, code = cells
    if not is_dispatch_id(dispatch_id):
        raise ValueError("dispatch_id er ikke en UUID")
    if not code.isprintable() or len(code) > 100:
        raise ValueError("koden kan ikke leses")
    if state == "posted":
        return DeliveryReceipt(dispatch_id, ReceiptState.SENT, _day(posted_on), code, evidence=line)
    if state != "failed":
        raise ValueError("state skal være posted eller failed")
    if posted_on:
        raise ValueError("et brev som ikke ble sendt, kan ikke ha en postdato")
    return DeliveryReceipt(dispatch_id, ReceiptState.FAILED, None, code, evidence=line)


def _day(text: str) -> date:
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("posted_on skal være en dato på formen ÅÅÅÅ-MM-DD")
