"""Digipost over HTTP: each request signed, each answer verified, each link followed by its path alone.

One client serves one hand-over or one question, from several threads. A call gives up within ten seconds.
"""

import hashlib
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Self, TypeVar

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from plugins.digipost import answers
from plugins.digipost.agreement import API, Terms
from plugins.digipost.answers import Batch, Delivery, Event, Identified, Status, Unreadable
from plugins.digipost.errors import Trouble, sorted_error
from plugins.digipost.keys import WrongKey, open_key
from plugins.digipost.multipart import XML, multipart
from plugins.digipost.signing import Unverified, signed_headers, verify_answer
from saas.hooks import Account, OutcomeKind

CONNECT_SECONDS, ANSWER_SECONDS, ALL_SECONDS = 2.0, 7.0, 9.5
MAX_ANSWER_BYTES = 10_000_000
ENTRY_POINT_SECONDS = 3_600  # ours: how long links and certificate are used before they are fetched again
_TIMEOUT = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS, pool=ANSWER_SECONDS)
T = TypeVar("T")
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, whatever its status. `path` is that of the request, `date` the answer's own."""

    status: int
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def date(self) -> str:
        return self.headers.get("date", "")


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """Where things are, and what answers are signed with. It is itself not verified: the key comes from it."""

    key: RSAPublicKey
    links: Mapping[str, str]  # relation → path


class Doors:
    """Keys and entry points of a process, each under a digest of the agreement it was got with."""

    def __init__(self) -> None:
        self._keys: dict[bytes, RSAPrivateKey] = {}
        self._entries: dict[bytes, tuple[EntryPoint, float]] = {}
        self._lines: dict[tuple[bytes, int], threading.BoundedSemaphore] = {}
        self._lock = threading.Lock()

    def lines(self, account: Account, at_a_time: int) -> threading.BoundedSemaphore:
        """So many calls at a time for this agreement, however many hand-overs of it are under way in the process."""
        with self._lock:
            return self._lines.setdefault((_whose(account), at_a_time), threading.BoundedSemaphore(at_a_time))

    def key(self, account: Account) -> RSAPrivateKey:
        """The agreement's private key: opening a PKCS#12 file takes its time on purpose. Raises WrongKey."""
        whose = _whose(account)
        if whose not in self._keys:
            self._keys[whose] = open_key(account.secrets["certificate"], account.secrets["password"])
        return self._keys[whose]

    def entry(self, account: Account) -> EntryPoint | None:
        """What was fetched in the last hour."""
        kept = self._entries.get(_whose(account))
        return kept[0] if kept is not None and kept[1] > time.monotonic() else None

    def keep(self, account: Account, entry: EntryPoint) -> None:
        """Use this for an hour; what has run out is let go."""
        now = time.monotonic()
        with self._lock:
            self._entries = {whose: kept for whose, kept in self._entries.items() if kept[1] > now}
            self._entries[_whose(account)] = (entry, now + ENTRY_POINT_SECONDS)


