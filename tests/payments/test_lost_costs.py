"""The right to costs is lost: fees come off by entries that name them; what was paid goes to the rest or the debtor."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from saas.cases.facts import facts_of
from saas.cases.models import Case, CostLoss
from saas.cases.objections import raise_objection
from saas.kernel.errors import BadInput
from saas.ledger.models import COLLECTION_FEE, NOTICE_FEE
from saas.payments.estates import report_bankruptcy, report_death
from saas.payments.lost_costs import lose_costs
from saas.payments.objection_answers import answer_objection
from saas.rules.facts import Stage
from saas.rules.lost_costs import LOSSES, LostCostReason, Scope
from saas.rules.money import Ore
from saas.rules.objections import ObjectionKind, Outcome
from tenants.resolve import open_tenant
from tests.builders import a_claim, at
from tests.payments.settlement.house import pay_out
from tests.payments.world import World

SENT, PAID, LATER = date(2026, 3, 3), date(2026, 4, 20), date(2026, 5, 4)
WRONG = LostCostReason.BAD_PRACTICE


def a_case(world: World, *, fee: int = 26_200) -> Case:
    """1 000,00 kr due 1 February, with a notice fee and a collection fee, both proven."""
    case = world.case(amount="1 000,00", due_on="2026-02-01", invoiced_on="2026-01-10")
    world.letter(case, "collection_notice", NOTICE_FEE, 3_800, SENT, SENT)
    world.letter(case, "payment_demand", COLLECTION_FEE, fee, date(2026, 3, 30), date(2026, 3, 31))
    return case


def lose(world: World, case: Case, reason: LostCostReason = WRONG, on: date = LATER, **more: Any) -> CostLoss:
    with open_tenant(world.tenant_id) as tenant:
        note = more.pop("note", "Ble ringt på en søndag.")
        return lose_costs(tenant, case.id, reason=reason, note=note, today=on, now=at(on), actor="user:1", **more)


def losses(world: World) -> int:
    with open_tenant(world.tenant_id) as tenant:
        return tenant.session.scalar(sa.select(sa.func.count()).select_from(CostLoss)) or 0


@pytest.mark.parametrize("reason", list(LostCostReason))
def test_every_reason_takes_off_what_the_law_says_and_the_book_holds(world: World, reason: LostCostReason) -> None:
    case = a_case(world)
    loss = lose(world, case, reason, lawful_ore=20_000)
    book = world.book(case)
    left = {
        Scope.ALL: (0, 0),
        Scope.AGENCY_FEE: (3_800, 0),
        Scope.ABOVE_LAWFUL: (3_800, 16_200),
    }[LOSSES[reason].scope]
    assert (book.notice_fee_charged_ore, book.collection_fee_charged_ore) == left
    assert (loss.amount_ore, loss.refund_ore) == (30_000 - sum(left), 0)
    assert sum(book.principal_left.values()) == 100_000, "never the principal"
    world.check()
    (told,) = world.told(case, "costs.lost")
    assert told["rule_ids"]


def test_each_correction_names_the_entry_it_corrects(world: World) -> None:
    case = a_case(world)
    lose(world, case)
    with open_tenant(world.tenant_id) as tenant:
        rows = tenant.session.execute(
            sa.text(
                "select c.component, c.amount_ore, c.reason, o.kind, o.amount_ore from transfer c"
                " join transfer o on o.entry_id = c.corrects where c.kind = 'costs_lost' order by c.component"
            )
        ).all()
    assert [tuple(row) for row in rows] == [
        (COLLECTION_FEE, 26_200, "bad_practice", "fee_charged", 26_200),
        (NOTICE_FEE, 3_800, "bad_practice", "fee_charged", 3_800),
    ]


def test_money_paid_for_lost_costs_goes_to_the_rest_of_the_debt(world: World) -> None:
    case = a_case(world)
    world.pay(case, 50_000, PAID)
    assert sum(world.book(case).principal_left.values()) == 80_000
    loss = lose(world, case)
    assert (loss.amount_ore, loss.refund_ore) == (30_000, 30_000)
    assert sum(world.book(case).principal_left.values()) == 50_000, "as of the day it was paid"
    assert world.book(case).principal_moves == {world.claims(case)[0].id: ((PAID, 50_000),)}
    assert world.totals().owed_to_debtors_ore == 0
    world.check()


def test_what_the_rest_of_the_debt_does_not_need_goes_back_to_the_debtor(world: World) -> None:
    case = a_case(world)
    world.pay(case, 140_000, PAID)
    before = world.totals().owed_to_debtors_ore
    lose(world, case)
    assert world.again(case).closed_because == "paid"
    assert world.totals().owed_to_debtors_ore == before + 30_000
    assert world.totals().earned_not_drawn_ore == 0
    world.check()


def test_a_case_that_is_covered_without_the_costs_is_closed(world: World) -> None:
    case = a_case(world)
    world.pay(case, 110_000, PAID)
    assert world.again(case).stage != Stage.CLOSED
    lose(world, case)
    assert world.again(case).closed_because == "paid"
    world.check()


def test_money_already_paid_out_and_drawn_is_made_up_from_what_comes_in_next(world: World) -> None:
    case, other = a_case(world), a_case(world)
    world.pay(case, 140_000, PAID)
    pay_out(world.tenant_id, PAID)
    assert world.totals().earned_not_drawn_ore == 0
    lose(world, case)
    totals = world.totals()
    assert totals.earned_not_drawn_ore < 0, "the agency has drawn what is now the debtor's"
    assert totals.owed_to_debtors_ore > 30_000
    world.check()
    world.pay(other, 140_000, LATER)
    pay_out(world.tenant_id, LATER)
    assert world.totals().earned_not_drawn_ore == 0
    assert world.totals().client_account_ore == world.totals().owed_to_debtors_ore
    world.check()


def test_the_same_loss_twice_is_one_and_a_note_and_the_lawful_sum_are_asked_for(world: World) -> None:
    case = a_case(world)
    assert lose(world, case).id == lose(world, case).id
    assert losses(world) == 1
    with pytest.raises(BadInput) as wrong:
        lose(world, case, LostCostReason.FEE_TOO_HIGH, note=" ")
    assert set(wrong.value.errors) == {"note", "lawful_ore"}


def test_lost_costs_of_one_kind_do_not_come_again_until_the_ladder_begins_anew(world: World) -> None:
    case = a_case(world)

    def lost() -> str:
        with open_tenant(world.tenant_id) as tenant:
            return facts_of(tenant, [case.id], LATER)[case.id].lost_costs

    lose(world, case, LostCostReason.MISSING_DEMAND)
    assert lost() == "agency_fee"
    lose(world, case, WRONG)
    assert lost() == "all"
    lose(world, case, LostCostReason.NOTICE_RULES_BROKEN, restart=True)
    assert lost() == ""


def test_a_faulty_letter_takes_the_case_back_to_before_the_collection_notice(world: World) -> None:
    """N9, B20."""
    case = a_case(world)
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.update(Case).where(Case.id == case.id).values(stage=40))
    lose(world, case, LostCostReason.FAULTY_NOTICE)
    again = world.again(case)
    assert (again.stage, again.next_action_on) == (Stage.REGISTERED, LATER)
    with open_tenant(world.tenant_id) as tenant:
        facts = facts_of(tenant, [case.id], LATER)[case.id]
    assert (facts.notices, facts.charged_notice_fees_ore, facts.charged_collection_fee_ore) == ((), 0, 0)


def test_a_fee_partly_taken_off_can_still_be_withdrawn_with_its_letter(world: World) -> None:
    from saas.cases.lifecycle import get_case, take_back_fee
    from saas.dispatch.models import Dispatch

    case = a_case(world)
    lose(world, case, LostCostReason.FEE_TOO_HIGH, lawful_ore=20_000)
    with open_tenant(world.tenant_id) as tenant:
        demand = tenant.session.scalars(sa.select(Dispatch).where(Dispatch.step == "payment_demand")).one()
        take_back_fee(tenant, get_case(tenant, case.id), demand, "print:lost", now=at(LATER))
    assert world.book(case).collection_fee_charged_ore == 0
    world.check()


def test_a_payment_before_the_partly_lost_fee_was_charged_does_not_cover_it(world: World) -> None:
    case = a_case(world)
    lose(world, case, LostCostReason.FEE_TOO_HIGH, lawful_ore=20_000)
    world.pay(case, 120_000, date(2026, 3, 20), on=LATER)
    assert world.again(case).closed_because == "paid"
    assert world.book(case).collection_fee_charged_ore == 0
    world.check()


# --- an objection that was right ------------------------------------------------------------------------------------


def uphold(world: World, case: Case, outcome: Outcome, **more: Any) -> None:
    with open_tenant(world.tenant_id) as tenant:
        row = raise_objection(
            tenant, case.id, kind=ObjectionKind.WRONG_AMOUNT, text="Feil.", today=LATER, now=at(LATER), actor="debtor"
        )
        answer_objection(
            tenant, case.id, row.id, outcome=outcome, reason="Du har rett.", today=LATER, now=at(LATER),
            actor="user:1", **more,
        )  # fmt: skip


def test_all_money_on_a_withdrawn_claim_is_the_debtors(world: World) -> None:
    case = a_case(world)
    world.pay(case, 50_000, PAID)
    world.pay(case, 10_000, PAID)
    uphold(world, case, Outcome.WITHDRAWN)
    assert world.again(case).closed_because == "withdrawn"
    assert world.totals().owed_to_debtors_ore == 60_000
    assert world.book(case).left_ore == 0
    world.check()


def test_a_claim_put_right_below_what_was_paid_closes_and_the_rest_goes_back(world: World) -> None:
    case = a_case(world)
    world.pay(case, 90_000, PAID)
    uphold(world, case, Outcome.ADJUSTED, taken_off_ore=Ore(50_000))
    assert world.again(case).closed_because == "paid"
    # 500,00 kr at 12,00 % for the 78 days from 1 February to 20 April 2026: 12,82 kr
    assert world.book(case).booked_interest_ore == 1_282
    assert world.totals().owed_to_debtors_ore == 90_000 - 50_000 - 1_282
    world.check()


def test_money_of_a_withdrawn_claim_that_was_paid_out_is_still_the_debtors(world: World) -> None:
    case = a_case(world)
    world.pay(case, 80_000, PAID)
    pay_out(world.tenant_id, PAID)
    uphold(world, case, Outcome.WITHDRAWN)
    assert world.totals().owed_to_debtors_ore == 80_000
    assert world.totals().owed_to_creditors_ore < 0
    world.check()


# --- a debtor who has died, or is bankrupt --------------------------------------------------------------------------


def two_cases(world: World) -> tuple[Case, Case]:
    """One person's cases with two creditors; the second has a letter sent on 31 March."""
    who = {"debtor_name": "Ola Prøve", "national_id": "08907395937", "amount": "1 000,00", "due_on": "2026-02-01"}
    first = world.case(a_claim(**who), creditor="nordlys-kraft")
    second = world.case(a_claim(**who), creditor="bygda-bredband")
    for case in (first, second):
        world.letter(case, "collection_notice", NOTICE_FEE, 3_800, SENT, SENT)
        world.letter(case, "payment_demand", COLLECTION_FEE, 26_200, date(2026, 3, 30), date(2026, 3, 31))
    return first, second


