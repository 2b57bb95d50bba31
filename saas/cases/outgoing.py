"""A stored letter as a channel is given it: its bytes, who gets it, and what it asks for as a machine reads it."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from saas.cases.models import Case, Debtor
from saas.dispatch.models import READY, Dispatch
from saas.documents.letter import Letter
from saas.documents.store import OpenLetter, open_letter
from saas.hooks import AskedPayment, OutgoingBatch, OutgoingLetter, Party
from tenants.resolve import Tenant


def batch_of(tenant: Tenant, batch_id: UUID, *, made_on: date) -> tuple[str, OutgoingBatch] | None:
    """The channel and content of a batch that is ready, its letters locked until it is noted as handed over.

    What has been withdrawn since it was written is not in it. None when it is out, or nothing of it is left.
    """
    rows = tenant.session.scalars(
        sa.select(Dispatch)
        .where(Dispatch.tenant_id == tenant.id, Dispatch.batch_id == batch_id, Dispatch.state == READY)
        .order_by(Dispatch.id)
        .with_for_update()
    ).all()
    if not rows:
        return None
    debtors = {
        case_id: debtor
        for case_id, debtor in tenant.session.execute(
            sa.select(Case.id, Debtor)
            .join(Debtor, sa.and_(Debtor.tenant_id == Case.tenant_id, Debtor.id == Case.debtor_id))
            .where(Case.tenant_id == tenant.id, Case.id.in_([row.case_id for row in rows]))
        )
    }
    letters = tuple(outgoing(tenant, row, debtors[row.case_id], open_letter(tenant, row.id)) for row in rows)
    return rows[0].channel, OutgoingBatch(str(batch_id), tenant.slug, made_on, letters)


def outgoing(tenant: Tenant, row: Dispatch, debtor: Debtor, stored: OpenLetter) -> OutgoingLetter:
    """One letter. What is seen from outside (subject, short text) tells who writes, and nothing else (law G5)."""
    letter, s = stored.letter, tenant.settings
    return OutgoingLetter(
        dispatch_id=str(row.id),
        kind=letter.kind,
        subject=f"Brev fra {s.name}",
        pdf=stored.pdf,
        sha256=stored.pdf_sha256.hex(),
        recipient=party_of(debtor),
        sender=Party(s.name, tuple(s.address_lines), orgnr=s.orgnr, email=s.email, phone=s.phone),
        pages=stored.pages,
        short_text=f"Du har fått et brev fra {s.name}. Logg inn på {letter.login_address} for å lese det.",
        payment=_asked(letter),
        link=letter.link,
    )


def _asked(letter: Letter) -> AskedPayment | None:
    """None for a letter that sets no deadline: it asks for nothing."""
    if letter.deadline_on is None:
        return None
    return AskedPayment(letter.total_ore, letter.deadline_on, letter.account, letter.kid)


def party_of(debtor: Debtor) -> Party:
    """The debtor as an envelope or a gateway needs them."""
    return Party(
        name=debtor.name,
        address_lines=tuple(debtor.address_lines),
        postcode=debtor.postcode,
        city=debtor.city,
        country=debtor.country,
        national_id=debtor.national_id,
        orgnr=debtor.orgnr,
        email=debtor.email,
        phone=debtor.phone,
        language=debtor.language,
    )
