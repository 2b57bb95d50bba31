"""Putting a batch of letters into the print house's folder, whole or not at all."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from uuid import UUID

from plugins.print_post.manifest import FILE, letters_in, manifest, pdf_name, postal_lines
from plugins.print_post.printable import Limits, why_not
from saas.hooks import ChannelDown, OutgoingBatch, OutgoingLetter

_BATCH_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


Known = frozenset[tuple[str, str]]
"""(dispatch id, SHA-256) of letters."""


def printable_letters(batch: OutgoingBatch, limits: Limits) -> tuple[tuple[OutgoingLetter, ...], dict[str, str]]:
    """The letters that can be printed, each once, and for the others dispatch id → why not, as a code."""
    good, wrong = dict[str, OutgoingLetter](), dict[str, str]()
    for letter in batch.letters:
        if good.setdefault(letter.dispatch_id, letter).sha256 != letter.sha256:
            wrong[letter.dispatch_id] = "two_letters_with_one_id"
        elif problem := _problem(letter, limits):
            wrong[letter.dispatch_id] = problem
    return tuple(letter for letter in good.values() if letter.dispatch_id not in wrong), wrong


def _problem(letter: OutgoingLetter, limits: Limits) -> str:
    """What is wrong with the letter as a code, '' when nothing is. The print house's own are in capitals."""
    if not is_dispatch_id(letter.dispatch_id):
        return "wrong_dispatch_id"
    if hashlib.sha256(letter.pdf).hexdigest() != letter.sha256:
        return "other_bytes_than_kept"
    to = letter.recipient
    if not to.name.strip() or not any(line.strip() for line in postal_lines(to)):
        return "no_address"
    if not all(_can_be_written(text) for text in (to.name, *postal_lines(to), to.country)):
        return "unwritable_address"
    return why_not(letter.pdf, letter.pages, limits)


def _can_be_written(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return False


def is_dispatch_id(text: str) -> bool:
    """Whether `text` is a UUID, written the one usual way."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def can_be_a_folder(batch: OutgoingBatch) -> bool:
    """Whether the batch's number may be the name of a folder."""
    return bool(_BATCH_ID.fullmatch(batch.batch_id))


def put(batch: OutgoingBatch, home: Path) -> Known | None:
    """Write the batch below `home`, the tenant's folder: whole, or not at all. Raises ChannelDown.

    When a batch of this number is there already nothing is written, and the letters it was made of are returned.
    """
    try:
        with _alone(home):
            there = _already_there(batch, home)
            if there is None:
                _write(batch, home)
            return there
    except OSError as error:  # full, not permitted, gone, busy: none of it is the letter's fault
        raise ChannelDown(f"folder: {error.strerror or type(error).__name__}") from error


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Nobody else of us writes for this tenant; what a killed predecessor left half-written is removed."""
    partial = home / "partial"
    for folder in (partial, home / "outgoing", home / "taken"):
        folder.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        flock(lock, LOCK_EX | LOCK_NB)
        _empty(partial)
        try:
            yield
        finally:
            _empty(partial)


def _empty(folder: Path) -> None:
    for left in folder.iterdir():
        shutil.rmtree(left, ignore_errors=True)


def _already_there(batch: OutgoingBatch, home: Path) -> Known | None:
    # In this order: the print house moves a batch from the first to the second at any time.
    for place in ("outgoing", "taken"):
        there = home / place / batch.batch_id
        if not there.exists():
            continue
        try:
            return letters_in((there / FILE).read_bytes())
        except FileNotFoundError:
            if not (home / "taken" / batch.batch_id).exists():
                raise
            return letters_in(manifest(batch))  # moved just now, or cleared by the print house: taken is taken
    return None


def _write(batch: OutgoingBatch, home: Path) -> None:
    partial = Path(tempfile.mkdtemp(dir=home / "partial"))
    partial.chmod(0o750)  # the print house reads as a member of our group
    for name, content in files_of(batch):
        (partial / name).write_bytes(content)
    for file in partial.iterdir():
        _sync(file)
    _sync(partial)
    partial.rename(home / "outgoing" / batch.batch_id)
    _sync(home / "outgoing")


def files_of(batch: OutgoingBatch) -> Iterator[tuple[str, bytes]]:
    """Each file of a batch by name, the manifest last."""
    for letter in batch.letters:
        yield pdf_name(letter.dispatch_id), letter.pdf
    yield FILE, manifest(batch)


def _sync(path: Path) -> None:
    """On the disk, not only on its way there."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
