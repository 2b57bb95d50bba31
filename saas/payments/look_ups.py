"""Ask the provider how far a payment has come: what brings in a payment whose news was lost.

A young attempt is asked about often, an old one seldom; one that was never begun, or has run out, is ended.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from saas.payments.asking import ask, question_of
from saas.payments.attempts import OPEN
from saas.payments.models import PayAttempt
from saas.payments.provider_news import take_in
from tenants.resolve import Tenant, open_tenant

YOUNGEST = timedelta(minutes=1)  # news comes within seconds when it comes
SHARE = 4  # asked again when a quarter of its age has passed since last time
MOST = 50  # at a time


def due(tenant: Tenant, wall_now: datetime) -> Sequence[UUID]:
    """Open attempts it is time to ask about, those longest unasked first."""
    last = sa.func.coalesce(PayAttempt.looked_up_at, PayAttempt.created_at)
    age, unasked = (sa.extract("epoch", wall_now - since) for since in (PayAttempt.created_at, last))
    return tenant.session.scalars(
        sa.select(PayAttempt.id)
        .where(
            PayAttempt.tenant_id == tenant.id,
            PayAttempt.state.in_(OPEN),
            PayAttempt.created_at <= wall_now - YOUNGEST,
            sa.or_(PayAttempt.looked_up_at.is_(None), unasked * SHARE >= age),
        )
        .order_by(last)
        .limit(MOST)
    ).all()


def provider_of(tenant_id: UUID, attempt_id: UUID) -> str:
    """The provider of an attempt."""
    with open_tenant(tenant_id) as tenant:
        return tenant.session.get_one(PayAttempt, (tenant.id, attempt_id)).provider


def look_up(tenant_id: UUID, attempt_id: UUID, *, wall_now: datetime) -> str | None:
    """Ask about one attempt and let the answer have its effect. Returns what came of it; None when nothing is new.

    The provider is asked outside any transaction. Raises ProviderDown.
    """
    with open_tenant(tenant_id) as tenant:
        attempt = tenant.session.get_one(PayAttempt, (tenant.id, attempt_id))
        attempt.looked_up_at = wall_now
        if attempt.state not in OPEN:
            return None
        question = question_of(tenant, attempt, wall_now)
    answer = ask(tenant_id, question, wall_now)
    with open_tenant(tenant_id) as tenant:
        outcome = take_in(tenant, question.slug, answer, wall_now=wall_now) if answer.news else None
    if answer.down:
        raise answer.down
    return outcome
