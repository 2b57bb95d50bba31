"""News from payment providers: a signed call becomes a row, and a job works the rows off.

News comes at least once, late, and in any order. So each piece is kept once under its own id; money is booked under
the provider's name of the payment, whichever piece of news comes first; paid is final; and what cannot be worked off
yet, money going back before it came, waits until it can.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert

from saas.cases.lifecycle import get_case, head_of, place_hold, record_on_case
from saas.cases.models import Case
from saas.hooks import NewsKind, PayState, ProviderDown, ProviderNews, ProviderPayoutTold, ProviderTrouble
from saas.kernel import clock
from saas.kernel.errors import BadInput, Refused
from saas.kernel.ids import new_id
from saas.ledger.models import IN_TRANSIT
from saas.payments.asking import Answer, ask, question_of
from saas.payments.matching import BY_ATTEMPT
from saas.payments.models import PayAttempt, Payment, ProviderEvent
from saas.payments.provider_payouts import book_told
from saas.payments.providers import provider_named
from saas.payments.reversals import money_went_back
from saas.rules.facts import HoldReason, Stage
from saas.rules.money import Ore
from tenants.accounts import account_of
from tenants.resolve import Tenant, open_tenant

BOOKED, KNOWN, NOTED, UNKNOWN, PERSON = "booked", "known", "noted", "unknown", "waits_for_person"
GIVE_UP_AFTER = timedelta(days=7)  # longer than any provider goes on sending
ACTOR = "worker"
log = structlog.get_logger("payments")


# --- in ---------------------------------------------------------------------------------------------------------------


def keep_news(tenant: Tenant, provider: str, news: ProviderNews, *, wall_now: datetime) -> UUID | None:
    """Keep a verified piece of news. Returns the row's id; None when it is known.

    What is kept is what we understood: the provider's own words hold names and addresses that are none of our business.
    """
    row = {"tenant_id": tenant.id, "id": new_id(), "provider": provider, "event_id": news.event_id, "kind": news.name,
           "body": _as_json(news), "received_at": wall_now, "outcome": ""}  # fmt: skip
    return tenant.session.scalar(insert(ProviderEvent).values(row).on_conflict_do_nothing().returning(ProviderEvent.id))


def has_waiting(tenant: Tenant) -> bool:
    """Whether any news is not worked off."""
    waiting = sa.exists().where(ProviderEvent.tenant_id == tenant.id, ProviderEvent.done_at.is_(None))
    return bool(tenant.session.scalar(sa.select(waiting)))


def _as_json(news: ProviderNews) -> dict[str, Any]:
    return {"kind": news.kind, "at": news.at.isoformat(), "reference": news.reference,
            "payment_reference": news.payment_reference, "amount_ore": news.amount_ore, "about": news.about,
            "note": news.note}  # fmt: skip


def _news_of(event: ProviderEvent) -> ProviderNews:
    body = event.body
    return ProviderNews(
        event_id=event.event_id,
        name=event.kind,
        kind=NewsKind(body["kind"]),
        at=datetime.fromisoformat(body["at"]),
        reference=body["reference"],
        payment_reference=body["payment_reference"],
        amount_ore=Ore(body["amount_ore"]),
        about=body["about"],
        note=body["note"],
    )


# --- worked off -------------------------------------------------------------------------------------------------------


def work_off(tenant_id: UUID, *, wall_now: datetime) -> int:
    """Go once through the news that waits, oldest first, each in a transaction of its own. Returns how many were done.

    Run twice, or by two at once, each is done once. What fails stays, and does not stand in the way of the rest.
    """
    with open_tenant(tenant_id) as tenant:
        waiting = tenant.session.scalars(
            sa.select(ProviderEvent.id)
            .where(ProviderEvent.tenant_id == tenant.id, ProviderEvent.done_at.is_(None))
            .order_by(ProviderEvent.received_at, ProviderEvent.id)
        ).all()
    done, down = 0, set[str]()
    for event_id in waiting:
        try:
            done += _work_off_one(tenant_id, event_id, wall_now, down)
        except Exception as error:
            log.error("provider_news_failed", event=str(event_id), error=type(error).__name__, exc_info=error)
    return done


def _work_off_one(tenant_id: UUID, event_id: UUID, wall_now: datetime, down: set[str]) -> bool:
    """`down` are the providers that did not answer this time; they are not waited for once more."""
    with open_tenant(tenant_id) as tenant:
        event = _locked(tenant, event_id)
        if event is None:
            return False
        news, provider = _news_of(event), event.provider
        if news.kind not in (NewsKind.PAYOUT, NewsKind.CHANGED):
            return _finish(event, apply(tenant, provider, news), wall_now)
    if provider in down:
        return False
    if news.kind is NewsKind.CHANGED:
        return _work_off_changed(tenant_id, event_id, provider, news, wall_now, down)
    return _work_off_payout(tenant_id, event_id, provider, news, wall_now)


def _locked(tenant: Tenant, event_id: UUID) -> ProviderEvent | None:
    """The event, when it still waits and nobody else is at it."""
    return tenant.session.scalar(
        sa.select(ProviderEvent)
        .where(ProviderEvent.tenant_id == tenant.id, ProviderEvent.id == event_id, ProviderEvent.done_at.is_(None))
        .with_for_update(skip_locked=True)
    )


def _finish(event: ProviderEvent, outcome: str | None, wall_now: datetime) -> bool:
    """Note what came of it; None leaves it waiting, until nobody expects anything any more."""
    if outcome is None and wall_now - event.received_at > GIVE_UP_AFTER:
        log.error("provider_news_given_up", event=str(event.id), kind=event.kind)
        outcome = UNKNOWN
    if outcome is None:
        return False
    event.outcome, event.done_at = outcome, wall_now
    return True


def _work_off_payout(tenant_id: UUID, event_id: UUID, provider: str, news: ProviderNews, wall_now: datetime) -> bool:
    """The provider is asked what is in the payout, outside any transaction."""
    told: ProviderPayoutTold | None = None
    outcome: str | None = None
    with open_tenant(tenant_id) as tenant:
        account = account_of(tenant, provider)
    try:
        told = provider_named(provider).payout(account, news.about)
    except ProviderDown:
        return False
    except ProviderTrouble as trouble:
        log.error("payout_not_told", provider=provider, tenant=str(tenant_id), error=str(trouble))
        outcome = PERSON
    with open_tenant(tenant_id) as tenant:
        event = _locked(tenant, event_id)
        if event is None:
            return False
        if told is not None and told.complete:
            outcome = BOOKED if book_told(tenant, provider, told, actor=ACTOR) else KNOWN
        return _finish(event, outcome, wall_now)


def _work_off_changed(
    tenant_id: UUID, event_id: UUID, provider: str, news: ProviderNews, wall_now: datetime, down: set[str]
) -> bool:
    """The payment has moved: the provider is asked how it stands, outside any transaction."""
    with open_tenant(tenant_id) as tenant:
        attempt = _attempt(tenant, provider, news.reference)
        question = question_of(tenant, attempt, wall_now, news.payment_reference) if attempt else None
    answer = Answer()
    if question is not None:
        try:
            answer = ask(tenant_id, question, wall_now)
        except ProviderDown as error:
            answer = Answer(down=error)
    if answer.down:
        log.warning("provider_down", provider=provider, error=str(answer.down))
        down.add(provider)
    with open_tenant(tenant_id) as tenant:
        event = _locked(tenant, event_id)
        if event is None:
            return False
        if question is None:
            outcome = UNKNOWN
        elif answer.refused:
            outcome = _trouble(tenant, provider, replace(news, note=f"not_told {answer.refused}"))
        else:
            outcome = take_in(tenant, provider, answer, wall_now=wall_now)
        return _finish(event, None if answer.down else outcome, wall_now)


def take_in(tenant: Tenant, provider: str, answer: Answer, *, wall_now: datetime) -> str:
    """Let an answer have its effect. Money that went back is kept as news: it waits until the payment is placed."""
    outcomes = []
    for told in answer.news:
        if told.kind is NewsKind.REFUNDED:
            keep_news(tenant, provider, told, wall_now=wall_now)
        else:
            outcomes.append(apply(tenant, provider, told))
    return next((one for one in (BOOKED, PERSON, KNOWN) if one in outcomes), NOTED)


# --- what each kind does ----------------------------------------------------------------------------------------------


def apply(tenant: Tenant, provider: str, news: ProviderNews) -> str | None:
    """Let a piece of news have its effect. Returns what came of it, a code; None when it must wait for other news."""
    match news.kind:
        case NewsKind.NOTED:
            return NOTED
        case NewsKind.PENDING | NewsKind.FAILED | NewsKind.EXPIRED:
            return _attempt_moves(tenant, provider, news)
        case NewsKind.PAID:
            return _paid(tenant, provider, news)
        case NewsKind.TROUBLE:
            return _trouble(tenant, provider, news)
        case _:
            return _about_a_payment(tenant, provider, news)


def _attempt(tenant: Tenant, provider: str, reference: str) -> PayAttempt | None:
    """The attempt with our reference, locked."""
    return tenant.session.scalar(
        sa.select(PayAttempt)
        .where(PayAttempt.tenant_id == tenant.id, PayAttempt.provider == provider, PayAttempt.reference == reference)
        .with_for_update()
    )


_STEPS = {NewsKind.PENDING: PayState.PENDING, NewsKind.FAILED: PayState.FAILED, NewsKind.EXPIRED: PayState.EXPIRED}


def _attempt_moves(tenant: Tenant, provider: str, news: ProviderNews) -> str:
    attempt = _attempt(tenant, provider, news.reference)
    if attempt is None:
        return UNKNOWN
    state = _STEPS[news.kind]
    may_move = (PayState.CREATED,) if state is PayState.PENDING else (PayState.CREATED, PayState.PENDING)
    if attempt.state not in may_move:  # older than what we know
        return KNOWN
    attempt.state, attempt.why = state, news.note
    if state is not PayState.PENDING:
        attempt.settled_at = news.at
    _tell(tenant, attempt, f"payment.{state}", {"why": news.note})
    return NOTED


def _paid(tenant: Tenant, provider: str, news: ProviderNews) -> str:
    """A row for the money, once; placing takes it from there. Paid is final, whatever was said before."""
    attempt = _attempt(tenant, provider, news.reference)
    if attempt is None:
        return UNKNOWN
    if not news.payment_reference or news.amount_ore <= 0:
        return PERSON
    on = paid_day(tenant, news.at)
    key = f"{provider}:{news.payment_reference}"
    payment_id = _note_payment(tenant, attempt, key, news.amount_ore, on)
    if payment_id is None:
        return KNOWN
    attempt.state, attempt.settled_at, attempt.why = PayState.PAID, news.at, ""
    body = {"payment": str(payment_id), "amount_ore": news.amount_ore, "on": on.isoformat()}
    if news.amount_ore != attempt.amount_ore:
        body["begun_with_ore"] = attempt.amount_ore
    _tell(tenant, attempt, "payment.received", body)
    return BOOKED


def paid_day(tenant: Tenant, at: datetime) -> date:
    """The day a payment counts from: when the provider says it was paid, in Oslo; in a sandbox, the sandbox's day."""
    return clock.today(tenant) if tenant.sandbox_on else at.astimezone(clock.OSLO).date()


