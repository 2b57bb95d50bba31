"""Reading what the print house writes: what was posted, and when (kvitteringer); what came back (returer)."""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

from plugins.print_post.batch import is_dispatch_id
from saas.hooks import ChannelDown, DeliveryReceipt, ReceiptPage, ReceiptState

RECEIPTS, RETURNS, TAKEN = "receipts", "returns", "taken"
MAX_BYTES = 50_000_000
HEADER = "dispatch_id;state;posted_on;code"
RETURN_HEADER = "dispatch_id;returned_on;reason"
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NAME = re.compile(rf"({RECEIPTS}|{RETURNS})/([^/]+\.csv)#([0-9a-f]{{16}})", re.DOTALL)


class UnreadableReceipt(Exception):
    """The file is kept out; the text says why, in bokmål."""


def waiting(home: Path, settled_at: datetime | None) -> tuple[list[ReceiptPage], tuple[str, ...]]:
    """The files that can be read, receipts first, and for each that cannot, the file and row that is wrong.

    A page is named by its file and what the file says, so a name used again for something else is read too. With
    `settled_at`, files changed later are left alone.
    """
    good: list[ReceiptPage] = []
    bad = []
    for file in _files(home):
        try:
            if settled_at is None or _changed(file) <= settled_at.timestamp():
                good.append(read(file))
        except FileNotFoundError:
            continue  # moved away meanwhile
        except UnreadableReceipt as error:
            bad.append(str(error))
    return good, tuple(bad)


def _files(home: Path) -> Iterator[Path]:
    for folder in (home / RECEIPTS, home / RETURNS):
        yield from sorted(folder.glob("[!.]*.csv")) if folder.is_dir() else ()


def _changed(file: Path) -> float:
    return file.lstat().st_mtime


def take(home: Path, name: str) -> None:
    """Move the file of a page to `taken`; one that says more by now stays. Raises ChannelDown, ValueError."""
    folder, file_name, wanted = parts_of(name)
    source = home / folder / file_name
    try:
        if digest(source.read_bytes()) != wanted:
            return  # it says more by now: it is read again
        target = source.parent / TAKEN / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(_unused(target, wanted))
    except FileNotFoundError:
        return  # taken before
    except OSError as error:
        raise ChannelDown(f"{folder}: {error.strerror}") from error


def parts_of(page_name: str) -> tuple[str, str, str]:
    """The folder, the file and the digest in a page's name. Raises ValueError."""
    parts = _NAME.fullmatch(page_name)
    if parts is None:
        raise ValueError(f"{page_name!r} is not the name of a receipt file")
    return parts[1], parts[2], parts[3]


def _unused(target: Path, same: str) -> Path:
    """`target`, or a numbered name beside it when another file has it already: no receipt is ever overwritten."""
    wanted, number = target, 1
    while target.exists() and digest(target.read_bytes()) != same:
        number += 1
        target = wanted.with_name(f"{wanted.stem}.{number}{wanted.suffix}")
    return target


def digest(content: bytes) -> str:
    """What tells one content of a file from another."""
    return hashlib.sha256(content).hexdigest()[:16]


def read(file: Path) -> ReceiptPage:
    """What one file says. Raises UnreadableReceipt with the file's name and the row when any line is wrong."""
    return parse(file.parent.name, file.name, _content(file))


def parse(folder: str, name: str, content: bytes) -> ReceiptPage:
    """What a file of `receipts` or `returns` says. Raises UnreadableReceipt."""
    header, read_line = _READERS[folder]
    found: dict[str, DeliveryReceipt] = {}
    for row, ended in enumerate(_text(folder, name, content).split("\n"), 1):
        line = ended.removesuffix("\r")
        if not line.strip() or (row == 1 and line == header):
            continue
        try:
            receipt = read_line([cell.strip() for cell in line.split(";")], line)
            if found.setdefault(receipt.dispatch_id, receipt) != receipt:
                raise ValueError("sier noe annet om det samme brevet enn en linje over")
        except ValueError as error:
            raise UnreadableReceipt(f"{called(folder, name)}, linje {row}: {error}.") from error
    return ReceiptPage(f"{folder}/{name}#{digest(content)}", tuple(found.values()))


def called(folder: str, name: str) -> str:
    """A file as a person is told of it."""
    return f"{'Returfilen' if folder == RETURNS else 'Kvitteringsfilen'} {name!r}"


def _content(file: Path) -> bytes:
    if file.is_symlink() or not file.is_file():  # the folder is written by others
        raise UnreadableReceipt(f"{called(file.parent.name, file.name)} er ikke en vanlig fil.")
    try:
        if file.stat().st_size > MAX_BYTES:
            raise UnreadableReceipt(f"{called(file.parent.name, file.name)} er større enn {MAX_BYTES // 1_000_000} MB.")
        return file.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableReceipt(f"{called(file.parent.name, file.name)} kan ikke leses: {error.strerror}.") from error


def _text(folder: str, name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise UnreadableReceipt(f"{called(folder, name)}, linje {row}: teksten er ikke UTF-8.") from error


def _receipt(cells: list[str], line: str) -> DeliveryReceipt:
    """One line. Raises ValueError telling what is wrong with it, in bokmål, without repeating the line."""
    if len(cells) != 4:
        raise ValueError(f"har {len(cells)} felt og skal ha 4 ({HEADER})")
    dispatch_id, state, posted_on, code = cells
    _check_id(dispatch_id)
    _check_code(code)
    if state == "posted":
        return DeliveryReceipt(dispatch_id, ReceiptState.SENT, _day(posted_on, "posted_on"), code, evidence=line)
    if state != "failed":
        raise ValueError("state skal være posted eller failed")
    if posted_on:
        raise ValueError("et brev som ikke ble sendt, kan ikke ha en postdato")
    return DeliveryReceipt(dispatch_id, ReceiptState.FAILED, None, code, evidence=line)


def _return(cells: list[str], line: str) -> DeliveryReceipt:
    """One line. Raises ValueError like `_receipt`."""
    if len(cells) != 3:
        raise ValueError(f"har {len(cells)} felt og skal ha 3 ({RETURN_HEADER})")
    dispatch_id, returned_on, reason = cells
    _check_id(dispatch_id)
    _check_code(reason)
    return DeliveryReceipt(dispatch_id, ReceiptState.RETURNED, _day(returned_on, "returned_on"), reason, evidence=line)


def _check_id(text: str) -> None:
    if not is_dispatch_id(text):
        raise ValueError("dispatch_id er ikke en UUID")


def _check_code(text: str) -> None:
    if not text.isprintable() or len(text) > 100:
        raise ValueError("koden kan ikke leses")


def _day(text: str, name: str) -> date:
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f"{name} skal være en dato på formen ÅÅÅÅ-MM-DD")


_READERS: dict[str, tuple[str, Callable[[list[str], str], DeliveryReceipt]]] = {
    RECEIPTS: (HEADER, _receipt),
    RETURNS: (RETURN_HEADER, _return),
}
