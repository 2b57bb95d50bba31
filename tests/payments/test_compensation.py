"""Standard compensation in the book: W13, B15, C9."""

from datetime import date

import orjson
import pytest
import sqlalchemy as sa

from saas.cases.lifecycle import cipher_of, get_case, withdraw_letters
from saas.cases.queries import case_status, case_view
from saas.documents.letter import Letter, SumKind
from saas.documents.models import StoredLetter
from saas.kernel import crypto
from saas.ledger.audit import audit
from saas.ledger.models import COMPENSATION
from tenants.resolve import open_tenant
from tests.builders import a_claim, at, register
from tests.cases.world import World as Days
from tests.payments.settlement.house import pay_out

END = date(2026, 7, 20)
BUSINESS = {"debtor_kind": "company", "orgnr": "923609016", "debtor_name": "Prøve AS"}


@pytest.fixture
def claims_it(world):
    """An agency that claims compensation from business debtors."""
    world.policy(claim_compensation=True)
    return world


def on_the_ladder(world, until, **claim):
    """A business's unpaid invoice due 2026-02-10, with real nights and letters to that day."""
    register(world.tenant_id, a_claim(due_on="2026-02-10", **(BUSINESS | claim)))
    days = Days(world.tenant_id)
    days.until(until)
    return days, world.again(days.cases()[0])


def charged(world, case):
    book = world.book(case)
    return book.compensation_charged_ore, book.notice_fee_charged_ore, book.collection_fee_charged_ore


def test_w13_over_the_ladder_a_business_owes_the_larger_of_compensation_and_cap(claims_it):
    """460 in the first half of 2026; caps of 20 000 kr are 1 800 and 3 600."""
    days, case = on_the_ladder(claims_it, date(2026, 3, 26), amount="20 000,00")
    assert charged(claims_it, case) == (46_000, 0, 0)  # the two letters' fees are less than it
    days.until(date(2026, 4, 20))
    assert charged(claims_it, case) == (46_000, 0, 134_000)
    days.until(date(2026, 6, 12))
    assert charged(claims_it, case) == (46_000, 0, 314_000)
    assert days.unlawful() == []
    claims_it.check()


def test_a_small_claim_owes_the_compensation_and_only_what_the_doubled_cap_has_beyond_it(claims_it):
    days, case = on_the_ladder(claims_it, date(2026, 4, 20), amount="400,00")
    assert charged(claims_it, case) == (46_000, 0, 0)  # the light cap is 281.25
    days.until(date(2026, 6, 12))
    assert sum(charged(claims_it, case)) == 56_250
    assert days.unlawful() == []
    claims_it.check()


def test_a_consumers_case_and_a_tenant_that_does_not_claim_it_have_none(claims_it, own):
    _, case = on_the_ladder(claims_it, date(2026, 3, 10), debtor_kind="person", orgnr="")
    assert charged(claims_it, case) == (0, 3_800, 0)
    _, case = on_the_ladder(own, date(2026, 3, 10))
    assert charged(own, case) == (0, 3_800, 0)


def test_the_letter_shows_it_on_a_line_of_its_own_and_the_sum_is_what_is_owed(claims_it):
    _, case = on_the_ladder(claims_it, date(2026, 3, 5), amount="20 000,00")
    with open_tenant(claims_it.tenant_id) as tenant:
        stored = tenant.session.scalars(sa.select(StoredLetter).where(StoredLetter.case_id == case.id)).one()
        letter = Letter.from_json(letter_facts(tenant, stored))
        lines = {line.kind: line.amount_ore for line in letter.lines if line.kind is not SumKind.INTEREST}
        assert lines == {SumKind.PRINCIPAL: 2_000_000, SumKind.COMPENSATION: 46_000}
        assert letter.total_ore == sum(line.amount_ore for line in letter.lines)
        view = case_view(tenant, case.id, date(2026, 3, 5))
        assert view.owed is not None
        assert view.owed.sum_ore("compensation") == 46_000
        assert case_status(tenant, case.number, date(2026, 3, 5)).sums.costs_ore == 46_000


