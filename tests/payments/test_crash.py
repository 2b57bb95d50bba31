"""Placing may be killed at any line, and run by several at once: the book comes out the same."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import sqlalchemy as sa

import saas.ledger
import saas.payments
from saas.cases.lifecycle import get_case
from saas.dispatch.models import Dispatch
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.builders import make_agency
from tests.payments.world import DAY, World

FOLDERS = tuple(str(Path(package.__path__[0])) for package in (saas.payments, saas.ledger))
LATER = date(2026, 4, 1)


class Killed(BaseException):
    """The process is gone."""


class KillAt:
    """Raises `Killed` when the n-th line of the payments or ledger code is about to run."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def __enter__(self) -> None:
        sys.settrace(self._call)

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _call(self, frame: FrameType, event: str, arg: Any) -> Any:
        return self._line if frame.f_code.co_filename.startswith(FOLDERS) else None

    def _line(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise Killed
        return self._line


def story(world: World) -> None:
    """Payments of every sort, among them one dated before another that is placed already."""
    cases = [world.case(amount="1 000,00", due_on="2026-02-02") for _ in range(4)]
    world.letter(cases[1], "reminder", "notice_fee", 3_800, DAY, DAY)
    world.pay(cases[0], 50_000, LATER)
    world.take_in(
        SimPayment(cases[0].kid, 20_000, date(2026, 3, 5)),
        SimPayment(cases[1].kid, 104_300, DAY),
        SimPayment(cases[2].kid, 30_000, DAY),
        SimPayment("", 700, DAY),
        SimPayment(cases[2].kid, 200_000, LATER),
        SimPayment(cases[3].kid, -100, DAY),
        on=LATER,
    )


def same_for_all(world: World) -> list[tuple[Any, ...]]:
    """The book without the ids that differ from tenant to tenant."""
    return sorted((row[0].split(":")[0], *row[2:]) for row in world.transfers())


@pytest.fixture
def expected(agency: Any, own: World) -> list[tuple[Any, ...]]:
    """The book of the story when nothing goes wrong."""
    other = World(agency)
    story(other)
    other.place(LATER)
    return same_for_all(other)


def test_killed_at_any_line_and_run_again_it_gives_the_same_book(servers, expected):
    world = World(make_agency(servers))
    story(world)
    nth, kills = 1, 0
    while True:
        try:
            with KillAt(nth):
                world.place(LATER, chunk=4)
            break
        except Killed:
            kills += 1
            nth += 29
            assert world.audit() == [], f"killed at line {nth - 29}"
    assert kills > 20
    assert same_for_all(world) == expected
    world.check()


def test_several_at_once_place_each_payment_once(servers, expected):
    world = World(make_agency(servers))
    story(world)
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: world.place(LATER, chunk=1), range(4)))
    assert (sum(r.placed for r in reports), sum(r.unmatched for r in reports)) == (4, 2)
    assert same_for_all(world) == expected
    world.check()


def test_many_payments_of_the_same_cases_by_several_at_once(world):
    cases = [world.case(amount="1 000,00", due_on="2026-02-02") for _ in range(3)]
    days = [date(2026, 3, day) for day in (20, 5, 12, 8, 16, 10, 2, 18)]
    for day in days:
        world.take_in(*(SimPayment(case.kid, 11_000, day) for case in cases), on=LATER)
    with ThreadPoolExecutor(4) as pool:
        assert sum(r.placed for r in pool.map(lambda _: world.place(LATER, chunk=2), range(4))) == 24
    assert {world.book(case).payments for case in cases} == {tuple((day, 11_000) for day in sorted(days))}
    assert world.totals().paid_ore == 264_000
    world.check()


def test_a_hand_over_that_holds_the_letter_and_wants_the_case_costs_a_second_try_and_nothing_else(world):
    """PostgreSQL stops the one that waited first, which is us: the chunk runs again."""
    case = world.case(amount="1 000,00", due_on="2026-03-02")
    letter = world.letter(case, "reminder", "notice_fee", 3_800, DAY, state="queued")
    world.take_in(SimPayment(case.kid, 100_000, DAY))
    with ThreadPoolExecutor(1) as pool:
        with open_tenant(world.tenant_id) as hand_over:
            hand_over.session.execute(sa.select(Dispatch.id).where(Dispatch.id == letter).with_for_update())
            placing = pool.submit(world.place)
            time.sleep(0.3)
            get_case(hand_over, case.id, lock=True)
        assert placing.result(timeout=10).closed == 1
    assert world.again(case).closed_because == "paid"
    world.check()
