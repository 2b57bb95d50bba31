"""Payments of every kind, 3 % nonsense and crashes: after each day the book holds, and the same seed gives the same.

One of five shards again: `MONEY_SHARDS=3 pytest -m long tests/simulation/money`. `MONEY_CASES` (of a shard) and
`MONEY_DAYS` make it smaller.
"""

import gc
import os
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from saas.kernel import clock
from saas.kernel.db import engine
from saas.kernel.queue import rq_queue
from saas.kernel.servers import Servers
from saas.payments.providers import provider_named
from saas.portals.shared.limits import limiter
from saas.simulators.stripe import StripeSim
from saas.simulators.vipps import VippsSim
from tests.builders import make_agency
from tests.payments import vipps
from tests.payments.card import SECRET, Shop
from tests.payments.conftest import address, app  # noqa: F401 - fixtures
from tests.payments.vipps import VippsShop
from tests.simulation.money.plan import FIRST, HABITS, SILLY, Plan
from tests.simulation.money.town import Town

SHARDS = 5
CASES, DAYS = int(os.environ.get("MONEY_CASES", "2000")), int(os.environ.get("MONEY_DAYS", str(3 * 365)))
CHOSEN = [int(each) for each in os.environ.get("MONEY_SHARDS", "").split(",") if each] or range(SHARDS)
Lived = Callable[[Plan, float], Town]


@pytest.fixture
def live(app: Flask, servers: Servers, address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lived]:  # noqa: F811
    """Lives through a plan in a tenant of its own, with a Stripe and a Vipps nobody else uses."""

    # What is killed here is work, never PostgreSQL: nothing is gained by waiting for the disk at each COMMIT.
    monkeypatch.setenv("PGOPTIONS", "-c synchronous_commit=off")
    engine().dispose()
    gc.collect()
    gc.freeze()  # what stands there stays for years: the hunt for cycles need not walk it again and again

    def lived(plan: Plan, crashes: float) -> Town:
        with app.app_context():
            limiter.reset()
        limiter.enabled = False  # years of payers, all from one address
        provider_named("vipps")._tokens._kept.clear()  # type: ignore[attr-defined]
        tenant_id = make_agency(servers, sandbox_on=FIRST)
        with StripeSim(clock.wall_now) as stripe, VippsSim(clock.wall_now) as mobile:
            cards, phone = Shop(tenant_id, servers, stripe, address), VippsShop(tenant_id, servers, mobile, address)
            cards.agree()
            phone.agree()
            stripe.listen(cards.webhook, SECRET)
            mobile.listen(phone.webhook, vipps.SECRET)
            stripe.sender.held = mobile.sender.held = True
            town = Town(plan, cards, phone, crashes)
            town.live()
        return town

    yield lived
    engine().dispose()  # others wait for the disk
    gc.unfreeze()
    limiter.enabled = True
    rq_queue(servers.redis).empty()


def test_killed_or_not_a_season_of_payments_of_every_kind_gives_the_same_book(live: Lived) -> None:
    plan = Plan(15, 16, 8, nonsense=0.3)  # with the days on which providers pay out, and that on which we do
    calm, killed = live(plan, 0), live(plan, 0.2)
    assert killed.kills > 3
    assert killed.book_hash() == calm.book_hash()
    assert killed.done == calm.done
    assert {"ocr", "camt", "card", "vipps", "direct", "bounce", "refund", "dispute", "verdict"} <= calm.done.keys()
    assert len(calm.done.keys() & set(SILLY)) > 9


@pytest.mark.long
def test_killed_or_not_years_of_payments_give_the_same_book(live: Lived) -> None:
    plan = Plan(2_000, CASES // 20, DAYS)
    calm, killed = live(plan, 0), live(plan, 0.02)
    print(f"{CASES // 20} cases, {DAYS} days, {killed.kills} kills, {calm.done}, {calm.book_hash()}")
    assert killed.kills > 20
    assert killed.book_hash() == calm.book_hash()
    assert killed.done == calm.done


@pytest.mark.long
@pytest.mark.parametrize("shard", CHOSEN)
def test_three_years_of_payments_hold_every_single_day(live: Lived, shard: int) -> None:
    town = live(Plan(1_000 + shard, CASES, DAYS), 0.01)
    print(f"shard {shard}: {CASES} cases, {DAYS} days, {town.kills} kills, {town.done}, {town.book_hash()}")
    assert town.kills > 0


def test_every_kind_of_payment_is_among_a_long_plan() -> None:
    assert {debtor.habit for debtor in Plan(1_000, 500, 1_095).debtors} == set(HABITS)
