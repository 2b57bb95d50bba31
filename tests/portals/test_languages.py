"""The debtor's pages in nynorsk and English: who chooses, that it stays chosen, and that no bokmål is left on them."""

import re
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from saas.cases.lifecycle import get_case
from saas.cases.models import Case, Debtor
from saas.cases.reported import report_facts
from saas.dispatch.models import Dispatch
from saas.kernel import clock
from saas.portals.shared.limits import limiter
from saas.rules.facts import Fact
from tenants.resolve import open_tenant
from tests.builders import a_claim, make_agency, register
from tests.portals.conftest import FRIDAY, Visitor, World
from tests.portals.world import letter_of, slug_of, walk

BOKMAAL_IN_ENGLISH = re.compile(r"\b(?:ikke|eller|og|som|hva|hvor|er|du|dager|saken|brevet|betal|fra|for å|med)\b")
BOKMAAL_IN_NYNORSK = re.compile(r"\b(?:ikke|hva|hvor|hvis|fra|noe|mer|saken|siden|dager|jeg|uenig|brevene)\b")


@pytest.fixture(scope="module")
def abroad(app: Flask, servers: object) -> World:
    """An agency with one debtor whose letters are in English, on Friday; the same kind of case as the others'."""
    tenant_id = make_agency(servers)  # type: ignore[arg-type]
    number = register(tenant_id, a_claim(language="en"), creditor="nordlys-kraft").verdicts[0].case_number or 0
    walk(tenant_id, FRIDAY)
    return World(tenant_id, slug_of(tenant_id), {}, number, 0, 0, 0)


@pytest.fixture
def stranger(app: Flask, abroad: World) -> Visitor:
    with app.app_context():
        limiter.reset()
    return Visitor(app.test_client(), abroad.slug)


def language_of(page: str) -> str:
    return page.partition('<html lang="')[2][:2]


def said(page: str) -> str:
    """The page's words in small letters, without what is marked as being in another language, or others' own words."""
    body = page[page.index("<body") :]
    body = re.sub(r'<(\w+)[^>]* lang="\w\w"[^>]*>.*?</\1>', " ", body, flags=re.DOTALL)
    body = re.sub(r"<footer.*", " ", body, flags=re.DOTALL)
    for own in ("Strøm januar 2026", "Nordlys Kraft AS", "Kundeservice"):
        body = body.replace(own, " ")
    return " ".join(re.sub(r"<[^>]+>", " ", body).split()).lower()


def test_the_language_of_the_letters_comes_before_the_browsers_and_the_persons_own_choice_before_both(
    stranger: Visitor, abroad: World
) -> None:
    norwegian = {"Accept-Language": "nb-NO,nb;q=0.9,en;q=0.5"}
    assert language_of(stranger.get("/", headers=norwegian).text) == "nb", "nobody is known before they log in"
    stranger.log_in(abroad, abroad.power)
    assert language_of(stranger.get("/case", headers=norwegian).text) == "en"
    chosen = stranger.get("/case?language=nn", headers=norwegian)
    assert language_of(chosen.text) == "nn"
    assert language_of(stranger.get("/case", headers=norwegian).text) == "nn", "remembered"
    stranger.post("/logout")
    assert language_of(stranger.get("/", headers=norwegian).text) == "nn", "also when nobody is logged in"
    assert language_of(stranger.get("/?language=nb").text) == "nb"


@pytest.mark.parametrize(
    ("asked", "language"),
    [("en-GB,en;q=0.9", "en"), ("nn-NO,nn", "nn"), ("no", "nb"), ("nb", "nb"), ("sv-SE,en;q=0.8", "en"),
     ("sv", "nb"), ("", "nb"), ("en;q=0.2,nn;q=0.8", "nn"), ("*", "nb"), ("x" * 500, "nb")],
)  # fmt: skip
def test_whoever_has_not_chosen_gets_a_language_their_browser_asks_for(
    visitor: Visitor, asked: str, language: str
) -> None:
    assert language_of(visitor.get("/", headers={"Accept-Language": asked}).text) == language


def test_a_choice_is_kept_for_this_tenants_pages_only_and_nonsense_is_not_kept(visitor: Visitor, world: World) -> None:
    cookie = next(c for c in visitor.get("/?language=en").headers.getlist("Set-Cookie") if "frist_language" in c)
    assert "frist_language=en" in cookie
    assert f"Path=/t/{world.slug}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    for nonsense in ("sv", "en%0d%0aSet-Cookie: x=y", "", "nb<script>"):
        assert "frist_language" not in str(visitor.get(f"/?language={nonsense}").headers)
    visitor.client.set_cookie("frist_language", "<script>", path=f"/t/{world.slug}")
    page = visitor.get("/").text
    assert language_of(page) == "nb"
    assert "<script>" not in page


