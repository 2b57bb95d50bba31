"""The public calculators (kalkulatorene): the law's own arithmetic without a case, with every line explained."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from saas.rules.allocation import ORDERS, Allocation, Item, allocate
from saas.rules.costs import cap_words
from saas.rules.days import add_months
from saas.rules.deadlines import earliest_next_step, printed_deadline
from saas.rules.explain import ExplainedLine, explained_interest
from saas.rules.facts import ClaimFacts, Step
from saas.rules.fees import (
    DAYS_BEFORE_FEE,
    CostCap,
    collection_fee_room,
    cost_cap,
    heavy_from,
    notice_fee_amount,
    within_cap,
)
from saas.rules.interest import late_interest
from saas.rules.kid import KidMethod, is_valid_kid, make_kid
from saas.rules.law import ACT_ACT, Law
from saas.rules.legal_action import DEMAND_MONTHS
from saas.rules.money import NO_MONEY, Ore
from saas.rules.steps import heavy_gate
from saas.rules.words import Kroner, Words, joined, say

# --- interest -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InterestAnswer:
    """Forsinkelsesrente: the lines and their sum."""

    total_ore: Ore
    lines: tuple[ExplainedLine, ...]


def interest(
    principal_ore: int,
    from_on: date,
    to_on: date,
    law: Law,
    day_basis: str = ACT_ACT,
    payments: Iterable[tuple[date, Ore]] = (),
) -> InterestAnswer:
    """Late interest from the due date to the day of payment (C1-C6, C8); `payments` are on the principal.

    Raises UnknownLaw when a day has no known rate, ValueError for a negative amount.
    """
    moves = tuple(sorted(payments))
    _refuse_negative(principal_ore, *(paid_ore for _, paid_ore in moves))
    lines = late_interest(principal_ore, moves, from_on, to_on, law, day_basis)
    return InterestAnswer(Ore(sum(line.interest_ore for line in lines)), tuple(map(explained_interest, lines)))


def _refuse_negative(*amounts_ore: int) -> None:
    if any(ore < 0 for ore in amounts_ore):
        raise ValueError("an amount cannot be negative")


# --- fees -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One fee or cap. `what`: notice_fee, own_demand_fee, light_cap, light_fee, heavy_cap, heavy_fee."""

    what: str
    amount_ore: Ore
    rule_ids: tuple[str, ...]
    words: Words


@dataclass(frozen=True, slots=True)
class FeesAnswer:
    """What may be charged at most on a day. The caps are for all out-of-court costs together (B23)."""

    collection_rate_ore: Ore  # inkassosats
    notice_fee_ore: Ore
    own_demand_fee_ore: Ore
    light_cap_ore: Ore
    light_fee_ore: Ore
    heavy_cap_ore: Ore
    heavy_fee_ore: Ore
    lines: tuple[FeeLine, ...]


def fees(
    principal_ore: int,
    due_on: date,
    on: date,
    law: Law,
    *,
    consumer: bool = True,
    vat_added: bool = False,
    charged_ore: int = 0,
) -> FeesAnswer:
    """Notice fees and agency fee for one claim (INKF chs. 1 and 2; B1-B13, B23).

    `on` is the day a letter is sent or the principal is paid, `charged_ore` the notice fees charged already.
    Raises UnknownLaw, and ValueError for a negative amount.
    """
    _refuse_negative(principal_ore, charged_ore)
    claim = ClaimFacts(UUID(int=0), "", "", "", Ore(principal_ore), Ore(principal_ore), due_on, due_on)
    light, heavy = (
        cost_cap([claim], on, heavy=heavy, consumer=consumer, vat_added=vat_added, law=law) for heavy in (False, True)
    )
    notice = _notice_line(due_on, on, law, light, charged_ore, own_demand=False)
    own_demand = _notice_line(due_on, on, law, light, charged_ore, own_demand=True)
    light_lines, heavy_lines = _agency_lines(light, charged_ore), _agency_lines(heavy, charged_ore)
    return FeesAnswer(
        Ore(light.rate.hundredths),
        notice.amount_ore,
        own_demand.amount_ore,
        light.cap_ore,
        light_lines[1].amount_ore,
        heavy.cap_ore,
        heavy_lines[1].amount_ore,
        (notice, own_demand, *light_lines, *heavy_lines),
    )


