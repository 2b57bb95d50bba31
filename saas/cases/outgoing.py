"""A stored letter as a channel is given it: its bytes, who gets it, and what it asks for as a machine reads it."""

from collections.abc import Callable, Sequence

from saas.dispatch.models import Dispatch
from saas.documents.html import render_html
from saas.documents.letter import Letter
from saas.documents.store import OpenLetter, open_letters
from saas.documents.text import render_text
from saas.hooks import AskedPayment, Medium, OutgoingLetter, Party
from saas.kernel.config import settings
from saas.rules.discretion import what_it_reveals
from tenants.resolve import Tenant

_TWINS = (Medium.EMAIL, Medium.PORTAL)
_SHORT = {
    "nb": ("Du har fått et brev fra {name}. ", "Logg inn på {address} for å lese det.", "oss",
           "Logg inn på siden som står i brevene du har fått, for å lese det."),
    "nn": ("Du har fått eit brev frå {name}. ", "Logg inn på {address} for å lese det.", "oss",
           "Logg inn på sida som står i breva du har fått, for å lese det."),
    "en": ("You have a letter from {name}. ", "Log in at {address} to read it.", "us",
           "Log in at the address in the letters you have received to read it."),
}  # fmt: skip
_SUBJECT = {"nb": "Brev fra {name}", "nn": "Brev frå {name}", "en": "Letter from {name}"}


def outgoing(tenant: Tenant, rows: Sequence[Dispatch], party: Callable[[Dispatch], Party]) -> list[OutgoingLetter]:
    """Letters as they were written. What is seen from outside tells who writes, and nothing else (law G3)."""
    stored = open_letters(tenant, [row.id for row in rows if row.notice_of is None])
    return [
        _letter(tenant, row, party(row), stored[row.id]) if row.notice_of is None else _notice(tenant, row, party(row))
        for row in rows
    ]


def _letter(tenant: Tenant, row: Dispatch, to: Party, stored: OpenLetter) -> OutgoingLetter:
    letter, twins = stored.letter, row.medium in _TWINS
    return OutgoingLetter(
        dispatch_id=str(row.id),
        kind=letter.kind,
        subject=_SUBJECT[letter.language].format(name=_name(tenant, letter.language)),
        pdf=stored.pdf,
        sha256=stored.pdf_sha256.hex(),
        recipient=to,
        sender=sender_of(tenant),
        pages=stored.pages,
        html=render_html(letter) if twins else "",
        text=render_text(letter) if twins else "",
        short_text=_short(tenant, letter.language),
        payment=_asked(letter),
        link=letter.link,
    )


def sender_of(tenant: Tenant) -> Party:
    """The tenant as a gateway needs it."""
    s = tenant.settings
    return Party(s.name, tuple(s.address_lines), orgnr=s.orgnr, email=s.email, phone=s.phone)


def _notice(tenant: Tenant, row: Dispatch, to: Party) -> OutgoingLetter:
    """That a letter lies in the portal: no attachment, no sum, no creditor, no case."""
    language = to.language if to.language in _SHORT else "nb"
    words = _short(tenant, language)
    return OutgoingLetter(
        dispatch_id=str(row.id),
        kind=row.kind,
        subject=_SUBJECT[language].format(name=_name(tenant, language)),
        pdf=b"",
        sha256="",
        recipient=to,
        sender=sender_of(tenant),
        pages=0,
        text=words,
        short_text=words,
    )


def _name(tenant: Tenant, language: str) -> str:
    """The tenant's name without what tells others its trade; «oss» when nothing is left."""
    words = [word for word in tenant.settings.name.split() if not what_it_reveals(word)]
    return " ".join(words) if any(len(word) > 2 for word in words) else _SHORT[language][2]


def _short(tenant: Tenant, language: str) -> str:
    first, where, _, elsewhere = _SHORT[language]
    address = f"{settings().public_url.split('://', 1)[1]}/t/{tenant.slug}/"
    second = elsewhere if what_it_reveals(address) else where.format(address=address)
    return first.format(name=_name(tenant, language)) + second


def _asked(letter: Letter) -> AskedPayment | None:
    if letter.total_ore <= 0 or letter.deadline_on is None:
        return None
    return AskedPayment(letter.total_ore, letter.deadline_on, letter.account, letter.kid)
