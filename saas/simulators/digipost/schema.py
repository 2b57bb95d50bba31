"""`api_v8.xsd` and the two data types of money we know, as tables: which elements, in which order, with what in them.

Built from the documented order, limits and values; the schema file itself is not here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lxml import etree

from saas.simulators.digipost.refusals import V8, Refusal

DATATYPES = "http://api.digipost.no/schema/datatypes"
MANY = 1_000_000
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
Element = Any  # lxml's, which has no types
Check = Callable[[Element], None]


class _Wrong(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Place:
    """One place in a sequence: one of these elements, so many times."""

    elements: dict[str, Check]
    least: int = 1
    most: int = 1


def one(name: str, check: Check) -> Place:
    """Exactly one."""
    return Place({name: check})


def maybe(name: str, check: Check, most: int = 1) -> Place:
    """None, or up to `most`."""
    return Place({name: check}, 0, most)


def sequence(*places: Place, space: str = V8, attributes: dict[str, Callable[[str], None]] | None = None) -> Check:
    """Elements in this order and no others; the attributes named and no others."""

    def check(element: Element) -> None:
        for name, value in element.attrib.items():
            if name not in (attributes or {}):
                raise _Wrong(f"attribute {name} in {_name(element)}")
            (attributes or {})[name](value)
        if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
            raise _Wrong(f"text in {_name(element)}")
        _match(element, list(element), list(places), space)

    return check


def _match(element: Element, children: list[Element], places: list[Place], space: str) -> None:
    at = 0
    for place in places:
        count = 0
        while at < len(children) and count < place.most and _in(children[at], space) in place.elements:
            place.elements[_in(children[at], space)](children[at])
            at, count = at + 1, count + 1
        if count < place.least:
            raise _Wrong(f"{' or '.join(place.elements)} expected in {_name(element)}")
    if at < len(children):
        raise _Wrong(f"{_name(children[at])} is not expected here in {_name(element)}")


def text(least: int = 0, most: int = MANY, pattern: str = "", values: tuple[str, ...] = ()) -> Check:
    """Text of so many characters, of this form, or one of these values; no attributes, nothing inside."""

    def check(element: Element) -> None:
        if element.attrib or len(element):
            raise _Wrong(f"{_name(element)} may only have text")
        value = element.text or ""
        if not least <= len(value) <= most:
            raise _Wrong(f"{_name(element)} has {len(value)} characters")
        if (pattern and not re.fullmatch(pattern, value)) or (values and value not in values):
            raise _Wrong(f"{_name(element)} has a value that is not allowed")

    return check


def moment(value: str) -> None:
    """An xsd:dateTime; with its zone, for legal dates hang on it."""
    try:
        told = datetime.fromisoformat(value)
    except ValueError:
        raise _Wrong("not a date and time") from None
    if told.tzinfo is None or "T" not in value:
        raise _Wrong("not a date and time with zone")


def _moment(element: Element) -> None:
    text(1)(element)
    moment(element.text)


def _day(element: Element) -> None:
    text(10, 10)(element)
    try:
        date.fromisoformat(element.text)
    except ValueError:
        raise _Wrong("not a date") from None


def _link(element: Element) -> None:
    if set(element.attrib) - {"rel", "uri", "media-type"} or "uri" not in element.attrib or len(element):
        raise _Wrong("link")


UUID = text(pattern="[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LONG, ANY = text(pattern="-?[0-9]{1,19}"), text()
NAME, LINE, ZIP, CITY = text(0, 130), text(0, 100), text(0, 10), text(0, 80)
ADDRESSED = sequence(
    one("fullname", NAME), one("addressline1", LINE), maybe("addressline2", LINE), one("postalcode", ZIP),
    one("city", CITY), maybe("birth-date", _day), maybe("phone-number", ANY), maybe("email-address", ANY),
)  # fmt: skip
_PEPPOL = sequence(one("schemeID", ANY), one("endpointID", ANY))
WAYS: dict[str, Check] = {
    "personal-identification-number": text(11, 11),
    "organisation-number": text(9, 9),
    "digipost-address": ANY,
    "name-and-address": ADDRESSED,
    "bank-account-number": text(11, 11),
}
_POSTAL = sequence(
    one("name", NAME),
    Place({
        "norwegian-address": sequence(
            maybe("addressline1", LINE), maybe("addressline2", LINE), maybe("addressline3", LINE),
            one("zip-code", ZIP), one("city", CITY)),
        "foreign-address": sequence(
            one("addressline1", LINE), maybe("addressline2", LINE), maybe("addressline3", LINE),
            maybe("addressline4", LINE), Place({"country": text(0, 80), "country-code": text(0, 20)})),
    }),
)  # fmt: skip
_PRINT = sequence(
    one("recipient", _POSTAL), one("return-address", _POSTAL),
    maybe("color", text(values=("MONOCHROME", "COLORS"))),
    maybe("nondeliverable-handling", text(values=("SHRED", "RETURN_TO_SENDER"))),
    maybe("print-instructions", sequence(
        Place({"print-instruction": sequence(one("key", ANY), one("value", ANY))}, 1, MANY))),
)  # fmt: skip
_RECIPIENT = sequence(
    Place(WAYS | {
        "email-details": sequence(Place({"email-address": ANY}, 1, 50)),
        "peppol-addresses": sequence(one("receiver", _PEPPOL), one("sender", _PEPPOL)),
    }, 0),
    maybe("print-details", _PRINT),
)  # fmt: skip
_AT = sequence(attributes={"time": moment})
_HOURS = text(pattern="[0-9]{1,9}")
_MONEY, _KID = text(pattern=r"[0-9]+(\.[0-9]+)?"), text(0, 25)
_WEB_LINK = sequence(
    one("url", text(pattern=r"https?://\S+")), maybe("deadline", _moment), maybe("description", ANY),
    maybe("button-text", ANY), space=DATATYPES)  # fmt: skip
_TYPES: dict[str, Check] = {
    "inkasso": sequence(
        maybe("link", _WEB_LINK), one("due-date", _moment), maybe("sum", _MONEY),
        maybe("account", text(pattern="[0-9]{11}")), maybe("kid", _KID), space=DATATYPES),
    "invoice": sequence(
        maybe("link", _WEB_LINK), one("due-date", _moment), one("sum", _MONEY),
        one("creditor-account", text(pattern="[0-9]{11}")), maybe("kid", _KID), space=DATATYPES),
}  # fmt: skip


def _data_type(element: Element) -> None:
    if element.attrib or len(element) != 1:
        raise _Wrong("data-type must have one element")
    check = _TYPES.get(_in(element[0], DATATYPES))
    if check is None:
        raise _Wrong("data-type is not known, or not played here")
    check(element[0])


_DOCUMENT = sequence(
    maybe("uuid", UUID), maybe("subject", text(0, 255)), one("file-type", ANY),
    Place({"opening-receipt": ANY, "opened": text(values=("true", "false", "1", "0"))}, 0),
    maybe("sms-notification", sequence(
        maybe("overrides", sequence(one("sms-mobile-number", ANY), one("text", text(1, 160)))),
        maybe("at", _AT, MANY), maybe("after-hours", _HOURS, MANY))),
    maybe("email-notification", sequence(
        one("email-address", ANY), one("subject", text(1, 100)), one("text", text(1, 500)),
        Place({"at": _AT}, 1, MANY))),
    maybe("authentication-level", text(values=("PASSWORD", "TWO_FACTOR", "IDPORTEN_3", "IDPORTEN_4"))),
    maybe("sensitivity-level", text(values=("NORMAL", "SENSITIVE"))),
    maybe("encrypted", sequence(attributes={"number-of-pages": lambda value: None})),
    maybe("content-hash", sequence(attributes={"hash-algorithm": lambda value: None})),
    maybe("link", _link, MANY), maybe("data-type", _data_type),
    attributes={"technical-type": lambda value: None},
)  # fmt: skip
_MESSAGE = sequence(
    maybe("message-id", ANY),
    Place({"sender-id": LONG, "sender-organization": sequence(
        one("organization-id", text(pattern=r"\w{1,35}")), maybe("part-id", text(0, 100)))}, 0),
    one("recipient", _RECIPIENT), maybe("delivery-time", _moment), maybe("invoice-reference", text(0, 100)),
    one("primary-document", _DOCUMENT), maybe("attachment", _DOCUMENT, 201),
    maybe("print-if-unread", sequence(one("print-if-unread-after", _moment), one("print-details", _PRINT))),
    maybe("request-for-registration", sequence(
        one("registration-deadline", _moment), maybe("phone-number", ANY), maybe("email-address", ANY),
        maybe("print-details", _PRINT))),
    maybe("batch", sequence(one("uuid", UUID))),
)  # fmt: skip
_ROOTS: dict[str, Check] = {
    "message": _MESSAGE,
    "identification": sequence(Place(WAYS), attributes={"include-personalias-for-digipost-user": lambda value: None}),
    "batch": sequence(one("uuid", UUID)),
}


def read(body: bytes, root: str) -> Element:
    """The element `root` in `body`, as the schema has it. Raises Refusal."""
    try:
        told = etree.fromstring(body, _PARSER)
        if told.getroottree().docinfo.doctype:
            raise _Wrong("a document type")
        if _in(told, V8) != root:
            raise _Wrong(f"{root} expected")
        for node in told.iter(etree.Comment, etree.ProcessingInstruction):
            node.getparent().remove(node)
        _ROOTS[root](told)
    except (etree.XMLSyntaxError, ValueError, _Wrong) as problem:
        raise Refusal("SCHEMA_VALIDATION_ERROR", str(problem)) from None
    return told


def said(element: Element, *path: str) -> str:
    """The text at this path; '' when there is none."""
    found = element.findtext("/".join(f"{{{V8}}}{name}" for name in path))
    return found or ""


def part(element: Element, *path: str) -> Element | None:
    """The element at this path."""
    return element.find("/".join(f"{{{V8}}}{name}" for name in path))


def _in(element: Element, space: str) -> str:
    """The element's name when it is of this namespace, else what no table has."""
    qualified = etree.QName(element)
    return str(qualified.localname) if qualified.namespace == space else f"{{{qualified.namespace}}}"


def _name(element: Element) -> str:
    return str(etree.QName(element).localname)
