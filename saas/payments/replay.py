"""Something charged on a case is taken off: what was paid is placed again on what is still owed (law D4, D6, I10).

What is then left over is the debtor's. Money already paid out to the creditor, or drawn by the agency, is made up from
what comes in next: `no_creditor_is_overpaid` and `no_more_drawn_than_earned` of the audit hold for every payout.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from saas.cases.books import family_of
from saas.cases.models import Case
from saas.ledger.post import Entry, post
from saas.payments.back_dated import take_back_all
from saas.payments.placing import place_again
from tenants.models import Creditor
from tenants.resolve import Tenant


def correct_and_replace(
    tenant: Tenant, case: Case, entries: Sequence[Entry], *, cause: UUID, reason: str, now: datetime, actor: str
) -> None:
    """Post correcting entries on a locked case, with all its payments placed anew around them.

    The entries name what they correct. Closes the case when it is covered now. Nothing happens without entries.
    """
    if entries:
        place_anew(tenant, case, entries, cause=cause, reason=reason, now=now, actor=actor)


def place_anew(
    tenant: Tenant, case: Case, entries: Sequence[Entry], *, cause: UUID, reason: str, now: datetime, actor: str
) -> None:
    """As `correct_and_replace`, also when nothing is to be corrected: the order or the interest is another now."""
    # the order in which the creditor's money is paid out and taken back must be plain: one at a time
    tenant.session.execute(
        sa.select(Creditor.id)
        .where(Creditor.tenant_id == tenant.id, Creditor.id == case.creditor_id)
        .with_for_update(key_share=True)
    )
    payments = take_back_all(tenant, family_of(tenant, [case.id]), f"{reason}:{cause}", now)
    post(tenant.session, entries, now)
    place_again(tenant, case, payments, cause=cause, now=now, actor=actor)
