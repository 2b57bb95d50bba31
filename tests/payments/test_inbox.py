"""A bank file is taken in whole, once, and kept as it came."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa

from saas.kernel import files
from saas.kernel.errors import BadInput
from saas.payments.inbox import check_bank_file, import_bank_file
from saas.payments.models import BankFileRow
from saas.simulators.bank import SimPayment, write_ocr
from tenants.plugins import switch_plugin
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.world import DAY

BANK_DAY = date(2026, 2, 27)
PAID = (SimPayment("00000100001", 124_000, BANK_DAY, "86011117947"), SimPayment("", 500, text="Sak 100001", type="21"))


def take_in(world, content, name="ocr.txt"):
    return import_bank_file(world.tenant_id, content, name, at(DAY))


def test_a_file_becomes_a_row_and_a_row_for_each_payment(world):
    content = world.file(*PAID)
    report = take_in(world, content)
    assert (report.format, report.already, report.payments, report.taken_in) == ("ocr_giro", False, 2, 2)
    assert (report.sum_ore, report.skipped, report.verdicts) == (124_500, 0, ())
    first, second = world.payments()
    assert (first.kid, first.amount_ore, first.value_on, first.state) == ("00000100001", 124_000, BANK_DAY, "new")
    assert (first.debit_account, first.account, first.file_id) == ("86011117947", world.account, report.file_id)
    assert (second.kid, second.text, second.value_on) == ("", "Sak 100001", DAY)
    assert world.transfers() == [], "nothing is booked until it is placed"


def test_the_file_is_kept_as_it_came(world):
    content = world.file(*PAID)
    take_in(world, content)
    with open_tenant(world.tenant_id) as tenant:
        row = tenant.session.scalars(sa.select(BankFileRow)).one()
    assert row.sha256 == hashlib.sha256(content).digest()
    assert row.path == f"tenants/{world.tenant_id}/bank/{row.sha256.hex()}"
    assert files.get(row.path) == content
    assert (row.name, row.payments, row.sum_ore) == ("ocr.txt", 2, 124_500)


def test_the_same_file_twice_is_reported_and_nothing_is_taken_in(world):
    content = world.file(*PAID)
    first = take_in(world, content)
    again = take_in(world, content, "the same under another name.txt")
    assert (again.already, again.taken_in, again.file_id) == (True, 0, first.file_id)
    assert (again.payments, again.sum_ore) == (2, 124_500)
    assert len(world.payments()) == 2


def test_the_same_file_by_two_at_once_is_taken_in_once(world):
    content = world.file(*PAID)
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: take_in(world, content), range(4)))
    assert sorted(report.already for report in reports) == [False, True, True, True]
    assert len(world.payments()) == 2


def test_a_payment_another_file_brought_is_skipped_and_told(world):
    """The bank sends the day's assignment anew, in a transmission of another number."""
    number = next(world.numbers)
    content = write_ocr(PAID, world.account, "123456789", number, "12345678", DAY)
    later = content.replace(
        b"NY000010" + b"00008080" + f"{number:07d}".encode(), b"NY000010" + b"00008080" + b"9999999"
    )
    assert later != content
    take_in(world, content)
    report = take_in(world, later)
    assert (report.already, report.payments, report.taken_in) == (False, 2, 0)
    assert report.skipped == 2
    assert [(v.level, v.code, v.record) for v in report.verdicts] == [
        ("warning", "taken_in_before", 3), ("warning", "taken_in_before", 5),
    ]  # fmt: skip
    assert len(world.payments()) == 2


def test_another_file_under_a_known_number_is_refused_if_it_brings_new_payments(world):
    number = next(world.numbers)
    for payments in (PAID[:1], PAID):
        content = write_ocr(payments, world.account, "123456789", number, "12345678", DAY)
        if payments is PAID:
            with pytest.raises(BadInput) as refused:
                take_in(world, content)
            assert "1 betalinger" in str(refused.value.errors["file"])
        else:
            take_in(world, content)
    assert len(world.payments()) == 1


def test_a_format_no_plugin_knows_is_bad_input(world):
    with pytest.raises(BadInput) as refused:
        take_in(world, b"date;amount\n2026-03-02;100\n")
    assert "kjenner dette filformatet" in str(refused.value.errors["file"])


def test_a_reader_that_is_switched_off_reads_nothing(world):
    with open_tenant(world.tenant_id) as tenant:
        switch_plugin(tenant, "ocr_giro", enabled=False, settings={}, now=at(DAY), actor="cli")
    with pytest.raises(BadInput):
        take_in(world, world.file(*PAID))


def test_a_wrong_file_is_refused_by_line_and_leaves_nothing_behind(world):
    lines = world.file(*PAID).splitlines(keepends=True)
    lines[3] = lines[3].replace(b"270226", b"310226")
    with pytest.raises(BadInput) as refused:
        take_in(world, b"".join(lines))
    assert list(refused.value.errors) == ["record 4"]
    assert world.payments() == []
    with open_tenant(world.tenant_id) as tenant:
        assert tenant.session.scalars(sa.select(BankFileRow)).all() == []


def test_money_to_another_account_than_the_client_account_is_refused(world):
    with pytest.raises(BadInput) as refused:
        take_in(world, world.file(*PAID, account="12345678903"))
    (message,) = refused.value.errors.values()
    assert "12345678903" in str(message)
    assert world.account in str(message)
    assert world.payments() == []


def test_a_day_without_payments_is_a_file_too(world):
    report = take_in(world, world.file())
    assert (report.payments, report.sum_ore, report.already) == (0, 0, False)
    assert world.place().placed == 0


def test_checking_a_file_tells_what_is_in_it_and_takes_nothing_in(world):
    content = world.file(*PAID, SimPayment("", -300, type="20"))
    for already in (False, True):
        with open_tenant(world.tenant_id) as tenant:
            found = check_bank_file(tenant, content)
        assert found == {
            "format": "ocr_giro", "payments": 3, "sum_ore": 124_200, "without_kid": 2, "takes_back": 1,
            "first_value_on": "2026-02-27", "last_value_on": "2026-03-02", "already": already, "refused": False,
            "verdicts": [],
        }  # fmt: skip
        if not already:
            assert world.payments() == []
            take_in(world, content)
    assert len(world.payments()) == 3


def test_two_tenants_may_take_in_files_of_the_same_number(world, own):
    number = next(world.numbers)
    for each in (world, own):
        content = write_ocr(PAID, each.account, "123456789", number, "12345678", DAY)
        assert not take_in(each, content).already
        assert len(each.payments()) == 2
