"""Whose money it may be: certain only when payer and sum fit one case; else suggestions with their reasons."""

from datetime import date

import pytest
import sqlalchemy as sa

from saas.cases.lifecycle import close_case, get_case
from saas.cases.models import CaseHold, KidAlias
from saas.dispatch.models import Dispatch
from saas.payments.by_hand import assign_payment
from saas.payments.maybe_paid import NOTE, hold_what_may_be_paid, waiting_money
from saas.payments.reversals import send_back
from saas.payments.suggestions import Reason, name_is_like, owed_on, suggest
from saas.rules.facts import HoldReason
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.builders import a_claim, at
from tests.payments.world import World

PAID_ON, TODAY = date(2026, 5, 4), date(2026, 6, 1)
PAYER, OTHER = "86011117947", "99990100027"
KARI = {"debtor_name": "Kari Østby Nordmann", "address": "Storgata 7"}


def a_case(world: World, **claim):
    row = {"amount": "1 000,00", "due_on": "2026-03-02", "invoiced_on": "2026-02-02"}
    return world.case(**row | claim)


def take(world: World, *payments: SimPayment):
    world.take_in(*payments, on=TODAY)
    return world.place(TODAY)


def suggested(world: World) -> list[list[tuple[int, list[Reason]]]]:
    with open_tenant(world.tenant_id) as tenant:
        found = suggest(tenant, waiting_money(tenant))
        return [[(s.number, s.why) for s in each] for each in found.values()]


def held(world: World) -> set:
    with open_tenant(world.tenant_id) as tenant:
        rows = tenant.session.scalars(sa.select(CaseHold).where(CaseHold.note == NOTE, CaseHold.lifted_on.is_(None)))
        return {(row.case_id, row.since) for row in rows}


def two_of_kari(world: World):
    """A case of hers that her account has paid, and another invoice, registered later."""
    first = a_case(world, **KARI, invoice_number="K-1")
    take(world, SimPayment(first.kid, 500_000, PAID_ON, PAYER))
    second = a_case(world, **KARI, amount="640,00", invoice_number="K-2")
    return first, second


def owed(world: World, case, on: date) -> int:
    with open_tenant(world.tenant_id) as tenant:
        return owed_on(tenant, [case.id], on)[case.id]


def printed(world: World, case, ore: int) -> None:
    """The case's letter asks for this much."""
    dispatch_id = world.letter(case, "reminder", "notice_fee", 3_800, date(2026, 4, 1), date(2026, 4, 1))
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.get_one(Dispatch, (tenant.id, dispatch_id)).printed_ore = ore


def test_a_known_payer_and_just_what_is_owed_that_day_is_certain(world):
    _, second = two_of_kari(world)
    report = take(world, SimPayment("", owed(world, second, PAID_ON), PAID_ON, PAYER, type="21", text="betaling"))
    assert (report.placed, report.closed) == (1, 1)
    assert world.payments()[-1].matched_by == "sum_and_payer"
    assert world.again(second).closed_because == "paid"
    world.check()


def test_a_known_payer_and_just_what_the_letter_asks_for_is_certain(world):
    _, second = two_of_kari(world)
    printed(world, second, 68_123)
    assert take(world, SimPayment("", 68_123, PAID_ON, PAYER)).placed == 1


@pytest.mark.parametrize(
    ("ore", "payer"), [(64_001, PAYER), (64_000, OTHER), (64_000, "")], ids=["other sum", "other payer", "no payer"]
)
def test_anything_less_is_a_guess_and_waits(world, ore, payer):
    two_of_kari(world)
    assert take(world, SimPayment("", ore, PAID_ON, payer)).why_unmatched == {"no_case_found": 1}


def test_a_sum_that_fits_two_cases_of_the_payer_waits(world):
    _, second = two_of_kari(world)
    third = a_case(world, **KARI, amount="640,00", invoice_number="K-3", due_on="2026-04-02")
    assert third.id != second.id
    for case in (second, third):
        printed(world, case, 70_000)
    assert take(world, SimPayment("", 70_000, PAID_ON, PAYER)).unmatched == 1
    assert {s[0] for s in suggested(world)[0]} == {second.number, third.number}


def test_suggestions_say_why_and_the_likeliest_comes_first(world):
    _, second = two_of_kari(world)
    stranger = a_case(world, amount="640,00", debtor_name="Per Hansen")
    take(world, SimPayment("", 64_000, PAID_ON, PAYER, type="21", text="Fra kari ostby nordman K-2"))
    [found] = suggested(world)
    assert found[0] == (
        second.number, [Reason.INVOICE_NUMBER, Reason.PAYER, Reason.INVOICE_SUM, Reason.NAME],
    )  # fmt: skip
    assert (stranger.number, [Reason.INVOICE_SUM]) in found


def test_the_name_alone_suggests_and_finds_its_case(world):
    case = a_case(world, **KARI)
    take(world, SimPayment("", 777, PAID_ON, type="21", text="NORDMANN KARI strøm"))
    assert suggested(world) == [[(case.number, [Reason.NAME])]]


