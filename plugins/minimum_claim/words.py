"""What the creditor is told, in bokmål: which limit, and what to do about it."""

from datetime import date

from saas.rules.facts import Because
from saas.rules.money import Ore, kroner
from saas.rules.words import day_text


def too_small(smallest_ore: Ore) -> Because:
    """Below the sum that is taken in."""
    return Because(
        "claim_too_small",
        f"Kravet er under {kroner(smallest_ore)} kr, som er det minste vi krever inn for dere. Send heller en ny "
        "faktura med neste regning, eller ettergi det.",
    )


def barred(due_on: date, last_day_on: date | None, *, refused: bool) -> Because:
    """Older than three years, as far as the row tells."""
    ended = f", og fristen gikk ut {day_text(last_day_on)}" if last_day_on else ""
    then = "Er fristen avbrutt, ta kontakt med oss." if refused else "En saksbehandler ser på det før noe sendes."
    return Because(
        "claim_time_barred",
        f"Kravet forfalt {day_text(due_on)}{ended}. Det ser ut til å være foreldet. {then}",
        ("H1",),
    )


def soon_barred(ends_on: date) -> Because:
    """So close that a person should choose the way."""
    return Because(
        "claim_soon_time_barred",
        f"Kravet foreldes {day_text(ends_on)}. En saksbehandler ser på det før noe sendes.",
        ("H1", "H6"),
    )
