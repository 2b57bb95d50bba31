"""A small real world for the portals: cases walked day by day through the night, the print house and its receipts."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

import workers.jobs
from saas.access.users import add_user
from saas.cases.models import Case
from saas.cases.night import run_night
from saas.dispatch.models import Dispatch
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
        workers.jobs.collect_receipts(str(tenant_id))
        run_night(tenant_id, on=day, hand_over=_hand_over)
        day += timedelta(days=1)


def _hand_over(tenant_id: UUID, dispatch_ids: list[UUID]) -> None:
    workers.jobs.hand_over(str(tenant_id), [str(i) for i in dispatch_ids])


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
