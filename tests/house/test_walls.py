"""Tenants are walled by the database: every table, walked."""

from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from saas.kernel.db import SHARED_WALL, STAFF_WALL, wall_policy
from saas.kernel.errors import NoTenantInForce
from saas.kernel.ids import NIL
from saas.kernel.servers import Servers
from saas.tables import metadata
from tests.builders import creditor_of, register

DIRECTORY = {"tenant", "alembic_version"}
TENANT_TABLES = sorted(set(metadata.tables) - DIRECTORY)


def _as_application(servers: Servers) -> psycopg.Connection:
    return psycopg.connect(servers.database)


def test_the_application_role_owns_nothing_and_bypasses_nothing(servers: Servers) -> None:
    with _as_application(servers) as connection:
        role = connection.execute(
            "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"
        ).fetchone()
        owned = connection.execute(
            "select count(*) from pg_class c join pg_roles r on r.oid = c.relowner"
            " where r.rolname = current_user and c.relpersistence = 'p'"
        ).fetchone()
    assert role == (False, False, False, False)
    assert owned == (0,)


def test_every_table_but_the_directory_is_walled_and_the_wall_is_forced_on_its_owner_too(servers: Servers) -> None:
    with _as_application(servers) as connection:
        rows = connection.execute(
            "select relname, relrowsecurity, relforcerowsecurity from pg_class"
            " where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
        ).fetchall()
    assert {name for name, on, forced in rows if not (on and forced)} == DIRECTORY
    assert set(TENANT_TABLES) <= {name for name, _, _ in rows}


def test_each_wall_in_the_database_is_the_one_its_model_declares(servers: Servers) -> None:
    with _as_application(servers) as connection:
        for name in TENANT_TABLES:
            kept = connection.execute(
                "select qual, with_check, cmd, permissive from pg_policies where tablename = %s", (name,)
            ).fetchall()
            assert len(kept) == 1, name
            expected = wall_policy(metadata.tables[name].info["wall"])
            assert ("creditor_id" in expected) == ("creditor_id" in kept[0][0]), name
            assert "app.tenant_id" in kept[0][0], name
            assert kept[0][0] == kept[0][1], name
            assert kept[0][2:] == ("ALL", "PERMISSIVE"), name


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_without_a_tenant_the_database_errs(servers: Servers, table: str) -> None:
    with _as_application(servers) as connection, pytest.raises(psycopg.Error):
        connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table)))


def test_no_key_of_a_tenant_table_starts_with_anything_but_the_tenant() -> None:
    for name in TENANT_TABLES:
        assert next(iter(metadata.tables[name].primary_key.columns)).name == "tenant_id", name
        for constraint in metadata.tables[name].foreign_key_constraints:
            assert constraint.column_keys[0] == "tenant_id", f"{name}: {constraint.column_keys}"


def test_with_one_tenant_set_none_of_the_neighbours_rows_are_seen(servers: Servers, agency: UUID, power: UUID) -> None:
    for tenant_id in (agency, power):
        register(tenant_id, creditor=None)
    filled = 0
    with _as_application(servers) as connection:
        for table in TENANT_TABLES:
            own, others = _rows(connection, table, agency), _rows(connection, table, power)
            filled += bool(own)
            assert own.isdisjoint(others), table
            assert own <= {str(agency)}, table
    assert filled >= 8, "the walk must meet rows, or it proves nothing"


def _rows(connection: psycopg.Connection, table: str, tenant_id: UUID) -> set[str]:
    with connection.transaction():
        connection.execute(
            "select set_config('app.tenant_id', %s, true), set_config('app.creditor_id', %s, true)",
            (str(tenant_id), str(NIL)),
        )
        query = sql.SQL("select distinct tenant_id::text from {}").format(sql.Identifier(table))
        return {row[0] for row in connection.execute(query).fetchall()}


def test_a_row_cannot_be_written_into_another_tenant(servers: Servers, agency: UUID, power: UUID) -> None:
    with _as_application(servers) as connection:
        connection.execute(
            "select set_config('app.tenant_id', %s, true), set_config('app.creditor_id', %s, true)",
            (str(agency), str(NIL)),
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("insert into case_counter (tenant_id, next_number) values (%s, 1)", (power,))


@pytest.mark.parametrize("table", sorted(t for t in TENANT_TABLES if metadata.tables[t].info.get("insert_only")))
def test_what_is_written_for_ever_can_be_neither_changed_nor_deleted(
    servers: Servers, agency: UUID, table: str
) -> None:
    for statement in ("delete from {}", "update {} set tenant_id = tenant_id"):
        with _as_application(servers) as connection:
            connection.execute(
                "select set_config('app.tenant_id', %s, true), set_config('app.creditor_id', %s, true)",
                (str(agency), str(NIL)),
            )
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL(statement).format(sql.Identifier(table)))


def test_the_book_its_checks_and_the_history_are_written_for_ever() -> None:
    for name in ("transfer", "book_check", "reconciliation", "history_event", "history_link"):
        assert metadata.tables[name].info["insert_only"], name


def test_code_that_opens_no_tenant_raises(servers: Servers) -> None:
    from saas.kernel.db import GuardedSession, engine
    from tenants.models import Creditor

    with GuardedSession(engine()) as session, pytest.raises(NoTenantInForce):
        session.query(Creditor).all()


def test_a_creditors_session_sees_its_own_rows_and_nothing_of_staff_or_other_creditors(
    servers: Servers, agency: UUID
) -> None:
    for creditor in ("nordlys-kraft", "bygda-bredband"):
        register(agency, creditor=creditor)
    mine, other = creditor_of(agency, "nordlys-kraft"), creditor_of(agency, "bygda-bredband")
    seen = 0
    with _as_application(servers) as connection:
        connection.execute(
            "select set_config('app.tenant_id', %s, true), set_config('app.creditor_id', %s, true)",
            (str(agency), str(mine)),
        )
        for table in TENANT_TABLES:
            wall = metadata.tables[table].info["wall"]
            if wall == STAFF_WALL:
                query = sql.SQL("select count(*) from {}").format(sql.Identifier(table))
                assert connection.execute(query).fetchone() == (0,), table
            elif "creditor_id" in metadata.tables[table].columns:
                query = sql.SQL("select distinct creditor_id from {}").format(sql.Identifier(table))
                found = {row[0] for row in connection.execute(query).fetchall()}
                assert other not in found, table
                assert found <= ({mine, NIL} if wall == SHARED_WALL else {mine}), table
                seen += mine in found
    assert seen >= 4, "the walk must meet the creditor's own rows, or it proves nothing"
