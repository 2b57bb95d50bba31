"""Reads an OCR giro file (innbetalingsfil) into payments, or says in which line it is wrong."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import chain

from plugins.ocr_giro.layout import (
    AMOUNT_ITEM_1,
    AMOUNT_ITEM_2,
    AMOUNT_ITEM_3,
    ASSIGNMENT_END,
    ASSIGNMENT_START,
    RECORD_TYPE,
    SERVICE,
    TRANSMISSION_END,
    TRANSMISSION_START,
    WIDTH,
)
from saas.hooks import BankFile, BankFileError, BankPayment
from saas.rules.money import Ore

MAX_BYTES = 200_000_000
OCR_SERVICE = "09"
REVERSALS = ("18", "20")  # tilbakeføring: takes money back, whatever position 32 says

_BOM = b"\xef\xbb\xbf"
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*NY[0-9]{6}")
_CONTROL_BYTES = bytes(b for b in range(32) if b not in b"\r\n") + b"\x7f"
_KID = re.compile(r"[0-9]+-?")

Lines = Iterator[tuple[int, str]]


class OcrGiroReader:
    """Reader of OCR giro, service 09. Streams line by line; time and memory follow the number of payments."""

    format = "ocr_giro"

    def recognises(self, head: bytes) -> bool:
        """Whether the first bytes look like a Nets transmission: 16 bytes are enough."""
        return _HEAD.match(head) is not None

    def read(self, content: bytes) -> BankFile:
        """The payments of the file, in its order. Raises BankFileError when any part of it is wrong."""
        lines = _lines(_checked(content))
        return _Transmission(lines).read()


@dataclass(slots=True)
class _Control:
    """What was counted, to hold against what the bank wrote in its end records. Sums are in øre."""

    transactions: int = 0
    records: int = 0
    plain_ore: int = 0
    signed_ore: int = 0  # as position 32 says; reversals are added (the manual), never subtracted

    def add(self, other: "_Control") -> None:
        self.transactions += other.transactions
        self.records += other.records
        self.plain_ore += other.plain_ore
        self.signed_ore += other.signed_ore

    def note_when_it_agrees(self, where: str, row: int, transactions: str, records: str, total: str) -> str:
        """How the bank's total came about, '' when there is one way. Raises BankFileError when anything differs."""
        for told, counted, what in (
            (int(transactions), self.transactions, "transaksjoner"),
            (int(records), self.records, "recorder"),
        ):
            if told != counted:
                raise BankFileError(f"Linje {row}: {where} oppgir {told} {what}, men har {counted}.", row)
        if int(total) not in (self.plain_ore, self.signed_ore):
            raise BankFileError(
                f"Linje {row}: {where} oppgir summen {int(total)} øre, men beløpene blir {self.plain_ore} øre "
                f"uten fortegn og {self.signed_ore} øre med fortegn.",
                row,
            )
        if self.plain_ore == self.signed_ore:
            return ""
        return f"Kontrollsummen i {where} er regnet {'uten' if int(total) == self.plain_ore else 'med'} fortegn."


