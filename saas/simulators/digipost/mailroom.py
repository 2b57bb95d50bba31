"""What Digipost does with what it is sent: who has a mailbox, what is taken, what is delivered, what happens later."""

import threading
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from saas.simulators.digipost import printable
from saas.simulators.digipost.multipart import Part
from saas.simulators.digipost.refusals import Refusal
from saas.simulators.digipost.schema import DATATYPES, WAYS, part, said

MOST_BYTES = 10_000_000  # of a document; the real limit is not known
OSLO = ZoneInfo("Europe/Oslo")
DIGIPOST, IDENTIFIED, UNIDENTIFIED, INVALID = "DIGIPOST", "IDENTIFIED", "UNIDENTIFIED", "INVALID"
_GOVERNMENT = ("IDPORTEN_3", "IDPORTEN_4")
Element = Any


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody Digipost knows of, by number (fødselsnummer or organisasjonsnummer) or by name and address."""

    number: str = field(default="", repr=False)
    result: str = DIGIPOST
    name: str = ""
    line: str = ""
    postcode: str = ""
    city: str = ""

    @property
    def place(self) -> tuple[str, ...]:
        """What a name and address is compared with."""
        return tuple(" ".join(told.lower().split()) for told in (self.name, self.line, self.postcode, self.city))


@dataclass(slots=True)
class Letter:
    """A message that was taken, with its first document."""

    message_id: str
    uuid: str
    broker: str
    sender: str
    channel: str
    subject: str
    authentication: str
    sensitivity: str
    data_type: str
    notices: tuple[str, ...]
    size: int
    digest: str  # Base64 of SHA-256
    batch: str
    created: datetime
    delivered: datetime | None = None
    printed: bool = False
    wants_receipt: bool = False
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a document; `more` are the attributes of its metadata."""

    uuid: str
    broker: str
    sender: str
    type: str
    created: datetime
    document_created: datetime
    kind: str = ""
    more: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Batch:
    """A batch, until it is completed or cancelled."""

    uuid: str
    broker: str
    status: str = "CREATED"
    letters: list[Letter] = field(default_factory=list)

    def count(self, channel: str) -> int:
        return sum(letter.channel == channel for letter in self.letters)


@dataclass
class Broker:
    """A customer of Digipost's: for whom it may send, and what it may do."""

    number: str
    senders: set[str] = field(default_factory=set)
    may_print: bool = True
    may_print_directly: bool = False
    closed: str = ""  # a code: why nothing is taken from it

    def __post_init__(self) -> None:
        self.senders.add(self.number)


