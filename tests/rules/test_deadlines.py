import pytest

from saas.rules.deadlines import earliest_next_step, expected_sending, is_long_enough, printed_deadline
from tests.rules.builders import day


def test_a_letter_decided_on_friday_is_expected_to_leave_on_monday():
    """A4."""
    assert expected_sending(day("2026-10-16")) == day("2026-10-19")


def test_a_letter_decided_on_monday_is_expected_to_leave_on_tuesday_and_not_the_same_day():
    """A4."""
    assert expected_sending(day("2026-10-19")) == day("2026-10-20")


def test_the_shortest_printed_deadline_is_fourteen_days_after_sending():
    """A1."""
    assert printed_deadline(day("2026-09-29")) == day("2026-10-13")
    assert printed_deadline(day("2026-09-29"), 0) == day("2026-10-13")


def test_slack_lengthens_the_printed_deadline_and_a_weekend_lengthens_it_further():
    """A1, A3."""
    assert printed_deadline(day("2026-09-30"), 3) == day("2026-10-19")  # 17 October is a Saturday


def test_a_deadline_on_good_friday_is_printed_as_the_tuesday_after_easter():
    """A3."""
    assert printed_deadline(day("2026-03-20"), 0) == day("2026-04-07")  # W9


def test_thirteen_days_are_too_few_and_fourteen_are_enough():
    """A1."""
    assert not is_long_enough(day("2026-09-29"), day("2026-10-12"))
    assert is_long_enough(day("2026-09-29"), day("2026-10-13"))


def test_w11_the_demand_moves_to_19_october_with_three_days_of_grace():
    """A2."""
    assert earliest_next_step(day("2026-10-13"), 3) == day("2026-10-19")


def test_without_grace_the_next_step_is_the_day_after_the_deadline_never_on_it():
    """A1, A2; W11."""
    assert earliest_next_step(day("2026-10-13"), 0) == day("2026-10-14")


def test_the_next_step_after_a_friday_deadline_is_not_taken_in_the_weekend():
    assert earliest_next_step(day("2026-10-16"), 0) == day("2026-10-19")


@pytest.mark.parametrize("days", [-1, -14])
def test_slack_and_grace_lengthen_and_are_refused_when_they_would_take_a_day_from_the_debtor(days):
    """A1."""
    with pytest.raises(ValueError, match=r"^slack cannot shorten the 14 days$"):
        printed_deadline(day("2026-09-29"), days)
    with pytest.raises(ValueError, match=r"^grace cannot bring a step forward$"):
        earliest_next_step(day("2026-10-13"), days)
