"""The plugins that ship, where the core asks them: at intake, on requests, told by and telling a creditor."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from pypdf import PdfReader
from standardwebhooks.webhooks import Webhook

from saas.app import create_app
from saas.cases import collecting, telling
from saas.cases.claim_fields import claim_schema, read_claims
from saas.cases.facts import facts_of
from saas.cases.intake import IntakeReport, register_claims
from saas.cases.lifecycle import get_case
from saas.cases.models import DebtorRequest, ReportedFact
from saas.cases.requests import request_deferral
from saas.dispatch.models import Dispatch
from saas.documents.store import OpenLetter, open_letter
from saas.kernel import clock
from saas.kernel.ids import NIL
from saas.kernel.servers import Servers
from saas.outgoing import LOOPBACK_SETTING
from saas.rules.facts import HoldReason
from tenants.models import PluginReach
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, at, creditor_of, register
from tests.cases.world import World
from tests.plugins.ehf_files import credit_note, invoice, meter, packed
from tests.plugins.evil.markup import MARKUP
from tests.plugins.outside import outside
from tests.tenants.conftest import Install, install  # noqa: F401 - the fixture

SECRET, METER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "707057500012345671"


def switch_on(tenant_id: UUID, slug: str, creditor_id: UUID = NIL, **settings: Any) -> None:
    with open_tenant(tenant_id) as tenant:
        switch_plugin(
            tenant, slug, creditor_id=creditor_id, enabled=True, settings=settings, now=at(MONDAY), actor="cli"
        )


@pytest.fixture
def party(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(LOOPBACK_SETTING, "1")
    with outside() as found:
        yield found


# --- intake ---------------------------------------------------------------------------------------------------------


def take_in(tenant_id: UUID, content: bytes, **more: Any) -> IntakeReport:
    creditor_id = creditor_of(tenant_id)
    with open_tenant(tenant_id) as tenant:
        rows = read_claims(tenant, creditor_id, content)
        return register_claims(
            tenant, rows, creditor_id=creditor_id, today=MONDAY, now=at(MONDAY), actor="user:1", **more
        )


def test_ehf_invoices_become_claims_with_a_verdict_each_and_the_same_again_is_a_duplicate(agency: UUID) -> None:
    switch_on(agency, "ehf_intake", kind="electricity", metering_points=True)
    switch_on(agency, "power_contract")
    due = {"issued_on": "2026-01-20", "due": "<cbc:DueDate>2026-02-10</cbc:DueDate>", "extra": meter(METER)}
    file = packed(
        invoice(number="E-1", **due), credit_note("E-1"), invoice(number="E-2", currency="EUR", **due),
        invoice(number="E-3", name="Ola Prøve", kid="", **due),
    )  # fmt: skip
    tried = take_in(agency, file)
    assert [(v.row, v.outcome) for v in tried.verdicts] == [(1, "accepted"), (3, "rejected"), (4, "accepted")]
    assert not tried.registered
    taken = take_in(agency, file, accept_valid=True)
    assert (taken.registered, taken.principal_ore) == (True, 104_334 + 154_334)
    assert [v.outcome for v in take_in(agency, file, accept_valid=True).verdicts] == [
        "duplicate", "rejected", "duplicate",
    ]  # fmt: skip
    case = World(agency).cases()[0]
    with open_tenant(agency) as tenant:
        (claim,) = facts_of(tenant, [case.id], MONDAY)[case.id].claims
    assert (claim.principal_ore, claim.kind, claim.value("metering_point")) == (104_334, "electricity", METER)


def test_a_csv_file_may_have_the_metering_point_and_a_wrong_one_is_told(agency: UUID) -> None:
    switch_on(agency, "power_contract")
    with open_tenant(agency) as tenant:
        schema = claim_schema(tenant, creditor_of(agency), clock.today(tenant))
        assert schema.validate(a_claim(metering_point="7070 5750 0012 345671")) == {}
        wrong = schema.validate(a_claim(metering_point="707057500012345670"))
    assert "Kontrollsifferet" in str(wrong["metering_point"])


def test_a_small_claim_is_refused_at_the_door_and_an_old_one_waits_for_a_person(agency: UUID) -> None:
    switch_on(agency, "minimum_claim", smallest_kroner=200)
    old = {"invoiced_on": "2022-11-01", "due_on": "2022-12-01"}
    report = register(agency, a_claim(amount="199,99"), a_claim(), a_claim(**old), accept_valid=True)
    assert [v.outcome for v in report.verdicts] == ["rejected", "accepted", "accepted"]
    assert "200,00 kr" in str(report.verdicts[0].errors)
    world = World(agency)
    held = [case for case in world.cases() if HoldReason.PERSON in world.holds(case)]
    assert [case.number for case in held] == [report.verdicts[2].case_number]


# --- letters --------------------------------------------------------------------------------------------------------


def test_what_looks_like_markup_is_printed_as_it_stands_and_moves_nothing(
    agency: UUID,
    install: Install,  # noqa: F811
) -> None:
    """A plugin cannot send the letter, or the money, to somebody else by what it writes."""
    install("markup", f"@hookimpl\ndef extend_letter(self, kind, language, case):\n    return {MARKUP!r}")
    claim = a_claim()
    plain = letter_of(agency, register(agency, claim).verdicts[0].case_number)
    switch_on(agency, "markup")
    other = register(agency, claim | {"invoice_number": "M-1", "debtor_name": "Per Prøve"}).verdicts[0].case_number
    told = letter_of(agency, other)
    assert (told.letter.recipient.address_lines, told.letter.recipient.name) == (
        plain.letter.recipient.address_lines, "Per Prøve",
    )  # fmt: skip
    assert told.letter.account == plain.letter.account
    pages = [page.extract_text() for page in PdfReader(BytesIO(told.pdf)).pages]
    printed = " ".join(" ".join(pages).split())
    for text in MARKUP:
        assert text in printed
    top = pages[0][: pages[0].index("Per Prøve")]
    assert "Ola Nordmann" not in top


def letter_of(tenant_id: UUID, number: int) -> OpenLetter:
    """The letter of tonight's night in a case."""
    World(tenant_id).night()
    with open_tenant(tenant_id) as tenant:
        case = get_case(tenant, number=number)
        found = sa.select(Dispatch.id).where(Dispatch.tenant_id == tenant_id, Dispatch.case_id == case.id)
        return open_letter(tenant, tenant.session.scalars(found).one())


