"""Histories of cases walked at random, seeded: nights, letters posted on time or late, holds, payments, pauses.

`Engine` is what decides, so that a changed one can be put in the place of ours.
"""

import importlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from saas.rules.facts import (
    CaseFacts,
    ClaimFacts,
    CostKind,
    DebtorKind,
    Fact,
    HoldFacts,
    HoldReason,
    NoticeFacts,
    Outstanding,
    Pause,
    Policy,
    Stage,
    Step,
)
from saas.rules.money import NO_MONEY, Ore

LAST_KNOWN = date(2026, 12, 31)
NEW_ACT = date(2026, 6, 1)


@dataclass(frozen=True, slots=True)
class Engine:
    """What decides and books, as loaded when it was asked for."""

    decide: Callable[..., Any]
    certificate: Callable[..., dict[str, Any]]
    encode: Callable[[dict[str, Any]], bytes]
    interest: Callable[..., int]
    law: Any

    @classmethod
    def loaded(cls) -> "Engine":
        """The engine as its modules stand in `sys.modules` now."""
        case, certificate, interest, law = (
            importlib.import_module(f"saas.rules.{name}") for name in ("case", "certificate", "interest", "law")
        )
        figures = law.load_law()

        def booked(facts: CaseFacts, on: date, policy: Policy) -> int:
            lines = interest.interest_on_claims(facts.claims, on, figures, policy.day_basis)
            return int(interest.interest_sum(lines))

        return cls(case.decide, certificate.certificate, certificate.encode, booked, figures)

    def record(self, facts: CaseFacts, decision: Any, today: date, policy: Policy) -> bytes:
        """The certificate's bytes."""
        return self.encode(self.certificate(facts, decision, today, self.law, policy))


class Look(NamedTuple):
    """One night's look at a case, and what was decided. `booked`: interest was booked up to that night."""

    facts: CaseFacts
    today: date
    policy: Policy
    decision: Any
    booked: bool


def a_policy(dice: random.Random) -> Policy:
    """What a tenant may have chosen; now and then the act of 2026 has begun on some day of what is known."""
    return Policy(
        send_reminder=dice.random() < 0.7,
        grace_banking_days=dice.choice((0, 3, 5)),
        slack_days=dice.choice((0, 3, 3)),
        day_basis=dice.choice(("act/act", "act/act", "fixed365")),
        claim_compensation=dice.random() < 0.4,
        new_act_from=NEW_ACT + timedelta(days=dice.randrange(200)) if dice.random() < 0.15 else None,
    )


