"""The law's pages: every figure with its source, what is not sure in words, and calculators without JavaScript."""

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from saas.kernel.config import settings
from saas.portals.law import words
from saas.portals.shared.limits import limiter
from saas.rules.coming_act import changes
from saas.rules.law import load_law, read_law
from saas.rules.rates import RATES
from saas.verifier import certificate_schema
from tests.portals.conftest import Visitor

TODAY = date(2026, 11, 21)


def text_of(html: str) -> str:
    """What a person reads, blanks as plain spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())


@pytest.fixture
def open_to_all(app: Flask) -> Flask:
    with app.app_context():
        limiter.reset()
    return app


def seen(app: Flask, path: str, **typed: str) -> tuple[int, str]:
    response = app.test_client().get(f"/law{path}?{urlencode(typed)}")
    return response.status_code, text_of(response.text)


def test_the_shape_of_a_certificate_is_public(open_to_all: Flask) -> None:
    response = open_to_all.test_client().get("/law/certificate.schema.json")
    assert response.status_code == 200
    assert response.mimetype == "application/schema+json"
    assert response.text == certificate_schema()


# --- figures --------------------------------------------------------------------------------------------------------


def test_the_figures_need_no_tenant_and_no_log_in(open_to_all: Flask) -> None:
    status, text = seen(open_to_all, "", on="21.11.2026")
    assert status == 200
    assert "Satser i loven 21. november 2026" in text
    assert "Forsinkelsesrente 12,25 % 01.07.2026–31.12.2026 Lest i kilden 21.11.2026 Kilde 1" in text
    assert "Ingen er merket «ikke kontrollert»" in text


def test_within_a_tenant_the_day_is_the_tenants(visitor: Visitor) -> None:
    assert visitor.get("/law").status_code == 200
    assert "Satser i loven 6. mars 2026" in text_of(visitor.last)
    assert "Fjord Inkasso AS" in visitor.last
    assert "12,00 %" in text_of(visitor.last)


def test_the_coming_act_stands_on_the_page_and_says_that_no_day_is_set(
    open_to_all: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = seen(open_to_all, "", on="21.11.2026")[1]
    assert "Den nye inkassoloven" in text
    assert "er vedtatt, men ingen dag er bestemt" in text
    assert all(change.topic in text and change.then in text for change in changes())
    decided = replace(settings(), new_act_from=date(2027, 1, 1))
    monkeypatch.setattr("saas.portals.law.pages.settings", lambda: decided)
    assert "gjelder for det som gjøres fra og med 1. januar 2027" in seen(open_to_all, "", on="21.11.2026")[1]


def test_the_rate_is_the_one_of_the_day_asked_for(open_to_all: Flask) -> None:
    assert "Forsinkelsesrente 12,00 %" in seen(open_to_all, "", on="2026-06-30")[1]
    assert "Forsinkelsesrente 12,25 %" in seen(open_to_all, "", on="2026-07-01")[1]


def test_figures_that_must_be_entered_soon_stand_on_the_page_whatever_day_is_asked_for(
    open_to_all: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C1."""
    monkeypatch.setattr("saas.portals.law.pages._today", lambda: TODAY)
    _, text = seen(open_to_all, "", on="2026-01-01")
    assert "Fra 1. januar 2027 mangler vi: forsinkelsesrenten; standardkompensasjonen; inkassosatsen; " in text
    assert "Det er 41 dager igjen til tallene trengs." in text
    monkeypatch.setattr("saas.portals.law.pages._today", lambda: date(2026, 8, 1))
    assert "mangler vi" not in seen(open_to_all, "", on="2026-01-01")[1]


def test_what_is_not_known_on_a_day_is_said_and_never_guessed(open_to_all: Flask) -> None:
    status, text = seen(open_to_all, "", on="01.02.2027")
    assert status == 200
    assert "Ikke kjent denne dagen: forsinkelsesrente," in text
    assert "%" not in text


