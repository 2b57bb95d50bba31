"""Files of both formats, from the bank's bytes to the payment rows."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.kernel import files
from saas.payments import bank_files
from saas.payments.bank_files import ChangedMeanwhile, FileRefused
from saas.payments.inbox import ImportReport, check_bank_file, import_bank_file
from saas.payments.models import BankFileRow
from saas.simulators.bank import SimAssignment, SimPayment, write_ocr, write_transmission
from saas.simulators.bank_camt import SimEntry, SimNotification, SimTransfer, write_camt
from tenants.installed import installed_plugins
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.world import DAY, World

BANK_DAY = date(2026, 2, 27)
MADE_AT = datetime(2026, 3, 2, 6, 15, tzinfo=UTC)
OTHER = "86011117947"
_messages = (f"M{n}" for n in count(1))


@pytest.fixture
def bank(world: World) -> World:
    """The agency, with the reader of camt.054 switched on beside that of OCR giro."""
    switch(world, "camt054")
    return world


def switch(world: World, slug: str, *, on: bool = True) -> None:
    with open_tenant(world.tenant_id) as tenant:
        switch_plugin(tenant, slug, enabled=on, settings={}, now=at(DAY), actor="cli")


def take_in(world: World, source: bytes | Path, name: str = "file") -> ImportReport:
    return import_bank_file(world.tenant_id, source, name, at(DAY))


def camt(world: World, *entries: SimEntry, message_id: str = "", account: str = "", **options) -> bytes:
    notification = SimNotification(account or world.account, entries, summed=True)
    return write_camt([notification], message_id or next(_messages), MADE_AT, **options)


def ocr(world: World, *payments: SimPayment, **options) -> bytes:
    return write_ocr(payments, world.account, "123456789", next(world.numbers), "12345678", DAY, **options)


def an_entry(*transfers: SimTransfer, **told) -> SimEntry:
    return SimEntry(transfers, **{"booked_on": DAY, "value_on": BANK_DAY} | told)


def rows(world: World) -> list[tuple]:
    """What there is of payments, in the order they came."""
    return [(p.kid, p.amount_ore, p.value_on, p.text, p.debit_account, p.state, p.why) for p in world.payments()]


def kept(world: World) -> list[BankFileRow]:
    with open_tenant(world.tenant_id) as tenant:
        return list(tenant.session.scalars(sa.select(BankFileRow).order_by(BankFileRow.id)))


def refused(world: World, content: bytes) -> list[tuple[int, str]]:
    """(record, code) of each error. Nothing may be left behind, and checking must say the same without the import."""
    before = rows(world), len(kept(world))
    with open_tenant(world.tenant_id) as tenant:
        checked = check_bank_file(tenant, content)
    with pytest.raises(FileRefused) as caught:
        take_in(world, content)
    assert (rows(world), len(kept(world))) == before
    told = [(v.record, v.code) for v in caught.value.findings.kept if v.level == "error"]
    assert checked["refused"]
    assert [(v["record"], v["code"]) for v in checked["verdicts"] if v["level"] == "error"] == sorted(told)
    assert len(caught.value.errors) == len({record for record, _ in told})
    return told


# --- everything a file may bring ------------------------------------------------------------------------------------

KINDS = (
    SimPayment("00000100001", 124_000, BANK_DAY, OTHER),
    SimPayment("1000005-", 50_050, BANK_DAY, type="12"),
    SimPayment("00000100001", -500, BANK_DAY),
    SimPayment("00000100001", -124_000, BANK_DAY, type="18"),
    SimPayment("", 700, text="Sak 100001", type="21"),
    SimPayment("", -300, text="Retur", type="20"),
    SimPayment("99", 0),
)


@pytest.mark.parametrize("signed_total", [False, True])
def test_an_ocr_file_with_every_kind_of_payment_becomes_rows(bank, signed_total):
    report = take_in(bank, ocr(bank, *KINDS, signed_total=signed_total))
    assert (report.format, report.payments, report.taken_in) == ("ocr_giro", 7, 7)
    assert {v.code for v in report.verdicts} == {"sum_with_signs" if signed_total else "sum_without_signs"}
    assert rows(bank) == [
        (p.kid, p.amount_ore, p.bank_on or DAY, p.text, p.debit_account, "new", "") for p in KINDS
    ]  # fmt: skip
    assert report.sum_ore == sum(p.amount_ore for p in KINDS)


@pytest.mark.parametrize("kind", [*(str(n) for n in range(10, 18)), "19"])
def test_every_type_of_ocr_payment_becomes_a_row(bank, kind):
    take_in(bank, ocr(bank, SimPayment("1230", 700, BANK_DAY, type=kind)))
    assert rows(bank) == [("1230", 700, BANK_DAY, "", "", "new", "")]


def test_several_assignments_and_transmissions_in_one_file_become_rows(bank):
    def transmission(*numbers: int) -> bytes:
        parts = [SimAssignment(bank.account, "123456789", n, (SimPayment(f"{n:04d}", n, BANK_DAY),)) for n in numbers]
        return write_transmission(parts, numbers[0], "12345678", DAY)

    one, two, three = (next(bank.numbers) for _ in range(3))
    report = take_in(bank, transmission(one, two) + transmission(three))
    assert (report.payments, report.sum_ore) == (3, one + two + three)
    assert [row[:2] for row in rows(bank)] == [(f"{n:04d}", n) for n in (one, two, three)]
    again = take_in(bank, transmission(three))
    assert (again.taken_in, again.skipped) == (0, 1)
    assert len(rows(bank)) == 3


@pytest.mark.parametrize("version", ["02", "04", "08"])
def test_a_camt_message_with_every_kind_of_entry_becomes_rows(bank, version):
    content = camt(
        bank,
        an_entry(SimTransfer(124_000, ["00000100001"], payer="Kari", debit_account=OTHER, reference="1")),
        an_entry(
            SimTransfer(50_050, ["1000005-"], reference="2"),
            SimTransfer(700, texts=["Sak 100001"], payer="Ola", reference="3"),
            batch=True,
        ),
        an_entry(SimTransfer(-124_000, ["00000100001"], reference="1"), reversal=True),
        an_entry(SimTransfer(12_575), detailed=False, info="Renter", reference="4"),
        an_entry(SimTransfer(900, ["77"], reference="5"), status="PDNG"),
        an_entry(SimTransfer(900, ["77"], reference="6", currency="EUR"), currency="EUR"),
        an_entry(SimTransfer(-900, ["77"], reference="7")),
        an_entry(SimTransfer(400, ["88"], reference="8"), reversal=True, value_on=None),
        version=version,
    )
    report = take_in(bank, content)
    assert (report.format, report.payments, report.taken_in, report.skipped) == ("camt054", 6, 6, 0)
    assert sorted(v.code for v in report.verdicts) == ["other_currency", "paid_out", "pending", "returned"]
    assert rows(bank) == [
        ("00000100001", 124_000, BANK_DAY, "", OTHER, "new", ""),
        ("1000005-", 50_050, BANK_DAY, "", "", "new", ""),
        ("", 700, BANK_DAY, "Sak 100001 (fra Ola)", "", "new", ""),
        ("00000100001", -124_000, BANK_DAY, "", "", "new", ""),
        ("", 12_575, BANK_DAY, "Renter", "", "new", ""),
        ("", 400, DAY, "Tilbakeført betaling til KID 88.", "", "new", ""),
    ]
    (row,) = kept(bank)
    assert (row.payments, row.sum_ore, files.get(row.path)) == (6, report.sum_ore, content)


def test_what_no_case_is_known_for_waits_for_a_person(bank):
    case = bank.case()
    take_in(bank, ocr(bank, SimPayment("1000005-", 100, BANK_DAY), SimPayment(case.kid, -100, BANK_DAY)))
    take_in(bank, camt(
        bank,
        an_entry(SimTransfer(200, [case.kid], reference="1")),
        an_entry(SimTransfer(300, ["424242"], reference="2")),
        an_entry(SimTransfer(-200, [case.kid], reference="1"), reversal=True),
        an_entry(SimTransfer(400, [case.kid], reference="3"), code=("ICDT", "RRTN")),
    ))  # fmt: skip
    bank.place()
    assert [(p.kid, p.amount_ore, p.state, p.why) for p in bank.payments()] == [
        ("1000005-", 100, "unmatched", "no_case_found"),
        (case.kid, -100, "unmatched", "takes_money_back"),
        (case.kid, 200, "reversed", "bounced"),  # by the row below
        ("424242", 300, "unmatched", "no_case_found"),
        (case.kid, -200, "placed", ""),
        ("", 400, "unmatched", "no_case_found"),
    ]
    bank.check()


def test_money_to_other_accounts_beside_ours_is_left_out_and_told(bank):
    content = write_camt(
        [
            SimNotification(OTHER, [an_entry(SimTransfer(1, ["11"], reference="1"))], summed=True),
            SimNotification(bank.account, [an_entry(SimTransfer(2, ["22"], reference="2"))], summed=True),
            SimNotification(OTHER, [an_entry(SimTransfer(4, ["44"], reference="3"))], summed=True),
        ],
        next(_messages), MADE_AT,
    )  # fmt: skip
    report = take_in(bank, content)
    assert [row[:2] for row in rows(bank)] == [("22", 2)]
    (told,) = report.verdicts
    assert (told.level, told.code, told.record) == ("warning", "other_account", 1)
    assert told.message.startswith(f"2 betalinger på 0,05 kr er til konto {OTHER}")
    assert (report.payments, report.sum_ore, kept(bank)[0].sum_ore) == (1, 2, 2)


def test_a_file_with_nothing_for_us_is_refused(bank):
    assert refused(bank, camt(bank, an_entry(SimTransfer(1, ["11"])), account=OTHER)) == [(1, "other_account")]


# --- never twice ----------------------------------------------------------------------------------------------------


def test_the_same_message_twice_counts_once_whatever_it_is_called(bank, tmp_path):
    content = camt(bank, an_entry(SimTransfer(100, ["11"], reference="1")))
    (tmp_path / "invoice.pdf").write_bytes(content)
    first = take_in(bank, content, "bank.xml")
    again = take_in(bank, tmp_path / "invoice.pdf", "invoice.pdf")
    assert (again.already, again.file_id, again.payments, again.sum_ore) == (True, first.file_id, 1, 100)
    assert len(rows(bank)) == 1


def test_the_same_message_in_other_bytes_counts_once(bank):
    entry = an_entry(SimTransfer(100, ["11"], reference="1"))
    take_in(bank, camt(bank, entry, message_id="SAME", version="02"))
    assert take_in(bank, camt(bank, entry, message_id="SAME", version="08")).already
    assert len(rows(bank)) == 1
    other = an_entry(SimTransfer(200, ["22"], reference="2"))
    assert refused(bank, camt(bank, entry, other, message_id="SAME")) == [(0, "known_number")]


def test_entries_that_come_again_in_another_message_are_skipped_and_told(bank):
    known = an_entry(SimTransfer(100, ["11"], reference="1"))
    batch = an_entry(SimTransfer(7, ["33"]), SimTransfer(7, ["33"]), reference="B", batch=True)
    take_in(bank, camt(bank, known, batch))
    report = take_in(bank, camt(bank, an_entry(SimTransfer(200, ["22"], reference="2")), known, batch))
    assert (report.payments, report.taken_in, report.skipped) == (4, 1, 3)
    assert [(v.code, v.record) for v in report.verdicts] == [
        ("taken_in_before", 2), ("taken_in_before", 3), ("taken_in_before", 3),
    ]  # fmt: skip
    assert [row[:2] for row in rows(bank)] == [("11", 100), ("33", 7), ("33", 7), ("22", 200)]


def test_an_entry_told_twice_in_one_message_counts_once_and_is_told(bank):
    entry = an_entry(SimTransfer(100, ["11"], reference="1"))
    report = take_in(bank, camt(bank, entry, an_entry(SimTransfer(5, ["22"], reference="2")), entry))
    assert [(v.level, v.code, v.record) for v in report.verdicts] == [("warning", "same_twice", 3)]
    assert [row[:2] for row in rows(bank)] == [("11", 100), ("22", 5)]
    assert (report.payments, report.sum_ore, kept(bank)[0].payments) == (2, 105, 2)


def test_two_payments_of_one_batch_that_nobody_can_tell_apart_refuse_the_file(bank):
    twin = SimTransfer(100, ["11"], reference="1")
    content = camt(bank, an_entry(SimTransfer(5, ["22"], reference="2")), an_entry(twin, twin, reference="B"))
    assert refused(bank, content) == [(2, "same_twice")]
    assert rows(bank) == []


# --- files that are wrong: each names its record, and nothing is booked ---------------------------------------------


def line(content: bytes, number: int, position: int, text: bytes) -> bytes:
    """The file with `text` written over line `number` from `position` on."""
    lines = content.split(b"\n")
    lines[number - 1] = lines[number - 1][: position - 1] + text + lines[number - 1][position - 1 + len(text) :]
    return b"\n".join(lines)


def without(content: bytes, number: int) -> bytes:
    lines = content.split(b"\n")
    return b"\n".join(lines[: number - 1] + lines[number:])


BAD_OCR: dict[str, tuple[Callable[[bytes], bytes], tuple[int, str]]] = {
    "cut in a record": (lambda c: c[:200], (3, "cut_short")),
    "cut between records": (lambda c: c[: 81 * 6], (0, "cut_short")),
    "end record of the assignment gone": (lambda c: without(c, 7), (7, "wrong_order")),
    "a payment's second half gone": (lambda c: without(c, 4), (4, "wrong_order")),
    "start record of the assignment gone": (lambda c: without(c, 2), (2, "wrong_order")),
    "wrong count in the assignment": (lambda c: line(c, 7, 9, b"00000003"), (7, "wrong_count")),
    "wrong count in the transmission": (lambda c: line(c, 8, 9, b"00000003"), (8, "wrong_count")),
    "wrong number of records": (lambda c: line(c, 8, 17, b"00000009"), (8, "wrong_count")),
    "wrong sum in the assignment": (lambda c: line(c, 7, 41, b"9"), (7, "wrong_sum")),
    "wrong sum in the transmission": (lambda c: line(c, 8, 41, b"9"), (8, "wrong_sum")),
    "wrong first date": (lambda c: line(c, 7, 48, b"010326"), (7, "wrong_dates")),
    "wrong last date": (lambda c: line(c, 7, 54, b"030326"), (7, "wrong_dates")),
    "an amount changed on the way": (lambda c: line(c, 3, 40, b"7"), (7, "wrong_sum")),
    "a KID with letters": (lambda c: line(c, 3, 60, b"KID"), (3, "wrong_kid")),
    "an unknown type": (lambda c: line(c, 5, 5, b"22"), (5, "wrong_field")),
    "no such day": (lambda c: line(c, 4, 42, b"300226"), (4, "not_a_date")),
    "a payment twice": (lambda c: line(line(c, 5, 9, b"0000001"), 6, 9, b"0000001"), (5, "same_twice")),
    "the transmission twice": (lambda c: c + c, (9, "same_twice")),
    "kroner and øre in the amount": (lambda c: line(c, 3, 33, b"0000000000124,000"), (3, "wrong_field")),
    "a line too long": (lambda c: c.replace(b"\n", b"0\n", 1), (1, "wrong_length")),
    "binary": (lambda c: line(c, 4, 20, b"\0"), (4, "not_text")),
}


@pytest.mark.parametrize("how", BAD_OCR)
def test_a_bad_ocr_file_is_refused_by_record_and_books_nothing(bank, how):
    spoil, told = BAD_OCR[how]
    good = ocr(bank, SimPayment("00000100001", 124_000, BANK_DAY), SimPayment("1000005-", 50_050, BANK_DAY))
    assert refused(bank, spoil(good)) == [told]
    assert take_in(bank, good).taken_in == 2
    assert [row[0] for row in rows(bank)] == ["00000100001", "1000005-"]


def swap(old: str, new: str) -> Callable[[bytes], bytes]:
    def swapped(content: bytes) -> bytes:
        head, found, tail = content.rpartition(old.encode())
        assert found, old
        return head + new.encode() + tail

    return swapped


BAD_CAMT: dict[str, tuple[Callable[[bytes], bytes], tuple[int, str]]] = {
    "cut": (lambda c: c[: c.rindex(b"<ValDt>")], (2, "cut_short")),
    "cut before the first entry": (lambda c: c[: c.index(b"<Ntry>")], (0, "cut_short")),
    "tags crossed": (swap("</RmtInf>", "</RmtInv>"), (2, "not_xml")),
    "wrong sum of a batch": (swap('<TtlAmt Ccy="NOK">507.50', '<TtlAmt Ccy="NOK">507.51'), (2, "wrong_sum")),
    "wrong count of a batch": (swap("<NbOfTxs>2<", "<NbOfTxs>3<"), (2, "wrong_count")),
    "payments not the sum of the entry": (swap('<Amt Ccy="NOK">7.00', '<Amt Ccy="NOK">7.01'), (2, "wrong_sum")),
    "wrong number of entries": (swap("<TtlNtries><NbOfNtries>2", "<TtlNtries><NbOfNtries>3"), (0, "wrong_count")),
    "wrong sum of entries": (swap("<Sum>1747.50", "<Sum>1747.51"), (0, "wrong_sum")),
    "three decimals": (swap('<Amt Ccy="NOK">7.00', '<Amt Ccy="NOK">7.001'), (2, "wrong_amount")),
    "no such day": (swap("<ValDt><Dt>2026-02-27", "<ValDt><Dt>2026-02-30"), (2, "not_a_date")),
    "unknown status": (swap("<Cd>BOOK<", "<Cd>HVEM<"), (2, "wrong_status")),
    "no direction": (swap("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<Sts>"), (2, "wrong_direction")),
    "no account": (lambda c: c.replace(c[c.index(b"<Acct>") : c.index(b"<TxsSummry>")], b""), (0, "no_account")),
    "no message id": (lambda c: c.replace(c[c.index(b"<MsgId>") : c.index(b"</GrpHdr>")], b""), (0, "no_header")),
    "another version": (lambda c: c.replace(b"054.001.08", b"054.001.06"), (0, "unknown_version")),
    "a document type": (lambda c: c.replace(b"?>", b"?><!DOCTYPE Document []>", 1), (0, "doctype")),
}


@pytest.mark.parametrize("how", BAD_CAMT)
def test_a_bad_camt_message_is_refused_by_entry_and_books_nothing(bank, how):
    spoil, told = BAD_CAMT[how]
    good = camt(
        bank,
        an_entry(SimTransfer(124_000, ["00000100001"], reference="1")),
        an_entry(SimTransfer(700, ["22"], reference="2"), SimTransfer(50_050, ["1000005-"], reference="3"), batch=True),
    )
    assert refused(bank, spoil(good)) == [told]
    assert take_in(bank, good).taken_in == 3
    assert [row[0] for row in rows(bank)] == ["00000100001", "22", "1000005-"]


def test_a_check_tells_every_wrong_entry_and_what_could_be_read(bank):
    content = camt(bank, *(an_entry(SimTransfer(100, ["11"], reference=str(n))) for n in range(1, 5)))
    content = content.replace(b"<Cd>BOOK</Cd>", b"<Cd>X</Cd>", 2)
    assert refused(bank, content) == [(1, "wrong_status"), (2, "wrong_status")]
    with open_tenant(bank.tenant_id) as tenant:
        found = check_bank_file(tenant, content)
    assert (found["format"], found["payments"], found["sum_ore"]) == ("camt054", 2, 200)
    assert rows(bank) == []


def test_of_very_many_verdicts_a_thousand_are_kept_and_the_rest_counted(bank):
    euro = (an_entry(SimTransfer(1, currency="EUR"), currency="EUR") for _ in range(1_500))
    content = camt(bank, an_entry(SimTransfer(5, ["11"], reference="1")), *euro)
    with open_tenant(bank.tenant_id) as tenant:
        verdicts = check_bank_file(tenant, content)["verdicts"]
    assert len(verdicts) == 1_001
    assert verdicts[-1]["message"] == "500 merknader til vises ikke."
    assert take_in(bank, content).taken_in == 1
    assert len(rows(bank)) == 1


# --- whose format it is ---------------------------------------------------------------------------------------------

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bank: World) -> Iterator[Install]:
    """Install a plugin whose reader has this body, and switch it on."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install_one(slug: str, body: str) -> None:
        (tmp_path / f"installed_{slug}.py").write_text(_PLUGIN.format(slug=slug, body=textwrap.indent(body, "    ")))
        about = tmp_path / f"installed_{slug}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: installed-{slug}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[frist.plugins]\n{slug} = installed_{slug}:Plugin\n")
        installed_plugins.cache_clear()
        switch(bank, slug)

    yield install_one
    installed_plugins.cache_clear()
    for name in [name for name in sys.modules if name.startswith("installed_")]:
        del sys.modules[name]


