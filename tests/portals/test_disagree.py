"""«Jeg er uenig», from the form to the answer: the debtor's pages and the creditor's."""

import re

import pytest
from flask import Flask

from saas.cases.objections import objections_of
from saas.kernel import clock
from saas.kernel.servers import Servers
from saas.portals.shared.limits import limiter
from saas.rules.objections import Outcome, Standing
from tenants.resolve import open_tenant
from tests.builders import a_claim, make_agency, register
from tests.portals.conftest import FRIDAY, Visitor, World
from tests.portals.world import add_people, letter_of, slug_of, walk

WHAT = {"kind": "wrong_amount", "text": "Strømmen kostet halvparten.\nSe avtalen.", "disputed": "240,00"}


@pytest.fixture(scope="module")
def disputing(servers: Servers) -> World:
    """Four cases of one creditor on Friday 6 March 2026, each with its reminder, and none disputed yet."""
    tenant_id = make_agency(servers)
    numbers = [
        register(tenant_id, a_claim(debtor_name=f"Kari Uenig {nth}"), creditor="nordlys-kraft").verdicts[0].case_number
        for nth in range(4)
    ]
    walk(tenant_id, FRIDAY)
    slug = slug_of(tenant_id)
    return World(tenant_id, slug, add_people(tenant_id, slug), *(number or 0 for number in numbers))


@pytest.fixture
def debtor(app: Flask, disputing: World) -> Visitor:
    with app.app_context():
        limiter.reset()
    return Visitor(app.test_client(), disputing.slug)


@pytest.fixture
def creditor(app: Flask, disputing: World) -> Visitor:
    return Visitor(app.test_client(), disputing.slug)


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page).replace("\xa0", " "))


def state(world: World, number: int) -> tuple[Standing, Outcome | None]:
    with open_tenant(world.tenant_id) as tenant:
        newest = objections_of(tenant, letter_of(world.tenant_id, number).case_id, clock.today(tenant))[0]
        return newest.standing, newest.outcome


def say_no(debtor: Visitor, world: World, number: int, **changes: str) -> str:
    """Log in, disagree, and come to the page that says what happens next; its address."""
    debtor.log_in(world, number)
    debtor.get("/case/disagree")
    sent = debtor.post("/case/disagree", **WHAT | changes)
    assert sent.status_code == 303, text(sent.text)
    return str(sent.location)


def test_the_debtor_says_what_is_wrong_and_the_creditor_gives_in(
    debtor: Visitor, creditor: Visitor, disputing: World
) -> None:
    where = say_no(debtor, disputing, disputing.power)
    done = text(debtor.get(where).text)
    assert "Saken står på vent fra nå" in done
    assert "Du får svar innen fredag 13. mars 2026." in done
    assert "Strømmen kostet halvparten. Se avtalen." in done
    case = text(debtor.get("/case").text)
    assert "Saken står på vent" in case
    assert "Beløpet er feil Venter på svar. Du får svar innen fredag 13. mars 2026." in case

    creditor.sign_in(disputing, "nordlys-kraft")
    assert f"Svar i sak {disputing.power}" in text(creditor.get("/creditor/cases").text)
    page = creditor.get(f"/creditor/cases/{disputing.power}")
    link = re.search(rf'href="([^"]*/cases/{disputing.power}/objections/[^"]+)"', page.text)
    assert link
    asked = creditor.get(link[1])
    assert "Strømmen kostet halvparten." in asked.text
    assert "grunnløs" not in asked.text, "only staff may find that"
    answered = creditor.post(link[1], outcome="adjusted", reason="Vi leste av feil.", taken_off="240")
    assert answered.status_code == 303
    assert "Beløpet settes ned. Besvart" in text(creditor.get(link[1]).text)
    assert "240,00 kr er trukket fra, og kostnadene i saken er tatt bort" in text(creditor.last)

    told = text(debtor.get(where).text)
    assert "Beløpet er satt ned med 240,00 kr." in told
    assert "Vi leste av feil." in told
    assert "Du har en ny frist: mandag 23. mars 2026." in told
    assert state(disputing, disputing.power) == (Standing.ANSWERED, Outcome.ADJUSTED)