# --- more time ------------------------------------------------------------------------------------------------------


def ask_for_time(tenant_id: UUID, number: int) -> DebtorRequest:
    with open_tenant(tenant_id) as tenant:
        case = get_case(tenant, number=number)
        return request_deferral(
            tenant, case.id, until=MONDAY + timedelta(days=10), today=MONDAY, now=at(MONDAY), actor="debtor"
        )


def a_statement(number: int, **changes: Any) -> dict[str, Any]:
    return {"case_number": number, "contract": "power", "active": True, "as_of": "2026-02-27", **changes}


def test_what_the_creditors_system_answers_refuses_more_time_with_its_name_and_day(agency: UUID, party: Any) -> None:
    own = creditor_of(agency)
    number = register(agency, a_claim(), creditor="nordlys-kraft").verdicts[0].case_number
    settings = {"ask_url": f"{party.address}/avtaler", "ask_token": "hemmelig", "ask_source": "Nordlys Kraft"}
    switch_on(agency, "power_contract", own, **settings)
    party.answers = [(503, b""), (200, json.dumps({"contracts": [a_statement(number)]}).encode())]
    assert collecting.collect(agency, own, "power_contract") == 0  # down: asked again later
    _let_time_pass(agency)
    assert collecting.collect(agency, own, "power_contract") == 1
    assert collecting.collect(agency, own, "power_contract") == 0  # once a day
    assert len(party.heard) == 2
    answer = ask_for_time(agency, number)
    assert answer.outcome == "refused"
    assert "Nordlys Kraft meldte 27. februar at du har en aktiv strømavtale" in answer.because[0]["message"]
    assert any("saksbehandler" in reason["message"] for reason in answer.because)