def test_a_day_that_cannot_be_read_is_told_by_its_field(open_to_all: Flask) -> None:
    status, text = seen(open_to_all, "", on="31.02.2026")
    assert status == 422
    assert "Datoen er ikke en dag som finnes" in text


def test_every_figure_of_the_law_stands_on_the_page_with_a_name_of_its_own() -> None:
    figures = load_law().figures_in_force(TODAY)
    rows = [row for section in words.sections(figures) for row in section.rows]
    assert {word for row in rows for word in re.findall(r"[a-z]+_[a-z_]+", row.name)} == set()
    shown = text_of(" ".join(f"{row.value} {row.how}" for row in rows))
    missing = [figure.name for figure in figures if words._value(figure).replace("\u00a0", " ") not in shown]
    assert missing == []
    assert len({(section.heading, row.name) for section in words.sections(figures) for row in section.rows}) == len(
        rows
    )


def test_a_figure_from_memory_is_marked_in_words_also_where_others_follow_from_it(tmp_path: Path) -> None:
    folder = tmp_path / "rates"
    shutil.copytree(RATES, folder)
    file = folder / "collection_rate.csv"
    file.write_text(re.sub(r"^(2026-01-01,750),found", r"\1,memory", file.read_text(), flags=re.MULTILINE))
    rows = [r for s in words.sections(read_law(folder).figures_in_force(TODAY)) for r in s.rows]
    by_name = {row.name: row for row in rows}
    assert by_name["Inkassosatsen"].confidence == "Ikke kontrollert"
    assert by_name["Purring eller inkassovarsel"].confidence == "Ikke kontrollert"
    assert not by_name["Inkassosatsen"].is_sure
    assert by_name["Forsinkelsesrente"].is_sure


