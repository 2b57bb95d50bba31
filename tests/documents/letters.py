"""Letters for the tests, each complete and adding up; `dataclasses.replace` makes the odd ones."""

from dataclasses import replace
from datetime import date

from saas.documents.letter import Letter, LetterClaim
from saas.documents.samples import (
    ADDRESS,
    AGENCY,
    COLLECTION_FEE,
    EVERY_KIND,
    INTEREST,
    INVOICE,
    NOTHING_LEFT,
    NOTICE_FEE,
    PAID,
    POWER_COMPANY,
    PRINCIPAL,
    REMINDER_FEE,
    SOMETHING_LEFT,
    TOLD_ON,
    closing_confirmation,
    collection_notice,
    combined_demand,
    contact_letter,
    deferral_granted,
    deferral_refused,
    disconnection_notice,
    login_code,
    notice_of_legal_action,
    objection_answered,
    objection_received,
    overpayment,
    payment_demand,
    payment_received,
    plan_confirmation,
    reminder,
    telling,
    with_lines,
    wrong_amount,
)
from saas.rules.money import Ore
from saas.rules.regime import Regime

__all__ = [
    "ADDRESS",
    "AGENCY",
    "COLLECTION_FEE",
    "EVERY_KIND",
    "INTEREST",
    "INVOICE",
    "NOTHING_LEFT",
    "NOTICE_FEE",
    "PAID",
    "POWER_COMPANY",
    "PRINCIPAL",
    "REMINDER_FEE",
    "SOMETHING_LEFT",
    "TOLD_ON",
    "by_creditor_itself",
    "closing_confirmation",
    "collection_notice",
    "combined_demand",
    "contact_letter",
    "deferral_granted",
    "deferral_refused",
    "disconnection_notice",
    "login_code",
    "notice_of_legal_action",
    "objection_answered",
    "objection_received",
    "overpayment",
    "payment_demand",
    "payment_received",
    "plan_confirmation",
    "reminder",
    "telling",
    "under_new_act",
    "with_claims",
    "with_lines",
    "wrong_amount",
]


def by_creditor_itself(letter: Letter) -> Letter:
    return replace(letter, tenant=POWER_COMPANY, own_collection=True, board=False)


def with_claims(letter: Letter, count: int) -> Letter:
    """As many invoices, one a month back in time; the sum follows."""
    claims = tuple(
        LetterClaim(
            f"{10045521 + n}",
            date(2025 - n // 12, n % 12 + 1, 1),
            date(2025 - n // 12, n % 12 + 1, 15),
            f"strøm, avtale {n + 1}",
            Ore(100_000 + n),
        )
        for n in range(count)
    )
    principal = replace(PRINCIPAL, amount_ore=Ore(sum(c.principal_ore for c in claims)), detail=f"{count} fakturaer")
    return replace(with_lines(letter, principal, *letter.lines[1:]), claims=claims)


def under_new_act(letter: Letter) -> Letter:
    """The same letter with what the act of 2026 asks for, of a claim that was another's before; sums are made up."""
    return replace(
        letter,
        regime=Regime.ACT_2026,
        assigned=True,
        original_creditor_name="Fjellkraft AS",
        further_costs_ore=Ore(60_000),
    )
