"""Hours kept over daylight saving, nobody's backlog before others' letters, and no step on a letter sent too late."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import workers.jobs
from saas.cases.facts import known_of
from saas.cases.hand_over import prepare
from saas.cases.receipts import take_receipts
from saas.dispatch import ask
from saas.dispatch.models import MESSAGE
from saas.hooks import DeliveryReceipt, ReceiptState
from saas.kernel.clock import OSLO
from saas.kernel.queue import connection
from saas.kernel.servers import Servers
from saas.rules.deadlines import is_long_enough
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, at, make_agency, register
from tests.cases.world import World
from tests.dispatch.world import KARI, Post, claim, post
from workers.run import run_workers
from workers.schedule import look_after


@pytest.fixture(scope="module")
def kari(servers: Servers) -> Iterator[Post]:
    """A reminder to somebody with a mailbox is decided and waits."""
    with post(servers, claim(KARI)) as world:
        world.night(hand_over=False)
        yield world


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-03-28 15:00", "2026-03-30 06:00"),  # Saturday closes; summer time begins that night
        ("2026-03-29 02:59", "2026-03-30 06:00"),  # an hour that does not exist
        ("2026-03-27 21:00", "2026-03-28 08:00"),  # Friday's closing minute is closed
        ("2026-03-27 20:51", "2026-03-28 08:00"),  # the last of a batch would leave after closing
        ("2026-03-28 14:50", "2026-03-30 06:00"),  # so it would on a Saturday
        ("2026-10-24 15:01", "2026-10-26 07:00"),  # winter time begins on the Sunday
        ("2026-10-25 02:30", "2026-10-26 07:00"),  # an hour that comes twice
        ("2026-04-01 22:00", "2026-04-04 07:00"),  # over Maundy Thursday and Good Friday
        ("2026-04-04 15:00", "2026-04-07 06:00"),  # over Easter
        ("2026-05-01 10:00", "2026-05-02 07:00"),  # Labour Day, a Friday
        ("2026-12-24 21:30", "2026-12-28 07:00"),  # over Christmas
        ("2026-03-03 04:00", "2026-03-03 07:00"),  # the night decides, the morning opens
    ],
)
def test_digital_post_waits_for_its_hour_and_stays_unwritten(kari: Post, now: str, opens: str) -> None:
    """`now` in Oslo, `opens` in UTC."""
    [letter] = kari.letters()
    with open_tenant(kari.tenant_id) as tenant:
        prepared = prepare(tenant, [letter.id], now=datetime.fromisoformat(now).replace(tzinfo=OSLO))
        assert prepared.waiting == [letter.id]
        row = tenant.session.get_one(type(letter), (tenant.id, letter.id))
        assert (row.state, row.not_before) == ("queued", datetime.fromisoformat(opens).replace(tzinfo=UTC))
        row.not_before = None


@pytest.mark.parametrize(("hour", "minute"), [(8, 0), (20, 49)])
def test_within_the_hours_it_is_written_at_once(servers: Servers, hour: int, minute: int) -> None:
    with post(servers, claim(KARI)) as world:
        world.night(hand_over=False)
        [letter] = world.letters()
        with open_tenant(world.tenant_id) as tenant:
            first = datetime.combine(MONDAY, datetime.min.time(), OSLO).replace(hour=hour, minute=minute)
            assert prepare(tenant, [letter.id], now=first).ready == [letter.id]


def test_one_tenants_backlog_delays_nobody_elses_letters(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The big one asks first, for thirty letters; the small one's two are out after a round, not after fifteen."""
    monkeypatch.setattr(ask, "LETTERS_A_JOB", 2)
    connection(servers.redis).flushdb()
    big, small = World(make_agency(servers)), World(make_agency(servers))
    register(big.tenant_id, *[a_claim() for _ in range(30)])
    register(small.tenant_id, a_claim(), a_claim())
    order: list[UUID] = []
    hand_over = workers.jobs.hand_over

    def noted(tenant_id: str, dispatch_ids: list[str]) -> None:
        order.append(UUID(tenant_id))
        hand_over(tenant_id, dispatch_ids)

    monkeypatch.setattr(workers.jobs, "hand_over", noted)
    for world in (big, small):
        world.night(hand_over=False)
        ask.enqueue_hand_over(world.tenant_id, [letter.id for letter in world.letters()])
    run_workers(servers.redis, burst=True)
    assert {letter.state for world in (big, small) for letter in world.letters()} == {"handed_over"}
    assert len(order) >= 16
    last_of_small = max(n for n, tenant_id in enumerate(order) if tenant_id == small.tenant_id)
    assert last_of_small < 2 * ask.LANES * 2


def test_redis_emptied_in_mid_flight_loses_nothing(servers: Servers) -> None:
    world = World(make_agency(servers))
    register(world.tenant_id, *[a_claim() for _ in range(3)])
    world.night(hand_over=False)
    ask.enqueue_hand_over(world.tenant_id, [letter.id for letter in world.letters()])
    connection(servers.redis).flushdb()
    look_after(world.tenant_id, servers.redis)
    run_workers(servers.redis, burst=True)
    assert {letter.state for letter in world.letters()} == {"handed_over"}


class _Undo(Exception):
    """Nothing of an example stays."""


RECEIPTS = st.lists(
    st.tuples(st.sampled_from(list(ReceiptState)), st.integers(min_value=-2, max_value=40)), min_size=1, max_size=5
)


@pytest.fixture(scope="module")
def printed(servers: Servers) -> World:
    """A reminder is with the print house."""
    world = World(make_agency(servers))
    register(world.tenant_id)
    world.night()
    return world


@given(RECEIPTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_step_ever_rests_on_a_letter_proven_sent_later_than_its_deadline_less_14_days(
    printed: World, receipts: list[tuple[ReceiptState, int]]
) -> None:
    [letter], [case] = printed.letters(), printed.cases()
    with suppress(_Undo), open_tenant(printed.tenant_id) as tenant:
        for number, (state, days) in enumerate(receipts):
            on = MONDAY + timedelta(days=days) if state in (ReceiptState.SENT, ReceiptState.RETURNED) else None
            told = DeliveryReceipt(str(letter.id), state, on, "x", "")
            take_receipts(tenant, "print_post", f"page {number}", [told], now=at(MONDAY))
        tenant.session.flush()
        row = tenant.session.get_one(type(letter), (tenant.id, letter.id))
        notices = known_of(tenant, [case.id], MONDAY)[case.id].facts.notices
        assert row.step != MESSAGE
        assert [n.sent_on for n in notices] == ([row.sent_on] if row.state == "sent" else [])
        assert all(is_long_enough(n.sent_on, n.deadline_on) for n in notices)
        assert not notices or ReceiptState.RETURNED not in [state for state, _ in receipts]
        raise _Undo
