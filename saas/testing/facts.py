"""Facts to try a plugin on: the smallest real case, and what to change about it. All days are counted from `TODAY`."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from saas.hooks import (
    CaseEvent,
    CaseToAsk,
    ClaimOffer,
    CreditorFacts,
    DeferralRequest,
    LawfulStep,
    ProposedFee,
)
from saas.rules.facts import CaseFacts, ClaimFacts, CostKind, DebtorKind, Fact, NoticeFacts, Outstanding, Stage, Step
from saas.rules.money import NO_MONEY, Ore, ore_of_kroner

TODAY = date(2026, 11, 23)
"""A Monday. Every figure of the law is known for it."""

CASE_ID, CREDITOR_ID = UUID(int=0xCA5E), UUID(int=0xC0)
FEE_ORE = Ore(3_800)
LIGHT_FEE_ORE = Ore(22_500)  # what the demand of a small claim costs
_PROOF = "ab" * 32
_WENT_OUT = {  # stage → (step, days ago) of its letters; the last deadline and its grace are over
    Stage.REGISTERED: (),
    Stage.REMINDED: ((Step.REMINDER, 30),),
    Stage.NOTICED: ((Step.REMINDER, 60), (Step.COLLECTION_NOTICE, 30)),
    Stage.DEMANDED: ((Step.REMINDER, 120), (Step.COLLECTION_NOTICE, 90), (Step.PAYMENT_DEMAND, 60)),
    Stage.CLOSED: ((Step.REMINDER, 60),),
}
_DEADLINE_DAYS = 17


def ago(days: int) -> date:
    """The day that many days before `TODAY`; after it when `days` is below zero."""
    return TODAY - timedelta(days=days)


def a_fact(name: str, value: bool | int | str, source: str = "Nordlys Kraft", reported_on: date | None = None) -> Fact:
    """A dated statement; two weeks old unless told otherwise."""
    return Fact(name, value, source, reported_on or ago(14))


def a_claim(kroner: int | str = 1240, due_on: date | None = None, nth: int = 1, **changes: Any) -> ClaimFacts:
    """One unpaid electricity invoice."""
    due_on = due_on or ago(150)
    principal_ore = ore_of_kroner(kroner)
    claim = ClaimFacts(
        id=UUID(int=nth),
        invoice_number=f"F-100{nth}",
        kind="electricity",
        description="Strøm",
        principal_ore=principal_ore,
        principal_left_ore=principal_ore,
        invoiced_on=due_on - timedelta(days=14),
        due_on=due_on,
    )
    return replace(claim, **changes)


def a_case(*facts: Fact, stage: Stage = Stage.NOTICED, kroner: int | str = 1240, **changes: Any) -> CaseFacts:
    """An agency's case against a person, with the letters of its stage, due for its next step today.

    `facts` are what has been reported; `changes` replace fields of `CaseFacts`.
    """
    claims: tuple[ClaimFacts, ...] = changes.pop("claims", (a_claim(kroner),))
    fees_ore = Ore(sum(FEE_ORE for step, _ in _WENT_OUT[stage] if step is not Step.PAYMENT_DEMAND))
    demand_ore = LIGHT_FEE_ORE if stage is Stage.DEMANDED else NO_MONEY
    principal_ore = Ore(sum(claim.principal_left_ore for claim in claims))
    case = CaseFacts(
        case_id=CASE_ID,
        case_number=100_001,
        stage=stage,
        debtor_kind=DebtorKind.PERSON,
        creditor_id=CREDITOR_ID,
        creditor_slug="nordlys-kraft",
        agency_licence=True,
        vat_deductible=True,
        vulnerable=False,
        postable=True,
        claims=claims,
        notices=tuple(_letter(step, days) for step, days in _WENT_OUT[stage]),
        holds=(),
        outstanding=Outstanding(principal_ore, NO_MONEY, fees_ore, demand_ore),
        charged_notice_fees_ore=fees_ore,
        charged_collection_fee_ore=demand_ore,
        facts=facts,
    )
    return replace(case, **changes)


def _letter(step: Step, days: int) -> NoticeFacts:
    fee_ore = NO_MONEY if step is Step.PAYMENT_DEMAND else FEE_ORE
    return NoticeFacts(step, ago(days), ago(days - _DEADLINE_DAYS), fee_ore, False, _PROOF)


def a_request(days: int = 14, asked_on: date = TODAY) -> DeferralRequest:
    """A debtor asks for that many more days."""
    return DeferralRequest(asked_on, asked_on + timedelta(days=days))


def an_offer(kroner: int | str = 1240, **changes: Any) -> ClaimOffer:
    """A claim handed in today."""
    offer = ClaimOffer(DebtorKind.PERSON, "electricity", ore_of_kroner(kroner), ago(44), ago(30), TODAY, False)
    return replace(offer, **changes)


def a_creditor(**changes: Any) -> CreditorFacts:
    """Whose claim it is."""
    return replace(CreditorFacts("nordlys-kraft", "Nordlys Kraft AS", "987654325", True), **changes)


def a_fee(step: Step = Step.REMINDER, kind: CostKind = CostKind.NOTICE_FEE, ore: int = FEE_ORE) -> ProposedFee:
    """What the law would let be charged with a step."""
    return ProposedFee(step, kind, Ore(ore), TODAY)


def steps_on_offer(*steps: Step, fee_ore: int = FEE_ORE) -> tuple[LawfulStep, ...]:
    """What `choose_step` is asked about; the last is the one that is taken else."""
    return tuple(LawfulStep(step, Ore(fee_ore), ago(-_DEADLINE_DAYS)) for step in steps)


def an_event(kind: str = "letter.sent", **changes: Any) -> CaseEvent:
    """Something that happened in the case of `a_case`."""
    at = datetime(TODAY.year, TODAY.month, TODAY.day, 8, tzinfo=UTC)
    event = CaseEvent(UUID(int=0xE), kind, at, at, "fjord", "nordlys-kraft", 100_001, {})
    return replace(event, **changes)


def a_case_to_ask(**changes: Any) -> CaseToAsk:
    """A case somebody outside may know something of."""
    return replace(CaseToAsk(CASE_ID, 100_001, "nordlys-kraft", (("F-1001", ()),)), **changes)
