"""The creditor's way: sign in, find a case, register claims. Each sees its own cases only."""

import io
import re

from flask import Flask

from saas.kernel.ids import NIL
from tenants.resolve import open_tenant
from tests.builders import creditor_of
from tests.portals.conftest import Visitor, World
from tests.portals.world import PASSWORD

CLAIM = {
    "debtor_kind": "person", "debtor_name": "Turid Vik", "address": "Lia 4", "postcode": "5073", "city": "Bergen",
    "kind": "electricity", "description": "Strøm januar 2026", "invoiced_on": "20.01.2026", "due_on": "10.2.26",
    "amount": "1 543,34",
}  # fmt: skip


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page).replace("\xa0", " "))


def test_a_wrong_password_and_an_unknown_user_are_told_with_the_same_words(visitor: Visitor, world: World) -> None:
    visitor.get("/creditor/login")
    email = world.people["nordlys-kraft"]
    wrong = visitor.post("/creditor/login", email=email, password="feil feil feil feil")
    unknown = visitor.post("/creditor/login", email="ingen@example.no", password="feil feil feil feil")
    assert wrong.status_code == unknown.status_code == 422
    assert re.sub(r'value="[^"]*"', "", wrong.text) == re.sub(r'value="[^"]*"', "", unknown.text)
    assert "feil feil" not in wrong.text


def test_too_many_wrong_passwords_are_stopped(visitor: Visitor, world: World) -> None:
    visitor.get("/creditor/login")
    email = world.people["nordlys-kraft"]
    for _ in range(10):
        visitor.post("/creditor/login", email=email, password="feil")
    stopped = visitor.post("/creditor/login", email=email.upper(), password=PASSWORD)
    assert stopped.status_code == 429
    assert "Vent til klokken" in stopped.text


