"""The plugins in force for one creditor, as callers see them: a typed method per hook.

A rule plugin that throws, is slow, cannot be built or answers something else than the hook allows stops only this case,
visibly: a hold, or a person.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, cast

import structlog
from marshmallow import EXCLUDE, ValidationError

from saas.hooks import (
    AskPerson,
    BankFileReader,
    Channel,
    DeferralRequest,
    PaymentProvider,
    PlaceHold,
    Plugin,
    Refusal,
)
from saas.kernel import clock
from saas.rules import days
from saas.rules.facts import Because, CaseFacts, HoldReason
from tenants.installed import empty_manager, installed_plugins

log = structlog.get_logger()

RULE_HOOKS = ("refuse_deferral", "hold_case")
SLOW_SECONDS = 0.25
"""A pure hook over this, twice in a row for the same facts, is slow."""
PERSON_LOOKS = "En saksbehandler ser på søknaden din om mer tid før vi svarer."


class Chosen(NamedTuple):
    """A plugin switched on for a creditor, with its stored settings before defaults."""

    slug: str
    settings: Mapping[str, Any]


class Trouble(NamedTuple):
    """A plugin that could not answer. `error` is a class name: what plugins say may be about people."""

    slug: str
    error: str


class _Asked(NamedTuple):
    slug: str
    answer: Callable[..., object]  # positional, in the order of the hook's own arguments


class PluginMissing(Exception):
    """Switched on, but no longer installed."""


class InvalidSettings(Exception):
    """Stored settings that the plugin does not accept any more."""


class SlowPlugin(Exception):
    """A pure hook took too long twice."""


class WrongAnswer(Exception):
    """The plugin answered something the hook does not allow."""


class Hooks:
    """The plugins in force for one creditor: a typed method per hook, answers combined as the hook's name says."""

    def __init__(self, chosen: Sequence[Chosen]) -> None:
        self._manager = empty_manager()
        self.slugs = tuple(sorted(one.slug for one in chosen))
        self.broken: tuple[Trouble, ...] = ()
        stuck: dict[str, list[_Asked]] = {name: [] for name in RULE_HOOKS}
        for one in sorted(chosen, key=lambda one: one.slug):
            self._add(one, stuck)
        self._manager.check_pending()
        self._refuse_deferral = (*self._asked("refuse_deferral"), *stuck["refuse_deferral"])
        self._hold_case = (*self._asked("hold_case"), *stuck["hold_case"])
        self._readers = tuple(self._provided("provide_bank_files"))
        self._channels = tuple(self._provided("provide_channels"))
        self._payment_providers = tuple(self._provided("provide_payment_methods"))

    # What each hook gives

    def refuse_deferral(self, request: DeferralRequest, case: CaseFacts) -> list[Refusal | AskPerson]:
        """Every refusal and doubt, in order of slug; a plugin in trouble is a doubt."""
        answers: list[Refusal | AskPerson] = []
        for asked in self._refuse_deferral:
            answer = _ask(asked, request, case)
            if isinstance(answer, Refusal | AskPerson) and _is_grounded(answer, case):
                answers.append(answer)
            elif answer is not None:
                _note_trouble("refuse_deferral", asked.slug, answer, case)
                answers.append(AskPerson(Because("plugin_trouble", PERSON_LOOKS)))
        return answers

    def hold_case(self, case: CaseFacts, today: date) -> list[PlaceHold]:
        """Every hold asked for; a plugin in trouble holds the case until the next banking day."""
        holds: list[PlaceHold] = []
        for asked in self._hold_case:
            answer = _ask(asked, case, today)
            if answer is None:
                continue
            if isinstance(answer, PlaceHold) and _is_hold(answer, today):
                holds.append(answer)
            else:
                trouble = _note_trouble("hold_case", asked.slug, answer, case)
                note = f"{trouble.slug}: {trouble.error}"
                holds.append(PlaceHold(HoldReason.PLUGIN_TROUBLE, days.after(today), note))
        return holds

    def bank_file_readers(self) -> tuple[BankFileReader, ...]:
        """The readers of bank files, in order of slug."""
        return self._readers

    def channels(self) -> tuple[Channel, ...]:
        """The ways out of the house, in order of slug."""
        return self._channels

    def payment_providers(self) -> tuple[PaymentProvider, ...]:
        """Ways to pay by card or the like, in order of slug."""
        return self._payment_providers

    # How they are put together

    def _add(self, one: Chosen, stuck: dict[str, list[_Asked]]) -> None:
        installed = installed_plugins().get(one.slug)
        try:
            if installed is None:
                raise PluginMissing(one.slug)
            settings = load_settings(installed.plugin, one.settings)
            self._manager.register(installed.plugin(settings), name=one.slug)
        except Exception as error:
            self._note_broken(one.slug, error)
            for name in RULE_HOOKS:
                if installed is None or name in installed.hooks:
                    stuck[name].append(_Asked(one.slug, _raiser(error)))

    def _asked(self, name: str) -> Iterator[_Asked]:
        caller = getattr(self._manager.hook, name)
        for impl in sorted(caller.get_hookimpls(), key=lambda impl: str(impl.plugin_name)):
            yield _Asked(impl.plugin_name, _positional(impl, caller.spec.argnames))

    def _provided(self, name: str) -> Iterator[Any]:
        """What the plugins provide. One that throws provides nothing, and stands in `broken`."""
        for asked in self._asked(name):
            try:
                things: tuple[Any, ...] = tuple(cast("Sequence[Any]", asked.answer() or ()))
            except Exception as error:
                self._note_broken(asked.slug, error)
            else:
                yield from things

    def _note_broken(self, slug: str, error: Exception) -> None:
        log.error("plugin_broken", plugin=slug, error=type(error).__name__, where=_where(error))
        self.broken += (Trouble(slug, type(error).__name__),)


