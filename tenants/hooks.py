"""The plugins in force for one creditor, as callers see them: a typed method per hook.

A rule plugin that throws, is slow, cannot be built, changes its facts or answers something else than the hook allows
stops only this case, visibly: a hold, or a person.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID

import structlog
from marshmallow import EXCLUDE, ValidationError

from saas.hooks import (
    LONGEST_WAIT_DAYS,
    AskPerson,
    BankFileReader,
    CaseEvent,
    CaseToAsk,
    Channel,
    ClaimField,
    ClaimOffer,
    CollectedFact,
    CreditorFacts,
    DeferralRequest,
    IntakeFormat,
    LawfulStep,
    Medium,
    NextChoice,
    Panel,
    PanelLink,
    PaymentProvider,
    PlaceHold,
    Plugin,
    ProposedFee,
    Refusal,
    Route,
    SoftContact,
    Wait,
)
from saas.kernel.ids import NIL
from saas.rules import days
from saas.rules.facts import Because, CaseFacts, HoldReason, Step
from saas.rules.money import Ore
from tenants import guard
from tenants.asking import Asked, InvalidSettings, PluginMissing, Quarantined, ask, note_trouble, trace_of, where
from tenants.installed import Installed, empty_manager, installed_plugins
from tenants.models import Mode
from tenants.notes import ShadowAnswer, Trouble, current
from tenants.tracing import traced

__all__ = ["Choice", "Chosen", "FeeLimit", "Hooks", "InvalidSettings", "Trouble", "load_settings"]

log = structlog.get_logger()

RULE_HOOKS = ("refuse_claim", "refuse_deferral", "limit_fee", "hold_case", "choose_step", "choose_channel")
TOLD_HOOKS = ("extend_letter", "extend_portal", "collect_facts", "on_case_event")
PERSON_LOOKS = "En saksbehandler ser på søknaden din om mer tid før vi svarer."
PERSON_LOOKS_AT_CLAIM = "En tilleggsregel svarte ikke som den skulle. En saksbehandler ser på kravet."
MOST_PARAGRAPHS, LONGEST_PARAGRAPH = 5, 600


class Chosen(NamedTuple):
    """A plugin switched on for a creditor, with its stored settings before defaults."""

    slug: str
    settings: Mapping[str, Any]
    mode: Mode = Mode.ON
    percent: int = 100
    version: str = ""  # of the plugin when the settings were stored


@dataclass(frozen=True, slots=True)
class FeeLimit:
    """How much of a proposed cost may be charged, as plugins have it. `holds`: those that were in trouble."""

    amount_ore: Ore
    by: str = ""  # slug of the plugin whose answer counts; '' when nobody asked for less
    holds: tuple[PlaceHold, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What plugins chose instead of the next step; None: nobody said anything."""

    choice: NextChoice | None = None
    by: str = ""
    holds: tuple[PlaceHold, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelOrder:
    """The ways out in the order they are to be tried. `holds`: plugins that were in trouble."""

    media: tuple[Medium, ...]
    holds: tuple[PlaceHold, ...] = ()


class Hooks:
    """The plugins in force for one creditor: a typed method per hook, answers combined as the hook's name says."""

    def __init__(
        self,
        chosen: Sequence[Chosen],
        tenant_id: UUID = NIL,
        creditor_id: UUID = NIL,
        *,
        installed: Mapping[str, Installed] | None = None,
    ) -> None:
        self._installed = installed_plugins() if installed is None else installed
        self._manager = empty_manager()
        self._owner = (tenant_id, creditor_id)
        self._chosen = {one.slug: one for one in sorted(chosen, key=lambda one: one.slug)}
        self.slugs = tuple(one.slug for one in self._chosen.values() if one.mode in (Mode.ON, Mode.CANARY))
        self.broken: tuple[Trouble, ...] = ()
        stuck: dict[str, list[Asked]] = {name: [] for name in RULE_HOOKS}
        for one in self._chosen.values():
            self._add(one, stuck)
        self._manager.check_pending()
        self._rules = {name: (*self._asked(name), *stuck[name]) for name in RULE_HOOKS}
        self._told = {name: tuple(self._effective(name)) for name in TOLD_HOOKS}
        self._readers: tuple[BankFileReader, ...] = tuple(self._provided("provide_bank_files"))
        self._channels: tuple[Channel, ...] = tuple(self._provided("provide_channels"))
        self._payment_providers: tuple[PaymentProvider, ...] = tuple(self._provided("provide_payment_methods"))
        self._intake_formats: tuple[IntakeFormat, ...] = tuple(self._provided("provide_intake_formats"))
        self._claim_fields: tuple[ClaimField, ...] = tuple(self._provided("extend_claim_fields"))
        self._routes: dict[str, tuple[Route, ...]] = {
            asked.slug: tuple(self._things(asked)) for asked in self._effective("provide_routes")
        }

    def answers(self, hook: str) -> bool:
        """Whether any plugin has something to say to a rule hook; what it takes to ask need not be made else."""
        return bool(self._rules[hook])

    # --- rules: what is refused, made less, held, chosen ---------------------------------------------------------

    def refuse_claim(self, claim: ClaimOffer, creditor: CreditorFacts) -> list[Refusal | AskPerson]:
        """Every refusal and doubt, in order of slug; a plugin in trouble is a doubt."""
        answers: list[Refusal | AskPerson] = []
        for asked in self._rules["refuse_claim"]:
            answer = ask(asked, None, replace(claim), replace(creditor))  # its own: it may be changed by the one asked
            if answer is None or _is_shadow(asked, answer, None):
                continue
            if isinstance(answer, Refusal | AskPerson) and _says_why(answer.because) and answer.because.fact is None:
                answers.append(answer)
            else:
                note_trouble(asked, answer)
                answers.append(AskPerson(Because("plugin_trouble", PERSON_LOOKS_AT_CLAIM)))
        return answers

    def refuse_deferral(self, request: DeferralRequest, case: CaseFacts) -> list[Refusal | AskPerson]:
        """Every refusal and doubt, in order of slug; a plugin in trouble is a doubt.

        A refusal that rests on a fact which is stale, or contradicted by another of the same day, is a doubt.
        """
        answers: list[Refusal | AskPerson] = []
        for asked in self._rules["refuse_deferral"]:
            answer = ask(asked, case, replace(request), case)
            if answer is None or _is_shadow(asked, answer, case):
                continue
            if isinstance(answer, Refusal | AskPerson) and _is_grounded(answer, case):
                answers.append(_doubted(answer, case, request.asked_on))
            else:
                note_trouble(asked, answer, case)
                answers.append(AskPerson(Because("plugin_trouble", PERSON_LOOKS)))
        return answers

    def limit_fee(self, fee: ProposedFee, case: CaseFacts) -> FeeLimit:
        """The lowest amount anybody asks for, never above what was proposed. A plugin in trouble holds the case."""
        amount_ore, by, holds = fee.amount_ore, "", []
        for asked in self._rules["limit_fee"]:
            answer = ask(asked, case, replace(fee), case)
            if answer is None or _is_shadow(asked, answer, case):
                continue
            if isinstance(answer, int) and not isinstance(answer, bool) and answer >= 0:
                if answer < amount_ore:
                    amount_ore, by = Ore(answer), asked.slug
            else:
                holds.append(_trouble_hold(asked, answer, case, fee.decided_on))
        return FeeLimit(amount_ore, by, tuple(holds))

    def hold_case(self, case: CaseFacts, today: date) -> list[PlaceHold]:
        """Every hold asked for; a plugin in trouble holds the case until the next banking day."""
        holds: list[PlaceHold] = []
        for asked in self._rules["hold_case"]:
            answer = ask(asked, case, case, today)
            if answer is None or _is_shadow(asked, answer, case):
                continue
            if isinstance(answer, PlaceHold) and _is_hold(answer, today):
                holds.append(answer)
            else:
                holds.append(_trouble_hold(asked, answer, case, today))
        return holds

    def choose_step(
        self, offer: tuple[LawfulStep, ...], case: CaseFacts, today: date, *, contacted: bool = False
    ) -> Choice:
        """The choice that comes latest: to wait, then a soft contact, then the earliest step of the ladder.

        Where the debtor has been `contacted` already, who answers a soft contact says nothing.
        """
        chosen, by, holds = None, "", []
        steps = [each.step for each in offer]
        for asked in self._rules["choose_step"]:
            answer = ask(asked, case, tuple(replace(each) for each in offer), case, today)
            if answer is None or _is_shadow(asked, answer, case):
                continue
            if contacted and isinstance(answer, SoftContact):
                continue
            if not _may_choose(answer, steps, today):
                holds.append(_trouble_hold(asked, answer, case, today))
            elif chosen is None or _lateness(cast(NextChoice, answer), steps) > _lateness(chosen, steps):
                chosen, by = cast(NextChoice, answer), asked.slug
        return Choice(chosen, by, tuple(holds))

    def choose_channel(self, offer: tuple[Medium, ...], letter_kind: str, case: CaseFacts, today: date) -> ChannelOrder:
        """`offer` in the order the first plugin with an opinion wants it. A plugin in trouble holds the case.

        Nothing is taken away: what a plugin leaves out comes last, so the ladder always ends where the law wants it.
        """
        holds: list[PlaceHold] = []
        for asked in self._rules["choose_channel"]:
            answer = ask(asked, case, offer, letter_kind, case)
            if answer is None or _is_shadow(asked, answer, case):
                continue
            wanted = _media(answer, offer)
            if wanted is not None:
                rest = (medium for medium in offer if medium not in wanted)
                return ChannelOrder((*wanted, *rest), tuple(holds))
            holds.append(_trouble_hold(asked, answer, case, today))
        return ChannelOrder(offer, tuple(holds))

    # --- what is added -------------------------------------------------------------------------------------------

    def claim_fields(self) -> tuple[ClaimField, ...]:
        """The fields plugins add to a claim, in order of slug."""
        return self._claim_fields

    def extend_letter(self, kind: str, language: str, case: CaseFacts) -> tuple[str, ...]:
        """The paragraphs plugins add to a letter, in order of slug. What is not plain text is left out, and noted."""
        added: list[str] = []
        for asked in self._told["extend_letter"]:
            answer = ask(asked, case, kind, language, case)
            if _is_text(answer):
                added += cast("Sequence[str]", answer)
            elif answer is not None:
                note_trouble(asked, answer, case)
        return tuple(added)

    def extend_portal(self, case: CaseFacts, language: str) -> tuple[Panel, ...]:
        """The panels plugins add to the debtor's page, in order of slug. What is not a panel is left out, and noted."""
        added: list[Panel] = []
        for asked in self._told["extend_portal"]:
            answer = ask(asked, case, case, language)
            if isinstance(answer, list | tuple) and all(_is_panel(each) for each in answer):
                added += answer
            elif answer is not None:
                note_trouble(asked, answer, case)
        return tuple(added)

    # --- what is provided ----------------------------------------------------------------------------------------

    def bank_file_readers(self) -> tuple[BankFileReader, ...]:
        """The readers of bank files, in order of slug."""
        return self._readers

    def channels(self) -> tuple[Channel, ...]:
        """The ways out of the house, in order of slug."""
        return self._channels

    def payment_providers(self) -> tuple[PaymentProvider, ...]:
        """Ways to pay by card or the like, in order of slug."""
        return self._payment_providers

    def intake_formats(self) -> tuple[IntakeFormat, ...]:
        """Readers of files with claims, in order of slug."""
        return self._intake_formats

    def routes_of(self, slug: str) -> tuple[Route, ...]:
        """A plugin's own pages and webhooks; none when it is off."""
        return self._routes.get(slug, ())

    # --- in workers ----------------------------------------------------------------------------------------------

    def collectors(self) -> dict[str, Callable[[tuple[CaseToAsk, ...], date], Sequence[CollectedFact]]]:
        """Slug → the plugin's `collect_facts`. It may do I/O and may raise: the job that calls it tries again."""
        return {asked.slug: cast(Any, asked.answer) for asked in self._told["collect_facts"]}

    def listeners(self) -> dict[str, Callable[[CaseEvent, CaseFacts], None]]:
        """Slug → the plugin's `on_case_event`. It may do I/O and may raise: the job that calls it tries again."""
        return {asked.slug: cast(Any, asked.answer) for asked in self._told["on_case_event"]}

    # --- how they are put together -------------------------------------------------------------------------------

    def _add(self, one: Chosen, stuck: dict[str, list[Asked]]) -> None:
        installed = self._installed.get(one.slug)
        try:
            if installed is None:
                raise PluginMissing(one.slug)
            if one.mode is Mode.QUARANTINED:
                raise Quarantined(one.slug)
            settings = load_settings(installed.plugin, one.settings, one.version)
            self._manager.register(installed.plugin(settings), name=one.slug)
        except Exception as error:
            self._note_broken(one.slug, error)
            if one.mode is Mode.SHADOW:  # without effect when it works, so also when it does not
                return
            for name in RULE_HOOKS:
                if installed is None or name in installed.hooks:
                    stuck[name].append(Asked(one.slug, name, _raiser(error)))

    def _asked(self, name: str) -> Iterator[Asked]:
        caller = getattr(self._manager.hook, name)
        for impl in sorted(caller.get_hookimpls(), key=lambda impl: str(impl.plugin_name)):
            one = self._chosen[impl.plugin_name]
            mark = guard.mark_of(*self._owner, one.slug, name)
            answer = traced(one.slug, name, _positional(impl, caller.spec.argnames))
            yield Asked(one.slug, name, answer, one.mode, one.percent, mark)

    def _effective(self, name: str) -> Iterator[Asked]:
        return (asked for asked in self._asked(name) if asked.mode is not Mode.SHADOW)

    def _provided(self, name: str) -> Iterator[Any]:
        """What the plugins provide. One that throws provides nothing, and stands in `broken`."""
        for asked in self._effective(name):
            yield from self._things(asked)

    def _things(self, asked: Asked) -> tuple[Any, ...]:
        try:
            return tuple(cast("Sequence[Any]", asked.answer() or ()))
        except Exception as error:
            self._note_broken(asked.slug, error)
            return ()

    def _note_broken(self, slug: str, error: Exception) -> None:
        log.error("plugin_broken", plugin=slug, error=type(error).__name__, where=where(error))
        self.broken += (Trouble(slug, type(error).__name__, trace=trace_of(error)),)


def load_settings(plugin: type[Plugin], stored: Mapping[str, Any], version: str = "") -> dict[str, Any]:
    """Stored settings with the plugin's defaults filled in, those of an older version brought up to date first.

    Fields the plugin no longer knows are left out. Raises InvalidSettings.
    """
    try:
        upgrade = getattr(plugin, "upgrade_settings", None)
        if upgrade is not None and version and version != plugin.version:
            stored = upgrade(version, dict(stored))
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


# --- what an answer may be ------------------------------------------------------------------------------------------


def _is_shadow(asked: Asked, answer: object, case: CaseFacts | None) -> bool:
    """Whether the answer has no effect: the plugin is in shadow, or tried on other cases than this one."""
    if asked.mode is Mode.ON:
        return False
    if asked.mode is Mode.CANARY and (case is None or case.case_id.int % 100 < asked.percent):
        return False
    notes = current()
    if notes is not None and case is not None:
        notes.shadows.append(ShadowAnswer(asked.slug, asked.hook, case.case_id, _in_short(answer)))
    return True


def _in_short(answer: object) -> str:
    """What was answered, as a code: words may be about people."""
    if isinstance(answer, Refusal | AskPerson):
        return f"{type(answer).__name__}: {answer.because.code}"
    if isinstance(answer, PlaceHold):
        return f"PlaceHold: {answer.reason} {answer.look_again_on.isoformat()}"
    if isinstance(answer, Wait | SoftContact):
        return f"{type(answer).__name__}: {answer.look_again_on.isoformat()}"
    if isinstance(answer, BaseException):
        return f"trouble: {type(answer).__name__}"
    if isinstance(answer, list | tuple):
        return ", ".join(str(each) for each in answer)[:200]
    return str(answer)[:200] if isinstance(answer, int | str) else type(answer).__name__


def _trouble_hold(asked: Asked, answer: object, case: CaseFacts, today: date) -> PlaceHold:
    trouble = note_trouble(asked, answer, case)
    return PlaceHold(HoldReason.PLUGIN_TROUBLE, days.after(today), f"{trouble.slug}: {trouble.error}")


def _says_why(because: object) -> bool:
    return isinstance(because, Because) and bool(because.code) and len(because.message) <= LONGEST_PARAGRAPH


def _is_grounded(answer: Refusal | AskPerson, case: CaseFacts) -> bool:
    """A reason, and no fact that is not the case's own."""
    because = answer.because
    return _says_why(because) and (because.fact is None or because.fact in case.facts)


def _doubted(answer: Refusal | AskPerson, case: CaseFacts, today: date) -> Refusal | AskPerson:
    """A refusal as it is, unless the fact it rests on is stale or contradicted: then a person is asked."""
    fact = answer.because.fact
    if isinstance(answer, AskPerson) or fact is None:
        return answer
    newest = case.fact(fact.name)
    contradicted = newest is None or newest.value != fact.value
    if contradicted or fact.is_stale(today) or fact.reported_on > today:
        return AskPerson(Because("fact_in_doubt", PERSON_LOOKS, answer.because.rule_ids, fact))
    return answer


def _is_hold(answer: PlaceHold, today: date) -> bool:
    """A known reason, and a later day to look again: a hold that ends today would be asked about for ever."""
    return isinstance(answer.reason, HoldReason) and type(answer.look_again_on) is date and answer.look_again_on > today


def _may_choose(answer: object, steps: Sequence[Step], today: date) -> bool:
    """Something lawful that comes no earlier than the step that would be taken else."""
    if isinstance(answer, Step):
        return answer in steps
    if isinstance(answer, Wait) and not _says_why(answer.because):
        return False
    if isinstance(answer, Wait | SoftContact):
        on = answer.look_again_on
        return type(on) is date and today < on <= today + timedelta(days=LONGEST_WAIT_DAYS)
    return False


def _lateness(choice: NextChoice, steps: Sequence[Step]) -> tuple[int, int]:
    if isinstance(choice, Wait):
        return 2, choice.look_again_on.toordinal()
    if isinstance(choice, SoftContact):
        return 1, choice.look_again_on.toordinal()
    return 0, -steps.index(choice)


def _media(answer: object, offer: tuple[Medium, ...]) -> tuple[Medium, ...] | None:
    if not isinstance(answer, list | tuple) or len(set(answer)) != len(answer):
        return None
    return tuple(answer) if all(medium in offer for medium in answer) else None


def _is_text(answer: object) -> bool:
    return isinstance(answer, list | tuple) and len(answer) <= MOST_PARAGRAPHS and all(map(_is_paragraph, answer))


def _is_paragraph(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= LONGEST_PARAGRAPH and text.isprintable()


def _is_panel(panel: object) -> bool:
    if not isinstance(panel, Panel) or not _is_text(panel.paragraphs) or not _is_paragraph(panel.heading):
        return False
    link = panel.link
    if link is None:
        return True
    own = isinstance(link, PanelLink) and isinstance(link.url, str) and _is_paragraph(link.text)
    return own and _LEADS_TO_A_PAGE.fullmatch(link.url) is not None


_LEADS_TO_A_PAGE = re.compile(r"(https:/)?/(?![/\\])[\x21-\x5b\x5d-\x7e]*")  # browsers read /\\ as //: another house
