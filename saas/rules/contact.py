"""When a debtor may be contacted (god inkassoskikk), and what holds once the debtor has died."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from saas.rules.days import SATURDAY, is_public_holiday
from saas.rules.facts import Because
from saas.rules.regime import Regime
from saas.rules.words import say

OSLO = "Europe/Oslo"
_ONE_DAY = timedelta(days=1)
HOURS = {  # Monday to Friday, Saturday
    Regime.ACT_1988: ((time(0), time(21)), (time(0), time(15))),
    Regime.ACT_2026: ((time(8), time(21)), (time(9), time(15))),
}
_ANSWER_DAYS = 7  # NYINKL § 17
_ESTATE_FILING_DAYS = 42  # six weeks from the last notice of the proclamation
_HEIRS_DECIDE_DAYS = 60


class Approach(StrEnum):
    """How a debtor is approached. Everything oral or electronic keeps the hours; paper does not disturb anybody."""

    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"
    PUSH = "push"
    DIGITAL_POST = "digital_post"
    PAPER = "paper"


def contact_hours(day: date, regime: Regime = Regime.ACT_2026) -> tuple[time, time] | None:
    """Opening and closing time of the day; None on Sundays, public holidays and days of celebration (G2, m1).

    The hours of the act of 2026 (NYINKL § 15) are kept already, so they are the default. Those of 1988 are what the
    board has called bad practice (N10), and say nothing of mornings.
    """
    if day.weekday() > SATURDAY or is_public_holiday(day):
        return None
    return HOURS[regime][day.weekday() == SATURDAY]


def next_contact_slot(moment: datetime, tz: str = OSLO) -> datetime:
    """`moment` itself when a debtor may be approached then, else the next opening, as local time of `tz` (G2, N10).

    Monday to Friday 08-21, Saturday 09-15, never on Sundays and holidays (NYINKL § 15 second para., kept already).
    The closing minute is closed. Raises ValueError for a moment without time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    zone = ZoneInfo(tz)
    local = moment.astimezone(zone)
    hours = contact_hours(local.date())
    if hours is not None:
        opens, closes = hours
        if opens <= local.time() < closes:
            return local
        if local.time() < opens:
            return datetime.combine(local.date(), opens, zone)
    return _next_opening(local.date(), zone)


def _next_opening(day: date, zone: ZoneInfo) -> datetime:
    """The first opening after `day`."""
    while True:
        day += _ONE_DAY
        hours = contact_hours(day)
        if hours is not None:
            return datetime.combine(day, hours[0], zone)


def may_approach(approach: Approach, moment: datetime, tz: str = OSLO) -> Because | None:
    """Why the debtor may not be approached now, with the day it opens; None when it is allowed (G2, N10)."""
    if approach is Approach.PAPER:
        return None
    slot = next_contact_slot(moment, tz)
    if slot == moment:
        return None
    message = say(
        "Det er utenfor tiden for kontakt. Neste mulighet er {day} klokka {time}.",
        day=slot.date(),
        time=f"{slot:%H.%M}",
    )
    return Because("outside_contact_hours", message, ("G2", "N10"), from_day=slot.date())


# --- answering ------------------------------------------------------------------------------------------------------


class ProvisionalContent(StrEnum):
    """What a provisional answer must say (NYINKL § 17; G8)."""

    WHY = "why"  # it is not possible to answer sooner
    WHEN = "when"  # an answer can be expected
    DEADLINES = "deadlines"  # what applies to the deadlines for payment meanwhile


@dataclass(frozen=True, slots=True)
class AnswerDuty:
    """By when a debtor's inquiry is answered, finally or provisionally, and whether that is a duty."""

    by: date  # the last day
    binding: bool  # an agency must; others should
    provisional: tuple[ProvisionalContent, ...] = tuple(ProvisionalContent)
    consider_pause: bool = True  # whether collection should stand still meanwhile


def answer_duty(received_on: date, regime: Regime, *, by_agency: bool) -> AnswerDuty | None:
    """As soon as possible, and within a week from receipt at the latest (NYINKL § 17; G8, m1).

    The week is not lengthened by a weekend. None under the act of 1988, which has no such rule.
    """
    if regime is Regime.ACT_1988:
        return None
    return AnswerDuty(received_on + timedelta(days=_ANSWER_DAYS), by_agency)


# --- a debtor who has died ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeathFacts:
    """What is known of a death. The estate's representative comes from the population register (G11)."""

    died_on: date
    verified_on: date
    proclamation_on: date | None = None  # last notice to the creditors
    filed_on: date | None = None  # the claim was filed with the estate


@dataclass(frozen=True, slots=True)
class EstateStanding:
    """What may be done while an estate is settled."""

    why_no_contact: Because  # with the debtor's address: always
    estate_from: date  # the heirs have had their time; until then nothing is asked of anybody
    file_by: date | None  # with the estate, else the claim lapses
    lapsed: bool


def estate_standing(facts: DeathFacts, today: date) -> EstateStanding:
    """All contact stops; the claim goes to the estate (G7; [found] in guidance, not in the acts read here).

    A proclamation gives six weeks from its last notice, after which the claim lapses; the heirs have 60 days to decide
    who takes over the debts.
    """
    file_by = facts.proclamation_on + timedelta(days=_ESTATE_FILING_DAYS) if facts.proclamation_on else None
    filed = facts.filed_on is not None and (file_by is None or facts.filed_on <= file_by)
    message = say("Skyldneren døde {day}. All kontakt er stanset, og kravet rettes til boet.", day=facts.died_on)
    return EstateStanding(
        Because("debtor_dead", message, ("G7",)),
        facts.died_on + timedelta(days=_HEIRS_DECIDE_DAYS),
        file_by,
        file_by is not None and today > file_by and not filed,
    )


def why_no_fee_after_death(facts: DeathFacts, sent_on: date) -> Because | None:
    """No cost for a letter sent on or after the day of death, whenever it became known (G7). None for one before."""
    if sent_on < facts.died_on:
        return None
    return Because("debtor_dead", say("Brevet ble sendt etter dødsfallet. Det koster ingenting."), ("G7",))
