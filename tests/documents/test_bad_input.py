"""What people and other systems can put in a letter's fields: it is printed as it is, and never obeyed."""

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from saas.documents.glyphs import NO_GLYPH
from saas.documents.html import render_html
from saas.documents.letter import Letter, OwnParagraph, Recipient
from saas.documents.mandatory import IncompleteLetter, compose
from saas.documents.particulars import DeferralRefused
from saas.documents.render import page_count, render
from saas.documents.text import render_text
from saas.rules.money import Ore
from tests.documents.letters import (
    ADDRESS,
    AGENCY,
    INVOICE,
    PRINCIPAL,
    closing_confirmation,
    deferral_refused,
    payment_demand,
    reminder,
    with_claims,
    with_lines,
)
from tests.documents.test_render import text_starts

EMOJI, RTL, LONG = "Kari 👩‍👩‍👧 Nordmann", "\u202eכהן\u202c محمد", "Ærlig talt et langt navn " * 12
TYPST = ['#panic("x")', "*fet* _skrå_ `kode` $x^2$", "= Overskrift\n- punkt", '"] #import "x"', "@ref <merke> \\ // x"]
HTML = ["<script>alert(1)</script>", "<b>fet</b> & <br>", "{{ 7*7 }} {% x %} {due}", "'\"><img src=x onerror=y>"]
FIELDS: dict[str, Callable[[Letter, str], Letter]] = {
    "debtor": lambda x, text: replace(x, recipient=replace(x.recipient, name=text)),
    "address": lambda x, text: replace(x, recipient=replace(x.recipient, address_lines=(text, "5073 Bergen"))),
    "creditor": lambda x, text: replace(x, creditor_name=text),
    "tenant": lambda x, text: replace(x, tenant=replace(AGENCY, name=text, hours=text)),
    "invoice": lambda x, text: replace(x, claims=(replace(INVOICE, description=text, invoice_number=text),)),
    "sum": lambda x, text: with_lines(x, replace(PRINCIPAL, label=text, detail=text)),
    "plugin": lambda x, text: replace(x, extra_paragraphs=(text,)),
    "paragraph": lambda x, text: replace(x, paragraphs=(OwnParagraph("help", text),)),
}


def _text(letter: Letter) -> str:
    pages = PdfReader(BytesIO(render(letter))).pages
    return _squeezed(" ".join(page.extract_text() for page in pages))


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text.replace("\N{ZERO WIDTH SPACE}", ""))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("markup", [*TYPST, *HTML])
def test_markup_in_any_field_is_printed_as_text(field: str, markup: str) -> None:
    letter = FIELDS[field](payment_demand(), markup)
    plain = _squeezed(markup)
    assert plain in _text(letter)
    assert plain in _squeezed(render_text(letter))
    page = render_html(letter)
    assert "<script>" not in page
    assert "<img" not in page
    assert page.count("<b>fet") == 0


def test_markup_in_what_a_person_wrote_is_printed_as_text() -> None:
    refused = deferral_refused()
    assert isinstance(refused.particulars, DeferralRefused)
    for markup in (*TYPST, *HTML):
        letter = replace(refused, particulars=replace(refused.particulars, because=markup))
        assert _squeezed(markup) in _text(letter)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("name", [EMOJI, RTL, LONG], ids=["emoji", "rtl", "300"])
def test_any_name_can_be_printed_in_any_field(field: str, name: str) -> None:
    letter = FIELDS[field](payment_demand(), name)
    pdf = render(letter)
    assert page_count(pdf) <= 3
    for page, x, y, piece in text_starts(letter):
        assert x >= 20, (page, piece)
        assert y <= 297 - 12, (page, piece)


def test_a_character_no_font_has_is_replaced_where_it_can_be_seen_and_stays_in_the_html() -> None:
    letter = replace(reminder(), recipient=replace(ADDRESS, name=EMOJI))
    assert f"Kari{NO_GLYPH * 3}Nordmann" in _text(letter)
    assert "👩" in render_html(letter)


def test_marks_that_turn_the_writing_direction_reach_no_reader() -> None:
    letter = replace(reminder(), creditor_name=RTL)
    for out in (_text(letter), render_html(letter), render_text(letter)):
        assert not set("\u202e\u202c\u2066\u2069") & set(out)
    assert "محمد" in render_html(letter)


def test_a_name_of_300_characters_leaves_the_window_to_the_address_and_is_not_cut() -> None:
    letter = replace(payment_demand(), recipient=replace(ADDRESS, name=LONG))
    heights = [y for page, x, y, _ in text_starts(letter) if page == 0 and x < 120 and 45.5 < y < 84]
    assert max(heights) <= 74
    assert _squeezed(LONG) in _text(letter)


@pytest.mark.parametrize("lines", [(), ("", "5073 Bergen"), ("a", "b", "c", "d", "e", "f")])
def test_an_address_of_no_lines_or_more_than_six_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(IncompleteLetter, match="Adressen"):
        compose(replace(reminder(), recipient=Recipient("Kari", lines)))


def test_an_address_abroad_ends_in_the_country_and_has_room_for_it() -> None:
    abroad = Recipient("Jürgen Müller-Lüdenscheid", ("c/o Weiß", "Straße 12", "D-10115 Berlin"), "DE")
    letter = compose(replace(reminder(), recipient=abroad))
    assert "D-10115BerlinTyskland" in _text(letter)
    unknown = replace(abroad, country="XQ")
    assert "BerlinXQ" in _text(replace(reminder(), recipient=unknown))


def test_forty_claims_stand_in_a_list_and_add_up() -> None:
    letter = compose(with_claims(payment_demand(), 40))
    pdf = render(letter)
    assert len(pdf) <= 100_000  # each cell of the list is tagged for who reads by ear
    whole = _text(letter)
    assert all(str(10045521 + n) in whole for n in range(40))
    for _, x, y, piece in text_starts(letter):
        assert x >= 20, piece
        assert y <= 297 - 13, piece


@pytest.mark.parametrize("ore", [99_999_999_99, 1_000_000_000_000, 1])
def test_a_sum_of_ten_figures_stands_whole_in_box_table_and_pay_part(ore: int) -> None:
    letter = compose(with_lines(payment_demand(), replace(PRINCIPAL, amount_ore=Ore(ore))))
    kroner = f"{ore // 100:,}".replace(",", "") + f",{ore % 100:02d}kr"
    assert _text(letter).count(kroner) == 5  # box, first line, row, total, pay part
    assert page_count(render(letter)) == 1


def test_line_breaks_in_a_reason_make_paragraphs_and_no_empty_ones() -> None:
    refused = deferral_refused()
    assert isinstance(refused.particulars, DeferralRefused)
    letter = replace(refused, particulars=replace(refused.particulars, because="Første.\r\n\n\nAndre.\u2028Tredje."))
    page = render_html(letter)
    assert "<p>Første.</p>\n<p>Andre.</p>\n<p>Tredje.</p>" in page


def test_a_case_closed_for_a_reason_nobody_has_words_for_is_closed_all_the_same() -> None:
    assert "er avsluttet. Du har ikke mer å betale" in render_text(closing_confirmation("board_decided"))
