"""The debtor's way: in with the letter, see every øre, ask for more time."""

import re
import time
from datetime import timedelta

import pytest
from flask import Flask

from saas.cases.lifecycle import get_case
from saas.cases.models import CaseHold, DebtorRequest
from saas.cases.queries import case_view
from saas.kernel import clock
from saas.portals.shared.limits import limiter
from tenants.resolve import open_tenant
from tests.portals.conftest import FRIDAY, Visitor, World
from tests.portals.world import letter_of


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page).replace("\xa0", " "))


# --- in and out -----------------------------------------------------------------------------------------------------


def test_case_number_and_letter_code_open_the_case(visitor: Visitor, world: World) -> None:
    response = visitor.log_in(world, world.power)
    assert response.status_code == 303
    assert visitor.get(response.location).status_code == 200


def test_a_code_typed_with_small_letters_and_a_hyphen_is_taken(visitor: Visitor, world: World) -> None:
    code = letter_of(world.tenant_id, world.power).code.lower()
    visitor.get("/")
    typed = f" {code[:4]}-{code[4:]} "
    assert visitor.post("/", case_number=f"{world.power} ", code=typed).status_code == 303


def test_a_wrong_code_and_an_unknown_case_are_told_with_the_same_words(visitor: Visitor, world: World) -> None:
    visitor.get("/")
    wrong = visitor.post("/", case_number=str(world.power), code="AAAA-AAAA")
    unknown = visitor.post("/", case_number="999999", code="AAAA-AAAA")
    assert wrong.status_code == unknown.status_code == 422
    shown = [re.sub(r'value="[^"]*"', "", page.get_data(as_text=True)) for page in (wrong, unknown)]
    assert shown[0] == shown[1]
    assert "<title>Feil: " in shown[0]


def test_the_qr_link_says_nothing_about_whether_it_or_the_case_exists(visitor: Visitor, world: World) -> None:
    with open_tenant(world.tenant_id) as tenant:
        token = get_case(tenant, number=world.power).link_token
    real, made_up = visitor.get(f"/l/{token}"), visitor.get("/l/aaaaaaaaaaaa")
    assert real.status_code == made_up.status_code == 303
    assert real.location == f"/t/{world.slug}/b/{token}"
    assert made_up.location == f"/t/{world.slug}/b/aaaaaaaaaaaa"


def test_another_debtors_code_does_not_open_this_case(visitor: Visitor, world: World) -> None:
    visitor.get("/")
    code = letter_of(world.tenant_id, world.fibre).code
    assert visitor.post("/", case_number=str(world.power), code=code).status_code == 422


def test_too_many_wrong_codes_for_a_case_are_stopped_with_the_time_to_come_back(visitor: Visitor, world: World) -> None:
    visitor.get("/")
    for _ in range(10):
        assert visitor.post("/", case_number=str(world.power), code="AAAA-AAAA").status_code == 422
    stopped = visitor.post("/", case_number=f" {world.power}", code=letter_of(world.tenant_id, world.power).code)
    assert stopped.status_code == 429
    assert re.search(r"Vent til klokken \d\d\.\d\d og prøv igjen", stopped.text)
    assert int(stopped.headers["Retry-After"]) > 60
    assert visitor.post("/", case_number=str(world.fibre), code="AAAA-AAAA").status_code == 422, "other cases are free"


def test_right_codes_never_count_as_attempts(visitor: Visitor, world: World) -> None:
    for _ in range(12):
        assert visitor.log_in(world, world.power).status_code == 303


def test_nothing_is_shown_to_somebody_who_is_not_signed_in(visitor: Visitor) -> None:
    for path in ("/case", "/case/more-time", "/case/disagree"):
        response = visitor.get(path)
        assert response.status_code == 303
        assert "grunn=logg-inn" in response.location


