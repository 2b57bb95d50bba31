"""How a debtor may be reached: what they have said of each medium, and what channels have told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from saas.cases.lifecycle import record_on_case
from saas.cases.models import Case, Debtor
from saas.cases.ways import Ways, party_of
from saas.dispatch.ladder import CONSENTS, NOBODY_THERE, RESERVED
from saas.dispatch.models import DebtorContactChoice
from saas.hooks import Medium
from saas.kernel.ids import new_id
from tenants.resolve import Tenant

CHOOSABLE = (Medium.PORTAL, Medium.DIGITAL_POST, Medium.EMAIL, Medium.SMS)
"""What a debtor can say yes or no to. Not to paper: the law demands that some letters come."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How a debtor is reached now. `offered`: what the tenant has, and could be used for them."""

    language: str
    email: str
    phone: str
    offered: tuple[Medium, ...]
    used: frozenset[Medium]  # of what is offered
    nobody_there: frozenset[Medium]  # of what is offered: a channel has told so, and they have not answered it


def reach_of(tenant: Tenant, case: Case, *, now: datetime) -> Reach:
    """How the debtor of a case is reached now."""
    ways = Ways(tenant, [case], now)
    debtor = ways.debtors[case.debtor_id]
    party = party_of(debtor, has_portal=True)
    can = {channel.medium for channel in ways.channels.values() if channel.can_try(party)}
    offered = tuple(medium for medium in CHOOSABLE if medium in can)
    return Reach(
        language=debtor.language,
        email=debtor.email,
        phone=debtor.phone,
        offered=offered,
        used=frozenset(medium for medium in offered if ways.is_open(case, medium)),
        nobody_there=frozenset(medium for medium in offered if ways.nobody_there(case, medium)),
    )


def change_reach(
    tenant: Tenant,
    case: Case,
    *,
    said: Mapping[Medium, bool],
    language: str,
    email: str | None = None,
    phone: str | None = None,
    source: str,
    now: datetime,
    actor: str,
) -> None:
    """What the debtor of a locked case has said of being reached: yes or no to a medium they have spoken of.

    It holds for all their cases, and for letters not yet written. `email`, `phone`: None leaves them.
    """
    changed: dict[str, Any] = {}
    for medium, yes in said.items():
        changed[medium.value] = choice = CONSENTS if yes else RESERVED
        _note(tenant, case.debtor_id, medium, choice, on=now.date(), source=source, over=sa.true())
    debtor = tenant.session.get_one(Debtor, (tenant.id, case.debtor_id), with_for_update=True)
    if language != debtor.language:
        changed["language"] = debtor.language = language
    if email is not None and email != debtor.email:
        debtor.email, changed["email_address"] = email, "changed"  # the history tells that it was, not to what
        _forget_nobody(tenant, debtor.id, Medium.EMAIL)
    if phone is not None and phone != debtor.phone:
        debtor.phone, changed["phone_number"] = phone, "changed"
        _forget_nobody(tenant, debtor.id, Medium.SMS)
    if changed:
        record_on_case(tenant, case, "debtor.reach_changed", changed | {"source": source}, now=now, actor=actor)


def looks_in_the_portal(tenant: Tenant, case: Case, *, on: date) -> None:
    """The debtor has answered us in the portal: messages lie there first, unless they have said no."""
    _note(tenant, case.debtor_id, Medium.PORTAL, CONSENTS, on=on, source="portal", over=sa.false())


def note_nobody_there(tenant: Tenant, debtor_id: UUID, medium: Medium, *, on: date, source: str) -> None:
    """A channel has confirmed that they cannot be reached by it: not tried again for a while."""
    if medium is not Medium.PAPER:  # a letter that came back is about the address, and a person looks
        over = DebtorContactChoice.choice != RESERVED
        _note(tenant, debtor_id, medium, NOBODY_THERE, on=on, source=source, over=over)


def _note(
    tenant: Tenant, debtor_id: UUID, medium: Medium, choice: str, *, on: date, source: str,
    over: sa.ColumnElement[bool],
) -> None:  # fmt: skip
    """`over`: what may be written over, of what stands already."""
    values = {"choice": choice, "since": on, "source": source}
    row = insert(DebtorContactChoice).values(
        tenant_id=tenant.id, id=new_id(), debtor_id=debtor_id, channel=medium.value, **values
    )
    key = ["tenant_id", "debtor_id", "channel"]
    tenant.session.execute(row.on_conflict_do_update(index_elements=key, set_=values, where=over))


def _forget_nobody(tenant: Tenant, debtor_id: UUID, medium: Medium) -> None:
    """There is another address, so what a channel told of the old one says nothing."""
    tenant.session.execute(
        sa.delete(DebtorContactChoice).where(
            DebtorContactChoice.tenant_id == tenant.id,
            DebtorContactChoice.debtor_id == debtor_id,
            DebtorContactChoice.channel == medium.value,
            DebtorContactChoice.choice == NOBODY_THERE,
        )
    )
