"""No deferral while a power or grid contract runs (law K1, functions F38, F39, M13)."""

from datetime import date

import pytest
from marshmallow import ValidationError

from plugins.power_contract import PowerContract
from saas.hooks import AskPerson, DeferralRequest, Refusal
from saas.rules.facts import Fact

TODAY = date(2026, 11, 21)
REQUEST = DeferralRequest(asked_on=TODAY, until=date(2026, 12, 5))


def power(value, reported_on=date(2026, 11, 3), source="Nordlys Kraft"):
    return Fact("power.active_contract", value, source, reported_on)


def grid(value, reported_on=date(2026, 11, 3), source="Nordlys Nett"):
    return Fact("grid.active_contract", value, source, reported_on)


@pytest.fixture
def ask(case_with):
    plugin = PowerContract(PowerContract.Settings().load({}))
    return lambda *facts, request=REQUEST, **changes: plugin.refuse_deferral(request, case_with(*facts, **changes))


def test_an_active_power_contract_refuses_more_time(ask):
    answer = ask(power(True))
    assert isinstance(answer, Refusal)
    assert (answer.because.code, answer.because.fact) == ("power_contract_active", power(True))
    assert answer.because.rule_ids == ("K1",)


def test_the_refusal_tells_who_said_what_and_when_and_what_helps(ask):
    assert ask(power(True)).because.message == (
        "Vi kan ikke gi mer tid i denne saken. Nordlys Kraft meldte 3. november at du har en aktiv strømavtale, og da "
        "kommer det en ny faktura hver måned. Du kan betale en del i dag, si fra hvis avtalen er avsluttet, eller be "
        "en saksbehandler se på saken."
    )


def test_the_refusal_tells_the_year_when_the_fact_is_from_last_year(ask):
    asked = DeferralRequest(asked_on=date(2027, 1, 4), until=date(2027, 1, 18))
    assert "meldte 20. desember 2026 at" in ask(power(True, date(2026, 12, 20)), request=asked).because.message


def test_an_active_grid_contract_refuses_too_and_is_called_by_its_name(ask):
    answer = ask(power(False), grid(True))
    assert isinstance(answer, Refusal)
    assert "Nordlys Nett meldte 3. november at du har en aktiv nettleieavtale" in answer.because.message


def test_an_ended_contract_is_no_reason_to_refuse(ask):
    assert ask(power(False)) is None
    assert ask(power(False), grid(False)) is None


def test_the_newest_statement_counts(ask):
    assert ask(power(True, date(2026, 11, 2)), power(False, date(2026, 11, 3))) is None
    assert isinstance(ask(power(False, date(2026, 11, 2)), power(True, date(2026, 11, 3))), Refusal)


def test_nothing_reported_asks_a_person(ask):
    answer = ask(Fact("something.else", True, "Nordlys Kraft", TODAY))
    assert isinstance(answer, AskPerson)
    assert (answer.because.code, answer.because.fact) == ("power_contract_unknown", None)


def test_a_creditor_that_only_reports_power_is_not_asked_about_grid(ask):
    assert ask(power(False)) is None
    assert ask(grid(False)) is None


def test_a_statement_may_be_35_days_old_and_not_a_day_older(ask):
    assert isinstance(ask(power(True, date(2026, 10, 17))), Refusal)
    answer = ask(power(True, date(2026, 10, 16)))
    assert isinstance(answer, AskPerson)
    assert answer.because.code == "power_contract_stale"
    assert "er fra 16. oktober, og vi må sjekke" in answer.because.message


def test_an_old_statement_that_the_contract_ended_asks_a_person_too(ask):
    assert ask(power(False, date(2026, 10, 16))).because.code == "power_contract_stale"


def test_a_statement_dated_after_the_request_is_not_believed(ask):
    assert isinstance(ask(power(True, date(2026, 11, 22))), AskPerson)


def test_two_answers_on_one_day_ask_a_person(ask):
    answer = ask(power(True), power(False, source="Nordlys Kundesenter"))
    assert isinstance(answer, AskPerson)
    assert answer.because.code == "power_contract_contradictory"


@pytest.mark.parametrize("value", ["ja", "true", "", 1, 0])
def test_a_value_that_is_neither_yes_nor_no_asks_a_person(ask, value):
    assert ask(power(value)).because.code == "power_contract_contradictory"


def test_a_doubt_about_power_does_not_hide_a_clear_grid_contract(ask):
    assert isinstance(ask(power(True), power(False), grid(True)), Refusal)


def test_a_doubt_about_grid_asks_a_person_although_power_has_ended(ask):
    assert isinstance(ask(power(False), grid(False, date(2026, 1, 1))), AskPerson)


def test_a_vulnerable_debtor_meets_a_person_and_is_not_told_why(ask):
    answer = ask(power(True), vulnerable=True)
    assert isinstance(answer, AskPerson)
    assert answer.because.message == "En saksbehandler ser på søknaden din om mer tid før vi svarer."


def test_a_vulnerable_debtor_without_a_contract_is_not_kept_waiting(ask):
    assert ask(power(False), vulnerable=True) is None


def test_the_creditor_chooses_how_old_a_statement_may_be(case_with):
    plugin = PowerContract(PowerContract.Settings().load({"max_age_days": 10}))
    assert plugin.refuse_deferral(REQUEST, case_with(power(True))).because.code == "power_contract_stale"


@pytest.mark.parametrize("days", [0, -1, 367, "35", 3.5, None])
def test_settings_that_make_no_sense_are_refused(days):
    with pytest.raises(ValidationError):
        PowerContract.Settings().load({"max_age_days": days})
