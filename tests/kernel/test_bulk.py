"""Rows by the thousand."""

import gc
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import pytest
import sqlalchemy as sa
from psycopg import sql

from saas.kernel.bulk import SET_WISE_ABOVE, copy_rows, id_list, insert_rows, many_objects
from saas.kernel.db import driver, engine, set_wise
from saas.kernel.history import HistoryEvent
from saas.kernel.ids import new_id
from tenants.resolve import open_tenant

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
_COLUMNS = [("id", "uuid"), ("body", "bytea")]


def test_a_staged_table_holds_the_rows_of_the_last_copy_only_and_none_after_commit(agency: UUID) -> None:
    first, second = (new_id(), b"a"), (new_id(), b"b" * 9_000)
    with open_tenant(agency) as tenant:
        connection = driver(tenant.session)
        copy_rows(connection, "staged_probe", _COLUMNS, [first, first])
        copy_rows(connection, "staged_probe", _COLUMNS, [second])
        assert connection.execute("select id, body from staged_probe").fetchall() == [second]
        connection.commit()
        assert connection.execute("select count(*) from staged_probe").fetchone() == (0,)


def test_few_rows_go_in_as_many_do_and_leave_no_staging_table(agency: UUID) -> None:
    columns = ("tenant_id", "id", "link_id", "position", "case_id", "kind", "happened_at", "actor", "body", "leaf")
    event = HistoryEvent.__table__
    engine().dispose()  # a session of its own: staging tables last as long as one does
    with open_tenant(agency) as tenant:
        connection, kept = driver(tenant.session), []
        for number in (1, SET_WISE_ABOVE, SET_WISE_ABOVE + 1):
            link = new_id()
            rows = [(agency, new_id(), link, nth, None, "test", NOW, "test", b"\x00", b"\xff") for nth in range(number)]
            insert_rows(connection, cast(sa.Table, event), columns, rows)
            found = connection.execute(
                sql.SQL("select {} from history_event where link_id = %s order by position").format(
                    sql.SQL(", ").join(map(sql.Identifier, columns))
                ),
                (link,),
            ).fetchall()
            assert found == rows
            kept.append(connection.execute("select to_regclass('staged_history_event')::text").fetchone())
        connection.rollback()
    assert kept == [(None,), (None,), ("staged_history_event",)]


def test_whole_tables_are_never_gone_through_once_a_row(agency: UUID) -> None:
    """However small they are thought to be; afterwards plans are made as before."""
    pairs = (
        "explain select from payment p join transfer t on t.source = 'payment:' || p.id and t.tenant_id = p.tenant_id"
    )
    with open_tenant(agency) as tenant:
        connection = driver(tenant.session)
        with set_wise(connection):
            plan = "".join(row[0] for row in connection.execute(pairs))
        assert "Nested Loop" not in plan
        assert "Hash Join" in plan or "Merge Join" in plan
        assert connection.execute("show enable_nestloop").fetchone() == ("on",)


def test_a_list_of_ids_travels_as_one_value(agency: UUID) -> None:
    ids = [new_id() for _ in range(3)]
    with open_tenant(agency) as tenant:
        connection = driver(tenant.session)
        rows = connection.execute("select unnest(%s::uuid[])", (id_list(ids),)).fetchall()
        assert [row[0] for row in rows] == ids
        assert connection.execute("select cardinality(%s::uuid[])", (id_list([]),)).fetchone() == (0,)


def test_the_cycle_hunt_goes_on_after_a_chunk_that_failed() -> None:
    def fail() -> None:
        with many_objects(), many_objects():
            assert not gc.isenabled()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert gc.isenabled()


def test_no_tenant_is_ever_taken_for_a_single_row(agency: UUID) -> None:
    """Statistics of tenant_id would make the night read whole tables of a tenant they have not seen yet."""
    with engine().connect() as connection:
        kept = connection.exec_driver_sql(
            "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'"
            " where c.relrowsecurity and c.relkind = 'r' and a.attstattarget is distinct from 0"
        ).fetchall()
    assert kept == []
