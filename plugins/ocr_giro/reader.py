"""Reads an OCR giro file (innbetalingsfil) into payments, or says in which line it is wrong.

One pass, line by line: memory does not follow the size of the file.
"""

import hashlib
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import BinaryIO

from plugins.ocr_giro.layout import (
    AMOUNT_ITEM_1,
    AMOUNT_ITEM_2,
    AMOUNT_ITEM_3,
    ASSIGNMENT_END,
    ASSIGNMENT_START,
    ASSIGNMENT_TOTALS,
    RECORD_TYPE,
    SERVICE,
    TRANSMISSION_END,
    TRANSMISSION_START,
    WIDTH,
)
from saas.hooks import BankFileEnd, BankFileError, BankFilePart, BankPayment, BankVerdict, VerdictLevel
from saas.rules.money import Ore

OCR_SERVICE = "09"
REVERSALS = ("18", "20")  # tilbakeføring: takes money back, whatever position 32 says
NOT_TOLD = "000000"  # a date nobody filled in

_BOM = b"\xef\xbb\xbf"
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*NY[0-9]{6}")
_CONTROL_BYTES = bytes(b for b in range(32) if b not in b"\r\n") + b"\x7f"
_LONGEST_LINE = 4 * WIDTH  # bytes read at once: enough for any line somebody saved anew, too few to harm
_KID = re.compile(r"[0-9]+-?")

Lines = Iterator[tuple[int, str]]
Given = Generator[BankFilePart, None, "_Control"]  # the parts of an assignment, and in the end its sums


class OcrGiroReader:
    """Reader of OCR giro, service 09. With `customer_unit`, only files to that unit (kundeenhet-ID) are read."""

    format = "ocr_giro"

    def __init__(self, customer_unit: str = "") -> None:
        self._customer_unit = customer_unit.zfill(8) if customer_unit else ""

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes look like a Nets transmission: 16 bytes are enough."""
        return _HEAD.match(head) is not None

    def read(self, file: BinaryIO) -> Iterator[BankFilePart]:
        """The payments of the file, in its order. Raises BankFileError at the first line that is wrong."""
        return _File(_lines(file), self._customer_unit).read()


@dataclass(slots=True)
class _Control:
    """What was counted, to hold against what the bank wrote in its end records. Sums are in øre."""

    transactions: int = 0
    records: int = 0
    plain_ore: int = 0
    signed_ore: int = 0  # as position 32 says; reversals are added (the manual), never subtracted
    first_on: date = date.max  # of the processing dates
    last_on: date = date.min

    def add(self, other: "_Control") -> None:
        self.transactions += other.transactions
        self.records += other.records
        self.plain_ore += other.plain_ore
        self.signed_ore += other.signed_ore

    def agree(self, where: str, row: int, transactions: str, records: str, total: str) -> Iterator[BankVerdict]:
        """Tells how the bank's total came about when there are two ways. Raises BankFileError when anything differs."""
        for told, counted, what in (
            (int(transactions), self.transactions, "transaksjoner"),
            (int(records), self.records, "recorder"),
        ):
            if told != counted:
                raise _wrong(row, "wrong_count", f"{where} oppgir {told} {what}, men har {counted}.")
        if int(total) not in (self.plain_ore, self.signed_ore):
            message = (
                f"{where} oppgir summen {int(total)} øre, men beløpene blir {self.plain_ore} øre "
                f"uten fortegn og {self.signed_ore} øre med fortegn."
            )
            raise _wrong(row, "wrong_sum", message)
        if self.plain_ore != self.signed_ore:
            signed = int(total) == self.signed_ore
            message = f"Kontrollsummen i {where} er regnet {'med' if signed else 'uten'} fortegn."
            yield BankVerdict(VerdictLevel.WARNING, "sum_with_signs" if signed else "sum_without_signs", message, row)

    def agree_on_days(self, where: str, row: int, first: str, last: str) -> None:
        """Raises BankFileError when the earliest or latest date is another than that of the payments."""
        if not self.transactions:
            return
        for told, counted, what in ((first, self.first_on, "tidligste"), (last, self.last_on, "seneste")):
            if told != NOT_TOLD and _day(told, row) != counted:
                raise _wrong(row, "wrong_dates", f"{where} oppgir {told} som {what} dato, men den er {counted:%d%m%y}.")


