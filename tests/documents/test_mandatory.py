from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from saas.documents.letter import Letter, NextStep, SumKind
from saas.documents.mandatory import IncompleteLetter, compose, mandatory_missing
from saas.rules.facts import Step
from saas.rules.money import Ore
from tests.documents.letters import (
    ADDRESS,
    AGENCY,
    COLLECTION_FEE,
    INTEREST,
    INVOICE,
    PRINCIPAL,
    REMINDER_FEE,
    by_creditor_itself,
    collection_notice,
    payment_demand,
    reminder,
    with_lines,
)

KINDS = [reminder, collection_notice, payment_demand]
every_kind = pytest.mark.parametrize("letter_of_kind", KINDS, ids=lambda f: f.__name__)


@every_kind
def test_a_complete_letter_is_composed(letter_of_kind: Callable[[], Letter]) -> None:
    assert compose(letter_of_kind()) == letter_of_kind()
    assert mandatory_missing(by_creditor_itself(letter_of_kind())) == []


@every_kind
def test_a_deadline_of_thirteen_days_is_refused_and_of_fourteen_is_not(letter_of_kind: Callable[[], Letter]) -> None:
    letter = letter_of_kind()
    short = replace(letter, deadline_on=letter.dated_on + timedelta(days=13))
    assert mandatory_missing(short) == ["deadline"]
    assert mandatory_missing(replace(letter, deadline_on=letter.dated_on + timedelta(days=14))) == []


@every_kind
def test_lines_that_do_not_add_up_are_refused(letter_of_kind: Callable[[], Letter]) -> None:
    letter = letter_of_kind()
    assert mandatory_missing(replace(letter, total_ore=Ore(letter.total_ore + 1))) == ["amount"]


@every_kind
def test_a_letter_about_nothing_is_refused(letter_of_kind: Callable[[], Letter]) -> None:
    assert mandatory_missing(replace(letter_of_kind(), claims=())) == ["subject"]
    assert mandatory_missing(replace(letter_of_kind(), claims=(replace(INVOICE, description=" "),))) == ["subject"]


@every_kind
def test_a_next_step_on_the_deadline_itself_is_refused(letter_of_kind: Callable[[], Letter]) -> None:
    letter = letter_of_kind()
    assert letter.next_step is not None
    hasty = replace(letter, next_step=replace(letter.next_step, earliest_on=letter.deadline_on))
    assert mandatory_missing(hasty) == ["next_step"]


@every_kind
def test_interest_without_rate_or_date_is_refused(letter_of_kind: Callable[[], Letter]) -> None:
    assert mandatory_missing(replace(letter_of_kind(), interest_rate_percent=None)) == ["interest"]
    assert mandatory_missing(replace(letter_of_kind(), interest_from_on=None)) == ["interest"]


def test_a_claim_without_interest_needs_no_rate() -> None:
    letter = with_lines(payment_demand(), PRINCIPAL, REMINDER_FEE)
    none = replace(letter, interest_rate_percent=None, interest_from_on=None, interest_per_day_ore=Ore(0))
    assert mandatory_missing(none) == []


def test_an_address_of_seven_lines_is_refused_and_a_foreign_country_is_one_of_them() -> None:
    five = replace(ADDRESS, address_lines=("1", "2", "3", "4", "5"))
    assert mandatory_missing(replace(reminder(), recipient=five)) == []
    assert mandatory_missing(replace(reminder(), recipient=replace(five, country="SE"))) == ["address"]
    assert mandatory_missing(replace(reminder(), recipient=replace(ADDRESS, address_lines=()))) == ["address"]
    assert mandatory_missing(replace(reminder(), recipient=replace(ADDRESS, address_lines=("Vei 1", "")))) == [
        "address"
    ]


@pytest.mark.parametrize(("kid", "account"), [("", "86011117947"), ("12A4", "86011117947"), ("1234", "8601.11.17947")])
def test_a_letter_nobody_can_pay_is_refused(kid: str, account: str) -> None:
    assert mandatory_missing(replace(reminder(), kid=kid, account=account)) == ["way_to_pay"]


def test_a_kid_may_end_in_a_dash() -> None:
    assert mandatory_missing(replace(reminder(), kid="123456-")) == []


def test_a_code_that_ends_before_the_deadline_is_refused() -> None:
    assert mandatory_missing(replace(reminder(), login_code_valid_until=date(2026, 12, 7))) == ["way_to_answer"]


@pytest.mark.parametrize("early", [reminder, collection_notice], ids=lambda f: f.__name__)
def test_a_collection_fee_before_the_demand_is_refused(early: Callable[[], Letter]) -> None:
    assert mandatory_missing(with_lines(early(), PRINCIPAL, COLLECTION_FEE)) == ["no_collection_fee"]


def test_a_notice_must_lead_to_collection_and_to_nothing_else() -> None:
    elsewhere = NextStep(date(2026, 12, 14), Step.HEAVY_FEE, Ore(0))
    assert mandatory_missing(replace(collection_notice(), next_step=elsewhere)) == ["next_step"]


def test_a_demand_without_the_principal_apart_is_refused() -> None:
    lumped = replace(INTEREST, amount_ore=Ore(156_872), kind=SumKind.INTEREST)
    assert mandatory_missing(with_lines(payment_demand(), lumped)) == ["principal_apart"]


def test_a_licensed_agency_must_tell_of_the_board_in_its_demand() -> None:
    assert mandatory_missing(replace(payment_demand(), board=False)) == ["board"]


def test_nobody_demands_for_another_without_a_licence() -> None:
    unlicensed = replace(payment_demand(), tenant=replace(AGENCY, licence_number=None))
    assert mandatory_missing(unlicensed) == ["licence"]


def test_the_refusal_names_everything_that_is_missing_in_words() -> None:
    with pytest.raises(IncompleteLetter, match="Hvem pengene skyldes") as refused:
        compose(replace(payment_demand(), creditor_name="", board=False))
    assert refused.value.missing == ("creditor", "board")
