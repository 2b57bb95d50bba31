"""Bulk files as they come: encodings, separators, headings, and everything that can be wrong with one."""

from datetime import date

import pytest

from saas.cases import csv_file
from saas.cases.csv_file import FIELDS, FileRow, read_csv, template_csv
from saas.cases.schemas import REQUIRED, ClaimSchema
from saas.kernel.errors import BadInput

HEADING = "debtor_kind;debtor_name;invoice_number;invoiced_on;due_on;amount"
LINE = "person;Kåre Ødegård;F-1;20.01.2026;10.02.2026;1 240,00"


def rows(text: str, encoding: str = "utf-8") -> list[FileRow]:
    return list(read_csv(text.encode(encoding)))


def refused(content: bytes) -> str:
    with pytest.raises(BadInput) as told:
        list(read_csv(content))
    return told.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
def test_norwegian_letters_survive_every_encoding_a_spreadsheet_writes(encoding: str) -> None:
    (row,) = rows(f"{HEADING}\r\n{LINE}\r\n", encoding)
    assert row.values["debtor_name"] == "Kåre Ødegård"


def test_bytes_that_windows_1252_has_no_letter_for_are_still_read() -> None:
    (row,) = read_csv(f"{HEADING}\n{LINE}\n".encode("latin-1").replace(b"K\xe5re", b"K\xe5re\x81"))
    assert row.values["debtor_name"].startswith("Kåre")


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_the_separator_is_told_from_the_heading(delimiter: str) -> None:
    cells = [f'"{cell}"' for cell in LINE.split(";")]
    (row,) = rows(HEADING.replace(";", delimiter) + "\n" + delimiter.join(cells))
    assert row.values["amount"] == "1 240,00"


def test_norwegian_headings_mean_the_same_fields() -> None:
    heading = "Type skyldner;Navn på skyldner;Fakturanummer;Fakturadato;Forfallsdato;Beløp;Postnr;Aktiv avtale;E-post"
    (row,) = rows(f"{heading}\n{LINE};0155;ja;")
    assert set(row.values) == {*REQUIRED, "postcode", "active_contract", "email"}


def test_every_synonym_leads_to_a_field() -> None:
    assert set(csv_file.SYNONYMS.values()) <= set(FIELDS)
    assert not set(csv_file.SYNONYMS) & set(FIELDS)


def test_lines_are_numbered_as_in_an_editor_with_blank_ones_passed_over() -> None:
    found = rows(f'{HEADING}\n{LINE}\n\n;;;;;\n"person";"to\nlinjer";F-2;20.01.2026;10.02.2026;5\n{LINE}')
    assert [row.line for row in found] == [2, 6, 7]


def test_blank_lines_before_the_heading_are_passed_over() -> None:
    assert [row.line for row in rows(f"\ufeff\n\n{HEADING}\n{LINE}\n")] == [4]


def test_a_row_with_too_many_or_too_few_columns_is_wrong_alone() -> None:
    good, more, fewer, trailing = rows(f"{HEADING}\n{LINE}\n{LINE};x\nperson;Kari;F-2;20.01.20\n{LINE};;\n")
    assert (good.problem, trailing.problem) == ("", "")
    assert "flere" in more.problem
    assert "færre" in fewer.problem
    assert more.values == fewer.values == {}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "tom"),
        (b" \r\n\r\n", "tom"),
        (b"\xef\xbb\xbf\r\n", "tom"),
        (b"amount\n", "mangler"),
        ((HEADING + "\n" + LINE).encode("utf-16"), "CSV UTF-8"),
        ((HEADING + "\nperson;Ka\x00ri").encode(), "CSV UTF-8"),
        (b"PK\x03\x04\x00\x00 an xlsx file", "CSV UTF-8"),
        (LINE.encode(), "kjenner vi ikke"),
        (HEADING.replace("amount", "amont").encode(), "amont"),
        (HEADING.replace(";amount", "").encode(), "amount"),
        (f"{HEADING};beløp".encode(), "to ganger"),
        (f"{HEADING};;x".encode(), "kjenner vi ikke"),
        (f'{HEADING}\nperson;"Kari;F-1\n{LINE}\n'.encode(), "anførselstegn"),
        (f'{HEADING}\nperson;"Kari" Prøve;F-1;20.01.2026;10.02.2026;5\n'.encode(), "Linje 2"),
        (f'"{HEADING}'.encode(), "anførselstegn"),
        (f"{HEADING}\n".encode() + b'"' + b"x" * 200_000, "Linje"),
    ],
)
def test_a_file_wrong_as_a_whole_is_refused_with_what_to_do(content: bytes, word: str) -> None:
    assert word in refused(content)


def test_a_file_beyond_the_limit_is_refused_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "MAX_BYTES", 1024 * 1024)
    assert "1 MB" in refused(b"x" * (1024 * 1024 + 1))


def test_rows_are_read_as_they_are_asked_for() -> None:
    content = (f"{HEADING}\n" + f"{LINE}\n" * 200_000).encode() + b'"'
    reader = read_csv(content)
    assert next(reader).line == 2  # the broken end has not been reached
    assert sum(1 for _ in zip(range(199_999), reader, strict=False)) == 199_999
    with pytest.raises(BadInput):
        next(reader)


def test_the_template_is_a_file_we_take_ourselves() -> None:
    (row,) = read_csv(template_csv())
    assert tuple(row.values) == FIELDS
    filled = {name: value for name, value in row.values.items() if name != "orgnr"}
    claim = ClaimSchema(today=date(2026, 10, 1)).load(filled)
    assert claim.amount == 154334
