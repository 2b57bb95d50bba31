"""What is measured: the law, the night, the import, a bank file, the book, each beside its limit in the same run."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo

from saas.cases.night import run_night
from saas.dispatch.ask import LANES
from saas.kernel.embedded import PostgresServer
from saas.kernel.ids import new_id
from saas.kernel.servers import DATABASE, Servers, open_servers
from tests.bench import import_limit, night_limit, ocr, ocr_limit
from tests.bench.digipost import a_digipost
from tests.bench.hand_over import WARM_UP
from tests.bench.letters import speak
from tests.bench.night_limit import Widths
from tests.bench.seed import a_tenant
from tests.builders import creditor_of

PROCESSES = 2
DUE = 100_000
IMPORTED = 20_000
PAYMENTS = 20_000
LETTERS = 600
HANDED_OVER, BARE_HANDED_OVER = 1_000, 1_000
LATENCY_MS, LINES = 20, 4  # of each answer; calls at a time in a worker
BALANCE_MS = 20
HOOK_CASES = 20_000


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure beside its limit of the same run."""

    name: str
    value: float
    unit: str
    limit: float
    expected: str

    @property
    def ratio(self) -> float:
        return self.value / self.limit

    def as_json(self) -> dict[str, Any]:
        """As `bench.json` has it."""
        return {
            "value": round(self.value, 1),
            "unit": self.unit,
            "limit": round(self.limit, 1),
            "ratio": round(self.ratio, 3),
        }


class House(NamedTuple):
    """The servers measured on, and the superuser's way in."""

    servers: Servers
    superuser_dsn: str


class Night(NamedTuple):
    """A night of several processes, from the first one's start to the last one's end."""

    cases: int
    seconds: float
    peak_mb: float


@contextmanager
def a_house() -> Iterator[House]:
    """Servers of our own, in the FRIST_HOME of the environment."""
    servers = open_servers()
    postgres = next(server for server in servers.embedded if isinstance(server, PostgresServer))
    try:
        yield House(servers, make_conninfo(postgres.superuser_dsn, dbname=DATABASE))
    finally:
        servers.release()


def everything(house: House) -> list[Figure]:
    """Every figure, in about five minutes."""
    _tell("law")
    law = the_law(DUE)
    _tell("plugins")
    return [*law, *the_hooks(HOOK_CASES), *_with_servers(house)]


def the_law(cases: int) -> list[Figure]:
    """A decision with certificate and explanation beside its bare arithmetic, and memory over a stream of cases."""
    told = json.loads(_run("law_decision", str(cases)).communicate()[0])
    return [
        Figure("law_decision", told["law_us"], "µs a case", told["bare_us"], "≤ 100 µs"),
        Figure("law_memory", told["rss_mb"], "MB", told["rss_mb_tenth"], "ratio ≈ 1"),
    ]


def the_hooks(cases: int) -> list[Figure]:
    """What the plugin host costs beside bare calls of the same three plugins, and what a thousand managers hold."""
    told = json.loads(_run("hook_calls", str(cases)).communicate()[0])
    cost_us = told["host_us"] - told["bare_us"]
    return [
        Figure("hook_call", cost_us, "µs a call, beside a bare one", 15, "≤ 15 µs"),
        Figure("hook_managers", told["managers_mb"], "MB for 1 000", 200, "≤ 200 MB"),
        Figure("hook_rebuild", told["rebuild_ms"], "ms", 2, "≤ 2 ms"),
    ]


