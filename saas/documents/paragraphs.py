"""The paragraphs a tenant may write itself: a greeting, a word under «Trenger du hjelp?», a last word.

Plain text, short, and never in place of what the law asks for. Every version is kept; a letter keeps the text it was
made with.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from saas.documents.glyphs import seen
from saas.documents.letter import LetterKind, OwnParagraph
from saas.documents.mandatory import says_costs_will_come
from saas.documents.models import LetterParagraph
from saas.documents.paper import CLOSING, GREETING, HELP
from saas.documents.wording import wording_of
from saas.kernel import history
from saas.kernel.errors import BadInput
from saas.kernel.ids import new_id
from tenants.resolve import Tenant

LIMITS = {GREETING: 60, HELP: 300, CLOSING: 300}  # characters
_READ = "letter_paragraphs"


def may_write(kind: LetterKind) -> tuple[str, ...]:
    """The paragraphs that kind of letter has a place for."""
    return tuple(name for name in LIMITS if name != HELP or HELP in wording_of(kind).parts)


def paragraphs_in_force(tenant: Tenant, kind: LetterKind, language: str) -> tuple[OwnParagraph, ...]:
    """What the tenant has written for that kind in that language, in the order of the letter."""
    newest = _newest_of_all(tenant)
    texts = {name: newest.get((kind.value, language, name)) for name in LIMITS}
    return tuple(OwnParagraph(name, text) for name, text in texts.items() if text)


def _newest_of_all(tenant: Tenant) -> dict[tuple[str, str, str], str]:
    """Kind, language and name → text; read once a transaction, for a job's letters all ask."""
    info = tenant.session.info
    if _READ not in info:
        row = LetterParagraph
        rows = tenant.session.execute(
            sa.select(row.kind, row.language, row.name, row.text)
            .where(row.tenant_id == tenant.id)
            .order_by(row.version)
        )
        info[_READ] = {(kind, language, name): text for kind, language, name, text in rows}
    return cast(dict[tuple[str, str, str], str], info[_READ])


def paragraph_history(tenant: Tenant, kind: LetterKind, language: str) -> list[LetterParagraph]:
    """Every version of that kind's paragraphs in that language, newest first."""
    return list(
        tenant.session.scalars(
            sa.select(LetterParagraph)
            .where(
                LetterParagraph.tenant_id == tenant.id,
                LetterParagraph.kind == kind.value,
                LetterParagraph.language == language,
            )
            .order_by(LetterParagraph.version.desc(), LetterParagraph.name)
        )
    )


def write_paragraph(
    tenant: Tenant, kind: LetterKind, language: str, name: str, text: str, *, now: datetime, actor: str
) -> None:
    """Keep a new version of a paragraph; "" takes it out. The same text again changes nothing. Raises BadInput."""
    text = checked_paragraph(kind, language, name, text)
    tenant.session.refresh(tenant.settings, with_for_update=True)  # one change at a time
    before = _newest(paragraph_history(tenant, kind, language), name)
    if (before.text if before else "") == text:
        return
    row = LetterParagraph(
        tenant_id=tenant.id,
        id=new_id(),
        kind=kind.value,
        language=language,
        name=name,
        version=before.version + 1 if before else 1,
        text=text,
        written_at=now,
        written_by=actor,
    )
    tenant.session.add(row)
    tenant.session.info.pop(_READ, None)
    body = {"kind": kind.value, "language": language, "name": name, "version": row.version, "text": text}
    history.record(tenant.session, "letter_paragraph.written", at=now, actor=actor, body=body)


def checked_paragraph(kind: LetterKind, language: str, name: str, text: str) -> str:
    """The text as it will be kept: one paragraph, without what cannot be seen. Raises BadInput by name."""
    if name not in may_write(kind) or language not in wording_of(kind).languages:
        raise BadInput({name: ["Dette brevet har ikke et slikt avsnitt."]})
    plain = " ".join(seen(" ".join(text.split())).split())
    if len(plain) > LIMITS[name]:
        raise BadInput({name: [f"Teksten er {len(plain)} tegn. Bruk høyst {LIMITS[name]}."]})
    if says_costs_will_come(plain, language):
        raise BadInput({name: ["Teksten sier at det vil komme kostnader. Det kan et brev ikke si. Skriv den om."]})
    return plain


def _newest(rows: Iterable[LetterParagraph], name: str) -> LetterParagraph | None:
    return next((row for row in rows if row.name == name), None)
