"""Taking steps: decide in pure Python, then write a whole chunk set-wise in the transaction that is open.

Stage, ledger, certificate, history and outbox change together or not at all.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa

from saas.cases.contact import last_contacts, make_contact, was_contacted
from saas.cases.deciding import Decided, decide_with_plugins
from saas.cases.facts import Known
from saas.cases.models import CaseHold, CertificateRow
from saas.dispatch.models import QUEUED, Dispatch
from saas.kernel import clock, crypto, history
from saas.kernel.bulk import copy_rows, insert_rows
from saas.kernel.db import driver
from saas.kernel.ids import NIL, new_id
from saas.ledger.models import CLAIMS_HELD, RECEIVABLE
from saas.ledger.post import Entry, Leg, new_entry_id, post
from saas.rules.case import Decision
from saas.rules.certificate import certificate, encode
from saas.rules.facts import LETTER_STEPS, CaseFacts, CostKind, HoldFacts, HoldReason, Step
from saas.rules.law import load_law
from tenants.resolve import Tenant


@dataclass(slots=True)
class Taken:
    """What a chunk led to."""

    looked_at: int = 0
    steps: dict[str, int] = field(default_factory=dict)  # step, hold:<reason> or wait → how many
    dispatch_ids: list[UUID] = field(default_factory=list)

    def add(self, other: "Taken") -> None:
        """Count another chunk in. Its letters stay with it, so that a night of millions needs no more memory."""
        self.looked_at += other.looked_at
        for name, number in other.steps.items():
            self.steps[name] = self.steps.get(name, 0) + number


def decide_cases(tenant: Tenant, known: Sequence[Known], today: date) -> list[Decided]:
    """What is to be done with each case today: plugins propose, the law decides. Writes nothing."""
    law, policy = load_law(), tenant.policy
    hooks = {creditor: tenant.hooks_for(creditor) for creditor in {k.facts.creditor_id for k in known} | {NIL}}
    choosing = [k.facts.case_id for k in known if hooks[k.facts.creditor_id].answers("choose_step")]
    contacts = last_contacts(tenant, choosing) if choosing else {}
    return [
        decide_with_plugins(
            each, hooks[each.facts.creditor_id], today, law, policy, contacted=was_contacted(each.facts, contacts)
        )
        for each in known
    ]


def take_steps(tenant: Tenant, decided: Sequence[Decided], *, today: date, now: datetime, actor: str) -> Taken:
    """Write the decisions of one chunk. The cases must be locked by the open transaction."""
    law, policy, taken = load_law(), tenant.policy, Taken(looked_at=len(decided))
    certificates, entries, dispatches, holds, moves = [], [], [], [], []
    wall = clock.wall_now()
    for each in decided:
        facts, decision = each.known.facts, each.decision
        moves.append(_move(facts, decision, today))
        for hold in decision.holds_to_place:
            if not any(h.reason is hold.reason for h in facts.holds):
                holds.append(_hold(tenant, facts, hold, today, actor))
        taken.steps[_name(decision)] = taken.steps.get(_name(decision), 0) + 1
        if each.contact:
            taken.dispatch_ids.append(make_contact(tenant, facts.case_id, now=now, actor=actor))
        if decision.step is None:
            continue
        shown = (
            policy if decision.step is not Step.REMINDER else replace(policy, send_reminder=True)
        )  # plugins choose it
        record = encode(certificate(facts, decision, today, law, shown, each.answers))
        certificate_id = new_id()
        cipher = crypto.case_cipher(facts.case_id, cast(bytes, each.known.case_key))
        sealed = crypto.encrypt(cipher, record, certificate_id)
        digest = hashlib.sha256(sealed).digest()
        certificates.append((tenant.id, certificate_id, facts.case_id, decision.step, today, sealed, digest))
        entry_id = None
        if decision.costs:
            entry = _fee_entry(facts, decision, certificate_id, today)
            entries.append(entry)
            entry_id = entry.entry_id
        body: dict[str, Any] = {"step": decision.step, "certificate": digest.hex()}
        if decision.step in LETTER_STEPS:
            dispatch = _dispatch(tenant, facts, decision, certificate_id, entry_id, today, wall)
            dispatches.append(dispatch)
            taken.dispatch_ids.append(dispatch[1])
            body["dispatch"] = str(dispatch[1])
        history.record(
            tenant.session, "step.decided", at=now, actor=actor, body=body, case_id=facts.case_id, cipher=cipher
        )
    connection = driver(tenant.session)
    insert_rows(connection, _table(CertificateRow), _CERTIFICATE, certificates)
    post(tenant.session, entries, now)
    insert_rows(connection, _table(Dispatch), _DISPATCH, dispatches)
    insert_rows(connection, _table(CaseHold), _HOLD, holds)
    copy_rows(connection, "staged_moves", _MOVE, moves)
    connection.execute(_APPLY_MOVES, (tenant.id,))
    return taken


# --- rows -----------------------------------------------------------------------------------------------------------

_CERTIFICATE = ("tenant_id", "id", "case_id", "step", "decided_on", "body", "sha256")
_DISPATCH = (
    "tenant_id", "id", "creditor_id", "case_id", "step", "kind", "channel", "state", "decided_on",
    "expected_sending_on", "deadline_on", "fee_ore", "entry_id", "certificate_id", "evidence", "why", "touched_at",
    "claim_ids",
)  # fmt: skip
_HOLD = (
    "tenant_id", "id", "creditor_id", "case_id", "reason", "since", "until", "note", "placed_by", "lifted_by",
)  # fmt: skip
_MOVE = (("id", "uuid"), ("stage", "int2"), ("next_action_on", "date"), ("waits_for", "text"), ("stage_since", "date"))
_APPLY_MOVES = """
update collection_case c
set stage = m.stage, next_action_on = m.next_action_on, waits_for = m.waits_for,
    stage_since = case when c.stage <> m.stage then m.stage_since else c.stage_since end
