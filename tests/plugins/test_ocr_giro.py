"""OCR giro files are read whole, or refused with the line that is wrong."""

from dataclasses import replace
from datetime import date
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.ocr_giro import OcrGiro
from saas.hooks import BankFileError, BankPayment
from saas.simulators.bank import SimAssignment, SimPayment, write_ocr, write_transmission
from tests.plugins.bank_files import read_whole

NETS_DAY, BANK_DAY = date(2026, 11, 20), date(2026, 11, 19)
ACCOUNT = "12345678903"
READER = OcrGiro(OcrGiro.Settings().load({})).provide_bank_files()[0]
PAID = (SimPayment("00001230", 102000, BANK_DAY, "86011117947"), SimPayment("1000005-", 50050, BANK_DAY, type="12"))


def write(*payments, number=1, **options):
    return write_ocr(payments, ACCOUNT, "1234567", number, "12345", NETS_DAY, **options)


def whole(content):
    return read_whole(READER, content)


def read(*payments, **options):
    return whole(write(*payments, **options))


FILE = write(*PAID)


def changed(row, position, text, content=FILE):
    """The file with `text` written over line `row` from `position` on, both 1-based."""
    lines = content.split(b"\n")
    lines[row - 1] = lines[row - 1][: position - 1] + text + lines[row - 1][position - 1 + len(text) :]
    return b"\n".join(lines)


def without(row):
    lines = FILE.split(b"\n")
    return b"\n".join(lines[: row - 1] + lines[row:])


def error_of(content):
    with pytest.raises(BankFileError) as caught:
        whole(content)
    return caught.value


# --- what is in the file --------------------------------------------------------------------------------------------


def test_the_hand_made_example_gives_its_two_payments():
    file = whole(FILE)
    assert file.payments == (
        BankPayment(
            key="ocr:001234567|0000001|0000001|2026-11-20|123456781",
            account=ACCOUNT,
            kid="00001230",
            amount_ore=102000,
            value_on=BANK_DAY,
            debit_account="86011117947",
            record=3,
        ),
        BankPayment(
            key="ocr:001234567|0000001|0000002|2026-11-20|123456782",
            account=ACCOUNT,
            kid="1000005-",
            amount_ore=50050,
            value_on=BANK_DAY,
            record=5,
        ),
    )
    assert (READER.format, file.key, file.sum_ore, file.verdicts) == ("ocr_giro", "ocr:00012345|0000001", 152050, ())


def test_leading_zeros_of_a_kid_are_kept():
    assert read(SimPayment("0000000000000000000000000", 1)).payments[0].kid == "0" * 25


def test_a_kid_may_end_in_a_dash():
    assert read(SimPayment("1" * 24 + "-", 1)).payments[0].kid == "1" * 24 + "-"


def test_a_payment_without_bank_date_counts_from_the_processing_date():
    assert read(SimPayment("1", 1, bank_on=None)).payments[0].value_on == NETS_DAY


def test_two_digit_years_are_of_this_century():
    assert read(SimPayment("1", 1, date(2099, 12, 31))).payments[0].value_on == date(2099, 12, 31)
    assert read(SimPayment("1", 1, date(2000, 2, 29))).payments[0].value_on == date(2000, 2, 29)


@pytest.mark.parametrize("kind", [str(number) for number in range(10, 18)] + ["19"])
def test_every_type_with_kid_is_a_payment(kind):
    assert read(SimPayment("1230", 700, type=kind)).payments[0].amount_ore == 700


def test_a_free_text_payment_keeps_its_text_and_has_no_kid():
    paid = read(SimPayment("", 700, text="Faktura for strøm", type="21"), SimPayment("1230", 1)).payments
    assert [(p.kid, p.text, p.amount_ore, p.record) for p in paid] == [
        ("", "Faktura for strøm", 700, 3),
        ("1230", "", 1, 6),
    ]


def test_a_free_text_payment_may_come_without_text():
    assert read(SimPayment("", 700, type="21")).payments[0].text == ""


def test_what_cannot_be_printed_in_a_text_is_shown_as_question_marks():
    content = changed(5, 16, b"\x80\x9f\xa0", write(SimPayment("", 1, text="x" * 40, type="21")))
    assert whole(content).payments[0].text == "???" + "x" * 37


def test_a_credit_note_is_negative():
    assert read(SimPayment("1230", -700)).payments[0].amount_ore == -700