_PLUGIN = """
from datetime import date
from marshmallow import Schema
from saas.hooks import *

class Reader:
    format = "{slug}"
{body}

class Plugin:
    slug, name, description = "{slug}", "Prøve {slug}", "Bare til prøve."
    level, version = Level.TENANT, "1.0"
    class Settings(Schema):
        pass
    def __init__(self, settings):
        pass
    @hookimpl
    def provide_bank_files(self):
        return (Reader(),)
"""

_PAYS = """
def recognises(self, head):
    return head.startswith(b"PAY")
def read(self, file):
    account = file.read().split()[1].decode()
    yield BankPayment("k1", account, "11", 100, date(2026, 3, 2), record=1)
"""


def test_a_file_two_readers_claim_is_refused_and_both_are_named(bank, install):
    install("greedy", "def recognises(self, head):\n    return True\ndef read(self, file):\n    yield from ()")
    content = ocr(bank, SimPayment("11", 100))
    assert refused(bank, content) == [(0, "two_readers")]
    with pytest.raises(FileRefused, match="ikke tatt inn") as caught:
        take_in(bank, content)
    assert "greedy og ocr_giro" in str(caught.value.errors["file"])
    switch(bank, "greedy", on=False)
    assert take_in(bank, content).taken_in == 1
    assert len(rows(bank)) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"date;amount\n2026-03-02;100\n", "unknown_format"),
        (b"%PDF-1.7", "unknown_format"),
        (b"", "empty"),
        (b" \n", "empty"),
    ],
)
def test_a_file_no_reader_knows_is_refused(bank, content, code):
    assert refused(bank, content) == [(0, code)]
    assert rows(bank) == []


