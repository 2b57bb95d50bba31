"""What the Stripe plugin makes of Stripe's events and errors; the whole way is in tests/payments."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from marshmallow import ValidationError

from plugins.stripe import Stripe
from plugins.stripe.agreement import Agreement
from plugins.stripe.news import EVENTS, news_of
from saas.hooks import Account, ForgedEvent, NewsKind, PayOrder, PayState, ProviderDown, ProviderSaysNo
from saas.kernel import clock
from saas.rules.money import Ore
from saas.simulators.stripe import StripeSim, sign

PROVIDER = Stripe({}).provide_payment_methods()[0]
SECRET = "whsec_test_secret"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEYS = {"secret_key": "sk_test_sim", "webhook_secret": SECRET}


def account(base_url: str = "", **changes: Any) -> Account:
    """An agreement as it is handed to the plugin."""
    loaded = Agreement().load(KEYS | {"base_url": base_url} | changes)
    secrets = {name: loaded.pop(name) for name in KEYS}
    return Account(loaded, secrets, base_url)


def event(name: str, **thing: Any) -> dict[str, Any]:
    return {"id": "evt_1", "object": "event", "type": name, "created": 1_763_715_000, "livemode": False,
            "data": {"object": {"id": "x_1", "currency": "nok", "metadata": {"reference": "r-1"}} | thing}}  # fmt: skip


def order(reference: str = "r-1", ore: int = 50_000) -> PayOrder:
    expires_at = clock.wall_now().replace(microsecond=0) + timedelta(minutes=60)
    return PayOrder(reference, Ore(ore), "Fjord, sak 1", "https://x.no/r", "https://x.no/c", "nn", expires_at)


SESSION = {"payment_intent": "pi_1", "amount_total": 5_000}
DISPUTE = {"payment_intent": "pi_1", "amount": 5_000, "reason": "fraudulent"}


@pytest.mark.parametrize(
    ("name", "thing", "kind"),
    [
        ("checkout.session.completed", SESSION | {"payment_status": "paid"}, NewsKind.PAID),
        ("checkout.session.completed", SESSION | {"payment_status": "unpaid"}, NewsKind.PENDING),
        ("checkout.session.async_payment_succeeded", SESSION, NewsKind.PAID),
        ("checkout.session.async_payment_failed", SESSION, NewsKind.FAILED),
        ("checkout.session.expired", SESSION | {"payment_intent": None}, NewsKind.EXPIRED),
        ("payment_intent.succeeded", {"amount_received": 5_000}, NewsKind.PAID),
        ("payment_intent.processing", {}, NewsKind.PENDING),
        ("payment_intent.payment_failed", {}, NewsKind.NOTED),
        ("payment_intent.canceled", {}, NewsKind.FAILED),
        ("charge.refunded", {"payment_intent": "pi_1", "amount_refunded": 5_000}, NewsKind.REFUNDED),
        ("refund.created", {}, NewsKind.NOTED),
        ("refund.updated", {}, NewsKind.NOTED),
        ("refund.failed", {"payment_intent": "pi_1"}, NewsKind.TROUBLE),
        ("charge.dispute.created", DISPUTE, NewsKind.DISPUTED),
        ("charge.dispute.updated", DISPUTE, NewsKind.NOTED),
        ("charge.dispute.funds_withdrawn", DISPUTE, NewsKind.TAKEN_BACK),
        ("charge.dispute.funds_reinstated", DISPUTE, NewsKind.GIVEN_BACK),
        ("charge.dispute.closed", DISPUTE, NewsKind.NOTED),
        ("payout.paid", {}, NewsKind.PAYOUT),
        ("payout.reconciliation_completed", {}, NewsKind.PAYOUT),
        ("payout.failed", {}, NewsKind.TROUBLE),
        ("account.updated", {"charges_enabled": True}, NewsKind.NOTED),
        ("account.updated", {"charges_enabled": False}, NewsKind.TROUBLE),
        ("account.application.deauthorized", {}, NewsKind.TROUBLE),
        ("customer.created", {}, NewsKind.NOTED),
    ],
)
def test_each_event_means_one_thing(name: str, thing: dict[str, Any], kind: NewsKind) -> None:
    news = news_of(event(name, **thing))
    assert (news.kind, news.name, news.reference) == (kind, name, "r-1")
    assert name in EVENTS or name == "customer.created"
    if kind in (NewsKind.PAID, NewsKind.REFUNDED, NewsKind.DISPUTED, NewsKind.TAKEN_BACK, NewsKind.GIVEN_BACK):
        assert news.amount_ore == 5_000
        assert news.payment_reference in ("pi_1", "x_1")


def test_the_names_of_the_events_are_known_to_the_library() -> None:
    from stripe.params import WebhookEndpointCreateParams

    known = str(WebhookEndpointCreateParams.__annotations__["enabled_events"])
    assert [name for name in EVENTS if f"'{name}'" not in known] == []


def test_the_check_value_of_the_signature() -> None:
    """Known answer, so that simulator and library are not wrong in the same way."""
    signature = "29ab30b7065c11b28e53ac114fac5d6c492ed811a12d11ed2c2aad5bb4cf9809"
    assert sign(b'{"id":"evt_test_1","object":"event"}', SECRET, 1_700_000_000) == f"t=1700000000,v1={signature}"


def test_either_of_two_signatures_is_enough_while_a_secret_is_changed() -> None:
    raw, now = json.dumps(event("payout.paid")).encode(), clock.wall_now()
    moment = int(now.timestamp())
    old, new = sign(raw, "whsec_old", moment), sign(raw, SECRET, moment)
    both = {"stripe-signature": f"{old},{new.partition(',')[2]}"}
    news = PROVIDER.read_event(account(), raw, both, "POST /", now)
    assert news is not None
    assert news.about == "x_1"
    with pytest.raises(ForgedEvent):
        PROVIDER.read_event(account(), raw, {"stripe-signature": old}, "POST /", now)


def test_a_live_event_is_not_for_an_agreement_with_test_keys() -> None:
    raw, now = json.dumps(event("payout.paid") | {"livemode": True}).encode(), clock.wall_now()
    signed = {"stripe-signature": sign(raw, SECRET, int(now.timestamp()))}
    assert PROVIDER.read_event(account(), raw, signed, "POST /", now) is None


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"access": "connect"}, "account"),
        ({"account": "acct_1"}, "account"),
        ({"secret_key": "pk_test_1"}, "secret_key"),
        ({"webhook_secret": ""}, "webhook_secret"),
        ({"base_url": "http://stripe.example"}, "base_url"),
        ({"base_url": "https://stripe.example/v1"}, "base_url"),
        ({"checkout_origin": "javascript:alert(1)"}, "checkout_origin"),
    ],
)
def test_an_agreement_that_would_not_work_is_refused_without_repeating_it(changes: dict[str, str], wrong: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Agreement().load(KEYS | changes)
    assert list(caught.value.messages_dict) == [wrong]
    assert "pk_test_1" not in str(caught.value)


@pytest.fixture
def sim() -> Any:
    with StripeSim(clock.wall_now) as started:
        started.sender.held = True
        yield started


def test_a_payment_is_looked_up_at_each_step(sim: StripeSim) -> None:
    here = account(sim.base_url)
    begun = PROVIDER.begin(here, order())
    assert begun.url.startswith(PROVIDER.origins(here)[0])
    assert PROVIDER.look_up(here, begun.provider_reference).state is PayState.CREATED
    sim.own.decline(begun.provider_reference)
    assert PROVIDER.look_up(here, begun.provider_reference).state is PayState.CREATED
    sim.own.pay_later(begun.provider_reference)
    assert PROVIDER.look_up(here, begun.provider_reference).state is PayState.PENDING
    sim.own.settle(begun.provider_reference, ok=True)
    paid = PROVIDER.look_up(here, begun.provider_reference)
    assert (paid.state, paid.paid_ore, paid.refunded_ore) == (PayState.PAID, 50_000, 0)
    for _ in range(2):
        PROVIDER.refund(here, paid.payment_reference, Ore(20_000), "refund-1")
    assert PROVIDER.look_up(here, begun.provider_reference).refunded_ore == 20_000, "the same key twice is one refund"
    other = PROVIDER.begin(here, order("r-2"))
    sim.own.pay_later(other.provider_reference)
    sim.own.settle(other.provider_reference, ok=False)
    assert PROVIDER.look_up(here, other.provider_reference).state is PayState.FAILED
    third = PROVIDER.begin(here, order("r-3"))
    sim.own.expire_session(third.provider_reference)
    assert PROVIDER.look_up(here, third.provider_reference).state is PayState.EXPIRED


@pytest.mark.parametrize("fault", ["429", "500", "503", "409"])
def test_what_may_pass_is_told_apart_from_what_a_person_must_look_at(sim: StripeSim, fault: str) -> None:
    here = account(sim.base_url)
    sim.faults.waiting += [fault, fault]
    with pytest.raises(ProviderDown) as caught:
        PROVIDER.look_up(here, "cs_1")
    assert "sk_test" not in str(caught.value)
    for refused in ("401", "402", "404"):
        sim.faults.waiting = [refused]
        with pytest.raises(ProviderSaysNo):
            PROVIDER.look_up(here, "cs_1")


def test_nobody_at_the_address_is_down() -> None:
    with pytest.raises(ProviderDown):
        PROVIDER.begin(account("http://127.0.0.1:9"), order())


def test_the_same_reference_with_another_sum_is_refused(sim: StripeSim) -> None:
    here, first = account(sim.base_url), order()
    assert PROVIDER.begin(here, first) == PROVIDER.begin(here, first)
    with pytest.raises(ProviderSaysNo):
        PROVIDER.begin(here, order(ore=60_000))


def test_a_payout_that_does_not_add_up_is_for_a_person(sim: StripeSim) -> None:
    sim.own._move("charge", 50_000, 1_400)
    payout = sim.own.pay_out()
    told = PROVIDER.payout(account(sim.base_url), payout["id"])
    assert (told.gross_ore, told.fee_ore, told.complete) == (50_000, 1_400, True)
    sim.own.payouts[payout["id"]]["amount"] += 1
    with pytest.raises(ProviderSaysNo):
        PROVIDER.payout(account(sim.base_url), payout["id"])


def test_the_plugins_name_hides_no_library() -> None:
    import plugins.stripe

    assert stripe is not plugins.stripe
    assert hasattr(stripe, "StripeClient")


def test_a_payer_waits_ten_seconds_at_most_for_a_provider_that_does_not_answer() -> None:
    from plugins.stripe.provider import CONNECT_SECONDS, READ_SECONDS, RETRIES

    tries, pauses = (1 + RETRIES) * (CONNECT_SECONDS + READ_SECONDS), RETRIES * stripe.HTTPClient.INITIAL_DELAY
    assert tries + pauses < 10