@pytest.mark.parametrize("payment", [SimPayment("1230", -700, type="18"), SimPayment("", -700, type="20")], ids=str)
def test_a_reversal_is_negative_by_its_type_alone(payment):
    file = read(SimPayment("1", 1000), payment)
    assert (file.payments[1].amount_ore, file.sum_ore) == (-700, 300)


def test_a_reversal_with_a_minus_is_not_turned_round_again():
    content = changed(3, 32, b"-", write(SimPayment("1230", -700, type="18")))
    assert whole(content).payments[0].amount_ore == -700


def test_payments_of_several_assignments_keep_their_accounts_apart():
    other = SimAssignment("86011117947", "7654321", 9, (SimPayment("77", 300),))
    first = SimAssignment(ACCOUNT, "1234567", 8, PAID)
    paid = whole(write_transmission([first, other], 5, "12345", NETS_DAY)).payments
    assert [(p.account, p.kid) for p in paid] == [
        (ACCOUNT, "00001230"),
        (ACCOUNT, "1000005-"),
        ("86011117947", "77"),
    ]
    assert paid[2].key.startswith("ocr:007654321|0000009|0000001|")


def test_several_transmissions_in_one_file_are_read_one_after_the_other():
    first, second = write(*PAID, number=1), write(SimPayment("77", 300), number=2)
    file = whole(first + second)
    assert [(p.kid, p.record) for p in file.payments] == [("00001230", 3), ("1000005-", 5), ("77", 11)]
    assert file.key not in (whole(first).key, whole(second).key)
    assert file.key == whole(first + b"\r\n" + second).key != whole(second + first).key
    assert {p.key for p in file.payments} == {p.key for p in whole(first).payments + whole(second).payments}


def test_a_wrong_total_in_the_second_transmission_is_refused_with_its_line():
    second = changed(6, 25, b"00000000000000301", write(SimPayment("77", 300), number=2))
    error = error_of(FILE + second)
    assert (error.record, error.code) == (14, "wrong_sum")


def test_a_day_without_payments_is_a_good_file():
    assert read().payments == ()


def test_other_services_are_skipped_and_noted():
    lines = FILE.split(b"\n")
    mandate = [
        b"NY212420001234567000000212345678903".ljust(80, b"0"),
        b"NY21947000000010                    00001230N".ljust(80, b"0"),
        b"NY210088000000010000000300000000000000000".ljust(80, b"0"),
    ]
    end = b"NY00008900000003000000110000000000015205020112600000000000000000".ljust(80, b"0")
    file = whole(b"\n".join([lines[0], *mandate, *lines[1:7], end]))
    assert len(file.payments) == 2
    assert [v.message for v in file.verdicts] == ["Hoppet over et oppdrag av tjeneste 21 (linje 2–4)."]
    assert file.codes == ["other_service"]


# --- the same again -------------------------------------------------------------------------------------------------


def test_the_same_file_has_the_same_keys_and_the_next_one_has_others():
    again, following = whole(FILE), read(*PAID, number=2)
    assert again == whole(FILE)
    assert again.key != following.key
    assert not {p.key for p in again.payments} & {p.key for p in following.payments}


def test_one_payment_standing_twice_in_a_file_is_refused():
    content = changed(5, 9, b"0000001", FILE)
    content = changed(6, 26, b"123456781", changed(6, 9, b"0000001", content))
    error = error_of(content)
    assert (error.record, error.code) == (5, "same_twice")
    assert "transaksjonsnummer 0000001 kommer etter 0000001" in error.message


# --- control sums ---------------------------------------------------------------------------------------------------


def test_control_sums_may_be_without_signs_and_it_is_noted():
    file = read(SimPayment("1", 500), SimPayment("2", -200))
    assert [(v.code, v.record, v.message) for v in file.verdicts] == [
        ("sum_without_signs", 7, "Kontrollsummen i oppdrag 0000001 er regnet uten fortegn."),
        ("sum_without_signs", 8, "Kontrollsummen i forsendelsen er regnet uten fortegn."),
    ]


def test_control_sums_may_follow_the_signs_and_it_is_noted():
    file = read(SimPayment("1", 500), SimPayment("2", -200), signed_total=True)
    assert file.codes == ["sum_with_signs", "sum_with_signs"]


@pytest.mark.parametrize(("position", "what"), [(48, "tidligste"), (54, "seneste")])
def test_an_earliest_or_latest_date_that_differs_is_refused_and_one_left_out_is_not(position, what):
    error = error_of(changed(7, position, b"191126"))
    assert (error.record, error.code) == (7, "wrong_dates")
    assert error.message == f"Linje 7: oppdrag 0000001 oppgir 191126 som {what} dato, men den er 201126."
    assert len(whole(changed(7, position, b"000000")).payments) == 2


