"""The channel to the print house."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from marshmallow import Schema

from plugins.print_post import batch as batches
from plugins.print_post import receipts as incoming
from plugins.print_post import sftp
from plugins.print_post.agreement import Agreement
from plugins.print_post.printable import Limits
from plugins.print_post.words import CODES
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


class PrintPostChannel:
    """Letters as PDF in a folder, receipts as CSV in return. Safe to call again after any error or crash."""

    slug: str = "print_post"
    name: str = "Brev på papir"
    medium: Medium = Medium.PAPER
    idempotent: bool = True  # a batch is put into the folder once, however often it is given
    at_once: bool = True
    settings_schema: type[Schema] = Agreement
    codes: Mapping[str, str] = CODES

    def __init__(self, limits: Limits, *, settle_seconds: int) -> None:
        self.limits, self.settle_seconds = limits, settle_seconds

    def expected_sending(self, handed_over_at: datetime) -> date:
        """The next banking day: the print house prints by night and posts the day after (design: sent, on paper)."""
        return days.after(handed_over_at.date())

    def can_try(self, letter_to: Party) -> bool:
        """An envelope needs a name, an address and somewhere to carry it."""
        return bool(letter_to.name.strip() and any(line.strip() for line in letter_to.address_lines))

    def hand_over(self, account: Account, batch: OutgoingBatch, wall_now: datetime) -> Iterator[Outcome]:
        """Put the letters that can be printed into `outgoing`, all of them or none; the others are refused.

        Of a batch that is there already, the letters it was made of are taken; it never grows, so others are refused.
        """
        letters, wrong = batches.printable_letters(batch, self.limits)
        for dispatch_id, why in wrong.items():
            yield Outcome(dispatch_id, OutcomeKind.REFUSED, why)
        if not letters:
            return
        if not batches.can_be_a_folder(batch):
            yield from (Outcome(letter.dispatch_id, OutcomeKind.REFUSED, "wrong_batch_id") for letter in letters)
            return
        whole = replace(batch, letters=letters)
        try:
            there = sftp.put(account, whole) if sftp.is_agreed(account) else batches.put(whole, _home(account))
        except sftp.Stopped as problem:
            yield Outcome(letters[0].dispatch_id, OutcomeKind.STOPPED, str(problem))
            return
        for letter in letters:
            if there is None:
                yield Outcome(letter.dispatch_id, OutcomeKind.TAKEN)
            elif (letter.dispatch_id, letter.sha256) in there:
                yield Outcome(letter.dispatch_id, OutcomeKind.TAKEN, "already_there")
            else:
                yield Outcome(letter.dispatch_id, OutcomeKind.REFUSED, "batch_left_without_it")

    def look_up(self, account: Account, letter: OutgoingLetter, wall_now: datetime) -> Outcome | None:
        """The folder tells of batches, not of single letters: giving the batch again is the way to know."""
        return None

    def receipts(self, account: Account, since: datetime, wall_now: datetime) -> Iterator[ReceiptPage]:
        """Files of receipts and of returned letters, one a page; `since` makes no difference, as what is read is moved.

        A file that was changed a moment ago is left until it has settled.
        """
        yield from self._waiting(account, wall_now - timedelta(seconds=self.settle_seconds))[0]

    def receipt_problems(self, account: Account) -> Sequence[str]:
        """What a person must mend: one text for each file kept out, naming the file and the row."""
        return self._waiting(account, None)[1]

    def take_receipts(self, account: Account, name: str) -> None:
        """Move a file to `taken`, unless it says more by now. Harmless when it has been moved. Raises ChannelDown."""
        if sftp.is_agreed(account):
            sftp.take(account, name)
        else:
            incoming.take(_home(account), name)

    def read_report(self, account: Account, raw: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """A print house pushes nothing."""
        raise ForgedEvent("print_post takes no reports")

    def _waiting(self, account: Account, settled_at: datetime | None) -> tuple[list[ReceiptPage], tuple[str, ...]]:
        settled_at = settled_at if self.settle_seconds else None
        if sftp.is_agreed(account):
            return sftp.waiting(account, settled_at)
        return incoming.waiting(_home(account), settled_at)


def _home(account: Account) -> Path:
    """The tenant's folder. Raises ChannelDown when there is none, or its name could lead elsewhere."""
    if account.folder is None or not _FOLDER.fullmatch(account.folder.name):
        raise ChannelDown("no_folder")
    return account.folder