class _File:
    """One pass over the lines of a file: one transmission (forsendelse) or several."""

    def __init__(self, lines: Lines, customer_unit: str) -> None:
        self._lines = lines
        self._records = chain(lines, _cut_short())  # so that asking for a next record always has an answer
        self._customer_unit = customer_unit
        self._transmissions: set[str] = set()
        self._assignments: set[str] = set()
        self._all = hashlib.sha256()
        self._payments, self._sum_ore = 0, 0

    def read(self) -> Iterator[BankFilePart]:
        key = ""
        for row, line in chain([next(self._records)], self._lines):
            key = self._key(row, line)
            yield from self._transmission()
        several = len(self._transmissions) > 1
        yield BankFileEnd(
            f"ocr:{len(self._transmissions)}|{self._all.hexdigest()}" if several else key,
            self._payments,
            Ore(self._sum_ore),
        )

    def _key(self, row: int, line: str) -> str:
        """The key of the transmission that begins here."""
        if self._transmissions and line[RECORD_TYPE] != "10":
            raise _wrong(row, "wrong_order", "det står mer i filen etter sluttrecorden.")
        _, number, recipient = TRANSMISSION_START.values(line, row)
        if self._customer_unit not in ("", recipient):
            message = f"filen er til kundeenhet {recipient}, og innstillingen sier {self._customer_unit}."
            raise _wrong(row, "other_recipient", message)
        key = f"ocr:{recipient}|{number}"
        if key in self._transmissions:
            raise _wrong(row, "same_twice", f"forsendelse {number} står to ganger i filen.")
        self._transmissions.add(key)
        self._all.update(f"{key}\n".encode())
        return key

    def _transmission(self) -> Iterator[BankFilePart]:
        """The assignments up to the end record of the transmission."""
        control = _Control(records=2)
        row, line = next(self._records)
        while line[RECORD_TYPE] == "20":
            ours = line[SERVICE] == OCR_SERVICE
            control.add((yield from self._assignment(row, line) if ours else self._skip(row, line)))
            row, line = next(self._records)
        if line[RECORD_TYPE] != "89":
            raise _misplaced(row, line)
        _, *told = TRANSMISSION_END.values(line, row)
        yield from control.agree("forsendelsen", row, *told)

    def _assignment(self, row: int, line: str) -> Given:
        """One assignment (oppdrag): the payments to one of our accounts."""
        _, agreement, number, account = ASSIGNMENT_START.values(line, row)
        key_head = f"ocr:{agreement}|{number}|"
        if key_head in self._assignments:
            raise _wrong(row, "same_twice", f"oppdrag {number} i avtale {agreement} står to ganger i filen.")
        self._assignments.add(key_head)
        control = _Control(records=2)
        before, last_number = None, 0
        for row, line in self._records:
            record_type = line[RECORD_TYPE]
            if record_type == "30":
                if before is not None:
                    yield before[1]
                before = self._payment(row, line, key_head, account, control)
                last_number = _rising(before[0][2:], last_number, row)
            elif record_type == "32":
                before = "", _with_text(row, line, before)
                control.records += 1
            elif record_type == "88" and line[SERVICE] == OCR_SERVICE:
                break
            else:
                raise _misplaced(row, line)
        if before is not None:
            yield before[1]
        _, _, transactions, records, total, _, first, last = ASSIGNMENT_END.values(line, row)
        where = f"oppdrag {number}"
        yield from control.agree(where, row, transactions, records, total)
        control.agree_on_days(where, row, first, last)
        return control

    def _payment(self, row: int, line: str, key_head: str, account: str, control: _Control) -> tuple[str, BankPayment]:
        """Amount items 1 and 2, which together are one payment; with its type and number, by which a text finds it."""
        _, kind, _, number, nets_date, sign, amount, kid_field = AMOUNT_ITEM_1.values(line, row)
        row_2, line_2 = next(self._records)
        if line_2[RECORD_TYPE] != "31":
            raise _wrong(row_2, "wrong_order", "beløpspost 2 (record 31) mangler etter beløpspost 1.")
        _, kind_2, _, number_2, reference, bank_date, debit_account = AMOUNT_ITEM_2.values(line_2, row_2)
        if (kind_2, number_2) != (kind, number):
            raise _wrong(row_2, "wrong_order", "beløpspost 2 hører til en annen transaksjon enn linjen over.")

        nets_on, plain_ore = _day(nets_date, row), int(amount)
        signed_ore = -plain_ore if sign == "-" else plain_ore
        payment = BankPayment(
            key=f"{key_head}{number}|{nets_on}|{reference.strip()}",
            account=account,
            kid=_kid(kid_field, row),
            amount_ore=Ore(-plain_ore if kind in REVERSALS else signed_ore),
            value_on=nets_on if bank_date == NOT_TOLD else _day(bank_date, row_2),
            debit_account="" if debit_account == "00000000000" else debit_account,
            record=row,
        )
        control.transactions += 1
        control.records += 2
        control.plain_ore += plain_ore
        control.signed_ore += signed_ore
        control.first_on, control.last_on = min(control.first_on, nets_on), max(control.last_on, nets_on)
        self._payments += 1
        self._sum_ore += payment.amount_ore
        return kind + number, payment

    def _skip(self, start_row: int, start: str) -> Given:
        """An assignment of another service, e.g. AvtaleGiro (21): counted as the bank counts it, otherwise left."""
        service, records = start[SERVICE], 1
        for row, line in self._records:
            if line[SERVICE] != service:
                raise _misplaced(row, line)
            records += 1
            if line[RECORD_TYPE] == "88":
                break
        _, _, transactions, told_records, total = ASSIGNMENT_TOTALS.values(line, row)
        if int(told_records) != records:
            message = f"oppdraget oppgir {int(told_records)} recorder, men har {records}."
            raise _wrong(row, "wrong_count", message)
        message = f"Hoppet over et oppdrag av tjeneste {service} (linje {start_row}–{row})."
        yield BankVerdict(VerdictLevel.WARNING, "other_service", message, start_row)
        return _Control(int(transactions), records, int(total), int(total))


