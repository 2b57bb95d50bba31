"""Plugins where the core asks them: at intake, at night, in letters, on pages, in workers."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

import workers.jobs
from saas.cases import collecting, telling
from saas.cases.certificates import open_certificates
from saas.cases.claim_fields import claim_template, read_claims
from saas.cases.facts import facts_of
from saas.cases.models import Claim, ReportedFact
from saas.cases.plugin_routes import answer_route
from saas.dispatch.models import Dispatch
from saas.documents.letter import LetterKind
from saas.documents.models import StoredLetter
from saas.hooks import RouteRequest
from saas.kernel import clock
from saas.kernel.errors import BadInput, NotFound
from saas.kernel.ids import NIL
from saas.rules.facts import HoldReason
from tenants.models import Mode, PluginReach, PluginTrouble
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, at, creditor_of, register
from tests.cases.world import World
from tests.tenants.conftest import Install


def switch(tenant_id: UUID, slug: str, *, creditor_id: UUID = NIL, mode: Mode = Mode.ON, **settings: Any) -> None:
    with open_tenant(tenant_id) as tenant:
        switch_plugin(
            tenant, slug, creditor_id=creditor_id, mode=mode, settings=settings, now=at(MONDAY), actor="cli"
        )  # fmt: skip


def certificates(tenant_id: UUID) -> list[dict[str, Any]]:
    with open_tenant(tenant_id) as tenant:
        return [json.loads(c.record or b"{}") for c in open_certificates(tenant)]


# --- the night ------------------------------------------------------------------------------------------------------


def test_a_lower_fee_is_charged_printed_and_certified_and_the_verifier_agrees(agency: UUID, install: Install) -> None:
    install("frugal", "@hookimpl\ndef limit_fee(self, fee, case):\n    return 1000")
    switch(agency, "frugal")
    register(agency)
    world = World(agency)
    world.until(date(2026, 5, 20))
    fees = [letter.fee_ore for letter in world.letters()]
    assert fees[0] == 1000
    assert max(fees) <= 1000
    answer = certificates(agency)[0]["plugins"]
    assert answer == [
        {"hook": "limit_fee", "plugin": "frugal", "cost": "notice_fee", "lawful_ore": 3800, "amount_ore": 1000}
    ]
    assert world.unlawful() == []


def test_a_fee_of_nothing_sends_the_letter_without_one(agency: UUID, install: Install) -> None:
    install("free", "@hookimpl\ndef limit_fee(self, fee, case):\n    return 0")
    switch(agency, "free")
    register(agency)
    world = World(agency)
    world.until(date(2026, 6, 20))
    assert [letter.fee_ore for letter in world.letters()] == [0, 0, 0]
    assert world.cases()[0].waits_for == "fee_not_raised"
    assert world.unlawful() == []


def test_a_plugin_that_waits_puts_the_step_off_and_no_letter_is_queued(agency: UUID, install: Install) -> None:
    install(
        "patient",
        "@hookimpl\ndef choose_step(self, offer, case, today):\n"
        "    if today < date(2026, 3, 9):\n"
        "        return Wait(date(2026, 3, 9), Because('patient', 'Vi venter til mandag.'))",
    )
    switch(agency, "patient")
    register(agency)
    world = World(agency)
    assert world.night().steps == {"wait:patient": 1}
    (case,) = world.cases()
    assert (case.next_action_on, case.waits_for) == (date(2026, 3, 9), "patient")
    assert list(world.until(date(2026, 3, 9))) == [date(2026, 3, 9)]


def test_a_reminder_can_be_chosen_where_the_tenant_sends_none(agency: UUID, install: Install) -> None:
    with open_tenant(agency) as tenant:
        tenant.settings.policy = {**tenant.settings.policy, "send_reminder": False}
    install("gentle", "@hookimpl\ndef choose_step(self, offer, case, today):\n    return offer[0].step")
    switch(agency, "gentle")
    register(agency)
    world = World(agency)
    assert world.night().steps == {"reminder": 1}
    assert world.unlawful() == []


def test_a_kind_letter_goes_before_the_demand_once_and_costs_nothing(agency: UUID) -> None:
    switch(agency, "kind_first")
    register(agency)
    world = World(agency)
    world.until(date(2026, 5, 20))
    reminder, notice, demand = world.letters()
    with open_tenant(agency) as tenant:
        query = sa.select(Dispatch).where(Dispatch.tenant_id == agency, Dispatch.kind == LetterKind.CONTACT_LETTER)
        (contact,) = tenant.session.scalars(query)
    assert (contact.state, contact.fee_ore) == ("sent", 0)
    assert (demand.decided_on - contact.decided_on).days >= 7
    assert [letter.step for letter in (reminder, notice, demand)] == ["reminder", "collection_notice", "payment_demand"]
    assert world.unlawful() == []


def test_trouble_in_a_fee_holds_the_case_and_charges_nothing(agency: UUID, install: Install) -> None:
    install("odd", "@hookimpl\ndef limit_fee(self, fee, case):\n    return 1 / 0")
    switch(agency, "odd")
    register(agency)
    world = World(agency)
    assert world.night().steps == {"hold:plugin_trouble": 1}
    assert world.letters() == []


def test_trouble_over_the_way_out_holds_the_letter_and_it_leaves_when_the_plugin_is_off(
    agency: UUID, install: Install
) -> None:
    install("lost", "@hookimpl\ndef choose_channel(self, offer, letter_kind, case):\n    raise ValueError")
    switch(agency, "lost")
    register(agency)
    world = World(agency)
    world.night()
    [case] = world.cases()
    assert [(letter.state, letter.why) for letter in world.letters()] == [("withdrawn", "plugin_trouble")]
    assert world.holds(case) == [HoldReason.PLUGIN_TROUBLE]
    with open_tenant(agency) as tenant:
        assert tenant.session.scalars(sa.select(PluginTrouble.error)).all() == ["ValueError"]
        switch_plugin(tenant, "lost", creditor_id=NIL, enabled=False, now=at(MONDAY), actor="cli")
    world.next_day()
    world.night()
    assert [letter.state for letter in world.letters()] == ["withdrawn", "handed_over"]


# --- intake ---------------------------------------------------------------------------------------------------------

INTAKE = """
@hookimpl
def refuse_claim(self, claim, creditor):
    if claim.principal_ore < 10_000:
        return Refusal(Because("too_small", "Kravet er for lite."))
    if claim.kind == "other":
        return AskPerson(Because("odd_kind", "En saksbehandler ser på kravet."))

