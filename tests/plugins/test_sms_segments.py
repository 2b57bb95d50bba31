"""How many parts a text is sent in, and which numbers one can be sent to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.sms.numbers import mobile
from plugins.sms.segments import BASIC, ESCAPED, GSM7, UCS2, coding_of, segments

GSM_TEXT = st.text(st.sampled_from(sorted(BASIC | ESCAPED)), max_size=700)
ANY_TEXT = st.text(max_size=300)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("æøåÆØÅé" * 22 + "a" * 6, 1),  # 160, all in the alphabet
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # the escape is not split: part one holds 152, part two 153 of what is left
        ("š" + "a" * 69, 1),
        ("š" + "a" * 70, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 66, 2),  # 33 fit in a part of 67: one unit stays empty
        ("😀" * 67, 3),
        ("“a”", 1),
    ],
)
def test_check_values(text, parts):
    assert segments(text) == parts


def test_norwegian_letters_are_in_the_alphabet_and_typographic_quotes_are_not():
    assert coding_of("Blåbærsyltetøy på café ÆØÅ @£$") is GSM7
    assert coding_of("«Blåbær»") is UCS2
    assert coding_of("“Blåbær”") is UCS2
    assert coding_of("e-post – her") is UCS2


def test_the_alphabet_has_its_128_places():
    """127 and the escape; the second table has ten of its own."""
    assert (len(BASIC), len(ESCAPED)) == (127, 10)
    assert not BASIC & ESCAPED


def packed(text: str) -> int:
    """By the definition: fill part after part with whole characters."""
    is_gsm = all(character in BASIC or character in ESCAPED for character in text)
    widths = [(2 if c in ESCAPED else 1) if is_gsm else len(c.encode("utf-16-be", "surrogatepass")) // 2 for c in text]
    single, joined = (160, 153) if is_gsm else (70, 67)
    if sum(widths) <= single:
        return min(1, len(text))
    parts: list[int] = []
    for width in widths:
        if parts and parts[-1] + width <= joined:
            parts[-1] += width
        else:
            parts.append(width)
    return len(parts)


@settings(database=None, deadline=None)
@given(GSM_TEXT | ANY_TEXT)
def test_parts_are_filled_with_whole_characters(text):
    assert segments(text) == packed(text)


@settings(database=None, deadline=None)
@given(GSM_TEXT | ANY_TEXT, st.text(min_size=1, max_size=40))
def test_more_text_is_never_fewer_parts(text, more):
    assert segments(text + more) >= segments(text)


@settings(database=None, deadline=None)
@given(GSM_TEXT)
def test_one_foreign_letter_makes_it_no_shorter(text):
    assert segments(text + "š") >= segments(text)


@pytest.mark.parametrize(
    "written", ["99999999", "999 99 999", "+4799999999", "0047 999 99 999", "+47 999-99-999", " 41 23 45 67 "]
)
def test_a_norwegian_mobile_number_is_known_however_it_is_written(written):
    assert mobile(written) in ("+4799999999", "+4741234567")


@pytest.mark.parametrize(
    "written",
    ["", "x", "22 00 00 00", "+4722000000", "123", "+46701234567", "+1 202 555 0123", "9" * 41,
     "9" * 10_000, "+47 999 99 999 ext. 5", "02800", "+4799999999;+4799999998", "+4799999999\r\nx"],
)  # fmt: skip
def test_anything_else_is_no_number_for_a_text_message(written):
    assert mobile(written) == ""
