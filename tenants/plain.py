"""Whether an answer is nothing but plain values: what the host looks at now is then what the core will see afterwards.

A subclass of `int` may be small when compared and large when charged; a list may give something else the second time.
So only exact types count: Python's own simple ones, and the dataclasses and enums of the hooks and the rules.
"""

import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from saas.rules.words import Words

_SIMPLE = frozenset((type(None), bool, int, str, date, UUID))
_DEEPEST = 8


def is_plain(answer: object, depth: int = 0) -> bool:
    """Whether the answer, and everything in it, is of an exact type that cannot lie."""
    kind: Any = type(answer)
    if kind in _SIMPLE:
        return True
    if depth >= _DEEPEST:
        return False
    if kind is list or kind is tuple:
        return all(is_plain(each, depth + 1) for each in answer)  # type: ignore[attr-defined]
    if kind is Words:
        return _is_said(answer)
    parts = _parts_of(kind)
    return parts is not None and all(is_plain(part, depth + 1) for part in parts(answer))


def _is_said(words: Any) -> bool:
    """A sentence made by `say`: its template and what was put into it are there."""
    return type(getattr(words, "template", None)) is str and type(getattr(words, "values", None)) is dict


@cache
def _parts_of(kind: type) -> Callable[[Any], tuple[Any, ...]] | None:
    """How to read the parts of one of our own dataclasses; an enum has none. None for any other type."""
    home = sys.modules.get(kind.__module__)
    if not kind.__module__.startswith(("saas.hooks", "saas.rules.")) or getattr(home, kind.__name__, None) is not kind:
        return None
    if issubclass(kind, Enum):
        return lambda _: ()
    if not is_dataclass(kind):
        return None
    names = [field.name for field in fields(kind)]
    return attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
