"""E10 and the rule that plugins can only soften."""

import pytest

from saas.rules.facts import Because, HoldFacts, HoldReason, Policy
from saas.rules.plan import DeferralOutcome, decide_deferral
from tests.rules.builders import day, noticed

ASKED_ON = day("2026-10-12")
REFUSAL = Because("power_contract_active", "Du har en aktiv strømavtale.")
DOUBT = Because("power_contract_unknown", "Vi vet ikke om strømavtalen er aktiv.")


def ask(until="2026-10-26", facts=None, **answers):
    return decide_deferral(day(until), ASKED_ON, facts or noticed(), **answers)


def test_fourteen_days_are_granted_and_fifteen_go_to_a_person():
    """E10."""
    assert (ask("2026-10-26").outcome, ask("2026-10-26").until) == (DeferralOutcome.GRANTED, day("2026-10-26"))
    longer = ask("2026-10-27")
    assert (longer.outcome, longer.until) == (DeferralOutcome.ASK_PERSON, None)
    assert [b.code for b in longer.because] == ["too_long"]


def test_a_tenant_may_grant_longer():
    assert ask("2026-11-10", policy=Policy(max_deferral_days=30)).outcome is DeferralOutcome.GRANTED


def test_a_deferral_that_would_end_on_a_saturday_is_lengthened_to_monday():
    """A3."""
    assert ask("2026-10-23").until == day("2026-10-23")
    assert ask("2026-10-24").until == day("2026-10-26")


def test_any_refusal_wins():
    """E10."""
    decision = ask(refusals=(REFUSAL,))
    assert (decision.outcome, decision.because) == (DeferralOutcome.REFUSED, (REFUSAL,))


def test_a_doubt_goes_to_a_person_even_beside_a_refusal_and_both_are_shown():
    decision = ask(refusals=(REFUSAL,), asks=(DOUBT,))
    assert (decision.outcome, decision.because) == (DeferralOutcome.ASK_PERSON, (DOUBT, REFUSAL))


def test_a_vulnerable_debtor_is_never_refused_by_a_rule():
    decision = ask(facts=noticed(vulnerable=True), refusals=(REFUSAL,))
    assert decision.outcome is DeferralOutcome.ASK_PERSON
    assert REFUSAL in decision.because


@pytest.mark.parametrize("again", ["hold", "earlier"])
def test_a_second_deferral_goes_to_a_person(again):
    held = noticed(holds=(HoldFacts(HoldReason.DEFERRED, ASKED_ON, day("2026-10-20")),))
    decision = ask(facts=held) if again == "hold" else ask(previous_deferrals=1)
    assert decision.outcome is DeferralOutcome.ASK_PERSON
    assert [b.code for b in decision.because] == ["second_deferral"]


def test_a_refusal_beats_a_limit():
    assert ask("2026-12-24", refusals=(REFUSAL,)).outcome is DeferralOutcome.REFUSED


@pytest.mark.parametrize("until", ["2026-10-12", "2026-10-11"])
def test_more_time_must_end_after_the_day_it_is_asked_for(until):
    with pytest.raises(ValueError, match="after"):
        ask(until)
