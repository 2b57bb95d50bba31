"""The clock of a sandbox."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from saas.kernel import clock, history
from saas.kernel.errors import Refused
from saas.kernel.servers import Servers
from tenants.provision import provision
from tenants.resolve import open_tenant
from tenants.sandbox import move_clock

TUESDAY = date(2026, 3, 3)


def test_the_clock_of_a_sandbox_moves_forward_and_the_history_says_so(agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        assert move_clock(tenant, TUESDAY, actor="cli") == date(2026, 3, 2)
        assert clock.today(tenant) == TUESDAY
    with open_tenant(agency) as tenant:
        assert tenant.sandbox_on == TUESDAY
        query = sa.select(history.HistoryEvent.body).where(history.HistoryEvent.kind == "clock.moved")
        assert tenant.session.scalars(query).all() == [b'{"from":"2026-03-02","to":"2026-03-03"}']


def test_it_never_moves_back(agency: UUID) -> None:
    with open_tenant(agency) as tenant, pytest.raises(Refused) as caught:
        move_clock(tenant, date(2026, 3, 1), actor="cli")
    assert caught.value.code == "clock_goes_forward"


def test_moving_it_to_where_it_stands_is_no_event(agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        move_clock(tenant, date(2026, 3, 2), actor="cli")
    with open_tenant(agency) as tenant:
        query = sa.select(history.HistoryEvent).where(history.HistoryEvent.kind == "clock.moved")
        assert tenant.session.scalars(query).all() == []


def test_the_real_clock_cannot_be_moved(servers: Servers) -> None:
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    made = provision("agency", owner_dsn=servers.database_owner, slug="real-clock", now=now)
    with open_tenant(made.tenant_id) as tenant, pytest.raises(Refused) as caught:
        move_clock(tenant, date(2100, 1, 1), actor="cli")
    assert caught.value.code == "not_a_sandbox"