@hookimpl
def extend_claim_fields(self):
    return [ClaimField("meter", "Måler", "Nummeret på måleren.", "1", FieldKind.NUMBER, synonyms=("målernummer",)),
            ClaimField("amount", "Hides ours", "", "1")]
"""


def test_a_claim_is_refused_or_put_before_a_person(agency: UUID, install: Install) -> None:
    install("picky", INTAKE)
    switch(agency, "picky")
    report = register(agency, a_claim(amount="50"), a_claim(), accept_valid=True)
    assert [(v.outcome, v.errors) for v in report.verdicts] == [
        ("rejected", {"row": ["Kravet er for lite."]}),
        ("accepted", {}),
    ]
    register(agency, a_claim(kind="other"))
    world = World(agency)
    assert [world.holds(case) for case in world.cases()] == [[], ["person"]]
    assert world.night().steps == {"reminder": 1, "wait:hold.person": 1}


def test_trouble_at_intake_registers_the_claim_and_holds_it(agency: UUID, install: Install) -> None:
    install("picky", "@hookimpl\ndef refuse_claim(self, claim, creditor):\n    return 1 / 0")
    switch(agency, "picky")
    assert register(agency).counts["accepted"] == 1
    world = World(agency)
    assert world.holds(world.cases()[0]) == [HoldReason.PLUGIN_TROUBLE]


def test_a_field_of_a_plugin_is_in_template_and_file_and_stands_in_the_facts(agency: UUID, install: Install) -> None:
    install("picky", INTAKE)
    creditor_id = creditor_of(agency)
    with pytest.raises(BadInput), open_tenant(agency) as tenant:
        list(read_claims(tenant, creditor_id, "målernummer\n1\n".encode()))
    switch(agency, "picky")
    register(agency, a_claim(meter="70 705"))
    with open_tenant(agency) as tenant:
        assert b"meter" in claim_template(tenant, creditor_id).splitlines()[0]
        claim = tenant.session.scalars(sa.select(Claim).where(Claim.tenant_id == agency)).one()
        facts = facts_of(tenant, [claim.case_id], MONDAY)[claim.case_id]
    assert claim.extra == {"meter": 70705}
    assert facts.claims[0].value("meter") == 70705
    wrong = register(agency, a_claim(meter="abc"))
    assert wrong.verdicts[0].errors == {"meter": ["Måler må være et helt tall."]}


FORMAT = """
class Reader:
    format, name, suffixes, largest_bytes = "mine", "Min fil", (".mine",), 1024**2
    def recognises(self, head):
        return head.startswith(b"MINE")
    def read(self, file):
        text = file.read().decode()
        if "bad" in text:
            raise IntakeFileError("Filen er avkortet.")
        yield IntakeRow(1, {"invoice_number": "M-1"}, "")
