"""The simulated Digipost refuses what the real one refuses, by the check values and examples that are known."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from io import BytesIO
from threading import Thread
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import load_pem_x509_certificate
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from saas.documents.render import render
from saas.kernel import clock
from saas.simulators.digipost import Broker, DigipostSim, Keys, Person, Refusal, throwaway_keys
from saas.simulators.digipost.printable import OK_FOR_WEB, flaws
from saas.simulators.digipost.schema import read
from saas.simulators.digipost.signatures import digest
from tests.documents.letters import collection_notice, payment_demand, reminder, with_claims

V8 = "{http://api.digipost.no/schema/v8}"
MEDIA = "application/vnd.digipost-v8+xml"
KARI, OLA, UUID = "01010112345", "02020212345", "6d99008e-2672-4b55-9b09-996b09a06e47"
NS = 'xmlns="http://api.digipost.no/schema/v8"'
ADDRESS = (
    "<name>Kari Prøve</name><norwegian-address><addressline1>Storgata 1</addressline1><zip-code>0155</zip-code>"
    "<city>Oslo</city></norwegian-address>"
)
PRINT = (
    f"<print-details><recipient>{ADDRESS}</recipient><return-address>{ADDRESS}</return-address>"
    "<color>MONOCHROME</color><nondeliverable-handling>RETURN_TO_SENDER</nondeliverable-handling></print-details>"
)
INKASSO = (
    '<data-type><inkasso xmlns="http://api.digipost.no/schema/datatypes"><due-date>2026-12-10T00:00:00+01:00</due-date>'
    "<sum>1842.50</sum><account>12345678903</account><kid>00001230</kid></inkasso></data-type>"
)
UNREAD = "<print-if-unread-after>2026-12-10T00:00:00+01:00</print-if-unread-after>"
ORGANISATION = "<sender-organization><organization-id>999888777</organization-id></sender-organization>"
WRONG_RETURN = PRINT.replace(f"<return-address>{ADDRESS}", f"<return-address>{ADDRESS.replace('>Oslo', '>')}")
NAMED = f'Content-Disposition: attachment; filename="{UUID}"'
DOCUMENT = (
    f"<uuid>{UUID}</uuid><subject>Betalingsoppfordring sak 4711</subject><file-type>pdf</file-type>"
    "<sms-notification><after-hours>24</after-hours></sms-notification>"
    "<authentication-level>TWO_FACTOR</authentication-level><sensitivity-level>SENSITIVE</sensitivity-level>"
)


def message(number: str = KARI, document: str = DOCUMENT + INKASSO, on_paper: str = "", after: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><message {NS}><message-id>case-4711-betalingsoppfordring-1</message-id>'
        f"<sender-id>900001</sender-id><recipient><personal-identification-number>{number}"
        f"</personal-identification-number>{on_paper}</recipient>"
        f"<primary-document>{document}</primary-document>{after}</message>"
    )


@cache
def keys() -> Keys:
    return throwaway_keys("broker", clock.wall_now())


@cache
def pdf(
    width: float = 210, height: float = 297, pages: int = 1, version: str = "", words: tuple[float, ...] = ()
) -> bytes:
    """A PDF of this size (mm), with a word at (mm from the left, mm from the top) when asked for."""
    writer, file = PdfWriter(), BytesIO()
    for _ in range(pages):
        page = writer.add_blank_page(width * 72 / 25.4, height * 72 / 25.4)
        if words:
            font = DictionaryObject({
                NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            })  # fmt: skip
            page[NameObject("/Resources")] = DictionaryObject(
                {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
            )
            x, y = words[0] * 72 / 25.4, (height - words[1]) * 72 / 25.4
            stream = DecodedStreamObject()
            stream.set_data(f"BT /F1 10 Tf {x} {y} Td (Ord) Tj ET".encode())
            page[NameObject("/Contents")] = stream
    writer.write(file)
    made = file.getvalue()
    return b"%PDF-" + version.encode() + made[8:] if version else made


@pytest.fixture
def sim() -> Iterator[DigipostSim]:
    with DigipostSim(clock.wall_now, keys=keys()) as started:
        started.mail.know(
            Person(KARI, "DIGIPOST", "Kari Prøve", "Storgata 1", "0155", "Oslo"), Person(OLA, "IDENTIFIED")
        )
        yield started


def call(
    sim: DigipostSim,
    method: str,
    target: str,
    body: bytes = b"",
    *,
    at: datetime | None = None,
    signed: str = "",
    **changes: str | None,
) -> httpx.Response:
    """A request signed as it is written in the documentation, but for `changes` (None leaves a header out)."""
    path, _, query = target.partition("?")
    date = format_datetime(at or clock.wall_now(), usegmt=True)
    lines = [method, path.lower(), f"date: {date}"]
    headers: dict[str, str | None] = {"Accept": MEDIA, "Date": date, "X-Digipost-UserId": "800001"}
    if body:
        headers["X-Content-SHA256"] = base64.b64encode(hashlib.sha256(body).digest()).decode()
        lines.append(f"x-content-sha256: {headers['X-Content-SHA256']}")
        headers["Content-Type"] = MEDIA
    text = signed or "\n".join([*lines, "x-digipost-userid: 800001", query.lower(), ""])
    made = keys().private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    headers["X-Digipost-Signature"] = base64.b64encode(made).decode()
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    with httpx.Client() as http:
        http.headers.pop("accept-encoding")
        sent = {name: value for name, value in headers.items() if value is not None}
        return http.request(method, f"{sim.base_url}{target}", content=body or None, headers=sent)


def body_of(xml: str, content: bytes, *, name: str = UUID, head: str | None = None, end: str = "--b--\r\n") -> bytes:
    head = head or f'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="{name}"'
    return (
        f"--b\r\nContent-Type: {MEDIA}; charset=UTF-8\r\n"
        f'Content-Disposition: attachment; filename="message"\r\n\r\n{xml}\r\n--b\r\n{head}'
        f"\r\n\r\n"
    ).encode() + content + f"\r\n{end}".encode()  # fmt: skip


def send(sim: DigipostSim, xml: str = "", content: bytes = b"", **changes: Any) -> httpx.Response:
    body = changes.pop("body", None) or body_of(xml or message(), content or pdf())
    headers = {"Content_Type": "multipart/vnd.digipost-v8+xml; boundary=b", "MIME_Version": "1.0"} | changes
    return call(sim, "POST", "/messages", body, **headers)


def code(response: httpx.Response) -> str:
    return fromstring(response.content).findtext(f"{V8}error-code") or ""


# --- signatures -----------------------------------------------------------------------------------------------------


def test_the_check_value_of_the_hash() -> None:
    assert digest(b"This is the content to hash.") == "gvXOB75lBGBY6LVTAVVpapZkBOv531VUE0EHrP2rryE="


def test_a_wrong_signature_is_answered_with_the_text_it_should_have_been_over(sim: DigipostSim) -> None:
    date = format_datetime(clock.wall_now(), usegmt=True)
    response = call(sim, "GET", "/?A=B", signed="GET\n/\n", Date=date)
    assert (response.status_code, code(response)) == (403, "INVALID_SIGNATURE")
    told = fromstring(response.content).findtext(f"{V8}error-message")
    assert told == f"===START===GET\n/\ndate: {date}\nx-digipost-userid: 800001\na=b\n===SLUTT==="


def test_the_forgotten_empty_line_is_the_classic_error(sim: DigipostSim) -> None:
    date = format_datetime(clock.wall_now(), usegmt=True)
    without = f"GET\n/\ndate: {date}\nx-digipost-userid: 800001\n"
    assert code(call(sim, "GET", "/", signed=without, Date=date)) == "INVALID_SIGNATURE"
    assert call(sim, "GET", "/", signed=without + "\n", Date=date).status_code == 200


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"X_Digipost_UserId": "800009"}, "UNKNOWN_USER_ID"),
        ({"X_Digipost_UserId": "fjord"}, "INVALID_USER_ID_HEADER"),
        ({"X_Digipost_UserId": None}, "INVALID_USER_ID_HEADER"),
        ({"X_Digipost_Signature": None}, "MISSING_SIGNATURE"),
        ({"X_Digipost_Signature": "AAAA"}, "INVALID_SIGNATURE"),
        ({"X_Content_SHA256": None}, "MISSING_SHA256"),
        ({"X_Content_SHA256": digest(b"else")}, "INVALID_SHA256"),
        ({"Date": None}, "MISSING_DATE_HEADER"),
        ({"Date": "2026-11-21"}, "INVALID_DATE_HEADER"),
        ({"Date": "Wed, 29 Jun 2011 14:58:11 GMT"}, "DATE_HEADER_OUTSIDE_ACCEPTED_INTERVAL"),
    ],
)
def test_what_a_request_must_have_to_be_believed(sim: DigipostSim, changes: dict[str, str | None], why: str) -> None:
    asked = f"<identification {NS}><organisation-number>999888777</organisation-number></identification>".encode()
    assert call(sim, "POST", "/identification", asked).status_code == 200
    assert code(call(sim, "POST", "/identification", asked, **changes)) == why


def test_one_byte_changed_on_the_way_is_refused(sim: DigipostSim) -> None:
    body = body_of(message(), pdf())
    spoilt = body[:-30] + bytes([body[-30] ^ 1]) + body[-29:]
    response = send(sim, body=spoilt, X_Content_SHA256=digest(body))
    assert code(response) == "INVALID_SHA256"
    assert code(send(sim, body=spoilt, X_Content_SHA256=digest(spoilt), signed="x")) == "INVALID_SIGNATURE"
    assert not sim.mail.letters


@pytest.mark.parametrize(("minutes", "is_taken"), [(-6, False), (-4, True), (4, True), (6, False)])
def test_five_minutes_apart_at_most(sim: DigipostSim, minutes: int, is_taken: bool) -> None:
    at = clock.wall_now() + timedelta(minutes=minutes)
    assert (call(sim, "GET", "/", at=at).status_code == 200) is is_taken


def test_every_answer_is_signed_with_the_certificate_of_the_entry_point(sim: DigipostSim) -> None:
    entry = call(sim, "GET", "/")
    pem = fromstring(entry.content).findtext(f"{V8}certificate") or ""
    key = load_pem_x509_certificate(pem.encode()).public_key()
    for response in (send(sim), send(sim), call(sim, "GET", f"/documents/900001/{UUID}/status")):
        told = (
            f"{response.status_code}\n{response.request.url.path.lower()}\ndate: {response.headers['Date']}\n"
            f"x-content-sha256: {digest(response.content)}\n"
        )
        assert response.headers["X-Content-SHA256"] == digest(response.content)
        signature = base64.b64decode(response.headers["X-Digipost-Signature"])
        key.verify(signature, told.encode(), padding.PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr,call-arg]


def test_the_entry_point_has_the_relations_a_sender_needs(sim: DigipostSim) -> None:
    links = fromstring(call(sim, "GET", "/900001").content).findall(f"{V8}link")
    told = {link.attrib["rel"].rsplit("/", 1)[-1] for link in links}
    assert told >= {"create_message", "identify_recipient", "document_events", "create_batch", "get_batch",
                    "get_sender_information"}  # fmt: skip


# --- what is in a message -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "xml",
    [
        message(),
        message(on_paper=PRINT),
        message(after=f"<batch><uuid>{UUID}</uuid></batch>"),
        message(document=f"<file-type>pdf</file-type>{INKASSO}"),
        message(after=f"<print-if-unread>{UNREAD}{PRINT}</print-if-unread>"),
        message().replace("<sender-id>900001</sender-id>", ORGANISATION),
    ],
)
def test_the_documented_examples_are_of_the_schema(xml: str) -> None:
    read(xml.encode(), "message")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<sender-id>900001</sender-id>", ""),  # then it stands below, after the recipient
        (f"<uuid>{UUID}</uuid>", f"<uuid>{UUID.upper()}</uuid>"),
        (f"<uuid>{UUID}</uuid>", "<uuid>4711</uuid>"),
        ("<subject>Betalingsoppfordring sak 4711</subject>", f"<subject>{'x' * 256}</subject>"),
        ("<file-type>pdf</file-type>", ""),
        ("TWO_FACTOR", "THREE_FACTOR"),
        ("SENSITIVE", "SECRET"),
        ("<after-hours>24</after-hours>", "<after-hours>-1</after-hours>"),
        ("<sum>1842.50</sum><account>12345678903</account>", "<account>12345678903</account><sum>1842.50</sum>"),
        ("<sum>1842.50</sum>", "<sum>1842,50</sum>"),
        ("<account>12345678903</account>", "<account>1234567890</account>"),
        ("<kid>00001230</kid>", f"<kid>{'1' * 26}</kid>"),
        ("<due-date>2026-12-10T00:00:00+01:00</due-date>", "<due-date>2026-12-10</due-date>"),
        ("<due-date>2026-12-10T00:00:00+01:00</due-date>", ""),
        ('<inkasso xmlns="http://api.digipost.no/schema/datatypes">', "<inkasso>"),
        ("<name>Kari Prøve</name>", ""),
        ("<name>Kari Prøve</name>", f"<name>{'x' * 131}</name>"),
        ("<addressline1>Storgata 1</addressline1>", f"<addressline1>{'x' * 101}</addressline1>"),
        ("<zip-code>0155</zip-code><city>Oslo</city>", "<city>Oslo</city><zip-code>0155</zip-code>"),
        ("<city>Oslo</city>", f"<city>{'x' * 81}</city>"),
        ("MONOCHROME", "PINK"),
        ("RETURN_TO_SENDER", "BURN"),
        (f"<personal-identification-number>{KARI}<", "<personal-identification-number>0101<"),
        ("<message-id>", "<message-id lang='nb'>"),
        ("<recipient>", "<note/><recipient>"),
        ("schema/v8", "schema/v7"),
        ("</message>", ""),
        ('<?xml version="1.0" encoding="UTF-8"?>', '<!DOCTYPE m [<!ENTITY x "y">]>'),
    ],
)
def test_a_message_out_of_order_too_long_or_with_another_word_is_refused(sim: DigipostSim, old: str, new: str) -> None:
    xml = message(on_paper=PRINT)
    assert old in xml
    wrong = xml.replace(old, new)
    if old.startswith("<sender-id>"):
        wrong = wrong.replace("</recipient><primary", f"</recipient>{old}<primary")
    assert code(send(sim, wrong)) == "SCHEMA_VALIDATION_ERROR"


def test_sms_text_and_email_notices_have_their_limits() -> None:
    for notice in (
        "<sms-notification><overrides><sms-mobile-number>1</sms-mobile-number><text>{}</text></overrides>"
        "</sms-notification>",
        "<email-notification><email-address>a@b.no</email-address><subject>s</subject><text>{}</text>"
        '<at time="2026-12-10T10:00:00+01:00"/></email-notification>',
    ):
        for length, is_right in ((0, False), (1, True), (160, True), (501, False)):
            xml = message(document=f"<file-type>pdf</file-type>{notice.format('x' * length)}").encode()
            if is_right:
                read(xml, "message")
            else:
                with pytest.raises(Refusal, match="SCHEMA_VALIDATION_ERROR"):
                    read(xml, "message")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"head": "Content-Type: application/pdf"}, "MISSING_BODYPART_CONTENT_DISPOSITION"),
        ({"head": "Content-Type: application/pdf\r\nContent-Disposition: attachment"}, "MISSING_BODYPART_FILENAME"),
        ({"head": NAMED}, "ILLEGAL_CONTENT_TYPE"),
        ({"head": f"Content-Type: text/html\r\n{NAMED}"}, "ILLEGAL_CONTENT_TYPE"),
        ({"name": UUID.replace("6", "7")}, "DOCUMENTS_AND_FILES_MISMATCH"),
        ({"end": "--b"}, "PROBLEM_WITH_REQUEST"),
    ],
)  # fmt: skip
def test_a_body_that_is_not_put_together_as_described_is_refused(
    sim: DigipostSim, changes: dict[str, str], why: str
) -> None:
    assert code(send(sim, body=body_of(message(), pdf(), **changes))) == why


@pytest.mark.parametrize(
    "changes",
    [{"Content_Type": MEDIA}, {"MIME_Version": None}, {"Accept": "*/*"}, {"Accept-Encoding": "gzip"}],
)
def test_the_headers_of_a_message_are_part_of_it(sim: DigipostSim, changes: dict[str, Any]) -> None:
    assert code(send(sim, **changes)) == "PROBLEM_WITH_REQUEST"


# --- what is done with it -------------------------------------------------------------------------------------------


def test_a_taken_message_is_answered_with_what_was_taken(sim: DigipostSim) -> None:
    response = send(sim)
    assert response.status_code == 201
    assert response.headers["Location"].endswith(f"/messages/{UUID}")
    root = fromstring(response.content)
    assert root.findtext(f"{V8}delivery-method") == "DIGIPOST"
    assert root.findtext(f"{V8}status") == "DELIVERED"
    told = root.find(f"{V8}primary-document/{V8}content-hash")
    assert told is not None
    assert (told.text, told.attrib["hash-algorithm"]) == (digest(pdf()), "SHA256")


def test_a_message_id_is_taken_once_and_so_is_a_document(sim: DigipostSim) -> None:
    assert send(sim).status_code == 201
    again = send(sim)
    assert (code(again), again.status_code) == ("DUPLICATE_MESSAGE", 409)
    other = message().replace("oppfordring-1", "oppfordring-2")
    assert code(send(sim, other)) == "DUPLICATE_DOCUMENT_ID"
    assert sim.mail.takes == {"case-4711-betalingsoppfordring-1": 1}
    assert sim.mail.tries["case-4711-betalingsoppfordring-1"] == 2


def test_twenty_at_once_with_one_id_are_one_letter(sim: DigipostSim) -> None:
    threads = [Thread(target=send, args=(sim,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(call.status == 201 for call in sim.called("message")) == 1
    assert sim.mail.takes == {"case-4711-betalingsoppfordring-1": 1}


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        (message(OLA), "UNKNOWN_RECIPIENT"),
        (message("03030312345"), "UNKNOWN_RECIPIENT"),
        (message().replace("<sender-id>900001", "<sender-id>900002"), "UNKNOWN_SENDER"),
        (message(document=f"<uuid>{UUID}</uuid><file-type>pdf</file-type>"), "MISSING_SUBJECT"),
        (message().replace("TWO_FACTOR", "IDPORTEN_4"), "NOT_APPROVED_FOR_IDPORTEN"),
        (message(after=f"<batch><uuid>{UUID}</uuid></batch>"), "UNKNOWN_BATCH"),
        (message(OLA, on_paper=PRINT.replace("<zip-code>0155", "<zip-code>15")), "INVALID_RECIPIENT_PRINT_ADDRESS"),
        (message(OLA, on_paper=WRONG_RETURN), "INVALID_RETURN_ADDRESS"),
        (message().replace("</recipient>", "</recipient><delivery-time>2026-01-01T00:00:00+01:00</delivery-time>"),
         "DELIVERY_DATE_HISTORICAL"),
        (message().replace("<after-hours>24</after-hours>", '<at time="2026-01-01T00:00:00+01:00"/>'),
         "INVALID_SMS_NOTIFICATION_TIME"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_by_name(sim: DigipostSim, xml: str, why: str) -> None:
    assert code(send(sim, xml)) == why
    assert not sim.mail.letters


def test_paper_alone_needs_leave_to_print_directly(sim: DigipostSim) -> None:
    number = f"<personal-identification-number>{KARI}</personal-identification-number>"
    assert code(send(sim, message(on_paper=PRINT).replace(number, ""))) == "NOT_APPROVED_FOR_DIRECT_PRINT"
    assert code(send(sim, message().replace(number, ""))) == "MISSING_RECIPIENT"
    sim.mail.brokers["800001"].may_print_directly = True
    assert send(sim, message(on_paper=PRINT).replace(number, "")).status_code == 201


def test_a_broker_that_is_closed_is_told_why(sim: DigipostSim) -> None:
    sim.mail.brokers["800001"].closed = "ACCOUNT_DEACTIVATED"
    assert code(send(sim)) == "ACCOUNT_DEACTIVATED"


def test_a_mailbox_is_preferred_to_paper_and_paper_is_for_who_has_none(sim: DigipostSim) -> None:
    assert b"<delivery-method>DIGIPOST<" in send(sim, message(on_paper=PRINT)).content
    other = message(OLA, on_paper=PRINT).replace(UUID, UUID.replace("6", "7")).replace("-1</m", "-2</m")
    response = send(sim, body=body_of(other, pdf(), name=UUID.replace("6", "7")))
    assert b"<delivery-method>PRINT</delivery-method>" in response.content
    assert b"<status>DELIVERED_TO_PRINT</status>" in response.content


def identify(sim: DigipostSim, inside: str) -> Element:
    response = call(sim, "POST", "/identification", f"<identification {NS}>{inside}</identification>".encode())
    assert response.status_code == 200, response.text
    return fromstring(response.content)


def test_people_are_known_by_number_or_by_name_and_address(sim: DigipostSim) -> None:
    sim.mail.know(Person("", "DIGIPOST", "Per Prøve", "Storgata 3", "0155", "Oslo"))
    sim.mail.know(Person("", "DIGIPOST", "Per Prøve", "Storgata 3", "0155", "Oslo"), Person("04040412345", "INVALID"))
    place = ("<name-and-address><fullname>{}</fullname><addressline1>{}</addressline1><postalcode>0155</postalcode>"
             "<city>OSLO</city></name-and-address>")  # fmt: skip
    number = "<personal-identification-number>{}</personal-identification-number>"
    for asked, result, reason in (
        (number.format(KARI), "DIGIPOST", None),
        (number.format(OLA), "IDENTIFIED", None),
        (number.format("03030312345"), "UNIDENTIFIED", "NOT_FOUND"),
        (number.format("04040412345"), "INVALID", "INVALID_PERSONAL_IDENTIFICATION_NUMBER"),
        (number.format("0303031234x"), "INVALID", "INVALID_PERSONAL_IDENTIFICATION_NUMBER"),
        (place.format("kari  prøve", "Storgata 1"), "DIGIPOST", None),
        (place.format("Kari Prøve", "Storgata 2"), "UNIDENTIFIED", "NOT_FOUND"),
        (place.format("Per Prøve", "Storgata 3"), "UNIDENTIFIED", "MULTIPLE_MATCHES"),
    ):
        told = identify(sim, asked)
        why = told.findtext(f"{V8}unidentified-reason") or told.findtext(f"{V8}invalid-reason")
        assert (told.findtext(f"{V8}result"), why) == (result, reason), asked


def test_only_one_way_of_identifying_at_a_time(sim: DigipostSim) -> None:
    both = (f"<identification {NS}><personal-identification-number>{KARI}</personal-identification-number>"
            "<organisation-number>999888777</organisation-number></identification>")  # fmt: skip
    assert code(call(sim, "POST", "/identification", both.encode())) == "SCHEMA_VALIDATION_ERROR"


# --- later ----------------------------------------------------------------------------------------------------------


def test_the_status_of_a_document_is_told_to_its_broker_alone(sim: DigipostSim) -> None:
    send(sim)
    told = fromstring(call(sim, "GET", f"/documents/900001/{UUID}/status").content).attrib
    assert (told["status"], told["channel"], told["content-hash"]) == ("DELIVERED", "DIGIPOST", digest(pdf()))
    assert "read" not in told, "no opening receipt was asked for"
    assert code(call(sim, "GET", f"/documents/900001/{UUID.replace('6', '7')}/status")) == "DOCUMENT_NOT_FOUND"


EVENTS = "/events/documents?from={}&to={}&offset={}&maxResults={}"
LONG_AGO, FAR_AHEAD = "2026-01-01T00:00:00.000%2B00:00", "2036-01-01T00:00:00.000%2B01:00"


def test_events_are_told_by_time_and_page(sim: DigipostSim) -> None:
    send(sim)
    for number in range(5):
        sim.mail.fail_notice("case-4711-betalingsoppfordring-1", code=f"C{number}")
    told = fromstring(call(sim, "GET", EVENTS.format(LONG_AGO, FAR_AHEAD, 2, 2)).content)
    assert [event.find(f"{V8}metadata").attrib["error-code"] for event in told] == ["C2", "C3"]  # type: ignore[union-attr]
    assert len(fromstring(call(sim, "GET", EVENTS.format(LONG_AGO, LONG_AGO, 0, 9)).content)) == 0


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (EVENTS.format(LONG_AGO, FAR_AHEAD, -1, 10), "INVALID_QUERY_PARAMETER"),
        (EVENTS.format(LONG_AGO, FAR_AHEAD, 0, "x"), "INVALID_QUERY_PARAMETER"),
        (EVENTS.format("2026-01-01", FAR_AHEAD, 0, 10), "INVALID_DATE"),
        (EVENTS.format("2026-01-01T00:00:00.000+01:00", FAR_AHEAD, 0, 10), "INVALID_DATE"),  # a bare + is a space
        (EVENTS.format(FAR_AHEAD, LONG_AGO, 0, 10), "INVALID_DATE_RANGE"),
        (EVENTS.format(LONG_AGO, FAR_AHEAD, 0, 10) + "&other=1", "INVALID_QUERY_PARAMETER"),
    ],
)
def test_a_question_about_events_must_be_put_right(sim: DigipostSim, target: str, why: str) -> None:
    assert code(call(sim, "GET", target)) == why


def test_a_batch_delivers_nothing_before_it_is_completed(sim: DigipostSim) -> None:
    number = UUID.replace("6", "1")
    begun = call(sim, "POST", "/batch", f"<batch {NS}><uuid>{number}</uuid></batch>".encode())
    assert (begun.status_code, fromstring(begun.content).findtext(f"{V8}status")) == (201, "CREATED")
    assert b"<status>COMPLETE</status>" in send(sim, message(after=f"<batch><uuid>{number}</uuid></batch>")).content
    status = f"/documents/900001/{UUID}/status"
    assert b'status="NOT_DELIVERED"' in call(sim, "GET", status).content
    told = fromstring(call(sim, "GET", f"/batch/{number}").content)
    assert (told.findtext(f"{V8}status"), told.findtext(f"{V8}count-digipost")) == ("NOT_COMMITTED", "1")
    assert fromstring(call(sim, "POST", f"/batch/{number}/complete").content).findtext(f"{V8}status") == "DONE"
    assert b'status="DELIVERED"' in call(sim, "GET", status).content
    assert code(call(sim, "DELETE", f"/batch/{number}")) == "INVALID_TRANSACTION"


def test_a_cancelled_batch_takes_its_letters_with_it(sim: DigipostSim) -> None:
    number = UUID.replace("6", "1")
    call(sim, "POST", "/batch", f"<batch {NS}><uuid>{number}</uuid></batch>".encode())
    send(sim, message(after=f"<batch><uuid>{number}</uuid></batch>"))
    assert call(sim, "DELETE", f"/batch/{number}").status_code == 204
    assert not sim.mail.letters
    assert code(call(sim, "GET", f"/batch/{number}")) == "UNKNOWN_BATCH"
    assert send(sim).status_code == 201, "the ids are free again"


def test_a_sender_is_valid_or_nothing_is_told_of_it(sim: DigipostSim) -> None:
    assert b"VALID_SENDER" in call(sim, "GET", "/sender-information/900001").content
    assert b"NO_INFO_AVAILABLE" in call(sim, "GET", "/sender-information/1").content


# --- printing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (pdf(), []),
        (pdf(297, 210), []),
        (pdf(211, 297), ["UNSUPPORTED_DIMENSIONS"]),
        (pdf(200, 287), []),
        (pdf(199, 297), ["UNSUPPORTED_DIMENSIONS"]),
        (pdf(148, 210), ["UNSUPPORTED_DIMENSIONS"]),
        (pdf(pages=20), []),
        (pdf(pages=21), ["TOO_MANY_PAGES_FOR_AUTOMATED_PRINT"]),
        (pdf(pages=0), ["DOCUMENT_HAS_NO_PAGES"]),
        (pdf(version="1.7"), []),
        (pdf(version="2.0"), ["UNSUPPORTED_PDF_VERSION_FOR_PRINT"]),
        (pdf(words=(20, 100)), []),
        (pdf(words=(14, 100)), ["INSUFFICIENT_MARGIN_FOR_PRINT"]),
        (pdf(words=(14, 90)), []),
        (pdf(words=(14, 180)), []),
        (pdf(297, 210, words=(100, 200)), ["INSUFFICIENT_MARGIN_FOR_PRINT"]),
        (pdf(297, 210, words=(100, 190)), []),
        (b"%PDF-1.7 " + b"x" * 200, ["PDF_PARSE_ERROR"]),
        (b"%PDF-1.7", ["DOCUMENT_TOO_SMALL"]),
        (b"x" * 200, ["INVALID_PDF"]),
    ],
)
def test_what_the_printer_checks(content: bytes, found: list[str]) -> None:
    assert flaws(content) == found


def test_a_locked_pdf_and_a_font_that_is_not_in_it_are_seen() -> None:
    writer, file = PdfWriter(clone_from=PdfReader(BytesIO(pdf()))), BytesIO()
    writer.encrypt("x", algorithm="RC4-128")
    writer.write(file)
    assert flaws(file.getvalue()) == ["PDF_IS_ENCRYPTED"]
    assert flaws(pdf(words=(20, 100)).replace(b"/Helvetica", b"/ComicSans")) == ["REFERENCES_INVALID_FONT"]


def test_our_own_letters_can_be_printed() -> None:
    for one in (payment_demand(), reminder(), collection_notice(), with_claims(payment_demand(), 40)):
        assert flaws(render(one)) == [], one.kind


def test_paper_is_checked_harder_than_a_mailbox(sim: DigipostSim) -> None:
    narrow = pdf(words=(14, 100))
    assert set(flaws(narrow)) <= OK_FOR_WEB
    assert code(send(sim, message(OLA, on_paper=PRINT), narrow)) == "INVALID_PDF_CONTENT"
    assert send(sim, message(), narrow).status_code == 201


# --- troubles on demand ---------------------------------------------------------------------------------------------


def test_a_lost_answer_has_done_its_work(sim: DigipostSim) -> None:
    sim.faults.add("lost", on="message")
    with pytest.raises(httpx.RemoteProtocolError):
        send(sim)
    assert list(sim.mail.takes.values()) == [1]
    sim.faults.add("refuse_connection", on="status")
    with pytest.raises(httpx.RemoteProtocolError):
        call(sim, "GET", f"/documents/900001/{UUID}/status")
    assert call(sim, "GET", f"/documents/900001/{UUID}/status").status_code == 200


def test_down_and_throttled_do_nothing(sim: DigipostSim) -> None:
    sim.faults.down = True
    assert send(sim).status_code == 503
    sim.faults.down, sim.faults.throttled = False, True
    assert send(sim).status_code == 429
    assert not sim.mail.letters


def test_a_share_of_the_calls_goes_wrong_the_same_way_for_the_same_seed() -> None:
    def told(seed: int) -> list[str]:
        sim = DigipostSim(clock.wall_now, keys=keys())
        sim.faults.at_random(seed, lost=0.2, twice=0.2)
        return [sim.faults.next("message") for _ in range(50)]

    assert told(1) == told(1) != told(2)
    assert set(told(1)) == {"", "lost", "twice"}


def test_stopped_and_started_again_it_has_forgotten_nothing(sim: DigipostSim) -> None:
    send(sim)
    at = sim.base_url
    sim.stop()
    with pytest.raises(httpx.ConnectError):
        call(sim, "GET", "/")
    sim.start()
    assert sim.base_url == at
    assert code(send(sim)) == "DUPLICATE_MESSAGE"


def test_all_of_it_can_be_done_by_hand(sim: DigipostSim) -> None:
    def by_hand(verb: str, **asked: Any) -> httpx.Response:
        return httpx.post(f"{sim.base_url}/_sim/{verb}", json=asked)

    by_hand("set", latency_ms=1, unknown_are="DIGIPOST")
    assert send(sim, message("03030312345")).status_code == 201
    assert by_hand("takes").json() == {"done": {"case-4711-betalingsoppfordring-1": 1}}
    by_hand("fault", next=["503"], on="message")
    assert send(sim).status_code == 503
    by_hand("open", message_id="case-4711-betalingsoppfordring-1")
    assert [event.type for event in sim.mail.events] == ["OPENED"]
    assert by_hand("nonsense").status_code == 400
    assert by_hand("open").status_code == 400


def test_one_brokers_letters_are_not_another_brokers(sim: DigipostSim) -> None:
    other = DigipostSim(clock.wall_now, keys=keys(), brokers=[Broker("800001", {"900001"}), Broker("800002")])
    with other:
        other.mail.know(Person(KARI))
        send(other)
        date = format_datetime(clock.wall_now(), usegmt=True)
        target = f"/documents/900001/{UUID}/status"
        text = f"GET\n{target}\ndate: {date}\nx-digipost-userid: 800002\n\n"
        response = call(other, "GET", target, signed=text, Date=date, X_Digipost_UserId="800002")
        assert code(response) == "DOCUMENT_NOT_FOUND"
        information = "/sender-information/900001"
        text = text.replace(target, information)
        foreign = call(other, "GET", information, signed=text, Date=date, X_Digipost_UserId="800002")
        assert b"NO_INFO_AVAILABLE" in foreign.content
