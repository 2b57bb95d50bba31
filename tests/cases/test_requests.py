"""A debtor asks for more time: from the request to the answer, with the real plugin on the real database."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa

from saas.cases.lifecycle import cipher_of, close_case, get_case, place_hold
from saas.cases.models import Case, CaseHold, Debtor, DebtorRequest, ReportedFact
from saas.cases.requests import answer_day, answer_request, ask_for_person, report_facts, request_deferral
from saas.kernel import crypto
from saas.kernel.errors import BadInput, NotFound, Refused
from saas.kernel.history import HistoryEvent
from saas.rules.facts import Fact, HoldReason
from tenants.plugins import switch_plugin
from tenants.resolve import Tenant, open_tenant
from tests.builders import MONDAY, a_claim, at, register
from tests.cases.world import World
from tests.tenants.conftest import THROWS, Install, install

__all__ = ["install"]  # the fixture

ONE_WEEK = MONDAY + timedelta(days=7)
ANSWER_BY = date(2026, 3, 9)
POWER = "power.active_contract"


def a_case(tenant_id: UUID, creditor: str = "nordlys-kraft", **changes: Any) -> UUID:
    """A fresh case; Nordlys Kraft has the power contract plugin, Bygda Bredbånd has not."""
    (verdict,) = register(tenant_id, a_claim(**changes), creditor=creditor).verdicts
    with open_tenant(tenant_id) as tenant:
        return get_case(tenant, number=verdict.case_number).id


def tell(tenant_id: UUID, case_id: UUID, *facts: Fact) -> list[ReportedFact]:
    with open_tenant(tenant_id) as tenant:
        case = get_case(tenant, case_id)
        return report_facts(tenant, case, facts, today=MONDAY, now=at(MONDAY), actor="key:nordlys")


def ask(tenant_id: UUID, case_id: UUID, until: date = ONE_WEEK, today: date = MONDAY) -> DebtorRequest:
    with open_tenant(tenant_id) as tenant:
        return request_deferral(tenant, case_id, until=until, today=today, now=at(today), actor="debtor")


def answer(tenant_id: UUID, request: DebtorRequest, granted_until: date | None, message: str = "Det går bra.") -> None:
    with open_tenant(tenant_id) as tenant:
        answer_request(
            tenant,
            request.case_id,
            request.id,
            granted_until=granted_until,
            message=message,
            today=MONDAY,
            now=at(MONDAY),
            actor="user:1",
        )


def holds(tenant_id: UUID, case_id: UUID) -> dict[str, date | None]:
    """Standing holds: reason → last day."""
    with open_tenant(tenant_id) as tenant:
        rows = tenant.session.scalars(
            sa.select(CaseHold).where(CaseHold.case_id == case_id, CaseHold.lifted_on.is_(None))
        )
        return {row.reason: row.until for row in rows}


def codes(request: DebtorRequest) -> list[str]:
    return [reason["code"] for reason in request.because]


def shown(request: DebtorRequest) -> str:
    return " ".join(reason["message"] for reason in request.because if reason["shown"])


def told_in_history(tenant: Tenant, case_id: UUID, kind: str) -> list[dict[str, Any]]:
    cipher = cipher_of(get_case(tenant, case_id))
    events = tenant.session.scalars(
        sa.select(HistoryEvent).where(HistoryEvent.case_id == case_id, HistoryEvent.kind == kind)
    )
    return [orjson.loads(crypto.decrypt(cipher, event.body, event.id)) for event in events]


def active_contract(reported_on: date = MONDAY, value: bool = True, source: str = "Nordlys Kraft") -> Fact:
    return Fact(POWER, value, source, reported_on)


# --- the model plugin, end to end ---------------------------------------------------------------------------------


def test_an_active_contract_is_refused_with_the_fact_its_source_and_the_offer_of_a_person(agency: UUID) -> None:
    case_id = a_case(agency)
    tell(agency, case_id, active_contract(date(2026, 2, 20)))
    request = ask(agency, case_id)
    assert request.outcome == "refused"
    assert codes(request) == ["power_contract_active", "person_offered"]
    assert request.because[0]["fact"] == {
        "name": POWER,
        "value": True,
        "source": "Nordlys Kraft",
        "reported_on": "2026-02-20",
    }
    assert "Nordlys Kraft meldte 20. februar at du har en aktiv strømavtale" in shown(request)
    assert "svar innen mandag 9.\xa0mars 2026" in shown(request)
    assert holds(agency, case_id) == {}


def test_an_ended_contract_is_granted_and_the_case_stands_still_until_then(agency: UUID) -> None:
    case_id = a_case(agency)
    tell(agency, case_id, active_contract(value=False))
    request = ask(agency, case_id)
    assert (request.outcome, codes(request)) == ("granted", ["granted"])
    assert holds(agency, case_id) == {"deferred": ONE_WEEK}
    with open_tenant(agency) as tenant:
        case = get_case(tenant, case_id)
        assert (case.waits_for, case.next_action_on) == ("deferred", ONE_WEEK + timedelta(days=1))


def test_a_deferral_that_would_end_on_a_sunday_ends_on_the_banking_day_after(agency: UUID) -> None:
    case_id = a_case(agency, "bygda-bredband")
    request = ask(agency, case_id, until=date(2026, 3, 8))
    assert holds(agency, case_id) == {"deferred": date(2026, 3, 9)}
    assert "mandag 9.\xa0mars" in shown(request)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ((), "power_contract_unknown"),
        ((active_contract(date(2026, 1, 10)),), "power_contract_stale"),
        ((active_contract(), active_contract(value=False, source="Elhub")), "power_contract_contradictory"),
        ((Fact(POWER, "kanskje", "Nordlys Kraft", MONDAY),), "power_contract_contradictory"),
    ],
    ids=["missing", "stale", "contradictory", "neither yes nor no"],
)
def test_a_fact_in_doubt_goes_to_a_person_and_the_case_waits(agency: UUID, facts: tuple[Fact, ...], code: str) -> None:
    case_id = a_case(agency)
    tell(agency, case_id, *facts)
    request = ask(agency, case_id)
    assert request.outcome == "ask_person"
    assert codes(request) == [code, "answer_promised"]
    assert request.answer_by == ANSWER_BY
    assert holds(agency, case_id) == {"person": None}


def test_a_vulnerable_debtor_meets_a_person_and_the_row_that_creditors_read_does_not_say_why(agency: UUID) -> None:
    case_id = a_case(agency)
    tell(agency, case_id, active_contract())
    with open_tenant(agency) as tenant:
        debtor = sa.select(Case.debtor_id).where(Case.id == case_id).scalar_subquery()
        tenant.session.execute(sa.update(Debtor).where(Debtor.id == debtor).values(vulnerable=True))
    request = ask(agency, case_id)
    assert request.outcome == "ask_person"
    assert "ulnerable" not in str(request.because)
    assert "Vi kan ikke gi mer tid" not in shown(request)
    with open_tenant(agency) as tenant:
        (told,) = told_in_history(tenant, case_id, "deferral.ask_person")
    assert "vulnerable" in [reason["code"] for reason in told["because"]]


def test_the_other_creditors_debtors_are_not_asked_about_power_contracts(agency: UUID) -> None:
    case_id = a_case(agency, "bygda-bredband")
    tell(agency, case_id, active_contract())
    assert ask(agency, case_id).outcome == "granted"


def test_a_plugin_that_throws_leaves_the_answer_to_a_person(agency: UUID, install: Install) -> None:
    install("thrower", THROWS)
    case_id = a_case(agency, "bygda-bredband")
    with open_tenant(agency) as tenant:
        switch_plugin(tenant, "thrower", enabled=True, now=at(MONDAY), actor="cli")
    request = ask(agency, case_id)
    assert (request.outcome, codes(request)) == ("ask_person", ["plugin_trouble", "answer_promised"])


# --- the request itself -------------------------------------------------------------------------------------------


def test_every_answer_stands_in_the_history_with_its_reasons_and_the_plugins_asked(agency: UUID) -> None:
    case_id = a_case(agency)
    tell(agency, case_id, active_contract())
    request = ask(agency, case_id)
    with open_tenant(agency) as tenant:
        (told,) = told_in_history(tenant, case_id, "deferral.refused")
    assert told["request"] == str(request.id)
    assert told["because"][0]["fact"]["source"] == "Nordlys Kraft"
    assert "power_contract" in told["plugins"]


def test_more_time_than_one_can_take_oneself_or_a_second_time_goes_to_a_person(agency: UUID) -> None:
    long, again = a_case(agency, "bygda-bredband"), a_case(agency, "bygda-bredband")
    assert codes(ask(agency, long, until=MONDAY + timedelta(days=15)))[0] == "too_long"
    assert ask(agency, again).outcome == "granted"
    second = ask(agency, again, until=date(2026, 4, 10), today=date(2026, 4, 1))
    assert codes(second)[0] == "second_deferral"


def test_the_same_request_on_the_same_day_gets_the_first_answer(agency: UUID) -> None:
    case_id = a_case(agency)
    first = ask(agency, case_id)
    tell(agency, case_id, active_contract())
    assert ask(agency, case_id).id == first.id
    assert ask(agency, case_id, today=MONDAY + timedelta(days=1)).id != first.id


@pytest.mark.parametrize("until", [MONDAY, MONDAY - timedelta(days=1), date(2027, 3, 3)])
def test_a_day_that_has_been_or_is_more_than_a_year_away_is_bad_input(agency: UUID, until: date) -> None:
    with pytest.raises(BadInput) as caught:
        ask(agency, a_case(agency), until=until)
    assert "until" in caught.value.errors


def test_a_year_to_the_day_is_heard(agency: UUID) -> None:
    assert ask(agency, a_case(agency), until=date(2027, 3, 2)).outcome == "ask_person"


def test_a_closed_case_gets_no_more_time(agency: UUID) -> None:
    case_id = a_case(agency)
    with open_tenant(agency) as tenant:
        close_case(tenant, get_case(tenant, case_id), "withdrawn", on=MONDAY, now=at(MONDAY), actor="cli")
    with pytest.raises(Refused) as caught:
        ask(agency, case_id)
    assert caught.value.code == "closed"


def test_another_tenants_case_is_not_found(agency: UUID, power: UUID) -> None:
    with pytest.raises(NotFound):
        ask(power, a_case(agency))


# --- a person -----------------------------------------------------------------------------------------------------


def test_the_offer_of_a_person_is_real_and_the_case_waits_for_the_answer(agency: UUID) -> None:
    case_id = a_case(agency)
    tell(agency, case_id, active_contract())
    refused = ask(agency, case_id)
    with open_tenant(agency) as tenant:
        request = ask_for_person(tenant, case_id, refused.id, today=MONDAY, now=at(MONDAY), actor="debtor")
    assert (request.outcome, request.answer_by) == ("ask_person", ANSWER_BY)
    assert "person_offered" not in codes(request)
    assert "Vi kan ikke gi mer tid" not in shown(request)
    assert holds(agency, case_id) == {"person": None}


def test_a_person_who_says_yes_gives_a_deferral_and_the_waiting_ends(agency: UUID) -> None:
    case_id = a_case(agency)
    request = ask(agency, case_id)
    answer(agency, request, ONE_WEEK)
    assert holds(agency, case_id) == {"deferred": ONE_WEEK}
    with open_tenant(agency) as tenant:
        stored = tenant.session.get(DebtorRequest, (agency, request.id))
        assert stored is not None
        assert (stored.outcome, "Det går bra." in shown(stored)) == ("granted", True)


def test_a_person_who_says_no_lets_the_case_go_on_and_is_not_asked_again(agency: UUID) -> None:
    case_id = a_case(agency)
    request = ask(agency, case_id)
    answer(agency, request, None, "Vi kan dessverre ikke gi mer tid nå.")
    assert holds(agency, case_id) == {}
    with open_tenant(agency) as tenant:
        assert get_case(tenant, case_id).next_action_on == MONDAY
        with pytest.raises(Refused):
            ask_for_person(tenant, case_id, request.id, today=MONDAY, now=at(MONDAY), actor="debtor")
    with pytest.raises(Refused):
        answer(agency, request, ONE_WEEK)


def test_the_case_waits_while_one_of_two_requests_is_unanswered(agency: UUID) -> None:
    case_id = a_case(agency)
    first, second = ask(agency, case_id), ask(agency, case_id, until=date(2026, 3, 12))
    answer(agency, first, None)
    assert holds(agency, case_id) == {"person": None}
    answer(agency, second, None)
    assert holds(agency, case_id) == {}


def test_an_answer_does_not_lift_a_hold_that_a_case_handler_has_placed(agency: UUID) -> None:
    case_id = a_case(agency)
    with open_tenant(agency) as tenant:
        case = get_case(tenant, case_id)
        place_hold(
            tenant, case, HoldReason.PERSON, since=MONDAY, note="Ringer i morgen", now=at(MONDAY), actor="user:1"
        )
    answer(agency, ask(agency, case_id), None)
    assert holds(agency, case_id) == {"person": None}


def test_an_answer_needs_words_and_a_case_of_its_own(agency: UUID) -> None:
    request = ask(agency, a_case(agency))
    with pytest.raises(BadInput):
        answer(agency, request, None, "  ")
    with open_tenant(agency) as tenant, pytest.raises(NotFound):
        ask_for_person(tenant, a_case(agency), request.id, today=MONDAY, now=at(MONDAY), actor="debtor")
    with open_tenant(agency) as tenant, pytest.raises(NotFound):
        ask_for_person(tenant, request.case_id, uuid4(), today=MONDAY, now=at(MONDAY), actor="debtor")


@pytest.mark.parametrize(
    ("asked_on", "answered_by"),
    [
        (date(2026, 3, 2), date(2026, 3, 9)),  # five banking days
        (date(2026, 3, 7), date(2026, 3, 13)),  # a Saturday
        (date(2026, 3, 30), date(2026, 4, 1)),  # Holy Week; a week on is the day after Easter Monday
        (date(2026, 12, 24), date(2026, 12, 31)),
    ],
)
def test_a_person_answers_on_the_last_banking_day_within_a_week(asked_on: date, answered_by: date) -> None:
    assert answer_day(asked_on) == answered_by


# --- reported facts -----------------------------------------------------------------------------------------------


def test_what_is_reported_is_stored_once_with_who_said_it_and_when(agency: UUID) -> None:
    case_id = a_case(agency)
    assert len(tell(agency, case_id, active_contract(), active_contract())) == 1
    assert tell(agency, case_id, active_contract()) == []
    with open_tenant(agency) as tenant:
        (told,) = told_in_history(tenant, case_id, "fact.reported")
    assert told == {"name": POWER, "value": True, "source": "Nordlys Kraft", "reported_on": "2026-03-02"}


def test_the_number_one_is_another_statement_than_yes(agency: UUID) -> None:
    case_id = a_case(agency)
    assert len(tell(agency, case_id, active_contract(), Fact(POWER, 1, "Nordlys Kraft", MONDAY))) == 2


@pytest.mark.parametrize(
    ("fact", "field"),
    [
        (Fact("Power contract", True, "Nordlys Kraft", MONDAY), "name"),
        (Fact("power.active.contract", True, "Nordlys Kraft", MONDAY), "name"),
        (Fact(POWER, 1.5, "Nordlys Kraft", MONDAY), "value"),  # type: ignore[arg-type]
        (Fact(POWER, "x" * 201, "Nordlys Kraft", MONDAY), "value"),
        (Fact("limitation.acknowledged_on", "i fjor", "Nordlys Kraft", MONDAY), "value"),
        (Fact("limitation.judged_on", "2025-01-02 2099-01-01", "Nordlys Kraft", MONDAY), "value"),
        (Fact(POWER, True, " ", MONDAY), "source"),
        (Fact(POWER, True, "Nordlys\nKraft", MONDAY), "source"),
        (Fact(POWER, True, "Nordlys Kraft", MONDAY + timedelta(days=1)), "reported_on"),
    ],
)
def test_a_statement_that_cannot_be_right_is_told_by_row_and_field(agency: UUID, fact: Fact, field: str) -> None:
    case_id = a_case(agency)
    with pytest.raises(BadInput) as caught:
        tell(agency, case_id, active_contract(), fact)
    assert caught.value.errors.keys() == {"1"}
    assert field in caught.value.errors["1"]  # type: ignore[operator]
    with open_tenant(agency) as tenant:
        assert tenant.session.scalars(sa.select(ReportedFact).where(ReportedFact.case_id == case_id)).all() == []


def test_the_moment_of_the_request_is_the_tenants_own(agency: UUID) -> None:
    case_id = a_case(agency)
    ask(agency, case_id)
    with open_tenant(agency) as tenant:
        query = sa.select(HistoryEvent.happened_at).where(HistoryEvent.kind == "deferral.ask_person")
        assert tenant.session.scalars(query).all() == [datetime(2026, 3, 2, 8, tzinfo=UTC)]


def test_more_time_has_the_same_grace_for_payments_under_way_as_a_letters_deadline(agency: UUID) -> None:
    register(agency)
    world = World(agency)
    [case] = world.cases()
    with open_tenant(agency) as tenant:
        until = date(2026, 3, 6)  # a Friday: the three banking days after it are Monday to Wednesday
        place_hold(
            tenant,
            get_case(tenant, case.id),
            HoldReason.DEFERRED,
            since=MONDAY,
            until=until,
            now=at(MONDAY),
            actor="debtor",
        )
    assert world.until(date(2026, 3, 13)) == {date(2026, 3, 12): {"reminder": 1}}
