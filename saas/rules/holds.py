"""What each hold (sperre) stops and lets through, until when it holds, and what the debtor is told."""

from collections.abc import Iterable
from datetime import date, timedelta

from saas.rules.deadlines import earliest_next_step
from saas.rules.facts import DEFAULT_POLICY, Because, HoldFacts, HoldReason, Policy
from saas.rules.objections import STOPPED, Action
from saas.rules.words import joined, say

_COURT = frozenset({Action.CONCILIATION, Action.SUIT, Action.SUIT_ON_COSTS})
_LETTERS = frozenset(
    {Action.REMINDER, Action.COLLECTION_NOTICE, Action.PAYMENT_DEMAND, Action.ASK_FOR_PAYMENT, Action.NEW_FEE}
)
_FOR_A_PERSON = STOPPED | _COURT  # nothing at all is done to the debtor until somebody has looked

STOPS: dict[HoldReason, frozenset[Action]] = {
    HoldReason.OBJECTION: STOPPED,  # it may be brought before forliksråd to be decided
    HoldReason.DEFERRED: STOPPED | _COURT,  # more time is a promise
    HoldReason.VULNERABLE: _FOR_A_PERSON,  # needless legal steps are bad practice (G6)
    HoldReason.QUIET: _LETTERS | {Action.HEAVY_FEE},
    HoldReason.PLUGIN_TROUBLE: _FOR_A_PERSON,
    HoldReason.UNKNOWN_LAW: _FOR_A_PERSON,
    HoldReason.NO_ADDRESS: _FOR_A_PERSON,
    HoldReason.NO_PROOF: _FOR_A_PERSON,
    HoldReason.PERSON: _FOR_A_PERSON,
    HoldReason.DECEASED: _FOR_A_PERSON,  # the claim is filed with the estate
    HoldReason.BANKRUPT: _FOR_A_PERSON,  # the same
}

MESSAGES = {
    HoldReason.OBJECTION: say("Du har sagt at du er uenig. Saken står på vent til innsigelsen er besvart."),
    HoldReason.DEFERRED: say("Det er gitt mer tid til å betale."),
    HoldReason.VULNERABLE: say("En saksbehandler må se på saken før noe mer skjer."),
    HoldReason.QUIET: say("Det sendes ikke brev i denne perioden."),
    HoldReason.PLUGIN_TROUBLE: say("En tilleggsregel svarte ikke som den skulle. En saksbehandler må se på saken."),
    HoldReason.UNKNOWN_LAW: say("En sats i loven er ikke kjent for datoen. Saken venter til den er lagt inn."),
    HoldReason.NO_ADDRESS: say("Vi mangler en fullstendig postadresse."),
    HoldReason.NO_PROOF: say("Det siste brevet mangler bevis for at det ble sendt."),
    HoldReason.PERSON: say("En saksbehandler må avgjøre hva som skjer videre."),
    HoldReason.DECEASED: say("Skyldneren er død. En saksbehandler tar kontakt med boet."),
    HoldReason.BANKRUPT: say("Skyldneren er konkurs. En saksbehandler melder kravet i boet."),
}
_RULES = {
    HoldReason.OBJECTION: ("E1", "E3"),
    HoldReason.DEFERRED: ("E10",),
    HoldReason.VULNERABLE: ("G6",),
    HoldReason.UNKNOWN_LAW: ("C1",),
    HoldReason.DECEASED: ("G7",),
}


def why_held(
    action: Action, holds: Iterable[HoldFacts], today: date, policy: Policy = DEFAULT_POLICY
) -> Because | None:
    """The first hold in force that stops `action`; None when all let it through (E3, E10, G6, G7).

    No hold ever stops an answer, a payment, the removal of a remark or the watch over limitation, nor interest on a
    claim that is upheld in the end; and the six months of INKL § 11 run on.
    """
    for hold in holds:
        free_on = free_from(hold, policy)
        if action in STOPS[hold.reason] and (free_on is None or today < free_on):
            return because_held(hold, free_on)
    return None


def free_from(hold: HoldFacts, policy: Policy) -> date | None:
    """The first day without the hold. More time is a promise like a printed deadline, so it has the grace too (A2).

    None when only a person ends it.
    """
    if hold.until is None:
        return None
    if hold.reason is HoldReason.DEFERRED:
        return earliest_next_step(hold.until, policy.grace_banking_days)
    return hold.until + timedelta(days=1)


def because_held(hold: HoldFacts, free_on: date | None) -> Because:
    """What is told of a hold in force until `free_on`."""
    message = MESSAGES[hold.reason]
    if hold.until is not None:
        message = joined([message, say("Det gjelder til og med {day}.", day=hold.until)])
    return Because(f"hold.{hold.reason}", message, _RULES.get(hold.reason, ()), from_day=free_on)
