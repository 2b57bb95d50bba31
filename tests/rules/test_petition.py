"""A9-A11: filing a petition, and what follows."""

import pytest

from saas.rules.petition import (
    AfterObjection,
    PetitionNeed,
    after_objection,
    are_priorities_valid,
    continue_attachment_by,
    earliest_comment_deadline,
    must_file_by_system,
    petition_gaps,
)
from tests.rules.builders import day


@pytest.mark.parametrize("need", PetitionNeed)
def test_a_petition_names_what_it_lacks(need):
    """A9."""
    assert petition_gaps([n for n in PetitionNeed if n is not need]) == (need,)
    assert petition_gaps(list(PetitionNeed)) == ()


@pytest.mark.parametrize(
    ("priorities", "valid"),
    [((), True), ((None, None), True), ((1, 99), True), ((1, None), False), ((0, 1), False), ((1, 100), False)],
)
def test_all_claims_of_a_petition_have_a_priority_or_none_has(priorities, valid):
    """A9."""
    assert are_priorities_valid(priorities) is valid


@pytest.mark.parametrize(
    ("filed_on", "licence", "new_rules", "must"),
    [
        ("2026-08-31", True, True, False),
        ("2026-09-01", True, True, True),
        ("2026-09-02", True, True, True),
        ("2026-09-01", False, True, False),
        ("2026-09-01", True, False, False),
    ],
)
def test_a_licensed_agency_files_by_system_from_september_2026(filed_on, licence, new_rules, must):
    """A10."""
    assert must_file_by_system(day(filed_on), agency_licence=licence, new_rules=new_rules) is must


def test_the_debtor_has_three_weeks_to_comment():
    """A11: TVFL § 7-6."""
    assert earliest_comment_deadline(day("2026-10-29")) == day("2026-11-19")
    assert earliest_comment_deadline(day("2026-10-30")) == day("2026-11-20")


def test_the_creditor_has_a_month_to_ask_that_the_attachment_goes_on():
    """A11: TVFL § 7-7."""
    assert continue_attachment_by(day("2027-01-31")) == day("2027-02-28")
    assert continue_attachment_by(day("2027-02-10")) == day("2027-03-10")


@pytest.mark.parametrize(
    ("asked", "in_time", "groundless", "goes"),
    [
        (True, True, False, AfterObjection.CONCILIATION),
        (True, True, True, AfterObjection.CONCILIATION),
        (False, True, True, AfterObjection.CLOSED),
        (False, False, False, AfterObjection.CLOSED),
        (True, False, True, AfterObjection.GOES_ON),
    ],
)
def test_an_objection_sends_a_petition_to_forliksrad_or_closes_it(asked, in_time, groundless, goes):
    """A11: only a late and obviously groundless one may be set aside."""
    found = after_objection(asked_for_conciliation=asked, in_time=in_time, obviously_groundless=groundless)
    assert found is goes
