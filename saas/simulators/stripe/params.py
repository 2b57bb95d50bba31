"""Parameters as Stripe takes them: bracket notation, every name known, every value checked."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from saas.simulators.stripe.refusals import invalid

Check = Callable[[str, str], Any]  # (name, text) → value; raises Refusal
Spec = Mapping[str, Any]  # name → Check, a Spec of a hash, or a list with the Spec or Check of each element
_PART = re.compile(r"\[([^\]]*)\]")
SMALLEST_ORE = 300


def read(body: bytes | str, spec: Spec) -> dict[str, Any]:
    """The parameters of a form body or a query, checked. Raises Refusal."""
    text = body.decode() if isinstance(body, bytes) else body
    return _hash(_nested(parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))), spec, "")


def _nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`a[0][b]=c` as {"a": {"0": {"b": "c"}}}."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        head = name.split("[", 1)[0]
        parts = [head, *_PART.findall(name[len(head) :])]
        place = found
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1] or str(len(place))] = value
    return found


def _hash(given: Any, spec: Spec, prefix: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise invalid("parameter_invalid", prefix, "Invalid object")
    checked: dict[str, Any] = {}
    for name, value in given.items():
        full = f"{prefix}[{name}]" if prefix else name
        wanted = spec.get(name, spec.get("*"))
        if wanted is None:
            raise invalid("parameter_unknown", full, f"Received unknown parameter: {full}")
        checked[name] = _value(value, wanted, full)
    return checked


def _value(value: Any, wanted: Any, name: str) -> Any:
    if isinstance(wanted, list):
        if not isinstance(value, dict):
            raise invalid("parameter_invalid", name, "Invalid array")
        return [_value(value[key], wanted[0], f"{name}[{key}]") for key in sorted(value, key=int)]
    if isinstance(wanted, Mapping):
        return _hash(value, wanted, name)
    if isinstance(value, dict):
        raise invalid("parameter_invalid", name, "Invalid string")
    return wanted(name, value)


def need(given: Mapping[str, Any], *names: str, prefix: str = "") -> None:
    """Raises Refusal for the first that is not there."""
    for name in names:
        if name not in given:
            full = f"{prefix}[{name}]" if prefix else name
            raise invalid("parameter_missing", full, f"Missing required param: {full}.")


def text(most: int = 5000) -> Check:
    """A text of at least one and at most so many characters."""

    def check(name: str, value: str) -> str:
        if not value:
            raise invalid("parameter_invalid_empty", name)
        if len(value) > most:
            raise invalid("parameter_invalid_string_length", name)
        return value

    return check


def one_of(*allowed: str) -> Check:
    """One of these."""

    def check(name: str, value: str) -> str:
        if value not in allowed:
            raise invalid("parameter_invalid", name, f"Invalid {name}: must be one of {', '.join(allowed)}")
        return value

    return check


def whole(name: str, value: str) -> int:
    """A whole number from 0."""
    if not re.fullmatch(r"[0-9]{1,12}", value):
        raise invalid("parameter_invalid_integer", name, f"Invalid integer: {value}")
    return int(value)


def address(name: str, value: str) -> str:
    """An address with a scheme."""
    if not re.match(r"https?://[^/\s]+", value) or len(value) > 5000:
        raise invalid("url_invalid", name, "Not a valid URL")
    return value


METADATA: Spec = {"*": text(500)}


def check_metadata(given: Mapping[str, str], name: str) -> None:
    """At most 50 keys of at most 40 characters."""
    if len(given) > 50 or any(len(key) > 40 for key in given):
        raise invalid("parameter_invalid", name, "Metadata can have 50 keys of up to 40 characters")


SESSION: Spec = {
    "mode": one_of("payment", "setup", "subscription"),
    "line_items": [
        {
            "quantity": whole,
            "price_data": {
                "currency": one_of("nok", "sek", "dkk", "eur", "usd"),
                "unit_amount": whole,
                "product_data": {"name": text(), "description": text(), "metadata": METADATA},
            },
        }
    ],
    "success_url": address,
    "cancel_url": address,
    "client_reference_id": text(200),
    "metadata": METADATA,
    "payment_intent_data": {
        "metadata": METADATA,
        "description": text(1000),
        "statement_descriptor_suffix": text(22),
        "application_fee_amount": whole,
    },
    "expires_at": whole,
    "locale": one_of("auto", "nb", "en", "sv", "da", "fi", "de"),
    "customer_email": text(512),
    "expand": [text()],
}
REFUND: Spec = {
    "payment_intent": text(),
    "amount": whole,
    "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
    "metadata": METADATA,
}
EXPAND: Spec = {"expand": [text()]}
PAYOUTS: Spec = {
    "arrival_date": {"gte": whole},
    "status": one_of("pending", "paid", "failed", "canceled", "in_transit"),
    "limit": whole,
    "starting_after": text(),
}
LIST: Spec = {"payout": text(), "type": text(), "limit": whole, "starting_after": text(), "expand": [text()]}