def letter_facts(tenant, stored):
    case = get_case(tenant, stored.case_id)
    return orjson.loads(crypto.decrypt(cipher_of(case), stored.facts, stored.id))


def test_it_is_covered_with_the_costs_and_belongs_to_the_creditor(claims_it):
    """D3; no commission is taken of it."""
    _, case = on_the_ladder(claims_it, date(2026, 6, 12), amount="20 000,00")
    claims_it.pay(case, 380_000, date(2026, 6, 13), on=END)
    (told,) = claims_it.told(case)
    assert [(x["component"], x["paid_ore"]) for x in told["lines"]] == [
        ("collection_fee", 314_000), ("compensation", 46_000), ("principal", 20_000),
    ]  # fmt: skip
    totals = claims_it.totals()
    assert (totals.compensation_ore, totals.earned_not_drawn_ore) == (46_000, 314_000)
    assert totals.owed_to_creditors_ore == 66_000
    paid = pay_out(claims_it.tenant_id, END)
    [due] = [due for due in paid.dues if due.collected_ore]
    assert (due.collected_ore, due.commission_ore) == (66_000, 1_000)  # 5 % of the principal's 200 kr
    claims_it.check()


def test_a_letter_withdrawn_takes_it_back_and_the_next_one_charges_it(claims_it):
    register(claims_it.tenant_id, a_claim(due_on="2026-02-10", amount="20 000,00", **BUSINESS))
    days = Days(claims_it.tenant_id)
    days.night(hand_over=False)
    [case] = days.cases()
    assert charged(claims_it, case) == (46_000, 0, 0)
    with open_tenant(claims_it.tenant_id) as tenant:
        withdraw_letters(tenant, get_case(tenant, case.id, lock=True), "test", now=at(date(2026, 3, 2)), actor="cli")
        get_case(tenant, case.id).next_action_on = date(2026, 3, 3)
    assert charged(claims_it, case) == (0, 0, 0)
    days.next_day()
    days.night()
    assert charged(claims_it, case) == (46_000, 0, 0)
    assert [letter.state for letter in days.letters()] == ["withdrawn", "handed_over"]
    claims_it.check()


def test_who_pays_the_invoice_before_the_letter_is_posted_does_not_owe_it(claims_it):
    """B9, A4: taken back with everything else the letter charged."""
    _, case = on_the_ladder(claims_it, date(2026, 3, 3), amount="20 000,00")
    claims_it.pay(case, 2_030_000, date(2026, 3, 2), on=date(2026, 3, 6))
    totals = claims_it.totals()
    assert (totals.compensation_ore, claims_it.again(case).closed_because) == (0, "paid")
    assert claims_it.told(case)[0]["fees_taken_back_ore"] == 46_000
    claims_it.check()


def test_a_letter_with_both_lines_is_taken_back_whole_by_one_entry(claims_it):
    """B15: the demand is the first letter that bears a cost."""
    case = claims_it.case(amount="20 000,00", due_on="2026-02-10", **BUSINESS)
    claims_it.letter(case, "payment_demand", ("compensation", "collection_fee"), (46_000, 134_000), date(2026, 4, 17))
    claims_it.pay(case, 2_100_000, date(2026, 4, 17), on=END)
    taken = [row for row in claims_it.transfers() if row[2] == "fee_withdrawn"]
    assert [(row[5], row[6]) for row in taken] == [("compensation", 46_000), ("collection_fee", 134_000)]
    assert len({row[0] for row in taken}) == 1
    claims_it.check()


def test_the_auditor_finds_compensation_charged_to_a_consumer(world):
    case = world.case(amount="1 000,00", due_on="2026-02-10")
    world.letter(case, "reminder", COMPENSATION, 46_000, date(2026, 3, 2), date(2026, 3, 2))
    with open_tenant(world.tenant_id) as tenant:
        assert [finding.rule for finding in audit(tenant)] == ["consumers_owe_no_compensation"]
