"""Paid by card: from the page in the letter's link to the book, whatever happens to the news on the way."""

import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from saas.cases.models import CaseHold
from saas.kernel import clock
from saas.kernel.history import HistoryEvent
from saas.kernel.queue import connection
from saas.payments.models import ProviderPayout
from saas.simulators.stripe import sign
from saas.simulators.stripe.books import fee_of
from tenants.models import ProviderAccount
from tenants.resolve import open_tenant
from tests.payments.card import KEY, SECRET, Shop
from tests.payments.test_crash import KillAt, Killed
from workers import jobs

PRINCIPAL = 124_000  # the builders' claim; its interest comes on top


def owed_ore(shop: Shop) -> int:
    """What the newest session asks for."""
    return int([*shop.books.sessions.values()][-1]["amount_total"])


def closed(shop: Shop, number: int) -> bool:
    return shop.world.again(number=number).closed_on is not None


# --- the ways it ends -----------------------------------------------------------------------------------------------


def test_paid_by_card_is_placed_like_any_payment_and_closes_the_case(shop: Shop) -> None:
    case = shop.world.case()
    payer = shop.payer(case)
    payer.pay()
    assert "Vi venter på bekreftelse" in payer.look(), "coming back proves nothing"
    assert shop.payments() == []
    assert set(shop.sim.sender.send_all()) == {200}
    assert [event.outcome for event in shop.events()] == [""] * 4, "kept, and worked off by nobody yet"
    shop.work()
    assert "Vi har fått betalingen din" in payer.look()
    (payment,), (attempt,) = shop.payments(), shop.attempts()
    assert (payment.provider, payment.state, payment.value_on) == ("stripe", "placed", date(2026, 3, 2))
    assert attempt.state == "paid"
    assert payment.attempt_id == attempt.id
    assert closed(shop, case.number)
    paid_ore = owed_ore(shop)
    assert paid_ore > PRINCIPAL, "with the interest of the day it was pressed"
    assert shop.accounts() == {"in_transit": paid_ore, "owed_creditor": -paid_ore}
    assert shop.books.balance_ore() == paid_ore - fee_of(paid_ore)
    (session,) = shop.books.sessions.values()
    assert session["metadata"] == session["_intent_data"]["metadata"] == {"reference": attempt.reference}
    assert case.debtor_name not in json.dumps(session)


def test_a_part_is_paid_and_the_rest_is_left(shop: Shop) -> None:
    case = shop.world.case()
    shop.payer(case).pay("500,50")
    shop.sim.sender.send_all()
    shop.work()
    assert owed_ore(shop) == 50_050
    assert shop.accounts() == {"in_transit": 50_050, "owed_creditor": -50_050}
    assert not closed(shop, case.number)
    assert shop.world.book(case).paid_ore == 50_050


@pytest.mark.parametrize("amount", ["0", "2,99", "99 999", "-5", "tolv"])
def test_too_little_too_much_and_no_amount_at_all_begin_nothing(shop: Shop, amount: str) -> None:
    payer = shop.payer(shop.world.case())
    assert payer.press(amount).status_code == 422
    assert "Feil: " in payer.last.text
    assert (shop.attempts(), shop.sim.calls) == ([], [])


@pytest.mark.parametrize("ok", [True, False])
def test_a_payment_that_takes_time_counts_when_it_has_come(shop: Shop, ok: bool) -> None:
    case = shop.world.case()
    payer = shop.payer(case)
    session_id = payer.pay(how="later")
    shop.sim.sender.send_all()
    shop.work()
    assert "under behandling" in payer.look()
    assert shop.attempts()[0].state == "pending"
    assert (shop.payments(), shop.accounts()) == ([], {})
    assert "er på vei inn" in payer.client.get(payer.page).text, "so that nobody pays twice"
    shop.books.settle(session_id, ok=ok)
    shop.sim.sender.send_all()
    shop.work()
    assert shop.attempts()[0].state == ("paid" if ok else "failed")
    assert closed(shop, case.number) is ok
    assert shop.accounts().get("in_transit", 0) == (owed_ore(shop) if ok else 0)
    assert shop.books.balance_ore() == (owed_ore(shop) - fee_of(owed_ore(shop)) if ok else 0)


