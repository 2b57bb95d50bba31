"""GET /cases and what is reported about them; the neighbour's numbers never answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import Caller
from tests.api.test_claims import is_problem, slugs_of
from tests.builders import MONDAY, a_claim, register

Keys = Callable[..., Caller]


def number_of(tenant_id: UUID, creditor: str | None = None, **changes: Any) -> int:
    number = register(tenant_id, a_claim(**changes), creditor=creditor).verdicts[0].case_number
    assert number is not None
    return number


def test_a_list_is_paged_newest_first(agency: UUID, call: Keys) -> None:
    register(agency, *(a_claim() for _ in range(60)))
    send = call(agency, "handler")
    first, second, beyond = (send("GET", f"/cases?page={page}").get_json() for page in (1, 2, 99))
    assert (first["total"], first["pages"], len(first["cases"]), len(second["cases"])) == (60, 2, 50, 10)
    numbers = [case["number"] for case in first["cases"] + second["cases"]]
    assert numbers == sorted(numbers, reverse=True)
    assert beyond["cases"] == second["cases"]


def test_a_list_is_narrowed_by_stage_and_words(agency: UUID, call: Keys) -> None:
    register(agency, a_claim(invoice_number="F-77"), a_claim())
    send = call(agency, "handler")
    assert send("GET", "/cases?words=F-77").get_json()["cases"][0]["invoices"] == ["F-77"]
    assert send("GET", "/cases?stage=registered").get_json()["total"] == 2
    assert send("GET", "/cases?stage=demanded").get_json()["total"] == 0


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=" + "9" * 30, "stage=hund", "held=kanskje", "words=%00"])
def test_a_bad_query_is_named(agency: UUID, call: Keys, query: str) -> None:
    problem = is_problem(call(agency, "handler")("GET", f"/cases?{query}"), 422, "bad_input")
    assert list(problem["errors"]) == [query.split("=")[0]]


def test_a_case_tells_stage_sums_with_interest_and_how_they_came_about(agency: UUID, call: Keys) -> None:
    number = number_of(agency)
    case = call(agency, "handler")("GET", f"/cases/{number}").get_json()
    assert (case["number"], case["stage"], case["next_step"]) == (number, "registered", "reminder")
    assert case["claims"][0]["due_on"] == "2026-02-10"
    # 1 240,00 kr at 12,00 % for the 20 days from 11 February to 2 March 2026: 8,15 kr
    assert case["sums"] == {
        "principal_ore": 124000, "interest_ore": 815, "costs_ore": 0, "paid_ore": 0, "total_ore": 124815,
    }  # fmt: skip
    assert [line["label"] for line in case["lines"]] == ["principal", "interest"]
    assert sum(line["amount_ore"] for line in case["lines"]) == 124815


def test_a_creditor_sees_its_own_cases_and_nothing_of_the_debtor_but_the_name(agency: UUID, call: Keys) -> None:
    mine, other = slugs_of(agency)
    number = number_of(agency, mine, national_id="08907395937", phone="99999999", email="kari@eksempel.no")
    send = call(agency, "creditor", mine)
    answer = send("GET", f"/cases/{number}")
    assert answer.status_code == 200
    for secret in ("08907395937", "99999999", "kari@eksempel.no", "Storgata"):
        assert secret not in answer.text
    assert send("GET", "/cases").get_json()["total"] == 1
    assert call(agency, "creditor", other)("GET", "/cases").get_json()["total"] == 0


def test_another_tenants_and_another_creditors_case_do_not_exist(agency: UUID, power: UUID, call: Keys) -> None:
    mine, other = slugs_of(agency)
    number = number_of(agency, mine)
    strangers = [call(power, "admin"), call(power, "creditor"), call(agency, "creditor", other)]
    for send in strangers:
        is_problem(send("GET", f"/cases/{number}"), 404, "not_found")
        is_problem(send("POST", f"/cases/{number}/facts", _facts(True)), 404, "not_found")
    tomorrow = {"until": "2026-03-10"}
    is_problem(strangers[0]("POST", f"/cases/{number}/deferrals", tomorrow), 404, "not_found")


@pytest.mark.parametrize("number", ["0", "-1", "abc", "9223372036854775807", "9223372036854775808", "9" * 40, "1.5"])
def test_a_number_that_is_no_case_is_not_found(agency: UUID, call: Keys, number: str) -> None:
    is_problem(call(agency, "admin")("GET", f"/cases/{number}"), 404, "not_found")


def _facts(value: Any, **more: Any) -> dict[str, Any]:
    return {"facts": [{"name": "power.active_contract", "value": value} | more]}


def test_a_creditor_reports_facts_and_the_same_again_adds_nothing(agency: UUID, call: Keys) -> None:
    mine = slugs_of(agency)[0]
    number, send = number_of(agency, mine), call(agency, "creditor", mine)
    answers = [send("POST", f"/cases/{number}/facts", _facts(True)).get_json() for _ in range(2)]
    assert answers == [{"added": 1}, {"added": 0}]


@pytest.mark.parametrize(
    "body",
    [{}, {"facts": []}, {"facts": "ja"}, {"facts": [5]}, {"facts": [{"name": "x"}]}, _facts([1]), _facts({"a": 1}),
     _facts(None), _facts(1.5), _facts("x" * 201), {"facts": [{"name": "Stor Bokstav", "value": True}]},
     _facts(True, reported_on="2026-03-03"), _facts(True, reported_on="i går"), _facts(True, kilde="meg"), [], 5],
)  # fmt: skip
def test_facts_that_are_not_facts_are_a_bad_payload(agency: UUID, call: Keys, body: Any) -> None:
    number = number_of(agency)
    is_problem(call(agency, "admin")("POST", f"/cases/{number}/facts", body), 422, "bad_input")


def test_many_facts_come_in_one_call_and_one_wrong_row_stops_all(agency: UUID, call: Keys) -> None:
    mine, other = slugs_of(agency)
    number, send = number_of(agency, mine), call(agency, "creditor", mine)
    rows = [
        {"case_number": number, **_facts(False)["facts"][0]},
        {"invoice_number": "ukjent", **_facts(True)["facts"][0]},
    ]
    wrong = send("POST", "/facts", {"facts": rows})
    is_problem(wrong, 422, "bad_input")
    assert list(wrong.get_json()["errors"]) == ["2"]
    tried = send("POST", "/facts", {"facts": rows, "dry_run": True}).get_json()
    assert [each["outcome"] for each in tried["verdicts"]] == ["stored", "wrong"]
    assert send("POST", "/facts", {"facts": rows[:1]}).get_json()["stored"] is True
    assert send("POST", "/facts", {"facts": rows[:1]}).get_json()["verdicts"][0]["outcome"] == "known"
    is_problem(call(agency, "creditor", other)("POST", "/facts", {"facts": rows[:1]}), 422, "bad_input")


def test_more_time_is_answered_with_its_reasons(agency: UUID, call: Keys) -> None:
    number = number_of(agency)
    send, until = call(agency, "handler"), (MONDAY + timedelta(days=7)).isoformat()
    first, again = (send("POST", f"/cases/{number}/deferrals", {"until": until}, key="d-1") for _ in range(2))
    assert first.status_code == 200
    assert first.get_json()["outcome"] in ("granted", "refused", "ask_person")
    assert first.get_json()["because"]
    assert first.data == again.data


def test_a_creditor_may_not_ask_for_time_on_the_debtors_behalf(agency: UUID, call: Keys) -> None:
    mine = slugs_of(agency)[0]
    number = number_of(agency, mine)
    answer = call(agency, "creditor", mine)("POST", f"/cases/{number}/deferrals", {"until": "2026-03-10"})
    is_problem(answer, 403, "forbidden")


@pytest.mark.parametrize("until", ["2026-03-02", "2020-01-01", "2030-01-01", "snart", None])
def test_a_day_that_cannot_be_asked_for_is_a_bad_payload(agency: UUID, call: Keys, until: Any) -> None:
    number = number_of(agency)
    problem = is_problem(
        call(agency, "handler")("POST", f"/cases/{number}/deferrals", {"until": until}), 422, "bad_input"
    )
    assert list(problem["errors"]) == ["until"]
