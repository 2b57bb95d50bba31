"""A bank file on its way in: which plugin reads it, what it says, and its payments in a table of the transaction's own.

A file may be larger than memory, so it is read piece by piece, and read to its end although something is wrong with it:
whoever looks at it sees all there is to say.
"""

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from saas.hooks import (
    BankFileEnd,
    BankFileError,
    BankFilePart,
    BankFileReader,
    BankPayment,
    BankVerdict,
    VerdictLevel,
)
from saas.kernel.bulk import copy_rows
from saas.kernel.db import driver
from saas.kernel.errors import BadInput, Refused
from saas.kernel.ids import NIL, new_id
from saas.rules.money import kroner
from tenants.resolve import Tenant

HEAD_BYTES = 4_096  # what a reader is shown to recognise a format
PIECE_BYTES = 1 << 20
MOST_VERDICTS = 1_000  # kept; more are counted
LARGEST_ORE = 1 << 62  # sums must have room in PostgreSQL's int8

PAYMENT = (
    ("tenant_id", "uuid"), ("id", "uuid"), ("file_id", "uuid"), ("key", "text"), ("account", "text"), ("kid", "text"),
    ("amount_ore", "int8"), ("value_on", "date"), ("text", "text"), ("debit_account", "text"), ("state", "text"),
    ("matched_by", "text"), ("why", "text"),
)  # fmt: skip
STAGED = "staged_payment"

Progress = Callable[[int, int, int], object]  # bytes read, bytes in all, payments so far

log = structlog.get_logger()


@dataclass(slots=True)
class Findings:
    """What there is to say of a file. The first of many verdicts are kept, all are counted."""

    kept: list[BankVerdict] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    errors: int = 0

    def add(self, verdict: BankVerdict) -> None:
        """Note a verdict."""
        self.codes[verdict.code] += 1
        self.errors += verdict.level == VerdictLevel.ERROR
        if len(self.kept) < MOST_VERDICTS or (verdict.level == VerdictLevel.ERROR and self.errors == 1):
            self.kept.append(verdict)

    def error(self, code: str, message: str, record: int = 0) -> None:
        """Something for which the file is refused."""
        self.add(BankVerdict(VerdictLevel.ERROR, code, message, record))

    def warning(self, code: str, message: str, record: int = 0) -> None:
        """Something a person should know."""
        self.add(BankVerdict(VerdictLevel.WARNING, code, message, record))

    def as_json(self) -> list[dict[str, Any]]:
        """In the order of the file; what concerns all of it first."""
        ordered = sorted(self.kept, key=lambda verdict: verdict.record)
        told = [{"record": v.record, "level": v.level.value, "code": v.code, "message": v.message} for v in ordered]
        more = self.codes.total() - len(told)
        if more > 0:
            message = f"{more} merknader til vises ikke."
            told.append({"record": 0, "level": "warning", "code": "more", "message": message})
        return told


class FileRefused(BadInput):
    """A bank file that is not taken in, with every verdict on it."""

    def __init__(self, findings: Findings) -> None:
        errors: dict[str, object] = {}
        for verdict in findings.kept:
            if verdict.level == VerdictLevel.ERROR:
                where = f"record {verdict.record}" if verdict.record else "file"
                errors[where] = f"{errors[where]} {verdict.message}" if where in errors else verdict.message
        super().__init__(errors, "Filen er ikke tatt inn.")
        self.findings = findings


class SourceFile:
    """The bytes as they came, read more than once and the same each time."""

    def __init__(self, handle: io.BufferedReader | io.BytesIO) -> None:
        self._handle = handle
        self.sha256 = hashlib.file_digest(handle, "sha256").digest()
        self.size = handle.seek(0, io.SEEK_END)

    def head(self) -> bytes:
        """The first bytes."""
        self._handle.seek(0)
        return self._handle.read(HEAD_BYTES)

    def pieces(self, also: Callable[[int], object] = lambda _: None) -> Iterator[bytes]:
        """All of it, piece by piece; `also` is told how many bytes have gone. Raises ChangedMeanwhile at its end."""
        self._handle.seek(0)
        digest, gone = hashlib.sha256(), 0
        while piece := self._handle.read(PIECE_BYTES):
            digest.update(piece)
            gone += len(piece)
            also(gone)
            yield piece
        if digest.digest() != self.sha256:
            raise ChangedMeanwhile


