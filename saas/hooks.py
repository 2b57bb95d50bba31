"""Every hook a plugin may answer, and the protocols for the things plugins provide.

The first word of a name tells how answers combine:
`refuse_…` any refusal wins · `hold_…` every hold is placed · `provide_…` collected.
Rule hooks are pure: frozen facts in, value out. After every rule hook the core checks the outcome against the law.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pluggy
from marshmallow import Schema

from saas.rules.facts import Because, CaseFacts, HoldReason
from saas.rules.money import Ore

PROJECT = "frist"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Level(StrEnum):
    """Where a plugin is switched on: for the whole tenant, for single creditors, or either."""

    TENANT = "tenant"
    CREDITOR = "creditor"
    BOTH = "both"


class Plugin(Protocol):
    """What a plugin class declares. It is built with its validated settings and sees nothing else."""

    slug: ClassVar[str]
    name: ClassVar[str]
    description: ClassVar[str]  # one sentence: what it refuses or adds
    level: ClassVar[Level]
    version: ClassVar[str]
    Settings: ClassVar[type[Schema]]

    def __init__(self, settings: dict[str, Any]) -> None: ...


# --- rule hooks ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeferralRequest:
    """A debtor asks for more time (betalingsutsettelse)."""

    asked_on: date
    until: date


@dataclass(frozen=True, slots=True)
class Refusal:
    """A favour is denied. `because.message` is shown to the debtor, with the fact and its source."""

    because: Because


@dataclass(frozen=True, slots=True)
class AskPerson:
    """The plugin is in doubt: a case handler decides."""

    because: Because


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """Nothing is sent tonight; looked at again on `look_again_on`."""

    reason: HoldReason
    look_again_on: date
    note: str = ""


@hookspec
def refuse_deferral(request: DeferralRequest, case: CaseFacts) -> Refusal | AskPerson | None:
    """Say why this debtor cannot be given more time. Any doubt asks a person; else any refusal wins."""


@hookspec
def hold_case(case: CaseFacts, today: date) -> PlaceHold | None:
    """Hold this case back tonight. Every hold given is placed."""


# --- bank files ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BankPayment:
    """One payment as the bank file tells it. Negative `amount_ore` takes money back."""

    key: str  # the same payment always has the same key, whichever file brings it
    account: str  # payee account, 11 digits
    kid: str  # '' when none
    amount_ore: Ore
    value_on: date  # the bank's date in the file, else the file's processing date
    text: str = ""
    debit_account: str = ""
    row: int = 0  # line in the file, for messages


@dataclass(frozen=True, slots=True)
class BankFile:
    """A whole file: recognised, its own totals checked."""

    format: str
    key: str  # the same file always has the same key
    payments: tuple[BankPayment, ...]
    sum_ore: Ore
    notes: tuple[str, ...] = ()


class BankFileError(Exception):
    """The file is of this format and wrong. `row` is the line, 1-based, 0 for the whole file."""

    def __init__(self, message: str, row: int = 0) -> None:
        super().__init__(message)
        self.message, self.row = message, row


class BankFileReader(Protocol):
    """Reads one format of bank file."""

    format: str

    def recognises(self, head: bytes) -> bool: ...

    def read(self, content: bytes) -> BankFile: ...


@hookspec
def provide_bank_file_reader() -> BankFileReader:  # type: ignore[empty-body]
    """Give a reader for one format of bank file."""


# --- channels -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutgoingLetter:
    """One letter ready to leave. `dispatch_id` is the same however often it is tried."""

    dispatch_id: str
    pdf: bytes
    sha256: str  # of `pdf`, hex
    name: str
    address_lines: tuple[str, ...]
    country: str
    pages: int = 1


@dataclass(frozen=True, slots=True)
class OutgoingBatch:
    """Letters of one hand-over. `batch_id` is the same however often it is tried."""

    batch_id: str
    tenant_slug: str
    made_on: date
    letters: tuple[OutgoingLetter, ...]


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """What the other side says of one letter: `posted` with its date, or `failed` with a code."""

    dispatch_id: str
    state: str  # posted | failed
    posted_on: date | None = None
    code: str = ""
    evidence: str = field(default="", repr=False)  # the receipt's own line, kept


class ChannelError(Exception):
    """Something went wrong outside; the class says what we do next."""


class TryLater(ChannelError):
    """Down, slow, full: the job runs again."""


class Rejected(ChannelError):
    """The other side will not take it: a person must look."""


class AlreadySent(ChannelError):
    """The other side has it already: counts as handed over."""


class Channel(Protocol):
    """A way out of the house."""

    slug: str

    def expected_sending(self, handed_over_on: date) -> date:
        """The day the letter is expected to be sent when handed over on that day."""
        ...

    def hand_over(self, batch: OutgoingBatch, folder: Path) -> None:
        """Hand a batch over below `folder`, all or nothing. Raises TryLater, Rejected or AlreadySent."""
        ...

    def receipts(self, tenant_slug: str, folder: Path) -> Sequence[tuple[str, Sequence[DeliveryReceipt]]]:
        """Receipt files not yet taken: (name, receipts). Taking one twice must be harmless."""
        ...

    def receipt_problems(self, tenant_slug: str, folder: Path) -> Sequence[ChannelError]:
        """Receipt files that are kept out because something in them is wrong: file and row, for a person."""
        ...

    def take_receipts(self, tenant_slug: str, name: str, folder: Path) -> None:
        """Mark a receipt file as taken, after what it says is committed."""
        ...


@hookspec
def provide_channel() -> Channel:  # type: ignore[empty-body]
    """Give a channel that letters can leave by."""
