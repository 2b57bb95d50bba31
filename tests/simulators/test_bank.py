"""The bank writes what the manual says, byte for byte."""

from datetime import date

import pytest

from saas.simulators.bank import SimPayment, write_ocr

NETS_DAY, BANK_DAY = date(2026, 11, 20), date(2026, 11, 19)
EXAMPLE = b"""\
NY000010000080800000001000123450000000000000000000000000000000000000000000000000
NY090020001234567000000112345678903000000000000000000000000000000000000000000000
NY09103000000012011260120100001000000000000102000                 00001230000000
NY091031000000100000000001234567810000000191126860111179470000000000000000000000
NY09123000000022011260120100002000000000000050050                 1000005-000000
NY091231000000200000000001234567820000000191126000000000000000000000000000000000
NY090088000000020000000600000000000152050201126201126201126000000000000000000000
NY000089000000020000000800000000000152050201126000000000000000000000000000000000
"""


def write(*payments, number=1, **options):
    return write_ocr(payments, "12345678903", "1234567", number, "12345", NETS_DAY, **options)


def test_the_hand_made_example_comes_out_byte_for_byte():
    paid = (
        SimPayment("00001230", 102000, BANK_DAY, "86011117947"),
        SimPayment("1000005-", 50050, BANK_DAY, type="12"),
    )
    assert write(*paid) == EXAMPLE


def test_every_line_has_80_characters():
    content = write(
        SimPayment("", -1500, text="Retur æøå", type="20"),
        SimPayment("1" * 25, 10**16),
        SimPayment("", 1, text="x" * 40, type="21"),
    )
    assert {len(line) for line in content.split(b"\n")[:-1]} == {80}


def test_a_credit_note_carries_a_minus_and_a_reversal_does_not():
    credit, reversal = write(SimPayment("1", -5)), write(SimPayment("1", -5, type="18"))
    assert (credit.splitlines()[2][31:32], reversal.splitlines()[2][31:32]) == (b"-", b"0")


def test_control_sums_add_without_signs_unless_asked_otherwise():
    paid = (SimPayment("1", 500), SimPayment("2", -200))
    assert write(*paid).splitlines()[-1][24:41] == b"00000000000000700"
    assert write(*paid, signed_total=True).splitlines()[-1][24:41] == b"00000000000000300"


def test_a_day_without_payments_is_a_file_too():
    assert write().splitlines()[1:] == [
        b"NY090020001234567000000112345678903000000000000000000000000000000000000000000000",
        b"NY090088000000000000000200000000000000000201126201126201126000000000000000000000",
        b"NY000089000000000000000400000000000000000201126000000000000000000000000000000000",
    ]


@pytest.mark.parametrize(
    "payment",
    [
        SimPayment("1" * 26, 1),
        SimPayment("12-3", 1),
        SimPayment("KID", 1),
        SimPayment("1", 10**17),
        SimPayment("1", 1, type="22"),
        SimPayment("1", 1, text="tekst"),
        SimPayment("1", 1, type="21"),
        SimPayment("", 1, text="x" * 41, type="21"),
        SimPayment("", 1, text="to\nlinjer", type="21"),
        SimPayment("", 1, text="日本", type="21"),
        SimPayment("1", 1, type="18"),
        SimPayment("1", 1, debit_account="123456789012"),
        SimPayment("1", 1, debit_account="konto"),
        SimPayment("1", 1, bank_on=date(1999, 12, 31)),
    ],
    ids=str,
)
def test_what_has_no_room_in_the_format_is_not_written(payment):
    with pytest.raises(ValueError, match=r"."):
        write(payment)
