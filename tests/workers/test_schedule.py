"""The watch asks for the look at the law's figures once a night."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from saas.kernel.queue import connection, rq_queue
from saas.kernel.servers import Servers
from saas.ledger.audit import last_checks
from saas.ledger.post import post
from saas.ledger.sums import merge_sums
from tenants.resolve import open_tenant
from tenants.sandbox import move_clock
from tests.builders import at
from tests.ledger.books import DAY, money_in
from workers import schedule
from workers.jobs import check_book
from workers.schedule import Watch

FOUR = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)  # 04:00 in Oslo


def look(watch: Watch, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the watch does at that moment."""
    monkeypatch.setattr(schedule.clock, "wall_now", lambda: at)
    watch._look_at_figures()


def asked(servers: Servers) -> list[str]:
    """The ids of such jobs now waiting; they are taken away."""
    waiting = [job for job in rq_queue(servers.redis).jobs if job.func_name == "workers.jobs.check_figures"]
    for job in waiting:
        job.delete()
    return [job.id for job in waiting]


def test_the_figures_are_looked_at_once_a_night_from_four_o_clock(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(servers)
    look(watch, FOUR - timedelta(minutes=1), monkeypatch)
    assert asked(servers) == []
    look(watch, FOUR, monkeypatch)
    assert asked(servers) == ["figures-2026-12-01"]
    look(watch, FOUR + timedelta(hours=10), monkeypatch)
    assert asked(servers) == []
    look(watch, FOUR + timedelta(days=1), monkeypatch)
    assert asked(servers) == ["figures-2026-12-02"]


def test_a_night_redis_did_not_take_is_asked_for_again(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(servers)
    client = connection(servers.redis)
    client.config_set("maxmemory", "1")
    try:
        look(watch, FOUR, monkeypatch)
    finally:
        client.config_set("maxmemory", "0")
    assert asked(servers) == []
    look(watch, FOUR, monkeypatch)
    assert asked(servers) == ["figures-2026-12-01"]


def books_asked(servers: Servers, tenant_id: UUID) -> int:
    """How many checks of this tenant's book wait; they are taken away."""
    waiting = [job for job in rq_queue(servers.redis).jobs if job.id == f"book-{tenant_id}"]
    for job in waiting:
        job.delete()
    return len(waiting)


def test_the_book_is_checked_once_on_each_of_the_tenants_days(servers: Servers, agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        post(tenant.session, [money_in(100), money_in(200)], at(DAY))
        post(tenant.session, [money_in(300)], at(DAY))
    schedule.look_after(agency, servers.redis)
    schedule.look_after(agency, servers.redis)
    assert books_asked(servers, agency) == 1
    check_book(str(agency))
    with open_tenant(agency) as tenant:
        checks = last_checks(tenant)
        assert checks["unplaced_waits_for_a_person"].findings == 1  # booked by hand: no payment waits
        assert checks["sums_are_the_transfers"].findings == 0
        assert merge_sums(tenant) == 0
    schedule.look_after(agency, servers.redis)
    assert books_asked(servers, agency) == 0
    with open_tenant(agency) as tenant:
        move_clock(tenant, DAY + timedelta(days=1), actor="cli")
    schedule.look_after(agency, servers.redis)
    assert books_asked(servers, agency) == 1