def _note_payment(tenant: Tenant, attempt: PayAttempt, key: str, amount_ore: Ore, on: date) -> UUID | None:
    """A new payment on the attempt's case; None when its key is known."""
    case = get_case(tenant, attempt.case_id)
    row = {"tenant_id": tenant.id, "id": new_id(), "file_id": None, "provider": attempt.provider,
           "attempt_id": attempt.id, "key": key, "account": tenant.settings.client_account, "kid": case.kid,
           "amount_ore": amount_ore, "value_on": on, "text": "", "debit_account": "", "state": "new",
           "case_id": case.id, "matched_by": BY_ATTEMPT, "why": ""}  # fmt: skip
    return tenant.session.scalar(insert(Payment).values(row).on_conflict_do_nothing().returning(Payment.id))


def _about_a_payment(tenant: Tenant, provider: str, news: ProviderNews) -> str | None:
    """Money that goes back, or is disputed. It waits for the payment itself to be known and placed."""
    payment = tenant.session.scalar(
        sa.select(Payment).where(Payment.tenant_id == tenant.id, Payment.key == f"{provider}:{news.payment_reference}")
    )
    if payment is None or payment.attempt_id is None or payment.state == "new":
        return None
    known = tenant.session.get_one(PayAttempt, (tenant.id, payment.attempt_id))
    case = head_of(tenant, known.case_id)  # cases are locked before all that belongs to them
    attempt = _attempt(tenant, provider, known.reference)
    assert attempt is not None, "read a moment ago, and attempts are never deleted"
    do: Callable[[Tenant, Case, PayAttempt, Payment, ProviderNews], str | None] = {
        NewsKind.REFUNDED: _refunded,
        NewsKind.DISPUTED: _disputed,
        NewsKind.TAKEN_BACK: _taken_back,
        NewsKind.GIVEN_BACK: _given_back,
    }[news.kind]
    return do(tenant, case, attempt, payment, news)


