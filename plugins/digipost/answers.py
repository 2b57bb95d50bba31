"""What Digipost says to us, read out of its XML. Whatever is not as documented is `Unreadable`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from plugins.digipost.messages import V8


class Unreadable(Exception):
    """Not XML, or not what was asked for."""


@dataclass(frozen=True, slots=True)
class Hash:
    """What the other side says the document's bytes hash to."""

    value: str = ""
    algorithm: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`message-delivery`: what became of a message."""

    message_id: str
    uuid: str
    method: str  # DIGIPOST, PRINT, PENDING …
    status: str  # DELIVERED, DELIVERED_TO_PRINT, COMPLETE, NOT_COMPLETE
    delivered_at: datetime | None
    content: Hash


@dataclass(frozen=True, slots=True)
class Status:
    """`document-status`: how a document stands now."""

    uuid: str
    status: str  # DELIVERED, NOT_DELIVERED
    channel: str
    delivered_at: datetime | None
    content: Hash


@dataclass(frozen=True, slots=True)
class Identified:
    """`identification-result`. `reason` says why not."""

    result: str  # DIGIPOST, IDENTIFIED, UNIDENTIFIED, INVALID
    reason: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a document."""

    uuid: str
    type: str
    created: datetime
    code: str  # of what failed
    postmarked: datetime | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch, and the paths of what can be done to it."""

    status: str
    links: Mapping[str, str]


def entry_point(body: bytes) -> tuple[str, dict[str, str]]:
    """(certificate as PEM, relation → path). Raises Unreadable."""
    root = _root(body, "entrypoint")
    return _text(root, "certificate"), _links(root)


def error(body: bytes) -> tuple[str, str]:
    """(code, sort). Raises Unreadable."""
    root = _root(body, "error")
    return _text(root, "error-code"), _text(root, "error-type")


def identified(body: bytes) -> Identified:
    """Whether somebody has a mailbox. Raises Unreadable."""
    root = _root(body, "identification-result")
    reason = _text(root, "unidentified-reason") or _text(root, "invalid-reason")
    return Identified(_text(root, "result", needed=True), reason)


def delivery(body: bytes) -> Delivery:
    """Raises Unreadable."""
    root = _root(body, "message-delivery")
    document = root.find(_v8("primary-document"))
    if document is None:
        raise Unreadable("no document")
    found = document.find(_v8("content-hash"))
    content = Hash() if found is None else Hash((found.text or "").strip(), found.get("hash-algorithm", ""))
    return Delivery(
        _text(root, "message-id"),
        _text(document, "uuid"),
        _text(root, "delivery-method", needed=True),
        _text(root, "status", needed=True),
        _moment(_text(root, "delivery-time")),
        content,
    )


def status(body: bytes) -> Status:
    """Raises Unreadable."""
    root = _root(body, "document-status")
    return Status(
        root.get("uuid", ""),
        root.get("status", ""),
        root.get("channel", ""),
        _moment(root.get("delivered", "")),
        Hash(root.get("content-hash", ""), root.get("content-hash-algorithm", "")),
    )


def events(body: bytes) -> list[Event]:
    """Raises Unreadable."""
    return [_event(told) for told in _root(body, "document-events").iterfind(_v8("event"))]


def batch(body: bytes) -> Batch:
    """Raises Unreadable."""
    root = _root(body, "batch")
    return Batch(_text(root, "status"), _links(root))


def _event(told: Element) -> Event:
    created = _moment(told.get("created", ""))
    if created is None or not told.get("uuid") or not told.get("type"):
        raise Unreadable("event")
    metadata = told.find(_v8("metadata"))
    more = metadata.attrib if metadata is not None else {}
    return Event(
        told.attrib["uuid"],
        told.attrib["type"],
        created,
        more.get("error-code", ""),
        _moment(more.get("postmarked-date", "")),
    )


def _root(body: bytes, name: str) -> Element:
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise Unreadable("not XML") from None
    if root.tag != _v8(name):
        raise Unreadable(f"not {name}")
    return root


def _links(root: Element) -> dict[str, str]:
    """Relation (the last segment of `rel`) → path. The host in a link is never followed."""
    return {
        link.get("rel", "").rstrip("/").rsplit("/", 1)[-1].lower(): _path(link.get("uri", ""))
        for link in root.iterfind(_v8("link"))
    }


def _path(uri: str) -> str:
    """'' when there is none. Never begins with two strokes, which would name another host."""
    path = urlsplit(uri).path
    return f"/{path.lstrip('/')}" if path else ""


def _text(parent: Element, name: str, *, needed: bool = False) -> str:
    text = (parent.findtext(_v8(name)) or "").strip()
    if needed and not text:
        raise Unreadable(f"no {name}")
    return text


def _moment(text: str) -> datetime | None:
    """None when nothing is said. Raises Unreadable."""
    if not text:
        return None
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable("time") from None
    if told.tzinfo is None:
        raise Unreadable("a time without its zone")
    return told


def _v8(name: str) -> str:
    return f"{{{V8}}}{name}"
