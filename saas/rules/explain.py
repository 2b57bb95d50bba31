"""Slik regnet vi: every line of what a debtor owes, and how it came about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from saas.rules.facts import CaseFacts, ClaimFacts, Step
from saas.rules.interest import InterestLine, claim_interest, interest_on_fee
from saas.rules.law import ACT_ACT, Law
from saas.rules.money import Ore
from saas.rules.words import Amount, Kroner, Percent, Words, joined, say


class StatementLine(NamedTuple):
    """One line; payments are negative. A pause of interest is a line of interest with 0 øre (C7).

    `label` is a key: principal, interest, notice_fee, collection_fee, compensation, fee_interest, payment.
    """

    label: str
    amount_ore: Ore
    rule_ids: tuple[str, ...]
    how: Words
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


_FEE_LETTERS = {
    Step.REMINDER: say("purring"),
    Step.COLLECTION_NOTICE: say("inkassovarsel"),
    Step.PAYMENT_DEMAND: say("betalingsoppfordring fra den du skylder penger"),
}


def statement(
    facts: CaseFacts,
    on: date,
    law: Law,
    day_basis: str = ACT_ACT,
    payments: Sequence[tuple[date, Ore]] = (),
) -> Statement:
    """What is owed on `on`, line by line (C1-C9, B1-B23). The total is the sum of the lines.

    `payments` are all payments (value date, øre) whatever they covered; interest runs on what they left of each
    principal (`ClaimFacts.principal_moves`). Raises UnknownLaw past the known interest rates.
    """
    lines = (
        *(_principal(c) for c in facts.claims),
        *(_interest(line, c) for c in facts.claims for line in claim_interest(c, on, law, day_basis)),
        *_notice_fees(facts),
        *_collection_fee(facts),
        *_compensation(facts),
        *_fee_interest(facts, on, law, day_basis),
        *(_payment(paid_on, ore) for paid_on, ore in payments),
    )
    return Statement(on, lines, Ore(sum(line.amount_ore for line in lines)))


def _principal(c: ClaimFacts) -> StatementLine:
    return StatementLine("principal", c.principal_ore, (), _invoice_words(c), c.invoice_number, c.due_on)


def _invoice_words(c: ClaimFacts) -> Words:
    return say("Faktura {invoice} med forfall {due_on}.", invoice=c.invoice_number, due_on=c.due_on)


_RUNS, _PAUSES = ("C2", "C4", "C5", "C8"), ("C7",)


def _interest(line: InterestLine, c: ClaimFacts) -> StatementLine:
    rules = _PAUSES if line.paused else _RUNS
    return StatementLine("interest", line.interest_ore, rules, interest_words(line), c.invoice_number, line.to_on)


_WHY_PAUSED = {
    "objection_upheld": say("innsigelsen din ble tatt til følge"),
    "creditor_delay": say("forsinkelsen skyldtes den du skylder penger"),
}


def interest_words(line: InterestLine) -> Words:
    """`12,00 % av 1 240,00 kr i 43 dager av 365`; for a pause, from when to when and why."""
    if line.paused:
        return say(
            "Ingen rente fra {from_on} til {to_on}: {why}.",
            from_on=line.from_on,
            to_on=line.to_on,
            why=_WHY_PAUSED.get(line.paused) or say("renten er stanset"),
        )
    return say(
        "{rate} av {balance} i {days} av {year_days}",
        rate=_percent(line.rate_percent),
        balance=Kroner(line.balance_ore),
        days=_days(line.days),
        year_days=line.year_days,
    )


@lru_cache(maxsize=1024)
def _days(days: int) -> Words:
    return say("1 dag") if days == 1 else say("{days} dager", days=days)


_percent = lru_cache(maxsize=256)(Percent)  # few rates, many lines


def _notice_fees(facts: CaseFacts) -> Iterator[StatementLine]:
    """A fee per letter; what is booked beyond or below the proven letters' fees stands as a line of its own."""
    rest = int(facts.charged_notice_fees_ore)
    for n in facts.notices:
        if n.fee_ore > 0 and not (n.step is Step.PAYMENT_DEMAND and facts.agency_licence and not n.by_creditor):
            rest -= n.fee_ore
            how = _fee_words(n.step, n.sent_on)
            yield StatementLine("notice_fee", n.fee_ore, ("B1", "B2", "B3"), how, n.step.value, n.sent_on)
    if rest:
        how = say("Gebyr for et brev som er på vei.") if rest > 0 else say("Gebyr som er tatt bort.")
        yield StatementLine("notice_fee", Ore(rest), ("B1", "B23"), how)


@lru_cache(maxsize=1024)
def _fee_words(step: Step, sent_on: date) -> Words:
    return say("Gebyr for {letter} sendt {sent_on}.", letter=_FEE_LETTERS[step], sent_on=sent_on)


