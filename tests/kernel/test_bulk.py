"""Rows by the thousand."""

import gc
from uuid import UUID

import pytest

from saas.kernel.bulk import copy_rows, id_list, many_objects
from saas.kernel.db import driver, engine
from saas.kernel.ids import new_id
from tenants.resolve import open_tenant

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