@hookimpl
def provide_intake_formats(self):
    return [Plugin.Reader()]
"""


def test_a_file_goes_to_the_reader_that_knows_it_and_to_csv_when_it_is_off(agency: UUID, install: Install) -> None:
    install("mine", FORMAT)
    switch(agency, "mine")
    creditor_id = creditor_of(agency)
    with open_tenant(agency) as tenant:
        assert [row.values for row in read_claims(tenant, creditor_id, b"MINE")] == [{"invoice_number": "M-1"}]
        with pytest.raises(BadInput, match="avkortet"):
            list(read_claims(tenant, creditor_id, b"MINE bad"))
    switch(agency, "mine", mode=Mode.OFF)
    with open_tenant(agency) as tenant, pytest.raises(BadInput, match="kolonnene"):
        list(read_claims(tenant, creditor_id, b"MINE"))


# --- letters and routes ---------------------------------------------------------------------------------------------


def test_a_paragraph_of_a_plugin_stands_in_the_letter(agency: UUID, install: Install) -> None:
    install("chatty", "@hookimpl\ndef extend_letter(self, kind, language, case):\n    return [f'{kind} {language}']")
    switch(agency, "chatty")
    register(agency)
    World(agency).night()
    with open_tenant(agency) as tenant:
        from saas.cases.lifecycle import cipher_of, get_case
        from saas.kernel import crypto

        letter = tenant.session.scalars(sa.select(StoredLetter).where(StoredLetter.tenant_id == agency)).one()
        told = crypto.decrypt(cipher_of(get_case(tenant, letter.case_id)), bytes(letter.facts), letter.id)
    assert b"reminder nb" in told


ROUTES = """
def _answer(self, request):
    if request.body == b"io":
        open("/etc/passwd")
    fact = Fact("power.active_contract", True, "Systemet", request.today)
    return RouteAnswer(data={"ok": 1}, facts=(CaseFact(int(request.body), fact, 30),))
@hookimpl
def provide_routes(self):
    return [Route("contracts", ("POST",), self._answer)]
"""


def ask_route(tenant_id: UUID, body: bytes, creditor_id: UUID = NIL, method: str = "POST") -> int:
    request = RouteRequest(method, "contracts", {}, {}, body, MONDAY, datetime(2026, 3, 2, tzinfo=UTC))
    with open_tenant(tenant_id) as tenant:
        return answer_route(tenant, "routed", creditor_id, request, today=MONDAY, now=at(MONDAY)).status


def test_facts_that_come_by_a_plugins_own_path_are_kept_with_their_age_and_off_is_silent(
    agency: UUID, install: Install
) -> None:
    install("routed", ROUTES)
    register(agency)
    (case,) = World(agency).cases()
    body = str(case.number).encode()
    with pytest.raises(NotFound):
        ask_route(agency, body)
    switch(agency, "routed")
    assert ask_route(agency, body) == 200
    with pytest.raises(NotFound):
        ask_route(agency, body, method="GET")
    with pytest.raises(BadInput):
        ask_route(agency, b"99999999")
    assert ask_route(agency, b"io") == 500
    with open_tenant(agency) as tenant:
        fact = tenant.session.scalars(sa.select(ReportedFact).where(ReportedFact.tenant_id == agency)).one()
    assert (fact.source, fact.good_until) == ("Systemet", MONDAY + timedelta(days=30))
    switch(agency, "routed", mode=Mode.OFF)
    with pytest.raises(NotFound):
        ask_route(agency, body)


# --- in workers -----------------------------------------------------------------------------------------------------

COLLECTS = """
asked = []
@hookimpl
def collect_facts(self, cases, today):
    Plugin.asked.append(len(cases))
    if Plugin.asked == [1]:
        raise OSError("down")
    return [CollectedFact(case.case_id, Fact("power.active_contract", True, "Nordlys", today), 7) for case in cases]