@pytest.mark.parametrize(
    ("text", "name", "like"),
    [
        ("Fra: KARI NORDMANN", "Kari Østby Nordmann", True),
        ("kari nordman", "Kari Nordmann", True),
        ("Kari", "Kari Nordmann", False),
        ("Hansen Bygg", "Hansen Bygg AS", True),
        ("", "Kari Nordmann", False),
        ("strøm mai", "Ola Strømme", False),
    ],
)
def test_names_are_alike(text, name, like):
    assert name_is_like(text, name) is like


def test_an_earlier_invoices_kid_on_an_open_case_finds_it(world):
    """F22: the KID of the creditor's own invoice, hyphen and all."""
    case = world.case(a_claim(kid="1234567-", amount="1 000,00")) if _is_kid("1234567-") else None
    case = case or world.case(a_claim(kid=_hyphen_kid(), amount="1 000,00"))
    with open_tenant(world.tenant_id) as tenant:
        kids = set(tenant.session.scalars(sa.select(KidAlias.kid).where(KidAlias.case_id == case.id)))
    (own,) = kids - {case.kid}
    assert own.endswith("-")
    assert take(world, SimPayment(own, 10_000, PAID_ON)).placed == 1
    assert world.payments()[-1].case_id == case.id


def _is_kid(kid: str) -> bool:
    from saas.rules.kid import is_valid_kid

    return is_valid_kid(kid)


def _hyphen_kid() -> str:
    from saas.rules.kid import kid_check

    payload = next(str(n) for n in range(100_000, 101_000) if kid_check(str(n), "mod11") == "-")
    return f"{payload}-"


def test_money_that_may_be_meant_for_a_case_holds_it_from_the_day_it_was_paid(world):
    """N6."""
    _, second = two_of_kari(world)
    take(world, SimPayment("", 50_000, PAID_ON, PAYER))
    assert held(world) == {(second.id, PAID_ON)}
    assert world.again(second).waits_for == HoldReason.PERSON
    assert hold_what_may_be_paid(world.tenant_id, at(TODAY), "worker") == (0, 0)


def test_a_hold_goes_when_the_money_is_placed_elsewhere_or_sent_back(world):
    _, second = two_of_kari(world)
    elsewhere = a_case(world)
    take(world, SimPayment("", 50_000, PAID_ON, PAYER))
    with open_tenant(world.tenant_id) as tenant:
        assign_payment(tenant, world.payments()[-1].id, elsewhere.number, now=at(TODAY), actor="user:1")
    world.place(TODAY)
    assert held(world) == set()
    assert world.again(second).next_action_on == TODAY
    take(world, SimPayment("", 51_000, PAID_ON, PAYER))
    assert {case_id for case_id, _ in held(world)} == {second.id, elsewhere.id}  # it has paid for both debtors now
    with open_tenant(world.tenant_id) as tenant:
        send_back(tenant, world.payments()[-1].id, today=TODAY, now=at(TODAY), actor="user:1")
    hold_what_may_be_paid(world.tenant_id, at(TODAY), "worker")
    assert held(world) == set()
    world.check()


def test_a_hold_a_person_has_placed_is_left_alone(world):
    _, second = two_of_kari(world)
    with open_tenant(world.tenant_id) as tenant:
        from saas.cases.lifecycle import place_hold

        case = get_case(tenant, second.id, lock=True)
        place_hold(tenant, case, HoldReason.PERSON, since=TODAY, note="ringt", now=at(TODAY), actor="user:1")
    take(world, SimPayment("", 50_000, PAID_ON, PAYER))
    with open_tenant(world.tenant_id) as tenant:
        send_back(tenant, world.payments()[-1].id, today=TODAY, now=at(TODAY), actor="user:1")
    hold_what_may_be_paid(world.tenant_id, at(TODAY), "worker")
    with open_tenant(world.tenant_id) as tenant:
        standing = tenant.session.scalars(
            sa.select(CaseHold).where(CaseHold.case_id == second.id, CaseHold.lifted_on.is_(None))
        ).all()
    assert [hold.note for hold in standing] == ["ringt"]


def test_a_sum_that_many_cases_have_holds_none(world):
    for _ in range(4):
        a_case(world, amount="299,00")
    take(world, SimPayment("", 29_900, PAID_ON))
    assert held(world) == set()


def test_money_with_the_kid_of_an_earlier_invoice_that_is_paid_holds_the_debtors_open_case(world):
    """N6: it lands on the paid case as too much, and may have been meant for the open one."""
    first, second = two_of_kari(world)
    take(world, SimPayment(first.kid, 64_000, PAID_ON, PAYER))
    assert {case_id for case_id, _ in held(world)} == {second.id}


def test_a_closed_case_is_not_held(world):
    _, second = two_of_kari(world)
    with open_tenant(world.tenant_id) as tenant:
        close_case(tenant, get_case(tenant, second.id, lock=True), "withdrawn", on=TODAY, now=at(TODAY), actor="cli")
    take(world, SimPayment("", 50_000, PAID_ON, PAYER))
    assert held(world) == set()
