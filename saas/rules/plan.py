"""More time to pay (betalingsutsettelse): a favour that plugins may refuse, never without offering a person."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from saas.rules.days import next_banking_day
from saas.rules.facts import DEFAULT_POLICY, Because, CaseFacts, HoldReason, Policy
from saas.rules.words import say


class DeferralOutcome(StrEnum):
    """The answer to a request for more time."""

    GRANTED = "granted"
    REFUSED = "refused"
    ASK_PERSON = "ask_person"


@dataclass(frozen=True, slots=True)
class DeferralDecision:
    """The answer, why, and the last day of the deferral when granted."""

    outcome: DeferralOutcome
    because: tuple[Because, ...]
    until: date | None


def decide_deferral(
    request_until: date,
    asked_on: date,
    facts: CaseFacts,
    refusals: tuple[Because, ...] = (),
    asks: tuple[Because, ...] = (),
    policy: Policy = DEFAULT_POLICY,
    previous_deferrals: int = 0,
) -> DeferralDecision:
    """Grant, refuse or ask a person (E10; design §4 "Plugins can only soften").

    A doubt or a vulnerable debtor goes to a person whatever else was answered; then any refusal wins; then a long or
    repeated request goes to a person. A granted deferral ends on a banking day (A3).
    Raises ValueError when the request is not for a day after it was made.
    """
    if request_until <= asked_on:
        raise ValueError("more time must end after the day it is asked for")
    doubts = (*asks, _VULNERABLE) if facts.vulnerable else asks
    if doubts:
        return DeferralDecision(DeferralOutcome.ASK_PERSON, (*doubts, *refusals), None)
    if refusals:
        return DeferralDecision(DeferralOutcome.REFUSED, refusals, None)
    limits = _limits(request_until, asked_on, facts, policy, previous_deferrals)
    if limits:
        return DeferralDecision(DeferralOutcome.ASK_PERSON, limits, None)
    return DeferralDecision(DeferralOutcome.GRANTED, (), next_banking_day(request_until))


_VULNERABLE = Because("vulnerable", say("En saksbehandler ser på ønsket ditt og svarer deg."), ("E10",))


def _limits(
    until: date, asked_on: date, facts: CaseFacts, policy: Policy, previous_deferrals: int
) -> tuple[Because, ...]:
    limits: list[Because] = []
    if (until - asked_on).days > policy.max_deferral_days:
        message = say(
            "Du kan selv få opptil {days} dager. Et lengre ønske ser en saksbehandler på.",
            days=policy.max_deferral_days,
        )
        limits.append(Because("too_long", message, ("E10",)))
    if previous_deferrals > 0 or any(hold.reason is HoldReason.DEFERRED for hold in facts.holds):
        message = say("Du har fått mer tid i denne saken før. En saksbehandler ser på ønsket ditt og svarer deg.")
        limits.append(Because("second_deferral", message, ("E10",)))
    return tuple(limits)
