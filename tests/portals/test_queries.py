"""What the debtor and the creditor are shown is the same money, worked out two ways."""

from datetime import date
from uuid import UUID

from saas.cases.queries import CaseFilter, case_list, case_status, case_view, creditors_in_sight
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, creditor_of, register
from tests.payments.world import World as Money
from tests.portals.conftest import FRIDAY, World


def test_the_debtors_lines_and_the_creditors_sums_come_to_the_same(world: World) -> None:
    for number in (world.power, world.fibre, world.disputed):
        with open_tenant(world.tenant_id) as tenant:
            status = case_status(tenant, number, FRIDAY)
            assert case_view(tenant, status.case_id, FRIDAY).total_ore == status.sums.total_ore


def test_a_part_payment_is_shown_to_both_and_lowers_what_is_left(agency: UUID) -> None:
    money = Money(agency)
    case = money.case(amount="1 000,00", due_on="2026-02-10")
    money.pay(case, 40_000, MONDAY)
    with open_tenant(agency) as tenant:
        view, status = case_view(tenant, case.id, MONDAY), case_status(tenant, case.number, MONDAY)
    assert view.owed is not None
    assert [line.amount_ore for line in view.owed.lines if line.label == "payment"] == [-40_000]
    assert status.payments == ((date(2026, 3, 2), 40_000),)
    assert view.total_ore == status.sums.total_ore == 100_000 + 658 - 40_000  # 12 % of 1 000 kr in 20 days of 365
    assert view.interest_per_day_ore == 20  # of the 600 kr left


def test_a_case_paid_in_full_is_shown_as_closed_with_nothing_to_pay(agency: UUID) -> None:
    money = Money(agency)
    case = money.case(amount="1 000,00", due_on="2026-02-10")
    money.pay(case, 100_658, MONDAY)
    with open_tenant(agency) as tenant:
        view = case_view(tenant, case.id, date(2026, 9, 1))
    assert view.is_closed
    assert (view.closed_because, view.total_ore, view.next_step) == ("paid", 0, None)


def test_past_the_known_rates_only_what_is_booked_is_told(agency: UUID) -> None:
    number = register(agency, a_claim(amount="1 000,00")).verdicts[0].case_number
    with open_tenant(agency) as tenant:
        status = case_status(tenant, number, date(2031, 1, 1))
        view = case_view(tenant, status.case_id, date(2031, 1, 1))
    assert view.owed is None
    assert view.total_ore == 100_000
    assert status.sums.total_ore is None


def test_through_the_creditors_wall_there_are_no_others(world: World) -> None:
    creditor_id = creditor_of(world.tenant_id, "bygda-bredband")
    with open_tenant(world.tenant_id, creditor_id) as tenant:
        assert {row.number for row in case_list(tenant, CaseFilter(), FRIDAY).rows} >= {world.fibre}
        assert world.power not in {row.number for row in case_list(tenant, CaseFilter(), FRIDAY).rows}
        assert [name for _, name in creditors_in_sight(tenant)] == ["Bygda Bredbånd AS"]


def test_a_page_beyond_the_last_is_the_last(agency: UUID) -> None:
    register(agency, *(a_claim() for _ in range(53)))
    with open_tenant(agency) as tenant:
        first, beyond = (case_list(tenant, CaseFilter(), MONDAY, page) for page in (1, 99))
    assert (first.total, first.pages, len(first.rows)) == (53, 2, 50)
    assert (beyond.page, len(beyond.rows)) == (2, 3)
    assert first.rows[0].number > first.rows[-1].number > beyond.rows[0].number
