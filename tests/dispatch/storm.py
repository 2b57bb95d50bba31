"""Many letters, real workers, and everything that can go away going away: workers, Redis, the other sides."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from unittest.mock import patch

import sqlalchemy as sa
from stdnum.no import fodselsnummer

import workers.jobs
from saas.dispatch import outbox
from saas.dispatch.models import QUEUED, READY, SENDING, Dispatch
from saas.documents.letter import LetterKind
from saas.documents.particulars import Answer, ObjectionAnswered
from saas.kernel.config import settings
from saas.kernel.queue import connection
from saas.kernel.servers import Servers
from saas.simulators.digipost.mailroom import Person
from tenants.resolve import open_tenant
from tests.builders import MONDAY
from tests.dispatch.world import Post, claim, post
from tests.simulation.commands import ROOT
from workers.schedule import look_after

PATIENCE_SECONDS = 120
GREAT = 1_000
STANDS_SECONDS = 3  # then time passes for channels that are down
LEASE = timedelta(seconds=3)  # as in the workers' processes: `tests/simulation/traps.py`
ANSWER = ObjectionAnswered(Answer.REJECTED, "Fakturaen gjelder strømmen du brukte i januar.", MONDAY + timedelta(20))
_STARTUP = ROOT / "tests" / "simulation" / "startup"


def national_ids() -> Iterator[str]:
    """Numbers of people who are nobody: valid, and each other than the one before."""
    day = date(1930, 1, 1)
    while True:
        for serial in range(100, 500):
            number = f"{day:%d%m%y}{serial:03d}"
            first = fodselsnummer.calc_check_digit1(number)
            second = fodselsnummer.calc_check_digit2(number + first)
            if len(first) == len(second) == 1 and fodselsnummer.is_valid(number + first + second):
                yield number + first + second
                break
        day += timedelta(days=1)
        if day.year == 2000:
            day = date(1930, 1, 1) + timedelta(days=7)


@dataclass
class Crew:
    """Worker processes that are killed and started again."""

    servers: Servers
    home: Path
    count: int
    killed: int = 0
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def keep_up(self) -> None:
        """Start what is missing."""
        self._running = [process for process in self._running if process.poll() is None]
        while len(self._running) < self.count:
            self._running.append(self._start())

    def kill_one(self, dice: Random) -> None:
        """`kill -9`, wherever it is."""
        if self._running:
            dice.choice(self._running).kill()
            self.killed += 1

    def stop(self) -> None:
        """All of them, at once."""
        for process in self._running:
            process.kill()
        for process in self._running:
            process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        env = os.environ | {
            "FRIST_REDIS_URL": self.servers.redis,
            "PYTHONPATH": os.pathsep.join([str(_STARTUP), str(ROOT)]),
            "SIMULATION_HOME": str(self.home),
            "SIMULATION_ROLE": "storm",
        }
        log = (self.home / "storm.log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.dispatch.worker", str(os.getpid())], env=env, cwd=ROOT,
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip


@contextmanager
def a_storm(servers: Servers, home: Path, letters: int, seed: int) -> Iterator[tuple[Post, Crew]]:
    """Letters decided, and people of every kind: two of three have a mailbox, some are known without, some unknown."""
    ids = list(islice(national_ids(), letters))
    claims = [claim(who, phone=f"+47 9{n:07d}") for n, who in enumerate(ids)]
    with post(servers, *claims) as world, patch.object(outbox, "LEASE", LEASE):  # our watch is the workers' twin
        world.digipost.mail.know(*(Person(who, "DIGIPOST") for n, who in enumerate(ids) if n % 3))
        world.digipost.mail.know(*(Person(who, "IDENTIFIED") for n, who in enumerate(ids) if not n % 3))
        world.digipost.mail.check_pdf = False
        world.night(hand_over=False)
        world.choose("portal", "consents")
        for case in world.cases()[: max(4, letters // 10)]:
            world.tell(LetterKind.OBJECTION_ANSWERED, ANSWER, case)
        crew = Crew(servers, home, count=2)
        try:
            yield world, crew
        finally:
            crew.stop()


def weather(world: Post, crew: Crew, dice: Random) -> list[Callable[[], None]]:
    """What may go wrong, each as something that can be done."""

    def digipost_away() -> None:
        world.digipost.stop()
        time.sleep(0.3)
        world.digipost.start()

    return [
        lambda: world.digipost.faults.at_random(dice.randrange(99), on="message", lost=0.1, gateway_502=0.1),
        lambda: crew.kill_one(dice),
        lambda: connection(crew.servers.redis).flushall() and None,
        digipost_away,
        lambda: crew.kill_one(dice),
        lambda: world.digipost.faults.at_random(0),
        lambda: world.sms.faults.append(dice.choice(["lost", "503", "drop"])),
    ]


def ride_out(world: Post, crew: Crew, seed: int, troubles: int) -> None:
    """Let it all happen while letters leave, then let it end well. Raises AssertionError when it does not.

    The first seven troubles are one of each kind, the rest as the dice fall. In a great storm they come as letters go,
    spread over the whole of it, so that workers live long enough to be killed at work; in a small one at once.
    """
    dice = Random(seed)
    happenings = weather(world, crew, dice)
    to_come = [*happenings, *(dice.choice(happenings) for _ in range(troubles - len(happenings)))][:troubles]
    at_first = least = sum(_waiting(world).values())
    moved_at = time.monotonic()
    while waiting := _waiting(world):
        if sum(waiting.values()) < least:  # patience is with standing still, not with many letters
            least, moved_at = sum(waiting.values()), time.monotonic()
        stood_seconds = time.monotonic() - moved_at
        assert stood_seconds < PATIENCE_SECONDS, f"seed {seed}: {waiting}"
        crew.keep_up()
        with suppress(Exception):  # Redis may be gone at this moment; the next look asks again
            look_after(world.tenant_id, crew.servers.redis)
        time.sleep(dice.uniform(0.2, 0.8))
        come = troubles - len(to_come)
        due = at_first < GREAT or (at_first - least) * (troubles + 1) >= at_first * come
        if to_come and due and (least < at_first or waiting.get(SENDING)):
            to_come.pop(0)()
        elif not to_come:
            world.digipost.faults.at_random(0)
            world.sms.faults.clear()
        if not to_come or stood_seconds > STANDS_SECONDS:
            world.let_channels_be_tried()
    world.next_day()
    workers.jobs.collect_receipts(str(world.tenant_id))


def _waiting(world: Post) -> dict[str, int]:
    with open_tenant(world.tenant_id) as tenant:
        query = (
            sa.select(Dispatch.state, sa.func.count())
            .where(Dispatch.tenant_id == tenant.id, Dispatch.state.in_((QUEUED, READY, SENDING)))
            .group_by(Dispatch.state)
        )
        return {state: number for state, number in tenant.session.execute(query)}


def copies_printed(world: Post) -> Counter[str]:
    """How often each letter was printed."""
    with open_tenant(world.tenant_id) as tenant:
        home = settings().print_folder / tenant.slug
    rows = (line.split(";") for file in home.glob("taken/*/receipt.csv") for line in file.read_text().splitlines()[1:])
    return Counter(row[0] for row in rows if row[1] == "posted")
