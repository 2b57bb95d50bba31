"""Slik regnet vi: every line of what a debtor owes, and how it came about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from saas.rules.facts import CaseFacts, ClaimFacts, Step
from saas.rules.interest import InterestLine, late_interest
from saas.rules.law import ACT_ACT, Law
from saas.rules.money import Ore, kroner
from saas.rules.words import day_text, decimal_text


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line. `label` is a key (principal, interest, notice_fee, collection_fee, payment); payments are negative."""

    label: str
    amount_ore: Ore
    rule_ids: tuple[str, ...]
    how: str  # plain bokmål
    ref: str = ""  # invoice number, or the step of a fee's letter
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """All lines and their sum on a day."""

    on: date
    lines: tuple[StatementLine, ...]
    total_ore: Ore

    def sum_ore(self, *labels: str) -> Ore:
        """Sum of the lines with these labels."""
        return Ore(sum(line.amount_ore for line in self.lines if line.label in labels))


_FEE_LETTERS = {Step.REMINDER: "purring", Step.COLLECTION_NOTICE: "inkassovarsel"}


def statement(
    facts: CaseFacts,
    on: date,
    law: Law,
    day_basis: str = ACT_ACT,
    payments: Sequence[tuple[date, Ore]] = (),
) -> Statement:
    """What is owed on `on`, line by line (C1-C8, B1-B23). The total is the sum of the lines.

    `payments` are all payments (value date, øre) whatever they covered; interest runs on what they left of each
    principal (`ClaimFacts.principal_moves`). Raises UnknownLaw past the known interest rates.
    """
    lines = (
        *(_principal(c) for c in facts.claims),
        *(_interest(line, c) for c in facts.claims for line in _interest_lines(c, on, law, day_basis)),
        *_notice_fees(facts),
        *_collection_fee(facts),
        *(_payment(paid_on, ore) for paid_on, ore in payments),
    )
    return Statement(on, lines, Ore(sum(line.amount_ore for line in lines)))


def _principal(c: ClaimFacts) -> StatementLine:
    how = f"Faktura {c.invoice_number} med forfall {day_text(c.due_on)}."
    return StatementLine("principal", c.principal_ore, (), how, c.invoice_number, c.due_on)


def _interest_lines(c: ClaimFacts, on: date, law: Law, day_basis: str) -> tuple[InterestLine, ...]:
    return late_interest(c.principal_ore, c.principal_moves, c.due_on, on, law, day_basis, c.id)


def _interest(line: InterestLine, c: ClaimFacts) -> StatementLine:
    return StatementLine(
        "interest", line.interest_ore, ("C2", "C4", "C5", "C8"), interest_words(line), c.invoice_number, line.to_on
    )


def interest_words(line: InterestLine) -> str:
    """`12,00 % av 1 240,00 kr i 43 dager av 365`."""
    days = "1 dag" if line.days == 1 else f"{line.days} dager"
    return f"{decimal_text(line.rate_percent)} % av {kroner(line.balance_ore)} kr i {days} av {line.year_days}"


def _notice_fees(facts: CaseFacts) -> Iterator[StatementLine]:
    """A fee per letter; what is booked beyond or below the proven letters' fees stands as a line of its own."""
    rest = int(facts.charged_notice_fees_ore)
    for n in facts.notices:
        if n.fee_ore > 0 and not (n.step is Step.PAYMENT_DEMAND and facts.agency_licence and not n.by_creditor):
            rest -= n.fee_ore
            letter = _FEE_LETTERS.get(n.step, "betalingsoppfordring fra den du skylder penger")
            how = f"Gebyr for {letter} sendt {day_text(n.sent_on)}."
            yield StatementLine("notice_fee", n.fee_ore, ("B1", "B2", "B3"), how, n.step.value, n.sent_on)
    if rest:
        how = "Gebyr for et brev som er på vei." if rest > 0 else "Gebyr som er tatt bort."
        yield StatementLine("notice_fee", Ore(rest), ("B1", "B23"), how)


def _collection_fee(facts: CaseFacts) -> Iterator[StatementLine]:
    ore = facts.charged_collection_fee_ore
    if ore:
        how = f"Inkassosalær {kroner(ore)} kr. Salær og gebyrer er til sammen under taket i inkassoforskriften."
        yield StatementLine("collection_fee", ore, ("B8", "B10", "B11", "B23"), how)


def _payment(paid_on: date, ore: int) -> StatementLine:
    return StatementLine("payment", Ore(-ore), ("D3", "D4"), f"Betalt {day_text(paid_on)}.", "", paid_on)


# --- one claim, with the numbers behind every line ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """An amount with all that went into it. What a line has no use for is None; payments are negative."""

    label: str  # principal, payment, interest
    amount_ore: Ore
    rule_ids: tuple[str, ...]
    formula: str  # numbers only: `10 000,00 × 12,50 % × 12 / 366 = 40,98`
    words: str  # plain bokmål
    from_on: date | None = None
    to_on: date | None = None  # bears no interest itself
    days: int | None = None
    year_days: int | None = None
    rate_percent: Decimal | None = None
    balance_ore: Ore | None = None


def explain(claim: ClaimFacts, on: date, law: Law, day_basis: str = ACT_ACT) -> tuple[ExplainedLine, ...]:
    """Principal, what was paid on it until `on`, and its interest to `on`, line by line (C1-C8, D4).

    The lines add up to what is owed on the claim itself: fees belong to the case. Raises UnknownLaw.
    """
    principal = f"Faktura {claim.invoice_number} med forfall {day_text(claim.due_on)}."
    return (
        ExplainedLine("principal", claim.principal_ore, (), kroner(claim.principal_ore), principal, claim.due_on),
        *(_explained_payment(paid_on, ore) for paid_on, ore in claim.principal_moves if paid_on <= on),
        *(explained_interest(line) for line in _interest_lines(claim, on, law, day_basis)),
    )


def explained_interest(line: InterestLine) -> ExplainedLine:
    """A line of interest with its formula and words (C2, C4, C5, C8)."""
    rate = decimal_text(line.rate_percent)
    formula = f"{kroner(line.balance_ore)} × {rate} % × {line.days} / {line.year_days} = {kroner(line.interest_ore)}"
    return ExplainedLine(
        "interest",
        line.interest_ore,
        ("C2", "C4", "C5", "C8"),
        formula,
        f"{interest_words(line)}, fra {day_text(line.from_on)} til {day_text(line.to_on)}.",
        line.from_on,
        line.to_on,
        line.days,
        line.year_days,
        line.rate_percent,
        line.balance_ore,
    )


def _explained_payment(paid_on: date, ore: int) -> ExplainedLine:
    return ExplainedLine("payment", Ore(-ore), ("D3", "D4"), kroner(-ore), f"Betalt {day_text(paid_on)}.", paid_on)
