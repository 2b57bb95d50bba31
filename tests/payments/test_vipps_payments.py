"""Paid with Vipps: reserved in the app, taken by us, and only then money; whatever happens on the way."""

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from saas.cases.models import CaseHold
from saas.cli import frist
from saas.kernel import clock
from saas.kernel.history import HistoryEvent
from saas.kernel.queue import connection
from saas.kernel.servers import Servers
from saas.payments.providers import provider_named
from saas.portals.shared.limits import limiter
from saas.simulators.vipps import Event, VippsSim, sign
from tenants.accounts import account_of
from tenants.models import ProviderAccount
from tenants.resolve import open_tenant
from tests.payments.test_crash import KillAt, Killed
from tests.payments.vipps import SECRET, VippsShop
from workers import jobs

AUTHORIZED, CAPTURED, ABORTED, EXPIRED, REFUNDED, CANCELLED = (
    f"epayments.payment.{name}.v1" for name in ("authorized", "captured", "aborted", "expired", "refunded", "cancelled")
)


@pytest.fixture
def sim() -> Iterator[VippsSim]:
    """A Vipps nobody has used."""
    with VippsSim(clock.wall_now) as started:
        yield started


@pytest.fixture
def shop(app: Flask, agency: UUID, servers: Servers, sim: VippsSim, address: str) -> VippsShop:
    """An agency that takes Vipps; its events wait until the test sends them."""
    with app.app_context():
        limiter.reset()
    provider_named("vipps")._tokens._kept.clear()  # type: ignore[attr-defined]
    made = VippsShop(agency, servers, sim, address)
    made.agree()
    sim.listen(made.webhook, SECRET)
    sim.sender.held = True
    return made


def closed(shop: VippsShop, number: int) -> bool:
    return shop.world.again(number=number).closed_on is not None


def asked_ore(shop: VippsShop) -> int:
    """What the newest payment asks for."""
    return int([*shop.sim.payments.all.values()][-1]["amount"]["value"])


def holds(shop: VippsShop) -> list[str]:
    with open_tenant(shop.tenant_id) as tenant:
        return list(tenant.session.scalars(sa.select(CaseHold.reason)))


# --- the ways it ends -----------------------------------------------------------------------------------------------


def test_approved_is_taken_at_once_and_only_then_paid(shop: VippsShop) -> None:
    case = shop.world.case()
    payer = shop.payer(case)
    reference = payer.pay()
    assert "Vi venter på bekreftelse" in payer.look(), "coming back proves nothing"
    assert (shop.payments(), shop.captured()) == ([], 0)
    assert set(shop.hear()) == {200}
    ore = asked_ore(shop)
    assert shop.captured() == ore
    assert shop.accounts() == {"in_transit": ore, "owed_creditor": -ore}
    (payment,), (attempt,) = shop.payments(), shop.attempts()
    assert (payment.provider, payment.key, payment.state) == ("vipps", f"vipps:{reference}", "placed")
    assert (attempt.state, payment.attempt_id) == ("paid", attempt.id)
    assert closed(shop, case.number)
    assert "Vi har fått betalingen din" in payer.look()
    assert shop.outcomes()[AUTHORIZED] == ["booked"]
    assert shop.outcomes()[CAPTURED] == ["known"]
    assert [call.key for call in shop.sim.called("capture")] == [f"{reference}-settle"]
    assert case.debtor_name not in json.dumps(shop.sim.payments.all[reference])


def test_aborted_in_the_app_is_not_paid_and_another_try_is(shop: VippsShop) -> None:
    case = shop.world.case()
    payer = shop.payer(case)
    payer.pay(how="abort")
    shop.hear()
    assert shop.attempts()[0].state == "failed"
    assert "gikk ikke gjennom" in payer.look()
    assert (shop.payments(), shop.accounts(), shop.captured()) == ([], {}, 0)
    shop.payer(case).pay()
    shop.hear()
    assert shop.accounts()["in_transit"] == shop.captured() == asked_ore(shop)


def test_expired_is_not_paid(shop: VippsShop) -> None:
    payer = shop.payer(shop.world.case())
    reference = payer.form()["attempt"]
    payer.begin()
    shop.sim.payments.expire(reference)
    shop.hear()
    assert shop.attempts()[0].state == "expired"
    assert shop.outcomes()[EXPIRED] == ["noted"]
    assert (shop.payments(), shop.accounts(), shop.captured()) == ([], {}, 0)


