"""What has happened to documents since: polled, for Digipost sends no news. Asked for with an overlap, told once."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from plugins.digipost.answers import Event
from plugins.digipost.client import DigipostClient
from saas.hooks import DeliveryReceipt, ReceiptPage, ReceiptState
from saas.rules.contact import OSLO

OVERLAP = timedelta(hours=24)
PAGE = 100
_STATES = {
    "POSTMARKED": ReceiptState.SENT,
    "PRINT_FAILED": ReceiptState.FAILED,
    "SHREDDED": ReceiptState.FAILED,
    "PEPPOL_FAILED": ReceiptState.FAILED,
    "OPENED": ReceiptState.OPENED,
}
"""All else is noted: a notice that did not arrive changes nothing about the letter."""


def pages(client: DigipostClient, since: datetime, until: datetime) -> Iterator[ReceiptPage]:
    """The events since a day before `since`, oldest first, each once. Raises Trouble."""
    seen: set[tuple[str, str, datetime]] = set()
    for page in _asked(client, since - OVERLAP, until):
        new = []
        for event in page:
            if (told := (event.uuid, event.type, event.created)) not in seen:
                seen.add(told)
                new.append(event)
        if new:
            yield ReceiptPage(_name(new), tuple(receipt(event) for event in new))


def receipt(event: Event) -> DeliveryReceipt:
    """What one event means."""
    state = _STATES.get(event.type, ReceiptState.NOTED)
    on = (event.postmarked or event.created).astimezone(ZoneInfo(OSLO)).date()
    code = f"{event.type} {event.code}".strip() if state is not ReceiptState.SENT else ""
    return DeliveryReceipt(event.uuid, state, on, code, _evidence(event))


def _asked(client: DigipostClient, since: datetime, until: datetime) -> Iterator[list[Event]]:
    offset = 0
    while True:
        page = client.events(
            f"from={_moment(since)}&to={_moment(until)}&offset={offset}&maxResults={PAGE}&sender={client.terms.sender}"
        )
        if not page:  # a short page may only mean that fewer are given at a time than we asked for
            return
        yield page
        offset += len(page)


def _moment(moment: datetime) -> str:
    """To the thousandth, with its zone, as it can stand in a query."""
    return quote(moment.astimezone(UTC).isoformat(timespec="milliseconds"), safe="")


def _evidence(event: Event) -> str:
    """The event's own words, without the number or address that a notice went to."""
    told = {"document": event.uuid, "type": event.type, "created": event.created.isoformat(), "code": event.code}
    if event.postmarked:
        told["postmarked"] = event.postmarked.isoformat()
    return json.dumps({name: value for name, value in told.items() if value}, sort_keys=True)


def _name(events: Iterable[Event]) -> str:
    """The same for the same events, and for no others."""
    told = "".join(f"{event.uuid} {event.type} {event.created.isoformat()}\n" for event in events)
    return f"events-{hashlib.sha256(told.encode()).hexdigest()[:32]}"
