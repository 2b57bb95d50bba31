"""Letters somebody asks for: that the case is closed (F37), a new code to log in with."""

from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from saas.cases.books import book_of
from saas.cases.lifecycle import get_case
from saas.cases.messages import queue_message
from saas.cases.models import Case, Debtor
from saas.dispatch.models import FAILED, WITHDRAWN, Dispatch
from saas.documents.letter import LetterKind
from saas.documents.particulars import ClosingConfirmation, LoginCode
from saas.kernel.errors import Refused
from saas.rules.facts import Stage
from saas.rules.money import Ore
from saas.rules.words import say
from tenants.resolve import Tenant

CODE_EVERY_DAYS = 7
"""So seldom a new code is sent: whoever asks again waits for the letter that is on its way."""

_MAX_NUMBER = 2**63


def confirm_closing(tenant: Tenant, case_id: UUID, *, now: datetime, actor: str) -> Dispatch:
    """Have a confirmation that the case is closed sent to the debtor. Asked again on the same facts it is one letter.

    Raises NotFound, Refused while the case is open.
    """
    case = get_case(tenant, case_id, lock=True)
    if case.stage != Stage.CLOSED or case.closed_on is None:
        raise Refused("open", say("Saken er ikke avsluttet ennå."))
    earlier = _latest(tenant, case, LetterKind.CLOSING_CONFIRMATION, since=case.closed_on)
    if earlier is not None:
        return earlier
    paid_ore = sum(ore for _, ore in book_of(tenant, [case.id])[case.id].payments)
    told = ClosingConfirmation(case.closed_on, case.closed_because, Ore(max(0, paid_ore)))
    return queue_message(tenant, case, LetterKind.CLOSING_CONFIRMATION, told, now=now, actor=actor)


def ask_for_code(tenant: Tenant, case_number: int, postcode: str, *, now: datetime) -> None:
    """Send a new code to the address we have, when case number and postcode belong together.

    Says nothing of whether they do: whoever asks learns nothing of who owes. The edge limits how often it is asked.
    """
    case = tenant.session.scalar(
        sa.select(Case)
        .join(Debtor, sa.and_(Debtor.tenant_id == Case.tenant_id, Debtor.id == Case.debtor_id))
        .where(
            Case.tenant_id == tenant.id,
            Case.number == (case_number if 0 < case_number < _MAX_NUMBER else 0),
            Case.stage != Stage.CLOSED,
            Case.case_key.is_not(None),
            Debtor.postcode == postcode.strip(),
        )
        .with_for_update(of=Case)
    )
    since = now.date() - timedelta(days=CODE_EVERY_DAYS)
    if case is not None and _latest(tenant, case, LetterKind.LOGIN_CODE, since=since) is None:
        queue_message(tenant, case, LetterKind.LOGIN_CODE, LoginCode(), now=now, actor="debtor")


def _latest(tenant: Tenant, case: Case, kind: LetterKind, *, since: date) -> Dispatch | None:
    """The newest letter of the kind that came to something, decided on that day or later."""
    return tenant.session.scalar(
        sa.select(Dispatch)
        .where(
            Dispatch.tenant_id == tenant.id,
            Dispatch.case_id == case.id,
            Dispatch.kind == kind,
            Dispatch.notice_of.is_(None),
            Dispatch.decided_on >= since,
            Dispatch.state.not_in((FAILED, WITHDRAWN)),
        )
        .order_by(Dispatch.id.desc())
        .limit(1)
    )
