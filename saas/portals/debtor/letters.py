"""The debtor's letters (brev i saken): each on a page of its own, and as the PDF that was sent."""

from dataclasses import replace
from uuid import UUID

from flask import Response

from saas.cases.letters import CaseLetter, letter_of_case, letters_of_case
from saas.cases.notices import note_read
from saas.documents.html import html_body
from saas.documents.wording import spoken, wording_of
from saas.kernel import clock
from saas.portals.debtor.pages import Answer, of_my_case, pages
from saas.portals.shared.language import NAMES, language_chosen, language_here
from saas.portals.shared.letter_words import LANGUAGE_NAMES, LETTER_KINDS, file_name, why_words
from saas.portals.shared.tenancy import page
from tenants.resolve import Tenant


@pages.get("/case/letters")
@of_my_case
def letters(tenant: Tenant, case_id: UUID) -> Answer:
    """Every letter of the case, newest first; withdrawn ones with why."""
    found = letters_of_case(tenant, case_id)
    return page("debtor/letters.html", letters=found, KINDS=LETTER_KINDS, why_words=why_words)


@pages.get("/case/letters/<uuid:dispatch_id>")
@of_my_case
def letter(tenant: Tenant, case_id: UUID, dispatch_id: UUID) -> Answer:
    """One letter as it was sent, or read in another language with `?language=`."""
    found, kept = letter_of_case(tenant, case_id, dispatch_id)
    note_read(tenant, dispatch_id, clock.today(tenant))
    asked = spoken(found.kind, language_chosen() or kept.letter.language)
    read = kept.letter if asked == kept.letter.language else replace(kept.letter, language=asked, paragraphs=())
    others = [(code, NAMES[code]) for code in wording_of(found.kind).languages if code != asked]
    return page(
        "debtor/letter.html",
        letter=found,
        name=LETTER_KINDS[found.kind],
        body=html_body(read),
        sent_in=LANGUAGE_NAMES[kept.letter.language] if read is not kept.letter else "",
        read_in=asked,
        others=others,
    )


@pages.get("/case/letters/<uuid:dispatch_id>/pdf")
@of_my_case
def letter_pdf(tenant: Tenant, case_id: UUID, dispatch_id: UUID) -> Answer:
    """The very PDF that was sent."""
    found, kept = letter_of_case(tenant, case_id, dispatch_id)
    note_read(tenant, dispatch_id, clock.today(tenant))
    return pdf_response(found, kept.pdf)


def pdf_response(letter: CaseLetter, pdf: bytes) -> Response:
    """A download under a name that says what it is."""
    response = Response(pdf, mimetype="application/pdf")
    name = file_name(letter, language_here())
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
