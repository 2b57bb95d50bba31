"""the plugin host: modes of a switch, its secrets, trouble, shadow, trials; facts with an end, fields plugins add"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from saas.kernel.walls import wall

revision = "0005"
down_revision = "0004"

WALLS = {  # table: (who sees its rows, whether they may never change)
    "plugin_trouble": ("staff", False),
    "plugin_shadow": ("staff", False),
    "plugin_trial": ("staff", False),
    "plugin_reach": ("staff", False),
}


def upgrade() -> None:
    _switch()
    op.add_column("reported_fact", sa.Column("good_until", sa.Date(), nullable=True))
    op.add_column("claim", sa.Column("extra", _json(), server_default="{}", nullable=False))
    _trouble()
    _shadow()
    _trial()
    _reach()
    app_role = context.config.attributes["app_role"]
    for table, (kind, insert_only) in WALLS.items():
        wall(table, kind, app_role, insert_only=insert_only)


def _json() -> postgresql.JSONB:
    return postgresql.JSONB(astext_type=sa.Text())


def _switch() -> None:
    """`enabled` becomes a mode. By ALTER, which no wall stops: an UPDATE would see no tenant's rows."""
    op.execute(
        "alter table plugin_switch alter column enabled type text using case when enabled then 'on' else 'off' end"
    )
    op.alter_column("plugin_switch", "enabled", new_column_name="mode")
    op.add_column("plugin_switch", sa.Column("percent", sa.SmallInteger(), server_default="100", nullable=False))
    op.add_column("plugin_switch", sa.Column("version", sa.Text(), server_default="", nullable=False))
    op.add_column("plugin_switch", sa.Column("secrets", sa.LargeBinary(), nullable=True))
    modes = "mode in ('off', 'shadow', 'canary', 'on', 'quarantined')"
    op.create_check_constraint("known_mode", "plugin_switch", modes)
    op.create_check_constraint("percent_is_a_share", "plugin_switch", "percent between 1 and 100")


def _trouble() -> None:
    op.create_table(
        "plugin_trouble",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "slug", "hook", "error", "creditor_id"),
    )


def _shadow() -> None:
    op.create_table(
        "plugin_shadow",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "slug", "case_id", "hook", "asked_on"),
    )


def _trial() -> None:
    op.create_table(
        "plugin_trial",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=False),
        sa.Column("settings", _json(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("result", _json(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('preview', 'backtest')", name="known_kind"),
        sa.CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="known_state"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )


def _reach() -> None:
    op.create_table(
        "plugin_reach",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "creditor_id", "slug", "hook"),
    )