def _rising(number: str, last: int, row: int) -> int:
    """The transaction number, a serial within the assignment: so no payment can stand in it twice."""
    if int(number) > last:
        return int(number)
    message = f"transaksjonsnummer {number} kommer etter {last:07d}; det står to ganger eller på feil sted."
    raise _wrong(row, "same_twice" if int(number) == last else "wrong_order", message)


def _with_text(row: int, line: str, before: tuple[str, BankPayment] | None) -> BankPayment:
    """The payment just above with its text (amount item 3); it must be of a type that has one, and have none yet."""
    _, kind, _, number, text = AMOUNT_ITEM_3.values(line, row)
    if before is None or kind + number != before[0]:
        raise _wrong(row, "wrong_order", "beløpspost 3 hører ikke til betalingen over.")
    return replace(before[1], text="".join(c if c.isprintable() else "?" for c in text).strip())


def _lines(file: BinaryIO) -> Lines:
    """(line number, record) of each line that is not blank. Raises BankFileError when one is not 80 characters."""
    row, seen, saved_as_utf8 = 0, False, False
    while line := file.readline(_LONGEST_LINE):
        row += 1
        if row == 1 and line.startswith(_BOM):  # somebody saved the file anew on the way
            line, saved_as_utf8 = line.removeprefix(_BOM), True
        record = _record(line.rstrip(b"\r\n"), row, utf8=saved_as_utf8)
        if len(record) == WIDTH:
            seen = True
            yield row, record
        elif record.strip(" "):
            seen = True
            if len(record) < WIDTH and not line.endswith(b"\n"):
                raise _wrong(row, "cut_short", "filen er avkuttet midt i linjen.")
            over = " mer enn" if not line.endswith(b"\n") and len(line) == _LONGEST_LINE else ""
            raise _wrong(row, "wrong_length", f"linjen har{over} {len(record)} tegn og skal ha {WIDTH}.")
    if not seen:
        raise BankFileError("Filen er tom.", code="empty")


def _record(line: bytes, row: int, *, utf8: bool) -> str:
    if len(line.translate(None, _CONTROL_BYTES)) != len(line):
        raise _wrong(row, "not_text", "filen inneholder tegn som ikke hører hjemme i en tekstfil.")
    if utf8:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            pass  # only the mark was put there
    return line.decode("latin-1")


def _cut_short() -> Lines:
    """What follows the last line of a file that ended before its end record."""
    raise BankFileError("Filen er avkuttet: sluttrecorden (89) mangler.", code="cut_short")
    yield  # makes this an iterator, so that it raises only when it is reached


def _wrong(row: int, code: str, message: str) -> BankFileError:
    return BankFileError(f"Linje {row}: {message}", row, code)


def _misplaced(row: int, line: str) -> BankFileError:
    what = f"tjeneste {line[SERVICE]!r}, type {line[RECORD_TYPE]!r}"
    return _wrong(row, "wrong_order", f"ukjent record eller record på feil sted: {what}.")


def _day(digits: str, row: int) -> date:
    """`201126` → 20 November 2026. The century is not in the file; it is ours."""
    day = _known_day(digits)
    if day is None:
        raise _wrong(row, "not_a_date", f"{digits!r} er ikke en dato (DDMMÅÅ).")
    return day


@lru_cache(maxsize=1024)
def _known_day(digits: str) -> date | None:
    try:
        return date(2000 + int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return None


def _kid(field: str, row: int) -> str:
    """The KID without its blanks; leading zeros count, and the check character of MOD11 may be `-`."""
    kid = field.strip(" ")
    if kid and not kid.isdecimal() and not _KID.fullmatch(kid):
        raise _wrong(row, "wrong_kid", f"KID-en {kid!r} kan bare ha sifre, og eventuelt - til slutt.")
    return kid
