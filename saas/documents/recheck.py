"""Whether the letters kept are still the letters sent: unaltered, and the same bytes when rendered from their facts.

A letter made with an older wording, looks or Typst is only proven unaltered: what it was made with is no longer here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa

from saas.documents.models import StoredLetter
from saas.documents.render import TEMPLATE_VERSION, render
from saas.documents.store import open_letter
from saas.kernel.errors import Refused
from tenants.resolve import Tenant


class Verdict(StrEnum):
    """What was found of one letter."""

    SAME = "same"  # unaltered, and rendered again it is the same
    OLDER = "older"  # unaltered; made with another version
    ANONYMISED = "anonymised"  # its key is destroyed: nobody can read it
    ALTERED = "altered"  # its bytes are not those that were kept
    DIFFERENT = "different"  # rendered again it is another letter

    @property
    def is_wrong(self) -> bool:
        """Whether somebody must look."""
        return self in (Verdict.ALTERED, Verdict.DIFFERENT)


@dataclass(frozen=True, slots=True)
class Rechecked:
    """One letter and its verdict."""

    dispatch_id: UUID
    kind: str
    verdict: Verdict


def recheck(tenant: Tenant) -> Iterator[Rechecked]:
    """Every letter kept for the tenant, oldest first."""
    rows = tenant.session.execute(
        sa.select(StoredLetter.dispatch_id, StoredLetter.kind)
        .where(StoredLetter.tenant_id == tenant.id)
        .order_by(StoredLetter.id)
    ).all()
    for dispatch_id, kind in rows:
        yield Rechecked(dispatch_id, kind, _verdict(tenant, dispatch_id))
        tenant.session.expunge_all()


def _verdict(tenant: Tenant, dispatch_id: UUID) -> Verdict:
    try:
        kept = open_letter(tenant, dispatch_id)
    except Refused as refused:
        return Verdict.ANONYMISED if refused.code == "anonymised" else Verdict.ALTERED
    if sha256(kept.pdf).digest() != kept.pdf_sha256:
        return Verdict.ALTERED
    if kept.template_version != TEMPLATE_VERSION:
        return Verdict.OLDER
    return Verdict.SAME if render(kept.letter) == kept.pdf else Verdict.DIFFERENT
