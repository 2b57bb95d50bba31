"""What is answered, as XML of `api_v8.xsd`."""

from xml.sax.saxutils import escape, quoteattr

from saas.simulators.digipost.mailroom import Batch, Event, Letter, iso
from saas.simulators.digipost.refusals import V8

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
MEDIA = "application/vnd.digipost-v8+xml"
RELATIONS = {
    "create_message": "/messages",
    "identify_recipient": "/identification",
    "document_events": "/events/documents",
    "get_sender_information": "/sender-information",
    "create_batch": "/batch",
    "get_batch": "/batch/",
}


def entry_point(base: str, pem: str) -> bytes:
    """Certificate and links."""
    links = "".join(_link(base, relation, path) for relation, path in RELATIONS.items())
    return _xml("entrypoint", f"<certificate>{escape(pem)}</certificate>{links}")


def identified(result: str, reason: str) -> bytes:
    """`identification-result`."""
    told = f"<result>{result}</result>"
    if result == "UNIDENTIFIED":
        told += f"<unidentified-reason>{reason}</unidentified-reason>"
    if result == "INVALID":
        told += f"<invalid-reason>{reason}</invalid-reason>"
    return _xml("identification-result", told)


def delivery(letter: Letter) -> bytes:
    """`message-delivery`."""
    status = {"PRINT": "DELIVERED_TO_PRINT"}.get(letter.channel, "DELIVERED")
    if letter.batch and letter.delivered is None:
        status = "COMPLETE"
    at = letter.delivered or (None if letter.batch else letter.created)
    return _xml(
        "message-delivery",
        f"<message-id>{escape(letter.message_id)}</message-id><delivery-method>{letter.channel}</delivery-method>"
        f"<sender-id>{letter.sender}</sender-id><status>{status}</status>"
        + (f"<delivery-time>{iso(at)}</delivery-time>" if at else "")
        + f"<primary-document><uuid>{letter.uuid}</uuid><subject>{escape(letter.subject)}</subject>"
        f"<file-type>pdf</file-type><authentication-level>{letter.authentication}</authentication-level>"
        f"<sensitivity-level>{letter.sensitivity}</sensitivity-level>"
        f'<content-hash hash-algorithm="SHA256">{letter.digest}</content-hash></primary-document>',
    )


def document_status(letter: Letter) -> bytes:
    """`document-status`."""
    told = {
        "uuid": letter.uuid, "sender-id": letter.sender,
        "status": "DELIVERED" if letter.delivered else "NOT_DELIVERED", "created": iso(letter.created),
        "delivered": iso(letter.delivered) if letter.delivered else "",
        "read": ("Y" if letter.opened else "N") if letter.wants_receipt else "",
        "channel": letter.channel, "is-primary-document": "true",
        "content-hash": letter.digest, "content-hash-algorithm": "SHA256",
    }  # fmt: skip
    return _xml("document-status", "", told)


def events(told: list[Event]) -> bytes:
    """`document-events`."""
    return _xml("document-events", "".join(_event(event) for event in told))


def batch(told: Batch, base: str) -> bytes:
    """`batch`, with what can be done to it as links."""
    links = ""
    if told.status in ("CREATED", "NOT_COMMITTED"):
        links = _link(base, "complete_batch", f"/batch/{told.uuid}/complete")
        links += _link(base, "cancel_batch", f"/batch/{told.uuid}")
    return _xml(
        "batch",
        f"<uuid>{told.uuid}</uuid><status>{told.status}</status><count-digipost>{told.count('DIGIPOST')}"
        f"</count-digipost><count-print>{told.count('PRINT')}</count-print>{links}",
    )


def sender_information(number: str, valid: bool) -> bytes:
    """`sender-information`."""
    sender = f"<sender-id>{number}</sender-id>" if valid else ""
    return _xml("sender-information", f"{sender}<status>{'VALID_SENDER' if valid else 'NO_INFO_AVAILABLE'}</status>")


def _event(event: Event) -> str:
    told = _attributes({
        "uuid": event.uuid, "type": event.type, "created": iso(event.created),
        "document-created": iso(event.document_created),
    })  # fmt: skip
    if not event.kind:
        return f"<event{told}/>"
    more = _attributes({"xsi:type": event.kind} | dict(event.more))
    return f'<event{told}><metadata xmlns:xsi="{_XSI}"{more}/></event>'


def _link(base: str, relation: str, path: str) -> str:
    return f'<link rel="{base}/relations/{relation}" uri="{base}{path}" media-type="{MEDIA}"/>'


def _attributes(told: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in told.items() if value)


def _xml(name: str, inside: str, attributes: dict[str, str] | None = None) -> bytes:
    return f'{_HEAD}<{name} xmlns="{V8}"{_attributes(attributes or {})}>{inside}</{name}>'.encode()
