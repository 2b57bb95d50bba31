"""What the Vipps plugin makes of Vipps' answers, events and errors; the whole way is in tests/payments."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from plugins.vipps import Vipps
from plugins.vipps.agreement import Agreement
from plugins.vipps.news import EVENTS, moment, news_of
from plugins.vipps.signature import authorization, content_hash
from saas.hooks import Account, ForgedEvent, NewsKind, PayOrder, PayState, ProviderDown, ProviderSaysNo
from saas.kernel import clock
from saas.rules.money import Ore
from saas.simulators.vipps import Keys, VippsSim, sign
from saas.simulators.vipps.webhooks import NAMES

# Known answer, so that plugin and simulator are not wrong in the same way.
SECRET = "A0+AeKBRG2KRGvnNwJpQlb6IJFk48CKXCIcrLoHncVJKDILsQSxS6NWCccwWm6r6FhGKhiHTBsG2wo/xU6FY/A=="
URL = "https://webhook.site/e2cee29b-012e-4f1d-8ef4-e95fd74a7a63"
DATE = "Thu, 30 Mar 2023 08:38:32 GMT"
BODY = b'{"some-unique-content":"ee6e441b-cc4a-46f8-895d-a5af79bcc233/hello-world"}'
HASH = "lNlsp1XA03N34HrQsVzPgJKtC+r7l/RBF4V3JQUWMj4="
SIGNATURE = "agAiSyogQbDHpeucoNwYz+yAr5nJ+v+zasdkSbqzv+U="
AUTHORIZATION = f"HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={SIGNATURE}"
THEN = datetime(2023, 3, 30, 8, 38, 32, tzinfo=UTC)

PROVIDER = Vipps({}).provide_payment_methods()[0]
REFERENCE = "0f1d4a52-6a0b-4b83-9c35-7a3f4f0f8d11"
SECRETS = ("client_secret", "subscription_key", "webhook_secret")


def account(sim: VippsSim | None = None, keys: Keys | None = None, **changes: Any) -> Account:
    """An agreement as it is handed to the plugin."""
    keys = keys or (sim.keys if sim else Keys())
    given = {"client_id": keys.client_id, "client_secret": keys.client_secret, "msn": keys.msn,
             "subscription_key": keys.subscription_key, "webhook_secret": SECRET,
             "base_url": sim.base_url if sim else ""}  # fmt: skip
    loaded = Agreement().load(given | changes)
    return Account(loaded, {name: loaded.pop(name) for name in SECRETS}, loaded["base_url"])


def order(reference: str = REFERENCE, ore: int = 50_000, **changes: Any) -> PayOrder:
    expires_at = clock.wall_now().replace(microsecond=0) + timedelta(minutes=60)
    given = {"description": "Fjord, sak 1", "return_url": "https://x.no/r", "cancel_url": "https://x.no/c"} | changes
    return PayOrder(reference, Ore(ore), locale="nb", expires_at=expires_at, **given)


def event(name: Any, /, **changes: Any) -> dict[str, Any]:
    return {"msn": "123456", "reference": REFERENCE, "pspReference": "1234567891", "name": name,
            "amount": {"currency": "NOK", "value": 123_450}, "timestamp": "2026-11-21T12:48:46.260Z",
            "idempotencyKey": "k", "success": True} | changes  # fmt: skip


@pytest.fixture
def sim() -> Iterator[VippsSim]:
    with VippsSim(clock.wall_now) as started:
        started.sender.held = True
        yield started


# --- the signature --------------------------------------------------------------------------------------------------


def test_the_check_value_of_the_signature() -> None:
    assert content_hash(BODY) == HASH
    path = "/e2cee29b-012e-4f1d-8ef4-e95fd74a7a63"
    assert authorization(SECRET, path, DATE, "webhook.site", BODY) == AUTHORIZATION
    sent = sign(BODY, SECRET, URL, DATE)
    assert (sent["x-ms-content-sha256"], sent["Authorization"]) == (HASH, AUTHORIZATION)


def call(**changes: str) -> dict[str, str]:
    return {"x-ms-date": DATE, "x-ms-content-sha256": HASH, "authorization": AUTHORIZATION, "host": "webhook.site"} | {
        name.replace("_", "-"): value for name, value in changes.items()
    }


def test_what_is_signed_is_the_address_as_vipps_called_it() -> None:
    """The body of the check value is signed rightly and is no event: that is how it is told apart here."""
    path = "POST /e2cee29b-012e-4f1d-8ef4-e95fd74a7a63"
    for settings, headers, called, why in (
        ({}, call(), path, "unreadable"),
        ({"webhook_url": URL}, call(host="127.0.0.1:8000"), "POST /behind/a/proxy", "unreadable"),
        ({}, call(host="127.0.0.1:8000"), path, "wrong signature"),
        ({}, call(), path + "?x=1", "wrong signature"),
        ({"webhook_url": URL + "?x=1"}, call(), path, "wrong signature"),
        ({"webhook_secret": ""}, call(), path, "no secret"),
        ({}, call(x_ms_date="Thu, 30 Mar 2023 08:38:33 GMT"), path, "wrong signature"),
        ({}, call(x_ms_content_sha256=SIGNATURE), path, "another body"),
    ):
        with pytest.raises(ForgedEvent, match=why):
            PROVIDER.read_event(account(**settings), BODY, headers, called, THEN)


@pytest.mark.parametrize(("seconds", "why"), [(300, "unreadable"), (301, "too old"), (-300, "unread"), (-301, "not")])
def test_a_call_is_good_for_five_minutes(seconds: int, why: str) -> None:
    now = THEN + timedelta(seconds=seconds)
    with pytest.raises(ForgedEvent, match=why):
        PROVIDER.read_event(account(webhook_url=URL), BODY, call(), "POST /", now)


def read(told: object, **changes: Any) -> Any:
    raw = told if isinstance(told, bytes) else json.dumps(told).encode()
    headers = {name.lower(): value for name, value in sign(raw, SECRET, URL, DATE).items()}
    return PROVIDER.read_event(account(webhook_url=URL, **changes), raw, headers, "POST /", THEN)


def test_news_is_of_our_own_sales_unit() -> None:
    assert read(event("AUTHORIZED")).reference == REFERENCE
    assert read(event("AUTHORIZED"), msn="654321") is None


@pytest.mark.parametrize(
    "told",
    [b"", b"\xff", b"[]", b"1", b"null", {}, {"msn": "123456"}, event("AUTHORIZED", timestamp="2026-11-21T12:48:46"),
     event("AUTHORIZED", timestamp="i dag"), event("AUTHORIZED", reference=None), event("AUTHORIZED", name=1),
     event("AUTHORIZED", pspReference="x" * 101)],
)  # fmt: skip
def test_what_is_signed_and_no_event_is_refused(told: object) -> None:
    with pytest.raises(ForgedEvent, match="unreadable"):
        read(told)


@pytest.mark.parametrize(
    ("name", "success", "kind"),
    [
        ("CREATED", True, NewsKind.NOTED),
        ("AUTHORIZED", True, NewsKind.CHANGED),
        ("AUTHORIZED", False, NewsKind.NOTED),
        ("CAPTURED", True, NewsKind.CHANGED),
        ("CAPTURED", False, NewsKind.TROUBLE),
        ("REFUNDED", True, NewsKind.CHANGED),
        ("REFUNDED", False, NewsKind.TROUBLE),
        ("CANCELLED", True, NewsKind.CHANGED),
        ("CANCELLED", False, NewsKind.TROUBLE),
        ("ABORTED", True, NewsKind.FAILED),
        ("TERMINATED", True, NewsKind.FAILED),
        ("EXPIRED", True, NewsKind.EXPIRED),
        ("SOMETHING_NEW", True, NewsKind.NOTED),
    ],
)
def test_no_event_alone_says_that_money_was_paid(name: str, success: bool, kind: NewsKind) -> None:
    news = news_of(event(name, success=success))
    assert (news.kind, news.reference, news.payment_reference) == (kind, REFERENCE, REFERENCE)
    assert news.amount_ore == 0
    assert news.at == datetime(2026, 11, 21, 12, 48, 46, 260_000, UTC)
    assert news.name in EVENTS or name == "SOMETHING_NEW"


def test_the_same_event_is_the_same_news_and_another_is_another() -> None:
    first = news_of(event("CAPTURED"))
    assert news_of(event("CAPTURED")).event_id == first.event_id
    for other in (event("REFUNDED"), event("CAPTURED", pspReference="2"), event("CAPTURED", reference="another-1")):
        assert news_of(other).event_id != first.event_id


def test_the_events_asked_for_are_vipps_own() -> None:
    assert sorted(EVENTS) == sorted(NAMES)


def test_a_timestamp_may_have_seven_decimals() -> None:
    assert moment("2023-03-27T10:51:44.5333258Z") == datetime(2023, 3, 27, 10, 51, 44, 533_325, UTC)


# --- calls ----------------------------------------------------------------------------------------------------------


def test_a_payment_is_looked_up_at_each_step(sim: VippsSim) -> None:
    here = account(sim)
    begun = PROVIDER.begin(here, order())
    assert any(begun.url.startswith(origin) for origin in PROVIDER.origins(here))
    look = lambda: PROVIDER.look_up(here, begun.provider_reference)  # noqa: E731
    assert look().state is PayState.CREATED
    sim.payments.approve(REFERENCE)
    assert (look().state, look().reserved_ore, look().paid_ore) == (PayState.PENDING, 50_000, 0)
    for _ in range(2):
        PROVIDER.settle(here, REFERENCE, Ore(50_000), f"{REFERENCE}-settle")
    paid = look()
    assert (paid.state, paid.paid_ore, paid.reserved_ore, paid.refunded_ore) == (PayState.PAID, 50_000, 0, 0)
    for _ in range(2):
        PROVIDER.refund(here, paid.payment_reference, Ore(20_000), "refund-1")
    assert look().refunded_ore == 20_000, "the same key twice is one refund"
    assert look().state is PayState.PAID


def test_paid_is_dated_when_the_payer_approved_however_late_it_is_taken(sim: VippsSim) -> None:
    here = account(sim)
    PROVIDER.begin(here, order())
    sim.payments.approve(REFERENCE)
    approved = sim.payments.all[REFERENCE]["_events"][-1]
    approved["timestamp"] = "2026-11-19T22:30:00.1234567Z"
    PROVIDER.settle(here, REFERENCE, Ore(50_000), "k-1")
    assert PROVIDER.look_up(here, REFERENCE).paid_at == datetime(2026, 11, 19, 22, 30, 0, 123_456, UTC)


@pytest.mark.parametrize(
    ("verb", "state", "why"),
    [
        ("abort", PayState.FAILED, "aborted"),
        ("cancel", PayState.FAILED, "terminated"),
        ("expire", PayState.EXPIRED, ""),
    ],
)
def test_what_is_over_is_over(sim: VippsSim, verb: str, state: PayState, why: str) -> None:
    here = account(sim)
    PROVIDER.begin(here, order())
    getattr(sim.payments, verb)(REFERENCE)
    ended = PROVIDER.look_up(here, REFERENCE)
    assert (ended.state, ended.why, ended.paid_ore) == (state, why, 0)


def test_a_reservation_is_let_go_once_and_what_is_gone_cannot_be_taken(sim: VippsSim) -> None:
    here = account(sim)
    PROVIDER.begin(here, order())
    sim.payments.approve(REFERENCE)
    for key in ("k-1", "k-1", "k-2"):
        PROVIDER.release(here, REFERENCE, key)
    assert PROVIDER.look_up(here, REFERENCE).state is PayState.FAILED
    PROVIDER.settle(here, REFERENCE, Ore(50_000), "k-3")
    assert sim.payments.held_ore() == 0


def test_a_key_used_for_another_sum_takes_nothing_and_says_so(sim: VippsSim) -> None:
    here = account(sim)
    PROVIDER.begin(here, order())
    sim.payments.approve(REFERENCE)
    PROVIDER.settle(here, REFERENCE, Ore(20_000), "k-1")
    with pytest.raises(ProviderSaysNo, match="409 idempotency-key-reused"):
        PROVIDER.settle(here, REFERENCE, Ore(30_000), "k-1")
    assert sim.payments.held_ore() == 20_000
    with pytest.raises(ProviderSaysNo, match="idempotency_key_too_long"):
        PROVIDER.refund(here, REFERENCE, Ore(1), "k" * 51)


def test_the_same_order_twice_is_one_payment_also_when_the_key_is_forgotten(sim: VippsSim) -> None:
    here, first = account(sim), order()
    begun = PROVIDER.begin(here, first)
    assert PROVIDER.begin(here, first) == begun
    sim._known.clear()
    assert PROVIDER.begin(here, first) == begun, "the reference is known, and the payment is still open"
    with pytest.raises(ProviderSaysNo, match="409"):
        PROVIDER.begin(here, order(ore=60_000))
    sim.payments.abort(REFERENCE)
    sim._known.clear()
    with pytest.raises(ProviderSaysNo, match="409 reference-already-exists"):
        PROVIDER.begin(here, first)
    assert len(sim.payments.all) == 1


def test_all_headers_go_with_every_call(sim: VippsSim) -> None:
    """The simulator refuses calls without keys, sales unit, token or idempotency key; what is optional is seen here."""
    PROVIDER.begin(account(sim), order(description="æ" * 200))
    assert [call.status for call in sim.calls] == [200, 201]
    (create,) = sim.called("create")
    assert create.key == REFERENCE
    sent = json.loads(create.given)
    assert sent["userFlow"] == "WEB_REDIRECT"
    assert sent["paymentDescription"] == "æ" * 100


# --- the access token -----------------------------------------------------------------------------------------------


def test_a_token_is_kept_and_belongs_to_its_own_keys(sim: VippsSim) -> None:
    provider, here = Vipps({}).provide_payment_methods()[0], account(sim)
    for n in range(3):
        provider.begin(here, order(f"reference-{n}"))
    assert len(sim.called("token")) == 1
    stranger = account(sim, Keys(client_secret="guessed"))
    with pytest.raises(ProviderSaysNo, match="401"):
        provider.look_up(stranger, "reference-1")
    assert len(sim.called("token")) == 2, "another's token is not used"


def test_a_token_about_to_run_out_is_not_used(sim: VippsSim) -> None:
    sim.token_seconds = 59
    provider, here = Vipps({}).provide_payment_methods()[0], account(sim)
    for n in range(2):
        provider.begin(here, order(f"reference-{n}"))
    assert len(sim.called("token")) == 2


def test_a_token_refused_midway_is_replaced_once(sim: VippsSim) -> None:
    provider, here = Vipps({}).provide_payment_methods()[0], account(sim)
    provider.begin(here, order())
    sim.expire_tokens()
    assert provider.look_up(here, REFERENCE).state is PayState.CREATED
    assert [call.status for call in sim.called("get")] == [401, 200]
    sim.faults.add("401", "401", on="get")
    with pytest.raises(ProviderSaysNo, match="401"):
        provider.look_up(here, REFERENCE)
    assert len(sim.called("get")) == 4


# --- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["429", "423", "500", "503", "garbage"])
def test_what_may_pass_may_be_asked_again(sim: VippsSim, fault: str) -> None:
    here = account(sim)
    PROVIDER.begin(here, order())
    sim.faults.add(fault, fault, on="get")
    with pytest.raises(ProviderDown) as caught:
        PROVIDER.look_up(here, REFERENCE)
    assert sim.keys.client_secret not in str(caught.value)
    sim.faults.waiting.clear()
    assert PROVIDER.look_up(here, REFERENCE).state is PayState.CREATED


@pytest.mark.parametrize("fault", ["400", "403", "404"])
def test_what_will_not_pass_is_for_a_person(sim: VippsSim, fault: str) -> None:
    here = account(sim)
    PROVIDER.begin(here, order())
    sim.faults.add(fault, on="get")
    with pytest.raises(ProviderSaysNo, match=fault):
        PROVIDER.look_up(here, REFERENCE)
    assert len(sim.called("get")) == 1, "not tried again"


def test_too_many_calls_are_told_apart(sim: VippsSim) -> None:
    here = account(sim)
    PROVIDER.begin(here, order())
    sim.payments.approve(REFERENCE)
    for n in range(5):
        PROVIDER.settle(here, REFERENCE, Ore(100), f"k-{n}")
    with pytest.raises(ProviderDown, match="429"):
        PROVIDER.settle(here, REFERENCE, Ore(100), "k-5")
    assert sim.payments.held_ore() == 500


def test_nobody_at_the_address_is_down() -> None:
    with pytest.raises(ProviderDown):
        PROVIDER.begin(account(base_url="http://127.0.0.1:9"), order())


def test_a_state_nobody_has_heard_of_and_foreign_money_are_for_a_person(sim: VippsSim) -> None:
    here = account(sim)
    PROVIDER.begin(here, order())
    sim.payments.all[REFERENCE]["state"] = "WONDERING"
    with pytest.raises(ProviderSaysNo, match="unreadable"):
        PROVIDER.look_up(here, REFERENCE)
    sim.payments.all[REFERENCE] |= {"state": "CREATED", "amount": {"currency": "DKK", "value": 50_000}}
    sim.payments.approve(REFERENCE)
    with pytest.raises(ProviderSaysNo, match="wrong_currency"):
        PROVIDER.look_up(here, REFERENCE)


# --- webhooks and agreement -----------------------------------------------------------------------------------------


def test_listening_takes_the_place_of_the_last_and_leaves_others_alone(sim: VippsSim) -> None:
    here, other = account(sim), sim.listen("https://other.example/hook", "x")
    first = PROVIDER.listen(here, "https://frist.example/webhooks/vipps/fjord")
    second = PROVIDER.listen(here, "https://frist.example/webhooks/vipps/fjord")
    assert first["webhook_secret"] != second["webhook_secret"]
    kept = [hook for hook in sim.sender.hooks.values() if hook is not other]
    assert other.id in sim.sender.hooks
    assert [(hook.url, hook.secret) for hook in kept] == [(second["webhook_url"], second["webhook_secret"])]
    account(sim, **second)
    with pytest.raises(ProviderSaysNo, match="400"):
        PROVIDER.listen(here, "http://frist.example/hook")


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"msn": "12a"}, "msn"),
        ({"client_secret": "to ord"}, "client_secret"),
        ({"client_secret": ""}, "client_secret"),
        ({"base_url": "http://vipps.example"}, "base_url"),
        ({"base_url": "https://api.vipps.no/epayment"}, "base_url"),
        ({"landing_origins": ["javascript:alert(1)"]}, "landing_origins"),
        ({"webhook_url": "http://127.0.0.1.evil.example/x"}, "webhook_url"),
    ],
)
def test_an_agreement_that_would_not_work_is_refused_without_repeating_it(changes: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValidationError) as caught:
        account(**changes)
    assert list(caught.value.messages_dict) == [wrong]
    assert "to ord" not in str(caught.value)


def test_every_field_of_the_agreement_is_explained_by_an_example_that_works() -> None:
    fields = Agreement().fields
    examples = {name: field.metadata["example"] for name, field in fields.items()}
    assert Agreement().dump(Agreement().load(examples)) == examples
    assert all({"label", "help"} <= set(field.metadata) for field in fields.values())
    assert {name for name, field in fields.items() if field.metadata.get("secret")} == set(SECRETS)
