"""`FRIST_TRACE_HOOKS=1`: every call to a plugin as a line on standard error, for whoever asks why it said what it said.

Arguments are told in short and never with what may identify a person: of ids and numbers only the end is shown, of
facts only their names.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID

from saas.kernel import clock
from saas.rules.facts import Because, CaseFacts, Fact

SETTING = "FRIST_TRACE_HOOKS"
_LONGEST = 300


def traced(slug: str, hook: str, answer: Callable[..., object]) -> Callable[..., object]:
    """The plugin's method, telling of each call when tracing is on; the method itself when it is off."""
    if os.environ.get(SETTING) != "1":
        return answer

    def told(*given: object) -> object:
        started = clock.monotonic()
        said = "raised nothing"
        try:
            value = answer(*given)
            said = in_short(value)
        except BaseException as error:
            said = f"raised {type(error).__name__}"
            raise
        else:
            return value
        finally:
            spent_us = (clock.monotonic() - started) * 1_000_000
            asked = ", ".join(in_short(each) for each in given)
            print(f"{hook} {slug}({asked}) → {said} {spent_us:.0f} µs"[:_LONGEST], file=sys.stderr)

    return told


def in_short(value: Any) -> str:
    """A value in a few words, without names, texts or whole numbers of people."""
    if isinstance(value, CaseFacts):
        return f"case …{value.case_number % 100:02d} {value.stage.name.lower()}"
    if isinstance(value, Because):
        return value.code
    if isinstance(value, Fact):
        return f"{value.name} of {value.reported_on.isoformat()}"
    if isinstance(value, UUID):
        return f"…{value.hex[-4:]}"
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, bool | int | date):
        return str(value)
    if isinstance(value, str):
        return f"text of {len(value)}" if len(value) > 20 or " " in value else value
    if isinstance(value, list | tuple):
        return f"[{', '.join(in_short(each) for each in value[:3])}{', …' if len(value) > 3 else ''}]"
    if is_dataclass(value) and not isinstance(value, type):
        parts = ", ".join(f"{f.name}={_part(f.name, getattr(value, f.name))}" for f in fields(value)[:4] if f.repr)
        return f"{type(value).__name__}({parts})"
    return type(value).__name__


def _part(name: str, value: Any) -> str:
    if name.endswith("number") and isinstance(value, int):
        return f"…{value % 100:02d}"
    return in_short(value)