def test_a_reader_that_throws_refuses_the_file(bank, install):
    install("throws", _PAYS + "    raise ZeroDivisionError('Kari 01010112345')")
    assert refused(bank, f"PAY {bank.account}".encode()) == [(0, "reader_failed")]
    with open_tenant(bank.tenant_id) as tenant:
        (verdict,) = check_bank_file(tenant, f"PAY {bank.account}".encode())["verdicts"]
    assert verdict["message"] == "Tillegget som leser filen (throws), feilet: ZeroDivisionError."
    assert rows(bank) == []


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("", "reader_failed"),
        ("    yield BankFileEnd('f', 2, 100)", "wrong_sum"),
        ("    yield BankFileEnd('f', 1, 101)", "wrong_sum"),
        ("    yield BankPayment('k2', account, '', 1 << 62, date(2026, 3, 2), record=2)\n"
         "    yield BankFileEnd('f', 1, 100)", "too_large"),
    ],
)  # fmt: skip
def test_a_reader_whose_totals_are_not_what_it_gave_refuses_the_file(bank, install, end, code):
    install("lies", _PAYS + end)
    assert [told for _, told in refused(bank, f"PAY {bank.account}".encode())] == [code]
    assert rows(bank) == []


def test_a_reader_of_ones_own_needs_no_more_than_two_methods(bank, install):
    install("good", _PAYS + "    yield BankFileEnd('f', 1, 100)")
    report = take_in(bank, f"PAY {bank.account}".encode())
    assert (report.format, report.taken_in) == ("good", 1)
    assert rows(bank) == [("11", 100, DAY, "", "", "new", "")]


