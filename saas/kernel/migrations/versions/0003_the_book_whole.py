"""the book, whole: cards, settlement, reconciliation, balances as of a day"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from saas.kernel.walls import wall

revision = "0003"
down_revision = "0002"


WALLS = {  # table: (who sees its rows, whether they may never change)
    "agency_invoice": ("creditor", True),
    "bank_balance": ("staff", True),
    "book_check": ("staff", True),
    "invoice_counter": ("staff", False),
    "ledger_sum": ("creditor", False),
    "payment_order": ("staff", False),
    "provider_account": ("staff", False),
    "provider_event": ("staff", False),
    "provider_payout": ("staff", True),
    "reconciliation": ("staff", True),
    "payout_mandate": ("staff", False),
    "pay_attempt": ("staff", False),
    "repayment": ("staff", False),
}

ACCOUNTS = (
    "('receivable', 'claims_held', 'client_bank', 'unplaced', 'owed_creditor', 'owed_debtor', 'earned', 'in_transit',"
    " 'at_creditor', 'ordered')"
)
FILL_SUMS = """
insert into ledger_sum (tenant_id, id, period, period_on, creditor_id, account, component, ore)
select tenant_id, gen_random_uuid(), period, date_trunc(period, value_on)::date, whose, account, component, sum(ore)
from transfer
cross join lateral (values (debit, amount_ore), (credit, -amount_ore)) sides(account, ore)
cross join lateral (values (creditor_id), ('ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)) everybodys(whose)
cross join (values ('day'), ('month')) periods(period)
group by 1, 3, 4, 5, 6, 7 having sum(ore) <> 0
"""


def upgrade() -> None:
    op.create_table(
        "agency_invoice",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("net_ore", sa.BigInteger(), nullable=False),
        sa.Column("vat_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("vat_ore", sa.BigInteger(), nullable=False),
        sa.Column("set_off_ore", sa.BigInteger(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "creditor_id", "period_from", "period_to"),
        sa.UniqueConstraint("tenant_id", "number"),
    )
    op.create_table(
        "bank_balance",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("balance_on", sa.Date(), nullable=False),
        sa.Column("balance_ore", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("bank_balance_day", "bank_balance", ["tenant_id", "account", "balance_on"], unique=False)
    op.create_table(
        "book_check",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invariant", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("examples", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("book_check_newest", "book_check", ["tenant_id", "invariant", "checked_at"], unique=False)
    op.create_table(
        "invoice_counter",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id"),
    )
    op.create_table(
        "ledger_sum",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("period_on", sa.Date(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("ore", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("period in ('day', 'month')", name="known_period"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index(
        "ledger_sum_period", "ledger_sum", ["tenant_id", "creditor_id", "period", "period_on"], unique=False
    )
    op.create_table(
        "payment_order",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_on", sa.Date(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("sum_ore", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("state in ('made', 'accepted', 'rejected', 'settled')", name="known_state"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "message_id"),
    )
    op.create_index(
        "payment_order_under_way",
        "payment_order",
        ["tenant_id", "id"],
        unique=False,
        postgresql_where=sa.text("state in ('made', 'accepted')"),
    )
    op.create_table(
        "provider_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "provider"),
    )
    op.create_table(
        "provider_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "provider", "event_id"),
    )
    op.create_index(
        "provider_event_waiting",
        "provider_event",
        ["tenant_id", "id"],
        unique=False,
        postgresql_where=sa.text("done_at is null"),
    )
    op.create_table(
        "provider_payout",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("gross_ore", sa.BigInteger(), nullable=False),
        sa.Column("fee_ore", sa.BigInteger(), nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "provider", "reference"),
    )
    op.create_table(
        "reconciliation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reconciled_on", sa.Date(), nullable=False),
        sa.Column("bank_ore", sa.BigInteger(), nullable=True),
        sa.Column("ledger_ore", sa.BigInteger(), nullable=False),
        sa.Column("owed_ore", sa.BigInteger(), nullable=False),
        sa.Column("in_transit_ore", sa.BigInteger(), nullable=False),
        sa.Column("deviations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("reconciliation_day", "reconciliation", ["tenant_id", "reconciled_on"], unique=False)
    op.create_table(
        "payout_mandate",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.CheckConstraint("(approved_at is null) = (approved_by = '')", name="approved_when"),
        sa.CheckConstraint("approved_by <> proposed_by", name="four_eyes"),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("payout_mandate_creditor", "payout_mandate", ["tenant_id", "creditor_id"], unique=False)
    op.create_index(
        "payout_mandate_standing",
        "payout_mandate",
        ["tenant_id", "creditor_id", sa.text("(approved_at is null)")],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "pay_attempt",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("provider_reference", sa.Text(), nullable=False),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refunded_ore", sa.BigInteger(), nullable=False),
        sa.Column("charged_back_ore", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("state in ('created', 'pending', 'paid', 'failed', 'expired')", name="known_state"),
        sa.CheckConstraint("amount_ore > 0 and refunded_ore >= 0", name="amounts"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["collection_case.tenant_id", "collection_case.id"],
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "provider", "reference"),
    )
    op.create_index("pay_attempt_case", "pay_attempt", ["tenant_id", "case_id"], unique=False)
    op.create_index(
        "pay_attempt_open",
        "pay_attempt",
        ["tenant_id", "id"],
        unique=False,
        postgresql_where=sa.text("state in ('created', 'pending')"),
    )
    op.create_table(
        "repayment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state in ('due', 'ordered', 'paid', 'returned')", name="known_state"),
        sa.CheckConstraint("amount_ore > 0", name="amount_is_positive"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["collection_case.tenant_id", "collection_case.id"],
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
    )
    op.create_index("repayment_case", "repayment", ["tenant_id", "case_id"], unique=False)
    op.create_index(
        "repayment_waiting", "repayment", ["tenant_id", "id"], unique=False, postgresql_where=sa.text("state = 'due'")
    )
    op.add_column("creditor_agreement", sa.Column("fee_share_bp", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "creditor_agreement", sa.Column("vat_set_off", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("payout", sa.Column("fee_share_ore", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("payout", sa.Column("order_id", sa.Uuid(), nullable=True))
    op.add_column("payout", sa.Column("state", sa.Text(), server_default="paid", nullable=False))
    op.add_column("payout", sa.Column("why", sa.Text(), server_default="", nullable=False))
    op.add_column("payout", sa.Column("done_on", sa.Date(), nullable=True))
    op.drop_constraint("payout_tenant_id_creditor_id_payout_on_key", "payout", type_="unique")
    op.create_index(
        "payout_once_a_day",
        "payout",
        ["tenant_id", "creditor_id", "payout_on"],
        unique=True,
        postgresql_where=sa.text("state <> 'rejected'"),
    )
    op.create_index(
        "payout_under_way", "payout", ["tenant_id", "id"], unique=False, postgresql_where=sa.text("state = 'ordered'")
    )
    op.create_check_constraint("known_state", "payout", "state in ('ordered', 'paid', 'rejected')")
    op.add_column("payment", sa.Column("provider", sa.Text(), server_default="bank", nullable=False))
    op.add_column("payment", sa.Column("attempt_id", sa.Uuid(), nullable=True))
    op.add_column("payment", sa.Column("gone_ore", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("dispatch", sa.Column("printed_ore", sa.BigInteger(), nullable=True))
    op.create_index(
        "payment_payer",
        "payment",
        ["tenant_id", "debit_account"],
        unique=False,
        postgresql_where=sa.text("debit_account <> ''"),
    )
    op.create_index(
        "hold_for_money",
        "case_hold",
        ["tenant_id", "case_id"],
        unique=False,
        postgresql_where=sa.text("note = 'unmatched_payment' and lifted_on is null"),
    )
    op.alter_column("payment", "file_id", existing_type=sa.UUID(), nullable=True)
    op.drop_constraint("known_account", "transfer", type_="check")
    op.create_check_constraint("known_account", "transfer", f"debit in {ACCOUNTS} and credit in {ACCOUNTS}")
    op.drop_constraint("known_state", "payment", type_="check")
    op.create_check_constraint("known_state", "payment", "state in ('new', 'placed', 'unmatched', 'reversed')")
    op.create_check_constraint("fee_share_is_a_share", "creditor_agreement", "fee_share_bp between 0 and 10000")
    _fill_sums()
    app_role = context.config.attributes["app_role"]
    for table, (kind, insert_only) in WALLS.items():
        wall(table, kind, app_role, insert_only=insert_only)


def _fill_sums() -> None:
    """What was booked before there were sums of it. The owner sees all tenants' rows only while the wall is down."""
    op.execute("alter table transfer no force row level security")
    op.execute(FILL_SUMS)
    op.execute("alter table transfer force row level security")
