"""The nightly look at the law's figures, as the job does it, in a sandbox whose clock is moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from structlog.testing import capture_logs

from saas.cases.missing_figures import KIND
from saas.kernel.history import HistoryEvent, check_chain
from saas.kernel.servers import Servers
from tenants.resolve import Tenant, open_tenant
from tests.builders import make_agency
from workers.jobs import check_figures

LATE_IN_2026 = date(2026, 11, 21)


def told(tenant_id: UUID) -> list[tuple[str, int]]:
    """Figure and threshold of every warning in the tenant's history, in the order they were written."""
    with open_tenant(tenant_id) as tenant:
        bodies = tenant.session.scalars(
            sa.select(HistoryEvent.body)
            .where(HistoryEvent.tenant_id == tenant_id, HistoryEvent.kind == KIND)
            .order_by(HistoryEvent.id)
        ).all()
        assert check_chain(tenant.session) == []
    return [(body["figure"], body["threshold_days"]) for body in map(orjson.loads, bodies)]


def at(tenant_id: UUID, day: date) -> None:
    with open_tenant(tenant_id) as tenant:
        tenant.settings.sandbox_on = day


def test_each_threshold_of_a_figure_is_told_once_however_often_the_job_runs(servers: Servers) -> None:
    """C1."""
    agency = make_agency(servers, sandbox_on=LATE_IN_2026)
    check_figures()
    check_figures()
    assert {threshold for _, threshold in told(agency)} == {45}
    assert len(told(agency)) == len(set(told(agency))) == 8
    at(agency, date(2026, 12, 13))  # no check ran on the eleventh, 21 days before
    check_figures()
    check_figures()
    assert [threshold for figure, threshold in told(agency) if figure == "late_interest"] == [45, 21]
    for day in (date(2026, 12, 29), date(2027, 1, 1), date(2027, 1, 2)):
        at(agency, day)
        check_figures()
    assert [threshold for figure, threshold in told(agency) if figure == "court_fee"] == [45, 21, 7, 0]


def test_a_tenant_whose_day_is_long_before_is_told_nothing(servers: Servers) -> None:
    agency = make_agency(servers, sandbox_on=date(2026, 9, 1))
    check_figures()
    assert told(agency) == []


def test_one_tenants_trouble_does_not_keep_the_others_from_being_told(servers: Servers, monkeypatch: Any) -> None:
    first, second = (make_agency(servers, sandbox_on=LATE_IN_2026) for _ in range(2))

    @contextmanager
    def stumbling(tenant_id: UUID) -> Iterator[Tenant]:
        if tenant_id == first:
            raise RuntimeError("out of order")
        with open_tenant(tenant_id) as tenant:
            yield tenant

    monkeypatch.setattr("workers.jobs.open_tenant", stumbling)
    with capture_logs() as logs:
        check_figures()
    assert [entry["event"] for entry in logs].count("law_figures_not_noted") == 1
    assert told(first) == []
    assert len(told(second)) == 8


def test_what_is_missing_on_the_real_day_stands_in_the_log_every_time(servers: Servers, monkeypatch: Any) -> None:
    monkeypatch.setattr("workers.jobs.clock.wall_now", lambda: _noon(date(2026, 12, 1)))
    for _ in range(2):
        with capture_logs() as logs:
            check_figures()
        missing = [entry for entry in logs if entry["event"] == "law_figure_missing"]
        assert {"figure": "late_interest", "needed_from": "2027-01-01", "days_left": 31}.items() <= missing[0].items()
        assert len(missing) == 8


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
