"""The letters of a case, to read again: what was sent, what is on its way, and what was withdrawn and why."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from saas.cases.books import family_of
from saas.cases.lifecycle import get_case
from saas.dispatch.models import FAILED, HANDED_OVER, SENT, Dispatch
from saas.documents.letter import LetterKind
from saas.documents.models import StoredLetter
from saas.documents.store import OpenLetter, open_letter
from saas.kernel.errors import NotFound
from tenants.resolve import Tenant

LEFT_THE_HOUSE = (HANDED_OVER, SENT, FAILED)


@dataclass(frozen=True, slots=True)
class CaseLetter:
    """One letter of a case. It can be read once it has left the house: before that it may yet be withdrawn."""

    dispatch_id: UUID
    case_number: int
    kind: LetterKind
    state: str  # saas.dispatch.models
    on: date  # sent; else expected to be
    why: str  # it was withdrawn or failed, as a code
    pages: int

    @property
    def readable(self) -> bool:
        """Whether it is kept and has left the house."""
        return self.pages > 0 and self.state in LEFT_THE_HOUSE


def letters_of_case(tenant: Tenant, case_id: UUID) -> list[CaseLetter]:
    """Every letter of the case and of those joined into it, newest first; a notice that one has come is none.

    Raises NotFound.
    """
    case = get_case(tenant, case_id)
    head = case.joined_into or case.id
    numbers = {each: get_case(tenant, each).number for each in family_of(tenant, [head])}
    rows = tenant.session.execute(
        sa.select(Dispatch, StoredLetter.kind, StoredLetter.pages)
        .outerjoin(
            StoredLetter, sa.and_(StoredLetter.tenant_id == Dispatch.tenant_id, StoredLetter.dispatch_id == Dispatch.id)
        )
        .where(Dispatch.tenant_id == tenant.id, Dispatch.case_id.in_(numbers), Dispatch.notice_of.is_(None))
        .order_by(Dispatch.decided_on.desc(), Dispatch.id.desc())
    ).all()
    return [
        CaseLetter(
            row.id,
            numbers[row.case_id],
            LetterKind(kind or row.kind),
            row.state,
            row.sent_on or row.expected_sending_on,
            row.why,
            pages or 0,
        )
        for row, kind, pages in rows
    ]


def letter_of_case(
    tenant: Tenant, case_id: UUID, dispatch_id: UUID, *, for_staff: bool = False
) -> tuple[CaseLetter, OpenLetter]:
    """One letter of the case that has left the house, open; staff read one that has not as well.

    Raises NotFound, also for another case's letter.
    """
    found = next((each for each in letters_of_case(tenant, case_id) if each.dispatch_id == dispatch_id), None)
    if found is None or not (found.readable or (for_staff and found.pages)):
        raise NotFound("Vi finner ikke brevet.")
    return found, open_letter(tenant, dispatch_id)
