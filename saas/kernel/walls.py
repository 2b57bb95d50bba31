"""Walls of the tables, as migrations build them and tests check them."""

from alembic import op
from sqlalchemy import text

from saas.kernel.db import wall_policy


def wall(table: str, kind: str, app_role: str, *, insert_only: bool = False) -> None:
    """Force row-level security on `table` and give the application role what it needs, and no more.

    No statistics are kept of tenant_id: a tenant they have not seen yet would be taken for a single row, and the night
    after a large import would read that tenant's whole tables for each chunk. So every tenant counts as an average one.
    """
    condition = wall_policy(kind)
    rights = "select, insert" if insert_only else "select, insert, update, delete"
    for statement in (
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"alter table {table} alter column tenant_id set statistics 0",
        f"create policy {table}_wall on {table} using ({condition}) with check ({condition})",
        f'grant {rights} on {table} to "{app_role}"',
    ):
        op.execute(text(statement))
