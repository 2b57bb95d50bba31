"""Open what the service stands on: PostgreSQL and Redis, embedded unless a URL is configured."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from saas.kernel import db
from saas.kernel.config import Settings, settings
from saas.kernel.embedded import PostgresServer, RedisServer, start_postgres, start_redis

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
OWNER, APPLICATION, DATABASE = "frist_owner", "frist_app", "frist"


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers of this installation are."""

    database: str  # conninfo of the application role
    database_owner: str  # conninfo of the owner role
    redis: str  # URL
    embedded: tuple[PostgresServer | RedisServer, ...] = ()

    def tend(self) -> None:
        """Bring embedded servers back if somebody killed them; configured ones are somebody else's."""
        for server in self.embedded:
            server.ensure()

    def release(self) -> None:
        """Let go of embedded servers; the last one to do so stops them."""
        for server in self.embedded:
            server.release()


_open: Servers | None = None


def open_servers(chosen: Settings | None = None, *, migrated: bool = True) -> Servers:
    """Start or find the servers, bring the tables up to date, and connect this process as the application role."""
    servers = _find(chosen or settings())
    if migrated:
        migrate(servers)
    db.connect(servers.database)
    global _open
    _open = servers
    return servers


def ensure_open() -> None:
    """Open the servers unless this process has."""
    if _open is None:
        open_servers()


def redis_url() -> str:
    """Where this process's Redis is. Raises RuntimeError before `open_servers`."""
    if _open is None:
        raise RuntimeError("open_servers() comes first.")
    return _open.redis


def _find(chosen: Settings) -> Servers:
    ours: list[PostgresServer | RedisServer] = []
    redis = chosen.redis_url
    if not redis:
        redis_server = start_redis(chosen.home)
        ours.append(redis_server)
        redis = redis_server.url
    if chosen.database_url:
        return Servers(chosen.database_url, chosen.database_owner_url, redis, tuple(ours))
    postgres = start_postgres(chosen.home)
    _bootstrap(postgres.superuser_dsn)
    return Servers(postgres.dsn(APPLICATION, DATABASE), postgres.dsn(OWNER, DATABASE), redis, (*ours, postgres))


def _bootstrap(superuser_dsn: str) -> None:
    """Roles and database of the embedded server. The application role owns nothing and bypasses nothing."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(710001)")  # several processes may start at once
        for role in (OWNER, APPLICATION):
            if not connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone():
                connection.execute(
                    sql.SQL("create role {} login nosuperuser nobypassrls nocreatedb nocreaterole").format(
                        sql.Identifier(role)
                    )
                )
        if not connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone():
            connection.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )
        connection.execute("select pg_advisory_unlock(710001)")


def alembic_config(owner_dsn: str, app_role: str) -> "Config":
    """Alembic on our migrations, as the owner role."""
    from alembic.config import Config  # a third of a second at each start, and needed only when tables change

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes.update(owner_dsn=owner_dsn, app_role=app_role)
    return config


def _is_newest(owner_dsn: str) -> bool:
    """Whether the newest of our migrations, which are numbered in their file names, is in the database."""
    newest = max(path.name.split("_", 1)[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    with psycopg.connect(db.libpq_dsn(owner_dsn), autocommit=True) as connection:
        if connection.execute("select to_regclass('alembic_version')").fetchone() == (None,):
            return False
        return connection.execute("select version_num from alembic_version").fetchall() == [(newest,)]


def migrate(servers: Servers) -> None:
    """Bring the tables to the newest version; nothing happens when they are."""
    if _is_newest(servers.database_owner):
        return
    from alembic import command

    app_role = conninfo_to_dict(db.libpq_dsn(servers.database))["user"]
    command.upgrade(alembic_config(servers.database_owner, str(app_role)), "head")
