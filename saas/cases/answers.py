"""How the answer to a debtor's request is stored and told: reasons, the day a person has answered, the offer of one."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from saas.rules.days import is_banking_day
from saas.rules.facts import Because
from saas.rules.plan import DeferralDecision, DeferralOutcome
from saas.rules.words import ENGLISH, NYNORSK, Weekday, in_language, say

ANSWER_DAYS = 7
"""A debtor has a person's answer within a week (law G8)."""


def answer_day(today: date) -> date:
    """By when a person has answered: the last banking day within a week; five banking days in an ordinary week."""
    day = today + timedelta(days=ANSWER_DAYS)
    while not is_banking_day(day):
        day -= timedelta(days=1)
    return day


def told(decision: DeferralDecision, refusals: Sequence[Because], today: date) -> list[dict[str, Any]]:
    """The reasons as stored with the request: code, message, rule ids, fact, and whether the debtor is shown it.

    What a person has yet to weigh is not shown as if it were decided. Creditor users read these rows, so they never
    tell that a debtor is vulnerable (law G6); the history, encrypted, does.
    """
    reasons = [
        stored(because, shown=decision.outcome is not DeferralOutcome.ASK_PERSON or because not in refusals)
        for because in decision.because
    ]
    for reason in reasons:
        if reason["code"] == "vulnerable":
            reason["code"] = "person_decides"
    if decision.outcome is DeferralOutcome.REFUSED:
        return [*reasons, stored(_person_offered(today))]
    if decision.outcome is DeferralOutcome.ASK_PERSON:
        return [*reasons, stored(answer_promised(today))]
    return [*reasons, *([stored(granted_until_day(decision.until))] if decision.until else [])]


def stored(because: Because, *, shown: bool = True) -> dict[str, Any]:
    """A reason as it is stored: code, message, rule ids, fact, date, and whether the debtor is shown it.

    The message is kept in the other languages too, since nobody can put it into them afterwards.
    """
    fact, message = because.fact, because.message
    others = {language: in_language(message, language) for language in (NYNORSK, ENGLISH)}
    return {
        "code": because.code,
        "message": str(message),
        "said": {language: words for language, words in others.items() if words != message},
        "rule_ids": list(because.rule_ids),
        "fact": fact
        and {
            "name": fact.name,
            "value": fact.value,
            "source": fact.source,
            "reported_on": fact.reported_on.isoformat(),
        },
        "from_day": because.from_day and because.from_day.isoformat(),
        "shown": shown,
    }


def _person_offered(today: date) -> Because:
    by = Weekday(answer_day(today))
    words = say("Ber du en saksbehandler om å se på saken, får du svar innen {day}.", day=by)
    return Because("person_offered", words, ("G8",))


def answer_promised(today: date) -> Because:
    """A person answers, and by when."""
    by = Weekday(answer_day(today))
    words = say("Du får svar innen {day}. Saken står på vent til du har fått svar.", day=by)
    return Because("answer_promised", words, ("G8",))


def granted_until_day(until: date) -> Because:
    """More time, and to what day."""
    return Because("granted", say("Du har fått mer tid, til og med {day}.", day=Weekday(until)), ("E10",))