def test_the_pay_link_speaks_the_language_of_the_letter(stranger: Visitor, abroad: World) -> None:
    with open_tenant(abroad.tenant_id) as tenant:
        token = tenant.session.scalars(sa.select(Case.link_token).where(Case.tenant_id == tenant.id)).one()
    page = stranger.get(f"/b/{token}").text
    assert language_of(page) == "en"
    assert "How to pay" in page
    assert 'hreflang="nb"' in page


def test_desks_are_in_bokmaal_whatever_the_browser_asks_for(visitor: Visitor) -> None:
    visitor.get("/?language=en")
    page = visitor.get("/creditor/login", headers={"Accept-Language": "en"}).text
    assert language_of(page) == "nb"
    assert "Logg inn" in page


@pytest.mark.parametrize(("language", "bokmaal"), [("en", BOKMAAL_IN_ENGLISH), ("nn", BOKMAAL_IN_NYNORSK)])
def test_no_bokmaal_is_left_on_the_pages_from_log_in_to_answer(
    visitor: Visitor, world: World, language: str, bokmaal: re.Pattern[str]
) -> None:
    left: dict[str, set[str]] = {}

    def look(page: str, where: str) -> None:
        assert language_of(page) == language, where
        if found := set(bokmaal.findall(said(page))):
            left[where] = found

    look(visitor.get(f"/?language={language}").text, "log in")
    look(visitor.post("/", case_number="1", code="").text, "log in, wrong")
    look(visitor.get("/new-code").text, "new code")
    look(visitor.post("/new-code", case_number="1", postcode="").text, "new code, wrong")
    look(visitor.get("/betal").text, "quick pay")
    look(visitor.post("/betal", reference="1", proof="0001").text, "quick pay, wrong")
    look(visitor.get("/b/finnesikke").text, "no link")
    look(visitor.get("/finnes-ikke").text, "no page")
    for number in (world.disputed, world.closed, world.power):
        visitor.log_in(world, number)
        look(visitor.get("/case").text, f"case {number}")
    look(visitor.get("/case/letters").text, "letters")
    look(visitor.get("/case/what-if").text, "what if")
    look(visitor.get("/case/what-if?amount=500&on=2026-03-13").text, "what if, answered")
    look(visitor.get("/case/what-if?amount=x&on=2020-01-01").text, "what if, wrong")
    look(visitor.get("/case/disagree").text, "disagree")
    look(visitor.post("/case/disagree", kind="", text="").text, "disagree, wrong")
    look(visitor.get("/case/more-time").text, "more time")
    look(visitor.post("/case/more-time", until="").text, "more time, wrong")
    answer = visitor.post("/case/more-time", until="2026-03-20")
    look(visitor.get(answer.location).text, "more time, answered")
    assert left == {}


def test_a_refusal_names_the_fact_in_the_language_of_the_page(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    visitor.get("/case/more-time")
    answer = visitor.post("/case/more-time", until="2026-03-19").location
    in_english, in_nynorsk = (visitor.get(f"{answer}?language={code}").text for code in ("en", "nn"))
    told = "On 3 March Nordlys Kraft AS reported that you have an active electricity contract"
    assert told in in_english
    assert "you will have an answer by Friday 13\xa0March 2026" in in_english
    assert "Nordlys Kraft AS melde 3. mars at du har ein aktiv straumavtale" in in_nynorsk


def test_the_letter_about_a_refusal_gives_its_reasons_in_the_debtors_language(stranger: Visitor, abroad: World) -> None:
    with open_tenant(abroad.tenant_id) as tenant:
        fact = Fact("power.active_contract", True, "Nordlys Kraft AS", date(2026, 3, 3))
        case = get_case(tenant, number=abroad.power)
        report_facts(tenant, case, [fact], today=FRIDAY, now=clock.now(tenant), actor="cli")
        assert tenant.session.get_one(Debtor, (tenant.id, case.debtor_id)).language == "en"
    stranger.log_in(abroad, abroad.power)
    stranger.get("/case/more-time")
    stranger.post("/case/more-time", until="2026-03-19")
    with open_tenant(abroad.tenant_id) as tenant:
        query = sa.select(Dispatch).where(Dispatch.tenant_id == tenant.id, Dispatch.kind == "deferral_refused")
        because = tenant.session.scalars(query).one().particulars["because"]
    assert because.startswith("We cannot give more time in this case. On 3 March Nordlys Kraft AS reported")


def test_the_code_of_an_english_letter_lets_its_reader_in(stranger: Visitor, abroad: World) -> None:
    stranger.get("/")
    code = letter_of(abroad.tenant_id, abroad.power).code
    assert stranger.post("/", case_number=str(abroad.power), code=code).status_code == 303