def holds(world: World, case: Case) -> list[str]:
    from tests.cases.world import World as Nights

    return Nights(world.tenant_id).holds(case)


def test_a_death_stops_all_the_debtors_cases_and_later_letters_cost_nothing(world: World) -> None:
    first, second = two_cases(world)
    world.pay(first, 40_000, PAID)
    died_on = date(2026, 3, 15)
    for _ in range(2):
        with open_tenant(world.tenant_id) as tenant:
            stopped = report_death(tenant, first.id, died_on=died_on, today=LATER, now=at(LATER), actor="user:1")
            assert {case.number for case in stopped} == {first.number, second.number}
    for case in (first, second):
        assert holds(world, case) == ["deceased"]
        assert (world.book(case).notice_fee_charged_ore, world.book(case).collection_fee_charged_ore) == (3_800, 0)
    assert world.book(first).principal_left == {world.claims(first)[0].id: 100_000 - (40_000 - 3_800)}
    assert losses(world) == 2
    world.check()


def test_a_wrong_report_is_taken_back_and_a_day_to_come_is_not_taken(world: World) -> None:
    first, second = two_cases(world)
    with open_tenant(world.tenant_id) as tenant:
        report_death(tenant, first.id, died_on=LATER, today=LATER, now=at(LATER), actor="cli")
        report_death(tenant, first.id, died_on=None, today=LATER, now=at(LATER), actor="cli")
    assert holds(world, first) == holds(world, second) == []
    with pytest.raises(BadInput), open_tenant(world.tenant_id) as tenant:
        report_death(tenant, first.id, died_on=date(2026, 5, 5), today=LATER, now=at(LATER), actor="cli")


def test_a_bankruptcy_stops_all_cases_and_one_registered_later_is_stopped_by_the_night(world: World) -> None:
    from tests.cases.world import World as Nights

    first, second = two_cases(world)
    with open_tenant(world.tenant_id) as tenant:
        report_bankruptcy(tenant, second.id, opened_on=SENT, today=LATER, now=at(LATER), actor="cli")
    assert holds(world, first) == holds(world, second) == ["bankrupt"]
    row = a_claim(debtor_name="Ola Prøve", national_id="08907395937")
    third = world.case(row, creditor="bygda-bredband")
    assert holds(world, third) in ([], ["bankrupt"])
    taken = Nights(world.tenant_id).night()
    assert taken.steps == {"hold:bankrupt": 1}
    assert holds(world, third) == ["bankrupt"]
    world.check()
