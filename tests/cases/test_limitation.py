"""A claim that may be time-barred: a person takes it, and what is stated to have interrupted it frees the case."""

from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from saas.cases.lifecycle import get_case, lift_hold
from saas.cases.models import CaseHold
from saas.cases.reported import report_facts
from saas.cases.reported_schemas import FactSchema
from saas.rules.facts import Fact, HoldReason
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, at, register
from tests.cases.world import World


def test_a_time_barred_claim_gets_no_letter_until_a_person_has_seen_that_it_was_interrupted(agency: UUID) -> None:
    register(agency, a_claim(invoiced_on="2022-10-15", due_on="2022-11-01"))
    world = World(agency)
    assert world.until(MONDAY + timedelta(days=3)) == {MONDAY: {"hold:person": 1}}
    [case] = world.cases()
    with open_tenant(agency) as tenant:
        [hold] = tenant.session.scalars(sa.select(CaseHold).where(CaseHold.case_id == case.id))
        assert (hold.reason, hold.until, hold.note) == (HoldReason.PERSON, None, "time_barred")
    assert list(world.letters()) == []

    _lift(agency, case.id, world.today)  # looking at it is not enough: the night asks the law again
    assert world.night().steps == {"hold:person": 1}
    _state(agency, case.id, "2025-03-01", world.today)
    _lift(agency, case.id, world.today)
    assert world.night().steps == {"reminder": 1}
    world.next_day()
    assert world.unlawful() == []


def test_a_claim_that_becomes_time_barred_on_the_way_stops_there(agency: UUID) -> None:
    register(agency, a_claim(invoiced_on="2023-03-01", due_on="2023-03-16"))
    nights = World(agency).until(MONDAY + timedelta(days=30))
    assert nights == {MONDAY: {"reminder": 1}, date(2026, 3, 26): {"hold:person": 1}}
    assert World(agency).unlawful() == []


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("Gjelden erkjent", "limitation.acknowledged_on"),
        ("dom eller forlik", "limitation.judged_on"),
        ("limitation.judged_on", "limitation.judged_on"),
    ],
)
def test_what_interrupted_limitation_may_be_called_what_people_call_it(called: str, name: str) -> None:
    read = FactSchema().load({"name": called, "value": "2025-03-01"})
    assert (read["name"], read["value"]) == (name, "2025-03-01")


def _lift(tenant_id: UUID, case_id: UUID, on: date) -> None:
    with open_tenant(tenant_id) as tenant:
        lift_hold(tenant, get_case(tenant, case_id), HoldReason.PERSON, on=on, now=at(on), actor="cli")


def _state(tenant_id: UUID, case_id: UUID, acknowledged_on: str, on: date) -> None:
    fact = Fact("limitation.acknowledged_on", acknowledged_on, "skyldnerens e-post", on)
    with open_tenant(tenant_id) as tenant:
        report_facts(tenant, get_case(tenant, case_id), [fact], today=on, now=at(on), actor="cli")
