"""A sales unit's payments: what they can be, what the payer does with them, and what we do after.

Taking and sending back are no states: a payment that was approved stays AUTHORIZED, and its sums tell the rest.
"""

import re
import secrets
from collections.abc import Callable
from copy import deepcopy
from typing import Any
from urllib.parse import urlsplit

from saas.simulators.vipps.refusals import Refusal, conflict, invalid, missing

Thing = dict[str, Any]
Tell = Callable[[Thing], object]
LEAST_ORE, MOST_ORE = 100, 65_000_000
SECONDS_TO_PAY = 10 * 60
_REFERENCE = re.compile(r"[a-zA-Z0-9-]{8,50}")
_FIELDS = {"amount", "paymentMethod", "reference", "returnUrl", "userFlow", "paymentDescription", "metadata",
           "customerInteraction"}  # fmt: skip
_NEEDED = ("amount", "paymentMethod", "reference", "userFlow")


class Payments:
    """One sales unit. `tell(event)` is called for each event; `moment()` is a timestamp, `seconds()` its number."""

    def __init__(
        self, msn: str, seconds: Callable[[], float], timestamp: Callable[[], str], base: Callable[[], str], tell: Tell
    ) -> None:
        self.msn = msn
        self._seconds, self._timestamp, self._base, self._tell = seconds, timestamp, base, tell
        self.all: dict[str, Thing] = {}  # by reference
        self.tokens: dict[str, str] = {}  # of the landing page → reference

    # what the merchant does

    def create(self, given: Thing, key: str) -> Thing:
        """A payment that waits for its payer. Raises Refusal."""
        _check(given)
        reference = given["reference"]
        if reference in self.all:
            raise conflict("reference-already-exists", "The reference was used before.")
        token = secrets.token_hex(12)
        self.tokens[token] = reference
        self.all[reference] = {
            "reference": reference,
            "amount": given["amount"],
            "state": "CREATED",
            "pspReference": _psp(),
            "paymentMethod": given["paymentMethod"],
            "profile": {},
            "redirectUrl": f"{self._base()}/landing?token={token}",
            "metadata": given.get("metadata"),
            "aggregate": {name: _kroner(0) for name in _SUMS},
            "_given": given,
            "_events": [],
            "_key": key,
            "_ends": self._seconds() + SECONDS_TO_PAY,
        }
        self._happened(reference, "CREATED", given["amount"]["value"], key)
        return {"redirectUrl": self.all[reference]["redirectUrl"], "reference": reference}

    def payment(self, reference: str) -> Thing:
        """A payment, run out by now if its time has passed. Raises Refusal."""
        payment = self.all.get(reference)
        if payment is None:
            raise missing(reference)
        if payment["state"] == "CREATED" and payment["_ends"] <= self._seconds():
            self._end(reference, "EXPIRED")
        return payment

    def capture(self, reference: str, given: Thing, key: str) -> Thing:
        """Take, at most what is reserved. Raises Refusal."""
        return self._move(reference, "captured", _asked(given), self.reserved_ore(reference), key)

    def refund(self, reference: str, given: Thing, key: str) -> Thing:
        """Send back, at most what was taken. Raises Refusal."""
        sums = self.payment(reference)["aggregate"]
        left_ore = sums["capturedAmount"]["value"] - sums["refundedAmount"]["value"]
        return self._move(reference, "refunded", _asked(given), left_ore, key)

    def cancel(self, reference: str, key: str = "") -> Thing:
        """Let go of the rest; before approval the payment ends. Raises Refusal."""
        payment = self.payment(reference)
        if payment["state"] == "CREATED":
            payment["aggregate"]["cancelledAmount"] = payment["amount"]
            self._end(reference, "TERMINATED", key)
            return modified(payment)
        left_ore = self.reserved_ore(reference)
        return self._move(reference, "cancelled", left_ore, left_ore, key)

    def _move(self, reference: str, verb: str, ore: int, most_ore: int, key: str) -> Thing:
        payment = self.payment(reference)
        if payment["state"] != "AUTHORIZED":
            raise conflict("wrong-state", f"The payment is {payment['state']}.")
        if ore > most_ore or most_ore <= 0:
            raise conflict("amount-too-high", f"At most {most_ore} can be {verb}.")
        total = payment["aggregate"][f"{verb}Amount"]
        payment["aggregate"][f"{verb}Amount"] = _kroner(total["value"] + ore)
        self._happened(reference, verb.upper(), ore, key)
        return modified(payment)

    # what the payer does, and time

    def approve(self, reference: str) -> Thing:
        """The payer approves: the sum is reserved."""
        payment = self._waiting(reference)
        payment["aggregate"]["authorizedAmount"] = payment["amount"]
        self._end(reference, "AUTHORIZED")
        return payment

    def abort(self, reference: str) -> Thing:
        """The payer will not."""
        self._waiting(reference)
        return self._end(reference, "ABORTED")

    def expire(self, reference: str) -> Thing:
        """The payer did nothing for too long."""
        self._waiting(reference)
        return self._end(reference, "EXPIRED")

    def _waiting(self, reference: str) -> Thing:
        payment = self.payment(reference)
        if payment["state"] != "CREATED":
            raise conflict("wrong-state", f"The payment is {payment['state']}.")
        return payment

    def _end(self, reference: str, state: str, key: str = "") -> Thing:
        payment = self.all[reference]
        payment["state"] = state
        self._happened(reference, state, payment["amount"]["value"], key or payment["_key"])
        return payment

    # what is told

    def reserved_ore(self, reference: str) -> int:
        """Approved, and neither taken nor let go."""
        sums = {name: told["value"] for name, told in self.payment(reference)["aggregate"].items()}
        return int(sums["authorizedAmount"] - sums["capturedAmount"] - sums["cancelledAmount"])

    def held_ore(self) -> int:
        """What has been taken from payers and not sent back, of all payments."""
        sums = [payment["aggregate"] for payment in self.all.values()]
        return sum(each["capturedAmount"]["value"] - each["refundedAmount"]["value"] for each in sums)

    def _happened(self, reference: str, name: str, ore: int, key: str) -> None:
        event = {
            "reference": reference,
            "pspReference": self.all[reference]["pspReference"] if name == "CREATED" else _psp(),
            "name": name,
            "amount": _kroner(ore),
            "timestamp": self._timestamp(),
            "idempotencyKey": key or None,
            "success": True,
        }
        self.all[reference]["_events"].append(event)
        self._tell({"msn": self.msn} | event)


