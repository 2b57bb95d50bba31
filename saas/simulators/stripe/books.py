"""What a Stripe account holds: sessions, payments, charges, refunds, disputes, movements of its balance, payouts.

Objects are dicts shaped as Stripe's, with the fields that matter. Whatever happens is told as an event.
"""

import secrets
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from saas.simulators.stripe.params import SMALLEST_ORE, check_metadata, need
from saas.simulators.stripe.refusals import invalid, missing

Thing = dict[str, Any]
Tell = Callable[[str, Thing], object]
FEE_PER_MILLE, FEE_ORE = 24, 200  # 2,4 % and 2 kroner a payment
DISPUTE_FEE_ORE = 15_000
SHORTEST_SECONDS, LONGEST_SECONDS = 30 * 60, 24 * 3600


class Books:
    """One account. `tell(name, object)` is called for each event; `moment()` gives seconds since 1970."""

    def __init__(self, moment: Callable[[], int], base_url: Callable[[], str], tell: Tell) -> None:
        self._moment, self._base_url, self._tell = moment, base_url, tell
        self.sessions: dict[str, Thing] = {}
        self.intents: dict[str, Thing] = {}
        self.charges: dict[str, Thing] = {}
        self.refunds: dict[str, Thing] = {}
        self.disputes: dict[str, Thing] = {}
        self.moves: dict[str, Thing] = {}  # balance transactions
        self.payouts: dict[str, Thing] = {}

    # sessions

    def create_session(self, given: Thing) -> Thing:
        """A Checkout Session. Raises Refusal."""
        need(given, "mode", "line_items", "success_url")
        if given["mode"] != "payment":
            raise invalid("parameter_invalid", "mode", "Only payment is played here.")
        amount_ore, currency = _sum_of(given["line_items"])
        if amount_ore < SMALLEST_ORE:
            raise invalid("amount_too_small", "", f"The total amount due must add up to at least {SMALLEST_ORE} øre.")
        now = self._moment()
        expires_at = given.get("expires_at", now + LONGEST_SECONDS)
        if not now + SHORTEST_SECONDS - 60 <= expires_at <= now + LONGEST_SECONDS + 60:
            raise invalid("parameter_invalid", "expires_at", "Must be between 30 minutes and 24 hours from now.")
        check_metadata(given.get("metadata", {}), "metadata")
        intent_data = given.get("payment_intent_data", {})
        check_metadata(intent_data.get("metadata", {}), "payment_intent_data[metadata]")
        session_id = _new("cs_test")
        session = {
            "id": session_id,
            "object": "checkout.session",
            "amount_total": amount_ore,
            "cancel_url": given.get("cancel_url"),
            "client_reference_id": given.get("client_reference_id"),
            "created": now,
            "currency": currency,
            "customer_details": None,
            "expires_at": expires_at,
            "livemode": False,
            "locale": given.get("locale"),
            "metadata": given.get("metadata", {}),
            "mode": "payment",
            "payment_intent": None,
            "payment_status": "unpaid",
            "status": "open",
            "success_url": given["success_url"],
            "url": f"{self._base_url()}/c/pay/{session_id}",
            "_intent_data": intent_data,
        }
        self.sessions[session_id] = session
        return session

    def session(self, session_id: str) -> Thing:
        """A session, run out by now if its time has passed. Raises Refusal."""
        session = self.sessions.get(session_id)
        if session is None:
            raise missing("checkout.session", session_id)
        if session["status"] == "open" and session["expires_at"] <= self._moment():
            self._expire(session)
        return session

    def expire_session(self, session_id: str) -> Thing:
        """Close an open session. Raises Refusal."""
        session = self.session(session_id)
        if session["status"] != "open":
            raise invalid("", "", 'Only Checkout Sessions with a status in ["open"] can be expired.')
        return self._expire(session)

    def _expire(self, session: Thing) -> Thing:
        session.update(status="expired", url=None)
        self._tell("checkout.session.expired", public(session))
        return session

    # what the payer does

    def pay(self, session_id: str) -> Thing:
        """The payer pays by card."""
        session = self._open(session_id)
        intent = self._intent_of(session)
        self._succeed(intent)
        session.update(status="complete", payment_status="paid", url=None, payment_intent=intent["id"])
        self._tell("payment_intent.succeeded", public(intent))
        self._tell("checkout.session.completed", public(session))
        return session

    def decline(self, session_id: str, code: str = "card_declined") -> Thing:
        """The card is refused; the session stays open for another."""
        session = self._open(session_id)
        intent = self._intent_of(session)
        intent["last_payment_error"] = {"type": "card_error", "code": code, "decline_code": "generic_decline"}
        intent["status"] = "requires_payment_method"
        self._tell("payment_intent.payment_failed", public(intent))
        return session

    def pay_later(self, session_id: str) -> Thing:
        """The payer chooses a way to pay that takes time; the session is complete and the money is not there."""
        session = self._open(session_id)
        intent = self._intent_of(session)
        intent["status"] = "processing"
        session.update(status="complete", payment_status="unpaid", url=None, payment_intent=intent["id"])
        self._tell("payment_intent.processing", public(intent))
        self._tell("checkout.session.completed", public(session))
        return session

    def settle(self, session_id: str, *, ok: bool) -> Thing:
        """What was waited for comes, or does not."""
        session = self.session(session_id)
        intent = self.intents[session["payment_intent"]]
        if intent["status"] != "processing":
            raise invalid("", "", "Nothing is waited for.")
        if ok:
            self._succeed(intent)
            session["payment_status"] = "paid"
            self._tell("payment_intent.succeeded", public(intent))
            self._tell("checkout.session.async_payment_succeeded", public(session))
        else:
            intent["status"] = "requires_payment_method"
            self._tell("payment_intent.payment_failed", public(intent))
            self._tell("checkout.session.async_payment_failed", public(session))
        return session

    def _open(self, session_id: str) -> Thing:
        session = self.session(session_id)
        if session["status"] != "open":
            raise invalid("", "", f"The session is {session['status']}.")
        return session

    def _intent_of(self, session: Thing) -> Thing:
        """The session's PaymentIntent, made at the payer's first try."""
        if session["payment_intent"]:
            return self.intents[session["payment_intent"]]
        intent = {
            "id": _new("pi"),
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_received": 0,
            "created": self._moment(),
            "currency": session["currency"],
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": session["_intent_data"].get("metadata", {}),
            "description": session["_intent_data"].get("description"),
            "status": "requires_payment_method",
        }
        session["payment_intent"] = intent["id"]
        self.intents[intent["id"]] = intent
        self._tell("payment_intent.created", public(intent))
        return intent

    def _succeed(self, intent: Thing) -> None:
        amount_ore = intent["amount"]
        charge = {
            "id": _new("ch"),
            "object": "charge",
            "amount": amount_ore,
            "amount_refunded": 0,
            "balance_transaction": self._move("charge", amount_ore, fee_of(amount_ore)),
            "created": self._moment(),
            "currency": intent["currency"],
            "disputed": False,
            "livemode": False,
            "metadata": intent["metadata"],
            "paid": True,
            "payment_intent": intent["id"],
            "refunded": False,
            "status": "succeeded",
        }
        self.charges[charge["id"]] = charge
        intent.update(status="succeeded", amount_received=amount_ore, latest_charge=charge["id"])
        self._tell("charge.succeeded", public(charge))

    # money that goes back

    def create_refund(self, given: Thing) -> Thing:
        """Send money back to the payer. Raises Refusal."""
        need(given, "payment_intent")
        charge = self.charge_of(given["payment_intent"])
        left_ore = charge["amount"] - charge["amount_refunded"]
        amount_ore = given.get("amount", left_ore)
        if left_ore <= 0:
            raise invalid("charge_already_refunded", "", "Charge has already been refunded.")
        if not 0 < amount_ore <= left_ore:
            raise invalid("parameter_invalid", "amount", "Refund amount is greater than unrefunded amount on charge.")
        refund = {
            "id": _new("re"),
            "object": "refund",
            "amount": amount_ore,
            "balance_transaction": self._move("refund", -amount_ore, 0),
            "charge": charge["id"],
            "created": self._moment(),
            "currency": charge["currency"],
            "metadata": given.get("metadata", {}),
            "payment_intent": charge["payment_intent"],
            "reason": given.get("reason"),
            "status": "succeeded",
        }
        self.refunds[refund["id"]] = refund
        charge["amount_refunded"] += amount_ore
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self._tell("refund.created", public(refund))
        self._tell("charge.refunded", public(charge))
        return refund

    def fail_refund(self, refund_id: str) -> Thing:
        """The payer's bank would not have it: the money comes back to the account."""
        refund = self.refunds[refund_id]
        refund.update(status="failed", failure_reason="lost_or_stolen_card")
        self._move("refund_failure", refund["amount"], 0)
        self._tell("refund.failed", public(refund))
        return refund

    def dispute(self, intent_id: str, reason: str = "product_not_received") -> Thing:
        """The payer's bank takes the money back until the matter is settled."""
        charge = self.charge_of(intent_id)
        dispute = {
            "id": _new("dp"),
            "object": "dispute",
            "amount": charge["amount"] - charge["amount_refunded"],
            "charge": charge["id"],
            "created": self._moment(),
            "currency": charge["currency"],
            "payment_intent": intent_id,
            "reason": reason,
            "status": "needs_response",
            "metadata": {},
        }
        self.disputes[dispute["id"]] = dispute
        charge["disputed"] = True
        self._tell("charge.dispute.created", public(dispute))
        self._move("adjustment", -dispute["amount"], DISPUTE_FEE_ORE)
        self._tell("charge.dispute.funds_withdrawn", public(dispute))
        return dispute

    def close_dispute(self, dispute_id: str, *, won: bool) -> Thing:
        """The matter is settled."""
        dispute = self.disputes[dispute_id]
        dispute["status"] = "won" if won else "lost"
        if won:
            self._move("adjustment", dispute["amount"], 0)
            self._tell("charge.dispute.funds_reinstated", public(dispute))
        self._tell("charge.dispute.closed", public(dispute))
        return dispute

    def charge_of(self, intent_id: str) -> Thing:
        """The charge behind a payment. Raises Refusal."""
        intent = self.intents.get(intent_id)
        if intent is None:
            raise missing("payment_intent", intent_id)
        if intent["latest_charge"] is None:
            raise invalid("payment_intent_unexpected_state", "payment_intent", "It has no successful charge.")
        return self.charges[intent["latest_charge"]]

    # the balance

    def balance_ore(self) -> int:
        """What is on the account and not paid out."""
        return sum(move["amount"] - move["fee"] for move in self.moves.values())

    def pay_out(self, *, reconciled: bool = True) -> Thing:
        """Send the whole balance to the bank. Not `reconciled`: what is in it is told later (`reconcile`)."""
        within = [move for move in self.moves.values() if move["payout"] is None]
        net_ore = sum(move["amount"] - move["fee"] for move in within)
        payout = {
            "id": _new("po"),
            "object": "payout",
            "amount": net_ore,
            "arrival_date": self._moment() // 86_400 * 86_400,
            "automatic": True,
            "created": self._moment(),
            "currency": "nok",
            "livemode": False,
            "metadata": {},
            "reconciliation_status": "completed" if reconciled else "in_progress",
            "status": "paid",
        }
        self.payouts[payout["id"]] = payout
        for move in within:
            move["payout"] = payout["id"]
        self.moves[self._move("payout", -net_ore, 0)]["payout"] = payout["id"]
        self._tell("payout.created", public(payout))
        self._tell("payout.paid", public(payout))
        if reconciled:
            self._tell("payout.reconciliation_completed", public(payout))
        return payout

    def reconcile(self, payout_id: str) -> Thing:
        """Tell what is in a payout."""
        payout = self.payouts[payout_id]
        payout["reconciliation_status"] = "completed"
        self._tell("payout.reconciliation_completed", public(payout))
        return payout

    def moves_page(self, given: Thing) -> Thing:
        """A page of movements, newest first, of a payout if one is named. Of one not reconciled nothing is known."""
        of = given.get("payout")
        if of is not None and of not in self.payouts:
            raise missing("payout", of)
        known = of is None or self.payouts[of]["reconciliation_status"] == "completed"
        found = [move for move in reversed(self.moves.values()) if known and of in (None, move["payout"])]
        return _page(found, given, "/v1/balance_transactions")

    def payouts_page(self, given: Thing) -> Thing:
        """A page of payouts, newest first, in a state and arrived since a moment if such are named."""
        since, status = given.get("arrival_date", {}).get("gte", 0), given.get("status")
        found = [each for each in reversed(self.payouts.values()) if status in (None, each["status"])]
        return _page([each for each in found if each["arrival_date"] >= since], given, "/v1/payouts")

    def _move(self, kind: str, amount_ore: int, fee_ore: int) -> str:
        move = {
            "id": _new("txn"),
            "object": "balance_transaction",
            "amount": amount_ore,
            "created": self._moment(),
            "currency": "nok",
            "fee": fee_ore,
            "net": amount_ore - fee_ore,
            "type": kind,
            "payout": None,
        }
        self.moves[str(move["id"])] = move
        return str(move["id"])

    def expanded(self, thing: Thing, asked: list[str]) -> Thing:
        """The object with what was asked for written out in it (`expand[]=payment_intent.latest_charge`)."""
        shown = public(thing)
        known = {**self.intents, **self.charges, **self.refunds}
        for path in asked:
            place = shown
            for name in path.split("."):
                if isinstance(place.get(name), str):
                    place[name] = public(known[place[name]])
                if not isinstance(place.get(name), dict):
                    break
                place = place[name]
        return shown


