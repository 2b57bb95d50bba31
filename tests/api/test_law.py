"""The calculators over HTTP: no key, exact answers, and an error that names the field whenever there is none."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from saas.portals.shared.limits import limiter
from tests.api.test_claims import is_problem

Ask = Callable[..., TestResponse]
INTEREST = {"principal_ore": 1_000_000, "from": "2024-06-15", "to": "2024-06-27", "day_basis": "act/act"}
FEES = {"principal_ore": 300_000, "due_on": "2026-09-15", "on": "2026-10-14", "charged_ore": 3_800}
ITEMS = [{"kind": "principal", "amount_ore": 400_000, "ref": "F-1"}, {"kind": "collection_fee", "amount_ore": 60_000}]


@pytest.fixture
def ask(app: Flask) -> Iterator[Ask]:
    """`ask(name, body)` without a key."""
    with app.app_context():
        limiter.reset()
    yield lambda name, body: app.test_client().post(f"/api/v1/law/{name}", json=body)
    with app.app_context():
        limiter.reset()


def test_interest_needs_no_key_and_explains_every_line(ask: Ask) -> None:
    answer = ask("interest", INTEREST)
    assert answer.status_code == 200
    assert answer.json["total_ore"] == 4_098
    (line,) = answer.json["lines"]
    assert line["formula"].replace("\u00a0", " ") == "10 000,00 × 12,50 % × 12 / 366 = 40,98"
    assert (line["rate_percent"], line["days"], line["year_days"], line["amount_ore"]) == ("12.50", 12, 366, 4_098)
    assert (line["from"], line["to"], line["balance_ore"]) == ("2024-06-15", "2024-06-27", 1_000_000)
    assert line["rule_ids"] == ["C2", "C4", "C5", "C8"]
    assert line["words"].endswith("til 27. juni 2024.")
    assert "Set-Cookie" not in answer.headers


def test_fees_allocation_deadlines_and_kid_answer_too(ask: Ask) -> None:
    fees = ask("fees", FEES).json
    assert (fees["notice_fee_ore"], fees["light_cap_ore"], fees["light_fee_ore"]) == (3_800, 60_000, 56_200)
    spread = ask("allocation", {"amount_ore": 500_000, "items": ITEMS}).json
    assert [(line["kind"], line["paid_ore"]) for line in spread["lines"]] == [
        ("collection_fee", 60_000),
        ("principal", 400_000),
    ]
    assert spread["left_ore"] == 40_000
    days = ask("deadlines", {"letter": "payment_demand", "sent_on": "2026-03-20"}).json
    assert (days["deadline_on"], days["heavy_fee_from"]) == ("2026-04-07", "2026-05-06")
    assert "heavy_fee_from" not in ask("deadlines", {"letter": "reminder", "sent_on": "2026-03-20"}).json
    assert ask("kid", {"payload": "12345678"}).json["kid"] == "123456782"
    assert ask("kid", {"kid": "1234030"}).json["valid"] is False


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("interest", INTEREST | {"from": "2024-06-28"}, "to"),
        ("interest", INTEREST | {"principal_ore": 0}, "principal_ore"),
        ("interest", INTEREST | {"principal_ore": -1}, "principal_ore"),
        ("interest", INTEREST | {"principal_ore": 10**12 + 1}, "principal_ore"),
        ("interest", INTEREST | {"principal_ore": 10**30}, "principal_ore"),
        ("interest", INTEREST | {"principal_ore": 100.0}, "principal_ore"),
        ("interest", INTEREST | {"principal_ore": "100"}, "principal_ore"),
        ("interest", INTEREST | {"principal_ore": True}, "principal_ore"),
        ("interest", INTEREST | {"principal_ore": None}, "principal_ore"),
        ("interest", INTEREST | {"from": "1994-06-26"}, "from"),
        ("interest", INTEREST | {"from": "9990-01-01", "to": "9999-12-31"}, "from"),
        ("interest", INTEREST | {"from": "15.06.2024"}, "from"),
        ("interest", INTEREST | {"to": "2024-02-30"}, "to"),
        ("interest", INTEREST | {"to": 20240627}, "to"),
        ("interest", INTEREST | {"day_basis": "30/360"}, "day_basis"),
        ("interest", INTEREST | {"form": "2024-06-15"}, "form"),
        ("interest", INTEREST | {"payments": [{"on": "2024-07-01", "amount_ore": 1}]}, "payments"),
        ("interest", INTEREST | {"payments": [{"on": "2024-06-20", "amount_ore": 1_000_001}]}, "payments"),
        ("fees", FEES | {"on": "2026-09-14"}, "on"),
        ("fees", FEES | {"charged_ore": -1}, "charged_ore"),
        ("fees", FEES | {"debtor": "person"}, "debtor"),
        ("allocation", {"amount_ore": 1, "items": []}, "items"),
        ("allocation", {"amount_ore": 1, "items": [{"kind": "gift", "amount_ore": 1}]}, "items"),
        ("allocation", {"amount_ore": 0, "items": ITEMS}, "amount_ore"),
        ("deadlines", {"letter": "poem", "sent_on": "2026-03-20"}, "letter"),
        ("deadlines", {"letter": "reminder", "sent_on": "2026-03-20", "slack_days": 61}, "slack_days"),
        ("kid", {}, "kid"),
        ("kid", {"kid": "123456782", "payload": "1"}, "kid"),
        ("kid", {"kid": "12-4"}, "kid"),
        ("kid", {"payload": "1" * 25}, "payload"),
        ("kid", {"payload": "٣٤"}, "payload"),
    ],
)
def test_what_cannot_be_right_is_refused_by_the_name_of_its_field(
    ask: Ask, name: str, body: dict[str, Any], field: str
) -> None:
    answer = ask(name, body)
    problem = answer.get_json(force=True)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert list(problem["errors"]) == [field]
    assert "total_ore" not in problem


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("interest", INTEREST | {"from": "1993-12-31", "to": "1994-02-01"}, "from"),
        ("interest", INTEREST | {"from": "2026-12-01", "to": "2027-01-02"}, "to"),
        ("interest", INTEREST | {"from": "2027-06-01", "to": "2027-06-02"}, "from"),
        ("fees", FEES | {"due_on": "2009-12-31"}, "due_on"),
        ("fees", FEES | {"on": "2027-01-01"}, "on"),
        ("deadlines", {"letter": "reminder", "sent_on": "2027-01-01"}, "sent_on"),
        ("deadlines", {"letter": "reminder", "sent_on": "9999-12-31"}, "sent_on"),
    ],
)
def test_past_what_is_known_the_answer_is_unknown_law_and_never_a_number(
    ask: Ask, name: str, body: dict[str, Any], field: str
) -> None:
    answer = ask(name, body)
    is_problem(answer, 422, "unknown_law")
    assert list(answer.get_json(force=True)["errors"]) == [field]


def test_the_last_known_day_is_counted_and_the_next_is_not(ask: Ask) -> None:
    assert ask("interest", INTEREST | {"from": "2026-12-30", "to": "2027-01-01"}).status_code == 200
    is_problem(ask("interest", INTEREST | {"from": "2026-12-30", "to": "2027-01-02"}), 422, "unknown_law")


def test_a_body_that_is_no_object_is_a_problem_like_any_other(app: Flask, ask: Ask) -> None:
    is_problem(ask("interest", [INTEREST]), 422, "bad_input")
    for content in (b"{", b"[" * 100_000, b""):
        sent = app.test_client().post("/api/v1/law/kid", data=content, content_type="application/json")
        assert (sent.status_code, sent.content_type) == (422, "application/problem+json")


def test_how_often_is_limited_by_address(app: Flask, ask: Ask) -> None:
    client, body = app.test_client(), {"kid": "123456782"}
    statuses = [
        client.post("/api/v1/law/kid", json=body, environ_base={"REMOTE_ADDR": "192.0.2.90"}).status_code
        for _ in range(121)
    ]
    assert statuses == [200] * 120 + [429]
    other = client.post("/api/v1/law/kid", json=body, environ_base={"REMOTE_ADDR": "192.0.2.91"})
    assert other.status_code == 200


def test_the_description_says_that_no_key_is_needed(app: Flask) -> None:
    spec = app.test_client().get("/api/v1/openapi.json").get_json()
    call = spec["paths"]["/api/v1/law/interest"]["post"]
    assert call["security"] == []
    asked = spec["components"]["schemas"]["InterestAsked"]
    assert set(asked["required"]) == {"principal_ore", "from", "to"}
    assert asked["properties"]["principal_ore"]["type"] == "integer"


# --- language -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", "12,50 % av 10 000,00 kr i 12 dager av 366, fra 15. juni 2024 til 27. juni 2024."),
        ("nn", "12,50 % av 10 000,00 kr i 12 dagar av 366, frå 15. juni 2024 til 27. juni 2024."),
        ("en", "12.50 % of NOK 10,000.00 for 12 days out of 366, from 15 June 2024 to 27 June 2024."),
    ],
)
def test_the_words_of_an_answer_are_in_the_language_asked_for(ask: Ask, language: str, words: str) -> None:
    answer = ask(f"interest?language={language}", INTEREST).json
    assert answer["total_ore"] == 4_098
    assert answer["lines"][0]["words"].replace("\u00a0", " ") == words


def test_errors_are_in_the_language_asked_for(ask: Ask) -> None:
    wrong = ask("interest?language=nn", INTEREST | {"principal_ore": 0, "more": 1})
    assert is_problem(wrong, 422, "bad_input")
    assert wrong.json["detail"] == "Noko må rettast før vi kan rekne."
    assert wrong.json["errors"] == {
        "principal_ore": ["Beløpet må vere større enn null."],
        "more": ["Feltet kjenner vi ikkje. Ta det bort eller rett namnet."],
    }
    unknown = ask("interest?language=en", INTEREST | {"to": "2027-06-01"})
    assert is_problem(unknown, 422, "unknown_law")
    assert unknown.json["detail"].endswith("is not known for 1 January 2027, so we do not calculate.")


def test_a_language_we_do_not_speak_is_refused(ask: Ask) -> None:
    answer = ask("interest?language=sv", INTEREST)
    assert is_problem(answer, 422, "bad_input")
    assert answer.json["errors"] == {"language": ["Språket må være en av: nb, nn, en."]}
