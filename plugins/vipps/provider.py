"""Vipps as a payment provider: one ePayment per press, reserved by the payer in the app and taken by us at once."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from marshmallow import Schema

from plugins.vipps.agreement import Agreement
from plugins.vipps.client import Said, VippsClient, amount, ore_of
from plugins.vipps.errors import Conflict
from plugins.vipps.news import EVENTS, moment, news_of
from plugins.vipps.signature import verify
from plugins.vipps.tokens import Tokens
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

MAX_DESCRIPTION = 100


class VippsProvider:
    """See `saas.hooks.PaymentProvider`. Keeps access tokens and nothing else."""

    slug = "vipps"
    name = "Vipps"
    smallest_ore = Ore(100)
    largest_ore = Ore(65_000_000)
    settings_schema: type[Schema] = Agreement
    bank_names: Sequence[str] = ("vipps",)
    tells_payouts = False
    fee_permille = 40  # above any price of theirs we know of [memory]; with gross settlement it is nothing

    def __init__(self) -> None:
        self._tokens = Tokens()

    def origins(self, account: Account) -> Sequence[str]:
        """Vipps' pages, or a simulator's own."""
        return (*account.public["landing_origins"], *filter(None, [account.base_url]))

    def begin(self, account: Account, order: PayOrder) -> Begun:
        """Make a payment of this sum. Made before, and still open, it is the one that was made."""
        body = {
            "amount": amount(order.amount_ore),
            "paymentMethod": {"type": "WALLET"},
            "reference": order.reference,
            "returnUrl": order.return_url,
            "userFlow": "WEB_REDIRECT",
            "paymentDescription": order.description[:MAX_DESCRIPTION],
        }
        with self._client(account) as vipps:
            try:
                made = vipps.create(body, order.reference)
            except Conflict:
                made = vipps.payment(order.reference)
                if made["state"] != "CREATED" or made["amount"] != amount(order.amount_ore):
                    raise
        if not made.get("redirectUrl"):
            raise ProviderSaysNo("payment_without_url")
        return Begun(order.reference, made["redirectUrl"], order.expires_at)

    def look_up(self, account: Account, provider_reference: str) -> ProviderState:
        """What the payment's sums say: they tell of taking and sending back, its state does not."""
        with self._client(account) as vipps:
            payment = vipps.payment(provider_reference)
            state = _state(payment)
            if state.state is not PayState.PAID:
                return state
            return _state(payment, _approved_at(vipps.events(provider_reference)))

    def settle(self, account: Account, provider_reference: str, amount_ore: Ore, idempotency_key: str) -> None:
        """Capture. What is in the way counts for nothing when no reservation is left: then it is taken, or gone."""
        with self._client(account) as vipps:
            try:
                vipps.capture(provider_reference, amount_ore, idempotency_key)
            except Conflict:
                if _state(vipps.payment(provider_reference)).reserved_ore:
                    raise

    def release(self, account: Account, provider_reference: str, idempotency_key: str) -> None:
        """Cancel, so that the payer's bank frees the money."""
        with self._client(account) as vipps:
            try:
                vipps.cancel(provider_reference, idempotency_key)
            except Conflict:
                if _state(vipps.payment(provider_reference)).reserved_ore:
                    raise

    def listen(self, account: Account, url: str) -> Mapping[str, str]:
        """Register the webhook, in place of any there is for the same address."""
        with self._client(account) as vipps:
            for hook in vipps.hooks():
                if hook["url"] == url:
                    vipps.remove_hook(hook["id"])
            made = vipps.add_hook(url, EVENTS)
        return {"webhook_secret": made["secret"], "webhook_url": url}

    def read_event(
        self, account: Account, raw: bytes, headers: Mapping[str, str], method_path: str, wall_now: datetime
    ) -> ProviderNews | None:
        """The event, when it is signed with our webhook's secret within five minutes of now."""
        secret, url = account.secrets["webhook_secret"], account.public["webhook_url"]
        verify(raw, headers, method_path, secret=secret, url=url, wall_now=wall_now)
        try:
            event = json.loads(raw)
            return news_of(event) if event["msn"] == account.public["msn"] else None
        except (KeyError, TypeError, ValueError) as error:  # signed, and no event as we know them
            raise ForgedEvent(f"unreadable: {type(error).__name__}") from None

    def refund(self, account: Account, payment_reference: str, amount_ore: Ore, idempotency_key: str) -> None:
        """Send money back to the payer."""
        with self._client(account) as vipps:
            vipps.refund(payment_reference, amount_ore, idempotency_key)

    def payout(self, account: Account, reference: str) -> ProviderPayoutTold:
        """Vipps sends no news of payouts, so there is nothing to look up here."""
        raise ProviderSaysNo("payouts_are_not_told")

    def payouts(self, account: Account, since: date) -> Sequence[str]:
        """None: only the bank tells of them."""
        return ()

    def _client(self, account: Account) -> VippsClient:
        return VippsClient(account, self._tokens)


_ENDED = {
    "ABORTED": ProviderState(PayState.FAILED, why="aborted"),
    "TERMINATED": ProviderState(PayState.FAILED, why="terminated"),
    "EXPIRED": ProviderState(PayState.EXPIRED),
    "CREATED": ProviderState(PayState.CREATED),
}


def _state(payment: Said, paid_at: datetime | None = None) -> ProviderState:
    """Authorised is not paid: it is paid when all that was reserved is taken, or what was not taken is let go."""
    if payment["state"] != "AUTHORIZED":
        return _ENDED[payment["state"]]
    sums = payment["aggregate"]
    authorised, taken, let_go, back = (
        ore_of(sums[f"{name}Amount"]) for name in ("authorized", "captured", "cancelled", "refunded")
    )
    if (reserved := authorised - taken - let_go) > 0:
        return ProviderState(PayState.PENDING, payment["reference"], reserved_ore=Ore(reserved))
    if not taken:
        return ProviderState(PayState.FAILED, why="cancelled")
    return ProviderState(
        PayState.PAID,
        payment_reference=payment["reference"],
        paid_ore=taken,
        refunded_ore=back,
        paid_at=paid_at,
    )


def _approved_at(events: list[Said]) -> datetime | None:
    """When the payer approved it: however late we take it, the payer was not later than that."""
    approved = [event["timestamp"] for event in events if event["name"] == "AUTHORIZED" and event["success"]]
    return moment(approved[0]) if approved else None


__all__ = ["VippsProvider"]
