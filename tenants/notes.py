"""What plugins in force have done wrong, and what those in shadow would have said, gathered while a tenant is open.

`open_tenant` keeps the notes at the end of its transaction; a dry run throws them away.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Trouble:
    """A plugin that could not answer. `error` is a class name: what plugins say may be about people."""

    slug: str
    error: str
    hook: str = ""
    case_id: UUID | None = None
    trace: str = ""  # files, lines and names; no values


@dataclass(frozen=True, slots=True)
class ShadowAnswer:
    """What a plugin that has no effect would have said."""

    slug: str
    hook: str
    case_id: UUID
    answer: str


@dataclass(slots=True)
class Notes:
    """What was gathered."""

    troubles: list[Trouble] = field(default_factory=list)
    shadows: list[ShadowAnswer] = field(default_factory=list)
    trial: bool = False  # of a dry run: nothing is kept


_gathering: ContextVar[Notes | None] = ContextVar("plugin_notes", default=None)


@contextmanager
def gathered(*, trial: bool = False) -> Iterator[Notes]:
    """Everything noted inside, and nowhere else. Inside a trial everything is the trial's."""
    before = _gathering.get()
    if before is not None and before.trial:
        yield before
        return
    token = _gathering.set(notes := Notes(trial=trial))
    try:
        yield notes
    finally:
        _gathering.reset(token)


def current() -> Notes | None:
    """Where notes go now; None when nobody gathers them."""
    return _gathering.get()
