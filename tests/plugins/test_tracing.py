"""`FRIST_TRACE_HOOKS=1` tells of every call to a plugin, and of no person (`tenants/tracing.py`)."""

import re
from uuid import UUID

import pytest

from plugins.power_contract import PowerContract
from plugins.quiet_weeks import QuietWeeks
from saas.testing.facts import a_case, a_case_to_ask, a_fact, an_event
from saas.testing.house import House
from tenants.tracing import SETTING, in_short, traced
from tests.plugins.evil.throws import Evil

CONTRACT = a_fact("power.active_contract", True, "Kari Nordmanns Kraftlag")


@pytest.fixture
def tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "1")


@pytest.mark.usefixtures("tracing")
def test_every_call_is_a_line_with_hook_plugin_arguments_answer_and_microseconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    house = House(PowerContract, QuietWeeks)
    capsys.readouterr()
    house.more_time(a_case(CONTRACT))
    line = capsys.readouterr().err.splitlines()[-1]  # a slow first call is asked for once more
    assert re.fullmatch(
        r"refuse_deferral power_contract\(DeferralRequest\(asked_on=2026-11-23, until=2026-12-07\), case …01 noticed\)"
        r" → Refusal\(because=power_contract_active\) \d+ µs",
        line,
    )
    house.night(a_case())
    assert capsys.readouterr().err.startswith("hold_case quiet_weeks(case …01 noticed, 2026-11-23) → None ")


@pytest.mark.usefixtures("tracing")
def test_what_a_plugin_throws_is_told_by_its_class_alone(capsys: pytest.CaptureFixture[str]) -> None:
    House(Evil).more_time(a_case(CONTRACT))
    told = capsys.readouterr().err
    assert "refuse_deferral throws(" in told
    assert "→ raised KeyError" in told
    assert "Kari" not in told


def test_nothing_is_told_and_nothing_stands_between_when_it_is_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    method = QuietWeeks.hold_case
    assert traced("quiet_weeks", "hold_case", method) is method
    House(PowerContract).more_time(a_case(CONTRACT))
    assert capsys.readouterr().err == ""


def test_numbers_and_ids_are_masked_and_texts_only_measured() -> None:
    values = (
        a_case(CONTRACT),
        a_case_to_ask(),
        an_event(),
        UUID(int=2**100),
        "Kari Nordmann, Storgata 1",
        [CONTRACT] * 9,
    )
    shown = " ".join(in_short(each) for each in values)
    for secret in ("100001", "Kari", "Storgata", "Kraftlag", str(UUID(int=2**100))):
        assert secret not in shown
    assert "case_number=…01" in shown
    assert "power.active_contract of 2026-11-09" in shown
