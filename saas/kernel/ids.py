"""Identifiers: UUIDv7, so that new rows lie beside each other on disk."""

from functools import lru_cache
from uuid import UUID, SafeUUID

from uuid_utils import uuid7

NIL = UUID(int=0)
"""Stands for "all creditors" or "the tenant itself" where a creditor's id could stand."""


def new_id() -> UUID:
    """A new UUIDv7."""
    return _of_number(uuid7().int)


@lru_cache(maxsize=8192)
def read_id(text: bytes) -> UUID:
    """The id PostgreSQL wrote as `text`. Rows of one chunk name the same ids over and over, and equal ids are one."""
    return _of_number(int(text.replace(b"-", b""), 16))


_set_number, _set_safety, _UNKNOWN = UUID.int.__set__, UUID.is_safe.__set__, SafeUUID.unknown  # type: ignore[attr-defined, misc]


def _of_number(number: int) -> UUID:
    """What `UUID(int=…)` gives, without its checks: they cost four times as much, and the night makes a million."""
    new = object.__new__(UUID)
    _set_number(new, number)
    _set_safety(new, _UNKNOWN)
    return new