def a_case(dice: random.Random) -> CaseFacts:
    """One to three claims of one pair, in any of the years and relations the tables know; some warned before."""
    first_due = date(2020, 6, 1) + timedelta(days=dice.randrange(2_200))
    claims = tuple(
        _claim(dice, nth, first_due + timedelta(days=dice.randrange(-20, 20)))
        for nth in range(dice.choice((1, 1, 1, 2, 3)))
    )
    principal = Ore(sum(c.principal_ore for c in claims))
    notices = _sent_by_the_creditor(dice, claims) if dice.random() < 0.15 else ()
    return CaseFacts(
        case_id=UUID(int=dice.getrandbits(128)),
        case_number=100_001,
        stage=Stage.NOTICED if notices else Stage.REGISTERED,
        debtor_kind=dice.choice(list(DebtorKind)),
        creditor_id=UUID(int=dice.getrandbits(128)),
        creditor_slug="kreditor",
        agency_licence=dice.random() < 0.75,
        vat_deductible=dice.random() < 0.7,
        vulnerable=False,
        postable=True,
        claims=claims,
        notices=notices,
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


def _sent_by_the_creditor(dice: random.Random, claims: tuple[ClaimFacts, ...]) -> tuple[NoticeFacts, ...]:
    """A notice for each claim, of 14 days or a little less or more; at times one claim was left out."""
    chosen = claims if dice.random() < 0.7 else claims[: max(1, len(claims) - 1)]
    found = []
    for claim in chosen:
        sent_on = claim.due_on + timedelta(days=dice.choice((0, 1, 5, 16)))
        deadline_on = sent_on + timedelta(days=dice.choice((13, 14, 14, 20)))
        proof = sha256(str(dice.random()).encode()).hexdigest()
        about = (claim.id,) if len(claims) > 1 else ()
        found.append(NoticeFacts(Step.COLLECTION_NOTICE, sent_on, deadline_on, NO_MONEY, True, proof, about))
    return tuple(sorted(found, key=lambda n: n.sent_on))


def looks(dice: random.Random, policy: Policy, engine: Engine) -> Iterator[Look]:
    """A history: every night's look at one case, from some days after it fell due."""
    facts = a_case(dice)
    today = max([c.due_on for c in facts.claims] + [n.sent_on for n in facts.notices])
    today += timedelta(days=dice.randrange(0, 40))
    if dice.random() < 0.1:
        facts, today = _old(dice, facts)
    for _ in range(60):
        if today > LAST_KNOWN:
            return
        booked = dice.random() < 0.3
        if booked:
            facts = with_interest(facts, engine.interest(facts, today, policy))
        sibling_ready_on = today + timedelta(days=dice.choice((1, 5, 14, 15, 40))) if dice.random() < 0.1 else None
        facts = replace(facts, sibling_ready_on=sibling_ready_on)
        decision = engine.decide(facts, today, engine.law, policy)
        yield Look(facts, today, policy, decision, booked)
        if decision.step is not None:
            facts = _after(dice, facts, decision)
        facts = _meanwhile(dice, facts, today)
        again = decision.next_action_on or today + timedelta(days=dice.choice((1, 3, 30)))
        today = max(today + timedelta(days=1), again + timedelta(days=dice.choice((-1, 0, 0, 0, 1, 40))))


def _old(dice: random.Random, facts: CaseFacts) -> tuple[CaseFacts, date]:
    """The same case taken up when its claims are about to be time-barred, or are; something may have interrupted."""
    due_on = min(c.due_on for c in facts.claims)
    today = due_on + timedelta(days=dice.choice((1_060, 1_085, 1_093, 1_096, 1_100, 1_500)))
    stated = [
        Fact(f"limitation.{what}", str(due_on + timedelta(days=dice.randrange(1_300))), "oppdragsgiver", today)
        for what, chance in (("acknowledged_on", 0.5), ("judged_on", 0.15))
        if dice.random() < chance
    ]
    return replace(facts, facts=tuple(stated)), today


def near(dice: random.Random, look: Look, engine: Engine) -> Iterator[Look]:
    """The same case a day or more before, and with one thing that may stand in the way."""
    facts, today, policy, _, booked = look
    for before in (1, dice.choice((2, 3, 4, 5))):
        day = today - timedelta(days=before)
        if not booked and all(n.sent_on <= day for n in facts.notices) and not _paid_since(facts, day):
            yield Look(facts, day, policy, engine.decide(facts, day, engine.law, policy), booked)
    other = dice.choice(_OTHERWISE)(facts, today)
    yield Look(other, today, policy, engine.decide(other, today, engine.law, policy), booked)


def _paid_since(facts: CaseFacts, day: date) -> bool:
    return any(on > day for c in facts.claims for on, _ in c.principal_moves)


_OTHERWISE: tuple[Callable[[CaseFacts, date], CaseFacts], ...] = (
    lambda facts, today: replace(facts, vulnerable=True),
    lambda facts, today: replace(facts, postable=False),
    lambda facts, today: replace(facts, letter_under_way=True),
    lambda facts, today: replace(facts, agency_licence=not facts.agency_licence),
    lambda facts, today: replace(facts, vat_deductible=bool(facts.notices) or not facts.vat_deductible),
    lambda facts, today: replace(facts, holds=(HoldFacts(HoldReason.DEFERRED, today, today),)),
    lambda facts, today: replace(facts, holds=(HoldFacts(HoldReason.PERSON, today - timedelta(days=3)),)),
    lambda facts, today: replace(facts, sibling_ready_on=today + timedelta(days=14)),
    lambda facts, today: replace(facts, sibling_ready_on=today + timedelta(days=15)),
    lambda facts, today: replace(facts, deceased_on=today - timedelta(days=1)),
    lambda facts, today: replace(facts, bankrupt_on=today - timedelta(days=1)),
    lambda facts, today: replace(facts, facts=(Fact("limitation.acknowledged_on", str(today), "skyldner", today),)),
    lambda facts, today: replace(facts, lost_costs="all"),
    lambda facts, today: replace(facts, lost_costs="agency_fee"),
    lambda facts, today: replace(facts, notices=tuple(replace(n, proof="") for n in facts.notices)),
)


def with_interest(facts: CaseFacts, interest_ore: int) -> CaseFacts:
    """The same with so much interest booked and unpaid."""
    return replace(facts, outstanding=replace(facts.outstanding, interest_ore=Ore(interest_ore)))


def _after(dice: random.Random, facts: CaseFacts, decision: Any) -> CaseFacts:
    charged = {kind: sum(c.amount_ore for c in decision.costs if c.kind is kind) for kind in CostKind}
    notice_ore, collection_ore = charged[CostKind.NOTICE_FEE], charged[CostKind.COLLECTION_FEE]
    compensation_ore = charged[CostKind.COMPENSATION]
    notices = facts.notices
    if decision.expected_sending_on is not None and decision.deadline_on is not None:
        sent_on = decision.expected_sending_on + timedelta(days=dice.choice((0, 0, 0, 1, 3)))
        if (decision.deadline_on - sent_on).days < 14:
            return facts  # posted too late: taken back, and decided anew
        proof = sha256(str(dice.random()).encode()).hexdigest()
        about = tuple(c.id for c in facts.claims) if dice.random() < 0.5 else ()
        letter = NoticeFacts(decision.step, sent_on, decision.deadline_on, Ore(notice_ore), False, proof, about)
        notices = (*notices, letter)
    owed = facts.outstanding
    return replace(
        facts,
        stage=decision.stage_after,
        notices=notices,
        charged_notice_fees_ore=Ore(facts.charged_notice_fees_ore + notice_ore),
        charged_collection_fee_ore=Ore(facts.charged_collection_fee_ore + collection_ore),
        charged_compensation_ore=Ore(facts.charged_compensation_ore + compensation_ore),
        outstanding=replace(
            owed,
            notice_fee_ore=Ore(owed.notice_fee_ore + notice_ore),
            collection_fee_ore=Ore(owed.collection_fee_ore + collection_ore),
            compensation_ore=Ore(owed.compensation_ore + compensation_ore),
        ),
    )


def _meanwhile(dice: random.Random, facts: CaseFacts, today: date) -> CaseFacts:
    if dice.random() < 0.1:
        hold = HoldFacts(HoldReason.OBJECTION, today)
        facts = replace(facts, holds=(hold,), held_days_since_demand=facts.held_days_since_demand + 20)
    elif dice.random() < 0.5:
        facts = replace(facts, holds=())
    if dice.random() < 0.1:
        facts = _paused(dice, facts, today)
    return _paid(dice, facts, today) if dice.random() < 0.2 else facts


def _paused(dice: random.Random, facts: CaseFacts, today: date) -> CaseFacts:
    """Interest rested on one claim for a time, or rests still; what was booked is taken back to be booked anew."""
    nth = dice.randrange(len(facts.claims))
    claim = facts.claims[nth]
    if claim.interest_pauses:
        return facts
    from_on = today - timedelta(days=dice.choice((0, 10, 60)))
    until_on = dice.choice((None, from_on + timedelta(days=dice.choice((1, 5, 30)))))
    paused = replace(claim, interest_pauses=(Pause(from_on, until_on, "objection_upheld"),))
    return with_interest(replace(facts, claims=(*facts.claims[:nth], paused, *facts.claims[nth + 1 :])), 0)


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
