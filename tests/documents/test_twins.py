"""One letter on paper, on a page and as text: the same sums to the øre, the same headings in the same order."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from io import BytesIO

import pytest
from lxml import html
from pypdf import PdfReader

from saas.documents.html import html_body, render_html
from saas.documents.letter import Language, Letter
from saas.documents.render import render
from saas.documents.text import render_text
from saas.documents.wording import wording_of
from tests.documents.letters import (
    EVERY_KIND,
    closing_confirmation,
    collection_notice,
    combined_demand,
    objection_received,
    payment_demand,
    payment_received,
    plan_confirmation,
    reminder,
    with_claims,
)

SUM = {
    "nb": re.compile(r"[−-]?\d[\d\xa0]*,\d\d\xa0kr"),
    "nn": re.compile(r"[−-]?\d[\d\xa0]*,\d\d\xa0kr"),
    "en": re.compile(r"NOK\xa0[−-]?\d[\d,]*\.\d\d"),
}
BOKMAAL = re.compile(
    r"\b(ikke|uenig|innen|betalingen|skylder|gjelder|noe|hvis|saken|gebyrer|fra|hvordan|behandlet|hva|hvorfor|mer|sier|"
    r"venter|uten|dager|uker|strømmen|forsinkelsesrente|hvem|stengt|være|gjenåpning|selv|sammen)\b"
)
LETTERS = (*EVERY_KIND, combined_demand, plan_confirmation, lambda: with_claims(payment_demand(), 15))
IN_EVERY_LANGUAGE = [
    pytest.param(replace(of(), language=language), id=f"{of.__name__}-{language}")
    for of in LETTERS
    for language in wording_of(of().kind).languages
]


def _pdf_text(letter: Letter) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(render(letter))).pages)


def _html_text(letter: Letter) -> str:
    return unescape(re.sub(r"<[^>]+>", "\n", html_body(letter)))


@pytest.mark.parametrize("letter", IN_EVERY_LANGUAGE)
def test_the_sums_are_the_same_to_the_ore_on_paper_on_the_page_and_in_text(letter: Letter) -> None:
    pattern = SUM[letter.language]
    on_paper, on_page, in_text = (
        sorted(pattern.findall(text)) for text in (_pdf_text(letter), _html_text(letter), render_text(letter))
    )
    assert on_paper == in_text
    assert set(on_page) == set(in_text)  # the page says the sum once more, on its button
    assert not on_paper or letter.total_ore > 0 or letter.particulars


@pytest.mark.parametrize("letter", IN_EVERY_LANGUAGE)
def test_the_headings_are_the_same_in_the_same_order(letter: Letter) -> None:
    page = html.fromstring(render_html(letter))
    headings = [" ".join(each.text_content().split()) for each in page.iter("h1", "h2")]
    whole = " ".join(_pdf_text(letter).split())
    at = 0
    for heading in headings:
        found = whole.find(heading, at)
        assert found >= 0, heading
        at = found
    assert [line for line in render_text(letter).replace("\xa0", " ").split("\n") if line in headings] == headings


@pytest.mark.parametrize("of", EVERY_KIND, ids=lambda of: of.__name__)
def test_the_page_is_one_document_that_fetches_nothing_and_runs_nothing(of: Callable[[], Letter]) -> None:
    page = html.fromstring(render_html(of()))
    assert page.get("lang") == "nb"
    assert not page.xpath(
        "//script | //link | //img | //iframe | //*[@src] | //*[@style] | //@*[starts-with(name(), 'on')]"
    )
    assert len(page.xpath("//h1")) == 1
    for table in page.xpath("//table"):
        assert table.xpath("thead//th[@scope='col']")
        assert table.xpath("tbody//th[@scope='row']")


def test_where_the_paper_has_a_code_to_scan_the_page_has_a_button_that_says_the_sum() -> None:
    (button,) = html.fromstring(render_html(payment_demand())).xpath("//a[@class='button']")
    assert button.get("href") == payment_demand().link
    assert button.text_content().replace("\xa0", " ") == "Betal 1 568,72 kr"
    for calm in (objection_received(), closing_confirmation()):
        assert "button" not in html_body(calm)


def test_good_news_has_no_consequence_and_nothing_to_pay() -> None:
    for language in ("nb", "en"):
        whole = render_text(replace(objection_received(), language=language))
        assert not re.search("Hvis du ikke gjør noe|If you do nothing|KID|kr\n|NOK", whole)


def test_a_payment_is_a_row_of_its_own_with_its_date() -> None:
    assert "Betalt, 20. november 2026: −500,00\xa0kr" in render_text(payment_received())


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_last_line_points_to_the_other_languages(language: Language) -> None:
    names = {"nb": "Dette brevet på bokmål", "nn": "Dette brevet på nynorsk", "en": "This letter in English"}
    whole = render_text(replace(reminder(), language=language))
    assert all((words in whole) is (code != language) for code, words in names.items())


@pytest.mark.parametrize("of", [reminder, collection_notice, payment_demand], ids=lambda of: of.__name__)
def test_an_english_letter_keeps_the_norwegian_word_and_says_that_it_is_norwegian(of: Callable[[], Letter]) -> None:
    page = html.fromstring(render_html(replace(of(), language="en")))
    assert "innsigelse" in [each.text for each in page.xpath("//span[@lang='nb']")]
    assert "hverdager 9–15" in [each.text for each in page.xpath("//span[@lang='nb']")]


def test_the_nynorsk_letters_are_nynorsk() -> None:
    for of in (*EVERY_KIND, combined_demand):
        if "nn" not in wording_of(of().kind).languages:
            continue
        letter = replace(of(), language="nn", claims=tuple(replace(c, description="straum") for c in of().claims))
        own = re.sub(r"Dette brevet på bokmål|hverdager", "", render_text(letter))
        assert not BOKMAAL.findall(own.lower()), of.__name__
