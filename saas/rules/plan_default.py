"""When an instalment plan (avdragsordning) is missed, reminded and broken: the calendar of a default."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from saas.rules.days import after, next_banking_day
from saas.rules.deadlines import earliest_next_step, printed_deadline
from saas.rules.facts import DEFAULT_POLICY, Because, Policy
from saas.rules.money import NO_MONEY, Ore
from saas.rules.words import Kroner, say

DAYS_BEFORE_REMARK = 30  # after a missed instalment, never sooner (W17)


@dataclass(frozen=True, slots=True)
class Instalment:
    """One agreed part of a plan (avdrag)."""

    due_on: date
    amount_ore: Ore


class PlanState(StrEnum):
    """How a plan stands."""

    ON_TRACK = "on_track"
    LATE = "late"  # an instalment is missed, the grace for payments under way still runs
    REMIND = "remind"  # the default reminder is to be sent
    REMINDED = "reminded"  # it was sent, its deadline still runs
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class DefaultCalendar:
    """The days that follow a missed instalment."""

    missed_on: date
    reminder_on: date  # earliest
    cure_by: date  # the reminder prints it
    broken_on: date  # collection resumes from the stage it had
    remark_from: date  # earliest day of a consumer's remark on the breach; the bureau's 14 days come on top (PR5)


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """How a plan stands today, and why."""

    state: PlanState
    because: Because
    short_ore: Ore = NO_MONEY  # missing for the instalments that have fallen due
    calendar: DefaultCalendar | None = None


def default_calendar(
    missed_on: date, reminder_sent_on: date | None = None, policy: Policy = DEFAULT_POLICY
) -> DefaultCalendar:
    """The days after an instalment due on `missed_on` was not paid (E12, W17; A1-A3 at each deadline).

    The reminder goes when the grace is over; the plan is broken on the first banking day after the 14 days it gives.
    Without `reminder_sent_on` the calendar shows what follows if it is sent on its earliest day. A remark waits until
    the plan is broken and 30 days after the missed instalment (kredittopplysningsloven § 10).
    """
    reminder_on = earliest_next_step(missed_on, policy.grace_banking_days)
    cure_by = printed_deadline(reminder_sent_on or reminder_on)
    broken_on = after(cure_by)
    month_on = next_banking_day(missed_on + timedelta(days=DAYS_BEFORE_REMARK))
    return DefaultCalendar(missed_on, reminder_on, cure_by, broken_on, max(broken_on, month_on))


def plan_standing(
    instalments: Sequence[Instalment],
    payments: Sequence[tuple[date, Ore]],
    today: date,
    reminder_sent_on: date | None = None,
    policy: Policy = DEFAULT_POLICY,
) -> PlanStanding:
    """Whether a plan is kept (E12, W17). `payments` are (value date, øre) on the plan; early ones count ahead (E10).

    A plan is never broken without a reminder that was sent: silence keeps it. A debtor who catches up is on track
    again whatever happened, and the breach is then not to be registered (kredittopplysningsloven § 10; PR1).
    """
    missed, short_ore = _first_missed(instalments, payments, today)
    if missed is None:
        return PlanStanding(PlanState.ON_TRACK, Because("on_track", say("Avtalen er fulgt."), ("E12",)))
    reminded = reminder_sent_on if reminder_sent_on is not None and reminder_sent_on > missed.due_on else None
    calendar = default_calendar(missed.due_on, reminded, policy)
    words = say(
        "Avdraget med forfall {due_on} mangler. Det gjenstår {left}.", due_on=missed.due_on, left=Kroner(short_ore)
    )
    state, from_day = _state(calendar, today, reminded)
    return PlanStanding(state, Because(f"plan.{state}", words, ("E12",), from_day=from_day), short_ore, calendar)


def _state(calendar: DefaultCalendar, today: date, reminded_on: date | None) -> tuple[PlanState, date | None]:
    """The state, and the day it changes by itself."""
    if reminded_on is not None:
        broken = today >= calendar.broken_on
        return (PlanState.BROKEN, None) if broken else (PlanState.REMINDED, calendar.broken_on)
    return (PlanState.LATE, calendar.reminder_on) if today < calendar.reminder_on else (PlanState.REMIND, None)


def _first_missed(
    instalments: Sequence[Instalment], payments: Sequence[tuple[date, Ore]], today: date
) -> tuple[Instalment | None, Ore]:
    """The first instalment not covered though its day is over, and what is missing for all that have fallen due."""
    paid = sum(ore for on, ore in payments if on <= today)
    owed, missed = 0, None
    for instalment in sorted(instalments, key=lambda i: i.due_on):
        if instalment.due_on >= today:
            break
        owed += instalment.amount_ore
        if missed is None and paid < owed:
            missed = instalment
    return missed, Ore(max(0, owed - paid))