@pytest.fixture(scope="module")
def app(servers: Servers) -> Flask:
    return create_app(servers)


def test_the_creditors_system_tells_by_a_signed_call_and_switched_off_there_is_nobody_there(
    agency: UUID, app: Flask
) -> None:
    own = creditor_of(agency)
    number = register(agency, a_claim(), creditor="nordlys-kraft").verdicts[0].case_number
    other = register(agency, a_claim(kind="other"), creditor="bygda-bredband").verdicts[0].case_number
    switch_on(agency, "power_contract", own, push_secret=SECRET, push_source="Nordlys Kraft")
    with open_tenant(agency) as tenant:
        path = f"/x/{tenant.slug}/power_contract@nordlys-kraft/contracts"

    def tell(*stated: dict[str, Any], secret: str = SECRET) -> int:
        body, now = json.dumps({"contracts": stated}), datetime.now(UTC)
        headers = {
            "webhook-id": "m1", "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign("m1", now, body),
        }  # fmt: skip
        return app.test_client().post(path, data=body, headers=headers).status_code

    assert tell(a_statement(number), secret="whsec_" + "b" * 32) == 401
    assert tell(a_statement(number), a_statement(other)) == 422  # another creditor's case: nothing of it is kept
    assert reported(agency) == []
    assert tell(a_statement(number)) == 200
    assert reported(agency) == [("power.active_contract", True, "Nordlys Kraft")]
    assert ask_for_time(agency, number).outcome == "refused"
    with open_tenant(agency) as tenant:
        switch_plugin(tenant, "power_contract", creditor_id=own, enabled=False, now=at(MONDAY), actor="cli")
    assert tell(a_statement(number, active=False)) == 404


def reported(tenant_id: UUID) -> list[tuple[str, Any, str]]:
    with open_tenant(tenant_id) as tenant:
        query = sa.select(ReportedFact).where(ReportedFact.tenant_id == tenant_id)
        return [(row.name, row.value, row.source) for row in tenant.session.scalars(query)]


# --- telling a creditor's system --------------------------------------------------------------------------------------


def test_a_creditors_system_hears_of_its_cases_in_order_and_of_no_others(agency: UUID, party: Any) -> None:
    own = creditor_of(agency)
    switch_on(agency, "creditor_webhook", own, url=f"{party.address}/frist", secret=SECRET)
    _tell(agency)  # it begins here
    number = register(agency, a_claim(), creditor="nordlys-kraft").verdicts[0].case_number
    register(agency, a_claim(kind="other"), creditor="bygda-bredband")
    world = World(agency)
    world.until(MONDAY + timedelta(days=3))
    party.answers = [(503, b""), (200, b"")]
    _tell(agency)
    assert len(party.heard) == 1  # not taken: nothing overtakes it
    _tell(agency)
    assert len(party.heard) == 1  # and it is left alone for a while
    _let_time_pass(agency)
    _tell(agency)
    told = [Webhook(SECRET).verify(body, headers) for _, headers, body in party.heard]
    assert told[0]["id"] == told[1]["id"]
    assert {each["data"]["case_number"] for each in told} == {number}
    kinds = [each["type"] for each in told[1:]]
    assert kinds == ["case.registered", "letter.sent"]
    assert [each["timestamp"] for each in told] == sorted(each["timestamp"] for each in told)


def _tell(tenant_id: UUID) -> None:
    with open_tenant(tenant_id) as tenant:
        waiting = telling.due(tenant, clock.wall_now())
    for creditor_id, slug in waiting:
        telling.tell(tenant_id, creditor_id, slug)


def _let_time_pass(tenant_id: UUID) -> None:
    with open_tenant(tenant_id) as tenant:
        for row in tenant.session.scalars(sa.select(PluginReach).where(PluginReach.tenant_id == tenant_id)):
            row.again_at = row.again_at and row.again_at - timedelta(hours=2)