def _collection_fee(facts: CaseFacts) -> Iterator[StatementLine]:
    ore = facts.charged_collection_fee_ore
    if ore:
        fee = say("Inkassosalær {fee}.", fee=Kroner(ore))
        how = joined([fee, say("Salær og gebyrer er til sammen under taket i inkassoforskriften.")])
        yield StatementLine("collection_fee", ore, ("B8", "B10", "B11", "B23"), how)


def _compensation(facts: CaseFacts) -> Iterator[StatementLine]:
    ore = facts.charged_compensation_ore
    if ore:
        how = say(
            "Standardkompensasjon for forsinket betaling: {amount}. Den trekkes fra gebyrer og salær, så bare det "
            "høyeste av de to kreves.",
            amount=Kroner(ore),
        )
        yield StatementLine("compensation", ore, ("C9", "B15"), how)


def _fee_interest(facts: CaseFacts, on: date, law: Law, day_basis: str) -> Iterator[StatementLine]:
    """A line for each stretch; when the tenant no longer claims it, only what was paid before."""
    for line in interest_on_fee(facts, on, law, day_basis):
        how = interest_words(line) if line.paused else say("Renter av salæret: {how}", how=interest_words(line))
        yield StatementLine("fee_interest", line.interest_ore, ("C6", "C8"), how, "", line.to_on)
    if not facts.fee_charges and facts.paid_fee_interest_ore:
        how = say("Renter av salæret, regnet fram til de ble betalt.")
        yield StatementLine("fee_interest", facts.paid_fee_interest_ore, ("C6",), how)


def _payment(paid_on: date, ore: int) -> StatementLine:
    return StatementLine("payment", Ore(-ore), ("D3", "D4"), _paid_words(paid_on), "", paid_on)


def _paid_words(paid_on: date) -> Words:
    return say("Betalt {day}.", day=paid_on)


# --- one claim, with the numbers behind every line ------------------------------------------------------------------


class ExplainedLine(NamedTuple):
    """An amount with all that went into it. What a line has no use for is None; payments are negative."""

    label: str  # principal, payment, interest; a pause of interest is a line of interest with 0 øre (C7)
    amount_ore: Ore
    rule_ids: tuple[str, ...]
    formula: Words  # numbers only: `10 000,00 × 12,50 % × 12 / 366 = 40,98`
    words: Words
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
    return (
        _explained_principal(claim),
        *(_explained_payment(paid_on, ore) for paid_on, ore in claim.principal_moves if paid_on <= on),
        *(explained_interest(line) for line in claim_interest(claim, on, law, day_basis)),
    )


def explain_fee(facts: CaseFacts, on: date, law: Law, day_basis: str = ACT_ACT) -> tuple[ExplainedLine, ...]:
    """Interest on the collection fee to `on`, line by line; none when the tenant does not claim it (C6).

    Raises UnknownLaw.
    """
    lines = (explained_interest(line) for line in interest_on_fee(facts, on, law, day_basis))
    return tuple(line._replace(label="fee_interest", rule_ids=("C6", "C8")) for line in lines)


def explained_interest(line: InterestLine) -> ExplainedLine:
    """A line of interest with its formula and words (C2, C4, C5, C8); a pause has only words (C7)."""
    if line.paused:
        return ExplainedLine(
            "interest",
            line.interest_ore,
            _PAUSES,
            _amount_words(0),
            interest_words(line),
            line.from_on,
            line.to_on,
            line.days,
            balance_ore=line.balance_ore,
        )
    formula = say(
        "{balance} × {rate} × {days} / {year_days} = {interest}",
        balance=Amount(line.balance_ore),
        rate=_percent(line.rate_percent),
        days=line.days,
        year_days=line.year_days,
        interest=Amount(line.interest_ore),
    )
    words = say(
        "{rate} av {balance} i {days} av {year_days}, fra {from_on} til {to_on}.",
        rate=_percent(line.rate_percent),
        balance=Kroner(line.balance_ore),
        days=_days(line.days),
        year_days=line.year_days,
        from_on=line.from_on,
        to_on=line.to_on,
    )
    return ExplainedLine(
        "interest",
        line.interest_ore,
        _RUNS,
        formula,
        words,
        line.from_on,
        line.to_on,
        line.days,
        line.year_days,
        line.rate_percent,
        line.balance_ore,
    )


def _explained_principal(claim: ClaimFacts) -> ExplainedLine:
    ore = claim.principal_ore
    return ExplainedLine("principal", ore, (), _amount_words(ore), _invoice_words(claim), claim.due_on)


def _explained_payment(paid_on: date, ore: int) -> ExplainedLine:
    return ExplainedLine("payment", Ore(-ore), ("D3", "D4"), _amount_words(-ore), _paid_words(paid_on), paid_on)


def _amount_words(ore: int) -> Words:
    return say("{amount}", amount=Amount(ore))
