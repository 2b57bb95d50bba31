"""Can a plugin do harm? Every hook is asked for many made-up cases, and the outcome compared with that without it.

A plugin may make things milder or later. It must never shorten a term, raise a sum, skip a letter, lift a hold, refuse
what is a right, or send to somebody else, whatever it answers: the host and the law stand in between. What comes out
harder with the plugin than without it is a `Harm`.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

from saas.hooks import Medium, Plugin
from saas.rules.case import Decision, Permitted, legal_steps
from saas.rules.facts import (
    DEFAULT_POLICY,
    CaseFacts,
    CostKind,
    DebtorKind,
    Fact,
    HoldFacts,
    HoldReason,
    Stage,
    Step,
)
from saas.rules.law import load_law
from saas.rules.plan import DeferralOutcome
from saas.rules.words import Words
from saas.testing.facts import TODAY, a_case, a_claim, a_fact, a_fee, a_request, ago, an_offer
from saas.testing.house import LANGUAGES, LETTERS, House
from tenants.hooks import LONGEST_PARAGRAPH, MOST_PARAGRAPHS
from tenants.notes import Trouble

_LADDER = list(Step)
_NAMES = ("power.active_contract", "grid.active_contract", "power.contract_ends_on", "some.thing")


@dataclass(frozen=True, slots=True)
class Harm:
    """Something that came out harder. `case` is the number of the made-up case, for looking closer."""

    hook: str
    what: str
    case: int


@dataclass(frozen=True, slots=True)
class Softened:
    """What the suite found: harm (there must be none), and what the host had to stop."""

    harms: tuple[Harm, ...]
    stopped: tuple[Trouble, ...]
    asked: int


def soften(
    plugin: type[Plugin], settings: Mapping[str, Any] | None = None, *, cases: int = 150, seed: int = 1
) -> Softened:
    """Try the plugin on made-up cases, the same for the same seed. Raises ConfigurationError as start-up does."""
    house, bare = House((plugin, settings or {})), House()
    harms: list[Harm] = []
    for number, (case, today) in enumerate(made_up(seed, cases)):
        before = deepcopy(case)
        for hook, what in _harms(house, bare, case, today):
            harms.append(Harm(hook, what, number))
        if case != before:
            harms.append(Harm("any", "the facts of the case are not what they were", number))
            break
    return Softened(tuple(harms), tuple(house.troubles), cases)


def made_up(seed: int, cases: int) -> Iterator[tuple[CaseFacts, date]]:
    """Cases of every stage and kind with the day they are looked at, some of them odd."""
    random = Random(seed)  # noqa: S311 - cases to try, no secrets
    for _ in range(cases):
        stage = random.choice(
            [Stage.REGISTERED, Stage.REMINDED, Stage.NOTICED, Stage.NOTICED, Stage.DEMANDED, Stage.CLOSED]
        )
        kroner = random.choice([0, 1, 90, 499, 500, 1240, 2500, 10_000, 250_000])
        claims = tuple(
            a_claim(max(kroner, 1), ago(random.randint(10, 400)), nth) for nth in range(1, random.randint(2, 4))
        )
        case = a_case(*_facts(random), stage=stage, claims=claims)
        changes: dict[str, Any] = {
            "debtor_kind": random.choice(list(DebtorKind)),
            "vulnerable": random.random() < 0.15,
            "postable": random.random() < 0.9,
            "agency_licence": random.random() < 0.7,
            "vat_deductible": random.random() < 0.5,
            "letter_under_way": random.random() < 0.05,
        }
        if random.random() < 0.2:
            reason = random.choice([HoldReason.OBJECTION, HoldReason.DEFERRED, HoldReason.PERSON, HoldReason.QUIET])
            until = random.choice([None, TODAY, TODAY + timedelta(days=9)])
            changes["holds"] = (HoldFacts(reason, ago(5), until),)
        yield replace(case, **changes), TODAY + timedelta(days=random.choice([-20, -3, 0, 0, 0, 1, 9, 30, 200]))


def _facts(random: Random) -> list[Fact]:
    values: tuple[bool | int | str, ...] = (True, True, False, "ja", 1, "2026-12-01")
    sources = ("Nordlys Kraft", "Andre AS")
    told = [
        a_fact(random.choice(_NAMES), random.choice(values), random.choice(sources), ago(random.randint(-3, 90)))
        for _ in range(random.randint(0, 3))
    ]
    return [replace(f, good_until=f.reported_on + timedelta(days=35)) if random.random() < 0.5 else f for f in told]


# --- one case -------------------------------------------------------------------------------------------------------


def _harms(house: House, bare: House, case: CaseFacts, today: date) -> Iterator[tuple[str, str]]:
    yield from (("the night", what) for what in _harder_night(house, bare, case, today))
    yield from (("refuse_deferral", what) for what in _harder_answer(house, bare, case, today))
    yield from (("limit_fee", what) for what in _dearer(house, case, today))
    offer = (Medium.PAPER, Medium.DIGITAL_POST, Medium.SMS)
    for kind in LETTERS:
        if sorted(house.channels(offer, case, kind)) != sorted(offer):
            yield "choose_channel", "a way out was added or taken away"
        for language in LANGUAGES:
            yield from (("extend_letter", what) for what in _bad_text(house.letter(case, kind, language)))
    for panel in house.panels(case):
        yield from (("extend_portal", what) for what in _bad_text((panel.heading, *panel.paragraphs)))
        if panel.link is not None and not _is_page(panel.link.url):
            yield "extend_portal", "a link leads somewhere else than a page"
    if any(not each.because.code for each in house.claim(an_offer(offered_on=today))):
        yield "refuse_claim", "an answer without a reason"


def _harder_night(house: House, bare: House, case: CaseFacts, today: date) -> Iterator[str]:
    without, with_it = bare.night(case, today), house.night(case, today)
    if with_it.step is None:
        yield from _harder_standstill(without, with_it, case, today)
        return
    if without.step is None:
        yield f"{with_it.step} is taken where nothing was to be done"
        return
    if _LADDER.index(with_it.step) > _LADDER.index(without.step):
        yield f"{with_it.step} is taken instead of {without.step}: a letter is skipped"
        return
    lawful = legal_steps(case, today, load_law(), DEFAULT_POLICY)[with_it.step]
    if not isinstance(lawful, Permitted):
        yield f"{with_it.step} is taken, which the law does not permit today"
        return
    if with_it.deadline_on != lawful.deadline_on or with_it.expected_sending_on != lawful.expected_sending_on:
        yield "the printed deadline or the day of sending is another"
    may_cost = {cost.kind: cost.amount_ore for cost in lawful.costs}
    for cost in with_it.costs:
        if type(cost.amount_ore) is not int or not 0 <= cost.amount_ore <= may_cost.get(cost.kind, 0):
            yield f"{cost.kind} is {cost.amount_ore} øre, the law permits {may_cost.get(cost.kind, 0)}"
    if with_it.stage_after > without.stage_after:
        yield "the case goes further up the ladder"


def _harder_standstill(without: Decision, with_it: Decision, case: CaseFacts, today: date) -> Iterator[str]:
    if with_it.costs or with_it.deadline_on is not None:
        yield "costs or a deadline without a step"
    if with_it.stage_after != case.stage:
        yield "the stage changes without a step"
    if not with_it.why:
        yield "nothing is done, and nobody is told why"
    if (
        with_it.next_action_on is not None
        and with_it.next_action_on <= today
        and without.next_action_on != with_it.next_action_on
    ):
        yield "the case is looked at again on a day that is over"
    lost = {hold.reason for hold in without.holds_to_place} - {hold.reason for hold in with_it.holds_to_place}
    if without.step is None and lost and not with_it.holds_to_place:
        yield f"a hold is not placed: {', '.join(sorted(lost))}"


def _harder_answer(house: House, bare: House, case: CaseFacts, today: date) -> Iterator[str]:
    request = a_request(14, today)
    without, with_it = bare.more_time(case, request), house.more_time(case, request)
    if with_it.outcome is DeferralOutcome.GRANTED and (with_it.until is None or with_it.until != without.until):
        yield "more time ends on another day"
    if with_it.outcome is not DeferralOutcome.REFUSED:
        return
    if case.vulnerable:
        yield "a vulnerable debtor is refused without a person"
    for because in with_it.because:
        fact = because.fact
        if not because.code or not because.message:
            yield "refused without a word why"
        newest = fact and case.fact(fact.name)  # of two who say the same on one day either will do
        if fact is not None and (
            fact not in case.facts or fact.reported_on > today or newest is None or newest.value != fact.value
        ):
            yield "refused on a fact that is not the case's, not yet true, or contradicted"
        if fact is not None and fact.is_stale(today):
            yield "refused on a fact nobody stands by any more"


def _dearer(house: House, case: CaseFacts, today: date) -> Iterator[str]:
    for step, kind in ((Step.REMINDER, CostKind.NOTICE_FEE), (Step.PAYMENT_DEMAND, CostKind.COLLECTION_FEE)):
        for ore in (0, 1, 3_800, 75_000):
            charged_ore = house.fee(replace(a_fee(step, kind, ore), decided_on=today), case)
            if type(charged_ore) is not int or not 0 <= charged_ore <= ore:
                yield f"{int.__repr__(charged_ore)} øre is charged of {ore} proposed"


def _is_page(url: str) -> bool:
    """Over https, or a path on our own pages as a browser reads it: to browsers `\\` is `/`."""
    parts = urlsplit(url.replace("\\", "/"))
    own = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    return own or (parts.scheme == "https" and bool(parts.netloc))


def _bad_text(texts: tuple[str, ...]) -> Iterator[str]:
    if len(texts) > MOST_PARAGRAPHS + 1:
        yield "more paragraphs than there is room for"
    for text in texts:
        if type(text) not in (str, Words) or not text.isprintable() or not 0 < len(text) <= LONGEST_PARAGRAPH:
            yield "a paragraph that is no plain text of ordinary length"