def test_logging_out_makes_a_copy_of_the_cookie_worthless(app: Flask, visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    visitor.get("/case")
    copied = visitor.client.get_cookie("frist", path=f"/t/{world.slug}")
    assert copied is not None
    visitor.post("/logout")
    thief = app.test_client()
    thief.set_cookie("frist", copied.value, path=f"/t/{world.slug}")
    assert thief.get(f"/t/{world.slug}/case").status_code == 303


def test_a_session_ends_when_nothing_is_done_with_it(
    app: Flask, visitor: Visitor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PERMANENT_SESSION_LIFETIME", timedelta(seconds=1))
    visitor.log_in(world, world.power)
    cookie = visitor.client.get_cookie("frist", path=f"/t/{world.slug}")
    assert cookie is not None
    time.sleep(2.1)
    visitor.client.set_cookie("frist", cookie.value, path=f"/t/{world.slug}")  # even if the browser kept it
    assert visitor.get("/case").status_code == 303


def test_a_debtors_session_opens_nothing_at_another_tenant_or_at_the_desk(
    app: Flask, visitor: Visitor, world: World, power: object
) -> None:
    visitor.log_in(world, world.power)
    with open_tenant(power) as other:  # type: ignore[arg-type]
        slug = other.slug
    cookie = visitor.client.get_cookie("frist", path=f"/t/{world.slug}")
    assert cookie is not None
    visitor.client.set_cookie("frist", cookie.value, path=f"/t/{slug}")
    assert visitor.get(f"/t/{slug}/case").status_code == 303
    assert visitor.get("/creditor/cases").status_code == 303


# --- the case -------------------------------------------------------------------------------------------------------


def test_the_case_page_says_who_how_much_by_when_and_how(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    page = _text(visitor.get("/case").get_data(as_text=True))
    assert "Du skylder Nordlys Kraft AS 1 287,78 kr" in page  # 1 240,00 + 9,78 + 38,00
    assert "Fristen er fredag 20. mars 2026" in page
    assert "9999 01 00000" in page
    for way in ("Betal", "Be om mer tid", "Jeg er uenig", "Snakk med oss"):
        assert way in page


def test_every_line_of_the_sum_is_there_and_they_add_up(visitor: Visitor, world: World) -> None:
    with open_tenant(world.tenant_id) as tenant:
        case_id = get_case(tenant, number=world.power).id
        view = case_view(tenant, case_id, clock.today(tenant))
    assert view.owed is not None
    assert sum(line.amount_ore for line in view.owed.lines) == view.total_ore == 128_778
    visitor.log_in(world, world.power)
    page = _text(visitor.get("/case").get_data(as_text=True))
    assert "12,00 % av 1 240,00 kr i 24 dager av 365" in page
    assert "Purregebyr Gebyr for purring sendt 3. mars 2026. 38,00 kr" in page
    assert "Slik regnet vi" in page


def test_what_comes_next_is_told_with_day_cost_and_what_stops_it(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    page = _text(visitor.get("/case").get_data(as_text=True))
    assert "Du kan få et inkassovarsel Tidligst torsdag 26. mars 2026" in page
    assert "Det kan koste deg inntil 38,00 kr mer" in page
    assert "Det skjer ikke hvis du betaler, får mer tid eller sier at du er uenig" in page


def test_a_disputed_case_does_not_press_for_payment(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.disputed)
    page = _text(visitor.get("/case").get_data(as_text=True))
    assert "Saken står på vent" in page
    assert "Du skylder" not in page
    assert "Fristen" not in page
    assert "intern merknad" not in page


def test_a_closed_case_shows_its_state_and_no_way_to_pay(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.closed)
    page = _text(visitor.get("/case").get_data(as_text=True))
    assert "Saken er avsluttet" in page
    assert "Kravet er trukket tilbake" in page
    assert "Kontonummer" not in page
    assert visitor.get("/case/more-time").status_code == 303


def test_the_words_no_debtor_should_meet_are_nowhere(visitor: Visitor, world: World) -> None:
    pages = [visitor.get("/").text]
    for number in (world.power, world.disputed, world.closed):
        visitor.log_in(world, number)
        pages += [visitor.get(path).text for path in ("/case", "/case/more-time", "/case/disagree")]
    for word in ("skyldner", "debitor", "unnlatt", "!</", "straks", "avslått"):
        assert not any(word in _text(page).lower() for page in pages), word


def test_a_debtor_page_weighs_less_than_60_kb(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    page = visitor.get("/case").get_data(as_text=True)
    parts = re.findall(r'<link rel="[^"]*" href="([^"]+)"', page)
    weight = len(page.encode()) + sum(len(visitor.get(part).data) for part in parts)
    assert len(parts) == 3
    assert weight < 60_000


# --- more time ------------------------------------------------------------------------------------------------------


def _ask(visitor: Visitor, world: World, number: int, until: str) -> str:
    visitor.log_in(world, number)
    visitor.get("/case/more-time")
    response = visitor.post("/case/more-time", until=until)
    assert response.status_code == 303, _text(response.text)
    assert visitor.get(response.location).status_code == 200
    return str(response.location)


def test_no_more_time_while_a_power_contract_runs_and_the_reason_its_source_and_a_person_are_offered(
    visitor: Visitor, world: World
) -> None:
    _ask(visitor, world, world.power, "2026-03-20")
    page = _text(visitor.last)
    assert "Vi kan ikke gi mer tid" in page
    assert "Nordlys Kraft AS meldte 3. mars at du har en aktiv strømavtale" in page
    assert "Meldt av Nordlys Kraft AS" in page
    assert "Meldt tirsdag 3. mars 2026" in page
    assert "Be en saksbehandler se på saken" in page
    assert 'class="note calm"' in visitor.last


def test_asking_twice_gives_the_first_answer(visitor: Visitor, world: World) -> None:
    first = _ask(visitor, world, world.power, "2026-03-19")
    assert _ask(visitor, world, world.power, "2026-03-19") == first


def test_a_refused_debtor_can_have_a_person_look_and_the_case_waits_meanwhile(visitor: Visitor, world: World) -> None:
    answer = _ask(visitor, world, world.power, "2026-03-18")
    assert visitor.post(f"{answer}/person").status_code == 303
    page = _text(visitor.get(answer).get_data(as_text=True))
    assert "En saksbehandler ser på ønsket ditt" in page
    assert "Du får svar innen fredag 13. mars 2026" in page
    with open_tenant(world.tenant_id) as tenant:
        case = get_case(tenant, number=world.power)
        holds = tenant.session.query(CaseHold).filter_by(tenant_id=tenant.id, case_id=case.id, lifted_on=None).all()
        assert [hold.reason for hold in holds] == ["person"]


def test_more_time_is_granted_at_once_where_nothing_speaks_against_it(visitor: Visitor, world: World) -> None:
    _ask(visitor, world, world.fibre, "2026-03-20")
    assert "Du har fått mer tid, til og med fredag 20. mars 2026." in _text(visitor.last)
    page = _text(visitor.get("/case").get_data(as_text=True))
    assert "Du har fått mer tid. Fristen er nå fredag 20. mars 2026" in page


def test_a_day_that_has_been_is_sent_back_with_what_to_do(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.fibre)
    visitor.get("/case/more-time")
    response = visitor.post("/case/more-time", until="2026-03-06")
    assert response.status_code == 422
    assert "Velg en dag etter i dag." in response.text
    assert 'aria-invalid="true"' in response.text
    assert 'value="2026-03-06"' in response.text


def test_nobody_reads_another_debtors_answer(visitor: Visitor, world: World) -> None:
    answer = _ask(visitor, world, world.power, "2026-03-17")
    visitor.log_in(world, world.fibre)
    assert visitor.get(answer).status_code == 404
    visitor.get("/case/more-time")
    assert visitor.post(f"{answer}/person").status_code == 404


def test_a_request_is_the_debtors_own_in_the_record(visitor: Visitor, world: World) -> None:
    _ask(visitor, world, world.power, "2026-03-16")
    with open_tenant(world.tenant_id) as tenant:
        asked = tenant.session.query(DebtorRequest).filter_by(tenant_id=tenant.id).all()
        assert {request.asked_by for request in asked} == {"debtor"}
        assert {request.asked_on for request in asked} == {FRIDAY}


def test_attempts_are_counted_where_every_process_sees_them(app: Flask) -> None:
    assert limiter.storage.__class__.__name__ == "RedisStorage"