def test_a_session_that_runs_out_ends_the_attempt(shop: Shop) -> None:
    payer = shop.payer(shop.world.case())
    session_id = payer.begin().rsplit("/", 1)[1]
    shop.books.expire_session(session_id)
    shop.sim.sender.send_all()
    shop.work()
    assert shop.attempts()[0].state == "expired"
    assert (shop.payments(), shop.accounts(), shop.books.balance_ore()) == ([], {}, 0)


def test_a_declined_card_ends_nothing_and_another_card_pays(shop: Shop) -> None:
    case = shop.world.case()
    payer = shop.payer(case)
    at = payer.begin()
    payer.client.post(at, data={"action": "decline"})
    shop.sim.sender.send_all()
    shop.work()
    assert shop.attempts()[0].state == "created"
    payer.client.post(at, data={"action": "pay"})
    shop.sim.sender.send_all()
    shop.work()
    assert closed(shop, case.number)
    assert shop.accounts()["in_transit"] == owed_ore(shop)


def test_paid_twice_is_the_debtors_money(shop: Shop) -> None:
    case = shop.world.case()
    first, second = shop.payer(case), shop.payer(case)
    first.pay(), second.pay()
    shop.sim.sender.send_all()
    shop.work()
    paid_ore = owed_ore(shop)
    assert shop.accounts() == {"in_transit": 2 * paid_ore, "owed_creditor": -paid_ore, "owed_debtor": -paid_ore}


# --- news that comes twice, late, in any order, or not at all -------------------------------------------------------


def test_both_families_of_events_three_times_each_and_backwards_book_one_payment(shop: Shop) -> None:
    case = shop.world.case()
    shop.payer(case).pay()
    shop.sim.sender.send_all(shop.sim.sender.events[::-1], copies=3)
    shop.work()
    shop.sim.sender.send_all(copies=2)
    shop.work()
    assert len(shop.payments()) == 1
    assert len(shop.events()) == len(shop.sim.sender.events)
    assert shop.outcomes()["checkout.session.completed"] == ["booked"]
    assert shop.outcomes()["payment_intent.succeeded"] == ["known"]
    assert shop.accounts()["in_transit"] == owed_ore(shop)


def test_news_that_a_session_ran_out_changes_nothing_once_it_was_paid(shop: Shop) -> None:
    payer = shop.payer(shop.world.case())
    session_id = payer.pay()
    shop.books.sessions[session_id]["status"] = "open"
    shop.books.expire_session(session_id)
    shop.sim.sender.send_all()
    shop.work()
    assert shop.attempts()[0].state == "paid"
    assert shop.outcomes()["checkout.session.expired"] == ["known"]


def test_a_payment_comes_in_although_all_its_news_is_lost(shop: Shop) -> None:
    case = shop.world.case()
    shop.payer(case).pay()
    shop.watch()
    assert shop.payments() == [], "a minute is given to the news"
    shop.age_attempts(2)
    shop.watch()
    assert closed(shop, case.number)
    shop.sim.sender.send_all()
    shop.work()
    assert len(shop.payments()) == 1
    assert shop.accounts()["in_transit"] == owed_ore(shop)


def test_an_attempt_nobody_finished_ends_by_itself(shop: Shop) -> None:
    shop.payer(shop.world.case()).begin()
    shop.age_attempts(61)
    shop.watch()
    assert shop.attempts()[0].state == "expired"
    assert shop.accounts() == {}


def test_nothing_is_lost_when_redis_is_emptied_between_news_and_job(shop: Shop) -> None:
    case = shop.world.case()
    shop.payer(case).pay()
    shop.sim.sender.send_all()
    connection(shop.servers.redis).flushdb()
    shop.work()
    assert shop.payments() == []
    shop.watch()
    assert closed(shop, case.number)
    assert shop.accounts()["in_transit"] == owed_ore(shop)


