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
from saas.hooks import ChannelDown, OutgoingBatch, OutgoingLetter

_BATCH_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class AlreadyThere(Exception):
    """The print house has these letters already: they count as taken."""


class OtherLetters(Exception):
    """Another batch has this number."""


def wrong_letters(batch: OutgoingBatch, max_pages: int) -> dict[str, str]:
    """Dispatch id → what is wrong with that letter, in bokmål; the others can be printed."""
    wrong, seen = dict[str, str](), set[str]()
    for letter in batch.letters:
        problem = "står to ganger i partiet" if letter.dispatch_id in seen else _problem(letter, max_pages)
        seen.add(letter.dispatch_id)
        if problem:
            wrong[letter.dispatch_id] = problem
    return wrong


def _problem(letter: OutgoingLetter, max_pages: int) -> str:
    """What is wrong with the letter, '' when nothing is."""
    if not is_dispatch_id(letter.dispatch_id):
        return "har ikke en UUID som id"
    if not letter.pdf.startswith(b"%PDF-"):
        return "er ikke en PDF"
    if hashlib.sha256(letter.pdf).hexdigest() != letter.sha256:
        return "stemmer ikke med sin SHA-256"
    if not 1 <= letter.pages <= max_pages:
        return f"har {letter.pages} sider, og trykkeriet tar fra 1 til {max_pages}"
    to = letter.recipient
    if not to.name.strip() or not any(line.strip() for line in postal_lines(to)):
        return "mangler navn eller adresse"
    if not all(_can_be_written(text) for text in (to.name, *postal_lines(to), to.country)):
        return "har tegn i navn eller adresse som ikke kan skrives"
    return ""


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


def put(batch: OutgoingBatch, home: Path) -> None:
    """Write the batch below `home`, the tenant's folder. Raises AlreadyThere, OtherLetters, or ChannelDown."""
    if not _BATCH_ID.fullmatch(batch.batch_id):
        raise OtherLetters(f"Partinummeret {batch.batch_id!r} kan ikke være navn på en mappe.")
    try:
        with _alone(home):
            _refuse_what_is_there(batch, home)
            _write(batch, home)
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


def _refuse_what_is_there(batch: OutgoingBatch, home: Path) -> None:
    ours = letters_in(manifest(batch))
    # In this order: the print house moves a batch from the first to the second at any time.
    for place in ("outgoing", "taken"):
        there = home / place / batch.batch_id
        if not there.exists():
            continue
        try:
            delivered = letters_in((there / FILE).read_bytes())
        except FileNotFoundError:
            if not (home / "taken" / batch.batch_id).exists():
                raise
            delivered = ours  # moved just now, or cleared by the print house: taken is taken
        if ours <= delivered:  # fewer than before when a receipt overtook our note of the hand-over
            raise AlreadyThere(f"Parti {batch.batch_id} er levert før.")
        raise OtherLetters(f"Et annet parti er levert med nummeret {batch.batch_id}.")


def _write(batch: OutgoingBatch, home: Path) -> None:
    partial = Path(tempfile.mkdtemp(dir=home / "partial"))
    partial.chmod(0o750)  # the print house reads as a member of our group
    for letter in batch.letters:
        (partial / pdf_name(letter.dispatch_id)).write_bytes(letter.pdf)
    (partial / FILE).write_bytes(manifest(batch))
    for file in partial.iterdir():
        _sync(file)
    _sync(partial)
    partial.rename(home / "outgoing" / batch.batch_id)
    _sync(home / "outgoing")


def _sync(path: Path) -> None:
    """On the disk, not only on its way there."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
