"""The frozen record of why a step was lawful (sertifikat), complete enough to be re-checked from itself alone.

No name, address or free text about a person is in it; dates are ISO strings, amounts are øre.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from saas.rules.case import Decision
from saas.rules.facts import CaseFacts, ClaimFacts, HoldFacts, NoticeFacts, Policy
from saas.rules.fees import CostCap
from saas.rules.law import Law
from saas.rules.regime import regime_on
from saas.rules.steps import CostLine

SCHEMA = "frist.certificate/1"
_RULES = Path(__file__).parent


@cache
def rules_version() -> str:
    """Which text of the rules decided: SHA-256 over the rules' code and figures, its first 16 hex digits.

    One for all rules, and made from what is there, so that nobody can forget to raise it; the figures' own rows stand
    in the certificate besides.
    """
    text = sha256()
    for path in sorted((*_RULES.glob("*.py"), *_RULES.rglob("*.csv"))):
        content = path.read_bytes()
        text.update(f"{path.relative_to(_RULES).as_posix()} {len(content)}\n".encode())
        text.update(content)
    return text.hexdigest()[:16]


def certificate(
    facts: CaseFacts,
    decision: Decision,
    today: date,
    law: Law,
    policy: Policy,
    plugin_answers: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Everything the decision rested on, JSON-able. `plugin_answers` are kept as given (hook, plugin, answer)."""
    return {
        "schema": SCHEMA,
        "regime": str(regime_on(decision.expected_sending_on or today, policy)),
        "case_id": str(facts.case_id),
        "case_number": facts.case_number,
        "creditor_id": str(facts.creditor_id),
        "step": str(decision.step) if decision.step is not None else None,
        "stage_before": facts.stage.name.lower(),
        "stage_after": decision.stage_after.name.lower(),
        "decided_on": today.isoformat(),
        "expected_sending_on": _iso(decision.expected_sending_on),
        "deadline_on": _iso(decision.deadline_on),
        "next_action_on": _iso(decision.next_action_on),
        "rules": [{"rule": rule, "conclusion": text} for rule, text in decision.conclusions],
        "rules_version": rules_version(),
        "why": [{"code": b.code, "rules": b.rule_ids, "from_day": _iso(b.from_day)} for b in decision.why],
        "facts": _facts(facts),
        "law": [row.record for row in decision.law_rows],
        "costs": [_cost(cost) for cost in decision.costs],
        "cap": _cap(decision.cap, facts, decision.costs) if decision.cap is not None else None,
        "policy": _policy(policy),
        "plugins": list(plugin_answers),
    }


def encode(cert: Mapping[str, Any]) -> bytes:
    """The exact bytes that are stored and hashed: JSON, keys sorted, no space."""
    return orjson.dumps(cert, option=orjson.OPT_SORT_KEYS)


def fingerprint(encoded: bytes) -> str:
    """SHA-256 of an encoded certificate, hex."""
    return sha256(encoded).hexdigest()


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _facts(facts: CaseFacts) -> dict[str, Any]:
    owed = facts.outstanding
    return {
        "debtor_kind": str(facts.debtor_kind),
        "consumer": facts.is_consumer,
        "agency_licence": facts.agency_licence,
        "vat_deductible": facts.vat_deductible,
        "vulnerable": facts.vulnerable,
        "postable": facts.postable,
        "letter_under_way": facts.letter_under_way,
        "held_days_since_demand": facts.held_days_since_demand,
        "sibling_ready_on": _iso(facts.sibling_ready_on),
        "claims": [_claim(c) for c in facts.claims],
        "notices": [_notice(n) for n in facts.notices],
        "holds": [_hold(h) for h in facts.holds],
        "outstanding": {
            "principal_ore": owed.principal_ore,
            "interest_ore": owed.interest_ore,
            "notice_fee_ore": owed.notice_fee_ore,
            "collection_fee_ore": owed.collection_fee_ore,
            "compensation_ore": owed.compensation_ore,
            "fee_interest_ore": owed.fee_interest_ore,
        },
        "charged_notice_fees_ore": facts.charged_notice_fees_ore,
        "charged_collection_fee_ore": facts.charged_collection_fee_ore,
        "charged_compensation_ore": facts.charged_compensation_ore,
        "deceased_on": _iso(facts.deceased_on),
        "bankrupt_on": _iso(facts.bankrupt_on),
        "lost_costs": facts.lost_costs,
        "acknowledged_on": [on.isoformat() for on in facts.acknowledged_on],
        "judged_on": [on.isoformat() for on in facts.judged_on],
    }


def _claim(c: ClaimFacts) -> dict[str, Any]:
    return {
        "id": str(c.id),
        "invoice_number": c.invoice_number,
        "principal_ore": c.principal_ore,
        "principal_left_ore": c.principal_left_ore,
        "invoiced_on": c.invoiced_on.isoformat(),
        "due_on": c.due_on.isoformat(),
        "principal_moves": [[on.isoformat(), paid_ore] for on, paid_ore in c.principal_moves],
        "interest_pauses": [[p.from_on.isoformat(), _iso(p.until_on), p.reason] for p in c.interest_pauses],
    }


def _notice(n: NoticeFacts) -> dict[str, Any]:
    return {
        "step": str(n.step),
        "sent_on": n.sent_on.isoformat(),
        "deadline_on": n.deadline_on.isoformat(),
        "fee_ore": n.fee_ore,
        "by_creditor": n.by_creditor,
        "proof": n.proof,
        "claim_ids": [str(claim_id) for claim_id in n.claim_ids],
    }


def _hold(h: HoldFacts) -> dict[str, Any]:
    return {"reason": str(h.reason), "since": h.since.isoformat(), "until": _iso(h.until)}


def _cost(cost: CostLine) -> dict[str, Any]:
    return {
        "kind": str(cost.kind),
        "amount_ore": cost.amount_ore,
        "rules": cost.rule_ids,
        "explanation": cost.explanation,
    }


def _cap(cap: CostCap, facts: CaseFacts, costs: Sequence[CostLine]) -> dict[str, Any]:
    """The cap's arithmetic: Σ floor(rate × multiplier × (1 + VAT)), and what is charged below it (B23).

    Compensation is set off against the costs (B15), so it is counted with what is charged.
    """
    before_ore = facts.charged_notice_fees_ore + facts.charged_collection_fee_ore + facts.charged_compensation_ore
    return {
        "on": cap.on.isoformat(),
        "heavy": cap.heavy,
        "joined": cap.joined,
        "rate_ore": cap.rate.hundredths,
        "vat_percent": str(cap.vat.value) if cap.vat is not None else None,
        "parts": [
            {
                "base_ore": p.base_ore,
                "multiplier_thousandths": p.tier.multiplier_thousandths(cap.heavy),
                "cap_ore": p.cap_ore,
            }
            for p in cap.parts
        ],
        "cap_ore": cap.cap_ore,
        "charged_before_ore": before_ore,
        "charged_after_ore": before_ore + sum(cost.amount_ore for cost in costs),
    }


def _policy(policy: Policy) -> dict[str, Any]:
    return {
        "send_reminder": policy.send_reminder,
        "grace_banking_days": policy.grace_banking_days,
        "slack_days": policy.slack_days,
        "join_wait_days": policy.join_wait_days,
        "day_basis": policy.day_basis,
        "fee_interest": policy.fee_interest,
        "claim_compensation": policy.claim_compensation,
        "new_act_from": _iso(policy.new_act_from),
    }