"""


def reach(tenant_id: UUID, hook: str) -> PluginReach:
    with open_tenant(tenant_id) as tenant:
        query = sa.select(PluginReach).where(PluginReach.tenant_id == tenant_id, PluginReach.hook == hook)
        return tenant.session.scalars(query.where(PluginReach.slug.in_(("asker", "listener")))).one()


def test_facts_are_collected_once_a_day_and_again_after_a_failure(agency: UUID, install: Install) -> None:
    install("asker", COLLECTS)
    creditor_id = creditor_of(agency)
    register(agency)
    switch(agency, "asker", creditor_id=creditor_id)
    waits = lambda: _due(agency, collecting)  # noqa: E731
    assert waits() == [(creditor_id, "asker")]
    assert collecting.collect(agency, creditor_id, "asker") == 0
    assert (reach(agency, "collect_facts").failures, waits()) == (1, [])
    assert collecting.collect(agency, creditor_id, "asker") == 0  # not yet
    _let_time_pass(agency)
    workers.jobs.collect_facts(str(agency), str(creditor_id), "asker")
    row = reach(agency, "collect_facts")
    assert (row.failures, row.done_on, waits()) == (0, MONDAY, [])
    with open_tenant(agency) as tenant:
        (fact,) = tenant.session.scalars(sa.select(ReportedFact).where(ReportedFact.tenant_id == agency))
        troubles = tenant.session.scalars(sa.select(PluginTrouble.error).where(PluginTrouble.tenant_id == agency))
        assert list(troubles) == ["OSError"]
    assert fact.good_until == MONDAY + timedelta(days=7)


LISTENS = """
told, fail = [], []
@hookimpl
def on_case_event(self, event, case):
    if event.kind in Plugin.fail:
        raise OSError
    Plugin.told.append((event.kind, event.case_number, event.creditor_slug, str(event.id)))
"""


def test_events_are_told_in_order_at_least_once_and_never_of_the_time_it_was_off(
    agency: UUID, install: Install
) -> None:
    from tenants.installed import installed_plugins

    install("listener", LISTENS)
    creditor_id = creditor_of(agency)
    register(agency)
    switch(agency, "listener")
    assert (creditor_id, "listener") not in _due(agency, telling)  # what was before is not told
    register(agency)
    plugin: Any = installed_plugins()["listener"].plugin
    plugin.fail.append("case.registered")
    assert (creditor_id, "listener") in _due(agency, telling)
    assert telling.tell(agency, creditor_id, "listener") == 0
    plugin.fail.clear()
    _let_time_pass(agency)
    workers.jobs.tell_plugin(str(agency), str(creditor_id), "listener")
    kinds = [kind for kind, *_ in plugin.told]
    assert "case.registered" in kinds
    assert len(plugin.told) == len(set(plugin.told))
    assert (creditor_id, "listener") not in _due(agency, telling)
    switch(agency, "listener", mode=Mode.OFF)
    register(agency)
    switch(agency, "listener")
    assert (creditor_id, "listener") not in _due(agency, telling)


def _due(tenant_id: UUID, module: Any) -> list[tuple[UUID, str]]:
    with open_tenant(tenant_id) as tenant:
        return [one for one in module.due(tenant, clock.wall_now()) if one[1] in ("asker", "listener")]


def _let_time_pass(tenant_id: UUID) -> None:
    with open_tenant(tenant_id) as tenant:
        tenant.session.execute(sa.update(PluginReach).where(PluginReach.tenant_id == tenant_id).values(again_at=None))