def test_nothing_is_lost_or_doubled_when_the_worker_is_killed_after_the_payment_is_a_row(
    shop: Shop, tmp_path: Path, home: Path
) -> None:
    case = shop.world.case()
    shop.payer(case).pay()
    shop.sim.sender.send_all()
    (tmp_path / "sitecustomize.py").write_text(
        "import os, saas.payments.placing as p\np.place_payments = lambda *_, **__: os.kill(os.getpid(), 9)\n"
    )
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH", ""))))
    ended = subprocess.run(
        [sys.executable, "-m", "workers.run", "--burst"],
        env=os.environ | {"FRIST_REDIS_URL": shop.servers.redis, "FRIST_HOME": str(home), "PYTHONPATH": path},
        timeout=60,
    )
    assert ended.returncode == -signal.SIGKILL
    assert [payment.state for payment in shop.payments()] == ["new"]
    assert shop.accounts() == {}
    connection(shop.servers.redis).flushdb()
    shop.watch()
    assert closed(shop, case.number)
    assert len(shop.payments()) == 1
    assert shop.accounts()["in_transit"] == owed_ore(shop)


def test_killed_at_any_line_the_job_books_each_payment_once(shop: Shop) -> None:
    jobs.work_off_provider_news(str(shop.tenant_id))
    case, killed = shop.world.case(amount="9 000,00"), 0
    for nth in (1, 6, 15, 28, 45, 66, 91, 120, 170, 240):
        shop.payer(case).pay("10")
        shop.sim.sender.send_all()
        shop.sim.sender.events.clear()
        try:
            with KillAt(nth):
                jobs.work_off_provider_news(str(shop.tenant_id))
        except Killed:
            killed += 1
        jobs.work_off_provider_news(str(shop.tenant_id))
        shop.world.place()
    assert killed > 5
    assert [payment.state for payment in shop.payments()] == ["placed"] * 10
    assert shop.accounts() == {"in_transit": 10_000, "owed_creditor": -10_000}
    connection(shop.servers.redis).flushdb()


# --- news that is not the provider's --------------------------------------------------------------------------------


def deliver(shop: Shop, body: bytes, header: str | None) -> int:
    headers = {} if header is None else {"Stripe-Signature": header}
    return httpx.post(shop.webhook, content=body, headers=headers).status_code


def test_forged_news_is_refused_and_not_kept(shop: Shop) -> None:
    shop.payer(shop.world.case()).pay()
    body, now = shop.sim.sender.events[-1].body, int(clock.wall_now().timestamp())
    right = sign(body, SECRET, now)
    assert deliver(shop, body[:-2] + b" }", right) == 400, "one byte"
    assert deliver(shop, body.replace(b'"paid"', b'"PAID"'), right) == 400
    assert deliver(shop, body, right.replace(f"t={now}", f"t={now + 1}")) == 400, "another moment"
    assert deliver(shop, body, sign(body, SECRET, now - 301)) == 400, "too old"
    assert deliver(shop, body, sign(body, SECRET, now + 3_600)) == 400, "not yet"
    assert deliver(shop, body, sign(body, "whsec_en_annens", now)) == 400, "another tenant's secret"
    assert deliver(shop, body, sign(body, "", now)) == 400
    assert deliver(shop, body, None) == 400
    assert deliver(shop, body, "t=,v1=") == 400
    assert deliver(shop, b"\xff\xfe", sign(b"\xff\xfe", SECRET, now)) == 400, "no text"
    assert deliver(shop, b"[]", sign(b"[]", SECRET, now)) == 400, "no event"
    assert shop.events() == []
    assert deliver(shop, body, right) == 200
    assert len(shop.events()) == 1


def test_news_larger_than_256_kb_is_refused_unread(shop: Shop) -> None:
    body = b'{"id": "' + b"x" * 256 * 1024 + b'"}'
    assert deliver(shop, body, sign(body, SECRET, int(clock.wall_now().timestamp()))) == 413
    assert shop.events() == []


