"""What the Digipost channel says, believes and makes of troubles, against a Digipost as strict as the real one."""

import base64
import contextlib
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Lock, Thread
from typing import Any
from uuid import uuid4
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from plugins.digipost import answers
from plugins.digipost.agreement import Agreement, Terms
from plugins.digipost.answers import Unreadable
from plugins.digipost.channel import DigipostChannel
from plugins.digipost.errors import AlreadyThere, sorted_error
from plugins.digipost.ids import batch_id
from plugins.digipost.messages import CannotSay, Identity, identification, identity_of, message, notice_at
from plugins.digipost.multipart import multipart
from plugins.digipost.signing import (
    Unverified,
    canonical_request,
    canonical_response,
    content_hash,
    http_date,
    sign,
    signed_headers,
    verify_answer,
)
from saas.hooks import (
    Account,
    ChannelDown,
    DeliveryReceipt,
    ForgedEvent,
    Medium,
    Outcome,
    OutcomeKind,
    OutgoingLetter,
    Party,
    ReceiptState,
)
from saas.kernel import clock
from saas.simulators.digipost import Broker, DigipostSim
from saas.simulators.digipost.multipart import parts
from saas.simulators.digipost.refusals import SORT_OF
from saas.simulators.digipost.schema import read
from saas.simulators.digipost.signatures import expected_text
from tests.plugins.digipost_world import (
    KARI,
    NOBODY,
    OLA,
    PASSWORD,
    SENDER,
    WRONG,
    account,
    blank_pdf,
    certificate,
    hand_over,
    keys,
    letter,
    only,
    sim_with_people,
)

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday
TERMS = Terms("800001", "900001", ("national_id", "orgnr"), False, None, 3, False)
KARI_ID = Identity("personal-identification-number", KARI)
V8 = "{http://api.digipost.no/schema/v8}"
DT = "{http://api.digipost.no/schema/datatypes}"
BOTH = Party("Kari", (), national_id=KARI, orgnr="999888777")
ADDRESS = Party("Kari Prøve", ("Storgata 1",), "0155", "Oslo")


@pytest.fixture
def sim() -> Iterator[DigipostSim]:
    with sim_with_people() as started:
        yield started


@pytest.fixture
def channel() -> DigipostChannel:
    return DigipostChannel()


# --- signatures -----------------------------------------------------------------------------------------------------


def test_the_check_value_of_the_hash() -> None:
    assert content_hash(b"This is the content to hash.") == "gvXOB75lBGBY6LVTAVVpapZkBOv531VUE0EHrP2rryE="


def test_a_post_without_query_ends_in_an_empty_line() -> None:
    headers = {"X-Digipost-UserId": "9999", "X-Content-SHA256": "q1MKE+RZFJgrefm34/uplM/R8/si9xzqGvvwK0YMbR0=",
               "Date": "Wed, 29 Jun 2011 14:58:11 GMT", "Accept": "application/vnd.digipost-v8+xml"}  # fmt: skip
    told = canonical_request("post", "/Messages", "", headers)
    assert told == (
        "POST\n/messages\ndate: Wed, 29 Jun 2011 14:58:11 GMT\n"
        "x-content-sha256: q1MKE+RZFJgrefm34/uplM/R8/si9xzqGvvwK0YMbR0=\nx-digipost-userid: 9999\n\n"
    )
    assert told.count("\n") == 6


def test_a_get_with_a_query_has_no_hash_and_small_letters() -> None:
    headers = {"Date": "Wed, 29 Jun 2011 14:58:11 GMT", "X-Digipost-UserId": "9999"}
    told = canonical_request("GET", "/", "from=2026-11-21T00:00:00.000%2B01:00&maxResults=100", headers)
    assert told == (
        "GET\n/\ndate: Wed, 29 Jun 2011 14:58:11 GMT\nx-digipost-userid: 9999\n"
        "from=2026-11-21t00:00:00.000%2b01:00&maxresults=100\n"
    )


def test_an_old_content_md5_sorts_first() -> None:
    told = canonical_request("PUT", "/x", "", {"Date": "d", "Content-MD5": "m", "X-Digipost-UserId": "1"})
    assert told == "PUT\n/x\ncontent-md5: m\ndate: d\nx-digipost-userid: 1\n\n"


def test_an_answer_is_signed_without_method_and_query_line() -> None:
    told = canonical_response(201, "/Messages", {"Date": "d", "X-Content-SHA256": "h", "X-Digipost-Signature": "s"})
    assert told == "201\n/messages\ndate: d\nx-content-sha256: h\n"
    assert canonical_response(204, "/batch/1", {"Date": "d"}) == "204\n/batch/1\ndate: d\n"


def test_the_signature_is_rsa_pkcs1_with_sha_256() -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    signature = base64.b64decode(sign(keys().private, "POST\n"))
    keys().public.verify(signature, b"POST\n", padding.PKCS1v15(), hashes.SHA256())


NAMES = st.sampled_from(["Date", "DATE", "X-Content-SHA256", "x-digipost-userid", "Content-MD5", "Accept", "X-Other"])
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
PATHS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#"), max_size=40)


@settings(deadline=None)
@given(st.sampled_from(["GET", "post", "Delete"]), PATHS, PATHS, st.dictionaries(NAMES, VALUES))
def test_both_sides_sign_the_same_text_whatever_is_asked(
    method: str, path: str, query: str, headers: dict[str, str]
) -> None:
    """The simulator's was written apart from ours. Order, letters and other headers make no difference."""
    small = {name.lower(): value for name, value in headers.items()}
    ours = canonical_request(method, f"/{path}", query, small)
    assert ours == expected_text(method, f"/{path}" + (f"?{query}" if query else ""), small)
    shuffled = {name.upper(): small[name] for name in sorted(small, reverse=True)}
    assert canonical_request(method, f"/{path}", query, shuffled | {"X-NOT-SIGNED": "1"}) == ours
    assert ours.endswith("\n")
    assert ours.startswith(f"{method.upper()}\n/")


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=200), st.data())
def test_an_answer_with_any_one_byte_changed_is_not_believed(body: bytes, data: st.DataObject) -> None:
    headers = {"Date": http_date(NOW), "X-Content-SHA256": content_hash(body)}
    headers["X-Digipost-Signature"] = sign(keys().private, canonical_response(201, "/messages", headers))
    verify_answer(keys().public, 201, "/messages", headers, body, NOW)
    place = data.draw(st.integers(0, len(body) - 1))
    spoilt = body[:place] + bytes([body[place] ^ data.draw(st.integers(1, 255))]) + body[place + 1 :]
    with pytest.raises(Unverified, match="WRONG_HASH"):
        verify_answer(keys().public, 201, "/messages", headers, spoilt, NOW)
    refreshed = headers | {"X-Content-SHA256": content_hash(spoilt)}
    with pytest.raises(Unverified, match="WRONG_SIGNATURE"):
        verify_answer(keys().public, 201, "/messages", refreshed, spoilt, NOW)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": 200}, "WRONG_SIGNATURE"),
        ({"path": "/identification"}, "WRONG_SIGNATURE"),
        ({"now": NOW + timedelta(minutes=5, seconds=1)}, "WRONG_DATE"),
        ({"now": NOW - timedelta(minutes=5, seconds=1)}, "WRONG_DATE"),
    ],
)
def test_an_answer_to_something_else_or_of_another_time_is_not_believed(changes: dict[str, Any], why: str) -> None:
    headers = {"Date": http_date(NOW), "X-Content-SHA256": content_hash(b"x")}
    headers["X-Digipost-Signature"] = sign(keys().private, canonical_response(201, "/messages", headers))
    told = {"status": 201, "path": "/messages", "now": NOW} | changes
    with pytest.raises(Unverified, match=why):
        verify_answer(keys().public, told["status"], told["path"], headers, b"x", told["now"])