class ChangedMeanwhile(Refused):
    """Somebody wrote to the file while it was read: it is read again another time."""

    def __init__(self) -> None:
        super().__init__("file_changed", "Noen skrev til filen mens den ble lest. Prøv igjen når den er ferdig.")


@contextmanager
def opened(source: bytes | Path) -> Iterator[SourceFile]:
    """A bank file, held in memory or on disk."""
    if isinstance(source, bytes):
        yield SourceFile(io.BytesIO(source))
        return
    with source.open("rb") as handle:
        yield SourceFile(handle)


def plain_name(name: str) -> str:
    """A file's name as text that can be kept and shown."""
    readable = name.encode("utf-8", errors="replace").decode("utf-8")
    return "".join(c if c.isprintable() else "?" for c in readable)[:200]


@dataclass(slots=True)
class Staged:
    """What was read of a file. `payments` and `sum_ore` are of the whole of it, `ours` of the client account only."""

    format: str = ""
    key: str = ""
    payments: int = 0
    sum_ore: int = 0
    ours: int = 0
    ours_ore: int = 0


def stage(
    tenant: Tenant, source: SourceFile, file_id: UUID, findings: Findings, progress: Progress | None = None
) -> Staged:
    """Read the file; its payments to the client account then stand in the temporary table `STAGED`, each key once.

    Whatever is wrong stands in `findings`; with errors there the rows are not to be used. Raises ChangedMeanwhile.
    """
    staging = _Staging(tenant, source, file_id, findings, progress)
    copy_rows(driver(tenant.session), STAGED, (*PAYMENT, ("record", "int4")), staging.rows())
    staging.finish()
    return staging.staged


