"""Paying without logging in: the link in the letter, and QuickPay by reference and one more thing.

What the link opens shows creditor, sum and ways to pay, and nothing about the person.
"""

import hmac
import re
from uuid import UUID

import sqlalchemy as sa

from saas.cases.models import Case, Debtor, KidAlias
from tenants.resolve import Tenant

_MAX_NUMBER = 2**63
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")
_NOBODY = "no such answer"  # compared with when there is no case, so that a miss takes as long as a hit


def case_of_link(tenant: Tenant, token: str) -> UUID | None:
    """The case whose letters carry this token; None when there is none."""
    if not _TOKEN.fullmatch(token):
        return None
    return tenant.session.scalar(sa.select(Case.id).where(Case.tenant_id == tenant.id, Case.link_token == token))


def link_of(tenant: Tenant, case_id: UUID) -> str:
    """The token of a case's link."""
    return tenant.session.scalars(
        sa.select(Case.link_token).where(Case.tenant_id == tenant.id, Case.id == case_id)
    ).one()


def link_by_reference(tenant: Tenant, reference: str, proof: str) -> str | None:
    """The token of the case with this case number or KID, when `proof` is the debtor's postcode, birth date
    (ddmmåå) or organisation number; None otherwise, whatever it is that does not fit.

    Of a debtor whose address is protected the postcode proves nothing, so that nobody can try addresses out.
    """
    typed = "".join(c for c in reference[:40] if c.isalnum() or c == "-")
    number = int(typed) if typed.isascii() and typed.isdigit() and int(typed) < _MAX_NUMBER else 0
    found = tenant.session.execute(
        sa.select(Case.link_token, Debtor.postcode, Debtor.orgnr, Debtor.national_id, Debtor.protected_address)
        .join(Debtor, sa.and_(Debtor.tenant_id == Case.tenant_id, Debtor.id == Case.debtor_id))
        .where(
            Case.tenant_id == tenant.id,
            sa.or_(
                Case.number == number,
                Case.id.in_(
                    sa.select(KidAlias.case_id).where(
                        KidAlias.tenant_id == tenant.id,
                        KidAlias.account == tenant.settings.client_account,
                        KidAlias.kid == typed,
                    )
                ),
            ),
        )
    ).all()
    answers = [_NOBODY]
    if len(found) == 1:
        row = found[0]
        postcode = "" if row.protected_address else row.postcode
        answers = [postcode, row.orgnr or "", _birth_date(row.national_id)]
    given = _bare(proof)
    fits = [hmac.compare_digest(_bare(answer).encode(), given.encode()) for answer in answers if answer]
    return found[0].link_token if given and any(fits) and len(found) == 1 else None


def _bare(text: str) -> str:
    """Letters and digits only: `0155`, `W1A 1AA`, `01.02.80` and `987 654 321` are written in many ways."""
    return "".join(c for c in text[:40].upper() if c.isalnum())


def _birth_date(national_id: str | None) -> str:
    """The first six digits, as ddmmyy; of a D-number and a synthetic number as the person writes the date."""
    if not national_id:
        return ""
    day, month = int(national_id[:2]), int(national_id[2:4])
    return f"{day - 40 if day > 40 else day:02d}{month % 40:02d}{national_id[4:6]}"
