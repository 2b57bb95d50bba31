import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from saas.documents.glyphs import NO_GLYPH, printable
from saas.documents.letter import Letter, Recipient
from saas.documents.render import page_count, render
from saas.documents.values import in_groups
from saas.documents.wording import wording_of
from tests.documents.letters import (
    ADDRESS,
    AGENCY,
    EVERY_KIND,
    INVOICE,
    disconnection_notice,
    notice_of_legal_action,
    payment_demand,
    reminder,
    with_claims,
)

KINDS = EVERY_KIND
every_kind = pytest.mark.parametrize("letter_of_kind", KINDS, ids=lambda f: f.__name__)
MM = 72 / 25.4


def read(letter: Letter) -> PdfReader:
    return PdfReader(BytesIO(render(letter)))


def text(letter: Letter) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in read(letter).pages)


def text_starts(letter: Letter) -> list[tuple[int, float, float, str]]:
    """Where each piece of text begins: page, millimetres from the left and from the top."""
    found: list[tuple[int, float, float, str]] = []
    for number, page in enumerate(read(letter).pages):

        def visit(piece: str, cm: Any, tm: Any, font: Any, size: Any, number: int = number) -> None:
            x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            if piece.strip():
                found.append((number, x / MM, 297 - y / MM, piece.strip()))

        page.extract_text(visitor_text=visit)
    return found


@every_kind
def test_rendering_twice_gives_the_same_bytes(letter_of_kind: Callable[[], Letter]) -> None:
    assert render(letter_of_kind()) == render(letter_of_kind())


def test_another_process_gives_the_same_bytes_too() -> None:
    script = (
        "from hashlib import sha256; from tests.documents.letters import payment_demand;"
        "from saas.documents.render import render;"
        "print(sha256(render(payment_demand())).hexdigest())"
    )
    here = Path(__file__).parent
    path = str(here.parents[1])
    other = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == sha256(render(payment_demand())).hexdigest()


def test_a_letter_stored_as_json_renders_to_the_same_bytes() -> None:
    assert render(Letter.from_json(payment_demand().to_json())) == render(payment_demand())


def test_the_order_in_which_letters_are_rendered_does_not_change_them() -> None:
    alone = render(reminder())
    render(with_claims(payment_demand(), 15))
    assert render(reminder()) == alone


def test_threads_may_render_at_the_same_time() -> None:
    letters = [replace(reminder(), case_number=n) for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(render, letters)) == [render(letter) for letter in letters]


@every_kind
def test_an_ordinary_letter_is_one_page_and_weighs_at_most_60_kb(letter_of_kind: Callable[[], Letter]) -> None:
    """In all its languages; the two longest may take a second page in English, the longest of the three."""
    for language in wording_of(letter_of_kind().kind).languages:
        pdf = render(replace(letter_of_kind(), language=language))  # type: ignore[arg-type]
        long = language == "en" and letter_of_kind in (notice_of_legal_action, disconnection_notice)
        assert page_count(pdf) == len(PdfReader(BytesIO(pdf)).pages) == (2 if long else 1), language
        assert len(pdf) <= 60_000


def test_fifteen_claims_still_weigh_at_most_60_kb() -> None:
    pdf = render(with_claims(payment_demand(), 15))
    assert page_count(pdf) == 2
    assert len(pdf) <= 60_000