def test_four_minutes_apart_is_near_enough() -> None:
    headers = {"Date": http_date(NOW), "X-Content-SHA256": content_hash(b"x")}
    headers["X-Digipost-Signature"] = sign(keys().private, canonical_response(201, "/messages", headers))
    for apart in (timedelta(minutes=4, seconds=59), -timedelta(minutes=4, seconds=59)):
        verify_answer(keys().public, 201, "/messages", headers, b"x", NOW + apart)


def test_no_hash_is_sent_without_a_body() -> None:
    assert "X-Content-SHA256" not in signed_headers(keys().private, "1", "GET", "/", "", b"", NOW)


# --- what we say ----------------------------------------------------------------------------------------------------


def told(of: OutgoingLetter, identity: Identity = KARI_ID, terms: Terms = TERMS, **more: Any) -> Any:
    """Our message, as the schema has it."""
    raw = message(of, of.dispatch_id, identity, terms, now=NOW, **more)
    read(raw, "message")
    return fromstring(raw)


def names(element: Any) -> list[str]:
    return [child.tag.rpartition("}")[2] for child in element]


def test_a_digital_letter_is_two_factor_and_sensitive_and_says_what_to_pay() -> None:
    root = told(letter())
    assert names(root) == ["message-id", "sender-id", "recipient", "primary-document"]
    document = root.find(f"{V8}primary-document")
    assert names(document) == ["uuid", "subject", "file-type", "authentication-level", "sensitivity-level", "data-type"]
    assert document.findtext(f"{V8}authentication-level") == "TWO_FACTOR"
    assert document.findtext(f"{V8}sensitivity-level") == "SENSITIVE"
    demand = document.find(f"{V8}data-type/{DT}inkasso")
    assert names(demand) == ["link", "due-date", "sum", "account", "kid"]
    assert demand.findtext(f"{DT}due-date") == "2026-12-10T00:00:00+01:00"
    assert demand.findtext(f"{DT}sum") == "1842.50"
    assert demand.findtext(f"{DT}account") == "12345678903"
    assert demand.findtext(f"{DT}kid") == "00001230"
    assert demand.findtext(f"{DT}link/{DT}url") == "https://frist.example/s/4711"


def test_the_due_date_in_summer_has_summer_time() -> None:
    payment = letter().payment
    assert payment is not None
    root = told(letter(payment=replace(payment, due_on=date(2026, 7, 1))))
    assert root.findtext(f".//{DT}due-date") == "2026-07-01T00:00:00+02:00"


@pytest.mark.parametrize(
    ("kind", "is_said"),
    [("reminder", "invoice"), ("collection_notice", "invoice"), ("payment_demand", "inkasso"), ("other", "inkasso")],
)
def test_a_letter_before_collection_is_not_called_collection(kind: str, is_said: str) -> None:
    root = told(letter(kind=kind))
    assert names(root.find(f".//{V8}data-type")) == [is_said]
    if is_said == "invoice":
        assert root.findtext(f".//{DT}creditor-account") == "12345678903"


def test_without_a_sum_there_is_no_data_type_and_without_a_sender_the_broker_sends() -> None:
    root = told(letter(payment=None), terms=replace(TERMS, sender_id=""))
    assert root.find(f".//{V8}data-type") is None
    assert root.find(f"{V8}sender-id") is None


def test_for_paper_both_addresses_are_told_and_undeliverable_letters_come_back() -> None:
    root = told(letter(), on_paper=True)
    details = root.find(f"{V8}recipient/{V8}print-details")
    assert names(root.find(f"{V8}recipient")) == ["personal-identification-number", "print-details"]
    assert names(details) == ["recipient", "return-address", "color", "nondeliverable-handling"]
    assert details.findtext(f"{V8}nondeliverable-handling") == "RETURN_TO_SENDER"
    assert details.findtext(f"{V8}return-address/{V8}name") == SENDER.name


def test_an_address_abroad_has_its_country_and_its_place_as_the_last_line() -> None:
    abroad = Party("Kari Prøve", ("Kungsgatan 1",), "111 43", "Stockholm", "SE", national_id=KARI)
    details = told(letter(abroad), on_paper=True).find(f".//{V8}print-details/{V8}recipient/{V8}foreign-address")
    assert [(child.tag.rpartition("}")[2], child.text) for child in details] == [
        ("addressline1", "Kungsgatan 1"), ("addressline2", "111 43 Stockholm"), ("country-code", "SE"),
    ]  # fmt: skip


def test_a_place_told_as_the_last_line_stands_where_it_belongs() -> None:
    sender = Party("Fjord Inkasso AS", ("Postboks 114 Sentrum", "5803 Bergen"))
    found = told(letter(sender=sender), on_paper=True).find(f".//{V8}return-address/{V8}norwegian-address")
    assert [child.text for child in found] == ["Postboks 114 Sentrum", "5803", "Bergen"]
    assert identity_of(sender, ("name_and_address",)) is not None


def test_six_address_lines_share_three() -> None:
    long = replace(ADDRESS, address_lines=("c/o Berg", "Oppgang B", "Tredje etasje", "Storgata 1", "Bakgården", "x"))
    found = told(letter(replace(long, national_id=KARI)), on_paper=True).find(f".//{V8}norwegian-address")
    assert found.findtext(f"{V8}addressline3") == "Tredje etasje, Storgata 1, Bakgården, x"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "Å" * 300}, "NAME_TOO_LONG"),
        ({"address_lines": ("x" * 101,)}, "ADDRESS_TOO_LONG"),
        ({"city": "x" * 81}, "CITY_TOO_LONG"),
        ({"city": ""}, "NO_CITY"),
        ({"country": "SE", "address_lines": (), "postcode": "", "city": ""}, "NO_ADDRESS"),
    ],
)
def test_what_does_not_fit_is_refused_and_never_cut(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(CannotSay, match=why):
        told(letter(replace(ADDRESS, national_id=KARI, **changes)), on_paper=True)


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=40), st.text(max_size=30))
def test_any_text_is_text_and_nothing_else(name: str, line: str, subject: str) -> None:
    """Markup, emoji, text from right to left, control characters."""
    party = Party(f"K{name}", (f"S{line}",), "0155", "Oslo", national_id=KARI)
    root = told(letter(party, subject=f"B{subject}"), on_paper=True)
    assert names(root) == ["message-id", "sender-id", "recipient", "primary-document"]
    assert names(root.find(f".//{V8}print-details/{V8}recipient")) == ["name", "norwegian-address"]