def test_the_page_names_what_is_not_checked(
    open_to_all: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "rates"
    shutil.copytree(RATES, folder)
    file = folder / "vat_rate.csv"
    file.write_text(file.read_text().replace(",found,", ",memory,"))
    law = read_law(folder)
    monkeypatch.setattr("saas.portals.law.pages.figures_in_force", law.figures_in_force)
    _, text = seen(open_to_all, "", on="21.11.2026")
    assert "ikke lest i kilden:" in text
    assert "Merverdiavgift: 25 % (ikke kontrollert)" in text
    assert "Merverdiavgift 25 % 01.01.2005–31.12.2026 Ikke kontrollert" in text


# --- calculators ----------------------------------------------------------------------------------------------------


def test_interest_is_reckoned_from_what_people_type(open_to_all: Flask) -> None:
    typed = {"principal": "kr 10 000,-", "from_on": "15.6.24", "to_on": "27.06.2024", "day_basis": "act/act"}
    status, text = seen(open_to_all, "/interest", **typed)
    assert status == 200
    assert "Rentene er 40,98 kr" in text
    assert "10 000,00 × 12,50 % × 12 / 366 = 40,98" in text


def test_the_form_keeps_what_was_typed_and_names_what_is_wrong(open_to_all: Flask) -> None:
    response = open_to_all.test_client().get("/law/interest?principal=0&from_on=15.6.2024&to_on=")
    assert response.status_code == 422
    assert "<title>Feil: Regn ut forsinkelsesrenter" in response.text
    assert "Beløpet må være større enn null." in response.text
    assert "Fyll ut betalingsdagen." in response.text
    assert 'value="15.6.2024"' in response.text


@pytest.mark.parametrize(
    ("path", "typed", "told"),
    [
        ("/interest", {"principal": "10", "from_on": "28.6.2024", "to_on": "27.6.2024"}, "er før forfallsdatoen"),
        ("/interest", {"principal": "10", "from_on": "1.6.2026", "to_on": "2.1.2027"}, "er ikke kjent for 1. januar"),
        ("/interest", {"principal": "10", "from_on": "1.6.1995", "to_on": "2.6.2025"}, "mer enn 30 år"),
        ("/interest", {"principal": "10000000000,01", "from_on": "1.6.2024", "to_on": "2.6.2024"}, "er større enn"),
        ("/interest", {"principal": "-5", "from_on": "1.6.2024", "to_on": "2.6.2024"}, "større enn null"),
        ("/fees", {"principal": "10", "due_on": "1.6.2009", "on": "2.6.2024"}, "er ikke kjent for 1. juni 2009"),
        ("/deadlines", {"letter": "reminder", "sent_on": "1.6.2026", "slack_days": "mange"}, "med hele tall"),
        ("/deadlines", {"letter": "reminder", "sent_on": "1.2.2027"}, "er ikke kjent for 1. februar 2027"),
        ("/kid", {"kid": "", "payload": ""}, "Fyll ut ett av feltene"),
    ],
)
def test_no_number_comes_of_what_cannot_be_right(
    open_to_all: Flask, path: str, typed: dict[str, str], told: str
) -> None:
    status, text = seen(open_to_all, path, **typed)
    assert status == 422
    assert told in text
    assert text.count(told) >= 2, "in the summary and at the field"


def test_fees_deadlines_and_kid_answer_in_words(open_to_all: Flask) -> None:
    fees = {"principal": "3 000", "due_on": "15.9.2026", "on": "14.10.2026", "debtor": "consumer", "charged": "38"}
    assert "Inkassosalær, lav sats Taket 600,00 kr minus 38,00 kr" in seen(open_to_all, "/fees", **fees)[1]
    assert "1 125,00 kr" in seen(open_to_all, "/fees", **fees | {"debtor": "business", "vat_added": "on"})[1]
    days = seen(open_to_all, "/deadlines", letter="payment_demand", sent_on="20.3.2026")[1]
    assert "Fristen er tirsdag 7. april 2026" in days
    assert "onsdag 6. mai 2026" in days
    assert "KID-nummeret er riktig" in seen(open_to_all, "/kid", kid="1234 5678 2")[1]
    assert "KID-nummeret er ikke riktig" in seen(open_to_all, "/kid", kid="1234 5678 3")[1]
    assert "KID-nummeret er 1234 03-" in seen(open_to_all, "/kid", payload="123403", method="mod11")[1]


def test_a_part_payment_is_spread_as_asked_and_what_is_over_goes_back(open_to_all: Flask) -> None:
    """W15: 4 000 kr with 38 + 562 in costs and 120.99 in interest, 1 500 kr paid."""
    owed = {"collection_fee": "562", "notice_fee": "38", "principal": "4 000", "interest": "120,99"}
    default = seen(open_to_all, "/allocation", amount="1500", **owed)[1]
    assert "Betalingen på 1 500,00 kr dekker dette" in default
    assert (
        "beløpet 3 100,00 kr gjenstår av 4 000,00 kr 900,00 kr Rentene 120,99 kr gjenstår av 120,99 kr 0,00 kr"
        in default
    )
    customary = seen(open_to_all, "/allocation", amount="1500", order="customary", **owed)[1]
    assert "beløpet 3 220,99 kr gjenstår av 4 000,00 kr 779,01 kr Rentene 0,00 kr gjenstår av 120,99 kr" in customary
    chosen = seen(open_to_all, "/allocation", amount="1500", order="principal_first", **owed)[1]
    assert "Inkassosalær 562,00 kr gjenstår av 562,00 kr 0,00 kr" in chosen
    assert "279,01 kr er betalt for mye" in seen(open_to_all, "/allocation", amount="5000", **owed)[1]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"amount": "1500"}, "Fyll ut minst ett beløp som ikke er betalt."),
        ({"principal": "4000"}, "Fyll ut betalingen."),
        ({"amount": "0", "principal": "4000"}, "Betalingen må være større enn null."),
        ({"amount": "1", "principal": "-4000"}, "Det opprinnelige beløpet kan ikke være negativt."),
        ({"amount": "1", "principal": "1", "order": "yours"}, "Rekkefølgen må være en av"),
    ],
)
def test_a_part_payment_of_what_cannot_be_right_names_the_field(
    open_to_all: Flask, typed: dict[str, str], told: str
) -> None:
    status, text = seen(open_to_all, "/allocation", **typed)
    assert status == 422
    assert text.count(told) >= 2, "in the summary and at the field"


