"""Letters at rest: found again, decrypted, proven unchanged."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from saas.documents.letter import Letter
from saas.documents.models import StoredLetter
from saas.kernel import crypto, files
from saas.kernel.errors import NotFound, Refused
from tenants.resolve import Tenant


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """A stored letter, open: the facts it was made of, and the very bytes that were sent."""

    letter: Letter
    pdf: bytes
    pdf_sha256: bytes
    pages: int
    template_version: str


def open_letter(tenant: Tenant, dispatch_id: UUID) -> OpenLetter:
    """The letter of a dispatch. Raises NotFound, or Refused when its key is destroyed or its bytes were altered."""
    row: Any = tenant.session.execute(
        sa.select(StoredLetter, sa.literal_column("collection_case.case_key"))
        .join_from(
            StoredLetter,
            sa.table("collection_case", sa.column("tenant_id"), sa.column("id")),
            sa.text(
                "collection_case.tenant_id = stored_letter.tenant_id and collection_case.id = stored_letter.case_id"
            ),
        )
        .where(StoredLetter.tenant_id == tenant.id, StoredLetter.dispatch_id == dispatch_id)
    ).one_or_none()
    if row is None:
        raise NotFound("Brevet finnes ikke.")
    stored, case_key = row
    if case_key is None:
        raise Refused("anonymised", "Saken er anonymisert.")
    cipher = crypto.case_cipher(stored.case_id, bytes(case_key))
    sealed = files.get(stored.path)
    if hashlib.sha256(sealed).digest() != stored.sha256:
        raise Refused("altered", "Brevets bytes er endret siden det ble lagret.")
    letter = Letter.from_json(orjson.loads(crypto.decrypt(cipher, stored.facts, stored.id)))
    pdf = crypto.decrypt(cipher, sealed, stored.id)
    return OpenLetter(letter, pdf, stored.pdf_sha256, stored.pages, stored.template_version)