def _refunded(tenant: Tenant, case: Case, attempt: PayAttempt, payment: Payment, news: ProviderNews) -> str | None:
    """The provider tells what has gone back in all; only what is new since last counts."""
    more_ore = Ore(news.amount_ore - attempt.refunded_ore)
    if more_ore <= 0:
        return KNOWN
    attempt.refunded_ore = news.amount_ore
    return _went_back(tenant, case, payment, more_ore, "refunded", news)


def _disputed(tenant: Tenant, case: Case, attempt: PayAttempt, payment: Payment, news: ProviderNews) -> str | None:
    _stop(tenant, case, f"{attempt.provider}: payment disputed, {news.about}, {news.note}")
    return NOTED


def _taken_back(tenant: Tenant, case: Case, attempt: PayAttempt, payment: Payment, news: ProviderNews) -> str | None:
    attempt.charged_back_ore += news.amount_ore
    return _went_back(tenant, case, payment, news.amount_ore, "charged_back", news)


def _given_back(tenant: Tenant, case: Case, attempt: PayAttempt, payment: Payment, news: ProviderNews) -> str | None:
    """A dispute won: the money is there again, as a payment of its own."""
    if attempt.charged_back_ore < news.amount_ore:
        return None  # it has not been taken yet, as far as we know
    attempt.charged_back_ore -= news.amount_ore
    on = paid_day(tenant, news.at)
    key = f"{payment.key}:given_back:{news.about}"
    return BOOKED if _note_payment(tenant, attempt, key, news.amount_ore, on) else KNOWN