class _Staging:
    """One reading of one file."""

    def __init__(
        self, tenant: Tenant, source: SourceFile, file_id: UUID, findings: Findings, progress: Progress | None
    ) -> None:
        self._tenant, self._source, self._file_id, self._findings = tenant, source, file_id, findings
        self._progress = progress
        self._end: BankFileEnd | None = None
        self._elsewhere: dict[str, list[int]] = {}  # account → payments, øre, first record
        self._changed = False
        self._reader = self._find_reader()
        self.staged = Staged(format=self._reader.format if self._reader else "")

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """A row for each payment to the client account.

        A COPY is under way: nothing here asks the database, and nothing the file says raises.
        """
        tenant_id, account, staged = self._tenant.id, self._tenant.settings.client_account, self.staged
        for part in self._parts():
            if isinstance(part, BankVerdict):
                self._findings.add(part)
            elif isinstance(part, BankFileEnd):
                self._end, staged.key = part, part.key
            elif self._has_room(part):
                staged.payments += 1
                staged.sum_ore += part.amount_ore
                if part.account != account:
                    self._note_elsewhere(part)
                    continue
                staged.ours += 1
                staged.ours_ore += part.amount_ore
                yield (
                    tenant_id, new_id(), self._file_id, part.key, account, part.kid, part.amount_ore, part.value_on,
                    part.text, part.debit_account, "new", "", "", part.record,
                )  # fmt: skip

    def finish(self) -> None:
        """What can be told when all is read: whether it is whole, and ours, and nothing stands in it twice."""
        end, staged = self._end, self.staged
        if not self._findings.errors and end is None:
            self._findings.error("reader_failed", "Tillegget som leser filen, sa ikke at den er hel.")
        elif end is not None and (end.payments, end.sum_ore) != (staged.payments, staged.sum_ore):
            message = f"Filen skal ha {end.payments} betalinger på {kroner(end.sum_ore)} kr, men vi fikk "
            message += f"{staged.payments} på {kroner(staged.sum_ore)} kr."
            self._findings.error("wrong_sum", message)
        self._judge_accounts()
        if not self._findings.errors:
            self._drop_second_ones()

    def _parts(self) -> Iterator[BankFilePart]:
        reader = self._reader
        if reader is None:
            return
        pieces = self._pieces()
        try:
            yield from reader.read(io.BufferedReader(_Pieces(pieces), PIECE_BYTES))
        except BankFileError as wrong:
            self._findings.error(wrong.code, wrong.message, wrong.record)
        except Exception as error:
            self._note_broken(reader, error)
            message = f"Tillegget som leser filen ({reader.format}), feilet: {type(error).__name__}."
            self._findings.error("reader_failed", message)
        for _ in pieces:
            pass  # whatever the reader did not look at counts in the hash
        if self._changed:
            raise ChangedMeanwhile

    def _pieces(self) -> Iterator[bytes]:
        """The file for its reader. That somebody writes to it meanwhile is told when the reader is done."""
        try:
            yield from self._source.pieces(self._tell_progress)
        except ChangedMeanwhile:
            self._changed = True

    def _tell_progress(self, bytes_gone: int) -> None:
        if self._progress is not None:
            self._progress(bytes_gone, self._source.size, self.staged.payments)

    def _find_reader(self) -> BankFileReader | None:
        """The one plugin that knows the file, by its first bytes."""
        head = self._source.head()
        if not head.strip():
            self._findings.error("empty", "Filen er tom.")
            return None
        found = [r for r in self._tenant.hooks_for(NIL).bank_file_readers() if self._recognises(r, head)]
        if len(found) == 1:
            return found[0]
        if found:
            names = " og ".join(sorted(reader.format for reader in found))
            self._findings.error("two_readers", f"Flere tillegg sier at filen er deres: {names}. Slå av ett av dem.")
        else:
            message = "Ingen av tilleggene som er slått på, kjenner dette filformatet."
            self._findings.error("unknown_format", message)
        return None

    def _recognises(self, reader: BankFileReader, head: bytes) -> bool:
        try:
            return reader.recognises(head)
        except Exception as error:
            self._note_broken(reader, error)
            return False

    @staticmethod
    def _note_broken(reader: BankFileReader, error: Exception) -> None:
        """A plugin's own mistake; its text is left out, since it may be about people."""
        log.error("bank_file_reader_failed", reader=reader.format, error=type(error).__name__)

    def _has_room(self, payment: BankPayment) -> bool:
        if abs(payment.amount_ore) < LARGEST_ORE and abs(self.staged.sum_ore + payment.amount_ore) < LARGEST_ORE:
            return True
        self._findings.error("too_large", "Beløpet er større enn noen bank har.", payment.record)
        return False

    def _note_elsewhere(self, payment: BankPayment) -> None:
        told = self._elsewhere.setdefault(payment.account, [0, 0, payment.record])
        told[0] += 1
        told[1] += payment.amount_ore

    def _judge_accounts(self) -> None:
        """Only money on the tenant's own client account is ours to place (law I2)."""
        account = self._tenant.settings.client_account
        for other, (payments, sum_ore, record) in self._elsewhere.items():
            if self.staged.ours:
                message = f"{payments} betalinger på {kroner(sum_ore)} kr er til konto {other} og er ikke tatt med. "
                self._findings.warning("other_account", f"{message}Klientkontoen er {account}.", record)
            else:
                message = f"Betalingen er til konto {other}. Klientkontoen er {account}."
                self._findings.error("other_account", message, record)

    def _drop_second_ones(self) -> None:
        """A payment told in two records counts once. Twice in one record is two payments nobody can tell apart."""
        connection = driver(self._tenant.session)
        twice = connection.execute(_TOLD_TWICE).fetchall()
        for first, last, times, records in twice:
            if records < times:
                message = f"To betalinger i post {first} kan ikke skilles fra hverandre."
                self._findings.error("same_twice", message, first)
            else:
                message = f"Betalingen i post {last} er den samme som i post {first} og er bare regnet med én gang."
                self._findings.warning("same_twice", message, last)
        if twice:
            dropped, dropped_ore = connection.execute(_DROP_SECOND_ONES).fetchone() or (0, 0)
            self.staged.ours -= dropped
            self.staged.ours_ore -= int(dropped_ore)


_TOLD_TWICE = f"""
select min(record), max(record), count(*), count(distinct record) from {STAGED}
group by key having count(*) > 1 order by count(*) = count(distinct record), min(record) limit {MOST_VERDICTS + 1}
"""  # noqa: S608 - constants of ours; what cannot be told apart comes first
_DROP_SECOND_ONES = f"""
with dropped as (
  delete from {STAGED} s where exists (select from {STAGED} e where e.key = s.key and e.id < s.id) returning amount_ore)
select count(*), coalesce(sum(amount_ore), 0) from dropped
"""  # noqa: S608


class _Pieces(io.RawIOBase):
    """Pieces as a file that can only be read on."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` as far as the present piece reaches."""
        if not self._left:
            self._left = memoryview(next(self._pieces, b""))
        taken = self._left[: len(buffer)]
        buffer[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        return len(taken)
