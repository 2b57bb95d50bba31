"""The calculators: what each asks, what it answers, and the arithmetic of the law between the two."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError

from saas.calculators.answers import (
    AllocationAnswer,
    Answer,
    DeadlinesAnswer,
    FeesAnswer,
    InterestAnswer,
    KidAnswer,
)
from saas.calculators.fields import Asked
from saas.calculators.questions import (
    AllocationAsked,
    AllocationTyped,
    DeadlinesAsked,
    FeesAsked,
    InterestAsked,
    KidAsked,
)
from saas.kernel.errors import BadInput
from saas.rules import calculators
from saas.rules.allocation import Item, ItemKind
from saas.rules.kid import KidMethod
from saas.rules.law import Law, load_law
from saas.rules.money import Ore
from saas.rules.rates import UnknownLaw
from saas.rules.words import BOKMAAL, Words, all_in_language, say


class NotCalculated(BadInput):
    """A calculation that cannot be made. `code`: bad_input, or unknown_law when a figure is not known for the day."""

    def __init__(self, errors: dict[str, object], message: str, code: str = "bad_input") -> None:
        super().__init__(errors, message)
        self.code = code


Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Calculator:
    """One calculator: what it asks, what it answers, and the field to point at when a figure is not known."""

    asked: type[Asked]
    answer: type[Answer]
    compute: Callable[[Given, Law], Any]
    blame: Callable[[UnknownLaw, Given], str]
    typed: type[Asked] | None = None  # how a form asks, where that is another way

    def form(self, language: str) -> Asked:
        """What a form asks, to be filled in by a person."""
        return (self.typed or self.asked)(typed=True, language=language)

    def read(self, sent: Any) -> dict[str, Any]:
        """Check what was sent as JSON. Raises NotCalculated naming each wrong field."""
        try:
            return dict(_schema(self.asked).load(sent))
        except ValidationError as wrong:
            raise NotCalculated(dict(wrong.messages_dict), say("Noe må rettes før vi kan regne.")) from None

    def run(self, given: Given, law: Law | None = None) -> Any:
        """The answer to what was read, as its dataclass. Raises NotCalculated when a figure is not known."""
        try:
            return self.compute(given, law or load_law())
        except UnknownLaw as unknown:
            words = unknown_words(unknown)
            raise NotCalculated({self.blame(unknown, given): [words]}, words, "unknown_law") from None

    def answered(self, sent: Any, language: str = BOKMAAL) -> dict[str, Any]:
        """From JSON to JSON, with its words in that language. Raises NotCalculated."""
        return dict(_schema(self.answer).dump(all_in_language(self.run(self.read(sent)), language)))


@cache
def _schema(kind: type[Schema]) -> Schema:
    """One instance for all lines of a stream: making a schema costs more than a calculation."""
    return kind()


_FIGURES = {
    "late_interest": say("Forsinkelsesrenten"),
    "collection_rate": say("Inkassosatsen"),
    "collection_fee_tier": say("Tabellen for inkassosalær"),
    "notice_fee_fraction": say("Gebyret for purring"),
    "vat_rate": say("Satsen for merverdiavgift"),
}


def unknown_words(unknown: UnknownLaw) -> Words:
    """What is not known, in a sentence."""
    figure = _FIGURES.get(unknown.figure) or say("En sats i loven")
    return say("{figure} er ikke kjent for {day}, så vi regner ikke.", figure=figure, day=unknown.on)


def _interest(given: Given, law: Law) -> calculators.InterestAnswer:
    paid = [(payment["on"], Ore(payment["amount_ore"])) for payment in given["payments"]]
    return calculators.interest(
        given["principal"], given["from_on"], given["to_on"], law, given["day_basis"], payments=paid
    )


def _fees(given: Given, law: Law) -> calculators.FeesAnswer:
    return calculators.fees(
        given["principal"],
        given["due_on"],
        given["on"],
        law,
        consumer=given["debtor"] == "consumer",
        vat_added=given["vat_added"],
        charged_ore=given["charged"],
    )


def _allocation(given: Given, law: Law) -> calculators.Allocation:
    items = [Item(ItemKind(i["kind"]), Ore(i["amount_ore"]), i["ref"], i.get("due_on")) for i in given["items"]]
    return calculators.allocation(given["amount_ore"], items, given["order"])


def _deadlines(given: Given, law: Law) -> calculators.DeadlinesAnswer:
    return calculators.deadlines(
        given["letter"],
        given["sent_on"],
        law,
        slack_days=given["slack_days"],
        grace_banking_days=given["grace_banking_days"],
    )


def _kid(given: Given, law: Law) -> calculators.KidAnswer:
    if given.get("kid"):
        return calculators.checked_kid(given["kid"], given.get("method"))
    return calculators.new_kid(given["payload"], given.get("method", KidMethod.MOD10.value))


def _blame_interest(unknown: UnknownLaw, given: Given) -> str:
    return "from" if unknown.on <= given["from_on"] else "to"


def _blame_fees(unknown: UnknownLaw, given: Given) -> str:
    return "on" if unknown.figure in ("collection_rate", "vat_rate") else "due_on"


def _blame_sending(unknown: UnknownLaw, given: Given) -> str:
    return "sent_on"


def _blame_nothing(unknown: UnknownLaw, given: Given) -> str:
    return ""


CALCULATORS = {
    "interest": Calculator(InterestAsked, InterestAnswer, _interest, _blame_interest),
    "fees": Calculator(FeesAsked, FeesAnswer, _fees, _blame_fees),
    "allocation": Calculator(AllocationAsked, AllocationAnswer, _allocation, _blame_nothing, AllocationTyped),
    "deadlines": Calculator(DeadlinesAsked, DeadlinesAnswer, _deadlines, _blame_sending),
    "kid": Calculator(KidAsked, KidAnswer, _kid, _blame_nothing),
}
