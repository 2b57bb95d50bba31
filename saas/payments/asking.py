"""Ask a provider how a payment stands, and take what its payer has reserved (trekk av reservert beløp).

Some providers only reserve when the payer approves: the money is ours when it is taken, so it is taken as soon as we
hear of it, and let go when nothing is owed any more. Nothing counts as paid before the provider says it is. The answer
is given as if it had come as news. The provider is asked outside any transaction, and what is asked for here may be
asked for again: the key of taking belongs to the attempt.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
import structlog

from saas.cases.lifecycle import get_case
from saas.cases.queries import case_view
from saas.hooks import Account, NewsKind, PayState, ProviderDown, ProviderNews, ProviderState, ProviderTrouble
from saas.kernel import clock
from saas.payments.models import PayAttempt, Payment
from saas.payments.providers import provider_named
from tenants.accounts import account_of
from tenants.resolve import Tenant, open_tenant

log = structlog.get_logger("payments")


@dataclass(frozen=True, slots=True)
class Question:
    """What must be known of an attempt to ask about it."""

    slug: str  # of the provider
    account: Account | None  # None: it was never begun there
    reference: str
    provider_reference: str
    case_id: UUID
    has_run_out: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What there is to apply; `down` when the provider went away before all of it was known, `refused` (a code) when it
    would not tell."""

    news: tuple[ProviderNews, ...] = ()
    refused: str = ""
    down: ProviderDown | None = None


def question_of(tenant: Tenant, attempt: PayAttempt, wall_now: datetime, provider_reference: str = "") -> Question:
    """The question of an attempt; `provider_reference` when the attempt itself does not know it yet."""
    theirs = attempt.provider_reference or provider_reference
    return Question(
        slug=attempt.provider,
        account=account_of(tenant, attempt.provider) if theirs else None,
        reference=attempt.reference,
        provider_reference=theirs,
        case_id=attempt.case_id,
        has_run_out=attempt.expires_at is not None and attempt.expires_at <= wall_now,
    )


def ask(tenant_id: UUID, question: Question, wall_now: datetime) -> Answer:
    """How it stands, with what was reserved taken. Raises ProviderDown when nothing could be learned."""
    if question.account is None:
        return Answer(_as_news(question, ProviderState(PayState.CREATED), wall_now))
    provider = provider_named(question.slug)
    try:
        state = provider.look_up(question.account, question.provider_reference)
    except ProviderDown:
        raise
    except ProviderTrouble as trouble:  # it stays open: what the provider will not tell is not thereby unpaid
        log.error("attempt_not_told", provider=question.slug, attempt=question.reference, error=str(trouble))
        return Answer(refused=str(trouble))
    news = _as_news(question, state, wall_now)
    if not state.reserved_ore:
        return Answer(news)
    try:
        _take_or_let_go(tenant_id, question, question.account, state)
        state = provider.look_up(question.account, question.provider_reference)
    except ProviderDown as down:
        return Answer(news, down=down)
    except ProviderTrouble as trouble:
        log.error("reserved_not_taken", provider=question.slug, attempt=question.reference, error=str(trouble))
        return Answer((*news, _news(question, NewsKind.TROUBLE, wall_now, note=f"not_taken {trouble}")))
    return Answer(news + _as_news(question, state, wall_now))


def _take_or_let_go(tenant_id: UUID, question: Question, account: Account, state: ProviderState) -> None:
    provider, theirs = provider_named(question.slug), question.provider_reference
    with open_tenant(tenant_id) as tenant:
        owed = _is_owed(tenant, question.case_id)
    if owed:
        provider.settle(account, theirs, state.reserved_ore, f"{question.reference}-settle")
    else:
        provider.release(account, theirs, f"{question.reference}-release")


def _is_owed(tenant: Tenant, case_id: UUID) -> bool:
    """Whether anything is left to pay, also when what has come in and is not placed yet is counted."""
    if get_case(tenant, case_id).case_key is None:
        return False
    view = case_view(tenant, case_id, clock.today(tenant))
    received = tenant.session.scalars(
        sa.select(Payment.amount_ore).where(
            Payment.tenant_id == tenant.id, Payment.case_id.in_({case_id, view.case_id}), Payment.state == "new"
        )
    )
    return not view.is_closed and view.total_ore > sum(received)


_KINDS = {
    PayState.PENDING: NewsKind.PENDING,
    PayState.PAID: NewsKind.PAID,
    PayState.FAILED: NewsKind.FAILED,
    PayState.EXPIRED: NewsKind.EXPIRED,
}


def _as_news(question: Question, state: ProviderState, wall_now: datetime) -> tuple[ProviderNews, ...]:
    """The answer as if it had come as news; none while it can still be paid."""
    kind = NewsKind.EXPIRED if question.has_run_out else None
    kind = _KINDS.get(state.state, kind)
    if kind is None:
        return ()
    told = _news(question, kind, wall_now, state, note=state.why)
    if not state.refunded_ore:
        return (told,)
    return told, _news(question, NewsKind.REFUNDED, wall_now, state)


def _news(
    question: Question, kind: NewsKind, wall_now: datetime, state: ProviderState | None = None, note: str = ""
) -> ProviderNews:
    state = state or ProviderState(PayState.PENDING)
    went_back = kind is NewsKind.REFUNDED
    return ProviderNews(
        event_id=f"look_up:{question.reference}:{kind}:{state.refunded_ore}",  # the same answer is the same news
        name=f"look_up.{kind}",
        kind=kind,
        at=wall_now if went_back else state.paid_at or wall_now,
        reference=question.reference,
        payment_reference=state.payment_reference,
        amount_ore=state.refunded_ore if went_back else state.paid_ore,
        note=note,
    )
