"""Whose money it is, and when nobody can be sure."""

from datetime import date

import pytest
import sqlalchemy as sa

from saas.cases.joining import join_ready_cases
from saas.cases.models import Case, KidAlias
from saas.kernel.errors import Refused
from saas.payments.by_hand import assign_payment, waiting_payments
from saas.rules.facts import Stage
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.builders import a_claim, at
from tests.payments.world import DAY


def state(world):
    return [(p.state, p.case_id, p.matched_by) for p in world.payments()]


def test_the_kid_of_the_case_finds_it(world):
    case = world.case(amount="1 000,00")
    world.case(amount="1 000,00")
    report = world.pay(case, 10_000, DAY)
    assert (report.placed, report.unmatched, report.placed_ore) == (1, 0, 10_000)
    assert state(world) == [("placed", case.id, "kid")]
    assert world.told(case)[0]["matched_by"] == "kid"
    world.check()


def test_any_alias_finds_it_on_its_own_account_only(world):
    case = world.case(amount="1 000,00")
    with open_tenant(world.tenant_id) as tenant:
        for account, kid in ((world.account, "7654321"), ("12345678903", "1234566")):
            tenant.session.add(
                KidAlias(
                    tenant_id=world.tenant_id, account=account, kid=kid, creditor_id=case.creditor_id, case_id=case.id
                )
            )
    world.take_in(SimPayment("7654321", 100), SimPayment("1234566", 100))
    world.place()
    assert state(world) == [("placed", case.id, "kid"), ("unmatched", None, "")]


@pytest.mark.parametrize("text", ["Sak {}", "{}", "saksnr.{}, takk", "betaler {} og {}"])
def test_a_case_number_in_the_text_finds_it(world, text):
    case = world.case(amount="1 000,00")
    world.take_in(SimPayment("", 10_000, text=text.format(case.number, case.number), type="21"))
    world.place()
    assert state(world) == [("placed", case.id, "case_number")]


def test_a_case_number_in_the_kid_field_finds_it(world):
    case = world.case(amount="1 000,00")
    world.take_in(SimPayment(str(case.number), 10_000))
    world.place()
    assert state(world) == [("placed", case.id, "case_number")]


@pytest.mark.parametrize("text", ["Sak 1{}", "{}0", "", "Faktura 12", "999999999999"])
def test_something_like_a_case_number_finds_nothing(world, text):
    case = world.case(amount="1 000,00")
    world.take_in(SimPayment("", 10_000, text=text.format(case.number), type="21" if text else "10"))
    report = world.place()
    assert report.why_unmatched == {"no_case_found": 1}
    assert state(world) == [("unmatched", None, "")]
    assert world.totals().unplaced_ore == 10_000
    world.check()


def test_two_case_numbers_are_a_persons_to_choose_between(world):
    cases = [world.case(amount="1 000,00") for _ in range(2)]
    world.take_in(SimPayment("", 10_000, text=f"{cases[0].number} {cases[1].number}", type="21"))
    assert world.place().why_unmatched == {"no_case_found": 1}


def test_another_tenants_kid_and_number_find_nothing(world, own):
    theirs = own.case(amount="1 000,00")
    with open_tenant(own.tenant_id) as tenant:
        tenant.session.execute(sa.update(Case).values(number=987_654_321))
    world.take_in(SimPayment(theirs.kid, 100), SimPayment("", 100, text="987654321", type="21"))
    assert world.place().why_unmatched == {"no_case_found": 2}
    assert own.totals().paid_ore == 0


def joined(world):
    """Two cases of one pair, ready for their demand and joined; the second has stopped being one of its own."""
    same = {"debtor_name": "Ola Prøve", "address": "Torget 1"}
    first = world.case(a_claim(**same, amount="1 000,00", due_on="2026-02-10"))
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(
            sa.update(Case).where(Case.id == first.id).values(stage=Stage.DEMANDED, next_action_on=None)
        )
    second = world.case(a_claim(**same, amount="500,00", due_on="2026-02-20"))
    assert first.id != second.id
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.update(Case).values(stage=Stage.NOTICED, next_action_on=DAY))
        assert join_ready_cases(tenant, today=DAY, now=at(DAY), actor="night") == 1
    return first, second


def test_money_for_a_case_that_was_joined_goes_to_the_one_it_counts_with(world):
    first, second = joined(world)
    assert world.again(second).joined_into == first.id
    assert world.pay(second, 30_000, DAY).placed == 1
    world.take_in(SimPayment("", 5_000, text=str(second.number), type="21"))
    world.place()
    assert [case_id for _, case_id, _ in state(world)] == [first.id, first.id]
    assert world.book(first).paid_ore == 35_000
    world.check()


def test_a_case_that_took_another_in_is_covered_when_both_claims_are_paid(world):
    first, second = joined(world)
    world.pay(first, 100_000, DAY)
    assert world.again(first).closed_on is None
    world.pay(second, 60_000, date(2026, 3, 5), on=date(2026, 3, 5))
    assert world.again(first).closed_because == "paid"
    assert world.book(first).left_ore == 0
    world.check()


def test_a_person_says_whose_money_it_is_and_it_is_placed_as_of_its_own_day(world):
    case = world.case(amount="1 000,00")
    world.take_in(SimPayment("", 10_000, DAY, text="strøm", type="21"), on=DAY)
    assert world.place().why_unmatched == {"no_case_found": 1}
    [payment] = world.payments()
    assert payment.why == "no_case_found"
    with open_tenant(world.tenant_id) as tenant:
        assert [p.id for p in waiting_payments(tenant)] == [payment.id]
        assign_payment(tenant, payment.id, case.number, now=at(DAY), actor="cli")
    assert world.place().placed == 1
    assert state(world) == [("placed", case.id, "person")]
    assert world.book(case).payments == ((DAY, 10_000),)
    with open_tenant(world.tenant_id) as tenant, pytest.raises(Refused):
        assign_payment(tenant, payment.id, case.number, now=at(DAY), actor="cli")
    world.check()
