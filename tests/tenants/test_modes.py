"""How far a switch has come: shadow, canary, on, quarantined; secrets; troubles kept."""

import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from saas.kernel import crypto, history
from saas.kernel.config import settings
from saas.kernel.errors import BadInput
from saas.kernel.ids import NIL
from tenants import guard
from tenants.fallen import calls_folder, quarantine_fallen
from tenants.models import Mode, PluginShadow, PluginSwitch, PluginTrouble
from tenants.notes import gathered
from tenants.plugins import chosen_for, switch_plugin
from tenants.resolve import open_tenant
from tenants.secrets import MASK, masked, rotate
from tests.builders import a_claim, register
from tests.cases.world import World
from tests.tenants.conftest import THROWS, Install

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOLDS = (
    "@hookimpl\ndef hold_case(self, case, today):\n    return PlaceHold(HoldReason.QUIET, today + timedelta(days=3))"
)
SECRET = """
class Settings(Schema):
    key = fields.String(load_default="", metadata={"secret": True})
    word = fields.String(load_default="x")
@hookimpl
def hold_case(self, case, today):
    return None
"""


def switch(tenant_id: UUID, slug: str, mode: Mode = Mode.ON, **more: Any) -> None:
    with open_tenant(tenant_id) as tenant:
        switch_plugin(tenant, slug, mode=mode, now=NOW, actor="cli", **more)


def rows(tenant_id: UUID, model: Any) -> list[Any]:
    with open_tenant(tenant_id) as tenant:
        return list(tenant.session.scalars(sa.select(model).where(model.tenant_id == tenant_id)))


def test_a_plugin_in_shadow_holds_nothing_and_what_it_would_have_said_is_kept(agency: UUID, install: Install) -> None:
    install("shady", HOLDS)
    switch(agency, "shady", Mode.SHADOW)
    register(agency)
    assert World(agency).night().steps == {"reminder": 1}
    (said,) = rows(agency, PluginShadow)
    assert (said.slug, said.hook, said.answer) == ("shady", "hold_case", "PlaceHold: quiet 2026-03-05")


def test_a_plugin_tried_on_a_share_of_the_cases_holds_those_and_no_others(agency: UUID, install: Install) -> None:
    install("canary", HOLDS)
    switch(agency, "canary", Mode.CANARY, percent=50)
    register(agency, *(a_claim() for _ in range(40)))
    steps = World(agency).night().steps
    assert steps["hold:quiet"] + steps["reminder"] == 40
    assert 5 < steps["hold:quiet"] < 35
    assert len(rows(agency, PluginShadow)) == steps["reminder"]


def test_a_dry_run_keeps_neither_trouble_nor_shadow(agency: UUID, install: Install) -> None:
    from saas.cases.night import plan_night

    install("thrower", THROWS)
    switch(agency, "thrower")
    register(agency)
    assert [line.why for line in plan_night(agency)] == ["hold.plugin_trouble"]
    assert rows(agency, PluginTrouble) == []


def test_trouble_is_kept_once_with_its_trace_and_without_what_the_plugin_said(agency: UUID, install: Install) -> None:
    install("thrower", THROWS)
    switch(agency, "thrower")
    register(agency, a_claim(), a_claim())
    World(agency).night()
    (trouble,) = rows(agency, PluginTrouble)
    assert (trouble.slug, trouble.hook, trouble.error, trouble.times) == ("thrower", "hold_case", "RuntimeError", 2)
    assert "installed_thrower.py" in trouble.trace
    assert "Kari" not in trouble.trace


def test_what_a_trial_gathers_goes_nowhere_else(agency: UUID) -> None:
    with gathered(trial=True) as outer, open_tenant(agency), gathered() as inner:
        assert inner is outer


# --- secrets --------------------------------------------------------------------------------------------------------


def test_a_secret_is_sealed_masked_and_kept_when_its_mask_comes_back(agency: UUID, install: Install) -> None:
    install("keyed", SECRET)
    switch(agency, "keyed", settings={"key": "hemmelig-nøkkel", "word": "a"})
    switch(agency, "keyed", settings={"key": MASK, "word": "b"})
    (row,) = (row for row in rows(agency, PluginSwitch) if row.slug == "keyed")
    assert row.settings == {"word": "b"}
    assert masked(row) == {"word": "b", "key": MASK}
    assert "hemmelig-nøkkel".encode() not in bytes(row.secrets)
    with open_tenant(agency) as tenant:
        chosen = {one.slug: one for one in chosen_for(tenant.session, agency, NIL)}
        told = b"".join(bytes(e.body) for e in tenant.session.scalars(sa.select(history.HistoryEvent)))
    assert chosen["keyed"].settings["key"] == "hemmelig-nøkkel"
    assert b"hemmelig" not in told
    assert b"secrets_changed" in told