class Mailroom:
    """`now` is the real clock. `unknown_are` is what is said of a number nobody has told of."""

    def __init__(self, now: Callable[[], datetime], brokers: list[Broker], unknown_are: str = UNIDENTIFIED) -> None:
        self._now = now
        self.brokers = {broker.number: broker for broker in brokers}
        self.unknown_are = unknown_are
        self.check_pdf = True  # off: only whether it looks like a PDF, for measuring
        self.people: dict[str, Person] = {}
        self._neighbours: dict[tuple[str, ...], list[Person]] = {}
        self.letters: dict[str, Letter] = {}  # by message-id
        self.documents: dict[tuple[str, str], Letter] = {}  # by sender and uuid
        self.batches: dict[str, Batch] = {}
        self.events: list[Event] = []
        self.takes: Counter[str] = Counter()  # how often a message of this id was taken: never more than once
        self.tries: Counter[str] = Counter()  # how often one came
        self._lock = threading.RLock()

    # who

    def know(self, *people: Person) -> None:
        """Let these be known."""
        with self._lock:
            for person in people:
                if person.number:
                    self.people[person.number] = person
                if person.name:
                    self._neighbours.setdefault(person.place, []).append(person)

    def identify(self, asked: Element) -> tuple[str, str]:
        """(result, reason) for an `identification` or a `recipient`. Raises Refusal."""
        for way in WAYS:
            found = part(asked, way)
            if found is not None:
                return self._by_place(found) if way == "name-and-address" else self._by_number(way, found.text or "")
        raise Refusal("MISSING_RECIPIENT")

    def _by_number(self, way: str, number: str) -> tuple[str, str]:
        invalid = {
            "personal-identification-number": "INVALID_PERSONAL_IDENTIFICATION_NUMBER",
            "organisation-number": "INVALID_ORGANISATION_NUMBER",
        }.get(way, "UNKNOWN")
        person = self.people.get(number)
        result = person.result if person else self.unknown_are
        if result == INVALID or (way != "digipost-address" and not number.isdigit()):
            return INVALID, invalid
        return result, "NOT_FOUND" if result == UNIDENTIFIED else ""

    def _by_place(self, told: Element) -> tuple[str, str]:
        names = ("fullname", "addressline1", "postalcode", "city")
        found = self._neighbours.get(Person("", "", *(said(told, name) for name in names)).place, [])
        if len(found) != 1:
            return UNIDENTIFIED, "MULTIPLE_MATCHES" if found else "NOT_FOUND"
        return found[0].result, "NOT_FOUND" if found[0].result == UNIDENTIFIED else ""

    # taking

    def take(self, broker: Broker, message: Element, documents: list[Part]) -> Letter:
        """Take a message, once. Raises Refusal."""
        message_id = said(message, "message-id")
        with self._lock:
            self.tries[message_id] += 1
        sender = self._sender(broker, message)
        told = part(message, "primary-document")
        assert told is not None
        _check_documents(message, documents)
        batch = self._batch_of(message, broker)
        with self._lock:
            if message_id and message_id in self.letters:
                raise Refusal("DUPLICATE_MESSAGE")
            if (sender, said(told, "uuid")) in self.documents:
                raise Refusal("DUPLICATE_DOCUMENT_ID")
        channel = self._channel(broker, message)
        self._check_content(channel, told, documents)
        self._check_times(message, told)
        letter = self._letter(broker.number, sender, channel, message, documents[0])
        with self._lock:
            if message_id and message_id in self.letters:  # taken while we looked at this one
                raise Refusal("DUPLICATE_MESSAGE")
            if batch is not None:
                if batch.status not in ("CREATED", "NOT_COMMITTED"):
                    raise Refusal("UNKNOWN_BATCH", "It takes no more.")
                batch.letters.append(letter)
                batch.status = "NOT_COMMITTED"
            self.letters[message_id or letter.uuid] = self.documents[sender, letter.uuid] = letter
            self.takes[letter.message_id] += 1
            if batch is None:
                self._deliver(letter)
        return letter

    def copies(self) -> Counter[str]:
        """How often each content was taken, under whatever ids: what shows a letter sent twice."""
        with self._lock:
            return Counter(letter.digest for letter in self.letters.values())

    def _sender(self, broker: Broker, message: Element) -> str:
        if broker.closed:
            raise Refusal(broker.closed)
        if part(message, "sender-organization") is not None:
            raise Refusal("BROKER_NOT_AUTHORIZED", "Organisations as senders are not played here.")
        sender = said(message, "sender-id") or broker.number
        if sender not in broker.senders:
            known = any(sender in other.senders for other in self.brokers.values())
            raise Refusal("BROKER_NOT_AUTHORIZED" if known else "UNKNOWN_SENDER")
        return sender

    def _batch_of(self, message: Element, broker: Broker) -> Batch | None:
        number = said(message, "batch", "uuid")
        return self.batch(number, broker) if number else None

    def _channel(self, broker: Broker, message: Element) -> str:
        """Where it goes: to the mailbox when there is one, else to paper when that was asked for. Raises Refusal."""
        recipient = part(message, "recipient")
        on_paper = part(message, "recipient", "print-details")
        if on_paper is not None:
            _check_addresses(on_paper)
            if not broker.may_print:
                raise Refusal("NOT_APPROVED_FOR_PRINT")
        if recipient is not None and not any(part(recipient, way) is not None for way in WAYS):
            if on_paper is None:
                raise Refusal("MISSING_RECIPIENT")
            if not broker.may_print_directly:
                raise Refusal("NOT_APPROVED_FOR_DIRECT_PRINT")
            return "PRINT"
        result, _ = self.identify(recipient)
        if result == DIGIPOST:
            return "DIGIPOST"
        if on_paper is None:
            raise Refusal("UNKNOWN_RECIPIENT", "The recipient does not have a Digipost account.")
        return "PRINT"

    def _check_content(self, channel: str, told: Element, documents: list[Part]) -> None:
        if not said(told, "subject"):
            raise Refusal("MISSING_SUBJECT")
        if said(told, "authentication-level") in _GOVERNMENT:
            raise Refusal("NOT_APPROVED_FOR_IDPORTEN")
        for document in documents:
            if not document.content:
                raise Refusal("MISSING_CONTENT")
            if len(document.content) > MOST_BYTES:
                raise Refusal("FILE_TOO_LARGE")
        if said(told, "file-type") != "pdf":
            if channel == "PRINT":
                raise Refusal("CONTENT_OF_PRINT_MESSAGE_MUST_BE_PDF")
            return
        content = documents[0].content
        if self.check_pdf or channel == "PRINT":
            flaws = _flaws(content)
        else:
            flaws = () if content.startswith(b"%PDF-") else ("INVALID_PDF",)
        wrong = [flaw for flaw in flaws if channel == "PRINT" or flaw not in printable.OK_FOR_WEB]
        if wrong:
            raise Refusal("INVALID_PDF_CONTENT", ", ".join(wrong))

    def _check_times(self, message: Element, told: Element) -> None:
        if said(message, "delivery-time"):
            past = datetime.fromisoformat(said(message, "delivery-time")) < self._now()
            raise Refusal("DELIVERY_DATE_HISTORICAL" if past else "NOT_APPROVED_FOR_REST_API_USAGE")
        notification = part(told, "sms-notification")
        for at in () if notification is None else notification:
            moment = at.get("time")
            if moment and datetime.fromisoformat(moment) < self._now() - timedelta(minutes=5):
                raise Refusal("INVALID_SMS_NOTIFICATION_TIME")

    def _letter(self, broker: str, sender: str, channel: str, message: Element, document: Part) -> Letter:
        told = part(message, "primary-document")
        data = part(told, "data-type")
        notices = part(told, "sms-notification")
        return Letter(
            said(message, "message-id"), said(told, "uuid") or document.name, broker, sender, channel,
            said(told, "subject"), said(told, "authentication-level") or "PASSWORD",
            said(told, "sensitivity-level") or "NORMAL",
            data[0].tag.removeprefix(f"{{{DATATYPES}}}") if data is not None else "",
            tuple(one.get("time") or f"{one.text} hours" for one in (() if notices is None else notices)),
            len(document.content), b64encode(sha256(document.content).digest()).decode(),
            said(message, "batch", "uuid"), self._now(),
            wants_receipt=part(told, "opening-receipt") is not None,
        )  # fmt: skip

    def _deliver(self, letter: Letter) -> None:
        if letter.channel == "DIGIPOST":
            letter.delivered = self._now()

    # batches

    def create_batch(self, number: str, broker: Broker) -> Batch:
        """A new one. Raises Refusal."""
        with self._lock:
            if number in self.batches:
                raise Refusal("PROBLEM_WITH_REQUEST", "There is a batch of this number.")
            return self.batches.setdefault(number, Batch(number, broker.number))

    def batch(self, number: str, broker: Broker) -> Batch:
        """Raises Refusal."""
        found = self.batches.get(number)
        if found is None or found.broker != broker.number:
            raise Refusal("UNKNOWN_BATCH")
        return found

    def complete_batch(self, number: str, broker: Broker) -> Batch:
        """All its letters go out now. Raises Refusal."""
        with self._lock:
            batch = self.batch(number, broker)
            if batch.status in ("COMMITTED", "DONE"):
                raise Refusal("INVALID_TRANSACTION", "It is completed.")
            for letter in batch.letters:
                self._deliver(letter)
            batch.status = "DONE"
            return batch

    def cancel_batch(self, number: str, broker: Broker) -> None:
        """It and all its letters are deleted. Raises Refusal."""
        with self._lock:
            batch = self.batch(number, broker)
            if batch.status in ("COMMITTED", "DONE"):
                raise Refusal("INVALID_TRANSACTION", "It is completed.")
            for letter in batch.letters:
                del self.letters[letter.message_id], self.documents[letter.sender, letter.uuid]
                self.takes[letter.message_id] -= 1
            del self.batches[number]

    # later

    def letter(self, broker: Broker, sender: str, uuid: str) -> Letter:
        """Raises Refusal."""
        found = self.documents.get((sender, uuid))
        if found is None or found.broker != broker.number:
            raise Refusal("DOCUMENT_NOT_FOUND")
        return found

    def postmark(self, message_id: str, on: str = "") -> None:
        """The print house has posted it, on a day or now."""
        letter = self.letters[message_id]
        at = datetime.fromisoformat(on).replace(tzinfo=OSLO) if on else self._now()
        letter.delivered, letter.printed = at, True
        self._happened(letter, "POSTMARKED", "postmarked-metadata", (("postmarked-date", iso(at)),))

    def postmark_all(self) -> int:
        """The print house has posted all that waits. How many."""
        waiting = [one for one in self.letters.values() if one.channel == "PRINT" and not one.printed]
        for letter in waiting:
            self.postmark(letter.message_id)
        return len(waiting)

    def fail_print(self, message_id: str, code: str = "UNKNOWN_ERROR") -> None:
        """The print house could not print it."""
        letter = self.letters[message_id]
        letter.printed = True
        self._happened(letter, "PRINT_FAILED", "failed-print-metadata", (("error-code", code),))

    def shred(self, message_id: str) -> None:
        """It could not be delivered, and was destroyed."""
        self._happened(self.letters[message_id], "SHREDDED")

    def open(self, message_id: str) -> None:
        """It is read."""
        letter = self.letters[message_id]
        letter.opened = True
        self._happened(letter, "OPENED")

    def fail_notice(self, message_id: str, number: str = "+4799999999", code: str = "INVALID_NUMBER") -> None:
        """The SMS about it did not arrive."""
        more = (("mobile-number", number), ("error-code", code))
        self._happened(self.letters[message_id], "SMS_NOTIFICATION_FAILED", "sms-notification-failed-metadata", more)

    def _happened(self, letter: Letter, what: str, kind: str = "", more: tuple[tuple[str, str], ...] = ()) -> None:
        with self._lock:
            self.events.append(
                Event(letter.uuid, letter.broker, letter.sender, what, self._now(), letter.created, kind, more)
            )

    def events_between(self, broker: Broker, since: datetime, until: datetime, sender: str = "") -> list[Event]:
        """What has happened to this broker's documents, oldest first."""
        with self._lock:
            told = list(self.events)
        return [
            event
            for event in told
            if event.broker == broker.number and since <= event.created <= until and sender in ("", event.sender)
        ]


