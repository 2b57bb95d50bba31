"""A debtor's address is put right, and letters to the old one are written anew."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.lifecycle import lift_hold, record_on_case, withdraw, withdraw_letters
from saas.cases.messages import ask_soon, queue_again
from saas.cases.models import Case, CaseHold, Debtor
from saas.cases.proof import RETURNED
from saas.dispatch.models import HANDED_OVER, MESSAGE, QUEUED, READY, SENT, Dispatch
from saas.kernel.errors import BadInput
from saas.rules.facts import HoldReason, Stage
from tenants.resolve import Tenant

WRONG_PERSON = "wrong_person"


def enter_address(
    tenant: Tenant,
    case: Case,
    *,
    lines: Sequence[str],
    postcode: str,
    city: str,
    country: str = "NO",
    now: datetime,
    actor: str,
) -> None:
    """The debtor of a locked case lives here now. Everything that waited for an address goes on.

    Letters written to the old one and not yet out are withdrawn and decided afresh; what came back is told again.
    Raises BadInput (`lines`, `postcode`, `city`).
    """
    lines = [line.strip() for line in lines if line.strip()]
    wrong = {name: ["Fyll ut."] for name, value in (("postcode", postcode), ("city", city)) if not value.strip()}
    if not 1 <= len(lines) <= 4 or any(len(line) > 60 for line in lines):
        wrong["lines"] = ["Skriv én til fire linjer, høyst 60 tegn på hver."]
    if wrong:
        raise BadInput(dict(wrong))
    debtor = tenant.session.scalars(
        sa.select(Debtor).where(Debtor.tenant_id == tenant.id, Debtor.id == case.debtor_id).with_for_update()
    ).one()
    debtor.address_lines, debtor.postcode, debtor.city = lines, postcode.strip(), city.strip()
    debtor.country = country.strip() or "NO"
    for each in _cases_of(tenant, debtor.id):
        _goes_on(tenant, each, now=now, actor=actor)


def _cases_of(tenant: Tenant, debtor_id: UUID) -> Sequence[Case]:
    return tenant.session.scalars(
        sa.select(Case)
        .where(Case.tenant_id == tenant.id, Case.debtor_id == debtor_id, Case.case_key.is_not(None))
        .order_by(Case.id)
        .with_for_update()
    ).all()


def _goes_on(tenant: Tenant, case: Case, *, now: datetime, actor: str) -> None:
    record_on_case(tenant, case, "debtor.address_entered", {}, now=now, actor=actor)
    waiting = withdraw_letters(tenant, case, "address_changed", now=now, actor=actor)
    again = [*_messages(tenant, case, Dispatch.state.in_((QUEUED, READY)), now=now, actor=actor)]
    held = sa.exists().where(
        CaseHold.tenant_id == tenant.id,
        CaseHold.case_id == case.id,
        CaseHold.reason == HoldReason.NO_ADDRESS,
        CaseHold.lifted_on.is_(None),
    )
    if tenant.session.scalar(sa.select(held)):
        lift_hold(tenant, case, HoldReason.NO_ADDRESS, on=now.date(), now=now, actor=actor)
    elif waiting and case.stage != Stage.CLOSED:
        case.next_action_on, case.waits_for = now.date(), ""
    again += _messages(tenant, case, Dispatch.attention == RETURNED, now=now, actor=actor)
    tenant.session.execute(
        sa.update(Dispatch)
        .where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.case_id == case.id,
            Dispatch.attention.in_((RETURNED, WRONG_PERSON)),
        )
        .values(attention="")
    )
    if again:
        ask_soon(tenant, again)


def _messages(tenant: Tenant, case: Case, which: sa.ColumnElement[bool], *, now: datetime, actor: str) -> list[UUID]:
    """Messages of the case, told again in new letters; those still waiting are withdrawn."""
    rows = tenant.session.scalars(
        sa.select(Dispatch)
        .where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.case_id == case.id,
            Dispatch.step == MESSAGE,
            Dispatch.notice_of.is_(None),
            which,
        )
        .with_for_update()
    ).all()
    for row in rows:
        if row.state in (QUEUED, READY):
            withdraw(tenant, case, row, "address_changed", now=now, actor=actor)
    return [queue_again(tenant, row, now.date(), now=now) for row in rows]


def last_letter_was_anothers(tenant: Tenant, case: Case) -> None:
    """Whoever got the last letter says that they are not the debtor (F74): a person checks who lives there.

    The case stands still by the objection itself, and nothing more goes to that address until somebody has looked.
    """
    last = tenant.session.scalar(
        sa.select(Dispatch)
        .where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.case_id == case.id,
            Dispatch.notice_of.is_(None),
            Dispatch.state.in_((HANDED_OVER, SENT)),
        )
        .order_by(Dispatch.id.desc())
        .limit(1)
        .with_for_update()
    )
    if last is not None:
        last.attention = WRONG_PERSON
