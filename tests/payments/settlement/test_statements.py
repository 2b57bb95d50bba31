"""A creditor's statement says what the book says, and never changes."""

import csv
import io
import re
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from pypdf import PdfReader

from saas.kernel.errors import BadInput, NotFound
from saas.kernel.ids import new_id
from saas.ledger.models import COLLECTION_FEE, NOTICE_FEE, OWED_CREDITOR
from saas.ledger.sums import account_balances, of_accounts
from saas.payments.settlement.remittance import remit
from saas.payments.settlement.statement_files import FORMATS, statement_file
from saas.payments.settlement.statements import (
    COMMISSION,
    PAID,
    PAID_OUT,
    RETURNED,
    TAKEN_BACK,
    statement_months,
    statement_of,
)
from tenants.resolve import open_tenant
from tests.builders import at, creditor_of
from tests.payments.settlement.house import carry_out, let_money_out

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


@pytest.fixture
def told(world):
    """A case paid in full, a payout, one the bank rejected, and a payment of an older day that came after it."""
    let_money_out(world.tenant_id)
    case = world.case(amount="1 000,00", due_on="2026-02-10")
    world.letter(case, "reminder", NOTICE_FEE, 3_800, date(2026, 3, 2), date(2026, 3, 2))
    world.letter(case, "payment_demand", COLLECTION_FEE, 26_200, date(2026, 3, 3), date(2026, 3, 3))
    world.pay(case, 90_000, date(2026, 3, 9))
    remit(world.tenant_id, date(2026, 3, 12), book=True, now=at(date(2026, 3, 12)))
    carry_out(world.tenant_id, date(2026, 3, 13), closed=("99990200005",))
    remit(world.tenant_id, date(2026, 3, 19), book=True, now=at(date(2026, 3, 19)))
    carry_out(world.tenant_id, date(2026, 3, 20))
    world.pay(case, 10_000, date(2026, 3, 6), on=date(2026, 3, 24))
    world.pay(case, 40_000, date(2026, 4, 2))
    return case


def statement(world, first=FIRST, last=LAST, slug="nordlys-kraft"):
    with open_tenant(world.tenant_id) as tenant:
        return statement_of(tenant, creditor_of(world.tenant_id, slug), first, last)


def file_of(world, form, first=FIRST, last=LAST):
    with open_tenant(world.tenant_id) as tenant:
        made = statement_of(tenant, creditor_of(world.tenant_id, "nordlys-kraft"), first, last)
        return statement_file(tenant, made, form)


def test_opening_and_lines_come_to_closing_and_closing_is_the_ledgers(world, told):
    march, april = statement(world), statement(world, date(2026, 4, 1), date(2026, 4, 30))
    assert march.opening_ore == 0
    assert march.opening_ore + sum(line.held_ore for line in march.lines) == march.closing_ore == april.opening_ore
    with open_tenant(world.tenant_id) as tenant:
        held = of_accounts(account_balances(tenant.session, date(2026, 4, 30), creditor_of(world.tenant_id)))
        assert april.closing_ore == -held[OWED_CREDITOR]


def test_every_kind_of_movement_stands_in_it_with_its_entry(world, told):
    march = statement(world)
    assert {PAID, COMMISSION, PAID_OUT, RETURNED, TAKEN_BACK} <= {line.what for line in march.lines}
    entries = [line.entry_id for line in march.lines]
    assert len(set(entries)) == len(entries)
    paid = [line for line in march.lines if line.what == PAID]
    assert {line.case_number for line in paid} == {told.number}
    assert march.sum_of(RETURNED) == -march.sum_of(PAID_OUT) // 2
    assert march.fees_ore == 26_200


def test_a_statement_that_was_given_never_changes_whatever_comes_later(world, told):
    before, files = statement(world), {form: file_of(world, form) for form in FORMATS}
    world.pay(told, 5_000, date(2026, 3, 4), on=date(2026, 4, 10))
    assert statement(world) == before
    assert {form: file_of(world, form) for form in FORMATS} == files


