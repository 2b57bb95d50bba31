"""What the host makes of good, bad and broken plugins, without a database."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

import saas.hooks
from saas.hooks import AskPerson, DeferralRequest, PlaceHold, Refusal
from saas.kernel.errors import ConfigurationError
from saas.rules.facts import CaseFacts, DebtorKind, Fact, HoldReason, Outstanding, Stage
from saas.rules.money import NO_MONEY
from tenants import asking
from tenants.hooks import Chosen, Hooks
from tenants.installed import installed_plugins
from tests.tenants.conftest import THROWS, Install

FRIDAY, NEXT_BANKING_DAY = date(2026, 3, 6), date(2026, 3, 9)
REQUEST = DeferralRequest(asked_on=FRIDAY, until=date(2026, 3, 16))
CASE = CaseFacts(
    case_id=UUID(int=1),
    case_number=100_001,
    stage=Stage.REGISTERED,
    debtor_kind=DebtorKind.PERSON,
    creditor_id=UUID(int=2),
    creditor_slug="nordlys-kraft",
    agency_licence=True,
    vat_deductible=True,
    vulnerable=False,
    postable=True,
    claims=(),
    notices=(),
    holds=(),
    outstanding=Outstanding(NO_MONEY, NO_MONEY, NO_MONEY, NO_MONEY),
    charged_notice_fees_ore=NO_MONEY,
    charged_collection_fee_ore=NO_MONEY,
)


def in_force(*slugs: str, **settings: Any) -> Hooks:
    return Hooks([Chosen(slug, settings) for slug in slugs])


def test_the_plugins_that_come_with_the_service_are_installed_with_the_hooks_they_answer() -> None:
    found = {slug: installed.hooks for slug, installed in installed_plugins().items()}
    assert "refuse_deferral" in found["power_contract"]
    assert found["quiet_weeks"] == {"hold_case"}
    assert found["ocr_giro"] == {"provide_bank_files"}
    assert found["print_post"] == {"provide_channels"}


def test_a_misspelt_hook_stops_start_up_and_names_the_plugin(install: Install) -> None:
    install("misspelt", "@hookimpl\ndef hold_cases(self, case, today):\n    return None")
    with pytest.raises(ConfigurationError, match="misspelt"):
        installed_plugins()


def test_a_hook_asking_for_an_argument_there_is_not_stops_start_up(install: Install) -> None:
    install("greedy", "@hookimpl\ndef hold_case(self, case, session):\n    return None")
    with pytest.raises(ConfigurationError, match="greedy"):
        installed_plugins()


def test_two_plugins_of_one_name_stop_start_up_and_the_name_is_told(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("twin", "@hookimpl\ndef hold_case(self, case, today):\n    return None")
    from importlib.metadata import EntryPoint

    from tenants import installed

    first = EntryPoint("twin", "installed_twin:Plugin", installed.GROUP)
    monkeypatch.setattr(installed, "entry_points", lambda group: (first, EntryPoint("twin", first.value, "other")))
    installed_plugins.cache_clear()
    with pytest.raises(ConfigurationError, match="Two plugins are called twin"):
        installed_plugins()


def test_a_plugin_made_for_hooks_we_do_not_have_stops_start_up(install: Install) -> None:
    install("ahead", "spec = 99\n@hookimpl\ndef hold_case(self, case, today):\n    return None")
    with pytest.raises(ConfigurationError, match="version 99 of the hooks"):
        installed_plugins()


def test_a_plugin_made_for_older_hooks_works_and_is_warned_of(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saas.hooks, "SPEC_VERSION", 2)
    monkeypatch.setattr(saas.hooks, "CHANGED", {2: "hold_case takes today"})
    install("older", "@hookimpl\ndef hold_case(self, case, today):\n    return None")
    with capture_logs() as logs:
        assert "older" in installed_plugins()
    told = [log for log in logs if log.get("plugin") == "older"]
    assert [(log["event"], log["change"]) for log in told] == [("plugin_made_for_older_hooks", "hold_case takes today")]


def test_a_plugin_may_not_wrap_what_others_answer(install: Install) -> None:
    install("wrapper", "@hookimpl(wrapper=True)\ndef hold_case(self, case, today):\n    yield\n    return []")
    with pytest.raises(ConfigurationError, match="wrap"):
        installed_plugins()


def test_a_plugin_that_cannot_be_imported_stops_start_up(install: Install) -> None:
    install("unloadable", "import there_is_no_such_module")
    with pytest.raises(ConfigurationError, match="unloadable"):
        installed_plugins()


def test_a_quiet_week_gives_its_hold_and_another_week_gives_none() -> None:
    chosen = in_force("quiet_weeks")
    assert [hold.reason for hold in chosen.hold_case(CASE, date(2026, 7, 8))] == [HoldReason.QUIET]
    assert chosen.hold_case(CASE, FRIDAY) == []


def test_a_plugin_that_throws_holds_the_case_until_the_next_banking_day(install: Install) -> None:
    install("thrower", THROWS)
    with capture_logs() as logs:
        holds = in_force("thrower").hold_case(CASE, FRIDAY)
    assert holds == [PlaceHold(HoldReason.PLUGIN_TROUBLE, NEXT_BANKING_DAY, "thrower: RuntimeError")]
    assert (logs[0]["plugin"], logs[0]["hook"], logs[0]["error"]) == ("thrower", "hold_case", "RuntimeError")
    assert "installed_thrower.py" in logs[0]["where"]
    assert "Kari" not in str(logs)


def test_a_plugin_that_throws_leaves_a_request_to_a_person(install: Install) -> None:
    install("thrower", THROWS)
    (answer,) = in_force("thrower").refuse_deferral(REQUEST, CASE)
    assert isinstance(answer, AskPerson)
    assert answer.because.code == "plugin_trouble"


def test_one_plugin_in_trouble_does_not_silence_the_others(install: Install) -> None:
    install("thrower", THROWS)
    holds = in_force("thrower", "quiet_weeks").hold_case(CASE, date(2026, 7, 8))
    assert {hold.reason for hold in holds} == {HoldReason.QUIET, HoldReason.PLUGIN_TROUBLE}


@pytest.mark.parametrize(
    "answer",
    [
        "True",
        "'hold'",
        "PlaceHold(HoldReason.QUIET, look_again_on=today)",
        "PlaceHold(HoldReason.QUIET, look_again_on=None)",
        "PlaceHold('because', look_again_on=date(2030, 1, 1))",
        "[PlaceHold(HoldReason.QUIET, look_again_on=date(2030, 1, 1))]",
        "RuntimeError()",
    ],
)
def test_an_answer_that_is_no_hold_or_never_ends_is_trouble(install: Install, answer: str) -> None:
    install("odd", f"@hookimpl\ndef hold_case(self, case, today):\n    return {answer}")
    assert [hold.reason for hold in in_force("odd").hold_case(CASE, FRIDAY)] == [HoldReason.PLUGIN_TROUBLE]


@pytest.mark.parametrize(
    "answer", ["True", "Refusal('no')", "Refusal(Because('x', fact=Fact('a.b', True, 'me', date.max)))"]
)
def test_a_refusal_without_a_reason_or_with_a_fact_of_its_own_making_asks_a_person(
    install: Install, answer: str
) -> None:
    install("odd", f"@hookimpl\ndef refuse_deferral(self, request, case):\n    return {answer}")
    assert [type(a) for a in in_force("odd").refuse_deferral(REQUEST, CASE)] == [AskPerson]


def test_a_plugin_may_take_only_the_arguments_it_needs(install: Install) -> None:
    body = "@hookimpl\ndef hold_case(self, today):\n    return PlaceHold(HoldReason.PERSON, today + timedelta(days=1))"
    install("modest", body)
    assert in_force("modest").hold_case(CASE, FRIDAY)[0].look_again_on == date(2026, 3, 7)


def test_a_plugin_that_is_slow_twice_holds_the_case_and_slow_once_does_not(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "SLOW_SECONDS", 0.02)
    install("slow", "@hookimpl\ndef hold_case(self, case, today):\n    time.sleep(0.03)")
    install(
        "warm_up",
        "asked = 0\n@hookimpl\ndef hold_case(self, case, today):\n"
        "    self.asked += 1\n    time.sleep(0.03 if self.asked == 1 else 0)",
    )
    assert in_force("slow").hold_case(CASE, FRIDAY)[0].note == "slow: SlowPlugin"
    assert in_force("warm_up").hold_case(CASE, FRIDAY) == []


def test_invalid_stored_settings_are_trouble_for_the_hooks_the_plugin_answers_and_no_others(install: Install) -> None:
    install("strict", "@hookimpl\ndef hold_case(self, case, today):\n    return None")
    chosen = in_force("strict", limit=101)
    assert chosen.hold_case(CASE, FRIDAY)[0].note == "strict: InvalidSettings"
    assert chosen.refuse_deferral(REQUEST, CASE) == []
    assert [(one.slug, one.error) for one in chosen.broken] == [("strict", "InvalidSettings")]


def test_a_plugin_that_is_chosen_but_gone_holds_the_case() -> None:
    chosen = in_force("left_the_building")
    assert chosen.hold_case(CASE, FRIDAY)[0].note == "left_the_building: PluginMissing"
    assert isinstance(chosen.refuse_deferral(REQUEST, CASE)[0], AskPerson)


def test_settings_that_an_older_version_left_behind_do_no_harm(install: Install) -> None:
    install("newer", "@hookimpl\ndef hold_case(self, case, today):\n    return None")
    assert in_force("newer", dropped_last_year=1).hold_case(CASE, FRIDAY) == []


def test_readers_and_channels_come_from_the_chosen_plugins_only(install: Install) -> None:
    install("broken_channel", "@hookimpl\ndef provide_channels(self):\n    raise OSError")
    chosen = in_force("broken_channel", "ocr_giro", "print_post")
    assert [channel.slug for channel in chosen.channels()] == ["print_post"]
    assert len(chosen.bank_file_readers()) == 1
    assert [(one.slug, one.error) for one in chosen.broken] == [("broken_channel", "OSError")]
    assert in_force("ocr_giro").channels() == ()


def test_a_refusal_names_the_fact_the_case_holds() -> None:
    fact = Fact("power.active_contract", True, "Nordlys Kraft", FRIDAY)
    (answer,) = in_force("power_contract").refuse_deferral(REQUEST, replace(CASE, facts=(fact,)))
    assert isinstance(answer, Refusal)
    assert answer.because.fact == fact
