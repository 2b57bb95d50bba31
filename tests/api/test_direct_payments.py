"""A creditor's machine reports that it has been paid directly; the neighbour's cases do not exist."""

from collections.abc import Callable
from uuid import UUID

import pytest

from saas.ledger.audit import audit
from tenants.resolve import open_tenant
from tests.api.conftest import Caller
from tests.api.test_cases import number_of
from tests.api.test_claims import is_problem, slugs_of

Keys = Callable[..., Caller]
PAID = {"amount": "1 000,00", "paid_on": "2026-03-01", "reference": "B-1"}


def test_a_report_is_booked_and_told_again_it_counts_once(agency: UUID, call: Keys) -> None:
    mine = slugs_of(agency)[0]
    number, send = number_of(agency, mine), call(agency, "creditor", mine)
    first = send("POST", f"/cases/{number}/direct-payments", PAID, key="a")
    assert first.status_code == 200, first.text
    told = first.get_json()
    assert (told["amount_ore"], told["paid_on"], told["told_before"]) == (100_000, "2026-03-01", False)
    assert told["principal_left_ore"] == 24_000
    assert send("POST", f"/cases/{number}/direct-payments", PAID, key="a").get_json() == told
    again = send("POST", f"/cases/{number}/direct-payments", PAID, key="b").get_json()
    assert again == told | {"told_before": True}
    with open_tenant(agency) as tenant:
        assert audit(tenant) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "mye"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "99 999,00"}, "amount"),
        ({"paid_on": "2030-01-01"}, "paid_on"),
        ({"paid_on": "i går"}, "paid_on"),
        ({"reference": "x" * 61}, "reference"),
    ],
)
def test_what_is_wrong_is_told_by_field(agency: UUID, call: Keys, change: dict[str, str], field: str) -> None:
    mine = slugs_of(agency)[0]
    number, send = number_of(agency, mine), call(agency, "creditor", mine)
    answer = send("POST", f"/cases/{number}/direct-payments", PAID | change)
    assert answer.status_code == 422, answer.text
    assert field in answer.text


def test_another_tenants_and_another_creditors_case_do_not_exist(agency: UUID, power: UUID, call: Keys) -> None:
    mine, other = slugs_of(agency)
    number = number_of(agency, mine)
    for send in (call(power, "admin"), call(agency, "creditor", other)):
        is_problem(send("POST", f"/cases/{number}/direct-payments", PAID), 404, "not_found")