def test_a_case_that_ended_is_accounted_for(world, told):
    """INKL § 15: what was demanded, what was paid, and the agency's charge."""
    assert statement(world).completions == ()
    world.pay(told, 10_000, date(2026, 4, 9))
    (ended,) = statement(world, date(2026, 4, 1), date(2026, 4, 30)).completions
    assert (ended.case_number, ended.because) == (told.number, "paid")
    assert sum(ended.demanded.values()) == sum(ended.paid.values()) + sum(ended.let_go.values())
    assert ended.demanded["principal"] == 100_000
    base = ended.paid["principal"] + ended.paid["interest"]
    assert ended.commission_ore == base * 5 // 100
    assert ended.charged_ore == 26_200 + ended.commission_ore


def test_another_creditors_statement_has_none_of_it(world, told):
    other = statement(world, slug="bygda-bredband")
    assert (other.lines, other.closing_ore) == ((), 0)


def test_the_creditors_own_user_reads_the_same(world, told):
    creditor_id = creditor_of(world.tenant_id, "nordlys-kraft")
    with open_tenant(world.tenant_id, creditor_id) as tenant:
        assert statement_of(tenant, creditor_id, FIRST, LAST) == statement(world)
        with pytest.raises(NotFound):
            statement_of(tenant, creditor_of(world.tenant_id, "bygda-bredband"), FIRST, LAST)


def test_the_csv_adds_up_and_names_the_entries(world, told):
    rows = list(csv.DictReader(io.StringIO(file_of(world, "csv").decode("utf-8-sig")), delimiter=";"))
    amounts = [int(row["Deres penger"].replace(",", "")) for row in rows]
    assert amounts[0] + sum(amounts[1:-1]) == amounts[-1] == statement(world).closing_ore
    for row in rows[1:-1]:
        parts = [row[name] for name in row if name in ("Hovedstol", "Forsinkelsesrente", "Gebyr")]
        assert sum(int(part.replace(",", "")) for part in parts) == int(row["Deres penger"].replace(",", ""))
    assert [row["Bilag"] for row in rows[1:-1]] == [str(line.entry_id) for line in statement(world).lines]


def test_a_name_cannot_become_a_formula(world):
    case = world.case(amount="100,00", due_on="2026-02-10", debtor_name="=HYPERLINK(1)")
    world.pay(case, 10_000, date(2026, 3, 9))
    assert "'=HYPERLINK(1)" in file_of(world, "csv").decode("utf-8-sig")
    with ZipFile(BytesIO(file_of(world, "xlsx"))) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
    assert not any("<f>" in sheet for sheet in sheets)


def test_the_spreadsheet_has_the_same_numbers(world, told):
    with ZipFile(BytesIO(file_of(world, "xlsx"))) as book:
        lines = book.read("xl/worksheets/sheet2.xml").decode()
    numbers = [float(found) for found in re.findall(r"<v>(-?[0-9.]+)</v>", lines)]
    wanted = [line.held_ore / 100 for line in statement(world).lines]
    assert all(one in numbers for one in wanted)


def test_the_pdf_says_it_in_words(world, told):
    reader = PdfReader(BytesIO(file_of(world, "pdf", last=date(2026, 4, 2))))
    text = "".join(page.extract_text() for page in reader.pages).replace("\xa0", " ")
    for words in ("Nordlys Kraft AS", "Oppgjør 1. mars 2026", "Provisjon", "Utbetaling avvist av banken", "262,00"):
        assert words in text, words


@pytest.mark.parametrize(("first", "last"), [(LAST, FIRST), (date(2024, 1, 1), LAST)])
def test_a_period_that_is_none_is_refused(world, first, last):
    with pytest.raises(BadInput):
        statement(world, first, last)


def test_an_unknown_creditor_has_none(world):
    with open_tenant(world.tenant_id) as tenant, pytest.raises(NotFound):
        statement_of(tenant, new_id(), FIRST, LAST)


def test_the_months_there_is_a_statement_of(world, told):
    with open_tenant(world.tenant_id) as tenant:
        months = statement_months(tenant, told.creditor_id, date(2026, 5, 4))
        assert months == [
            (date(2026, 5, 1), date(2026, 5, 4)), (date(2026, 4, 1), date(2026, 4, 30)), (FIRST, LAST),
        ]  # fmt: skip
        assert statement_months(tenant, creditor_of(world.tenant_id, "bygda-bredband"), LAST + timedelta(days=9)) == []