def _notice_line(due_on: date, on: date, law: Law, cap: CostCap, charged_ore: int, *, own_demand: bool) -> FeeLine:
    what, rules = ("own_demand_fee", ("B4", "B23")) if own_demand else ("notice_fee", ("B1", "B23"))
    fraction = law.notice_fraction(due_on)
    full_ore = notice_fee_amount(due_on, on, law, by_creditor_own_demand=own_demand)
    earliest_on = due_on + timedelta(days=DAYS_BEFORE_FEE)
    if on < earliest_on:
        words = say("Ikke noe gebyr ennå: det kan tidligst kreves i et brev sendt {day}.", day=earliest_on)
        return FeeLine(what, NO_MONEY, rules, words)
    numerator = fraction.own_demand_numerator if own_demand else fraction.numerator
    amount_ore = within_cap(full_ore, cap.cap_ore, charged_ore)
    words = say(
        "{numerator}/{denominator} av inkassosatsen {rate}, avrundet til hele kroner: {fee}.",
        numerator=numerator,
        denominator=fraction.denominator,
        rate=Kroner(cap.rate.hundredths),
        fee=Kroner(full_ore),
    )
    if amount_ore != full_ore:
        words = joined([words, say("Taket for alle kostnader gir plass til {amount}.", amount=Kroner(amount_ore))])
    return FeeLine(what, amount_ore, rules, words)


def _agency_lines(cap: CostCap, charged_ore: int) -> tuple[FeeLine, FeeLine]:
    """The cap, and what it leaves for the agency."""
    name, rule = ("heavy", "B10") if cap.heavy else ("light", "B9")
    room_ore = collection_fee_room(cap.cap_ore, charged_ore)
    cap_line = FeeLine(f"{name}_cap", cap.cap_ore, ("B8", rule, "B11", "B12", "B13"), say("{sum}.", sum=cap_words(cap)))
    less = say("Hele taket: {room}.", room=Kroner(room_ore))
    if charged_ore:
        less = say(
            "Taket {cap} minus {charged} i gebyrer: {room}.",
            cap=Kroner(cap.cap_ore),
            charged=Kroner(charged_ore),
            room=Kroner(room_ore),
        )
    return cap_line, FeeLine(f"{name}_fee", room_ore, (rule, "B23"), less)


# --- allocation -----------------------------------------------------------------------------------------------------


def allocation(amount_ore: int, items: Sequence[Item], order: str = "default") -> Allocation:
    """What a payment covers first (D1-D3). `order` is a key of `saas.rules.allocation.ORDERS`."""
    return allocate(amount_ore, items, ORDERS[order])


# --- deadlines ------------------------------------------------------------------------------------------------------


class LetterKind(StrEnum):
    """The letters whose deadlines the law rules."""

    REMINDER = Step.REMINDER.value
    COLLECTION_NOTICE = Step.COLLECTION_NOTICE.value
    PAYMENT_DEMAND = Step.PAYMENT_DEMAND.value


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    """One day. `what`: deadline, next_step, heavy_fee, legal_action_latest."""

    what: str
    on: date
    rule_ids: tuple[str, ...]
    words: Words


@dataclass(frozen=True, slots=True)
class DeadlinesAnswer:
    """What follows from the day a letter was sent. Heavy fee and legal action follow from a demand only."""

    deadline_on: date
    next_step_on: date
    heavy_fee_from: date | None
    legal_action_latest_on: date | None
    lines: tuple[DeadlineLine, ...]


_NEXT = {
    LetterKind.REMINDER: say("Inkassovarsel kan tidligst komme første bankdag etter fristen"),
    LetterKind.COLLECTION_NOTICE: say("Betalingsoppfordring kan tidligst komme første bankdag etter fristen"),
    LetterKind.PAYMENT_DEMAND: say("Neste steg kan tidligst komme første bankdag etter fristen"),
}


