"""camt.054 messages are read whole, or refused with the entry that is wrong."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.camt054 import Camt054
from plugins.camt054.stream import ROOM_BYTES
from saas.hooks import BankFileError, BankPayment, BankVerdict, VerdictLevel
from saas.simulators.bank_camt import VERSIONS, SimEntry, SimNotification, SimTransfer, camt_pieces, write_camt
from tests.plugins.bank_files import read_whole

ACCOUNT, OTHER, IBAN = "12345678903", "86011117947", "NO9386011117947"
BOOKED, VALUE = date(2026, 11, 20), date(2026, 11, 19)
MADE_AT = datetime(2026, 11, 21, 17, 35, tzinfo=UTC)
READER = Camt054(Camt054.Settings().load({})).provide_bank_files()[0]

KARI = SimTransfer(102_000, ["00001230"], payer="Kari Prøve", debit_account=OTHER, reference="123456781")
OLA = SimTransfer(50_050, ["1000005-"], payer="Ola Prøve", reference="123456782")


def an_entry(*transfers, **told):
    return SimEntry(transfers, **{"booked_on": BOOKED, "value_on": VALUE} | told)


def write(*entries, account=ACCOUNT, message_id="M1", summed=True, **options):
    return write_camt([SimNotification(account, entries, summed)], message_id, MADE_AT, **options)


def whole(content):
    return read_whole(READER, content)


def read(*entries, **options):
    return whole(write(*entries, **options))


def swapped(content, old, new, times=1):
    """The content with `old` replaced; it must be there, or the test would test another file."""
    assert content.count(old.encode()) >= times
    return content.replace(old.encode(), new.encode(), times)


def stopped(content):
    with pytest.raises(BankFileError) as caught:
        whole(content)
    return caught.value


def errors(content):
    """(record, code) of each error the reader tells without stopping."""
    found = [part for part in READER.read(io.BytesIO(content)) if isinstance(part, BankVerdict)]
    return [(v.record, v.code) for v in found if v.level == VerdictLevel.ERROR]


FILE = write(an_entry(KARI), an_entry(OLA))


# --- what is in the message -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_a_payment_with_kid_reads_the_same_in_every_version(version):
    assert read(an_entry(KARI), version=version).payments == (
        BankPayment(
            key=f"camt:{ACCOUNT}|2026-11-20|102000|ref:123456781",
            account=ACCOUNT,
            kid="00001230",
            amount_ore=102_000,
            value_on=VALUE,
            debit_account=OTHER,
            record=1,
        ),
    )


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "ISO-8859-15", "US-ASCII", "UTF-16"])
def test_the_encoding_makes_no_difference(encoding):
    payer = an_entry(SimTransfer(100, texts=["Strøm på hytta"], payer="Åse Ørn"))
    content = write(payer, encoding=encoding)
    assert READER.recognises(content[:400])
    assert whole(content).payments[0].text == "Strøm på hytta (fra Åse Ørn)"


def test_a_byte_order_mark_line_ends_and_prefixes_make_no_difference():
    bare = FILE.replace(b'encoding="UTF-8"', b"")
    prefixed = FILE.replace(b"<", b"<c:").replace(b"<c:/", b"</c:").replace(b"<c:?", b"<?")
    prefixed = prefixed.replace(b"xmlns=", b"xmlns:c=")
    for content in (b"\xef\xbb\xbf" + FILE, bare, FILE.replace(b"\n", b"\r\n"), prefixed):
        assert READER.recognises(content[:400])
        assert whole(content) == whole(FILE)


def test_a_kid_may_end_in_a_dash_and_keeps_its_zeros():
    assert [p.kid for p in whole(FILE).payments] == ["00001230", "1000005-"]


@pytest.mark.parametrize("reference", ["RF18539007547034", "FAKTURA 12", "1" * 26, "12-3"])
def test_a_reference_that_is_no_kid_is_words_for_a_person(reference):
    (payment,) = read(an_entry(replace(OLA, kids=[reference], payer=""))).payments
    assert (payment.kid, payment.text) == ("", reference)


def test_a_payment_of_several_kids_is_words_for_a_person():
    (payment,) = read(an_entry(replace(KARI, kids=["00001230", "00001248"]))).payments
    assert (payment.kid, payment.text) == ("", "00001230 00001248 (fra Kari Prøve)")
    assert read(an_entry(replace(KARI, kids=["00001230", "00001230"]))).payments[0].kid == "00001230"


def test_free_text_is_joined_and_says_who_paid():
    (payment,) = read(an_entry(SimTransfer(100, texts=["Sak 100001", " siste  del "], payer="Ola & Kari"))).payments
    assert payment.text == "Sak 100001 siste del (fra Ola & Kari)"


def test_a_payer_whose_name_reads_like_a_case_number_is_left_out_of_the_words():
    assert read(an_entry(SimTransfer(100, payer="Firma 100001 AS"))).payments[0].text == ""


def test_an_entry_without_details_is_a_payment_with_the_banks_own_words():
    (payment,) = read(an_entry(SimTransfer(12_575), info="Renter september", detailed=False, reference="9")).payments
    assert (payment.kid, payment.text, payment.amount_ore) == ("", "Renter september", 12_575)


def test_a_detail_without_amount_has_that_of_its_entry():
    assert read(an_entry(replace(KARI, with_amount=False))).payments[0].amount_ore == 102_000


def test_a_batch_is_one_entry_and_many_payments():
    file = read(an_entry(KARI, OLA, SimTransfer(7, reference="3"), batch=True, reference="B1"))
    assert [(p.kid, p.amount_ore, p.record) for p in file.payments] == [
        ("00001230", 102_000, 1), ("1000005-", 50_050, 1), ("", 7, 1),
    ]  # fmt: skip


def test_payments_of_a_batch_that_only_has_a_reference_itself_are_told_apart():
    twin = SimTransfer(500, ["00001230"])
    file = read(an_entry(twin, twin, batch=True, reference="B1"))
    assert [p.key.rpartition("|")[2] for p in file.payments] == ["ref:B1", "ref:B1/2"]


def test_several_accounts_in_one_message_are_kept_apart():
    content = write_camt(
        [SimNotification(ACCOUNT, [an_entry(KARI)], True), SimNotification(IBAN, [an_entry(OLA)], True)], "M1", MADE_AT
    )
    assert [(p.account, p.kid, p.record) for p in whole(content).payments] == [
        (ACCOUNT, "00001230", 1), (OTHER, "1000005-", 2),
    ]  # fmt: skip


def test_a_message_without_entries_is_a_good_file():
    assert read().payments == ()
    assert whole(write_camt([], "M1", MADE_AT)).payments == ()


def test_the_value_date_counts_else_the_booking_date_else_the_day_of_the_message():
    assert read(an_entry(KARI)).payments[0].value_on == VALUE
    assert read(an_entry(KARI, value_on=None)).payments[0].value_on == BOOKED
    assert read(an_entry(KARI, value_on=None, booked_on=None)).payments[0].value_on == MADE_AT.date()


def test_a_moment_is_the_day_it_is_in_oslo():
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert read(an_entry(KARI, value_on=late)).payments[0].value_on == date(2026, 11, 21)
    assert read(an_entry(KARI, value_on=late.replace(tzinfo=None))).payments[0].value_on == date(2026, 11, 20)


def test_supplementary_data_that_looks_like_payments_is_not_counted():
    decoy = b"<SplmtryData><Envlp>" + FILE[FILE.index(b"<Ntfctn>") : FILE.index(b"</BkTo")] + b"</Envlp></SplmtryData>"
    content = FILE.replace(b"</BkToCstmrDbtCdtNtfctn>", decoy + b"</BkToCstmrDbtCdtNtfctn>")
    assert whole(content) == whole(FILE)


# --- what is not booked ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("status", ["PDNG", "INFO"])
def test_what_is_not_booked_yet_is_left_out_and_told(version, status):
    file = read(an_entry(KARI, status=status), an_entry(OLA), an_entry(KARI, status=status), version=version)
    assert [p.kid for p in file.payments] == ["1000005-"]
    (told,) = file.verdicts
    assert (told.level, told.code, told.record) == ("warning", "pending", 1)
    assert told.message.startswith("2 poster er ikke bokført ennå")


def test_money_going_out_is_left_out_and_told():
    file = read(an_entry(OLA), an_entry(SimTransfer(-4_500, ["7"])))
    assert [p.kid for p in file.payments] == ["1000005-"]
    assert [(v.code, v.record) for v in file.verdicts] == [("paid_out", 2)]


def test_other_currencies_are_left_out_and_each_is_told():
    euro = an_entry(replace(KARI, currency="EUR"), currency="EUR")
    file = read(an_entry(OLA), euro, euro)
    assert [p.kid for p in file.payments] == ["1000005-"]
    assert [(v.level, v.code, v.record) for v in file.verdicts] == [
        ("warning", "other_currency", 2), ("warning", "other_currency", 3),
    ]  # fmt: skip


def test_a_payment_made_in_another_currency_counts_as_the_account_saw_it():
    content = swapped(
        write(an_entry(KARI), version="02"), '<TxAmt><Amt Ccy="NOK">1020.00', '<TxAmt><Amt Ccy="EUR">88.70'
    )
    assert whole(content).payments[0].amount_ore == 102_000


def test_a_reversal_takes_money_back_under_a_key_of_its_own():
    file = read(an_entry(KARI), an_entry(replace(KARI, amount_ore=-102_000), reversal=True))
    assert [(p.kid, p.amount_ore) for p in file.payments] == [("00001230", 102_000), ("00001230", -102_000)]
    assert file.payments[0].key != file.payments[1].key
    assert file.sum_ore == 0


def test_a_received_payment_that_is_returned_takes_money_back_without_the_mark_of_a_reversal():
    (payment,) = read(an_entry(replace(KARI, amount_ore=-102_000), code=("RCDT", "RRTN"))).payments
    assert payment.amount_ore == -102_000


@pytest.mark.parametrize("told", [{"reversal": True}, {"code": ("ICDT", "RRTN")}], ids=str)
def test_money_of_ours_that_comes_back_keeps_its_kid_as_words_only(told):
    file = read(an_entry(KARI, **told))
    assert (file.payments[0].kid, file.payments[0].amount_ore) == ("", 102_000)
    assert file.payments[0].text == "Tilbakeført betaling til KID 00001230."
    assert [(v.code, v.record) for v in file.verdicts] == [("returned", 1)]


def test_a_batch_may_hold_a_payment_the_other_way():
    file = read(an_entry(KARI, SimTransfer(-500, reference="fee"), batch=True), version="08")
    assert [p.amount_ore for p in file.payments] == [102_000, -500]


# --- the same again -------------------------------------------------------------------------------------------------


def test_the_same_payment_has_the_same_key_in_another_message_and_version():
    first, again = (
        read(an_entry(KARI), version="02"),
        read(an_entry(OLA), an_entry(KARI), message_id="M2", version="08"),
    )
    assert first.key != again.key
    assert first.payments[0].key == again.payments[1].key


def test_a_serial_number_as_reference_does_not_make_two_payers_one():
    first = read(an_entry(replace(KARI, reference=""), entry_reference="1"))
    second = read(an_entry(replace(KARI, reference="", kids=["00001248"]), entry_reference="1"), message_id="M2")
    assert first.payments[0].key != second.payments[0].key


def test_payments_without_any_reference_are_told_apart_by_their_place():
    bare = SimTransfer(100, end_to_end="")
    file = read(an_entry(bare), an_entry(bare), an_entry(bare, bare))
    assert len({p.key for p in file.payments}) == 4
    assert {p.key for p in file.payments}.isdisjoint({p.key for p in read(an_entry(bare), message_id="M2").payments})


# --- messages that are wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('<Ntry><Amt Ccy="NOK">500.50</Amt>', "<Ntry>", "no_amount"),
        ('<Amt Ccy="NOK">500.50', '<Amt Ccy="NOK">500,50', "wrong_amount"),
        ('<Amt Ccy="NOK">500.50', '<Amt Ccy="NOK">-500.50', "wrong_amount"),
        ('<Amt Ccy="NOK">500.50', '<Amt Ccy="NOK">500.505', "wrong_amount"),
        ('<Amt Ccy="NOK">500.50', '<Amt Ccy="NOK">5e2', "wrong_amount"),
        ('<Amt Ccy="NOK">500.50', '<Amt Ccy="NOK">٥٠٠', "wrong_amount"),
        ('<Amt Ccy="NOK">500.50', '<Amt Ccy="NOK">500.51', "wrong_sum"),
    ],
)  # fmt: skip
def test_a_wrong_amount_is_told_with_its_entry(old, new, told):
    head, tail = FILE[: FILE.rindex(b"<Ntry>")], FILE[FILE.rindex(b"<Ntry>") :]
    assert errors(head + swapped(tail, old, new)) == [(2, told)]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<Cd>BOOK</Cd>", "<Cd>LATER</Cd>", "wrong_status"),
        ("<Sts><Cd>BOOK</Cd></Sts>", "", "wrong_status"),
        ("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<CdtDbtInd>IN</CdtDbtInd><Sts>", "wrong_direction"),
        ("<CdtDbtInd>CRDT</CdtDbtInd><RltdPties>", "<CdtDbtInd>IN</CdtDbtInd><RltdPties>", "wrong_direction"),
        ("<BookgDt><Dt>2026-11-20", "<BookgDt><Dt>2026-02-30", "not_a_date"),
        ("<ValDt><Dt>2026-11-19", "<ValDt><Dt>19.11.2026", "not_a_date"),
        ("<ValDt><Dt>2026-11-19", "<ValDt><Dt>1026-11-19", "not_a_date"),
    ],
)
def test_a_wrong_field_is_told_with_its_entry(old, new, told):
    head, tail = FILE[: FILE.rindex(b"<Ntry>")], FILE[FILE.rindex(b"<Ntry>") :]
    assert errors(head + swapped(tail, old, new)) == [(2, told)]


def test_everything_that_is_wrong_is_told_at_once_and_the_rest_still_counts():
    content = write(*(an_entry(replace(KARI, reference=str(n))) for n in range(1, 6)))
    for _ in range(2):
        content = swapped(content, "<Cd>BOOK</Cd>", "<Cd>X</Cd>")
    parts = list(READER.read(io.BytesIO(content)))
    assert errors(content) == [(1, "wrong_status"), (2, "wrong_status")]
    assert [p.record for p in parts if isinstance(p, BankPayment)] == [3, 4, 5]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<NbOfTxs>2<", "<NbOfTxs>3<", "wrong_count"),
        ("<NbOfTxs>2<", "<NbOfTxs>to<", "wrong_count"),
        ('<TtlAmt Ccy="NOK">1520.50', '<TtlAmt Ccy="NOK">1520.51', "wrong_sum"),
    ],
)
def test_a_batch_that_does_not_add_up_is_told_with_its_entry(old, new, told):
    content = write(an_entry(SimTransfer(1, reference="1")), an_entry(KARI, OLA, batch=True, reference="B"))
    assert errors(swapped(content, old, new)) == [(2, told)]


def test_a_batch_whose_payments_have_no_amounts_of_their_own_is_told_with_its_entry():
    bare = replace(KARI, with_amount=False)
    assert errors(write(an_entry(OLA), an_entry(bare, replace(bare, reference="2"), reference="B"))) == [
        (2, "no_amount")
    ]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<TtlNtries><NbOfNtries>3<", "<TtlNtries><NbOfNtries>4<", "wrong_count"),
        ("<TtlCdtNtries><NbOfNtries>2<", "<TtlCdtNtries><NbOfNtries>1<", "wrong_count"),
        ("<TtlDbtNtries><NbOfNtries>1<", "<TtlDbtNtries><NbOfNtries>0<", "wrong_count"),
        ("<Sum>1565.50<", "<Sum>1565.51<", "wrong_sum"),
        ("<Sum>45.00<", "<Sum>45.10<", "wrong_sum"),
        (">1475.50<", ">1475.40<", "wrong_sum"),
    ],
)
def test_a_notification_that_does_not_add_up_is_refused(version, old, new, code):
    content = write(an_entry(KARI), an_entry(OLA), an_entry(SimTransfer(-4_500, reference="3")), version=version)
    assert errors(content) == []
    assert errors(swapped(content, old, new)) == [(0, code)]


def test_a_message_of_a_version_we_do_not_know_is_recognised_and_refused():
    content = FILE.replace(b"camt.054.001.08", b"camt.054.001.06")
    assert READER.recognises(content[:400])
    assert stopped(content).code == "unknown_version"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (FILE.replace(b"camt.054.001.08", b"camt.053.001.08"), "unknown_document"),
        (b"<a><b/></a>", "unknown_document"),
        (FILE.replace(b"<MsgId>M1</MsgId>", b""), "no_header"),
        (FILE.replace(b"<MsgId>M1</MsgId>", b"<MsgId>" + b"M" * 36 + b"</MsgId>"), "no_header"),
        (FILE.replace(FILE[FILE.index(b"<GrpHdr>") : FILE.index(b"<Ntfctn>")], b""), "no_header"),
        (FILE.replace(FILE[FILE.index(b"<Acct>") : FILE.index(b"<TxsSummry>")], b""), "no_account"),
        (FILE.replace(b"</Ntry>", b"</Ntri>", 1), "not_xml"),
        (b"not xml at all", "not_xml"),
        (b"", "cut_short"),
    ],
)
def test_what_leaves_nothing_to_go_by_stops_the_reading(content, code):
    assert stopped(content).code == code


def test_an_iban_with_a_wrong_check_digit_is_no_norwegian_account():
    content = write(an_entry(KARI), account="NO9386011117948")
    assert whole(content).payments[0].account == "NO9386011117948"


def test_a_message_cut_anywhere_is_refused_and_names_the_entry():
    for length in range(FILE.rindex(b"<Ntry>") + 10, len(FILE.rstrip()) - 1, 7):
        error = stopped(FILE[:length])
        assert (error.code, error.record) == ("cut_short", 2)
    for length in range(0, len(FILE) - 12, 11):
        assert stopped(FILE[:length]).code == "cut_short"


# --- XML that means harm --------------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 500}">' for n in range(10))


def armed(declarations, use=""):
    content = FILE.replace(b"<Document", f"<!DOCTYPE Document [{declarations}]>\n<Document".encode(), 1)
    return content.replace(b"Kari Pr", use.encode() + b"Kari Pr")


@pytest.mark.parametrize(
    "content",
    [
        armed("", ""),
        armed(LAUGHS, "&l9;"),
        armed('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"),
        armed('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">', "&x;"),
        armed('<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;'),
        armed(LAUGHS).replace(b"<Document xmlns", b'<Document a="&l9;" xmlns'),
        armed('<!ENTITY x "' + "a" * 200_000 + '">', "&x;" * 2_000),
        FILE.replace(b"<Document", b'<!DOCTYPE Document SYSTEM "file:///etc/passwd">\n<Document', 1),
    ],
    ids=["empty DTD", "laughs", "file", "network", "parameter entity", "laughs in attribute", "quadratic", "outer DTD"],
)
def test_a_document_type_is_refused_before_anything_comes_of_it(content):
    start = perf_counter()
    error = stopped(content)
    assert error.code in ("doctype", "not_xml")
    assert error.record == 0
    assert perf_counter() - start < 2


def test_one_endless_element_is_refused_when_it_has_had_room_enough():
    read_bytes = 0

    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            nonlocal read_bytes
            piece = (FILE[: FILE.index(b"<Ntry>")] if not read_bytes else b"<x>y</x>" * 4_000)[: len(buffer)]
            buffer[: len(piece)] = piece
            read_bytes += len(piece)
            return len(piece)

    with pytest.raises(BankFileError) as caught:
        list(READER.read(io.BufferedReader(Endless())))
    assert caught.value.code == "too_large"
    assert read_bytes < 2 * ROOM_BYTES


def test_elements_nested_without_end_are_refused():
    content = FILE.replace(b"<RmtInf>", b"<RmtInf>" + b"<a>" * 5_000 + b"</a>" * 5_000, 1)
    assert stopped(content).code == "not_xml"


@settings(database=None, deadline=None, max_examples=200)
@given(st.integers(0, len(FILE) - 1), st.binary(min_size=1, max_size=4))
def test_no_bytes_written_over_a_message_bring_anything_but_an_answer_or_a_clear_error(position, noise):
    content = FILE[:position] + noise + FILE[position + len(noise) :]
    told = []
    try:
        told += [part.message for part in READER.read(io.BytesIO(content)) if isinstance(part, BankVerdict)]
    except BankFileError as refused:
        told.append(refused.message)
    assert all(message.endswith(".") for message in told)


@pytest.mark.parametrize(
    "head",
    [b"", b"NY000010", b"<?xml version='1.0'?><Invoice xmlns='urn:oasis'>", b"%PDF-1.7",
     b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'>",
     b"<!-- camt.054.001.08 --><Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.03'>"],
)  # fmt: skip
def test_other_files_are_not_taken_for_camt(head):
    assert not READER.recognises(head)


# --- writer and reader agree ----------------------------------------------------------------------------------------

_KIDS = st.from_regex(r"[0-9]{2,25}|[0-9]{1,24}-", fullmatch=True)
_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=35)
_DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
_TRANSFERS = st.builds(
    SimTransfer,
    amount_ore=st.integers(0, 10**12),
    kids=st.lists(_KIDS, max_size=1),
    texts=st.lists(_WORDS, max_size=2),
    debit_account=st.sampled_from(["", OTHER]),
    end_to_end=st.sampled_from(["NOTPROVIDED", "", "4711"]),
)
_ENTRIES = st.builds(
    SimEntry,
    transfers=st.lists(_TRANSFERS, min_size=1, max_size=4),
    booked_on=_DAYS,
    value_on=st.none() | _DAYS,
    batch=st.booleans(),
    reference=st.sampled_from(["", "B1", "B2"]),
)


@settings(database=None, deadline=None, max_examples=150)
@given(st.lists(_ENTRIES, max_size=5), st.sampled_from(VERSIONS), st.booleans(), st.sampled_from(["UTF-8", "UTF-16"]))
def test_what_the_bank_writes_is_what_we_read(entries, version, summed, encoding):
    file = whole(
        write_camt([SimNotification(ACCOUNT, entries, summed)], "M1", MADE_AT, version=version, encoding=encoding)
    )
    assert file.verdicts == ()
    told = [
        (
            "".join(t.kids), t.amount_ore, entry.value_on or entry.booked_on, t.debit_account,
            " ".join(t.texts), number,
        )
        for number, entry in enumerate(entries, 1) for t in entry.transfers
    ]  # fmt: skip
    assert [(p.kid, p.amount_ore, p.value_on, p.debit_account, p.text, p.record) for p in file.payments] == told
    assert file.sum_ore == sum(amount for _, amount, *_ in told)


def test_a_thousand_payments_a_second_are_read_at_least_and_time_grows_no_faster_than_the_file():
    def seconds(number):
        entries = (an_entry(replace(KARI, reference=f"R{n}")) for n in range(number))
        content = b"".join(camt_pieces([SimNotification(ACCOUNT, entries)], "M1", MADE_AT))
        best = float("inf")
        for _ in range(2):
            start = perf_counter()
            assert len(whole(content).payments) == number
            best = min(best, perf_counter() - start)
        return best

    small, large = seconds(1_000), seconds(4_000)
    assert 4_000 / large > 1_000
    assert large < 4 * small * 2.5
