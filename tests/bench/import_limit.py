"""The limit of the import (baseline; changing it needs a decision record): COPY of the very rows the import wrote.

The rows are read back, moved to another tenant and copied into the same tables, as the superuser: row-level security
lets nobody else COPY. Nothing is read, checked, matched, numbered or encrypted.
"""

from uuid import UUID

import psycopg
from psycopg import sql

from saas.kernel import clock

TABLES = ("debtor", "collection_case", "claim", "kid_alias", "transfer", "reported_fact", "history_event",
          "history_link", "history_head")  # fmt: skip


def run_limit(superuser_dsn: str, written_by: UUID, for_tenant: UUID) -> float:
    """Seconds to COPY what one tenant's import wrote into another, empty tenant, in one transaction."""
    with psycopg.connect(superuser_dsn) as connection:
        _copy_creditors(connection, written_by, for_tenant)
        rows = {table: _read(connection, table, written_by, for_tenant) for table in TABLES}
        connection.execute("delete from history_head where tenant_id = %s", (for_tenant,))
        connection.execute("delete from history_link where tenant_id = %s", (for_tenant,))
        connection.commit()
        began = clock.monotonic()
        for table, (columns, content) in rows.items():
            statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(sql.Identifier(table), columns)
            with connection.cursor().copy(statement) as copy:
                copy.write(content)
        connection.commit()
        return clock.monotonic() - began


def _copy_creditors(connection: psycopg.Connection, written_by: UUID, for_tenant: UUID) -> None:
    """Foreign keys want the same creditors there; their own slugs and numbers make way."""
    connection.execute("delete from creditor_agreement where tenant_id = %s", (for_tenant,))
    connection.execute("delete from creditor where tenant_id = %s", (for_tenant,))
    columns, content = _read(connection, "creditor", written_by, for_tenant)
    statement = sql.SQL("copy creditor ({}) from stdin (format binary)").format(columns)
    with connection.cursor().copy(statement) as copy:
        copy.write(content)


def _read(connection: psycopg.Connection, table: str, written_by: UUID, for_tenant: UUID) -> tuple[sql.SQL, bytes]:
    names = [
        row[0]
        for row in connection.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " and attname <> 'tenant_id' order by attnum",
            (table,),
        )
    ]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("copy (select {}::uuid, {} from {} where tenant_id = {}) to stdout (format binary)").format(
        sql.Literal(str(for_tenant)), columns, sql.Identifier(table), sql.Literal(str(written_by))
    )
    with connection.cursor().copy(statement) as copy:
        content = b"".join(bytes(part) for part in copy)
    return sql.SQL("tenant_id, ") + columns, content