def test_a_part_is_paid_and_the_rest_is_left(shop: VippsShop) -> None:
    case = shop.world.case()
    shop.payer(case).pay("500,50")
    shop.hear()
    assert shop.accounts() == {"in_transit": 50_050, "owed_creditor": -50_050}
    assert shop.captured() == 50_050
    assert not closed(shop, case.number)


@pytest.mark.parametrize(("amount", "why"), [("0,99", "minst 1,00"), ("0", "minst 1,00"), ("650 000,01", "høyst 650")])
def test_less_than_a_krone_and_more_than_vipps_takes_are_refused_plainly(
    shop: VippsShop, amount: str, why: str
) -> None:
    payer = shop.payer(shop.world.case(amount="900 000,00"))
    assert payer.press(amount).status_code == 422
    assert why in payer.last.text.replace("\N{NO-BREAK SPACE}", " ")
    assert (shop.attempts(), shop.sim.calls) == ([], [])
    assert payer.press("1").status_code == 303
    assert asked_ore(shop) == 100


def test_what_is_reserved_when_nothing_is_owed_any_more_is_let_go(shop: VippsShop) -> None:
    case = shop.world.case()
    first, second = shop.payer(case), shop.payer(case)
    first.pay(), second.pay()
    shop.hear()
    ore = asked_ore(shop)
    assert shop.captured() == ore, "taken from one, not from both"
    assert shop.reserved() == 0, "and nothing is left standing on the payer's account"
    assert shop.accounts() == {"in_transit": ore, "owed_creditor": -ore}
    assert sorted(attempt.state for attempt in shop.attempts()) == ["failed", "paid"]
    assert len(shop.payments()) == 1


# --- news that is lost, late, twice or stuck ------------------------------------------------------------------------


def test_a_payment_is_taken_and_booked_although_all_its_news_is_lost(shop: VippsShop) -> None:
    case = shop.world.case()
    shop.payer(case).pay()
    shop.sim.sender.lose()
    shop.age_attempts(2)
    shop.watch()
    assert closed(shop, case.number)
    ore = asked_ore(shop)
    assert shop.captured() == ore
    assert shop.accounts() == {"in_transit": ore, "owed_creditor": -ore}
    shop.hear()
    assert len(shop.payments()) == 1


@pytest.mark.parametrize("how", ["abort", "expire"])
def test_an_end_whose_news_is_lost_is_found(shop: VippsShop, how: str) -> None:
    payer = shop.payer(shop.world.case())
    reference = payer.form()["attempt"]
    payer.begin()
    getattr(shop.sim.payments, how)(reference)
    shop.sim.sender.lose()
    shop.age_attempts(2)
    shop.watch()
    assert shop.attempts()[0].state == {"abort": "failed", "expire": "expired"}[how]
    assert (shop.accounts(), shop.captured()) == ({}, 0)


def test_replayed_and_backwards_news_books_one_payment(shop: VippsShop) -> None:
    case = shop.world.case()
    shop.payer(case).pay()
    shop.hear()
    for event in shop.sim.sender.events[::-1]:
        assert set(shop.sim.sender.send(event, copies=3)) == {200}
    shop.work()
    assert len(shop.events()) == len(shop.sim.sender.events) == 3
    assert len(shop.payments()) == 1
    assert len(shop.sim.called("capture")) == 1
    assert shop.accounts()["in_transit"] == shop.captured() == asked_ore(shop)


def test_an_event_that_gets_stuck_holds_back_the_later_ones_and_nothing_is_lost(shop: VippsShop) -> None:
    case = shop.world.case()
    shop.payer(case).pay()
    (hook,) = shop.sim.sender.hooks.values()
    right, hook.secret = hook.secret, "en annens"
    assert shop.hear() == [400]
    assert [event.name for event in hook.waiting][-1] == AUTHORIZED, "behind the one that was refused"
    assert shop.events() == []
    shop.age_attempts(2)
    shop.watch()
    ore = asked_ore(shop)
    assert shop.accounts()["in_transit"] == shop.captured() == ore, "asked, not heard"
    hook.secret = right
    assert shop.hear() == [200, 200, 200]
    assert len(shop.payments()) == 1
    assert shop.accounts()["in_transit"] == ore


def test_nothing_is_lost_when_redis_is_emptied_between_news_and_job(shop: VippsShop) -> None:
    case = shop.world.case()
    shop.payer(case).pay()
    shop.sim.sender.send_waiting()
    connection(shop.servers.redis).flushdb()
    shop.work()
    assert (shop.payments(), shop.captured()) == ([], 0)
    shop.watch()
    assert closed(shop, case.number)
    assert shop.accounts()["in_transit"] == shop.captured() == asked_ore(shop)