def test_a_reader_that_throws_at_the_first_bytes_leaves_the_file_to_the_others(bank, install):
    install("nervous", "def recognises(self, head):\n    raise IndexError\ndef read(self, file):\n    yield from ()")
    assert take_in(bank, ocr(bank, SimPayment("11", 100))).taken_in == 1
    assert [row[:2] for row in rows(bank)] == [("11", 100)]


@pytest.mark.parametrize("kind", ["ocr", "camt"])
@pytest.mark.parametrize("end", [b"", b"\n" * 900], ids=["cut", "overwritten"])
def test_a_file_somebody_writes_to_while_it_is_read_is_not_taken_in(bank, tmp_path, monkeypatch, kind, end):
    if kind == "ocr":
        content = ocr(bank, *(SimPayment(f"{n:04d}", 100) for n in range(50)))
    else:
        content = camt(bank, *(an_entry(SimTransfer(100, [f"{n:04d}"], reference=str(n))) for n in range(50)))
    path = tmp_path / "file"
    path.write_bytes(content)
    monkeypatch.setattr(bank_files, "PIECE_BYTES", 1_000)

    def write_on(read: int, size: int, payments: int) -> None:
        if read < 2_000:
            path.write_bytes(content[:-900] + end)

    with pytest.raises(ChangedMeanwhile):
        import_bank_file(bank.tenant_id, path, "file", at(DAY), progress=write_on)
    assert rows(bank) == []
    path.write_bytes(content)
    assert take_in(bank, path).taken_in == 50
    assert len(rows(bank)) == 50


