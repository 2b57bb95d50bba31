"""The texts of letters (brevtekster): what a tenant may write itself, beside the letter as it will look; its logo."""

import re
from dataclasses import dataclass, replace

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from saas.access.roles import Action
from saas.access.users import Signed
from saas.cases.compose import sender_of
from saas.documents.html import html_body
from saas.documents.letter import Letter, LetterKind, OwnParagraph
from saas.documents.logos import MOST_BYTES, take_logo
from saas.documents.mandatory import compose, duties
from saas.documents.paper import sentences_of
from saas.documents.paragraphs import (
    LIMITS,
    checked_paragraph,
    may_write,
    paragraph_history,
    paragraphs_in_force,
    write_paragraph,
)
from saas.documents.preview import from_sender
from saas.documents.render import render
from saas.documents.samples import sample
from saas.documents.wording import wording_of
from saas.kernel import clock
from saas.kernel.errors import BadInput, Refused
from saas.portals.admin.pages import pages
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared.language import NAMES
from saas.portals.shared.letter_words import LETTER_KINDS
from saas.portals.shared.tenancy import open_here, page
from tenants.resolve import Tenant

PARAGRAPHS = {
    "greeting": ("Hilsen", "Første linje i brevet, over det som sier hva brevet gjelder."),
    "help": ("Hjelp", "Under «Trenger du hjelp?», etter tilbudet fra Nav."),
    "closing": ("Avslutning", "Siste avsnitt før betalingsdelen."),
}

ACTS = {
    "NYINKL": "inkassoloven av 2026",
    "INKL": "inkassoloven",
    "INKF": "inkassoforskriften",
    "TVFL": "tvangsfullbyrdelsesloven",
    "TVL": "tvisteloven",
}
_ACTS = re.compile(rf"\b({'|'.join(ACTS)})\b")


@dataclass(frozen=True, slots=True)
class Locked:
    """A sentence that cannot be changed, and why."""

    words: str
    why: str


@pages.get("/letter-texts")
@at_desk(Action.CHANGE_SETTINGS)
def letter_texts(user: Signed) -> Answer:
    """Every kind of letter and its languages; the tenant's logo."""
    return _list_page()


@pages.post("/letter-texts/logo")
@at_desk(Action.CHANGE_SETTINGS)
def letter_logo(user: Signed) -> Answer:
    """Take in a logo, or take it away."""
    upload = request.files.get("logo")
    content = upload.stream.read(MOST_BYTES + 1) if upload else b""
    if not content and "remove" not in request.form:
        return _list_page("Velg en fil først."), 422
    try:
        with open_here() as tenant:
            take_logo(
                tenant, content if "remove" not in request.form else None, now=clock.now(tenant), actor=user.actor
            )
    except Refused as refused:
        return _list_page(refused.message), 422
    return redirect(url_for("admin.letter_texts", done="logo"), 303)


@pages.get("/letter-texts/<kind>/<language>")
@at_desk(Action.CHANGE_SETTINGS)
def letter_text(user: Signed, kind: str, language: str) -> Answer:
    """One kind in one language: what may be written, what is locked, and the letter itself."""
    return _text_page(_kind(kind), language)


@pages.post("/letter-texts/<kind>/<language>")
@at_desk(Action.CHANGE_SETTINGS)
def write_letter_text(user: Signed, kind: str, language: str) -> Answer | AnyResponse:
    """Show what was typed in the letter; kept only when asked to."""
    of = _kind(kind)
    typed = {name: request.form.get(name, "")[:2_000] for name in may_write(of)}
    try:
        checked = {name: checked_paragraph(of, language, name, text) for name, text in typed.items()}
    except BadInput as wrong:
        return _text_page(of, language, typed, wrong), 422
    if "keep" not in request.form:
        return _text_page(of, language, checked, shown=True)
    with open_here() as tenant:
        now = clock.now(tenant)
        for name, text in checked.items():
            write_paragraph(tenant, of, language, name, text, now=now, actor=user.actor)
    return redirect(url_for("admin.letter_text", kind=kind, language=language, done="kept"), 303)