from staged_moves m where c.tenant_id = %s and c.id = m.id
"""


def _move(facts: CaseFacts, decision: Decision, today: date) -> tuple[Any, ...]:
    again = decision.next_action_on
    if any(hold.reason in _CURED_ELSEWHERE for hold in decision.holds_to_place):
        again = today + timedelta(days=_LOOK_AGAIN_DAYS)
    if decision.step is Step.HEAVY_FEE:
        again = today + timedelta(days=1)  # the ladder ends here: the next look says so, and a person sees it
    if again is not None and again <= today:
        again = today + timedelta(days=1)  # whatever was decided, tonight looks at a case once
    waits_for = decision.why[0].code if decision.step is None and decision.why else ""
    return facts.case_id, int(decision.stage_after), again, waits_for, today


_CURED_ELSEWHERE = (HoldReason.UNKNOWN_LAW, HoldReason.NO_ADDRESS, HoldReason.NO_PROOF)
_LOOK_AGAIN_DAYS = 7


def _hold(tenant: Tenant, facts: CaseFacts, hold: HoldFacts, today: date, actor: str) -> tuple[Any, ...]:
    # a rate, an address or a receipt may have come by then: the hold ends and the case is decided afresh
    until = today + timedelta(days=_LOOK_AGAIN_DAYS - 1) if hold.reason in _CURED_ELSEWHERE else hold.until
    return (
        tenant.id, new_id(), facts.creditor_id, facts.case_id, hold.reason, today, until, hold.note, actor, "",
    )  # fmt: skip


def _fee_entry(facts: CaseFacts, decision: Decision, certificate_id: UUID, today: date) -> Entry:
    legs = tuple(Leg(RECEIVABLE, CLAIMS_HELD, cost.kind, cost.amount_ore) for cost in decision.costs)
    return Entry(
        source=f"step:{certificate_id}",
        kind="fee_charged",
        creditor_id=facts.creditor_id,
        case_id=facts.case_id,
        legs=legs,
        value_on=today,
        reason=str(decision.step),
        entry_id=new_entry_id(),
    )


def _dispatch(
    tenant: Tenant,
    facts: CaseFacts,
    decision: Decision,
    certificate_id: UUID,
    entry_id: UUID | None,
    today: date,
    wall: datetime,
) -> tuple[Any, ...]:
    fee_ore = sum(cost.amount_ore for cost in decision.costs if cost.kind is not CostKind.COMPENSATION)
    return (
        tenant.id, new_id(), facts.creditor_id, facts.case_id, decision.step, decision.step, "", QUEUED, today,
        decision.expected_sending_on, decision.deadline_on, fee_ore, entry_id, certificate_id, "", "", wall,
        [claim.id for claim in facts.claims],
    )  # fmt: skip


def _name(decision: Decision) -> str:
    if decision.step is not None:
        return str(decision.step)
    if decision.holds_to_place:
        return f"hold:{decision.holds_to_place[0].reason}"
    return f"wait:{decision.why[0].code}" if decision.why else "wait"


def _table(model: type[Any]) -> sa.Table:
    return cast(sa.Table, model.__table__)
