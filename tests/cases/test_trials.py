"""What would be different with a plugin: nothing has any effect, and nothing unlawful comes out."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from saas.cases.certificates import open_certificates
from saas.cases.requests import request_deferral
from saas.cases.trials import ask_trial, trial_of
from saas.cases.trying import run_trial
from saas.kernel.errors import BadInput
from saas.kernel.ids import NIL
from tenants.models import PluginShadow, PluginTrial, PluginTrouble
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, at, creditor_of, register
from tests.cases.world import World
from tests.tenants.conftest import THROWS, Install


def tried(tenant_id: UUID, slug: str, kind: str = "preview", **more: Any) -> PluginTrial:
    with open_tenant(tenant_id) as tenant:
        trial = ask_trial(tenant, slug, kind, **{"settings": {}, "now": at(MONDAY), "actor": "cli", **more})
    run_trial(tenant_id, trial.id)
    run_trial(tenant_id, trial.id)  # once is enough
    with open_tenant(tenant_id) as tenant:
        return trial_of(tenant, trial.id)


def test_a_preview_says_how_many_open_cases_change_and_changes_none(agency: UUID, install: Install) -> None:
    register(agency, a_claim(active_contract="ja"), a_claim(active_contract="nei"), a_claim())
    creditor_id = creditor_of(agency)
    with open_tenant(agency) as tenant:
        switch_plugin(tenant, "power_contract", creditor_id=creditor_id, enabled=False, now=at(MONDAY), actor="cli")
    trial = tried(agency, "power_contract", creditor_id=creditor_id)
    assert (trial.state, trial.done, trial.total) == ("done", 1, 1)
    assert trial.result["looked_at"] == 3
    assert trial.result["counts"] == {"deferral: granted → refused": 1, "deferral: granted → ask_person": 1}
    assert len(trial.result["shown"]) == 2
    world = World(agency)
    assert [world.holds(case) for case in world.cases()] == [[], [], []]


def test_a_preview_of_a_plugin_that_holds_tells_how_long(agency: UUID) -> None:
    register(agency)
    trial = tried(agency, "quiet_weeks", settings={"weeks": [10, 11], "christmas": False})
    assert trial.result["counts"] == {"step: reminder → hold.quiet": 1}
    assert trial.result["days"] == 14


def test_a_preview_of_a_plugin_in_trouble_names_it_and_keeps_no_note(agency: UUID, install: Install) -> None:
    install("thrower", THROWS)
    register(agency)
    trial = tried(agency, "thrower")
    assert trial.result["troubles"] == ["thrower: RuntimeError", "thrower: ZeroDivisionError"]
    with open_tenant(agency) as tenant:
        for model in (PluginTrouble, PluginShadow):
            assert tenant.session.scalars(sa.select(model).where(model.tenant_id == agency)).all() == []


def test_a_backtest_replays_what_was_taken_and_asked_and_finds_nothing_unlawful(agency: UUID, install: Install) -> None:
    install("frugal", "@hookimpl\ndef limit_fee(self, fee, case):\n    return 1000")
    register(agency, a_claim(active_contract="ja"), a_claim())
    world = World(agency)
    first = world.cases()[0]
    creditor_id = creditor_of(agency)
    with open_tenant(agency) as tenant:
        switch_plugin(tenant, "power_contract", creditor_id=creditor_id, enabled=False, now=at(MONDAY), actor="cli")
        asked = request_deferral(
            tenant, first.id, until=date(2026, 3, 12), today=MONDAY, now=at(MONDAY), actor="debtor"
        )  # fmt: skip
        assert asked.outcome == "granted"
    world.until(date(2026, 6, 20))
    period = {"from_on": MONDAY, "to_on": date(2026, 6, 20), "now": at(date(2026, 6, 20))}
    trial = tried(agency, "frugal", "backtest", **period)
    taken = trial.result["looked_at"] - 1
    with open_tenant(agency) as tenant:
        assert taken == len(list(open_certificates(tenant))) > 5
    assert trial.result["unlawful"] == []
    assert trial.result["cost_ore"] < 0
    again = tried(agency, "power_contract", "backtest", creditor_id=creditor_id, **period)
    assert again.result["counts"] == {"deferral: granted → refused": 1}


def test_a_period_that_is_none_is_refused(agency: UUID) -> None:
    with pytest.raises(BadInput):
        tried(agency, "quiet_weeks", "backtest", from_on=date(2026, 3, 2), to_on=date(2026, 3, 1))
    with pytest.raises(BadInput):
        tried(agency, "quiet_weeks", "backtest", from_on=date(2026, 3, 1), to_on=date(2026, 4, 1))


def test_settings_that_do_not_hold_are_not_tried(agency: UUID) -> None:
    with pytest.raises(BadInput):
        tried(agency, "quiet_weeks", settings={"weeks": [99]}, creditor_id=NIL)
