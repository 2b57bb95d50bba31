"""Letters at rest: kept for ever, found again, decrypted, proven unchanged."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from saas.documents.letter import Letter
from saas.documents.models import StoredLetter
from saas.documents.render import TEMPLATE_VERSION, page_count
from saas.kernel import clock, crypto, files
from saas.kernel.errors import NotFound, Refused
from saas.kernel.ids import new_id
from tenants.resolve import Tenant


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """A stored letter, open: the facts it was made of, and the very bytes that were sent."""

    letter: Letter
    pdf: bytes
    pdf_sha256: bytes
    pages: int
    template_version: str


def keep_letter(
    tenant: Tenant, case_id: UUID, dispatch_id: UUID, letter: Letter, pdf: bytes, cipher: AESGCM
) -> StoredLetter:
    """Keep a rendered letter, encrypted with its case's key, with the facts and the templates it was made of."""
    letter_id = new_id()
    sealed = crypto.encrypt(cipher, pdf, letter_id)
    path = f"tenants/{tenant.id}/letters/{letter_id}.pdf.sealed"
    files.put_once(path, sealed)
    kept = StoredLetter(
        tenant_id=tenant.id,
        id=letter_id,
        case_id=case_id,
        dispatch_id=dispatch_id,
        kind=letter.kind.value,
        path=path,
        sha256=hashlib.sha256(sealed).digest(),
        pdf_sha256=hashlib.sha256(pdf).digest(),
        pages=page_count(pdf),
        template_version=TEMPLATE_VERSION,
        facts=crypto.encrypt(cipher, orjson.dumps(letter.to_json()), letter_id),
        made_at=clock.wall_now(),
    )
    tenant.session.add(kept)
    return kept


def open_letter(tenant: Tenant, dispatch_id: UUID) -> OpenLetter:
    """The letter of a dispatch. Raises NotFound, or Refused when its key is destroyed or its bytes were altered."""
    return open_letters(tenant, [dispatch_id])[dispatch_id]


def open_letters(tenant: Tenant, dispatch_ids: Collection[UUID]) -> dict[UUID, OpenLetter]:
    """The letters of these dispatches, read together; what one of them raises, all do. See `open_letter`."""
    rows: Any = tenant.session.execute(
        sa.select(StoredLetter, sa.literal_column("collection_case.case_key"))
        .join_from(
            StoredLetter,
            sa.table("collection_case", sa.column("tenant_id"), sa.column("id")),
            sa.text(
                "collection_case.tenant_id = stored_letter.tenant_id and collection_case.id = stored_letter.case_id"
            ),
        )
        .where(StoredLetter.tenant_id == tenant.id, StoredLetter.dispatch_id.in_(dispatch_ids))
    )
    found = {stored.dispatch_id: _opened(stored, case_key) for stored, case_key in rows}
    if found.keys() != set(dispatch_ids):
        raise NotFound("Brevet finnes ikke.")
    return found


def _opened(stored: StoredLetter, case_key: bytes | None) -> OpenLetter:
    if case_key is None:
        raise Refused("anonymised", "Saken er anonymisert.")
    cipher = crypto.case_cipher(stored.case_id, bytes(case_key))
    sealed = files.get(stored.path)
    if hashlib.sha256(sealed).digest() != stored.sha256:
        raise Refused("altered", "Brevets bytes er endret siden det ble lagret.")
    letter = Letter.from_json(orjson.loads(crypto.decrypt(cipher, stored.facts, stored.id)))
    pdf = crypto.decrypt(cipher, sealed, stored.id)
    return OpenLetter(letter, pdf, stored.pdf_sha256, stored.pages, stored.template_version)
