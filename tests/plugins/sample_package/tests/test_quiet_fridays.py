"""What the plugin does, tried on the real host and the real law."""

from datetime import date
from pathlib import Path

from saas.rules.facts import HoldReason, Step
from saas.testing.facts import TODAY, a_case
from saas.testing.golden import check_golden, decisions
from saas.testing.house import House
from saas.testing.softening import soften

from frist_quiet_fridays import QuietFridays

FRIDAY, NEXT_MONDAY = date(2026, 11, 27), date(2026, 11, 30)


def test_nothing_is_sent_on_a_friday_and_the_case_is_looked_at_on_monday() -> None:
    decision = House(QuietFridays).night(a_case(), FRIDAY)
    assert decision.step is None
    assert [hold.reason for hold in decision.holds_to_place] == [HoldReason.QUIET]
    assert decision.next_action_on == NEXT_MONDAY


def test_on_another_day_the_case_goes_its_way() -> None:
    assert House(QuietFridays).night(a_case(), TODAY).step is Step.PAYMENT_DEMAND


def test_the_house_chooses_the_days() -> None:
    house = House((QuietFridays, {"weekdays": [1]}))
    assert house.night(a_case(), TODAY).step is None
    assert house.night(a_case(), FRIDAY).step is Step.PAYMENT_DEMAND


def test_it_does_no_harm_whatever_the_case() -> None:
    found = soften(QuietFridays)
    assert (found.harms, found.stopped) == ((), ())


def test_ordinary_cases_are_decided_as_before() -> None:
    """After a change on purpose: FRIST_GOLDEN=write pytest."""
    check_golden(Path(__file__).parent / "golden.txt", decisions(House(QuietFridays)))