def test_a_file_to_another_customer_unit_is_refused_when_ours_is_set():
    ours = OcrGiro(OcrGiro.Settings().load({"customer_unit": "12345"})).provide_bank_files()[0]
    assert len(read_whole(ours, FILE).payments) == 2
    other = OcrGiro(OcrGiro.Settings().load({"customer_unit": "54321"})).provide_bank_files()[0]
    with pytest.raises(BankFileError) as caught:
        read_whole(other, FILE)
    assert (caught.value.record, caught.value.code) == (1, "other_recipient")


@pytest.mark.parametrize(
    ("row", "position", "text", "told"),
    [
        (7, 9, b"00000003", "oppdrag 0000001 oppgir 3 transaksjoner, men har 2"),
        (7, 17, b"00000005", "oppdrag 0000001 oppgir 5 recorder, men har 6"),
        (7, 25, b"00000000000152051", "oppdrag 0000001 oppgir summen 152051 øre, men beløpene blir 152050 øre"),
        (8, 9, b"00000001", "forsendelsen oppgir 1 transaksjoner, men har 2"),
        (8, 17, b"00000009", "forsendelsen oppgir 9 recorder, men har 8"),
        (8, 25, b"00000000000000000", "forsendelsen oppgir summen 0 øre, men beløpene blir 152050 øre"),
    ],
)
def test_a_count_or_sum_that_differs_is_refused(row, position, text, told):
    error = error_of(changed(row, position, text))
    assert error.record == row
    assert told in error.message


def test_an_amount_changed_on_the_way_is_noticed():
    assert error_of(changed(3, 49, b"1")).record == 7


# --- files that are wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n \r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_said_to_be_empty(content):
    assert error_of(content).message == "Filen er tom."


@pytest.mark.parametrize("rows", range(1, 8))
def test_a_file_cut_after_any_line_is_refused_as_cut(rows):
    error = error_of(b"\n".join(FILE.split(b"\n")[:rows]) + b"\n")
    assert error.message == "Filen er avkuttet: sluttrecorden (89) mangler."


def test_a_file_cut_at_any_byte_is_refused():
    for length in range(len(FILE) - 1):
        error_of(FILE[:length])


def test_a_file_cut_inside_a_line_says_which():
    assert error_of(FILE[:200]).message == "Linje 3: filen er avkuttet midt i linjen."


@pytest.mark.parametrize("row", range(1, 9))
def test_a_missing_line_is_noticed_whichever_it_is(row):
    error_of(without(row))


@pytest.mark.parametrize("row", range(1, 9))
def test_a_line_standing_twice_is_noticed_whichever_it_is(row):
    lines = FILE.split(b"\n")
    error_of(b"\n".join(lines[:row] + lines[row - 1 :]))


def test_a_line_of_the_wrong_length_says_its_length():
    error = error_of(
        FILE.replace(b"0000001230000000\n", b"0000001230000000 \n").replace(b"1230000000\n", b"123000000\n")
    )
    assert (error.record, error.message) == (3, "Linje 3: linjen har 79 tegn og skal ha 80.")
    assert (
        error_of(FILE.replace(b"1230000000\n", b"12300000000\n")).message
        == "Linje 3: linjen har 81 tegn og skal ha 80."
    )


def test_the_second_half_of_a_payment_must_follow_the_first():
    assert error_of(without(4)).message == "Linje 4: beløpspost 2 (record 31) mangler etter beløpspost 1."
    assert "annen transaksjon" in error_of(changed(4, 9, b"0000009")).message
    assert "annen transaksjon" in error_of(changed(4, 5, b"11")).message


def test_a_text_must_follow_its_own_payment():
    content = write(SimPayment("", 1, text="Hei", type="21"))
    assert (
        error_of(changed(5, 9, b"0000002", content)).message == "Linje 5: beløpspost 3 hører ikke til betalingen over."
    )
    assert "transaksjonstype" in error_of(changed(5, 5, b"10", content)).message