def test_killed_at_any_line_each_payment_is_taken_and_booked_once(shop: VippsShop) -> None:
    jobs.work_off_provider_news(str(shop.tenant_id))
    case, killed = shop.world.case(amount="9 000,00"), 0
    for nth in (1, 6, 15, 28, 45, 66, 91, 120, 170, 240, 320):
        shop.payer(case).pay("10")
        shop.sim.sender.send_waiting()
        try:
            with KillAt(nth):
                jobs.work_off_provider_news(str(shop.tenant_id))
        except Killed:
            killed += 1
        jobs.work_off_provider_news(str(shop.tenant_id))
        shop.world.place()
    assert killed > 5
    assert [payment.state for payment in shop.payments()] == ["placed"] * 11
    assert shop.accounts() == {"in_transit": 11_000, "owed_creditor": -11_000}
    assert shop.captured() == 11_000
    connection(shop.servers.redis).flushdb()


# --- taking it goes wrong -------------------------------------------------------------------------------------------


def test_authorised_is_never_counted_as_paid(shop: VippsShop) -> None:
    case = shop.world.case()
    payer = shop.payer(case)
    payer.pay()
    shop.sim.faults.add(*["500"] * 20, on="capture")
    shop.hear()
    assert shop.attempts()[0].state == "pending"
    assert "under behandling" in payer.look(), "so that nobody pays twice"
    assert "er på vei inn" in payer.client.get(payer.page).text
    assert shop.reserved() == asked_ore(shop)
    assert (shop.payments(), shop.accounts(), shop.captured()) == ([], {}, 0)
    assert not closed(shop, case.number)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", ["500", "503", "lost", "timeout", "429", "423"])
def test_a_stumble_at_the_taking_is_tried_again_with_the_same_key_and_booked_once(shop: VippsShop, fault: str) -> None:
    case = shop.world.case()
    reference = shop.payer(case).pay()
    shop.sim.faults.add(fault, fault, on="capture")
    shop.hear()
    shop.watch()
    shop.hear()
    ore = asked_ore(shop)
    assert shop.captured() == ore
    assert shop.accounts() == {"in_transit": ore, "owed_creditor": -ore}
    assert len(shop.payments()) == 1
    assert closed(shop, case.number)
    keys = [call.key for call in shop.sim.called("capture")]
    assert len(keys) > 1
    assert set(keys) == {f"{reference}-settle"}


def test_taken_twice_is_answered_the_same_and_taken_once(shop: VippsShop) -> None:
    reference = shop.payer(shop.world.case()).pay("500")
    with open_tenant(shop.tenant_id) as tenant:
        account = account_of(tenant, "vipps")
    for _ in range(2):
        provider_named("vipps").settle(account, reference, asked_ore(shop), f"{reference}-settle")  # type: ignore[arg-type]
    assert [call.status for call in shop.sim.called("capture")] == [200, 200]
    shop.hear()
    assert shop.captured() == 50_000
    assert shop.accounts() == {"in_transit": 50_000, "owed_creditor": -50_000}


def test_taken_by_hand_in_vipps_portal_counts_as_taken(shop: VippsShop) -> None:
    reference = shop.payer(shop.world.case()).pay("500")
    taken = {"modificationAmount": {"currency": "NOK", "value": 20_000}}
    shop.sim.payments.capture(reference, taken, "")
    shop.hear()
    assert shop.captured() == 50_000, "the rest is taken by us"
    assert shop.accounts() == {"in_transit": 50_000, "owed_creditor": -50_000}
    assert len(shop.payments()) == 1


def test_a_reservation_let_go_in_vipps_portal_is_no_payment(shop: VippsShop) -> None:
    reference = shop.payer(shop.world.case()).pay("500")
    shop.sim.payments.cancel(reference)
    shop.hear()
    assert shop.attempts()[0].state == "failed"
    assert shop.outcomes()[CANCELLED] == ["known"]
    assert (shop.payments(), shop.accounts(), shop.captured()) == ([], {}, 0)


def test_a_taking_that_is_refused_is_for_a_person_and_stays_open(shop: VippsShop) -> None:
    case = shop.world.case()
    shop.payer(case).pay()
    shop.sim.faults.add("403", on="capture")
    shop.hear()
    assert holds(shop) == ["person"]
    assert shop.attempts()[0].state == "pending"
    assert (shop.payments(), shop.accounts(), shop.captured()) == ([], {}, 0)
    shop.age_attempts(61)
    shop.watch()
    assert shop.accounts()["in_transit"] == shop.captured() == asked_ore(shop), "asked again, and taken"
    assert len(shop.payments()) == 1


