"""Limitation (foreldelse): when a claim, or a cost item, can no longer be demanded. Per invoice and per item.

Unclear readings end the period early: a bare payment on principal acknowledges nothing [memory], and nothing revives
what is time-barred but a judgment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from saas.rules.days import add_months, next_banking_day
from saas.rules.deadlines import expected_sending
from saas.rules.facts import Because, CaseFacts
from saas.rules.steps import Conclusion, unpaid_claims
from saas.rules.words import Words, say

YEAR = 12
ALERT_MONTHS = (12, 6, 1)  # before the end (H6)
_EXTENSION_MONTHS, _LONGEST_EXTENSION_MONTHS = 3 * YEAR, 10 * YEAR  # § 28 no. 1
_LONGEST_IGNORANCE_MONTHS = 10 * YEAR  # § 10 no. 4


class Debt(StrEnum):
    """What the period is counted for."""

    ORDINARY = "ordinary"  # an invoice: 3 years, § 2
    LOAN = "loan"  # promissory note or money loan: 10 years, § 5
    COST = "cost"  # a disputed claim for collection costs: 3 years, and a board case interrupts it


_PERIOD_MONTHS = {Debt.ORDINARY: 3 * YEAR, Debt.LOAN: 10 * YEAR, Debt.COST: 3 * YEAR}
_DECIDED_MONTHS = 10 * YEAR  # §§ 21 no. 2 and 3


class Event(StrEnum):
    """What bears on limitation."""

    ACKNOWLEDGED = "acknowledged"  # § 14: in words, in writing or by conduct
    PLAN_AGREED = "plan_agreed"  # an instalment plan, or a written request for one: a promise to pay
    INTEREST_PAID = "interest_paid"
    PRINCIPAL_PAID = "principal_paid"  # a bare part payment
    SUED = "sued"  # forliksklage or writ, § 15
    ENFORCEMENT_SOUGHT = "enforcement_sought"  # petition with a ground for enforcement, § 17
    BANKRUPTCY_SOUGHT = "bankruptcy_sought"  # or filed with the estate, § 18
    BOARD_CASE = "board_case"  # a complaint to the board, § 16 no. 2 letter a; INKL § 26
    EARNINGS_ATTACHED = "earnings_attached"  # utleggstrekk, also each later payment or confirmation
    DECIDED = "decided"  # judgment or court settlement
    BOARD_DECIDED = "board_decided"
    ENFORCEMENT_ENDED = "enforcement_ended"  # carried out without full cover, also "intet til utlegg"
    ESTATE_CLOSED = "estate_closed"  # the claim was recognised in it
    DISMISSED = "dismissed"  # the case ended without a decision on the merits
    WITHDRAWN = "withdrawn"  # ended by the creditor's own wilful act
    EARNINGS_RELEASED = "earnings_released"  # the utleggstrekk ceased
    EXTENDED = "extended"  # the debtor agreed, § 28
    LEARNED = "learned"  # the creditor came to know claim or debtor, § 10 no. 1


@dataclass(frozen=True, slots=True)
class LimitationEvent:
    """One event, with the day it happened: arrived, or posted in Norway (§ 29 no. 3)."""

    kind: Event
    on: date
    payable_on: date | None = None  # acknowledgement and judgment: the later day payment may first be demanded
    until: date | None = None  # extension: the agreed last day


@dataclass(frozen=True, slots=True)
class Limitation:
    """How limitation stands after the events. A period that does not run has no end for now."""

    ends_on: date | None  # unextended: what alarms count from (H8); None while a case or attachment is pending
    last_day_on: date | None  # lengthened to a working day, § 29 no. 2: the last day to interrupt
    alerts_on: tuple[date, ...]  # 12, 6 and 1 months before `ends_on` (H6)
    conclusions: tuple[Conclusion, ...]

    def is_barred(self, today: date) -> bool:
        """Whether the last day is over (H7, H8)."""
        return self.last_day_on is not None and today > self.last_day_on


@dataclass(frozen=True, slots=True)
class _Clock:
    """`end`: as counted now. `normal`: without agreed extensions. While a case is `pending` no end is in force."""

    end: date
    normal: date
    pending: bool = False
    attached_until: date | None = None  # an utleggstrekk lasts: the day by which the claim must be confirmed

    @property
    def ends_on(self) -> date:
        return max(self.end, self.attached_until or self.end)

    @property
    def last_day(self) -> date:
        return next_banking_day(self.ends_on)

    @property
    def under_way(self) -> bool:
        return self.pending or self.attached_until is not None


def limitation(due_on: date, events: Iterable[LimitationEvent] = (), debt: Debt = Debt.ORDINARY) -> Limitation:
    """The end of limitation from the due date and what happened since (foreldelsesloven §§ 2-29; H1-H10, W19).

    An event after the last day changes nothing, save a judgment, which binds (H7). A pending legal step stops the
    period (§ 21 no. 1); events may come in any order.
    """
    months = _PERIOD_MONTHS[debt]
    start = add_months(due_on, months)
    clock = _Clock(start, start)
    first = say("{years} år fra forfall {due_on} er {end}.", years=months // YEAR, due_on=due_on, end=start)
    words = [Conclusion("H1", first)]
    for event in sorted(events, key=_in_order):
        clock, conclusion = _after(clock, event, debt)
        words.append(conclusion)
    if clock.pending:
        words.append(Conclusion("H5", say("Saken pågår, og så lenge foreldes ikke kravet.")))
        return Limitation(None, None, (), tuple(words))
    last_day = clock.last_day
    words.append(Conclusion("H8", say("Siste dag for å avbryte foreldelsen er {day}.", day=last_day)))
    return Limitation(clock.ends_on, last_day, alerts_before(clock.ends_on), tuple(words))


def _in_order(event: LimitationEvent) -> tuple[date, int]:
    """By day; on the same day a case begins before it ends."""
    return event.on, list(Event).index(event.kind)


def alerts_before(end: date) -> tuple[date, ...]:
    """Days to warn of an end: 12, 6 and 1 months before, counted from the unextended date (H6, H8)."""
    return tuple(add_months(end, -months) for months in ALERT_MONTHS)


def is_in_time(step_on: date, standing: Limitation) -> bool:
    """Whether a step that arrived, or was posted in Norway, on `step_on` interrupts (§ 29 no. 3; H8)."""
    return not standing.is_barred(step_on)


def why_time_barred(standing: Limitation, today: date) -> Because | None:
    """A time-barred claim, interest included, can no longer be demanded (§ 24; H7). None while it can.

    Whether a payment of it is given back is [memory]: it is not handled here.
    """
    if standing.last_day_on is None or not standing.is_barred(today):
        return None
    message = say("Kravet ble foreldet {day} og kan ikke lenger kreves, heller ikke renter.", day=standing.last_day_on)
    return Because("time_barred", message, ("H7",))


def stated_events(facts: CaseFacts) -> tuple[LimitationEvent, ...]:
    """What somebody has stated of a case that interrupts limitation: acknowledgements and judgments (H3, H4)."""
    return (
        *(LimitationEvent(Event.ACKNOWLEDGED, on) for on in facts.acknowledged_on),
        *(LimitationEvent(Event.DECIDED, on) for on in facts.judged_on),
    )


def why_case_time_barred(facts: CaseFacts, today: date, acts_on: date | None = None) -> Because | None:
    """Why nothing more may be asked for in this case without a person: an unpaid claim is time-barred (H1, H7).

    Three years from each claim's own due date, and what is stated since. What counts is the day the step acts: unless
    told otherwise the day a letter is expected to leave (A4). Interest is barred after three years also where a
    judgment keeps the claim itself (H4): which part of it is left is for a person to say. None while everything can be
    demanded. Raises UnknownLaw.
    """
    on = acts_on or expected_sending(today)
    young = add_months(on, -3 * YEAR)  # a claim due after that day is not three years old
    if all([c.due_on > young for c in facts.claims]):
        return None
    for c in unpaid_claims(facts):
        if add_months(c.due_on, 3 * YEAR) >= on:
            continue
        events = [event for event in stated_events(facts) if event.on <= today]
        standing = limitation(c.due_on, events)
        if standing.last_day_on is not None and standing.is_barred(on):
            return _barred(c.due_on, standing.last_day_on)
        newest = max((event.on for event in events), default=c.due_on)
        if next_banking_day(add_months(newest, 3 * YEAR)) < on:
            return _OLD_INTEREST
    return None


def _barred(due_on: date, last_day_on: date) -> Because:
    message = say(
        "Kravet med forfall {due_on} er foreldet etter {day}, om ikke foreldelsen er avbrutt. En saksbehandler må se "
        "på saken.",
        due_on=due_on,
        day=last_day_on,
    )
    return Because("time_barred", message, ("H1", "H7"))


_OLD_INTEREST = Because(
    "interest_time_barred",
    say("Renter som er eldre enn tre år, kan være foreldet. En saksbehandler må se på saken."),
    ("H4",),
)


def oldest_interest(accrued_until: date, interrupted_on: date | None = None) -> date:
    """The first day whose late interest can still be demanded (§§ 2, 3, 21 nos. 2 and 5; H4).

    Interest is barred three years after it fell due. Since 2026-01-01 that does not run for later interest while an
    interest-bearing claim stands, once it was interrupted by legal action from that day on; older cases keep the
    three years.
    """
    counted_from = accrued_until
    if interrupted_on is not None and interrupted_on >= _INTEREST_REFORM_ON:
        counted_from = min(interrupted_on, accrued_until)
    return add_months(counted_from, -3 * YEAR)


_INTEREST_REFORM_ON = date(2026, 1, 1)  # lov 25 Apr 2025 no. 12: § 21 no. 5


# --- what each event does -------------------------------------------------------------------------------------------

_ACKNOWLEDGING = (Event.ACKNOWLEDGED, Event.PLAN_AGREED, Event.INTEREST_PAID)
_STARTING = (Event.SUED, Event.ENFORCEMENT_SOUGHT, Event.BANKRUPTCY_SOUGHT)
_ATTACHED_MONTHS = 10 * YEAR  # § 21 no. 1: unless the creditor confirms the claim
_SAVED_MONTHS = 1 * YEAR  # § 22 nos. 1 and 4


def _after(clock: _Clock, event: LimitationEvent, debt: Debt) -> tuple[_Clock, Conclusion]:
    if event.kind is Event.DECIDED:
        return _anew(clock, event, _DECIDED_MONTHS, "H4", say("Dom eller forlik"))
    if not clock.pending and event.on > clock.last_day:
        return clock, Conclusion("H7", say("Kravet var allerede foreldet {day}.", day=event.on))
    if event.kind in (Event.BOARD_CASE, Event.BOARD_DECIDED):
        return _board(clock, event, debt)
    if event.kind in _ACKNOWLEDGING:
        return _anew(clock, event, _PERIOD_MONTHS[debt], "H5", say("Gjelden er erkjent"))
    if event.kind in _STARTING:
        return _started(clock, event)
    if event.kind in (Event.ENFORCEMENT_ENDED, Event.ESTATE_CLOSED):
        return _ended(clock, event)
    return _other(clock, event)


def _other(clock: _Clock, event: LimitationEvent) -> tuple[_Clock, Conclusion]:
    if event.kind in (Event.DISMISSED, Event.EARNINGS_RELEASED):
        return _saved(clock, event)
    if event.kind is Event.WITHDRAWN:
        words = say("Saken ble trukket {day}. Fristen løper som om den ikke var reist.", day=event.on)
        return replace(clock, pending=False, attached_until=None), Conclusion("H5", words)
    if event.kind is Event.EARNINGS_ATTACHED:
        return _attached(clock, event)
    if event.kind is Event.EXTENDED:
        return _extended(clock, event)
    if event.kind is Event.LEARNED:
        return _learned(clock, event)
    return clock, Conclusion("H3", say("Betalingen {day} regnes ikke som erkjennelse.", day=event.on))


def _anew(clock: _Clock, event: LimitationEvent, months: int, rule: str, what: Words) -> tuple[_Clock, Conclusion]:
    """A new period from the event, or from the later day payment may be demanded (§§ 20, 21 no. 2). Never shorter."""
    start = max(event.on, event.payable_on or event.on)
    end = add_months(start, months)
    words = say(
        "{what} {day}: {years} år fra {start} er {end}.",
        what=what,
        day=event.on,
        years=months // YEAR,
        start=start,
        end=end,
    )
    clock = replace(clock, end=max(end, clock.end), normal=max(end, clock.normal))
    if event.kind is Event.DECIDED:
        clock = replace(clock, pending=False)
    return clock, Conclusion(rule, words)


def _started(clock: _Clock, event: LimitationEvent) -> tuple[_Clock, Conclusion]:
    return replace(clock, pending=True), Conclusion("H3", say("Avbrutt ved rettslig skritt {day}.", day=event.on))


def _ended(clock: _Clock, event: LimitationEvent) -> tuple[_Clock, Conclusion]:
    """Ten years from the end of the case (§ 21 no. 3); nothing when none was begun in time."""
    if not clock.under_way:
        return clock, Conclusion("H4", _no_case(event))
    clock = replace(clock, pending=False, attached_until=None)
    return _anew(clock, event, _DECIDED_MONTHS, "H4", say("Saken ble avsluttet uten full dekning"))


def _saved(clock: _Clock, event: LimitationEvent) -> tuple[_Clock, Conclusion]:
    """The effect of a step in time lasts one year more (§ 22 nos. 1 and 4)."""
    if not clock.under_way:
        return clock, Conclusion("H5", _no_case(event))
    end = max(clock.end, add_months(event.on, _SAVED_MONTHS))
    words = say("Saken ble avsluttet uten avgjørelse {day}. Virkningen varer i ett år.", day=event.on)
    return _Clock(end, max(end, clock.normal)), Conclusion("H5", words)


def _attached(clock: _Clock, event: LimitationEvent) -> tuple[_Clock, Conclusion]:
    """No limitation while an utleggstrekk lasts, if the claim is confirmed within ten years (§ 21 no. 1).

    Shown as running to that day, so that the alarm for the confirmation goes.
    """
    until = add_months(event.on, _ATTACHED_MONTHS)
    words = say("Utleggstrekk {day}. Kravet må bekreftes innen {until}.", day=event.on, until=until)
    return replace(clock, pending=False, attached_until=until), Conclusion("H5", words)


def _extended(clock: _Clock, event: LimitationEvent) -> tuple[_Clock, Conclusion]:
    """At most three years from the agreement, and ten beyond the normal end (§ 28 no. 1; H9)."""
    latest = min(add_months(event.on, _EXTENSION_MONTHS), add_months(clock.normal, _LONGEST_EXTENSION_MONTHS))
    end = max(clock.end, min(event.until or latest, latest))
    words = say("Forlengelse avtalt {day}: til {end}.", day=event.on, end=end)
    return replace(clock, end=end), Conclusion("H9", words)


def _learned(clock: _Clock, event: LimitationEvent) -> tuple[_Clock, Conclusion]:
    """At the earliest one year after the creditor knew claim and debtor, at most ten years more (§ 10; H2)."""
    latest = add_months(clock.normal, _LONGEST_IGNORANCE_MONTHS)
    end = max(clock.end, min(add_months(event.on, YEAR), latest))
    words = say("Fordringshaveren fikk nødvendig kunnskap {day}: tidligst foreldet {end}.", day=event.on, end=end)
    return replace(clock, end=end), Conclusion("H2", words)


def _board(clock: _Clock, event: LimitationEvent, debt: Debt) -> tuple[_Clock, Conclusion]:
    """A board case interrupts the disputed cost claim, never the principal (INKL § 26; H10, E14)."""
    if debt is not Debt.COST:
        return clock, Conclusion("H10", say("Klagen til nemnda avbryter ikke foreldelsen av hovedkravet."))
    if event.kind is Event.BOARD_CASE:
        return replace(clock, pending=True), Conclusion("H10", say("Klage til nemnda {day} avbryter.", day=event.on))
    if not clock.pending:
        return clock, Conclusion("H10", _no_case(event))
    return _anew(replace(clock, pending=False), event, _PERIOD_MONTHS[debt], "H10", say("Nemnda avgjorde saken"))


def _no_case(event: LimitationEvent) -> Words:
    return say("Ingen sak var i gang {day}.", day=event.on)


def earliest_end(standings: Sequence[Limitation]) -> Limitation | None:
    """The standing that ends first among a case's invoices and cost items; None when none runs (B18, H6)."""
    running = [s for s in standings if s.ends_on is not None]
    return min(running, key=lambda s: s.ends_on or date.max, default=None)
