"""Stripe as a payment provider: a Checkout Session per press, charged as the agency's own account."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import stripe
from marshmallow import Schema

from plugins.stripe.agreement import Agreement
from plugins.stripe.errors import sorted_errors
from plugins.stripe.news import CURRENCY, REFERENCE, id_of, news_of
from saas.hooks import (
    Account,
    Begun,
    ForgedEvent,
    PayOrder,
    PayState,
    ProviderNews,
    ProviderPayoutTold,
    ProviderSaysNo,
    ProviderState,
)
from saas.rules.money import Ore
from saas.rules.words import add_translations, say

add_translations(Path(__file__).parent / "locale")
CONNECT_SECONDS, READ_SECONDS, RETRIES = 1, 3.5, 1  # twice and the pause between come to less than ten seconds
TOLERANCE = timedelta(minutes=5)
_LOCALES = {"nb": "nb", "nn": "nb", "en": "en"}  # Stripe has no nynorsk


class StripeProvider:
    """See `saas.hooks.PaymentProvider`. Keeps nothing: each call is handed the agreement."""

    slug = "stripe"
    name: str = say("kort")
    smallest_ore = Ore(300)  # Stripe's least in kroner
    largest_ore = Ore(99_999_999)  # eight digits
    settings_schema: type[Schema] = Agreement
    bank_names: Sequence[str] = ("stripe",)
    tells_payouts = True
    fee_permille = 0  # it tells

    def origins(self, account: Account) -> Sequence[str]:
        """Stripe's page, or a simulator's own."""
        return (account.base_url or account.public["checkout_origin"],)

    def begin(self, account: Account, order: PayOrder) -> Begun:
        """Make a Checkout Session for this sum."""
        metadata = {REFERENCE: order.reference}
        params: Any = {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": CURRENCY,
                        "unit_amount": order.amount_ore,
                        "product_data": {"name": order.description},
                    },
                }
            ],
            "success_url": order.return_url,
            "cancel_url": order.cancel_url,
            "client_reference_id": order.reference,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata, "description": order.description},
            "expires_at": int(order.expires_at.timestamp()),
            "locale": _LOCALES.get(order.locale, "nb"),
        }
        with sorted_errors():
            session = _client(account).v1.checkout.sessions.create(
                params, options=_options(account) | {"idempotency_key": order.reference}
            )
        if not session.url:
            raise ProviderSaysNo("session_without_url")
        return Begun(session.id, session.url, datetime.fromtimestamp(session.expires_at, UTC))

    def look_up(self, account: Account, provider_reference: str) -> ProviderState:
        """The session, with its payment and the charge behind it."""
        with sorted_errors():
            found = _client(account).v1.checkout.sessions.retrieve(
                provider_reference, {"expand": ["payment_intent.latest_charge"]}, options=_options(account)
            )
        return _state(found.to_dict())

    def read_event(
        self, account: Account, raw: bytes, headers: Mapping[str, str], method_path: str, wall_now: datetime
    ) -> ProviderNews | None:
        """The event, when it is signed with our endpoint's secret within five minutes of now."""
        signature = headers.get("stripe-signature", "")
        try:
            event = _client(account).construct_event(
                raw, signature, account.secrets["webhook_secret"], int(TOLERANCE.total_seconds())
            )
            _check_moment(signature, wall_now)  # the library lets a moment in the future pass
            return news_of(json.loads(raw)) if _is_ours(event, account) else None
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise ForgedEvent(type(error).__name__) from None
        except (AttributeError, KeyError, TypeError) as error:  # signed, and no event as we know them
            raise ForgedEvent(f"unreadable: {type(error).__name__}") from None

    def settle(self, account: Account, provider_reference: str, amount_ore: Ore, idempotency_key: str) -> None:
        """Nothing: what is paid by card is taken at once."""

    def release(self, account: Account, provider_reference: str, idempotency_key: str) -> None:
        """Nothing: nothing is ever reserved."""

    def listen(self, account: Account, url: str) -> Mapping[str, str]:
        """The address is entered by hand at Stripe, which shows the secret there."""
        return {}

    def refund(self, account: Account, payment_reference: str, amount_ore: Ore, idempotency_key: str) -> None:
        """Send money back to the card."""
        with sorted_errors():
            _client(account).v1.refunds.create(
                {"payment_intent": payment_reference, "amount": amount_ore},
                options=_options(account) | {"idempotency_key": idempotency_key},
            )

    def payout(self, account: Account, reference: str) -> ProviderPayoutTold:
        """The payout, with the sum and the fees of every movement in it."""
        client, options = _client(account), _options(account)
        with sorted_errors():
            payout = client.v1.payouts.retrieve(reference, options=options)
            page = client.v1.balance_transactions.list({"payout": reference, "limit": 100}, options=options)
            moved = [each for each in page.auto_paging_iter() if each.type != "payout"]
        gross_ore, fee_ore = sum(each.amount for each in moved), sum(each.fee for each in moved)
        whole = payout.reconciliation_status in ("completed", "not_applicable")
        if whole and gross_ore - fee_ore != payout.amount:
            raise ProviderSaysNo("payout_does_not_add_up")
        return ProviderPayoutTold(
            reference=payout.id,
            gross_ore=Ore(gross_ore),
            fee_ore=Ore(fee_ore),
            arrived_on=_day(payout.arrival_date),
            complete=whole and payout.status == "paid",
        )

    def payouts(self, account: Account, since: date) -> Sequence[str]:
        """Those that are paid, page by page."""
        asked: Any = {"arrival_date": {"gte": _since(since)}, "status": "paid", "limit": 100}
        with sorted_errors():
            page = _client(account).v1.payouts.list(asked, options=_options(account))
            return [payout.id for payout in page.auto_paging_iter()]