def deadlines(
    letter: str, sent_on: date, law: Law, *, slack_days: int = 0, grace_banking_days: int = 3
) -> DeadlinesAnswer:
    """The deadline a letter sent that day prints, and the days that follow from it (A1-A3, B10, S6).

    Raises UnknownLaw for a day whose figures are not known: no letter is sent on such a day (C1).
    """
    law.collection_rate(sent_on)
    kind = LetterKind(letter)
    deadline_on = printed_deadline(sent_on, slack_days)
    next_on = earliest_next_step(deadline_on, grace_banking_days)
    lines = [
        DeadlineLine("deadline", deadline_on, ("A1", "A3"), _deadline_words(sent_on, slack_days)),
        DeadlineLine("next_step", next_on, ("A1", "A2"), _next_words(kind, grace_banking_days)),
    ]
    if kind is not LetterKind.PAYMENT_DEMAND:
        return DeadlinesAnswer(deadline_on, next_on, None, None, tuple(lines))
    heavy_on, latest_on = heavy_from(deadline_on), add_months(sent_on, DEMAND_MONTHS)
    gate_on = heavy_gate(deadline_on, 0, grace_banking_days)
    heavy = [say("Når fristen er oversittet med mer enn 28 dager. Dager på vent regnes ikke med.")]
    if gate_on != heavy_on:
        heavy.append(say("Med tid til betalinger på vei kreves salæret tidligst {day}.", day=gate_on))
    legal = say("Seks måneder etter at betalingsoppfordringen ble sendt. Etter det trengs en ny oppfordring.")
    lines += [
        DeadlineLine("heavy_fee", heavy_on, ("B10", "E6"), joined(heavy)),
        DeadlineLine("legal_action_latest", latest_on, ("S6",), legal),
    ]
    return DeadlinesAnswer(deadline_on, next_on, heavy_on, latest_on, tuple(lines))


def _deadline_words(sent_on: date, slack_days: int) -> Words:
    if not slack_days:
        return say("14 dager etter {sent_on}, flyttet fram til en bankdag om nødvendig.", sent_on=sent_on)
    return say(
        "14 dager etter {sent_on} og {slack} til brevets gang, flyttet fram til en bankdag om nødvendig.",
        sent_on=sent_on,
        slack=say("1 dag") if slack_days == 1 else say("{days} dager", days=slack_days),
    )


def _next_words(kind: LetterKind, grace_banking_days: int) -> Words:
    if not grace_banking_days:
        return say("{earliest}.", earliest=_NEXT[kind])
    return say(
        "{earliest}, med {grace} til betalinger på vei.",
        earliest=_NEXT[kind],
        grace=say("1 bankdag") if grace_banking_days == 1 else say("{days} bankdager", days=grace_banking_days),
    )


# --- KID ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KidAnswer:
    """A KID made or checked. `methods` are those under which it is right; none when it is wrong."""

    kid: str
    valid: bool
    methods: tuple[str, ...]
    rule_ids: tuple[str, ...]
    words: Words


def checked_kid(kid: str, method: str | None = None) -> KidAnswer:
    """Whether the last position is right, under `method` or under either (D7)."""
    asked = tuple(KidMethod) if method is None else (KidMethod(method),)
    methods = tuple(m.value for m in asked if is_valid_kid(kid, m))
    if methods:
        words = say("KID-nummeret er riktig etter {methods}.", methods=_both([m.upper() for m in methods]))
    else:
        words = say("KID-nummeret er ikke riktig etter {methods}.", methods=_either([m.upper() for m in asked]))
    return KidAnswer(kid, bool(methods), methods, ("D7",), words)


def new_kid(payload: str, method: str = KidMethod.MOD10) -> KidAnswer:
    """`payload` with its check character. Raises ValueError when it is not 1 to 24 digits."""
    kid = make_kid(payload, method)
    words = say("Kontrolltegnet etter {method} er {sign}.", method=method.upper(), sign=kid[-1])
    return KidAnswer(kid, True, (str(KidMethod(method)),), ("D7",), words)


def _both(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else say("{one} og {other}", one=names[0], other=names[1])


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else say("{one} eller {other}", one=names[0], other=names[1])
