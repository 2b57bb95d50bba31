"""What the debtor is told, in bokmål: the fact, who said it and when, and what helps (law M13, functions F38).

The last date, by which a person answers, is the tenant's promise and is added where the answer is shown.
"""

from datetime import date

from babel.dates import format_date

from saas.rules.facts import Because, Fact

CONTRACTS = {"power.active_contract": "strømavtale", "grid.active_contract": "nettleieavtale"}
RULES = ("K1",)


def active(fact: Fact, today: date) -> Because:
    """A contract runs: the refusal itself."""
    return Because(
        code="power_contract_active",
        message=(
            f"Vi kan ikke gi mer tid i denne saken. {fact.source} meldte {_day(fact.reported_on, today)} at du har en "
            f"aktiv {CONTRACTS[fact.name]}, og da kommer det en ny faktura hver måned. Du kan betale en del i dag, si "
            "fra hvis avtalen er avsluttet, eller be en saksbehandler se på saken."
        ),
        rule_ids=RULES,
        fact=fact,
    )


def person_decides(fact: Fact) -> Because:
    """A contract runs, but this debtor is to meet a person. The reason is nobody's business and is not told."""
    return Because(
        code="power_contract_person",
        message="En saksbehandler ser på søknaden din om mer tid før vi svarer.",
        rule_ids=RULES,
        fact=fact,
    )


def out_of_date(fact: Fact, today: date) -> Because:
    """The newest statement is too old, or dated after the request."""
    return Because(
        code="power_contract_stale",
        message=(
            f"En saksbehandler ser på søknaden din om mer tid. Det siste vi vet om {CONTRACTS[fact.name]}n din, er fra "
            f"{_day(fact.reported_on, today)}, og vi må sjekke om det fortsatt stemmer."
        ),
        rule_ids=RULES,
        fact=fact,
    )


def contradictory(name: str, fact: Fact | None) -> Because:
    """Two statements of the same day differ, or the one there is says neither yes nor no."""
    return Because(
        code="power_contract_contradictory",
        message=(
            "En saksbehandler ser på søknaden din om mer tid. Vi har fått ulike opplysninger om "
            f"{CONTRACTS[name]}n din og må sjekke hva som stemmer."
        ),
        rule_ids=RULES,
        fact=fact,
    )


def unknown() -> Because:
    """The creditor has reported nothing about any contract."""
    return Because(
        code="power_contract_unknown",
        message=(
            "En saksbehandler ser på søknaden din om mer tid. Vi har ikke fått vite om du har en aktiv strømavtale, "
            "og må sjekke det først."
        ),
        rule_ids=RULES,
    )


def _day(day: date, today: date) -> str:
    """`3. november`, with the year when it is another one."""
    return format_date(day, "d. MMMM" if day.year == today.year else "d. MMMM y", locale="nb")
