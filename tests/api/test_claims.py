"""POST /claims, read as a session with the API."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from saas.cases.models import Case, Claim
from tenants.models import Creditor
from tenants.resolve import open_tenant
from tests.api.conftest import Caller
from tests.builders import a_claim

Keys = Callable[..., Caller]


def claims_of(tenant_id: UUID) -> int:
    with open_tenant(tenant_id) as tenant:
        return tenant.session.scalar(sa.select(sa.func.count()).select_from(Claim)) or 0


def slugs_of(tenant_id: UUID) -> list[str]:
    with open_tenant(tenant_id) as tenant:
        return list(tenant.session.scalars(sa.select(Creditor.slug).order_by(Creditor.number)))


def is_problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    problem: dict[str, Any] = answer.get_json(force=True)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"].startswith("urn:frist:problem:")
    assert problem["detail"].endswith(".") or "…" in problem["detail"]
    return problem


def test_a_creditor_registers_one_claim_and_gets_its_case_number(agency: UUID, call: Keys) -> None:
    answer = call(agency, "creditor")("POST", "/claims", a_claim())
    assert answer.status_code == 200
    report = answer.get_json()
    assert report["registered"] is True
    assert report["counts"] == {"accepted": 1, "duplicate": 0, "rejected": 0}
    assert report["principal_ore"] == 124000
    assert report["verdicts"][0]["case_number"] > 0


def test_a_list_gets_a_verdict_per_claim_and_a_repeat_is_a_duplicate(agency: UUID, call: Keys) -> None:
    send, rows = call(agency, "creditor"), [a_claim(), a_claim()]
    first, again = (send("POST", "/claims", rows).get_json() for _ in range(2))
    assert [v["outcome"] for v in first["verdicts"]] == ["accepted", "accepted"]
    assert [v["outcome"] for v in again["verdicts"]] == ["duplicate", "duplicate"]
    assert [v["case_number"] for v in again["verdicts"]] == [v["case_number"] for v in first["verdicts"]]
    assert again["registered"] is False


def test_a_wrong_claim_registers_nothing_and_names_row_and_field(agency: UUID, call: Keys) -> None:
    answer = call(agency, "creditor")("POST", "/claims", [a_claim(), a_claim(amount="0", due_on="i går")])
    problem = is_problem(answer, 422, "bad_input")
    assert set(problem["errors"]) == {"2"}
    assert set(problem["errors"]["2"]) == {"amount", "due_on"}
    assert claims_of(agency) == 0


def test_the_valid_claims_are_registered_when_asked_for_and_none_on_a_dry_run(agency: UUID, call: Keys) -> None:
    send, rows = call(agency, "creditor"), [a_claim(), a_claim(amount="0")]
    dry = send("POST", "/claims?dry_run=true", rows).get_json()
    assert (dry["registered"], dry["counts"]["accepted"], claims_of(agency)) == (False, 1, 0)
    real = send("POST", "/claims?accept_valid=true", rows).get_json()
    assert (real["registered"], real["counts"], claims_of(agency)) == (
        True, {"accepted": 1, "duplicate": 0, "rejected": 1}, 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1, 2", b'"tekst"', b"5", b"null", b"true", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"amount": NaN}',
     b"[null]", b"[[]]", b'[5, "x"]', b'{"debtor_name": "\\ud800"}', b"{}"],
)  # fmt: skip
def test_a_body_that_is_not_claims_is_a_bad_payload(agency: UUID, call: Keys, body: bytes) -> None:
    answer = call(agency, "creditor")("POST", "/claims", data=body, content_type="application/json")
    is_problem(answer, 422, "bad_input")


def test_a_body_that_is_not_json_at_all_is_told_to_be(agency: UUID, call: Keys) -> None:
    answer = call(agency, "creditor")("POST", "/claims", data=b"a;b", content_type="text/csv")
    is_problem(answer, 415, "unsupported_media_type")


def test_too_many_claims_at_once_are_told_to_be_split(agency: UUID, call: Keys) -> None:
    is_problem(call(agency, "creditor")("POST", "/claims", [{}] * 10_001), 422, "bad_input")


def test_bad_query_values_are_named(agency: UUID, call: Keys) -> None:
    answer = call(agency, "creditor")("POST", "/claims?dry_run=kanskje", a_claim())
    assert list(is_problem(answer, 422, "bad_input")["errors"]) == ["dry_run"]


# --- whose claims ---------------------------------------------------------------------------------------------------


def test_staff_of_an_agency_say_whose_claims_they_are(agency: UUID, call: Keys) -> None:
    send, slug = call(agency, "handler"), slugs_of(agency)[1]
    assert "creditor" in is_problem(send("POST", "/claims", a_claim()), 422, "bad_input")["errors"]
    number = send("POST", f"/claims?creditor={slug}", a_claim()).get_json()["verdicts"][0]["case_number"]
    with open_tenant(agency) as tenant:
        owner = tenant.session.scalar(
            sa.select(Creditor.slug).join(Case, Case.creditor_id == Creditor.id).where(Case.number == number)
        )
    assert owner == slug


def test_a_power_companys_own_key_needs_not_say(power: UUID, call: Keys) -> None:
    assert call(power, "handler")("POST", "/claims", a_claim()).get_json()["registered"] is True


def test_a_creditors_key_cannot_register_for_another_nor_for_the_neighbour(
    agency: UUID, power: UUID, call: Keys
) -> None:
    mine, other = slugs_of(agency)
    send = call(agency, "creditor", mine)
    for slug in (other, slugs_of(power)[0], "ingen", "%00"):
        is_problem(send("POST", f"/claims?creditor={slug}", a_claim()), 404, "not_found")
    assert claims_of(agency) == claims_of(power) == 0
    assert send("POST", f"/claims?creditor={mine}", a_claim()).status_code == 200


# --- who calls ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer frist_ingen_00", "Basic a2FyaTprYXJp", "bearer \u00e5"])
def test_without_a_good_key_nothing_is_answered(agency: UUID, app: Flask, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = app.test_client().post("/api/v1/claims", json=a_claim(), headers=headers)
    is_problem(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_no_cookie_is_set_and_no_form_token_is_asked_for(agency: UUID, call: Keys) -> None:
    answer = call(agency, "creditor")("POST", "/claims", a_claim())
    assert "Set-Cookie" not in answer.headers


# --- sent twice -----------------------------------------------------------------------------------------------------


def test_the_same_key_and_body_get_the_first_answer_again(agency: UUID, call: Keys) -> None:
    send, row = call(agency, "creditor"), a_claim()
    first, again = (send("POST", "/claims", row, key="k-1") for _ in range(2))
    assert first.data == again.data
    assert first.get_json()["verdicts"][0]["outcome"] == "accepted"  # not a duplicate the second time
    assert ("Idempotent-Replayed" in first.headers, "Idempotent-Replayed" in again.headers) == (False, True)


def test_the_same_key_for_something_else_is_refused(agency: UUID, call: Keys) -> None:
    send = call(agency, "creditor")
    send("POST", "/claims", a_claim(), key="k-1")
    is_problem(send("POST", "/claims", a_claim(), key="k-1"), 409, "key_reused")
    is_problem(send("POST", "/claims?dry_run=true", a_claim(), key="k-1"), 409, "key_reused")
    assert claims_of(agency) == 1


def test_a_call_that_failed_did_nothing_and_may_use_its_key_again(agency: UUID, call: Keys) -> None:
    send = call(agency, "creditor")
    assert send("POST", "/claims", a_claim(amount="0"), key="k-1").status_code == 422
    assert send("POST", "/claims", a_claim(), key="k-1").status_code == 200


def test_two_callers_may_use_the_same_key(agency: UUID, call: Keys) -> None:
    answers = [call(agency, "creditor")("POST", "/claims", a_claim(), key="k-1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert claims_of(agency) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "nøkkel"])
def test_a_key_that_is_not_one_is_told_so(agency: UUID, call: Keys, key: str) -> None:
    answer = call(agency, "creditor")("POST", "/claims", a_claim(), key=key)
    assert "Idempotency-Key" in is_problem(answer, 422, "bad_input")["errors"]


def test_the_same_call_at_the_same_moment_is_done_once(agency: UUID, call: Keys) -> None:
    send, row, start = call(agency, "creditor"), a_claim(), Barrier(5)

    def once(_: int) -> TestResponse:
        start.wait()
        return send("POST", "/claims", row, key="k-1")

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(once, range(5)))
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 4