def test_news_for_a_tenant_without_an_agreement_or_of_no_provider_is_not_found(shop: Shop, power: object) -> None:
    with open_tenant(power) as tenant:  # type: ignore[arg-type]
        other = tenant.slug
    for path in (f"stripe/{other}", f"ocr_giro/{shop.slug}", f"nope/{shop.slug}", "stripe/nobody"):
        assert httpx.post(f"{shop.address}/webhooks/{path}", content=b"{}").status_code == 404, path


def test_news_of_a_payment_that_is_not_ours_is_kept_and_left_alone(shop: Shop) -> None:
    price = {"currency": "nok", "unit_amount": 5_000, "product_data": {"name": "x"}}
    items = [{"quantity": 1, "price_data": price}]
    session = shop.books.create_session({"mode": "payment", "success_url": "https://shop.example", "line_items": items})
    shop.books.pay(session["id"])
    shop.sim.sender.send_all()
    shop.work()
    assert shop.outcomes()["checkout.session.completed"] == ["unknown"]
    assert (shop.payments(), shop.accounts()) == ([], {})


def test_a_payment_in_another_currency_is_for_a_person(shop: Shop) -> None:
    case = shop.world.case()
    session_id = shop.payer(case).begin().rsplit("/", 1)[1]
    shop.books.sessions[session_id]["currency"] = "usd"
    shop.books.pay(session_id)
    shop.sim.sender.send_all()
    shop.work()
    assert shop.outcomes()["checkout.session.completed"] == ["waits_for_person"]
    assert shop.payments() == []
    with open_tenant(shop.tenant_id) as tenant:
        assert tenant.session.scalars(sa.select(CaseHold.reason)).all() == ["person"]


# --- the provider is down, slow or says no --------------------------------------------------------------------------


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("faults", [["429"], ["500", "500"], ["timeout", "timeout"], ["401"], ["402"]])
def test_when_the_provider_cannot_the_page_gives_kid_and_account(shop: Shop, faults: list[str]) -> None:
    case = shop.world.case()
    payer = shop.payer(case)
    shop.sim.faults.waiting += faults
    answer = payer.press()
    assert answer.status_code == 503
    shown = answer.text.replace("\N{NO-BREAK SPACE}", "")
    assert case.kid in shown
    assert shop.world.account in shown
    assert "Ingen penger er trukket" in answer.text
    assert shop.accounts() == {}
    payer.last = payer.client.get(payer.page)
    payer.pay()
    shop.sim.sender.send_all()
    shop.work()
    assert closed(shop, case.number), "the next try works"
    assert len(shop.payments()) == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", ["500", "409", "timeout"])
def test_one_stumble_is_tried_again_with_the_same_key_and_makes_one_session(shop: Shop, fault: str) -> None:
    payer = shop.payer(shop.world.case())
    shop.sim.faults.waiting.append(fault)
    payer.begin()
    assert len(shop.books.sessions) == 1
    first, second = [call for call in shop.sim.calls if call.path.endswith("sessions")][:2] or [None, None]
    assert first is not None
    assert first.key == second.key == shop.attempts()[0].reference


def test_the_same_form_sent_twice_is_one_payment(shop: Shop) -> None:
    payer = shop.payer(shop.world.case())
    shown = payer.last
    first = payer.begin()
    payer.last = shown
    assert payer.begin() == first
    assert len(shop.attempts()) == len(shop.books.sessions) == len(shop.sim.calls) == 1
    payer.last = shown
    again = payer.press("700")
    assert again.status_code == 303
    assert "/betaling/" in again.headers["location"], "another sum in a used form: told how far it came"
    assert len(shop.books.sessions) == 1


# --- money that goes back -------------------------------------------------------------------------------------------


