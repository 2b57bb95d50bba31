"""What a power contract adds to claims, letters and pages, and how its creditor tells of it (M13)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from marshmallow import ValidationError
from standardwebhooks.webhooks import Webhook

from plugins.power_contract import PowerContract
from plugins.power_contract.meter import METERING_POINT, normalise, wrong_with
from saas.hooks import AskPerson, Refusal, RouteRequest
from saas.outgoing import LOOPBACK_SETTING, CallFailed, NotCalled
from saas.rules.facts import Fact
from saas.testing.facts import CASE_ID, TODAY, a_case, a_case_to_ask, a_claim, a_fact, a_request, ago
from tests.plugins.outside import outside

METER, SECRET = "707057500012345671", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RUNS = a_fact("power.active_contract", True)


def plugin(**settings):
    return PowerContract(PowerContract.Settings().load(settings))


def more_time(*facts, days=14, case=None, **settings):
    return plugin(**settings).refuse_deferral(a_request(days), case or a_case(*facts))


# --- exceptions -------------------------------------------------------------------------------------------------------


def test_a_few_days_can_be_given_although_the_contract_runs():
    assert more_time(RUNS, days=5, grace_days=5) is None
    assert isinstance(more_time(RUNS, days=6, grace_days=5), Refusal)


def test_only_the_contracts_that_count_are_looked_at():
    grid = a_fact("grid.active_contract", True)
    assert isinstance(more_time(grid), Refusal)
    assert more_time(grid, contracts=["power.active_contract"]).because.code == "power_contract_unknown"


def test_only_the_sources_that_count_are_believed():
    assert isinstance(more_time(RUNS, sources=["Nordlys Kraft"]), Refusal)
    assert isinstance(more_time(RUNS, sources=["Andre AS"]), AskPerson)
    contradicted = (RUNS, a_fact("power.active_contract", False, "Andre AS"))
    assert isinstance(more_time(*contradicted), AskPerson)


def test_a_small_sum_asks_a_person_and_the_next_øre_does_not():
    assert (
        more_time(case=a_case(RUNS, kroner="299.99"), ask_below_kroner=300).because.code == "power_contract_small_sum"
    )
    assert isinstance(more_time(case=a_case(RUNS, kroner=300), ask_below_kroner=300), Refusal)


def test_a_contract_that_soon_ends_asks_a_person():
    ends = a_fact("power.contract_ends_on", (TODAY + timedelta(days=30)).isoformat())
    assert more_time(RUNS, ends).because.code == "power_contract_ends_soon"
    assert isinstance(more_time(RUNS, ends, ask_when_ends_within_days=29), Refusal)
    assert isinstance(more_time(RUNS, replace(ends, value="snart")), Refusal)


def test_a_statement_its_source_no_longer_stands_by_asks_a_person():
    stale = replace(RUNS, good_until=ago(1))
    assert more_time(stale).because.code == "power_contract_stale"


# --- claims, letters, pages -------------------------------------------------------------------------------------------


def test_extend_claim_fields_adds_the_metering_point_and_checks_it():
    (field,) = plugin().extend_claim_fields()
    assert field is METERING_POINT
    assert wrong_with(METER) == ""
    assert wrong_with(normalise("707057 500012 345671")) == ""


@pytest.mark.parametrize("text", ["", "70705750001234567", "7070575000123456714", "70705750001234567x", "٧" * 18])
def test_a_metering_point_has_eighteen_digits(text):
    assert "18 siffer" in wrong_with(text)


@pytest.mark.parametrize("place", range(18))
def test_one_wrong_digit_in_a_metering_point_is_seen(place):
    wrong = METER[:place] + str((int(METER[place]) + 1) % 10) + METER[place + 1 :]
    assert "Kontrollsifferet" in wrong_with(wrong)


def test_extend_letter_names_the_meters_once_each_in_the_language_asked_for():
    two = a_case(claims=tuple(a_claim(nth=n, extra=((METERING_POINT.name, METER),)) for n in (1, 2)))
    said = "Kravet gjelder strøm til målepunkt 707057 500012 345671."
    assert plugin().extend_letter("reminder", "nb", two) == (said,)
    assert plugin().extend_letter("reminder", "nn", two) == (said.replace("gjelder strøm", "gjeld straum"),)
    assert plugin().extend_letter("reminder", "en", two) == (
        "The claim is for electricity to metering point 707057 500012 345671.",
    )
    assert plugin().extend_letter("reminder", "nb", a_case()) == ()


def test_extend_portal_tells_what_was_reported_by_whom_and_when():
    (panel,) = plugin().extend_portal(a_case(RUNS), "nb")
    assert panel.heading == "Strømavtalen din"
    assert panel.paragraphs[0] == (
        "Nordlys Kraft meldte 9. november 2026 at avtalen er aktiv. Da kommer det en ny faktura hver måned."
    )
    (ended,) = plugin().extend_portal(a_case(a_fact("grid.active_contract", False)), "en")
    assert ended.heading == "Your grid contract"
    assert ended.paragraphs[0] == "Nordlys Kraft reported on 9 November 2026 that the contract has ended."
    assert plugin().extend_portal(a_case(), "nb") == ()


def test_a_source_with_braces_in_its_name_is_printed_as_it_stands():
    (panel,) = plugin().extend_portal(a_case(a_fact("power.active_contract", True, "{day} <b>")), "nb")
    assert panel.paragraphs[0].startswith("{day} <b> meldte 9. november 2026")


# --- asking the creditor's own system ---------------------------------------------------------------------------------


@pytest.fixture
def contracts(monkeypatch):
    """A creditor's system at an address of its own, which answers as the test says."""
    monkeypatch.setenv(LOOPBACK_SETTING, "1")
    with outside() as party:
        asking = plugin(ask_url=f"{party.address}/avtaler", ask_token="hemmelig", ask_source="Nordlys Kraft")

        def collect(body=None, status=200):
            party.answers = [(status, json.dumps(body).encode() if body is not None else b"nei")]
            case = a_case_to_ask(claims=(("F-1001", ((METERING_POINT.name, METER),)),))
            return asking.collect_facts((case,), TODAY)

        collect.party = party
        yield collect


