"""paragraphs a tenant writes itself, and its logo"""

import sqlalchemy as sa
from alembic import context, op

from saas.kernel.walls import wall

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "letter_paragraph",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.CheckConstraint("language in ('nb', 'nn', 'en')", name="known_language"),
        sa.CheckConstraint("name in ('greeting', 'help', 'closing')", name="known_name"),
        sa.CheckConstraint("length(text) <= 300", name="short_text"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "kind", "language", "name", "version"),
    )
    op.add_column("tenant_settings", sa.Column("logo", sa.Text(), nullable=True))
    wall("letter_paragraph", "tenant", context.config.attributes["app_role"], insert_only=True)
