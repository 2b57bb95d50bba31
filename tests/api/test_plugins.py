"""Plugins through the API: who may switch, where, and with what settings."""

from collections.abc import Callable
from uuid import UUID

import pytest

import workers.jobs
from tests.api.conftest import Caller
from tests.api.test_claims import is_problem, slugs_of
from tests.builders import register

Keys = Callable[..., Caller]
SLUG = "power_contract"


def state_of(send: Caller, slug: str = SLUG) -> dict[str, object]:
    return next(plugin for plugin in send("GET", "/plugins").get_json()["plugins"] if plugin["slug"] == slug)


def test_an_administrator_switches_a_plugin_for_the_tenant(agency: UUID, call: Keys) -> None:
    send = call(agency, "admin")
    body = {"enabled": True, "settings": {"max_age_days": 20}}
    answers = [send("PUT", f"/plugins/{SLUG}", body, key="p-1").get_json() for _ in range(2)]
    assert answers[0] == answers[1] == {"slug": SLUG, "creditor": None, "mode": "on", "percent": 100, **body}
    assert (state_of(send)["enabled"], state_of(send)["settings"]) == (True, {"max_age_days": 20})
    send("PUT", f"/plugins/{SLUG}", {"enabled": False})
    assert (state_of(send)["enabled"], state_of(send)["settings"]) == (False, {"max_age_days": 20})


def test_a_plugin_is_switched_for_one_creditor_only(agency: UUID, call: Keys) -> None:
    send, slug = call(agency, "admin"), slugs_of(agency)[0]
    send("PUT", f"/plugins/{SLUG}", {"enabled": False})
    for other in slugs_of(agency):
        send("PUT", f"/creditors/{other}/plugins/{SLUG}", {"enabled": other == slug})
    assert state_of(send)["enabled"] is False
    assert state_of(send)["state"] == "på for 1 av 2 kreditorer"


@pytest.mark.parametrize("role", ["handler", "creditor"])
def test_nobody_else_may_switch(agency: UUID, call: Keys, role: str) -> None:
    send, slug = call(agency, role), slugs_of(agency)[0]
    for path in (f"/plugins/{SLUG}", f"/creditors/{slug}/plugins/{SLUG}"):
        is_problem(send("PUT", path, {"enabled": True}), 403, "forbidden")


def test_a_plugin_or_creditor_that_does_not_exist_here_is_not_found(agency: UUID, power: UUID, call: Keys) -> None:
    send, theirs = call(agency, "admin"), slugs_of(power)[0]
    for path in ("/plugins/ingen", f"/creditors/{theirs}/plugins/{SLUG}", f"/creditors/a%00b/plugins/{SLUG}"):
        is_problem(send("PUT", path, {"enabled": True}), 404, "not_found")


@pytest.mark.parametrize(
    "body",
    [{}, {"enabled": "kanskje"}, {"enabled": True, "settings": {"max_age_days": 0}}, {"enabled": True, "x": 1},
     {"enabled": True, "settings": {"ukjent": 1}}, {"enabled": True, "settings": 5}],
)  # fmt: skip
def test_settings_the_plugin_does_not_take_are_a_bad_payload(agency: UUID, call: Keys, body: dict[str, object]) -> None:
    is_problem(call(agency, "admin")("PUT", f"/plugins/{SLUG}", body), 422, "bad_input")


def test_a_plugin_of_the_wrong_level_is_refused(agency: UUID, call: Keys) -> None:
    answer = call(agency, "admin")("PUT", f"/creditors/{slugs_of(agency)[0]}/plugins/print_post", {"enabled": True})
    is_problem(answer, 409, "wrong_level")


def test_a_plugin_goes_by_shadow_and_a_share_of_the_cases_into_force_and_back(agency: UUID, call: Keys) -> None:
    send = call(agency, "admin")
    for mode, percent, words in (("shadow", 100, "skygge"), ("canary", 10, "prøve 10 %"), ("on", 100, "på")):
        answer = send("PUT", "/plugins/small_fee", {"mode": mode, "percent": percent, "settings": {}}).get_json()
        assert (answer["mode"], answer["percent"], answer["enabled"]) == (mode, percent, mode != "shadow")
        assert state_of(send, "small_fee")["state"] == words
    changes = send("GET", "/plugins/small_fee/changes").get_json()["changes"]
    assert [(c["before"] or {}).get("mode") for c in changes] == ["canary", "shadow", None]
    back = send("POST", f"/plugins/small_fee/changes/{changes[0]['id']}/revert").get_json()
    assert (back["mode"], back["percent"]) == ("canary", 10)
    first = send("POST", f"/plugins/small_fee/changes/{changes[-1]['id']}/revert").get_json()
    assert first["mode"] == "off"


def test_a_secret_is_answered_as_its_mask_and_stays_when_the_mask_is_sent_back(agency: UUID, call: Keys) -> None:
    send, slug = call(agency, "admin"), slugs_of(agency)[0]
    path = f"/creditors/{slug}/plugins/{SLUG}"
    settings = {"push_secret": "whsec_QUJDQUJDQUJDQUJDQUJDQUJD", "push_source": "Nordlys Kraft"}
    shown = send("PUT", path, {"mode": "on", "settings": settings}).get_json()["settings"]
    assert shown == {"push_secret": "••••••••", "push_source": "Nordlys Kraft"}
    again = send("PUT", path, {"mode": "on", "settings": shown | {"grace_days": 3}}).get_json()["settings"]
    assert again == shown | {"grace_days": 3}
    (newest, *_) = send("GET", f"/plugins/{SLUG}/changes").get_json()["changes"]
    assert newest["secrets_changed"] == []
    assert "whsec" not in str(send("GET", f"/plugins/{SLUG}/changes").get_json())


def test_a_trial_is_asked_for_worked_out_and_read(agency: UUID, call: Keys) -> None:
    send = call(agency, "admin")
    register(agency)
    asked = send("POST", "/plugins/quiet_weeks/trials", {"kind": "preview", "settings": {"weeks": [10]}}).get_json()
    assert (asked["state"], asked["kind"]) == ("waiting", "preview")
    workers.jobs.run_trial(str(agency), asked["id"])
    found = send("GET", f"/plugins/quiet_weeks/trials/{asked['id']}").get_json()
    assert (found["state"], found["result"]["changed"]) == ("done", 1)
    assert "på vent" not in str(state_of(send, "quiet_weeks"))
    is_problem(send("POST", "/plugins/quiet_weeks/trials", {"kind": "backtest"}), 422, "bad_input")


def test_only_an_administrator_tries_or_reverts(agency: UUID, call: Keys) -> None:
    send = call(agency, "handler")
    is_problem(send("GET", f"/plugins/{SLUG}/changes"), 403, "forbidden")
    is_problem(send("POST", f"/plugins/{SLUG}/trials", {"kind": "preview"}), 403, "forbidden")
