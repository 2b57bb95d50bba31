"""What people and systems type, read liberally: text, dates, amounts, numbers that identify.

Every reader takes cleaned text and returns a value, or raises Unreadable with what to do about it, in bokmål. The
caller puts the field's name in front.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from stdnum.exceptions import ValidationError as StdnumError
from stdnum.no import fodselsnummer, orgnr

from saas.rules.kid import is_valid_kid
from saas.rules.money import Ore
from saas.rules.words import say

MAX_ORE = 10**12


class Unreadable(ValueError):
    """The text cannot be understood. The message says what to do, and never repeats what was typed."""


def clean_text(text: str) -> str:
    """`text` in NFC, blanks of every kind as single spaces, invisible marks gone. Raises Unreadable."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable() or "  " in text or text[:1] == " " or text[-1:] == " ":
        text = " ".join("".join(c for c in text if unicodedata.category(c) != "Cf").split())
        if not text.isprintable():
            raise Unreadable(say("inneholder tegn vi ikke kan bruke. Skriv det på nytt"))
    return text


# --- dates ----------------------------------------------------------------------------------------------------------

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_NORWEGIAN = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})", re.ASCII)


@lru_cache(maxsize=16384)
def read_date(text: str) -> date:
    """`08.12.2026`, `8.12.26`, `2026-12-08`. Raises Unreadable."""
    text = text.replace(" ", "")
    iso, norwegian = _ISO.fullmatch(text), _NORWEGIAN.fullmatch(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if norwegian:
            year = int(norwegian[3])
            return date(year if year >= 100 else 2000 + year, int(norwegian[2]), int(norwegian[1]))
    except ValueError:
        raise Unreadable(say("er ikke en dag som finnes. Sjekk dag og måned")) from None
    raise Unreadable(say("må være en dato. Skriv den som dd.mm.åååå"))


# --- amounts --------------------------------------------------------------------------------------------------------

_CURRENCY = re.compile(r"^(?:kr|nok)\.?|(?:kr|nok)\.?$", re.IGNORECASE)
_GROUPED_POINT = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,(\d{1,2}))?", re.ASCII)  # 1.234 and 1.234,50
_GROUPED_COMMA = re.compile(r"\d{1,3}(?:,\d{3})+\.(\d{1,2})", re.ASCII)  # 1,234.50
_PLAIN = re.compile(r"\d{1,15}(?:[.,](\d{1,2}))?", re.ASCII)


def read_amount(text: str) -> Ore:
    """Øre of an amount in kroner: `1234,5`, `1 234,50`, `1.234,50`, `kr 500,-`; a lone `1.234` is 1 234 kroner.

    Raises Unreadable, also for a negative amount, a fraction of an øre and more than 10 milliarder kroner.
    """
    bare = text.replace(" ", "").replace("'", "").replace("−", "-")
    bare = _CURRENCY.sub("", bare)
    for ending in (",-", ".-", ",–", ",—"):
        bare = bare.removesuffix(ending)
    if bare.startswith("-") or bare.endswith("-"):
        raise Unreadable(say("kan ikke være negativt. Meld en kreditnota i stedet"))
    match = _GROUPED_POINT.fullmatch(bare) or _GROUPED_COMMA.fullmatch(bare) or _PLAIN.fullmatch(bare)
    if match is None:
        raise Unreadable(say("må være kroner med høyst to desimaler. Skriv for eksempel 1 234,50"))
    decimals = match[1] or ""
    whole = re.sub(r"\D", "", bare[: len(bare) - len(decimals)])
    ore = int(whole) * 100 + int(decimals.ljust(2, "0") or 0)
    if ore > MAX_ORE:
        raise Unreadable(say("er større enn 10 milliarder kroner. Sjekk beløpet"))
    return Ore(ore)


# --- numbers that identify ------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def read_kid(text: str) -> str:
    """A KID of 2 to 25 positions with its check character, MOD10 or MOD11. Raises Unreadable."""
    kid = text.replace(" ", "")
    if not is_valid_kid(kid):
        raise Unreadable("stemmer ikke: siste tegn er et kontrolltegn. Skriv KID av fra fakturaen")
    return kid


def read_orgnr(text: str) -> str:
    """Nine digits with their check digit; `NO … MVA` is forgiven. Raises Unreadable."""
    number = text.upper().replace(" ", "").replace(".", "").removeprefix("NO").removesuffix("MVA")
    if not orgnr.is_valid(number):
        raise Unreadable("må være ni siffer som stemmer med Enhetsregisteret. Sjekk tallene")
    return number


def read_national_id(text: str, *, synthetic_allowed: bool) -> str:
    """Fødselsnummer or D-number, 11 digits; synthetic ones (month + 40, + 80) where allowed. Raises Unreadable."""
    number = text.replace(" ", "").replace("-", "")
    if len(number) != 11 or not (number.isascii() and number.isdigit()):
        raise Unreadable("må være 11 siffer")
    month = int(number[2:4])
    offset = 80 if month > 80 else 40 if month > 40 else 0
    if offset and not synthetic_allowed:
        raise Unreadable("er et testnummer. Bruk det ekte nummeret, eller la feltet stå tomt")
    right = number[9:] == fodselsnummer.calc_check_digit1(number) + fodselsnummer.calc_check_digit2(number)
    if not right or not _is_birth_date(f"{number[:2]}{month - offset:02d}{number[4:]}"):
        raise Unreadable("stemmer ikke. Sjekk tallene, eller la feltet stå tomt")
    return number


def _is_birth_date(number: str) -> bool:
    try:
        fodselsnummer.get_birth_date(number)
    except StdnumError:
        return False
    return True


def mask_national_id(number: str) -> str:
    """What a log or a page may show: the birth date's six digits are kept, the personal ones are not."""
    return f"{number[:6]} *****"


_EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,185}\.[^@\s<>,;.]{2,}")


def read_email(text: str) -> str:
    """An e-mail address that could exist. Raises Unreadable."""
    if not _EMAIL.fullmatch(text):
        raise Unreadable("må være en e-postadresse, for eksempel navn@firma.no")
    return text


def read_phone(text: str) -> str:
    """`+4799999999`; eight digits are Norwegian. Raises Unreadable."""
    number = re.sub(r"[\s().-]", "", text)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if re.fullmatch(r"[2-9][0-9]{7}", number):
        return f"+47{number}"
    if not re.fullmatch(r"\+[1-9][0-9]{5,14}", number):
        raise Unreadable("må være et telefonnummer: åtte siffer, eller + og landkode")
    return number


_COUNTRIES = {
    "NORGE": "NO", "NOREG": "NO", "NORWAY": "NO", "SVERIGE": "SE", "SWEDEN": "SE", "DANMARK": "DK", "DENMARK": "DK",
    "FINLAND": "FI", "ISLAND": "IS", "ICELAND": "IS", "TYSKLAND": "DE", "GERMANY": "DE", "POLEN": "PL", "POLAND": "PL",
}  # fmt: skip


def read_country(text: str) -> str:
    """Two letters (ISO 3166); the neighbours may be spelled out. Raises Unreadable."""
    code = _COUNTRIES.get(text.upper(), text.upper())
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise Unreadable("må være en landkode på to bokstaver, for eksempel NO")
    return code
