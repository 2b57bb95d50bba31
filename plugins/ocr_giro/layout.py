"""The records of OCR giro: 80 characters each, told as tables of fields (recordformat).

Source: Nets, System specification OCR giro. Positions are 1-based and inclusive, as in the manual.
Fillers are not checked: the official sample itself holds data in one of them.
"""

import re
from dataclasses import dataclass

from saas.hooks import BankFileError

WIDTH = 80
SERVICE = slice(2, 4)
RECORD_TYPE = slice(6, 8)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what people call it, where it stands, and the pattern it must match."""

    name: str
    first: int
    last: int
    pattern: str

    def of(self, line: str) -> str:
        """The field as it stands in `line`."""
        return line[self.first - 1 : self.last]


def digits(name: str, first: int, last: int) -> Field:
    """A numeric field: zero-filled, nothing but 0–9."""
    return Field(name, first, last, f"[0-9]{{{last - first + 1}}}")


class Record:
    """One kind of record. `values` gives its fields, or says which field is wrong."""

    def __init__(self, name: str, *fields: Field) -> None:
        self.name, self.fields = name, fields
        pattern, position = "", 1
        for field in fields:
            pattern += f".{{{field.first - position}}}({field.pattern})"
            position = field.last + 1
        self._match = re.compile(pattern, re.DOTALL).match

    def values(self, line: str, row: int) -> tuple[str, ...]:
        """The fields in order. Raises BankFileError with `row` when one is not as it must be."""
        found = self._match(line)
        if found is None:
            raise self._error(line, row)
        return found.groups()

    def _error(self, line: str, row: int) -> BankFileError:
        wrong = next(f for f in self.fields if not re.fullmatch(f.pattern, f.of(line), re.DOTALL))
        return BankFileError(
            f"Linje {row}: {wrong.name} i {self.name} (posisjon {wrong.first}–{wrong.last}) er ikke gyldig: "
            f"{wrong.of(line)!r}.",
            row,
            "wrong_field",
        )


TRANSMISSION_START = Record(
    "startrecord for forsendelse",
    Field("kode", 1, 8, "NY000010"),
    digits("forsendelsesnummer", 17, 23),
    digits("mottaker", 24, 31),
)

ASSIGNMENT_START = Record(
    "startrecord for oppdrag",
    Field("kode", 1, 8, "NY090020"),
    digits("avtale-id", 9, 17),
    digits("oppdragsnummer", 18, 24),
    digits("oppdragskonto", 25, 35),
)

AMOUNT_ITEM_1 = Record(
    "beløpspost 1",
    Field("kode", 1, 4, "NY09"),
    Field("transaksjonstype", 5, 6, "1[0-9]|2[01]"),
    Field("recordtype", 7, 8, "30"),
    digits("transaksjonsnummer", 9, 15),
    digits("oppgjørsdato", 16, 21),
    Field("fortegn", 32, 32, "[-0]"),
    digits("beløp", 33, 49),
    Field("KID", 50, 74, ".{25}"),  # its characters are checked when the blanks are off
)

AMOUNT_ITEM_2 = Record(
    "beløpspost 2",
    Field("kode", 1, 4, "NY09"),
    digits("transaksjonstype", 5, 6),
    Field("recordtype", 7, 8, "31"),
    digits("transaksjonsnummer", 9, 15),
    Field("arkivreferanse", 26, 34, "[ -~]{9}"),
    digits("bankdato", 42, 47),
    digits("debetkonto", 48, 58),
)

AMOUNT_ITEM_3 = Record(
    "beløpspost 3",
    Field("kode", 1, 4, "NY09"),
    Field("transaksjonstype", 5, 6, "2[01]"),
    Field("recordtype", 7, 8, "32"),
    digits("transaksjonsnummer", 9, 15),
    Field("fritekst", 16, 55, ".{40}"),
)

# Record 88 has the same counts and total for every service, so one that is skipped can still be counted.
_ASSIGNMENT_TOTALS = (
    Field("kode", 1, 2, "NY"),
    Field("recordtype", 7, 8, "88"),
    digits("antall transaksjoner", 9, 16),
    digits("antall recorder", 17, 24),
    digits("sum", 25, 41),
)
ASSIGNMENT_TOTALS = Record("sluttrecord for oppdrag", *_ASSIGNMENT_TOTALS)
ASSIGNMENT_END = Record(
    "sluttrecord for oppdrag",
    *_ASSIGNMENT_TOTALS,
    digits("oppgjørsdato", 42, 47),
    digits("tidligste dato", 48, 53),
    digits("seneste dato", 54, 59),
)

TRANSMISSION_END = Record(
    "sluttrecord for forsendelse",
    Field("kode", 1, 8, "NY000089"),
    digits("antall transaksjoner", 9, 16),
    digits("antall recorder", 17, 24),
    digits("sum", 25, 41),
)
