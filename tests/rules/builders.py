"""Small cases for the tests of the rules. Amounts in kroner where a person would write kroner."""

from datetime import date
from typing import Any
from uuid import UUID

from saas.rules.facts import CaseFacts, ClaimFacts, DebtorKind, Fact, NoticeFacts, Outstanding, Stage, Step
from saas.rules.money import Ore, ore_of_kroner

CASE_ID = UUID("01890000-0000-7000-8000-000000000001")
CREDITOR_ID = UUID("01890000-0000-7000-8000-0000000000c1")
PROOF = "ab" * 32


def day(text: str) -> date:
    return date.fromisoformat(text)


def claim(kroner: str | int, due_on: str, paid: tuple[tuple[str, str | int], ...] = (), nth: int = 1) -> ClaimFacts:
    principal = ore_of_kroner(kroner)
    moves = tuple((day(on), ore_of_kroner(amount)) for on, amount in paid)
    return ClaimFacts(
        id=UUID(int=nth),
        invoice_number=f"1004{nth:04d}",
        kind="electricity",
        description="strøm",
        principal_ore=principal,
        principal_left_ore=Ore(principal - sum(amount for _, amount in moves)),
        invoiced_on=day(due_on),
        due_on=day(due_on),
        principal_moves=moves,
    )


def notice(step: Step, sent_on: str, deadline_on: str, fee_ore: int = 3800, by_creditor: bool = False) -> NoticeFacts:
    return NoticeFacts(step, day(sent_on), day(deadline_on), Ore(fee_ore), by_creditor, PROOF)


def reminder(sent_on: str, deadline_on: str, fee_ore: int = 3800, by_creditor: bool = False) -> NoticeFacts:
    return notice(Step.REMINDER, sent_on, deadline_on, fee_ore, by_creditor)


def collection_notice(sent_on: str, deadline_on: str, fee_ore: int = 3800, by_creditor: bool = False) -> NoticeFacts:
    return notice(Step.COLLECTION_NOTICE, sent_on, deadline_on, fee_ore, by_creditor)


def demand(sent_on: str, deadline_on: str, fee_ore: int = 0, by_creditor: bool = False) -> NoticeFacts:
    return notice(Step.PAYMENT_DEMAND, sent_on, deadline_on, fee_ore, by_creditor)


def stated(what: str, days: str, reported_on: str = "2026-01-02") -> Fact:
    """`limitation.acknowledged_on` or `limitation.judged_on`, as somebody stated it."""
    return Fact(f"limitation.{what}", days, "oppdragsgiver", day(reported_on))


def case(*claims: ClaimFacts, **changes: Any) -> CaseFacts:
    """An agency's consumer case. What is charged follows from the notices unless told otherwise."""
    claims = claims or (claim(3000, "2026-09-15"),)
    notices: tuple[NoticeFacts, ...] = changes.pop("notices", ())
    notice_fees = changes.pop("charged_notice_fees_ore", sum(n.fee_ore for n in notices))
    collection_fee = changes.pop("charged_collection_fee_ore", 0)
    facts: dict[str, Any] = {
        "case_id": CASE_ID,
        "case_number": 100001,
        "stage": Stage.REGISTERED,
        "debtor_kind": DebtorKind.PERSON,
        "creditor_id": CREDITOR_ID,
        "creditor_slug": "nordlys",
        "agency_licence": True,
        "vat_deductible": True,
        "vulnerable": False,
        "postable": True,
        "claims": claims,
        "notices": notices,
        "holds": (),
        "outstanding": Outstanding(
            Ore(sum(c.principal_left_ore for c in claims)), Ore(0), Ore(notice_fees), Ore(collection_fee)
        ),
        "charged_notice_fees_ore": Ore(notice_fees),
        "charged_collection_fee_ore": Ore(collection_fee),
    }
    return CaseFacts(**(facts | changes))


def reminded(**changes: Any) -> CaseFacts:
    """Due 2026-09-15, reminded 30 September with a deadline on Friday 16 October."""
    return case(notices=(reminder("2026-09-30", "2026-10-16"),), stage=Stage.REMINDED, **changes)


def noticed(*claims: ClaimFacts, **changes: Any) -> CaseFacts:
    """Due 2026-09-15, collection notice 29 September with a deadline on Tuesday 13 October (W11)."""
    notices = (collection_notice("2026-09-29", "2026-10-13"),)
    return case(*claims, **({"notices": notices, "stage": Stage.NOTICED} | changes))


def demanded(*claims: ClaimFacts, **changes: Any) -> CaseFacts:
    """As `noticed`, demand sent 14 October with a deadline on 28 October and the light fee charged (W11)."""
    notices = (collection_notice("2026-09-29", "2026-10-13"), demand("2026-10-14", "2026-10-28"))
    light = {"charged_collection_fee_ore": Ore(56_200)}
    return case(*claims, **({"notices": notices, "stage": Stage.DEMANDED} | light | changes))