class _Transmission:
    """One pass over the lines of one transmission (forsendelse)."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._records = chain(lines, _cut_short())  # so that asking for a next record always has an answer
        self._control = _Control()
        self._payments: list[BankPayment] = []
        self._keys: set[str] = set()
        self._may_have_text = ""  # type and number of the payment just read, until its text came
        self._notes: list[str] = []

    def read(self) -> BankFile:
        row, line = next(self._records)
        _, transmission_number, recipient = TRANSMISSION_START.values(line, row)
        row, line = next(self._records)
        while line[RECORD_TYPE] == "20":
            self._control.add(self._assignment(row, line) if line[SERVICE] == OCR_SERVICE else self._skip(row, line))
            row, line = next(self._records)
        if line[RECORD_TYPE] != "89":
            raise _misplaced(row, line)
        self._control.records += 2
        _, *told = TRANSMISSION_END.values(line, row)
        self._note(self._control.note_when_it_agrees("forsendelsen", row, *told))
        for row, _ in self._lines:
            raise BankFileError(f"Linje {row}: det står mer i filen etter sluttrecorden.", row)
        return BankFile(
            format=OcrGiroReader.format,
            key=f"ocr:{recipient}|{transmission_number}",
            payments=tuple(self._payments),
            sum_ore=Ore(sum(payment.amount_ore for payment in self._payments)),
            notes=tuple(self._notes),
        )

    def _assignment(self, row: int, line: str) -> _Control:
        """One assignment (oppdrag): the payments to one of our accounts."""
        _, agreement, number, account = ASSIGNMENT_START.values(line, row)
        key_head, control = f"ocr:{agreement}|{number}|", _Control(records=2)
        self._may_have_text = ""
        for row, line in self._records:
            record_type = line[RECORD_TYPE]
            if record_type == "30":
                self._payment(row, line, key_head, account, control)
            elif record_type == "32":
                self._free_text(row, line)
                control.records += 1
            elif record_type == "88" and line[SERVICE] == OCR_SERVICE:
                break
            else:
                raise _misplaced(row, line)
        _, _, *told = ASSIGNMENT_END.values(line, row)
        self._note(control.note_when_it_agrees(f"oppdrag {number}", row, *told))
        return control

    def _payment(self, row: int, line: str, key_head: str, account: str, control: _Control) -> None:
        """Amount items 1 and 2, which together are one payment."""
        _, kind, _, number, nets_date, sign, amount, kid_field = AMOUNT_ITEM_1.values(line, row)
        row_2, line_2 = next(self._records)
        if line_2[RECORD_TYPE] != "31":
            raise BankFileError(f"Linje {row_2}: beløpspost 2 (record 31) mangler etter beløpspost 1.", row_2)
        _, kind_2, _, number_2, reference, bank_date, debit_account = AMOUNT_ITEM_2.values(line_2, row_2)
        if (kind_2, number_2) != (kind, number):
            raise BankFileError(f"Linje {row_2}: beløpspost 2 hører til en annen transaksjon enn linjen over.", row_2)

        nets_on, plain_ore = _day(nets_date, row), int(amount)
        key = f"{key_head}{number}|{nets_on}|{reference.strip()}"
        if key in self._keys:
            raise BankFileError(f"Linje {row}: den samme betalingen står to ganger i filen.", row)
        self._keys.add(key)
        self._may_have_text = kind + number
        signed_ore = -plain_ore if sign == "-" else plain_ore
        self._payments.append(
            BankPayment(
                key=key,
                account=account,
                kid=_kid(kid_field, row),
                amount_ore=Ore(-plain_ore if kind in REVERSALS else signed_ore),
                value_on=nets_on if bank_date == "000000" else _day(bank_date, row_2),
                debit_account="" if debit_account == "00000000000" else debit_account,
                row=row,
            )
        )
        control.transactions += 1
        control.records += 2
        control.plain_ore += plain_ore
        control.signed_ore += signed_ore

    def _free_text(self, row: int, line: str) -> None:
        """Amount item 3: the text of the payment just above, which must be of a type that has one."""
        _, kind, _, number, text = AMOUNT_ITEM_3.values(line, row)
        if kind + number != self._may_have_text:
            raise BankFileError(f"Linje {row}: beløpspost 3 hører ikke til betalingen over.", row)
        self._may_have_text = ""
        self._payments[-1] = replace(self._payments[-1], text=_printable(text))

    def _skip(self, start_row: int, start: str) -> _Control:
        """An assignment of another service, e.g. AvtaleGiro (21): counted as the bank counts it, otherwise left."""
        service, records = start[SERVICE], 1
        for row, line in self._records:
            if line[SERVICE] != service:
                raise _misplaced(row, line)
            records += 1
            if line[RECORD_TYPE] == "88":
                break
        _, _, transactions, told_records, total = ASSIGNMENT_END.values(line, row)
        if int(told_records) != records:
            raise BankFileError(f"Linje {row}: oppdraget oppgir {int(told_records)} recorder, men har {records}.", row)
        self._note(f"Hoppet over et oppdrag av tjeneste {service} (linje {start_row}–{row}).")
        return _Control(int(transactions), records, int(total), int(total))

    def _note(self, note: str) -> None:
        if note:
            self._notes.append(note)


def _checked(content: bytes) -> bytes:
    """The content as ISO-8859-1, without byte order mark. Raises BankFileError when it cannot be a text file."""
    if len(content) > MAX_BYTES:
        raise BankFileError(f"Filen er større enn {MAX_BYTES // 1_000_000} MB.")
    if not content.strip(b"\r\n " + _BOM):
        raise BankFileError("Filen er tom.")
    if len(content.translate(None, _CONTROL_BYTES)) != len(content):
        at = re.search(b"[" + re.escape(_CONTROL_BYTES) + b"]", content)
        row = content.count(b"\n", 0, at.start() if at else 0) + 1
        raise BankFileError(f"Linje {row}: filen inneholder tegn som ikke hører hjemme i en tekstfil.", row)
    if not content.startswith(_BOM):
        return content
    content = content.removeprefix(_BOM)
    try:  # the mark says UTF-8: somebody saved the file anew on the way
        return content.decode("utf-8").encode("latin-1", errors="replace")
    except UnicodeDecodeError:
        return content


def _lines(content: bytes) -> Lines:
    """(line number, record) of each line that is not blank. Raises BankFileError when one is not 80 characters."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="latin-1", newline="\n")
    for row, line in enumerate(text, 1):
        record = line.rstrip("\r\n")
        if len(record) == WIDTH:
            yield row, record
        elif record.strip(" "):
            if len(record) < WIDTH and not line.endswith("\n"):
                raise BankFileError(f"Linje {row}: filen er avkuttet midt i linjen.", row)
            raise BankFileError(f"Linje {row}: linjen har {len(record)} tegn og skal ha {WIDTH}.", row)


def _cut_short() -> Lines:
    """What follows the last line of a file that ended before its end record."""
    raise BankFileError("Filen er avkuttet: sluttrecorden (89) mangler.")
    yield  # makes this an iterator, so that it raises only when it is reached


def _misplaced(row: int, line: str) -> BankFileError:
    what = f"tjeneste {line[SERVICE]!r}, type {line[RECORD_TYPE]!r}"
    return BankFileError(f"Linje {row}: ukjent record eller record på feil sted: {what}.", row)


def _day(digits: str, row: int) -> date:
    """`201126` → 20 November 2026. The century is not in the file; it is ours."""
    day = _known_day(digits)
    if day is None:
        raise BankFileError(f"Linje {row}: {digits!r} er ikke en dato (DDMMÅÅ).", row)
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
        raise BankFileError(f"Linje {row}: KID-en {kid!r} kan bare ha sifre, og eventuelt - til slutt.", row)
    return kid


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text).strip()
