"""dispatch: messages beside the ladder, states with a lease, the health of channels, what debtors have chosen"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from saas.kernel.walls import wall

revision = "0006"
down_revision = "0005"

UNDER_WAY = "state in ('queued', 'ready', 'sending', 'handed_over', 'unknown')"
NEW = (
    sa.Column("kind", sa.Text(), nullable=False, server_default=""),
    sa.Column("particulars", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="{}"),
    sa.Column("medium", sa.Text(), nullable=False, server_default=""),
    sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
    sa.Column("sending_since", sa.DateTime(timezone=True), nullable=True),
    sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("opened_on", sa.Date(), nullable=True),
    sa.Column("external_id", sa.Text(), nullable=False, server_default=""),
    sa.Column("cost_ore", sa.BigInteger(), nullable=False, server_default="0"),
    sa.Column("attention", sa.Text(), nullable=False, server_default=""),
    sa.Column("notice_of", sa.Uuid(), nullable=True),
    sa.Column("replaces", sa.Uuid(), nullable=True),
)


def upgrade() -> None:
    for column in NEW:
        op.add_column("dispatch", column)
    # every letter so far is a step on paper
    op.execute("alter table dispatch no force row level security")
    op.execute("update dispatch set kind = step, medium = 'paper'")
    op.execute("alter table dispatch force row level security")
    op.alter_column("dispatch", "deadline_on", nullable=True)
    op.alter_column("dispatch", "certificate_id", nullable=True)
    op.drop_constraint("known_state", "dispatch", type_="check")
    op.create_check_constraint(
        "known_state",
        "dispatch",
        "state in ('queued', 'ready', 'sending', 'handed_over', 'sent', 'failed', 'withdrawn', 'unknown')",
    )
    op.create_check_constraint(
        "a_step_has_its_promise",
        "dispatch",
        "step = '' or (deadline_on is not null and certificate_id is not null)",
    )
    op.create_check_constraint(
        "a_message_costs_nothing", "dispatch", "step <> '' or (fee_ore = 0 and entry_id is null)"
    )
    op.drop_index("dispatch_waiting", "dispatch")
    op.create_index("dispatch_waiting", "dispatch", ["tenant_id", "state", "id"], postgresql_where=sa.text(UNDER_WAY))
    op.drop_index("one_letter_under_way", "dispatch")
    op.create_index(
        "one_letter_under_way",
        "dispatch",
        ["tenant_id", "case_id"],
        unique=True,
        postgresql_where=sa.text(f"{UNDER_WAY} and step <> ''"),
    )
    op.create_index("dispatch_of_day", "dispatch", ["tenant_id", "decided_on", "id"])
    op.create_index(
        "dispatch_for_a_person", "dispatch", ["tenant_id", "id"], postgresql_where=sa.text("attention <> ''")
    )
    _channel_tables()
    for table in ("channel_report", "channel_health", "channel_hour", "debtor_contact_choice"):
        wall(table, "staff", context.config.attributes["app_role"])


def _channel_tables() -> None:
    op.create_table(
        "channel_report",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("receipts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "channel", "name"),
    )
    op.create_index(
        "channel_report_waiting", "channel_report", ["tenant_id", "id"], postgresql_where=sa.text("taken_at is null")
    )
    op.create_table(
        "channel_health",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("last_ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("try_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.CheckConstraint("state in ('ok', 'down', 'stopped')", name="known_state"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "channel"),
    )
    op.create_table(
        "channel_hour",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("turned_away", sa.Integer(), nullable=False),
        sa.Column("in_trouble", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "channel", "hour"),
    )
    op.create_table(
        "debtor_contact_choice",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("choice in ('consents', 'reserved', 'unreachable')", name="known_choice"),
        sa.ForeignKeyConstraint(["tenant_id", "debtor_id"], ["debtor.tenant_id", "debtor.id"]),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "debtor_id", "channel"),
    )
