"""Objections, lost costs and estates through the API; the neighbour's ids never answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from saas.rules.lost_costs import LOSSES, LostCostReason, Scope
from tests.api.conftest import Caller
from tests.api.test_cases import number_of
from tests.api.test_claims import is_problem, slugs_of
from tests.builders import a_claim, register

Keys = Callable[..., Caller]
OBJECTION = {"kind": "wrong_amount", "text": "Feil pris.", "disputed": "240,00"}
ANSWER = {"outcome": "maintained", "reason": "Prisen står i avtalen."}
LOSS = {"reason": "bad_practice", "note": "Ringt på en søndag."}


def test_an_objection_is_raised_answered_and_shown_and_a_double_click_is_one(agency: UUID, call: Keys) -> None:
    mine = slugs_of(agency)[0]
    number, send = number_of(agency, mine), call(agency, "creditor", mine)
    first, again = (send("POST", f"/cases/{number}/objections", OBJECTION) for _ in range(2))
    assert first.status_code == 200, first.text
    assert first.get_json()["id"] == again.get_json()["id"]
    assert (first.get_json()["standing"], first.get_json()["disputed_ore"]) == ("open", 24_000)
    assert send("GET", f"/cases/{number}").get_json()["holds"][0]["reason"] == "objection"
    where = f"/cases/{number}/objections/{first.get_json()['id']}"
    answered = [send("POST", f"{where}/answer", ANSWER, key="a").get_json() for _ in range(2)]
    assert answered[0] == answered[1]
    assert (answered[0]["standing"], answered[0]["deadline_on"]) == ("answered", "2026-03-19")
    assert send("GET", f"/cases/{number}/objections").get_json()["objections"] == [answered[0]]
    is_problem(send("POST", f"{where}/answer", {"outcome": "withdrawn", "reason": "Nei."}), 409, "answered")


def test_a_creditor_finds_nothing_groundless_and_neither_loses_costs_nor_reports_a_death(
    agency: UUID, call: Keys
) -> None:
    mine = slugs_of(agency)[0]
    number, send = number_of(agency, mine), call(agency, "creditor", mine)
    objection = send("POST", f"/cases/{number}/objections", OBJECTION).get_json()
    where = f"/cases/{number}/objections/{objection['id']}"
    is_problem(send("POST", f"{where}/answer", {"outcome": "groundless", "reason": "Nei."}), 403, "forbidden")
    for path, body in (("lost-costs", LOSS), ("death", {"died_on": None}), ("bankruptcy", {"opened_on": None})):
        is_problem(send("POST", f"/cases/{number}/{path}", body), 403, "forbidden")
    is_problem(send("POST", f"{where}/withdrawal"), 403, "forbidden")
    staff = call(agency, "handler")
    groundless = staff("POST", f"{where}/answer", {"outcome": "groundless", "reason": "Sier ikke hva som er feil."})
    assert groundless.get_json()["standing"] == "closed"


def test_another_tenants_and_another_creditors_case_do_not_exist(agency: UUID, power: UUID, call: Keys) -> None:
    mine, other = slugs_of(agency)
    number = number_of(agency, mine)
    objection = call(agency, "handler")("POST", f"/cases/{number}/objections", OBJECTION).get_json()["id"]
    strangers = [call(power, "admin"), call(agency, "creditor", other)]
    for send in strangers:
        is_problem(send("GET", f"/cases/{number}/objections"), 404, "not_found")
        is_problem(send("POST", f"/cases/{number}/objections", OBJECTION), 404, "not_found")
        is_problem(send("POST", f"/cases/{number}/objections/{objection}/answer", ANSWER), 404, "not_found")
    for path, body in (
        (f"objections/{objection}/withdrawal", None),
        ("lost-costs", LOSS),
        ("death", {"died_on": "2026-03-01"}),
        ("bankruptcy", {"opened_on": "2026-03-01"}),
    ):
        is_problem(strangers[0]("POST", f"/cases/{number}/{path}", body), 404, "not_found")


def test_an_objection_of_another_case_is_not_found_under_this_one(agency: UUID, call: Keys) -> None:
    send, (first, second) = call(agency, "handler"), (number_of(agency), number_of(agency))
    objection = send("POST", f"/cases/{first}/objections", OBJECTION).get_json()["id"]
    for one in (objection, str(uuid4())):
        is_problem(send("POST", f"/cases/{second}/objections/{one}/answer", ANSWER), 404, "not_found")
    is_problem(send("POST", f"/cases/{first}/objections/hei/answer", ANSWER), 404, "not_found")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "hund"}, "kind"), ({"kind": None}, "kind"), ({"text": "x" * 4001}, "text"),
        ({"text": "\x00"}, "text"), ({"text": 5}, "text"), ({"disputed": "mye"}, "disputed"),
        ({"disputed": "1 240,01"}, "disputed"), ({"disputed": "0"}, "disputed"), ({"disputed": True}, "disputed"),
        ({"invoice_number": "finnes ikke"}, "invoice_number"), ({"til": "meg"}, "til"),
    ],
)  # fmt: skip
def test_what_is_no_objection_is_named(agency: UUID, call: Keys, change: dict[str, Any], field: str) -> None:
    number = number_of(agency)
    answer = call(agency, "handler")("POST", f"/cases/{number}/objections", OBJECTION | change)
    assert list(is_problem(answer, 422, "bad_input")["errors"]) == [field]


@pytest.mark.parametrize("reason", list(LostCostReason))
def test_every_reason_to_lose_costs_can_be_given(agency: UUID, call: Keys, reason: LostCostReason) -> None:
    number, send = number_of(agency), call(agency, "handler")
    body = {"reason": reason, "note": "Se notat i saken."}
    if LOSSES[reason].scope is Scope.ABOVE_LAWFUL:
        is_problem(send("POST", f"/cases/{number}/lost-costs", body), 422, "bad_input")
        body["lawful_ore"] = 0
    lost = send("POST", f"/cases/{number}/lost-costs", body).get_json()
    assert (lost["reason"], lost["scope"], lost["amount_ore"]) == (reason, LOSSES[reason].scope, 0)


def test_a_death_and_a_bankruptcy_stop_all_the_debtors_cases(agency: UUID, call: Keys) -> None:
    who = {"debtor_name": "Ola Prøve", "national_id": "08907395937"}
    numbers = [
        register(agency, a_claim(**who), creditor=slug).verdicts[0].case_number for slug in slugs_of(agency)
    ]  # fmt: skip
    send = call(agency, "handler")
    for path, name, reason in (("death", "died_on", "deceased"), ("bankruptcy", "opened_on", "bankrupt")):
        stopped = send("POST", f"/cases/{numbers[0]}/{path}", {name: "2026-03-01"}).get_json()
        assert sorted(stopped["cases"]) == sorted(numbers)
        holds = send("GET", f"/cases/{numbers[1]}").get_json()["holds"]
        assert reason in {hold["reason"] for hold in holds}
        is_problem(send("POST", f"/cases/{numbers[0]}/{path}", {name: "2026-03-03"}), 422, "bad_input")
        is_problem(send("POST", f"/cases/{numbers[0]}/{path}", {}), 422, "bad_input")
        assert send("POST", f"/cases/{numbers[0]}/{path}", {name: None}).status_code == 200
        assert send("GET", f"/cases/{numbers[1]}").get_json()["holds"] == []
