"""Reads camt.054 messages (varsel om bevegelser på konto), versions 001.02, 001.04 and 001.08.

One pass, payment by payment: memory does not follow the size of the file. An entry that cannot be read is told and
refuses the file, and the rest is read all the same, so that a person sees everything that is wrong at once.
"""

import re
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from lxml import etree

from plugins.camt054.entry import Batch, Entry, Fate, read_batch, read_entry
from plugins.camt054.fields import Reader, day, norwegian_account
from plugins.camt054.stream import Element, Stream
from plugins.camt054.totals import Totals, read_totals
from plugins.camt054.transaction import read_transaction
from saas.hooks import BankFileEnd, BankFileError, BankFilePart, BankPayment, BankVerdict, VerdictLevel
from saas.rules.money import Ore

_HEAD = re.compile(rb"xmlns(?::[\w.-]+)?\s*=\s*[\"']urn:iso:std:iso:20022:tech:xsd:camt\.054\.001\.[0-9]{2}[\"']")
_LEFT_OUT = {
    Fate.PENDING: ("pending", "{n} poster er ikke bokført ennå og er ikke tatt med; den første er post {first}."),
    Fate.PAID_OUT: ("paid_out", "{n} poster er penger ut av kontoen og er ikke tatt med; den første er post {first}."),
}


class Camt054Reader:
    """Reader of camt.054. A record is an entry (Ntry), counted through the file from 1."""

    format = "camt054"

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes name the format, in any encoding of XML that keeps or widens ASCII."""
        return _HEAD.search(head.replace(b"\0", b"")) is not None

    def read(self, file: BinaryIO) -> Iterator[BankFilePart]:
        """The payments in the order of the file. Raises BankFileError when it is not XML of this format to its end."""
        stream = Stream(file)
        message = _Message(stream)
        try:
            yield from message.read()
        except etree.XMLSyntaxError as error:
            raise message.broken(error) from None


@dataclass(slots=True)
class _Notification:
    """One account's part of the message (Ntfctn)."""

    account: str
    told_on: date
    number: int
    totals: Totals
    unread: bool = False  # an entry of it could not be read, so its totals cannot be held against it


