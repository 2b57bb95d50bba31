"""Unpaid EHF invoices become claims, each with a verdict of its own (`provide_intake_formats`)."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.ehf_intake import EhfIntake, archive
from saas.hooks import IntakeFileError
from saas.rules.kid import make_kid
from tests.plugins.ehf_files import credit_note, enveloped, invoice, meter, packed, payee

COMPANY = '<cbc:CompanyID schemeID="0192">923609016</cbc:CompanyID>'


def reader(**settings):
    (found,) = EhfIntake(EhfIntake.Settings().load(settings)).provide_intake_formats()
    return found


def rows(content: bytes, **settings):
    return list(reader(**settings).read(io.BytesIO(content)))


def one(content: bytes, **settings):
    (row,) = rows(content, **settings)
    return row


def test_an_invoice_is_read_as_the_claim_that_is_left_to_pay():
    row = one(invoice())
    assert row.problem == ""
    assert dict(row.values) == {
        "debtor_kind": "person", "debtor_name": "Kari Prøve", "address": "Storgata 1\nc/o Prøve", "postcode": "0155",
        "city": "Oslo", "country": "NO", "email": "kari@example.no", "phone": "+47 99 99 99 99",
        "invoice_number": "F-1001", "kind": "other", "description": "Strøm (01.08.2026–31.08.2026)",
        "invoiced_on": "2026-09-01", "due_on": "2026-09-15", "amount": "1543,34", "kid": "00001230",
    }  # fmt: skip


@pytest.mark.parametrize("form", ["ENK", "Enkeltpersonforetak"])
def test_a_sole_trader_is_told_from_a_company_by_its_legal_form(form):
    told = f"{COMPANY}<cbc:CompanyLegalForm>{form}</cbc:CompanyLegalForm>"
    assert one(invoice(company=told)).values["debtor_kind"] == "sole_trader"


def test_a_payment_id_that_is_no_kid_is_left_out_and_the_claim_stands():
    for text in ("FAKTURA 1001", "00001231", "", "1"):
        row = one(invoice(kid=text))
        assert (row.problem, "kid" in row.values) == ("", False)
    assert one(invoice(kid=make_kid("1234567"))).values["kid"] == make_kid("1234567")


def test_contact_details_that_are_none_are_left_out():
    row = one(invoice(phone="ring oss", email="ingen"))
    assert (row.problem, "phone" in row.values, "email" in row.values) == ("", False, False)


def test_an_invoice_in_an_envelope_is_read_too():
    assert one(enveloped(invoice())).values["invoice_number"] == "F-1001"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"currency": "EUR"}, "i EUR"),
        ({"type_code": "82"}, "Dokumenttypen 82"),
        ({"type_code": ""}, "Dokumenttypen mangler"),
        ({"profile": "urn:fdc:anskaffelser.no:2019:ehf:forward-billing:3.0"}, "vanlig EHF-faktura"),
        ({"due": ""}, "mangler forfallsdato"),
        ({"payable": "0.00"}, "betalt"),
        ({"payable": "-10.00"}, "betalt"),
        ({"payable": "10.005"}, "to desimaler"),
        ({"payable": "mye"}, "mangler"),
        ({"payable": "NaN"}, "mangler"),
        ({"payable": "1e30"}, "mangler"),
        ({"name": "Bakeriet AS"}, "organisasjonsnummer"),
        ({"payee": payee("923609016")}, "en annen enn selgeren"),
    ],
)  # fmt: skip
def test_what_cannot_be_collected_is_told_with_the_reason(change, words):
    assert words in one(invoice(**change)).problem


def test_the_seller_itself_as_payee_is_no_obstacle():
    assert one(invoice(payee=payee("987654325"))).problem == ""


def test_invoices_of_another_seller_are_refused_when_the_house_says_whose():
    assert one(invoice(), supplier_orgnrs=["987654325"]).problem == ""
    assert "Kraftselskapet AS" in one(invoice(), supplier_orgnrs=["923609016"]).problem


def test_the_metering_point_comes_along_when_the_house_wants_it():
    told = meter("707057500012345671")
    assert "metering_point" not in one(invoice(extra=told)).values
    assert one(invoice(extra=told), metering_points=True).values["metering_point"] == "707057500012345671"
    assert "metering_point" not in one(invoice(extra=told * 2), metering_points=True).values


# --- many in a file -------------------------------------------------------------------------------------------------


def test_each_invoice_in_a_zip_file_has_its_own_verdict():
    found = rows(packed(invoice(), b"<nei", invoice(number="F-3", currency="SEK"), invoice(number="F-4")))
    assert [row.row for row in found] == [1, 2, 3, 4]
    assert [bool(row.problem) for row in found] == [False, True, True, False]


def test_a_credit_note_in_the_file_is_set_off_against_its_invoice():
    (row,) = rows(packed(credit_note("F-1001"), invoice()))
    assert row.values["amount"] == "1043,34"
    assert [row.values["amount"] for row in rows(packed(invoice(), credit_note("F-1001")))] == ["1043,34"]


def test_a_credit_note_for_the_whole_leaves_no_claim():
    (row,) = rows(packed(invoice(), credit_note("F-1001", payable="1543.34")))
    assert "kreditert i sin helhet" in row.problem


@pytest.mark.parametrize(
    "note",
    [credit_note("F-2"), credit_note(), credit_note("F-1001", "F-2"), credit_note("F-1001", currency="EUR"),
     credit_note("F-1001", payable="-1.00"), credit_note("F-1001", payable="x"),
     credit_note("F-1001", supplier="923609016")],
)  # fmt: skip
def test_a_credit_note_that_cannot_be_set_off_is_told_to_a_person_and_takes_nothing_off(note):
    first, second = rows(packed(invoice(), note))
    assert (first.problem, first.values["amount"]) == ("", "1543,34")
    assert second.problem


def test_a_credit_note_alone_is_told_to_a_person():
    assert "ikke er i filen" in one(credit_note("F-1001")).problem


# --- hostile files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"", b"nei", b"<a/>", b"<?xml version='1.0'?>", invoice()[:-20], b"\x00" * 100, b"<a>" * 5000,
     "<æ".encode("latin-1")],
)  # fmt: skip
def test_what_is_no_invoice_is_told_and_never_raises(content):
    assert one(content).problem


def test_a_document_type_and_entities_are_refused():
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    evil = invoice().replace(b"?>", b"?>" + bomb, 1).replace("Kari Prøve".encode(), b"&b;")
    assert "gyldig XML" in one(evil).problem
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    assert "gyldig XML" in one(invoice().replace(b"?>", b"?>" + outside, 1)).problem


def test_a_zip_file_that_unpacks_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "LARGEST_DOCUMENT", 5_000)
    monkeypatch.setattr(archive, "LARGEST_IN_ALL", 12_000)
    assert "større enn" in one(packed(b" " * 6_000)).problem
    with pytest.raises(IntakeFileError, match="pakkes ut"):
        rows(packed(*[b" " * 4_900] * 3))


def test_a_zip_file_with_too_many_documents_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "MOST_DOCUMENTS", 2)
    with pytest.raises(IntakeFileError, match="mer enn 2"):
        rows(packed(*[invoice()] * 3))


def test_a_damaged_zip_file_is_refused():
    with pytest.raises(IntakeFileError, match="skadet"):
        rows(packed(invoice())[:-30])
    content = bytearray(packed(invoice()))
    content[120:140] = b"\xff" * 20
    assert "skadet" in one(bytes(content)).problem


def test_what_lies_beside_the_invoices_is_passed_over():
    (row,) = rows(packed(invoice(), beside={"bilag.pdf": b"%PDF", "__MACOSX/x.xml": b"nei", ".x.xml": b""}))
    assert row.values["invoice_number"] == "F-1001"


def test_recognises_by_the_first_bytes_and_never_by_the_name():
    found = reader()
    assert found.recognises(invoice()[:4000])
    assert found.recognises(credit_note("F-1")[:4000])
    assert found.recognises(enveloped(invoice())[:4000])
    assert found.recognises(packed(invoice())[:4000])
    for other in (b"", b"sak;navn\n1;2\n", b"%PDF-1.7", b"PK\x03\x04", b"<Document xmlns='camt'/>"):
        assert not found.recognises(other)
    sheet = io.BytesIO()
    with zipfile.ZipFile(sheet, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
    assert not found.recognises(sheet.getvalue())


@given(st.binary(max_size=300))
def test_any_bytes_give_verdicts_or_a_refusal(content):
    with suppress(IntakeFileError):
        assert all(row.problem for row in rows(content))
