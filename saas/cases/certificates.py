"""The records of why steps were lawful, opened for whoever checks them."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from saas.cases.models import Case, CertificateRow
from saas.kernel import crypto
from tenants.resolve import Tenant


class OpenCertificate(NamedTuple):
    """One certificate: the record as it was frozen, or None when its case is anonymised; whether its hash holds."""

    id: UUID
    case_number: int
    step: str
    record: bytes | None
    unaltered: bool


def open_certificates(tenant: Tenant) -> Iterator[OpenCertificate]:
    """Every certificate of a tenant, in the order they were made, a few at a time."""
    query = (
        sa.select(CertificateRow, Case.number, Case.case_key)
        .join(Case, (Case.tenant_id == CertificateRow.tenant_id) & (Case.id == CertificateRow.case_id))
        .where(CertificateRow.tenant_id == tenant.id)
        .order_by(CertificateRow.id)
        .execution_options(yield_per=500)
    )
    for row, number, case_key in tenant.session.execute(query):
        unaltered = hashlib.sha256(row.body).digest() == row.sha256
        record = None
        if case_key is not None and unaltered:
            record = crypto.decrypt(crypto.case_cipher(row.case_id, case_key), row.body, row.id)
        yield OpenCertificate(row.id, number, row.step, record, unaltered)
