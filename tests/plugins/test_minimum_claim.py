"""Claims that are too small, or too old, are told at the door (`refuse_claim`)."""

from datetime import date

import pytest
from marshmallow import ValidationError

from plugins.minimum_claim import MinimumClaim
from saas.hooks import AskPerson, Refusal
from saas.rules.facts import DebtorKind
from saas.testing.facts import TODAY, a_creditor, an_offer


@pytest.fixture
def ask():
    def answer(offer, **settings):
        return MinimumClaim(MinimumClaim.Settings().load(settings)).refuse_claim(offer, a_creditor())

    return answer


def test_refuse_claim_below_the_smallest_sum_and_not_one_øre_above(ask):
    assert isinstance(ask(an_offer("99.99")), Refusal)
    assert ask(an_offer(100)) is None
    assert ask(an_offer("0.01"), smallest_kroner=0) is None


def test_the_creditor_reads_which_limit_it_was(ask):
    assert ask(an_offer(20), smallest_kroner=250).because.message.startswith(
        "Kravet er under 250,00 kr, som er det minste"
    )


@pytest.mark.parametrize("kind", list(DebtorKind))
def test_it_is_the_same_for_people_and_companies(ask, kind):
    assert isinstance(ask(an_offer(99, debtor_kind=kind)), Refusal)


def test_a_claim_is_time_barred_the_day_after_three_years_and_not_before(ask):
    """H1: 23 November 2023 was a Thursday; the last day is a Monday."""
    due_on = date(2023, 11, 23)
    answer = ask(an_offer(due_on=due_on, invoiced_on=due_on, offered_on=date(2026, 11, 23)), refuse_time_barred=True)
    assert isinstance(answer, AskPerson)
    assert answer.because.code == "claim_soon_time_barred"
    answer = ask(an_offer(due_on=due_on, invoiced_on=due_on, offered_on=date(2026, 11, 24)), refuse_time_barred=True)
    assert isinstance(answer, Refusal)
    assert answer.because.rule_ids == ("H1",)
    assert "forfalt 23. november 2023, og fristen gikk ut 23. november 2026" in answer.because.message


def test_a_time_barred_claim_is_left_to_a_person_unless_the_house_wants_it_refused(ask):
    old = an_offer(due_on=date(2020, 1, 2), invoiced_on=date(2020, 1, 2))
    answer = ask(old)
    assert isinstance(answer, AskPerson)
    assert answer.because.message.endswith("En saksbehandler ser på det før noe sendes.")


def test_a_claim_near_its_limitation_asks_a_person_and_one_with_time_left_does_not(ask):
    assert ask(an_offer(due_on=date(2024, 2, 22))).because.code == "claim_soon_time_barred"
    assert ask(an_offer(due_on=date(2024, 2, 24))) is None
    assert ask(an_offer(due_on=date(2024, 1, 2)), ask_months_before=0) is None


def test_a_claim_that_is_not_due_yet_is_nothing_to_this_plugin(ask):
    assert ask(an_offer(due_on=date(2027, 1, 4), offered_on=TODAY)) is None


@pytest.mark.parametrize("settings", [{"smallest_kroner": -1}, {"smallest_kroner": "100"}, {"ask_months_before": 25}])
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ValidationError):
        MinimumClaim.Settings().load(settings)