@pytest.mark.parametrize(
    ("row", "position", "text", "told"),
    [
        (3, 7, b"33", "Linje 3: ukjent record eller record på feil sted: tjeneste '09', type '33'."),
        (2, 7, b"21", "Linje 2: ukjent record eller record på feil sted: tjeneste '09', type '21'."),
        (7, 3, b"21", "Linje 7: ukjent record eller record på feil sted: tjeneste '21', type '88'."),
        (1, 7, b"11", "Linje 1: kode i startrecord for forsendelse (posisjon 1–8) er ikke gyldig: 'NY000011'."),
        (3, 5, b"22", "Linje 3: transaksjonstype i beløpspost 1 (posisjon 5–6) er ikke gyldig: '22'."),
        (3, 5, b"09", "Linje 3: transaksjonstype i beløpspost 1 (posisjon 5–6) er ikke gyldig: '09'."),
        (3, 1, b"XX", "Linje 3: kode i beløpspost 1 (posisjon 1–4) er ikke gyldig: 'XX09'."),
    ],
)
def test_a_record_nobody_knows_is_refused(row, position, text, told):
    error = error_of(changed(row, position, text))
    assert (error.record, error.message) == (row, told)


@pytest.mark.parametrize(
    ("row", "position", "text", "field"),
    [
        (1, 17, b"00x0001", "forsendelsesnummer"),
        (2, 25, b"1234567890 ", "oppdragskonto"),
        (3, 33, b"0000000000010200 ", "beløp"),
        (3, 33, b"+0000000000102000", "beløp"),
        (3, 33, b"0000000000010_200", "beløp"),
        (3, 49, b"\xb2", "beløp"),  # ², a digit to Python's str.isdigit
        (3, 32, b" ", "fortegn"),
        (3, 32, b"+", "fortegn"),
        (4, 26, b"\xe6" * 9, "arkivreferanse"),
        (4, 48, b"8601.11.179", "debetkonto"),
        (8, 25, b"                 ", "sum"),
    ],
)
def test_a_field_that_is_not_as_it_must_be_is_named(row, position, text, field):
    error = error_of(changed(row, position, text))
    assert error.record == row
    assert error.message.startswith(f"Linje {row}: {field} i ")


@pytest.mark.parametrize("kid", ["KID1230", "12 30", "12-30", "-", "12²", "1230--"])
def test_a_kid_of_anything_but_digits_is_refused(kid):
    error = error_of(changed(3, 50, kid.rjust(25).encode("latin-1")))
    assert error.message == f"Linje 3: KID-en {kid!r} kan bare ha sifre, og eventuelt - til slutt."


@pytest.mark.parametrize(("row", "position"), [(3, 16), (4, 42)])
@pytest.mark.parametrize("day", [b"310226", b"001126", b"201326", b"290225"])
def test_a_day_that_does_not_exist_is_refused(row, position, day):
    assert error_of(changed(row, position, day)).message == f"Linje {row}: {day.decode()!r} er ikke en dato (DDMMÅÅ)."


def test_a_processing_date_of_zeros_is_refused():
    assert error_of(changed(3, 16, b"000000")).record == 3


@pytest.mark.parametrize("hostile", [b"\0", b"\x1a", b"\t", b"\x1b", b"\x7f"])
def test_control_bytes_are_refused_with_their_line(hostile):
    error = error_of(changed(4, 16, hostile))
    assert (error.record, error.message) == (4, "Linje 4: filen inneholder tegn som ikke hører hjemme i en tekstfil.")


def test_anything_but_another_transmission_after_the_end_record_is_refused():
    error = error_of(FILE + FILE.split(b"\n")[1] + b"\n")
    assert (error.record, error.code) == (9, "wrong_order")
    assert error.message == "Linje 9: det står mer i filen etter sluttrecorden."


def test_the_same_transmission_twice_in_a_file_is_refused():
    error = error_of(FILE + FILE)
    assert (error.record, error.code) == (9, "same_twice")
    assert error.message == "Linje 9: forsendelse 0000001 står to ganger i filen."


def test_the_same_assignment_in_two_transmissions_of_a_file_is_refused():
    second = changed(1, 17, b"0000002")
    assert (error_of(FILE + second).record, error_of(FILE + second).code) == (10, "same_twice")


def test_transaction_numbers_that_do_not_rise_are_refused():
    content = changed(6, 9, b"0000000", changed(5, 9, b"0000000"))
    error = error_of(content)
    assert (error.record, error.code) == (5, "wrong_order")


def test_one_endless_line_is_refused():
    assert error_of(FILE[:79] + b"0" * 3_000_000).record == 1


