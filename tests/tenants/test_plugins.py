"""Plugins switched on and off for a tenant and its creditors, on the real database."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa

from saas.kernel import history
from saas.kernel.errors import BadInput, NotFound, Refused
from saas.kernel.ids import NIL
from tenants import plugins
from tenants.installed import installed_plugins
from tenants.models import Creditor, PluginSwitch
from tenants.plugin_states import PluginState, plugin_states
from tenants.plugins import chosen_for, switch_plugin
from tenants.resolve import open_tenant
from tests.tenants.conftest import Install

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
QUIET = "@hookimpl\ndef hold_case(self, case, today):\n    return None"


def creditors_of(tenant_id: UUID) -> list[UUID]:
    with open_tenant(tenant_id) as tenant:
        return list(tenant.session.scalars(sa.select(Creditor.id).order_by(Creditor.number)))


def switch(tenant_id: UUID, slug: str, *, enabled: bool = True, creditor_id: UUID = NIL, settings: Any = None) -> None:
    with open_tenant(tenant_id) as tenant:
        switch_plugin(tenant, slug, creditor_id=creditor_id, enabled=enabled, settings=settings, now=NOW, actor="cli")


def slugs(tenant_id: UUID, creditor_id: UUID) -> tuple[str, ...]:
    with open_tenant(tenant_id) as tenant:
        return tenant.hooks_for(creditor_id).slugs


def settings_in_force(tenant_id: UUID, slug: str, creditor_id: UUID) -> dict[str, Any]:
    with open_tenant(tenant_id) as tenant:
        chosen = {one.slug: one for one in chosen_for(tenant.session, tenant_id, creditor_id)}
    return installed_plugins()[slug].plugin.Settings().load(dict(chosen[slug].settings))


def state(tenant_id: UUID, slug: str) -> PluginState:
    with open_tenant(tenant_id) as tenant:
        return next(one for one in plugin_states(tenant) if one.slug == slug)


def test_on_for_the_tenant_is_on_for_every_creditor(agency: UUID) -> None:
    switch(agency, "power_contract")
    assert all("power_contract" in slugs(agency, creditor) for creditor in creditors_of(agency))
    assert state(agency, "power_contract").state == "på"


def test_on_for_one_creditor_is_off_for_the_other(agency: UUID) -> None:
    first, second = creditors_of(agency)
    assert "power_contract" in slugs(agency, first)  # as the profile has it
    assert "power_contract" not in slugs(agency, second)
    assert "power_contract" not in slugs(agency, NIL)
    assert state(agency, "power_contract").state == "på for 1 av 2 kreditorer"


def test_off_for_one_creditor_leaves_it_on_for_the_rest(agency: UUID) -> None:
    first, second = creditors_of(agency)
    switch(agency, "quiet_weeks", enabled=False, creditor_id=first)
    assert "quiet_weeks" not in slugs(agency, first)
    assert "quiet_weeks" in slugs(agency, second)
    assert state(agency, "quiet_weeks").creditors == {first: False, second: True}


def test_off_everywhere_says_off(agency: UUID) -> None:
    switch(agency, "quiet_weeks", enabled=False)
    assert state(agency, "quiet_weeks").state == "av"


def test_a_creditors_settings_fall_back_to_the_tenants_and_then_to_the_plugins_field_by_field(
    agency: UUID, install: Install
) -> None:
    install("layered", QUIET)
    first, second = creditors_of(agency)
    switch(agency, "layered", settings={"limit": 20})
    switch(agency, "layered", creditor_id=first, settings={"word": "hei"})
    assert settings_in_force(agency, "layered", first) == {"limit": 20, "word": "hei"}
    assert settings_in_force(agency, "layered", second) == {"limit": 20, "word": "standard"}
    switch(agency, "layered", settings={"limit": 30})
    assert settings_in_force(agency, "layered", first) == {"limit": 30, "word": "hei"}


def test_what_the_plugin_requires_may_be_set_at_either_level(agency: UUID, install: Install) -> None:
    install(
        "needy", "class Settings(Schema):\n    key = fields.String(required=True)\n    n = fields.Integer()\n" + QUIET
    )
    first, second = creditors_of(agency)
    with pytest.raises(BadInput):
        switch(agency, "needy")
    switch(agency, "needy", settings={"key": "abc"})
    switch(agency, "needy", creditor_id=first, settings={"n": 3})
    assert settings_in_force(agency, "needy", first) == {"key": "abc", "n": 3}
    with pytest.raises(BadInput) as caught:
        switch(agency, "needy", settings={"n": 3})
    assert "key" in caught.value.errors
    assert settings_in_force(agency, "needy", second) == {"key": "abc"}


def test_a_switch_takes_effect_at_once_and_in_the_next_transaction(agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        assert "quiet_weeks" in tenant.hooks_for(NIL).slugs
        switch_plugin(tenant, "quiet_weeks", enabled=False, now=NOW, actor="cli")
        assert "quiet_weeks" not in tenant.hooks_for(NIL).slugs
    assert "quiet_weeks" not in slugs(agency, NIL)


def test_a_switch_that_is_rolled_back_leaves_no_trace_in_memory(agency: UUID) -> None:
    with pytest.raises(RuntimeError), open_tenant(agency) as tenant:  # noqa: PT012 - both in one transaction
        switch_plugin(tenant, "quiet_weeks", enabled=False, now=NOW, actor="cli")
        tenant.hooks_for(NIL)
        raise RuntimeError
    switch(agency, "power_contract")  # the same revision again, with another content
    assert "quiet_weeks" in slugs(agency, NIL)


def test_plugins_are_built_once_a_revision_and_the_oldest_are_let_go(
    agency: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugins, "_KEPT", 2)
    first, second = creditors_of(agency)
    with open_tenant(agency) as tenant:
        kept = tenant.hooks_for(first)
        assert tenant.hooks_for(first) is kept
        tenant.hooks_for(second)
        tenant.hooks_for(NIL)
        assert tenant.hooks_for(first) is not kept


def test_the_history_tells_who_switched_what_before_and_after(agency: UUID) -> None:
    switch(agency, "quiet_weeks", enabled=False)
    with open_tenant(agency) as tenant:
        query = sa.select(history.HistoryEvent).where(history.HistoryEvent.kind == "plugin.switched")
        event = tenant.session.scalars(query.order_by(history.HistoryEvent.id.desc())).first()
    assert event is not None
    body = orjson.loads(event.body)
    assert (event.actor, body["plugin"], body["creditor"]) == ("cli", "quiet_weeks", None)
    assert (body["before"]["enabled"], body["after"]["enabled"]) == (True, False)


def test_the_same_switch_twice_is_one_row_and_one_revision(agency: UUID) -> None:
    switch(agency, "quiet_weeks", settings={"weeks": [29]})
    with open_tenant(agency) as tenant:
        revision = tenant.settings.revision
    switch(agency, "quiet_weeks", settings={"weeks": [29]})
    with open_tenant(agency) as tenant:
        query = sa.select(PluginSwitch).where(PluginSwitch.slug == "quiet_weeks")
        assert len(tenant.session.scalars(query).all()) == 1
        assert tenant.settings.revision == revision


def test_leaving_settings_out_keeps_what_stands(agency: UUID) -> None:
    switch(agency, "quiet_weeks", settings={"weeks": [29]})
    switch(agency, "quiet_weeks", enabled=False)
    assert state(agency, "quiet_weeks").settings == {"weeks": [29]}


@pytest.mark.parametrize("settings", [{"weeks": [0]}, {"weeks": "29"}, {"weekdays": [1]}])
def test_settings_the_plugin_does_not_take_are_told_by_field(agency: UUID, settings: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        switch(agency, "quiet_weeks", settings=settings)
    assert caught.value.errors.keys() == settings.keys()


def test_a_plugin_or_creditor_there_is_not_is_not_found(agency: UUID, power: UUID) -> None:
    with pytest.raises(NotFound):
        switch(agency, "no_such_plugin")
    with pytest.raises(NotFound):
        switch(agency, "quiet_weeks", creditor_id=uuid4())
    with pytest.raises(NotFound):
        switch(agency, "quiet_weeks", creditor_id=creditors_of(power)[0])


def test_a_plugin_for_the_whole_tenant_is_refused_for_one_creditor(agency: UUID) -> None:
    with pytest.raises(Refused) as caught:
        switch(agency, "print_post", creditor_id=creditors_of(agency)[0])
    assert caught.value.code == "wrong_level"


def test_a_creditors_own_session_sees_its_plugins_and_no_other_creditors(agency: UUID) -> None:
    first, second = creditors_of(agency)
    with open_tenant(agency, first) as tenant:
        assert "power_contract" in tenant.hooks_for(first).slugs
        with pytest.raises(NotFound):
            tenant.hooks_for(second)


def test_settings_that_have_become_invalid_are_shown_and_do_not_crash(agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        tenant.session.execute(
            sa.update(PluginSwitch).where(PluginSwitch.slug == "quiet_weeks").values(settings={"weeks": "often"})
        )
        tenant.settings.revision += 1
    assert state(agency, "quiet_weeks").trouble.startswith("Innstillingene må rettes")
    with open_tenant(agency) as tenant:
        assert [one.error for one in tenant.hooks_for(NIL).broken] == ["InvalidSettings"]


def test_a_plugin_uninstalled_while_switched_on_is_listed_as_missing_and_can_be_switched_off(agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        row = PluginSwitch(creditor_id=NIL, slug="gone", mode="on", settings={}, changed_at=NOW, changed_by="cli")
        row.tenant_id = agency
        tenant.session.add(row)
        tenant.settings.revision += 1
    assert state(agency, "gone").trouble == "Ikke installert"
    assert "gone" in slugs(agency, NIL)
    with pytest.raises(NotFound):
        switch(agency, "gone", enabled=True)
    switch(agency, "gone", enabled=False)
    assert "gone" not in slugs(agency, NIL)


def test_the_list_has_every_installed_plugin_in_plain_words(agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        states = plugin_states(tenant)
    assert {one.slug for one in states} >= installed_plugins().keys()
    assert all(one.name and one.description and one.state for one in states)
    assert [one.name for one in states] == sorted((one.name for one in states), key=str.casefold)
