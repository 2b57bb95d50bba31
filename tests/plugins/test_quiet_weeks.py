"""Nothing is sent in the holiday weeks (law G5b)."""

from datetime import date, timedelta
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from plugins.quiet_weeks import QuietWeeks
from saas.rules.days import is_banking_day
from saas.rules.facts import HoldReason


@pytest.fixture
def hold(case_with):
    case = case_with()
    return lambda today, **chosen: QuietWeeks(QuietWeeks.Settings().load(chosen)).hold_case(case, today)


def test_the_day_before_week_28_is_an_ordinary_day(hold):
    assert hold(date(2026, 7, 5)) is None


def test_the_first_day_of_week_28_is_quiet_until_the_monday_after_week_30(hold):
    held = hold(date(2026, 7, 6))
    assert (held.reason, held.look_again_on) == (HoldReason.QUIET, date(2026, 7, 27))


def test_the_last_day_of_week_30_is_quiet_and_the_next_is_not(hold):
    assert hold(date(2026, 7, 26)).look_again_on == date(2026, 7, 27)
    assert hold(date(2026, 7, 27)) is None


def test_christmas_is_quiet_from_the_23rd_to_the_first_banking_day_after_2_january(hold):
    assert hold(date(2026, 12, 22)) is None
    for today in (date(2026, 12, 23), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)):
        assert hold(today).look_again_on == date(2027, 1, 4)
    assert hold(date(2027, 1, 3)) is None


def test_christmas_can_be_left_out(hold):
    assert hold(date(2026, 12, 24), christmas=False) is None


def test_no_weeks_is_a_choice(hold):
    assert hold(date(2026, 7, 6), weeks=[]) is None


def test_a_chosen_week_that_touches_christmas_makes_one_long_quiet_time(hold):
    assert hold(date(2026, 12, 23), weeks=[1]).look_again_on == date(2027, 1, 11)


def test_easter_follows_the_chosen_week_to_the_first_banking_day_after_it(hold):
    # week 13 of 2024 ends on Easter Sunday, and Easter Monday is no banking day
    assert hold(date(2024, 3, 27), weeks=[13]).look_again_on == date(2024, 4, 2)


def test_week_53_is_quiet_only_in_years_that_have_one(hold):
    assert hold(date(2026, 12, 28), weeks=[53], christmas=False).look_again_on == date(2027, 1, 4)
    assert hold(date(2027, 12, 31), weeks=[53], christmas=False) is None


@settings(database=None, deadline=None, max_examples=60)
@given(
    weeks=st.lists(st.integers(1, 53), max_size=10, unique=True),
    christmas=st.booleans(),
    today=st.dates(date(2024, 1, 1), date(2040, 12, 31)),
)
def test_the_day_to_look_again_is_the_first_banking_day_that_is_not_quiet(weeks, christmas, today):
    plugin = QuietWeeks(QuietWeeks.Settings().load({"weeks": weeks, "christmas": christmas}))
    held = plugin.hold_case(None, today)
    if held is None:
        return
    assert held.look_again_on > today
    assert is_banking_day(held.look_again_on)
    assert plugin.hold_case(None, held.look_again_on) is None
    between = (today + timedelta(days=n) for n in range((held.look_again_on - today).days))
    assert all(plugin.hold_case(None, day) or not is_banking_day(day) for day in between)


@pytest.mark.parametrize(
    "wrong",
    [{"weeks": [0]}, {"weeks": [54]}, {"weeks": list(range(1, 12))}, {"weeks": ["28"]}, {"christmas": "kanskje"}],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValidationError):
        QuietWeeks.Settings().load(wrong)


def test_an_answer_takes_two_microseconds_at_most(case_with):
    plugin, case, today = QuietWeeks(QuietWeeks.Settings().load({})), case_with(), date(2026, 7, 6)

    def microseconds() -> float:
        start = perf_counter()
        for _ in range(10_000):
            plugin.hold_case(case, today)
        return (perf_counter() - start) * 100

    assert min(microseconds() for _ in range(5)) <= 2