def load_settings(plugin: type[Plugin], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Stored settings with the plugin's defaults filled in. Fields the plugin no longer knows are left out.

    Raises InvalidSettings.
    """
    try:
        loaded: dict[str, Any] = plugin.Settings(unknown=EXCLUDE).load(dict(stored))
    except ValidationError as error:
        raise InvalidSettings(str(sorted(error.normalized_messages()))) from error
    return loaded


def _positional(impl: Any, wanted: Sequence[str]) -> Callable[..., object]:
    """The plugin's method, called with all arguments of the hook even when it takes only some of them."""
    method: Callable[..., object] = impl.function
    if tuple(impl.argnames) == tuple(wanted):
        return method
    places = [wanted.index(name) for name in impl.argnames]
    return lambda *given: method(*(given[place] for place in places))


def _raiser(error: Exception) -> Callable[..., object]:
    def raises(*_: object) -> object:
        raise error.with_traceback(None)  # raised again and again: else it would grow by a frame each time

    return raises


def _ask(asked: _Asked, *facts: object) -> object:
    """The plugin's answer, or the exception that came instead. A slow answer is asked for once more."""
    try:
        for _ in range(2):
            started = clock.monotonic()
            answer = asked.answer(*facts)
            if clock.monotonic() - started <= SLOW_SECONDS:
                return answer
    except Exception as error:
        return error
    return SlowPlugin(asked.slug)


def _is_grounded(answer: Refusal | AskPerson, case: CaseFacts) -> bool:
    """A reason, and no fact that is not the case's own."""
    because = answer.because
    return isinstance(because, Because) and (because.fact is None or because.fact in case.facts)


def _is_hold(answer: PlaceHold, today: date) -> bool:
    """A known reason, and a later day to look again: a hold that ends today would be asked about for ever."""
    return isinstance(answer.reason, HoldReason) and type(answer.look_again_on) is date and answer.look_again_on > today


def _note_trouble(hook: str, slug: str, answer: object, case: CaseFacts) -> Trouble:
    error = answer if isinstance(answer, Exception) else WrongAnswer(type(answer).__name__)
    trouble = Trouble(slug, type(error).__name__)
    log.error(
        "plugin_trouble", plugin=slug, hook=hook, error=trouble.error, where=_where(error), case=str(case.case_id)
    )
    return trouble


def _where(error: Exception) -> str:
    """File and line the exception came from; its text is left out, since it may be about people."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else ""
