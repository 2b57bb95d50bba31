"""What each hold stops and lets through; E3, E10, G6, G7."""

import pytest

from saas.rules.case import decide
from saas.rules.facts import HoldFacts, HoldReason, Policy
from saas.rules.holds import MESSAGES, STOPS, free_from, why_held
from saas.rules.objections import Action
from tests.rules.builders import day, noticed

TODAY = day("2026-10-19")
NEVER_STOPPED = {
    Action.ANSWER,
    Action.ASK_CREDITOR,
    Action.RECEIVE_PAYMENT,
    Action.REMOVE_REMARK,
    Action.LIMITATION_WATCH,
    Action.INTEREST,
}
TO_COURT = {Action.CONCILIATION, Action.SUIT, Action.SUIT_ON_COSTS}
LADDER = {
    Action.REMINDER,
    Action.COLLECTION_NOTICE,
    Action.PAYMENT_DEMAND,
    Action.ASK_FOR_PAYMENT,
    Action.NEW_FEE,
    Action.HEAVY_FEE,
}


def hold(reason, until=None):
    return HoldFacts(reason, day("2026-10-01"), day(until) if until else None)


def test_every_hold_has_its_table_and_its_words():
    assert set(STOPS) == set(MESSAGES) == set(HoldReason)


@pytest.mark.parametrize("reason", HoldReason)
@pytest.mark.parametrize("action", Action)
def test_every_hold_stops_the_ladder_and_lets_payments_answers_and_the_watch_through(reason, action):
    """E3, E10, G6, G7."""
    because = why_held(action, [hold(reason)], TODAY)
    if action in LADDER:
        assert because is not None
        assert because.code == f"hold.{reason}"
    elif action in NEVER_STOPPED:
        assert because is None
    elif action in TO_COURT:
        assert (because is None) == (reason in (HoldReason.OBJECTION, HoldReason.QUIET))
    else:  # transfer, remark, attachment
        assert (because is None) == (reason is HoldReason.QUIET)


@pytest.mark.parametrize("reason", HoldReason)
def test_the_night_takes_no_step_under_any_hold(law, reason):
    """E3: the ladder is stopped by each of them."""
    assert decide(noticed(), TODAY, law).step is not None
    assert decide(noticed(holds=(hold(reason),)), TODAY, law).step is None


@pytest.mark.parametrize(
    ("reason", "today", "stopped"),
    [
        (HoldReason.DEFERRED, "2026-10-16", True),  # its last day, a Friday
        (HoldReason.DEFERRED, "2026-10-21", True),  # 19, 20 and 21 October are for payments under way
        (HoldReason.DEFERRED, "2026-10-22", False),
        (HoldReason.QUIET, "2026-10-16", True),
        (HoldReason.QUIET, "2026-10-17", False),
    ],
)
def test_a_hold_with_an_end_stops_until_it_is_over_and_more_time_has_its_grace(reason, today, stopped):
    """A2, E10."""
    because = why_held(Action.PAYMENT_DEMAND, [hold(reason, "2026-10-16")], day(today))
    assert (because is not None) == stopped
    if because is not None:
        assert because.from_day == free_from(hold(reason, "2026-10-16"), Policy())


def test_of_several_holds_the_first_that_stops_it_is_the_reason():
    """E3: an objection may be brought to be decided, not while more time is given."""
    both = [hold(HoldReason.OBJECTION), hold(HoldReason.DEFERRED)]
    assert why_held(Action.REMINDER, both, TODAY).code == "hold.objection"
    assert why_held(Action.CONCILIATION, both, TODAY).code == "hold.deferred"
    assert why_held(Action.CONCILIATION, both[:1], TODAY) is None
    assert why_held(Action.REMINDER, (), TODAY) is None


def test_only_a_person_ends_a_hold_without_an_end():
    """A2."""
    assert free_from(hold(HoldReason.PERSON), Policy()) is None
    assert why_held(Action.REMINDER, [hold(HoldReason.PERSON)], day("2031-01-02")).from_day is None