def test_money_that_goes_back_waits_for_the_payment_and_counts_once(shop: Shop) -> None:
    case = shop.world.case()
    shop.payer(case).pay()
    (intent_id,) = shop.books.intents
    paid = list(shop.sim.sender.events)
    shop.books.create_refund({"payment_intent": intent_id, "amount": 10_000})
    shop.books.create_refund({"payment_intent": intent_id, "amount": 5_000})
    backwards = [event for event in shop.sim.sender.events if event not in paid][::-1]
    shop.sim.sender.send_all(backwards)
    shop.work()
    assert shop.outcomes()["charge.refunded"] == ["", ""], "nothing is known of the payment yet"
    shop.sim.sender.send_all(paid)
    shop.work()
    assert all(event.done_at for event in shop.events())
    assert shop.outcomes()["charge.refunded"].count("known") == 1, "15 000 in all came first"
    assert shop.attempts()[0].refunded_ore == 15_000
    left_ore = owed_ore(shop) - 15_000
    assert shop.accounts() == {"in_transit": left_ore, "owed_creditor": -left_ore}
    assert shop.books.balance_ore() == left_ore - fee_of(owed_ore(shop))
    assert not closed(shop, case.number), "owed again, so it is open again"


def test_a_dispute_is_followed_to_its_end(shop: Shop) -> None:
    shop.payer(shop.world.case()).pay("400")
    (intent_id,) = shop.books.intents
    dispute = shop.books.dispute(intent_id)
    shop.sim.sender.send_all()
    shop.work()
    assert shop.attempts()[0].charged_back_ore == 40_000
    assert shop.accounts() == {}
    assert [payment.state for payment in shop.payments()] == ["reversed"]
    assert any(hold == "person" for hold in _holds(shop))
    shop.books.close_dispute(dispute["id"], won=True)
    shop.sim.sender.send_all()
    shop.work()
    assert shop.attempts()[0].charged_back_ore == 0
    assert [payment.state for payment in shop.payments()] == ["reversed", "placed"], "won: a payment of its own"
    assert shop.accounts() == {"in_transit": 40_000, "owed_creditor": -40_000}


def _holds(shop: Shop) -> list[str]:
    with open_tenant(shop.tenant_id) as tenant:
        return list(tenant.session.scalars(sa.select(CaseHold.reason)))


# --- payouts --------------------------------------------------------------------------------------------------------


def test_a_payout_moves_what_was_on_its_way_to_the_bank_and_the_agency_bears_the_fee(shop: Shop) -> None:
    case = shop.world.case()
    shop.payer(case).pay("500")
    shop.payer(case).pay("300")
    payout = shop.books.pay_out()
    shop.sim.sender.send_all(copies=2)
    shop.work()
    fee_ore = fee_of(50_000) + fee_of(30_000)
    assert payout["amount"] == 80_000 - fee_ore
    expected = {"client_bank": payout["amount"], "owed_creditor": -80_000, "earned": fee_ore}
    assert shop.accounts() == expected
    assert sorted(shop.outcomes()["payout.paid"] + shop.outcomes()["payout.reconciliation_completed"]) == [
        "booked",
        "known",
    ]
    with open_tenant(shop.tenant_id) as tenant:
        (row,) = tenant.session.scalars(sa.select(ProviderPayout))
        assert (row.reference, row.gross_ore, row.fee_ore) == (payout["id"], 80_000, fee_ore)
    assert shop.books.balance_ore() == 0


def test_a_payout_waits_until_the_provider_can_tell_what_is_in_it(shop: Shop) -> None:
    shop.payer(shop.world.case()).pay("500")
    payout = shop.books.pay_out(reconciled=False)
    shop.sim.sender.send_all()
    shop.work()
    assert shop.outcomes()["payout.paid"] == [""]
    assert "client_bank" not in shop.accounts()
    shop.books.reconcile(payout["id"])
    shop.watch()
    assert shop.accounts()["client_bank"] == payout["amount"]