def a_statement(**changes):
    return {"case_number": 100_001, "contract": "power", "active": True, "as_of": "2026-11-20", **changes}


def test_collect_facts_asks_with_the_invoice_and_the_meter_and_nothing_of_the_debtor(contracts):
    (found,) = contracts({"contracts": [a_statement()]})
    assert found.case_id == CASE_ID
    assert found.fact == Fact("power.active_contract", True, "Nordlys Kraft", ago(3))
    assert found.max_age_days == 35
    ((_, headers, body),) = contracts.party.heard
    assert [(headers["authorization"], json.loads(body))] == [
        ("Bearer hemmelig",
         {"cases": [{"case_number": 100_001, "invoice_numbers": ["F-1001"], "metering_points": [METER]}]}),
    ]  # fmt: skip


def test_the_day_a_contract_ends_is_a_fact_of_its_own(contracts):
    found = contracts({"contracts": [a_statement(ends_on="2026-12-31")]})
    assert [(f.fact.name, f.fact.value) for f in found] == [
        ("power.active_contract", True), ("power.contract_ends_on", "2026-12-31"),
    ]  # fmt: skip


def test_a_case_nobody_asked_about_is_left_out(contracts):
    assert contracts({"contracts": [a_statement(case_number=2)]}) == []


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"contracts": {}}, {"contracts": [5]}, {"contracts": [{}]}, {"contracts": [a_statement()] * 1001},
     *({"contracts": [a_statement(**wrong)]} for wrong in (
         {"active": "ja"}, {"active": 1}, {"case_number": True}, {"case_number": "100001"}, {"contract": "gas"},
         {"as_of": "2026-11-24"}, {"as_of": "i går"}, {"ends_on": 5}))],
)  # fmt: skip
def test_an_answer_that_is_not_as_agreed_is_asked_for_again_later(contracts, body):
    with pytest.raises(CallFailed):
        contracts(body)


@pytest.mark.parametrize("status", [302, 401, 404, 500, 503])
def test_any_other_status_is_asked_for_again_later(contracts, status):
    with pytest.raises(CallFailed, match=str(status)):
        contracts({"contracts": []}, status)


def test_an_inner_address_is_never_asked(monkeypatch):
    monkeypatch.delenv(LOOPBACK_SETTING, raising=False)
    asking = plugin(ask_url="https://127.0.0.1/avtaler", ask_token="t", ask_source="x")
    with pytest.raises(NotCalled):
        asking.collect_facts((a_case_to_ask(),), TODAY)


def test_without_an_address_nobody_is_asked():
    assert plugin().collect_facts((a_case_to_ask(),), TODAY) == ()


@pytest.mark.parametrize(
    "settings",
    [{"ask_url": "https://x.example"}, {"ask_url": "https://x.example", "ask_token": "t"}, {"ask_url": "ftp://x"},
     {"ask_url": "http://x.example", "ask_token": "t", "ask_source": "s"}, {"push_secret": SECRET},
     {"push_secret": "kort", "push_source": "s"}, {"contracts": []}, {"contracts": ["gas.active"]}, {"grace_days": -1}],
)  # fmt: skip
def test_settings_that_do_not_go_together_are_refused(settings):
    with pytest.raises(ValidationError):
        PowerContract.Settings().load(settings)


# --- being told by it -------------------------------------------------------------------------------------------------


def told(body: bytes, *, secret=SECRET, at=None, **headers):
    (route,) = plugin(push_secret=SECRET, push_source="Nordlys Kraft").provide_routes()
    at = at or datetime.now(UTC)
    signed = {
        "webhook-id": "m1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("m1", at, body.decode()),
    }
    return route.answer(RouteRequest("POST", "contracts", {}, signed | headers, body, TODAY, at))


def test_provide_routes_takes_a_signed_statement_as_facts():
    answer = told(json.dumps({"contracts": [a_statement(active=False)]}).encode())
    assert (answer.status, answer.data) == (200, {"taken": 1})
    (taken,) = answer.facts
    assert (taken.case_number, taken.max_age_days) == (100_001, 35)
    assert taken.fact == Fact("power.active_contract", False, "Nordlys Kraft", ago(3))


@pytest.mark.parametrize(
    "wrong",
    [{"secret": "whsec_" + "b" * 32}, {"at": datetime(2026, 1, 1, tzinfo=UTC)}, {"webhook-signature": "v1"},
     {"webhook-signature": ""}, {"webhook-id": "m2"}, {"webhook-timestamp": "x"}],
)  # fmt: skip
def test_what_is_not_signed_with_the_secret_is_not_taken(wrong):
    answer = told(b'{"contracts": []}', **wrong)
    assert (answer.status, answer.facts) == (401, ())


@pytest.mark.parametrize("body", [b"nei", b"[]", b"{}", b'{"contracts": [{"case_number": 1}]}'])
def test_a_signed_call_that_is_no_statement_is_told_so(body):
    answer = told(body)
    assert (answer.status, answer.facts) == (422, ())


def test_without_a_secret_there_is_no_way_in():
    assert plugin().provide_routes() == ()


def test_settings_of_the_first_version_go_on_as_they_were():
    kept = PowerContract.upgrade_settings("1.0", {"max_age_days": 10})
    assert PowerContract.Settings().load(kept)["max_age_days"] == 10
