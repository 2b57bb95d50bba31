"""A bank that writes OCR giro files (innbetalingsfiler), byte for byte as Nets does.

Source: Nets, System specification OCR giro. It knows nothing of the reader. `bank_camt.py` is the same bank in XML.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

NETS = "00008080"
FREE_TEXT_TYPES = ("20", "21")
REVERSAL_TYPES = ("18", "20")
TYPES = tuple(str(number) for number in range(10, 22))
KID = re.compile("[0-9]{0,25}|[0-9]{1,24}-")
FIRST_REFERENCE = 123_456_781


@dataclass(frozen=True, slots=True)
class SimPayment:
    """Somebody pays. `amount_ore` below zero is a credit note, or a reversal for the types 18 and 20.

    `bank_on` None is left out of the file, as is an empty `debit_account`. `text` belongs to the types 20 and 21.
    """

    kid: str
    amount_ore: int
    bank_on: date | None = None
    debit_account: str = ""
    text: str = ""
    type: str = "10"


@dataclass(frozen=True, slots=True)
class SimAssignment:
    """The payments to one account under one OCR agreement (oppdrag)."""

    account: str
    agreement: str
    number: int
    payments: Sequence[SimPayment]


def write_ocr(
    payments: Iterable[SimPayment],
    account: str,
    agreement: str,
    transmission_number: int,
    recipient: str,
    processed_on: date,
    *,
    signed_total: bool = False,
) -> bytes:
    """One file with one assignment, numbered as the transmission so that no two files share a payment.

    `account` has 11 digits, `agreement` up to 9, `recipient` up to 8. With `signed_total` the control sums follow the
    signs, as some files do; by the manual they do not. Raises ValueError when something has no room in the format.
    """
    assignment = SimAssignment(account, agreement, transmission_number, tuple(payments))
    return write_transmission([assignment], transmission_number, recipient, processed_on, signed_total=signed_total)


def write_transmission(
    assignments: Iterable[SimAssignment],
    transmission_number: int,
    recipient: str,
    processed_on: date,
    *,
    signed_total: bool = False,
) -> bytes:
    """One file with any number of assignments; see `write_ocr`."""
    lines = [_filled(f"NY000010{NETS}{_number(transmission_number, 7)}{_number(recipient, 8)}")]
    transactions = total = 0
    for assignment in assignments:
        written, assignment_total = _assignment(assignment, transactions, processed_on, signed_total)
        lines += written
        transactions += len(assignment.payments)
        total += assignment_total
    counts = f"{_number(transactions, 8)}{_number(len(lines) + 1, 8)}{_number(total, 17)}"
    lines.append(_filled(f"NY000089{counts}{_ddmmyy(processed_on)}"))
    return "".join(f"{line}\n" for line in lines).encode("latin-1")


def _assignment(
    assignment: SimAssignment, paid_before: int, processed_on: date, signed_total: bool
) -> tuple[list[str], int]:
    lines = [
        _filled(
            f"NY090020{_number(assignment.agreement, 9)}{_number(assignment.number, 7)}"
            f"{_number(assignment.account, 11)}"
        )
    ]
    total = 0
    for number, payment in enumerate(assignment.payments, 1):
        lines += _payment(payment, number, FIRST_REFERENCE + paid_before + number - 1, processed_on)
        negative = signed_total and _sign(payment) == "-"
        total += -abs(payment.amount_ore) if negative else abs(payment.amount_ore)
    day = _ddmmyy(processed_on)
    counts = f"{_number(len(assignment.payments), 8)}{_number(len(lines) + 1, 8)}{_number(total, 17)}"
    lines.append(_filled(f"NY090088{counts}{day}{day}{day}"))
    return lines, total


def _payment(payment: SimPayment, number: int, reference: int, processed_on: date) -> list[str]:
    _check(payment)
    head, serial = f"NY09{payment.type}", _number(number, 7)
    day = _ddmmyy(processed_on)
    amount = _number(abs(payment.amount_ore), 17)
    bank_day = _ddmmyy(payment.bank_on) if payment.bank_on else "000000"
    second = f"{'0' * 10}{_number(reference, 9)}{'0' * 7}{bank_day}{_number(payment.debit_account, 11)}"
    lines = [
        # centre 01, the day code is the day of the month, one partial settlement, each payment a sum of its own
        f"{head}30{serial}{day}01{day[:2]}{_settlement(payment)}{number % 100_000:05d}{_sign(payment)}{amount}"
        f"{payment.kid:>25}000000",
        _filled(f"{head}31{serial}{second}"),
    ]
    if payment.text:
        lines.append(_filled(f"{head}32{serial}{payment.text:<40}"))
    return lines


def _check(payment: SimPayment) -> None:
    """Raises ValueError when the payment cannot be told in this format."""
    free_text = payment.type in FREE_TEXT_TYPES
    problems = {
        f"unknown type {payment.type!r}": payment.type not in TYPES,
        "a KID has at most 25 digits, the last one may be '-'": not KID.fullmatch(payment.kid),
        "types 20 and 21 have no KID": free_text and bool(payment.kid),
        "only types 20 and 21 have a text, of at most 40 characters": len(payment.text) > 40 * free_text,
        "a text is one line": not payment.text.isprintable(),
        "a reversal takes money back": payment.type in REVERSAL_TYPES and payment.amount_ore > 0,
    }
    for problem, found in problems.items():
        if found:
            raise ValueError(f"{problem}: {payment}")


def _sign(payment: SimPayment) -> str:
    """Position 32. A reversal tells by its type alone."""
    return "-" if payment.amount_ore < 0 and payment.type not in REVERSAL_TYPES else "0"


def _settlement(payment: SimPayment) -> str:
    return "0" if payment.type in ("18", "19", "20", "21") else "1"


def _number(value: int | str, width: int) -> str:
    """Digits, right-aligned and zero-filled. Raises ValueError when there is no room, or a sign."""
    text = str(value).rjust(width, "0")
    if len(text) != width or not (text.isascii() and text.isdigit()):
        raise ValueError(f"{value!r} is not a number of at most {width} digits")
    return text


def _ddmmyy(day: date) -> str:
    if not 2000 <= day.year <= 2099:
        raise ValueError(f"{day} has no two-digit year of this century")
    return f"{day:%d%m%y}"


def _filled(line: str) -> str:
    return line.ljust(80, "0")
