"""What we say to Digipost, as XML of `api_v8.xsd` and `datatypes.xsd`. The order of elements is fixed there.

A text too long for its element is never cut: whom a letter is for and where it goes are not ours to shorten.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from plugins.digipost.agreement import NAME_AND_ADDRESS, NATIONAL_ID, ORGNR, Terms
from saas.hooks import AskedPayment, OutgoingLetter, Party
from saas.rules.contact import OSLO, next_contact_slot
from saas.rules.facts import Step

V8, DATATYPES = "http://api.digipost.no/schema/v8", "http://api.digipost.no/schema/datatypes"
MAX_NAME, MAX_LINE, MAX_ZIP, MAX_CITY, MAX_SUBJECT, MAX_KID = 130, 100, 10, 80, 255, 25
SMS_FROM, SMS_UNTIL = 9, 20  # Digipost's own hours; a notice outside them is moved to the next morning, Sunday or not
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLACE = re.compile(r"([0-9]{4})\s+(\S.*)")
_BEFORE_COLLECTION = (Step.REMINDER.value, Step.COLLECTION_NOTICE.value)
_TO_OUR_PAGES = {"nn": "Logg inn på Mi side", "en": "Log in to My page"}
Element = Any  # lxml's, which has no types


class CannotSay(Exception):
    """The letter has something that has no place in a message. The text is a code, and holds nothing personal."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a recipient is found with: the name of the element and, but for name and address, its text."""

    element: str
    text: str = ""


def identity_of(party: Party, identify_by: tuple[str, ...]) -> Identity | None:
    """The first thing in `identify_by` that this party has; None when it has none of them."""
    told = {
        NATIONAL_ID: Identity("personal-identification-number", _digits(party.national_id, 11)),
        ORGNR: Identity("organisation-number", _digits(party.orgnr, 9)),
    }
    for way in identify_by:
        if way == NAME_AND_ADDRESS:
            party = _placed(party)
            if party.country == "NO" and party.name and party.address_lines and party.postcode and party.city:
                return Identity("name-and-address")
        elif told[way].text:
            return told[way]
    return None


def identification(identity: Identity, party: Party) -> bytes:
    """The question whether somebody has a mailbox. Raises CannotSay."""
    root = etree.Element(_v8("identification"), nsmap={None: V8})
    _identify(root, identity, party)
    return _bytes(root)


def message(
    letter: OutgoingLetter,
    letter_id: str,
    identity: Identity,
    terms: Terms,
    *,
    on_paper: bool = False,
    batch: str = "",
    now: datetime,
) -> bytes:
    """The letter's message. `on_paper` adds what Digipost needs to print it, for somebody without a mailbox.

    Raises CannotSay.
    """
    root = etree.Element(_v8("message"), nsmap={None: V8})
    _add(root, "message-id", letter_id)
    if terms.sender_id:
        _add(root, "sender-id", terms.sender_id)
    recipient = _add(root, "recipient")
    _identify(recipient, identity, letter.recipient)
    if on_paper:
        _print_details(recipient, letter)
    _document(_add(root, "primary-document"), letter, letter_id, terms, now)
    if batch:
        _add(_add(root, "batch"), "uuid", batch)
    return _bytes(root)


def new_batch(batch: str) -> bytes:
    """The wish for a batch of this number."""
    root = etree.Element(_v8("batch"), nsmap={None: V8})
    _add(root, "uuid", batch)
    return _bytes(root)


