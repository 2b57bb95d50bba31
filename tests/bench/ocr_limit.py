"""The limit of a bank file (baseline; changing it needs a decision record): the very rows it wrote, written raw.

They are read back and copied into another tenant as the superuser, since row-level security lets nobody else COPY; and
the cases it closed are written once more where they are, in one statement. Nothing is read, matched, allocated, hashed
or encrypted.
"""

from uuid import UUID

import psycopg
from psycopg import sql

from saas.kernel import clock

TABLES = ("bank_file", "payment", "transfer", "history_event", "history_link", "ledger_sum")
_CLOSE = """
update collection_case set stage = 90, stage_since = stage_since, next_action_on = null, waits_for = '',
  closed_on = closed_on, closed_because = closed_because
where tenant_id = %s and stage = 90
"""
_COLUMNS = """
select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped
  and attname <> 'tenant_id' order by attnum
"""


def run_limit(superuser_dsn: str, written_by: UUID, since: UUID, for_tenant: UUID) -> float:
    """Seconds to write, in one transaction, what `written_by` has written after the id `since`."""
    with psycopg.connect(superuser_dsn) as connection:
        rows = {table: _read(connection, table, written_by, since, for_tenant) for table in TABLES}
        connection.execute("delete from history_link where tenant_id = %s", (for_tenant,))
        connection.commit()
        began = clock.monotonic()
        for table, (columns, content) in rows.items():
            statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(sql.Identifier(table), columns)
            with connection.cursor().copy(statement) as copy:
                copy.write(content)
        connection.execute(_CLOSE, (written_by,))
        connection.commit()
        return clock.monotonic() - began


def _read(
    connection: psycopg.Connection, table: str, written_by: UUID, since: UUID, for_tenant: UUID
) -> tuple[sql.Composable, bytes]:
    """Ids rise with time, but for the sums', which are all of the run: the seeded ones are a handful."""
    columns = sql.SQL(", ").join(sql.Identifier(row[0]) for row in connection.execute(_COLUMNS, (table,)))
    new = sql.SQL("") if table == "ledger_sum" else sql.SQL(" and id > {}").format(sql.Literal(str(since)))
    statement = sql.SQL("copy (select {}::uuid, {} from {} where tenant_id = {}{}) to stdout (format binary)").format(
        sql.Literal(str(for_tenant)), columns, sql.Identifier(table), sql.Literal(str(written_by)), new
    )
    with connection.cursor().copy(statement) as copy:
        content = b"".join(bytes(part) for part in copy)
    return sql.SQL("tenant_id, ") + columns, content
