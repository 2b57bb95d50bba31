"""Reads a whole bank file with one reader, as the inbox does, for tests that look at the reader alone."""

import io
from dataclasses import dataclass

from saas.hooks import BankFileEnd, BankFileReader, BankPayment, BankVerdict


@dataclass(frozen=True)
class WholeFile:
    """All a reader gave."""

    key: str
    sum_ore: int
    payments: tuple[BankPayment, ...]
    verdicts: tuple[BankVerdict, ...]

    @property
    def codes(self) -> list[str]:
        return [verdict.code for verdict in self.verdicts]


def read_whole(reader: BankFileReader, content: bytes) -> WholeFile:
    """Raises BankFileError as the reader does. The end must come last, and tell what was given."""
    *parts, end = reader.read(io.BytesIO(content))
    assert isinstance(end, BankFileEnd)
    payments = tuple(part for part in parts if isinstance(part, BankPayment))
    verdicts = tuple(part for part in parts if isinstance(part, BankVerdict))
    assert len(payments) + len(verdicts) == len(parts)
    assert (end.payments, end.sum_ore) == (len(payments), sum(p.amount_ore for p in payments))
    return WholeFile(end.key, end.sum_ore, payments, verdicts)