@settings(database=None, deadline=None, max_examples=300)
@given(st.integers(0, len(FILE) - 1), st.binary(min_size=1, max_size=3))
def test_no_bytes_written_over_a_file_bring_anything_but_an_answer_or_a_clear_error(position, noise):
    content = FILE[:position] + noise + FILE[position + len(noise) :]
    try:
        sum_ore = whole(content).sum_ore
    except BankFileError as refused:
        message = refused.message
    else:  # the noise may have hit a sign, a type, a KID or a filler
        assert sum_ore in (152050, 152050 - 2 * 102000, 152050 - 2 * 50050)
        return
    assert message.endswith(".")


@settings(database=None, deadline=None, max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_at_all_bring_a_clear_error(content):
    error_of(content)
    error_of(FILE[:81] + content)


# --- how it comes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        FILE.replace(b"\n", b"\r\n"),
        FILE.removesuffix(b"\n"),
        FILE.replace(b"\n", b"\r\n").removesuffix(b"\r\n"),
        b"\xef\xbb\xbf" + FILE,
        b"\r\n" + FILE,
        FILE + b"\n\r\n  \n",
    ],
    ids=["CRLF", "no last newline", "CRLF, no last newline", "BOM", "blank line first", "blank lines last"],
)
def test_line_ends_and_byte_order_marks_make_no_difference(content):
    assert READER.recognises(content[:16])
    amounts = [(p.key, p.amount_ore) for p in whole(content).payments]
    assert amounts == [(p.key, p.amount_ore) for p in whole(FILE).payments]


def test_a_file_somebody_saved_as_utf_8_reads_the_same():
    content = write(SimPayment("", 1, text="Blåbærsyltetøy", type="21"))
    saved = b"\xef\xbb\xbf" + content.decode("latin-1").encode()
    assert whole(saved).payments[0].text == "Blåbærsyltetøy"
    assert whole(b"\xef\xbb\xbf" + content).payments[0].text == "Blåbærsyltetøy"


@pytest.mark.parametrize(
    "head", [b"", b"N", b"NY", b"NY00001", b"Nye kunder 2026;", b"<?xml version=", b"%PDF-1.7", b"\x00NY000010"]
)
def test_other_files_are_not_taken_for_ocr(head):
    assert not READER.recognises(head)


# --- writer and reader agree ----------------------------------------------------------------------------------------

_KIDS = st.from_regex(r"[0-9]{1,25}|[0-9]{1,24}-|", fullmatch=True).filter(lambda kid: len(kid) <= 25)
_DAYS = st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31))
_ACCOUNTS = st.sampled_from(["", "86011117947", "12345678903"])
_TEXTS = st.text(st.characters(codec="latin-1", exclude_categories=("Cc", "Cf", "Zs")), max_size=40)
_AMOUNTS = st.integers(-(10**17) + 1, 10**17 - 1)
_WITH_KID = st.builds(
    SimPayment, _KIDS, _AMOUNTS, _DAYS, _ACCOUNTS, st.just(""), st.sampled_from(["10", "11", "15", "17", "19"])
)
_WITH_TEXT = st.builds(SimPayment, st.just(""), _AMOUNTS, _DAYS, _ACCOUNTS, _TEXTS, st.just("21"))
_REVERSED = st.one_of(_WITH_KID, _WITH_TEXT).map(
    lambda p: replace(p, amount_ore=-abs(p.amount_ore), type="20" if p.type == "21" else "18")
)


@settings(database=None, deadline=None, max_examples=150)
@given(st.lists(st.one_of(_WITH_KID, _WITH_TEXT, _REVERSED), max_size=8), st.integers(0, 10**7 - 1))
def test_what_the_bank_writes_is_what_we_read(payments, number):
    if sum(abs(p.amount_ore) for p in payments) >= 10**17:
        payments = [replace(p, amount_ore=p.amount_ore // 10) for p in payments]
    file = read(*payments, number=number)
    assert [(p.kid, p.amount_ore, p.value_on, p.debit_account, p.text) for p in file.payments] == [
        (p.kid, p.amount_ore, p.bank_on or NETS_DAY, p.debit_account, p.text) for p in payments
    ]
    assert file.sum_ore == sum(p.amount_ore for p in payments)
    assert len({p.key for p in file.payments}) == len(payments)


def test_time_grows_no_faster_than_the_file():
    def seconds(count):
        content = write(*(SimPayment(f"{n:08d}", 100 + n, BANK_DAY) for n in range(count)))
        best = float("inf")
        for _ in range(3):
            start = process_time()  # ours, whatever else the machine does
            assert len(whole(content).payments) == count
            best = min(best, process_time() - start)
        return best

    small, large = seconds(5_000), seconds(20_000)
    assert large < 4 * small * 2.5
