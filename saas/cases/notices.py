"""Notices (varsler): an e-mail or SMS that a letter lies in the portal; one that does not arrive is told the next way.

When no way is left, a person is asked, for letters that must reach the debtor: telling again then sends the letter
itself by the next rung of its ladder.
"""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.facts import known_of
from saas.cases.messages import ask_soon, no_longer_true, queue_again, queue_notice
from saas.cases.models import Case
from saas.cases.ways import NOT_SENT, Ways
from saas.dispatch.ladder import NOTICES, media_for
from saas.dispatch.models import FAILED, HANDED_OVER, SENT, Dispatch
from saas.hooks import Medium
from saas.rules.facts import CaseFacts, DebtorKind
from tenants.resolve import Tenant

NOT_TOLD, OPENED = "not_told", "opened"


def tell_of(tenant: Tenant, case: Case, letter: Dispatch, *, now: datetime, replaces: Dispatch | None = None) -> bool:
    """Tell the debtor of a letter in the portal by the first way that is open. Whether there is one."""
    way = Ways(tenant, [case], now).notice(case, letter.kind, NOTICES)
    if way is None:
        return False
    notice = queue_notice(tenant, case, letter, way.slug, way.medium, now=now)
    notice.replaces = replaces.id if replaces else None
    return True


def tell_by_next_way(tenant: Tenant, case: Case, notice: Dispatch, *, now: datetime) -> None:
    """A notice did not arrive: the next way, or a person where the letter must reach the debtor. The case is locked."""
    tenant.session.flush()  # the way that failed counts as tried
    letter = _letter_of(tenant, notice)
    known = known_of(tenant, [case.id], now.date())[case.id]
    if _needless(tenant, case, letter, known.facts) or tell_of(tenant, case, letter, now=now, replaces=notice):
        return
    debtor_is_private = Ways(tenant, [case], now).debtors[case.debtor_id].kind != DebtorKind.COMPANY
    if Medium.PAPER in media_for(letter.kind, private=debtor_is_private):
        notice.attention = NOT_TOLD


def tell_again(tenant: Tenant, case: Case, notice: Dispatch, *, now: datetime) -> None:
    """A person wants the debtor told: by a way that is left, else the letter itself by its next rung."""
    tenant.session.flush()
    letter = _letter_of(tenant, notice)
    if tell_of(tenant, case, letter, now=now, replaces=notice):
        return
    if letter.state == SENT:
        letter.state, letter.why = FAILED, f"{NOT_SENT}{NOT_TOLD}"  # so that the portal counts as tried
        tenant.session.flush()
    ask_soon(tenant, [queue_again(tenant, letter, now.date(), now=now)])


def needless(tenant: Tenant, case: Case, notice: Dispatch, facts: CaseFacts) -> str | None:
    """Why nobody need be told of the letter any more, as a code; None when they should."""
    return _needless(tenant, case, _letter_of(tenant, notice), facts)


def note_read(tenant: Tenant, dispatch_id: UUID, on: date) -> None:
    """The debtor has a letter before them."""
    read = sa.update(Dispatch).where(
        Dispatch.tenant_id == tenant.id,
        Dispatch.id == dispatch_id,
        Dispatch.opened_on.is_(None),
        Dispatch.state.in_((HANDED_OVER, SENT)),
    )
    tenant.session.execute(read.values(opened_on=on))


def _letter_of(tenant: Tenant, notice: Dispatch) -> Dispatch:
    return tenant.session.get_one(Dispatch, (tenant.id, notice.notice_of))


def _needless(tenant: Tenant, case: Case, letter: Dispatch, facts: CaseFacts) -> str | None:
    if letter.opened_on is not None:
        return OPENED
    return no_longer_true(tenant, case, letter, facts)