def _went_back(tenant: Tenant, case: Case, payment: Payment, amount_ore: Ore, why: str, news: ProviderNews) -> str:
    """Out of the book, as money that left what was on its way; a person looks when it cannot be."""
    now, on = clock.now(tenant), paid_day(tenant, news.at)
    told = f"{payment.provider}:{news.event_id}"
    try:
        money_went_back(tenant, payment.id, amount_ore, why, left=IN_TRANSIT, on=on, news=told, now=now, actor=ACTOR)
    except (Refused, BadInput) as no:
        code = no.code if isinstance(no, Refused) else "amount"
        _stop(tenant, case, f"{payment.provider}: {amount_ore} øre {why}, payment {payment.id}: {code}")
        return PERSON
    return BOOKED


def _trouble(tenant: Tenant, provider: str, news: ProviderNews) -> str:
    """A person must look; the case it is about stands still until then."""
    log.error("provider_trouble_told", provider=provider, tenant=str(tenant.id), news=news.name, note=news.note)
    known = tenant.session.scalar(
        sa.select(PayAttempt).where(
            PayAttempt.tenant_id == tenant.id,
            PayAttempt.provider == provider,
            PayAttempt.reference == news.reference,
        )
    )
    if known is not None:
        _stop(tenant, head_of(tenant, known.case_id), f"{provider}: {news.name} {news.note}".strip())
    return PERSON


def _stop(tenant: Tenant, case: Case, note: str) -> None:
    """Hold the case for a person; of a closed one its history tells."""
    now = clock.now(tenant)
    if case.case_key is None:
        log.error("payment_needs_person", tenant=str(tenant.id), case=str(case.id))
    elif case.stage == Stage.CLOSED:
        record_on_case(tenant, case, "payment.needs_person", {"note": note}, now=now, actor=ACTOR)
    else:
        place_hold(tenant, case, HoldReason.PERSON, since=now.date(), note=note, now=now, actor=ACTOR)


def _tell(tenant: Tenant, attempt: PayAttempt, kind: str, body: dict[str, Any]) -> None:
    """The case's history; an anonymised case has none to add to."""
    case, now = get_case(tenant, attempt.case_id), clock.now(tenant)
    if case.case_key is not None:
        body = {"attempt": str(attempt.id), "provider": attempt.provider} | body
        record_on_case(tenant, case, kind, body, now=now, actor=ACTOR)
