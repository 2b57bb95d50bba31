"""What the act of 2026 would change for a case, and why (m1)."""

from dataclasses import replace
from datetime import date

import pytest

from saas.rules.case import decide
from saas.rules.coming_act import Change, changes, what_would_change
from saas.rules.facts import DEFAULT_POLICY, CaseFacts, HoldFacts, HoldReason, Outstanding, Policy, Stage
from saas.rules.law import Law
from saas.rules.money import Ore
from tests.rules.builders import case, claim, day, demanded, noticed, reminded

ON = day("2026-11-20")
CODES = [change.code for change in changes()]


def by_code(facts: CaseFacts, law: Law, policy: Policy = DEFAULT_POLICY, on: date = ON) -> dict[str, Change]:
    return {change.code: change for change in what_would_change(facts, on, law, policy)}


def objected(**changes: object) -> CaseFacts:
    return replace(noticed(), holds=(HoldFacts(HoldReason.OBJECTION, day("2026-11-16")),), **changes)  # type: ignore[arg-type]


def test_every_change_has_a_paragraph_a_topic_and_both_sides_and_stands_once() -> None:
    """m1."""
    assert len(set(CODES)) == len(CODES)
    for change in changes():
        assert change.paragraph.startswith("§")
        assert all((change.topic, change.now, change.then))
        assert (change.touches, change.why) == (None, "")


def test_a_case_gets_the_next_step_first_and_then_every_change_with_a_reason(law: Law) -> None:
    """m1."""
    for facts in (case(), reminded(), noticed(), demanded(), objected(), case(agency_licence=False)):
        told = what_would_change(facts, ON, law)
        assert [change.code for change in told] == ["next_step", *CODES]
        assert all(change.touches is not None and change.why for change in told)


def test_the_next_step_is_what_the_engine_answers_under_each_act(law: Law) -> None:
    """m1."""
    told = by_code(noticed(), law)["next_step"]
    assert told.touches
    assert told.now == "Betalingsoppfordring kan tas."
    assert told.then == decide(noticed(), ON, law, Policy(new_act_from=ON)).why[0].message
    waiting = by_code(demanded(), law)["next_step"]
    assert not waiting.touches
    assert waiting.now == waiting.then


def test_an_act_already_in_force_keeps_its_own_day(law: Law) -> None:
    """m1."""
    started = Policy(new_act_from=day("2026-11-02"))
    assert by_code(noticed(), law, started)["start"].touches
    assert "2. november 2026" in by_code(noticed(), law, started)["start"].why
    assert by_code(noticed(), law, started)["next_step"].now == "Betalingsoppfordring kan tas."


def test_a_day_ahead_touches_a_case_under_way_and_not_one_that_has_not_begun(law: Law) -> None:
    """m1."""
    ahead = Policy(new_act_from=day("2027-01-01"))
    assert by_code(noticed(), law, ahead)["start"].touches
    assert not by_code(case(), law, ahead)["start"].touches
    assert by_code(noticed(), law)["start"].why == "Ingen dag er bestemt."


@pytest.mark.parametrize(
    ("code", "touched", "untouched"),
    [
        ("senders", noticed(agency_licence=False), noticed()),
        ("own_letters", case(), noticed()),
        ("costs", noticed(), demanded(agency_licence=False)),
        ("notice_content", reminded(), noticed()),
        ("demand_content", noticed(), demanded()),
        ("joining", noticed(claim(100, "2026-09-01"), claim(200, "2026-09-15", nth=2)), noticed()),
        ("joining", noticed(sibling_ready_on=day("2026-12-01")), noticed(agency_licence=False)),
        ("objection_costs", objected(), noticed()),
        ("doubts", objected(), objected(agency_licence=False)),
        ("complaints", objected(), noticed()),
        ("answers", objected(), noticed()),
        ("lost_costs", noticed(), case()),
        ("plans", noticed(holds=(HoldFacts(HoldReason.DEFERRED, day("2026-11-16")),)), noticed()),
        ("information", noticed(), replace(noticed(), stage=Stage.CLOSED)),
        ("hardship", noticed(vulnerable=True), noticed()),
        ("client_money", noticed(), noticed(agency_licence=False)),
        ("conciliation", demanded(), noticed()),
    ],
)
def test_a_change_touches_the_cases_it_is_about_and_no_others(
    code: str, touched: CaseFacts, untouched: CaseFacts, law: Law
) -> None:
    """m1."""
    assert by_code(touched, law)[code].touches is True
    assert by_code(untouched, law)[code].touches is False


def test_the_day_an_objection_had_to_be_answered_is_named(law: Law) -> None:
    """m1."""
    assert by_code(objected(), law)["answers"].why == (
        "Innsigelsen fra 16. november 2026 måtte vært besvart senest 23. november 2026."
    )
    assert "burde" in by_code(objected(agency_licence=False), law)["answers"].why


def test_a_paid_case_has_no_step_left_to_change(law: Law) -> None:
    """m1."""
    paid = noticed(outstanding=Outstanding(Ore(0), Ore(0), Ore(0), Ore(0)))
    told = by_code(paid, law)
    assert not told["costs"].touches
    assert told["next_step"].now == "Alt er betalt."


def test_nothing_is_raised_when_figures_are_not_known(law: Law) -> None:
    """m1."""
    assert by_code(demanded(), law, on=day("2031-01-01"))["next_step"].why
