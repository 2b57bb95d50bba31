"""The QR code as a telephone sees it: read back from a picture of the page, by a reader that shares no code with the
encoder (ZXing reads, Zint draws; both come with zxing-cpp)."""

from dataclasses import replace
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from saas.documents.letter import Letter, LetterKind
from saas.documents.paper import paper_of
from saas.documents.preview import every_letter
from saas.documents.qr import qr_png
from saas.documents.render import render_pages
from tests.documents.letters import payment_demand

LETTERS = dict(every_letter())


def photo(letter: Letter, dots_per_inch: int = 150) -> Image.Image:
    return Image.open(BytesIO(render_pages(letter, dots_per_inch=dots_per_inch)[0]))


def links_in(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("name", [f"{kind.value}.nb" for kind in LetterKind])
def test_a_picture_of_the_page_leads_to_where_one_pays_and_to_nothing_else(name: str) -> None:
    link = paper_of(LETTERS[name]).pay_link
    assert links_in(photo(LETTERS[name])) == ([link] if link else [])


def test_a_letter_that_asks_for_money_has_a_code() -> None:
    assert all(paper_of(LETTERS[f"{kind}.nb"]).pay_link for kind in ("reminder", "collection_notice", "payment_demand"))


@pytest.mark.parametrize("degrees", [3, 90, 172])
def test_the_code_is_read_from_a_blurred_picture_held_askew(degrees: int) -> None:
    letter = payment_demand()
    askew = photo(letter).convert("L").rotate(degrees, expand=True, fillcolor=200).filter(ImageFilter.GaussianBlur(1.5))
    assert links_in(askew) == [letter.link]


def test_the_code_is_read_with_a_stain_on_it() -> None:
    """Level M mends about a seventh of the code."""
    picture = Image.open(BytesIO(qr_png(payment_demand().link))).convert("L")
    side = picture.width
    picture.paste(0, (side // 2, side // 2, side // 2 + side // 8, side // 2 + side // 8))
    assert links_in(picture) == [payment_demand().link]


@pytest.mark.parametrize("length", [0, 1, 40, 120, 300])
def test_a_link_of_any_length_comes_back(length: int) -> None:
    letter = replace(payment_demand(), link="https://betal.fjordveien.no/t/" + "Xy7" * (length // 3))
    assert links_in(photo(letter, 300 if length > 100 else 150)) == [letter.link]
