"""The switch-board without a browser: seen by the administrator only, nothing switched before it is confirmed."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from saas.access.users import add_user
from saas.cases.trying import run_trial
from saas.kernel import clock
from saas.kernel.ids import NIL
from tenants.models import Mode, PluginSwitch, PluginTrial
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import a_claim, at, creditor_of, make_agency, register
from tests.portals.conftest import Visitor, World
from tests.portals.world import PASSWORD, add_people, slug_of


@pytest.fixture
def admin(app: Flask, servers: object) -> tuple[Visitor, UUID]:
    """An administrator signed in at a fresh agency with one open case of each creditor."""
    tenant_id = make_agency(servers)  # type: ignore[arg-type]
    slug = slug_of(tenant_id)
    people = add_people(tenant_id, slug)
    with open_tenant(tenant_id) as tenant:
        add_user(tenant, email=f"anne@{slug}.no", name="Anne Admin", password=PASSWORD, role="admin",
                 creditor_id=NIL, now=at(clock.today(tenant)), actor="cli")  # fmt: skip
    register(tenant_id, a_claim(active_contract="ja"), creditor="nordlys-kraft")
    register(tenant_id, a_claim(kind="other"), creditor="bygda-bredband")
    visitor = Visitor(app.test_client(), slug)
    world = World(tenant_id, slug, people | {"admin": f"anne@{slug}.no"}, 0, 0, 0, 0)
    visitor.sign_in(world, "admin")
    return visitor, tenant_id


def switched(tenant_id: UUID, slug: str, creditor_id: UUID = NIL) -> PluginSwitch | None:
    with open_tenant(tenant_id) as tenant:
        return tenant.session.scalar(
            sa.select(PluginSwitch).where(
                PluginSwitch.tenant_id == tenant_id,
                PluginSwitch.slug == slug,
                PluginSwitch.creditor_id == creditor_id,
            )
        )


def work(tenant_id: UUID) -> None:
    with open_tenant(tenant_id) as tenant:
        waiting = tenant.session.scalars(sa.select(PluginTrial.id).where(PluginTrial.state == "waiting")).all()
    for trial_id in waiting:
        run_trial(tenant_id, trial_id)


def test_a_handler_and_a_creditor_are_kept_out(visitor: Visitor, world: World) -> None:
    for who in ("handler", "nordlys-kraft"):
        visitor.sign_in(world, who)
        assert visitor.get("/admin/plugins").status_code == 403


def test_the_list_tells_what_each_refuses_or_adds_and_for_whom_it_is_on(admin: tuple[Visitor, UUID]) -> None:
    visitor, _ = admin
    told = visitor.get("/admin/plugins").get_data(as_text=True)
    assert "på for 1 av 2 kreditorer" in told
    assert "Avslår søknad om mer tid når kreditor har meldt" in told
    for heading in ("Regler", "Kanaler", "Betaling og bank"):
        assert f">{heading}</h2>" in told


def test_a_change_is_previewed_confirmed_and_can_be_taken_back(admin: tuple[Visitor, UUID]) -> None:
    visitor, tenant_id = admin
    visitor.get("/admin/plugins/quiet_weeks")
    asked = visitor.post("/admin/plugins/quiet_weeks/preview", weeks="10, 11", christmas="on", mode="on", percent="10")
    assert asked.status_code == 303
    before = switched(tenant_id, "quiet_weeks")
    waiting = visitor.get(asked.location).get_data(as_text=True)
    assert "Venter på en arbeider" in waiting
    assert visitor.post(f"{asked.location}/confirm").status_code == 409
    work(tenant_id)
    found = visitor.get(asked.location).get_data(as_text=True)
    assert "Endrer 2 av 2 avgjørelser." in found
    assert "på vent: stille periode" in found
    now = switched(tenant_id, "quiet_weeks")
    assert before is not None
    assert now is not None
    assert now.settings == before.settings
    done = visitor.post(f"{asked.location}/confirm")
    changed = switched(tenant_id, "quiet_weeks")
    assert changed is not None
    assert changed.settings["weeks"] == [10, 11]
    page = visitor.get(done.location).get_data(as_text=True)
    assert "Endret." in page
    revert = page.split('/revert"')[0].rsplit('action="', 1)[1] + "/revert"
    visitor.post(revert)
    back = switched(tenant_id, "quiet_weeks")
    assert back is not None
    assert back.settings == before.settings


def test_wrong_settings_are_told_beside_the_field_and_nothing_is_tried(admin: tuple[Visitor, UUID]) -> None:
    visitor, tenant_id = admin
    visitor.get("/admin/plugins/quiet_weeks")
    response = visitor.post("/admin/plugins/quiet_weeks/preview", weeks="99", mode="on", percent="10")
    assert response.status_code == 422
    assert 'id="weeks-error"' in response.get_data(as_text=True)
    with open_tenant(tenant_id) as tenant:
        assert tenant.session.scalars(sa.select(PluginTrial).where(PluginTrial.tenant_id == tenant_id)).all() == []


def test_a_creditor_inherits_what_is_not_set_for_it(admin: tuple[Visitor, UUID]) -> None:
    visitor, tenant_id = admin
    first = creditor_of(tenant_id, "nordlys-kraft")
    with open_tenant(tenant_id) as tenant:
        settings = {"weeks": [10], "christmas": True}
        switch_plugin(tenant, "quiet_weeks", mode=Mode.ON, settings=settings, now=clock.now(tenant), actor="cli")
    told = visitor.get("/admin/plugins/quiet_weeks?creditor=nordlys-kraft").get_data(as_text=True)
    assert "Arvet fra hele virksomheten" in told
    asked = visitor.post(
        "/admin/plugins/quiet_weeks/preview", creditor="nordlys-kraft", weeks="12", christmas="on", mode="shadow"
    )
    work(tenant_id)
    visitor.get(asked.location)
    visitor.post(f"{asked.location}/confirm")
    row = switched(tenant_id, "quiet_weeks", first)
    assert row is not None
    assert (row.mode, row.settings) == (Mode.SHADOW, {"weeks": [12]})


def test_a_secret_is_never_shown_and_stays_when_its_mask_is_sent_back(admin: tuple[Visitor, UUID]) -> None:
    visitor, tenant_id = admin
    fields = {"creditor": "nordlys-kraft", "mode": "on", "push_secret": "whsec_" + "QUJD" * 8,
              "push_source": "Nordlys Kraft", "contracts": ["power.active_contract"]}  # fmt: skip
    visitor.get("/admin/plugins/power_contract?creditor=nordlys-kraft")
    for typed in (fields, fields | {"push_secret": "••••••••", "grace_days": "2"}):
        page = visitor.last
        stored = dict(_values(page))
        asked = visitor.post("/admin/plugins/power_contract/preview", **(stored | typed))
        assert asked.status_code == 303, asked.get_data(as_text=True)
        work(tenant_id)
        visitor.get(asked.location)
        visitor.post(f"{asked.location}/confirm")
        told = visitor.get("/admin/plugins/power_contract?creditor=nordlys-kraft").get_data(as_text=True)
        assert "whsec_" not in told.replace('placeholder="whsec_', "")
        assert "Den er satt, og vises ikke." in told
    row = switched(tenant_id, "power_contract", creditor_of(tenant_id, "nordlys-kraft"))
    assert row is not None
    assert row.secrets is not None


def _values(page: str) -> list[tuple[str, str]]:
    """The text fields of a settings form as they stand."""
    import re

    return [
        (name, value.replace("&#34;", '"'))
        for name, value in re.findall(r'<input id="[^"]+" name="([^"]+)" type="text"[^>]*? value="([^"]*)"', page)
    ]


def test_a_backtest_of_a_year_is_a_page(admin: tuple[Visitor, UUID]) -> None:
    visitor, tenant_id = admin
    visitor.get("/admin/plugins/power_contract?creditor=nordlys-kraft")
    asked = visitor.post(
        "/admin/plugins/power_contract/backtest",
        creditor="nordlys-kraft",
        from_on="2025-03-02",
        to_on="2026-03-02",
    )
    work(tenant_id)
    told = visitor.get(asked.location).get_data(as_text=True)
    assert "Avspilling av Aktiv strømavtale" in told
    assert "Ulovlige steg: 0." in told
    assert "Slå på for" not in told
