"""What the debtor reads, taken from the PDF by a second tool."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO

import pytest
from pypdf import PdfReader

from saas.documents.letter import Letter
from saas.documents.render import render
from tests.documents.letters import (
    INTEREST,
    PRINCIPAL,
    by_creditor_itself,
    collection_notice,
    payment_demand,
    reminder,
    with_claims,
    with_lines,
)


@cache
def pages(letter: Letter) -> list[str]:
    texts = [page.extract_text() for page in PdfReader(BytesIO(render(letter))).pages]
    return [re.sub(r"\s+", " ", text.replace("\N{ZERO WIDTH SPACE}", "")) for text in texts]


def text(letter: Letter) -> str:
    return " ".join(pages(letter))


def assert_in_order(whole: str, parts: list[str]) -> None:
    at = 0
    for part in parts:
        found = whole.find(part, at)
        assert found >= 0, f"«{part}» is missing or out of order in: {whole[at:]}"
        at = found + len(part)


def test_the_reminder_says_what_it_must_in_the_order_of_every_letter() -> None:
    assert_in_order(
        text(reminder()),
        [
            "Fjordveien Inkasso AS på vegne av Nordlys Kraft AS",
            "Å betale 1 278,00 kr Frist 8. desember 2026 KID 0010 0420 0000 17 Konto 8601 11 17947 Saksnummer 10042",
            "Dato 23. november 2026",
            "Kari Østby Nordmann",
            "Purring: betal eller si fra innen 8. desember",
            "Du skylder Nordlys Kraft AS 1 278,00 kr. Fristen er tirsdag 8. desember 2026.",
            "Betal i nettbanken",
            "Be om mer tid",
            "Si at du er uenig",
            "betal.fjordveien.no med saksnummeret og koden K7QM-3XPD (gjelder til 20. januar 2027)",
            "strøm i august 2026: faktura 10045521 av 1. september 2026, forfall 15. september 2026",
            "Opprinnelig beløp (hovedkrav) faktura 10045521 1 240,00 kr",
            "Purregebyr purring 1. oktober 2026 38,00 kr",
            "Å betale 1 278,00 kr",
            "Hvis du ikke gjør noe",
            "inkassovarsel, tidligst mandag 14. desember 2026. Gebyret for det er 38,00 kr.",
            "Det skjer ikke hvis du betaler, får mer tid eller sier at du er uenig",
            "Er du uenig?",
            "Da står saken på vent",
            "55 55 33 39",
            "Er brevet ekte?",
            "Ring oss på 55 10 20 30",
            "Til konto 8601 11 17947 KID 0010 0420 0000 17",
            "Side 1 av 1",
        ],
    )


def test_the_notice_says_it_is_one_and_that_the_claim_goes_to_collection_unless_paid() -> None:
    assert_in_order(
        text(collection_notice()),
        [
            "Inkassovarsel: betal eller si fra innen 8. desember",
            "Dette er et inkassovarsel.",
            "Betaler du ikke innen tirsdag 8. desember 2026, går kravet til inkasso.",
            "Er du uenig og sier fra, skjer ikke det før du har fått svar.",
            "Hvis du ikke gjør noe",
            "går kravet til inkasso, tidligst mandag 14. desember 2026.",
            "Da kan det komme et inkassosalær",
            "Det skjer ikke hvis du betaler, får mer tid eller sier at du er uenig før det.",
            "uten nye gebyrer eller salærer",
        ],
    )


def test_the_demand_says_all_that_inkl_10_asks_for() -> None:
    assert_in_order(
        text(payment_demand()),
        [
            "Betalingsoppfordring: betal eller si fra innen 8. desember",
            "Du skylder Nordlys Kraft AS 1 568,72 kr. Betal, eller si at du er uenig, innen tirsdag 8. desember 2026.",
            "Nordlys Kraft AS har gitt oss i oppdrag å kreve inn pengene (inkasso).",
            "Kravet gjelder strøm i august 2026",
            "Opprinnelig beløp (hovedkrav) faktura 10045521 1 240,00 kr",
            "Forsinkelsesrenter 12,25 % fra 16. september til 23. november 2026 28,72 kr",
            "Purregebyr purring 1. oktober 2026 38,00 kr",
            "Inkassosalær, lav sats betaling for arbeidet vårt 262,00 kr",
            "Å betale 1 568,72 kr",
            "Forsinkelsesrente løper fra 16. september 2026 til du betaler, nå 12,25 % i året (0,42 kr per dag).",
            "kan det komme flere kostnader. Da kan vi også kreve inn pengene rettslig",
            "Tidligst onsdag 6. januar 2027 kan inkassosalæret øke med 300,00 kr.",
            "Er du uenig?",
            "(innsigelse)",
            "Finansklagenemnda (nemndsbehandling)",
        ],
    )


def test_a_creditor_that_collects_itself_speaks_for_nobody_else_and_names_no_board() -> None:
    notice, demand = text(by_creditor_itself(collection_notice())), text(by_creditor_itself(payment_demand()))
    assert "Betaler du ikke innen tirsdag 8. desember 2026, starter vi inkasso." in notice
    assert "Vi krever inn pengene selv (inkasso)." in demand
    for letter in (notice, demand):
        assert "på vegne av" not in letter
        assert "Finansklagenemnda" not in letter
        assert "bevilling" not in letter


def test_without_a_known_next_step_the_consequence_is_still_told() -> None:
    assert "kan vi sende et inkassovarsel." in text(replace(reminder(), next_step=None))
    assert "går kravet til inkasso. Det skjer ikke hvis" in text(replace(collection_notice(), next_step=None))
    assert "(rettslig inndriving). Det skjer ikke hvis" in text(replace(payment_demand(), next_step=None))


def test_two_invoices_stand_in_a_table_on_one_page() -> None:
    letter = with_claims(payment_demand(), 2)
    assert len(pages(letter)) == 1
    assert_in_order(
        text(letter),
        [
            "Faktura Gjelder Dato Forfalt Beløp",
            "10045521 strøm, avtale 1",
            "10045522 strøm, avtale 2",
            "Hva Slik regnet vi",
        ],
    )


def test_fifteen_invoices_stand_in_a_list_after_the_letter() -> None:
    first, last = pages(with_claims(payment_demand(), 15))
    assert "Kravet gjelder 15 fakturaer, til sammen 15 001,05 kr. De står i listen bakerst i brevet." in first
    assert "Til konto" in first
    assert "10045521" not in first
    assert_in_order(last, ["Fakturaene kravet gjelder", *[str(10045521 + n) for n in range(15)], "15 001,05 kr"])


def test_a_very_long_calculation_runs_over_the_page_and_loses_no_line() -> None:
    rows = [replace(INTEREST, label=f"Renter, faktura {n}") for n in range(100, 160)]
    letter = with_lines(payment_demand(), PRINCIPAL, *rows)
    assert_in_order(text(letter), [*[f"Renter, faktura {n} 12,25 %" for n in range(100, 160)], "Hvis du ikke gjør noe"])
    assert pages(letter)[1].startswith("Hva Slik regnet vi Beløp")


@pytest.mark.parametrize("count", range(1, 14))
def test_the_pay_part_never_stands_alone_on_a_page(count: int) -> None:
    page = next(page for page in pages(with_claims(payment_demand(), count)) if "Til konto" in page)
    assert "Er du uenig?" in page


@pytest.mark.parametrize("kind", [reminder, collection_notice, payment_demand], ids=lambda f: f.__name__)
def test_no_letter_shouts_or_names_the_debtor_by_debt(kind: Callable[[], Letter]) -> None:
    whole = text(kind())
    assert "!" not in whole
    assert not re.search(r"skyldner|debitor|umiddelbart|\b[A-ZÆØÅ]{6,}\b", whole)