def test_a_payout_whose_news_is_lost_is_found_the_next_day(shop: Shop) -> None:
    shop.payer(shop.world.case()).pay("500")
    odd = shop.books.pay_out()
    shop.payer(shop.world.case()).pay("300")
    payout = shop.books.pay_out()
    later = shop.books.pay_out(reconciled=False)
    shop.books.payouts[odd["id"]]["amount"] += 1
    shop.sim.sender.events.clear()
    for _ in range(2):
        jobs.settle(str(shop.tenant_id))
    with open_tenant(shop.tenant_id) as tenant:
        assert [row.reference for row in tenant.session.scalars(sa.select(ProviderPayout))] == [payout["id"]]
    shop.books.payouts[odd["id"]]["amount"] -= 1
    shop.books.reconcile(later["id"])
    shop.sim.faults.waiting += ["500", "500"]
    jobs.settle(str(shop.tenant_id))
    jobs.settle(str(shop.tenant_id))
    shop.sim.sender.send_all()
    shop.work()
    with open_tenant(shop.tenant_id) as tenant:
        rows = tenant.session.scalars(sa.select(ProviderPayout.reference)).all()
    assert sorted(rows) == sorted([odd["id"], payout["id"], later["id"]])


def test_a_payout_of_many_payments_is_read_page_by_page(shop: Shop) -> None:
    for _ in range(130):
        shop.books._move("charge", 1_000, 224)
    payout = shop.books.pay_out()
    shop.sim.sender.send_all(shop.sim.sender.events[-1:])
    shop.work()
    assert shop.accounts() == {"client_bank": 130 * 776, "earned": 130 * 224, "in_transit": -130_000}
    assert payout["amount"] == 130 * 776


# --- the agreement --------------------------------------------------------------------------------------------------


def test_secrets_are_nowhere_to_be_read(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    shop.agree()
    payer = shop.payer(shop.world.case())
    shop.sim.faults.waiting += ["401"]
    payer.press()
    deliver(shop, b"{}", "t=1,v1=2")
    with open_tenant(shop.tenant_id) as tenant:
        (row,) = tenant.session.scalars(sa.select(ProviderAccount))
        told = b"".join(tenant.session.scalars(sa.select(HistoryEvent.body)))
    stored = row.secrets + json.dumps(row.settings).encode() + repr(row).encode() + told
    logged = "".join(capfd.readouterr())
    for secret in (KEY, SECRET):
        assert secret.encode() not in stored
        assert secret not in logged + payer.last.text
    assert b"payment_provider" not in row.secrets


def test_an_agreement_that_is_off_begins_nothing_and_still_hears_of_what_was_begun(shop: Shop) -> None:
    case = shop.world.case()
    payer = shop.payer(case)
    payer.pay()
    waits = shop.payer(case)
    shop.agree(enabled=False)
    assert "Betal med kort" not in shop.payer(case).last.text
    assert waits.press().status_code == 422
    shop.sim.sender.send_all()
    shop.work()
    assert closed(shop, case.number)


def test_with_connect_the_charge_is_made_as_the_agencys_own_account(shop: Shop) -> None:
    shop.agree(access="connect", account="acct_fjord")
    shop.sim.sender.endpoints.clear()
    shop.sim.listen(shop.webhook, SECRET, connect=True)
    case = shop.world.case()
    shop.payer(case).pay()
    assert {call.account for call in shop.sim.calls} == {"acct_fjord"}
    assert b"application_fee" not in shop.sim.calls[0].given
    assert shop.sim.own.sessions == {}, "nothing passes through the platform"
    stranger = shop.sim.sender.events[-1].body.replace(b'"account": "acct_fjord"', b'"account": "acct_other"')
    assert deliver(shop, stranger, sign(stranger, SECRET, int(clock.wall_now().timestamp()))) == 200
    assert shop.events() == [], "about somebody else's account: answered, not kept"
    shop.sim.sender.send_all()
    shop.work()
    assert closed(shop, case.number)
    assert shop.accounts()["in_transit"] == shop.sim.books["acct_fjord"].balance_ore() + fee_of(
        shop.accounts()["in_transit"]
    )