def test_what_vipps_will_not_tell_is_not_thereby_unpaid(shop: VippsShop) -> None:
    shop.payer(shop.world.case()).pay()
    shop.sim.sender.lose()
    shop.age_attempts(61)
    shop.sim.faults.add("403", on="get")
    shop.watch()
    assert shop.attempts()[0].state == "created", "although its time is over"
    assert (shop.accounts(), shop.captured()) == ({}, 0)
    shop.age_attempts(61)
    shop.watch()
    assert shop.accounts()["in_transit"] == shop.captured() == asked_ore(shop)


def test_a_token_that_runs_out_midway_is_replaced_and_nothing_is_done_twice(shop: VippsShop) -> None:
    case = shop.world.case()
    payer = shop.payer(case)
    payer.begin("100")
    shop.sim.expire_tokens()
    shop.payer(case).pay("500")
    shop.sim.expire_tokens()
    shop.sim.faults.add("401", on="capture")
    shop.hear()
    assert shop.captured() == 50_000
    assert shop.accounts() == {"in_transit": 50_000, "owed_creditor": -50_000}
    assert [call.status for call in shop.sim.called("capture")] == [401, 200]
    assert len(shop.sim.called("token")) == 4


# --- news that is not Vipps' ----------------------------------------------------------------------------------------


def test_forged_news_is_refused_and_not_kept(shop: VippsShop) -> None:
    shop.payer(shop.world.case()).pay()
    event = shop.sim.sender.events[-1]
    now = clock.wall_now()

    def deliver(body: bytes = event.body, **changes: str) -> int:
        date = changes.pop("date", now.strftime("%a, %d %b %Y %H:%M:%S GMT"))
        signed = sign(event.body, changes.pop("secret", SECRET), shop.webhook, date) | changes
        headers = {name.encode(): value.encode("latin-1") for name, value in signed.items()}
        return httpx.post(shop.webhook, content=body, headers=headers).status_code

    assert deliver(event.body[:-1] + b" }") == 400, "one byte"
    assert deliver(event.body.replace(b"AUTHORIZED", b"CAPTURED")) == 400
    assert deliver(secret="en annens") == 400
    assert deliver(secret="") == 400
    assert deliver(Authorization="") == 400
    assert deliver(Authorization="HMAC-SHA256 Signature=æøå") == 400
    assert deliver(**{"x-ms-content-sha256": ""}) == 400
    for minutes in (-6, 6):
        late = (now + timedelta(minutes=minutes)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        assert deliver(date=late) == 400, "too old, or not yet"
    assert deliver(date="i går") == 400
    other = sign(event.body, SECRET, shop.webhook.replace("webhooks/vipps", "webhooks/other"), now.strftime("%c"))
    assert httpx.post(shop.webhook, content=event.body, headers=other).status_code == 400, "signed for another place"
    assert (shop.events(), shop.payments()) == ([], [])
    assert deliver() == 200
    shop.work()
    assert shop.accounts()["in_transit"] == shop.captured() == asked_ore(shop)


def test_without_a_secret_no_news_is_taken_in(shop: VippsShop) -> None:
    shop.agree(webhook_secret="")
    shop.payer(shop.world.case()).pay()
    assert shop.sim.sender.send(shop.sim.sender.events[-1], secret="x") == [400]
    assert (shop.events(), shop.captured()) == ([], 0)


def test_news_of_another_sales_unit_is_answered_and_left_alone(shop: VippsShop) -> None:
    shop.payer(shop.world.case()).pay()
    event = shop.sim.sender.events[-1]
    other = Event(event.name, event.body.replace(b'"123456"', b'"654321"'))
    assert other.body != event.body
    assert shop.sim.sender.send(other) == [200]
    assert (shop.events(), shop.payments()) == ([], [])


def test_news_of_a_payment_that_is_not_ours_is_kept_and_nothing_is_taken(shop: VippsShop) -> None:
    shop.sim.payments.create(
        {"amount": {"currency": "NOK", "value": 5_000}, "paymentMethod": {"type": "WALLET"},
         "reference": "kiosk-0001", "userFlow": "WEB_REDIRECT", "returnUrl": "https://kiosk.example"}, "k")  # fmt: skip
    shop.sim.payments.approve("kiosk-0001")
    shop.hear()
    assert shop.outcomes()[AUTHORIZED] == ["unknown"]
    assert (shop.payments(), shop.accounts(), shop.captured()) == ([], {}, 0)
    assert shop.sim.calls == []


# --- Vipps is down, slow or says no ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("faults", "on"),
    [(["429"], "create"), (["500", "500"], "create"), (["timeout", "timeout"], "create"), (["403"], "create"),
     (["401", "401"], "create"), (["503", "503"], "token"), (["timeout", "timeout"], "token"), (["garbage"], "create")],
)  # fmt: skip
def test_when_vipps_cannot_the_page_gives_kid_and_account(shop: VippsShop, faults: list[str], on: str) -> None:
    case = shop.world.case()
    payer = shop.payer(case)
    shop.sim.faults.add(*faults, on=on)
    shown = payer.last
    answer = payer.press()
    assert answer.status_code == 503
    assert case.kid in answer.text.replace("\N{NO-BREAK SPACE}", "")
    assert (shop.accounts(), shop.captured()) == ({}, 0)
    payer.last = shown
    payer.pay()
    shop.hear()
    assert len(shop.sim.payments.all) == 1, "the same form again is the same payment"
    assert shop.accounts()["in_transit"] == shop.captured() == asked_ore(shop)