class _Message:
    """One pass over a message."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._read = Reader("")
        self._key = self._made_at = ""
        self._notifications = self._entries = 0
        self._notification: _Notification | None = None
        self._entry: Entry | None = None
        self._pass_over = False  # the entry could not be read: what is left of it says nothing
        self._left_out: Counter[Fate] = Counter()
        self._first_left_out: dict[Fate, int] = {}
        self._payments, self._sum_ore = 0, 0

    def read(self) -> Iterator[BankFilePart]:
        for event, name, element in self._stream.elements():
            if name == "GrpHdr":
                self._header(element)
            elif not self._key:
                break
            elif (event, name) == ("start", "Ntry"):
                self._begin_entry(element)
            elif name == "Ntfctn":
                yield from self._end_notification(element)
            elif not self._pass_over:
                yield from self._counted(event, name, element)
        if not self._key:
            raise BankFileError("Meldingen mangler hode (GrpHdr).", 0, "no_header")
        yield from self._tell_left_out()
        yield BankFileEnd(self._key, self._payments, Ore(self._sum_ore))

    def broken(self, error: etree.XMLSyntaxError) -> BankFileError:
        """What to say of a file that stops being XML."""
        where = f" i post {self._entries}" if self._entries else ""
        if self._stream.at_end:
            return BankFileError(f"Filen er avkuttet{where}.", self._entries, "cut_short")
        message = f"Filen er ikke gyldig XML på linje {error.lineno}{where}."
        return BankFileError(message, self._entries, "not_xml")

    # --- around the entries: what is wrong here leaves nothing to go by ---

    def _header(self, header: Element) -> None:
        self._read = read = Reader(self._stream.namespace)
        message_id, self._made_at = read.text(header, "MsgId"), read.text(header, "CreDtTm")
        if self._key or not message_id or not self._made_at or len(message_id) > 35 or len(self._made_at) > 40:
            raise BankFileError("Meldingens hode (GrpHdr) må ha én MsgId og CreDtTm.", 0, "no_header")
        day(self._made_at)
        self._key = f"camt:{message_id}|{self._made_at}"

    def _begin_entry(self, element: Element) -> None:
        self._entries, self._entry, self._pass_over = self._entries + 1, None, False
        if self._notification is None:
            self._notification = self._begin_notification(element.getparent())

    def _begin_notification(self, element: Element) -> _Notification:
        """What stands before the first entry."""
        read, self._notifications = self._read, self._notifications + 1
        account = norwegian_account(read.text(element, "Acct/Id/IBAN", "Acct/Id/Othr/Id"))
        if not account:
            raise BankFileError(f"Varsel {self._notifications} sier ikke hvilken konto det gjelder.", 0, "no_account")
        told_on = day(read.text(element, "CreDtTm") or self._made_at)
        return _Notification(account[:34], told_on, self._notifications, read_totals(read, element))

    def _end_notification(self, element: Element) -> Iterator[BankVerdict]:
        notification = self._notification or self._begin_notification(element)  # it may have no entries
        self._notification = None
        try:
            if not notification.unread:
                notification.totals.agree()
        except BankFileError as wrong:
            yield BankVerdict(VerdictLevel.ERROR, wrong.code, wrong.message)

    # --- the entries ---

    def _counted(self, event: str, name: str, element: Element) -> Iterator[BankFilePart]:
        """What an element of an entry gives. What is wrong with it is told, and the rest of the entry passed over."""
        step = {
            ("start", "NtryDtls"): self._head,
            ("end", "TxDtls"): self._transaction,
            ("end", "NtryDtls"): self._end_details,
            ("end", "Ntry"): self._end_entry,
        }[event, name]
        try:
            for part in step(element):
                if isinstance(part, BankPayment):
                    self._payments += 1
                    self._sum_ore += part.amount_ore
                yield part
        except BankFileError as wrong:
            self._pass_over = self._begun.unread = True
            yield BankVerdict(VerdictLevel.ERROR, wrong.code, f"Post {self._entries}: {wrong.message}", self._entries)

    @property
    def _begun(self) -> _Notification:
        assert self._notification is not None, "an entry begins its notification"
        return self._notification

    def _head(self, details: Element) -> Iterator[BankFilePart]:
        """All that is told of an entry before its payments: now it can be read."""
        if self._entry is None:
            self._entry = yield from self._read_head(details.getparent())

    def _read_head(self, element: Element) -> Generator[BankFilePart, None, Entry]:
        notification = self._begun
        fallback = f"msg:{self._key.removeprefix('camt:')}|{notification.number}.{self._entries}"
        entry = read_entry(self._read, element, self._entries, notification.account, notification.told_on, fallback)
        notification.totals.add(entry)
        if entry.fate is Fate.FOREIGN:
            message = f"Post {entry.number}: beløpet er i {entry.currency} og er ikke tatt med."
            yield BankVerdict(VerdictLevel.WARNING, "other_currency", message, entry.number)
        elif entry.fate is not Fate.TAKEN:
            self._left_out[entry.fate] += 1
            self._first_left_out.setdefault(entry.fate, entry.number)
        elif entry.is_returned:
            message = f"Post {entry.number}: en betaling ut av kontoen er kommet tilbake; en person må se på den."
            yield BankVerdict(VerdictLevel.WARNING, "returned", message, entry.number)
        return entry

    def _transaction(self, details: Element) -> Iterator[BankFilePart]:
        entry = self._entry
        if entry is None or entry.fate is not Fate.TAKEN:
            return
        if entry.batch.payments == 0:
            entry.batch = read_batch(self._read, details.getparent())
        payment = entry.take(read_transaction(self._read, details, credit=entry.credit))
        if payment is not None:
            first = entry.first()
            if first is not None:
                yield first
            yield payment

    def _end_details(self, details: Element) -> Iterator[BankFilePart]:
        if self._entry is not None:
            batch, self._entry.batch = self._entry.batch, Batch()
            batch.agree()
        yield from ()

    def _end_entry(self, element: Element) -> Iterator[BankFilePart]:
        if self._entry is None:  # it had no details: all of it is read now
            self._entry = yield from self._read_head(element)
        if self._entry.fate is Fate.TAKEN:
            only = self._entry.finish(self._read.text(element, "AddtlNtryInf"))
            if only is not None:
                yield only

    def _tell_left_out(self) -> Iterator[BankVerdict]:
        for fate, number in self._left_out.items():
            code, message = _LEFT_OUT[fate]
            first = self._first_left_out[fate]
            yield BankVerdict(VerdictLevel.WARNING, code, message.format(n=number, first=first), first)
