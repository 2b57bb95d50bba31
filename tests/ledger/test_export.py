"""The general ledger handed out holds every transfer of its period, and comes to what the balances moved."""

import csv
import io
import tracemalloc
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from saas.ledger.export import BYTE_ORDER_MARK, COLUMNS, general_ledger
from saas.ledger.models import ACCOUNTS, NOTICE_FEE
from saas.ledger.sums import account_balances, of_accounts
from saas.ledger.words import ACCOUNT_WORDS
from saas.simulators.bank import SimPayment
from tenants.resolve import Tenant, open_tenant
from tests.ledger.books import DAY, booked, charge
from tests.payments.world import World

CASE = UUID(int=1)


def read(tenant: Tenant, from_on: date, to_on: date) -> list[dict[str, str]]:
    content = b"".join(general_ledger(tenant, from_on, to_on))
    assert content.startswith(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def moved(rows: list[dict[str, str]]) -> dict[str, int]:
    """Debits less credits of each account, in øre."""
    sums = dict.fromkeys(ACCOUNT_WORDS.values(), 0)
    for row in rows:
        kroner, ore = row["Beløp"].split(",")
        sums[row["Debet"]] += int(kroner) * 100 + int(ore)
        sums[row["Kredit"]] -= int(kroner) * 100 + int(ore)
    return sums


def a_spring(world: World) -> None:
    case = world.case(amount="5 000,00", due_on="2026-02-01")
    world.letter(case, "reminder", NOTICE_FEE, 3_800, date(2026, 3, 2), date(2026, 3, 3))
    world.pay(case, 300_005, date(2026, 4, 1))
    world.take_in(SimPayment("", 500, DAY), SimPayment(case.kid, -200, DAY), on=date(2026, 5, 2))
    world.place(date(2026, 5, 2))


def test_its_sums_are_what_the_balances_moved_in_any_period(agency):
    world = World(agency)
    a_spring(world)
    with open_tenant(agency) as tenant:
        for first, last in ((1, 3), (4, 4), (4, 5), (5, 12), (1, 12)):
            from_on, to_on = date(2026, first, 1), date(2026, last, 28)
            before = of_accounts(account_balances(tenant.session, from_on - timedelta(days=1)))
            after = of_accounts(account_balances(tenant.session, to_on))
            expected = {ACCOUNT_WORDS[a]: after.get(a, 0) - before.get(a, 0) for a in ACCOUNTS}
            assert moved(read(tenant, from_on, to_on)) == expected
    assert moved(read_all(agency))[ACCOUNT_WORDS["client_bank"]] != 0


def read_all(tenant_id: UUID) -> list[dict[str, str]]:
    with open_tenant(tenant_id) as tenant:
        return read(tenant, date(2026, 1, 1), date(2026, 12, 31))


def test_there_is_one_row_a_transfer_and_it_says_what_it_is_about(agency):
    world = World(agency)
    case = world.case(amount="1 240,05", invoice_number="F7")
    (row,) = read_all(agency)
    assert tuple(row) == COLUMNS
    assert (row["Dato"], row["Beløp"], row["Del"]) == ("2026-03-02", "1240,05", "hovedstol")
    assert (row["Debet"], row["Kredit"]) == ("Utestående hos skyldnere", "Krav til inndriving")
    assert (row["Sak"], row["Krav"], row["Bokført"]) == (str(case.number), "F7", "2026-03-02 09:00:00")
    assert row["Årsak"] == f"claim:{world.claims(case)[0].id}"
    world.pay(case, 10_000, date(2026, 4, 1))
    assert len(read_all(agency)) == len(world.transfers())


def test_amounts_below_a_krone_and_above_a_billion_keep_every_ore(agency):
    with booked(agency, charge(CASE, NOTICE_FEE, 7), charge(CASE, NOTICE_FEE, 123_456_789_012_34)):
        pass
    assert [row["Beløp"] for row in read_all(agency)] == ["0,07", "123456789012,34"]


def test_no_reason_becomes_a_spreadsheets_formula(agency):
    with booked(agency, replace(charge(CASE, NOTICE_FEE, 7), reason='=HYPERLINK("x";"y")\n')):
        pass
    assert read_all(agency)[0]["Begrunnelse"] == '\'=HYPERLINK("x";"y")\n'


def test_another_tenants_book_is_not_in_it(agency, power):
    with booked(power, charge(CASE, NOTICE_FEE, 7)):
        pass
    assert read_all(agency) == []


def test_a_long_ledger_passes_through_in_pieces(agency):
    for _ in range(4):
        with booked(agency, *(charge(CASE, NOTICE_FEE, 7) for _ in range(5_000))):
            pass
    with open_tenant(agency) as tenant:
        tracemalloc.start()
        size = sum(len(piece) for piece in general_ledger(tenant, DAY, DAY))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert size > 3_000_000
    assert peak < 500_000