_SUMS = ("authorizedAmount", "capturedAmount", "refundedAmount", "cancelledAmount")


def public(thing: Thing) -> Thing:
    """As it is sent: without our own notes, and a link only while it leads somewhere."""
    told = {name: value for name, value in thing.items() if not name.startswith("_")}
    if told.get("state", "CREATED") != "CREATED":
        told.pop("redirectUrl", None)
    return deepcopy(told)


def modified(payment: Thing) -> Thing:
    """What a modification answers."""
    return {name: payment[name] for name in ("amount", "state", "aggregate", "pspReference", "reference")}


def _asked(given: Thing) -> int:
    if set(given) != {"modificationAmount"}:
        raise invalid("modificationAmount", "Is needed, and nothing else.")
    return _amount(given["modificationAmount"], "modificationAmount", least_ore=1)


def _amount(told: Any, name: str, least_ore: int = LEAST_ORE) -> int:
    if not isinstance(told, dict) or set(told) != {"currency", "value"}:
        raise invalid(name, "Must have currency and value.")
    value = told["value"]
    if told["currency"] != "NOK":
        raise invalid(f"{name}.currency", "Must be NOK.")
    if type(value) is not int or not least_ore <= value <= MOST_ORE:
        raise invalid(f"{name}.value", f"Must be an integer from {least_ore} to {MOST_ORE}.")
    return value


def _check(given: Thing) -> None:
    for name in _NEEDED:
        if name not in given:
            raise invalid(name, "The property is mandatory.")
    for name in given:
        if name not in _FIELDS:
            raise invalid(name, "Is not known, or not played here.")
    _amount(given["amount"], "amount")
    if given["paymentMethod"] not in ({"type": "WALLET"}, {"type": "CARD"}):
        raise invalid("paymentMethod.type", "Must be WALLET or CARD.")
    if not isinstance(given["reference"], str) or not _REFERENCE.fullmatch(given["reference"]):
        raise invalid("reference", "Must match ^[a-zA-Z0-9-]{8,50}$.")
    if given["userFlow"] != "WEB_REDIRECT":
        raise invalid("userFlow", "Only WEB_REDIRECT is played here.")
    if not _may_return_to(given.get("returnUrl")):
        raise invalid("returnUrl", "Must use https or a custom scheme.")
    if not 3 <= len(given.get("paymentDescription", "   ")) <= 100:
        raise invalid("paymentDescription", "Must be 3 to 100 characters.")
    metadata = given.get("metadata") or {}
    if len(metadata) > 5 or any(len(name) > 100 or len(value) > 500 for name, value in metadata.items()):
        raise invalid("metadata", "At most 5 pairs, keys of 100 and values of 500 characters.")


def _may_return_to(url: Any) -> bool:
    """http is refused as Vipps refuses it, but for this machine, where there is nothing else."""
    parts = urlsplit(url if isinstance(url, str) else "")
    return bool(parts.scheme) and (parts.scheme != "http" or parts.hostname in ("127.0.0.1", "localhost"))


def _kroner(ore: int) -> Thing:
    return {"currency": "NOK", "value": ore}


def _psp() -> str:
    return str(secrets.randbelow(9 * 10**9) + 10**9)


__all__ = ["Payments", "Refusal", "Thing", "modified", "public"]
