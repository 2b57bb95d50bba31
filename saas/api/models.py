"""What the API remembers between calls."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from saas.kernel.db import STAFF_WALL, Base, TenantRow


class IdempotentCall(TenantRow, Base):
    """A write that was answered: the same key with the same body gets the same answer again."""

    __tablename__ = "idempotent_call"
    actor: Mapped[str]
    key: Mapped[str]
    request_sha256: Mapped[bytes]
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[bytes]
    answered_at: Mapped[datetime]
    case_id: Mapped[UUID | None]
    __table_args__ = (UniqueConstraint("tenant_id", "actor", "key"), {"info": {"wall": STAFF_WALL}})
