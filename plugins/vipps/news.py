"""What Vipps' events mean. One that moves money only rings the bell: an event tells of one movement, and the payment
itself of them all, so the payment is asked."""

from datetime import datetime
from typing import Any

from plugins.vipps.client import Said
from saas.hooks import NewsKind, ProviderNews

_KINDS = {
    "CREATED": NewsKind.NOTED,
    "AUTHORIZED": NewsKind.CHANGED,  # reserved, and not paid before it is taken
    "CAPTURED": NewsKind.CHANGED,
    "REFUNDED": NewsKind.CHANGED,
    "CANCELLED": NewsKind.CHANGED,
    "ABORTED": NewsKind.FAILED,
    "TERMINATED": NewsKind.FAILED,
    "EXPIRED": NewsKind.EXPIRED,
}
_MOVES = ("CAPTURED", "REFUNDED", "CANCELLED")
EVENTS = tuple(f"epayments.payment.{name.lower()}.v1" for name in _KINDS)
"""What we have sent to us."""


def news_of(event: Said) -> ProviderNews:
    """What a verified event means to us; what we do not know is noted, and no more. Raises KeyError, ValueError."""
    name, reference, timestamp = _text(event, "name"), _text(event, "reference"), _text(event, "timestamp")
    done, kind = event["success"] is True, _KINDS.get(name, NewsKind.NOTED)
    if not done:
        kind = NewsKind.TROUBLE if name in _MOVES else NewsKind.NOTED
    return ProviderNews(
        event_id=f"{reference}:{name}:{_text(event, 'pspReference')}:{timestamp}",
        name=f"epayments.payment.{name.lower()}.v1",
        kind=kind,
        at=moment(timestamp),
        reference=reference,
        payment_reference=reference,
        note=name.lower() if done else f"{name.lower()}_not_done",
    )


def moment(timestamp: str) -> datetime:
    """A timestamp of Vipps', always with its zone. Raises ValueError."""
    told = datetime.fromisoformat(timestamp)
    if told.tzinfo is None:
        raise ValueError("a time without its zone")
    return told


def _text(event: Said, name: str) -> str:
    value: Any = event[name]
    if not isinstance(value, str) or not 0 < len(value) <= 100:
        raise ValueError(name)
    return value
