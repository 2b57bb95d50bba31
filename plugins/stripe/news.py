"""What Stripe's events mean: one table, read from the event's own object.

Both families of events of a payment, those of the Checkout Session and those of the PaymentIntent, name the
PaymentIntent and carry our reference in their metadata. Not every declined card is a failed payment: while the session
is open the payer tries another, so only the session tells that it is over.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from saas.hooks import NewsKind, ProviderNews
from saas.rules.money import NO_MONEY, Ore

REFERENCE = "reference"  # the key in Stripe's metadata
CURRENCY = "nok"
Said = dict[str, Any]  # an object of Stripe's, as plain values


def news_of(event: Said) -> ProviderNews:
    """What a verified event means to us; what we do not know is noted, and no more."""
    name, thing = event["type"], event["data"]["object"]
    told: Said = {"reference": _reference(thing)} | _READERS.get(name, _noted)(thing)
    if told.get("amount_ore") and thing.get("currency") != CURRENCY:
        told = told | {"kind": NewsKind.TROUBLE, "note": "wrong_currency"}
    return ProviderNews(
        event_id=event["id"],
        name=name,
        at=datetime.fromtimestamp(event["created"], UTC),
        **told,
    )


def _reference(thing: Said) -> str:
    return str((thing.get("metadata") or {}).get(REFERENCE, ""))


def id_of(value: Any) -> str:
    """An id, whether Stripe has expanded it to the whole object or not."""
    return str(value["id"] if isinstance(value, dict) else value or "")


def _noted(_: Said) -> Said:
    return {"kind": NewsKind.NOTED}


def _session(kind: NewsKind) -> Callable[[Said], Said]:
    def read(session: Said) -> Said:
        paid = kind is NewsKind.PAID
        return {
            "kind": kind,
            "payment_reference": id_of(session.get("payment_intent")),
            "amount_ore": Ore(session["amount_total"]) if paid else NO_MONEY,
        }

    return read


def _session_completed(session: Said) -> Said:
    """The payer is through; with a way to pay that takes time, the money is not there yet."""
    return _session(NewsKind.PAID if session.get("payment_status") == "paid" else NewsKind.PENDING)(session)


def _intent_succeeded(intent: Said) -> Said:
    return {
        "kind": NewsKind.PAID,
        "payment_reference": intent["id"],
        "amount_ore": Ore(intent["amount_received"]),
    }


def _intent(kind: NewsKind) -> Callable[[Said], Said]:
    def read(intent: Said) -> Said:
        return {"kind": kind, "payment_reference": intent["id"], "note": _why(intent)}

    return read


def _why(intent: Said) -> str:
    error = intent.get("last_payment_error") or {}
    return str(error.get("decline_code") or error.get("code") or intent.get("cancellation_reason") or "")


def _refunded(charge: Said) -> Said:
    """`amount_refunded` is what has gone back in all."""
    return {
        "kind": NewsKind.REFUNDED,
        "payment_reference": id_of(charge.get("payment_intent")),
        "amount_ore": Ore(charge["amount_refunded"]),
    }


def _refund_failed(refund: Said) -> Said:
    """The money came back to us after we had told it was gone."""
    return {
        "kind": NewsKind.TROUBLE,
        "payment_reference": id_of(refund.get("payment_intent")),
        "about": refund["id"],
        "note": "refund_failed",
    }


def _dispute(kind: NewsKind) -> Callable[[Said], Said]:
    def read(dispute: Said) -> Said:
        return {
            "kind": kind,
            "payment_reference": id_of(dispute.get("payment_intent")),
            "amount_ore": Ore(dispute["amount"]),
            "about": dispute["id"],
            "note": str(dispute.get("reason") or ""),
        }

    return read


def _payout(payout: Said) -> Said:
    return {"kind": NewsKind.PAYOUT, "about": payout["id"]}


def _payout_failed(payout: Said) -> Said:
    return {"kind": NewsKind.TROUBLE, "about": payout["id"], "note": str(payout.get("failure_code") or "payout_failed")}


def _account(account: Said) -> Said:
    """Only when Stripe will no longer let us charge."""
    charges = account.get("charges_enabled", True)
    return {"kind": NewsKind.NOTED} if charges else {"kind": NewsKind.TROUBLE, "note": "charges_disabled"}


def _deauthorized(_: Said) -> Said:
    return {"kind": NewsKind.TROUBLE, "note": "deauthorized"}


_READERS: dict[str, Callable[[Said], Said]] = {
    "checkout.session.completed": _session_completed,
    "checkout.session.async_payment_succeeded": _session(NewsKind.PAID),
    "checkout.session.async_payment_failed": _session(NewsKind.FAILED),
    "checkout.session.expired": _session(NewsKind.EXPIRED),
    "payment_intent.succeeded": _intent_succeeded,
    "payment_intent.processing": _intent(NewsKind.PENDING),
    "payment_intent.payment_failed": _intent(NewsKind.NOTED),
    "payment_intent.canceled": _intent(NewsKind.FAILED),
    "charge.refunded": _refunded,
    "refund.created": _noted,
    "refund.updated": _noted,
    "refund.failed": _refund_failed,
    "charge.dispute.created": _dispute(NewsKind.DISPUTED),
    "charge.dispute.updated": _noted,
    "charge.dispute.funds_withdrawn": _dispute(NewsKind.TAKEN_BACK),
    "charge.dispute.funds_reinstated": _dispute(NewsKind.GIVEN_BACK),
    "charge.dispute.closed": _noted,
    "payout.paid": _payout,
    "payout.reconciliation_completed": _payout,
    "payout.failed": _payout_failed,
    "account.updated": _account,
    "account.application.deauthorized": _deauthorized,
}
EVENTS = tuple(_READERS)
"""What the endpoint must subscribe to."""
