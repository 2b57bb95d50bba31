"""The debtor disagrees: the case stands still in the same moment, and stays so as long as the law says."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from saas.cases.facts import facts_of
from saas.cases.lifecycle import close_case, get_case
from saas.cases.models import Case, ObjectionRow
from saas.cases.objections import objections_of, raise_objection, take_back_objection, waiting_objections
from saas.kernel.errors import BadInput, Forbidden, NotFound, Refused
from saas.ledger.audit import audit
from saas.payments.objection_answers import answer_objection
from saas.rules.facts import Stage
from saas.rules.money import Ore
from saas.rules.objections import ObjectionKind, Outcome, Standing
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, at, creditor_of, register
from tests.cases.world import World

KIND = ObjectionKind.WRONG_AMOUNT


def a_case(tenant_id: UUID, *rows: dict[str, Any], creditor: str | None = "bygda-bredband") -> Case:
    number = register(tenant_id, *(rows or (a_claim(),)), creditor=creditor).verdicts[0].case_number
    return case_now(tenant_id, number)


def case_now(tenant_id: UUID, number: int | None) -> Case:
    with open_tenant(tenant_id) as tenant:
        return get_case(tenant, number=number)


def object_to(tenant_id: UUID, case: Case, text: str = "Jeg har aldri bestilt dette.", **more: Any) -> ObjectionRow:
    on = more.pop("on", MONDAY)
    with open_tenant(tenant_id) as tenant:
        return raise_objection(
            tenant, case.id, kind=more.pop("kind", KIND), text=text, today=on, now=at(on), actor="debtor", **more
        )


def answer(tenant_id: UUID, row: ObjectionRow, outcome: Outcome, reason: str = "Fordi.", **more: Any) -> ObjectionRow:
    on = more.pop("on", MONDAY)
    with open_tenant(tenant_id) as tenant:
        return answer_objection(
            tenant, row.case_id, row.id, outcome=outcome, reason=reason, today=on, now=at(on), actor="user:1", **more
        )


def standing_of(tenant_id: UUID, row: ObjectionRow, on: date) -> Standing:
    with open_tenant(tenant_id) as tenant:
        return next(view.standing for view in objections_of(tenant, row.case_id, on) if view.id == row.id)


def findings(tenant_id: UUID) -> list[str]:
    with open_tenant(tenant_id) as tenant:
        return [str(found) for found in audit(tenant)]


def test_an_objection_stops_the_case_at_once_and_takes_the_waiting_letter_with_its_fee_back(agency: UUID) -> None:
    world, case = World(agency), a_case(agency)
    world.night(hand_over=False)
    assert [letter.state for letter in world.letters(case)] == ["queued"]
    object_to(agency, case)
    assert world.holds(case) == ["objection"]
    assert [(x.state, x.why) for x in world.letters(case)] == [("withdrawn", "hold:objection")]
    with open_tenant(agency) as tenant:
        facts = facts_of(tenant, [case.id], MONDAY)[case.id]
    assert (facts.stage, facts.charged_notice_fees_ore) == (Stage.REGISTERED, 0)
    assert world.until(MONDAY + timedelta(days=60)) == {}, "nothing more is sent while nobody has answered"
    assert findings(agency) == []


def test_the_same_objection_again_is_the_same_one_and_another_is_another(agency: UUID) -> None:
    case = a_case(agency)
    first, again, other = (
        object_to(agency, case),
        object_to(agency, case),
        object_to(agency, case, "Og beløpet er feil."),
    )
    assert first.id == again.id != other.id


def test_an_objection_waits_for_the_creditor_whose_case_it_is_and_no_other(agency: UUID) -> None:
    case = a_case(agency)
    object_to(agency, case)
    for slug, number in (("bygda-bredband", 1), ("nordlys-kraft", 0)):
        with open_tenant(agency, creditor_of(agency, slug)) as tenant:
            assert len(waiting_objections(tenant, MONDAY)) == number, slug


def test_a_closed_case_takes_no_objection_and_another_tenants_case_is_not_there(agency: UUID, power: UUID) -> None:
    case = a_case(agency)
    with open_tenant(agency) as tenant:
        close_case(tenant, get_case(tenant, case.id), "withdrawn", on=MONDAY, now=at(MONDAY), actor="cli")
    with pytest.raises(Refused):
        object_to(agency, case)
    with pytest.raises(NotFound):
        object_to(power, case)


@pytest.mark.parametrize("part", [{"disputed_ore": Ore(0)}, {"disputed_ore": Ore(124_001)}, {"claim_id": uuid4()}])
def test_a_part_that_is_no_part_of_the_case_is_a_bad_input(agency: UUID, part: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        object_to(agency, a_case(agency), **part)


def test_a_part_dispute_holds_the_whole_case(agency: UUID) -> None:
    case = a_case(agency)
    row = object_to(agency, case, disputed_ore=Ore(10_000))
    assert row.disputed_ore == 10_000
    assert World(agency).holds(case) == ["objection"]


def test_a_maintained_claim_gets_a_new_deadline_and_goes_on_only_when_it_and_its_grace_are_over(agency: UUID) -> None:
    world, case = World(agency), a_case(agency)
    row = answer(agency, object_to(agency, case), Outcome.MAINTAINED, "Avtalen er vedlagt.")
    assert row.deadline_on == date(2026, 3, 19), "14 days and three for the letter's way"
    assert case_now(agency, case.number).next_action_on == date(2026, 3, 25), "three banking days of grace"
    assert standing_of(agency, row, date(2026, 3, 24)) is Standing.ANSWERED
    assert standing_of(agency, row, date(2026, 3, 25)) is Standing.CLOSED
    steps = world.until(date(2026, 3, 26))
    assert steps == {date(2026, 3, 25): {"reminder": 1}}


def test_the_days_on_hold_do_not_count_towards_the_heavy_fee(agency: UUID) -> None:
    """E6."""
    world, case = World(agency), a_case(agency)
    world.until(date(2026, 4, 24))
    demand = world.letters(case)[-1]
    assert (demand.step, demand.state) == ("payment_demand", "sent")
    raised_on = demand.deadline_on + timedelta(days=3)
    world.until(raised_on)
    row = object_to(agency, case, on=raised_on)
    answered = answer(agency, row, Outcome.MAINTAINED, on=raised_on + timedelta(days=10))
    free_on = case_now(agency, case.number).next_action_on
    assert answered.deadline_on is not None
    assert free_on is not None
    assert free_on > answered.deadline_on
    last = free_on + timedelta(days=60)
    steps = world.until(last)
    (heavy_on,) = [day for day, taken in steps.items() if "heavy_fee" in taken]
    assert heavy_on >= demand.deadline_on + timedelta(days=29) + (free_on - raised_on)
    assert world.unlawful() == []


def test_a_debtor_who_objects_after_the_answer_still_disagrees_and_the_case_does_not_go_on(agency: UUID) -> None:
    world, case = World(agency), a_case(agency)
    first = answer(agency, object_to(agency, case), Outcome.MAINTAINED)
    second = object_to(agency, case, "Jeg er fortsatt uenig.", on=MONDAY + timedelta(days=2))
    assert standing_of(agency, first, MONDAY + timedelta(days=90)) is Standing.DISPUTED
    assert case_now(agency, case.number).next_action_on is None
    answer(agency, second, Outcome.MAINTAINED, on=MONDAY + timedelta(days=3))
    assert world.until(MONDAY + timedelta(days=60)) == {}
    for row in (first, second):
        with open_tenant(agency) as tenant:
            day = MONDAY + timedelta(days=60)
            take_back_objection(tenant, case.id, row.id, today=day, now=at(day), actor="debtor")
    assert world.holds(case) == []


def test_what_is_groundless_is_said_by_staff_with_a_reason_and_the_case_goes_on(agency: UUID) -> None:
    world, case = World(agency), a_case(agency)
    row = object_to(agency, case, "Nei.")
    with pytest.raises(BadInput):
        answer(agency, row, Outcome.GROUNDLESS, "  ")
    with pytest.raises(Forbidden):
        answer(agency, row, Outcome.GROUNDLESS, creditor_id=case.creditor_id)
    answer(agency, row, Outcome.GROUNDLESS, "Innsigelsen sier ikke hva som er feil.")
    assert world.holds(case) == []
    assert case_now(agency, case.number).next_action_on == MONDAY


def test_another_creditor_finds_no_objection_to_answer(agency: UUID) -> None:
    row = object_to(agency, a_case(agency))
    with pytest.raises(NotFound):
        answer(agency, row, Outcome.MAINTAINED, creditor_id=creditor_of(agency, "nordlys-kraft"))


def test_the_same_answer_twice_is_one_and_another_answer_is_refused(agency: UUID) -> None:
    row = object_to(agency, a_case(agency))
    assert answer(agency, row, Outcome.MAINTAINED).answered_on == answer(agency, row, Outcome.MAINTAINED).answered_on
    with pytest.raises(Refused):
        answer(agency, row, Outcome.WITHDRAWN)


def test_a_debtor_may_let_it_go_and_nothing_can_be_answered_then(agency: UUID) -> None:
    world, case = World(agency), a_case(agency)
    row = object_to(agency, case)
    for _ in range(2):
        with open_tenant(agency) as tenant:
            take_back_objection(tenant, case.id, row.id, today=MONDAY, now=at(MONDAY), actor="debtor")
    assert world.holds(case) == []
    with pytest.raises(Refused):
        answer(agency, row, Outcome.MAINTAINED)


def test_a_withdrawn_claim_closes_the_case_and_nothing_is_owed(agency: UUID) -> None:
    world, case = World(agency), a_case(agency)
    world.until(date(2026, 3, 6))
    row = answer(agency, object_to(agency, case, on=date(2026, 3, 6)), Outcome.WITHDRAWN, on=date(2026, 3, 6))
    closed = case_now(agency, case.number)
    assert (closed.stage, closed.closed_because, row.taken_off_ore) == (Stage.CLOSED, "withdrawn", 124_000)
    with open_tenant(agency) as tenant:
        owed = facts_of(tenant, [case.id], date(2026, 3, 6))[case.id].outstanding
    assert (owed.principal_ore, owed.notice_fee_ore, owed.collection_fee_ore) == (0, 0, 0)
    assert findings(agency) == []


def test_an_adjusted_claim_is_as_if_it_had_been_right_and_costs_the_right_to_costs(agency: UUID) -> None:
    world, case = World(agency), a_case(agency)
    world.until(date(2026, 3, 6))
    assert world.letters(case)[0].fee_ore == 3800
    row = answer(
        agency, object_to(agency, case, on=date(2026, 3, 6)), Outcome.ADJUSTED,
        on=date(2026, 3, 9), taken_off_ore=Ore(24_000),
    )  # fmt: skip
    with open_tenant(agency) as tenant:
        facts = facts_of(tenant, [case.id], date(2026, 3, 9))[case.id]
    assert (facts.claims[0].principal_ore, facts.claims[0].principal_left_ore) == (100_000, 100_000)
    assert (facts.charged_notice_fees_ore, facts.lost_costs) == (0, "all")
    assert [tuple(pause) for pause in facts.claims[0].interest_pauses] == [
        (date(2026, 3, 6), row.deadline_on + timedelta(days=1), "objection_upheld")
    ]
    assert findings(agency) == []
    steps = world.until(date(2026, 6, 1))
    assert [list(taken) for taken in steps.values()] == [["collection_notice"], ["payment_demand"]]
    assert [letter.fee_ore for letter in world.letters(case)[1:]] == [0, 0], "no new cost in this round"
    assert world.unlawful() == []


def test_of_several_invoices_the_one_that_is_wrong_is_taken_off_and_the_rest_gets_a_new_deadline(agency: UUID) -> None:
    person = {"debtor_name": "Kari Prøve", "national_id": "08907395937"}
    case = a_case(agency, a_claim(**person), a_claim(**person, amount="500,00"))
    with open_tenant(agency) as tenant:
        claims = {c.principal_ore: c.id for c in facts_of(tenant, [case.id], MONDAY)[case.id].claims}
    if len(claims) == 1:
        pytest.skip("two claims of one day are two cases here")
    row = object_to(agency, case)
    with pytest.raises(BadInput) as which:
        answer(agency, row, Outcome.ADJUSTED, taken_off_ore=Ore(100))
    assert list(which.value.errors) == ["invoice_number"]
    other = object_to(agency, case, claim_id=claims[50_000])
    answer(agency, other, Outcome.WITHDRAWN)
    answer(agency, row, Outcome.MAINTAINED)
    now = case_now(agency, case.number)
    assert now.next_action_on == date(2026, 3, 25)
    with open_tenant(agency) as tenant:
        assert [c.principal_ore for c in facts_of(tenant, [case.id], MONDAY)[case.id].claims] == [124_000]
    assert findings(agency) == []


@pytest.mark.parametrize("ore", [None, 0, -1, 124_000, 200_000])
def test_an_adjustment_takes_off_something_and_not_all(agency: UUID, ore: int | None) -> None:
    row = object_to(agency, a_case(agency))
    with pytest.raises(BadInput) as wrong:
        answer(agency, row, Outcome.ADJUSTED, taken_off_ore=ore)
    assert list(wrong.value.errors) == ["taken_off"]
    with open_tenant(agency) as tenant:
        kept = tenant.session.scalars(sa.select(ObjectionRow).where(ObjectionRow.id == row.id)).one()
        assert kept.outcome is None
