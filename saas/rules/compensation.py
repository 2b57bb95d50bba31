"""Standard compensation for late payment (standardkompensasjon) from a business, netted against collection costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from saas.rules.facts import Because, CaseFacts, ClaimFacts
from saas.rules.law import Law
from saas.rules.money import NO_MONEY, Ore
from saas.rules.rates import RateRow
from saas.rules.words import Kroner, Words, say

_CONSUMER = Because(
    "consumer", say("Standardkompensasjon kan bare kreves av næringsdrivende, ikke av forbrukere."), ("C9", "B15")
)
_NOT_LATE = Because("not_late", say("Ingen faktura er både forfalt og ubetalt."), ("C9",))


@dataclass(frozen=True, slots=True)
class CompensationLine:
    """The compensation of one invoice, with the row of law behind it."""

    invoice_number: str
    amount_ore: Ore
    row: RateRow
    explanation: Words


@dataclass(frozen=True, slots=True)
class Compensation:
    """What may be claimed for all late invoices of a case. The total is the sum of the lines."""

    on: date
    lines: tuple[CompensationLine, ...]
    rule_ids: tuple[str, ...] = ("C9", "B15")

    @property
    def total_ore(self) -> Ore:
        """Sum of the lines."""
        return Ore(sum(line.amount_ore for line in self.lines))


def standard_compensation(facts: CaseFacts, on: date, law: Law) -> Compensation | Because:
    """EUR 40 in kroner per invoice from the first day of delay, business debtors only (FRL §§ 3 a, 4 letter d; C9).

    Which half year's amount applies is unsettled: the lower one of the due date's and of `on`'s is taken. An invoice
    that is paid gives none, and so does a day not yet late. Raises UnknownLaw, also for claims due before 2014, when
    no amount in kroner was set.
    """
    if facts.is_consumer:
        return _CONSUMER
    late = [c for c in facts.claims if c.due_on < on and c.principal_left_ore > 0]
    if not late:
        return _NOT_LATE
    return Compensation(on, tuple(_line(c, on, law) for c in late))


def _line(c: ClaimFacts, on: date, law: Law) -> CompensationLine:
    rows = law.standard_compensation(c.due_on), law.standard_compensation(on)
    row = min(rows, key=lambda r: r.hundredths)
    words = say(
        "Standardkompensasjon for faktura {invoice} med forfall {due_on}: {amount}, etter satsen for halvåret.",
        invoice=c.invoice_number,
        due_on=c.due_on,
        amount=Kroner(row.hundredths),
    )
    return CompensationLine(c.invoice_number, Ore(row.hundredths), row, words)


@dataclass(frozen=True, slots=True)
class Netted:
    """Compensation and collection costs set off against each other: the debtor owes the larger, never the sum."""

    compensation_ore: Ore
    cost_room_ore: Ore  # what all out-of-court costs may still come to
    total_ore: Ore
    explanation: Words
    rule_ids: tuple[str, ...] = ("B15", "B23")


def cost_room_after(compensation_ore: int, cap_ore: int) -> Netted:
    """What is left of the cost cap once compensation is claimed (INKF §§ 1-5, 2-6 first para.; B15, W13)."""
    room_ore = Ore(max(0, cap_ore - compensation_ore))
    total_ore = Ore(compensation_ore + room_ore)
    words = say(
        "Taket {cap} minus kompensasjonen {compensation} gir {room} til kostnader.",
        cap=Kroner(cap_ore),
        compensation=Kroner(compensation_ore),
        room=Kroner(room_ore),
    )
    return Netted(Ore(compensation_ore), room_ore, total_ore, words)


def compensation_after(costs_ore: int, compensation_ore: int) -> Netted:
    """What is left of the compensation once costs are claimed first (INKF § 2-6 second para.; B15)."""
    left_ore = Ore(max(0, compensation_ore - costs_ore))
    total_ore = Ore(costs_ore + left_ore)
    words = say(
        "Kompensasjonen {compensation} minus kostnadene {costs} gir {left}.",
        compensation=Kroner(compensation_ore),
        costs=Kroner(costs_ore),
        left=Kroner(left_ore),
    )
    return Netted(left_ore, NO_MONEY, total_ore, words)


def owed_in_all(compensation_ore: int, costs_ore: Sequence[int]) -> Ore:
    """Compensation and cost lines together: the larger of the two, whichever was claimed first (INKF § 2-6; B15)."""
    return Ore(max(compensation_ore, sum(costs_ore)))
