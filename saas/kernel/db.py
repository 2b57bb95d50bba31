"""The database, and the only door to a tenant's rows.

Row-level security is forced on every tenant table. The service connects as a role that owns nothing and cannot
bypass it; each transaction names its tenant, and the creditor for creditor users. Outside `tenant_session` the code
raises and the database errs.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from sqlalchemy import DateTime, Engine, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column

from saas.kernel.errors import NoTenantInForce
from saas.kernel.ids import NIL, new_id, read_id

TENANT_WALL, CREDITOR_WALL, SHARED_WALL, STAFF_WALL = "tenant", "creditor", "shared", "staff"


class Base(DeclarativeBase):
    """All tables. Each says in `info["wall"]` who sees its rows (see `wall_policy`)."""

    type_annotation_map = {  # noqa: RUF012
        datetime: DateTime(timezone=True),
        str: sa.Text,
        bytes: sa.LargeBinary,
    }


class TenantRow:
    """Mixin: a row of one tenant. `tenant_id` leads every key."""

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-20)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-19)


def wall_policy(wall: str) -> str:
    """The row-level security condition of a wall, for USING and WITH CHECK alike.

    tenant: every user of the tenant · creditor: staff, and that creditor · shared: as creditor, and rows of no
    creditor · staff: the tenant's own staff and the service only.
    """
    tenant = "tenant_id = (select current_setting('app.tenant_id')::uuid)"
    creditor = "(select current_setting('app.creditor_id')::uuid)"
    nil = f"'{NIL}'::uuid"
    return {
        TENANT_WALL: tenant,
        CREDITOR_WALL: f"{tenant} and ({creditor} = {nil} or creditor_id = {creditor})",
        SHARED_WALL: f"{tenant} and ({creditor} = {nil} or creditor_id in ({creditor}, {nil}))",
        STAFF_WALL: f"{tenant} and {creditor} = {nil}",
    }[wall]


_engine: Engine | None = None


def connect(dsn: str) -> Engine:
    """Make `dsn` (libpq conninfo or URL, application role) this process's database."""
    global _engine
    if _engine is not None:
        _engine.dispose()
    _engine = engine_of(dsn)
    return _engine


def engine_of(dsn: str) -> Engine:
    """An engine for a libpq conninfo or URL."""
    dsn = libpq_dsn(dsn)
    return sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: _connection(dsn),
        pool_pre_ping=True,
        hide_parameters=True,  # an error message must not carry a person's data into a log
        pool_size=5,
        max_overflow=20,
    )


def _connection(dsn: str) -> psycopg.Connection[Any]:
    connection = psycopg.connect(dsn, connect_timeout=10)
    connection.adapters.register_loader("uuid", _IdLoader)
    return connection


class _IdLoader(Loader):
    """Ids the quick way: psycopg's own loader takes a tenth of what reading a chunk of cases costs."""

    def load(self, data: Buffer) -> UUID:
        return read_id(bytes(data))


def libpq_dsn(dsn: str) -> str:
    """A configured URL as libpq reads it: without the driver's name SQLAlchemy users are used to."""
    return dsn.replace("postgresql+psycopg://", "postgresql://")


def engine() -> Engine:
    """This process's engine. Raises NoTenantInForce's cousin, RuntimeError, before `connect`."""
    if _engine is None:
        raise RuntimeError("No database: saas.kernel.servers.open_servers() comes first.")
    return _engine


class GuardedSession(Session):
    """A session that refuses to touch tenant tables unless it came through a door of this module."""


@event.listens_for(GuardedSession, "do_orm_execute")
def _guard(state: ORMExecuteState) -> None:
    if "door" not in state.session.info:
        raise NoTenantInForce("Open tenant_session(tenant_id) first.")


@event.listens_for(GuardedSession, "before_flush")
def _guard_flush(session: Session, *_: object) -> None:
    if "door" not in session.info:
        raise NoTenantInForce("Open tenant_session(tenant_id) first.")


@contextmanager
def tenant_session(tenant_id: UUID, creditor_id: UUID = NIL) -> Iterator[Session]:
    """One transaction of one tenant; commits at the end, rolls back on any exception.

    `creditor_id` narrows it to a creditor's own rows; nil is the tenant's own staff. History recorded along the way
    is sealed as the last thing before COMMIT; jobs asked for are sent after it.
    """
    from saas.kernel import history  # history's tables stand on this module's Base

    with GuardedSession(engine(), expire_on_commit=False, info={"door": "tenant"}) as session:
        with session.begin():
            session.execute(
                text("select set_config('app.tenant_id', :t, true), set_config('app.creditor_id', :c, true)"),
                {"t": str(tenant_id), "c": str(creditor_id)},
            )
            session.info.update(tenant_id=tenant_id, creditor_id=creditor_id, after_commit=[])
            yield session
            history.seal(session)
        for call in session.info["after_commit"]:
            call()


@contextmanager
def directory_session() -> Iterator[Session]:
    """A transaction with no tenant in force: sees the list of tenants, and no tenant's rows."""
    with GuardedSession(engine(), expire_on_commit=False, info={"door": "directory"}) as session, session.begin():
        yield session


def after_commit(session: Session, call: Callable[[], object]) -> None:
    """Do `call` once the transaction is safely committed, and not at all otherwise."""
    session.info["after_commit"].append(call)


def tenant_of(session: Session) -> UUID:
    """The tenant in force. Raises NoTenantInForce."""
    try:
        return cast(UUID, session.info["tenant_id"])
    except KeyError:
        raise NoTenantInForce("Open tenant_session(tenant_id) first.") from None


def driver(session: Session) -> psycopg.Connection[Any]:
    """The psycopg connection under a session: same transaction, for COPY and set-wise statements."""
    tenant_of(session)
    return cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)


@contextmanager
def set_wise(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """For statements that read whole tables. Right after much was written PostgreSQL thinks the tables small, and would
    go row by row through all of them for each row."""
    connection.execute("set local enable_nestloop = off")
    yield
    connection.execute("set local enable_nestloop = on")


def utc(moment: datetime) -> datetime:
    """`moment` in UTC, the way it is stored and hashed."""
    return moment.astimezone(UTC)
