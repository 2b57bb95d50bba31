"""What the debtor is told: the fact, who said it and when, and what helps (law M13, functions F38).

The last date, by which a person answers, is the tenant's promise and is added where the answer is shown. Sentences are
in bokmål, their nynorsk and English in `locale/`.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from babel.dates import format_date

from saas.hooks import Panel
from saas.rules.facts import Because, Fact
from saas.rules.words import ENGLISH, Value, add_translations, day_text, say

add_translations(Path(__file__).parent / "locale")
CONTRACTS = {"power.active_contract": say("strømavtale"), "grid.active_contract": say("nettleieavtale")}
YOURS = {"power.active_contract": say("strømavtalen din"), "grid.active_contract": say("nettleieavtalen din")}
RULES = ("K1",)


def active(fact: Fact, today: date) -> Because:
    """A contract runs: the refusal itself."""
    message = say(
        "Vi kan ikke gi mer tid i denne saken. {source} meldte {day} at du har en aktiv {contract}, og da kommer det "
        "en ny faktura hver måned. Du kan betale en del i dag, si fra hvis avtalen er avsluttet, eller be en "
        "saksbehandler se på saken.",
        source=fact.source,
        day=_Day(fact.reported_on, today),
        contract=CONTRACTS[fact.name],
    )
    return Because("power_contract_active", message, RULES, fact)


def person_decides(fact: Fact) -> Because:
    """A contract runs, but this debtor is to meet a person. The reason is nobody's business and is not told."""
    message = say("En saksbehandler ser på søknaden din om mer tid før vi svarer.")
    return Because("power_contract_person", message, RULES, fact)


def small_sum(fact: Fact) -> Because:
    """A contract runs, but the sum is so small that a person may see it otherwise."""
    message = say("En saksbehandler ser på søknaden din om mer tid, fordi beløpet er lite.")
    return Because("power_contract_small_sum", message, RULES, fact)


def ends_soon(fact: Fact) -> Because:
    """A contract runs, and will soon end: no new invoices then."""
    message = say(
        "En saksbehandler ser på søknaden din om mer tid, fordi {contract} snart er avsluttet.",
        contract=YOURS[fact.name],
    )
    return Because("power_contract_ends_soon", message, RULES, fact)


def out_of_date(fact: Fact, today: date) -> Because:
    """The newest statement is too old, or dated after the request."""
    message = say(
        "En saksbehandler ser på søknaden din om mer tid. Det siste vi vet om {contract}, er fra {day}, og vi må "
        "sjekke om det fortsatt stemmer.",
        contract=YOURS[fact.name],
        day=_Day(fact.reported_on, today),
    )
    return Because("power_contract_stale", message, RULES, fact)


def contradictory(name: str, fact: Fact | None) -> Because:
    """Two statements of the same day differ, or the one there is says neither yes nor no."""
    message = say(
        "En saksbehandler ser på søknaden din om mer tid. Vi har fått ulike opplysninger om {contract} og må sjekke "
        "hva som stemmer.",
        contract=YOURS[name],
    )
    return Because("power_contract_contradictory", message, RULES, fact)


def unknown() -> Because:
    """The creditor has reported nothing about any contract."""
    message = say(
        "En saksbehandler ser på søknaden din om mer tid. Vi har ikke fått vite om du har en aktiv strømavtale, og må "
        "sjekke det først."
    )
    return Because("power_contract_unknown", message, RULES)


@dataclass(frozen=True, slots=True)
class _Day(Value):
    """`3. november`, with the year when it is another one."""

    on: date
    today: date

    def said(self, language: str) -> str:
        day = "d MMMM" if language == ENGLISH else "d. MMMM"
        return format_date(self.on, day if self.on.year == self.today.year else f"{day} y", locale=language)


# --- letter and page, in the language asked for ---------------------------------------------------------------------

_METERS = {
    "nb": "Kravet gjelder strøm til målepunkt {meters}.",
    "nn": "Kravet gjeld straum til målepunkt {meters}.",
    "en": "The claim is for electricity to metering point {meters}.",
}
_AND = {"nb": " og ", "nn": " og ", "en": " and "}
_MOST_METERS = 5
_HEADINGS = {
    "power.active_contract": {"nb": "Strømavtalen din", "nn": "Straumavtalen din", "en": "Your power contract"},
    "grid.active_contract": {"nb": "Nettleieavtalen din", "nn": "Nettleigeavtalen din", "en": "Your grid contract"},
}
_SAID = {
    (True, "nb"): "{source} meldte {day} at avtalen er aktiv. Da kommer det en ny faktura hver måned.",
    (True, "nn"): "{source} melde {day} at avtalen er aktiv. Då kjem det ei ny rekning kvar månad.",
    (True, "en"): "{source} reported on {day} that the contract is active. A new invoice then comes every month.",
    (False, "nb"): "{source} meldte {day} at avtalen er avsluttet.",
    (False, "nn"): "{source} melde {day} at avtalen er avslutta.",
    (False, "en"): "{source} reported on {day} that the contract has ended.",
}
_WRONG = {
    "nb": "Stemmer det ikke? Si fra til oss, så sjekker vi det.",
    "nn": "Stemmer det ikkje? Sei frå til oss, så sjekkar vi det.",
    "en": "Is that not right? Tell us, and we will check it.",
}


def meters_said(meters: tuple[str, ...], language: str) -> tuple[str, ...]:
    """One sentence that names the meters; none when none is known, or too many to read."""
    if not 0 < len(meters) <= _MOST_METERS:
        return ()
    spaced = [f"{m[:6]} {m[6:12]} {m[12:]}" for m in meters]
    named = _AND[language].join([", ".join(spaced[:-1]), spaced[-1]] if len(spaced) > 1 else spaced)
    return (_METERS[language].format(meters=named),)


def panel(fact: Fact, language: str) -> Panel:
    """What was reported of one contract; the source's name is printed as it stands."""
    said = _SAID[bool(fact.value), language].replace("{day}", day_text(fact.reported_on, language))
    return Panel(_HEADINGS[fact.name][language], (said.replace("{source}", fact.source), _WRONG[language]))