def test_markup_in_a_name_is_printed_as_text() -> None:
    party = replace(ADDRESS, name="<b>Kari</b> & Co ]]> 🙂 مرحبا", national_id=KARI)
    assert told(letter(party), on_paper=True).findtext(f".//{V8}print-details/{V8}recipient/{V8}name") == party.name


@pytest.mark.parametrize(
    ("party", "by", "element"),
    [
        (
            BOTH,
            ("national_id", "orgnr"),
            "personal-identification-number",
        ),
        (Party("K", (), national_id=KARI, orgnr="999888777"), ("orgnr", "national_id"), "organisation-number"),
        (ADDRESS, ("national_id", "name_and_address"), "name-and-address"),
    ],
)
def test_the_first_thing_the_recipient_has_is_what_it_is_found_with(
    party: Party, by: tuple[str, ...], element: str
) -> None:
    identity = identity_of(party, by)
    assert identity is not None
    assert identity.element == element
    read(identification(identity, party), "identification")


@pytest.mark.parametrize("party", [ADDRESS, Party("K", (), national_id="123"), Party("K", (), orgnr="12345678x")])
def test_half_a_number_finds_nobody(party: Party) -> None:
    assert identity_of(party, ("national_id", "orgnr")) is None


def test_name_and_address_are_asked_in_the_order_of_the_schema() -> None:
    root = fromstring(identification(Identity("name-and-address"), ADDRESS))
    assert names(root[0]) == ["fullname", "addressline1", "postalcode", "city"]


@pytest.mark.parametrize(
    ("delivered", "hours", "at"),
    [
        ("2026-11-23T10:00:00+01:00", 24, "2026-11-24T10:00:00+01:00"),
        ("2026-11-23T10:00:00+01:00", 11, "2026-11-24T09:00:00+01:00"),  # nine in the evening
        ("2026-11-23T10:00:00+01:00", 10, "2026-11-24T09:00:00+01:00"),  # eight: lawful, and after Digipost's hours
        ("2026-11-27T18:00:00+01:00", 24, "2026-11-30T09:00:00+01:00"),  # Saturday evening → Monday
        ("2026-12-24T14:00:00+01:00", 24, "2026-12-28T09:00:00+01:00"),  # Christmas
        ("2026-03-28T12:00:00+01:00", 24, "2026-03-30T09:00:00+02:00"),  # the night summer time begins
    ],
)
def test_a_notice_by_sms_is_only_asked_for_when_it_is_lawful_and_not_moved(delivered: str, hours: int, at: str) -> None:
    assert notice_at(datetime.fromisoformat(delivered), hours).isoformat() == at


def test_a_notice_stands_in_the_message_only_when_the_agreement_says_so() -> None:
    assert told(letter()).find(f".//{V8}sms-notification") is None
    root = told(letter(), terms=replace(TERMS, notification_hours=24))
    assert root.find(f".//{V8}sms-notification/{V8}at").get("time") == "2026-11-24T11:00:00+01:00"


def test_the_same_message_is_the_same_bytes_and_comes_apart_as_it_was() -> None:
    one, kind = multipart(b"<m/>", [("u-1", "pdf", b"%PDF-\r\n--frist\r\n")])
    assert (one, kind) == multipart(b"<m/>", [("u-1", "pdf", b"%PDF-\r\n--frist\r\n")])
    xml, documents = parts(one, kind)
    assert xml == b"<m/>"
    assert [(d.name, d.kind, d.content) for d in documents] == [("u-1", "application/pdf", b"%PDF-\r\n--frist\r\n")]


