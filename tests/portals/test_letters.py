"""The debtor reads the letters again, each as it was sent; the tenant writes paragraphs beside the locked ones."""

import re
from html import unescape
from io import BytesIO
from uuid import UUID

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from saas.access.models import User
from saas.access.users import add_user
from saas.cases.letters import letter_of_case, letters_of_case
from saas.cases.lifecycle import get_case
from saas.dispatch.models import WITHDRAWN, Dispatch
from saas.documents.letter import LetterKind
from saas.documents.paragraphs import paragraph_history, paragraphs_in_force
from saas.documents.store import open_letter
from saas.documents.text import render_text
from saas.kernel.errors import NotFound
from saas.kernel.ids import NIL
from tenants.resolve import open_tenant
from tests.builders import at
from tests.portals.conftest import FRIDAY, Visitor, World
from tests.portals.world import PASSWORD

KRONER = re.compile(r"[−-]?\d[\d\xa0]*,\d\d\xa0kr")  # no-break spaces hold a sum together


def _text(page: str) -> str:
    return re.sub(r"[ \n]+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def _newest(world: World, number: int) -> UUID:
    with open_tenant(world.tenant_id) as tenant:
        found = letters_of_case(tenant, get_case(tenant, number=number).id)
        ladder = (LetterKind.REMINDER, LetterKind.COLLECTION_NOTICE, LetterKind.PAYMENT_DEMAND)
        return next(each.dispatch_id for each in found if each.readable and each.kind in ladder)  # others write too


# --- the debtor -------------------------------------------------------------------------------------------------------


def test_the_letters_are_listed_with_what_they_are_and_when_they_were_sent(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    assert "Les brevene" in visitor.get("/case").get_data(as_text=True)
    listed = visitor.get("/case/letters").get_data(as_text=True)
    with open_tenant(world.tenant_id) as tenant:
        found = letters_of_case(tenant, get_case(tenant, number=world.power).id)
    assert found
    assert listed.count('class="row"') == len(found)
    assert "Last ned PDF" in listed


def test_the_letter_on_the_page_has_the_same_sums_to_the_ore_as_its_pdf_and_its_text(
    visitor: Visitor, world: World
) -> None:
    visitor.log_in(world, world.power)
    dispatch_id = _newest(world, world.power)
    page = visitor.get(f"/case/letters/{dispatch_id}").get_data(as_text=True)
    article = _text(page[page.index("<article") : page.index("</article>")])
    response = visitor.get(f"/case/letters/{dispatch_id}/pdf")
    with open_tenant(world.tenant_id) as tenant:
        kept = open_letter(tenant, dispatch_id)
    assert response.get_data() == kept.pdf
    in_pdf = _text(" ".join(each.extract_text() for each in PdfReader(BytesIO(kept.pdf)).pages))
    in_text = _text(render_text(kept.letter))
    assert set(KRONER.findall(article)) == set(KRONER.findall(in_pdf)) == set(KRONER.findall(in_text))
    assert len(set(KRONER.findall(article))) > 2


def test_the_pdf_has_a_name_that_says_what_it_is(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    response = visitor.get(f"/case/letters/{_newest(world, world.power)}/pdf")
    assert response.mimetype == "application/pdf"
    name = response.headers["Content-Disposition"]
    assert re.search(r"(Purring|Inkassovarsel|Betalingsoppfordring) \d{4}-\d\d-\d\d, sak \d+\.pdf", name)


def test_a_letter_can_be_read_in_another_language_and_says_which_it_was_sent_in(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    page = visitor.get(f"/case/letters/{_newest(world, world.power)}?language=en").get_data(as_text=True)
    assert 'lang="en"' in page
    assert "The letter was sent in Norwegian (bokmål)." in page
    article = _text(page[page.index("<article") : page.index("</article>")])
    assert "You owe" in article
    assert "Original amount (principal)" in article
    assert not KRONER.search(article)
    assert visitor.get(f"/case/letters/{_newest(world, world.power)}?language=tlh").status_code == 200


def test_another_debtors_letter_is_not_shown(visitor: Visitor, world: World) -> None:
    visitor.log_in(world, world.power)
    other = _newest(world, world.fibre)
    assert visitor.get(f"/case/letters/{other}").status_code == 404
    assert visitor.get(f"/case/letters/{other}/pdf").status_code == 404


def test_a_letter_that_was_withdrawn_is_listed_with_why_and_cannot_be_opened(visitor: Visitor, world: World) -> None:
    dispatch_id = _newest(world, world.power)
    visitor.log_in(world, world.power)
    with open_tenant(world.tenant_id) as tenant:
        row = tenant.session.scalars(sa.select(Dispatch).where(Dispatch.id == dispatch_id)).one()
        before = (row.state, row.why)
        row.state, row.why = WITHDRAWN, "closed:paid"
    try:
        listed = visitor.get("/case/letters").get_data(as_text=True)
        assert "Trukket tilbake" in listed
        assert "Kravet ble betalt før brevet ble sendt." in listed
        assert visitor.get(f"/case/letters/{dispatch_id}").status_code == 404
    finally:
        with open_tenant(world.tenant_id) as tenant:
            row = tenant.session.scalars(sa.select(Dispatch).where(Dispatch.id == dispatch_id)).one()
            row.state, row.why = before


def test_nobody_reads_a_letter_without_logging_in(visitor: Visitor, world: World) -> None:
    assert visitor.get(f"/case/letters/{_newest(world, world.power)}").status_code == 303


# --- the paragraphs a tenant writes -----------------------------------------------------------------------------------


def sign_in_admin(world: World) -> str:
    """The e-mail of a tenant admin of the world; made when there is none yet. The password is `PASSWORD`."""
    email = f"adm@{world.slug}.no"
    with open_tenant(world.tenant_id) as tenant:
        if not tenant.session.scalar(sa.select(sa.func.count()).select_from(User).where(User.email == email)):
            add_user(
                tenant, email=email, name="Admin Prøve", password=PASSWORD, role="admin", creditor_id=NIL,
                now=at(FRIDAY), actor="cli",
            )  # fmt: skip
    return email


@pytest.fixture
def admin(visitor: Visitor, world: World) -> Visitor:
    email = sign_in_admin(world)
    visitor.get("/creditor/login")
    visitor.post("/creditor/login", email=email, password=PASSWORD)
    return visitor


def test_a_paragraph_is_seen_in_the_letter_before_it_is_kept_and_every_version_stays(
    admin: Visitor, world: World
) -> None:
    address = "/admin/letter-texts/closing_confirmation/nb"
    page = admin.get(address).get_data(as_text=True)
    assert "Det som er låst" in page
    assert "Låst: Brevet må si når saken ble avsluttet. (vår egen regel; inkassoloven av 2026 § 15)" in page
    shown = admin.post(address, greeting="", closing="Takk for at du tok deg tid.").get_data(as_text=True)
    assert "Dette er ikke lagret ennå." in shown
    assert shown.count("Takk for at du tok deg tid.") == 2  # typed, and in the letter
    with open_tenant(world.tenant_id) as tenant:
        assert paragraphs_in_force(tenant, LetterKind.CLOSING_CONFIRMATION, "nb") == ()
    for text in ("Takk for at du tok deg tid.", "Takk skal du ha."):
        admin.get(address)
        assert admin.post(address, greeting="", closing=text, keep="1").status_code == 303
    with open_tenant(world.tenant_id) as tenant:
        assert [p.text for p in paragraphs_in_force(tenant, LetterKind.CLOSING_CONFIRMATION, "nb")] == [
            "Takk skal du ha."
        ]
        versions = paragraph_history(tenant, LetterKind.CLOSING_CONFIRMATION, "nb")
        assert [(v.version, v.text) for v in versions] == [(2, "Takk skal du ha."), (1, "Takk for at du tok deg tid.")]
    pdf = admin.get(f"{address}/pdf").get_data()
    assert "Takk skal du ha." in PdfReader(BytesIO(pdf)).pages[0].extract_text()


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("closing", "x" * 301, "Bruk høyst 300"),
        ("greeting", "y" * 61, "Bruk høyst 60"),
        ("closing", "Betaler du ikke, vil det komme nye gebyrer.", "Skriv den om"),
    ],
)
def test_a_paragraph_that_is_too_long_or_threatens_is_refused_where_it_was_typed(
    admin: Visitor, field: str, text: str, says: str
) -> None:
    admin.get("/admin/letter-texts/reminder/nb")
    response = admin.post("/admin/letter-texts/reminder/nb", **{field: text, "keep": "1"})
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert says in page
    assert text in page


def test_markup_in_a_paragraph_is_text(admin: Visitor) -> None:
    admin.get("/admin/letter-texts/reminder/nb")
    shown = admin.post("/admin/letter-texts/reminder/nb", closing="<b>Hei</b> #panic *x*").get_data(as_text=True)
    assert "<b>Hei</b>" not in shown
    assert "&lt;b&gt;Hei&lt;/b&gt; #panic *x*" in shown


def test_a_logo_with_a_script_in_it_is_refused_with_what_to_do(admin: Visitor) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    admin.get("/admin/letter-texts")
    response = admin.post("/admin/letter-texts/logo", logo=(BytesIO(svg), "logo.svg"))
    assert response.status_code == 422
    assert "Lagre den som PNG" in response.get_data(as_text=True)


def test_a_case_handler_does_not_change_the_texts(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "handler")
    assert visitor.get("/admin/letter-texts").status_code == 403


def test_an_unknown_letter_of_a_case_is_not_found(world: World) -> None:
    with open_tenant(world.tenant_id) as tenant, pytest.raises(NotFound):
        letter_of_case(tenant, get_case(tenant, number=world.power).id, NIL)


def test_staff_open_a_letter_of_a_case_and_a_creditor_does_not(visitor: Visitor, world: World) -> None:
    dispatch_id = _newest(world, world.power)
    address = f"/admin/dispatch/case/{world.power}/letter/{dispatch_id}"
    visitor.sign_in(world, "handler")
    assert address in visitor.get(f"/admin/dispatch/case/{world.power}").get_data(as_text=True)
    response = visitor.get(address)
    assert response.get_data().startswith(b"%PDF")
    assert visitor.get(f"/admin/dispatch/case/{world.fibre}/letter/{dispatch_id}").status_code == 404
    visitor.get("/creditor/cases")
    visitor.post("/creditor/logout")
    visitor.sign_in(world, "nordlys-kraft")
    assert visitor.get(address).status_code == 403