class DigipostClient:
    """Use as a context manager. Every call raises Trouble."""

    def __init__(self, account: Account, terms: Terms, doors: Doors, wall_now: datetime) -> None:
        self._account, self.terms, self._doors = account, terms, doors
        self._wall_now, self._began = wall_now, time.monotonic()
        self._lines = doors.lines(account, terms.concurrency)
        self._entry = doors.entry(account)
        self._entry_is_new = False
        self._fetching = threading.Lock()
        try:
            self._key = doors.key(account)
        except WrongKey:
            raise Trouble("CERTIFICATE_CANNOT_BE_OPENED", OutcomeKind.STOPPED) from None
        self._http, self._spoilt = self._new_http(), list[httpx.Client]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for http in (self._http, *self._spoilt):
            http.close()

    @property
    def now(self) -> datetime:
        """The wall clock, carried on: a hand-over may take longer than a signature is good for."""
        return self._wall_now + timedelta(seconds=time.monotonic() - self._began)

    # the calls

    def open(self) -> EntryPoint:
        """The entry point, fetched when it is not known."""
        with self._fetching:
            if self._entry is None:
                self._entry, self._entry_is_new = self._fetch_entry(), True
                self._doors.keep(self._account, self._entry)
            return self._entry

    def identify(self, question: bytes) -> Identified:
        """Whether somebody has a mailbox. The answer does not say who, so it comes on a line of its own."""
        with self._new_http() as http:
            return _read(answers.identified, self._post("identify_recipient", question, http))

    def send(self, message: bytes, letter_id: str, pdf: bytes) -> tuple[Delivery, Answer]:
        """A message with its one document."""
        body, content_type = multipart(message, [(letter_id, "pdf", pdf)])
        answer = self._verified("POST", self._link("create_message"), body, content_type)
        told = _read(answers.delivery, answer)
        self._about(letter_id, told.message_id, told.uuid)
        return told, answer

    def status(self, letter_id: str) -> Status:
        """How a document stands."""
        told = _read(answers.status, self._verified("GET", f"/documents/{self.terms.sender}/{letter_id}/status"))
        self._about(letter_id, told.uuid)
        return told

    def events(self, query: str) -> list[Event]:
        """A page of what has happened to documents."""
        return _read(answers.events, self._verified("GET", f"{self._link('document_events')}?{query}"))

    def create_batch(self, wish: bytes) -> Batch:
        """Begin a batch."""
        return _read(answers.batch, self._post("create_batch", wish))

    def batch(self, number: str) -> Batch:
        """How a batch stands."""
        return _read(answers.batch, self._verified("GET", f"{self._link('get_batch').rstrip('/')}/{number}"))

    def complete(self, batch: Batch) -> Batch:
        """Let its letters go."""
        return _read(answers.batch, self._verified("POST", _linked(batch.links, "complete_batch")))

    def cancel(self, batch: Batch) -> None:
        """Delete it and all its letters."""
        self._verified("DELETE", _linked(batch.links, "cancel_batch"))

    # how

    def _new_http(self) -> httpx.Client:
        most = httpx.Limits(max_connections=self.terms.concurrency, max_keepalive_connections=self.terms.concurrency)
        base = self._account.base_url or API
        http = httpx.Client(base_url=base, timeout=_TIMEOUT, limits=most, verify=_trusted())
        http.headers.pop("accept-encoding")  # the hash is over what is sent, unpacked by nobody on the way
        http.headers["accept"] = XML
        return http

    def _about(self, letter_id: str, *told: str) -> None:
        """An answer about another letter lay in wait on the line: believed for none, and the line is used no more."""
        if set(told) != {letter_id}:
            self._leave_the_line()
            raise Trouble("ANSWER_OF_ANOTHER_LETTER", OutcomeKind.UNKNOWN)

    def _leave_the_line(self) -> None:
        """What stands on its connections now is nobody's. Calls under way on them may end."""
        with self._fetching:
            self._spoilt.append(self._http)
            self._http = self._new_http()

    def _link(self, relation: str) -> str:
        return _linked(self.open().links, relation)

    def _post(self, relation: str, body: bytes, http: httpx.Client | None = None) -> Answer:
        return self._verified("POST", self._link(relation), body, XML, http)

    def _verified(
        self, method: str, target: str, body: bytes = b"", content_type: str = "", http: httpx.Client | None = None
    ) -> Answer:
        """An answer that is Digipost's own and no error."""
        self.open()
        answer = self._exchange(method, target, body, content_type, http)
        if answer.status == 429:
            raise Trouble("HTTP_429", OutcomeKind.TRY_LATER, down=True)
        try:
            self._verify(answer)
        except Unverified as problem:
            self._leave_the_line()
            if answer.status >= 500:  # something in between answered in Digipost's place
                raise Trouble(f"HTTP_{answer.status}", OutcomeKind.UNKNOWN, down=answer.status == 503) from None
            raise Trouble(str(problem), OutcomeKind.UNKNOWN) from None
        if not 200 <= answer.status < 300:
            raise _error(answer)
        return answer

    def _verify(self, answer: Answer) -> None:
        """Raises Unverified. A certificate may have been replaced since it was fetched: it is fetched once more."""
        entry = self.open()
        try:
            verify_answer(entry.key, answer.status, answer.path, answer.headers, answer.body, self.now)
        except Unverified as problem:
            if str(problem) != "WRONG_SIGNATURE" or self._entry_is_new:
                raise
            with self._fetching:
                self._entry = None
            verify_answer(self.open().key, answer.status, answer.path, answer.headers, answer.body, self.now)

    def _fetch_entry(self) -> EntryPoint:
        with (
            self._new_http() as http
        ):  # a line of its own: this answer is not verified, so nothing may lie in wait on it
            answer = self._exchange("GET", "/", http=http)
        if answer.status == 429 or answer.status >= 500:
            raise Trouble(f"HTTP_{answer.status}", OutcomeKind.TRY_LATER, down=True)
        if answer.status != 200:  # before anything is sent, so no letter is refused by it: the agreement is wrong
            raise Trouble(_error(answer).code, OutcomeKind.STOPPED)
        try:
            pem, links = answers.entry_point(answer.body)
            key = x509.load_pem_x509_certificate(pem.encode()).public_key()
        except (Unreadable, ValueError):
            raise Trouble("UNREADABLE_ENTRY_POINT", OutcomeKind.TRY_LATER, down=True) from None
        if not isinstance(key, RSAPublicKey):
            raise Trouble("UNREADABLE_ENTRY_POINT", OutcomeKind.TRY_LATER, down=True)
        return EntryPoint(key, links)

    def _exchange(
        self, method: str, target: str, body: bytes = b"", content_type: str = "", http: httpx.Client | None = None
    ) -> Answer:
        """One answer. Raises Trouble, which says whether the request can have arrived."""
        http = http or self._http
        request = http.build_request(method, target, content=body or None)
        if body:
            request.headers["Content-Type"] = content_type
            if content_type != XML:
                request.headers["MIME-Version"] = "1.0"
        path, _, query = request.url.raw_path.decode().partition("?")
        with self._lines:
            now = self.now  # after waiting for the line: a signature is good for five minutes
            request.headers.update(signed_headers(self._key, self.terms.broker_id, method, path, query, body, now))
            return self._answered(http, request, path)

    def _answered(self, http: httpx.Client, request: httpx.Request, path: str) -> Answer:
        ends = time.monotonic() + ALL_SECONDS
        try:
            response = http.send(request, stream=True)
            try:
                return Answer(response.status_code, path, dict(response.headers), _whole(response, ends))
            finally:
                response.close()
        except _NEVER_LEFT as problem:
            raise Trouble(type(problem).__name__, OutcomeKind.TRY_LATER, down=True) from None
        except (httpx.TransportError, httpx.StreamError) as problem:
            raise Trouble(type(problem).__name__, OutcomeKind.UNKNOWN) from None