@settings(deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_come_through_the_multipart_unchanged(xml: bytes, pdf: bytes) -> None:
    body, kind = multipart(xml, [("u", "pdf", pdf)])
    found, documents = parts(body, kind)
    assert (found, documents[0].content) == (xml, pdf)


# --- what we read ---------------------------------------------------------------------------------------------------

ANSWER = b"""<?xml version="1.0" encoding="UTF-8"?>
<message-delivery xmlns="http://api.digipost.no/schema/v8">
  <message-id>case-4711-betalingsoppfordring-1</message-id>
  <delivery-method>DIGIPOST</delivery-method><sender-id>900001</sender-id><status>DELIVERED</status>
  <delivery-time>2026-11-21T09:31:04.512+01:00</delivery-time>
  <primary-document>
    <uuid>6d99008e-2672-4b55-9b09-996b09a06e47</uuid><subject>Betalingsoppfordring sak 4711</subject>
    <file-type>pdf</file-type><authentication-level>TWO_FACTOR</authentication-level>
    <sensitivity-level>SENSITIVE</sensitivity-level>
    <content-hash hash-algorithm="SHA256">LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=</content-hash>
  </primary-document>
</message-delivery>"""


def test_the_documented_answers_are_read() -> None:
    delivery = answers.delivery(ANSWER)
    assert (delivery.method, delivery.status) == ("DIGIPOST", "DELIVERED")
    assert delivery.content.value == "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
    assert delivery.delivered_at is not None
    assert delivery.delivered_at.astimezone(UTC).isoformat() == "2026-11-21T08:31:04.512000+00:00"
    result = b'<identification-result xmlns="http://api.digipost.no/schema/v8"><result>DIGIPOST</result></identification-result>'
    assert answers.identified(result).result == "DIGIPOST"
    error = b"""<error xmlns="http://api.digipost.no/schema/v8"><error-code>UNKNOWN_RECIPIENT</error-code>
      <error-message>The recipient does not have a Digipost account.</error-message>
      <error-type>CLIENT_DATA</error-type></error>"""
    assert answers.error(error) == ("UNKNOWN_RECIPIENT", "CLIENT_DATA")


def test_a_link_is_known_by_the_last_part_of_its_relation_and_only_its_path_is_followed() -> None:
    raw = b"""<entrypoint xmlns="http://api.digipost.no/schema/v8"><certificate>pem</certificate>
      <link rel="https://api.digipost.no/relations/create_message" uri="https://elsewhere.example/messages"/>
      <link rel="https://api.digipost.no/relations/Search" uri="https://x.example//evil.example/search"/></entrypoint>"""
    assert answers.entry_point(raw) == ("pem", {"create_message": "/messages", "search": "/evil.example/search"})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html/>",
        b"{}",
        ANSWER[:-9],
        ANSWER.replace(b"+01:00", b""),
        ANSWER.replace(b"schema/v8", b"schema/v7"),
        ANSWER.replace(b"primary-document>", b"other>"),
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + ANSWER.partition(b"?>")[2],
    ],
)
def test_what_is_not_as_documented_is_not_read(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        answers.delivery(raw)


# --- sorting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(SORT_OF))
def test_every_known_error_is_sorted_by_what_we_do_next(code: str) -> None:
    trouble = sorted_error(code, SORT_OF[code], 400)
    if isinstance(trouble, AlreadyThere):
        assert code.startswith(("DUPLICATE", "MESSAGE_ALREADY", "CONTENT_ALREADY", "DIGIPOST_M", "PRINT_M"))
        return
    wanted = {"CONFIGURATION": OutcomeKind.STOPPED, "SERVER": OutcomeKind.UNKNOWN}.get(SORT_OF[code])
    exceptions = {"API_UNAVAILABLE": OutcomeKind.TRY_LATER, "UNKNOWN_RECIPIENT": OutcomeKind.UNREACHABLE,
                  "UNKNOWN_BATCH": OutcomeKind.TRY_LATER, "UNKNOWN_SENDER": OutcomeKind.STOPPED}  # fmt: skip
    signing = ("SIGNATURE", "USER_ID", "DATE_HEADER", "SHA256", "CONTENT_HASH", "ILLEGAL_ACCESS")
    if SORT_OF[code] == "CLIENT_TECHNICAL" and any(word in code for word in signing):
        wanted = OutcomeKind.STOPPED
    assert trouble.kind is exceptions.get(code, wanted or OutcomeKind.REFUSED), code


@pytest.mark.parametrize(
    ("code", "sort", "status", "kind"),
    [
        ("NEW_IN_2027", "CONFIGURATION", 400, OutcomeKind.STOPPED),
        ("NEW_IN_2027", "CLIENT_DATA", 400, OutcomeKind.REFUSED),
        ("NEW_IN_2027", "", 500, OutcomeKind.UNKNOWN),
        ("", "", 400, OutcomeKind.REFUSED),
    ],
)
def test_an_error_nobody_told_us_of_goes_by_its_sort(code: str, sort: str, status: int, kind: OutcomeKind) -> None:
    assert sorted_error(code, sort, status).kind is kind


def test_what_is_no_code_is_never_passed_on() -> None:
    assert sorted_error("Kari 01010112345", "CLIENT_DATA", 400).code == "HTTP_400"


# --- a letter's way -------------------------------------------------------------------------------------------------


def test_a_letter_to_a_mailbox_is_sent_on_the_day_of_its_delivery_with_proof(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    one = letter()
    outcome = only(hand_over(channel, account(sim.base_url), one))
    assert (outcome.kind, outcome.external_id) == (OutcomeKind.SENT, one.dispatch_id)
    kept = sim.mail.letters[one.dispatch_id]
    assert kept.delivered is not None
    assert outcome.sent_on == kept.delivered.astimezone(clock.OSLO).date()
    assert (kept.channel, kept.sender, kept.data_type) == ("DIGIPOST", "900001", "inkasso")
    assert (kept.authentication, kept.sensitivity) == ("TWO_FACTOR", "SENSITIVE")
    evidence = json.loads(outcome.evidence)
    assert evidence["same_content"] is True
    assert evidence["content_hash"] == base64.b64encode(bytes.fromhex(one.sha256)).decode()
    assert KARI not in outcome.evidence


def test_the_day_is_oslos_and_not_londons(sim: DigipostSim, channel: DigipostChannel) -> None:
    sim.mail._now = lambda: datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert only(hand_over(channel, account(sim.base_url), letter())).sent_on == date(2026, 11, 23)


def test_the_same_letter_given_twice_leaves_once(sim: DigipostSim, channel: DigipostChannel) -> None:
    one, to = letter(), account(sim.base_url)
    first, second = only(hand_over(channel, to, one)), only(hand_over(channel, to, one))
    assert (second.kind, second.code, second.sent_on) == (OutcomeKind.SENT, "DUPLICATE_MESSAGE", first.sent_on)
    assert sim.mail.takes == {one.dispatch_id: 1}
    assert sim.mail.tries == {one.dispatch_id: 2}


@pytest.mark.parametrize("number", [OLA, NOBODY])
def test_who_has_no_mailbox_cannot_be_reached_and_nothing_is_printed(
    sim: DigipostSim, channel: DigipostChannel, number: str
) -> None:
    outcome = only(hand_over(channel, account(sim.base_url), letter(number)))
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNREACHABLE, "UNKNOWN_RECIPIENT")
    assert not sim.mail.letters


def test_who_cannot_be_identified_with_what_the_agreement_allows_is_not_asked_for(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    assert channel.can_try(ADDRESS)
    outcome = only(hand_over(channel, account(sim.base_url), letter(ADDRESS)))
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNREACHABLE, "NOTHING_TO_IDENTIFY_BY")
    assert not sim.called("message")


def test_name_and_address_find_a_mailbox_when_the_agreement_says_so(sim: DigipostSim, channel: DigipostChannel) -> None:
    to = account(sim.base_url, identify_by=["name_and_address"])
    assert only(hand_over(channel, to, letter(ADDRESS))).kind is OutcomeKind.SENT


def test_an_organisation_is_found_with_its_number(sim: DigipostSim, channel: DigipostChannel) -> None:
    party = Party("Fjord AS", ("Kaia 1",), "0150", "Oslo", orgnr="999 888 777")
    assert only(hand_over(channel, account(sim.base_url), letter(party))).kind is OutcomeKind.SENT


class TestPrintFallback:
    """Only when the agreement says so, and only for somebody known to have no mailbox."""

    def test_a_known_person_without_mailbox_gets_paper_and_is_not_sent_before_it_is_posted(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        one = letter(OLA)
        to = account(sim.base_url, print_fallback=True)
        outcome = only(hand_over(channel, to, one))
        assert (outcome.kind, outcome.sent_on) == (OutcomeKind.TAKEN, None)
        assert sim.mail.letters[one.dispatch_id].channel == "PRINT"
        looked_up = channel.look_up(to, one, clock.wall_now())
        assert looked_up is not None
        assert looked_up.kind is OutcomeKind.TAKEN

    def test_who_has_a_mailbox_gets_no_paper(self, sim: DigipostSim, channel: DigipostChannel) -> None:
        one = letter(KARI)
        assert only(hand_over(channel, account(sim.base_url, print_fallback=True), one)).kind is OutcomeKind.SENT
        assert [call.what for call in sim.calls] == ["entry", "identify", "message"]
        assert sim.mail.letters[one.dispatch_id].channel == "DIGIPOST"

    @pytest.mark.parametrize(
        ("number", "kind", "code"),
        [
            (NOBODY, OutcomeKind.UNREACHABLE, "NOT_FOUND"),
            (WRONG, OutcomeKind.REFUSED, "INVALID_PERSONAL_IDENTIFICATION_NUMBER"),
        ],
    )
    def test_whoever_is_not_surely_known_gets_nothing_this_way(
        self, sim: DigipostSim, channel: DigipostChannel, number: str, kind: OutcomeKind, code: str
    ) -> None:
        outcome = only(hand_over(channel, account(sim.base_url, print_fallback=True), letter(number)))
        assert (outcome.kind, outcome.code) == (kind, code)
        assert not sim.called("message")

    @pytest.mark.parametrize("fault", ["lost", "SERVER_ERROR", "wrong_signature", "tampered", "gateway_502", "garbage"])
    def test_a_question_that_failed_is_no_answer_so_nothing_is_sent(
        self, sim: DigipostSim, channel: DigipostChannel, fault: str
    ) -> None:
        sim.faults.add(fault, on="identify")
        outcome = only(hand_over(channel, account(sim.base_url, print_fallback=True), letter(OLA)))
        assert outcome.kind is OutcomeKind.TRY_LATER
        assert not sim.called("message")

    def test_a_name_too_long_for_the_envelope_goes_another_way(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        party = replace(ADDRESS, name="Å" * 131, national_id=OLA)
        outcome = only(hand_over(channel, account(sim.base_url, print_fallback=True), letter(party)))
        assert (outcome.kind, outcome.code) == (OutcomeKind.REFUSED, "NAME_TOO_LONG")

    def test_not_being_allowed_to_print_stops_the_channel(self, channel: DigipostChannel) -> None:
        with sim_with_people(brokers=[Broker("800001", {"900001"}, may_print=False)]) as sim:
            outcome = only(hand_over(channel, account(sim.base_url, print_fallback=True), letter(OLA)))
        assert (outcome.kind, outcome.code) == (OutcomeKind.STOPPED, "NOT_APPROVED_FOR_PRINT")


# --- troubles -------------------------------------------------------------------------------------------------------

TAKEN_AND_NOT_TOLD = ["lost", "wrong_signature", "no_signature", "wrong_hash", "no_hash", "wrong_date", "tampered",
                      "garbage", "gateway_500", "gateway_502"]  # fmt: skip


@pytest.mark.parametrize("fault", TAKEN_AND_NOT_TOLD)
def test_a_letter_taken_without_a_believable_answer_is_unknown_and_then_found(
    sim: DigipostSim, channel: DigipostChannel, fault: str
) -> None:
    one, to = letter(), account(sim.base_url)
    sim.faults.add(fault, on="message")
    outcome = only(hand_over(channel, to, one))
    assert (outcome.kind, outcome.sent_on) == (OutcomeKind.UNKNOWN, None), outcome
    found = channel.look_up(to, one, clock.wall_now())
    assert found is not None
    assert found.kind is OutcomeKind.SENT
    assert only(hand_over(channel, to, one)).kind is OutcomeKind.SENT
    assert sim.mail.takes == {one.dispatch_id: 1}


@pytest.mark.parametrize("fault", ["429", "API_UNAVAILABLE"])
def test_when_it_will_not_take_more_now_the_rest_waits(sim: DigipostSim, channel: DigipostChannel, fault: str) -> None:
    sim.faults.add(fault, on="message")
    to, letters = account(sim.base_url, concurrency=1), [letter() for _ in range(3)]
    outcomes = hand_over(channel, to, *letters)
    assert next(outcomes).kind is OutcomeKind.TRY_LATER
    with pytest.raises(ChannelDown, match=fault):
        next(outcomes)
    assert not sim.mail.letters


def test_a_503_from_something_in_front_promises_nothing(sim: DigipostSim, channel: DigipostChannel) -> None:
    sim.faults.add("503", on="message")
    outcomes = hand_over(channel, account(sim.base_url, concurrency=1), letter(), letter())
    assert next(outcomes).kind is OutcomeKind.UNKNOWN
    with pytest.raises(ChannelDown, match="HTTP_503"):
        next(outcomes)


def test_a_connection_dropped_before_anything_is_done_is_unknown_too(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    """Nobody can tell it from a lost answer."""
    one, to = letter(), account(sim.base_url)
    sim.faults.add("refuse_connection", on="message")
    assert only(hand_over(channel, to, one)).kind is OutcomeKind.UNKNOWN
    looked_up = channel.look_up(to, one, clock.wall_now())
    assert looked_up is not None
    assert (looked_up.kind, looked_up.code) == (OutcomeKind.TRY_LATER, "DOCUMENT_NOT_FOUND")


def test_three_in_a_row_that_nobody_can_tell_of_and_the_rest_waits(sim: DigipostSim, channel: DigipostChannel) -> None:
    sim.faults.add(*["lost"] * 9, on="message")
    told: list[Outcome] = []
    with pytest.raises(ChannelDown):
        told.extend(hand_over(channel, account(sim.base_url, concurrency=1), *(letter() for _ in range(9))))
    assert len(sim.called("message")) == 3


def test_when_nobody_answers_nothing_is_tried(channel: DigipostChannel) -> None:
    sim = sim_with_people().start()
    to = account(sim.base_url)
    sim.stop()
    with pytest.raises(ChannelDown, match="ConnectError"):
        list(hand_over(channel, to, letter()))
    with pytest.raises(ChannelDown):
        channel.look_up(to, letter(), clock.wall_now())
    with pytest.raises(ChannelDown):
        list(channel.receipts(to, clock.wall_now(), clock.wall_now()))


@pytest.mark.parametrize("fault", ["429", "503", "SERVER_ERROR", "lost", "garbage"])
def test_without_an_entry_point_nothing_is_tried(sim: DigipostSim, channel: DigipostChannel, fault: str) -> None:
    sim.faults.add(fault, on="entry")
    with pytest.raises(ChannelDown):
        list(hand_over(channel, account(sim.base_url), letter()))
    assert not sim.called("message")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"broker_id": "800002"}, "UNKNOWN_USER_ID"),
        ({"sender_id": "900002"}, "UNKNOWN_SENDER"),
    ],
)
def test_a_wrong_agreement_stops_every_letter_and_tries_no_more(
    sim: DigipostSim, channel: DigipostChannel, changes: dict[str, str], code: str
) -> None:
    letters = [letter() for _ in range(5)]
    outcomes = list(hand_over(channel, account(sim.base_url, concurrency=1, **changes), *letters))
    assert {(outcome.kind, outcome.code) for outcome in outcomes} == {(OutcomeKind.STOPPED, code)}
    assert {outcome.dispatch_id for outcome in outcomes} == {one.dispatch_id for one in letters}
    assert len(sim.called("message")) <= 1


