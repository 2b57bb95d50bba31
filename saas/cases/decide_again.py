"""A letter that has not left is decided once more (crossing-letter guard): would it be decided today, as it is?"""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.deciding import Decided
from saas.cases.facts import Known
from saas.cases.lifecycle import withdraw
from saas.cases.models import Case
from saas.cases.steps import decide_cases, take_steps
from saas.dispatch.models import Dispatch
from saas.ledger.models import COMPENSATION, Transfer
from saas.rules.deadlines import is_long_enough
from saas.rules.facts import CaseFacts, HoldFacts, HoldReason, Outstanding, Stage, stage_reached
from saas.rules.money import Ore
from tenants.resolve import Tenant

TOO_SHORT = "deadline_too_short"


def decide_again(
    tenant: Tenant, dispatch: Dispatch, known: Known, sending_on: date, today: date
) -> tuple[Decided, str | None]:
    """What would be decided of the case today, and why this letter of the ladder may not leave; None when it may."""
    undone = _as_if_undecided(tenant, known.facts, dispatch)
    again = decide_cases(tenant, [Known(undone, known.case_key)], today)[0]
    compensation_ore = known.facts.charged_compensation_ore - undone.charged_compensation_ore
    return again, _why_not(dispatch, again, compensation_ore, sending_on)


def take_its_place(
    tenant: Tenant, case: Case, dispatch: Dispatch, why: str, again: Decided, *, now: datetime, not_taken: bool = False
) -> list[UUID]:
    """Withdraw a letter and do what is decided now. Returns the letters that took its place."""
    withdraw(tenant, case, dispatch, why, now=now, actor="worker", not_taken=not_taken)
    tenant.session.flush()
    taken = take_steps(tenant, [again], today=now.date(), now=now, actor="worker").dispatch_ids
    if taken:
        tenant.session.execute(
            sa.update(Dispatch)
            .where(Dispatch.tenant_id == tenant.id, Dispatch.id.in_(taken))
            .values(replaces=dispatch.id)
        )
    return taken


def held(again: Decided, today: date, reason: HoldReason, note: str, until: date | None = None) -> Decided:
    """Instead of what would be decided: the case waits, `until` a day or until a person has looked."""
    decision = replace(
        again.decision,
        step=None,
        costs=(),
        stage_after=again.known.facts.stage,
        next_action_on=None,
        holds_to_place=(HoldFacts(reason, today, until, note[:500]),),
    )
    return Decided(again.known, decision, again.answers)


def _why_not(dispatch: Dispatch, again: Decided, compensation_ore: int, sending_on: date) -> str | None:
    """Why this letter may no longer leave, as a code; None when it may."""
    decision = again.decision
    if decision.step != dispatch.step:
        return decision.why[0].code if decision.why else "other_step"
    if sum(cost.amount_ore for cost in decision.costs) != dispatch.fee_ore + compensation_ore:
        return "other_fee"
    return None if is_long_enough(sending_on, dispatch.deadline_on) else TOO_SHORT


def _as_if_undecided(tenant: Tenant, facts: CaseFacts, dispatch: Dispatch) -> CaseFacts:
    """The facts as they are now, had this letter not been queued: its fee and its stage taken out."""
    notice_ore, collection_ore = fee_parts(tenant, dispatch)
    compensation_ore = compensation_of(tenant, dispatch) if facts.charged_compensation_ore else 0
    owed = facts.outstanding
    return replace(
        facts,
        stage=facts.stage if facts.stage is Stage.CLOSED else stage_reached(n.step for n in facts.notices),
        letter_under_way=False,
        charged_notice_fees_ore=Ore(facts.charged_notice_fees_ore - notice_ore),
        charged_collection_fee_ore=Ore(facts.charged_collection_fee_ore - collection_ore),
        charged_compensation_ore=Ore(facts.charged_compensation_ore - compensation_ore),
        outstanding=Outstanding(
            owed.principal_ore,
            owed.interest_ore,
            Ore(max(0, owed.notice_fee_ore - notice_ore)),
            Ore(max(0, owed.collection_fee_ore - collection_ore)),
            Ore(max(0, owed.compensation_ore - compensation_ore)),
            owed.fee_interest_ore,
        ),
    )


def fee_parts(tenant: Tenant, dispatch: Dispatch) -> tuple[int, int]:
    """Notice fee and collection fee booked with a letter, in øre. A letter bears one or the other."""
    own_demand = dispatch.step == "payment_demand" and tenant.has_licence
    return (0, dispatch.fee_ore) if own_demand else (dispatch.fee_ore, 0)


def compensation_of(tenant: Tenant, dispatch: Dispatch) -> int:
    """Standard compensation booked with a letter, in øre; it stands beside the letter's own fee (law B15)."""
    return (
        tenant.session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(Transfer.amount_ore), 0)).where(
                Transfer.tenant_id == tenant.id,
                Transfer.case_id == dispatch.case_id,
                Transfer.entry_id == dispatch.entry_id,
                Transfer.component == COMPENSATION,
            )
        )
        or 0
    )