def notice_at(delivered_at: datetime, hours: int) -> datetime:
    """When an unread letter may be told of by SMS: so many hours after delivery, or the next moment that is lawful.

    Digipost would move a notice in the evening to nine the next morning, also a Sunday; so we never name one it moves.
    """
    slot = next_contact_slot(delivered_at + timedelta(hours=hours))
    while not SMS_FROM <= slot.hour < SMS_UNTIL:
        slot = next_contact_slot(slot.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
    return slot


# --- parts ----------------------------------------------------------------------------------------------------------


def _identify(parent: Element, identity: Identity, party: Party) -> None:
    if identity.text:
        _add(parent, identity.element, identity.text)
        return
    party = _placed(party)
    told = _add(parent, identity.element)
    _add(told, "fullname", _fits(party.name, MAX_NAME, "NAME"))
    for number, line in enumerate(_lines(party, 2), start=1):
        _add(told, f"addressline{number}", line)
    _add(told, "postalcode", _fits(party.postcode, MAX_ZIP, "POSTCODE"))
    _add(told, "city", _fits(party.city, MAX_CITY, "CITY"))


def _document(parent: Element, letter: OutgoingLetter, letter_id: str, terms: Terms, now: datetime) -> None:
    _add(parent, "uuid", letter_id)
    _add(parent, "subject", _fits(letter.subject, MAX_SUBJECT, "SUBJECT"))
    _add(parent, "file-type", "pdf")
    if terms.notification_hours is not None:
        at = notice_at(now, terms.notification_hours)
        _add(_add(parent, "sms-notification"), "at").set("time", at.isoformat(timespec="seconds"))
    _add(parent, "authentication-level", "TWO_FACTOR")
    _add(parent, "sensitivity-level", "SENSITIVE")  # else the subject stands in notices, for anybody who sees the phone
    if letter.payment is not None:
        _what_to_pay(_add(parent, "data-type"), letter, letter.payment)


def _what_to_pay(parent: Element, letter: OutgoingLetter, payment: AskedPayment) -> None:
    """An invoice until the letter is a demand: a creditor's own reminder is no debt collection, and must not say so."""
    is_invoice = letter.kind in _BEFORE_COLLECTION
    account, kid = _digits(payment.account, 11), payment.kid if len(payment.kid) <= MAX_KID else ""
    if is_invoice and not account:
        return  # an invoice must have one
    told = etree.SubElement(parent, f"{{{DATATYPES}}}{'invoice' if is_invoice else 'inkasso'}", nsmap={None: DATATYPES})
    if letter.link.startswith(("https://", "http://")):
        link = _add(told, "link", space=DATATYPES)
        _add(link, "url", letter.link, space=DATATYPES)
        words = _TO_OUR_PAGES.get(letter.recipient.language, "Logg inn på Min side")
        _add(link, "button-text", words, space=DATATYPES)
    due_at = datetime.combine(payment.due_on, time(0), ZoneInfo(OSLO))
    _add(told, "due-date", due_at.isoformat(), space=DATATYPES)
    _add(told, "sum", f"{payment.amount_ore // 100}.{payment.amount_ore % 100:02d}", space=DATATYPES)
    if account:
        _add(told, "creditor-account" if is_invoice else "account", account, space=DATATYPES)
    if kid:
        _add(told, "kid", kid, space=DATATYPES)


def _print_details(parent: Element, letter: OutgoingLetter) -> None:
    details = _add(parent, "print-details")
    _postal(_add(details, "recipient"), letter.recipient)
    _postal(_add(details, "return-address"), letter.sender)
    _add(details, "color", "MONOCHROME")
    _add(details, "nondeliverable-handling", "RETURN_TO_SENDER")


def _postal(parent: Element, party: Party) -> None:
    party = _placed(party)
    _add(parent, "name", _fits(party.name, MAX_NAME, "NAME"))
    if party.country == "NO":
        told = _add(parent, "norwegian-address")
        lines = _lines(party, 3)
    else:
        told = _add(parent, "foreign-address")
        place = " ".join(filter(None, (party.postcode, party.city)))
        lines = [*_lines(party, 3), *filter(None, [_fits(place, MAX_LINE, "ADDRESS", needed=False)])]
        if not lines:
            raise CannotSay("NO_ADDRESS")
    for number, line in enumerate(lines, start=1):
        _add(told, f"addressline{number}", line)
    if party.country == "NO":
        _add(told, "zip-code", _fits(party.postcode, MAX_ZIP, "POSTCODE"))
        _add(told, "city", _fits(party.city, MAX_CITY, "CITY"))
    else:
        _add(told, "country-code", party.country)


def _placed(party: Party) -> Party:
    """With postcode and city where the schema has them, when they were told as the last line («5803 Bergen»)."""
    place = _PLACE.fullmatch(party.address_lines[-1].strip()) if party.address_lines else None
    if place is None or party.postcode or party.country != "NO":
        return party
    return replace(party, address_lines=party.address_lines[:-1], postcode=place[1], city=place[2])


def _lines(party: Party, most: int) -> list[str]:
    """The street lines; more than there is room for share the last one."""
    lines = [line for line in (_clean(line) for line in party.address_lines) if line]
    if len(lines) > most:
        lines = [*lines[: most - 1], ", ".join(lines[most - 1 :])]
    return [_fits(line, MAX_LINE, "ADDRESS") for line in lines]


# --- how ------------------------------------------------------------------------------------------------------------


def _v8(name: str) -> str:
    return f"{{{V8}}}{name}"


def _add(parent: Element, name: str, text: str | None = None, *, space: str = V8) -> Element:
    child = etree.SubElement(parent, f"{{{space}}}{name}")
    if text is not None:
        child.text = text
    return child


def _clean(text: str) -> str:
    """As XML can have it: no control characters, no line breaks, no spaces around."""
    return " ".join(_NOT_XML.sub(" ", text).split())


def _fits(text: str, most: int, what: str, *, needed: bool = True) -> str:
    text = _clean(text)
    if len(text) > most:
        raise CannotSay(f"{what}_TOO_LONG")
    if needed and not text:
        raise CannotSay(f"NO_{what}")
    return text


def _digits(text: str | None, length: int) -> str:
    """Exactly so many digits, or ''."""
    told = re.sub(r"[ .]", "", text or "")
    return told if re.fullmatch(rf"[0-9]{{{length}}}", told) else ""


def _bytes(root: Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
