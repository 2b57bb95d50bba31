"""Engine and verifier, written apart, must agree: histories walked at random, every certificate checked."""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

import pytest

from saas.rules.case import Decision, decide
from saas.rules.certificate import certificate, encode
from saas.rules.facts import (
    CaseFacts,
    ClaimFacts,
    CostKind,
    DebtorKind,
    HoldFacts,
    HoldReason,
    NoticeFacts,
    Outstanding,
    Policy,
    Stage,
)
from saas.rules.law import load_law
from saas.rules.money import NO_MONEY, Ore
from saas.verifier import verify

LAW = load_law()
LAST_KNOWN = date(2026, 12, 31)
SHARD = 1_000


def a_case(dice: random.Random) -> CaseFacts:
    """One to three claims of one pair, in any of the years and relations the tables know."""
    kind = dice.choice(list(DebtorKind))
    first_due = date(2020, 6, 1) + timedelta(days=dice.randrange(2_200))
    claims = tuple(
        _claim(dice, nth, first_due + timedelta(days=dice.randrange(-20, 20)))
        for nth in range(dice.choice((1, 1, 1, 2, 3)))
    )
    principal = Ore(sum(c.principal_ore for c in claims))
    return CaseFacts(
        case_id=UUID(int=dice.getrandbits(128)),
        case_number=100_001,
        stage=Stage.REGISTERED,
        debtor_kind=kind,
        creditor_id=UUID(int=dice.getrandbits(128)),
        creditor_slug="kreditor",
        agency_licence=dice.random() < 0.75,
        vat_deductible=dice.random() < 0.7,
        vulnerable=False,
        postable=True,
        claims=claims,
        notices=(),
        holds=(),
        outstanding=Outstanding(principal, NO_MONEY, NO_MONEY, NO_MONEY),
        charged_notice_fees_ore=NO_MONEY,
        charged_collection_fee_ore=NO_MONEY,
    )


def _claim(dice: random.Random, nth: int, due_on: date) -> ClaimFacts:
    edges = (1, 50_000, 50_001, 100_000, 100_001, 250_000, 250_001, 1_000_000, 1_000_001, 5_000_000, 25_000_001)
    ore = Ore(dice.choice(edges) if dice.random() < 0.4 else dice.randrange(100, 8_000_000))
    return ClaimFacts(
        UUID(int=dice.getrandbits(128)),
        f"F{nth}",
        "electricity",
        "Strøm",
        ore,
        ore,
        due_on - timedelta(days=14),
        due_on,
    )


def walk(dice: random.Random, policy: Policy) -> Iterator[tuple[CaseFacts, Decision, date]]:
    """A history: nights, letters posted on time or late, holds that come and go, payments. Yields each step taken."""
    facts = a_case(dice)
    today = max(c.due_on for c in facts.claims) + timedelta(days=dice.randrange(0, 40))
    for _ in range(60):
        if today > LAST_KNOWN:
            return
        decision = decide(facts, today, LAW, policy)
        if decision.step is not None:
            yield facts, decision, today
            facts = _after(dice, facts, decision)
        facts = _meanwhile(dice, facts, today)
        again = decision.next_action_on or today + timedelta(days=dice.choice((1, 3, 30)))
        today = max(today + timedelta(days=1), again + timedelta(days=dice.choice((-1, 0, 0, 0, 1, 40))))


def _after(dice: random.Random, facts: CaseFacts, decision: Decision) -> CaseFacts:
    notice_ore = sum(c.amount_ore for c in decision.costs if c.kind is CostKind.NOTICE_FEE)
    collection_ore = sum(c.amount_ore for c in decision.costs if c.kind is CostKind.COLLECTION_FEE)
    notices = facts.notices
    if decision.expected_sending_on is not None and decision.deadline_on is not None:
        sent_on = decision.expected_sending_on + timedelta(days=dice.choice((0, 0, 0, 1, 3)))
        if (decision.deadline_on - sent_on).days < 14:
            return facts  # posted too late: taken back, and decided anew
        proof = sha256(str(dice.random()).encode()).hexdigest()
        step = decision.step
        assert step is not None
        notices = (*notices, NoticeFacts(step, sent_on, decision.deadline_on, Ore(notice_ore), False, proof))
    return replace(
        facts,
        stage=decision.stage_after,
        notices=notices,
        charged_notice_fees_ore=Ore(facts.charged_notice_fees_ore + notice_ore),
        charged_collection_fee_ore=Ore(facts.charged_collection_fee_ore + collection_ore),
        outstanding=replace(
            facts.outstanding,
            notice_fee_ore=Ore(facts.outstanding.notice_fee_ore + notice_ore),
            collection_fee_ore=Ore(facts.outstanding.collection_fee_ore + collection_ore),
        ),
    )


def _meanwhile(dice: random.Random, facts: CaseFacts, today: date) -> CaseFacts:
    if dice.random() < 0.1:
        hold = HoldFacts(HoldReason.OBJECTION, today)
        facts = replace(facts, holds=(hold,), held_days_since_demand=facts.held_days_since_demand + 20)
    elif dice.random() < 0.5:
        facts = replace(facts, holds=())
    return _paid(dice, facts, today) if dice.random() < 0.2 else facts


def _paid(dice: random.Random, facts: CaseFacts, today: date) -> CaseFacts:
    """Part of one claim's principal, or all of it."""
    nth = dice.randrange(len(facts.claims))
    claim = facts.claims[nth]
    if claim.principal_left_ore <= 0:
        return facts
    ore = Ore(dice.choice((claim.principal_left_ore, max(1, claim.principal_left_ore // 3))))
    paid = replace(
        claim,
        principal_left_ore=Ore(claim.principal_left_ore - ore),
        principal_moves=(*claim.principal_moves, (today, ore)),
    )
    claims = (*facts.claims[:nth], paid, *facts.claims[nth + 1 :])
    left = Ore(facts.outstanding.principal_ore - ore)
    return replace(facts, claims=claims, outstanding=replace(facts.outstanding, principal_ore=left))


def _disagreements(seed: int, histories: int) -> tuple[int, list[str]]:
    dice, checked, found = random.Random(seed), 0, []
    for _ in range(histories):
        policy = Policy(send_reminder=dice.random() < 0.7, grace_banking_days=dice.choice((0, 3, 5)), slack_days=3)
        for facts, decision, today in walk(dice, policy):
            checked += 1
            verdict = verify(encode(certificate(facts, decision, today, LAW, policy)))
            if not verdict.ok:
                found += [
                    f"seed {seed}, {decision.step} on {today}: {f.rule_id}: {f.message}" for f in verdict.findings
                ]
    return checked, found


def test_engine_and_verifier_agree_on_histories_walked_at_random() -> None:
    checked, found = _disagreements(seed=20260302, histories=300)
    assert found == []
    assert checked > 500


SHARDS = int(os.environ.get("AGREEMENT_SHARDS", "100"))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(SHARDS))
def test_engine_and_verifier_agree_on_a_hundred_thousand_histories(seed: int) -> None:
    checked, found = _disagreements(seed, SHARD)
    assert found[:20] == []
    assert checked > SHARD