def test_the_pdf_is_tagged_titled_in_norwegian_and_declares_both_standards() -> None:
    reader = read(payment_demand())
    root = reader.trailer["/Root"]
    assert root["/Lang"].startswith("nb")
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert str(reader.metadata.title).startswith("Betalingsoppfordring")
    assert reader.metadata.creation_date == datetime(2026, 11, 23, tzinfo=UTC)  # the letter's day, not the machine's
    declared = root["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1<" in declared
    assert "<pdfaid:part>2<" in declared
    assert "<pdfaid:conformance>A<" in declared


def test_the_fonts_are_ours_embedded_and_only_two() -> None:
    fonts = read(payment_demand()).pages[0]["/Resources"]["/Font"]
    names = {fonts[key]["/BaseFont"].split("+")[1].split("-Identity")[0] for key in fonts}
    assert names == {"SourceSansPro-Regular", "SourceSansPro-Bold"}


@pytest.mark.parametrize("count", [1, 8, 15])
def test_the_printers_strip_and_the_margins_stay_empty(count: int) -> None:
    for _, x, y, piece in text_starts(with_claims(payment_demand(), count)):
        assert x >= 20, piece
        assert 18 <= y <= 297 - 13, piece


def test_the_address_stands_in_the_window_alone() -> None:
    six = Recipient("Kari Østby Nordmann", ("c/o Ola Hansen", "Bruket", "Solbakken 14 B", "5073 Bergen"), "SE")
    in_window = [
        piece
        for page, x, y, piece in text_starts(replace(reminder(), recipient=six))
        if page == 0 and x < 120 and 45.5 < y < 85
    ]
    assert in_window == ["Kari Østby Nordmann", "c/o Ola Hansen", "Bruket", "Solbakken 14 B", "5073 Bergen", "Sverige"]
    heights = [y for _, _, y, piece in text_starts(replace(reminder(), recipient=six)) if piece in in_window]
    assert max(heights) <= 72


def test_sum_deadline_ways_out_and_code_stand_above_the_fold() -> None:
    codes = [y for _, _, y, piece in text_starts(payment_demand()) if "K7QM-3XPD" in piece]
    assert codes
    assert max(codes) < 148.5


@pytest.mark.parametrize(
    "name",
    [
        '#panic("x")',
        '"] + [',
        "*stjerne* _under_ `kode`",
        "$x^2$ @ref <merke>",
        "\\u{41} // nei /* nei */",
        "{{ 7*7 }} <b>x</b>",
    ],
)
def test_a_hostile_name_is_printed_and_not_obeyed(name: str) -> None:
    letter = replace(
        payment_demand(),
        creditor_name=name,
        recipient=replace(ADDRESS, name=name),
        tenant=replace(AGENCY, name=name),
        claims=(replace(INVOICE, description=name),),
    )
    assert text(letter).count(name) >= 5


def test_a_character_the_font_lacks_is_replaced_where_it_stands() -> None:
    whole = text(replace(reminder(), recipient=replace(ADDRESS, name="Li 漢字 Æøå Čermák Иван 😀")))
    assert f"Li {NO_GLYPH}{NO_GLYPH} Æøå Čermák Иван {NO_GLYPH}" in whole


def test_unseen_characters_and_line_breaks_do_not_reach_the_paper() -> None:
    assert printable("Kari\u202e\u200bNord\u00admann\r\nVei\t1\x00\u2028x") == "KariNordmann  Vei 1 x"
    assert printable(["e\u0301", {"a": "\ud800"}]) == ["é", {"a": ""}]


def test_a_very_long_name_shrinks_instead_of_running_into_the_sum() -> None:
    long = "Stiftelsen Det Frivillige Kystlag for Gjenreising av Eldre Naust og Brygger i Ytre Nordhordland"
    letter = replace(payment_demand(), recipient=replace(ADDRESS, name=long), creditor_name=long)
    assert page_count(render(letter)) <= 2
    rows = [(x, y) for page, x, y, piece in text_starts(letter) if page == 0 and 45.5 < y < 85 and x < 120]
    assert max(y for _, y in rows) <= 72


def test_an_endless_word_is_broken_and_not_lost() -> None:
    letter = replace(payment_demand(), creditor_name="A" * 300)
    whole = "".join(text(letter).replace("\N{ZERO WIDTH SPACE}", "").split())
    assert "A" * 300 in whole


def test_groups_keep_what_is_left_over() -> None:
    assert in_groups("86011117947", 4, 2, 5).split("\u00a0") == ["8601", "11", "17947"]
    assert in_groups("123", 4, 2, 5) == "123"
    assert in_groups("1234567", 3, 3).split("\u00a0") == ["123", "456", "7"]
