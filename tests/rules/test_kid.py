"""W14 and D7."""

import pytest

from saas.rules.kid import is_valid_kid, kid_check, make_kid


@pytest.mark.parametrize(
    ("payload", "kid"),
    [("12345678", "123456782"), ("001001", "0010017"), ("001002", "0010025"), ("1234", "12344")],
)
def test_w14_mod10(payload, kid):
    assert make_kid(payload, "mod10") == kid
    assert is_valid_kid(kid, "mod10")


@pytest.mark.parametrize(
    ("payload", "kid"),
    [
        ("1234", "12343"),
        ("12345670112345", "123456701123458"),
        ("123408", "1234080"),
        ("123403", "123403-"),
        ("104", "104-"),
        ("118", "118-"),
    ],
)
def test_w14_mod11(payload, kid):
    assert make_kid(payload, "mod11") == kid
    assert is_valid_kid(kid, "mod11")


def test_a_final_hyphen_is_valid_under_mod11_only():
    assert is_valid_kid("123403-")
    assert not is_valid_kid("123403-", "mod10")


@pytest.mark.parametrize("kid", ["1234030", "123403", "-123403", "1234-03", "-", "", "1", "12a4", "123403--", "٣٤"])
def test_what_is_wrong_is_refused_under_either_method(kid):
    assert not is_valid_kid(kid)


def test_a_mod10_kid_is_not_valid_under_mod11():
    assert is_valid_kid("12344", "mod10")
    assert not is_valid_kid("12344", "mod11")


def test_a_kid_has_at_most_25_positions_and_the_hyphen_is_one_of_them():
    assert len(make_kid("1" * 24)) == 25
    with pytest.raises(ValueError, match="25"):
        make_kid("1" * 25)
    assert not is_valid_kid(make_kid("1" * 24) + "0")
    hyphened = next(p for p in (f"1{n:024d}" for n in range(40)) if kid_check(p, "mod11") == "-")
    assert not is_valid_kid(f"{hyphened}-")


def test_one_wrong_digit_is_always_found_by_both():
    for method in ("mod10", "mod11"):
        kid = make_kid("100045", method)
        for place in range(len(kid) - 1):
            for digit in "0123456789":
                wrong = kid[:place] + digit + kid[place + 1 :]
                assert is_valid_kid(wrong, method) == (wrong == kid)


def test_a_payload_with_letters_or_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="digits"):
        kid_check("12A")
    with pytest.raises(ValueError, match="unknown"):
        kid_check("12", "mod97")
