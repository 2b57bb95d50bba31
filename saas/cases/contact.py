"""A soft contact (`contact_letter`) that a plugin chose before the next step; one at each rung of the ladder."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.lifecycle import get_case
from saas.cases.messages import queue_message
from saas.dispatch.models import FAILED, WITHDRAWN, Dispatch
from saas.documents.letter import LetterKind
from saas.documents.particulars import ContactLetter
from saas.rules.facts import CaseFacts
from tenants.resolve import Tenant


def last_contacts(tenant: Tenant, case_ids: Sequence[UUID]) -> dict[UUID, date]:
    """The day each case was last contacted softly; cases that never were are left out."""
    rows = tenant.session.execute(
        sa.select(Dispatch.case_id, sa.func.max(Dispatch.decided_on))
        .where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.case_id.in_(case_ids),
            Dispatch.kind == LetterKind.CONTACT_LETTER,
            Dispatch.state.not_in((FAILED, WITHDRAWN)),
        )
        .group_by(Dispatch.case_id)
    )
    return {row[0]: row[1] for row in rows}


def was_contacted(facts: CaseFacts, contacts: Mapping[UUID, date]) -> bool:
    """Whether the debtor has had a soft contact since the last letter of the ladder was sent."""
    on = contacts.get(facts.case_id)
    sent = max((notice.sent_on for notice in facts.notices), default=None)
    return on is not None and (sent is None or on >= sent)


def make_contact(tenant: Tenant, case_id: UUID, *, now: datetime, actor: str) -> UUID:
    """Queue the letter and return its id; the case is locked by the open transaction."""
    case = get_case(tenant, case_id)
    return queue_message(tenant, case, LetterKind.CONTACT_LETTER, ContactLetter(), now=now, actor=actor).id