@cache
def _trusted() -> ssl.SSLContext:
    """The roots we trust: reading them takes longer than a call does."""
    return httpx.create_ssl_context()


def _whole(response: httpx.Response, ends: float) -> bytes:
    pieces, size = [], 0
    for piece in response.iter_raw():
        pieces.append(piece)
        size += len(piece)
        if size > MAX_ANSWER_BYTES:
            raise Trouble("ANSWER_TOO_LARGE", OutcomeKind.UNKNOWN)
        if time.monotonic() > ends:
            raise Trouble("ANSWER_TOO_SLOW", OutcomeKind.UNKNOWN)
    return b"".join(pieces)


def _error(answer: Answer) -> Trouble:
    try:
        code, sort = answers.error(answer.body)
    except Unreadable:
        code, sort = "", ""
    return sorted_error(code, sort, answer.status)


def _read(reader: Callable[[bytes], T], answer: Answer) -> T:
    """What a verified answer says. One that says something else may still have been given for a letter taken."""
    try:
        return reader(answer.body)
    except Unreadable:
        raise Trouble("UNREADABLE_ANSWER", OutcomeKind.UNKNOWN) from None


def _linked(links: Mapping[str, str], relation: str) -> str:
    if not links.get(relation):
        raise Trouble(f"NO_LINK_{relation.upper()}", OutcomeKind.STOPPED)
    return links[relation]


def _whose(account: Account) -> bytes:
    keys = (account.base_url, account.public["broker_id"], account.secrets["certificate"], account.secrets["password"])
    return hashlib.sha256("\0".join(keys).encode()).digest()
