"""The settlement's day: what the bank answered is booked, who is due is paid, the client account is reconciled.

Each part has transactions of its own and is harmless when run again; one that fails does not keep the others from being
done, and is raised when they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import structlog

from saas.payments.models import AgencyInvoice, Reconciliation
from saas.payments.settlement.alerts import Alert, note_alerts
from saas.payments.settlement.answers import NewsReport, take_answers
from saas.payments.settlement.invoices import issue_due_invoices
from saas.payments.settlement.orders import lay_out
from saas.payments.settlement.reconciling import reconcile_days
from saas.payments.settlement.remittance import Remittance, remit
from tenants.resolve import Tenant, open_tenant

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(slots=True)
class Settled:
    """What a day brought."""

    remittance: Remittance
    news: list[NewsReport] = field(default_factory=list)
    laid_out: list[str] = field(default_factory=list)
    reconciled: int = 0
    invoices: int = 0
    alerts: list[Alert] = field(default_factory=list)


def settle_day(tenant_id: UUID, on: date, folder: Path, *, now: datetime, actor: str = "worker") -> Settled:
    """One tenant's day. `folder` is where it and the bank exchange files: `out` and `answers`.

    No person is needed: money leaves by the standing mandates, weekly and at the latest on the twelfth day (law I6).
    """
    failed: list[Exception] = []

    def tried(part: Callable[[], T], otherwise: T) -> T:
        try:
            return part()
        except Exception as error:
            log.exception("settlement_part_failed", tenant=str(tenant_id))
            failed.append(error)
            return otherwise

    def opened(part: Callable[[Tenant], list[T]]) -> Callable[[], list[T]]:
        def run() -> list[T]:
            with open_tenant(tenant_id) as tenant:
                return part(tenant)

        return run

    done = Settled(Remittance(on, ()))
    done.news = tried(lambda: take_answers(tenant_id, folder, now=now, actor=actor), [])
    done.remittance = tried(
        lambda: remit(tenant_id, on, book=True, only_due=True, now=now, actor=actor), done.remittance
    )
    done.laid_out = tried(lambda: lay_out(tenant_id, folder, now=now), [])
    reconciled: list[Reconciliation] = tried(opened(lambda tenant: reconcile_days(tenant, on, now=now)), [])
    issued: list[AgencyInvoice] = tried(opened(lambda tenant: issue_due_invoices(tenant, on, now=now, actor=actor)), [])
    done.reconciled, done.invoices = len(reconciled), len(issued)
    done.alerts = tried(opened(lambda tenant: note_alerts(tenant, on, now=now)), [])
    if failed:
        raise failed[0]
    return done
