"""The letter as an e-mail: headers that tell nothing, the text, and its HTML twin.

The same letter always makes the same bytes but for the date. Headers are set through the standard library's policy,
which raises on a line break in any of them; nothing a debtor wrote gets into one.
"""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from uuid import UUID, uuid5

from plugins.email.addresses import domain_of, plain
from plugins.email.agreement import FULL
from saas.hooks import Account, OutgoingLetter
from saas.rules.discretion import what_it_reveals

SUBJECTS = {"nb": "Du har fått et brev", "nn": "Du har fått eit brev", "en": "You have received a letter"}
LEADS = {  # long enough to fill what a locked screen or the list of a mailbox shows of a message
    "nb": "Brevet til deg står lenger ned. De første linjene kan vises på en låst skjerm og i listen over e-post, der "
    "andre kan lese dem. Derfor skriver vi ikke her hva brevet gjelder eller hvem det er fra. "
    "Bla ned for å lese brevet.",
    "nn": "Brevet til deg står lenger nede. Dei første linjene kan visast på ein låst skjerm og i lista over e-postar, "
    "der andre kan lese dei. Difor skriv vi ikkje her kva brevet gjeld eller kven det er frå. "
    "Bla ned for å lese brevet.",
    "en": "The letter to you is further down. The first lines may be shown on a locked screen and in the list of your "
    "mailbox, where others can read them. So we do not say here what the letter is about or who it is from. "
    "Scroll down to read it.",
}
_LINK_WORDS = {"nb": "Les brevet her", "nn": "Les brevet her", "en": "Read the letter here"}

_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)


def why_not(letter: OutgoingLetter, account: Account) -> str:
    """A code when this letter cannot be written as the agreement says; '' when it can."""
    is_full = _is_full(letter, account)
    text = letter.text if is_full else letter.short_text
    if not text.strip() or (is_full and not letter.html.strip()):
        return "no_text"
    try:
        (letter.text + letter.html + letter.short_text + letter.link).encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return "unwritable_text"
    return "" if is_full else what_it_reveals(f"{text}\n{letter.link}")


def message_id(letter: OutgoingLetter, account: Account) -> str:
    """`<dispatch id@our domain>`: by it a returned message tells which letter it was."""
    return f"<{letter.dispatch_id}@{domain_of(plain(account.public['from_address']))}>"


def message_of(letter: OutgoingLetter, account: Account, wall_now: datetime) -> EmailMessage:
    """The whole message. In a notice nothing is told but that there is a letter, and where."""
    agreed, language = account.public, _language(letter)
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["From"] = Address(agreed["from_name"], addr_spec=plain(agreed["from_address"]))
    message["To"] = Address(addr_spec=plain(letter.recipient.email))
    if reply_to := plain(agreed["reply_to"] or letter.sender.email):
        message["Reply-To"] = Address(addr_spec=reply_to)
    message["Subject"] = SUBJECTS[language]
    message["Date"] = wall_now
    message["Message-ID"] = message_id(letter, account)
    message["Auto-Submitted"] = "auto-generated"
    is_full = _is_full(letter, account)
    text, html = _full(letter) if is_full else _notice(letter)
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    if is_full and agreed["attach_pdf"]:
        message.add_attachment(letter.pdf, maintype="application", subtype="pdf", filename="brev.pdf")
    message["Content-Language"] = language  # last: setting the content takes such headers away
    _fix_boundaries(message, letter.dispatch_id)
    return message


def _is_full(letter: OutgoingLetter, account: Account) -> bool:
    """Whether the letter itself is written. One without a document only tells of another, whatever is agreed."""
    return bool(account.public["mode"] == FULL and letter.pdf)


def _full(letter: OutgoingLetter) -> tuple[str, str]:
    """The letter, with lines in front that tell nothing."""
    lead = LEADS[_language(letter)]
    opened = _BODY.search(letter.html)
    at = opened.end() if opened else 0
    return f"{lead}\n\n{letter.text}", f"{letter.html[:at]}<p>{lead}</p><hr>{letter.html[at:]}"


def _notice(letter: OutgoingLetter) -> tuple[str, str]:
    language = _language(letter)
    text, paragraphs = letter.short_text.strip(), letter.short_text.strip().split("\n")
    body = "".join(f"<p>{escape(line)}</p>" for line in paragraphs if line.strip())
    if letter.link:
        text += "" if letter.link in text else f"\n\n{letter.link}"
        body += f'<p><a href="{escape(letter.link)}">{_LINK_WORDS[language]}</a></p>'
    title = escape(SUBJECTS[language])
    head = f'<meta charset="utf-8"><title>{title}</title>'
    return text + "\n", f'<!doctype html><html lang="{language}"><head>{head}</head><body>{body}</body></html>\n'


def _language(letter: OutgoingLetter) -> str:
    return letter.recipient.language if letter.recipient.language in SUBJECTS else "nb"


def _fix_boundaries(message: EmailMessage, dispatch_id: str) -> None:
    """Derived from the letter instead of thrown by dice, so that the same letter gives the same bytes."""
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{uuid5(UUID(dispatch_id), f'part {number}').hex}")