# --- money that goes back -------------------------------------------------------------------------------------------


def test_what_is_sent_back_in_parts_leaves_the_book_once_each(shop: VippsShop) -> None:
    case = shop.world.case()
    reference = shop.payer(case).pay("500")
    shop.hear()
    with open_tenant(shop.tenant_id) as tenant:
        account = account_of(tenant, "vipps")
    for key, ore in (("r-1", 10_000), ("r-1", 10_000), ("r-2", 5_000)):
        provider_named("vipps").refund(account, reference, ore, key)  # type: ignore[arg-type]
    shop.hear()
    assert shop.captured() == 35_000
    assert shop.attempts()[0].refunded_ore == 15_000
    assert shop.accounts() == {"in_transit": 35_000, "owed_creditor": -35_000}


def test_what_vipps_will_not_tell_of_money_sent_back_is_for_a_person(shop: VippsShop) -> None:
    reference = shop.payer(shop.world.case()).pay("500")
    shop.hear()
    back = {"modificationAmount": {"currency": "NOK", "value": 10_000}}
    shop.sim.payments.refund(reference, back, "")
    shop.sim.faults.add("403", on="get")
    shop.hear()
    assert shop.outcomes()[REFUNDED] == ["waits_for_person"]
    assert holds(shop) == ["person"]
    assert (shop.accounts()["in_transit"], shop.captured()) == (50_000, 40_000)


# --- the agreement --------------------------------------------------------------------------------------------------


def test_events_are_registered_by_command_and_their_secret_kept(shop: VippsShop) -> None:
    shop.agree(webhook_secret="", webhook_url="")
    shop.sim.sender.hooks.clear()
    command = ["account", "listen", "vipps", "--tenant", shop.slug, "--url", shop.webhook]
    for _ in range(2):
        ran = CliRunner().invoke(frist, command)
        assert ran.exit_code == 0, ran.output
    (hook,) = shop.sim.sender.hooks.values()
    assert hook.secret not in ran.output, "the second took the place of the first"
    shop.payer(shop.world.case()).pay()
    assert set(shop.hear()) == {200}
    assert shop.accounts()["in_transit"] == shop.captured() == asked_ore(shop)
    shop.sim.faults.add("403", on="webhooks")
    assert CliRunner().invoke(frist, command).exit_code == 1


def test_secrets_are_nowhere_to_be_read(shop: VippsShop, capfd: pytest.CaptureFixture[str]) -> None:
    payer = shop.payer(shop.world.case())
    shop.sim.faults.add("401", "401", on="create")
    payer.press()
    httpx.post(shop.webhook, content=b"{}", headers={"authorization": "x"})
    with open_tenant(shop.tenant_id) as tenant:
        (row,) = tenant.session.scalars(sa.select(ProviderAccount).where(ProviderAccount.provider == "vipps"))
        told = b"".join(tenant.session.scalars(sa.select(HistoryEvent.body)))
        account = account_of(tenant, "vipps")
    stored = row.secrets + json.dumps(row.settings).encode() + repr(row).encode() + told
    logged = "".join(capfd.readouterr())
    for secret in (*account.secrets.values(), *shop.sim.tokens):
        assert secret.encode() not in stored
        assert secret not in logged + payer.last.text + repr(account)
