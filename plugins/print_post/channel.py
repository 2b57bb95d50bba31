"""The channel to the print house."""

import filecmp
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from marshmallow import Schema

from plugins.print_post import batch as batches
from plugins.print_post import receipts as incoming
from saas.hooks import (
    Account,
    ChannelDown,
    DeliveryReceipt,
    ForgedEvent,
    Medium,
    Outcome,
    OutcomeKind,
    OutgoingBatch,
    OutgoingLetter,
    Party,
    ReceiptPage,
)
from saas.rules import days

_FOLDER = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class Agreement(Schema):
    """Nothing to agree on beyond the shared folder."""


class PrintPostChannel:
    """Letters as PDF in a folder, receipts as CSV in return. Safe to call again after any error or crash."""

    slug: str = "print_post"
    name: str = "Brev på papir"
    medium: Medium = Medium.PAPER
    idempotent: bool = True  # a batch is put into the folder once, however often it is given
    at_once: bool = True
    settings_schema: type[Schema] = Agreement

    def __init__(self, *, max_pages: int) -> None:
        self.max_pages = max_pages

    def expected_sending(self, handed_over_at: datetime) -> date:
        """The next banking day: the print house prints by night and posts the day after (design: sent, on paper)."""
        return days.after(handed_over_at.date())

    def can_try(self, letter_to: Party) -> bool:
        """An envelope needs a name, an address and somewhere to carry it."""
        return bool(letter_to.name.strip() and any(line.strip() for line in letter_to.address_lines))

    def hand_over(self, account: Account, batch: OutgoingBatch, wall_now: datetime) -> Iterator[Outcome]:
        """Put the letters that can be printed into `outgoing`, all of them or none; the others are refused."""
        wrong = batches.wrong_letters(batch, self.max_pages)
        for dispatch_id, why in wrong.items():
            yield Outcome(dispatch_id, OutcomeKind.REFUSED, why)
        left = tuple(letter for letter in batch.letters if letter.dispatch_id not in wrong)
        if not left:
            return
        kind, code = OutcomeKind.TAKEN, ""
        try:
            batches.put(replace(batch, letters=left), _home(account))
        except batches.AlreadyThere:
            code = "already_there"
        except batches.OtherLetters as error:
            kind, code = OutcomeKind.REFUSED, str(error)
        for letter in left:
            yield Outcome(letter.dispatch_id, kind, code)

    def look_up(self, account: Account, letter: OutgoingLetter, wall_now: datetime) -> Outcome | None:
        """The folder tells of batches, not of single letters: giving the batch again is the way to know."""
        return None

    def receipts(self, account: Account, since: datetime, wall_now: datetime) -> Iterator[ReceiptPage]:
        """The receipt files that can be read, by name. `since` makes no difference: what is read is moved away."""
        yield from incoming.waiting(_home(account) / "receipts")[0]

    def receipt_problems(self, account: Account) -> Sequence[str]:
        """What a person must mend: one text for each receipt file kept out, naming the file and the row."""
        return incoming.waiting(_home(account) / "receipts")[1]

    def take_receipts(self, account: Account, name: str) -> None:
        """Move a receipt file to `taken`. Harmless when it has been moved. Raises ChannelDown when it cannot be."""
        source = _home(account) / "receipts" / name
        if source.name != name or source.suffix != ".csv":
            raise ValueError(f"{name!r} is not the name of a receipt file")
        try:
            target = source.parent / "taken" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(_unused(target, source))
        except FileNotFoundError:
            return  # taken before
        except OSError as error:
            raise ChannelDown(f"receipts: {error.strerror}") from error

    def read_report(self, account: Account, raw: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """A print house pushes nothing."""
        raise ForgedEvent("print_post takes no reports")


def _home(account: Account) -> Path:
    """The tenant's folder. Raises ChannelDown when there is none, or its name could lead elsewhere."""
    if account.folder is None or not _FOLDER.fullmatch(account.folder.name):
        raise ChannelDown("no_folder")
    return account.folder


def _unused(target: Path, source: Path) -> Path:
    """`target`, or a numbered name beside it when another file has it already: no receipt is ever overwritten."""
    wanted, number = target, 1
    while target.exists() and not filecmp.cmp(source, target, shallow=False):
        number += 1
        target = wanted.with_name(f"{wanted.stem}.{number}{wanted.suffix}")
    return target
