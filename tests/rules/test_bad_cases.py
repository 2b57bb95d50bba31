"""Cases nobody should have made: decided, certified and explained to a right value, a hold or a named error."""

from dataclasses import replace
from datetime import timedelta

import pytest

from saas.rules.case import decide
from saas.rules.certificate import certificate, encode
from saas.rules.explain import statement
from saas.rules.facts import DEFAULT_POLICY, HoldReason, Outstanding, Step
from saas.rules.money import NO_MONEY, Ore
from saas.verifier import verify
from tests.rules.builders import case, claim, collection_notice, day, noticed, reminder, stated

TODAY = day("2026-10-19")


def judged(facts, law):
    """The decision, and what the verifier finds wrong with its certificate when a step is taken."""
    decision = decide(facts, TODAY, law)
    record = encode(certificate(facts, decision, TODAY, law, DEFAULT_POLICY))
    found = verify(record).findings if decision.step is not None else ()
    return decision, found


@pytest.mark.parametrize("due_on", ["2026-10-19", "2026-10-20", "2031-01-01"])
def test_a_claim_due_today_or_later_waits_until_two_weeks_after(law, due_on):
    """S0, B1."""
    decision, _ = judged(case(claim(3000, due_on)), law)
    assert decision.step is None
    assert decision.why[0].code == "not_due"
    assert decision.next_action_on == day(due_on) + timedelta(days=14)
    assert statement(case(claim(3000, due_on)), TODAY, law).total_ore == 300_000


def test_a_claim_of_nothing_leaves_nothing_to_do(law):
    decision, _ = judged(case(claim(0, "2026-09-15")), law)
    assert (decision.step, [because.code for because in decision.why]) == (None, ["nothing_owed"])


@pytest.mark.parametrize("ore", [10**12 + 1, 9 * 10**12])
def test_an_amount_beyond_any_claim_is_decided_certified_and_verified_to_the_ore(law, ore):
    """B8, B23, C8: 12.25 % of it for 34 days of 2026, one line, half up."""
    huge = claim(f"{ore // 100}.{ore % 100:02d}", "2026-09-15")
    decision, found = judged(noticed(huge), law)
    assert (decision.step, found) == (Step.PAYMENT_DEMAND, ())
    assert decision.cap.cap_ore == 540_000
    interest_ore = (2 * ore * 1225 * 34 + 3_650_000) // 7_300_000
    assert statement(noticed(huge), TODAY, law).sum_ore("interest") == interest_ore


@pytest.mark.parametrize(
    ("due_on", "stated_days", "reason"),
    [
        ("1996-10-01", "", HoldReason.PERSON),  # time-barred long ago
        ("1996-10-01", "2024-03-01", HoldReason.UNKNOWN_LAW),  # a judgment keeps it, and no table of fees is known
        ("2010-01-01", "2024-03-01", None),  # the first day of the tables
    ],
)
def test_a_claim_of_thirty_years_is_for_a_person_or_waits_for_a_table(law, due_on, stated_days, reason):
    """H7, B29, B13."""
    told = (stated("judged_on", stated_days),) if stated_days else ()
    decision, found = judged(case(claim(3000, due_on), facts=told), law)
    assert [hold.reason for hold in decision.holds_to_place] == ([reason] if reason else [])
    assert (decision.step is None) == (reason is not None)
    assert found == ()


def test_a_payment_before_the_due_date_lowers_the_band_and_one_before_the_invoice_too(law):
    """B8, C3: 3 000 less 600 is 2 400, the band below; interest runs on what was left."""
    early = claim(3000, "2026-09-15", paid=(("2026-08-01", 600),))
    decision, found = judged(noticed(early), law)
    assert (decision.step, decision.cap.cap_ore, found) == (Step.PAYMENT_DEMAND, 30_000, ())
    assert statement(noticed(early), TODAY, law).sum_ore("interest") == 2_739  # 2 400 × 12,25 % × 34 / 365


def test_more_paid_than_owed_stops_the_case_and_bears_no_interest(law):
    """D6."""
    over = claim(3000, "2026-09-15", paid=(("2026-09-10", 3500),))
    facts = noticed(over)
    assert facts.outstanding.principal_ore == -50_000
    decision, _ = judged(facts, law)
    assert decision.step is None
    assert statement(facts, TODAY, law).sum_ore("interest") == 0


def test_a_case_with_four_hundred_payments_is_decided_certified_and_verified(law):
    """C8, D4: one krone a day, on the last days before the decision."""
    paid = tuple((str(TODAY - timedelta(days=n % 30)), 1) for n in range(400, 0, -1))
    owed = claim(3000, "2026-09-01", paid=tuple(sorted(paid)))
    facts = replace(
        case(owed, notices=(collection_notice("2026-09-17", "2026-10-01"),)),
        stage=noticed().stage,
        outstanding=Outstanding(Ore(260_000), NO_MONEY, Ore(3_800), NO_MONEY),
    )
    decision, found = judged(facts, law)
    assert (decision.step, found) == (Step.PAYMENT_DEMAND, ())
    assert len(owed.principal_moves) == 400
    sheet = statement(facts, TODAY, law, payments=owed.principal_moves)
    assert sheet.total_ore == sum(line.amount_ore for line in sheet.lines)
    assert sheet.sum_ore("payment") == -40_000


def test_letters_out_of_order_are_no_wrong_step(law):
    """A1: the latest printed deadline is waited for, in whatever order the letters are told."""
    letters = (collection_notice("2026-10-01", "2026-10-15"), reminder("2026-09-16", "2026-10-30"))
    decision, _ = judged(case(claim(3000, "2026-09-01"), notices=letters, stage=noticed().stage), law)
    assert (decision.step, decision.why[0].code) == (None, "deadline_running")