def test_the_mask_of_a_secret_that_is_not_set_sets_none(agency: UUID, install: Install) -> None:
    install("keyed", SECRET)
    switch(agency, "keyed", settings={"key": MASK})
    (row,) = (row for row in rows(agency, PluginSwitch) if row.slug == "keyed")
    assert row.secrets is None


def test_secrets_are_read_after_the_master_key_is_changed_and_sealed_anew_by_rotation(
    agency: UUID, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("keyed", SECRET)
    switch(agency, "keyed", settings={"key": "abc"})
    old = settings().master_key.hex()
    monkeypatch.setenv("FRIST_MASTER_KEY", "11" * 32)
    monkeypatch.setenv("FRIST_OLD_MASTER_KEYS", old)
    caches = (settings, crypto._derived, crypto._masters)
    try:
        for cached in caches:
            cached.cache_clear()
        with open_tenant(agency) as tenant:
            assert {o.slug: o for o in chosen_for(tenant.session, agency, NIL)}["keyed"].settings["key"] == "abc"
            assert rotate(tenant.session, agency) == 1
            assert rotate(tenant.session, agency) == 0
        monkeypatch.delenv("FRIST_OLD_MASTER_KEYS")
        for cached in caches:
            cached.cache_clear()
        with open_tenant(agency) as tenant:
            assert {o.slug: o for o in chosen_for(tenant.session, agency, NIL)}["keyed"].settings["key"] == "abc"
    finally:
        monkeypatch.undo()
        for cached in caches:
            cached.cache_clear()


# --- settings of an older version -----------------------------------------------------------------------------------

OLDER = """
class Settings(Schema):
    days = fields.Integer(required=True)
{upgrade}
@hookimpl
def hold_case(self, case, today):
    return PlaceHold(HoldReason.QUIET, today + timedelta(days=self.settings["days"]))
"""
UPGRADE = "@classmethod\ndef upgrade_settings(cls, old, settings):\n    return {'days': settings['weeks'] * 7}"


def _stored_by_an_older_version(agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        row = PluginSwitch(tenant_id=agency, creditor_id=NIL, slug="older", mode="on", version="0.9",
                           settings={"weeks": 1}, changed_at=NOW, changed_by="cli")  # fmt: skip
        tenant.session.add(row)
        tenant.settings.revision += 1


def test_settings_of_an_older_version_are_upgraded_when_they_are_read(agency: UUID, install: Install) -> None:
    install("older", OLDER.format(upgrade=UPGRADE))
    _stored_by_an_older_version(agency)
    register(agency)
    assert World(agency).night().steps == {"hold:quiet": 1}


def test_settings_that_stop_validating_hold_the_case_and_tell_staff(agency: UUID, install: Install) -> None:
    install("older", OLDER.format(upgrade=""))
    _stored_by_an_older_version(agency)
    register(agency)
    assert World(agency).night().steps == {"hold:plugin_trouble": 1}
    (trouble,) = rows(agency, PluginTrouble)
    assert (trouble.slug, trouble.error) == ("older", "InvalidSettings")


def test_a_share_of_no_cases_is_no_share(agency: UUID, install: Install) -> None:
    install("canary", HOLDS)
    with pytest.raises(BadInput):
        switch(agency, "canary", Mode.CANARY, percent=0)


# --- quarantine -----------------------------------------------------------------------------------------------------

WORKER = """
import os, time, uuid
from tenants import guard
from pathlib import Path
guard.STUCK_SECONDS = 0.5
guard.watch(Path({folder!r}))
guard.enter(guard.mark_of(uuid.UUID({tenant!r}), uuid.UUID(int=0), "deadly", "hold_case"))
{does}
"""


@pytest.mark.parametrize("does", ["os.abort()", "time.sleep(60)", "while True: pass"])
def test_a_plugin_that_takes_its_worker_with_it_is_quarantined_until_somebody_lifts_it(
    agency: UUID, install: Install, does: str
) -> None:
    install("deadly", HOLDS)
    switch(agency, "deadly")
    script = WORKER.format(folder=str(calls_folder()), tenant=str(agency), does=does)
    died = subprocess.run([sys.executable, "-c", script], cwd=Path.cwd(), timeout=30, capture_output=True)
    assert died.returncode != 0
    assert quarantine_fallen() == ["deadly"]
    assert quarantine_fallen() == []
    register(agency)
    world = World(agency)
    assert world.night().steps == {"hold:plugin_trouble": 1}
    (row,) = (row for row in rows(agency, PluginSwitch) if row.slug == "deadly")
    assert row.mode == Mode.QUARANTINED
    switch(agency, "deadly", Mode.OFF)
    assert "deadly" not in [one.slug for one in rows(agency, PluginSwitch) if one.mode != Mode.OFF]


def test_a_process_that_ends_between_calls_leaves_nobody_in_quarantine(tmp_path: Path) -> None:
    script = textwrap.dedent(f"""
        from pathlib import Path
        from tenants import guard
        guard.watch(Path({str(tmp_path)!r}))
        guard.enter(b"x"); guard.leave()
    """)
    subprocess.run([sys.executable, "-c", script], cwd=Path.cwd(), timeout=30, check=True, env=os.environ)
    assert list(guard.fallen(tmp_path)) == []


def test_a_gigabyte_is_refused_inside_a_pure_hook_and_the_process_goes_on(tmp_path: Path) -> None:
    script = textwrap.dedent(f"""
        from pathlib import Path
        from tenants import guard
        guard.watch(Path({str(tmp_path)!r}))
        guard.enter(b"x")
        try:
            bytearray(1 << 30)
        except MemoryError:
            guard.leave()
            print(len(bytearray(1 << 30)))
    """)
    done = subprocess.run([sys.executable, "-c", script], cwd=Path.cwd(), timeout=60, capture_output=True, text=True)
    assert done.stdout == f"{1 << 30}\n", done.stderr


# --- every process --------------------------------------------------------------------------------------------------

OTHER = """
import sys
from uuid import UUID
from saas.kernel.ids import NIL
from saas.kernel.servers import open_servers
from tenants.resolve import open_tenant
servers = open_servers(migrated=False)
for line in sys.stdin:
    with open_tenant(UUID(line.strip())) as tenant:
        print("quiet_weeks" in tenant.hooks_for(NIL).slugs, flush=True)
servers.release()
"""


def test_a_switch_is_in_force_in_a_process_that_has_kept_the_old_plugins(agency: UUID) -> None:
    other = subprocess.Popen([sys.executable, "-c", OTHER], cwd=Path.cwd(), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert other.stdin
    assert other.stdout
    told = []
    for mode in (None, Mode.OFF, Mode.ON):
        if mode is not None:
            switch(agency, "quiet_weeks", mode)
        other.stdin.write(f"{agency}\n")
        other.stdin.flush()
        told.append(other.stdout.readline().strip())
    other.stdin.close()
    assert other.wait(timeout=30) == 0
    assert told == ["True", "False", "True"]


# --- the whole way: a night in a process of its own -----------------------------------------------------------------

SLEEPS = "@hookimpl\ndef hold_case(self, case, today):\n    time.sleep(600)"


def test_a_night_with_a_plugin_that_never_answers_ends_and_the_next_one_goes_on_without_it(
    agency: UUID, install: Install, tmp_path: Path
) -> None:
    install("sleeper", SLEEPS)
    switch(agency, "sleeper")
    register(agency)
    with open_tenant(agency) as tenant:
        slug = tenant.slug
    night = "from saas.cli import main; import sys; sys.argv[1:] = ['night', '--tenant', sys.argv[1]]; main()"
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"}
    first, second = (
        subprocess.run([sys.executable, "-c", night, slug], env=environment, capture_output=True, text=True, timeout=60)
        for _ in range(2)
    )
    assert first.returncode == -9, first.stderr
    assert second.returncode == 0, second.stderr
    assert '"hold:plugin_trouble": 1' in second.stdout
    (row,) = (row for row in rows(agency, PluginSwitch) if row.slug == "sleeper")
    assert (row.mode, row.changed_by) == (Mode.QUARANTINED, "guard")