def test_a_maintained_claim_gives_reasons_a_new_deadline_and_a_way_to_go_on(
    debtor: Visitor, creditor: Visitor, disputing: World
) -> None:
    where = say_no(debtor, disputing, disputing.fibre)
    creditor.sign_in(disputing, "nordlys-kraft")
    place = f"/creditor/cases/{disputing.fibre}/objections/{where.rsplit('/', 1)[1]}"
    creditor.get(place)
    creditor.post(place, outcome="maintained", reason="Avtalen er signert 3. januar.")
    told = text(debtor.get(where).text)
    assert "Nordlys Kraft AS mener at kravet er riktig." in told
    assert "Avtalen er signert 3. januar." in told
    assert "Jeg er fortsatt uenig" in told
    assert "Du har fått svar på det du var uenig i." in text(debtor.get("/case").text)
    debtor.get("/case/disagree")
    debtor.post("/case/disagree", kind="not_agreed", text="Det er ikke min underskrift.")
    assert state(disputing, disputing.fibre) == (Standing.OPEN, None)
    assert "Du er fortsatt uenig" in text(debtor.get(where).text)
    creditor.get("/creditor/claims/new")  # for a token: the answered page has no form
    again = creditor.post(place, outcome="withdrawn", reason="Nei.")
    assert again.status_code == 409


def test_staff_may_answer_too_and_withdraw_the_whole_case(debtor: Visitor, creditor: Visitor, disputing: World) -> None:
    where = say_no(debtor, disputing, disputing.disputed, kind="wrong_recipient", text="", disputed="")
    creditor.sign_in(disputing, "handler")
    place = f"/creditor/cases/{disputing.disputed}/objections/{where.rsplit('/', 1)[1]}"
    assert "åpenbart grunnløs" in creditor.get(place).text
    creditor.post(place, outcome="withdrawn", reason="Feil person.")
    told = text(debtor.get(where).text)
    assert "Du fikk rett" in told
    assert "Du skylder ingenting" in told
    assert debtor.get("/case/disagree").status_code == 303, "a closed case has nothing to disagree with"


def test_mistakes_are_told_where_they_are_and_what_was_typed_stays(
    debtor: Visitor, creditor: Visitor, disputing: World
) -> None:
    debtor.log_in(disputing, disputing.closed)
    debtor.get("/case/disagree")
    wrong = debtor.post("/case/disagree", text="<b>Hei</b>", disputed="mye")
    assert wrong.status_code == 422
    assert "<title>Feil: " in wrong.text
    assert 'href="#kind-0">Velg det som passer best.' in wrong.text
    assert "Skriv beløpet med tall, for eksempel 500,00." in wrong.text
    assert "&lt;b&gt;Hei&lt;/b&gt;</textarea>" in wrong.text
    too_much = debtor.post("/case/disagree", **WHAT | {"disputed": "99 999,00"})
    assert "Beløpet kan ikke være større enn fakturaen." in too_much.text
    debtor.last = ""
    assert debtor.post("/case/disagree", **WHAT).status_code == 400, "without its token a form is not taken"
    where = say_no(debtor, disputing, disputing.closed)
    creditor.sign_in(disputing, "nordlys-kraft")
    place = f"/creditor/cases/{disputing.closed}/objections/{where.rsplit('/', 1)[1]}"
    creditor.get(place)
    for typed, told in (
        ({}, "Velg hva svaret er."),
        ({"outcome": "maintained"}, "Skriv en begrunnelse."),
        ({"outcome": "groundless", "reason": "Nei."}, "Velg hva svaret er."),
        ({"outcome": "adjusted", "reason": "Ja."}, "Skriv hvor mye som trekkes fra"),
    ):
        refused = creditor.post(place, **typed)
        assert (refused.status_code, told in refused.text) == (422, True), typed


def test_nobody_else_sees_or_answers_it(app: Flask, debtor: Visitor, disputing: World, world: World) -> None:
    where = say_no(debtor, disputing, disputing.closed, text="Bare for oss.")
    one = where.rsplit("/", 1)[1]
    other = Visitor(app.test_client(), disputing.slug)
    other.log_in(disputing, disputing.power)
    assert other.get(where).status_code == 404, "another debtor"
    for who, number in (("bygda-bredband", disputing.closed), ("nordlys-kraft", disputing.power)):
        desk = Visitor(app.test_client(), disputing.slug)
        desk.sign_in(disputing, who)
        place = f"/creditor/cases/{number}/objections/{one}"
        assert desk.get(place).status_code == 404, who
        desk.get("/creditor/claims/new")
        assert desk.post(place, outcome="withdrawn", reason="Ja.").status_code == 404, who
    neighbour = Visitor(app.test_client(), world.slug)
    neighbour.sign_in(world, "handler")
    assert neighbour.get(f"/creditor/cases/{disputing.closed}/objections/{one}").status_code == 404