def _with_servers(house: House) -> list[Figure]:
    _tell(f"seeding {3 * DUE + DUE // 10:,} due cases")
    small, before, large, after = (_tenants(house, cases) for cases in (DUE // 10, DUE, DUE, DUE))
    _settle(house)
    _tell("night")
    little = _night(small)
    widths = _widths(house, small[0])
    first_seconds = night_limit.run_limit(house.servers.database, before, widths)
    night = _night(large)
    second_seconds = night_limit.run_limit(house.servers.database, after, widths)
    _tell(f"limit before and after the night: {DUE / first_seconds:,.0f} and {DUE / second_seconds:,.0f} cases/s")
    _check_same_writes(house, before, large, after)
    shared = _night([a_tenant(house.servers, DUE // 4)] * PROCESSES)
    limit = 2 * DUE / (first_seconds + second_seconds)
    _tell("import")
    return [
        Figure("night", night.cases / night.seconds, "cases/s", limit, "ratio ≥ 0.3"),
        Figure("night_shared", shared.cases / shared.seconds, "cases/s", limit, "two processes on one tenant"),
        Figure("night_memory", night.peak_mb, "MB a process", little.peak_mb, "ratio ≈ 1"),
        _import(house),
        *_bank_file(house),
        *the_letters(house, LETTERS),
        *the_hand_over(house, HANDED_OVER),
        _balance(house),
    ]


def profile(house: House) -> None:
    """Where the time of one process's night goes."""
    tenant_id = a_tenant(house.servers, DUE // 10)
    _settle(house)
    _run("night", str(tenant_id), "profile").communicate("go\n")


def _tenants(house: House, cases: int) -> list[UUID]:
    return [a_tenant(house.servers, cases // PROCESSES) for _ in range(PROCESSES)]


def _night(tenant_ids: Sequence[UUID]) -> Night:
    """Each process has a tenant of its own, as an installation would run them."""
    running = [_run("night", str(tenant_id)) for tenant_id in tenant_ids]
    _await_ready(running)
    told = [json.loads(line) for line in _let_go(running)]
    seconds = max(one["ended"] for one in told) - min(one["began"] for one in told)
    return Night(sum(one["cases"] for one in told), seconds, max(one["peak_mb"] for one in told))


def _let_go(running: Sequence[subprocess.Popen[str]]) -> list[str]:
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate()[0] for process in running]


def _import(house: House) -> Figure:
    tenant_id, other = a_tenant(house.servers), a_tenant(house.servers)
    process = _run("imports", str(tenant_id), str(creditor_of(tenant_id)), str(IMPORTED))
    told = json.loads(process.communicate()[0])
    limit_seconds = import_limit.run_limit(house.superuser_dsn, tenant_id, other)
    return Figure("import", told["rows"] / told["seconds"], "rows/s", told["rows"] / limit_seconds, "≥ 3 000 rows/s")


def _bank_file(house: House) -> list[Figure]:
    """A file of payments by KID: read, matched, allocated and booked, two processes placing side by side."""
    _tell("bank file")
    little = _ocr(house, a_tenant(house.servers, PAYMENTS // 10))
    tenant_id = a_tenant(house.servers, PAYMENTS)
    told = _ocr(house, tenant_id)
    limit_seconds = ocr_limit.run_limit(house.superuser_dsn, tenant_id, told.since, a_tenant(house.servers))
    assert told.cases == PAYMENTS, f"{told.cases} payments were placed"
    return [
        Figure("ocr", told.cases / told.seconds, "payments/s", told.cases / limit_seconds, "≥ 2 000/s, ratio ≥ 0.1"),
        Figure("ocr_memory", told.peak_mb, "MB a process", little.peak_mb, "ratio ≈ 1"),
    ]


class BankFile(NamedTuple):
    """A bank file taken in and placed. `since`: an id older than what it wrote."""

    cases: int
    seconds: float
    peak_mb: float
    since: UUID


def _ocr(house: House, tenant_id: UUID) -> BankFile:
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(ocr.a_file(tenant_id))
        file.flush()
        _settle(house)
        since = new_id()
        running = [_run("ocr", str(tenant_id), file.name), _run("ocr", str(tenant_id))]
        _await_ready(running)
        first = running[0]
        assert first.stdin
        assert first.stdout
        first.stdin.write("go\n")
        first.stdin.flush()
        assert first.stdout.readline() == "in\n"
        told = [json.loads(line) for line in _let_go(running)]
    seconds = told[0]["import_seconds"] + max(one["ended"] for one in told) - min(one["began"] for one in told)
    return BankFile(sum(one["placed"] for one in told), seconds, max(one["peak_mb"] for one in told), since)


def the_letters(house: House, letters: int) -> list[Figure]:
    """Mixed letters composed, rendered and kept by two processes, beside Typst and WeasyPrint on the same letters."""
    _tell(f"{letters:,} letters")
    little = _letters(house, letters // 10)
    made, bare, weasy = _letters(house, letters)
    return [
        Figure("letters", made.a_second, "letters/s", bare.a_second, "ratio ≥ 0.7, beside bare Typst"),
        Figure("letters_weasy", made.a_second, "letters/s", weasy.a_second, "beside WeasyPrint on the HTML twins"),
        Figure("letters_memory", made.peak_mb, "MB a process", little[0].peak_mb, "ratio ≈ 1"),
    ]


class LetterRound(NamedTuple):
    """What several processes made together in one round."""

    letters: int
    a_second: float
    peak_mb: float


def _letters(house: House, letters: int) -> list[LetterRound]:
    tenant_ids = [a_tenant(house.servers, max(50, letters // 10)) for _ in range(PROCESSES)]
    for tenant_id in tenant_ids:
        speak(tenant_id)
    _settle(house)
    running = [_run("letters", str(tenant_id), str(letters // PROCESSES)) for tenant_id in tenant_ids]
    _await_ready(running)
    rounds = [_letter_round(running) for _ in range(3)]
    for process in running:
        process.communicate()
    return rounds


def _letter_round(running: Sequence[subprocess.Popen[str]]) -> LetterRound:
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [json.loads(process.stdout.readline()) for process in running if process.stdout]
    seconds = max(one["ended"] for one in told) - min(one["began"] for one in told)
    letters = sum(one["letters"] for one in told)
    return LetterRound(letters, letters / seconds, max(one["peak_mb"] for one in told))


def _await_ready(running: Sequence[subprocess.Popen[str]]) -> None:
    for process in running:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"


def the_hand_over(house: House, letters: int) -> list[Figure]:
    """Letters given to a Digipost in a process of its own, by as many lanes as a tenant has; beside a bare client."""
    _tell(f"{letters:,} letters handed over")
    little, _ = _hand_over(house, letters // 10)
    given, bare = _hand_over(house, letters)
    return [
        Figure("hand_over", given.a_second, "letters/s", bare, "ratio ≥ 0.8, beside a bare client"),
        Figure("hand_over_memory", given.peak_mb, "MB a process", little.peak_mb, "ratio ≈ 1"),
    ]


def _hand_over(house: House, letters: int) -> tuple[LetterRound, float]:
    """(the lanes, what a bare client was given a second before and after them)."""
    queued, bare_letters = letters + LANES * WARM_UP, min(letters, BARE_HANDED_OVER)
    tenant_id = a_tenant(house.servers, queued)
    with a_digipost(tenant_id, LATENCY_MS, LINES):
        run_night(tenant_id, hand_over=lambda *_: None)
        _settle(house)
        lanes = [_run("hand_over", str(tenant_id), str(lane), str(queued)) for lane in range(LANES)]
        _await_ready(lanes)
        bare = [_run("hand_over_limit", str(tenant_id), str(LANES * LINES), str(bare_letters))]
        _await_ready(bare)
        before = _letter_round(bare)
        given = _letter_round(lanes)
        _await_ready(bare)
        after = _letter_round(bare)
        for process in (*lanes, *bare):
            process.communicate()
    assert given.letters == letters, f"{given.letters} of {letters} letters were sent"
    _tell(f"limit before and after: {before.a_second:,.0f} and {after.a_second:,.0f} letters/s")
    return given, 2 * bare_letters / (before.letters / before.a_second + after.letters / after.a_second)


def _balance(house: House) -> Figure:
    """The book comes last: what follows it would be measured beside five million rows."""
    _tell("a book of 5 million transfers")
    told = json.loads(_run("book", str(a_tenant(house.servers)), house.superuser_dsn).communicate()[0])
    return Figure("balance", told["median_ms"], "ms, median", BALANCE_MS, "≤ 20 ms as of any day")


def _run(program: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"tests.bench.{program}", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _settle(house: House) -> None:
    """Statistics, visibility and clean pages: what a database has that was not filled a second ago."""
    with psycopg.connect(house.superuser_dsn, autocommit=True) as connection:
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")


def _widths(house: House, tenant_id: UUID) -> Widths:
    with psycopg.connect(house.superuser_dsn) as connection:
        row = connection.execute(
            "select (select avg(octet_length(body))::int from certificate where tenant_id = %(tenant)s),"
            " (select avg(octet_length(body))::int from history_event where tenant_id = %(tenant)s"
            "  and kind = 'step.decided')",
            {"tenant": tenant_id},
        ).fetchone()
    assert row
    return Widths(*row)


_WRITTEN = """
select (select count(*) from certificate where tenant_id = any(%(tenants)s)),
       (select count(*) from transfer where tenant_id = any(%(tenants)s) and component = 'collection_fee'),
       (select count(*) from dispatch where tenant_id = any(%(tenants)s) and state = 'queued'),
       (select count(*) from history_event where tenant_id = any(%(tenants)s) and kind = 'step.decided'),
       (select count(*) from collection_case where tenant_id = any(%(tenants)s) and stage = 40)
"""


def _check_same_writes(house: House, *runs: list[UUID]) -> None:
    """A limit that wrote less would be no limit."""
    with psycopg.connect(house.superuser_dsn) as connection:
        written = [connection.execute(_WRITTEN, {"tenants": tenants}).fetchone() for tenants in runs]
    assert written == [(DUE,) * 5] * len(runs), f"limit, night and limit wrote {written}"


def _tell(what: str) -> None:
    print(f"bench: {what} …", file=sys.stderr, flush=True)
