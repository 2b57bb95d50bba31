"""Letters as they were sent, for ever, and the paragraphs tenants write in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from saas.kernel.db import STAFF_WALL, TENANT_WALL, Base, TenantRow


class StoredLetter(TenantRow, Base):
    """A rendered letter: where its encrypted bytes lie, their hash, and the facts it was made of (also encrypted)."""

    __tablename__ = "stored_letter"
    case_id: Mapped[UUID]
    dispatch_id: Mapped[UUID]
    kind: Mapped[str]
    path: Mapped[str]  # in object storage
    sha256: Mapped[bytes]  # of the stored ciphertext
    pdf_sha256: Mapped[bytes]  # of the PDF, which the print house got
    pages: Mapped[int] = mapped_column(Integer)
    template_version: Mapped[str]
    facts: Mapped[bytes]  # ciphertext of Letter.to_json()
    made_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("tenant_id", "dispatch_id"),
        Index("stored_letter_case", "tenant_id", "case_id"),
        {"info": {"wall": STAFF_WALL, "insert_only": True}},
    )


class LetterParagraph(TenantRow, Base):
    """A paragraph a tenant wrote for one kind of letter in one language; the newest version counts, "" is none."""

    __tablename__ = "letter_paragraph"
    kind: Mapped[str]
    language: Mapped[str]
    name: Mapped[str]  # saas.documents.paragraphs.LIMITS
    version: Mapped[int] = mapped_column(Integer)  # from 1
    text: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[str]
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "language", "name", "version"),
        CheckConstraint("language in ('nb', 'nn', 'en')", name="known_language"),
        CheckConstraint("name in ('greeting', 'help', 'closing')", name="known_name"),
        CheckConstraint("length(text) <= 300", name="short_text"),
        {"info": {"wall": TENANT_WALL, "insert_only": True}},
    )
