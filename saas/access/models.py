"""Who may come in: users, API keys, and the codes printed in letters."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from saas.kernel.db import STAFF_WALL, Base, TenantRow
from saas.kernel.ids import NIL


class User(TenantRow, Base):
    """A person with a password: the tenant's staff (`creditor_id` nil) or a creditor's."""

    __tablename__ = "app_user"
    creditor_id: Mapped[UUID] = mapped_column(default=NIL)
    email: Mapped[str]  # normalised to lower case
    name: Mapped[str]
    password_hash: Mapped[str]  # argon2id
    role: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (
        UniqueConstraint("tenant_id", "email"),
        CheckConstraint("role in ('admin', 'handler', 'creditor')", name="known_role"),
        {"info": {"wall": STAFF_WALL}},
    )


class ApiKey(TenantRow, Base):
    """A machine's key; the secret itself is shown once and only its keyed hash is kept."""

    __tablename__ = "api_key"
    creditor_id: Mapped[UUID] = mapped_column(default=NIL)
    name: Mapped[str]
    secret_hash: Mapped[bytes]
    role: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "secret_hash"),
        CheckConstraint("role in ('admin', 'handler', 'creditor')", name="known_role"),
        {"info": {"wall": STAFF_WALL}},
    )


class LetterCode(TenantRow, Base):
    """A log-in code printed in a letter; valid 21 days from the letter's date (J4, F07)."""

    __tablename__ = "letter_code"
    case_id: Mapped[UUID]
    dispatch_id: Mapped[UUID]
    code_hash: Mapped[bytes]
    valid_until: Mapped[date] = mapped_column(Date)
    __table_args__ = (
        UniqueConstraint("tenant_id", "dispatch_id"),
        Index("letter_code_case", "tenant_id", "case_id"),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["collection_case.tenant_id", "collection_case.id"]),
        {"info": {"wall": STAFF_WALL}},
    )
