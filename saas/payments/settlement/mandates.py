"""Standing permission to pay out (fullmakt): two people's, before any money leaves the client account (law I8).

One sets it up, another approves it; the database holds that they are two. It names the account: another account is
another mandate. The agency's own account has one too, under the nil creditor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from stdnum.no import kontonr

from saas.access.roles import Action, allow
from saas.access.users import Signed, find_user
from saas.kernel import history
from saas.kernel.errors import BadInput, Forbidden, NotFound, Refused
from saas.kernel.ids import NIL, new_id
from saas.payments.models import PayoutMandate
from saas.rules.kid import is_valid_kid
from tenants.models import Creditor
from tenants.resolve import Tenant

_ACCOUNT = "Skriv de elleve sifrene i kontonummeret. Kontrollsifferet stemmer ikke."


@dataclass(frozen=True, slots=True)
class Mandates:
    """A creditor's mandate that money leaves by, and the one that waits for a second person."""

    standing: PayoutMandate | None = None
    proposed: PayoutMandate | None = None


def mandates_of(tenant: Tenant) -> Mapping[UUID, Mandates]:
    """The mandates not ended, by creditor (nil: the agency's own fees)."""
    rows: Sequence[PayoutMandate] = tenant.session.scalars(
        sa.select(PayoutMandate).where(PayoutMandate.tenant_id == tenant.id, PayoutMandate.ended_at.is_(None))
    ).all()
    return {
        creditor_id: Mandates(
            next((row for row in rows if row.creditor_id == creditor_id and row.approved_at), None),
            next((row for row in rows if row.creditor_id == creditor_id and not row.approved_at), None),
        )
        for creditor_id in {row.creditor_id for row in rows}
    }


def propose_mandate(
    tenant: Tenant, creditor_id: UUID, account: str, *, kid: str = "", by: Signed, now: datetime
) -> UUID:
    """Set up a mandate; nothing leaves by it before another person has approved it. Takes the place of one proposed
    before. Raises BadInput (`account`, `kid`), NotFound, Refused when just this mandate stands already, Forbidden.
    """
    _allow(tenant, by, Action.REMIT)
    _lock(tenant, creditor_id)
    account, kid = "".join(account.split()).replace(".", ""), "".join(kid.split())
    if len(account) != 11 or not kontonr.is_valid(account):
        raise BadInput({"account": [_ACCOUNT]})
    if kid and not is_valid_kid(kid):
        raise BadInput({"kid": ["Kontrollsifferet i KID stemmer ikke."]})
    if account == tenant.settings.client_account:
        raise BadInput({"account": ["Dette er klientkontoen. Skriv kontoen pengene skal til."]})
    known = mandates_of(tenant).get(creditor_id, Mandates())
    if known.standing and (known.standing.account, known.standing.kid) == (account, kid):
        raise Refused("mandate_stands", "Denne fullmakten gjelder allerede.")
    if known.proposed:
        _end(tenant, known.proposed, by.actor, now)
        tenant.session.flush()
    mandate_id = new_id()
    tenant.session.add(
        PayoutMandate(
            tenant_id=tenant.id,
            id=mandate_id,
            creditor_id=creditor_id,
            account=account,
            kid=kid,
            proposed_by=by.actor,
            proposed_at=now,
        )
    )
    tenant.session.flush()
    _tell(tenant, "mandate.proposed", mandate_id, creditor_id, account, by.actor, now)
    return mandate_id


def approve_mandate(tenant: Tenant, mandate_id: UUID, *, by: Signed, now: datetime) -> None:
    """Approve a proposed mandate as its second person; the one before it ends, and the creditor's account is the new
    one. Raises Refused when it is the same person, or not proposed any longer; NotFound, Forbidden.
    """
    _allow(tenant, by, Action.APPROVE_PAYOUTS)
    mandate = _mandate(tenant, mandate_id)
    if mandate.ended_at or mandate.approved_at:
        raise Refused("not_proposed", "Fullmakten venter ikke på godkjenning. Last siden på nytt.")
    if mandate.proposed_by == by.actor:
        raise Refused("four_eyes", "Du har foreslått fullmakten selv. En annen må godkjenne den.")
    standing = mandates_of(tenant).get(mandate.creditor_id, Mandates()).standing
    if standing:
        _end(tenant, standing, by.actor, now)
        tenant.session.flush()
    mandate.approved_by, mandate.approved_at = by.actor, now
    if mandate.creditor_id != NIL:
        creditor = tenant.session.get_one(Creditor, (tenant.id, mandate.creditor_id))
        if creditor.payout_account != mandate.account:
            body = {"creditor": str(creditor.id), "payout_account": [creditor.payout_account, mandate.account]}
            history.record(tenant.session, "creditor.changed", at=now, actor=by.actor, body=body)
            creditor.payout_account = mandate.account
    tenant.session.flush()
    _tell(tenant, "mandate.approved", mandate.id, mandate.creditor_id, mandate.account, by.actor, now)


def end_mandate(tenant: Tenant, mandate_id: UUID, *, by: Signed, now: datetime) -> None:
    """End a mandate, or take back a proposal: one person is enough to stop money.

    Raises Refused, NotFound, Forbidden.
    """
    _allow(tenant, by, Action.REMIT)
    mandate = _mandate(tenant, mandate_id)
    if mandate.ended_at:
        raise Refused("ended", "Fullmakten er avsluttet.")
    _end(tenant, mandate, by.actor, now)


def _allow(tenant: Tenant, by: Signed, action: Action) -> None:
    allow(by.role, action)
    known = find_user(tenant, by.user_id)
    if known is None or known.creditor_id != NIL or known.role != by.role:
        raise Forbidden("Bare ansatte med brukeren sin kan gjøre dette.")


def _lock(tenant: Tenant, creditor_id: UUID) -> None:
    """One at a time, and no settlement meanwhile. Raises NotFound."""
    if creditor_id == NIL:
        tenant.session.refresh(tenant.settings, with_for_update=True)
        return
    query = sa.select(Creditor.id).where(Creditor.tenant_id == tenant.id, Creditor.id == creditor_id)
    if tenant.session.scalar(query.with_for_update()) is None:
        raise NotFound("Vi finner ikke oppdragsgiveren.")


def _mandate(tenant: Tenant, mandate_id: UUID) -> PayoutMandate:
    """Locked, its creditor before it. Raises NotFound."""
    query = sa.select(PayoutMandate).where(PayoutMandate.tenant_id == tenant.id, PayoutMandate.id == mandate_id)
    found = tenant.session.scalar(query)
    if found is None:
        raise NotFound("Vi finner ikke fullmakten.")
    _lock(tenant, found.creditor_id)
    return tenant.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def _end(tenant: Tenant, mandate: PayoutMandate, actor: str, now: datetime) -> None:
    mandate.ended_at, mandate.ended_by = now, actor
    _tell(tenant, "mandate.ended", mandate.id, mandate.creditor_id, mandate.account, actor, now)


def _tell(
    tenant: Tenant, kind: str, mandate_id: UUID, creditor_id: UUID, account: str, actor: str, now: datetime
) -> None:
    body = {"mandate": str(mandate_id), "creditor": str(creditor_id), "account": account}
    history.record(tenant.session, kind, at=now, actor=actor, body=body)
