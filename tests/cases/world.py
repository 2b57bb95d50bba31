"""A small world to run nights in: the real night, hand-over, print house and receipts, a day at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

import workers.jobs
from saas.cases.certificates import open_certificates
from saas.cases.models import Case, CaseHold
from saas.cases.night import run_night
from saas.cases.steps import Taken
from saas.dispatch.models import MESSAGE, Dispatch
from saas.kernel import clock
from saas.kernel.config import settings
from saas.simulators.print_house import PrintHouse
from saas.verifier import verify
from tenants.resolve import open_tenant
from tenants.sandbox import move_clock


def _now_at_once(tenant_id: UUID, dispatch_ids: list[UUID]) -> None:
    workers.jobs.hand_over(str(tenant_id), [str(i) for i in dispatch_ids])


def _never(tenant_id: UUID, dispatch_ids: list[UUID]) -> None:
    """A queue that lost everything."""


@dataclass(slots=True)
class World:
    """One tenant's days. Letters go out the day they are decided and are posted the next banking day."""

    tenant_id: UUID

    @property
    def today(self) -> date:
        """Where the tenant's clock stands."""
        with open_tenant(self.tenant_id) as tenant:
            return clock.today(tenant)

    def night(self, *, hand_over: bool = True) -> Taken:
        """Run tonight."""
        return run_night(self.tenant_id, hand_over=_now_at_once if hand_over else _never)

    def next_day(self, *, print_house: PrintHouse | None = None) -> date:
        """Move the clock one day; the print house works and its receipts are read."""
        with open_tenant(self.tenant_id) as tenant:
            day = clock.today(tenant) + timedelta(days=1)
            move_clock(tenant, day, actor="cli")
            slug = tenant.slug
        (print_house or PrintHouse(settings().print_folder)).work(day, slug)
        workers.jobs.collect_receipts(str(self.tenant_id))
        return day

    def until(self, last: date, *, print_house: PrintHouse | None = None) -> dict[date, dict[str, int]]:
        """Nights from today to `last`. Returns what each night with steps took."""
        nights = {}
        taken = self.night()
        while True:
            steps = {name: number for name, number in taken.steps.items() if not name.startswith("wait")}
            if steps:
                nights[self.today] = steps
            if self.today >= last:
                return nights
            self.next_day(print_house=print_house)
            taken = self.night()

    def cases(self) -> list[Case]:
        """All cases, by number."""
        with open_tenant(self.tenant_id) as tenant:
            return list(
                tenant.session.scalars(sa.select(Case).where(Case.tenant_id == tenant.id).order_by(Case.number))
            )

    def letters(self, case: Case | None = None) -> Sequence[Dispatch]:
        """The letters of the ladder, or a case's, in the order they were decided."""
        with open_tenant(self.tenant_id) as tenant:
            query = sa.select(Dispatch).where(Dispatch.tenant_id == tenant.id, Dispatch.step != MESSAGE)
            query = query.order_by(Dispatch.id)
            return tenant.session.scalars(query.where(Dispatch.case_id == case.id) if case else query).all()

    def unlawful(self) -> list[str]:
        """What the independent verifier says of every certificate."""
        with open_tenant(self.tenant_id) as tenant:
            return [
                f"{c.step}: {finding}"
                for c in open_certificates(tenant)
                for finding in verify(c.record or b"").findings
            ]

    def holds(self, case: Case) -> list[str]:
        """Reasons of the holds in force."""
        with open_tenant(self.tenant_id) as tenant:
            return list(
                tenant.session.scalars(
                    sa.select(CaseHold.reason).where(
                        CaseHold.tenant_id == tenant.id, CaseHold.case_id == case.id, CaseHold.lifted_on.is_(None)
                    )
                )
            )
