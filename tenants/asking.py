"""One question to one plugin: measured, watched, its facts compared afterwards. What it answers is judged elsewhere."""

import traceback
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from saas.kernel import clock
from saas.rules.facts import CaseFacts, ClaimFacts, Fact, HoldFacts, NoticeFacts, Outstanding
from tenants import guard
from tenants.models import Mode
from tenants.notes import Trouble, current
from tenants.plain import is_plain

log = structlog.get_logger()

SLOW_SECONDS = 0.05
"""A pure hook over this, twice in a row for the same facts, is slow."""


class Asked(NamedTuple):
    """A plugin's answer to one hook, ready to be called."""

    slug: str
    hook: str
    answer: Callable[..., object]  # positional, in the order of the hook's own arguments
    mode: Mode = Mode.ON
    percent: int = 100  # of cases, when it is tried on some
    mark: bytes = b""  # what the guard writes before it is entered


class PluginMissing(Exception):
    """Switched on, but no longer installed."""


class InvalidSettings(Exception):
    """Stored settings that the plugin does not accept any more."""


class SlowPlugin(Exception):
    """A pure hook took too long twice."""


class WrongAnswer(Exception):
    """The plugin answered something the hook does not allow."""


class ChangedFacts(Exception):
    """The plugin changed the facts it was given."""


class Quarantined(Exception):
    """The plugin has killed a worker, and waits for an administrator."""


def ask(asked: Asked, case: CaseFacts | None, *given: object) -> object:
    """The plugin's answer, or the exception that came instead. A slow answer is asked for once more.

    The facts of `case` are as they were afterwards, whatever the plugin did to them.
    """
    before = _seen(case) if case is not None else None
    try:
        changed = False
        for _ in range(2):
            guard.enter(asked.mark)
            started = clock.monotonic()
            try:
                answer = asked.answer(*given)
            finally:
                spent = clock.monotonic() - started
                guard.leave()
                if case is not None and before is not None and _differs(case, before):
                    _restore(case, before)
                    changed = True
            if changed:
                return ChangedFacts(asked.slug)
            if spent <= SLOW_SECONDS:
                return answer if is_plain(answer) else WrongAnswer(type(answer).__name__)
    except (Exception, SystemExit) as error:
        if type(error).__module__.startswith("rq."):  # the job's own time is up: that is for the queue to say
            raise
        return error
    return SlowPlugin(asked.slug)


def note_trouble(asked: Asked, answer: object, case: CaseFacts | None = None) -> Trouble:
    """Tell of a plugin that threw, or answered what the hook does not allow: in the log, and to be kept."""
    error = answer if isinstance(answer, BaseException) else WrongAnswer(type(answer).__name__)
    case_id = case.case_id if case else None
    trouble = Trouble(asked.slug, type(error).__name__, asked.hook, case_id, trace_of(error))
    log.error("plugin_trouble", plugin=asked.slug, hook=asked.hook, error=trouble.error, where=where(error),
              case=str(case_id) if case_id else None)  # fmt: skip
    notes = current()
    if notes is not None:
        notes.troubles.append(trouble)
    return trouble


def where(error: BaseException) -> str:
    """File and line the exception came from; its text is left out, since it may be about people."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else ""


def trace_of(error: BaseException) -> str:
    """The way to the exception, newest last: file, line and function of each call. No values, no text of the error."""
    frames = traceback.extract_tb(error.__traceback__)
    shown = frames[-_MOST_FRAMES:]
    lines = [f"{'/'.join(Path(f.filename).parts[-3:])}:{f.lineno} {f.name}" for f in shown]
    return "\n".join([*lines, type(error).__name__])


_MOST_FRAMES = 12

# --- facts as they were ---------------------------------------------------------------------------------------------


def _reader(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    reader: Callable[[Any], tuple[Any, ...]] = attrgetter(*kind.__slots__)
    return reader


_CASE, _CLAIM, _NOTICE, _HOLD = (_reader(kind) for kind in (CaseFacts, ClaimFacts, NoticeFacts, HoldFacts))
_FACT, _OWED = _reader(Fact), _reader(Outstanding)


def _seen(case: CaseFacts) -> tuple[Any, ...]:
    """Every value of the facts. Comparing two costs little: what is the same object is not looked into."""
    return (
        _CASE(case),
        [_CLAIM(each) for each in case.claims],
        [_NOTICE(each) for each in case.notices],
        [_HOLD(each) for each in case.holds],
        [_FACT(each) for each in case.facts],
        _OWED(case.outstanding),
    )


def _differs(case: CaseFacts, before: tuple[Any, ...]) -> bool:
    return _CASE(case) != before[0] or _seen(case) != before


def _restore(case: CaseFacts, seen: tuple[Any, ...]) -> None:
    """Put back what a plugin has changed: the objects of `case` first, since the rest hang on it."""
    values, claims, notices, holds, facts, owed = seen
    _set(case, values)
    for parts, were in ((case.claims, claims), (case.notices, notices), (case.holds, holds), (case.facts, facts)):
        for part, was in zip(parts, were, strict=True):
            _set(part, was)
    _set(case.outstanding, owed)


def _set(frozen: Any, values: tuple[Any, ...]) -> None:
    for name, value in zip(frozen.__slots__, values, strict=True):
        object.__setattr__(frozen, name, value)