# --- what is written is what is in the rows -------------------------------------------------------------------------

_KIDS = st.from_regex(r"[0-9]{2,25}|[0-9]{1,24}-", fullmatch=True)
_DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
_OCR = st.lists(st.builds(SimPayment, _KIDS, st.integers(-(10**11), 10**11), _DAYS, st.just(OTHER)), max_size=8)
_TRANSFERS = st.builds(
    SimTransfer, st.integers(0, 10**11), st.lists(_KIDS, min_size=1, max_size=1), debit_account=st.just(OTHER)
)
_CAMT = st.lists(st.lists(_TRANSFERS, min_size=1, max_size=3), max_size=5)
_quickly = settings(
    database=None, deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_quickly
@given(payments=_OCR)
def test_what_the_bank_writes_in_ocr_is_what_stands_in_the_rows(bank, payments):
    before = len(rows(bank))
    report = take_in(bank, ocr(bank, *payments))
    told = [(p.kid, p.amount_ore, p.bank_on, "", OTHER, "new", "") for p in payments]
    assert rows(bank)[before:] == told
    assert (report.taken_in, report.sum_ore) == (len(told), sum(row[1] for row in told))


@_quickly
@given(entries=_CAMT, version=st.sampled_from(["02", "04", "08"]))
def test_what_the_bank_writes_in_camt_is_what_stands_in_the_rows(bank, entries, version):
    before = len(rows(bank))
    report = take_in(bank, camt(bank, *(an_entry(*transfers, batch=True) for transfers in entries), version=version))
    told = [(t.kids[0], t.amount_ore, BANK_DAY, "", OTHER, "new", "") for transfers in entries for t in transfers]
    assert rows(bank)[before:] == told
    assert (report.taken_in, report.sum_ore) == (len(told), sum(row[1] for row in told))