def test_what_is_typed_is_shown_as_text_and_never_as_markup(open_to_all: Flask) -> None:
    page = open_to_all.test_client().get("/law/interest?principal=<script>alert(1)</script>").text
    assert "<script" not in page


def test_nothing_is_kept_about_who_asks(open_to_all: Flask) -> None:
    for path in ("", "/interest", "/fees", "/allocation", "/deadlines", "/kid"):
        response = open_to_all.test_client().get(f"/law{path}")
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers
        assert "csrf" not in response.text
        assert "<script" not in response.text
        assert "style=" not in response.text


# --- language -------------------------------------------------------------------------------------------------------

TYPED = {"principal": "10 000", "from_on": "15.6.24", "to_on": "27.06.2024", "day_basis": "act/act"}


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("nn", ["Rekn ut forseinkingsrenter", "Rentene er 40,98 kr", "Slik rekna vi", "Til dømes 27.06.2024."]),
        ("en", ["Work out late-payment interest", "The interest is NOK 40.98", "How we worked it out", "from 15 June"]),
    ],
)
def test_a_calculation_is_explained_in_the_language_asked_for(
    open_to_all: Flask, language: str, told: list[str]
) -> None:
    response = open_to_all.test_client().get("/law/interest", query_string=TYPED | {"language": language})
    assert f'<html lang="{language}">' in response.text
    assert [text for text in told if text not in text_of(response.text)] == []


def test_another_language_keeps_the_page_and_what_was_typed(open_to_all: Flask) -> None:
    client = open_to_all.test_client()
    page = client.get("/law/interest", query_string=TYPED | {"language": "en"}).text
    links = dict(re.findall(r'<a href="([^"]+)" lang="(\w+)"', page))
    assert sorted(links.values()) == ["nb", "nn"]
    for address, language in links.items():
        kept = client.get(address.replace("&amp;", "&")).text
        assert f'<html lang="{language}">' in kept
        assert 'value="10 000"' in kept
        assert "Rentene er 40,98 kr" in text_of(kept)
    assert '<input type="hidden" name="language" value="en">' in page
    assert "/law/fees?language=en" in page


@pytest.mark.parametrize("path", ["", "/interest", "/fees", "/allocation", "/deadlines", "/kid"])
def test_every_page_speaks_all_of_its_language(open_to_all: Flask, path: str) -> None:
    in_english, in_nynorsk = (_said(open_to_all, path, language) for language in ("en", "nn"))
    assert re.findall(r"\b(?:ikke|eller|og|som|hva|hvor|er|dager|måneder)\b", in_english) == []
    assert re.findall(r"\b(?:ikke|hva|hvor|hvem|fra|noe|dager|måneder|betalingsoppfordring)\b", in_nynorsk) == []


def _said(app: Flask, path: str, language: str) -> str:
    """A page's text in small letters, without the list of sources, which is always in English."""
    page = app.test_client().get(f"/law{path}", query_string={"language": language}).text
    return text_of(page[page.index("<body") :].partition('id="kilder"')[0]).lower()


def test_what_is_wrong_is_told_in_the_language_of_the_page(open_to_all: Flask) -> None:
    status, text = seen(open_to_all, "/interest", principal="0", from_on="31.2.2024", to_on="", language="nn")
    assert status == 422
    for told in (
        "Rett opp dette for å gå vidare",
        "Beløpet må vere større enn null.",
        "Forfallsdatoen er ikkje ein dag som finst. Sjekk dag og månad.",
        "Fyll ut betalingsdagen.",
    ):
        assert told in text
    assert "The date must be a date" in seen(open_to_all, "", on="snart", language="en")[1]


def test_a_language_we_do_not_speak_is_bokmaal(open_to_all: Flask) -> None:
    assert "Regn ut forsinkelsesrenter" in seen(open_to_all, "/interest", language="sv")[1]
