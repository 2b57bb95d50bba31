"""What is said to Digipost and read from it, and what is signed: with no Digipost about."""

import base64
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.digipost import answers
from plugins.digipost.agreement import Terms
from plugins.digipost.answers import Unreadable
from plugins.digipost.errors import AlreadyThere, sorted_error
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
    OutcomeKind,
    OutgoingLetter,
    Party,
)
from saas.simulators.digipost.multipart import parts
from saas.simulators.digipost.refusals import SORT_OF
from saas.simulators.digipost.schema import read
from saas.simulators.digipost.signatures import expected_text
from tests.plugins.digipost.world import (
    KARI,
    SENDER,
    keys,
    letter,
)

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday
TERMS = Terms("800001", "900001", ("national_id", "orgnr"), False, None, 3, False)
KARI_ID = Identity("personal-identification-number", KARI)
V8 = "{http://api.digipost.no/schema/v8}"
DT = "{http://api.digipost.no/schema/datatypes}"
BOTH = Party("Kari", (), national_id=KARI, orgnr="999888777")
ADDRESS = Party("Kari Prøve", ("Storgata 1",), "0155", "Oslo")


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
