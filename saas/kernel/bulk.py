"""Many rows at once: COPY into a temporary table, then INSERT … SELECT.

COPY cannot write through row-level security and arrays cost four times as much (PostgreSQL's own limits), so this is
the one way rows go in by the thousand. The temporary table is made once a session and empties itself at COMMIT.
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg import Connection, sql
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import JSONB

SET_WISE_ABOVE = 20
"""Rows. Fewer go in one by one: a staging table costs more than it saves, at COMMIT most, where it is emptied."""

_TYPES: list[tuple[type[Any], str]] = [
    (sa.ARRAY, "uuid[]"),  # the only lists that are kept
    (sa.Uuid, "uuid"),
    (sa.BigInteger, "int8"),
    (sa.SmallInteger, "int2"),
    (sa.Integer, "int4"),
    (sa.Boolean, "bool"),
    (sa.DateTime, "timestamptz"),
    (sa.Date, "date"),
    (sa.LargeBinary, "bytea"),
    (JSONB, "jsonb"),
    (sa.String, "text"),
]


def copy_rows(
    connection: Connection[Any], staged: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]
) -> None:
    """Let the temporary table `staged` (name → PostgreSQL type) hold exactly `rows`; it is emptied at COMMIT.

    Its rows lie in line up to nearly a page: else each certificate would be moved out of line twice.
    """
    names = [sql.Identifier(name) for name, _ in columns]
    shape = sql.SQL(", ").join(
        sql.SQL("{} {}").format(name, sql.SQL(kind)) for name, (_, kind) in zip(names, columns, strict=True)
    )
    table = sql.Identifier(staged)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "create temporary table if not exists {} ({}) with (toast_tuple_target = 8160) on commit delete rows;"
                "delete from {}"
            ).format(table, shape, table)
        )
        statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(table, sql.SQL(", ").join(names))
        with cursor.copy(statement) as copy:
            copy.set_types([kind for _, kind in columns])
            for row in rows:
                copy.write_row(row)


def insert_rows(
    connection: Connection[Any], table: sa.Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert `rows` into `table`. JSONB values are given as plain Python and wrapped here."""
    if not rows:
        return
    typed = [(name, _pg_type(table.c[name])) for name in columns]
    json_at = [position for position, (_, kind) in enumerate(typed) if kind == "jsonb"]
    wrapped = [_wrap(row, json_at) for row in rows] if json_at else rows
    names = sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    if len(rows) <= SET_WISE_ABOVE:
        _one_by_one(connection, table, names, typed, wrapped)
        return
    staged = f"staged_{table.name}"
    copy_rows(connection, staged, typed, wrapped)
    connection.execute(
        sql.SQL("insert into {} ({}) select {} from {}").format(
            sql.Identifier(table.name), names, names, sql.Identifier(staged)
        )
    )


def _one_by_one(
    connection: Connection[Any],
    table: sa.Table,
    names: sql.Composed,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
) -> None:
    values = sql.SQL(", ").join(sql.SQL("%s::{}").format(sql.SQL(kind)) for _, kind in columns)
    statement = sql.SQL("insert into {} ({}) values ({})").format(sql.Identifier(table.name), names, values)
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def id_list(ids: Iterable[UUID]) -> str:
    """Ids as one value for `any(%s::uuid[])`: a list would be turned into text id by id for each query anew."""
    return "{" + ",".join([one.hex for one in ids]) + "}"


@contextmanager
def many_objects() -> Iterator[None]:
    """Python's hunt for reference cycles waits while a chunk is worked on: it would walk the same facts over and over.

    A sixth of the night's time. What a chunk makes is freed when its last reference goes, as ever; cycles, after it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _pg_type(column: sa.Column[Any]) -> str:
    return next(name for kind, name in _TYPES if isinstance(column.type, kind))


def _wrap(row: Sequence[Any], json_at: list[int]) -> list[Any]:
    wrapped = list(row)
    for position in json_at:
        wrapped[position] = Jsonb(wrapped[position])
    return wrapped
