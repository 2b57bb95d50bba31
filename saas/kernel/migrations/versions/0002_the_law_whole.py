"""the law, whole: objections, lost costs, pauses of interest, estates, what money covers first"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from saas.kernel.walls import wall

revision = "0002"
down_revision = "0001"

WALLS = {  # table: (who sees its rows, whether they may never change)
    "objection": ("creditor", False),
    "interest_pause": ("creditor", False),
    "cost_loss": ("creditor", True),
}

COMPONENTS = (
    "component in ('principal', 'interest', 'notice_fee', 'collection_fee', 'money', 'compensation', 'fee_interest')"
)


def upgrade() -> None:
    op.drop_constraint("known_component", "transfer", type_="check")
    op.create_check_constraint("known_component", "transfer", COMPONENTS)
    op.add_column("creditor_agreement", sa.Column("allocation_order", sa.Text(), server_default="", nullable=False))
    op.add_column("creditor_agreement", sa.Column("source", sa.Text(), server_default="", nullable=False))
    op.add_column("payment", sa.Column("chosen_order", sa.Text(), server_default="", nullable=False))
    op.add_column("payment", sa.Column("chosen_claims", _ids(), server_default="{}", nullable=False))
    op.add_column("payment", sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("dispatch", sa.Column("claim_ids", _ids(), server_default="{}", nullable=False))
    op.add_column("debtor", sa.Column("deceased_on", sa.Date(), nullable=True))
    op.add_column("debtor", sa.Column("bankrupt_on", sa.Date(), nullable=True))
    _objection()
    _interest_pause()
    _cost_loss()
    app_role = context.config.attributes["app_role"]
    for table, (kind, insert_only) in WALLS.items():
        wall(table, kind, app_role, insert_only=insert_only)


def _ids() -> postgresql.ARRAY[object]:
    return postgresql.ARRAY(sa.Uuid())


def _objection() -> None:
    op.create_table(
        "objection",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("disputed_ore", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("asked_creditor_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=True),
        sa.Column("taken_off_ore", sa.BigInteger(), nullable=False),
        sa.Column("disputed_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind in ('wrong_recipient', 'already_paid', 'no_invoice', 'wrong_amount', 'not_agreed', 'faulty_delivery',"
            " 'cancelled', 'time_barred', 'other')",
            name="known_kind",
        ),
        sa.CheckConstraint("outcome in ('withdrawn', 'adjusted', 'maintained', 'groundless')", name="known_outcome"),
        sa.CheckConstraint("disputed_ore > 0 and taken_off_ore >= 0", name="amounts_not_negative"),
        sa.CheckConstraint("(outcome is null) = (answered_on is null)", name="answered_when"),
        _of_case(),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("objection_case", "objection", ["tenant_id", "case_id"], unique=False)
    op.create_index(
        "objection_open",
        "objection",
        ["tenant_id", "creditor_id"],
        unique=False,
        postgresql_where=sa.text("outcome is null"),
    )


def _interest_pause() -> None:
    op.create_table(
        "interest_pause",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("until_on > from_on", name="ends_after_it_begins"),
        _of_case(),
        sa.ForeignKeyConstraint(["tenant_id", "claim_id"], ["claim.tenant_id", "claim.id"]),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("interest_pause_case", "interest_pause", ["tenant_id", "case_id"], unique=False)


def _cost_loss() -> None:
    op.create_table(
        "cost_loss",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.Column("refund_ore", sa.BigInteger(), nullable=False),
        sa.Column("restarts", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.CheckConstraint("scope in ('all', 'agency_fee', 'above_lawful')", name="known_scope"),
        sa.CheckConstraint("amount_ore >= 0 and refund_ore between 0 and amount_ore", name="refund_within"),
        _of_case(),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("cost_loss_case", "cost_loss", ["tenant_id", "case_id"], unique=False)


def _of_case() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", "case_id"], ["collection_case.tenant_id", "collection_case.id"])
