"""Interest that does not run because the creditor caused the delay (fordringshavermora, FRL § 2; law C7)."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.lifecycle import head_of, record_on_case, withdraw_letters
from saas.cases.models import Case, InterestPause
from saas.cases.objections import claim_named, claims_of
from saas.kernel.errors import BadInput
from saas.kernel.ids import new_id
from saas.payments.lost_costs import look_again
from saas.payments.replay import place_anew
from tenants.resolve import Tenant

CREDITOR_DELAY = "creditor_delay"
_LONGEST_NOTE = 1000


def pause_interest(
    tenant: Tenant,
    case_id: UUID,
    *,
    from_on: date,
    until_on: date | None,
    note: str,
    today: date,
    now: datetime,
    actor: str,
    invoice_number: str = "",
) -> list[InterestPause]:
    """No interest from `from_on` until `until_on`, the first day it runs again (None: it still pauses).

    On one invoice or on all of the case. What was booked or paid of those days is placed anew, so it goes to the rest
    of the debt or back to the debtor; a letter that waits is decided again. The same pause again changes nothing.
    `note` says what the creditor did. Raises BadInput (`until_on`, `from_on`, `note`, `invoice_number`), NotFound.
    """
    _check(from_on, until_on, note, today)
    case = head_of(tenant, case_id)
    chosen = claim_named(tenant, case, invoice_number)
    claims = [chosen] if chosen else list(claims_of(tenant, case))
    added = [
        _pause(case, claim_id, from_on, until_on, actor)
        for claim_id in claims
        if not _stands(tenant, claim_id, from_on, until_on)
    ]
    if not added:
        return []
    withdraw_letters(tenant, case, "interest_paused", now=now, actor=actor)
    tenant.session.add_all(added)
    body = {
        "claims": [str(pause.claim_id) for pause in added],
        "from_on": from_on.isoformat(),
        "until_on": until_on and until_on.isoformat(),
        "reason": CREDITOR_DELAY,
        "note": note.strip(),
    }
    record_on_case(tenant, case, "interest.paused", body, now=now, actor=actor)
    tenant.session.flush()
    place_anew(tenant, case, (), cause=added[0].id, reason=CREDITOR_DELAY, now=now, actor=actor)
    look_again(tenant, case, today)
    return added


def _check(from_on: date, until_on: date | None, note: str, today: date) -> None:
    errors: dict[str, object] = {}
    if from_on > today:
        errors["from_on"] = ["Rentene kan ikke stanses fram i tid."]
    if until_on is not None and until_on <= from_on:
        errors["until_on"] = ["Dagen rentene løper igjen, må være etter dagen de stanser."]
    if not note.strip() or len(note) > _LONGEST_NOTE:
        errors["note"] = ["Skriv hva som hendte."]
    if errors:
        raise BadInput(errors)


def _pause(case: Case, claim_id: UUID, from_on: date, until_on: date | None, actor: str) -> InterestPause:
    return InterestPause(
        tenant_id=case.tenant_id,
        id=new_id(),
        creditor_id=case.creditor_id,
        case_id=case.id,
        claim_id=claim_id,
        from_on=from_on,
        until_on=until_on,
        reason=CREDITOR_DELAY,
        placed_by=actor,
    )


def _stands(tenant: Tenant, claim_id: UUID, from_on: date, until_on: date | None) -> bool:
    same = sa.select(InterestPause.id).where(
        InterestPause.tenant_id == tenant.id,
        InterestPause.claim_id == claim_id,
        InterestPause.from_on == from_on,
        InterestPause.until_on.is_not_distinct_from(until_on),
        InterestPause.reason == CREDITOR_DELAY,
    )
    return tenant.session.scalar(same) is not None
