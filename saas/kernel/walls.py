"""Walls of the tables, as migrations build them and tests check them."""

from alembic import op
from sqlalchemy import text

from saas.kernel.db import wall_policy


def wall(table: str, kind: str, app_role: str, *, insert_only: bool = False) -> None:
    """Force row-level security on `table` and give the application role what it needs, and no more."""
    condition = wall_policy(kind)
    rights = "select, insert" if insert_only else "select, insert, update, delete"
    for statement in (
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy {table}_wall on {table} using ({condition}) with check ({condition})",
        f'grant {rights} on {table} to "{app_role}"',
    ):
        op.execute(text(statement))
