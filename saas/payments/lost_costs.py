"""The right to costs is lost (tapte kostnader): they come off the case, and what was paid of them is given back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.books import family_of
from saas.cases.lifecycle import head_of, record_on_case, withdraw_letters
from saas.cases.lost_costs import ChargedFee, charged_costs, charged_fees, taking_off
from saas.cases.models import Case, CaseHold, CostLoss, EarlierNotice
from saas.dispatch.models import SENT, Dispatch
from saas.kernel.errors import BadInput
from saas.kernel.ids import new_id
from saas.ledger.models import COLLECTION_FEE, NOTICE_FEE
from saas.ledger.post import Entry
from saas.payments.replay import correct_and_replace
from saas.rules.facts import Stage, Step
from saas.rules.lost_costs import LOSSES, LostCostReason, Refund, Scope, refund_due, scope_of
from saas.rules.regime import regime_on
from tenants.resolve import Tenant

_LONGEST_NOTE = 1000


def lose_costs(
    tenant: Tenant,
    case_id: UUID,
    *,
    reason: LostCostReason,
    note: str,
    today: date,
    now: datetime,
    actor: str,
    lawful_ore: int | None = None,
    restart: bool | None = None,
) -> CostLoss:
    """The right to costs is lost in a case (INKL § 17; law B19-B22, N8, N9). Returns what was taken off.

    Each fee is answered by an entry that names it; what was paid of it goes to the rest of the debt, else back to the
    debtor (D6, I10). No new cost of that kind comes in this round. With `restart` the ladder begins anew at the
    collection notice, which cures the fault (N9); a faulty letter always does. `lawful_ore` is what all costs may
    come to, for a reason that costs only what exceeds it. The same reason again, with nothing more to take off, gives
    the first answer. Raises BadInput (`note`, `lawful_ore`), NotFound.
    """
    _check(reason, note, lawful_ore)
    case = head_of(tenant, case_id)
    restart = reason is LostCostReason.FAULTY_NOTICE if restart is None else restart
    standing = _same_loss(tenant, case, reason, restart)
    withdraw_letters(tenant, case, "costs_lost", now=now, actor=actor)
    tenant.session.flush()
    family = family_of(tenant, [case.id])
    fees = charged_fees(tenant, family)
    regime = regime_on(today, tenant.policy)
    refund = refund_due(charged_costs(tenant, family, fees, fees), reason, lawful_ore, regime)
    if standing is not None and not refund.taken_off_ore:
        return standing
    scope = scope_of(reason, regime) or LOSSES[reason].scope
    loss = note_loss(tenant, case, refund, scope, note, restart=restart, today=today, now=now, actor=actor)
    entries = entries_of(fees, refund, loss, now)
    correct_and_replace(tenant, case, entries, cause=loss.id, reason=f"costs_lost:{reason}", now=now, actor=actor)
    if restart:
        _begin_anew(tenant, case, today)
    look_again(tenant, case, today)
    return loss


def note_loss(
    tenant: Tenant,
    case: Case,
    refund: Refund,
    scope: Scope,
    note: str,
    *,
    restart: bool = False,
    today: date,
    now: datetime,
    actor: str,
) -> CostLoss:
    """Write the loss down, in its own row and in the case's history."""
    loss = CostLoss(
        tenant_id=tenant.id,
        id=new_id(),
        creditor_id=case.creditor_id,
        case_id=case.id,
        reason=refund.reason,
        scope=scope,
        amount_ore=refund.taken_off_ore,
        refund_ore=refund.repay_ore,
        restarts=restart,
        note=note.strip(),
        decided_on=today,
        decided_by=actor,
    )
    tenant.session.add(loss)
    tenant.session.flush()
    body = {
        "loss": str(loss.id),
        "reason": refund.reason,
        "scope": scope,
        "taken_off_ore": refund.taken_off_ore,
        "paid_of_it_ore": refund.repay_ore,
        "restarts": restart,
        "rule_ids": list(refund.rule_ids),
        "explanation": str(refund.explanation),
        "note": note.strip(),
    }
    record_on_case(tenant, case, "costs.lost", body, now=now, actor=actor)
    return loss


def entries_of(fees: Sequence[ChargedFee], refund: Refund, loss: CostLoss, now: datetime) -> list[Entry]:
    """The entries that take a refund's costs off the book, the newest fee first."""
    wanted: Mapping[str, int] = {NOTICE_FEE: refund.notice_fees_ore, COLLECTION_FEE: refund.collection_fee_ore}
    return taking_off(fees, wanted, loss_id=loss.id, reason=refund.reason, now=now)


def look_again(tenant: Tenant, case: Case, today: date) -> None:
    """Let the night look at an open case that nothing holds."""
    held = tenant.session.scalar(
        sa.select(CaseHold.id)
        .where(CaseHold.tenant_id == tenant.id, CaseHold.case_id == case.id, CaseHold.lifted_on.is_(None))
        .limit(1)
    )
    if case.stage != Stage.CLOSED and held is None:
        case.next_action_on, case.waits_for = today, ""


def _check(reason: LostCostReason, note: str, lawful_ore: int | None) -> None:
    errors: dict[str, object] = {}
    if not note.strip() or len(note) > _LONGEST_NOTE:
        errors["note"] = [f"Skriv hvorfor, med høyst {_LONGEST_NOTE} tegn."]
    if LOSSES[reason].scope is Scope.ABOVE_LAWFUL and lawful_ore is None:
        errors["lawful_ore"] = ["Oppgi hva kostnadene lovlig kunne vært til sammen, i øre."]
    if lawful_ore is not None and lawful_ore < 0:
        errors["lawful_ore"] = ["Beløpet kan ikke være under null."]
    if errors:
        raise BadInput(errors)


def _same_loss(tenant: Tenant, case: Case, reason: LostCostReason, restart: bool) -> CostLoss | None:
    return tenant.session.scalar(
        sa.select(CostLoss)
        .where(
            CostLoss.tenant_id == tenant.id,
            CostLoss.case_id == case.id,
            CostLoss.reason == reason,
            CostLoss.restarts == restart,
        )
        .order_by(CostLoss.id.desc())
        .limit(1)
    )


def _begin_anew(tenant: Tenant, case: Case, today: date) -> None:
    """Back to before the collection notice. The letters stay what they are; they only count no more (law N9)."""
    if case.stage == Stage.CLOSED:
        return
    reminded = sa.select(Dispatch.id).where(
        Dispatch.tenant_id == tenant.id,
        Dispatch.case_id == case.id,
        Dispatch.step == Step.REMINDER,
        Dispatch.state == SENT,
    )
    by_creditor = sa.select(EarlierNotice.id).where(
        EarlierNotice.tenant_id == tenant.id, EarlierNotice.case_id == case.id, EarlierNotice.step == Step.REMINDER
    )
    found = tenant.session.scalar(reminded.limit(1)) or tenant.session.scalar(by_creditor.limit(1))
    case.stage, case.stage_since = (Stage.REMINDED if found else Stage.REGISTERED), today
