"""The shipped file is what its maker makes, and wrong where it says so."""

import csv
import io
from datetime import date

from saas.cases.schemas import ClaimSchema
from saas.demo.make_invoices import INVOICES, ROWS, WRONG_ROWS, make


def shipped():
    return list(csv.DictReader(io.StringIO(INVOICES.read_text()), delimiter=";"))


def wrong_lines():
    return {int(row["line"]): row["why"] for row in csv.DictReader(io.StringIO(WRONG_ROWS.read_text()), delimiter=";")}


def test_the_shipped_files_are_what_the_maker_makes():
    assert (INVOICES.read_bytes(), WRONG_ROWS.read_bytes()) == make()


def test_there_are_two_hundred_invoices_and_some_are_wrong():
    assert len(shipped()) == ROWS == 200
    assert 8 <= len(wrong_lines()) <= 12


def test_exactly_the_rows_made_wrong_are_wrong():
    schema = ClaimSchema(today=date(2026, 3, 2), synthetic_ids=True)
    refused, seen = set(), set()
    for line, row in enumerate(shipped(), start=2):
        invoice = (row.pop("creditor"), row["invoice_number"])
        if schema.validate(row) or invoice in seen:
            refused.add(line)
        seen.add(invoice)
    assert refused == set(wrong_lines())


def test_nobody_in_the_file_could_exist():
    for row in shipped():
        assert not row["national_id"] or row["national_id"] == "01819012345" or int(row["national_id"][2:4]) > 80
        assert not row["orgnr"] or row["orgnr"].startswith("31")