def fee_of(amount_ore: int) -> int:
    """What Stripe keeps of a payment."""
    return (amount_ore * FEE_PER_MILLE + 500) // 1000 + FEE_ORE


def public(thing: Thing) -> Thing:
    """A copy without what only the simulator knows."""
    return deepcopy({name: value for name, value in thing.items() if not name.startswith("_")})


def _new(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def _sum_of(items: list[Thing]) -> tuple[int, str]:
    if not items:
        raise invalid("parameter_missing", "line_items")
    amount_ore, currencies = 0, set()
    for place, item in enumerate(items):
        need(item, "quantity", "price_data", prefix=f"line_items[{place}]")
        price = item["price_data"]
        need(price, "currency", "unit_amount", "product_data", prefix=f"line_items[{place}][price_data]")
        need(price["product_data"], "name", prefix=f"line_items[{place}][price_data][product_data]")
        amount_ore += item["quantity"] * price["unit_amount"]
        currencies.add(price["currency"])
    if len(currencies) > 1:
        raise invalid("parameter_invalid", "line_items", "All prices must have the same currency.")
    return amount_ore, currencies.pop()


def _page(found: list[Thing], given: Thing, url: str) -> Thing:
    ids = [each["id"] for each in found]
    start = ids.index(given["starting_after"]) + 1 if "starting_after" in given else 0
    limit = min(given.get("limit", 10), 100)
    more = len(found) > start + limit
    return {"object": "list", "data": [public(each) for each in found[start : start + limit]], "has_more": more,
            "url": url}  # fmt: skip