def test_another_companys_key_stops_the_channel_before_a_letter_is_tried(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    to = account(sim.base_url, certificate=keys("another").pkcs12("x"), password="x")
    outcome = only(hand_over(channel, to, letter()))
    assert (outcome.kind, outcome.code) == (OutcomeKind.STOPPED, "INVALID_SIGNATURE")
    assert not sim.called("message")


def test_a_clock_that_is_wrong_stops_the_channel(sim: DigipostSim, channel: DigipostChannel) -> None:
    at = clock.wall_now() - timedelta(minutes=6)
    outcome = only(hand_over(channel, account(sim.base_url), letter(), at=at))
    assert (outcome.kind, outcome.code) == (OutcomeKind.STOPPED, "DATE_HEADER_OUTSIDE_ACCEPTED_INTERVAL")


@pytest.mark.parametrize("code", ["INVALID_PDF_CONTENT", "FILE_TOO_LARGE", "SCHEMA_VALIDATION_ERROR"])
def test_a_letter_it_will_not_take_is_refused_and_the_others_go(
    sim: DigipostSim, channel: DigipostChannel, code: str
) -> None:
    sim.faults.add(code, on="message")
    one, other = hand_over(channel, account(sim.base_url, concurrency=1), letter(), letter())
    assert (one.kind, one.code) == (OutcomeKind.REFUSED, code)
    assert other.kind is OutcomeKind.SENT


@pytest.mark.parametrize("code", ["UNKNOWN_RECIPIENT", "INVALID_PDF_CONTENT"])
def test_a_refusal_does_not_send_another_way_what_an_earlier_try_delivered(
    sim: DigipostSim, channel: DigipostChannel, code: str
) -> None:
    """The answer to the first try was lost, and the mailbox closed since."""
    one, to = letter(), account(sim.base_url)
    sim.faults.add("lost", code, on="message")
    assert only(hand_over(channel, to, one)).kind is OutcomeKind.UNKNOWN
    outcome = only(hand_over(channel, to, one))
    assert (outcome.kind, outcome.code) == (OutcomeKind.SENT, code)


@pytest.mark.parametrize("fault", ["lost", "SERVER_ERROR", "tampered", "429"])
def test_a_refusal_that_cannot_be_held_against_what_is_there_is_unknown(
    sim: DigipostSim, channel: DigipostChannel, fault: str
) -> None:
    sim.faults.add(fault, on="status")
    assert only(hand_over(channel, account(sim.base_url), letter(NOBODY))).kind is OutcomeKind.UNKNOWN
    assert only(hand_over(channel, account(sim.base_url), letter(NOBODY))).kind is OutcomeKind.UNREACHABLE


def test_a_pdf_that_is_none_is_refused_by_digipost_itself(sim: DigipostSim, channel: DigipostChannel) -> None:
    outcome = only(hand_over(channel, account(sim.base_url), letter(pdf=b"not a pdf" * 50)))
    assert (outcome.kind, outcome.code) == (OutcomeKind.REFUSED, "INVALID_PDF_CONTENT")


def test_other_bytes_under_our_ids_stop_the_channel_for_a_person_to_see(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    one, to = letter(), account(sim.base_url)
    assert only(hand_over(channel, to, one)).kind is OutcomeKind.SENT
    changed = letter(dispatch_id=one.dispatch_id, pdf=blank_pdf() + b"\n% other")
    outcome = only(hand_over(channel, to, changed))
    assert (outcome.kind, outcome.code, outcome.sent_on) == (OutcomeKind.STOPPED, "CONTENT_HASH_DIFFERS", None)


def test_a_second_answer_is_never_taken_for_that_of_the_next_letter(sim: DigipostSim, channel: DigipostChannel) -> None:
    """Answered twice, the second lies in wait on the line: signed, fresh, of the same path, about another letter."""
    sim.faults.add("twice", "twice", on="message")
    to, letters = account(sim.base_url, concurrency=1), [letter() for _ in range(4)]
    outcomes = {outcome.dispatch_id: outcome for outcome in hand_over(channel, to, *letters)}
    for one in letters:
        outcome = outcomes[one.dispatch_id]
        if outcome.kind is OutcomeKind.UNKNOWN:
            outcome = only(hand_over(channel, to, one))
        assert outcome.kind is OutcomeKind.SENT
        assert json.loads(outcome.evidence)["document"] == one.dispatch_id
    assert sim.mail.takes == {one.dispatch_id: 1 for one in letters}


def test_a_slow_answer_is_given_up_and_the_letter_looked_up(
    sim: DigipostSim, channel: DigipostChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.digipost.client._TIMEOUT", 0.2)
    sim.faults.add("timeout", on="message")
    one, to = letter(), account(sim.base_url)
    outcome = only(hand_over(channel, to, one))
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNKNOWN, "ReadTimeout")
    looked_up = channel.look_up(to, one, clock.wall_now())
    assert looked_up is not None
    assert looked_up.kind is OutcomeKind.SENT


def test_every_wait_is_shorter_than_ten_seconds() -> None:
    from plugins.digipost.client import _TIMEOUT, ALL_SECONDS

    waits = (_TIMEOUT.connect, _TIMEOUT.read, _TIMEOUT.write, _TIMEOUT.pool)
    assert all(wait is not None and wait < 10 for wait in waits)
    assert ALL_SECONDS < 10


def test_a_new_certificate_at_digipost_is_fetched_and_believed(sim: DigipostSim, channel: DigipostChannel) -> None:
    to = account(sim.base_url)
    assert only(hand_over(channel, to, letter())).kind is OutcomeKind.SENT
    sim.new_certificate()
    assert only(hand_over(channel, to, letter())).kind is OutcomeKind.SENT
    assert len(sim.called("entry")) == 2


def test_the_entry_point_is_fetched_once_for_many_letters_and_hand_overs(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    to = account(sim.base_url)
    for _ in range(2):
        assert len(list(hand_over(channel, to, *(letter() for _ in range(5))))) == 5
    assert len(sim.called("entry")) == 1


def test_a_hand_over_that_lasts_longer_than_a_signature_is_good_for_signs_with_the_time_it_is(
    sim: DigipostSim, channel: DigipostChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = timedelta()
    sim._wall_now = lambda: clock.wall_now() + ahead
    real = __import__("time").monotonic
    monkeypatch.setattr("plugins.digipost.client.time.monotonic", lambda: real() + ahead.total_seconds())
    outcomes = hand_over(channel, account(sim.base_url, concurrency=1), *(letter() for _ in range(3)))
    assert next(outcomes).kind is OutcomeKind.SENT
    ahead = timedelta(minutes=20)
    assert [outcome.kind for outcome in outcomes][-1] is OutcomeKind.SENT


def test_no_number_of_a_person_is_logged_or_shown(
    sim: DigipostSim, channel: DigipostChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sim.faults.add("UNKNOWN_RECIPIENT", "garbage", on="message")
    to = account(sim.base_url, concurrency=1)
    shown = repr([*hand_over(channel, to, letter(), letter(), letter())]) + repr(to) + repr(letter())
    assert KARI not in caplog.text + shown
    assert PASSWORD not in caplog.text + shown
    assert certificate()[:40] not in caplog.text + shown


# --- exactly once ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_lost_each_letter_is_taken_exactly_once(
    sim: DigipostSim, channel: DigipostChannel, seed: int
) -> None:
    sim.faults.at_random(seed, lost=0.15, refuse_connection=0.1, wrong_signature=0.05, tampered=0.05, twice=0.1,
                         gateway_502=0.05, SERVER_ERROR=0.05)  # fmt: skip
    to, letters = account(sim.base_url, concurrency=4), {one.dispatch_id: one for one in (letter() for _ in range(40))}
    waiting = dict(letters)
    for _ in range(100):
        if not waiting:
            break
        try:
            for outcome in hand_over(channel, to, *waiting.values(), batch_id=str(uuid4())):
                assert outcome.kind in (OutcomeKind.SENT, OutcomeKind.UNKNOWN, OutcomeKind.TRY_LATER), outcome
                if outcome.kind is OutcomeKind.SENT:
                    del waiting[outcome.dispatch_id]
        except ChannelDown:
            continue
    assert not waiting
    assert sim.mail.takes == dict.fromkeys(letters, 1)
    assert set(sim.mail.copies().values()) == {1}
    assert len(sim.mail.copies()) == 40
    assert sum(sim.mail.tries.values()) > 40, "something was lost and tried again"


def test_a_digipost_that_dies_and_comes_back_has_each_letter_once(sim: DigipostSim, channel: DigipostChannel) -> None:
    to, letters = account(sim.base_url, concurrency=2), [letter() for _ in range(30)]
    sent: set[str] = set()
    for turn in range(20):
        rest = [one for one in letters if one.dispatch_id not in sent]
        outcomes = hand_over(channel, to, *rest)
        try:
            for number, outcome in enumerate(outcomes):
                if outcome.kind is OutcomeKind.SENT:
                    sent.add(outcome.dispatch_id)
                if number == 7 and turn < 3:
                    sim.stop()
        except ChannelDown:
            sim.start()
    assert sent == {one.dispatch_id for one in letters}
    assert sim.mail.takes == dict.fromkeys(sent, 1)


def test_a_hand_over_that_is_left_midway_loses_nothing_and_sends_nothing_twice(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    to, letters = account(sim.base_url), [letter() for _ in range(10)]
    outcomes = hand_over(channel, to, *letters)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]
    assert {outcome.kind for outcome in hand_over(channel, to, *letters)} == {OutcomeKind.SENT}
    assert sim.mail.takes == {one.dispatch_id: 1 for one in letters}


# --- batches --------------------------------------------------------------------------------------------------------


class TestBatches:
    """Nothing is delivered before all is taken."""

    def test_a_batch_is_begun_filled_and_completed(self, sim: DigipostSim, channel: DigipostChannel) -> None:
        to, letters = account(sim.base_url, batch=True), [letter() for _ in range(4)]
        outcomes = list(hand_over(channel, to, *letters, letter(NOBODY)))
        assert sorted(outcome.kind for outcome in outcomes) == [OutcomeKind.SENT] * 4 + [OutcomeKind.UNREACHABLE]
        (batch,) = sim.mail.batches.values()
        assert (batch.uuid, batch.status, batch.count("DIGIPOST")) == (batch_id("b-1", "fjord"), "DONE", 4)

    def test_paper_in_a_batch_is_taken_and_waits_for_its_postmark(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        to = account(sim.base_url, batch=True, print_fallback=True)
        assert only(hand_over(channel, to, letter(OLA))).kind is OutcomeKind.TAKEN

    def test_when_it_goes_down_midway_the_batch_is_cancelled_and_nothing_is_delivered(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        to, letters = account(sim.base_url, batch=True, concurrency=1), [letter() for _ in range(4)]
        sim.faults.add("", "", "429", on="message")
        told: list[Outcome] = []
        with pytest.raises(ChannelDown):
            told.extend(hand_over(channel, to, *letters))
        assert not sim.mail.letters
        assert not sim.mail.batches
        assert {outcome.kind for outcome in hand_over(channel, to, *letters)} == {OutcomeKind.SENT}

    @pytest.mark.parametrize("fault", ["lost", "tampered", "SERVER_ERROR"])
    @pytest.mark.parametrize("place", [0, 1])
    def test_an_answer_lost_when_beginning_or_completing_is_made_good_the_next_time(
        self, sim: DigipostSim, channel: DigipostChannel, fault: str, place: int
    ) -> None:
        to, letters = account(sim.base_url, batch=True), [letter() for _ in range(3)]
        sim.faults.add(*[""] * place, fault, on="batch")
        outcomes: dict[str, Outcome] = {}
        for _ in range(3):
            try:
                outcomes |= {outcome.dispatch_id: outcome for outcome in hand_over(channel, to, *letters)}
            except ChannelDown:
                continue
        assert {outcome.kind for outcome in outcomes.values()} == {OutcomeKind.SENT}
        assert sim.mail.takes == {one.dispatch_id: 1 for one in letters}

    def test_a_letter_whose_answer_was_lost_lies_in_the_batch_once(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        to, letters = account(sim.base_url, batch=True, concurrency=1), [letter() for _ in range(3)]
        sim.faults.add("lost", on="message")
        assert {outcome.kind for outcome in hand_over(channel, to, *letters)} == {OutcomeKind.SENT}
        assert sim.mail.takes == {one.dispatch_id: 1 for one in letters}

    def test_a_batch_completed_and_forgotten_by_us_is_looked_up_and_not_filled_again(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        to, letters = account(sim.base_url, batch=True), [letter() for _ in range(3)]
        list(hand_over(channel, to, *letters))
        again = list(hand_over(channel, to, *letters, extra := letter()))
        assert {outcome.kind for outcome in again} == {OutcomeKind.SENT}
        assert sim.mail.takes == {one.dispatch_id: 1 for one in [*letters, extra]}

    def test_a_batch_with_nothing_in_it_is_not_left_behind(self, sim: DigipostSim, channel: DigipostChannel) -> None:
        outcome = only(hand_over(channel, account(sim.base_url, batch=True), letter(NOBODY)))
        assert outcome.kind is OutcomeKind.UNREACHABLE
        assert not sim.mail.batches


# --- what happens later ---------------------------------------------------------------------------------------------


def receipts(channel: DigipostChannel, sim: DigipostSim, since: datetime | None = None) -> list[DeliveryReceipt]:
    now = clock.wall_now() + timedelta(seconds=1)
    pages = channel.receipts(account(sim.base_url), since or now, now)
    return [receipt for page in pages for receipt in page.receipts]


class TestEvents:
    """Polled, with a day's overlap."""

    def printed(self, sim: DigipostSim, channel: DigipostChannel) -> OutgoingLetter:
        one = letter(OLA)
        assert only(hand_over(channel, account(sim.base_url, print_fallback=True), one)).kind is OutcomeKind.TAKEN
        return one

    def test_a_postmark_is_the_proof_on_its_own_day(self, sim: DigipostSim, channel: DigipostChannel) -> None:
        one = self.printed(sim, channel)
        sim.mail.postmark(one.dispatch_id, "2026-11-23")
        (receipt,) = receipts(channel, sim)
        assert (receipt.dispatch_id, receipt.state, receipt.on) == (
            one.dispatch_id, ReceiptState.SENT, date(2026, 11, 23),
        )  # fmt: skip
        assert json.loads(receipt.evidence)["type"] == "POSTMARKED"

    def test_print_that_failed_will_not_arrive(self, sim: DigipostSim, channel: DigipostChannel) -> None:
        one = self.printed(sim, channel)
        sim.mail.fail_print(one.dispatch_id, "WRONG_MARGIN")
        sim.mail.shred(one.dispatch_id)
        told = [(receipt.state, receipt.code) for receipt in receipts(channel, sim)]
        assert told == [(ReceiptState.FAILED, "PRINT_FAILED WRONG_MARGIN"), (ReceiptState.FAILED, "SHREDDED")]

    def test_opened_is_noted_as_opened_and_a_notice_that_failed_tells_no_number(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        one = letter()
        list(hand_over(channel, account(sim.base_url), one))
        sim.mail.open(one.dispatch_id)
        sim.mail.fail_notice(one.dispatch_id, "+4791234567")
        opened, noted = receipts(channel, sim)
        assert (opened.state, noted.state) == (ReceiptState.OPENED, ReceiptState.NOTED)
        assert noted.code == "SMS_NOTIFICATION_FAILED INVALID_NUMBER"
        assert "91234567" not in repr(noted) + noted.evidence

    def test_an_event_that_came_late_is_found_by_the_overlap_and_an_older_one_is_not(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        one = letter()
        list(hand_over(channel, account(sim.base_url), one))
        sim.mail.open(one.dispatch_id)
        now = clock.wall_now()
        assert len(receipts(channel, sim, since=now)) == 1
        at = now + timedelta(hours=23)
        pages = channel.receipts(account(sim.base_url), at, now + timedelta(seconds=1))
        assert len(list(pages)) == 1
        later = now + timedelta(hours=25)
        sim.faults.waiting.clear()
        with pytest.raises(ChannelDown, match="INVALID_DATE_RANGE"):
            list(channel.receipts(account(sim.base_url), later, now))

    def test_many_events_come_page_by_page_each_once(self, sim: DigipostSim, channel: DigipostChannel) -> None:
        one = letter()
        list(hand_over(channel, account(sim.base_url), one))
        began = clock.wall_now() - timedelta(hours=1)
        for number in range(250):
            sim.mail._now = lambda number=number: began + timedelta(seconds=number)  # type: ignore[misc]
            sim.mail.fail_notice(one.dispatch_id, code=f"CODE_{number}")
        # the same event told twice by the other side counts once
        sim.mail.events.append(sim.mail.events[-1])
        now = clock.wall_now() + timedelta(seconds=1)
        pages = list(channel.receipts(account(sim.base_url), now, now))
        codes = [receipt.code for page in pages for receipt in page.receipts]
        assert len(codes) == len(set(codes)) == 250
        assert len({page.name for page in pages}) == len(pages) == 3
        again = list(channel.receipts(account(sim.base_url), now, now))
        assert [page.name for page in again] == [page.name for page in pages]

    def test_the_events_of_another_sender_are_not_ours(self, channel: DigipostChannel) -> None:
        with sim_with_people(brokers=[Broker("800001", {"900001", "900009"})]) as sim:
            one = letter()
            list(hand_over(channel, account(sim.base_url, sender_id="900009"), one))
            sim.mail.open(one.dispatch_id)
            assert receipts(channel, sim) == []

    @pytest.mark.parametrize("fault", ["lost", "wrong_signature", "tampered", "garbage", "429", "503", "SERVER_ERROR"])
    def test_what_cannot_be_believed_is_asked_again_later(
        self, sim: DigipostSim, channel: DigipostChannel, fault: str
    ) -> None:
        sim.faults.add(fault, on="events")
        with pytest.raises(ChannelDown):
            receipts(channel, sim)
        assert receipts(channel, sim) == []


# --- the channel and its agreement ----------------------------------------------------------------------------------


def test_digital_post_is_sent_the_day_it_is_handed_over_in_oslo(channel: DigipostChannel) -> None:
    assert channel.expected_sending(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) == date(2026, 11, 23)
    assert (channel.medium, channel.idempotent, channel.at_once) == (Medium.DIGITAL_POST, True, False)


def test_nobody_pushes_reports_in_digiposts_name(channel: DigipostChannel) -> None:
    with pytest.raises(ForgedEvent):
        channel.read_report(account("http://127.0.0.1:1"), b"<event/>", {})


def test_there_are_no_files_to_mend_or_move(channel: DigipostChannel) -> None:
    to = account("http://127.0.0.1:1")
    assert list(channel.receipt_problems(to)) == []
    channel.take_receipts(to, "events-1")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"broker_id": "999 888 777"}, "broker_id"),
        ({"base_url": "http://api.digipost.no"}, "base_url"),
        ({"base_url": "https://api.digipost.no/v8"}, "base_url"),
        ({"certificate": "æøå"}, "certificate"),
        ({"certificate": "bm90IGEga2V5"}, "certificate"),
        ({"password": "feil"}, "certificate"),
        ({"identify_by": []}, "identify_by"),
        ({"identify_by": ["phone"]}, "identify_by"),
        ({"concurrency": 0}, "concurrency"),
        ({"notification_hours": -1}, "notification_hours"),
    ],
)
def test_a_wrong_setting_is_named_when_it_is_kept_and_no_secret_repeated(changes: dict[str, Any], field: str) -> None:
    given = {"broker_id": "800001", "certificate": certificate(), "password": PASSWORD} | changes
    with pytest.raises(ValidationError) as problem:
        Agreement().load(given)
    assert field in problem.value.messages_dict
    shown = str(problem.value.messages)
    assert all(given[name] not in shown for name in ("certificate", "password"))


def test_every_setting_of_the_agreement_explains_itself() -> None:
    for name, setting in Agreement().fields.items():
        assert {"label", "help", "example"} <= set(setting.metadata), name
    assert {name for name, setting in Agreement().fields.items() if setting.metadata.get("secret")} == {
        "certificate", "password",
    }  # fmt: skip


# --- several hand-overs at a time -----------------------------------------------------------------------------------


def in_parts(channel: DigipostChannel, to: Account, letters: list[OutgoingLetter], number: int) -> list[Outcome]:
    """As the core gives a batch: in parts side by side, under one number."""
    told: list[Outcome] = []

    def give(part: list[OutgoingLetter]) -> None:
        with contextlib.suppress(ChannelDown):
            told.extend(hand_over(channel, to, *part))

    threads = [Thread(target=give, args=(letters[n::number],)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_however_many_hand_overs_there_are_only_so_many_calls_are_under_way(
    sim: DigipostSim, channel: DigipostChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, most = 0, 0
    lock, answer = Lock(), sim.answer

    def counted(*asked: Any) -> tuple[bytes, str]:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        try:
            return answer(*asked)
        finally:
            with lock:
                under_way -= 1

    sim.faults.latency_ms = 5
    monkeypatch.setattr(sim, "answer", counted)
    letters = [letter() for _ in range(24)]
    told = in_parts(channel, account(sim.base_url, concurrency=2), letters, 4)
    assert {outcome.kind for outcome in told} == {OutcomeKind.SENT}
    assert len(told) == 24
    assert most == 2


def test_parts_of_one_batch_given_apart_still_send_each_letter_once(sim: DigipostSim, channel: DigipostChannel) -> None:
    to, letters = account(sim.base_url, batch=True), [letter() for _ in range(12)]
    waiting = {one.dispatch_id: one for one in letters}
    for turn in range(6):
        for outcome in in_parts(channel, to, list(waiting.values()), 3 if turn < 2 else 1):
            if outcome.kind is OutcomeKind.SENT:
                waiting.pop(outcome.dispatch_id)
    assert not waiting
    assert sim.mail.takes == {one.dispatch_id: 1 for one in letters}
    assert set(sim.mail.copies().values()) == {1}
