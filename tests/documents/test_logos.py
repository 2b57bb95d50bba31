"""A tenant's logo: taken in as a picture and nothing else, and kept for the letters that carry it."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader

from saas.documents.logos import HEAVIEST, LARGEST, keep_logo, logo_of
from saas.documents.render import render
from saas.kernel.errors import NotFound, Refused
from saas.kernel.servers import Servers
from tests.documents.letters import AGENCY, payment_demand
from tests.documents.test_render import text_starts


def picture(size: tuple[int, int], kind: str = "PNG", colour: str = "#0F5C63", **more: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **more)
    return out.getvalue()


def noise(size: tuple[int, int]) -> bytes:
    out = BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "kan inneholde skript"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "kan inneholde skript"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30_000_000), "større enn 2 MB"),
        (b"GIF89a" + bytes(100), "ikke et bilde vi kan lese"),
        (b"", "ikke et bilde vi kan lese"),
        (picture((100, 40))[:60], "ikke et bilde vi kan lese"),
        (picture((9_000, 9_000)), "for mange bildepunkter"),
    ],
    ids=["svg", "svg-with-entities", "30 MB", "gif", "empty", "cut", "bomb"],
)
def test_what_is_no_picture_of_ours_is_refused_with_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        keep_logo(content)


@pytest.mark.parametrize("content", [noise((1_000, 350)), picture((2_000, 100), "JPEG")], ids=["noise", "jpeg"])
def test_a_logo_is_made_small_enough_for_a_letter(servers: Servers, content: bytes) -> None:
    logo = logo_of(keep_logo(content))
    assert logo.width <= LARGEST[0]
    assert logo.height <= LARGEST[1]
    assert logo.png.startswith(b"\x89PNG")
    assert len(logo.png) <= 2 * HEAVIEST  # eight colours of pure noise are the most there can be


def test_what_the_file_says_beside_the_picture_is_not_kept(servers: Servers) -> None:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "hemmelig beskrivelse"
    Image.new("RGB", (60, 20)).save(out, "JPEG", exif=exif)
    assert b"hemmelig" in out.getvalue()
    assert b"hemmelig" not in logo_of(keep_logo(out.getvalue())).png


def test_a_letter_carries_the_logo_with_the_senders_name_for_who_cannot_see_it(servers: Servers) -> None:
    digest = keep_logo(picture((400, 100)))
    letter = replace(payment_demand(), tenant=replace(AGENCY, logo=digest))
    pdf = render(letter)
    assert pdf == render(letter)
    assert len(pdf) <= 60_000
    reader = PdfReader(BytesIO(pdf))
    assert len(reader.pages) == 1
    assert len(reader.pages[0].images) == 2  # the logo and the QR code
    assert "Fjordveien Inkasso AS på vegne av Nordlys Kraft AS" in " ".join(reader.pages[0].extract_text().split())
    above = [y for page, x, y, piece in text_starts(letter) if page == 0 and x < 120 and "vegne" in piece]
    assert max(above) < 39  # the window begins there


def test_a_logo_that_is_gone_stops_the_letter(servers: Servers) -> None:
    with pytest.raises(NotFound):
        render(replace(payment_demand(), tenant=replace(AGENCY, logo="0" * 64)))


def test_a_logo_is_known_by_its_hash() -> None:
    with pytest.raises(ValueError, match="teal"):
        replace(AGENCY, logo="teal")