def test_a_creditor_sees_its_own_cases_and_no_others(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    page = visitor.get("/creditor/cases").get_data(as_text=True)
    assert f">{world.power}<" in page
    assert f">{world.fibre}<" not in page
    assert visitor.get(f"/creditor/cases/{world.power}").status_code == 200
    assert visitor.get(f"/creditor/cases/{world.fibre}").status_code == 404


def test_staff_see_every_creditors_cases(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "handler")
    page = visitor.get("/creditor/cases").get_data(as_text=True)
    assert f">{world.power}<" in page
    assert f">{world.fibre}<" in page
    assert "Bygda Bredbånd AS" in page


def test_cases_are_found_by_number_name_invoice_stage_and_hold(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    for query, expected in (
        (f"q={world.power}", {world.power}),
        ("q=østby", {world.power}),
        ("stage=90", {world.closed}),
        ("held=on", {world.disputed}),
        ("q=%25", set()),
        ("q=finnes+ikke", set()),
    ):
        page = visitor.get(f"/creditor/cases?{query}").get_data(as_text=True)
        found = {int(number) for number in re.findall(r"/creditor/cases/(\d+)\"", page)}
        known = {world.fibre, world.disputed, world.closed}  # other tests add cases of their own, and hold this one
        assert found & known == expected & known, query
        assert expected <= found, query


def test_no_match_offers_the_whole_list(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    assert "Ingen saker passer." in visitor.get("/creditor/cases?q=finnes+ikke").text


def test_a_case_tells_stage_money_letters_and_next_step_but_no_notes(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    page = _text(visitor.get(f"/creditor/cases/{world.disputed}").get_data(as_text=True))
    assert "Purret" in page
    assert "På vent: innsigelse" in page
    assert "Gebyr og salær 38,00 kr" in page
    assert "Ubetalt 1 287,78 kr" in page
    assert "Purring sendt, 3. mars 2026, frist 20. mars 2026" in page
    assert "intern merknad" not in page


def test_a_user_who_is_shut_out_is_out_with_the_next_page(visitor: Visitor, world: World) -> None:
    from saas.access.users import add_user, close_user
    from tests.builders import MONDAY, at

    with open_tenant(world.tenant_id) as tenant:
        user_id = add_user(
            tenant, email="ut@fjord.no", name="Ute", password=PASSWORD, role="handler", now=at(MONDAY), actor="cli"
        )
    visitor.get("/creditor/login")
    assert visitor.post("/creditor/login", email="ut@fjord.no", password=PASSWORD).status_code == 303
    assert visitor.get("/creditor/cases").status_code == 200
    with open_tenant(world.tenant_id) as tenant:
        close_user(tenant, user_id, now=at(MONDAY), actor="cli")
    assert visitor.get("/creditor/cases").status_code == 303


def _check_and_register(visitor: Visitor, claim: dict[str, str]) -> str:
    visitor.get("/creditor/claims/new")
    check = visitor.post("/creditor/claims/new", **claim)
    assert check.status_code == 200, _text(check.text)
    assert "Se over kravet" in check.text
    typed = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', check.text))
    done = visitor.post("/creditor/claims", **{name: value for name, value in typed.items() if name != "csrf_token"})
    assert done.status_code == 303, _text(done.text)
    return str(done.location)


def test_a_claim_is_looked_over_and_registered_and_told_what_happens_when(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    visitor.get("/creditor/claims/new")
    check = _text(visitor.post("/creditor/claims/new", **CLAIM, invoice_number="W-1").text)
    assert "Forfallsdato tirsdag 10. februar 2026" in check
    assert "Registrer kravet på 1 543,34 kr" in check
    assert "W-1" not in visitor.get("/creditor/cases").text, "looking over registers nothing"
    page = _text(visitor.get(_check_and_register(visitor, CLAIM | {"invoice_number": "W-1"})).get_data(as_text=True))
    assert "Kravet er registrert" in page
    assert "purring tidligst" in page
    assert "W-1" in visitor.get("/creditor/cases").text


def test_the_same_claim_sent_twice_is_one_case(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    first = _check_and_register(visitor, CLAIM | {"invoice_number": "W-2"})
    visitor.get("/creditor/claims/new")
    again = visitor.post("/creditor/claims", **CLAIM, invoice_number="W-2")
    assert again.location.split("?")[0] == first.split("?")[0]
    assert "var alt registrert" in visitor.get(again.location).text


def test_what_is_wrong_is_listed_first_with_links_and_what_was_typed_stays(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    visitor.get("/creditor/claims/new")
    response = visitor.post("/creditor/claims/new", **(CLAIM | {"invoice_number": "W-3", "amount": "mange penger"}))
    assert response.status_code == 422
    assert "<title>Feil: Registrer krav" in response.text
    assert 'role="alert"' in response.text
    assert 'href="#amount"' in response.text
    assert 'value="mange penger"' in response.text
    assert 'aria-describedby="amount-error amount-help"' in response.text


def test_a_creditor_cannot_register_in_another_creditors_name(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    other = str(creditor_of(world.tenant_id, "bygda-bredband"))
    visitor.get("/creditor/claims/new")
    claim = CLAIM | {"invoice_number": "W-4", "debtor_name": "Wenche Wang"}
    visitor.post("/creditor/claims", **claim, creditor=other, creditor_id=other)
    assert "Wenche Wang" in visitor.get("/creditor/cases").text
    visitor.sign_in(world, "bygda-bredband")
    assert "Wenche Wang" not in visitor.get("/creditor/cases").text


def test_staff_choose_whose_claim_it_is(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "handler")
    visitor.get("/creditor/claims/new")
    unchosen = visitor.post("/creditor/claims/new", **CLAIM, invoice_number="W-5")
    assert unchosen.status_code == 422
    assert "Fyll ut oppdragsgiver." in unchosen.text
    for wrong in (str(NIL), "x"):
        visitor.get("/creditor/claims/new")
        assert visitor.post("/creditor/claims/new", **CLAIM, invoice_number="W-5", creditor=wrong).status_code == 422
    chosen = CLAIM | {"invoice_number": "W-5", "creditor": str(creditor_of(world.tenant_id, "bygda-bredband"))}
    page = _text(visitor.get(_check_and_register(visitor, chosen)).get_data(as_text=True))
    number = re.search(r"Saksnummer (\d+)", page)
    assert number is not None
    assert "for Bygda Bredbånd AS" in _text(visitor.get(f"/creditor/cases/{number[1]}").get_data(as_text=True))


def test_an_earlier_letter_is_proven_by_the_document_itself(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    visitor.get("/creditor/claims/new")
    letter = (io.BytesIO(b"%PDF the creditor's reminder"), "purring.pdf")
    claim = CLAIM | {"invoice_number": "W-6", "reminder_sent_on": "25.02.2026", "reminder_deadline_on": "11.03.2026"}
    check = visitor.post("/creditor/claims/new", **claim, reminder_proof_file=letter)
    assert check.status_code == 200, _text(check.text)
    assert re.search(r'name="reminder_proof" value="[0-9a-f]{64}"', check.text)
    assert "Bevis for purringen Vedlagt" in _text(check.text)


def _upload(visitor: Visitor, content: str, **more: str) -> str:
    visitor.get("/creditor/claims/file")
    response = visitor.post("/creditor/claims/file", file=(io.BytesIO(content.encode()), "krav.csv"), **more)
    return _text(response.text)


HEADING = "debtor_kind;debtor_name;invoice_number;invoiced_on;due_on;amount\n"


def test_a_file_with_a_wrong_line_registers_nothing_and_says_what_to_mend(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    page = _upload(
        visitor, HEADING + "person;Ada Ask;X-1;01.02.2026;15.02.2026;500\nperson;;X-2;01.02.2026;15.02.2026;5"
    )
    assert "1 i orden, 0 registrert fra før, 1 må rettes" in page
    assert "Fyll ut navn på skyldner." in page
    assert "X-1" not in visitor.get("/creditor/cases?q=X-1").text.split("</form>", 2)[2]


def test_a_file_is_tried_first_and_then_registered(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    content = HEADING + "person;Bo Ask;X-3;01.02.2026;15.02.2026;500,00\n"
    assert "Ingenting er registrert ennå" in _upload(visitor, content, **{"try": "1"})
    assert "Kravene er registrert" in _upload(visitor, content)
    assert "Alle er registrert fra før" in _upload(visitor, content)


def test_a_file_that_is_no_list_of_claims_says_so(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    assert "Disse kolonnene kjenner vi ikke" in _upload(visitor, "a;b\n1;2\n")
    visitor.get("/creditor/claims/file")
    assert "Velg en fil først." in visitor.post("/creditor/claims/file").text


def test_the_template_is_a_file_that_can_be_uploaded(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    response = visitor.get("/creditor/claims/template.csv")
    assert response.status_code == 200
    assert "attachment" in response.headers["Content-Disposition"]


def test_the_desk_is_closed_to_those_who_are_not_signed_in(app: Flask, world: World) -> None:
    client = app.test_client()
    for path in ("cases", f"cases/{world.power}", "claims/new", "claims/file", "claims/template.csv"):
        assert client.get(f"/t/{world.slug}/creditor/{path}").status_code == 303
