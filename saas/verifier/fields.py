"""Fields of a JSON object nobody vouches for: the right value, or a finding with the field's path."""

import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any, TypeVar

from saas.verifier.findings import Finding

MOST_ORE, MOST_DAYS, MOST_ITEMS, MOST_OBJECTS = 10**13, 3_660, 1_000, 100
_DAY = re.compile(r"(19[7-9]\d|20\d\d)-\d\d-\d\d", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
_FINGERPRINT = re.compile(r"[0-9a-f]{16}", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
T = TypeVar("T")


class Wrong(Exception):
    """One value is not what it should be."""


def show(value: object) -> str:
    """A short, safe picture of any value."""
    if isinstance(value, str):
        return ascii(value[:40])
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 10**18):
        return str(value)
    return type(value).__name__


class Fields:
    """The fields of one object. What is missing, unknown or of the wrong type becomes a finding with its path."""

    def __init__(self, value: object, path: str, found: list[Finding]) -> None:
        self.path, self.found, self.asked = path, found, set[str]()
        self.values: dict[Any, Any] = value if isinstance(value, dict) else {}
        self.is_object = isinstance(value, dict)
        if not self.is_object:
            self.wrong(path, f"should be an object, is {show(value)}")

    def wrong(self, path: str, message: str) -> None:
        self.found.append(Finding("schema", f"{path}: {message}"))

    def get(self, name: str, read: Callable[[Any], T], default: T) -> T:
        self.asked.add(name)
        path = f"{self.path}.{name}"
        if name not in self.values:
            if self.is_object:
                self.wrong(path, "is missing")
            return default
        try:
            return read(self.values[name])
        except Wrong as error:
            self.wrong(path, f"{error}, is {show(self.values[name])}")
            return default

    def items(self, name: str) -> list[Any]:
        return self.get(name, a_list, [])

    def objects(self, name: str) -> list["Fields"]:
        items = self.items(name)
        if len(items) > MOST_OBJECTS:
            self.wrong(f"{self.path}.{name}", f"should have at most {MOST_OBJECTS}, has {len(items)}")
        return [Fields(item, f"{self.path}.{name}[{at}]", self.found) for at, item in enumerate(items[:MOST_OBJECTS])]

    def object(self, name: str) -> "Fields":
        return Fields(self.get(name, lambda value: value, None), f"{self.path}.{name}", self.found)

    def maybe_object(self, name: str) -> "Fields | None":
        value = self.get(name, lambda value: value, None)
        return None if value is None else Fields(value, f"{self.path}.{name}", self.found)

    def day(self, name: str) -> date:
        return self.get(name, a_day, date(2000, 1, 1))

    def maybe_day(self, name: str) -> date | None:
        return self.get(name, lambda value: None if value is None else a_day(value), None)

    def ore(self, name: str, least: int = 0) -> int:
        return self.get(name, whole(least, MOST_ORE), least)

    def count(self, name: str) -> int:
        return self.get(name, whole(0, MOST_DAYS), 0)

    def flag(self, name: str) -> bool:
        return self.get(name, a_flag, False)

    def text(self, name: str) -> str:
        return self.get(name, a_text, "")

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        return self.get(name, a_choice(choices), choices[0])

    def finish(self) -> None:
        """A field nobody asked for is one nobody checked."""
        for name in self.values:
            if not isinstance(name, str) or name not in self.asked:
                self.wrong(self.path, f"has an unknown field {show(name)}")


def a_list(value: object) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise Wrong(f"should be a list of at most {MOST_ITEMS}")
    return value


def a_day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise Wrong("should be a day, YYYY-MM-DD, from 1970 to 2099")


def whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Wrong(f"should be a whole number from {least} to {most}")
        return value

    return read


def a_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong("should be true or false")
    return value


def a_text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise Wrong("should be a text")
    return value


def a_choice(choices: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise Wrong(f"should be one of {', '.join(choices)}")
        return value

    return read


def a_uuid(value: object) -> str:
    if isinstance(value, str) and _UUID.fullmatch(value):
        return value
    raise Wrong("should be a UUID in small letters")


def a_fingerprint(value: object) -> str:
    """The short form of a SHA-256: what a text is known by."""
    if isinstance(value, str) and _FINGERPRINT.fullmatch(value):
        return value
    raise Wrong("should be 16 hex digits in small letters")


def a_number(value: object) -> Fraction:
    """A figure such as "0.05" or 25."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return Fraction(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Fraction(value)
    raise Wrong("should be a number without sign")


def numbers(value: object) -> tuple[Fraction, ...]:
    """Figures that belong together, such as "0.4/0.8"."""
    if not isinstance(value, str) or len(value) > 60:
        raise Wrong("should be figures, with / between them")
    return tuple(a_number(part) for part in value.split("/"))