def _since(day: date) -> int:
    """Midnight as Stripe counts days of arrival."""
    return int(datetime.combine(day, time(), UTC).timestamp())


def _client(account: Account) -> stripe.StripeClient:
    """A client of its own for each call: nothing of one tenant's is near another's."""
    addresses: Any = {"api": account.base_url} if account.base_url else {}
    return stripe.StripeClient(
        account.secrets["secret_key"],
        base_addresses=addresses,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
    )


def _options(account: Account) -> Any:
    """With Connect every call is made as the agency's own account, so that money never passes through the platform."""
    return {"stripe_account": account.public["account"]} if account.public["account"] else {}


def _check_moment(signature: str, wall_now: datetime) -> None:
    moments = [part[2:] for part in signature.split(",") if part.startswith("t=")]
    if datetime.fromtimestamp(int(moments[0]), UTC) > wall_now + TOLERANCE:
        raise ValueError("signed in the future")


def _is_ours(event: stripe.Event, account: Account) -> bool:
    """A Connect endpoint hears of every account of the platform, and of test payments too."""
    is_live = "_live_" in account.secrets["secret_key"]
    return event.livemode == is_live and (getattr(event, "account", None) or "") == account.public["account"]


def _state(session: dict[str, Any]) -> ProviderState:
    intent = session.get("payment_intent") or {}
    charge = intent.get("latest_charge") or {}
    if session["payment_status"] == "paid":
        return ProviderState(
            PayState.PAID,
            payment_reference=id_of(intent),
            paid_ore=Ore(intent["amount_received"]),
            refunded_ore=Ore(charge.get("amount_refunded", 0)),
            paid_at=datetime.fromtimestamp(charge["created"], UTC),
        )
    if session["status"] == "expired":
        return ProviderState(PayState.EXPIRED)
    if intent.get("status") == "processing":
        return ProviderState(PayState.PENDING, payment_reference=id_of(intent))
    return ProviderState(PayState.FAILED if session["status"] == "complete" else PayState.CREATED)


def _day(moment: int) -> date:
    return datetime.fromtimestamp(moment, UTC).date()


__all__ = ["StripeProvider"]