@lru_cache(maxsize=256)
def _flaws(content: bytes) -> tuple[str, ...]:
    return tuple(printable.flaws(content))


def _check_documents(message: Element, documents: list[Part]) -> None:
    told = [one for one in message if one.tag.endswith(("}primary-document", "}attachment"))]
    uuids = [said(one, "uuid") for one in told]
    if sorted(uuids) != sorted(document.name for document in documents) or len(set(uuids)) != len(uuids):
        raise Refusal("DOCUMENTS_AND_FILES_MISMATCH")
    kinds = {said(one, "uuid"): f"application/{said(one, 'file-type')}" for one in told}
    if any(document.kind.partition(";")[0].strip() != kinds[document.name] for document in documents):
        raise Refusal("ILLEGAL_CONTENT_TYPE")


def _check_addresses(details: Element) -> None:
    """Both must be complete: they are what stands in the envelope's window."""
    for name, code in (("recipient", "INVALID_RECIPIENT_PRINT_ADDRESS"), ("return-address", "INVALID_RETURN_ADDRESS")):
        norwegian, foreign = part(details, name, "norwegian-address"), part(details, name, "foreign-address")
        whole = bool(said(details, name, "name").strip())
        if norwegian is not None:
            zip_code, city = said(norwegian, "zip-code"), said(norwegian, "city")
            whole = whole and len(zip_code) == 4 and zip_code.isdigit() and bool(city.strip())
        if foreign is not None:
            code_told, country = said(foreign, "country-code"), said(foreign, "country")
            whole = whole and bool(country.strip() or (len(code_told) == 2 and code_told.isalpha()))
        if not whole:
            raise Refusal(code)


def iso(moment: datetime) -> str:
    return moment.astimezone(OSLO).isoformat(timespec="milliseconds")
