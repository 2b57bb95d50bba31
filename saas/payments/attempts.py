"""Payments by card or Vipps begun (betalingsforsøk): one press on «Betal» is one attempt.

The attempt is a row before the provider hears of it, so that news of it can never be of something unknown, and its id
is both our reference and the idempotency key: pressed twice, or asked again after a time-out, it is one payment. What
the provider answers here only says where to pay. That it was paid is told by news (`provider_news`) or asked
(`look_ups`), never by the payer coming back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert

from saas.cases.lifecycle import get_case, record_on_case
from saas.cases.queries import case_view
from saas.hooks import Account, Begun, PaymentProvider, PayOrder, PayState, ProviderDown, ProviderTrouble
from saas.kernel import clock
from saas.kernel.errors import BadInput, NotFound, Refused
from saas.payments.models import PayAttempt, Payment
from saas.payments.providers import offered, provider_named
from saas.rules.money import Ore
from saas.rules.words import Kroner, say
from tenants.accounts import account_of
from tenants.resolve import Tenant, open_tenant

MINUTES_TO_PAY = 60
OPEN = (PayState.CREATED, PayState.PENDING)
_DOWN = say(
    "Vi får ikke kontakt med betalingstjenesten. Ingen penger er trukket. "
    "Betal med KID og kontonummer, eller prøv igjen om litt."
)
_USED = say("Denne betalingen er begynt på før. Last siden på nytt for å se hvor langt den kom.")
_log = structlog.get_logger("payments")


@dataclass(frozen=True, slots=True)
class Press:
    """What a payer chose on the page."""

    attempt_id: UUID  # made with the page: the same form sent twice is one attempt
    case_id: UUID
    provider: str
    amount_ore: Ore
    return_url: str  # where the payer comes back to
    cancel_url: str
    locale: str  # nb, nn, en


def begin(tenant_id: UUID, press: Press, *, wall_now: datetime) -> str:
    """Begin a payment of all or part of what is owed at this moment. Returns the address where it is made.

    Asks the provider, outside any transaction; it gives up within ten seconds. Raises BadInput (`amount`, `provider`),
    NotFound, Refused: `closed`, `provider_down` (nothing was drawn; the same form may be sent again) or `begun_before`
    (the form was used, and its payment is no longer open).
    """
    with open_tenant(tenant_id) as tenant:
        attempt = _attempt(tenant, press, wall_now)
        if attempt.url:
            return attempt.url
        provider, account = provider_named(press.provider), account_of(tenant, press.provider)
        order = _order(tenant, attempt, press)
    begun = _begun(provider, account, order, tenant_id)
    with open_tenant(tenant_id) as tenant:
        return _note_begun(tenant, press, begun)


def new_attempt_id() -> UUID:
    """For a form that is about to be shown: nobody can guess it."""
    return uuid4()


def attempt_of(tenant: Tenant, case_id: UUID, attempt_id: UUID) -> PayAttempt | None:
    """An attempt to pay this very case."""
    return tenant.session.scalar(
        sa.select(PayAttempt).where(
            PayAttempt.tenant_id == tenant.id, PayAttempt.id == attempt_id, PayAttempt.case_id == case_id
        )
    )


def under_way_ore(tenant: Tenant, case_id: UUID) -> Ore:
    """What was paid by card or the like and is not certain, or not placed, yet: so that nobody pays it twice."""
    pending = sa.select(PayAttempt.amount_ore).where(
        PayAttempt.tenant_id == tenant.id, PayAttempt.case_id == case_id, PayAttempt.state == PayState.PENDING
    )
    received = sa.select(Payment.amount_ore).where(
        Payment.tenant_id == tenant.id, Payment.case_id == case_id, Payment.attempt_id.is_not(None),
        Payment.state == "new",
    )  # fmt: skip
    return Ore(sum(tenant.session.scalars(pending)) + sum(tenant.session.scalars(received)))


def _attempt(tenant: Tenant, press: Press, wall_now: datetime) -> PayAttempt:
    """The attempt of this form, made now unless the form was sent before."""
    view = case_view(tenant, press.case_id, clock.today(tenant))
    if view.is_closed:
        raise Refused("closed", say("Saken er avsluttet. Du trenger ikke å betale."))
    known = tenant.session.get(PayAttempt, (tenant.id, press.attempt_id))
    if known is not None:
        return _still_open(known, view.case_id, press)
    creditor_id = get_case(tenant, view.case_id).creditor_id
    provider = next((one for one in offered(tenant, creditor_id) if one.slug == press.provider), None)
    if provider is None:
        raise BadInput({"provider": say("Velg hvordan du vil betale.")})
    _check_amount(press.amount_ore, view.total_ore, provider)
    row = {"tenant_id": tenant.id, "id": press.attempt_id, "creditor_id": creditor_id, "case_id": view.case_id,
           "provider": provider.slug, "reference": str(press.attempt_id), "provider_reference": "", "url": "",
           "amount_ore": press.amount_ore, "state": PayState.CREATED, "created_at": wall_now, "refunded_ore": 0,
           "why": "", "expires_at": wall_now.replace(microsecond=0) + timedelta(minutes=MINUTES_TO_PAY)}  # fmt: skip
    new = tenant.session.scalar(insert(PayAttempt).values(row).on_conflict_do_nothing().returning(PayAttempt.id))
    attempt = tenant.session.get_one(PayAttempt, (tenant.id, press.attempt_id))
    if new is None:
        return _still_open(attempt, view.case_id, press)
    body = {"attempt": str(attempt.id), "provider": provider.slug, "amount_ore": press.amount_ore}
    now, case = clock.now(tenant), get_case(tenant, view.case_id)
    record_on_case(tenant, case, "payment.begun", body, now=now, actor="debtor")
    return attempt


def _still_open(attempt: PayAttempt, case_id: UUID, press: Press) -> PayAttempt:
    """The attempt, when the form is the same and it can still be paid. Raises Refused."""
    same = (attempt.case_id, attempt.provider, attempt.amount_ore) == (case_id, press.provider, press.amount_ore)
    if not same or attempt.state != PayState.CREATED:
        raise Refused("begun_before", _USED)
    return attempt


def _check_amount(amount_ore: Ore, owed_ore: Ore, provider: PaymentProvider) -> None:
    if amount_ore > owed_ore:
        most = say("Du kan betale høyst {amount}. Det er hele beløpet som gjenstår.", amount=Kroner(owed_ore))
        raise BadInput({"amount": most})
    least_ore = max(1, provider.smallest_ore)
    if amount_ore < least_ore:
        least = say("Du må betale minst {amount} med {way}.", amount=Kroner(least_ore), way=provider.name)
        raise BadInput({"amount": least})
    if amount_ore > provider.largest_ore:
        most = say(
            "Du kan betale høyst {amount} om gangen med {way}. Velg å betale en del av beløpet.",
            amount=Kroner(provider.largest_ore),
            way=provider.name,
        )
        raise BadInput({"amount": most})


def _order(tenant: Tenant, attempt: PayAttempt, press: Press) -> PayOrder:
    assert attempt.expires_at is not None, "every attempt is made with an end"
    number = get_case(tenant, attempt.case_id).number
    return PayOrder(
        reference=attempt.reference,
        amount_ore=Ore(attempt.amount_ore),
        description=f"{tenant.settings.name}, sak {number}",
        return_url=press.return_url,
        cancel_url=press.cancel_url,
        locale=press.locale,
        expires_at=attempt.expires_at,
    )


def _begun(provider: PaymentProvider, account: Account, order: PayOrder, tenant_id: UUID) -> Begun:
    try:
        begun = provider.begin(account, order)
    except ProviderTrouble as trouble:
        level = _log.warning if isinstance(trouble, ProviderDown) else _log.error
        level("provider_trouble", provider=provider.slug, tenant=str(tenant_id), error=str(trouble))
        raise Refused("provider_down", _DOWN) from None
    if origin_of(begun.url) not in provider.origins(account):
        _log.error("provider_address_unknown", provider=provider.slug, tenant=str(tenant_id))
        raise Refused("provider_down", _DOWN)
    return begun


def _note_begun(tenant: Tenant, press: Press, begun: Begun) -> str:
    attempt = tenant.session.get(PayAttempt, (tenant.id, press.attempt_id), with_for_update=True)
    if attempt is None:
        raise NotFound("Vi finner ikke betalingen.")
    attempt.provider_reference, attempt.url, attempt.expires_at = begun.provider_reference, begun.url, begun.expires_at
    return attempt.url


def origin_of(url: str) -> str:
    """`https://host[:port]` of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
