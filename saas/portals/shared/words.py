"""Words people read (bokmål): days, sums, and what our codes are called. The one place a code becomes a word."""

from datetime import date, datetime

from babel.dates import format_date

from saas.rules.facts import HoldReason, Stage, Step
from saas.rules.money import kroner
from saas.rules.words import say

_LOCALE = "nb"

STAGES = {
    Stage.REGISTERED: "Registrert",
    Stage.REMINDED: "Purret",
    Stage.NOTICED: "Inkassovarsel sendt",
    Stage.DEMANDED: "Betalingsoppfordring sendt",
    Stage.CLOSED: "Avsluttet",
}
UNDER_WAY = {
    Stage.REMINDED: "Purring på vei",
    Stage.NOTICED: "Inkassovarsel på vei",
    Stage.DEMANDED: "Betalingsoppfordring på vei",
}
LETTERS = {
    Step.REMINDER: say("Purring"),
    Step.COLLECTION_NOTICE: say("Inkassovarsel"),
    Step.PAYMENT_DEMAND: say("Betalingsoppfordring"),
}
STEPS = {
    **LETTERS,
    Step.HEAVY_FEE: say("Høyere inkassosalær"),
}
HOLDS = {
    HoldReason.OBJECTION: say("innsigelse"),
    HoldReason.DEFERRED: say("mer tid gitt"),
    HoldReason.VULNERABLE: say("en saksbehandler følger saken"),
    HoldReason.QUIET: say("stille periode"),
    HoldReason.PLUGIN_TROUBLE: say("feil hos oss"),
    HoldReason.UNKNOWN_LAW: say("venter på en sats"),
    HoldReason.NO_ADDRESS: say("adresse mangler"),
    HoldReason.NO_PROOF: say("venter på bevis for sending"),
    HoldReason.PERSON: say("en saksbehandler ser på saken"),
    HoldReason.DECEASED: say("dødsbo"),
    HoldReason.BANKRUPT: say("konkurs"),
}
CLOSED = {
    "paid": say("Saken er betalt"),
    "joined": say("Saken er slått sammen med en annen sak"),
    "withdrawn": say("Kravet er trukket tilbake"),
    "written_off": say("Resten er ettergitt"),
}
LETTER_STATES = {
    "queued": say("gjøres klart"),
    "ready": say("klart til utsending"),
    "sending": say("sendes nå"),
    "unknown": say("undersøkes"),
    "handed_over": say("levert til utsending"),
    "sent": say("sendt"),
    "failed": say("kom ikke fram"),
    "withdrawn": say("trukket tilbake"),
}


def day(value: date) -> str:
    """`tirsdag 8. desember 2026`; day and month are never parted by a line break."""
    return format_date(value, "EEEE d.\N{NO-BREAK SPACE}MMMM y", locale=_LOCALE)


def short_day(value: date) -> str:
    """`8. desember 2026`, where the weekday helps nobody (what lies behind)."""
    return format_date(value, "d.\N{NO-BREAK SPACE}MMMM y", locale=_LOCALE)


def numeric_day(value: date) -> str:
    """`08.12.2026`, for desks and fields."""
    return f"{value:%d.%m.%Y}"


def clock_time(value: datetime) -> str:
    """`14.05`."""
    return f"{value:%H.%M}"


def money(ore: int) -> str:
    """`1 568,72 kr` with no-break spaces."""
    return f"{kroner(ore)}\N{NO-BREAK SPACE}kr"


def in_fours(kid: str) -> str:
    """A KID in groups of four, as letters print it."""
    return "\N{NO-BREAK SPACE}".join(kid[i : i + 4] for i in range(0, len(kid), 4))


def account(number: str) -> str:
    """`8601 11 17947`."""
    return f"{number[:4]}\N{NO-BREAK SPACE}{number[4:6]}\N{NO-BREAK SPACE}{number[6:]}" if len(number) == 11 else number


def percent(hundredths: object) -> str:
    """`12,25 %`."""
    return f"{hundredths:.2f}\N{NO-BREAK SPACE}%".replace(".", ",")


def listed(words: list[str]) -> str:
    """`a, b og c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} og {words[-1]}" if words else ""


FILTERS = {
    "day": day,
    "short_day": short_day,
    "numeric_day": numeric_day,
    "clock_time": clock_time,
    "money": money,
    "in_fours": in_fours,
    "account": account,
    "percent": percent,
    "listed": listed,
}
