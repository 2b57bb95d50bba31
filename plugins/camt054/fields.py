"""What stands in single elements, as values: amounts, dates, accounts, texts. Whatever is wrong is a BankFileError."""

import re
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from plugins.camt054.stream import Element
from saas.hooks import BankFileError

OSLO = ZoneInfo("Europe/Oslo")
_AMOUNT = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,2})0{0,3})?")
_ACCOUNT = re.compile(r"[0-9]{11}")
_NORWEGIAN_IBAN = re.compile(r"NO[0-9]{13}")
_LONGEST_TEXT = 500


class Reader:
    """Looks things up below an element, by paths of plain names."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._paths: dict[str, str] = {}

    def element(self, below: Element, path: str) -> Element | None:
        """The first element at `path`."""
        return below.find(self._path(path))

    def elements(self, below: Element, path: str) -> list[Element]:
        """Every element at `path`."""
        found: list[Element] = below.findall(self._path(path))
        return found

    def text(self, below: Element, *paths: str) -> str:
        """The text at the first of `paths` that has any; ''."""
        for path in paths:
            text = (below.findtext(self._path(path)) or "").strip()
            if text:
                return text
        return ""

    def _path(self, path: str) -> str:
        known = self._paths.get(path)
        if known is None:
            known = self._paths[path] = "/".join(self._namespace + name for name in path.split("/"))
        return known


def ore(amount: str) -> int:
    """`1020.00` → 102000. The format has no signs; a fraction of an øre is refused."""
    found = _AMOUNT.fullmatch(amount)
    if found is None:
        raise BankFileError(f"beløpet {amount!r} er ikke kroner og øre.", 0, "wrong_amount")
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))


@lru_cache(maxsize=4096)
def day(text: str) -> date:
    """A date, or the date in Oslo of a moment."""
    try:
        if "T" in text:
            moment = datetime.fromisoformat(text)
            found = moment.astimezone(OSLO).date() if moment.tzinfo else moment.date()
        else:
            found = date.fromisoformat(text[:10])  # XML allows a time zone after it
    except ValueError:
        raise BankFileError(f"{text!r} er ikke en dato.", 0, "not_a_date") from None
    if not 2000 <= found.year <= 2099:
        raise BankFileError(f"{text!r} er ikke en dato i vårt århundre.", 0, "not_a_date")
    return found


def norwegian_account(account: str) -> str:
    """An IBAN or account number as the 11 digits of a Norwegian account; any other as it stands."""
    bare = account.replace(" ", "").replace(".", "")
    if _ACCOUNT.fullmatch(bare):
        return bare
    return bare[4:] if _NORWEGIAN_IBAN.fullmatch(bare) and _iban_holds(bare) else account


def _iban_holds(iban: str) -> bool:
    """MOD 97 over country and check digits moved last, letters as numbers."""
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


def one_line(texts: list[str]) -> str:
    """Texts of a payer as one line people can read, not without end."""
    joined = " ".join(" ".join(texts).split())
    return "".join(c if c.isprintable() else "?" for c in joined)[:_LONGEST_TEXT]