@pages.get("/letter-texts/<kind>/<language>/pdf")
@at_desk(Action.CHANGE_SETTINGS)
def letter_text_pdf(user: Signed, kind: str, language: str) -> Response:
    """The made-up letter of that kind as PDF, with the texts in force."""
    of = _kind(kind)
    with open_here() as tenant:
        pdf = render(compose(_sample(tenant, of, _language(of, language), None)))
    response = Response(pdf, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{LETTER_KINDS[of]} ({language}).pdf")
    return response


# --- parts ----------------------------------------------------------------------------------------------------------


def _list_page(wrong: str = "") -> str:
    with open_here() as tenant:
        rows = [(kind, LETTER_KINDS[kind], wording_of(kind).languages) for kind in LetterKind]
        written = {
            (kind, language): len(paragraphs_in_force(tenant, kind, language))
            for kind, _, languages in rows
            for language in languages
        }
        logo, done = tenant.settings.logo, request.args.get("done", "")
        return page(
            "admin/letter_texts.html", rows=rows, written=written, NAMES=NAMES, logo=logo, wrong=wrong, done=done
        )


def _text_page(
    kind: LetterKind,
    language: str,
    typed: dict[str, str] | None = None,
    wrong: BadInput | None = None,
    *,
    shown: bool = False,
) -> str:
    _language(kind, language)
    with open_here() as tenant:
        in_force = {own.name: own.text for own in paragraphs_in_force(tenant, kind, language)}
        values = in_force if typed is None else typed
        letter = _sample(tenant, kind, language, in_force if wrong else values)
        return page(
            "admin/letter_text.html",
            letter_kind=kind.value,
            name=LETTER_KINDS[kind],
            language_code=language,
            languages=[(code, NAMES[code]) for code in wording_of(kind).languages],
            fields=[(name, *PARAGRAPHS[name], LIMITS[name], values.get(name, "")) for name in may_write(kind)],
            errors={name: _first_of(texts) for name, texts in wrong.errors.items()} if wrong else {},
            locked=_locked(letter),
            body=html_body(letter, level=3),
            history=paragraph_history(tenant, kind, language),
            PARAGRAPHS=PARAGRAPHS,
            unsaved=shown and values != in_force,
            done=request.args.get("done", ""),
        )


def _sample(tenant: Tenant, kind: LetterKind, language: str, texts: dict[str, str] | None) -> Letter:
    """The made-up letter of that kind as this tenant sends it, with these texts; those in force when None."""
    letter = from_sender(sample(kind, language), sender_of(tenant))  # type: ignore[arg-type]
    if texts is None:
        return replace(letter, paragraphs=paragraphs_in_force(tenant, kind, language))
    own = tuple(OwnParagraph(name, texts[name]) for name in LIMITS if texts.get(name))
    return replace(letter, paragraphs=own)


def _locked(letter: Letter) -> list[Locked]:
    why = {duty.element: f"{duty.says} {_basis(duty.basis)}" for duty in duties(letter.kind, letter.regime)}
    return [Locked(words, why[key]) for key, words in sentences_of(letter) if key in why]


def _basis(paragraphs: str) -> str:
    """`INKL § 9; house` → `(inkassoloven § 9; vår egen regel)`."""
    parts = [part.strip() for part in paragraphs.split(";")]
    own = ["vår egen regel" if part.startswith("house") else _ACTS.sub(_act, part) for part in parts]
    return f"({'; '.join(own)})"


def _act(found: re.Match[str]) -> str:
    return ACTS[found[0]]


def _first_of(texts: object) -> str:
    return str(texts[0]) if isinstance(texts, list) and texts else str(texts)


def _kind(name: str) -> LetterKind:
    if name not in set(LetterKind):
        abort(404)
    return LetterKind(name)


def _language(kind: LetterKind, language: str) -> str:
    if language not in wording_of(kind).languages:
        abort(404)
    return language
