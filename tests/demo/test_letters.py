"""A debtor can read what is printed: every sum, date and number, from the PDF alone."""

from dataclasses import replace
from datetime import date

import pytest

from saas.demo.letters import Posted, UnreadableLetter, read_letter
from saas.documents.letter import SumKind, SumLine
from saas.documents.render import render
from saas.rules.money import Ore
from tests.documents import letters as made


def printed(letter, tmp_path):
    pdf = tmp_path / "letter.pdf"
    pdf.write_bytes(render(letter))
    return read_letter(Posted(pdf, letter.recipient.name, date(2026, 11, 23)))


def in_the_service_s_words(letter):
    """The same letter with the labels a real one has."""
    lines = (
        SumLine("Opprinnelig beløp (hovedkrav)", Ore(124_000), "Faktura NK-1001 med forfall 15. september 2026.",
                SumKind.PRINCIPAL),
        SumLine("Gebyr", Ore(3_800), "Gebyr for purring sendt 1. oktober 2026.", SumKind.NOTICE_FEE),
        SumLine("Inkassosalær", Ore(26_200), "Inkassosalær 262,00 kr. Salær og gebyrer er til sammen under taket i "
                "inkassoforskriften.", SumKind.COLLECTION_FEE),
        SumLine("Betalt", Ore(-50_000), "Betalt 1. november 2026.", SumKind.PAYMENT),
    )  # fmt: skip
    claim = replace(letter.claims[0], invoice_number="NK-1001")
    return replace(made.with_lines(letter, *lines), claims=(claim,))


def test_sum_deadline_and_references_are_read(tmp_path):
    letter = in_the_service_s_words(made.payment_demand())
    read = printed(letter, tmp_path)
    assert (read.total_ore, read.deadline_on, read.kid) == (letter.total_ore, letter.deadline_on, letter.kid)
    assert (read.case_number, read.account, read.kind) == (letter.case_number, letter.account, "payment_demand")
    assert (read.login_code, read.login_until) == (letter.login_code, letter.login_code_valid_until)
    assert read.invoices == ("NK-1001",)


def test_fees_are_told_apart_from_principal_and_payments(tmp_path):
    read = printed(in_the_service_s_words(made.payment_demand()), tmp_path)
    assert read.fees_ore == 3_800 + 26_200
    assert sum(ore for _, ore in read.lines) == read.total_ore


def test_a_later_day_costs_the_interest_the_letter_tells_of(tmp_path):
    letter = in_the_service_s_words(made.payment_demand())
    read = printed(letter, tmp_path)
    later = date.fromordinal(letter.dated_on.toordinal() + 10)
    assert read.sum_on(later) == letter.total_ore + 10 * letter.interest_per_day_ore


def test_a_letter_that_does_not_add_up_is_not_believed(tmp_path):
    letter = in_the_service_s_words(made.payment_demand())
    with pytest.raises(UnreadableLetter):
        printed(replace(letter, total_ore=Ore(letter.total_ore + 1)), tmp_path)
