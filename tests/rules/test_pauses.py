"""Interest that pauses, and interest on the collection fee; C6, C7, C8."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.rules.explain import explain, explain_fee, statement
from saas.rules.facts import Outstanding, Pause
from saas.rules.interest import (
    claim_interest,
    daily_fee_interest,
    daily_interest,
    fee_interest,
    interest_per_day,
    interest_sum,
    late_interest,
)
from saas.rules.law import UnknownLaw, load_law
from saas.rules.money import Ore, ore_of_kroner
from saas.rules.what_if import what_if
from saas.rules.words import in_language
from tests.rules.builders import case, claim, collection_notice, day, demand, demanded

UPHELD, DELAY = "objection_upheld", "creditor_delay"


def pause(from_on, until_on=None, reason=UPHELD):
    return Pause(day(from_on), day(until_on) if until_on else None, reason)


def lines_of(law, *pauses, paid=(), to_on="2026-08-01", kroner=10_000):
    moves = tuple((day(on), ore_of_kroner(amount)) for on, amount in paid)
    return late_interest(ore_of_kroner(kroner), moves, day("2026-02-01"), day(to_on), law, pauses=pauses)


def told(lines):
    return [(str(x.from_on), str(x.to_on), x.interest_ore, x.paused) for x in lines]


def test_a_pause_is_a_line_of_its_own_with_no_interest_and_its_reason(law):
    """C7, C8: 19 days, a pause, 112 days and 31 days with the rate of July."""
    assert told(lines_of(law, pause("2026-02-20", "2026-03-11"))) == [
        ("2026-02-01", "2026-02-20", 6247, ""),
        ("2026-02-20", "2026-03-11", 0, UPHELD),
        ("2026-03-11", "2026-07-01", 36822, ""),
        ("2026-07-01", "2026-08-01", 10404, ""),
    ]


def test_interest_runs_again_from_the_day_a_pause_ends_and_not_before(law):
    """C7: the last day of the pause bears none."""
    assert lines_of(law, pause("2026-02-01", "2026-08-01"))[-1].interest_ore == 0
    assert lines_of(law, pause("2026-02-01", "2026-07-31"))[-1].days == 1
    assert sum(x.interest_ore for x in lines_of(law, pause("2026-02-01"))) == 0


def test_pauses_that_meet_the_same_days_count_them_once_and_the_first_explains_them(law):
    """C7."""
    lines = lines_of(law, pause("2026-03-05", "2026-04-01", DELAY), pause("2026-02-20", "2026-03-11"))
    assert [(x[0], x[1], x[3]) for x in told(lines)[1:3]] == [
        ("2026-02-20", "2026-03-11", UPHELD),
        ("2026-03-11", "2026-04-01", DELAY),
    ]
    one = lines_of(law, pause("2026-02-20", "2026-04-01"))
    assert interest_sum(lines) == interest_sum(one)


def test_a_payment_in_a_pause_lowers_what_bears_interest_after_it(law):
    """C1, C7."""
    lines = lines_of(law, pause("2026-02-20", "2026-03-11"), paid=(("2026-03-01", 4_000),))
    assert [(x.balance_ore, x.interest_ore) for x in lines[1:4]] == [(1_000_000, 0), (600_000, 0), (600_000, 22_093)]


def test_a_pause_past_the_known_rates_needs_no_rate(law):
    """C1, C7."""
    assert lines_of(law, pause("2026-12-31"), to_on="2027-02-01")[-1].interest_ore == 0
    with pytest.raises(UnknownLaw):
        lines_of(law, pause("2026-12-01", "2027-01-15"), to_on="2027-02-01")


days = st.dates(day("2026-02-01"), day("2026-12-31"))


@given(st.lists(st.tuples(days, st.integers(1, 90), st.booleans()), max_size=4), st.lists(days, max_size=3), days)
def test_interest_with_pauses_adds_up_over_any_split_and_never_exceeds_that_without(raw, paid_on, middle):
    """C4, C7, C8: to the øre of rounding a line."""
    law, end = load_law(), day("2026-12-31")
    pauses = [Pause(on, None if open_ended else on + timedelta(days=n), UPHELD) for on, n, open_ended in raw]
    moves = tuple((on, Ore(100_000)) for on in sorted(paid_on))
    whole = late_interest(1_000_000, moves, day("2026-02-01"), end, law, pauses=pauses)
    first = late_interest(1_000_000, moves, day("2026-02-01"), middle, law, pauses=pauses)
    then = late_interest(1_000_000, moves, middle, end, law, pauses=pauses)
    assert abs(interest_sum(whole) - interest_sum(first) - interest_sum(then)) <= 1
    without = late_interest(1_000_000, moves, day("2026-02-01"), end, law)
    assert interest_sum(whole) <= interest_sum(without) + len(whole)
    if whole:
        assert [a.to_on for a in whole[:-1]] == [b.from_on for b in whole[1:]]  # no day is lost or told twice


def test_the_day_rate_is_nothing_while_interest_pauses(law):
    """C7."""
    paused = replace(claim(10_000, "2026-02-01"), interest_pauses=(pause("2026-03-01", "2026-04-01"),))
    for on, ore in (("2026-02-28", 329), ("2026-03-01", 0), ("2026-03-31", 0), ("2026-04-01", 329)):
        assert daily_interest([paused], day(on), law) == ore


def test_explain_and_the_statement_say_why_a_stretch_bears_none(law):
    """C6, C7."""
    owed = replace(claim(10_000, "2026-02-01"), interest_pauses=(pause("2026-02-20", "2026-03-11", DELAY),))
    gap = explain(owed, day("2026-08-01"), law)[2]
    assert (gap.label, gap.amount_ore, gap.rule_ids, gap.rate_percent, gap.days) == ("interest", 0, ("C7",), None, 19)
    assert "20. februar 2026 til 11. mars 2026" in gap.words
    assert "den du skylder penger" in gap.words
    sheet = statement(case(owed), day("2026-08-01"), law)
    assert [(x.amount_ore, x.rule_ids) for x in sheet.lines if x.rule_ids == ("C7",)] == [(0, ("C7",))]
    assert sheet.total_ore == sum(x.amount_ore for x in sheet.lines)
    assert sheet.sum_ore("interest") == interest_sum(claim_interest(owed, day("2026-08-01"), law))


def test_what_if_counts_no_interest_in_a_pause(law):
    """C7."""
    plain = claim(10_000, "2026-09-15")
    paused = replace(plain, interest_pauses=(pause("2026-09-15"),))
    answer = what_if(demanded(paused), 100, day("2026-11-20"), law)
    assert answer.owed.sum_ore("interest") == answer.interest_per_day_ore == 0
    assert what_if(demanded(plain), 100, day("2026-11-20"), law).interest_per_day_ore > 0


# --- interest on the collection fee ---------------------------------------------------------------------------------

CHARGED = ((day("2026-04-01"), Ore(56_200)),)
SENT = [day("2026-04-02")]


def fee_lines(law, to_on, charged=CHARGED, paid=(), sent=SENT, pauses=()):
    return fee_interest(charged, tuple((day(on), Ore(ore)) for on, ore in paid), sent, day(to_on), law, pauses=pauses)


def test_the_fee_bears_interest_from_thirty_days_after_the_demand_and_not_a_day_before(law):
    """C6: FRL § 2; sent 2 April, so from 2 May."""
    assert fee_lines(law, "2026-05-02") == ()
    [line] = fee_lines(law, "2026-05-03")
    assert (str(line.from_on), line.days, line.interest_ore) == ("2026-05-02", 1, 18)
    assert [(x.days, x.interest_ore) for x in fee_lines(law, "2026-08-01")] == [(60, 1109), (31, 585)]


def test_what_was_charged_after_the_demand_bears_none(law):
    """C6: the doubling has no letter that demands it."""
    doubled = (*CHARGED, (day("2026-06-10"), Ore(60_000)))
    assert fee_lines(law, "2026-08-01", doubled) == fee_lines(law, "2026-08-01")
    again = fee_lines(law, "2026-11-01", doubled, sent=[*SENT, day("2026-09-01")])
    assert [(str(x.from_on), x.balance_ore) for x in again][-1] == ("2026-10-01", 116_200)


def test_a_fee_paid_before_or_taken_back_bears_none_and_a_part_paid_only_on_the_rest(law):
    """C6."""
    assert fee_lines(law, "2026-08-01", paid=[("2026-04-20", 56_200)]) == ()
    assert fee_lines(law, "2026-08-01", (*CHARGED, (day("2026-07-20"), Ore(-56_200)))) == ()
    assert [x.balance_ore for x in fee_lines(law, "2026-06-10", paid=[("2026-06-01", 6_200)])] == [56_200, 50_000]
    assert fee_lines(law, "2026-08-01", sent=[]) == ()


def with_interest(**changes):
    """`demanded`, by a tenant that claims interest on its fee: sent 14 October, so from 13 November."""
    return demanded(fee_charges=((day("2026-10-14"), Ore(56_200)),), **changes)


def test_interest_on_the_fee_stands_for_itself_in_the_statement(law):
    """C6, C8."""
    sheet = statement(with_interest(), day("2026-12-13"), law)
    assert sheet.sum_ore("fee_interest") == 566  # 30 days at 12.25 % of 562.00
    assert sheet.sum_ore("interest") == statement(demanded(), day("2026-12-13"), law).sum_ore("interest")
    [line] = explain_fee(with_interest(), day("2026-12-13"), law)
    assert (line.label, line.amount_ore, line.days, line.balance_ore) == ("fee_interest", 566, 30, 56_200)
    assert explain_fee(demanded(), day("2026-12-13"), law) == ()


def test_interest_on_the_fee_bears_no_interest_and_pauses_with_the_claims(law):
    """C6, C7."""
    [line] = explain_fee(with_interest(outstanding=Outstanding(*map(Ore, (300_000, 0, 0, 56_200, 0, 566)))),
                         day("2026-12-13"), law)  # fmt: skip
    assert line.balance_ore == 56_200
    paused = replace(claim(3000, "2026-09-15"), interest_pauses=(pause("2026-11-20"),))
    lines = explain_fee(with_interest(claims=(paused,)), day("2026-12-13"), law)
    assert [(x.days, x.amount_ore) for x in lines] == [(7, 132), (23, 0)]


def test_the_day_rate_counts_the_fee_when_it_bears_interest(law):
    """C6."""
    for on, ore in (("2026-11-12", 0), ("2026-11-13", 19), ("2026-12-01", 19)):
        assert daily_fee_interest(with_interest(), day(on), law) == ore
    both = interest_per_day(with_interest(), day("2026-12-01"), law)
    assert both == daily_interest(demanded().claims, day("2026-12-01"), law) + 19
    assert interest_per_day(demanded(), day("2026-12-01"), law) == both - 19


def test_what_if_covers_interest_on_the_fee_last(law):
    """C6, D3."""
    facts, on = with_interest(), day("2026-12-13")
    due = what_if(facts, 0, on, law).owed.total_ore
    answer = what_if(facts, due - 1, on, law)
    assert [(x.kind, x.left_ore) for x in answer.lines if x.left_ore] == [("fee_interest", 1)]
    assert what_if(facts, due, on, law).settles


def test_what_was_paid_before_the_tenant_stopped_claiming_it_is_still_told(law):
    """C6."""
    sheet = statement(demanded(paid_fee_interest_ore=Ore(566)), day("2026-12-13"), law)
    assert sheet.sum_ore("fee_interest") == 566


def test_a_creditors_own_demand_starts_no_interest_on_fees(law):
    """C6: only ours bears a collection fee."""
    notices = (collection_notice("2026-09-29", "2026-10-13"), demand("2026-10-14", "2026-10-28", by_creditor=True))
    facts = case(notices=notices, fee_charges=((day("2026-10-14"), Ore(56_200)),))
    assert explain_fee(facts, day("2026-12-13"), law) == ()


@pytest.mark.parametrize("language", ["nn", "en"])
def test_the_words_of_a_pause_are_said_in_every_language(law, language):
    """C7."""
    owed = replace(claim(10_000, "2026-02-01"), interest_pauses=(pause("2026-02-20", "2026-03-11"),))
    words = explain(owed, day("2026-08-01"), law)[2].words
    assert in_language(words, language) != str(words)
