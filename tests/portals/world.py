"""A small real world for the portals: cases walked day by day through the night, the print house and its receipts."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from saas.access.users import add_user
from saas.cases.hand_over import prepare
from saas.cases.models import Case
from saas.cases.night import run_night
from saas.cases.receipts import take_receipts
from saas.dispatch.models import Dispatch
from saas.dispatch.outbox import batch_of, channel_of, mark_handed_over
from saas.documents.store import open_letter
from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.ids import NIL
from saas.simulators.print_house import PrintHouse
from tenants.resolve import open_tenant
from tenants.sandbox import move_clock
from tests.builders import at, creditor_of

PASSWORD = "en lang setning som passord"


@dataclass(frozen=True)
class Letter:
    """What a debtor holds in the hand."""

    case_id: UUID
    case_number: int
    code: str


def walk(tenant_id: UUID, to: date) -> None:
    """Let the days pass: every morning the post and its receipts, every night the steps."""
    house, day = PrintHouse(settings().print_folder), _today(tenant_id)
    while day <= to:
        with open_tenant(tenant_id) as tenant:
            move_clock(tenant, day, actor="cli")
            slug = tenant.slug
        house.work(day, slug)
        _take_receipts(tenant_id, slug)
        run_night(tenant_id, on=day, hand_over=_hand_over)
        day += timedelta(days=1)


def _hand_over(tenant_id: UUID, dispatch_ids: list[UUID]) -> None:
    with open_tenant(tenant_id) as tenant:
        prepared = prepare(tenant, dispatch_ids, now=clock.now(tenant))
    if prepared.batch_id is None:
        return
    with open_tenant(tenant_id) as tenant:
        found = batch_of(tenant, prepared.batch_id, made_on=clock.today(tenant))
        assert found is not None
        channel_of(tenant, found[0]).hand_over(found[1], settings().print_folder)
        mark_handed_over(tenant, prepared.batch_id, on=clock.today(tenant))


def _take_receipts(tenant_id: UUID, slug: str) -> None:
    with open_tenant(tenant_id) as tenant:
        channel = channel_of(tenant, "print_post")
        for name, receipts in channel.receipts(slug, settings().print_folder):
            take_receipts(tenant, channel.slug, name, list(receipts), now=clock.now(tenant))
            channel.take_receipts(slug, name, settings().print_folder)


def _today(tenant_id: UUID) -> date:
    with open_tenant(tenant_id) as tenant:
        return clock.today(tenant)


def letter_of(tenant_id: UUID, case_number: int) -> Letter:
    """The newest letter of a case, with the code printed in it."""
    with open_tenant(tenant_id) as tenant:
        case = tenant.session.scalars(
            sa.select(Case).where(Case.tenant_id == tenant_id, Case.number == case_number)
        ).one()
        dispatch_id = tenant.session.scalars(
            sa.select(Dispatch.id)
            .where(Dispatch.tenant_id == tenant_id, Dispatch.case_id == case.id, Dispatch.batch_id.is_not(None))
            .order_by(Dispatch.decided_on.desc(), Dispatch.id.desc())
        ).first()
        assert dispatch_id is not None, "the case has no letter yet: walk on"
        return Letter(case.id, case.number, open_letter(tenant, dispatch_id).letter.login_code)


def add_people(tenant_id: UUID, slug: str) -> dict[str, str]:
    """A handler, and a user of each creditor: name → e-mail. Everyone's password is `PASSWORD`."""
    people = {"handler": f"hanne@{slug}.no", "nordlys-kraft": f"nina@{slug}.no", "bygda-bredband": f"bjarne@{slug}.no"}
    for name, email in people.items():
        creditor_id = NIL if name == "handler" else creditor_of(tenant_id, name)
        with open_tenant(tenant_id) as tenant:
            add_user(
                tenant,
                email=email,
                name=email.partition("@")[0].capitalize() + " Prøve",
                password=PASSWORD,
                role="handler" if name == "handler" else "creditor",
                creditor_id=creditor_id,
                now=at(clock.today(tenant)),
                actor="cli",
            )
    return people


def slug_of(tenant_id: UUID) -> str:
    """The tenant's slug, as in its addresses."""
    with open_tenant(tenant_id) as tenant:
        return tenant.slug
