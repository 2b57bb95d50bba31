"""E1-E9, E14: what an objection stops, lets through, and how deadlines start again."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.rules.facts import Policy
from saas.rules.fees import heavy_from
from saas.rules.money import Ore
from saas.rules.objections import (
    STOPPED,
    Action,
    ObjectionFacts,
    ObjectionKind,
    Outcome,
    Standing,
    held_days,
    new_deadline,
    resumes_on,
    split,
    standing,
    straight_to_court,
    why_stopped,
)
from tests.rules.builders import day

RECEIVED = day("2026-11-02")
OPEN = ObjectionFacts(ObjectionKind.WRONG_AMOUNT, RECEIVED, Ore(300_000))
MAINTAINED = replace(
    OPEN,
    outcome=Outcome.MAINTAINED,
    reason="Måleren er lest av.",
    answer_sent_on=day("2026-11-09"),
    answer_deadline_on=day("2026-11-23"),
)
GROUNDLESS = replace(
    OPEN, outcome=Outcome.GROUNDLESS, reason="Ingen innvending.", decided_by="anne", answer_sent_on=day("2026-11-05")
)
NO_GRACE = Policy(grace_banking_days=0, slack_days=0)
TODAY = day("2026-11-04")


@pytest.mark.parametrize(
    "action",
    [
        Action.TRANSFER,
        Action.REMINDER,
        Action.COLLECTION_NOTICE,
        Action.PAYMENT_DEMAND,
        Action.ASK_FOR_PAYMENT,
        Action.NEW_FEE,
        Action.HEAVY_FEE,
        Action.REMARK,
        Action.ATTACHMENT,
    ],
)
def test_an_objection_stops_collection(action):
    """E1, E3."""
    because = why_stopped(action, OPEN, TODAY)
    assert because.code == "objection.open"
    assert "2. november 2026" in because.message
    assert why_stopped(action, GROUNDLESS, TODAY) is None


@pytest.mark.parametrize(
    "action",
    [
        Action.ANSWER,
        Action.ASK_CREDITOR,
        Action.RECEIVE_PAYMENT,
        Action.REMOVE_REMARK,
        Action.LIMITATION_WATCH,
        Action.INTEREST,
        Action.CONCILIATION,
        Action.SUIT,
        Action.SUIT_ON_COSTS,
    ],
)
def test_an_objection_lets_answers_payments_and_the_courts_through(action):
    """E3."""
    assert why_stopped(action, OPEN, TODAY) is None
    assert action not in STOPPED


@pytest.mark.parametrize("kind", ObjectionKind)
def test_every_kind_of_objection_holds_whatever_the_debtor_says(kind):
    """E2, E9, E5."""
    assert why_stopped(Action.REMINDER, replace(OPEN, kind=kind), TODAY) is not None
    assert why_stopped(Action.REMINDER, replace(GROUNDLESS, kind=kind), TODAY) is None


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({}, Standing.CLOSED),
        ({"decided_by": " "}, Standing.OPEN),
        ({"reason": ""}, Standing.OPEN),
    ],
    ids=["E2 reasoned", "E2 nobody", "E2 no reason"],
)
def test_only_a_named_person_with_a_written_reason_finds_it_groundless(changes, where):
    """E2."""
    assert standing(replace(GROUNDLESS, **changes), TODAY) is where


def test_a_claim_maintained_without_reasons_still_stands_still():
    """E4."""
    assert standing(replace(MAINTAINED, reason=" "), day("2027-06-01")) is Standing.OPEN
    assert standing(replace(MAINTAINED, answer_sent_on=None), day("2027-06-01")) is Standing.OPEN


@pytest.mark.parametrize(
    ("today", "where"), [("2026-11-23", "answered"), ("2026-11-24", "closed"), ("2026-11-25", "closed")]
)
def test_collection_goes_on_the_day_after_the_answers_deadline(today, where):
    """E4, E6."""
    assert standing(MAINTAINED, day(today), NO_GRACE) == where
    because = why_stopped(Action.NEW_FEE, MAINTAINED, day(today), NO_GRACE)
    assert (because is None) is (where == "closed")
    assert because is None or because.from_day == day("2026-11-24")


def test_the_answers_deadline_has_grace_for_payments_under_way():
    """E6, A2."""
    assert resumes_on(MAINTAINED) == day("2026-11-27")
    assert resumes_on(OPEN) is None


def test_an_answer_gives_fourteen_days_from_real_sending_whatever_it_printed():
    """E4, E6, A1, A3: printed the 23rd, sent on the 12th."""
    late = replace(MAINTAINED, answer_sent_on=day("2026-11-12"))
    assert resumes_on(late, NO_GRACE) == day("2026-11-27")
    assert new_deadline(day("2026-11-12")) == day("2026-11-30")  # slack of three days, then a Sunday
    assert new_deadline(day("2026-11-12"), NO_GRACE) == day("2026-11-26")


def test_an_adjusted_claim_is_answered_too_and_a_withdrawn_one_is_never_collected():
    """E4."""
    assert standing(replace(MAINTAINED, outcome=Outcome.ADJUSTED, reason=""), day("2027-01-04")) is Standing.CLOSED
    given_up = replace(OPEN, outcome=Outcome.WITHDRAWN)
    assert why_stopped(Action.REMINDER, given_up, day("2027-01-04")).code == "claim_withdrawn"
    assert why_stopped(Action.RECEIVE_PAYMENT, given_up, TODAY) is None


def test_a_debtor_who_still_disagrees_leaves_the_courts_or_closing():
    """E4, E3."""
    held = replace(MAINTAINED, still_disputed=True)
    assert why_stopped(Action.PAYMENT_DEMAND, held, day("2028-01-03")).code == "objection.disputed"
    assert why_stopped(Action.CONCILIATION, held, day("2028-01-03")) is None


BOARD = replace(MAINTAINED, board_case_on=day("2026-12-01"))


@pytest.mark.parametrize(("today", "stopped"), [("2026-11-30", False), ("2026-12-01", True), ("2026-12-02", True)])
def test_while_the_board_has_the_case_costs_alone_cannot_be_sued_for(today, stopped):
    """E14, E8: from the day the complaint reaches the board."""
    because = why_stopped(Action.SUIT_ON_COSTS, BOARD, day(today))
    assert (because is not None) is stopped
    assert because is None or because.code == "board_case"


def test_costs_may_be_sued_for_together_with_the_principal_while_the_board_has_the_case():
    """E14: INKL § 23."""
    assert why_stopped(Action.SUIT, BOARD, day("2026-12-02")) is None
    assert why_stopped(Action.LIMITATION_WATCH, BOARD, day("2026-12-02")) is None
    assert why_stopped(Action.NEW_FEE, BOARD, day("2026-12-02")).code == "objection.board_case"


def test_a_decision_by_the_board_opens_the_way_to_tingrett():
    """E14: INKL § 23 second para."""
    decided = replace(BOARD, board_decided_on=day("2027-02-01"))
    assert (straight_to_court(decided, day("2027-01-31")), straight_to_court(decided, day("2027-02-01"))) == (
        False,
        True,
    )
    assert standing(decided, day("2027-02-01")) is Standing.CLOSED
    assert not straight_to_court(BOARD, day("2027-02-01"))


# --- days that do not count -----------------------------------------------------------------------------------------

DEADLINE = day("2026-10-28")


def test_days_held_after_the_demands_deadline_move_the_heavy_fee():
    """E6, B10: from 2 November until collection may go on."""
    days = held_days(MAINTAINED, DEADLINE, day("2027-01-04"), NO_GRACE)
    assert days == (day("2026-11-24") - RECEIVED).days
    assert heavy_from(DEADLINE, days) == day("2026-11-26") + timedelta(days=days)
    assert heavy_from(DEADLINE, held_days(GROUNDLESS, DEADLINE, day("2027-01-04"), NO_GRACE)) == day("2026-11-29")


def test_an_objection_within_the_demands_deadline_counts_only_after_it():
    """E6."""
    early = replace(MAINTAINED, received_on=day("2026-10-20"))
    assert held_days(early, DEADLINE, day("2027-01-04"), NO_GRACE) == (day("2026-11-24") - day("2026-10-29")).days


def test_an_open_objection_and_a_dispute_hold_until_today():
    """E6."""
    assert held_days(OPEN, DEADLINE, day("2026-12-02"), NO_GRACE) == 30
    assert held_days(replace(MAINTAINED, still_disputed=True), DEADLINE, day("2026-12-02"), NO_GRACE) == 30


def test_a_groundless_objection_held_until_its_finding_was_sent():
    """E6, E2."""
    assert held_days(GROUNDLESS, DEADLINE, day("2026-12-02"), NO_GRACE) == 3


def test_an_objection_answered_before_the_deadline_holds_nothing():
    """E6."""
    early = replace(GROUNDLESS, received_on=day("2026-10-16"), answer_sent_on=day("2026-10-20"))
    assert held_days(early, DEADLINE, day("2026-12-02")) == 0


@given(st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(0, 200), st.integers(0, 400))
def test_held_days_never_exceed_the_days_since_the_deadline_nor_since_the_objection(received, answered_after, later):
    """E6."""
    objection = replace(MAINTAINED, received_on=received, answer_sent_on=received + timedelta(days=answered_after))
    today = received + timedelta(days=later)
    days = held_days(objection, DEADLINE, today)
    assert 0 <= days <= max(0, (today - received).days)
    assert days <= max(0, (today - DEADLINE).days)


# --- a part ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("disputed", "rest"), [(None, 0), (0, 300_000), (100_000, 200_000), (300_000, 0)])
def test_only_the_undisputed_part_may_be_collected(disputed, rest):
    """E7."""
    parts = split(replace(OPEN, disputed_ore=disputed))
    assert (parts.undisputed_ore, parts.undisputed_ore + parts.disputed_ore) == (rest, 300_000)


@pytest.mark.parametrize("disputed", [-1, 300_001])
def test_more_than_the_claim_cannot_be_disputed(disputed):
    """E7."""
    with pytest.raises(ValueError, match="within"):
        split(replace(OPEN, disputed_ore=disputed))
